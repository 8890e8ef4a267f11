"""Argilla: every response with its status, or none at all."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from queries.errors import InputError
from queries.ingest.argilla import FORMAT
from queries.ingest.shape import Sample
from tests.queries.ingest.shaping import Workbench

if TYPE_CHECKING:
    from tests.queries.ingest.conftest import Desk

# Field of the export -> table it goes to, or None where it is not kept.
FIELDS: dict[str, str | None] = {
    "id": "item",
    "fields": "item",
    "metadata": "item_attribute",
    "vectors": None,
    "status": None,
    "_server_id": None,
    "q.responses": "annotation",
    "q.responses.users": "annotation",
    "q.responses.status": "annotation",
    "q.suggestion": "annotation",
    "q.suggestion.score": "signal",
    "q.suggestion.agent": "annotation",
    "fields{}, responses{}, suggestions{} (nested export)": "refused",
}
ANSWER = ("item_id", "annotator_id", "question", "value", "status")


def record(number: int, *answers: object, q: str = "q", **more: Any) -> dict[str, Any]:
    """One record; answer k is of user uk, submitted unless told otherwise."""
    return {
        "id": f"r{number}",
        "status": "completed",
        "_server_id": "s",
        "text": f"text {number}",
        f"{q}.responses": [*answers],
        f"{q}.responses.users": [f"u{place}" for place, _ in enumerate(answers, 1)],
        f"{q}.responses.status": ["submitted" for _ in answers],
    } | more


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    return Workbench(FORMAT, tmp_path)


def reasons(losses: Any) -> str:
    return "; ".join(f"{loss.count} x {loss.reason}" for loss in losses)


@pytest.mark.parametrize("field", FIELDS)
def test_fields_have_a_line_that_says_where_they_go(field: str) -> None:
    line, goes = FORMAT.fields[field], FIELDS[field]
    assert line.startswith("not kept") if goes is None else goes in line


def test_responses_keep_their_users_and_their_status(bench: Workbench) -> None:
    status = {"q.responses.status": ["submitted", "draft", "discarded"]}
    bench.shape([record(1, "yes", "no", "yes", **status)])
    assert bench.rows("annotation", *ANSWER) == [
        ("r1", "u1", "q", "yes", "submitted"),
        ("r1", "u2", "q", "no", "draft"),
        ("r1", "u3", "q", "yes", "discarded"),
    ]


def test_nested_export_is_refused_with_the_one_to_make(bench: Workbench) -> None:
    nested = {
        "id": "r1", "fields": {"text": "t"}, "metadata": {}, "suggestions": {}, "vectors": {},
        "responses": {"q": [{"value": "yes", "user_id": "u1"}]}, "status": "completed",
    }  # fmt: skip
    with pytest.raises(InputError, match=r"no status of the responses.*to_list\(flatten=True\)"):
        bench.shape([nested])


def test_nested_export_is_known_for_argilla() -> None:
    keys = frozenset({"id", "fields", "responses", "suggestions", "metadata", "vectors"})
    assert FORMAT.recognises(Sample(("a.json",), keys, ()))


@pytest.mark.parametrize(
    ("answers", "level", "values"),
    [
        (("yes", "no"), "nominal", ["no", "yes"]),
        ((4, 5), "ordinal", ["4", "5"]),
        ((["b", "a"], ["b"]), "set", ['["b","a"]', '["b"]']),
        ((["b", "a"], ["a", "b"]), "ranking", ['["a","b"]', '["b","a"]']),
        ((["b", "a"], ["b", "a"]), "set", ['["b","a"]']),
    ],
)
def test_level_is_told_by_the_answers(
    bench: Workbench, answers: tuple[object, ...], level: str, values: list[str]
) -> None:
    shaped = bench.shape([record(1, *answers)])
    assert [each.scale for each in shaped.questions] == [level]
    assert [value for (value,) in bench.rows("annotation", "value")] == values


def test_list_read_as_a_ranking_is_told(bench: Workbench) -> None:
    shaped = bench.shape([record(1, ["b", "a"], ["a", "b"])])
    assert "'q' is read as a ranking" in reasons(shaped.notes)


def test_ranks_with_ties_become_tie_groups(bench: Workbench) -> None:
    ranks = [{"value": value, "rank": rank} for value, rank in (("a", 2), ("b", 1), ("c", 1))]
    bench.shape([record(1, ranks)])
    assert bench.rows("annotation", "value") == [('[["b","c"],["a"]]',)]


def test_spans_are_counted_and_not_kept(bench: Workbench) -> None:
    spans = [{"start": 0, "end": 3, "label": "X"}]
    other = record(1, spans, q="marks")
    shaped = bench.shape([record(1, "yes") | other])
    assert "1 x spans are no answer about the whole record" in reasons(shaped.dropped)
    assert bench.rows("annotation", "question") == [("q",)]


def test_suggestion_is_an_answer_of_a_model(bench: Workbench) -> None:
    suggested = {"q.suggestion": "no", "q.suggestion.score": 0.4, "q.suggestion.agent": "judge"}
    shaped = bench.shape([record(1, "yes", **suggested)])
    assert bench.rows("annotation", "annotator_id", "role", "value", "assist") == [
        ("judge", "model", "no", None),
        ("u1", "human", "yes", "suggestion"),
    ]
    assert bench.rows("signal", "type", "name", "version", "value") == [
        ("judge", "suggestion score of q", "judge", "0.4")
    ]
    assert "1 x a suggestion was there before the answer" in reasons(shaped.notes)


def test_suggestion_without_agent_is_called_suggestion(bench: Workbench) -> None:
    more = {"q.suggestion": "no", "q.suggestion.agent": None, "q.suggestion.score": None}
    bench.shape([record(1, "yes", **more)])
    assert ("suggestion", "no") in bench.rows("annotation", "annotator_id", "value")


def test_question_left_out_is_skipped_and_counted(bench: Workbench) -> None:
    shaped = bench.shape([record(1, "yes", None)])
    assert ("r1", "u2", "q", None, "skipped") in bench.rows("annotation", *ANSWER)
    assert "1 x submitted without an answer" in reasons(shaped.notes)


def test_question_name_may_have_dots_and_slashes(bench: Workbench) -> None:
    bench.shape([record(1, "yes", q="a.b/c~d")])
    assert bench.rows("annotation", "question", "value") == [("a.b/c~d", "yes")]


def test_other_fields_become_responses_and_attributes(bench: Workbench) -> None:
    more = {"response_a": "A", "response_b": "B", "topic": "cats", "week": 3}
    bench.shape([record(1, "a", **more)])
    assert bench.rows("item", "item_id", "prompt") == [("r1", "text 1")]
    assert bench.rows("response", "response_id", "text") == [("a", "A"), ("b", "B")]
    assert bench.rows("item_attribute", "name", "value") == [
        ("field.week", "3"),
        ("topic", "cats"),
    ]


def test_vectors_are_counted_and_not_kept(bench: Workbench) -> None:
    shaped = bench.shape([record(1, "yes", place=[0.5, 0.25])])
    assert "1 x vector 'place': not kept" in reasons(shaped.dropped)
    assert bench.rows("item_attribute", "name") == []


def test_parquet_is_read_like_json(bench: Workbench) -> None:
    lines = bench.jsonl([record(1, "yes", "no"), record(2, "no")])
    path = bench.folder / "export.parquet"
    with duckdb.connect() as connection:
        connection.read_json(str(lines)).write_parquet(str(path))
    bench.shape(lines)
    answers = bench.rows("annotation", *ANSWER)
    bench.shape(path)
    assert bench.rows("annotation", *ANSWER) == answers


def test_dataset_without_responses_is_refused(bench: Workbench) -> None:
    with pytest.raises(InputError, match="no question has a response"):
        bench.shape([record(1)])


def test_response_without_a_status_is_dropped(desk: "Desk") -> None:
    records = [record(n, "yes", "no") for n in range(20)]
    records[0]["q.responses.status"] = ["submitted", None]
    report = desk.take("\n".join(map(json.dumps, records)), None, name="a.jsonl")
    assert report.format == "argilla"
    assert (report.read, report.kept, [loss.count for loss in report.dropped]) == (40, 39, [1])


def test_discarded_work_stays_out_of_the_count(store_desk: "Desk") -> None:
    status = {"q.responses.status": ["submitted", "discarded"]}
    text = json.dumps(record(1, "yes", "no", **status))
    report = store_desk.take(text, None, name="a.jsonl")
    assert (report.read, report.kept) == (2, 2)


def test_nested_export_is_refused_on_the_way_in(refused: Callable[..., str]) -> None:
    nested = {"id": "1", "fields": {"t": "x"}, "responses": {}, "suggestions": {}, "metadata": {}}
    assert "nested export of Argilla" in refused(json.dumps([nested]), None, name="a.json")


def test_list_may_be_told_to_be_a_set(desk: "Desk") -> None:
    text = json.dumps(record(1, ["b", "a"], ["a", "b"]))
    desk.take(text, '[[question]]\nname = "q"\nlevel = "set"\n', name="a.jsonl", kind="qa")
    assert desk.rows("question", "level") == [("set",)]
    assert desk.answers() == [("r1", '["a","b"]'), ("r1", '["a","b"]')]
