"""Gwet's benchmarking against the R documentation."""

from math import nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.benchmarking import SCALES, benchmark

ALL_SCALES = pytest.mark.parametrize("scale", list(SCALES))
coefficients = st.floats(-1, 1)
errors = st.floats(0.001, 0.5)


def test_probabilities_are_those_of_irrcac():
    """R irrCAC, vignette on benchmarking: AC1 .77544, se .14295, Landis-Koch."""
    words = benchmark(0.77544, 0.14295)
    found = [entry.probability for entry in words.classes[:4]]
    assert found == pytest.approx([0.39674, 0.88336, 0.99542, 0.99997], abs=1e-5)


def test_fleiss_scale_is_that_of_irrcac():
    """R irrCAC, vignette on benchmarking: .54414 for .75 and better."""
    words = benchmark(0.77544, 0.14295, scale="fleiss")
    assert words.classes[0].probability == pytest.approx(0.54414, abs=1e-5)


def test_word_is_the_sure_one_and_not_that_of_the_point():
    """R irrCAC: the verdict is Moderate, though the point estimate reads Substantial."""
    words = benchmark(0.77544, 0.14295)
    assert (words.name, words.point_name) == ("moderate", "substantial")


@pytest.mark.parametrize(
    ("scale", "name"),
    [("landis_koch", "moderate"), ("fleiss", "intermediate to good"), ("altman", "moderate")],
)
def test_scales_have_their_own_words(scale, name):
    assert benchmark(0.77544, 0.14295, scale=scale).name == name


def test_probability_is_that_of_draws_inside_the_range():
    draws = np.random.default_rng(1).normal(0.5, 0.4, 400_000)
    draws = draws[np.abs(draws) <= 1]
    words = benchmark(0.5, 0.4)
    found = [entry.probability for entry in words.classes]
    expected = [(draws >= entry.from_value).mean() for entry in words.classes]
    assert found == pytest.approx(expected, abs=0.003)


@ALL_SCALES
@given(coefficients, errors)
def test_probability_grows_towards_the_worst_class(scale, coefficient, error):
    found = [entry.probability for entry in benchmark(coefficient, error, scale=scale).classes]
    assert found == sorted(found)


@ALL_SCALES
@given(coefficients, errors)
def test_worst_class_is_certain(scale, coefficient, error):
    assert benchmark(coefficient, error, scale=scale).classes[-1].probability == 1.0


@given(coefficients)
def test_without_error_to_speak_of_the_word_is_that_of_the_point_or_the_next(coefficient):
    words = benchmark(coefficient, 1e-6)
    names = [name for _, name in SCALES["landis_koch"]]
    assert names.index(words.name) - names.index(words.point_name) in {0, 1}


@pytest.mark.parametrize(("coefficient", "error"), [(nan, 0.1), (0.5, nan), (1.0, 0.0)])
def test_nothing_to_be_sure_of_has_no_word(coefficient, error):
    assert benchmark(coefficient, error) is None


@pytest.mark.parametrize(("coefficient", "error"), [(1.2, 0.1), (-1.2, 0.1), (0.5, -0.1)])
def test_impossible_numbers_are_refused(coefficient, error):
    with pytest.raises(ValueError, match="must be in -1"):
        benchmark(coefficient, error)


def test_impossible_assurance_is_refused():
    with pytest.raises(ValueError, match="between 0 and 1"):
        benchmark(0.5, 0.1, assurance=1.0)
