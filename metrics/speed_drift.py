"""Did people become slower or faster between a reference and a batch?

The statement is about these people: who worked how much is taken as it is, and whether others did
the work or the same people changed their pace is said beside it. Chance is what one person's times
vary from week to week.

Shapes: K cells of person, period and bin.
"""

from dataclasses import dataclass
from math import exp, isfinite, log, nan, sqrt
from typing import Final

import numpy as np
from scipy.special import stdtr

from metrics.distinct import distinct_rows
from metrics.family_drift import FamilyShift, changed
from metrics.speed import BIN, medians
from metrics.tables import Floats, Integers

SPEED_FLOOR: Final = 0.1
"""A change of the median time by less than a tenth does not matter."""
FEWEST_REPEATS: Final = 10
"""Weeks beyond the first one of each person; fewer do not show how much a person's pace varies."""


@dataclass(frozen=True, slots=True, eq=False)
class Times:
    """Durations of one question on one side.

    Entry k: `count[k]` answers of `person[k]` in week `period[k]` fell in bin `log_bin[k]`.
    """

    person: Integers
    period: Integers
    log_bin: Integers
    count: Integers


def speed_shift(reference: Times, batch: Times, question: str) -> FamilyShift:
    """Compare the share of answers that took longer than the common median.

    Parameters
    ----------
    reference, batch : Times
        People numbered alike on both sides.

    References
    ----------
    McCullagh, Nelder (1989), Generalized Linear Models, 2nd ed., 4.5 (over-dispersed shares)
    """
    sides = reference, batch
    middles = [median_seconds(side) for side in sides]
    blank = FamilyShift("speed", question, middles[0], middles[1], "seconds", n_unit="answers")
    if not all(isfinite(middle) for middle in middles):
        return changed(blank, reason="no times on one side")
    cut = _median_bin(
        np.concatenate([side.log_bin for side in sides]),
        np.concatenate([side.count for side in sides]),
    )
    spreads = [_spread(side, cut) for side in sides]
    repeats = sum(spread.freedom for spread in spreads)
    number = min(int(side.count.sum()) for side in sides)
    if repeats < FEWEST_REPEATS:
        return changed(
            blank,
            n=number,
            reason=f"{repeats} repeated weeks of one person show how much a pace"
            f" varies, {FEWEST_REPEATS} are needed",
        )
    # Both sides share one dispersion, never below that of independent answers.
    dispersion = max(1.0, sum(spread.excess for spread in spreads) / repeats)
    error = sqrt(dispersion * sum(spread.variance for spread in spreads))
    moved = spreads[1].share - spreads[0].share
    p = 2.0 * float(stdtr(repeats, -abs(moved) / error)) if error > 0 else nan
    told = f"median time {middles[0]:.0f} s → {middles[1]:.0f} s"
    return changed(
        blank,
        p_value=p,
        is_large=abs(log(middles[1] / middles[0])) >= -log(1.0 - SPEED_FLOOR),
        n=number,
        note=told + _whose(sides, cut, moved),
    )


def median_seconds(side: Times) -> float:
    """Return the median time in seconds; nan without any."""
    if not len(side.count) or not side.count.sum():
        return nan
    return (exp(_median_bin(side.log_bin, side.count) * BIN + BIN / 2.0) - 1.0) / 1000.0


def bins(seconds: Floats) -> Integers:
    """Return the log bin of times in seconds, as the statistic of durations counts them.

    Examples
    --------
    >>> bins(np.array([1.0, 195.0])).tolist()
    [348, 615]
    """
    return np.floor(np.log(seconds * 1000.0 + 1.0) / BIN).astype(np.int64)


@dataclass(frozen=True, slots=True)
class _Spread:
    """Share of slow answers of one side, its variance were answers independent, and the excess."""

    share: float
    variance: float
    excess: float
    freedom: int


def _spread(side: Times, cut: float) -> _Spread:
    weeks, cell = distinct_rows(np.stack([side.person, side.period], axis=1))
    person = np.unique(weeks[:, 0], return_inverse=True)[1]
    slow = np.bincount(cell, side.count * _slow(side, cut), len(weeks))
    answers = np.bincount(cell, side.count, len(weeks)).astype(np.float64)
    own_slow, own = np.bincount(person, slow), np.bincount(person, answers)
    rate = own_slow / own
    chance = np.maximum(rate * (1.0 - rate), 1e-12)
    gap = np.square(slow - answers * rate[person]) / (answers * chance[person])
    # Somebody always fast or always slow shows no variation to measure.
    varied = (rate > 0.0) & (rate < 1.0)
    several = varied & (np.bincount(person) > 1)
    total = float(own.sum())
    return _Spread(
        share=float(own_slow.sum()) / total,
        variance=float((own * rate * (1.0 - rate)).sum()) / total**2,
        excess=float(gap[several[person]].sum()),
        freedom=int((np.bincount(person) - 1)[several].sum()),
    )


def _whose(sides: tuple[Times, Times], cut: float, moved: float) -> str:
    """Say how much of a shift the people of both sides made at their own pace."""
    size = 1 + max(int(side.person.max()) for side in sides)
    answers = np.stack([np.bincount(side.person, side.count, size) for side in sides])
    slow = np.stack(
        [np.bincount(side.person, side.count * _slow(side, cut), size) for side in sides]
    )
    both = np.asarray(answers.min(axis=0) > 0)
    if not both.any() or not moved:
        return "; nobody worked on both sides" if not both.any() else ""
    rates = slow[:, both] / answers[:, both]
    weight = (answers[:, both] / answers.sum(axis=1, keepdims=True)).mean(axis=0)
    part = float(weight @ (rates[1] - rates[0])) / moved
    if part < 0.3:
        return "; mainly because others did the work"
    return "; the same people changed their pace" if part > 0.7 else "; partly the same people"


def _slow(side: Times, cut: float) -> Floats:
    return np.asarray((side.log_bin > cut) + 0.5 * (side.log_bin == cut), dtype=np.float64)


def _median_bin(log_bin: Integers, count: Integers) -> float:
    nobody = np.zeros(len(log_bin), dtype=np.int64)
    return float(medians(nobody, log_bin.astype(np.float64), count, 1)[0])
