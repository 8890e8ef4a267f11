"""Who chose the overlap."""

from math import isnan, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, fisher_exact

from metrics.overlap import OverlapCounts, holm, is_representative, overlap_differences

tables = st.integers(2, 5).flatmap(
    lambda size: st.tuples(
        st.lists(st.integers(5, 60), min_size=size, max_size=size),
        st.lists(st.integers(5, 60), min_size=size, max_size=size),
    )
)
p_values = st.lists(st.floats(0, 1), min_size=1, max_size=8)


def counts_of(several, single, attribute="task"):
    strata = tuple(f"s{k}" for k in range(len(several)))
    return OverlapCounts(attribute, strata, np.array(several), np.array(single))


def difference_of(several, single, **more):
    (difference,) = overlap_differences([counts_of(several, single)], **more)
    return difference


@given(tables)
def test_chi_square_is_scipys(table):
    expected = chi2_contingency(np.array(table), correction=False).statistic
    assert difference_of(*table).chi_square == pytest.approx(expected, abs=1e-9)


def test_p_of_large_counts_is_scipys():
    several, single = [120, 60, 20], [400, 300, 100]
    expected = chi2_contingency(np.array([several, single]), correction=False).pvalue
    assert difference_of(several, single).p_value == pytest.approx(expected)


def test_p_of_small_counts_is_close_to_the_exact_one():
    """Fisher's tea taster (1935): 3 of 4 cups right; two-sided p .4857."""
    found = difference_of([3, 1], [1, 3])
    exact = fisher_exact([[3, 1], [1, 3]]).pvalue
    assert (found.p_value, round(exact, 4)) == (pytest.approx(exact, abs=0.015), 0.4857)


def test_p_of_small_counts_says_how():
    assert difference_of([3, 1], [1, 3], seed=4).method == "9,999 permutations, seed 4"


def test_p_of_the_same_seed_is_the_same():
    one, other = (difference_of([9, 1, 2], [30, 9, 1], seed=4).p_value for _ in range(2))
    assert one == other


def test_p_of_permutations_is_never_0():
    assert difference_of([4, 0, 0], [0, 4000, 4000]).p_value == pytest.approx(1e-4)


@given(tables)
def test_total_variation_is_half_the_sum_of_gaps(table):
    several, single = (np.array(side) / np.sum(side) for side in table)
    expected = 1 - np.minimum(several, single).sum()
    assert difference_of(*table).total_variation == pytest.approx(expected)


@given(tables)
def test_numbers_lie_in_their_ranges(table):
    found = difference_of(*table)
    assert (
        0 <= found.total_variation <= 1,
        0 <= found.cramers_v <= 1,
        found.chi_square >= -1e-12,
        0 <= found.p_value <= 1,
    ) == (True, True, True, True)


@given(tables, st.data())
def test_order_of_strata_does_not_matter(table, data):
    order = data.draw(st.permutations(range(len(table[0]))))
    moved = [[side[k] for k in order] for side in table]
    one, other = difference_of(*table), difference_of(*moved)
    assert (one.chi_square, one.cramers_v) == pytest.approx((other.chi_square, other.cramers_v))


def test_equal_shares_differ_by_nothing():
    found = difference_of([30, 20, 10], [90, 60, 30])
    assert (found.total_variation, found.cramers_v, found.p_value) == pytest.approx((0, 0, 1))


def test_separate_strata_differ_by_everything():
    found = difference_of([50, 0], [0, 50])
    assert (found.total_variation, found.cramers_v) == pytest.approx((1, 1))


def test_cramers_v_is_bergsmas():
    """Bergsma (2013), section 3, by hand: phi² less (r-1)(c-1)/(n-1), lines shrunk alike."""
    found = difference_of([30, 10], [20, 40])
    square = found.chi_square / 100 - 1 / 99
    assert found.cramers_v == pytest.approx(np.sqrt(square / (2 - 1 / 99 - 1)))


def test_surplus_and_shortage_are_named():
    found = difference_of([60, 30, 10], [100, 100, 100])
    assert (found.most_over, found.most_under) == ("s0", "s2")


def test_counts_of_both_sides_are_given():
    found = difference_of([60, 30, 10], [100, 100, 50])
    assert (found.n_several, found.n_single) == (100, 250)


