"""What a sample could have missed, and what it does to a value."""

import numpy as np
import pytest

from metrics.coefficients import alpha_with_distance, percent_agreement_by_item
from metrics.resampling import totals
from metrics.tables import UnitPatterns
from metrics.unseen import (
    agreeing,
    extremes,
    growth_beyond,
    limits_with_unseen,
    limits_without_variation,
    typical_ratings,
)

PAIRS = np.array([[2, 0], [1, 1], [0, 2]])
ALPHA = alpha_with_distance("alpha", 1.0 - np.eye(2))
PERCENT = percent_agreement_by_item(np.eye(2))


def patterns(counts, multiplicity, labels=("a", "b")):
    return UnitPatterns(labels, "nominal", np.array(counts), np.array(multiplicity))


def growth(same, different, other, high, units):
    multiplicity = np.array([same, different, other], dtype=float)
    return growth_beyond(
        ALPHA,
        totals(ALPHA, PAIRS, multiplicity),
        np.asarray(multiplicity.sum()),
        np.asarray(float(units)),
        kinds=np.array([[2, 0], [0, 2]]),
        high=np.asarray(high),
    )


def test_extremes_are_pairs_of_labels_in_use():
    found = extremes(patterns([[1, 0, 1]], [3], ("a", "b", "c")))
    assert found.tolist() == [[2, 0, 0], [1, 0, 1], [0, 0, 2]]


def test_extremes_of_one_label_take_a_second():
    assert extremes(patterns([[2, 0]], [3])).tolist() == [[2, 0], [1, 1], [0, 2]]


def test_typical_ratings_leave_single_ones_out():
    assert typical_ratings(patterns([[1, 0], [3, 0]], [90, 10])) == 3


def test_typical_ratings_are_two_at_least():
    assert typical_ratings(patterns([[1, 0]], [90])) == 2


def test_agreeing_items_have_the_usual_number_of_ratings():
    assert agreeing(patterns([[2, 1, 0]], [9], ("a", "b", "c"))).tolist() == [[3, 0, 0], [0, 3, 0]]


def tried_on(level, answers_at_the_end):
    """Labels tried on a scale of 30, of which each has 100 items but the last."""
    counts = 2 * np.eye(30, dtype=int)
    counts[-1, -1] = 1
    labels = tuple(f"{n:02}" for n in range(30))
    found = agreeing(
        UnitPatterns(labels, level, counts, np.array([100] * 29 + [answers_at_the_end]))
    )
    return set(np.flatnonzero(found.sum(axis=0)))


def test_score_that_hardly_anybody_reached_is_no_kind_of_agreement():
    assert tried_on("interval", 3) == set(range(29))


def test_score_reached_as_often_as_the_unseen_items_would_is():
    assert tried_on("interval", 4) == set(range(30))


@pytest.mark.parametrize("level", ["nominal", "set"])
def test_names_have_no_beyond(level):
    assert tried_on(level, 3) == set(range(30))


def test_unseen_share_moves_percent_agreement_by_itself():
    whole = totals(PERCENT, PAIRS, np.array([100.0, 0, 0]))
    low, high = limits_with_unseen(
        PERCENT, whole, np.asarray(100.0), np.asarray(0.05), extremes=PAIRS
    )
    assert (float(low), float(high)) == pytest.approx((0.95, 1.0))


def test_limits_without_variation_are_exact():
    whole = totals(PERCENT, PAIRS, np.array([50.0, 0, 50]))
    low, _ = limits_without_variation(
        PERCENT, whole, np.asarray(100.0), np.asarray(100.0), extremes=PAIRS, confidence=0.95
    )
    assert low == pytest.approx(0.025 ** (1 / 100))


def test_fewer_units_could_miss_more():
    assert growth(900, 90, 10, 0.3, units=20) > growth(900, 90, 10, 0.3, units=200)


def test_wide_interval_holds_what_was_not_seen():
    assert growth(900, 90, 10, 0.9, units=40) < 1


def test_growth_is_the_squared_ratio_of_move_and_reach():
    value = float(ALPHA.value(totals(ALPHA, PAIRS, np.array([900.0, 90, 10]))))
    near, far = (growth(900, 90, 10, value + reach, units=40) for reach in (0.1, 0.2))
    assert near == pytest.approx(4 * far)


def test_no_reach_needs_endless_growth():
    value = float(ALPHA.value(totals(ALPHA, PAIRS, np.array([900.0, 90, 10]))))
    assert growth(900, 90, 10, value, units=40) == np.inf
