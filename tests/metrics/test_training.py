"""Calibration that is due, and shares before and after a session."""

from datetime import datetime, timedelta
from math import isnan

import numpy as np
import pytest

from metrics.training import (
    BeforeAfter,
    Sessions,
    TrainingCourse,
    before_after,
    calibration_due,
    crew_effect,
)

END = datetime(2026, 6, 20)  # noqa: DTZ001 - the store keeps UTC without zone


def course(*rows: tuple[int, int, int, int]) -> TrainingCourse:
    """Build one person's answers from (after, votes, same, count)."""
    columns = np.array(rows, dtype=np.int64).reshape(-1, 4).T
    return TrainingCourse(("p",), np.zeros(len(rows), dtype=np.int64), *columns)


def effect(right_before: int, right_after: int, n: int = 40) -> BeforeAfter:
    return before_after(
        course(
            (0, 2, 2, right_before), (0, 2, 1, n - right_before),
            (1, 2, 2, right_after), (1, 2, 1, n - right_after),
        )
    )  # fmt: skip


@pytest.mark.parametrize(
    ("sessions", "others_have", "is_due"),
    [
        (Sessions(END - timedelta(days=5), "training", 100), True, False),
        (Sessions(END - timedelta(days=28), "training", 100), True, False),
        (Sessions(END - timedelta(days=29), "training", 100), True, True),
        (Sessions(END - timedelta(days=5), "training", 1001), True, True),
        (Sessions(END - timedelta(days=5), "calibration", None), True, False),
        (Sessions(END + timedelta(days=1), "training", 0), True, False),
        (Sessions(None), True, True),
        (Sessions(None), False, None),
    ],
)
def test_calibration_is_due(sessions: Sessions, others_have: bool, is_due: bool | None) -> None:
    assert calibration_due(sessions, END, others_have=others_have).is_due is is_due


def test_nothing_is_due_without_times() -> None:
    found = calibration_due(Sessions(END, "training", 3), None, others_have=True)
    assert found.is_due is None


def test_training_that_helped_has_an_interval_above_nought() -> None:
    found = effect(20, 36)
    assert found.difference.value == pytest.approx(0.4)
    assert found.difference.low > 0


def test_training_without_effect_has_an_interval_around_nought() -> None:
    found = effect(30, 31)
    assert found.difference.low < 0 < found.difference.high


@pytest.mark.parametrize("rows", [[], [(0, 2, 2, 30)], [(1, 2, 2, 30)]])
def test_difference_needs_both_sides(rows: list[tuple[int, int, int, int]]) -> None:
    found = before_after(course(*rows))
    assert (found.difference.status, isnan(found.difference.value)) == ("undefined", True)


def test_few_answers_on_one_side_are_insufficient() -> None:
    found = before_after(course((0, 2, 2, 40), (1, 2, 2, 9)))
    assert found.difference.status == "insufficient"


def test_perfect_sides_are_not_certain() -> None:
    found = effect(40, 40).difference
    assert found.low < 0 < found.high


def test_agreement_with_several_others_is_a_mean() -> None:
    found = before_after(course((0, 3, 1, 20), (0, 3, 3, 20), (1, 3, 2, 40)))
    assert (found.before.value, found.after.value) == (0.5, 0.5)
    assert found.difference.method.endswith("Welch interval")


def test_mean_effect_counts_people_alike() -> None:
    found = crew_effect([effect(20, 30), effect(20, 30), effect(200, 200, 400)])
    assert found.value == pytest.approx((0.25 + 0.25 + 0) / 3)
    assert (found.n, found.about, found.status) == (3, "annotators", "insufficient")


@pytest.mark.parametrize("found", [[], [effect(20, 30)]])
def test_mean_effect_needs_two_people(found: list[BeforeAfter]) -> None:
    assert crew_effect(found).status == "undefined"


def test_interval_of_the_difference_covers_what_it_says() -> None:
    """400 people of accuracy .8 and .9, 60 answers a side: covered in 93 % or more."""
    generator = np.random.default_rng(7)
    inside = 0
    for _ in range(400):
        before, after = (int(generator.binomial(60, share)) for share in (0.8, 0.9))
        found = effect(before, after, 60).difference
        inside += found.low <= 0.1 <= found.high
    assert inside >= 372
