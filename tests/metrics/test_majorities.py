"""Majorities, ties and labels that can ship."""

from math import isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.intervals import wilson
from metrics.majorities import majority_share, resolved_share, tie_rate
from metrics.tables import Compositions, UnitPatterns

SHARES = pytest.mark.parametrize("share", [majority_share, tie_rate, resolved_share])
many_counts = st.lists(st.lists(st.integers(0, 4), min_size=3, max_size=3), min_size=1, max_size=10)


def patterns_of(counts, items=None, compositions=None):
    counts = np.asarray(counts)
    items = np.ones(len(counts), np.int64) if items is None else np.asarray(items)
    return UnitPatterns(("a", "b", "c"), "nominal", counts, items, compositions=compositions)


COUNTS = [[3, 0, 0], [2, 1, 0], [1, 1, 1], [2, 2, 1], [1, 1, 0], [0, 1, 0], [2, 1, 1]]
ITEMS = [10, 8, 6, 4, 2, 30, 10]


@pytest.mark.parametrize(
    ("share", "count", "n"),
    [(majority_share, 18, 40), (tie_rate, 12, 40), (resolved_share, 58, 70)],
)
def test_share_counts_items_by_hand(share, count, n):
    estimate = share(patterns_of(COUNTS, ITEMS))
    assert (estimate.value, estimate.n) == (pytest.approx(count / n), n)


@pytest.mark.parametrize(("share", "count", "n"), [(majority_share, 18, 40), (tie_rate, 12, 40)])
def test_share_has_wilsons_interval(share, count, n):
    estimate = share(patterns_of(COUNTS, ITEMS))
    assert (estimate.low, estimate.high) == pytest.approx(wilson(count, n))


@SHARES
def test_share_of_this_batch_has_no_error(share):
    estimate = share(patterns_of(COUNTS, ITEMS), about="batch")
    assert (estimate.low, estimate.high, estimate.about) == (
        estimate.value,
        estimate.value,
        "batch",
    )


@given(many_counts)
def test_shares_are_those_of_items_looked_at_one_by_one(counts):
    several = [sorted(row) for row in counts if sum(row) >= 2]
    tied = [row[-1] == row[-2] for row in several]
    estimate = tie_rate(patterns_of(counts))
    assert estimate.value == pytest.approx(np.mean(tied) if tied else np.nan, nan_ok=True)


@given(many_counts)
def test_no_item_has_a_majority_and_a_tie(counts):
    patterns = patterns_of(counts)
    both = majority_share(patterns).value + tie_rate(patterns).value
    assert isnan(both) or both <= 1 + 1e-12


@SHARES
@given(many_counts, st.permutations(range(3)))
def test_share_does_not_care_for_label_names(share, counts, order):
    one, other = share(patterns_of(counts)), share(patterns_of(np.array(counts)[:, order]))
    assert one.value == pytest.approx(other.value, nan_ok=True)


@pytest.mark.parametrize(
    ("share", "reason"),
    [
        (majority_share, "no item has two votes"),
        (tie_rate, "no item has two votes"),
        (resolved_share, "no item is rated"),
    ],
)
def test_share_of_nothing_is_undefined(share, reason):
    estimate = share(patterns_of([[0, 0, 0]]))
    assert (estimate.status, estimate.reason) == ("undefined", reason)


@SHARES
def test_share_of_few_items_is_insufficient(share):
    assert share(patterns_of(COUNTS[:4], [4, 4, 4, 4])).status == "insufficient"


def groups_of(copies):
    """20 groups of `copies` tied items, 20 groups of `copies` unanimous ones."""
    groups = Compositions(
        np.array([0, 1]), np.array([0, 1]), np.array([copies] * 2), np.array([20, 20])
    )
    return patterns_of([[1, 1, 0], [2, 0, 0]], [20 * copies, 20 * copies], groups)


def test_copies_inside_a_group_add_nothing():
    one, four = tie_rate(groups_of(1)), tie_rate(groups_of(4))
    assert (four.low, four.high) == pytest.approx((one.low, one.high))


def test_share_by_group_says_so():
    assert tie_rate(groups_of(4)).method.endswith("Wilson interval, clustered by 40 groups")


def test_share_of_0_by_group_rests_on_the_groups():
    groups = Compositions(np.array([0]), np.array([0]), np.array([4]), np.array([40]))
    estimate = tie_rate(patterns_of([[2, 0, 0]], [160], groups))
    assert (estimate.low, estimate.high) == pytest.approx(wilson(0, 40))
