"""The same person and the same item, again: consistency, and golden items that got known.

Shapes are given in capitals: A annotators.
"""

from dataclasses import replace
from typing import Final

import numpy as np

from metrics.crew_shares import FEWEST_ANSWERS, Habit, counted_shares, per_person, share_signals
from metrics.habit_tables import GoldenCourse, RepeatedAnswers
from metrics.signals import Signal
from metrics.standing import share_angle, steadied
from metrics.tables import Floats

CONSISTENCY_FLOOR: Final = 0.15
LEAKAGE_FLOOR: Final = 0.3


def repeat_signals(table: RepeatedAnswers, question: str) -> list[Signal]:
    """Whether people give the answer again that they gave before.

    Somebody who knows the rule answers a hidden repeat alike; low consistency without low accuracy
    is rare, so it says where to look. Repeats after a review are not in the table: there a changed
    answer is the point.
    """
    people = len(table.annotators)
    n = per_person(table.annotator, table.count, people)
    same = per_person(table.annotator, table.count * table.same, people)
    everybody = np.full(people, same.sum() / max(n.sum(), 1.0))
    shares = counted_shares(table.annotators, same, n, everybody)

    def says(person: int, value: str, wanted: str) -> str:
        return (
            f"gave the same answer again on {value} of {n[person]:.0f} repeated items; {wanted}"
            f" is usual"
        )

    unit = "repeated items"
    return share_signals(shares, Habit("repeats", question, CONSISTENCY_FLOOR, unit, says, "low"))


def leakage_signals(table: GoldenCourse, question: str) -> list[Signal]:
    """Whether somebody is better on golden items that had been in use than on new ones.

    Golden items that are passed on stop measuring. Expected on old items is what the person shows
    on new ones, moved by how much easier the old ones are for the others, and by what the whole
    crew gains. Side high is the sign of leakage.
    """
    people = len(table.annotators)
    others = np.maximum(table.answers - 1, 1)
    ease = (table.right - table.is_right) / others
    alone = table.answers < 2
    overall = float(np.average(table.is_right, weights=table.count)) if len(table.count) else 0.0
    ease = np.where(alone, overall, ease)
    old, new = (table.is_old == flag for flag in (1, 0))
    n_old, n_new = (per_person(table.annotator, table.count * side, people) for side in (old, new))
    right, ease_old = (
        per_person(table.annotator, table.count * old * each, people)
        for each in (table.is_right, ease)
    )
    right_new, ease_new = (
        per_person(table.annotator, table.count * new * each, people)
        for each in (table.is_right, ease)
    )
    angle_new, variance_new = steadied(right_new, n_new)
    easier = share_angle(_share(ease_old, n_old)) - share_angle(_share(ease_new, n_new))
    expected = np.sin(np.clip(angle_new + easier, 0.0, np.pi) / 2) ** 2
    both = (n_old >= FEWEST_ANSWERS) & (n_new >= FEWEST_ANSWERS)
    shares = counted_shares(table.annotators, right, n_old, expected, variance_new)
    shares = replace(shares, n=np.where(both, n_old + n_new, 0).astype(np.int64))

    def says(person: int, value: str, wanted: str) -> str:
        return (
            f"was right on {value} of {n_old[person]:.0f} golden items that had been in use;"
            f" {wanted} would follow from {n_new[person]:.0f} new ones"
        )

    unit = "golden items"
    return share_signals(shares, Habit("leakage", question, LEAKAGE_FLOOR, unit, says, "high"))


def _share(sums: Floats, n: Floats) -> Floats:
    shares: Floats = (sums + 0.375) / (n + 0.75)
    return shares
