"""MultiPref: two roles, four questions, reasons, times."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from queries.ingest.multipref import FORMAT
from queries.ingest.shape import Sample
from tests.queries.ingest.shaping import Workbench

if TYPE_CHECKING:
    from tests.queries.ingest.conftest import Desk

QUESTIONS = ("overall", "helpful", "truthful", "harmless")
FIELDS = {
    "comparison_id": "item.item_id",
    "prompt_id": "item.group_id",
    "text": "item.prompt",
    "category": "item_attribute",
    "highest_level_degree": "item_attribute",
    "subject_of_study": "item_attribute",
    "source": "item.source",
    "model_a": "response.model",
    "model_b": "response.model",
    "completion_a": "response.text",
    "completion_b": "response.text",
    "normal_worker_annotations": "annotation, role human",
    "expert_worker_annotations": "annotation, role expert",
    "evaluator": "annotation.annotator_id",
    "overall_pref": "annotation.value",
    "helpful_pref": "annotation.value",
    "truthful_pref": "annotation.value",
    "harmless_pref": "annotation.value",
    "*_confidence": "annotation.note",
    "*_checked_reasons": "annotation.reason_tags",
    "*_own_reason": "annotation.note",
    "time_spent": "annotation.duration_seconds",
    "timestamp": "annotation.annotated_at",
    "interval": "annotation.note",
}


def work(evaluator: str, **changes: Any) -> dict[str, Any]:
    """Return what one worker said of a comparison."""
    return {
        "evaluator": evaluator,
        **{f"{name}_pref": "Tie" for name in QUESTIONS},
        **{f"{name}_confidence": "fairly-confident" for name in QUESTIONS},
        "time_spent": 95.5,
        "timestamp": "2024-05-02T10:00:00Z",
        **changes,
    }


def comparison(**changes: Any) -> dict[str, Any]:
    return {
        "comparison_id": 7,
        "prompt_id": "p1",
        "text": "ask",
        "category": "Open QA",
        "source": "made up",
        "model_a": "alpha",
        "model_b": "beta",
        "completion_a": "one",
        "completion_b": "two",
        "normal_worker_annotations": [work("n1"), work("n2")],
        "expert_worker_annotations": [work("e1")],
        **changes,
    }


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    return Workbench(FORMAT, tmp_path)


def test_multipref_fields_are_all_documented() -> None:
    assert set(FORMAT.fields) == set(FIELDS)
    assert [name for name in FIELDS if FIELDS[name] not in FORMAT.fields[name]] == []


def test_workers_of_both_kinds_keep_their_role(bench: Workbench) -> None:
    bench.shape([comparison()])
    assert bench.rows("annotation", "annotator_id", "role") == [
        ("e1", "expert"),
        ("n1", "human"),
        ("n2", "human"),
    ]


def test_each_dimension_is_an_ordinal_question_with_a_tie(bench: Workbench) -> None:
    worker = work("n1", overall_pref="A-is-clearly-better", harmless_pref="B-is-slightly-better")
    record = comparison(normal_worker_annotations=[worker], expert_worker_annotations=[])
    shaped = bench.shape([record])
    assert bench.rows("annotation", "question", "value") == [
        ("harmless", "B-is-slightly-better"),
        ("helpful", "Tie"),
        ("overall", "A-is-clearly-better"),
        ("truthful", "Tie"),
    ]
    assert [each.name for each in shaped.questions] == list(QUESTIONS)
    assert {
        (each.level, tuple(each.ties or ()), len(each.labels or ())) for each in (shaped.questions)
    } == {("ordinal", ("Tie",), 5)}


def test_time_of_the_whole_comparison_is_counted_once(bench: Workbench) -> None:
    bench.shape([comparison(normal_worker_annotations=[work("n1")])])
    assert bench.ask(
        "select question, duration_seconds from shaped_annotation "
        "where annotator_id = 'n1' and duration_seconds is not null"
    ) == [("overall", "95.5")]


@pytest.mark.parametrize(
    "stamp", ["2024-05-02T10:00:00Z", 1714644000, 1714644000000, 1714644000000000]
)
def test_timestamp_in_any_unit(bench: Workbench, stamp: object) -> None:
    bench.shape([comparison(expert_worker_annotations=[work("e1", timestamp=stamp)])])
    ((at,),) = bench.ask(
        "select distinct annotated_at from shaped_annotation where role = 'expert'"
    )
    assert at.replace(".000000", "") == "2024-05-02T10:00:00Z"


@pytest.mark.parametrize(
    ("checked", "tags"),
    [
        (["clear", "complete"], '["clear","complete"]'),
        ("clear", '["clear"]'),
        ([], None),
        ("", None),
        (None, None),
    ],
)
def test_reasons_are_tags_of_their_question(
    bench: Workbench, checked: object, tags: str | None
) -> None:
    record = comparison(
        normal_worker_annotations=[work("n1", helpful_checked_reasons=checked)],
        expert_worker_annotations=[],
    )
    bench.shape([record])
    found = dict(bench.rows("annotation", "question", "reason_tags"))
    assert found == {**dict.fromkeys(QUESTIONS), "helpful": tags}


def test_confidence_and_own_reason_are_the_note(bench: Workbench) -> None:
    record = comparison(
        normal_worker_annotations=[work("n1", truthful_own_reason=" it is wrong ")],
        expert_worker_annotations=[],
    )
    bench.shape([record])
    notes = dict(bench.rows("annotation", "question", "note"))
    assert notes["truthful"] == "confidence: fairly-confident\nit is wrong"
    assert notes["overall"] == "confidence: fairly-confident"


def test_comparison_is_an_item_of_its_prompt(bench: Workbench) -> None:
    bench.shape([comparison()])
    assert bench.rows("item", "item_id", "prompt", "group_id", "source") == [
        ("7", "ask", "p1", "made up")
    ]
    assert bench.rows("item_attribute", "name", "value") == [("category", "Open QA")]
    assert bench.rows("response", "response_id", "model", "text") == [
        ("a", "alpha", "one"),
        ("b", "beta", "two"),
    ]


def test_dimension_that_was_not_asked_is_no_answer(bench: Workbench) -> None:
    worker = work("n1")
    del worker["harmless_pref"]
    record = comparison(normal_worker_annotations=[worker], expert_worker_annotations=None)
    bench.shape([record])
    assert {question for (question,) in bench.rows("annotation", "question")} == {
        "overall",
        "helpful",
        "truthful",
    }


def test_answers_that_are_no_list_are_counted(bench: Workbench) -> None:
    shaped = bench.shape([comparison(), comparison(normal_worker_annotations="array([...])")])
    assert [(loss.reason, loss.count, loss.examples[0].record) for loss in shaped.dropped] == [
        ("normal_worker_annotations is no list of answers", 1, 2)
    ]


def test_unknown_fields_are_counted_at_both_levels(bench: Workbench) -> None:
    shaped = bench.shape([comparison(expert_worker_annotations=[work("e1", mood="good")], extra=1)])
    assert [loss.reason for loss in shaped.unknown] == [
        "field 'extra' is not known to this format",
        "field '*_worker_annotations.mood' is not known to this format",
    ]


def test_multipref_recognises_its_export() -> None:
    assert FORMAT.recognises(Sample(("x",), frozenset(comparison()), ()))


def test_multipref_leaves_a_plain_table_alone() -> None:
    keys = frozenset({"comparison_id", "annotator_id", "value", "item_id"})
    assert not FORMAT.recognises(Sample(("x",), keys, ()))


def test_multipref_imports_without_being_named(desk: "Desk", bench: Workbench) -> None:
    export = bench.jsonl([comparison(), comparison(comparison_id=8)])
    report = desk.take(export, None, kind="preference")
    assert (report.format, report.items, report.read, report.kept) == ("multipref", 2, 24, 24)
