"""TRL data sets: pairs, single answers, steps, and the table that names their annotators."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from queries.errors import InputError
from queries.ingest.shape import Sample
from queries.ingest.trl import FORMAT
from tests.queries.ingest.shaping import Workbench

if TYPE_CHECKING:
    from tests.queries.ingest.conftest import Desk

SECOND = "second file: "
FIELDS = {
    "prompt": "item.prompt",
    "chosen": "annotation.value",
    "rejected": "response.text",
    "completion": "response.text",
    "label": "annotation.value",
    "completions": "response.text",
    "labels": "annotation.value",
    "conversations": "prompt",
    "margin": "annotation.strength",
    "id": "item.item_id",
    "tools": "item_attribute",
    "chat_template_kwargs": "item_attribute",
    "images": "not kept",
    "any other short field": "item_attribute",
    **{f"{SECOND}{name}": "the record" for name in ("row", "file", "id", "prompt", "step")},
    f"{SECOND}annotator_id": "annotation.annotator_id",
    f"{SECOND}value": "resolution.value",
    f"{SECOND}role": "annotation.role",
    f"{SECOND}status": "annotation.status",
    f"{SECOND}round": "annotation.round",
    f"{SECOND}blind": "annotation.blind",
    f"{SECOND}annotated_at": "annotation.annotated_at",
    f"{SECOND}duration_seconds": "annotation.duration_seconds",
    f"{SECOND}shown_order": "annotation.shown_order",
    f"{SECOND}strength": "annotation.strength",
    f"{SECOND}guideline_version": "annotation.guideline_version",
    f"{SECOND}assist": "annotation.assist",
    f"{SECOND}reason_tags": "annotation.reason_tags",
    f"{SECOND}note": "annotation.note",
    f"{SECOND}team": "person.team",
    f"{SECOND}vendor": "person.vendor",
    f"{SECOND}tier": "person.tier",
    f"{SECOND}language": "person.language",
    f"{SECOND}annotator_group": "person.annotator_group",
}
CHAT = {"role": "user", "content": "ask"}


def pair(**changes: Any) -> dict[str, Any]:
    return {"prompt": "ask", "chosen": "good", "rejected": "bad", **changes}


def reply(text: str) -> dict[str, str]:
    return {"role": "assistant", "content": text}


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    return Workbench(FORMAT, tmp_path)


def preferred(bench: Workbench) -> list[tuple[Any, ...]]:
    """Return prompt, preferred text and the other text of every answer."""
    return bench.ask(
        "select distinct i.prompt, r.text, o.text from shaped_annotation as a "
        "join shaped_item as i using (item_id) "
        "join shaped_response as r on r.item_id = a.item_id and r.response_id = a.value "
        "join shaped_response as o on o.item_id = a.item_id and o.response_id <> a.value "
        "order by all"
    )


def test_trl_fields_are_all_documented() -> None:
    assert set(FORMAT.fields) == set(FIELDS)
    assert [name for name in FIELDS if FIELDS[name] not in FORMAT.fields[name]] == []


@pytest.mark.parametrize(
    ("record", "found"),
    [
        (pair(), ("ask", "good", "bad")),
        (
            {"chosen": "The sky is blue.", "rejected": "The sky is red."},
            ("The sky is", " blue.", " red."),
        ),
        ({"chosen": "yes", "rejected": "no"}, (None, "yes", "no")),
        (
            {"prompt": [CHAT], "chosen": [reply("good")], "rejected": [reply("bad")]},
            ("ask", "good", "bad"),
        ),
        (
            {"chosen": [CHAT, reply("good")], "rejected": [CHAT, reply("bad")]},
            ("ask", "good", "bad"),
        ),
        (
            pair(chosen=[CHAT, reply("good")], rejected=[CHAT, reply("bad")]),
            ("ask", "good", "bad"),
        ),
        (
            {
                "conversations": [{"from": "human", "value": "ask"}],
                "chosen": {"from": "gpt", "value": "good"},
                "rejected": {"from": "gpt", "value": "bad"},
            },
            ("ask", "good", "bad"),
        ),
        (pair(chosen="[not, json", rejected="[1, 2]"), ("ask", "[not, json", "[1, 2]")),
    ],
    ids=["explicit", "implicit", "nothing shared", "chat", "implicit chat", "both", "legacy",
         "brackets"],
)  # fmt: skip
def test_pair_of_any_spelling(
    bench: Workbench, record: dict[str, Any], found: tuple[str | None, str, str]
) -> None:
    bench.shape([record])
    assert bench.ask("select count(*) from shaped_annotation") == [(1,)]
    assert preferred(bench) == [found]


def test_conversation_before_the_answers_is_the_prompt(bench: Workbench) -> None:
    asked = [{"role": "system", "content": "be brief"}, CHAT]
    bench.shape([{"prompt": asked, "chosen": [reply("good")], "rejected": [reply("bad")]}])
    assert bench.rows("item", "prompt") == [
        ('[{"role":"system","content":"be brief"},{"role":"user","content":"ask"}]',)
    ]


def test_answers_of_several_turns_are_messages(bench: Workbench) -> None:
    chosen = [CHAT, reply("one"), {"role": "user", "content": "more"}, reply("two")]
    bench.shape([{"chosen": chosen, "rejected": [CHAT, reply("bad")]}])
    assert preferred(bench)[0][1] == (
        '[{"role":"assistant","content":"one"},{"role":"user","content":"more"},'
        '{"role":"assistant","content":"two"}]'
    )


def test_pair_decided_both_ways_is_one_item_with_two_values(bench: Workbench) -> None:
    bench.shape([pair(), pair(chosen="bad", rejected="good")])
    assert len(bench.rows("item", "item_id")) == 1
    assert sorted(value for (value,) in bench.rows("annotation", "value")) == ["a", "b"]
    assert len(bench.rows("response", "item_id", "response_id", "text")) == 2


def test_order_of_the_answers_says_nothing_about_the_result(bench: Workbench) -> None:
    bench.shape([pair(chosen=f"good {n}", rejected=f"bad {n}") for n in range(200)])
    first = bench.ask("select count(*) filter (where value = 'a') from shaped_annotation")[0][0]
    assert 70 < first < 130


def test_pairs_of_one_prompt_are_one_group(bench: Workbench) -> None:
    bench.shape([pair(), pair(chosen="better")])
    assert len(bench.rows("item", "item_id")) == 2
    assert len(bench.rows("item", "group_id")) == 1


def test_margin_is_the_strength(bench: Workbench) -> None:
    bench.shape([pair(margin=1.5)])
    assert bench.rows("annotation", "strength") == [("1.5",)]


def test_same_text_twice_is_no_preference(bench: Workbench) -> None:
    shaped = bench.shape([pair(), pair(rejected="good")])
    assert bench.ask("select count(*) from shaped_annotation") == [(1,)]
    assert [(loss.count, loss.tolerated, loss.examples[0].record) for loss in shaped.dropped] == [
        (1, True, 2)
    ]


def test_pair_without_an_answer_is_dropped(bench: Workbench) -> None:
    shaped = bench.shape([pair(), pair(rejected=None)])
    assert [(loss.code, loss.count) for loss in shaped.dropped] == [("missing_field", 1)]


def test_id_names_the_item(bench: Workbench) -> None:
    bench.shape([pair(id=17)])
    assert bench.rows("annotation", "item_id") == [("17",)]


@pytest.mark.parametrize(
    ("label", "value"), [(True, "true"), (False, "false"), (1, "true"), ("maybe", "maybe")]
)
def test_unpaired_label(bench: Workbench, label: object, value: str) -> None:
    shaped = bench.shape([{"prompt": "ask", "completion": "yes", "label": label}])
    assert bench.rows("annotation", "question", "value") == [("label", value)]
    assert shaped.questions[0].labels == ["false", "true"]
    assert bench.rows("response", "response_id", "text") == [("a", "yes")]


def test_legacy_conversation_with_a_label(bench: Workbench) -> None:
    said = [{"from": "human", "value": "ask"}, {"from": "gpt", "value": "yes"}]
    bench.shape([{"conversations": said, "label": True}])
    assert bench.rows("item", "prompt") == [("ask",)]
    assert bench.rows("response", "text") == [("yes",)]


def steps(*labels: object, **changes: Any) -> dict[str, Any]:
    """Return a stepwise record with one step a label."""
    texts = [f"step {number}" for number, _ in enumerate(labels, 1)]
    return {"prompt": "ask", "completions": texts, "labels": list(labels), **changes}


def test_each_step_is_an_item_of_its_solution(bench: Workbench) -> None:
    shaped = bench.shape([steps(True, False, id="t")])
    assert bench.rows("item", "item_id", "prompt", "context", "group_id") == [
        ("t/1", "ask", None, "t"),
        ("t/2", "ask", '["step 1"]', "t"),
    ]
    assert bench.rows("annotation", "item_id", "question", "value") == [
        ("t/1", "step_label", "true"),
        ("t/2", "step_label", "false"),
    ]
    assert bench.rows("response", "item_id", "text") == [("t/1", "step 1"), ("t/2", "step 2")]
    assert bench.rows("item_attribute", "name", "value") == [("step", "1"), ("step", "2")]
    assert shaped.kind == "reward"


def test_steps_without_a_label_each_are_dropped(bench: Workbench) -> None:
    shaped = bench.shape([steps(True), steps(True, completions=["one", "two"])])
    assert [(loss.code, loss.count, loss.examples[0].record) for loss in shaped.dropped] == [
        ("unreadable", 1, 2)
    ]


def test_steps_beside_pairs_are_refused(bench: Workbench) -> None:
    with pytest.raises(InputError, match="a batch has one kind"):
        bench.shape([pair(), steps(True)])


@pytest.mark.parametrize(
    "record", [{"prompt": "ask", "completion": "yes"}, {"conversations": [CHAT, reply("yes")]}]
)
def test_records_without_a_judgement_are_refused(bench: Workbench, record: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="no judgement in it"):
        bench.shape([record])


def test_other_short_fields_are_attributes(bench: Workbench) -> None:
    record = pair(topic="code", role="teacher", long="x" * 201, nested=[1], tools=[{"name": "t"}])
    shaped = bench.shape([{**record, "images": ["one", "two"]}])
    assert bench.rows("item_attribute", "name", "value") == [
        ("images", "2"),
        ("role", "teacher"),
        ("tools", '[{"name":"t"}]'),
        ("topic", "code"),
    ]
    assert [loss.reason for loss in shaped.unknown] == [
        "field 'long' is not known to this format",
        "field 'nested' is not known to this format",
    ]


def test_without_annotators_there_is_one_seat(bench: Workbench) -> None:
    shaped = bench.shape([pair()])
    assert bench.rows("annotation", "annotator_id") == [("seat 1",)]
    assert bench.rows("person", "annotator_id", "tier") == [("seat 1", "seat")]
    assert [(loss.code, loss.count) for loss in shaped.notes] == [("seats", 1)]


def test_annotator_in_the_record_is_taken(bench: Workbench) -> None:
    shaped = bench.shape([pair(annotator_id="ann", duration_seconds=4, language="de")])
    assert bench.rows("annotation", "annotator_id", "duration_seconds") == [("ann", "4")]
    assert bench.rows("item_attribute", "name", "value") == [("language", "de")]
    assert shaped.notes == shaped.unknown == ()


def second(bench: Workbench, text: str) -> Path:
    path = bench.folder / "annotators.csv"
    path.write_text(text)
    return path


def test_table_of_annotators_joins_by_row(bench: Workbench) -> None:
    told = second(
        bench,
        "row,annotator_id,role,annotated_at,duration_seconds,team\n"
        "1,ann,expert,2024-05-01T10:00:00Z,12.5,red\n2,ben,human,1714557600,3,blue\n",
    )
    bench.shape(bench.jsonl([pair(), pair(chosen="better")]), told)
    assert bench.rows("annotation", "annotator_id", "role", "annotated_at", "duration_seconds") == [
        ("ann", "expert", "2024-05-01T10:00:00Z", "12.5"),
        ("ben", "human", "2024-05-01T10:00:00.000000Z", "3"),
    ]
    assert bench.rows("person", "annotator_id", "team") == [("ann", "red"), ("ben", "blue")]
    assert bench.rows("resolution", "value") == []


@pytest.mark.parametrize("key", ["id,17", "prompt,ask"])
def test_table_of_annotators_joins_by_id_or_prompt(bench: Workbench, key: str) -> None:
    name, value = key.split(",")
    told = second(bench, f"{name},annotator_id\n{value},ann\n")
    bench.shape(bench.jsonl([pair(id=17), pair(prompt="else", id=18)]), told)
    assert bench.rows("annotation", "item_id", "annotator_id") == [("17", "ann"), ("18", "seat 1")]


def test_own_answers_make_the_record_what_ships(bench: Workbench) -> None:
    told = second(
        bench, "row,annotator_id,value\n1,ann,chosen\n1,ben,rejected\n1,cas,tie\n1,dea,a\n"
    )
    shaped = bench.shape(bench.jsonl([pair()]), told)
    ((shipped,),) = bench.rows("resolution", "value")
    other = {"a": "b", "b": "a"}[shipped]
    assert bench.rows("annotation", "annotator_id", "value") == [
        ("ann", shipped),
        ("ben", other),
        ("cas", "tie"),
        ("dea", "a"),
    ]
    assert shaped.questions[0].labels == ["a", "tie", "b"]
    assert shaped.questions[0].ties == ["tie"]


def test_table_of_annotators_speaks_of_steps(bench: Workbench) -> None:
    told = second(
        bench,
        "row,step,annotator_id,value,duration_seconds\n"
        "1,1,ann,true,5\n1,2,ann,false,6\n1,,ben,,20\n",
    )
    shaped = bench.shape(bench.jsonl([steps(True, True, id="t")]), told)
    assert bench.rows("annotation", "item_id", "annotator_id", "value", "duration_seconds") == [
        ("t/1", "ann", "true", "5"),
        ("t/1", "ben", "true", None),
        ("t/2", "ann", "false", "6"),
        ("t/2", "ben", "true", None),
    ]
    assert [(loss.code, loss.count) for loss in shaped.coerced] == [("group_duration", 2)]


def test_order_shown_is_told_by_chosen_and_rejected(bench: Workbench) -> None:
    told = second(
        bench,
        "row,annotator_id,shown_order\n1,ann,chosen|rejected\n1,ben,rejected|chosen\n1,cas,x\n",
    )
    shaped = bench.shape(bench.jsonl([pair()]), told)
    ((value,),) = bench.rows("annotation", "value")
    turned = {"a": "b|a", "b": "a|b"}[value]
    assert bench.rows("annotation", "annotator_id", "shown_order") == [
        ("ann", turned[::-1]),
        ("ben", turned),
        ("cas", None),
    ]
    assert [(loss.code, loss.count) for loss in shaped.coerced] == [("unreadable", 1)]


def test_annotator_of_no_record_is_dropped(bench: Workbench) -> None:
    told = second(bench, "row,annotator_id,mood\n9,ann,good\n")
    shaped = bench.shape(bench.jsonl([pair()]), told)
    assert [(loss.code, loss.count, loss.examples[0].file) for loss in shaped.dropped] == [
        ("stranger", 1, "annotators.csv")
    ]
    assert [loss.reason for loss in shaped.unknown] == ["field 'mood' is not known to this format"]


def test_rows_of_several_files_need_the_file(bench: Workbench) -> None:
    one, two = bench.jsonl([pair()], "one.jsonl"), bench.jsonl([pair(id=2)], "two.jsonl")
    with pytest.raises(InputError, match="add a column file"):
        bench.shape(one, two, second(bench, "row,annotator_id\n1,ann\n"))
    bench.shape(one, two, second(bench, "file,row,annotator_id\ntwo.jsonl,1,ann\n"))
    assert bench.rows("annotation", "item_id", "annotator_id")[0] == ("2", "ann")


TEXT = st.text(st.sampled_from("ab \n\U0001f600é"), max_size=12)


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXT, TEXT, TEXT)
def test_prompt_and_answers_put_together_are_the_texts(
    bench: Workbench, shared: str, left: str, right: str
) -> None:
    chosen, rejected = f"{shared}x{left}", f"{shared}y{right}"
    bench.shape([{"chosen": chosen, "rejected": rejected}])
    ((prompt, good, bad),) = preferred(bench)
    assert ((prompt or "") + good, (prompt or "") + bad) == (chosen, rejected)
    assert shared.startswith(prompt or "")


@pytest.mark.parametrize(
    "record",
    [
        pair(),
        {"chosen": "one", "rejected": "two"},
        {"prompt": "ask", "completion": "yes", "label": True},
        steps(True),
        {"conversations": [], "label": True},
    ],
)
def test_trl_recognises_its_data_sets(record: dict[str, Any]) -> None:
    assert FORMAT.recognises(Sample(("x",), frozenset(record), (record,)))


@pytest.mark.parametrize(
    "record",
    [
        {"item_id": "1", "annotator_id": "a", "value": "x", "chosen": "a", "rejected": "b"},
        {"chosen": "\n\nHuman: hi\n\nAssistant: a", "rejected": "\n\nHuman: hi\n\nAssistant: b"},
        pair(score_chosen=1, score_rejected=2, prompt_id="p"),
        {"prompt": "ask", "completion": "yes"},
    ],
)
def test_trl_leaves_other_records_alone(record: dict[str, Any]) -> None:
    assert not FORMAT.recognises(Sample(("x",), frozenset(record), (record,)))


def test_pairs_with_annotators_import_to_the_end(desk: "Desk", bench: Workbench) -> None:
    told = second(
        bench, "row,annotator_id,value\n1,ann,chosen\n1,ben,rejected\n2,ann,\n2,ben,chosen\n"
    )
    export = bench.jsonl([pair(), pair(chosen="better", topic="code")])
    report = desk.take([export, told], None, kind="preference")
    assert (report.format, report.items, report.annotators) == ("trl", 2, 2)
    assert (report.read, report.kept, report.dropped) == (4, 4, ())
    assert len(desk.rows("resolution", "value")) == 2


def test_steps_import_to_the_end(desk: "Desk", bench: Workbench) -> None:
    report = desk.take(bench.jsonl([steps(True, False)]), None, kind="reward")
    assert (report.format, report.items, report.kept) == ("trl", 2, 2)
