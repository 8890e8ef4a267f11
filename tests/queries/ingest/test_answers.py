"""Row faults, repeated answers, and when an import is refused for them."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.queries.ingest.conftest import Desk

HEAD = 'kind = "qa"\n[columns]\nitem_id = "item"\nannotator_id = "who"\n'
QUESTION = '[[question]]\nname = "label"\ncolumn = "label"\n'
LAST = '[duplicates]\nkeep = "last"\n'
Refused = Callable[..., str]


def rows(count: int, label: str = "a") -> str:
    return "item,who,label\n" + "".join(f"{number},ann,{label}\n" for number in range(count))


@pytest.mark.parametrize(
    ("row", "reason", "column"),
    [
        (",ann,a", "no item id", "item"),
        ("  ,ann,a", "no item id", "item"),
        ("x,,a", "no annotator id", "who"),
        ("x,\u00a0,a", "no annotator id", "who"),
        ("x,ann,", "no answer to label", "label"),
    ],
)
def test_a_row_without_its_key_is_dropped_under_one_reason(
    desk: "Desk", row: str, reason: str, column: str
) -> None:
    report = desk.take(rows(40) + row + "\n")
    (loss,) = report.dropped
    assert (loss.reason, loss.count, loss.examples[0].record) == (reason, 1, 41)
    assert loss.examples[0].column == column


def test_a_row_with_several_faults_is_dropped_once(desk: "Desk") -> None:
    report = desk.take(rows(80) + ",,\n,,\n")
    assert [(loss.reason, loss.count) for loss in report.dropped] == [("no item id", 2)]


def test_answers_read_are_those_kept_and_dropped(desk: "Desk") -> None:
    content = rows(100) + ",ann,a\nx,,a\ny,ann,\n1,ann,b\n"
    report = desk.take(content)
    assert report.read == 104
    assert report.read == report.kept + sum(loss.count for loss in report.dropped)


def test_examples_are_few(desk: "Desk") -> None:
    report = desk.take(rows(300) + ",ann,a\n" * 12)
    assert (report.dropped[0].count, len(report.dropped[0].examples)) == (12, 5)


def test_an_item_whose_answer_is_dropped_stays_an_item(desk: "Desk") -> None:
    desk.take(rows(30) + "lonely,ann,\n")
    assert ("lonely",) in desk.rows("item", "item_id")


def test_over_five_percent_dropped_refuses_the_import(refused: Refused) -> None:
    message = refused(rows(100) + ",ann,a\n" * 6)
    assert "6 of 106 answers would be dropped, over 5%: 6 x no item id" in message


def test_five_percent_dropped_is_allowed(desk: "Desk") -> None:
    assert desk.take(rows(95) + ",ann,a\n" * 5).kept == 95


def test_declared_missing_answers_do_not_refuse(desk: "Desk") -> None:
    mapping = HEAD + QUESTION + 'missing = ["NA"]\n'
    assert desk.take(rows(10) + "x,ann,NA\n" * 20, mapping).kept == 10


def test_nothing_but_missing_answers_is_refused(refused: Refused) -> None:
    mapping = HEAD + QUESTION + 'missing = [""]\n'
    assert "no answer is left" in refused("item,who,label\n1,ann,\n2,ann,\n", mapping)


def test_strict_refuses_one_dropped_answer(refused: Refused) -> None:
    message = refused(rows(200) + ",ann,a\n", strict=True)
    assert message.startswith("--strict: nothing was imported: 1 x no item id (answers.csv record")


def test_strict_takes_a_clean_file(desk: "Desk") -> None:
    assert desk.take(rows(20), strict=True).kept == 20


def test_strict_takes_declared_missing_answers(desk: "Desk") -> None:
    mapping = HEAD + QUESTION + 'missing = ["NA"]\n'
    assert desk.take(rows(9) + "x,ann,NA\n", mapping, strict=True).kept == 9


def test_strict_refuses_a_coerced_field(refused: Refused) -> None:
    mapping = HEAD.replace("[columns]", '[columns]\nround = "r"') + QUESTION
    content = "item,who,label,r\n1,ann,a,first\n"
    assert "1 x round is no whole number" in refused(content, mapping, strict=True)


def test_the_last_of_two_answers_is_kept_and_counted(desk: "Desk") -> None:
    report = desk.take(rows(40) + "x,ann,a\nx,bo,c\nx,ann,b\n")
    (loss,) = report.dropped
    assert (loss.reason, loss.count) == ("answered twice by one annotator; the last one is kept", 1)
    assert desk.answers("item_id", "value")[-2:] == [("x", "b"), ("x", "c")]


def test_last_means_last_in_time_where_there_are_times(desk: "Desk") -> None:
    mapping = HEAD + 'annotated_at = "at"\n' + QUESTION + LAST
    content = (
        "item,who,label,at\n1,ann,late,2026-02-02T00:00:00Z\n1,ann,early,2026-01-01T00:00:00Z\n"
    )
    desk.take(content, mapping)
    assert desk.answers() == [("1", "late")]


def test_an_answer_with_a_time_goes_before_one_without(desk: "Desk") -> None:
    mapping = HEAD + 'annotated_at = "at"\n' + QUESTION + LAST
    desk.take("item,who,label,at\n1,ann,timed,2026-01-01T00:00:00Z\n1,ann,timeless,\n", mapping)
    assert desk.answers() == [("1", "timed")]


def test_the_first_of_two_answers_is_kept_when_told_so(desk: "Desk") -> None:
    mapping = HEAD + QUESTION + '[duplicates]\nkeep = "first"\n'
    desk.take("item,who,label\n1,ann,a\n1,ann,b\n1,ann,c\n", mapping)
    assert desk.answers() == [("1", "a")]


def test_repeated_answers_refuse_when_told_so(refused: Refused) -> None:
    mapping = HEAD + QUESTION + '[duplicates]\nkeep = "error"\n'
    message = refused("item,who,label\n1,ann,a\n1,ann,b\n", mapping)
    assert "1 answers were given twice by one annotator (answers.csv record 2" in message


def test_over_five_percent_repeated_answers_refuse_the_import(refused: Refused) -> None:
    message = refused(rows(94) + rows(6).partition("\n")[2])
    assert "6 of 100 answers would be dropped, over 5%: 6 x answered twice" in message


def test_repeated_answers_name_the_columns_that_make_them_repeated(refused: Refused) -> None:
    message = refused("item,who,label\n" + "1,ann,a\n" * 20)
    assert "answers count as repeated by item (item), annotator (who)" in message
    assert 'keep = "last" or keep = "first" in the mapping' in message


def test_five_percent_repeated_answers_are_allowed(desk: "Desk") -> None:
    assert desk.take(rows(95) + rows(5).partition("\n")[2]).kept == 95


def test_repeated_answers_of_a_stated_rule_do_not_refuse_by_their_share(desk: "Desk") -> None:
    mapping = HEAD + QUESTION + '[duplicates]\nkeep = "last"\n'
    assert desk.take("item,who,label\n" + "1,ann,a\n" * 20, mapping).kept == 1


def test_a_rule_for_repeated_answers_that_states_nothing_does_not_lift_the_refusal(
    refused: Refused,
) -> None:
    content = "item,who,label\n" + "1,ann,a\n" * 20
    assert "answered twice" in refused(content, HEAD + QUESTION + "[duplicates]\n")


def test_repeated_answers_and_faults_count_together(refused: Refused) -> None:
    message = refused(rows(94) + ",ann,a\n" * 3 + rows(3).partition("\n")[2])
    assert "6 of 100 answers would be dropped" in message


def test_the_answers_dropped_are_the_sum_of_the_reasons_told(refused: Refused) -> None:
    message = refused(rows(50) + ",ann,a\n" * 4 + rows(3).partition("\n")[2])
    assert "7 of 57 answers" in message
    assert "4 x no item id" in message
    assert "3 x answered twice" in message


def test_answers_given_again_in_a_further_part_do_not_refuse(store_desk: "Desk") -> None:
    store_desk.take(rows(20))
    assert store_desk.take(rows(20, "b"), mode="add").kept == 20


def test_strict_refuses_repeated_answers_nobody_declared(refused: Refused) -> None:
    assert "answered twice" in refused("item,who,label\n1,ann,a\n1,ann,b\n", strict=True)


def test_strict_takes_repeated_answers_with_a_declared_rule(desk: "Desk") -> None:
    mapping = HEAD + QUESTION + '[duplicates]\nkeep = "last"\n'
    assert desk.take("item,who,label\n1,ann,a\n1,ann,b\n", mapping, strict=True).kept == 1


def test_an_annotator_spelled_in_two_ways_is_one(desk: "Desk") -> None:
    report = desk.take("item,who,label\n1,ann,a\n1, ann ,b\n2,Ann,b\n", HEAD + QUESTION + LAST)
    assert report.annotators == 2
    assert report.dropped[0].count == 1


def test_rounds_are_answers_of_their_own(desk: "Desk") -> None:
    mapping = HEAD + 'round = "round"\n' + QUESTION
    desk.take("item,who,label,round\n1,ann,a,1\n1,ann,b,2\n", mapping)
    assert desk.answers("value", "round") == [("a", 1), ("b", 2)]


def test_two_questions_of_one_record_are_no_repeats(desk: "Desk") -> None:
    mapping = HEAD + QUESTION + '[[question]]\nname = "other"\ncolumn = "item"\n'
    assert desk.take("item,who,label\n1,ann,a\n2,ann,b\n", mapping).dropped == ()


def test_only_the_repeated_question_of_a_record_is_dropped(desk: "Desk") -> None:
    mapping = (
        HEAD + QUESTION + '[[question]]\nname = "tone"\ncolumn = "tone"\nmissing = [""]\n' + LAST
    )
    desk.take("item,who,label,tone\n1,ann,a,warm\n1,ann,b,\n", mapping)
    assert desk.answers("question", "value") == [("label", "b"), ("tone", "warm")]


def test_drafts_do_not_replace_what_was_submitted(desk: "Desk") -> None:
    mapping = HEAD + 'status = "state"\n' + QUESTION
    desk.take("item,who,label,state\n1,ann,a,Submitted\n1,ann,b,draft\n", mapping)
    assert desk.answers("value", "status") == [("a", "submitted"), ("b", "draft")]


def test_a_skipped_task_is_kept_without_an_answer(desk: "Desk") -> None:
    mapping = HEAD + 'status = "state"\n' + QUESTION
    report = desk.take("item,who,label,state\n1,ann,,skipped\n2,ann,a,\n", mapping)
    assert report.dropped == ()
    assert desk.answers("value", "status") == [("a", "submitted"), (None, "skipped")]


def test_an_unknown_status_is_dropped(desk: "Desk") -> None:
    mapping = HEAD + 'status = "state"\n' + QUESTION
    content = "item,who,label,state\n" + "".join(f"{i},ann,a,\n" for i in range(30))
    report = desk.take(content + "99,ann,a,donne\n", mapping)
    example = report.dropped[0].examples[0]
    assert (report.dropped[0].reason, example.found) == ("status is not known", "donne")
    assert example.allowed == "submitted, draft, skipped, discarded"


def test_an_unknown_role_is_dropped(desk: "Desk") -> None:
    mapping = HEAD + 'role = "role"\n' + QUESTION
    content = "item,who,label,role\n" + "".join(f"{i},ann,a,Expert\n" for i in range(30))
    report = desk.take(content + "99,ann,a,robot\n98,ann,a,\n", mapping)
    assert [(loss.reason, loss.count) for loss in report.dropped] == [("role is not known", 1)]
    assert desk.answers("role", "count(*) over (partition by role)")[-1] == ("human", 1)


def test_typed_fields_that_cannot_be_read_become_null_and_are_counted(desk: "Desk") -> None:
    mapping = HEAD + 'strength = "s"\nblind = "b"\nround = "r"\n' + QUESTION
    report = desk.take(
        "item,who,label,s,b,r\n1,ann,a,big,maybe,2.5\n2,ann,a,1.5,Yes,2.0\n", mapping
    )
    assert [(loss.reason, loss.count) for loss in report.coerced] == [
        ("strength is no number", 1),
        ("round is no whole number", 1),
        ("blind is neither true nor false", 1),
    ]
    assert desk.answers("item_id", "strength", "blind", "round") == [
        ("1", None, None, None),
        ("2", 1.5, True, 2),
    ]


def test_notes_and_tags_are_kept_as_they_are(desk: "Desk") -> None:
    mapping = HEAD + 'note = "why"\nreason_tags = "tags"\n' + QUESTION
    desk.take('item,who,label,why,tags\n1,ann,a,"  two\nlines ",x\n', mapping)
    assert desk.answers("note", "reason_tags") == [("  two\nlines ", "x")]


def test_wide_tables_have_one_column_an_annotator(desk: "Desk") -> None:
    mapping = 'kind = "qa"\n[columns]\nitem_id = "item"\n[wide]\nquestion = "label"\n'
    mapping += 'annotators = { ann = "annotator_1", bo = "annotator_2" }\n'
    mapping += '[[question]]\nname = "label"\nlabels = ["a", "b"]\nmissing = [""]\n'
    report = desk.take("item,annotator_1,annotator_2\n1,a,b\n2,b,\n", mapping)
    assert (report.read, report.kept, report.annotators) == (4, 3, 2)
    assert desk.answers() == [("1", "a"), ("1", "b"), ("2", "b")]


def test_wide_tables_may_list_their_columns(desk: "Desk") -> None:
    mapping = 'kind = "qa"\n[columns]\nitem_id = "item"\n[wide]\nquestion = "label"\n'
    mapping += 'annotators = ["r1", "r2"]\n[role]\nmatch = { "r2" = "expert" }\n'
    desk.take("item,r1,r2\n1,a,b\n", mapping)
    assert desk.answers("value", "role") == [("a", "human"), ("b", "expert")]


def test_wide_tables_notice_an_item_twice(desk: "Desk") -> None:
    mapping = 'kind = "qa"\n[columns]\nitem_id = "item"\n[wide]\nquestion = "label"\n'
    report = desk.take("item,r1\n1,a\n1,b\n", mapping + 'annotators = ["r1"]\n' + LAST)
    assert (report.kept, report.dropped[0].count) == (1, 1)


def test_empty_cells_of_a_wide_table_are_no_faults(desk: "Desk") -> None:
    mapping = 'kind = "qa"\n[columns]\nitem_id = "item"\n[wide]\nquestion = "label"\n'
    mapping += 'annotators = { ann = "a", ben = "b" }\n[[question]]\nname = "label"\n'
    assert desk.take("item,a,b\n1,x,\n2,,y\n", mapping).to_json()["annotations"] == 2


def test_blank_notes_say_nothing(desk: "Desk") -> None:
    desk.take(
        "item,who,label,why\n1,ann,x,  \n1,ben,x, as is \n", HEAD + 'note = "why"\n' + QUESTION
    )
    assert desk.answers("note") == [(" as is ",), (None,)]


def test_a_fact_of_the_batch_may_stand_beside_its_column(desk: "Desk") -> None:
    mapping = HEAD + 'guideline_version = "rule"\n' + QUESTION
    desk.take("item,who,label,rule\n1,ann,x,g1\n", mapping, settings={"guideline_version": "g2"})
    assert desk.answers("guideline_version") == [("g1",)]
