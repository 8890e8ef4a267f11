"""Standing of a person in a crew whose members honestly differ."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from metrics.standing import share_angle, share_reach, standing, steadied
from metrics.tables import Floats

SEED = 20261123


def crew(people: int, spread: float, generator: np.random.Generator) -> Floats:
    return generator.normal(0, np.hypot(spread, 0.1), people)


@pytest.mark.parametrize("spread", [0.0, 0.1, 0.5])
def test_honest_crews_are_rarely_alarmed(spread: float) -> None:
    """Somebody below .05 / 40 in at most 1 of 10 crews; 5 % is meant, 400 crews are drawn."""
    generator = np.random.default_rng(SEED)
    smallest = [
        standing(crew(40, spread, generator), np.full(40, 0.01)).p_value.min() for _ in range(400)
    ]
    assert np.mean(np.array(smallest) < 0.05 / 40) <= 0.09


def test_spread_between_people_is_measured() -> None:
    found = standing(crew(2000, 0.5, np.random.default_rng(SEED)), np.full(2000, 0.01))
    assert found.spread == pytest.approx(0.5, abs=0.03)


def test_crew_without_differences_has_no_spread() -> None:
    assert standing(np.zeros(10), np.full(10, 0.01)).spread == 0


def test_somebody_far_out_does_not_hide_behind_the_spread_made_alone() -> None:
    values = np.append(crew(30, 0.1, np.random.default_rng(SEED)), 3.0)
    assert standing(values, np.full(31, 0.01)).p_value[-1] < 1e-6


def test_a_fifth_of_spoiled_people_does_not_hide_them() -> None:
    values = crew(40, 0.1, np.random.default_rng(SEED))
    values[:8] = 3.0
    assert (standing(values, np.full(40, 0.01)).p_value[:8] < 0.001).all()


@pytest.mark.parametrize("people", [0, 1, 7])
def test_small_crew_tests_nobody(people: int) -> None:
    found = standing(np.arange(people, dtype=float), np.full(people, 0.01))
    assert np.isnan(found.p_value).all()


def test_unmeasured_people_have_no_p_value() -> None:
    values = np.append(np.zeros(9), np.nan)
    assert np.isnan(standing(values, np.full(10, 0.1)).p_value).tolist() == [*[False] * 9, True]


def test_given_centre_is_kept() -> None:
    assert standing(np.full(9, 1.0), np.full(9, 0.01), centre=0.0).centre == 0


def test_crew_far_from_a_given_centre_has_that_as_spread() -> None:
    assert standing(np.full(9, 1.0), np.full(9, 0.01), centre=0.0).spread > 0.5


def test_angle_has_the_same_scatter_for_every_share() -> None:
    generator = np.random.default_rng(SEED)
    scatter = []
    for share in (0.5, 0.9):
        angle, _ = steadied(
            generator.binomial(100, share, 4000).astype(float), np.full(4000, 100.0)
        )
        scatter.append(float(angle.std()))
    assert scatter == pytest.approx([0.1, 0.1], abs=0.005)


def test_nobody_has_no_share() -> None:
    assert np.isnan(steadied(np.zeros(1), np.zeros(1))).all()


def test_no_room_for_a_difference_has_no_reach() -> None:
    assert np.isnan(share_reach(0.95, 0.1, below=False))


def test_reach_of_a_share_is_a_difference_of_angles() -> None:
    first, second = share_angle(np.array([0.5, 0.3]))
    assert share_reach(0.5, 0.2, below=True) == pytest.approx(first - second)


@given(
    arrays(np.float64, st.integers(8, 30), elements=st.floats(-100, 100, width=32)),
    st.floats(-50, 50),
)
def test_p_values_do_not_depend_on_where_zero_is(values: Floats, shift: float) -> None:
    variances = np.full(len(values), 1.0)
    one, other = (standing(each, variances).p_value for each in (values, values + shift))
    assert one == pytest.approx(other, rel=1e-3, abs=1e-9)


@given(arrays(np.float64, st.integers(8, 30), elements=st.floats(-1e6, 1e6)))
def test_p_values_are_chances(values: Floats) -> None:
    p_value = standing(values, np.full(len(values), 0.5)).p_value
    assert ((p_value > 0) & (p_value <= 1)).all()
