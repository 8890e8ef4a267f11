"""Criteria about reviews, people and single influence: values by hand, and what is undefined."""

from math import isnan

import numpy as np
import pytest

from metrics.agreement import krippendorff_alpha
from metrics.criteria import Bound, Criterion, judge
from metrics.flagged_share import FlaggedCrew, flagged_annotators
from metrics.influence import without
from metrics.known_answers import catch_rate
from metrics.largest_influence import largest_influence
from metrics.review import overturn_rate
from metrics.review_counts import (
    dispute_age,
    model_decision_count,
    open_disputes,
    reviewer_agreement,
    self_review_count,
    silent_edit_count,
)
from metrics.review_tables import Disputes, KnownReviews, ReviewPairs, Reviews
from metrics.tables import AnnotatorPatterns, ItemCounts, UnitPatterns

LOOK = ("q", "spot_check", "random", "")


def reviews(*rows: tuple[object, ...]) -> Reviews:
    return Reviews.of([(*LOOK, *row) for row in rows])


def pairs(blind: str, *rows: tuple[str, str, int]) -> ReviewPairs:
    head = ("q", "blind_review", "blind_review", "random", blind, "r1", "r2", "a")
    return ReviewPairs.of([(*head, first, later, later, "", n) for first, later, n in rows])


def disputes(*rows: tuple[str, int, int]) -> Disputes:
    return Disputes.of(
        [("q", "", "r", state, "accepted", "", "", hours, n) for state, hours, n in rows]
    )


def test_alpha_of_reviewers_is_that_of_their_verdicts() -> None:
    found = reviewer_agreement(
        pairs("true", ("accepted", "accepted", 70), ("accepted", "overturned", 6),
              ("overturned", "accepted", 4), ("overturned", "overturned", 20)),
    )  # fmt: skip
    # 100 pairs, 200 verdicts, 50 overturned: expected disagreement 2 * 150 * 50 / (200 * 199).
    assert found.value == pytest.approx(1 - 0.1 / (2 * 150 * 50 / (200 * 199)))
    assert (found.n, found.n_unit) == (100, "pairs of reviews")


def test_open_pairs_are_no_agreement() -> None:
    found = reviewer_agreement(pairs("false", ("accepted", "accepted", 70)))
    assert found.status == "undefined"


def test_alpha_of_reviewers_who_accept_everything_is_undefined() -> None:
    everything = pairs("true", ("accepted", "accepted", 70))
    assert reviewer_agreement(everything).status == "undefined"
    assert reviewer_agreement(everything, coefficient="percent").value == 1.0


def test_age_of_disputes_counts_those_still_open() -> None:
    found = dispute_age(disputes(("closed", 24, 4), ("closed", 72, 4), ("open", 48, 2)))
    assert found.value == 3.0


@pytest.mark.parametrize(
    ("rows", "status"),
    [([], "undefined"), ([("open", 24, 5)], "undefined"), ([("open", -1, 5)], "missing_input")],
)
def test_age_of_disputes_that_nobody_settled_is_not_known(
    rows: list[tuple[str, int, int]], status: str
) -> None:
    assert dispute_age(disputes(*rows)).status == status


def test_open_disputes_are_counted() -> None:
    found = open_disputes(disputes(("closed", 24, 4), ("open", 48, 2)))
    assert (found.value, found.low, found.high, found.n) == (2, 2, 2, 6)


def test_no_dispute_is_none_open() -> None:
    assert open_disputes(disputes()).value == 0


def test_reviews_that_name_nobody_may_be_of_own_work() -> None:
    found = self_review_count(
        reviews(
            ("r", "a", "x", "x", "approve", "accepted", 10),
            ("a", "a", "x", "x", "approve", "accepted", 3),
            ("", "a", "x", "x", "approve", "accepted", 5),
        )
    )
    assert (found.value, found.low, found.high, found.n) == (3, 3, 8, 18)


def test_count_that_could_be_more_is_no_pass() -> None:
    criterion = Criterion("c", "self_review_count", Bound.parse("<= 0"), "hard", about="batch")
    found = self_review_count(reviews(("", "a", "x", "x", "approve", "accepted", 5)))
    assert judge(criterion, found).state == "undecided"


def test_silent_edits_are_acceptances_that_changed_the_answer() -> None:
    found = silent_edit_count(
        reviews(
            ("r", "a", "x", "x", "approve", "accepted", 10),
            ("r", "a", "x", "y", "approve", "overturned", 2),
            ("r", "a", "x", "y", "revise", "overturned", 7),
            ("r", "a", "", "y", "approve", "accepted", 1),
        )
    )
    assert (found.value, found.low, found.high, found.n) == (2, 2, 3, 13)


