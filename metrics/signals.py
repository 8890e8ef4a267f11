"""Signals: single signs that somebody's work stands out, before anybody is flagged.

A signal is no accusation. It says what was measured on one person, what was to be expected of
somebody who works like the others, and how often chance alone would show as much. Only
`metrics.flags` joins signals to flags, and a flag needs two of different kinds.
"""

from dataclasses import dataclass, field
from math import nan
from typing import Literal

SignalKind = Literal[
    "trap",
    "probes",
    "agreement",
    "information",
    "severity",
    "speed",
    "straight_lining",
    "position",
    "repeats",
    "time_course",
    "leakage",
    "dependence",
    "overruled",
    "self_review",
]
Side = Literal["low", "high"]


@dataclass(frozen=True, slots=True)
class Signal:
    """One sign about one person on one question.

    Attributes
    ----------
    person : person key
    kind : what was looked at; signals of one kind share their evidence and count once
    question : the question, empty where it is about all of them
    side : the side on which the person stands out: low accuracy is low, long runs are high
    value, low, high : measured, with its interval; nan where there is none
    expected : what somebody like the others would show on the same items
    n, n_unit : how much work it rests on
    p_value : chance of standing out as much on either side if nothing were wrong, in (0, 1]; nan
        where it cannot be tested
    notable : whether the difference is large enough to matter in practice, however sure it is
    detectable : whether this n would have shown a difference that matters in 8 of 10 cases
    note : sentence for people, with the numbers
    blind : what somebody would show who answers without looking; nan where that says nothing
    if_blind : the p-value somebody who answers without looking would have at most in 9 of 10 cases
        of so much work; 1 where their value would not be far enough from the crew's to matter
    others : person keys it is shared with (a clique of copied answers); empty for most
    is_enough : whether it needs no second sign: nothing but one cause explains it
    """

    person: str
    kind: SignalKind
    question: str
    side: Side
    value: float
    expected: float
    n: int
    n_unit: str
    p_value: float
    notable: bool
    detectable: bool
    note: str
    low: float = nan
    high: float = nan
    blind: float = nan
    if_blind: float = 1.0
    others: tuple[str, ...] = field(default=())
    is_enough: bool = False
