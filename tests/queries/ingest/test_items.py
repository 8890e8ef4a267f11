"""Items, attributes, responses, probes and people, each once."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.queries.ingest.conftest import Desk

KEYS = 'kind = "qa"\n[columns]\nitem_id = "item"\nannotator_id = "who"\n'
QUESTION = '[[question]]\nname = "label"\ncolumn = "label"\n'
PROBED = KEYS + QUESTION


def test_an_item_is_one_row_however_often_it_is_judged(desk: "Desk") -> None:
    mapping = KEYS + 'prompt = "prompt"\n' + QUESTION
    desk.take("item,who,label,prompt\n1,ann,a, Why? \n1,bo,b,\n2,ann,a,How?\n", mapping)
    assert desk.rows("item", "item_id", "prompt") == [("1", " Why? "), ("2", "How?")]


def test_two_prompts_under_one_id_are_counted(desk: "Desk") -> None:
    mapping = KEYS + 'prompt = "prompt"\n' + QUESTION
    report = desk.take("item,who,label,prompt\n1,ann,a,Why?\n1,bo,b,How?\n2,bo,b,What?\n", mapping)
    (loss,) = report.coerced
    assert loss.reason == "item described twice with another prompt; the first is kept"
    example = loss.examples[0]
    assert (loss.count, example.record, example.found) == (1, 2, "How?")
    assert example.allowed == "one for each item: 'Why?' was said of '1' before; is the id unique?"
    assert desk.rows("item", "prompt") == [("What?",), ("Why?",)]


def test_ids_unique_only_inside_a_group_are_noticed_by_their_prompts(desk: "Desk") -> None:
    """Trap 6 of the development data: the pair id of UKPConvArg1 starts again in each topic."""
    mapping = KEYS + 'prompt = "topic"\n' + QUESTION
    report = desk.take("item,who,label,topic\n1,ann,a,x\n1,bo,a,y\n", mapping)
    assert (
        report.coerced[0].examples[0].allowed
        == "one for each item: 'x' was said of '1' before; is the id unique?"
    )


def test_ids_unique_only_inside_a_group_are_joined_with_it(desk: "Desk") -> None:
    mapping = KEYS.replace('"item"', '["topic", "item"]') + QUESTION
    report = desk.take("item,who,label,topic\n1,ann,a,x\n1,ann,a,y\n", mapping)
    assert (report.items, report.annotations) == (2, 2)


def test_attributes_are_rows(desk: "Desk") -> None:
    mapping = KEYS + QUESTION + '[attributes]\ntask = "t"\n"reply language" = "l"\n'
    desk.take("item,who,label,t,l\n1,ann,a,coding,de\n2,ann,a,,fr\n", mapping)
    assert desk.rows("item_attribute", "*") == [
        ("1", "reply language", "de"),
        ("1", "task", "coding"),
        ("2", "reply language", "fr"),
    ]


def test_inclusion_probabilities_are_numbers(desk: "Desk") -> None:
    mapping = KEYS + 'inclusion_probability = "p"\n' + QUESTION
    report = desk.take("item,who,label,p\n1,ann,a,0.25\n2,ann,a,1.5\n", mapping)
    assert desk.rows("item", "item_id", "inclusion_probability") == [("1", 0.25), ("2", None)]
    assert report.coerced[0].reason == "inclusion_probability is no probability"


def test_constants_of_items_are_in_every_row(desk: "Desk") -> None:
    mapping = KEYS + QUESTION + '[constants]\nlicence = "CC-BY-4.0"\ninclusion_probability = 0.5\n'
    desk.take("item,who,label\n1,ann,a\n", mapping)
    assert desk.rows("item", "licence", "inclusion_probability") == [("CC-BY-4.0", 0.5)]


def test_a_single_response_is_kept_with_its_length(desk: "Desk") -> None:
    mapping = KEYS + 'text = "reply"\nmodel = "m"\n' + QUESTION
    desk.take("item,who,label,reply,m\n1,ann,a,grün,m1\n1,bo,b,grün,m1\n", mapping)
    assert desk.rows("response", "*") == [("1", "a", "m1", "grün", 4)]


def test_several_responses_of_an_item_are_told_apart(desk: "Desk") -> None:
    mapping = KEYS + 'text = "reply"\nresponse_id = "r"\nlength = "n"\n' + QUESTION
    desk.take("item,who,label,reply,r,n\n1,ann,a,x,r1,11\n1,bo,b,y,r2,\n", mapping)
    assert desk.rows("response", "response_id", "text", "length") == [
        ("r1", "x", 11),
        ("r2", "y", 1),
    ]


def test_traps_are_the_rows_that_say_so(desk: "Desk") -> None:
    mapping = PROBED + '[[probe]]\ntype = "trap"\nquestion = "label"\nexpected = "key"\n'
    mapping += 'when = { column = "is_trap", equals = true }\n'
    desk.take(
        "item,who,label,is_trap,key\n1,ann,a,True,b\n1,bo,b,True,b\n2,ann,a,false,\n", mapping
    )
    assert desk.rows("probe", "*") == [("1", "label", "trap", "b")]


def test_several_values_may_mark_a_probe(desk: "Desk") -> None:
    mapping = PROBED + '[[probe]]\ntype = "audit"\nwhen = { column = "k", equals = ["x", "y"] }\n'
    desk.take("item,who,label,k\n1,ann,a,x\n2,ann,a,y\n3,ann,a,z\n", mapping)
    assert desk.rows("probe", "item_id", "question", "expected") == [
        ("1", None, None),
        ("2", None, None),
    ]


def test_a_reference_needs_an_expected_answer(desk: "Desk") -> None:
    mapping = PROBED + '[[probe]]\ntype = "reference"\nquestion = "label"\nexpected = "gold"\n'
    desk.take("item,who,label,gold\n1,ann,a,b\n2,ann,a,\n", mapping)
    assert desk.rows("probe", "item_id", "expected") == [("1", "b")]


def test_expected_answers_follow_the_rules_of_their_question(desk: "Desk") -> None:
    mapping = PROBED.replace(
        'column = "label"\n', 'column = "label"\nlabels = [0, 1]\nrename = { yes = 1 }\n'
    )
    mapping += '[[probe]]\ntype = "golden"\nquestion = "label"\nexpected = "gold"\n'
    report = desk.take("item,who,label,gold\n1,ann,0,yes\n2,ann,1,0.0\n3,ann,1,maybe\n", mapping)
    assert desk.rows("probe", "item_id", "expected") == [("1", "1"), ("2", "0"), ("3", None)]
    assert [(loss.reason, loss.count) for loss in report.coerced] == [
        ("expected answer of a probe is no answer to its question", 1)
    ]


def test_expected_answers_turn_with_the_pair(desk: "Desk") -> None:
    mapping = KEYS + '[[question]]\nname = "label"\ncolumn = "label"\nlabels = ["l", "r"]\n'
    mapping += '[pair]\nfirst = "x"\nsecond = "y"\nflip = { l = "r", r = "l" }\n'
    mapping += '[[probe]]\ntype = "golden"\nquestion = "label"\nexpected = "gold"\n'
    desk.take("item,who,label,gold,x,y\n1,ann,l,l,n,m\n", mapping)
    assert desk.rows("probe", "item_id", "expected") == [("1/m|n", "r")]


def test_two_expected_answers_for_one_item_are_counted(desk: "Desk") -> None:
    mapping = PROBED + '[[probe]]\ntype = "reference"\nquestion = "label"\nexpected = "gold"\n'
    report = desk.take("item,who,label,gold\n1,ann,a,a\n1,bo,a,b\n", mapping)
    assert report.coerced[0].reason == "probe with several expected answers; the first is kept"
    assert desk.rows("probe", "expected") == [("a",)]


def test_an_expected_answer_without_a_question_holds_for_each(desk: "Desk") -> None:
    mapping = PROBED + '[[probe]]\ntype = "reference"\nexpected = "gold"\n'
    desk.take("item,who,label,gold\n1,ann,a,a\n", mapping)
    assert desk.rows("probe", "question") == [("label",)]


def test_roles_go_by_the_first_pattern_that_fits(desk: "Desk") -> None:
    mapping = KEYS + QUESTION + '[role]\nmatch = { "gpt_4*" = "model", "*_x" = "expert" }\n'
    desk.take("item,who,label\n1,gpt_4o,a\n1,gptx4o,a\n1,ann_x,a\n1,gpt_4_x,a\n", mapping)
    assert desk.answers("role", "count(*) over (partition by role)") == [
        ("expert", 1),
        ("human", 1),
        ("model", 2),
        ("model", 2),
    ]


def test_a_role_pattern_that_fits_nobody_is_told(desk: "Desk") -> None:
    mapping = KEYS + QUESTION + '[role]\nmatch = { "gtp*" = "model" }\n'
    report = desk.take("item,who,label\n1,gpt4,a\n", mapping)
    assert [loss.reason for loss in report.notes] == ["[role] match 'gtp*' fits no annotator"]


def test_a_constant_role_is_the_default(desk: "Desk") -> None:
    mapping = (
        KEYS + QUESTION + '[role]\nmatch = { "gpt*" = "model" }\n[constants]\nrole = "expert"\n'
    )
    desk.take("item,who,label\n1,gpt4,a\n1,ann,a\n", mapping)
    assert desk.answers("role") == [("expert",), ("model",)]


def test_what_is_said_of_people_is_kept_once(desk: "Desk") -> None:
    mapping = KEYS + 'team = "t"\nlanguage = "l"\n' + QUESTION
    mapping += '[constants]\nannotator_group = "pilot"\n'
    desk.take("item,who,label,t,l\n1,ann,a,,de\n2,ann,a,red,de\n1,bo,a,blue,fr\n", mapping)
    assert desk.rows("person", "team", "language", "annotator_group") == [
        ("blue", "fr", "pilot"),
        ("red", "de", "pilot"),
    ]


def test_records_hold_keys_and_no_names(desk: "Desk") -> None:
    desk.take("item,who,label\n1,ann.smith,a\n")
    ((key,),) = desk.answers("person_key")
    assert len(key) == 16
    assert "ann" not in key


def test_every_column_of_a_record_table_is_written(desk: "Desk") -> None:
    from queries.schema import RECORD_TABLES

    desk.take("item,who,label\n1,ann,a\n")
    (row,) = desk.answers("*")
    assert len(row) == len(RECORD_TABLES["annotation"])


@pytest.mark.parametrize("design", ["random", "all", "priority", "unknown"])
def test_items_only_need_no_annotator(desk: "Desk", design: str) -> None:
    mapping = 'kind = "sft"\n[columns]\nitem_id = "item"\nprompt = "p"\n'
    report = desk.take("item,p\n1,Why?\n", mapping, settings={"overlap_design": design})
    assert (report.items, report.annotations, report.read) == (1, 0, 0)


def test_a_question_without_an_annotator_is_refused(refused: Callable[..., str]) -> None:
    mapping = 'kind = "qa"\n[columns]\nitem_id = "item"\n' + QUESTION
    assert "annotator_id is missing" in refused("item,label\n1,a\n", mapping)
