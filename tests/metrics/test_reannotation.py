"""Which items are worth one more answer."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.reannotation import accuracy_from_agreement, gain_of_one_more


@pytest.mark.parametrize(("agreement", "noise"), [(0.73, 0.1608835), (0.81, 0.1062996), (0.5, 0.5)])
def test_two_labels_have_the_known_noise(agreement, noise):
    """Case E-05 of the catalogue: e = (1 - sqrt(2A - 1)) / 2."""
    assert accuracy_from_agreement(agreement, 2) == pytest.approx(1 - noise, abs=1e-7)


def test_less_agreement_than_guessing_has_no_accuracy():
    assert np.isnan(accuracy_from_agreement(0.2, 2))


@given(st.integers(2, 6), st.floats(0.0, 1.0))
def test_accuracy_gives_the_agreement_back(labels, share):
    accuracy = 1 / labels + share * (1 - 1 / labels)
    agreement = accuracy**2 + (1 - accuracy) ** 2 / (labels - 1)
    assert accuracy_from_agreement(agreement, labels) == pytest.approx(accuracy, abs=1e-6)


def counted_out(votes, labels, accuracy):
    """The same by listing every truth and every next answer."""
    slip = (1 - accuracy) / (labels - 1)

    def chance(truth, answers):
        return np.prod([accuracy if answer == truth else slip for answer in answers])

    seen = [label for label, count in enumerate(votes) for _ in range(count)]
    total = sum(chance(truth, seen) for truth in range(labels))
    now = max(chance(truth, seen) for truth in range(labels)) / total
    after = sum(
        max(chance(truth, [*seen, answer]) for truth in range(labels)) for answer in range(labels)
    )
    return after / total - now


@pytest.mark.parametrize(
    ("votes", "accuracy"), list(product([(0, 0, 0), (1, 0, 0), (1, 1, 0), (3, 2, 1)], [0.5, 0.8]))
)
def test_gain_is_what_listing_all_answers_gives(votes, accuracy):
    found = gain_of_one_more(votes, 3, accuracy)
    assert found == pytest.approx(counted_out(votes, 3, accuracy), abs=1e-12)


def test_split_item_gains_more_than_a_settled_one():
    assert gain_of_one_more([2, 2], 3, 0.8) > gain_of_one_more([2, 1], 3, 0.8) >= 0


def test_right_people_need_no_more_answers():
    assert gain_of_one_more([1], 3, 1.0) == 0.0


def test_unknown_accuracy_has_no_gain():
    assert np.isnan(gain_of_one_more([1, 1], 2, np.nan))


@given(st.lists(st.integers(0, 400), min_size=2, max_size=5), st.floats(0.34, 1.0))
def test_gain_is_a_share_in_any_order(votes, accuracy):
    labels = max(3, len(votes))
    gain = gain_of_one_more(votes, labels, accuracy)
    assert 0.0 <= gain <= 1.0
    assert gain == pytest.approx(gain_of_one_more(votes[::-1], labels, accuracy), abs=1e-12)
