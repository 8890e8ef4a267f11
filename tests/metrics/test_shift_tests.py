"""Did shares of labels move: by cluster, and only where it can be tested."""

import numpy as np
import pytest
from scipy import stats

from metrics.clusters import Clusters, cluster_sums, clusters_of, merged, with_labels
from metrics.shift_tests import label_shift, two_tails
from metrics.tables import Compositions, UnitPatterns

YES_NO = ("no", "yes")


def items(yes: list[int], ratings: int, labels: tuple[str, ...] = YES_NO) -> Clusters:
    counts = np.array([[ratings - one, one] for one in yes], dtype=np.int64)
    return Clusters(labels, counts, np.ones(len(yes), dtype=np.int64))


def random_items(seed: int, number: int, share: float, ratings: int = 3) -> Clusters:
    generator = np.random.default_rng(seed)
    own = generator.beta(share * 2, (1 - share) * 2, number)
    return items(list(generator.binomial(ratings, own)), ratings)


def test_independent_answers_agree_with_fisher() -> None:
    """One answer an item: the exchange of items is the hypergeometric law."""
    before, after = items([0] * 60 + [1] * 20, 1), items([0] * 25 + [1] * 25, 1)
    exact = stats.fisher_exact([[60, 20], [25, 25]]).pvalue
    assert label_shift(before, after).p_value == pytest.approx(exact, rel=0.6)


def test_p_value_agrees_with_a_permutation_of_items() -> None:
    before, after = random_items(1, 50, 0.3), random_items(2, 30, 0.5)
    generator = np.random.default_rng(3)
    answers = np.concatenate([before.counts, after.counts])
    observed = abs(after.totals[1] / after.totals.sum() - before.totals[1] / before.totals.sum())
    hits = 0
    for _ in range(4000):
        chosen = generator.permutation(80) < 30
        first, second = answers[~chosen].sum(axis=0), answers[chosen].sum(axis=0)
        hits += abs(second[1] / second.sum() - first[1] / first.sum()) >= observed - 1e-12
    assert label_shift(before, after).p_value == pytest.approx(hits / 4000, abs=0.02)


def test_copies_of_an_answer_do_not_make_evidence() -> None:
    """Three annotators who always agree say what one says."""
    single = label_shift(items([0] * 30 + [1] * 20, 1), items([0] * 20 + [1] * 30, 1))
    triple = label_shift(items([0] * 30 + [3] * 20, 3), items([0] * 20 + [3] * 30, 3))
    assert triple.p_value == pytest.approx(single.p_value, rel=1e-9)
    assert triple.design_effect == pytest.approx(3 * single.design_effect, rel=0.05)


def test_false_shifts_are_rare_where_designs_differ() -> None:
    """The batch has three answers an item, the reference one: equal shares are no shift."""
    p = [
        label_shift(
            random_items(seed, 300, 0.3, ratings=1), random_items(seed + 1000, 40, 0.3)
        ).p_value
        for seed in range(300)
    ]
    assert np.mean(np.array(p) < 0.05) <= 0.09


def test_interval_of_the_distance_holds_the_truth() -> None:
    hits = [
        shift.low <= 0.15 <= shift.high
        for seed in range(200)
        if (shift := label_shift(random_items(seed, 120, 0.3), random_items(seed + 500, 90, 0.45)))
    ]
    assert np.mean(hits) >= 0.93


def test_labels_of_one_side_only_count_as_never_given() -> None:
    before = items([0] * 20 + [1] * 20, 1)
    after = items([0] * 20 + [1] * 20, 1, labels=("no", "maybe"))
    found = label_shift(before, after)
    assert found.labels == ("no", "yes", "maybe")
    assert found.after.tolist() == [0.5, 0.0, 0.5]
    assert found.p_value < 0.001


def test_slice_of_one_item_cannot_be_tested() -> None:
    found = label_shift(items([0, 1] * 20, 1), items([1], 1))
    assert found.reason == "1 items on one side, 8 are needed"
    assert np.isnan(found.p_value)
    assert found.distance == 0.5


def test_side_without_answers_has_no_distance() -> None:
    found = label_shift(items([0, 1] * 20, 1), items([], 1).__class__(
        YES_NO, np.zeros((0, 2), dtype=np.int64), np.zeros(0, dtype=np.int64)))  # fmt: skip
    assert found.reason == "no answer on one side"
    assert np.isnan(found.distance)


def test_one_label_cannot_move() -> None:
    one = Clusters(("yes",), np.array([[2]]), np.array([20]))
    assert label_shift(one, one).reason == "one label only: nothing can move"


def test_everybody_agreeing_on_both_sides_is_no_shift() -> None:
    same = items([2] * 30, 2)
    found = label_shift(same, same)
    assert np.isnan(found.p_value)
    assert found.distance == 0.0


def test_complete_change_of_a_constant_label_is_seen() -> None:
    assert label_shift(items([0] * 30, 2), items([2] * 30, 2)).p_value < 1e-6


def test_shift_to_a_batch_of_itself_is_zero() -> None:
    same = random_items(4, 60, 0.4)
    found = label_shift(same, same)
    assert found.distance == 0.0
    assert found.p_value == 1.0


def test_groups_make_fewer_clusters() -> None:
    patterns = UnitPatterns(
        YES_NO,
        "nominal",
        np.array([[2, 0], [0, 2]]),
        np.array([4, 4]),
        compositions=Compositions(
            np.array([0, 0, 1]), np.array([0, 1, 0]), np.array([1, 2, 2]), np.array([2, 1])
        ),
    )
    found = clusters_of(patterns)
    assert found.unit == "groups"
    assert found.counts.tolist() == [[4, 0], [2, 4]]
    assert found.multiplicity.tolist() == [1, 2]


def test_equal_clusters_are_merged() -> None:
    found = merged(items([1, 0, 1, 2], 2))
    assert found.number == 4
    assert sorted(found.multiplicity.tolist()) == [1, 1, 2]


def test_wider_labels_keep_the_counts() -> None:
    found = with_labels(items([1], 2), ("maybe", "yes", "no"))
    assert found.counts.tolist() == [[0, 1, 1]]


def test_variance_of_a_share_is_that_of_a_ratio() -> None:
    found = random_items(8, 40, 0.4)
    sums = cluster_sums(found)
    share = found.counts[:, 1].sum() / found.counts.sum()
    residual = found.counts[:, 1] - share * found.counts.sum(axis=1)
    expected = 40 / 39 * (residual**2).sum() / found.counts.sum() ** 2
    assert sums.variances[1] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("skewness", [-1.0, -0.2, 0.3, 1.5])
@pytest.mark.parametrize("z", [-2.5, -0.5, 0.7, 3.0])
def test_tails_of_the_curve_agree_with_scipy(z: float, skewness: float) -> None:
    law = stats.pearson3(skewness)
    smaller = min(law.cdf(z), law.sf(z))
    if smaller > 1e-12:
        found = two_tails(np.array(z), np.array(skewness))
        assert float(found) == pytest.approx(min(1.0, 2 * smaller), rel=1e-6)


def test_curve_without_skewness_is_normal() -> None:
    assert float(two_tails(np.array(1.96), np.array(0.0))) == pytest.approx(0.05, abs=1e-4)
