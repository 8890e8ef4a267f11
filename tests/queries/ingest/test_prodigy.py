"""Prodigy: which answers are about the whole task, who gave them, and when."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from queries.errors import InputError
from queries.ingest.prodigy import FORMAT
from queries.ingest.shape import SEAT, Sample
from tests.queries.ingest.shaping import Workbench

if TYPE_CHECKING:
    from tests.queries.ingest.conftest import Desk

REAL = Path(__file__).parents[4] / "shared" / "data" / "export_fixtures" / "prodigy"

# Field of the export -> table it goes to, or None where it is not kept.
FIELDS: dict[str, str | None] = {
    "text": "item",
    "html": "item",
    "image": "item",
    "options": "response",
    "accept": "annotation",
    "answer": "annotation",
    "label": "annotation",
    "spans": None,
    "tokens": None,
    "meta": "item_attribute",
    "_input_hash": "item",
    "_task_hash": None,
    "_view_id": "otherwise not kept",
    "_session_id": "annotation",
    "_annotator_id": "annotation",
    "_timestamp": "annotation",
    "_is_binary": "otherwise not kept",
    "*": "item_attribute",
}
ANSWER = ("item_id", "annotator_id", "question", "value", "status")


def record(number: int, answer: str = "accept", **more: Any) -> dict[str, Any]:
    return {
        "text": f"text {number}", "_input_hash": number, "_task_hash": -number, "answer": answer,
        "_session_id": "set-ann", "_timestamp": 1767225600,
    } | more  # fmt: skip


def choice(number: int, *accept: object, **more: Any) -> dict[str, Any]:
    options = [{"id": "good", "text": "Good"}, {"id": "bad", "text": "Bad"}]
    return record(number, options=options, accept=[*accept], _view_id="choice") | more


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    return Workbench(FORMAT, tmp_path)


def reasons(losses: Any) -> str:
    return "; ".join(f"{loss.count} x {loss.reason}" for loss in losses)


@pytest.mark.parametrize("field", FIELDS)
def test_fields_have_a_line_that_says_where_they_go(field: str) -> None:
    lines = {name: where for names, where in FORMAT.fields.items() for name in names.split(", ")}
    goes = FIELDS[field]
    assert lines[field].startswith("not kept") if goes is None else goes in lines[field]


def test_yes_or_no_is_asked_about_its_label(bench: Workbench) -> None:
    shaped = bench.shape([record(1, label="SPAM"), record(2, "reject", label="HAM")])
    assert {each.name: each.labels for each in shaped.questions} == {
        "SPAM": ["accept", "reject"],
        "HAM": ["accept", "reject"],
    }
    assert bench.rows("annotation", *ANSWER) == [
        ("1", "set-ann", "SPAM", "accept", "submitted"),
        ("2", "set-ann", "HAM", "reject", "submitted"),
    ]


def test_ignored_task_is_kept_as_skipped(bench: Workbench) -> None:
    bench.shape([record(1, "ignore", label="SPAM")])
    assert bench.rows("annotation", "value", "status") == [(None, "skipped")]


def test_one_choice_each_makes_a_nominal_question(bench: Workbench) -> None:
    shaped = bench.shape([choice(1, "good"), choice(2, "bad")])
    (asked,) = shaped.questions
    assert (asked.name, asked.scale, asked.labels) == ("choice", "nominal", ["good", "bad"])
    assert bench.rows("annotation", "value") == [("bad",), ("good",)]


def test_several_choices_make_a_question_of_sets(bench: Workbench) -> None:
    shaped = bench.shape([choice(1, "good", "bad"), choice(2)])
    assert shaped.questions[0].scale == "set"
    assert bench.rows("annotation", "item_id", "value") == [("1", '["bad","good"]'), ("2", "[]")]


def test_choice_style_tells_sets_where_nobody_chose_several(bench: Workbench) -> None:
    shaped = bench.shape([choice(1, "good", config={"choice_style": "multiple"})])
    assert shaped.questions[0].scale == "set"


def test_accepted_without_a_choice_is_skipped_and_counted(bench: Workbench) -> None:
    shaped = bench.shape([choice(1, "good"), choice(2)])
    assert ("2", "set-ann", "choice", None, "skipped") in bench.rows("annotation", *ANSWER)
    assert "1 x accepted without a choice" in reasons(shaped.notes)


def test_rejected_choice_is_discarded_and_no_label(bench: Workbench) -> None:
    bench.shape([choice(1, "good"), choice(2, "good", answer="reject")])
    assert bench.rows("annotation", "item_id", "status") == [("1", "submitted"), ("2", "discarded")]


def test_numbers_as_options_are_labels(bench: Workbench) -> None:
    options = [{"id": 1, "text": "low"}, {"id": 2, "text": "high"}]
    shaped = bench.shape([record(1, options=options, accept=[2])])
    assert shaped.questions[0].labels == ["1", "2"]
    assert bench.rows("annotation", "value") == [("2",)]


def test_options_that_differ_between_items_are_responses(bench: Workbench) -> None:
    records = [
        record(
            n, options=[{"id": "a", "text": f"A{n}"}, {"id": "b", "text": f"B{n}"}], accept=["b"]
        )
        for n in (1, 2)
    ]
    shaped = bench.shape(records)
    assert shaped.kind == "preference"
    assert bench.rows("response", "item_id", "response_id", "text")[0] == ("1", "a", "A1")
    assert bench.rows("annotation", "shown_order") == [("a|b",)]


def test_answers_to_one_input_are_of_one_item(bench: Workbench) -> None:
    other = {"_session_id": "set-bob", "_task_hash": 99}
    bench.shape([choice(1, "good"), choice(1, "bad") | other])
    assert bench.rows("annotation", "item_id", "annotator_id") == [
        ("1", "set-ann"),
        ("1", "set-bob"),
    ]


def test_annotator_goes_before_session(bench: Workbench) -> None:
    bench.shape([record(1, label="X", _annotator_id="bob")])
    assert bench.rows("annotation", "annotator_id") == [("bob",)]


def test_without_sessions_the_answers_to_a_task_are_seats(bench: Workbench) -> None:
    unnamed = [record(number, label="X", _session_id=None) for number in (1, 2)]
    first = bench.jsonl(unnamed, "one.jsonl")
    second = bench.jsonl([record(1, "reject", label="X", _session_id=None)], "two.jsonl")
    shaped = bench.shape(first, second)
    assert bench.rows("annotation", "annotator_id") == [("seat 1",), ("seat 2",)]
    assert bench.rows("person", "annotator_id", "tier") == [("seat 1", SEAT), ("seat 2", SEAT)]
    assert "no session names anybody" in reasons(shaped.notes)


def test_session_named_by_its_time_is_a_seat(bench: Workbench) -> None:
    session = "set-2026-01-01_10-20-30"
    shaped = bench.shape([record(1, label="X", _session_id=session), record(2, label="X")])
    assert bench.rows("person", "annotator_id", "tier") == [(session, SEAT)]
    assert "1 x session named by its time" in reasons(shaped.notes)


@pytest.mark.parametrize(
    ("stamp", "text"),
    [
        (1767225600, "2026-01-01T00:00:00.000000Z"),
        (1767225600.5, "2026-01-01T00:00:00.500000Z"),
        (1767225600000, "2026-01-01T00:00:00.000000Z"),
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
        (None, None),
    ],
)
def test_timestamps_are_seconds_milliseconds_or_text(
    bench: Workbench, stamp: object, text: str | None
) -> None:
    bench.shape([record(1, label="X", _timestamp=stamp)])
    assert bench.rows("annotation", "annotated_at") == [(text,)]


def test_drawn_spans_are_counted_and_not_kept(bench: Workbench) -> None:
    drawn = record(
        1, spans=[{"start": 0, "end": 4, "label": "X"}], tokens=[], _view_id="ner_manual"
    )
    shaped = bench.shape([drawn, record(2, label="X")])
    assert "1 x marks in the text or picture" in reasons(shaped.dropped)
    assert not any(loss.fault for loss in shaped.dropped)
    assert bench.rows("annotation", "item_id") == [("2",)]
    assert bench.rows("item", "item_id") == [("2",)]


def test_judged_spans_are_items_of_their_own(bench: Workbench) -> None:
    spans = [{"start": 0, "end": 4, "label": "X"}]
    judged = {"spans": spans, "_view_id": "ner", "_is_binary": True}
    bench.shape([record(1, **judged), record(1, "reject", _task_hash=5, **judged)])
    assert bench.rows("annotation", "item_id", "value") == [("1/-1", "accept"), ("1/5", "reject")]
    assert bench.rows("item", "item_id", "group_id") == [("1/-1", "1"), ("1/5", "1")]


def test_written_text_is_a_question_of_its_own(bench: Workbench) -> None:
    shaped = bench.shape([choice(1, "good", user_input="because")])
    assert bench.rows("annotation", "question", "value") == [
        ("choice", "good"),
        ("user_input", "because"),
    ]
    assert "1 x 'user_input' is free text" in reasons(shaped.notes)


def test_review_is_an_experts_answer(bench: Workbench) -> None:
    shaped = bench.shape([record(1, label="X", versions=[{}], sessions=["a"])])
    assert bench.rows("annotation", "role") == [("expert",)]
    assert "answers that were decided between are not kept" in reasons(shaped.dropped)


def test_fields_beside_become_attributes(bench: Workbench) -> None:
    bench.shape([record(1, label="X", meta={"source": "web"}, title="t", week=3)])
    assert bench.rows("item_attribute", "name", "value") == [
        ("meta.source", "web"),
        ("task.week", "3"),
        ("title", "t"),
    ]


def test_own_fields_nobody_knows_are_counted(bench: Workbench) -> None:
    shaped = bench.shape([record(1, label="X", _mood=1)])
    assert "1 x field '_mood' is not known" in reasons(shaped.unknown)


def test_tasks_without_answers_are_refused(bench: Workbench) -> None:
    with pytest.raises(InputError, match="no record has an answer: these are tasks"):
        bench.shape([{"text": "a", "_input_hash": 1, "answer": None}])


@pytest.mark.parametrize(
    "keys",
    [
        {"item_id", "annotator_id", "value"},
        {"id", "text", "label", "Comments"},
        {"question", "answer", "id"},
    ],
)
def test_other_files_are_not_taken_for_prodigy(keys: set[str]) -> None:
    assert not FORMAT.recognises(Sample(("a.jsonl",), frozenset(keys), ()))


def test_answer_given_twice_by_one_person_is_counted_once(desk: "Desk") -> None:
    said = ((1, "accept"), (1, "reject"), *((number, "accept") for number in range(2, 31)))
    lines = [json.dumps(record(number, answer, label="X")) for number, answer in said]
    report = desk.take("\n".join(lines), None, name="export.jsonl")
    assert (report.read, report.kept) == (31, 30)
    assert ("1", "reject") in desk.answers()
    assert ("1", "accept") not in desk.answers()


@pytest.mark.skipif(not REAL.exists(), reason="needs the shared folder of real exports")
def test_real_yes_or_no_imports_whole(desk: "Desk") -> None:
    report = desk.take(REAL / "docs_issues_eval.jsonl", None)
    assert report.format == "prodigy"
    assert (report.records, report.read, report.kept) == (199, 199, 199)
    assert set(desk.rows("annotation", "question")) == {("DOCUMENTATION",)}


@pytest.mark.skipif(not REAL.exists(), reason="needs the shared folder of real exports")
def test_real_relations_are_refused_with_what_is_there(refused: Callable[..., str]) -> None:
    message = refused(REAL / "rel_annotations.jsonl", None)
    assert "no answers in it: 15 x marks in the text" in message
