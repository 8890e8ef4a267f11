"""Calibration that is due, and what changed after a training: dates and shares, with intervals."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isfinite, nan, sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from metrics.estimates import Estimate
from metrics.intervals import wilson
from metrics.tables import Integers

DUE_DAYS: Final = 28
DUE_ANSWERS: Final = 1_000
"""A calibration holds for so many days, or so many answers, whichever ends first."""
FEWEST: Final = 10
"""Answers that each side of a training needs."""
FEWEST_PEOPLE: Final = 5


@dataclass(frozen=True, slots=True)
class Sessions:
    """When somebody was last calibrated or trained, and what they did since.

    Attributes
    ----------
    last : time of the last session; None where there was none
    activity : calibration or training
    answers_since : answers after it; None where that is not known
    """

    last: datetime | None
    activity: str = ""
    answers_since: int | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """Whether somebody's calibration is due; `is_due` is None where nobody has a session."""

    is_due: bool | None
    why: str


@dataclass(frozen=True, slots=True, eq=False)
class TrainingCourse:
    """Answers before and after each person's last session, held against one reference.

    Entry k: `count[k]` answers of annotator `annotator[k]`, after the session or not (1 or 0), to
    items with `votes[k]` votes, the own included, of which `same[k]` are the person's label.
    """

    annotators: tuple[str, ...]
    annotator: Integers
    is_after: Integers
    votes: Integers
    same: Integers
    count: Integers

    def of(self, person: str) -> "TrainingCourse":
        """Return one person's answers."""
        place = self.annotators.index(person) if person in self.annotators else -1
        return self._take(self.annotator == place)

    def side(self, is_after: int) -> "TrainingCourse":
        """Return the answers before (0) or after (1)."""
        return self._take(self.is_after == is_after)

    def _take(self, chosen: NDArray[np.bool_]) -> "TrainingCourse":
        names = ("annotator", "is_after", "votes", "same", "count")
        columns = (getattr(self, name)[chosen] for name in names)
        return TrainingCourse(self.annotators, *columns)


@dataclass(frozen=True, slots=True)
class BeforeAfter:
    """Shares before and after a session, and the difference, later minus earlier."""

    before: Estimate
    after: Estimate
    difference: Estimate


def calibration_due(
    sessions: Sessions,
    at: datetime | None,
    *,
    others_have: bool,
    days: int = DUE_DAYS,
    answers: int = DUE_ANSWERS,
) -> Due:
    """Say whether a calibration is due.

    It is when the last session is older than so many days at the end of the work, when more than
    so many answers came after it, or when there was none and others had one. Where nobody has
    one, sessions are not recorded, and nothing is due or not.

    Parameters
    ----------
    sessions : of one person
    at : the last answer of the batch; the clock of whoever looks has no say
    others_have : whether anybody in the batch has a session

    Examples
    --------
    >>> held = Sessions(datetime(2026, 5, 1), "training", answers_since=40)
    >>> calibration_due(held, datetime(2026, 6, 10), others_have=True)
    Due(is_due=True, why='training 40 days before the last answer, 28 are allowed')
    """
    if sessions.last is None:
        if others_have:
            return Due(is_due=True, why="no calibration or training, where others had one")
        return Due(is_due=None, why="no calibration or training of anybody is recorded")
    past = None if at is None else (at - sessions.last).days
    if past is not None and past > days:
        why = f"{sessions.activity} {past} days before the last answer, {days} are allowed"
        return Due(is_due=True, why=why)
    since = sessions.answers_since
    if since is not None and since > answers:
        why = f"{since:,} answers since the {sessions.activity}, {answers:,} are allowed"
        return Due(is_due=True, why=why)
    if past is None:
        return Due(is_due=None, why="no answer has a time")
    told = "" if since is None else f", {since:,} answers since"
    held = "after the last answer" if past < 0 else f"{past} days before the last answer"
    return Due(is_due=False, why=f"{sessions.activity} {held}{told}")


