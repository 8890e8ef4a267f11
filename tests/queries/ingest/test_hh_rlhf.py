"""hh-rlhf: what two transcripts share, which was chosen, and how attacks were rated."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from queries.ingest.hh_rlhf import FORMAT
from queries.ingest.shape import Sample

if TYPE_CHECKING:
    from queries.ingest.report import ImportReport
    from tests.queries.ingest.conftest import Desk

FIELDS = {
    "chosen": "item.prompt",
    "rejected": "item.prompt",
    "transcript": "red team: item.context",
    "rating": "red team: annotation.value",
    "min_harmlessness_score_transcript": "red team: signal",
    "task_description": "red team: annotation.note",
    "red_team_member_id": "red team: annotation.annotator_id",
    "is_upworker": "red team: person.vendor",
    "tags": "red team: item_attribute",
    "num_params": "red team: response.model",
    "model_type": "red team: response.model",
    "task_description_harmlessness_score": "red team: signal",
}


def talk(*turns: str) -> str:
    speakers = ("Human", "Assistant")
    return "".join(f"\n\n{speakers[n % 2]}: {turn}" for n, turn in enumerate(turns))


def pair(chosen: str, rejected: str, *before: str) -> dict[str, str]:
    before = before or ("Hi",)
    return {"chosen": talk(*before, chosen), "rejected": talk(*before, rejected)}


def attempt(**more: Any) -> dict[str, Any]:
    return {
        "transcript": talk("Be bad", "No"),
        "rating": 1.0,
        "min_harmlessness_score_transcript": -1.5,
        "num_params": "52B",
        "model_type": "rlhf",
        "task_description": "Asking plainly",
        "task_description_harmlessness_score": 0.5,
        "red_team_member_id": 7,
        "is_upworker": False,
        "tags": None,
        **more,
    }


def lines(*records: dict[str, Any]) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


def take(desk: "Desk", *records: dict[str, Any], kind: str = "preference") -> "ImportReport":
    return desk.take(lines(*records), None, name="train.jsonl", kind=kind)


def test_every_field_of_the_records_is_told() -> None:
    assert [
        name for name, where in FIELDS.items() if not FORMAT.fields[name].startswith(where)
    ] == []


@pytest.mark.parametrize(("record", "kind"), [(pair("yes", "no"), "preference"), (attempt(), "qa")])
def test_both_forms_are_known_with_their_kind(
    desk: "Desk", record: dict[str, Any], kind: str
) -> None:
    assert take(desk, record, kind=kind).format == "hh-rlhf"


@pytest.mark.parametrize(
    "record",
    [
        {"chosen": "a plain text", "rejected": "another"},
        {"chosen": [{"role": "user", "content": "x"}], "rejected": []},
        {"item_id": "1", "annotator_id": "a", "value": "b"},
    ],
)
def test_other_pairs_are_not_claimed(record: dict[str, Any]) -> None:
    assert not FORMAT.recognises(Sample(("a.jsonl",), frozenset(record), (record,)))


def test_the_prompt_is_what_both_share_up_to_the_last_turn(desk: "Desk") -> None:
    take(desk, pair("yes", "no", "Hi", "Hello", "Well?"))
    assert desk.rows("item", "prompt") == [
        ("Human: Hi\n\nAssistant: Hello\n\nHuman: Well?",),
    ]
    assert desk.rows("response", "text") == [("no",), ("yes",)]


def test_answers_that_begin_alike_share_no_part_of_themselves(desk: "Desk") -> None:
    take(desk, pair("The answer is yes", "The answer is no"))
    assert desk.rows("item", "prompt") == [("Human: Hi",)]


def test_the_winner_is_the_chosen_text(desk: "Desk") -> None:
    take(desk, pair("yes", "no"))
    ((winner,),) = desk.answers("value")
    assert dict(desk.rows("response", "response_id", "text"))[winner] == "yes"


def test_a_pair_is_the_same_item_whichever_was_chosen(desk: "Desk") -> None:
    others = (pair(f"answer {n}", "other") for n in range(40))
    report = take(desk, pair("yes", "no"), pair("no", "yes"), *others)
    assert report.items == 41


def test_the_side_says_nothing_about_the_outcome(desk: "Desk") -> None:
    take(desk, *(pair(f"answer {n}", "other") for n in range(40)))
    assert {value for (value,) in desk.answers("value")} == {"a", "b"}


def test_identical_transcripts_are_counted_and_hold_no_answer(desk: "Desk") -> None:
    report = take(desk, pair("same", "same"), *(pair(f"answer {n}", "other") for n in range(40)))
    assert [(loss.code, loss.count) for loss in report.dropped] == [("no_answer", 1)]
    assert [loss.count for loss in report.notes if "same transcript" in loss.reason] == [1]
    assert (report.read, report.kept) == (41, 40)


def test_transcripts_that_part_early_keep_their_turns_as_answer(desk: "Desk") -> None:
    record = {"chosen": talk("Hi", "A", "Go on", "B"), "rejected": talk("Hi", "C", "Well", "D")}
    report = take(desk, record)
    assert desk.rows("item", "prompt") == [("Human: Hi",)]
    assert ("A\n\nHuman: Go on\n\nAssistant: B",) in desk.rows("response", "text")
    assert [loss.count for loss in report.notes if "part before" in loss.reason] == [1]


def test_transcripts_of_different_prompts_hold_no_answer(desk: "Desk") -> None:
    strange = {"chosen": talk("Hi", "yes"), "rejected": talk("Ho", "no")}
    report = take(desk, strange, *(pair(f"answer {n}", "other") for n in range(40)))
    assert [loss.count for loss in report.notes if "share no turn" in loss.reason] == [1]
    assert [(loss.code, loss.count) for loss in report.dropped] == [("no_answer", 1)]


def test_everybody_is_one_seat_and_told(desk: "Desk") -> None:
    report = take(desk, pair("yes", "no"), pair("up", "down"))
    assert [(loss.code, loss.count) for loss in report.notes] == [("seats", 2)]
    assert desk.rows("person", "tier") == [("seat",)]


def test_the_folder_of_the_data_set_is_an_attribute(desk: "Desk") -> None:
    (desk.folder / "harmless-base").mkdir()
    path = desk.write(lines(pair("yes", "no")), "harmless-base/train.jsonl")
    desk.take(path, None, kind="preference")
    assert desk.rows("item_attribute", "name", "value") == [("subset", "harmless-base")]


def test_an_attack_is_rated_by_the_attacker(desk: "Desk") -> None:
    take(desk, attempt(), kind="qa")
    assert desk.answers("question", "value", "note") == [("rating", "1", "Asking plainly")]
    assert desk.rows("item", "prompt") == [("Be bad",)]
    assert desk.rows("response", "model") == [("rlhf 52B",)]
    assert desk.rows("person", "vendor") == [("MTurk",)]


def test_scores_of_an_attack_are_signals(desk: "Desk") -> None:
    take(desk, attempt(), kind="qa")
    assert desk.rows("signal", "type", "name", "value") == [
        ("judge", "min_harmlessness_score_transcript", -1.5),
        ("judge", "task_description_harmlessness_score", 0.5),
    ]


def test_tags_of_an_attack_are_attributes(desk: "Desk") -> None:
    take(desk, attempt(tags=["Fraud"]), kind="qa")
    assert ("tags", '["Fraud"]') in desk.rows("item_attribute", "name", "value")


def test_an_attack_without_rating_is_skipped(desk: "Desk") -> None:
    take(desk, attempt(rating=None), attempt(transcript=talk("Other", "No")), kind="qa")
    assert desk.answers("value", "status") == [("1", "submitted"), (None, "skipped")]


def test_unknown_fields_are_told(desk: "Desk") -> None:
    report = take(desk, pair("yes", "no") | {"margin": "2"})
    assert [loss.reason for loss in report.unknown] == [
        "field 'margin' is not known to this format"
    ]


def test_both_forms_at_once_are_refused(refused: Callable[..., str]) -> None:
    content = lines(pair("yes", "no"), attempt())
    assert "import each as a batch" in refused(content, None, name="a.jsonl", format="hh-rlhf")


def test_files_of_neither_form_are_refused(refused: Callable[..., str]) -> None:
    content = lines({"text": "x"})
    assert "neither chosen" in refused(content, None, name="a.jsonl", format="hh-rlhf")


TURN = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1).filter(
    lambda turn: turn.strip() == turn and bool(turn)
)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    before=st.lists(TURN, min_size=1, max_size=5).filter(lambda turns: len(turns) % 2 == 1),
    chosen=TURN,
    rejected=TURN,
)
def test_prompt_and_answers_make_the_transcripts_again(
    desk: "Desk", before: list[str], chosen: str, rejected: str
) -> None:
    others = [pair(f"answer {n}", "other") for n in range(30)]
    record = pair(chosen, rejected, *before)
    take(desk, record, *others)
    ((prompt, item),) = [
        row
        for row in desk.rows("item", "prompt", "item_id")
        if row[0] == talk(*before).strip()
        and {chosen, rejected}
        <= {text for i, text in desk.rows("response", "item_id", "text") if i == row[1]}
    ]
    assert f"\n\n{prompt}\n\nAssistant: {chosen}" == record["chosen"]
    values = [value for i, value in desk.answers("item_id", "value") if i == item]
    assert len(values) == (chosen != rejected)
