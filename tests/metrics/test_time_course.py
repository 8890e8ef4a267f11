"""Agreement with the others along the work."""

import numpy as np
import pytest

from metrics.habit_tables import AgreementCourse
from metrics.signals import Signal
from metrics.time_course import course_signals

PEOPLE = tuple(f"p{number:02d}" for number in range(20))


def course(
    first: tuple[float, float], others: tuple[float, float] = (0.8, 0.8), n: int = 40
) -> AgreementCourse:
    """Shares of early and late items on which a person agrees with the one other vote."""
    rows = []
    for person in range(20):
        for tenth, share in zip((1, 8), first if person == 0 else others, strict=True):
            same = round(n * share)
            rows += [(person, tenth, 2, 2, same), (person, tenth, 2, 1, n - same)]
    annotator, tenths, votes, equal, count = np.array(rows, dtype=np.int64).T
    return AgreementCourse(PEOPLE, annotator, tenths, votes, equal, count)


def of_first(signals: list[Signal]) -> Signal:
    return next(each for each in signals if each.person == "p00")


def test_agreement_that_falls_is_found() -> None:
    signal = of_first(course_signals(course((0.9, 0.4)), "q", "batch"))
    assert (signal.side, signal.notable, signal.p_value < 0.001) == ("low", True, True)


def test_steady_agreement_is_no_sign() -> None:
    signals = course_signals(course((0.8, 0.8)), "q", "batch")
    assert not any(each.notable for each in signals)


def test_queue_that_gets_harder_is_nobodys_fault() -> None:
    signals = course_signals(course((0.9, 0.5), others=(0.9, 0.5)), "q", "batch")
    assert not any(each.notable or each.p_value < 0.5 for each in signals)


def test_expected_is_the_start_with_the_change_of_the_crew() -> None:
    signal = of_first(course_signals(course((0.9, 0.3), others=(0.9, 0.7)), "q", "batch"))
    assert signal.expected == pytest.approx(0.7, abs=0.02)


def test_getting_better_is_nothing_to_worry_about() -> None:
    assert not of_first(course_signals(course((0.4, 0.9)), "q", "day")).notable


def test_little_work_is_not_tested() -> None:
    assert course_signals(course((0.9, 0.1), n=10), "q", "batch") == []


def test_items_nobody_else_judged_say_nothing() -> None:
    table = AgreementCourse(
        PEOPLE, np.arange(20), np.ones(20, int), np.ones(20, int), np.ones(20, int), np.full(20, 99)
    )
    assert course_signals(table, "q", "batch") == []


def test_course_of_nobody_gives_no_signal() -> None:
    nothing = np.zeros(0, dtype=np.int64)
    table = AgreementCourse((), nothing, nothing, nothing, nothing, nothing)
    assert course_signals(table, "q", "batch") == []
