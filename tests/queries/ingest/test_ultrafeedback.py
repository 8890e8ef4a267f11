"""UltraFeedback: a judge's ratings as text, lists and N/A, and pairs with equal scores."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from queries.ingest.shape import Sample
from queries.ingest.ultrafeedback import FORMAT

if TYPE_CHECKING:
    from queries.ingest.report import ImportReport
    from tests.queries.ingest.conftest import Desk

FIELDS = {
    "source": "item.source",
    "instruction": "item.prompt",
    "models": "not kept",
    "completions[].model": "response.model",
    "completions[].principle": "item_attribute",
    "completions[].custom_system_prompt": "item.context",
    "completions[].response": "response.text",
    "completions[].critique": "annotation.note",
    "completions[].overall_score": "annotation.value",
    "completions[].fine-grained_score": "signal",
    "annotations.<dimension>.Rating": "annotation.value",
    "annotations.<dimension>.Rationale": "annotation.note",
    "annotations.<dimension>.Type": "annotation.reason_tags",
    "annotations.<dimension>.Rationale For Rating": "annotation.note",
    "correct_answers": "item_attribute",
    "incorrect_answers": "item_attribute",
    "prompt": "binarized: item.prompt",
    "prompt_id": "binarized: item.group_id",
    "chosen": "binarized: response.text",
    "rejected": "binarized: response.text",
    "messages": "binarized: not kept",
    "score_chosen": "binarized: signal",
    "score_rejected": "binarized: signal",
}


def completion(model: str = "m1", /, response: str = "hi", **more: Any) -> dict[str, Any]:
    ratings = more.pop("annotations", {"helpfulness": {"Rating": "4", "Rationale": "why"}})
    return {"model": model, "response": response, "annotations": ratings, **more}


def rated(*completions: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"source": "made", "instruction": "Say hi", "completions": completions, **more}


def pair(chosen: str, rejected: str, *, scores: tuple[float, float] = (8, 6)) -> dict[str, Any]:
    def talk(text: str) -> list[dict[str, str]]:
        return [{"role": "user", "content": "Say hi"}, {"role": "assistant", "content": text}]

    return {
        "prompt": "Say hi",
        "prompt_id": "p1",
        "chosen": talk(chosen),
        "rejected": talk(rejected),
        "messages": talk(chosen),
        "score_chosen": scores[0],
        "score_rejected": scores[1],
    }


def lines(*records: dict[str, Any]) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


def take(desk: "Desk", *records: dict[str, Any], kind: str = "reward") -> "ImportReport":
    return desk.take(lines(*records), None, name="uf.jsonl", kind=kind)


def test_every_field_of_the_records_is_told() -> None:
    assert [
        name for name, where in FIELDS.items() if not FORMAT.fields[name].startswith(where)
    ] == []


@pytest.mark.parametrize(
    ("record", "kind"), [(rated(completion()), "reward"), (pair("a", "b"), "preference")]
)
def test_both_forms_are_known_with_their_kind(
    desk: "Desk", record: dict[str, Any], kind: str
) -> None:
    assert take(desk, record, kind=kind).format == "ultrafeedback"


@pytest.mark.parametrize(
    "record",
    [
        {"prompt": "p", "chosen": "a", "rejected": "b"},
        {"prompt": "p", "completions": ["a"], "labels": [True]},
        {"item_id": "1", "annotator_id": "a", "value": "b"},
    ],
)
def test_other_records_are_not_claimed(record: dict[str, Any]) -> None:
    assert not FORMAT.recognises(Sample(("a.jsonl",), frozenset(record), (record,)))


def test_each_completion_is_an_item_in_the_group_of_its_instruction(desk: "Desk") -> None:
    take(desk, rated(completion("m1"), completion("m2", response="yo")))
    items = desk.rows("item", "item_id", "group_id", "prompt", "source")
    assert [
        (item == f"{group}/m{n}", *rest) for n, (item, group, *rest) in enumerate(items, 1)
    ] == [
        (True, "Say hi", "made"),
        (True, "Say hi", "made"),
    ]
    assert desk.rows("response", "model", "text") == [("m1", "hi"), ("m2", "yo")]


def test_ratings_as_text_are_ordered_labels_of_a_model(desk: "Desk") -> None:
    take(desk, rated(completion()))
    assert desk.answers("question", "value", "role", "note") == [
        ("helpfulness", "4", "model", "why")
    ]
    assert desk.rows("question", "level", "labels") == [("ordinal", '["1", "2", "3", "4", "5"]')]


def test_a_rating_that_does_not_apply_is_skipped(desk: "Desk") -> None:
    ratings = {"honesty": {"Rating": "N/A"}, "helpfulness": {"Rating": "3"}}
    report = take(desk, rated(completion(annotations=ratings)))
    assert desk.answers("question", "value", "status") == [
        ("helpfulness", "3", "submitted"),
        ("honesty", None, "skipped"),
    ]
    assert (report.read, report.kept) == (2, 2)


def test_a_rating_in_a_list_of_one_is_that_rating(desk: "Desk") -> None:
    take(desk, rated(completion(annotations={"honesty": {"Rating": ["3"]}})))
    assert desk.answers("value") == [("3",)]


def test_a_rating_that_is_several_numbers_is_dropped(desk: "Desk") -> None:
    many = {f"d{number}": {"Rating": "3"} for number in range(40)}
    report = take(desk, rated(completion(annotations={**many, "honesty": {"Rating": ["3", "4"]}})))
    assert [(loss.code, loss.count) for loss in report.dropped] == [("unknown_label", 1)]
    assert (report.read, report.kept) == (41, 40)


def test_several_ratings_of_one_dimension_are_of_several_seats(desk: "Desk") -> None:
    twice = {"honesty": [{"Rating": "3"}, {"Rating": "5"}]}
    report = take(desk, rated(completion(annotations=twice)))
    assert desk.answers("value") == [("3",), ("5",)]
    assert report.annotators == 2
    assert desk.rows("person", "tier") == [("seat",), ("seat",)]


def test_reasons_of_a_rating_stay_with_it(desk: "Desk") -> None:
    rating = {"Rating": "3", "Type": ["1", "2"], "Rationale": "a", "Rationale For Rating": "b"}
    take(desk, rated(completion(annotations={"truthfulness": rating})))
    assert desk.answers("reason_tags", "note") == [('["1","2"]', "a\nb")]


def test_scores_and_critique_are_kept(desk: "Desk") -> None:
    scores = {"overall_score": 7.5, "fine-grained_score": 4.25, "critique": "nice"}
    take(desk, rated(completion(annotations={}, **scores)))
    assert desk.answers("question", "value", "note") == [("overall_score", "7.5", "nice")]
    assert desk.rows("signal", "type", "name", "value") == [("judge", "fine-grained_score", 4.25)]


def test_a_best_score_beside_worst_ratings_is_told(desk: "Desk") -> None:
    report = take(desk, rated(completion(**{"overall_score": 10.0, "fine-grained_score": 1.5})))
    assert [loss.count for loss in report.notes if "misread" in loss.reason] == [1]


def test_what_else_is_known_of_a_completion_is_kept(desk: "Desk") -> None:
    more = {"correct_answers": ["None"], "incorrect_answers": ["no"]}
    take(desk, rated(completion(principle="honesty", custom_system_prompt="Be kind"), **more))
    assert desk.rows("item", "context") == [("Be kind",)]
    assert desk.rows("item_attribute", "name", "value") == [
        ("incorrect_answers", '["no"]'),
        ("principle", "honesty"),
    ]


def test_unknown_fields_are_told_at_every_depth(desk: "Desk") -> None:
    ratings = {"honesty": {"Rating": "3", "inner": 1}}
    report = take(desk, rated(completion(annotations=ratings, middle=1), outer=1))
    assert [loss.examples[0].column for loss in report.unknown] == [
        "outer",
        "completions[].middle",
        "annotations.<dimension>.inner",
    ]


def test_the_judge_is_a_seat_and_told(desk: "Desk") -> None:
    report = take(desk, rated(completion()))
    assert "seats" in [loss.code for loss in report.notes]


def test_a_pair_is_the_same_item_whichever_was_chosen(desk: "Desk") -> None:
    others = (pair(f"text {number}", "other") for number in range(40))
    report = take(desk, pair("good", "bad"), pair("bad", "good"), *others, kind="preference")
    assert report.items == 41


def test_the_side_of_a_pair_says_nothing_about_the_outcome(desk: "Desk") -> None:
    texts = [f"text {number}" for number in range(40)]
    take(desk, *(pair(text, "other") for text in texts), kind="preference")
    assert {value for (value,) in desk.answers("value")} == {"a", "b"}


def test_the_winner_is_the_text_that_was_chosen(desk: "Desk") -> None:
    take(desk, pair("good", "bad"), kind="preference")
    ((winner, margin),) = desk.answers("value", "strength")
    texts = dict(desk.rows("response", "response_id", "text"))
    assert (texts[winner], margin) == ("good", 2.0)
    scores = dict(desk.rows("signal", "response_id", "value"))
    assert scores[winner] == 8


def test_equal_scores_are_a_tie(desk: "Desk") -> None:
    report = take(desk, pair("good", "bad", scores=(7, 7)), kind="preference")
    assert desk.answers("value", "strength") == [("tie", 0.0)]
    assert desk.rows("question", "tie_labels") == [('["tie"]',)]
    assert [loss.count for loss in report.notes if "equal scores" in loss.reason] == [1]


def test_a_chosen_answer_with_the_lower_score_is_told(desk: "Desk") -> None:
    report = take(desk, pair("good", "bad", scores=(5, 7)), kind="preference")
    assert [loss.count for loss in report.notes if "lower score" in loss.reason] == [1]


def test_a_pair_of_one_text_has_no_answer(desk: "Desk") -> None:
    others = [pair("good", f"bad {number}") for number in range(40)]
    report = take(desk, pair("same", "same"), *others, kind="preference")
    assert [(loss.code, loss.count) for loss in report.dropped] == [("no_answer", 1)]
    assert (report.read, report.kept) == (41, 40)


def test_a_split_without_judgements_is_refused(refused: Callable[..., str]) -> None:
    content = lines({"prompt": "p", "prompt_id": "1", "messages": []})
    message = refused(content, None, name="sft.jsonl", format="ultrafeedback")
    assert "neither completions with ratings nor chosen and rejected" in message


def test_both_forms_at_once_are_refused(refused: Callable[..., str]) -> None:
    content = lines(rated(completion()), pair("a", "b"))
    message = refused(content, None, name="uf.jsonl", format="ultrafeedback")
    assert "import each as a batch of its own" in message
