"""How often honest crews show signs of habits, and how often planted ones are found.

Usage: python benchmarks/habits.py [--runs N] [--items N] [--seed N]

A sign counts as metrics.flags counts it: q < .05 by Benjamini and Hochberg over the signals of its
kind in the batch, and notable. Printed for each kind: the share of clean batches of 40 people in
which anybody has a sign, and for each planted habit the share of batches in which its person has
one, and the share in which somebody else has.
"""

import argparse
import time
from collections import Counter
from collections.abc import Callable

import numpy as np
from habits_crews import DEFECTS, Crew

from metrics.dependence import dependence_signals, notes_signals
from metrics.habits import modal_share_signals, position_signals, run_signals
from metrics.repeats import leakage_signals, repeat_signals
from metrics.signals import Signal
from metrics.speed import speed_signals
from metrics.time_course import course_signals

SOURCES: dict[str, Callable[[Crew], list[Signal]]] = {
    "modal share": lambda crew: modal_share_signals(crew.patterns(), "q"),
    "runs": lambda crew: run_signals(crew.runs(), "q"),
    "position": lambda crew: position_signals(crew.shown(), "q"),
    "speed": lambda crew: speed_signals(*crew.paces(), "q"),
    "time course": lambda crew: course_signals(crew.course(), "q", "batch"),
    "repeats": lambda crew: repeat_signals(crew.repeats(), "q"),
    "leakage": lambda crew: leakage_signals(crew.golden(), "q"),
    "pairs": lambda crew: dependence_signals(crew.pairs(), "q"),
    "notes": lambda crew: notes_signals(crew.notes(), "q"),
}
SHOWS = {
    "straight_lining": "modal share",
    "runs": "runs",
    "position": "position",
    "fast": "speed",
    "slow": "speed",
    "fatigue": "time course",
    "repeats": "repeats",
    "leakage": "leakage",
    "copying": "pairs",
    "notes": "notes",
}
CREWS = ((2, 0.9), (3, 0.85), (5, 0.75))
"""Labels and accuracy of the crews, in turn."""


def signs(signals: list[Signal]) -> set[str]:
    """Return who has a sign that is certain over the batch, and notable."""
    tested = [each for each in signals if np.isfinite(each.p_value)]
    p = np.array([each.p_value for each in tested])
    order = np.argsort(p)
    scaled = p[order] * len(p) / np.arange(1, len(p) + 1)
    q = np.empty(len(p))
    q[order] = np.minimum.accumulate(scaled[::-1])[::-1] if len(p) else scaled
    return {each.person for each, one in zip(tested, q, strict=True) if one < 0.05 and each.notable}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=300, help="batches a line")
    parser.add_argument("--items", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=20261123)
    chosen = parser.parse_args()
    generator = np.random.default_rng(chosen.seed)
    started = time.perf_counter()
    clean: Counter[str] = Counter()
    for run in range(chosen.runs):
        labels, accuracy = CREWS[run % len(CREWS)]
        crew = Crew(generator, items=chosen.items, labels=labels, accuracy=accuracy)
        found = {name for name, source in SOURCES.items() if signs(source(crew))}
        clean.update([*found, *(["any of them"] if found else [])])
    print(f"clean crews of 40, {chosen.items} items with 3 answers, {chosen.runs} batches")
    for name in (*SOURCES, "any of them"):
        print(f"  {name:16s} {clean[name] / chosen.runs:.3f}")
    runs = max(chosen.runs // 3, 1)
    print(f"one planted, {runs} batches each: found, somebody else")
    for defect in DEFECTS:
        caught = other = 0
        for run in range(runs):
            labels, accuracy = CREWS[run % len(CREWS)]
            crew = Crew(
                generator, items=chosen.items, labels=labels, accuracy=accuracy, defect=defect
            )
            people = signs(SOURCES[SHOWS[defect]](crew))
            caught += any(crew.is_culprit(each) for each in people)
            other += any(not crew.is_culprit(each) for each in people)
        print(f"  {defect:16s} {caught / runs:.3f} {other / runs:.3f}")
    print(f"{time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
