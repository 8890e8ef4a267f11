"""Alarms of one family; reference case C-05 and the control by chance."""

import numpy as np
import pytest
from scipy import stats

from metrics.clusters import Clusters
from metrics.drift_alarms import LABEL_LEVEL, alarms, detectable, is_large, permuted_control
from metrics.joining import benjamini_hochberg
from metrics.shift_tests import label_shift

BENJAMINI = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719,
    0.6528, 0.7590, 1.0,
]  # fmt: skip


def test_benjamini_hochberg_of_1995_rejects_four() -> None:
    """Case C-05; the adjusted values agree with scipy."""
    found = benjamini_hochberg(BENJAMINI)
    assert sum(q <= 0.05 for q in found) == 4
    assert found == pytest.approx(list(stats.false_discovery_control(BENJAMINI)), abs=1e-12)
    assert found[3] == pytest.approx(0.035625)


def test_alarm_needs_more_than_chance() -> None:
    assert not alarms([0.04], [True], LABEL_LEVEL)[0].is_raised


def test_alarm_needs_a_shift_that_matters() -> None:
    (found,) = alarms([1e-9], [False], LABEL_LEVEL)
    assert found.is_beyond_chance
    assert not found.is_raised


def test_slice_without_a_test_counts_for_nothing() -> None:
    found = alarms([0.02, float("nan")], [True, True], LABEL_LEVEL)
    assert [one.is_raised for one in found] == [True, False]


def test_more_slices_need_a_smaller_p_value() -> None:
    assert not any(one.is_raised for one in alarms([0.02, 0.5], [True, True], LABEL_LEVEL))


@pytest.mark.parametrize(
    ("before", "after", "large"),
    [([0.5, 0.5], [0.54, 0.46], False), ([0.5, 0.5], [0.55, 0.45], True),
     ([0.97, 0.03], [0.93, 0.07], False), ([1.0, 0.0], [0.96, 0.04], True)],
)  # fmt: skip
def test_floor_is_a_distance_or_a_divergence(
    before: list[float], after: list[float], large: bool
) -> None:
    assert is_large(np.array(before), np.array(after)) == large


def sides(seed: int) -> tuple[Clusters, Clusters]:
    generator = np.random.default_rng(seed)
    labels = ("a", "b", "c")

    def one() -> Clusters:
        shares = generator.dirichlet([4.0, 3.0, 1.0], 60)
        return Clusters(labels, generator.multinomial(6, shares), np.ones(60, dtype=np.int64))

    return one(), one()


def test_permuted_batches_raise_few_alarms() -> None:
    found = permuted_control([sides(seed) for seed in range(5)], batches=400, seed=7)
    assert found.rate <= 0.055
    assert (found.batches, found.seed) == (400, 7)


def test_permuted_batches_of_moved_labels_raise_few_alarms_too() -> None:
    before, _ = sides(1)
    after = Clusters(before.labels, before.counts[:, ::-1].copy(), before.multiplicity)
    assert label_shift(before, after).p_value < 1e-6
    assert permuted_control([(before, after)], batches=400).rate <= 0.055


def test_control_is_the_same_for_the_same_seed() -> None:
    first, second = (permuted_control([sides(3)], batches=50, seed=11) for _ in range(2))
    assert first == second


def test_control_without_slices_has_no_rate() -> None:
    assert np.isnan(permuted_control([]).rate)


def test_smallest_shift_grows_with_the_number_of_tests() -> None:
    shift = label_shift(*sides(2))
    assert detectable(shift, 1) < detectable(shift, 20) < 1
