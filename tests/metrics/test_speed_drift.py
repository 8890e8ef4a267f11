"""Did people become slower or faster: beyond what one person varies from week to week."""

import numpy as np
import pytest

from metrics.speed_drift import Times, bins, median_seconds, speed_shift


def times(seed: int, people: range, median: float, weeks: int = 4, answers: int = 40) -> Times:
    generator = np.random.default_rng(seed)
    rows = []
    for person in people:
        pace = np.random.default_rng(person).normal(0, 0.4)
        for week in range(weeks):
            drift = generator.normal(0, 0.1)
            seconds = median * np.exp(pace + drift + generator.normal(0, 0.5, answers))
            rows += [(person, week, value, 1) for value in bins(seconds)]
    person, week, log_bin, count = np.array(rows, dtype=np.int64).T
    return Times(person, week, log_bin, count)


def test_median_is_read_off_the_bins() -> None:
    side = Times(
        np.zeros(3, int), np.zeros(3, int), bins(np.array([10.0, 20.0, 90.0])), np.ones(3, int)
    )
    assert median_seconds(side) == pytest.approx(20.0, rel=0.011)


def test_same_people_who_get_faster_are_seen() -> None:
    found = speed_shift(times(1, range(10), 60), times(2, range(10), 42), "q")
    assert found.p_value < 1e-6
    assert found.is_large
    assert "the same people" in found.note


def test_other_faster_people_are_named_as_others() -> None:
    before = times(1, range(10), 60)
    slow, fast = times(2, range(2), 60), times(3, range(20, 30), 35)
    after = Times(
        *(np.concatenate([getattr(slow, name), getattr(fast, name)])
          for name in ("person", "period", "log_bin", "count"))
    )  # fmt: skip
    assert "others did the work" in speed_shift(before, after, "q").note


def test_unchanged_speed_is_rarely_called_changed() -> None:
    p = [
        speed_shift(times(seed, range(8), 60), times(seed + 500, range(8), 60), "q").p_value
        for seed in range(100)
    ]
    assert np.mean(np.array(p) < 0.05) <= 0.12


def test_one_week_does_not_show_how_a_pace_varies() -> None:
    found = speed_shift(times(1, range(5), 60, weeks=1), times(2, range(5), 30, weeks=1), "q")
    assert np.isnan(found.p_value)
    assert "repeated weeks" in found.reason


def test_side_without_times_is_not_tested() -> None:
    nothing = Times(*(np.zeros(0, dtype=np.int64) for _ in range(4)))
    assert speed_shift(nothing, times(1, range(5), 60), "q").reason == "no times on one side"
