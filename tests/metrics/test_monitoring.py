"""Batch after batch: few false signals, and soon a true one."""

import numpy as np
import pytest

from metrics.monitoring import RUN_LENGTH, limit_for, monitored, run_length


@pytest.mark.parametrize("freedom", [np.inf, 8.0])
def test_batches_without_change_run_for_two_hundred(freedom: float) -> None:
    mean, error = run_length(runs=1500, freedom=freedom)
    assert mean - 2 * error > RUN_LENGTH


def test_shift_of_one_error_is_found_within_a_dozen_batches() -> None:
    assert run_length(shift=1.0, runs=500)[0] < 12


def test_error_of_the_reference_widens_the_limit() -> None:
    plain, shared = monitored([1.0, 1.0]), monitored([1.0, 1.0], reference_share=0.3)
    assert shared.limit[1] > plain.limit[1]


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, [0.05, 0.6, 0.2, 0.2, 0.4, 0.1]])
def test_limit_is_so_many_errors_of_the_average_at_every_batch(share: float | list[float]) -> None:
    """Drawn: one error of the reference in all batches, one of each batch's own."""
    generator = np.random.default_rng(1)
    shares = np.broadcast_to(np.asarray(share), 6)
    reference = generator.standard_normal((20_000, 1))
    own = generator.standard_normal((20_000, 6))
    drawn = np.sqrt(shares) * reference + np.sqrt(1.0 - shares) * own
    averages = np.array([monitored(row).average for row in drawn])
    limit = monitored(np.zeros(6), reference_share=share, width=1.0).limit
    assert averages.std(axis=0) == pytest.approx(limit, rel=0.02)


def test_first_average_is_the_weighted_first_value() -> None:
    assert monitored([2.0], weight=0.25).average.tolist() == [0.5]


def test_more_series_need_a_wider_limit() -> None:
    assert limit_for(5) > limit_for(1)


def test_no_batch_gives_no_signal() -> None:
    assert not monitored([]).signals.any()
