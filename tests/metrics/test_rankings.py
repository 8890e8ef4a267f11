"""Kendall's W and tau-b against published values, scipy and hand counts."""

from math import isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import friedmanchisquare, kendalltau, spearmanr

from metrics.rankings import kendall_tau_b, kendall_w

TIED = np.array(
    [
        [1, 4.5, 2, 4.5, 3, 7.5, 6, 9, 7.5, 10],
        [2.5, 1, 2.5, 4.5, 4.5, 8, 9, 6.5, 10, 6.5],
        [2, 1, 4.5, 4.5, 4.5, 4.5, 8, 8, 8, 10],
    ]
)
orders = st.integers(2, 9).flatmap(
    lambda n: st.tuples(
        st.lists(st.integers(0, 4), min_size=n, max_size=n),
        st.lists(st.integers(0, 4), min_size=n, max_size=n),
    )
)


def test_w_with_ties_is_the_textbook_one():
    """Siegel and Castellan's tied example: W .828; scipy friedmanchisquare gives chi2 22.3487."""
    assert kendall_w(TIED).value == pytest.approx(0.8277310924, abs=1e-9)


@pytest.mark.parametrize(
    ("name", "value"),
    [("chi2", 22.3487395), ("p_value", 0.00783704), ("mean_spearman", 0.7415966)],
)
def test_w_brings_its_test(name, value):
    """scipy friedmanchisquare on the same table; mean Spearman = (m W - 1) / (m - 1)."""
    assert kendall_w(TIED).provenance[name] == pytest.approx(value, abs=1e-7)


def test_chi2_of_w_is_friedmans():
    expected = friedmanchisquare(*TIED.T).statistic
    assert kendall_w(TIED).provenance["chi2"] == pytest.approx(expected)


def test_mean_spearman_is_the_mean_of_correlations_without_ties():
    generator = np.random.default_rng(1)
    ranks = np.array([generator.permutation(8) for _ in range(4)], float)
    correlations = spearmanr(ranks, axis=1).statistic[np.triu_indices(4, 1)]
    assert kendall_w(ranks).provenance["mean_spearman"] == pytest.approx(correlations.mean())


def test_w_of_one_order_is_1():
    assert kendall_w(np.tile(np.arange(5.0), (3, 1))).value == pytest.approx(1.0)


def test_w_of_two_opposite_orders_is_0():
    assert kendall_w(np.array([np.arange(5.0), -np.arange(5.0)])).value == 0.0


def test_w_of_scores_is_w_of_their_ranks():
    assert kendall_w(10 * TIED**3).value == pytest.approx(kendall_w(TIED).value)


@pytest.mark.parametrize("ranks", [np.ones((3, 4)), np.ones((1, 4)), np.ones((3, 1))])
def test_w_without_orders_is_undefined(ranks):
    assert kendall_w(ranks).status == "undefined"


@pytest.mark.parametrize("ranks", [np.array([[1.0, np.nan]]), np.arange(3.0)])
def test_w_refuses_gaps(ranks):
    with pytest.raises(ValueError, match="without gaps"):
        kendall_w(ranks)


def test_tau_is_that_of_the_scipy_documentation():
    """scipy.stats.kendalltau documentation: -.4714045."""
    first, second = np.array([12.0, 2, 1, 12, 2]), np.array([1.0, 4, 7, 1, 0])
    assert kendall_tau_b(first, second).value == pytest.approx(-0.4714045208, abs=1e-9)


@given(orders)
def test_tau_is_scipys(pair):
    first, second = (np.array(order, float) for order in pair)
    estimate = kendall_tau_b(first, second)
    expected = (
        estimate.value if estimate.status == "undefined" else kendalltau(first, second).statistic
    )
    assert estimate.value == pytest.approx(expected, abs=1e-9, nan_ok=True)


@given(orders)
def test_tau_lies_inside_its_limits(pair):
    estimate = kendall_tau_b(*(np.array(order, float) for order in pair))
    assert isnan(estimate.low) or -1 <= estimate.low <= estimate.value <= estimate.high <= 1


def test_tau_error_is_that_of_deleting_each_thing():
    generator = np.random.default_rng(2)
    first = generator.integers(0, 6, 40).astype(float)
    second = first + generator.integers(0, 4, 40)
    places = range(40)
    left = [kendalltau(np.delete(first, k), np.delete(second, k)).statistic for k in places]
    error = np.sqrt(39 / 40 * ((np.array(left) - np.mean(left)) ** 2).sum())
    estimate = kendall_tau_b(first, second)
    assert estimate.high - estimate.value == pytest.approx(2.0226909 * error, rel=1e-5)


def test_tau_of_a_single_tie_is_undefined():
    assert kendall_tau_b(np.ones(5), np.arange(5.0)).reason == "one order is a single tie"


def test_tau_of_one_thing_is_undefined():
    assert kendall_tau_b(np.ones(1), np.ones(1)).status == "undefined"


def test_tau_of_the_same_order_has_no_interval():
    estimate = kendall_tau_b(np.arange(30.0), np.arange(30.0))
    assert (estimate.value, isnan(estimate.low), estimate.status) == (1.0, True, "insufficient")


def test_tau_of_few_things_is_insufficient():
    first = np.array([1.0, 2, 3, 4, 5, 6])
    assert kendall_tau_b(first, first[[1, 0, 2, 5, 3, 4]]).status == "insufficient"


@pytest.mark.parametrize(
    ("first", "second"),
    [(np.ones(3), np.ones(4)), (np.ones((2, 2)), np.ones((2, 2)))],
)
def test_tau_refuses_different_lengths(first, second):
    with pytest.raises(ValueError, match="give one length"):
        kendall_tau_b(first, second)


def test_tau_refuses_gaps():
    with pytest.raises(ValueError, match="no gaps"):
        kendall_tau_b(np.array([1.0, np.nan]), np.array([1.0, 2.0]))
