"""CrowdFlower: what a full report says of judgements, test questions and workers."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from queries.ingest.crowdflower import FORMAT
from queries.ingest.shape import Sample

if TYPE_CHECKING:
    from queries.ingest.report import ImportReport
    from tests.queries.ingest.conftest import Desk

SHARED = Path(os.environ.get("BATCHGATE_SHARED", Path(__file__).parents[4] / "shared"))
FIXTURES = SHARED / "data" / "export_fixtures" / "crowdflower_amt"
with_fixtures = pytest.mark.skipif(not FIXTURES.is_dir(), reason=f"no fixtures at {FIXTURES}")

FIELDS = {
    "_unit_id": "item.item_id",
    "_created_at": "annotation.annotated_at",
    "_started_at": "annotation.duration_seconds",
    "_worker_id": "annotation.annotator_id",
    "_trust": "not kept",
    "_channel": "person.vendor",
    "_country": "person.annotator_group",
    "_golden": "probe",
    "_tainted": "annotation.status",
    "<question>": "annotation.value",
    "<question>_gold": "probe.expected",
    "_missed": "annotation.note",
    "_id": "not kept",
    "_region": "not kept",
    "_city": "not kept",
    "_ip": "not kept",
    "<input column>": "item.prompt",
}
HEADER = (
    "_unit_id,_created_at,_golden,_id,_missed,_started_at,_tainted,_channel,_trust,_worker_id,"
    "_country,_region,_city,_ip,mood,tags,mood_gold,mood_gold_reason,tags_gold,text,vendor\n"
)


def judgement(
    unit: int,
    worker: str,
    mood: str,
    *,
    tags: str = "",
    golden: str = "false",
    tainted: str = "false",
    missed: str = "",
    gold: str = "",
    tags_gold: str = "",
    started: str = "7/12/2014 01:55:25",
    created: str = "7/12/2014 01:55:49",
) -> str:
    cells = [
        str(unit), created, golden, "9", missed, started, tainted, "neo", "0.9", worker, "DEU",
        "16", "B", "10.0.0.1", mood, tags, gold, "because", tags_gold, f"text {unit}", "acme",
    ]  # fmt: skip
    return ",".join(f'"{cell}"' if cell else "" for cell in cells) + "\n"


def take(desk: "Desk", *rows: str) -> "ImportReport":
    return desk.take(HEADER + "".join(rows), None, format="crowdflower")


def test_every_field_of_the_report_is_told() -> None:
    assert [
        name for name, where in FIELDS.items() if not FORMAT.fields[name].startswith(where)
    ] == []


def test_a_full_report_is_known_without_being_named(desk: "Desk") -> None:
    content = HEADER + judgement(1, "w1", "good") + judgement(1, "w2", "bad")
    assert desk.take(content, None).format == "crowdflower"


@pytest.mark.parametrize(
    "keys", [{"item_id", "annotator_id", "value"}, {"_unit_id", "text"}, {"HITId", "_golden"}]
)
def test_other_tables_are_not_claimed(keys: set[str]) -> None:
    assert not FORMAT.recognises(Sample(("a.csv",), frozenset(keys), ()))


def test_answers_that_differ_within_a_unit_are_questions(desk: "Desk") -> None:
    header = "_unit_id,_worker_id,_golden,mood,colour\n"
    desk.take(header + "1,a,false,up,red\n1,b,false,down,red\n", None, format="crowdflower")
    assert desk.answers("question", "value") == [("mood", "down"), ("mood", "up")]
    assert desk.rows("item_attribute", "name", "value") == [("colour", "red")]


def test_what_was_taken_for_inputs_is_told(desk: "Desk") -> None:
    report = take(desk, judgement(1, "w1", "good"), judgement(1, "w2", "bad"))
    assert [loss.count for loss in report.notes if "text, vendor" in loss.reason] == [2]


def test_a_question_everybody_answered_alike_is_known_by_its_gold(desk: "Desk") -> None:
    take(desk, judgement(1, "w1", "good"), judgement(1, "w2", "good"))
    assert ("mood", "good") in desk.answers("question", "value")


def test_without_gold_and_overlap_answers_cannot_be_told(refused: Callable[..., str]) -> None:
    content = "_unit_id,_worker_id,_golden,mood\n1,a,false,up\n2,b,false,down\n"
    message = refused(content, None, format="crowdflower")
    assert "no unit has two judgements" in message
    assert "--format table" in message


def test_golden_units_are_probes_with_the_expected_answer(desk: "Desk") -> None:
    take(desk, judgement(1, "w1", "bad", golden="true", gold="good"), judgement(2, "w1", "good"))
    probes = desk.rows("probe", "item_id", "question", "type", "expected")
    assert probes == [("1", "mood", "golden", "good")]


def test_gold_on_an_ordinary_unit_is_only_a_reference(desk: "Desk") -> None:
    take(desk, judgement(1, "w1", "bad", gold="good"), judgement(1, "w2", "good", gold="good"))
    assert desk.rows("probe", "type", "expected") == [("reference", "good")]


def test_several_right_answers_expect_none_of_them_alone(desk: "Desk") -> None:
    report = take(desk, judgement(1, "w1", "bad", golden="true", gold="good\nbad"))
    assert desk.rows("probe", "type", "expected") == [("golden", None)]
    assert any("several right answers" in loss.reason for loss in report.notes)


def test_tainted_judgements_are_kept_as_discarded(desk: "Desk") -> None:
    take(desk, judgement(1, "w1", "good"), judgement(1, "w2", "bad", tainted="true"))
    mood = [row[1:] for row in desk.answers("question", "value", "status") if row[0] == "mood"]
    assert mood == [("bad", "discarded"), ("good", "submitted")]


def test_an_empty_answer_is_kept_as_skipped(desk: "Desk") -> None:
    report = take(desk, judgement(1, "w1", "good"), judgement(1, "w2", ""))
    assert ("mood", None, "skipped") in desk.answers("question", "value", "status")
    assert (report.read, report.kept) == (4, 4)


def test_several_choices_in_a_cell_are_a_set(desk: "Desk") -> None:
    take(desk, judgement(1, "w1", "good", tags="b\na", golden="true", tags_gold="a\nb"))
    assert ("tags", '["a","b"]') in desk.answers("question", "value")
    assert ("tags", "set") in desk.rows("question", "name", "level")
    assert ("tags", '["a","b"]') in desk.rows("probe", "question", "expected")


def test_several_lines_of_prose_are_no_set(desk: "Desk") -> None:
    prose = "This is a first line that is far too long to be a label of any form\nand a second"
    take(desk, judgement(1, "w1", prose), judgement(1, "w2", "good"))
    assert ("mood", "nominal") in desk.rows("question", "name", "level")


def test_times_without_zone_are_read_month_first_and_told(desk: "Desk") -> None:
    report = take(desk, judgement(1, "w1", "good"))
    times = desk.answers("cast(annotated_at as varchar)", "duration_seconds")
    assert set(times) == {("2014-07-12 01:55:49", 24.0)}
    assert [loss.code for loss in report.coerced] == ["no_zone"]


def test_an_unreadable_time_is_told(desk: "Desk") -> None:
    rows = [judgement(n, "w1", "good") for n in range(40)]
    report = take(desk, *rows, judgement(41, "w1", "bad", created="31/12/2014 01:55:49"))
    assert "impossible_time" in [loss.code for loss in report.coerced]


def test_workers_keep_channel_and_country(desk: "Desk") -> None:
    take(desk, judgement(1, "w1", "good"), judgement(2, "w1", "bad"))
    assert desk.rows("person", "vendor", "annotator_group") == [("neo", "DEU")]


def test_a_column_with_a_reserved_name_becomes_an_attribute_of_another(desk: "Desk") -> None:
    take(desk, judgement(1, "w1", "good"))
    assert desk.rows("item_attribute", "name", "value") == [("input vendor", "acme")]
    assert desk.rows("item", "item_id", "prompt") == [("1", "text 1")]


def test_a_missed_test_question_stands_in_the_note(desk: "Desk") -> None:
    take(desk, judgement(1, "w1", "bad", golden="true", gold="good", missed="true"))
    assert ("mood", "missed test question") in desk.answers("question", "note")


def test_the_aggregated_report_is_refused_with_the_report_to_make(
    refused: Callable[..., str],
) -> None:
    content = "_unit_id,_golden,_unit_state,_trusted_judgments,mood,mood:confidence\n1,f,x,3,up,1\n"
    message = refused(content, None)
    assert "aggregated report (_trusted_judgments, _unit_state, mood:confidence)" in message
    assert "download the report 'Full'" in message


def test_an_unknown_column_of_the_platform_is_told(desk: "Desk") -> None:
    content = "_unit_id,_worker_id,_golden,_new,mood\n1,a,false,x,up\n1,b,false,x,down\n"
    report = desk.take(content, None, format="crowdflower")
    assert [loss.reason for loss in report.unknown] == ["field '_new' is not known to this format"]


@with_fixtures
@pytest.mark.parametrize(
    ("name", "items", "answers"),
    [("cf1", 9, 27), ("cf2", 7, 63), ("cf3", 5, 30), ("cf4", 2, 16), ("cf5", 6, 12)],
)
def test_real_reports_come_in_whole(desk: "Desk", name: str, items: int, answers: int) -> None:
    report = desk.take(FIXTURES / f"platform_{name}.csv", None)
    assert (report.format, report.items, report.dropped) == ("crowdflower", items, ())
    assert (report.records, report.read, report.kept) == (answers, answers, answers)
