"""The matrix of annotator pairs against the estimates of each pair alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.intervals import wilson
from metrics.kappas import cohen_kappa, restricted_to
from metrics.pair_matrix import pair_matrix
from metrics.tables import AnnotatorPairs

PEOPLE = ("w", "x", "y", "z")
entries = st.lists(
    st.tuples(
        st.sampled_from([(0, 1), (0, 2), (1, 2), (2, 3)]),
        st.integers(0, 2),
        st.integers(0, 2),
        st.integers(1, 9),
    ),
    min_size=1,
    max_size=20,
)


def pairs_of(rows, level="ordinal", tie_labels=()):
    table = np.array([[a, b, one, other, count] for (a, b), one, other, count in rows], int).T
    return AnnotatorPairs(
        ("l", "m", "n"), level, PEOPLE, ("human",) * 4, *table.reshape(5, -1), tie_labels
    )


def kappa_of(pairs, matrix, row):
    two = restricted_to(pairs, matrix.annotator_a[row], matrix.annotator_b[row])
    return cohen_kappa(two, weights="linear")


@given(entries)
def test_matrix_has_the_kappa_of_each_pair(rows):
    pairs = pairs_of(rows)
    matrix = pair_matrix(pairs, "cohen_kappa", weights="linear")
    expected = [kappa_of(pairs, matrix, row).value for row in range(len(matrix.n))]
    assert matrix.value.tolist() == pytest.approx(expected, abs=1e-9, nan_ok=True)


@given(entries)
def test_matrix_has_the_share_and_wilson_limits_of_each_pair(rows):
    matrix = pair_matrix(pairs_of(rows))
    expected = [wilson(round(v * n), int(n)) for v, n in zip(matrix.value, matrix.n, strict=True)]
    found = list(zip(matrix.low, matrix.high, strict=True))
    assert np.array(found) == pytest.approx(np.array(expected), abs=1e-9)


@given(entries)
def test_matrix_counts_every_vote_pair_once(rows):
    assert pair_matrix(pairs_of(rows)).n.sum() == sum(count for *_, count in rows)


def test_matrix_limits_of_kappa_come_from_the_published_error():
    """Anxiety table of Fleiss and Cohen, ASE .0759588 (R vcd, statsmodels)."""
    table = [[53, 5, 2], [11, 14, 5], [1, 6, 3]]
    rows = [((0, 1), one, other, table[one][other]) for one in range(3) for other in range(3)]
    matrix = pair_matrix(pairs_of(rows), "cohen_kappa")
    gap = 1 - 0.4285714286
    expected = 1 - gap * np.exp(1.959964 * 0.0759588 / gap)
    assert matrix.low[0] == pytest.approx(expected, abs=1e-6)


def test_matrix_names_the_pairs_in_order():
    rows = [((2, 3), 0, 0, 1), ((0, 1), 0, 0, 1), ((0, 2), 1, 0, 1)]
    matrix = pair_matrix(pairs_of(rows))
    assert list(zip(matrix.annotator_a, matrix.annotator_b, strict=True)) == [
        ("w", "x"),
        ("w", "y"),
        ("y", "z"),
    ]


def test_matrix_has_no_kappa_where_both_used_one_label():
    matrix = pair_matrix(pairs_of([((0, 1), 1, 1, 30)]), "cohen_kappa")
    assert np.isnan([matrix.value[0], matrix.low[0], matrix.high[0]]).all()


def test_matrix_has_no_limits_on_few_items():
    matrix = pair_matrix(pairs_of([((0, 1), 0, 0, 5), ((0, 1), 0, 1, 4)]), "cohen_kappa")
    assert (matrix.value[0], np.isnan(matrix.low[0])) == (0.0, True)


def test_matrix_has_no_limits_without_disagreement():
    matrix = pair_matrix(pairs_of([((0, 1), 0, 0, 50), ((0, 1), 1, 1, 40)]), "cohen_kappa")
    assert (matrix.value[0], np.isnan(matrix.low[0])) == (1.0, True)


def test_matrix_without_ties_drops_their_pairs():
    rows = [((0, 1), 0, 0, 5), ((0, 1), 1, 2, 4), ((0, 2), 1, 1, 3)]
    assert pair_matrix(pairs_of(rows, tie_labels=("m",)), ties="exclude").n.tolist() == [5]


def test_matrix_of_nothing_is_empty():
    assert pair_matrix(pairs_of([]), "cohen_kappa").n.tolist() == []


def test_matrix_refuses_weights_without_distances():
    with pytest.raises(ValueError, match="the question is nominal"):
        pair_matrix(pairs_of([((0, 1), 0, 0, 5)], "nominal"), "cohen_kappa", weights="linear")


def test_matrix_says_how_it_was_computed():
    matrix = pair_matrix(pairs_of([((0, 1), 0, 0, 5)]), "cohen_kappa", weights="quadratic")
    assert (
        matrix.method
        == "Cohen kappa, quadratic weights; Fleiss-Cohen-Everitt standard error, normal"
    )
