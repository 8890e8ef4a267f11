"""Flags about reviewers: a reason to look at ten reviews, never a verdict about a person.

A flag needs two signs of different kinds, each with a q-value and a difference that matters.
Reviewing one's own work is a fact, and enough alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, nan
from typing import Literal

import numpy as np

from metrics.signals import Side, Signal, SignalKind

ReviewFlag = Literal[
    "rubber_stamp", "severe", "lenient", "often_overruled", "self_review", "drifting"
]
LEVEL = 0.05
Sign = tuple[SignalKind, Side]

RULES: Mapping[ReviewFlag, tuple[tuple[Sign, ...], tuple[Sign, ...]]] = {
    "rubber_stamp": (
        (("speed", "low"),),
        (("severity", "low"), ("probes", "low"), ("trap", "low")),
    ),
    "severe": (
        (("severity", "high"),),
        (("probes", "high"), ("overruled", "high"), ("agreement", "high")),
    ),
    "lenient": (
        (("severity", "low"),),
        (("probes", "low"), ("trap", "low"), ("overruled", "high"), ("agreement", "high")),
    ),
    "often_overruled": (
        (("overruled", "high"),),
        (
            ("agreement", "high"),
            ("probes", "low"),
            ("probes", "high"),
            ("severity", "low"),
            ("severity", "high"),
        ),
    ),
    "drifting": (
        (("time_course", "low"), ("time_course", "high")),
        (
            ("overruled", "high"),
            ("agreement", "high"),
            ("probes", "low"),
            ("probes", "high"),
            ("severity", "low"),
            ("severity", "high"),
        ),
    ),
}
"""Flag -> signs one of which it is about, and signs of another kind that must bear it out."""


@dataclass(frozen=True, slots=True)
class Raised:
    """One flag on one person, with the signs it rests on."""

    person: str
    flag: ReviewFlag
    signals: tuple[Signal, ...]


def q_values(p_values: Sequence[float]) -> list[float]:
    """Benjamini and Hochberg's q of every p; what was not tested (nan) stays nan.

    How many of the signs called significant at this q are false alarms, on average? Valid for
    independent and positively dependent tests.

    References
    ----------
    Benjamini and Hochberg (1995), Controlling the false discovery rate,
    10.1111/j.2517-6161.1995.tb02031.x

    Examples
    --------
    >>> [round(q, 3) for q in q_values([0.01, 0.04, float("nan"), 0.03])]
    [0.03, 0.04, nan, 0.04]
    """
    p = np.array(p_values, dtype=float)
    tested = np.flatnonzero(np.isfinite(p))
    found = np.full(len(p), nan)
    if len(tested):
        order = tested[np.argsort(p[tested])]
        steps = p[order] * len(order) / np.arange(1, len(order) + 1)
        found[order] = np.minimum(np.minimum.accumulate(steps[::-1])[::-1], 1.0)
    return [float(q) for q in found]


def q_by_kind(signals: Sequence[Signal]) -> list[float]:
    """Return the q-value of every sign among those of its kind, over everybody.

    A kind is one question asked of the whole crew. Correcting over all kinds at once would hide
    most rubber stamps, and two kinds have to agree before anybody is flagged.
    """
    found = [nan] * len(signals)
    for kind in {signal.kind for signal in signals}:
        places = [at for at, signal in enumerate(signals) if signal.kind == kind]
        values = q_values([signals[at].p_value for at in places])
        for at, value in zip(places, values, strict=True):
            found[at] = value
    return found


def standing_out(signals: Sequence[Signal], *, level: float = LEVEL) -> list[Signal]:
    """Return the signs that are sure enough and large enough to count towards a flag."""
    q = q_by_kind(signals)
    return [
        signal
        for signal, one in zip(signals, q, strict=True)
        if isfinite(one) and one < level and signal.notable
    ]


def review_flags(
    signals: Sequence[Signal], self_reviewers: Iterable[str] = (), *, level: float = LEVEL
) -> list[Raised]:
    """Join signs to flags.

    Who should be looked at first? A flag says what to look at, not what is wrong: two signs can
    have one cause that is nobody's fault, such as an interface that fills in the answer.

    Parameters
    ----------
    signals : every sign that was looked for, those that cannot be tested included
    self_reviewers : people who reviewed their own answers

    Returns
    -------
    list of Raised, by person and flag
    """
    counted = standing_out(signals, level=level)
    found = [Raised(person, "self_review", ()) for person in sorted(set(self_reviewers))]
    for person in sorted({signal.person for signal in counted}):
        own = [signal for signal in counted if signal.person == person]
        for flag, (about, besides) in RULES.items():
            first = [signal for signal in own if (signal.kind, signal.side) in about]
            kinds = {signal.kind for signal in first}
            second = [
                signal
                for signal in own
                if (signal.kind, signal.side) in besides and signal.kind not in kinds
            ]
            if first and second:
                found.append(Raised(person, flag, (*first, *second)))
    return sorted(found, key=lambda one: (one.person, one.flag))
