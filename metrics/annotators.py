"""Accuracy on planted items: golden items and traps, each against the crew's own rate.

Golden items and traps are never averaged: a golden item asks whether a person judges well, a trap
whether they look at all. Both are held against what the others reach on the same expected labels,
so that a golden set which everybody contradicts accuses nobody (then the gold is the suspect).
Difficulty of single planted items is not in the statistic, only the label they expect.
"""

from typing import Literal

import numpy as np

from metrics.funnel import Measured, detects, outlying, p_if_blind, unluckiest_share
from metrics.intervals import wilson
from metrics.signals import Signal
from metrics.tables import Floats, ReferenceAnswers

Planted = Literal["golden", "trap"]
USUAL_SPREAD = {"golden": 0.05, "trap": 0.03}
NOTABLE = {"golden": 0.1, "trap": 0.1}
"""Practical floors: a tenth more missed than the others miss."""
FEWEST_MISSED = 2
"""One missed trap is a slip."""
_EVERYBODY = 5.0


def reference_standing(answers: ReferenceAnswers) -> Measured:
    """Share of planted items answered as expected, against the others' on the same labels.

    Who misses what the others see? Expected is the rate of everybody else on items that expect
    the same label, drawn to their rate on all. It misleads where some people got the hard ones.
    """
    people = len(answers.annotators)
    right = np.where(answers.label == answers.expected, answers.count, 0)
    expected = _others_rate(answers, right, people)
    n = np.bincount(answers.annotator, answers.count, people)
    with np.errstate(invalid="ignore", divide="ignore"):
        observed = np.bincount(answers.annotator, right, people) / n
        usual = np.bincount(answers.annotator, answers.count * expected, people) / n
        # The crew's rate is known from few items itself: its error is part of the distance.
        elsewhere = n.sum() - n
        error = np.maximum(usual * (1 - usual), 0.01) * (1 / n + 1 / np.maximum(elsewhere, 1))
    known = (n > 0) & (elsewhere > 0)
    usual, error = np.where(known, usual, np.nan), np.where(known, error, np.nan)
    return Measured(observed, usual, error, n.astype(np.int64))


def reference_signals(
    answers: ReferenceAnswers, planted: Planted, question: str, family: int = 0
) -> list[Signal]:
    """Return one sign a person: golden items answered, or traps noticed.

    Where only one person met any, nothing can be compared: the p-value is nan and the note says so.
    """
    place = reference_standing(answers)
    outside = outlying(place, USUAL_SPREAD[planted], is_share=True)
    chance = 1.0 / max(len(answers.labels), 2)
    tests = family or len(answers.annotators)
    seen = detects(outside, place.expected - chance, tests)
    blind = np.full(len(place.n), chance)
    luckiest = unluckiest_share(blind, place.n)
    if_blind = p_if_blind(place, outside, luckiest, blind, with_error=planted == "golden")
    fails = planted == "golden" or (1.0 - luckiest) * place.n >= FEWEST_MISSED
    if_blind = np.where(fails, if_blind, 1.0)
    signals = []
    for one in np.flatnonzero(place.n > 0):
        observed, expected, n = (
            float(place.observed[one]),
            float(place.expected[one]),
            int(place.n[one]),
        )
        right = round(observed * n)
        low, high = wilson(right, n)
        missed_enough = planted == "golden" or n - right >= FEWEST_MISSED
        signals.append(
            Signal(
                person=answers.annotators[one],
                kind="trap" if planted == "trap" else "probes",
                question=question,
                side="high" if observed > expected else "low",
                value=observed,
                expected=expected,
                n=n,
                n_unit="traps" if planted == "trap" else "golden items",
                p_value=float(outside.p_value[one]),
                notable=abs(observed - expected) >= NOTABLE[planted] and missed_enough,
                detectable=bool(seen[one]),
                note=_sentence(planted, n - right, n, expected),
                low=low,
                high=high,
                blind=chance,
                if_blind=float(if_blind[one]),
            )
        )
    return signals


def _sentence(planted: Planted, missed: int, n: int, expected: float) -> str:
    what = "traps" if planted == "trap" else "golden items"
    if np.isnan(expected):
        return f"missed {missed} of {n} {what}; nobody else met any to compare with"
    return f"missed {missed} of {n} {what}, where the others miss {1 - expected:.0%}"


def _others_rate(answers: ReferenceAnswers, right: np.ndarray, people: int) -> Floats:
    """Rate of everybody else on planted items that expect the same label, by entry."""
    person, label = answers.annotator, answers.expected
    own = label * people + person

    def elsewhere(amount: np.ndarray, group: np.ndarray, mine: np.ndarray) -> Floats:
        return np.asarray(np.bincount(group, amount)[group] - np.bincount(mine, amount)[mine])

    whole = np.zeros(len(person), dtype=np.int64)
    with np.errstate(invalid="ignore", divide="ignore"):
        overall = elsewhere(right, whole, person) / elsewhere(answers.count, whole, person)
    hits = elsewhere(right, label, own) + _EVERYBODY * overall
    return np.asarray(hits / (elsewhere(answers.count, label, own) + _EVERYBODY))
