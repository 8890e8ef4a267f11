"""Mechanical Turk: what the results of a batch say of answers, workers and their pay."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from queries.ingest.mturk import FORMAT
from queries.ingest.shape import Sample

if TYPE_CHECKING:
    from queries.ingest.report import ImportReport
    from tests.queries.ingest.conftest import Desk

SHARED = Path(os.environ.get("BATCHGATE_SHARED", Path(__file__).parents[4] / "shared"))
FIXTURES = SHARED / "data" / "export_fixtures" / "crowdflower_amt"
with_fixtures = pytest.mark.skipif(not FIXTURES.is_dir(), reason=f"no fixtures at {FIXTURES}")

FIELDS = {
    "HITId": "item.item_id",
    "HITTypeId": "item_attribute",
    "Title": "batch.dataset",
    "Description": "not kept",
    "Keywords": "not kept",
    "Reward": "event.cost",
    "CreationTime": "not kept",
    "MaxAssignments": "not kept",
    "RequesterAnnotation": "not kept",
    "AssignmentDurationInSeconds": "not kept",
    "AutoApprovalDelayInSeconds": "not kept",
    "Expiration": "not kept",
    "NumberOfSimilarHITs": "not kept",
    "LifetimeInSeconds": "not kept",
    "AssignmentId": "not kept",
    "WorkerId": "annotation.annotator_id",
    "AssignmentStatus": "annotation.status",
    "AcceptTime": "annotation.duration_seconds",
    "SubmitTime": "annotation.annotated_at",
    "AutoApprovalTime": "not kept",
    "ApprovalTime": "not kept",
    "RejectionTime": "not kept",
    "RequesterFeedback": "annotation.note",
    "WorkTimeInSeconds": "annotation.duration_seconds",
    "LifetimeApprovalRate": "not kept",
    "Last30DaysApprovalRate": "not kept",
    "Last7DaysApprovalRate": "not kept",
    "Input.<name>": "item.prompt",
    "Answer.<name>": "annotation.value",
    "Answer.taskAnswers": "the same",
    "Approve": "not kept",
    "Reject": "annotation.status = discarded",
}
BASE = {
    "HITId": "h1",
    "AssignmentId": "a1",
    "WorkerId": "w1",
    "AcceptTime": "Mon Jul 02 09:00:00 PDT 2018",
    "SubmitTime": "Mon Jul 02 09:01:00 PDT 2018",
    "Input.text": "a prompt",
}


def table(*rows: dict[str, str]) -> str:
    names = list(dict.fromkeys(name for row in rows for name in {**BASE, **row}))
    lines = [names, *([{**BASE, **row}.get(name, "") for name in names] for row in rows)]
    quoted = (",".join('"' + cell.replace('"', '""') + '"' for cell in line) for line in lines)
    return "\n".join(quoted) + "\n"


def take(desk: "Desk", *rows: dict[str, str]) -> "ImportReport":
    return desk.take(table(*rows), None, format="mturk")


def test_every_field_of_the_results_is_told() -> None:
    assert [
        name for name, where in FIELDS.items() if not FORMAT.fields[name].startswith(where)
    ] == []


def test_results_are_known_without_being_named(desk: "Desk") -> None:
    assert desk.take(table({"Answer.mood": "up"}), None).format == "mturk"


@pytest.mark.parametrize(
    "keys", [{"item_id", "annotator_id", "value"}, {"HITId", "AssignmentId", "Input.text"}]
)
def test_other_tables_are_not_claimed(keys: set[str]) -> None:
    assert not FORMAT.recognises(Sample(("a.csv",), frozenset(keys), ()))


def test_each_answer_column_is_a_question(desk: "Desk") -> None:
    take(desk, {"Answer.mood": "up", "Answer.why": "so"})
    assert desk.answers("item_id", "question", "value") == [
        ("h1", "mood", "up"),
        ("h1", "why", "so"),
    ]


@pytest.mark.parametrize(
    ("said", "utc"),
    [
        ("Mon Jul 02 09:01:00 PDT 2018", "2018-07-02 16:01:00"),
        ("Wed Jan 24 09:51:16 PST 2018", "2018-01-24 17:51:16"),
        ("Wed Jan 24 09:51:16 UTC 2018", "2018-01-24 09:51:16"),
        ("2018-01-24T09:51:16Z", "2018-01-24 09:51:16"),
    ],
)
def test_times_are_read_in_their_zone(desk: "Desk", said: str, utc: str) -> None:
    report = take(desk, {"Answer.mood": "up", "SubmitTime": said, "AcceptTime": said})
    assert desk.answers("cast(annotated_at as varchar)") == [(utc,)]
    assert report.coerced == ()


def test_a_time_of_an_unknown_zone_is_told_and_left_out(desk: "Desk") -> None:
    report = take(desk, {"Answer.mood": "up", "SubmitTime": "Mon Jul 02 09:01:00 XXT 2018"})
    assert desk.answers("annotated_at") == [(None,)]
    assert "impossible_time" in [loss.code for loss in report.coerced]


def test_work_time_goes_before_the_two_times(desk: "Desk") -> None:
    take(
        desk,
        {"Answer.mood": "up", "WorkTimeInSeconds": "17"},
        {"Answer.mood": "up", "WorkerId": "w2"},
    )
    assert desk.answers("duration_seconds") == [(17.0,), (60.0,)]


@pytest.mark.parametrize(
    "rejected", [{"AssignmentStatus": "Rejected"}, {"Reject": "no work in it"}]
)
def test_rejected_work_is_kept_as_discarded(desk: "Desk", rejected: dict[str, str]) -> None:
    report = take(desk, {"Answer.mood": "up"}, {"Answer.mood": "no", "WorkerId": "w2", **rejected})
    assert desk.answers("value", "status") == [("no", "discarded"), ("up", "submitted")]
    assert [loss.count for loss in report.notes if "rejected" in loss.reason] == [1]


def test_an_empty_answer_is_kept_as_skipped(desk: "Desk") -> None:
    report = take(desk, {"Answer.mood": ""}, {"Answer.mood": "up", "WorkerId": "w2"})
    assert desk.answers("value", "status") == [("up", "submitted"), (None, "skipped")]
    assert (report.read, report.kept, report.dropped) == (2, 2, ())


def test_ticked_boxes_joined_by_a_bar_are_a_set(desk: "Desk") -> None:
    report = take(desk, {"Answer.tags": "b|a"}, {"Answer.tags": "a", "WorkerId": "w2"})
    assert desk.answers("value") == [('["a","b"]',), ('["a"]',)]
    assert [loss.count for loss in report.coerced] == [1]


def test_options_with_columns_of_their_own_are_one_question(desk: "Desk") -> None:
    take(desk, {"Answer.mood.up": "true", "Answer.mood.down": "false"})
    assert desk.answers("question", "value") == [("mood", "up")]


def test_a_single_tick_box_stays_true_or_false(desk: "Desk") -> None:
    take(desk, {"Answer.sure.on": "TRUE"}, {"Answer.sure.on": "FALSE", "WorkerId": "w2"})
    assert desk.answers("question", "value") == [("sure.on", "false"), ("sure.on", "true")]


def test_answers_of_crowd_forms_are_unpacked(desk: "Desk") -> None:
    tasks = [
        {
            "class": {"label": "Yes"},
            "many": {"labels": ["x", "y"]},
            "radio": {"on": True, "off": False},
            "text": "free",
        }
    ]
    take(desk, {"Answer.taskAnswers": json.dumps(tasks)})
    assert desk.answers("question", "value") == [
        ("class", "Yes"),
        ("many", '["x","y"]'),
        ("radio", "on"),
        ("text", "free"),
    ]


def test_choosing_none_of_several_is_an_answer(desk: "Desk") -> None:
    tasks = json.dumps([{"many": {"labels": []}}])
    take(desk, {"Answer.taskAnswers": tasks})
    assert desk.answers("question", "value", "status") == [("many", "[]", "submitted")]


def test_work_and_pay_are_events(desk: "Desk") -> None:
    work = {"Answer.mood": "up", "Reward": "$0.05", "WorkTimeInSeconds": "36"}
    rejected = {"WorkerId": "w2", "AssignmentStatus": "Rejected"}
    take(desk, work, {**work, **rejected})
    found = desk.rows("event", "to_state", "hours", "coalesce(cost, 0)", "actor_key is not null")
    assert found == [("Submitted", 0.01, 0.0, True), ("Submitted", 0.01, 0.05, True)]


def test_inputs_describe_the_item(desk: "Desk") -> None:
    take(desk, {"Answer.mood": "up", "Input.topic": "law", "HITTypeId": "t"})
    assert desk.rows("item", "item_id", "prompt") == [("h1", "a prompt")]
    assert desk.rows("item_attribute", "name", "value") == [("HITTypeId", "t"), ("topic", "law")]


def test_planted_hits_can_be_named_by_a_mapping(desk: "Desk") -> None:
    told = """
