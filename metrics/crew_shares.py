"""Shares of people's answers against the crew, made into signals.

Shapes are given in capitals: A annotators.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from metrics.signals import Side, Signal, SignalKind
from metrics.standing import Standing, share_angle, share_reach, standing, steadied
from metrics.tables import Floats, Integers

FEWEST_ANSWERS = 10
"""Below this many answers a share of one person is no sign of anything."""


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """A share of each person, and the share to be expected on the same items; each (A,).

    `steady` is the share with the little that keeps its angle sound near 0 and 1 (Anscombe's 3/8);
    `variance` is that of the angle of `steady` less the angle of `expected`.
    """

    annotators: tuple[str, ...]
    observed: Floats
    steady: Floats
    expected: Floats
    variance: Floats
    n: Integers


def counted_shares(
    people: tuple[str, ...], hits: Floats, n: Floats, expected: Floats, more: Floats | float = 0.0
) -> Shares:
    """Return the shares of hits among n, the expected share being known but for variance `more`."""
    angle, variance = steadied(hits, n)
    return Shares(
        annotators=people,
        observed=hits / np.maximum(n, 1),
        steady=np.sin(angle / 2) ** 2,
        expected=expected,
        variance=variance + more,
        n=n.astype(np.int64),
    )


def per_person(annotator: Integers, count: Integers | Floats, people: int) -> Floats:
    """Return the sum of counts of each person."""
    return np.bincount(annotator, weights=count, minlength=people).astype(np.float64)


@dataclass(frozen=True, slots=True)
class Habit:
    """What a share says: its kind, the difference that matters, the side to worry about, words.

    On the other side of `worry` nothing is notable: somebody who gets better is no problem.

    `says` gets a person's place, the share and what was expected, as percents.
    """

    kind: SignalKind
    question: str
    floor: float
    n_unit: str
    says: Callable[[int, str, str], str]
    worry: Side | None = None


def share_signals(shares: Shares, habit: Habit) -> list[Signal]:
    """Return one signal for each person with enough answers or too few, none without any.

    The null is "a person from this crew": what the crew does on average is expected of everybody,
    and the spread between people is added to chance. p-values are nan for fewer than 10 answers
    and in crews under 8 people.
    """
    tested = shares.n >= FEWEST_ANSWERS
    angle = share_angle(shares.steady) - share_angle(shares.expected)
    found = standing(np.where(tested, angle, np.nan), shares.variance)
    return [
        _signal(shares, habit, found, place)
        for place in range(len(shares.annotators))
        if shares.n[place] > 0
    ]


def _signal(shares: Shares, habit: Habit, found: Standing, place: int) -> Signal:
    value, p_value = float(shares.observed[place]), float(found.p_value[place])
    shift = 0.0 if np.isnan(found.centre) else found.centre
    expected = _share(float(share_angle(shares.expected[place : place + 1])[0]) + shift)
    half = float(ndtri(0.975) * np.sqrt(shares.variance[place]))
    angle = float(share_angle(shares.steady[place : place + 1])[0])
    side: Side = "low" if value < expected else "high"
    usual = f"{expected:.0%}" if np.isfinite(expected) else "an unknown share"
    note = habit.says(place, f"{value:.0%}", usual)
    return Signal(
        person=shares.annotators[place],
        kind=habit.kind,
        question=habit.question,
        side=side,
        value=value,
        low=_share(angle - half),
        high=_share(angle + half),
        expected=expected,
        n=int(shares.n[place]),
        n_unit=habit.n_unit,
        p_value=p_value,
        notable=habit.worry in {None, side} and abs(value - expected) >= habit.floor,
        detectable=_detectable(expected, habit, float(found.reach[place])),
        note=note if np.isfinite(p_value) else f"{note}; {untested(found)}",
    )


def untested(found: Standing) -> str:
    """Say why somebody has no p-value."""
    if np.isnan(found.spread):
        return "not tested: too few people to know how much honest ones differ"
    return "not tested: too little work"


def _detectable(expected: float, habit: Habit, reach: float) -> bool:
    """Whether a difference that matters would be found; the harder side unless one is meant."""
    sides = ("low", "high") if habit.worry is None else (habit.worry,)
    room = [share_reach(expected, habit.floor, below=side == "low") for side in sides]
    possible = [each for each in room if np.isfinite(each)]
    return bool(possible) and bool(min(possible) >= reach)


def _share(angle: float) -> float:
    return float(np.sin(np.clip(angle, 0.0, np.pi) / 2) ** 2)
