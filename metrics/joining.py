"""Signals joined: how sure each is among its kind, and which two of different kinds make a flag.

Annotators (`metrics.flags`) and reviewers (`metrics.review_flags`) have rules of their own and this
one mechanism.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan

from metrics.signals import Side, Signal, SignalKind

Sign = tuple[SignalKind, Side | None]
"""A kind of signal, and the side it has to be on; None is either."""
Rule = tuple[tuple[Sign, ...], tuple[Sign, ...]]
"""Signs that may open a flag, signs of another kind that may confirm it."""
LEVEL = 0.05
"""Largest q-value of each of two signs that make a flag."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A signal with its q-value: the share of false ones among all signals that are as strong."""

    signal: Signal
    q_value: float

    @property
    def counts(self) -> bool:
        """Whether it may take part in a flag: sure enough, and large enough to matter."""
        return self.signal.notable and self.q_value <= LEVEL


def judged(signals: Sequence[Signal]) -> list[Judged]:
    """Give every signal its q-value within its kind, in order; nan where it was not tested.

    A kind is one question asked of the whole crew. Correcting over all kinds at once would hide
    most of what is there, and two kinds have to agree before anybody is flagged.
    """
    q_of: dict[int, float] = {}
    for kind in {one.kind for one in signals}:
        places = [place for place, one in enumerate(signals) if one.kind == kind]
        q_values = benjamini_hochberg([signals[place].p_value for place in places])
        q_of.update(zip(places, q_values, strict=True))
    return [Judged(one, q_of[place]) for place, one in enumerate(signals)]


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Return q-values: the smallest false discovery rate at which each would be found.

    nan stays nan and does not count as a test.

    References
    ----------
    Benjamini and Hochberg (1995), 10.1111/j.2517-6161.1995.tb02031.x

    Examples
    --------
    >>> [round(q, 3) for q in benjamini_hochberg([0.01, 0.04, 0.03, 0.005])]
    [0.02, 0.04, 0.04, 0.02]
    """
    tested = [place for place, p in enumerate(p_values) if not isnan(p)]
    tested.sort(key=lambda place: p_values[place], reverse=True)
    q_values, smallest = list(p_values), 1.0
    for number, place in enumerate(tested):
        smallest = min(smallest, p_values[place] * len(tested) / (len(tested) - number))
        q_values[place] = smallest
    return q_values


def bearing(
    rule: Rule, opening: Sequence[Judged], confirming: Sequence[Judged]
) -> tuple[Judged, list[Judged]] | None:
    """Return the surest sign that opens a flag, and all of another kind that confirm it."""
    first = [one for one in opening if any(matches(one, sign) for sign in rule[0])]
    for one in sorted(first, key=lambda each: each.q_value):
        second = [
            other
            for other in confirming
            if other.signal.kind != one.signal.kind
            and any(matches(other, sign) for sign in rule[1])
        ]
        if second:
            return one, second
    return None


def matches(one: Judged, sign: Sign) -> bool:
    """Whether a signal is of that kind and on that side."""
    kind, side = sign
    return one.signal.kind == kind and side in {None, one.signal.side}
