"""Duplicates: published detection probabilities, and shares by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.duplicates import (
    TextCounts,
    conflicting_duplicates,
    contamination_share,
    detection_probability,
    exact_duplicate_share,
    minhash_deviation,
    near_duplicate_share,
)
from metrics.tables import ItemCounts


@pytest.mark.parametrize(
    ("similarity", "expected"),
    [
        (0.2, 0.006381),
        (0.3, 0.047494),
        (0.4, 0.186050),
        (0.5, 0.470051),
        (0.6, 0.801902),
        (0.7, 0.974781),
        (0.8, 0.999644),
    ],
)
def test_detection_probability_is_the_published_one(similarity: float, expected: float) -> None:
    """Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, section 3.4.2 (D-05)."""
    assert detection_probability(similarity, 5, 20) == pytest.approx(expected, abs=1e-6)


def test_minhash_deviation_is_binomial() -> None:
    assert minhash_deviation(0.5, 100) == pytest.approx(0.05, abs=1e-12)


@pytest.mark.parametrize("similarity", [-0.1, 1.1])
def test_similarity_outside_the_scale_is_refused(similarity: float) -> None:
    with pytest.raises(ValueError, match="similarity"):
        detection_probability(similarity)


def test_share_of_no_texts_is_undefined() -> None:
    assert near_duplicate_share(TextCounts(0, 0)).status == "undefined"


def test_one_text_has_no_duplicate() -> None:
    assert exact_duplicate_share(TextCounts(1, 1)).value == 0.0


def test_contamination_is_a_census() -> None:
    found = contamination_share(ItemCounts(8, 210))
    assert (found.low, found.value, found.high) == (8 / 210,) * 3
    assert found.about == "batch"


def test_conflicts_are_a_count() -> None:
    found = conflicting_duplicates(ItemCounts(2, 9))
    assert (found.value, found.n, found.is_count) == (2.0, 9, True)


def test_more_different_texts_than_texts_are_refused() -> None:
    with pytest.raises(ValueError, match="different"):
        exact_duplicate_share(TextCounts(2, 3))


@given(texts=st.integers(1, 10**7), data=st.data())
def test_effective_n_and_duplicates_make_up_all_texts(texts: int, data: st.DataObject) -> None:
    different = data.draw(st.integers(1, texts))
    found = near_duplicate_share(TextCounts(texts, different))
    assert found.value * texts + different == pytest.approx(texts)