kind = "qa"
[[probe]]
type = "trap"
question = "mood"
when = { column = "Input.trap", equals = "yes" }
expected = "Input.key"
"""
    planted = {"Answer.mood": "up", "Input.trap": "yes", "Input.key": "up"}
    other = {"HITId": "h2", "Answer.mood": "no", "Input.trap": "no", "Input.key": ""}
    desk.take(table(planted, other), told, format="mturk")
    assert desk.rows("probe", "item_id", "type", "expected") == [("h1", "trap", "up")]


@pytest.mark.parametrize(
    ("absent", "message"),
    [("WorkerId", "who gave an answer is not in it"), ("Answer.mood", "no answers are in it")],
)
def test_results_without_workers_or_answers_are_refused(
    refused: Callable[..., str], absent: str, message: str
) -> None:
    content = table({"Answer.mood": "up"}).replace(f'"{absent}"', '"Other"')
    assert message in refused(content, None, format="mturk")


@with_fixtures
@pytest.mark.parametrize(
    ("name", "items", "answers"),
    [
        ("platform_amt1", 9, 27),
        ("platform_amt2", 7, 63),
        ("platform_amt3", 5, 30),
        ("platform_amt4", 2, 16),
        ("platform_amt5", 6, 12),
        ("empty_rows", 9, 27),
    ],
)
def test_real_results_come_in_whole(desk: "Desk", name: str, items: int, answers: int) -> None:
    report = desk.take(FIXTURES / f"{name}.csv", None)
    assert (report.format, report.items, report.dropped) == ("mturk", items, ())
    assert (report.records, report.read, report.kept) == (answers, answers, answers)


@with_fixtures
def test_empty_answers_of_real_results_are_skipped(desk: "Desk") -> None:
    desk.take(FIXTURES / "empty_rows.csv", None)
    empty = [row for row in desk.answers("value", "status") if row[0] is None]
    assert set(empty) == {(None, "skipped")}
