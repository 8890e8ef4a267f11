"""Answers become canonical values: labels, numbers, sets, rankings, and what is none."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.queries.ingest.conftest import Desk

HEAD = 'kind = "qa"\n[columns]\nitem_id = "item"\nannotator_id = "who"\n'


def asked(rules: str) -> str:
    return f'{HEAD}[[question]]\nname = "label"\ncolumn = "label"\n{rules}\n'


def table(*labels: str) -> str:
    rows = "".join(f'{number},ann,"{label}"\n' for number, label in enumerate(labels, 1))
    return "item,who,label\n" + rows


def values(desk: "Desk") -> list[str]:
    return [value for _, value in desk.rows("annotation", "item_id", "value")]


@pytest.mark.parametrize(
    ("found", "canonical"),
    [
        ("2.0", "2"),
        ("-3.00", "-3"),
        ("2.50", "2.50"),
        ("True", "true"),
        ("FALSE", "false"),
        ("  Good \t", "Good"),
        ("\u00a0Good\u2003", "Good"),
        ("Zu\u0308rich", "Zürich"),
        ("1.0.0", "1.0.0"),
        ("007", "007"),
    ],
)
def test_a_label_has_one_spelling(desk: "Desk", found: str, canonical: str) -> None:
    desk.take(table(found))
    assert values(desk) == [canonical]


def test_case_is_kept(desk: "Desk") -> None:
    desk.take(table("Good", "good"))
    assert values(desk) == ["Good", "good"]


def test_declared_labels_are_compared_in_canonical_text(desk: "Desk") -> None:
    report = desk.take(table("1.0", " 2 ", "True"), asked("labels = [1, 2, true]"))
    assert (report.kept, report.dropped) == (3, ())


def test_a_label_outside_the_domain_is_dropped_with_its_place(desk: "Desk") -> None:
    report = desk.take(table(*["good"] * 40, "goood"), asked('labels = ["good", "bad"]'))
    (loss,) = report.dropped
    assert (loss.reason, loss.count) == ("answer to label is not one of its labels", 1)
    example = loss.to_json()["examples"][0]
    assert example == {
        "file": "answers.csv",
        "record": 41,
        "column": "label",
        "found": "goood",
        "allowed": "good, bad",
    }


def test_renaming_joins_spellings_of_a_tie(desk: "Desk") -> None:
    mapping = asked(
        'labels = ["a", "tie", "b"]\nrename = { "tie (both bad)" = "tie", draw = "tie" }'
    )
    desk.take(table("a", "tie (both bad)", "draw", "tie"), mapping)
    assert values(desk) == ["a", "tie", "tie", "tie"]


def test_declared_missing_answers_are_counted_but_are_no_fault(desk: "Desk") -> None:
    report = desk.take(table("a", "NA", "", "-100"), asked('missing = ["", "NA", "-100"]'))
    assert [(loss.reason, loss.count, loss.fault) for loss in report.dropped] == [
        ("no answer to label, as the mapping foresees", 3, False)
    ]


def test_undeclared_missing_answers_are_faults(desk: "Desk") -> None:
    report = desk.take(table(*["a"] * 30, ""))
    assert [(loss.reason, loss.count) for loss in report.dropped] == [("no answer to label", 1)]


def test_labels_of_the_data_are_sorted(desk: "Desk") -> None:
    desk.take(table("b", "a", "c"))
    assert desk.rows("question", "*") == [("label", "nominal", '["a", "b", "c"]', None, False)]


def test_labels_that_are_numbers_are_sorted_as_numbers(desk: "Desk") -> None:
    desk.take(table("10", "9", "-1", "0.5"), asked('level = "ordinal"'))
    assert desk.rows("question", "labels") == [('["-1", "0.5", "9", "10"]',)]


def test_declared_labels_keep_their_order(desk: "Desk") -> None:
    desk.take(table("good"), asked('level = "ordinal"\nlabels = ["bad", "good"]'))
    assert desk.rows("question", "level", "labels", "declared") == [
        ("ordinal", '["bad", "good"]', True)
    ]


@pytest.mark.parametrize(("count", "enumerable"), [(200, True), (201, False)])
def test_over_200_labels_are_not_listed(desk: "Desk", count: int, enumerable: bool) -> None:
    desk.take(table(*[f"l{number}" for number in range(count)]))
    assert (desk.rows("question", "labels is not null")) == [(enumerable,)]


@pytest.mark.parametrize(
    ("found", "canonical"),
    [("3.50", "3.5"), ("1e2", "100"), ("+4", "4"), ("-0.0", "0"), (".5", "0.5"), (" 7. ", "7")],
)
def test_a_number_has_one_spelling(desk: "Desk", found: str, canonical: str) -> None:
    desk.take(table(found), asked('level = "interval"'))
    assert values(desk) == [canonical]


@pytest.mark.parametrize("found", ["five", "1,5", "nan", "inf", "1_000", "0x10", "1e999"])
def test_what_is_no_number_is_dropped(desk: "Desk", found: str) -> None:
    report = desk.take(table(*["1"] * 30, found), asked('level = "interval"'))
    assert [(loss.reason, loss.count) for loss in report.dropped] == [
        ("answer to label is no number", 1)
    ]


def test_a_set_is_a_sorted_json_array(desk: "Desk") -> None:
    desk.take(table("b; a;b", "c", '["z", "y"]'.replace('"', '""')), asked('separator = ";"'))
    assert values(desk) == ['["a","b"]', '["c"]', '["y","z"]']


def test_members_of_a_set_are_renamed_and_checked(desk: "Desk") -> None:
    mapping = asked('separator = ";"\nlabels = ["a", "b"]\nrename = { A = "a" }')
    report = desk.take(table(*["A;b"] * 30, "a;x"), mapping)
    assert report.dropped[0].examples[0].found == "x"
    assert set(values(desk)) == {'["a","b"]'}


def test_labels_of_a_set_are_its_members(desk: "Desk") -> None:
    desk.take(table("b;a", "c"), asked('separator = ";"'))
    assert desk.rows("question", "level", "labels") == [("set", '["a", "b", "c"]')]


def test_an_empty_json_set_is_an_answer(desk: "Desk") -> None:
    desk.take(table("[]", "a"), asked('level = "set"'))
    assert values(desk) == ["[]", '["a"]']


@pytest.mark.parametrize(
    ("found", "canonical"),
    [
        ("b > a > c", '[["b"],["a"],["c"]]'),
        ("b > c = a", '[["b"],["a","c"]]'),
        ('[""b"", [""c"", ""a""]]', '[["b"],["a","c"]]'),
    ],
)
def test_an_order_is_a_list_of_tie_groups(desk: "Desk", found: str, canonical: str) -> None:
    desk.take(table(found), asked('ranking = "order"'))
    assert values(desk) == [canonical]


@pytest.mark.parametrize(
    ("found", "canonical"),
    [
        ("2,1,3", '[["b"],["a"],["c"]]'),
        ("1,1,2", '[["a","b"],["c"]]'),
        ("[3, 2, 1]", '[["c"],["b"],["a"]]'),
        ('{""c"": 1, ""a"": 2.5}', '[["c"],["a"]]'),
    ],
)
def test_ranks_are_a_list_of_tie_groups(desk: "Desk", found: str, canonical: str) -> None:
    desk.take(table(found), asked('ranking = "ranks"\nlabels = ["a", "b", "c"]'))
    assert values(desk) == [canonical]


def test_ranks_in_columns_are_one_ranking(desk: "Desk") -> None:
    mapping = HEAD + (
        '[[question]]\nname = "best"\ncolumn = ["first", "second"]\nranking = "ranks"\n'
        'labels = ["x", "y"]\n'
    )
    desk.take("item,who,first,second\n1,ann,2,1\n2,ann,1,1\n", mapping)
    assert values(desk) == ['[["y"],["x"]]', '[["x","y"]]']


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        ("a > a", "answer to label ranks an option twice"),
        ("a > x", "answer to label is not one of its labels"),
    ],
)
def test_a_broken_order_is_dropped(desk: "Desk", found: str, reason: str) -> None:
    mapping = asked('ranking = "order"\nlabels = ["a", "b"]')
    report = desk.take(table(*["a > b"] * 30, found), mapping)
    assert [loss.reason for loss in report.dropped] == [reason]


@pytest.mark.parametrize("found", ["1,two", "1,2,3"])
def test_broken_ranks_are_dropped(desk: "Desk", found: str) -> None:
    mapping = asked('ranking = "ranks"\nlabels = ["a", "b"]')
    report = desk.take(table(*["1,2"] * 30, found), mapping)
    assert [(loss.reason, loss.count) for loss in report.dropped] == [
        ("answer to label is no number", 1)
    ]


def test_options_of_a_ranking_are_its_labels(desk: "Desk") -> None:
    desk.take(table("b > a", "c = a"), asked('ranking = "order"'))
    assert desk.rows("question", "level", "labels") == [("ranking", '["a", "b", "c"]')]


@pytest.mark.parametrize("word", ["tie", "Equal", "draw"])
def test_the_usual_words_for_a_tie_are_known(desk: "Desk", word: str) -> None:
    desk.take(table("a", "b", word))
    assert desk.rows("question", "tie_labels") == [(f'["{word}"]',)]


def test_ties_can_be_named(desk: "Desk") -> None:
    desk.take(table("a", "b", "both bad"), asked('ties = ["both bad"]'))
    assert desk.rows("question", "tie_labels") == [('["both bad"]',)]


@pytest.mark.parametrize(
    "text",
    ["=1+1", "@sum", "\u202etxt.exe", "a\x00b", "\ufeffx", "'; drop table raw; --", "🙂", "-"],
)
def test_hostile_text_is_an_answer_like_any_other(desk: "Desk", text: str) -> None:
    desk.take(table(text, "plain"))
    assert values(desk) == [text, "plain"]


def test_several_questions_of_one_record_are_several_answers(desk: "Desk") -> None:
    mapping = HEAD + "".join(
        f'[[question]]\nname = "{name}"\ncolumn = "{name}"\n' for name in ("clear", "true")
    )
    report = desk.take("item,who,clear,true\n1,ann,yes,no\n2,ann,no,no\n", mapping)
    assert (report.records, report.read, report.kept) == (2, 4, 4)
    assert desk.answers("item_id", "question", "value")[:2] == [
        ("1", "clear", "yes"),
        ("1", "true", "no"),
    ]


def test_questions_can_be_named_in_the_data(desk: "Desk") -> None:
    mapping = (
        'kind = "qa"\n[columns]\nitem_id = "i"\nannotator_id = "a"\nquestion = "q"\nvalue = "v"\n'
    )
    mapping += '[[question]]\nname = "score"\nlevel = "interval"\n'
    desk.take("i,a,q,v\n1,ann,score,3.0\n1,ann,tone,warm\n", mapping)
    assert desk.rows("question", "name", "level") == [("score", "interval"), ("tone", "nominal")]
    assert desk.answers("question", "value") == [("score", "3"), ("tone", "warm")]


def test_a_declared_question_that_is_nowhere_asked_is_told(refused: Callable[..., str]) -> None:
    mapping = (
        'kind = "qa"\n[columns]\nitem_id = "i"\nannotator_id = "a"\nquestion = "q"\nvalue = "v"\n'
    )
    mapping += '[[question]]\nname = "scor"\n'
    message = refused("i,a,q,v\n1,ann,score,3\n", mapping)
    assert "'scor' is asked nowhere in the data; did you mean 'score'?" in message


def test_a_row_that_names_no_question_is_dropped(desk: "Desk") -> None:
    mapping = (
        'kind = "qa"\n[columns]\nitem_id = "i"\nannotator_id = "a"\nquestion = "q"\nvalue = "v"\n'
    )
    rows = "".join(f"{number},ann,score,3\n" for number in range(30))
    report = desk.take(f"i,a,q,v\n{rows}99,ann,,3\n", mapping)
    assert [(loss.reason, loss.count) for loss in report.dropped] == [("no question named", 1)]
