"""Unordered comparisons: one item a pair, answers turned to the pair's sort order."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.queries.ingest.conftest import Desk

KEYS = 'kind = "preference"\n[columns]\nitem_id = "q"\nannotator_id = "who"\n'
WINNER = '[[question]]\nname = "winner"\ncolumn = "winner"\n'
PAIR = '[pair]\nfirst = "a"\nsecond = "b"\n'
FLIP = 'flip = { "model_a" = "model_b", "model_b" = "model_a" }\n'
LABELS = 'labels = ["model_a", "tie", "model_b"]\n'
BOTH_ORDERS = "q,who,a,b,winner\n1,ann,x,y,model_a\n1,bo,y,x,model_b\n1,cy,y,x,tie\n"


def test_both_orders_are_one_item_and_the_answer_turns(desk: "Desk") -> None:
    desk.take(BOTH_ORDERS, KEYS + WINNER + LABELS + PAIR + FLIP)
    assert desk.answers() == [("1/x|y", "model_a"), ("1/x|y", "model_a"), ("1/x|y", "tie")]


def test_the_order_shown_is_kept(desk: "Desk") -> None:
    desk.take(BOTH_ORDERS, KEYS + WINNER + LABELS + PAIR + FLIP)
    assert desk.answers("shown_order", "value") == [
        ("a|b", "model_a"),
        ("b|a", "model_a"),
        ("b|a", "tie"),
    ]


def test_options_are_responses_in_sort_order(desk: "Desk") -> None:
    desk.take(BOTH_ORDERS, KEYS + WINNER + LABELS + PAIR + FLIP)
    assert desk.rows("response", "item_id", "response_id", "model") == [
        ("1/x|y", "a", "x"),
        ("1/x|y", "b", "y"),
    ]


def test_texts_of_the_responses_turn_with_the_pair(desk: "Desk") -> None:
    mapping = KEYS + 'response_a = "left"\nresponse_b = "right"\n' + WINNER + LABELS + PAIR + FLIP
    desk.take("q,who,a,b,left,right,winner\n1,ann,y,x,why,ex,model_a\n", mapping)
    assert desk.rows("response", "response_id", "model", "text", "length") == [
        ("a", "x", "ex", 2),
        ("b", "y", "why", 3),
    ]


def test_labels_the_pair_leaves_as_they_are_are_ties(desk: "Desk") -> None:
    desk.take(BOTH_ORDERS, KEYS + WINNER + LABELS + PAIR + FLIP)
    assert desk.rows("question", "tie_labels") == [('["tie"]',)]


def test_signed_strengths_are_negated(desk: "Desk") -> None:
    mapping = KEYS + 'strength = "s"\n' + '[[question]]\nname = "margin"\ncolumn = "m"\n'
    mapping += 'level = "interval"\n' + PAIR + 'flip = "negate"\n'
    desk.take("q,who,a,b,m,s\n1,ann,x,y,2,0.5\n1,bo,y,x,-2.0,0.5\n1,cy,y,x,0,1\n", mapping)
    assert desk.answers("value", "strength") == [("0", -1.0), ("2", -0.5), ("2", 0.5)]


def test_a_label_that_cannot_be_negated_is_dropped(desk: "Desk") -> None:
    mapping = KEYS + '[[question]]\nname = "m"\ncolumn = "m"\n' + PAIR + 'flip = "negate"\n'
    rows = "".join(f"{number},ann,x,y,1\n" for number in range(30))
    report = desk.take(f"q,who,a,b,m\n{rows}99,ann,x,y,much\n", mapping)
    assert [loss.reason for loss in report.dropped] == ["answer to m is no number"]


def test_only_the_named_questions_turn(desk: "Desk") -> None:
    mapping = KEYS + WINNER + '[[question]]\nname = "first_is"\ncolumn = "first_is"\n'
    mapping += PAIR + 'questions = ["winner"]\n' + FLIP
    desk.take("q,who,a,b,winner,first_is\n1,ann,y,x,model_a,model_a\n", mapping)
    assert desk.answers("question", "value") == [("first_is", "model_a"), ("winner", "model_b")]


@pytest.mark.parametrize("options", [("", "y"), ("x", ""), ("", "")])
def test_a_pair_with_an_unnamed_option_is_dropped(desk: "Desk", options: tuple[str, str]) -> None:
    rows = "".join(f"{number},ann,x,y,tie\n" for number in range(60))
    content = f"q,who,a,b,winner\n{rows}99,ann,{options[0]},{options[1]},tie\n"
    report = desk.take(content, KEYS + WINNER + LABELS + PAIR + FLIP)
    assert [(loss.reason, loss.count) for loss in report.dropped] == [
        ("an option of the pair is not named", 1)
    ]


def test_separators_in_names_do_not_make_two_pairs_one(desk: "Desk") -> None:
    content = "q,who,a,b,winner\n1,ann,x|y,z,tie\n1,ann,x,y|z,tie\n1,ann,m/x,100%,tie\n"
    desk.take(content, KEYS + WINNER + LABELS + PAIR + FLIP)
    assert [item for (item,) in desk.rows("item", "item_id")] == [
        "1/100%25|m%2Fx",
        "1/x%7Cy|z",
        "1/x|y%7Cz",
    ]


def test_one_annotator_in_both_orders_answers_twice(desk: "Desk") -> None:
    content = "q,who,a,b,winner\n1,ann,x,y,model_a\n1,ann,y,x,model_a\n"
    mapping = KEYS + WINNER + LABELS + PAIR + FLIP + '[duplicates]\nkeep = "last"\n'
    report = desk.take(content, mapping)
    assert report.dropped[0].reason == "answered twice by one annotator; the last one is kept"
    assert desk.answers() == [("1/x|y", "model_b")]


def test_sets_and_rankings_turn_by_their_members(desk: "Desk") -> None:
    mapping = KEYS + '[[question]]\nname = "good"\ncolumn = "good"\nseparator = ";"\n'
    mapping += '[[question]]\nname = "rank"\ncolumn = "rank"\nranking = "order"\n' + PAIR + FLIP
    desk.take("q,who,a,b,good,rank\n1,ann,y,x,model_a;z,model_a > model_b\n", mapping)
    assert desk.answers("value") == [('["model_b","z"]',), ('[["model_b"],["model_a"]]',)]


def test_a_flip_of_a_label_nobody_declared_is_told(refused: Callable[..., str]) -> None:
    flip = 'flip = { "model_a" = "modelb", "modelb" = "model_a" }\n'
    message = refused(BOTH_ORDERS, KEYS + WINNER + LABELS + PAIR + flip)
    assert "[pair] flip names 'modelb', not a label; did you mean 'model_b'?" in message


def test_two_responses_without_a_pair_stand_as_they_are_named(desk: "Desk") -> None:
    mapping = KEYS + 'response_a = "a"\nresponse_b = "b"\nmodel_a = "ma"\nmodel_b = "mb"\n' + WINNER
    desk.take("q,who,a,b,ma,mb,winner\n1,ann,one,three,m1,m2,A\n", mapping)
    assert desk.rows("response", "response_id", "model", "text", "length") == [
        ("a", "m1", "one", 3),
        ("b", "m2", "three", 5),
    ]
