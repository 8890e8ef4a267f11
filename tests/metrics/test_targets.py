"""Declared cells: shortfalls, tests of shares, what to collect next."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, chisquare

from metrics.targets import (
    Target,
    collect_next,
    coverage_share_met,
    fits,
    is_met,
    relative_shortfall,
    share_tests,
)

SHARES, OBSERVED = (0.4, 0.3, 0.2, 0.1), (230, 140, 95, 35)


def mix(observed=OBSERVED, shares=SHARES):
    return [
        Target({"task": str(place)}, count, share=share)
        for place, (count, share) in enumerate(zip(observed, shares, strict=True))
    ]


def short(need, **cell):
    """A cell of which nothing is there."""
    return Target(cell, 0, minimum=need)


def test_shares_together_are_tested_by_chi_square():
    """Case D-06 of the catalogue."""
    found = share_tests(mix(), 500)
    assert found.statistic == pytest.approx(9.9166667)
    assert found.p_value == pytest.approx(0.0192879, abs=1e-7)
    assert found.degrees == 3


def test_residuals_are_pearsons():
    """Case D-06."""
    residuals = [one.residual for one in share_tests(mix(), 500).cells]
    assert residuals == pytest.approx([2.1213203, -0.8164966, -0.5, -2.1213203])


def test_gaps_are_in_items():
    """Case D-06."""
    assert [one.gap for one in share_tests(mix(), 500).cells] == pytest.approx([-30, 10, 5, 15])


def test_each_share_is_tested_by_an_exact_binomial():
    """Case D-06; R prints .01231949 for the last."""
    found = [one.p_value for one in share_tests(mix(), 500).cells]
    assert found == pytest.approx([0.9971726, 0.1771685, 0.3104197, 0.0123195], abs=1e-7)


def test_several_shares_are_corrected_together():
    """Benjamini and Hochberg: four tests, the smallest p times four."""
    assert share_tests(mix(), 500).cells[3].q_value == pytest.approx(4 * 0.01231949, abs=1e-7)


@given(st.lists(st.integers(0, 60), min_size=4, max_size=4).filter(sum))
def test_share_tests_are_those_of_scipy(observed):
    total = sum(observed)
    found = share_tests(mix(observed), total)
    expected = chisquare(observed, [share * total for share in SHARES])
    assert found.p_value == pytest.approx(expected.pvalue, abs=1e-9)
    exact = [
        binomtest(count, total, share, alternative="less").pvalue
        for count, share in zip(observed, SHARES, strict=True)
    ]
    assert [one.p_value for one in found.cells] == pytest.approx(exact, abs=1e-9)


def test_shares_that_do_not_divide_the_batch_have_no_test_together():
    assert share_tests(mix()[:2], 500).degrees == 0


def test_empty_batch_has_nothing_to_test():
    (found,) = share_tests([Target({"a": "x"}, 0, share=0.5)], 0).cells
    assert str(found.p_value) == "nan"


def test_cells_met_are_counted():
    cells = [short(5, a="x"), Target({"a": "y"}, 9, minimum=9), Target({"a": "z"}, 3, minimum=2)]
    found = coverage_share_met(cells, 12)
    assert (found.value, found.low, found.high) == (2 / 3, 2 / 3, 2 / 3)
    assert (found.n, found.n_unit, found.about) == (3, "cells", "batch")


def test_share_without_tolerance_is_not_counted():
    assert coverage_share_met([Target({"a": "x"}, 1, share=0.9)], 10).status == "undefined"


def test_no_cells_are_no_evidence():
    found = coverage_share_met([], 10)
    assert (found.status, str(found.value)) == ("undefined", "nan")


def test_cell_of_a_dimension_the_batch_lacks_is_not_met():
    assert coverage_share_met([Target({"a": "x"}, None, minimum=1)], 10).value == 0


@pytest.mark.parametrize(("count", "met"), [(14, False), (15, True), (25, True), (26, False)])
def test_share_with_tolerance_has_two_ends(count, met):
    target = Target({"a": "x"}, count, share=0.2, tolerance=0.05)
    assert is_met(target, 100) is met


def test_share_and_minimum_are_both_needed():
    target = Target({"a": "x"}, 10, minimum=30, share=0.1, tolerance=0.05)
    assert (target.required(100), target.short(100)) == (30, 20)


def test_shortfall_is_relative_to_what_is_needed():
    assert relative_shortfall(Target({"a": "x"}, 5, minimum=20), 100) == 0.75


def test_largest_relative_shortfall_is_collected_first():
    cells = [Target({"a": "x"}, 90, minimum=100), Target({"a": "y"}, 1, minimum=4)]
    assert [(dict(one.cell), one.items) for one in collect_next(cells, 200)] == [
        ({"a": "y"}, 3),
        ({"a": "x"}, 10),
    ]


def test_one_item_fills_several_cells():
    found = collect_next([short(10, a="x"), short(4, b="y")], 0)
    assert [(dict(one.cell), one.items, one.serves) for one in found] == [
        ({"a": "x", "b": "y"}, 4, (0, 1)),
        ({"a": "x"}, 6, (0,)),
    ]


def test_impossible_items_are_not_asked_for():
    cells = [short(10, a="x"), short(4, b="y")]
    found = collect_next(cells, 0, is_possible=lambda one: not {"a", "b"} <= set(one))
    assert [(dict(one.cell), one.items) for one in found] == [({"a": "x"}, 10), ({"b": "y"}, 4)]


def test_star_takes_the_value_of_the_other_cell():
    (found, rest) = collect_next([short(3, a="co*"), short(2, a="coding")], 0)
    assert (dict(found.cell), found.items, dict(rest.cell)) == ({"a": "coding"}, 2, {"a": "co*"})


def test_bare_share_is_no_need():
    assert collect_next([Target({"a": "x"}, 0, share=0.5)], 100) == ()


CELLS = st.lists(
    st.tuples(
        st.dictionaries(st.sampled_from("abc"), st.sampled_from("xy"), min_size=1),
        st.integers(0, 6),
        st.integers(1, 9),
    ),
    max_size=6,
)


@given(CELLS)
def test_what_is_collected_fills_every_cell(drawn):
    targets = [Target(cell, actual, minimum=need) for cell, actual, need in drawn]
    plan = collect_next(targets, 50)
    for target in targets:
        added = sum(
            one.items
            for one in plan
            if all(one.cell.get(name) == value for name, value in target.cell.items())
        )
        assert (target.actual or 0) + added >= (target.minimum or 0)


@given(CELLS)
def test_never_more_is_collected_than_is_short(drawn):
    targets = [Target(cell, actual, minimum=need) for cell, actual, need in drawn]
    assert sum(one.items for one in collect_next(targets, 50)) <= sum(
        target.short(50) for target in targets
    )


@given(CELLS)
def test_no_item_is_needed_twice_over(drawn):
    """At least the largest shortfall: no item can fill one cell twice."""
    targets = [Target(cell, actual, minimum=need) for cell, actual, need in drawn]
    least = max((target.short(50) for target in targets), default=0)
    assert sum(one.items for one in collect_next(targets, 50)) >= least


@pytest.mark.parametrize(("value", "wanted"), list(product(["a.b", "a[1]", "?"], repeat=2)))
def test_only_stars_are_wild(value, wanted):
    assert fits(value, wanted) == (value == wanted)


def test_star_stands_for_any_text():
    assert fits("a[1] of b", "a[1]*b")
