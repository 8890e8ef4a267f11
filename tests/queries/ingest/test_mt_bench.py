"""MT-Bench and arena votes: unordered pairs, kinds of ties, judges, conversations."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from queries.ingest.mt_bench import FORMAT
from queries.ingest.shape import Sample
from tests.queries.ingest.shaping import Workbench

if TYPE_CHECKING:
    from tests.queries.ingest.conftest import Desk

DATA = Path(os.environ.get("BATCHGATE_SHARED", Path(__file__).parents[4] / "shared")) / "data"
MTBENCH = [DATA / "mtbench_human" / name for name in ("human.jsonl", "gpt4_pair.jsonl")]

FIELDS = {
    "question_id": "item",
    "id": "item",
    "turn": "item",
    "model_a": "response.model",
    "model_b": "response.model",
    "winner": "annotation.value",
    "winner_model_a": "annotation.value",
    "winner_model_b": "annotation.value",
    "winner_tie": "annotation.value",
    "judge": "annotation.annotator_id",
    "judge_hash": "annotation.annotator_id",
    "evaluation_session_id": "annotation.annotator_id",
    "evaluation_order": "item_attribute",
    "conversation_a": "response.text",
    "conversation_b": "response.text",
    "prompt": "the same",
    "response_a": "the same",
    "response_b": "the same",
    "full_conversation": "not kept",
    "tstamp": "annotation.annotated_at",
    "timestamp": "annotation.annotated_at",
    "language": "item_attribute",
    "anony": "item_attribute",
    "is_code": "item_attribute",
    "is_refusal": "item_attribute",
    "category_tag": "item_attribute",
    "dedup_tag": "item_attribute",
    "occupational_tags": "item_attribute",
    "openai_moderation": "signal",
    "toxic_chat_tag": "signal",
    "conv_metadata": "not kept",
}


def vote(**changes: Any) -> dict[str, Any]:
    """Return a vote as MT-Bench has it."""
    return {
        "question_id": 81,
        "model_a": "alpha",
        "model_b": "beta",
        "winner": "model_a",
        "judge": "expert_1",
        "turn": 1,
        **changes,
    }


def arena(**changes: Any) -> dict[str, Any]:
    """Return a vote as the arena sets have it."""
    told = {"question_id": "q1", "judge": "arena_user_7", "tstamp": 1682351591.75}
    return vote(**(told | changes))


def said(*texts: str) -> list[dict[str, str]]:
    return [
        {"role": "assistant" if number % 2 else "user", "content": text}
        for number, text in enumerate(texts)
    ]


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    return Workbench(FORMAT, tmp_path)


def test_mt_bench_fields_are_all_documented() -> None:
    assert set(FORMAT.fields) == set(FIELDS)
    assert [name for name in FIELDS if FIELDS[name] not in FORMAT.fields[name]] == []


def test_item_is_the_unordered_pair_of_a_turn(bench: Workbench) -> None:
    bench.shape([vote(), vote(model_a="beta", model_b="alpha", judge="expert_2"), vote(turn=2)])
    assert bench.rows("item", "item_id", "group_id") == [
        ("81/1/alpha|beta", "81"),
        ("81/2/alpha|beta", "81"),
    ]


def test_vote_on_a_turned_pair_is_turned(bench: Workbench) -> None:
    bench.shape([vote(), vote(model_a="beta", model_b="alpha", winner="model_b", judge="expert_2")])
    assert bench.rows("annotation", "annotator_id", "value", "shown_order") == [
        ("expert_1", "model_a", "a|b"),
        ("expert_2", "model_a", "b|a"),
    ]


def test_tie_of_a_turned_pair_stays_a_tie(bench: Workbench) -> None:
    bench.shape([vote(model_a="beta", model_b="alpha", winner="tie")])
    assert bench.rows("annotation", "value") == [("tie",)]


@pytest.mark.parametrize("spelled", ["tie (bothbad)", "both_bad"])
def test_both_bad_is_a_tie_of_its_own(bench: Workbench, spelled: str) -> None:
    shaped = bench.shape([arena(winner=spelled)])
    assert bench.rows("annotation", "value") == [("tie (bothbad)",)]
    assert shaped.questions[0].labels == ["model_a", "tie", "tie (bothbad)", "model_b"]
    assert shaped.questions[0].ties == ["tie", "tie (bothbad)"]


def test_missing_winner_is_no_tie(bench: Workbench) -> None:
    bench.shape([vote(winner=None)])
    assert bench.rows("annotation", "value") == [(None,)]


def test_inconsistent_machine_judge_is_a_tie_with_its_reason(bench: Workbench) -> None:
    shaped = bench.shape([vote(winner="tie (inconsistent)", judge="gpt4_pair")])
    assert bench.rows("annotation", "value", "reason_tags") == [("tie", '["inconsistent"]')]
    assert [loss.count for loss in shaped.coerced] == [1]


def test_machine_judge_of_both_orders_has_no_order_shown(bench: Workbench) -> None:
    bench.shape([vote(judge="gpt4_pair")])
    assert bench.rows("annotation", "shown_order") == [(None,)]


@pytest.mark.parametrize(
    ("judge", "role"),
    [
        ("expert_3", "expert"),
        ("author_1", "human"),
        ("arena_user_9", "human"),
        ("gpt4_pair", "model"),
        ("gpt-4", "model"),
    ],
)
def test_role_is_read_from_the_judge(bench: Workbench, judge: str, role: str) -> None:
    bench.shape([vote(judge=judge)])
    assert bench.rows("annotation", "annotator_id", "role") == [(judge, role)]


def test_judge_of_no_known_kind_is_noted(bench: Workbench) -> None:
    shaped = bench.shape([vote(judge="claude_judge"), vote(judge="17")])
    assert [(loss.count, loss.examples[0].found) for loss in shaped.notes] == [(1, "claude_judge")]


def test_first_turn_leaves_out_what_came_after_it(bench: Workbench) -> None:
    talk = {
        "conversation_a": said("ask", "a one", "more", "a two"),
        "conversation_b": said("ask", "b one", "more", "b two"),
    }
    bench.shape([vote(**talk)])
    assert bench.rows("item", "prompt") == [("ask",)]
    assert bench.rows("response", "response_id", "model", "text", "length") == [
        ("a", "alpha", "a one", "5"),
        ("b", "beta", "b one", "5"),
    ]


def test_later_turns_are_kept_as_messages(bench: Workbench) -> None:
    talk = said("ask", "a one", "more", "a two")
    bench.shape([arena(turn=2, conversation_a=talk, conversation_b=talk)])
    text, length = bench.rows("response", "text", "length")[0]
    assert text == (
        '[{"role":"assistant","content":"a one"},{"role":"user","content":"more"},'
        '{"role":"assistant","content":"a two"}]'
    )
    assert length == "10"


def test_responses_go_with_their_model_when_the_pair_is_turned(bench: Workbench) -> None:
    bench.shape(
        [
            vote(
                model_a="beta",
                model_b="alpha",
                conversation_a=said("ask", "from beta"),
                conversation_b=said("ask", "from alpha"),
            )
        ]
    )
    assert bench.rows("response", "response_id", "model", "text") == [
        ("a", "alpha", "from alpha"),
        ("b", "beta", "from beta"),
    ]


def test_system_message_is_part_of_the_prompt(bench: Workbench) -> None:
    talk = [{"role": "system", "content": "be brief"}, *said("ask", "yes")]
    bench.shape([arena(conversation_a=talk, conversation_b=talk)])
    assert bench.rows("item", "prompt") == [
        ('[{"role":"system","content":"be brief"},{"role":"user","content":"ask"}]',)
    ]


def test_arena_item_is_a_conversation_and_turns_are_counted(bench: Workbench) -> None:
    bench.shape([arena(turn=3, language="German", anony=True)])
    assert bench.rows("item", "item_id", "group_id") == [("q1/alpha|beta", None)]
    assert bench.rows("item_attribute", "name", "value") == [
        ("anony", "true"),
        ("language", "German"),
        ("turns", "3"),
    ]


@pytest.mark.parametrize(
    "stamp", [1682351591, 1682351591000, "2023-04-24T15:53:11Z", "1682351591", 1682351591.0]
)
def test_time_of_a_vote_in_any_unit(bench: Workbench, stamp: object) -> None:
    bench.shape([arena(tstamp=stamp)])
    ((at,),) = bench.rows("annotation", "annotated_at")
    assert at.replace(".000000", "") == "2023-04-24T15:53:11Z"


def test_moderation_becomes_signals(bench: Workbench) -> None:
    moderation = {
        "flagged": True,
        "categories": {"hate": False, "violence": True},
        "category_scores": {"hate": 0.1, "violence": 0.9},
    }
    toxic = {
        "roberta-large": {"flagged": True, "probability": 0.8},
        "t5-large": {"flagged": False, "score": 0.2},
    }
    bench.shape([arena(openai_moderation=moderation, toxic_chat_tag=toxic)])
    assert bench.rows("signal", "name", "version", "value", "failure_reason") == [
        ("openai_moderation", None, "1", "violence"),
        ("openai_moderation.hate", None, "0.1", None),
        ("openai_moderation.violence", None, "0.9", None),
        ("toxic_chat_tag", "roberta-large", "0.8", "flagged"),
        ("toxic_chat_tag", "t5-large", "0.2", None),
    ]


def table_row(**changes: str) -> dict[str, str]:
    """Return a row of the 55k table."""
    return {
        "id": "30192",
        "model_a": "beta",
        "model_b": "alpha",
        "prompt": '["first", "second"]',
        "response_a": '["b1", "b2"]',
        "response_b": '["a1", null]',
        "winner_model_a": "1",
        "winner_model_b": "0",
        "winner_tie": "0",
        **changes,
    }


def test_table_of_55k_has_one_seat_and_lists_in_its_cells(bench: Workbench) -> None:
    shaped = bench.shape(bench.csv([table_row()]))
    assert bench.rows("annotation", "item_id", "annotator_id", "value", "shown_order") == [
        ("30192/alpha|beta", "seat 1", "model_b", "b|a")
    ]
    assert bench.rows("person", "annotator_id", "tier") == [("seat 1", "seat")]
    assert bench.rows("item", "prompt") == [("first",)]
    assert bench.rows("response", "model", "length") == [("alpha", "2"), ("beta", "4")]
    assert shaped.questions[0].labels == ["model_a", "tie", "model_b"]


@pytest.mark.parametrize(
    ("flags", "value"),
    [("001", "tie"), ("010", "model_a"), ("000", None), ("110", "several winners")],
)
def test_table_of_55k_spells_the_winner_in_three_columns(
    bench: Workbench, flags: str, value: str | None
) -> None:
    names = ("winner_model_a", "winner_model_b", "winner_tie")
    row = table_row(**dict(zip(names, flags, strict=True)))
    bench.shape(bench.csv([row]))
    assert bench.rows("annotation", "value") == [(value,)]


def test_table_of_55k_keeps_a_prompt_that_is_no_list(bench: Workbench) -> None:
    row = table_row(prompt='["cut', response_a="plain", response_b="text")
    bench.shape(bench.csv([row]))
    assert bench.rows("item", "prompt") == [('["cut',)]
    assert bench.rows("response", "text") == [("plain",), ("text",)]


def session_vote(**changes: Any) -> dict[str, Any]:
    """Return a vote of the 140k set."""
    talk = [
        {"role": "user", "content": [{"type": "text", "text": "ask", "image": None}]},
        {"role": "assistant", "content": [{"type": "text", "text": "yes"}], "num_tokens": 3},
    ]
    return {
        "id": "v1",
        "model_a": "alpha",
        "model_b": "beta",
        "winner": "both_bad",
        "evaluation_session_id": "s1",
        "evaluation_order": 1,
        "conversation_a": talk,
        "conversation_b": talk,
        "full_conversation": [],
        "conv_metadata": {"turns": 1},
        "category_tag": {"math_v0.1": {"math": False}, "if_v0.1": {"if": True, "score": 4}},
        "language": "en",
        "is_code": False,
        "timestamp": "2025-06-24 08:15:00+00:00",
        **changes,
    }


def test_votes_of_one_session_are_one_cluster_of_one_voter(bench: Workbench) -> None:
    shaped = bench.shape([session_vote(), session_vote(id="v2", evaluation_order=2)])
    assert bench.rows("annotation", "item_id", "annotator_id", "annotated_at") == [
        ("v1/alpha|beta", "s1", "2025-06-24 08:15:00+00:00"),
        ("v2/alpha|beta", "s1", "2025-06-24 08:15:00+00:00"),
    ]
    assert bench.rows("item", "group_id", "prompt") == [("s1", "ask")]
    assert [(loss.reason.split(":")[0], loss.count) for loss in shaped.notes] == [
        ("no voter is named", 2),
        ("a further vote of a session; evaluation_order = 1 leaves one vote a session", 1),
    ]


def test_tags_of_a_category_become_attributes(bench: Workbench) -> None:
    bench.shape([session_vote()])
    assert bench.rows("item_attribute", "name", "value") == [
        ("category_tag.if_v0.1.if", "true"),
        ("category_tag.if_v0.1.score", "4"),
        ("category_tag.math_v0.1.math", "false"),
        ("evaluation_order", "1"),
        ("is_code", "false"),
        ("language", "en"),
    ]


def test_conversations_as_text_are_read(bench: Workbench) -> None:
    text = '[{"role": "user", "content": "ask"}, {"role": "assistant", "content": "yes"}]'
    hashed = vote(judge_hash="00ff", conversation_a=text, conversation_b="('user', 'no list')")
    del hashed["judge"]
    shaped = bench.shape([hashed])
    assert bench.rows("item", "prompt") == [("ask",)]
    assert bench.rows("response", "text") == [("('user', 'no list')",), ("yes",)]
    assert bench.rows("annotation", "annotator_id") == [("00ff",)]
    assert [loss.reason for loss in shaped.notes] == [
        "conversation is no list of messages; kept as one text"
    ]


def test_unknown_field_is_counted(bench: Workbench) -> None:
    shaped = bench.shape([vote(), vote(turn=2, mood="good")])
    assert [(loss.reason, loss.count, loss.examples[0].record) for loss in shaped.unknown] == [
        ("field 'mood' is not known to this format", 1, 2)
    ]


@pytest.mark.parametrize("record", [vote(), arena(), table_row(), session_vote()])
def test_mt_bench_recognises_its_exports(record: dict[str, Any]) -> None:
    assert FORMAT.recognises(Sample(("x",), frozenset(record), (record,)))


@pytest.mark.parametrize(
    "keys",
    [
        {"item_id", "annotator_id", "value", "model_a", "model_b", "winner"},
        {"question_id", "model_a", "model_b", "winner"},
        {"comparison_id", "model_a", "model_b", "winner", "judge", "id"},
        {"prompt", "chosen", "rejected"},
    ],
)
def test_mt_bench_leaves_other_records_alone(keys: set[str]) -> None:
    assert not FORMAT.recognises(Sample(("x",), frozenset(keys), ()))


def test_arena_votes_import_without_being_named(desk: "Desk", bench: Workbench) -> None:
    export = bench.jsonl([arena(winner="tie (bothbad)", judge=f"arena_user_{n}") for n in (1, 2)])
    report = desk.take(export, None, kind="preference")
    assert (report.format, report.items, report.kept, report.dropped) == ("mt-bench", 1, 2, ())


@pytest.mark.skipif(not DATA.is_dir(), reason=f"no real data at {DATA}")
def test_real_votes_have_the_items_and_overlap_of_the_published_figures(
    bench: Workbench,
) -> None:
    """Figures of the development data: 1,814 items, 960 with two or more annotators."""
    bench.shape(*MTBENCH)
    assert bench.ask(
        "select count(*), count(*) filter (where judges > 1) from ("
        "select count(distinct annotator_id) as judges from shaped_annotation "
        "where role <> 'model' group by item_id)"
    ) == [(1814, 960)]


@pytest.mark.skipif(not DATA.is_dir(), reason=f"no real data at {DATA}")
def test_every_real_vote_is_one_answer(bench: Workbench) -> None:
    shaped = bench.shape(*MTBENCH)
    assert bench.ask("select count(*), count(item_id), count(value) from shaped_annotation") == [
        (5755, 5755, 5755)
    ]
    assert shaped.unknown == () == shaped.dropped


@pytest.mark.skipif(not DATA.is_dir(), reason=f"no real data at {DATA}")
def test_real_votes_import_with_one_repeated_answer(desk: "Desk") -> None:
    report = desk.take(MTBENCH, None, kind="preference")
    assert (report.format, report.items, report.read, report.kept) == ("mt-bench", 2400, 5755, 5754)
    assert [(loss.code, loss.count) for loss in report.dropped] == [("duplicate", 1)]