@pytest.mark.parametrize("function", [self_review_count, silent_edit_count])
def test_checks_of_no_reviews_are_undefined_and_not_zero(function) -> None:
    found = function(reviews())
    assert (found.status, found.n) == ("undefined", 0)


def test_items_without_a_person_are_counted() -> None:
    assert model_decision_count(ItemCounts(3, 40)).value == 3
    assert model_decision_count(ItemCounts(0, 0)).status == "undefined"


def test_catch_rate_counts_escalated_defects_as_caught() -> None:
    known = KnownReviews.of(
        [
            ("q", "golden", "spot_check", "r", "wrong", outcome, n)
            for outcome, n in (("accepted", 4), ("overturned", 5), ("escalated", 1))
        ]
    )
    found = catch_rate(known, interval="clopper_pearson")
    assert (found.value, found.n) == (0.6, 10)
    assert found.method.endswith("Clopper-Pearson exact interval")


def test_nothing_to_catch_is_undefined() -> None:
    assert catch_rate(KnownReviews.of([])).status == "undefined"


def test_exact_limits_of_an_overturn_rate_are_the_wider_ones() -> None:
    table = reviews(
        ("r", "a", "x", "y", "revise", "overturned", 18),
        ("r", "a", "x", "x", "approve", "accepted", 222),
    )
    wilson, exact = overturn_rate(table), overturn_rate(table, interval="clopper_pearson")
    assert exact.low < wilson.low
    assert exact.high > wilson.high


def crew(flagged: int, unseen: int, quiet: int) -> FlaggedCrew:
    states = [(True, False)] * flagged + [(False, True)] * unseen + [(False, False)] * quiet
    return FlaggedCrew(
        np.array([one for one, _ in states], dtype=bool),
        np.array([other for _, other in states], dtype=bool),
        np.array([50 if other else 100 for _, other in states], dtype=np.int64),
    )


def test_people_nobody_could_judge_are_in_the_upper_limit() -> None:
    found = flagged_annotators(crew(1, 4, 5))
    assert (found.value, found.low, found.high) == (0.1, 0.1, 0.5)
    assert "4 annotators did too little" in str(found.provenance["bounds"])


def test_share_of_the_work_weighs_people_by_it() -> None:
    found = flagged_annotators(crew(1, 4, 5), share="annotations")
    assert (found.value, found.n, found.n_unit) == (0.125, 800, "annotations")


def test_crew_everybody_could_be_seen_in_is_a_census() -> None:
    found = flagged_annotators(crew(0, 0, 5))
    assert (found.value, found.low, found.high) == (0, 0, 0)
    assert not found.provenance


def test_empty_crew_has_no_share() -> None:
    assert flagged_annotators(crew(0, 0, 0)).status == "undefined"


def given(people: int) -> UnitPatterns:
    """Three people on 20 items: two always agree, the third never does."""
    rows = [[0, 0, 0, 20], [1, 0, 0, 20], [2, 0, 1, 20]][:people]
    other = [[0, 1, 1, 20], [1, 1, 1, 20], [2, 1, 0, 20]][:people]
    counts = [[min(people, 2), max(people - 2, 0)], [max(people - 2, 0), min(people, 2)]]
    entries = np.array([*rows, *other])
    return UnitPatterns(
        ("x", "y"),
        "nominal",
        np.array(counts),
        np.array([20, 20]),
        annotators=AnnotatorPatterns(("p", "q", "r")[:people], *entries.T),
    )


def test_largest_influence_is_that_of_whom_it_hangs_on() -> None:
    table = given(3)
    whole = krippendorff_alpha(table).value
    changes = [abs(krippendorff_alpha(without(table, one)).value - whole) for one in range(3)]
    found = largest_influence(table)
    assert found.value == pytest.approx(max(changes))
    assert found.low == found.high == found.value


def test_only_annotator_has_no_influence() -> None:
    found = largest_influence(given(1))
    assert (found.status, isnan(found.value)) == ("undefined", True)


def test_two_annotators_leave_nothing_to_compare() -> None:
    assert largest_influence(given(2)).status == "undefined"


def test_influence_on_an_unknown_coefficient_is_refused() -> None:
    with pytest.raises(ValueError, match="there are krippendorff_alpha"):
        largest_influence(given(3), of="kappa")
