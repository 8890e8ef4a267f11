"""Flags about reviewers: a reason to look at ten reviews, never a verdict about a person.

A flag needs two signs of different kinds, each with a q-value and a difference that matters.
Reviewing one's own work is a fact, and enough alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from metrics.joining import Judged, Rule, bearing, judged, matches
from metrics.signals import Signal

ReviewFlag = Literal[
    "rubber_stamp", "severe", "lenient", "often_overruled", "self_review", "drifting"
]
RULES: Mapping[ReviewFlag, Rule] = {
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


def standing_out(signals: Sequence[Signal]) -> list[Judged]:
    """Return the signs that are sure enough and large enough to count towards a flag."""
    return [one for one in judged(signals) if one.counts]


def review_flags(signals: Sequence[Signal], self_reviewers: Iterable[str] = ()) -> list[Raised]:
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
    counted = standing_out(signals)
    found = [Raised(person, "self_review", ()) for person in sorted(set(self_reviewers))]
    for person in sorted({one.signal.person for one in counted}):
        own = [one for one in counted if one.signal.person == person]
        for flag, rule in RULES.items():
            borne = bearing(rule, own, own)
            if borne is not None:
                about = [one for one in own if any(matches(one, sign) for sign in rule[0])]
                because = tuple(one.signal for one in (*about, *borne[1]))
                found.append(Raised(person, flag, because))
    return sorted(found, key=lambda one: (one.person, one.flag))
