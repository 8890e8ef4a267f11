"""Mean score and intraclass correlations."""

from math import isnan, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.aggregate import spearman_brown
from metrics.ratings import icc, mean_score
from metrics.tables import Compositions, UnitMoments, UnitPatterns

SHROUT_FLEISS = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], float
)
LABELS = ("1", "2", "5")
NUMBERS = np.array([1.0, 2.0, 5.0])
count_rows = st.lists(st.lists(st.integers(0, 3), min_size=3, max_size=3), min_size=2, max_size=9)
score_tables = st.lists(
    st.lists(st.integers(0, 9), min_size=3, max_size=3), min_size=2, max_size=8
).map(lambda rows: np.array(rows, float))


def patterns_of(counts, items=None, compositions=None):
    counts = np.asarray(counts)
    items = np.ones(len(counts), np.int64) if items is None else np.asarray(items)
    return UnitPatterns(LABELS, "interval", counts, items, compositions=compositions)


def moments_of(counts):
    counts = np.array([row for row in counts if sum(row)])
    m = counts.sum(axis=1)
    s, t = counts @ NUMBERS, counts @ NUMBERS**2
    z = np.stack([t - s * s / m, s, t], axis=1)
    sizes = np.unique(m)
    rows = [z[m == size] for size in sizes]
    return UnitMoments(
        ratings=sizes,
        units=np.array([len(row) for row in rows]),
        sums=np.array([row.sum(axis=0) for row in rows]),
        cross=np.array([row.T @ row for row in rows]),
    )


def drawn_counts(number, seed=1):
    generator = np.random.default_rng(seed)
    sizes = generator.integers(1, 5, number)
    return np.array([generator.multinomial(size, [0.2, 0.5, 0.3]) for size in sizes])


@given(count_rows)
def test_mean_over_items_is_the_mean_of_item_means(counts):
    means = [np.dot(row, NUMBERS) / sum(row) for row in counts if sum(row)]
    expected = np.mean(means) if means else np.nan
    assert mean_score(patterns_of(counts)).value == pytest.approx(expected, nan_ok=True)


@given(count_rows)
def test_mean_over_annotations_is_the_mean_of_all(counts):
    ratings = np.repeat(NUMBERS, np.sum(counts, axis=0))
    expected = ratings.mean() if len(ratings) else np.nan
    found = mean_score(patterns_of(counts), average="annotation").value
    assert found == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize("average", ["item", "annotation"])
@given(counts=count_rows.filter(lambda rows: np.sum(rows) > 0))
def test_mean_from_moments_is_that_of_patterns(average, counts):
    found = mean_score(moments_of(counts), average=average).value
    assert found == pytest.approx(mean_score(patterns_of(counts), average=average).value)


@pytest.mark.parametrize("average", ["item", "annotation"])
def test_limits_from_moments_are_those_of_the_jackknife(average):
    counts = drawn_counts(400)
    found = mean_score(moments_of(counts), average=average)
    expected = mean_score(patterns_of(counts), average=average)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=0.002)


def test_error_of_the_mean_is_the_textbook_one():
    counts = np.repeat(np.eye(3, dtype=int), [20, 30, 50], axis=0)
    scores = np.repeat(NUMBERS, [20, 30, 50])
    error = mean_score(patterns_of(counts)).provenance["standard_error"]
    assert error == pytest.approx(scores.std(ddof=1) / sqrt(100))


def test_copies_inside_a_group_add_nothing():
    groups = Compositions(np.arange(3), np.arange(3), np.full(3, 4), np.array([20, 30, 50]))
    grouped = patterns_of(np.eye(3, dtype=int), [80, 120, 200], groups)
    once = mean_score(patterns_of(np.eye(3, dtype=int), [20, 30, 50]))
    error = mean_score(grouped).provenance["standard_error"]
    assert error == pytest.approx(once.provenance["standard_error"])


def test_mean_counts_rated_items():
    assert mean_score(patterns_of([[1, 0, 0], [0, 0, 0]], [3, 2])).n == 3


def test_mean_of_nothing_is_undefined():
    assert mean_score(patterns_of([[0, 0, 0]])).status == "undefined"


def test_mean_of_no_moments_is_undefined():
    nothing = UnitMoments(
        np.empty(0, np.int64), np.empty(0, np.int64), np.empty((0, 3)), np.empty((0, 3, 3))
    )
    assert mean_score(nothing).status == "undefined"


@pytest.mark.parametrize("table_of", [patterns_of, moments_of])
def test_mean_of_equal_scores_is_insufficient(table_of):
    estimate = mean_score(table_of([[0, 2, 0]] * 30))
    assert (estimate.value, estimate.status, isnan(estimate.low)) == (2.0, "insufficient", True)


@pytest.mark.parametrize("table_of", [patterns_of, moments_of])
def test_mean_of_few_items_is_insufficient(table_of):
    assert mean_score(table_of(drawn_counts(15))).status == "insufficient"


