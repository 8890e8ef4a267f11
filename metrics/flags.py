"""Flags: signals joined, so that nobody stands accused on one sign.

A flag needs two notable signals of different kinds, each with a q-value of at most .05 among all
signals of its kind (Benjamini and Hochberg). A failed trap test is enough alone: a trap has one
right answer that nobody who looks can miss, and is held against the crew's own rate of misses.
For spam the two are one test of one question, whether somebody looks at all, and only the low side
speaks for it: its q-value, by Simes' rule on the halved q-values twice the smaller or the larger,
is at most .05, each p is at most .05, and both values lie nearer to answers given without looking
than to the crew's (the share of items with its error).

| flag | first sign | with another of |
|---|---|---|
| careless | a failed trap test | nothing |
| careless | agreement low, golden items missed | poor, fast, repeats low, habits |
| spam | information as without looking | poor as without looking, habits, fast |
| severe, lenient | severity high, low | agreement low (free of severity), golden items missed |
| too_fast, too_slow | speed low, high | poor, repeats low |
| straight_lining | straight-lining high | poor, fast, repeats low |
| position_habit | position | poor, fast, repeats low |
| inconsistent | repeats low | poor, fast |
| drifting | time course | poor, severity, leakage |
| dependent | answers or notes surely copied (`Signal.is_enough`) | nothing |
| dependent | dependence | speed, leakage, agreement, information, repeats, straight-lining |

Poor is agreement low, golden items missed or information low; habits are straight-lining and
position; fast is speed low.

Severity alone never makes a flag: who judges strictly but orders the items as the others do needs
calibration and has not been careless.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from metrics.joining import LEVEL, Judged, Rule, Sign, bearing, judged, matches
from metrics.signals import Signal, SignalKind

Flag = Literal[
    "careless",
    "spam",
    "severe",
    "lenient",
    "too_fast",
    "too_slow",
    "straight_lining",
    "position_habit",
    "inconsistent",
    "drifting",
    "dependent",
]
BLIND_P = 0.05
"""Largest p-value of each sign of answers given without looking."""
_POOR: tuple[Sign, ...] = (("agreement", "low"), ("probes", "low"), ("information", "low"))
_FAST: Sign = ("speed", "low")
_HABITS: tuple[Sign, ...] = (("straight_lining", "high"), ("position", None))
_REPEATS: Sign = ("repeats", "low")
RULES: Mapping[Flag, Rule] = {
    "careless": (_POOR[:2], (*_POOR, _FAST, _REPEATS, *_HABITS)),
    "spam": ((_POOR[2],), (*_POOR[:2], *_HABITS, _FAST)),
    "severe": ((("severity", "high"),), _POOR[:2]),
    "lenient": ((("severity", "low"),), _POOR[:2]),
    "too_fast": ((_FAST,), (*_POOR, _REPEATS)),
    "too_slow": ((("speed", "high"),), (*_POOR, _REPEATS)),
    "straight_lining": ((_HABITS[0],), (*_POOR, _FAST, _REPEATS)),
    "position_habit": ((_HABITS[1],), (*_POOR, _FAST, _REPEATS)),
    "inconsistent": ((_REPEATS,), (*_POOR, _FAST)),
    "drifting": (
        (("time_course", None),),
        (*_POOR, ("severity", None), ("leakage", None)),
    ),
    "dependent": (
        (("dependence", None),),
        (
            ("speed", None),
            ("leakage", None),
            ("agreement", None),
            ("information", None),
            ("repeats", None),
            _HABITS[0],
        ),
    ),
}
"""Flag -> signs that may open it, signs of another kind that may confirm it."""


@dataclass(frozen=True, slots=True)
class Raised:
    """A flag on a person, and the signals it rests on: the one that opens it first."""

    person: str
    flag: Flag
    because: tuple[Judged, ...]


def flags(signals: Sequence[Signal]) -> list[Raised]:
    """Join signals to flags, sorted by person and flag.

    Who has to be looked at, and for what? A flag says that two signs agree; it leads to items to
    look at and is no finding of guilt.

    References
    ----------
    Benjamini and Hochberg (1995), Controlling the false discovery rate,
    10.1111/j.2517-6161.1995.tb02031.x
    """
    by_person: dict[str, list[Judged]] = {}
    for one in judged(signals):
        if one.counts or _is_blind(one):
            by_person.setdefault(one.signal.person, []).append(one)
    raised = []
    for person in sorted(by_person):
        for flag in RULES:
            because = _because(flag, by_person[person])
            if because:
                raised.append(Raised(person, flag, because))
    return raised


def unseen(signals: Sequence[Signal], flagged: Iterable[Raised]) -> dict[str, str]:
    """Return person -> why carelessness could not have been seen, for those without a flag.

    Somebody is unseen when a person who answers without looking would have escaped the flags in
    more than 1 of 10 cases of so much work, in such a crew: no trap would have been enough, and no
    two signs of different kinds.
    """
    kinds: tuple[SignalKind, ...] = ("trap", *(kind for kind, _ in _POOR))
    family = {kind: sum(one.kind == kind and one.p_value >= 0 for one in signals) for kind in kinds}
    able: dict[str, dict[SignalKind, float]] = {}
    most: dict[str, int] = {}
    for one in signals:
        mine = able.setdefault(one.person, {})
        most.setdefault(one.person, 0)
        if one.kind in kinds:
            mine[one.kind] = min(mine.get(one.kind, 1.0), one.if_blind)
            most[one.person] = max(most[one.person], one.n)
    known = {one.person for one in flagged}
    return {
        person: f"{most[person]} comparable items could not have shown random answers"
        for person, mine in able.items()
        if person not in known and not _would_show(mine, family)
    }


def _would_show(if_blind: Mapping[SignalKind, float], family: Mapping[SignalKind, int]) -> bool:
    """Whether these p-values would make a flag if nobody else stood out."""
    q_values = {kind: p * family[kind] for kind, p in if_blind.items()}
    if q_values.pop("trap", 1.0) <= LEVEL:
        return True
    told = q_values.pop("information", 1.0)
    if sum(q <= LEVEL for q in (told, *q_values.values())) >= 2:
        return True
    return if_blind.get("information", 1.0) <= BLIND_P and any(
        if_blind[kind] <= BLIND_P and _is_enough([told, q]) for kind, q in q_values.items()
    )


def _because(flag: Flag, mine: Sequence[Judged]) -> tuple[Judged, ...]:
    """Return the signals that make a flag, or none."""
    sure = [one for one in mine if one.counts]
    if flag == "careless":
        failed = [one for one in sure if matches(one, ("trap", "low"))]
        if failed:
            return (_strongest(failed),)
    if flag == "dependent":
        copied = [one for one in sure if one.signal.kind == "dependence" and one.signal.is_enough]
        if copied:
            return (_strongest(copied),)
    if flag == "spam":
        blind = [one for one in mine if _is_blind(one)]
        found = _joined(RULES["spam"], blind, blind)
        if found and _is_enough([one.q_value for one in found]):
            return found
        return _joined(RULES["spam"], [one for one in sure if _is_blind(one)], sure)
    return _joined(RULES[flag], sure, sure)


def _joined(
    rule: Rule, opening: Sequence[Judged], confirming: Sequence[Judged]
) -> tuple[Judged, ...]:
    """Return the surest sign that opens a flag, and the surest of another kind that confirms it."""
    found = bearing(rule, opening, confirming)
    return () if found is None else (found[0], _strongest(found[1]))


def _is_enough(q_values: Sequence[float]) -> bool:
    """Whether two signs on the low side are sure enough together: Simes' rule for two.

    The q-values are two-sided; of one side only they are half as large.

    References
    ----------
    Simes (1986), An improved Bonferroni procedure, 10.1093/biomet/73.3.751
    """
    return min(*q_values, max(q_values) / 2) <= LEVEL


def _is_blind(one: Judged) -> bool:
    """Whether a value is, with its error, nearer to answers without looking than to the crew's."""
    signal = one.signal
    if not (signal.p_value <= BLIND_P and signal.expected > signal.blind):
        return False
    # What labels tell is too uncertain on many labels to ask for more than the value.
    error = 0.0 if signal.kind == "information" else (signal.high - signal.value) / 2.0
    return signal.value + error <= (signal.expected + signal.blind) / 2.0


def _strongest(several: Sequence[Judged]) -> Judged:
    return min(several, key=lambda one: one.q_value)
