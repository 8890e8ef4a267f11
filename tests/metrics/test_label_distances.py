"""Distances of label distributions; reference cases C-01, C-03, C-04, C-08, C-09."""

import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import jensenshannon

from metrics import label_distances as distances

OLD, NEW = [500, 300, 150, 50], [420, 310, 190, 80]
ARTHRITIS = [[29, 7, 7], [13, 7, 21]]


@pytest.mark.parametrize(
    ("found", "published"),
    [
        (distances.stability_index(OLD, NEW).value, 0.0378318292),
        (distances.kullback_leibler(NEW, OLD), 0.0194505806),
        (distances.kullback_leibler(OLD, NEW), 0.0183812486),
        (distances.jensen_shannon(OLD, NEW), 0.0067921821),
        (distances.jensen_shannon(OLD, NEW) * np.log(2), 0.0047079818),
        (distances.jensen_shannon(OLD, NEW) ** 0.5, 0.0824146957),
        (distances.hellinger(OLD, NEW), 0.0686908546),
        (distances.total_variation(OLD, NEW), 0.08),
        (distances.chi_square([OLD, NEW]).statistic, 18.7494154),
        (distances.g_test([OLD, NEW]).statistic, 18.8319275),
        (distances.cramer_v([OLD, NEW], corrected=False), 0.0968230743),
        (distances.cramer_v([OLD, NEW]), 0.0887575251),
        (distances.wasserstein(OLD, NEW, [1, 2, 3, 4]), 0.18),
        (distances.stability_index(OLD, NEW).null_mean, 0.006),
        (distances.stability_index(OLD, NEW).null_limit, 0.0156294558),
    ],
)
def test_distance_of_two_label_counts_is_as_computed_independently(
    found: float, published: float
) -> None:
    """Case C-01."""
    assert found == pytest.approx(published, abs=2e-7)


def test_p_values_of_two_label_counts_agree_with_r() -> None:
    """Case C-01."""
    assert distances.chi_square([OLD, NEW]).p_value == pytest.approx(0.00030803, abs=1e-8)
    assert distances.stability_index(OLD, NEW).p_value == pytest.approx(0.00028456, abs=1e-8)


def test_jensen_shannon_agrees_with_scipy() -> None:
    second = jensenshannon(OLD, NEW, base=2) ** 2
    assert distances.jensen_shannon(OLD, NEW) == pytest.approx(second, abs=1e-12)


def test_chi_square_agrees_with_scipy() -> None:
    second = stats.chi2_contingency([OLD, NEW], correction=False)
    assert distances.chi_square([OLD, NEW]).p_value == pytest.approx(second.pvalue, rel=1e-9)


def test_g_test_agrees_with_scipy() -> None:
    second = stats.chi2_contingency([OLD, NEW], lambda_="log-likelihood")
    assert distances.g_test([OLD, NEW]).statistic == pytest.approx(second.statistic, rel=1e-9)


def test_arthritis_treatment_is_as_r_prints_it() -> None:
    """Case C-03: R vcd."""
    assert distances.chi_square(ARTHRITIS).statistic == pytest.approx(13.055, abs=5e-4)
    assert distances.g_test(ARTHRITIS).statistic == pytest.approx(13.530, abs=5e-4)
    assert distances.cramer_v(ARTHRITIS, corrected=False) == pytest.approx(0.394, abs=5e-4)


def test_wasserstein_moves_every_label_by_the_gap() -> None:
    """Case C-04: scipy's documentation."""
    counts = [1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1]
    assert distances.wasserstein(*counts, [0, 1, 3, 5, 6, 8]) == pytest.approx(5.0)


def test_wasserstein_takes_weights_as_counts() -> None:
    """Case C-04: scipy's documentation."""
    assert distances.wasserstein([3, 1], [2, 2], [0, 1]) == pytest.approx(0.25)


def test_wasserstein_agrees_with_scipy() -> None:
    values = np.arange(4)
    second = stats.wasserstein_distance(values, values, OLD, NEW)
    assert distances.wasserstein(OLD, NEW, values) == pytest.approx(second, abs=1e-12)


@pytest.mark.parametrize(
    ("labels", "n", "mean", "limit"),
    [(10, 100, 0.18, 0.3384), (10, 200, 0.09, 0.1692), (10, 500, 0.036, 0.0677),
     (10, 1000, 0.018, 0.0338), (5, 200, 0.04, 0.0949), (20, 500, 0.076, 0.1206)],
)  # fmt: skip
def test_stability_index_without_drift_has_its_law(
    labels: int, n: int, mean: float, limit: float
) -> None:
    """Case C-08."""
    counts = np.full(labels, n / labels)
    found = distances.stability_index(counts, counts)
    assert found.null_mean == pytest.approx(mean, abs=1e-9)
    assert found.null_limit == pytest.approx(limit, abs=5e-5)


def test_stability_index_over_a_tenth_is_usual_on_a_hundred_answers() -> None:
    """Case C-08: with ten labels and 100 answers a side 83 % exceed 0.1 though nothing moved."""
    assert stats.chi2.sf(0.1 / 0.02, 9) == pytest.approx(0.834, abs=5e-4)
    counts = np.full(10, 10.0)
    index = distances.stability_index(counts, counts + np.array([4.0, -4.0] * 5))
    assert index.value > 0.1
    assert index.p_value > 0.05


def test_stability_index_of_an_empty_cell_says_what_was_added() -> None:
    found = distances.stability_index([10, 0], [5, 5])
    assert found.added == 0.5
    assert np.isfinite(found.value)


@pytest.mark.parametrize(
    ("share", "n", "published"),
    [(0.1, 200, 0.099701), (0.1, 500, 0.059467), (0.3, 500, 0.083954), (0.5, 1000, 0.062486)],
)
def test_smallest_difference_of_two_shares(share: float, n: int, published: float) -> None:
    """Case C-09."""
    assert distances.smallest_difference(share, n) == pytest.approx(published, abs=1e-6)


@pytest.mark.parametrize(
    ("labels", "n", "published"),
    [(5, 200, 0.1194), (5, 500, 0.0477), (5, 2000, 0.0119), (10, 500, 0.0626), (10, 2000, 0.0156)],
)
def test_smallest_stability_index_that_would_be_found(
    labels: int, n: int, published: float
) -> None:
    assert distances.smallest_index(labels, n, n) == pytest.approx(published, abs=5e-5)


def test_distance_of_labels_without_any_answer_is_not_a_number() -> None:
    assert np.isnan(distances.total_variation([0, 0], [1, 2]))


def test_association_of_one_label_is_not_defined() -> None:
    assert np.isnan(distances.cramer_v([[5], [7]]))


def test_negative_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="not negative"):
        distances.total_variation([-1, 2], [1, 2])
