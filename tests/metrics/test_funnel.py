"""Funnel limits, spread between people and what stands out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.funnel import (
    Measured,
    additive_spread,
    detects,
    exact_lower_count,
    funnel_limits,
    outlying,
)


@pytest.mark.parametrize(
    ("n", "warning", "alarm"),
    [(50, 0.816844, 0.768902), (100, 0.841200, 0.807300), (400, 0.870600, 0.853650)],
)
def test_limits_are_those_of_the_reference_case(n: int, warning: float, alarm: float) -> None:
    """B-08: centre .9, 1.96 and 3.09 standard errors."""
    assert funnel_limits(0.9, n, 1.96)[0] == pytest.approx(warning, abs=1e-6)
    assert funnel_limits(0.9, n, 3.09)[0] == pytest.approx(alarm, abs=1e-6)


@pytest.mark.parametrize(("n", "outer", "inner"), [(50, 41, 37), (100, 84, 80), (400, 348, 340)])
def test_exact_counts_are_those_of_the_reference_case(n: int, outer: int, inner: int) -> None:
    assert (exact_lower_count(0.9, n, 0.025), exact_lower_count(0.9, n, 0.001)) == (outer, inner)


def standing(observed: list[float], expected: float, n: int) -> Measured:
    share = np.array(observed)
    variance = np.full(len(share), expected * (1 - expected) / n)
    return Measured(share, np.full(len(share), expected), variance, np.full(len(share), n))


def test_spread_between_equal_people_is_none() -> None:
    generator = np.random.default_rng(1)
    found = [
        additive_spread(generator.normal(0.0, 0.03, 40), np.full(40, 0.0009)) for _ in range(200)
    ]
    assert np.sqrt(np.median(found)) < 0.01


def test_spread_is_found_again_under_unequal_work() -> None:
    generator = np.random.default_rng(2)
    error = np.geomspace(0.01, 0.1, 40)
    found = [
        additive_spread(generator.normal(0.0, np.sqrt(0.05**2 + error**2)), error**2)
        for _ in range(300)
    ]
    assert np.sqrt(np.mean(found)) == pytest.approx(0.05, abs=0.005)


def test_spread_does_not_follow_two_who_stand_out() -> None:
    honest = np.linspace(-0.02, 0.02, 38)
    with_two = np.concatenate([honest, [-0.4, -0.5]])
    assert np.sqrt(additive_spread(with_two, np.full(40, 0.0004))) < 0.02


def test_one_who_misses_half_stands_out() -> None:
    found = outlying(standing([0.9] * 9 + [0.5], 0.9, 100), 0.05, is_share=True)
    assert found.p_value[-1] < 1e-4
    assert found.p_value[0] > 0.5


def test_nobody_to_compare_with_has_no_p_value() -> None:
    alone = Measured(np.array([0.5]), np.array([np.nan]), np.array([np.nan]), np.array([10]))
    assert np.isnan(outlying(alone, 0.05, is_share=True).p_value[0])


def test_little_work_detects_nothing() -> None:
    place = standing([0.9, 0.9], 0.9, 3)
    found = outlying(place, 0.05, is_share=True)
    assert not detects(found, np.full(2, 0.4), family=40).any()


@given(
    hits=st.lists(st.integers(0, 40), min_size=1, max_size=30),
    expected=st.floats(0.05, 0.95),
)
def test_p_values_are_probabilities(hits: list[int], expected: float) -> None:
    found = outlying(standing([each / 40 for each in hits], expected, 40), 0.05, is_share=True)
    assert ((found.p_value > 0) & (found.p_value <= 1)).all()
