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
    assert (shared.limit > plain.limit).all()


def test_first_average_is_the_weighted_first_value() -> None:
    assert monitored([2.0], weight=0.25).average.tolist() == [0.5]


def test_more_series_need_a_wider_limit() -> None:
    assert limit_for(5) > limit_for(1)


def test_no_batch_gives_no_signal() -> None:
    assert not monitored([]).signals.any()
