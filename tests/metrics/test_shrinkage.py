"""Shrinkage of rates, against Efron and Morris and by simulation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.shrinkage import beta_binomial, james_stein

BATTERS = np.array([18, 17, 16, 15, 14, 14, 13, 12, 11, 11, 10, 10, 10, 10, 10, 9, 8, 7])


def test_james_stein_is_the_baseball_example() -> None:
    """B-03: factor .2116534, first player .2939, last .2422."""
    share = BATTERS / 45
    mean = share.mean()
    found = james_stein(share, mean * (1 - mean) / 45)
    assert mean == pytest.approx(0.2654321, abs=1e-7)
    assert (found[0] - mean) / (share[0] - mean) == pytest.approx(0.2116534, abs=1e-6)
    assert found[[0, -1]] == pytest.approx([0.2939, 0.2422], abs=5e-5)


def test_beta_binomial_shrinks_the_batters_about_as_much() -> None:
    found = beta_binomial(BATTERS.astype(float), np.full(18, 45.0))
    assert found.value[0] == pytest.approx(0.2939, abs=0.02)
    assert found.value[-1] == pytest.approx(0.2422, abs=0.02)


@pytest.mark.parametrize(
    ("people", "mean", "sd"), [(40, 0.75, 0.1), (40, 0.8, 0.05), (10, 0.9, 0.05)]
)
def test_intervals_cover_people_drawn_from_the_prior(people: int, mean: float, sd: float) -> None:
    generator = np.random.default_rng(5)
    weight = mean * (1 - mean) / sd**2 - 1
    inside = []
    for _ in range(150):
        rate = generator.beta(mean * weight, (1 - mean) * weight, people)
        trials = np.clip(generator.pareto(1.0, people) * 20, 1, 1000).astype(np.int64)
        hits = generator.binomial(trials, rate)
        found = beta_binomial(hits.astype(float), trials.astype(float))
        inside.append(((found.low <= rate) & (rate <= found.high)).mean())
    assert 0.92 <= np.mean(inside) <= 0.98


def test_nobody_worked_is_not_known() -> None:
    assert np.isnan(beta_binomial(np.zeros(2), np.zeros(2)).value).all()


def test_one_person_with_one_item_has_a_wide_interval() -> None:
    found = beta_binomial(np.ones(1), np.ones(1))
    assert found.low[0] < 0.3
    assert found.high[0] > 0.9


@given(
    st.lists(
        st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
        min_size=1,
        max_size=12,
    )
)
def test_posterior_lies_inside_its_interval_and_between_0_and_1(
    work: list[tuple[int, int]],
) -> None:
    hits, trials = np.array(work, dtype=float).T
    found = beta_binomial(hits, trials)
    assert (found.low >= 0).all()
    assert (found.high <= 1).all()
    assert ((found.low <= found.value) & (found.value <= found.high)).all()
