"""Zooniverse: answers out of JSON in CSV cells, and what the workflow export adds."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from queries.ingest.shape import Sample
from queries.ingest.zooniverse import FORMAT

if TYPE_CHECKING:
    from queries.ingest.report import ImportReport
    from tests.queries.ingest.conftest import Desk

SHARED = Path(os.environ.get("BATCHGATE_SHARED", Path(__file__).parents[4] / "shared"))
FIXTURES = SHARED / "data" / "export_fixtures" / "zooniverse"
with_fixtures = pytest.mark.skipif(not FIXTURES.is_dir(), reason=f"no fixtures at {FIXTURES}")

FIELDS = {
    "classification_id": "not kept",
    "user_name": "annotation.annotator_id",
    "user_id": "not kept",
    "user_ip": "not kept",
    "workflow_id": "part of the name of a question",
    "workflow_name": "batch.dataset",
    "workflow_version": "annotation.guideline_version",
    "created_at": "annotation.annotated_at",
    "gold_standard": "annotation.role",
    "expert": "annotation.role",
    "metadata": "annotation.duration_seconds",
    "annotations": "annotation.value",
    "subject_data": "item_attribute",
    "subject_ids": "item.item_id",
    "tasks": "workflow export: names and labels",
    "strings": "workflow export: names and labels",
    "retirement": "workflow export: not kept",
}
META = {
    "started_at": "2024-02-23T16:16:35.000Z",
    "finished_at": "2024-02-23T16:16:42.500Z",
    "user_language": "en",
    "live_project": True,
}
STRINGS = {
    "T0.question": "**Is it a cat?**\n\nLook closely.",
    "T0.answers.0.label": "Yes",
    "T0.answers.1.label": "No",
    "T0.answers.2.label": "Cannot tell",
}
ANSWERS = [{"label": f"T0.answers.{number}.label"} for number in range(3)]
TASKS = {"T0": {"type": "single", "question": "T0.question", "answers": ANSWERS}}


def quoted(rows: list[dict[str, str]]) -> str:
    lines = [list(rows[0]), *(list(row.values()) for row in rows)]
    return "".join(
        ",".join('"' + cell.replace('"', '""') + '"' for cell in line) + "\n" for line in lines
    )


def classified(*annotations: dict[str, Any], **more: Any) -> dict[str, str]:
    subject = more.pop("subject", "1")
    data = {subject: more.pop("data", {"retired": None, "Filename": f"{subject}.png"})}
    row = {
        "classification_id": "9",
        "user_name": "ana",
        "user_id": "7",
        "user_ip": "ab12",
        "workflow_id": "10",
        "workflow_name": "Cats",
        "workflow_version": "3.1",
        "created_at": "2024-02-23 16:17:42 UTC",
        "gold_standard": "",
        "expert": "",
        "metadata": json.dumps(META | more.pop("metadata", {})),
        "annotations": json.dumps(annotations),
        "subject_data": json.dumps(data),
        "subject_ids": subject,
    }
    return row | more


def answered(value: Any, task: str = "T0", label: str = "Is it a cat?", **more: Any) -> Any:
    return {"task": task, "task_label": label, "value": value, **more}


def workflow(version: int = 3, **tasks: Any) -> dict[str, str]:
    return {
        "workflow_id": "10",
        "display_name": "Cats",
        "version": str(version),
        "minor_version": "1",
        "first_task": "T0",
        "tasks": json.dumps(TASKS | tasks),
        "strings": json.dumps(STRINGS),
    }


def take(desk: "Desk", *rows: dict[str, str], flow: dict[str, str] | None = None) -> "ImportReport":
    paths = [desk.write(quoted(list(rows)), "classifications.csv")]
    if flow is not None:
        paths.append(desk.write(quoted([flow]), "workflows.csv"))
    return desk.take(paths, None)


def test_every_field_of_the_exports_is_told() -> None:
    assert [
        name for name, where in FIELDS.items() if not FORMAT.fields[name].startswith(where)
    ] == []


def test_a_classification_export_is_known_without_being_named(desk: "Desk") -> None:
    assert take(desk, classified(answered("Yes"))).format == "zooniverse"


@pytest.mark.parametrize(
    "keys", [{"item_id", "annotator_id", "value"}, {"workflow_id", "tasks"}, {"annotations"}]
)
def test_other_tables_are_not_claimed(keys: set[str]) -> None:
    assert not FORMAT.recognises(Sample(("a.csv",), frozenset(keys), ()))


def test_a_question_is_called_by_task_and_wording(desk: "Desk") -> None:
    take(desk, classified(answered("Yes", label="**Is it a cat?**\n\nLook closely.")))
    assert desk.answers("item_id", "question", "value") == [("1", "T0: Is it a cat?", "Yes")]


def test_the_workflow_export_goes_before_the_wording_of_a_record(desk: "Desk") -> None:
    take(desk, classified(answered("Yes", label="Old wording?")), flow=workflow())
    assert desk.answers("question") == [("T0: Is it a cat?",)]


def test_one_task_in_two_wordings_is_one_question(desk: "Desk") -> None:
    old = classified(answered("Yes", label="Cat?"), workflow_version="9.2", user_name="ben")
    new = classified(answered("No", label="Is it a cat?"), workflow_version="10.1")
    take(desk, old, new)
    assert set(desk.answers("question")) == {("T0: Is it a cat?",)}


def test_one_task_of_two_workflows_is_two_questions(desk: "Desk") -> None:
    take(desk, classified(answered("Yes")), classified(answered("No"), workflow_id="11"))
    assert desk.answers("question") == [("10/T0: Is it a cat?",), ("11/T0: Is it a cat?",)]


def test_labels_nobody_chose_come_from_the_workflow(desk: "Desk") -> None:
    take(desk, classified(answered("Yes")), flow=workflow())
    labels = desk.rows("question", "labels", "declared")
    assert labels == [('["Yes", "No", "Cannot tell"]', True)]


def test_an_answer_of_an_earlier_version_is_no_unknown_label(desk: "Desk") -> None:
    report = take(desk, classified(answered("Perhaps")), flow=workflow())
    assert desk.answers("value") == [("Perhaps",)]
    assert report.dropped == ()


def test_without_the_workflow_export_the_missing_labels_are_told(desk: "Desk") -> None:
    report = take(desk, classified(answered("Yes")))
    assert [loss.count for loss in report.notes if "no workflow export" in loss.reason] == [1]


def test_several_answers_are_a_set(desk: "Desk") -> None:
    take(desk, classified(answered(["b", "a"])), classified(answered([]), subject="2"))
    assert desk.answers("item_id", "value") == [("1", '["a","b"]'), ("2", "[]")]
    assert desk.rows("question", "level") == [("set",)]


def test_the_choices_of_a_survey_are_a_set(desk: "Desk") -> None:
    sighting = {"choice": "LION", "answers": {"HOWMANY": "2"}, "filters": {}}
    report = take(desk, classified(answered([sighting])))
    assert desk.answers("value") == [('["LION"]',)]
    assert any("survey" in loss.reason for loss in report.notes)


@pytest.mark.parametrize("more", [{}, {"taskType": "slider"}])
def test_a_slider_is_a_number(desk: "Desk", more: dict[str, str]) -> None:
    take(desk, classified(answered("3.0" if more else 3, **more)))
    assert desk.answers("value") == [("3",)]
    assert desk.rows("question", "level") == [("interval",)]


def test_each_dropdown_is_a_question(desk: "Desk") -> None:
    parts = [
        {"select_label": "Country", "option": True, "value": "c1", "label": "Chile"},
        {"select_label": "Year", "option": False, "value": "1901"},
    ]
    take(desk, classified(answered(parts)))
    assert desk.answers("question", "value") == [
        ("T0: Is it a cat? / Country", "Chile"),
        ("T0: Is it a cat? / Year", "1901"),
    ]


def test_the_parts_of_a_combination_are_questions(desk: "Desk") -> None:
    parts = [answered("Yes", "T1", "One?"), answered("No", "T2", "Two?")]
    take(desk, classified(answered(parts, "T9", None)))
    assert desk.answers("question", "value") == [("T1: One?", "Yes"), ("T2: Two?", "No")]


def test_an_unanswered_task_is_kept_as_skipped(desk: "Desk") -> None:
    report = take(desk, classified(answered(None)), classified(answered("Yes"), subject="2"))
    assert desk.answers("value", "status") == [("Yes", "submitted"), (None, "skipped")]
    assert (report.read, report.kept) == (2, 2)


def test_drawings_are_dropped_and_told(desk: "Desk") -> None:
    mark = {"tool": 0, "frame": 0, "x": 1.5, "y": 2.5, "details": []}
    report = take(desk, classified(answered("Yes"), answered([mark], "T1", "Mark it")))
    assert [(loss.reason[:7], loss.count) for loss in report.dropped] == [("drawing", 1)]
    assert desk.answers("value") == [("Yes",)]


def test_an_export_of_drawings_only_is_refused(refused: Callable[..., str]) -> None:
    mark = {"tool": 0, "x": 1.5, "y": 2.5}
    content = quoted([classified(answered([mark]))])
    assert "no answers in its 1 classifications: 1 drawings" in refused(content, None)


def test_a_workflow_export_alone_is_refused(refused: Callable[..., str]) -> None:
    assert "add the classification export" in refused(quoted([workflow()]), None)


def test_annotations_that_are_no_json_are_told(desk: "Desk") -> None:
    report = take(desk, classified(answered("Yes")), classified(annotations="[{", subject="2"))
    assert [(loss.reason, loss.count) for loss in report.dropped] == [
        ("annotations are no JSON", 1)
    ]


def test_times_come_from_server_and_volunteer(desk: "Desk") -> None:
    report = take(desk, classified(answered("Yes")))
    assert desk.answers("cast(annotated_at as varchar)", "duration_seconds") == [
        ("2024-02-23 16:17:42", 7.5)
    ]
    assert report.coerced == ()


@pytest.mark.parametrize("more", [{"gold_standard": "true"}, {"expert": "owner"}])
def test_gold_standard_and_expert_classifications_are_of_experts(
    desk: "Desk", more: dict[str, str]
) -> None:
    take(desk, classified(answered("Yes"), **more), classified(answered("No"), user_name="ben"))
    assert desk.answers("value", "role") == [("No", "human"), ("Yes", "expert")]


def test_names_of_visitors_are_marked(desk: "Desk") -> None:
    take(desk, classified(answered("Yes"), user_name="not-logged-in-ab12"))
    assert desk.rows("person", "tier", "language") == [("not logged in", "en")]


def test_what_is_known_of_a_subject_becomes_attributes(desk: "Desk") -> None:
    take(desk, classified(answered("Yes")))
    assert desk.rows("item_attribute", "name", "value") == [("Filename", "1.png")]


def test_the_retirement_of_a_subject_is_an_event(desk: "Desk") -> None:
    gone = {"retired_at": "2024-02-23T16:17:42.479Z", "retirement_reason": "consensus"}
    take(desk, classified(answered("Yes"), data={"retired": gone}))
    assert desk.rows("event", "item_id", "to_state", "activity") == [("1", "retired", "consensus")]


def test_classifications_from_before_the_launch_are_told(desk: "Desk") -> None:
    report = take(desk, classified(answered("Yes"), metadata={"live_project": False}))
    assert any("before the project was live" in loss.reason for loss in report.notes)


@with_fixtures
@pytest.mark.parametrize("names", [("cls_export",), ("cls_export", "wf_export")])
def test_real_exports_come_in_whole(desk: "Desk", names: tuple[str, ...]) -> None:
    report = desk.take([FIXTURES / f"{name}.csv" for name in names], None)
    assert (report.format, report.items, report.dropped) == ("zooniverse", 7, ())
    assert (report.read, report.kept, report.annotators) == (10, 10, 1)
