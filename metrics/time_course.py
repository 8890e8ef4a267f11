"""Whether somebody's agreement with the others changes along the work: learning, fatigue, drift.

Shapes are given in capitals: A annotators.
"""

from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from metrics.crew_shares import Habit, Shares, share_signals
from metrics.habit_tables import AgreementCourse
from metrics.signals import Signal
from metrics.tables import Floats

CHANGE: Final = 0.25
"""A change of agreement matters from 25 points."""
FEWEST: Final = 15
"""Items with other answers that early and late each need."""
EARLY: Final = 2
LATE: Final = 7
"""Early is tenth 0 to 2 of the work, late is tenth 7 to 9."""
Course = Literal["batch", "day"]
_WORDS: Final = {"batch": "of the work", "day": "of the days' work"}


def course_signals(table: AgreementCourse, question: str, course: Course) -> list[Signal]:
    """Agreement with the others in the last three tenths of the work against the first three.

    The value is the late agreement, and expected is the early one with what the whole crew
    changes (a queue that gets harder is nobody's fault). Side low got worse: fatigue or drift;
    side high got better: the early work may be weak. Over the batch it is a learning curve, over
    the day fatigue.

    Parameters
    ----------
    table : AgreementCourse of one question
    question : name for the signals
    course : what the tenths are tenths of, for the words
    """
    people = len(table.annotators)
    paired = table.votes >= 2
    ends = (table.tenth <= EARLY, table.tenth >= LATE)
    early, late = (_agreement(table, paired & end, people) for end in ends)
    both = (early.n >= FEWEST) & (late.n >= FEWEST)
    n = np.where(both, early.n + late.n, 0)
    total = np.maximum(early.n + late.n, 1)
    middle = (early.sum + late.sum + 0.5) / (total + 1)
    room = np.maximum(middle * (1 - middle), 0.5 / total)
    pooled = float((early.square + late.square).sum() / max(float(total.sum()), 1.0))
    change = sum(
        (each.square + 10 * pooled) / (each.n + 10) / np.maximum(each.n, 1)
        for each in (early, late)
    )
    shares = Shares(
        annotators=table.annotators,
        observed=late.sum / np.maximum(late.n, 1),
        steady=late.share,
        expected=early.share,
        variance=change / room,
        n=n.astype(np.int64),
    )

    def says(person: int, value: str, wanted: str) -> str:
        return (
            f"agreed with the others on {value} at the end {_WORDS[course]}, where {wanted} would"
            f" follow from the beginning"
        )

    unit = "items early and late"
    return share_signals(shares, Habit("time_course", question, CHANGE, unit, says, "low"))


class _Agreement:
    """Agreement with the others over some answers; each of shape (A,)."""

    def __init__(self, n: Floats, total: Floats, square: Floats) -> None:
        self.n, self.sum = n, total
        some = np.maximum(n, 1)
        self.share: Floats = (total + 0.375) / (some + 0.75)
        self.square: Floats = np.maximum(square - total**2 / some, 0.0)


def _agreement(table: AgreementCourse, chosen: NDArray[np.bool_], people: int) -> _Agreement:
    who, count = table.annotator[chosen], table.count[chosen].astype(np.float64)
    share = (table.same[chosen] - 1) / (table.votes[chosen] - 1)
    n, total, square = (
        np.bincount(who, weights=count * weight, minlength=people).astype(np.float64)
        for weight in (np.ones(len(who)), share, share**2)
    )
    return _Agreement(n, total, square)
