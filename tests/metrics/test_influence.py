"""Influence of one annotator, against taking the answers out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.agreement import krippendorff_alpha, percent_agreement
from metrics.influence import best_of_identical, influence, without

LABELS = ("a", "b", "c")
UNITS = st.lists(
    st.dictionaries(st.sampled_from("pqrs"), st.sampled_from(LABELS), min_size=1),
    min_size=2,
    max_size=20,
)


@given(UNITS)
def test_taking_a_person_out_is_exact(patterns_from_ratings, units) -> None:
    patterns = patterns_from_ratings(units, LABELS)
    for place, person in enumerate(patterns.annotators.annotators):
        left = [{who: said for who, said in unit.items() if who != person} for unit in units]
        left = [unit for unit in left if unit]
        if not left:
            continue
        expected = krippendorff_alpha(patterns_from_ratings(left, LABELS)).value
        found = krippendorff_alpha(without(patterns, place)).value
        assert found == pytest.approx(expected, nan_ok=True)


def test_one_annotator_leaves_nothing_defined(patterns_from_ratings) -> None:
    patterns = patterns_from_ratings([{"p": "a"}, {"p": "b"}], LABELS)
    assert np.isnan(influence(patterns, lambda one: krippendorff_alpha(one).value)).all()


def batch(patterns_from_ratings, seed: int):
    generator = np.random.default_rng(seed)
    units = []
    for _ in range(300):
        truth = generator.integers(3)
        who = generator.permutation(8)[:4]
        units.append(
            {
                f"p{one}": LABELS[truth if generator.random() < 0.8 else generator.integers(3)]
                for one in who
            }
        )
    return patterns_from_ratings(units, LABELS)


def test_identical_people_gain_no_more_than_chance_says(patterns_from_ratings) -> None:
    inside = 0
    for seed in range(10):
        patterns = batch(patterns_from_ratings, seed)
        value = lambda one: percent_agreement(one).value  # noqa: E731 - a metric with its options
        chance = best_of_identical(patterns, value, 1, higher_is_better=True)
        assert chance is not None
        inside += influence(patterns, value).max() <= chance.high
    assert inside >= 8


def test_the_seed_decides(patterns_from_ratings) -> None:
    patterns = batch(patterns_from_ratings, 0)
    first, again = (
        best_of_identical(
            patterns, lambda one: percent_agreement(one).value, 7, higher_is_better=True
        )
        for _ in range(2)
    )
    assert first is not None
    assert again is not None
    assert (first.typical, first.high) == (again.typical, again.high)
