from typing import Any

import numpy as np
import pytest

from metrics.disputes import by_rule, sided_with, summary
from metrics.review_pairs import (
    crew_counts,
    double_blind,
    hui_walter_counts,
    passages,
    peers,
    upheld,
)
from metrics.review_tables import Disputes, ReviewPairs


def pair(outcome: str, verdict: str, count: int = 1, **more: str) -> tuple[Any, ...]:
    row = {
        "question": "q",
        "stage": "pre_review",
        "stage_later": "spot_check",
        "selection": "random",
        "blind": "",
        "reviewer": "r1",
        "reviewer_later": "r2",
        "annotator": "a",
        "outcome": outcome,
        "outcome_later": verdict,
        "verdict_later": verdict,
        "upheld": "true" if outcome == verdict else "false",
        **more,
    }
    return (*row.values(), count)


ACCEPTED, OVERTURNED = "accepted", "overturned"
BLIND = {"stage": "blind_review", "stage_later": "blind_review", "blind": "true"}


def four(a: int, b: int, c: int, d: int, **more: str) -> list[tuple[Any, ...]]:
    """Pairs: accepted twice, accepted and overturned, overturned and accepted, overturned twice."""
    return [
        pair(ACCEPTED, ACCEPTED, a, **more),
        pair(ACCEPTED, OVERTURNED, b, **more),
        pair(OVERTURNED, ACCEPTED, c, **more),
        pair(OVERTURNED, OVERTURNED, d, **more),
    ]


def test_escapes_are_a_share_of_what_was_accepted() -> None:
    (one,) = passages(ReviewPairs.of(four(80, 20, 5, 15)))
    assert (one.escapes.value, one.escapes.n) == (0.2, 100)


def test_stages_are_tested_on_the_same_answers() -> None:
    (one,) = passages(ReviewPairs.of(four(794, 150, 86, 570)))
    assert one.test.statistic == pytest.approx(17.3559322)
    assert (one.test.only_first, one.test.only_second) == (86, 150)


def test_passages_keep_selections_apart() -> None:
    rows = [*four(8, 2, 0, 0), *four(0, 9, 0, 0, selection="flagged")]
    found = {one.selection: one.escapes.value for one in passages(ReviewPairs.of(rows))}
    assert found == {"random": 0.2, "flagged": 1.0}


def test_peers_agree_on_the_diagonal() -> None:
    (one,) = peers(ReviewPairs.of(four(40, 5, 5, 50, **BLIND)))
    assert one.agreement.value == 0.9
    assert one.kappa == pytest.approx(0.798, abs=1e-3)


def test_peers_who_saw_each_other_are_no_measure_of_agreement() -> None:
    (one,) = peers(ReviewPairs.of(four(40, 5, 5, 50, **{**BLIND, "blind": "false"})))
    assert not one.agreement.representative


def test_kappa_is_not_defined_where_everything_was_accepted() -> None:
    (one,) = peers(ReviewPairs.of(four(40, 0, 0, 0, **BLIND)))
    assert np.isnan(one.kappa)


def test_one_reviewer_has_no_peers() -> None:
    assert peers(ReviewPairs.of([])) == passages(ReviewPairs.of([])) == []


def test_upheld_keeps_acceptances_and_corrections_apart() -> None:
    found = {one.decided: one.estimate.value for one in upheld(ReviewPairs.of(four(9, 1, 3, 7)))}
    assert found == {ACCEPTED: 0.9, OVERTURNED: 0.7}


def test_counts_without_a_key_stand_by_annotator() -> None:
    rows = [*four(50, 3, 4, 9, **BLIND), *four(20, 2, 1, 30, annotator="b", **BLIND)]
    groups, counts = hui_walter_counts(ReviewPairs.of(rows), "r1", "r2")
    assert (groups, counts.tolist()) == (["a", "b"], [[9, 4, 3, 50], [30, 1, 2, 20]])


def test_annotators_with_few_pairs_are_one_population() -> None:
    rows = [
        *four(50, 3, 4, 9, **BLIND),
        *four(3, 0, 0, 1, annotator="b", **BLIND),
        *four(4, 0, 1, 0, annotator="c", **BLIND),
    ]
    groups, counts = hui_walter_counts(ReviewPairs.of(rows), "r1", "r2")
    assert (groups, counts.sum(axis=1).tolist()) == (["a", ""], [66, 9])


def test_counts_of_the_crew_split_what_differs_evenly() -> None:
    _, counts = crew_counts(ReviewPairs.of(four(50, 3, 4, 9, **BLIND)))
    assert counts.tolist() == [[9.0, 3.5, 3.5, 50.0]]


def test_pairs_of_open_reviews_are_not_double_blind() -> None:
    assert double_blind(ReviewPairs.of(four(1, 1, 1, 1, **{**BLIND, "blind": ""}))) == []


def dispute(count: int = 1, **more: Any) -> tuple[Any, ...]:
    row = {
        "question": "q",
        "rule": "2.1",
        "reviewer": "r1",
        "state": "closed",
        "outcome": ACCEPTED,
        "linked": "false",
        "is_repeat": "false",
        "age_hours": 48,
        **more,
    }
    return (*row.values(), count)


def test_arbitration_sides_with_whose_decision_stands() -> None:
    rows = ReviewPairs.of(four(1, 3, 0, 0, stage_later="arbitration"))
    (one,) = sided_with(rows)
    assert (one.reviewer, one.estimate.value) == ("r1", 0.25)


def test_escalation_is_useful_when_it_changed_something_or_led_somewhere() -> None:
    rows = [
        dispute(outcome=OVERTURNED),
        dispute(linked="true"),
        dispute(2),
        dispute(5, reviewer="", outcome=OVERTURNED),
    ]
    found = summary(Disputes.of(rows)).precision
    assert (found.value, found.n) == (0.5, 4)


def test_open_disputes_count_as_long_as_they_lasted() -> None:
    rows = [dispute(5), dispute(5, state="open", outcome="", age_hours=240)]
    found = summary(Disputes.of(rows))
    assert (found.still_open, found.median.value) == (5, 2.0)


def test_open_disputes_only_have_no_median_and_no_side() -> None:
    found = summary(Disputes.of([dispute(4, state="open", outcome="")]))
    assert (found.median.status, found.annotator_upheld.status) == ("undefined", "undefined")


def test_disputes_without_times_say_what_is_missing() -> None:
    assert summary(Disputes.of([dispute(age_hours=-1)])).median.status == "missing_input"


def test_no_dispute_is_undefined() -> None:
    found = summary(Disputes.of([]))
    assert (found.total, found.median.status) == (0, "undefined")


def test_rules_stand_most_disputed_first_with_their_repeats() -> None:
    rows = [dispute(2, rule="3"), dispute(3), dispute(1, is_repeat="true"), dispute(9, rule="")]
    found = [(one.rule, one.disputes, one.repeats.value) for one in by_rule(Disputes.of(rows))]
    assert found == [("2.1", 4, 0.25), ("3", 2, 0.0), ("", 9, 0.0)]