def test_mean_from_moments_knows_no_annotators():
    assert mean_score(moments_of(drawn_counts(30)), about="annotators").status == "missing_input"


def test_mean_from_moments_refuses_a_bootstrap():
    with pytest.raises(ValueError, match="jackknife interval only"):
        mean_score(moments_of(drawn_counts(30)), interval="bootstrap")


def test_mean_of_words_is_refused():
    words = UnitPatterns(("good",), "ordinal", np.array([[1]]), np.array([1]))
    with pytest.raises(ValueError, match="labels that are numbers"):
        mean_score(words)


def test_unknown_average_is_refused():
    with pytest.raises(ValueError, match="item or annotation"):
        mean_score(patterns_of([[1, 0, 0]]), average="pair")


@pytest.mark.parametrize(
    ("form", "value"),
    [
        ("1,1", 0.1657418),
        ("2,1", 0.2897638),
        ("3,1", 0.7148407),
        ("1,k", 0.4427971),
        ("2,k", 0.6200505),
        ("3,k", 0.9093155),
    ],
)
def test_icc_is_that_of_shrout_and_fleiss(form, value):
    """Shrout and Fleiss (1979), table 4: .17 .29 .71 .44 .62 .91; digits of psych and pingouin."""
    assert icc(SHROUT_FLEISS, form).value == pytest.approx(value, abs=1e-7)


@pytest.mark.parametrize(
    ("form", "low", "high"),
    [
        ("1,1", -0.133, 0.723),
        ("2,1", 0.019, 0.761),
        ("3,1", 0.342, 0.946),
        ("1,k", -0.884, 0.912),
        ("2,k", 0.071, 0.927),
        ("3,k", 0.676, 0.986),
    ],
)
def test_icc_limits_are_those_of_psych(form, low, high):
    """R psych documentation, ICC(sf): bounds printed with two or three decimals."""
    estimate = icc(SHROUT_FLEISS, form)
    assert (estimate.low, estimate.high) == pytest.approx((low, high), abs=0.005)


def test_icc_2_1_limits_have_the_digits_of_psych():
    """R psych, ICC(sf): ICC2 .018787 to .761084."""
    estimate = icc(SHROUT_FLEISS, "2,1")
    assert (estimate.low, estimate.high) == pytest.approx((0.018787, 0.761084), abs=1e-6)


@pytest.mark.parametrize("form", ["1", "2", "3"])
@given(scores=score_tables)
def test_icc_of_the_mean_is_stepped_up(form, scores):
    one, mean = icc(scores, f"{form},1"), icc(scores, f"{form},k")
    expected = spearman_brown(one, 3).value
    assert isnan(expected) or isnan(mean.value) or mean.value == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("form", ["1,1", "2,1", "3,1"])
@given(scores=score_tables, order=st.permutations(range(3)))
def test_icc_does_not_care_for_the_order_of_raters(form, scores, order):
    one, other = icc(scores, form).value, icc(scores[:, order], form).value
    assert one == pytest.approx(other, nan_ok=True, abs=1e-9)


def test_icc_3_ignores_severity():
    severe = SHROUT_FLEISS + np.array([0.0, 5, -3, 10])
    assert icc(severe, "3,1").value == pytest.approx(icc(SHROUT_FLEISS, "3,1").value)


def test_icc_2_counts_severity():
    severe = SHROUT_FLEISS + np.array([0.0, 0, 0, 10])
    assert icc(severe, "2,1").value < icc(SHROUT_FLEISS, "2,1").value


def test_icc_of_few_items_is_insufficient():
    assert icc(SHROUT_FLEISS).reason == "too little data: 6 items, 20 are needed"


def test_icc_of_full_agreement_has_no_interval():
    scores = np.tile(np.arange(30.0)[:, None], (1, 3))
    estimate = icc(scores, "2,1")
    assert (estimate.value, estimate.status, isnan(estimate.low)) == (1.0, "insufficient", True)


def test_icc_of_equal_scores_is_undefined():
    assert icc(np.ones((30, 3))).reason == "no variation: all scores are equal"


@pytest.mark.parametrize("form", ["3,1", "3,k"])
def test_icc_of_items_that_do_not_differ_is_undefined(form):
    scores = np.tile([1.0, 2.0, 4.0], (30, 1))
    assert icc(scores, form).status == "undefined"


@pytest.mark.parametrize("shape", [(1, 3), (3, 1)])
def test_icc_of_a_single_row_or_column_is_undefined(shape):
    assert icc(np.arange(3.0).reshape(shape)).status == "undefined"


@pytest.mark.parametrize("scores", [np.array([[1.0, np.nan], [2.0, 3.0]]), np.arange(4.0)])
def test_icc_refuses_gaps(scores):
    with pytest.raises(ValueError, match="without gaps"):
        icc(scores)


def test_icc_refuses_an_unknown_form():
    with pytest.raises(ValueError, match="form must be one of"):
        icc(SHROUT_FLEISS, "4,1")
