"""The label that ships: reliability of the aggregate."""

from math import isnan, nan

import numpy as np
import pytest

from metrics.aggregate import aggregate_agreement, aggregate_alpha, spearman_brown
from metrics.agreement import krippendorff_alpha
from metrics.estimates import Estimate
from metrics.panels import agreement_at
from metrics.tables import Compositions, UnitPatterns


def patterns_of(counts, items=None, level="nominal", **more):
    counts = np.asarray(counts)
    items = np.ones(len(counts), np.int64) if items is None else np.asarray(items)
    return UnitPatterns(
        more.pop("labels", tuple("abcdefgh"[: counts.shape[1]])), level, counts, items, **more
    )


def votes_from(points, size, seed=1):
    drawn = np.random.default_rng(seed).multinomial(size, points)
    counts, items = np.unique(drawn, axis=0, return_counts=True)
    return patterns_of(counts, items)


SLIPS = np.repeat([[0.85, 0.15], [0.15, 0.85]], 500, axis=0)
SPLIT = np.repeat([[0.5, 0.5], [1.0, 0.0], [0.0, 1.0]], [500, 250, 250], axis=0)


@pytest.mark.parametrize("points", [SLIPS, SPLIT], ids=["slips", "split"])
@pytest.mark.parametrize("size", [2, 3, 5])
def test_agreement_holds_the_truth(points, size):
    estimate = aggregate_agreement(votes_from(points, size))
    assert estimate.low <= agreement_at(size, points).mean() <= estimate.high


@pytest.mark.parametrize("points", [SLIPS, SPLIT], ids=["slips", "split"])
@pytest.mark.parametrize("size", [2, 3, 5])
def test_alpha_holds_the_truth(points, size):
    """Both labels ship equally often here, so chance is one half."""
    estimate = aggregate_alpha(votes_from(points, size))
    assert estimate.low <= 2 * agreement_at(size, points).mean() - 1 <= estimate.high


def test_spearman_brown_is_too_high_where_items_are_split():
    """Items split for good never settle: the formula says .83, the truth of 5 votes is .5."""
    votes = votes_from(SPLIT, 5)
    stepped = spearman_brown(krippendorff_alpha(votes), 5).value
    estimate = aggregate_alpha(votes)
    assert (stepped > 0.8, estimate.low < 0.5 < estimate.high, estimate.high < stepped) == (
        True,
        True,
        True,
    )


def test_two_votes_ship_no_better_than_one():
    """A tie of two is drawn, so the label of two votes is that of one of them."""
    votes = votes_from(SLIPS, 2)
    single = aggregate_agreement(votes, votes=1)
    assert aggregate_agreement(votes).value == pytest.approx(single.value, abs=1e-6)


def test_more_votes_ship_better():
    votes = votes_from(SLIPS, 5)
    values = [aggregate_agreement(votes, votes=size).value for size in (1, 3, 5)]
    assert values == sorted(values)


def test_value_says_the_harmonic_mean_of_votes():
    votes = patterns_of([[2, 0], [1, 1], [3, 1], [0, 4]], [20, 10, 20, 10])
    assert aggregate_agreement(votes).provenance["votes"] == pytest.approx(8 / 3)


def test_items_with_one_vote_count_as_panels_of_one():
    votes = patterns_of([[3, 0], [0, 3], [2, 1], [1, 0], [0, 1]], [40, 40, 20, 0, 0])
    with_singles = patterns_of([[3, 0], [0, 3], [2, 1], [1, 0], [0, 1]], [40, 40, 20, 100, 100])
    assert aggregate_agreement(with_singles).value < aggregate_agreement(votes).value


def test_unanimity_is_not_certainty():
    estimate = aggregate_agreement(patterns_of([[3, 0], [0, 3]], [50, 50]))
    assert (estimate.value > 0.99, estimate.low < 0.97) == (True, True)


def test_one_label_throughout_is_agreement_but_no_alpha():
    votes = patterns_of([[3, 0]], [100])
    agreement, alpha = aggregate_agreement(votes), aggregate_alpha(votes)
    assert (agreement.value, alpha.status, isnan(alpha.value)) == (1.0, "undefined", True)


@pytest.mark.parametrize("function", [aggregate_agreement, aggregate_alpha])
def test_without_a_second_vote_it_is_undefined(function):
    estimate = function(patterns_of([[1, 0], [0, 1]], [50, 50]))
    assert (estimate.status, estimate.reason) == (
        "undefined",
        "no item has two votes to tell panels apart",
    )


