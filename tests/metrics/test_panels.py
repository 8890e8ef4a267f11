"""Agreement of two panels: enumeration against simulation and hand calculation."""

from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.panels import (
    Votes,
    agreement_at,
    agreement_range,
    dirichlet_agreement,
    is_countable,
    outcomes,
    shipped,
)

shares = st.lists(st.floats(0, 1), min_size=2, max_size=4).filter(lambda p: sum(p) > 0.1)


def normalised(values):
    return np.array([values]) / np.sum(values)


def simulated(points, size, seed=1):
    generator = np.random.default_rng(seed)
    first, second = (
        (generator.multinomial(size, points) + 0.5 * generator.random(points.shape)).argmax(axis=1)
        for _ in range(2)
    )
    return (first == second).mean()


@pytest.mark.parametrize(("size", "labels"), [(1, 2), (3, 3), (5, 4)])
def test_outcomes_are_all_there(size, labels):
    counts = outcomes(size, labels)
    assert (len(counts), len(np.unique(counts, axis=0)), set(counts.sum(axis=1))) == (
        comb(size + labels - 1, labels - 1),
        len(counts),
        {size},
    )


def test_shipped_label_of_a_tie_is_drawn():
    assert shipped(np.array([[2, 2, 0], [3, 1, 0]])).tolist() == [[0.5, 0.5, 0], [1, 0, 0]]


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_agreement_at_a_point_is_that_of_simulated_panels(size):
    points = np.tile([0.5, 0.3, 0.2], (200_000, 1))
    assert agreement_at(size, points[:1])[0] == pytest.approx(simulated(points, size), abs=0.005)


def test_agreement_of_three_votes_is_the_binomial_sum():
    """Condorcet: a majority of 3 is right with .8³ + 3 x .8² x .2 = .896."""
    assert agreement_at(3, np.array([[0.8, 0.2]]))[0] == pytest.approx(0.896**2 + 0.104**2)


@given(shares, st.integers(2, 7))
def test_larger_panels_never_agree_less_than_single_votes(values, size):
    point = normalised(values)
    assert agreement_at(size, point)[0] >= agreement_at(1, point)[0] - 1e-9


@pytest.mark.parametrize("size", [1, 2, 3, 6])
def test_dirichlet_agreement_is_that_of_simulated_panels(size):
    weights = np.array([1.2, 0.6, 0.2])
    points = np.random.default_rng(3).dirichlet(weights, 200_000)
    found = dirichlet_agreement(size, weights / 2, 1 / (1 + 2))
    assert found == pytest.approx(simulated(points, size), abs=0.005)


@given(st.floats(0.05, 0.95), st.floats(0.05, 0.95))
def test_dirichlet_agreement_of_single_votes_is_alpha_on_top_of_chance(share, likeness):
    shares = np.array([share, 1 - share])
    chance = shares @ shares
    expected = chance + likeness * (1 - chance)
    assert dirichlet_agreement(1, shares, likeness) == pytest.approx(expected, abs=1e-7)


def test_dirichlet_agreement_without_likeness_is_that_of_identical_items():
    shares = np.array([0.7, 0.3])
    assert dirichlet_agreement(3, shares, -0.2) == pytest.approx(
        agreement_at(3, shares[None])[0], abs=1e-4
    )


def votes_of(points, size, seed=2, independent=1.0):
    drawn = np.random.default_rng(seed).multinomial(size, points)
    counts, items = np.unique(drawn, axis=0, return_counts=True)
    return Votes(counts, items.astype(float), independent)


@pytest.mark.parametrize(
    "points",
    [
        np.repeat([[0.85, 0.15], [0.15, 0.85]], 500, axis=0),
        np.repeat([[0.5, 0.5], [1.0, 0.0], [0.0, 1.0]], [500, 250, 250], axis=0),
        np.repeat([[0.9, 0.05, 0.05], [0.4, 0.4, 0.2]], 500, axis=0),
    ],
    ids=["slips", "split for good", "three labels"],
)
@pytest.mark.parametrize("size", [2, 3, 5])
def test_range_holds_the_truth_of_very_different_items(points, size):
    """Slips and lasting splits give nearly the same votes and very different majorities."""
    low, high = agreement_range(votes_of(points, size), {size: 1.0}, 0.95)
    assert low <= agreement_at(size, points).mean() <= high


def test_range_narrows_with_votes_on_each_item():
    points = np.repeat([[0.85, 0.15], [0.15, 0.85]], 500, axis=0)
    few = agreement_range(votes_of(points, 3), {3: 1.0}, 0.95)
    many = agreement_range(votes_of(points, 9), {3: 1.0}, 0.95)
    assert many[1] - many[0] < 0.6 * (few[1] - few[0])


def test_range_widens_where_items_come_in_groups():
    points = np.repeat([[0.85, 0.15], [0.15, 0.85]], 500, axis=0)
    alone = agreement_range(votes_of(points, 3), {3: 1.0}, 0.95)
    grouped = agreement_range(votes_of(points, 3, independent=0.25), {3: 1.0}, 0.95)
    assert (grouped[0] < alone[0], grouped[1] > alone[1]) == (True, True)


def test_range_of_votes_that_no_exchangeable_panel_gives_is_none():
    """Every item split evenly, never 3 to 1 or 4 to 0: more even than any coin."""
    votes = Votes(np.array([[2, 2]]), np.array([5000.0]))
    assert agreement_range(votes, {4: 1.0}, 0.95) is None


@pytest.mark.parametrize(
    ("size", "labels", "expected"), [(3, 2, True), (15, 5, True), (40, 5, False), (3, 6, False)]
)
def test_only_what_can_be_enumerated_is(size, labels, expected):
    assert is_countable(np.array([size]), labels) is expected


def test_nothing_cannot_be_enumerated():
    assert is_countable(np.array([], int), 2) is False
