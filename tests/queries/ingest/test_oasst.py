"""OpenAssistant: merged figures are no answers; the events of single users are."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from queries.ingest.oasst import FORMAT
from queries.ingest.shape import Sample

if TYPE_CHECKING:
    from queries.ingest.report import ImportReport
    from tests.queries.ingest.conftest import Desk

SHARED = Path(os.environ.get("BATCHGATE_SHARED", Path(__file__).parents[4] / "shared"))
FIXTURES = SHARED / "data" / "export_fixtures" / "oasst"
with_fixtures = pytest.mark.skipif(not FIXTURES.is_dir(), reason=f"no fixtures at {FIXTURES}")

FIELDS = {
    "message_id": "item.item_id",
    "parent_id": "item_attribute.parent_id",
    "user_id": "event.actor_id",
    "created_date": "event.at",
    "text": "item.prompt",
    "role": "item_attribute",
    "lang": "item_attribute",
    "review_count": "item_attribute",
    "review_result": "item_attribute",
    "deleted": "item_attribute",
    "rank": "resolution",
    "synthetic": "item_attribute",
    "model_name": "response.model",
    "detoxify": "signal",
    "message_tree_id": "item.group_id",
    "tree_state": "item_attribute",
    "emojis": "item_attribute",
    "labels": "resolution",
    "prompt": "the first message",
    "replies": "messages like all others",
    "events.ranking": "annotation.value",
}
BY_ANA = {
    "type": "ranking",
    "user_id": "ana",
    "ranking": [1, 0],
    "ranked_message_ids": ["m2", "m1"],
}
BY_BEN = {
    "type": "ranking",
    "user_id": "ben",
    "ranking": [0, 1],
    "ranked_message_ids": ["m1", "m2"],
}


def message(name: str, role: str = "assistant", **more: Any) -> dict[str, Any]:
    given = {"message_id": name, "text": f"text {name}", "role": role, "lang": "en"}
    return {**given, "review_count": 3, "replies": [], **more}


def replies() -> list[dict[str, Any]]:
    return [message("m2", rank=0, parent_id="m0"), message("m1", rank=1, parent_id="m0")]


def tree(*rankings: dict[str, Any], **more: Any) -> dict[str, Any]:
    root = {"replies": replies(), "events": {"ranking": list(rankings)}, **more}
    return {
        "message_tree_id": "t1",
        "tree_state": "ready",
        "prompt": message("m0", "prompter", **root),
    }


def lines(*records: dict[str, Any]) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


def take(desk: "Desk", *records: dict[str, Any]) -> "ImportReport":
    return desk.take(lines(*records), None, name="trees.jsonl", kind="ranking")


def test_every_field_of_a_message_is_told() -> None:
    assert [
        name for name, where in FIELDS.items() if not FORMAT.fields[name].startswith(where)
    ] == []


@pytest.mark.parametrize("record", [tree(BY_ANA), tree(BY_ANA)["prompt"]])
def test_trees_and_messages_are_known_without_being_named(
    desk: "Desk", record: dict[str, Any]
) -> None:
    assert take(desk, record).format == "oasst"


@pytest.mark.parametrize(
    "keys",
    [{"item_id", "annotator_id", "value"}, {"prompt", "chosen"}, {"message_id", "text", "role"}],
)
def test_other_records_are_not_claimed(keys: set[str]) -> None:
    assert not FORMAT.recognises(Sample(("a.jsonl",), frozenset(keys), ()))


def test_means_and_merged_ranks_are_refused_with_what_cannot_be_computed(
    refused: Callable[..., str],
) -> None:
    labels = {"quality": {"value": 0.75, "count": 3}}
    message = refused(lines(tree(labels=labels)), None, name="trees.jsonl")
    assert (
        "no single answers in its 3 messages: 1 labels are means with counts and 2 ranks" in message
    )
    assert "agreement and everything about annotators cannot be computed" in message


def test_a_label_of_one_vote_is_no_answer_of_anybody(refused: Callable[..., str]) -> None:
    labels = {"quality": {"value": 0.75, "count": 1}}
    assert "no single answers" in refused(lines(tree(labels=labels)), None, name="trees.jsonl")


def test_rankings_of_users_are_answers(desk: "Desk") -> None:
    report = take(desk, tree(BY_ANA, BY_BEN))
    assert desk.answers("item_id", "question", "value") == [
        ("m0/replies", "rank", '[["a"],["b"]]'),
        ("m0/replies", "rank", '[["b"],["a"]]'),
    ]
    assert report.annotators == 2


def test_the_letters_of_replies_do_not_follow_the_merged_rank(desk: "Desk") -> None:
    take(desk, tree(BY_ANA))
    texts = desk.rows("response", "item_id", "response_id", "text")
    assert [row[1:] for row in texts if row[0] == "m0/replies"] == [
        ("a", "text m1"),
        ("b", "text m2"),
    ]


def test_a_ranking_of_replies_that_cannot_be_ranked_is_marked_and_told(desk: "Desk") -> None:
    report = take(desk, tree(BY_ANA, BY_BEN | {"not_rankable": True}))
    assert desk.answers("reason_tags") == [('["not_rankable"]',), (None,)]
    assert any("not rankable" in loss.reason for loss in report.notes)


def test_scores_and_ratings_are_answers_about_their_message(desk: "Desk") -> None:
    events = {
        "score": [{"user_id": "ana", "score": -1}],
        "rating": [{"user_id": "a", "rating": "4"}],
    }
    take(desk, tree(replies=[message("m1", events=events)]))
    assert desk.answers("item_id", "question", "value") == [
        ("m1", "rating", "4"),
        ("m1", "score", "-1"),
    ]


@pytest.mark.parametrize(
    "labels",
    [
        {"quality": {"value": 0.75, "count": 3}},
        {"name": ["quality"], "value": [0.75], "count": [3]},
    ],
)
def test_means_beside_answers_are_resolutions(desk: "Desk", labels: dict[str, Any]) -> None:
    take(desk, tree(BY_ANA, labels=labels))
    assert ("m0", "quality", "0.75", "mean", 3) in desk.rows(
        "resolution", "item_id", "question", "value", "rule", "votes"
    )
    assert "quality" not in {question for (question,) in desk.answers("question")}


def test_the_merged_rank_beside_answers_is_a_resolution(desk: "Desk") -> None:
    take(desk, tree(BY_BEN))
    assert desk.rows("resolution", "item_id", "question", "value", "rule") == [
        ("m0/replies", "rank", '[["b"],["a"]]', "merged")
    ]


def test_messages_stand_in_their_tree(desk: "Desk") -> None:
    take(desk, tree(BY_ANA))
    assert desk.rows("item", "item_id", "group_id", "prompt") == [
        ("m0", "t1", "text m0"),
        ("m0/replies", "t1", "text m0"),
        ("m1", "t1", "text m0"),
        ("m2", "t1", "text m0"),
    ]
    assert ("m1", "parent_id", "m0") in desk.rows("item_attribute", "item_id", "name", "value")


def test_single_messages_find_their_parent(desk: "Desk") -> None:
    flat = [message("m0", "prompter", message_tree_id="t1", events={"ranking": [BY_ANA, BY_BEN]})]
    flat += [{**reply, "message_tree_id": "t1"} for reply in replies()]
    take(desk, *flat)
    assert ("m1", "t1", "text m0") in desk.rows("item", "item_id", "group_id", "prompt")
    assert len(desk.answers()) == 2


def test_writing_and_reactions_are_events_of_their_users(desk: "Desk") -> None:
    events = {"ranking": [BY_ANA], "emoji": [{"user_id": "cem", "emoji": "+1"}]}
    written = {"user_id": "dan", "created_date": "2023-02-05T14:23:50+00:00"}
    take(desk, tree(events=events, **written))
    found = desk.rows("event", "activity", 'cast("at" as varchar)', "actor_key is not null")
    assert found == [("emoji +1", None, True), ("writing", "2023-02-05 14:23:50", True)]


def test_scores_of_detoxify_are_signals(desk: "Desk") -> None:
    take(desk, tree(BY_ANA, detoxify={"toxicity": 0.5}))
    assert desk.rows("signal", "type", "name", "value") == [("verifier", "detoxify.toxicity", 0.5)]


def test_unknown_fields_of_inner_messages_are_told(desk: "Desk") -> None:
    report = take(desk, tree(BY_ANA, strange=1))
    assert [loss.examples[0].column for loss in report.unknown] == ["message.strange"]


@with_fixtures
@pytest.mark.parametrize("name", ["en_100_message", "en_100_tree"])
def test_real_exports_hold_no_single_answers(refused: Callable[..., str], name: str) -> None:
    message = refused(FIXTURES / f"{name}.jsonl", None)
    assert "no single answers in its 210 messages" in message
