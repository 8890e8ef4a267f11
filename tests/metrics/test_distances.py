"""Distances between labels and weights of partial agreement."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.distances import (
    agreement_weights,
    alpha_distance,
    jaccard_distance,
    label_numbers,
    label_sets,
    masi_distance,
    ratio_distance,
)

sets = st.lists(st.frozensets(st.sampled_from("abcd")), min_size=1, max_size=6)


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [
        ({1, 2}, {1, 2, 3, 4}, 0.6666667),
        ({1, 2, 3}, {1, 2, 4}, 0.8333333),
        ({1}, {2}, 1.0),
        ({1}, {1}, 0.0),
        (set(), set(), 0.0),
        (set(), {1}, 1.0),
    ],
)
def test_masi_is_passonneaus(one, other, distance):
    """A-16: Passonneau (2006), LREC, with 2/3 and 1/3 (older nltk rounded 2/3 to .67)."""
    pair = [frozenset(map(str, one)), frozenset(map(str, other))]
    assert masi_distance(pair)[0, 1] == pytest.approx(distance, abs=1e-7)


@pytest.mark.parametrize(
    ("one", "other", "distance"), [("ab", "bc", 2 / 3), ("a", "b", 1.0), ("", "", 0.0)]
)
def test_jaccard_is_one_minus_shared_over_joined(one, other, distance):
    assert jaccard_distance([frozenset(one), frozenset(other)])[0, 1] == pytest.approx(distance)


@given(sets)
def test_masi_is_never_below_jaccard(some):
    assert (masi_distance(some) >= jaccard_distance(some) - 1e-12).all()


@given(sets)
def test_set_distance_is_symmetric_and_bounded(some):
    distance = masi_distance(some)
    assert distance == pytest.approx(distance.T)
    assert ((distance >= -1e-12) & (distance <= 1.0)).all()


def test_members_of_sets_may_be_numbers():
    assert label_sets(["[1, 2]"]) == [frozenset({"1", "2"})]


@pytest.mark.parametrize("label", ["a", '{"a": 1}', '"a"'])
def test_set_label_must_be_an_array(label):
    with pytest.raises(ValueError, match="JSON arrays"):
        label_sets([label])


@pytest.mark.parametrize("label", ["nan", "inf"])
def test_numbers_must_be_finite(label):
    with pytest.raises(ValueError, match="finite"):
        label_numbers([label])


def test_ratio_distance_of_two_zeros_is_zero():
    assert ratio_distance(np.zeros(2)) == pytest.approx(np.zeros((2, 2)))


def test_ordinal_distance_is_not_a_fixed_matrix():
    with pytest.raises(ValueError, match="independent of the data"):
        alpha_distance(["1", "2"], "ordinal")


def test_weights_follow_numbers_at_interval_level():
    """Labels 1, 2 and 5 of a numeric scale: 2 is a quarter of the way."""
    weights = agreement_weights(["1", "2", "5"], "interval", "linear")
    assert weights[0] == pytest.approx([1.0, 0.75, 0.0])


def test_weights_follow_places_at_ordinal_level():
    assert agreement_weights(["1", "2", "5"], "ordinal", "linear")[0] == pytest.approx([1, 0.5, 0])


@pytest.mark.parametrize("weights", ["linear", "quadratic", "none"])
def test_weights_of_one_label_are_one(weights):
    assert agreement_weights(["a"], "ordinal", weights) == pytest.approx(np.eye(1))