def before_after(course: TrainingCourse, *, confidence: float = 0.95) -> BeforeAfter:
    """Share of answers that agree with the reference, before and after a session.

    Did it help? The difference has the interval of Newcombe's hybrid score where answers are right
    or wrong, and Welch's where several others voted. It misleads where the work changed at the
    same time: a difference is no proof that the session made it.

    Parameters
    ----------
    course : TrainingCourse, of one person
    confidence : float in (0, 1)

    Returns
    -------
    BeforeAfter
        Shares from 0 to 1, the difference from -1 to 1. The difference is undefined without
        answers on both sides, and insufficient with fewer than ten on one.

    References
    ----------
    Newcombe (1998), Interval estimation for the difference between independent proportions,
    10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I; Welch (1947),
    10.1093/biomet/34.1-2.28

    Examples
    --------
    Newcombe's example a: 56 of 70 against 48 of 80.

    >>> whom, votes = np.zeros(4, dtype=np.int64), np.full(4, 2)
    >>> found = before_after(TrainingCourse(("p",), whom, np.array([0, 0, 1, 1]), votes,
    ...     np.array([2, 1, 2, 1]), np.array([48, 32, 56, 14])))
    >>> [round(float(n), 4) for n in (found.difference.low, found.difference.high)]
    [0.0524, 0.3339]
    """
    sides = [_side(course.side(after), confidence) for after in (0, 1)]
    (before, spread_before), (after, spread_after) = sides
    n = min(before.n, after.n)
    blank = Estimate(confidence=confidence, n=n, n_unit="answers on the smaller side")
    if not n:
        missing = "before" if not before.n else "after"
        reason = f"no answer {missing} the session can be compared"
        return BeforeAfter(before, after, blank.but(status="undefined", reason=reason))
    value = after.value - before.value
    if bool((course.votes == 2).all()):
        low = value - sqrt((after.value - after.low) ** 2 + (before.high - before.value) ** 2)
        high = value + sqrt((after.high - after.value) ** 2 + (before.value - before.low) ** 2)
        method = "difference of shares; Newcombe's hybrid score interval"
    else:
        error = spread_before / before.n, spread_after / after.n
        low, high = _welch(value, error, (before.n, after.n), confidence)
        method = "difference of mean agreement; Welch interval"
    few = n < FEWEST
    difference = blank.but(
        value=value,
        low=max(low, -1.0),
        high=min(high, 1.0),
        method=method,
        status="insufficient" if few else "ok",
        reason=f"{n} answers on one side, {FEWEST} are needed" if few else "",
    )
    return BeforeAfter(before, after, difference)


def crew_effect(found: Sequence[BeforeAfter], *, confidence: float = 0.95) -> Estimate:
    """Mean difference after a session over the people who had one, each counting alike.

    Do people get better after it? The interval is that of a mean over people, so that one who
    changed a lot does not speak for all. It misleads where those were trained who had a bad week:
    most of them would have been better in the next one.

    Returns
    -------
    Estimate
        From -1 to 1, about annotators. Undefined below two people with answers on both sides,
        insufficient below five.
    """
    values = np.array([one.difference.value for one in found if one.difference.status == "ok"])
    n = len(values)
    blank = Estimate(confidence=confidence, n=n, n_unit="annotators", about="annotators")
    if n < 2:
        reason = f"{n} people have {FEWEST} answers on both sides of a session"
        return blank.but(status="undefined", reason=reason)
    half = _quantile(n - 1.0, confidence) * float(values.std(ddof=1)) / sqrt(n)
    value, few = float(values.mean()), n < FEWEST_PEOPLE
    return blank.but(
        value=value,
        low=max(value - half, -1.0),
        high=min(value + half, 1.0),
        method="mean of the differences of people; t interval",
        status="insufficient" if few else "ok",
        reason=f"{n} people, {FEWEST_PEOPLE} are needed" if few else "",
    )


def _side(course: TrainingCourse, confidence: float) -> tuple[Estimate, float]:
    """Return the mean agreement of some answers, and its variance between answers."""
    n = int(course.count.sum())
    blank = Estimate(confidence=confidence, n=n, n_unit="answers")
    if not n:
        return blank.but(status="undefined", reason="there are no answers"), nan
    share = (course.same - 1) / (course.votes - 1)
    value = float((course.count * share).sum()) / n
    square = float((course.count * (share - value) ** 2).sum())
    # The pull towards one answer right and one wrong keeps a perfect side from being certain.
    spread = (square + 0.25) / n
    if bool((course.votes == 2).all()):
        low, high = wilson(round(value * n), n, confidence)
        method = "share; Wilson interval"
    else:
        half = _quantile(max(n - 1.0, 1.0), confidence) * sqrt(spread / n)
        low, high = max(value - half, 0.0), min(value + half, 1.0)
        method = "mean agreement with the others; t interval"
    few = n < FEWEST
    estimate = blank.but(
        value=value,
        low=low,
        high=high,
        method=method,
        status="insufficient" if few else "ok",
        reason=f"{n} answers, {FEWEST} are needed" if few else "",
    )
    return estimate, spread


def _welch(
    value: float, error: tuple[float, float], n: tuple[int, int], level: float
) -> tuple[float, float]:
    (first, second), (before, after) = error, n
    parts = first**2 / max(before - 1, 1) + second**2 / max(after - 1, 1)
    freedom = (first + second) ** 2 / parts if parts > 0 else 1.0
    half = _quantile(freedom, level) * sqrt(first + second)
    return (value - half, value + half) if isfinite(half) else (-1.0, 1.0)


def _quantile(freedom: float, confidence: float) -> float:
    return float(stdtrit(max(freedom, 1.0), 0.5 + confidence / 2))