@pytest.mark.parametrize("function", [aggregate_agreement, aggregate_alpha])
def test_few_items_are_insufficient(function):
    estimate = function(patterns_of([[3, 0], [0, 3], [2, 1]], [6, 6, 6]))
    assert (estimate.status, isnan(estimate.low)) == ("insufficient", False)


def test_more_than_five_labels_start_from_single_votes():
    counts = np.vstack([3 * np.eye(7, dtype=int), [[2, 1, 0, 0, 0, 0, 0]]])
    estimate = aggregate_agreement(patterns_of(counts, [30] * 8))
    single = 7 / 8 + 1 / 24
    assert (estimate.high, estimate.low < single, "single votes" in estimate.method) == (
        1.0,
        True,
        True,
    )


def test_votes_more_even_than_chance_start_from_single_votes():
    estimate = aggregate_agreement(patterns_of([[2, 2]], [5000]))
    assert (estimate.high, "single votes" in estimate.method) == (1.0, True)


def test_groups_widen_the_range():
    votes = votes_from(SLIPS, 3)
    rows = len(votes.multiplicity)
    fifty = Compositions(
        np.repeat(np.arange(50), rows),
        np.tile(np.arange(rows), 50),
        np.tile(votes.multiplicity // 50, 50),
        np.ones(50, np.int64),
    )
    grouped = patterns_of(votes.counts, votes.multiplicity, compositions=fifty)
    alone, together = aggregate_agreement(votes), aggregate_agreement(grouped)
    assert (together.low < alone.low, together.high > alone.high) == (True, True)


def test_ties_left_out_take_their_votes_away():
    votes = patterns_of(
        [[3, 0, 0], [0, 0, 3], [2, 1, 0], [0, 1, 2]],
        [40, 40, 20, 20],
        labels=("a", "tie", "b"),
        tie_labels=("tie",),
    )
    estimate = aggregate_agreement(votes, ties="exclude")
    assert estimate.value == pytest.approx(1.0, abs=0.01)


def test_label_names_do_not_matter():
    counts, items = [[3, 0, 0], [1, 2, 0], [0, 0, 3], [0, 1, 2]], [40, 30, 20, 10]
    one, other = patterns_of(counts, items), patterns_of(np.array(counts)[:, ::-1], items)
    assert aggregate_alpha(one).value == pytest.approx(aggregate_alpha(other).value)


def test_votes_below_one_are_refused():
    with pytest.raises(ValueError, match="must be 1 or more"):
        aggregate_agreement(patterns_of([[2, 0]]), votes=0)


def test_numbers_ship_their_mean():
    counts = np.random.default_rng(1).multinomial(3, [0.2, 0.5, 0.3], 60)
    votes = patterns_of(counts, level="interval", labels=("1", "2", "3"))
    expected = spearman_brown(krippendorff_alpha(votes), 3).value
    assert aggregate_alpha(votes).value == pytest.approx(expected)


def test_spearman_brown_is_that_of_shrout_and_fleiss():
    """Shrout and Fleiss (1979): ICC(1,1) .17 and ICC(1,4) .44; (2,1) .29 and (2,4) .62."""
    values = [spearman_brown(Estimate(value=v), 4).value for v in (0.1657418, 0.2897638)]
    assert values == pytest.approx([0.4427971, 0.6200505], abs=1e-6)


def test_spearman_brown_moves_limits_alike():
    stepped = spearman_brown(Estimate(value=0.5, low=0.2, high=0.8), 3)
    assert (stepped.low, stepped.high) == pytest.approx((0.6 / 1.4, 2.4 / 2.6))


def test_spearman_brown_of_one_rating_changes_nothing():
    assert spearman_brown(Estimate(value=-0.4, low=-0.9, high=0.1), 1).value == -0.4


def test_spearman_brown_keeps_a_missing_interval_missing():
    assert isnan(spearman_brown(Estimate(value=0.5, low=nan, high=nan), 3).low)


def test_spearman_brown_below_its_pole_is_undefined():
    estimate = spearman_brown(Estimate(value=-0.6, low=-0.9, high=-0.2), 3)
    assert (estimate.status, isnan(estimate.value)) == ("undefined", True)


def test_spearman_brown_limit_below_the_pole_is_missing():
    assert isnan(spearman_brown(Estimate(value=0.1, low=-0.6, high=0.4), 3).low)
