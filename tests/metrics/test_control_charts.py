"""Control charts against the NIST handbook, and where there is next to nothing to draw."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, norm

from metrics.control_charts import c_chart, cusum, ewma_chart, p_chart, u_chart

WAFERS = (
    12,
    15,
    8,
    10,
    4,
    7,
    16,
    9,
    14,
    10,
    5,
    6,
    17,
    12,
    22,
    8,
    10,
    5,
    13,
    11,
    20,
    18,
    24,
    15,
    9,
    12,
    7,
    13,
    9,
    6,
)
DEFECTS = (
    16,
    14,
    28,
    16,
    12,
    20,
    10,
    12,
    10,
    17,
    19,
    17,
    14,
    16,
    15,
    13,
    14,
    16,
    11,
    20,
    11,
    19,
    16,
    31,
    13,
)
SERIES = (
    52.0,
    47.0,
    53.0,
    49.3,
    50.1,
    47.0,
    51.0,
    50.1,
    51.2,
    50.5,
    49.6,
    47.6,
    49.9,
    51.3,
    47.8,
    51.2,
    52.6,
    52.4,
    53.6,
    52.1,
)
SMOOTH = (
    50.60,
    49.52,
    50.56,
    50.18,
    50.16,
    49.21,
    49.75,
    49.85,
    50.26,
    50.33,
    50.11,
    49.36,
    49.52,
    50.05,
    49.38,
    49.92,
    50.73,
    51.23,
    51.94,
    51.99,
)


def test_p_chart_reproduces_the_handbook() -> None:
    """NIST 6.3.3.2, published .2313, .4102, .0524."""
    chart = p_chart(WAFERS, [50] * 30)
    found = (chart.centre, chart.upper[0], chart.lower[0])
    assert found == pytest.approx((0.2313333, 0.4102391, 0.0524275), abs=1e-7)


def test_p_chart_signals_the_points_of_the_handbook() -> None:
    assert np.flatnonzero(p_chart(WAFERS, [50] * 30).signals).tolist() == [14, 22]


def test_laney_chart_widens_the_limits_of_scattered_subgroups() -> None:
    chart = p_chart(WAFERS, [50] * 30, laney=True)
    found = (chart.dispersion, chart.upper[0], chart.lower[0])
    assert found == pytest.approx((1.6608667, 0.5284720, 0.0), abs=1e-7)


def test_laney_chart_of_the_handbook_has_no_signal() -> None:
    assert not p_chart(WAFERS, [50] * 30, laney=True).signals.any()


def test_laney_chart_of_few_subgroups_says_so() -> None:
    chart = p_chart(WAFERS[:19], [50] * 19, laney=True)
    assert chart.status == "insufficient"
    assert "19 subgroups" in chart.reason


def test_c_chart_reproduces_the_handbook() -> None:
    """NIST 6.3.3.1: 16, 28, 4."""
    chart = c_chart(DEFECTS)
    assert (chart.centre, chart.upper[0], chart.lower[0]) == (16, 28, 4)


def test_c_chart_point_on_its_limit_is_no_signal() -> None:
    assert np.flatnonzero(c_chart(DEFECTS).signals).tolist() == [23]


def test_ewma_reproduces_the_handbook() -> None:
    """NIST 6.3.2.4."""
    chart = ewma_chart(SERIES, target=50, sigma=2.0539)
    assert chart.values == pytest.approx(SMOOTH, abs=0.0051)


def test_ewma_limits_tend_to_those_of_the_handbook() -> None:
    chart = ewma_chart(SERIES, target=50, sigma=2.0539, exact=False)
    assert (chart.upper[0], chart.lower[0]) == pytest.approx((52.588432, 47.411568), abs=1e-6)


def test_ewma_limits_start_narrow() -> None:
    chart = ewma_chart(SERIES, target=50, sigma=2.0539)
    assert chart.upper[:2] == pytest.approx((51.848510, 52.256394), abs=1e-6)


def test_cusum_adds_up_what_exceeds_the_slack() -> None:
    """By hand: NIST 6.3.2.3 groups 12 to 16, target 325, k = .3175."""
    series = (325.150, 328.325, 327.250, 327.825, 328.500)
    sums = cusum(series, target=325, sigma=1, slack=0.3175, limit=4.1959)
    assert sums.upper == pytest.approx((0, 3.0075, 4.94, 7.4475, 10.63), abs=1e-9)
    assert sums.signals.tolist() == [False, False, True, True, True]


def test_cusum_finds_a_shift_downwards() -> None:
    sums = cusum([-2] * 5, target=0, sigma=1, limit=5)
    assert sums.signals.tolist() == [False, False, False, True, True]


@pytest.mark.parametrize("chart", [p_chart, u_chart])
@pytest.mark.parametrize("laney", [False, True])
def test_chart_of_one_subgroup_signals_nothing(chart: Any, laney: bool) -> None:
    found = chart([3], [10], laney=laney)
    assert (found.centre, found.signals.tolist()) == (0.3, [False])


@pytest.mark.parametrize("chart", [p_chart, u_chart])
@pytest.mark.parametrize("laney", [False, True])
def test_chart_of_nothing_examined_is_undefined(chart: Any, laney: bool) -> None:
    found = chart([0, 0], [0, 0], laney=laney)
    assert (found.status, found.signals.any()) == ("undefined", False)


def test_empty_subgroup_has_no_value_and_no_limits() -> None:
    chart = p_chart([1, 0, 1], [10, 0, 10])
    assert np.isnan([chart.values[1], chart.lower[1], chart.upper[1]]).all()
    assert not chart.signals.any()


@pytest.mark.parametrize("count", [0, 4, 10])
@pytest.mark.parametrize("laney", [False, True])
def test_equal_subgroups_signal_nothing(count: int, laney: bool) -> None:
    assert not p_chart([count] * 30, [10] * 30, laney=laney).signals.any()


def test_u_chart_takes_more_events_than_units() -> None:
    assert u_chart([9, 9], [3, 3]).centre == 3


def test_chart_without_points_is_undefined() -> None:
    assert c_chart([]).status == "undefined"


@pytest.mark.parametrize(
    ("counts", "sizes", "told"),
    [([2], [1], "more than"), ([-1], [1], "negative"), ([1, 2], [3], "2 counts")],
)
def test_impossible_counts_are_refused(counts: Any, sizes: Any, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        p_chart(counts, sizes)


@pytest.mark.parametrize("sigma", [0.0, -1.0, float("nan")])
def test_series_without_scatter_is_refused(sigma: float) -> None:
    with pytest.raises(ValueError, match="sigma"):
        cusum([1.0], target=0, sigma=sigma)


@pytest.mark.parametrize("weight", [0.0, 1.5])
def test_ewma_weight_outside_its_range_is_refused(weight: float) -> None:
    with pytest.raises(ValueError, match="weight"):
        ewma_chart([1.0], target=0, sigma=1, weight=weight)


subgroups = st.lists(
    st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=1
)


@given(subgroups, st.booleans())
def test_p_chart_limits_hold_the_centre_and_stay_shares(
    points: list[tuple[int, int]], laney: bool
) -> None:
    counts, sizes = zip(*points, strict=True)
    chart = p_chart(counts, sizes, laney=laney)
    assert np.all((chart.lower >= 0) & (chart.upper <= 1))
    assert np.all((chart.lower <= chart.centre) & (chart.centre <= chart.upper))


def test_exact_limits_do_not_cry_over_one_error_of_one() -> None:
    assert p_chart([0, 190], [1, 199]).signals[0]
    assert not p_chart([0, 190], [1, 199], exact=True).signals.any()


@given(
    st.lists(
        st.integers(0, 60).flatmap(lambda size: st.tuples(st.integers(0, size), st.just(size))),
        min_size=1,
        max_size=8,
    )
)
def test_exact_limits_are_the_binomial_tail(pairs: list[tuple[int, int]]) -> None:
    counts, sizes = zip(*pairs, strict=True)
    chart = p_chart(counts, sizes, exact=True)
    tail = norm.sf(3)
    for count, size, signal in zip(counts, sizes, chart.signals, strict=True):
        if size and 0 < chart.centre < 1:
            rare = binom.cdf(count, size, chart.centre) < tail
            rare |= binom.sf(count - 1, size, chart.centre) < tail
            assert signal == rare
        else:
            assert not signal