@pytest.mark.parametrize(
    ("several", "single", "reason"),
    [
        ([5, 5], [0, 0], "nothing to compare: no item was judged once"),
        ([0, 0], [5, 5], "nothing to compare: no item was judged twice or more"),
        ([5, 0], [9, 0], "nothing to compare: one stratum"),
        ([], [], "nothing to compare: no item was judged twice or more"),
    ],
)
def test_nothing_to_compare_is_nan(several, single, reason):
    found = difference_of(several, single)
    assert (isnan(found.p_value), isnan(found.total_variation), found.method) == (
        True,
        True,
        reason,
    )


def test_attributes_are_corrected_together():
    pair = [counts_of([60, 30], [50, 50], "task"), counts_of([45, 45], [50, 50], "format")]
    first, second = overlap_differences(pair)
    assert (first.p_adjusted, second.p_adjusted) == pytest.approx(
        (2 * first.p_value, max(2 * first.p_value, second.p_value))
    )


def test_attributes_keep_their_order():
    pair = [counts_of([1, 9], [5, 5], "b"), counts_of([5, 5], [5, 5], "a")]
    assert [found.attribute for found in overlap_differences(pair)] == ["b", "a"]


@pytest.mark.parametrize(("several", "single"), [([-1, 2], [3, 4]), ([1, 2, 3], [1, 2, 3])])
def test_malformed_counts_are_refused(several, single):
    counts = OverlapCounts("task", ("a", "b"), np.array(several), np.array(single))
    with pytest.raises(ValueError, match="one for each of 2 strata"):
        overlap_differences([counts])


def test_holm_is_that_of_r():
    """R: p.adjust(c(.01, .02, .03, .04, .05), "holm") gives .05 .08 .09 .09 .09."""
    found = holm([0.01, 0.02, 0.03, 0.04, 0.05])
    assert found == pytest.approx([0.05, 0.08, 0.09, 0.09, 0.09])


@given(p_values)
def test_holm_lies_between_p_and_bonferroni(values):
    adjusted = np.array(holm(values))
    bonferroni = np.minimum(len(values) * np.array(values), 1)
    assert ((adjusted >= np.array(values)) & (adjusted <= bonferroni + 1e-12)).all()


def test_holm_leaves_nan_out():
    assert holm([0.02, nan, 0.03]) == pytest.approx([0.04, nan, 0.04], nan_ok=True)


@pytest.mark.parametrize("design", ["random", "all", "priority", "unknown"])
def test_a_census_is_representative_by_any_design(design):
    assert is_representative(design, 500, 500).is_representative is True


@pytest.mark.parametrize(
    ("design", "equal", "expected"),
    [
        ("random", None, True),
        ("random", True, True),
        ("random", False, False),
        ("all", None, False),
        ("priority", None, False),
        ("priority", True, True),
        ("priority", False, False),
        ("unknown", None, False),
        ("unknown", True, True),
        ("unknown", False, False),
    ],
)
def test_partial_overlap_is_representative_if_drawn_alike(design, equal, expected):
    found = is_representative(design, 300, 1000, inclusion_probabilities_equal=equal)
    assert found.is_representative is expected


@pytest.mark.parametrize(
    ("design", "reason"),
    [
        ("random", "the 300 items judged twice were drawn at random from 1,000"),
        ("all", "all items were to be judged twice, but 700 of 1,000 were not"),
        ("priority", "the overlap was chosen by priority"),
        (
            "unknown",
            "nobody said how the items judged twice were chosen; state overlap_design at import",
        ),
    ],
)
def test_reason_says_who_chose(design, reason):
    assert is_representative(design, 300, 1000).reason == reason


@pytest.mark.parametrize(("several", "expected"), [(900, True), (899, False)])
def test_design_of_all_forgives_a_tenth_lost_on_the_way(several, expected):
    assert is_representative("all", several, 1000).is_representative is expected


def test_unequal_probabilities_are_the_reason():
    found = is_representative("random", 300, 1000, inclusion_probabilities_equal=False)
    assert "unequal probabilities" in found.reason


def test_no_item_at_all_represents_nothing():
    found = is_representative("all", 0, 0)
    assert (found.is_representative, found.reason) == (False, "no item was judged")


def test_unknown_design_is_refused():
    with pytest.raises(ValueError, match="allowed are random, all, priority and unknown"):
        is_representative("chance", 1, 2)


def test_more_overlap_than_items_is_refused():
    with pytest.raises(ValueError, match="must be in 0"):
        is_representative("random", 3, 2)
