"""How often any flag falls on honest people, and who is flagged for planted habits.

Usage: python benchmarks/flags.py [--runs N] [--items N] [--seed N]

Every sign that `batchgate annotators` joins is computed at once: agreement, what labels tell,
traps, and all habits (see habits.py), and `metrics.flags` makes flags of them, nothing else.
Printed for four kinds of crew of 40 honest people: the share of batches in which anybody has a
flag, and each flag. For each planted habit: the share of batches in which its person has the flag
of that habit, has any flag, and in which somebody honest has one. Planted pace, position, repeats,
known golden items and notes come with honest answers here: there is one sign, and no flag is right.
"""

import argparse
import time
from collections import Counter
from collections.abc import Iterable

import numpy as np
from habits import CREWS, SOURCES
from habits_crews import DEFECTS, Crew

from metrics.annotators import reference_signals
from metrics.flags import Raised, flags
from metrics.information import information_signals
from metrics.leave_one_out import agreement_signals
from metrics.tables import ReferenceAnswers

RIGHT = ((2, 0.75), (2, 0.9), (5, 0.7))
"""Labels and accuracy of the crews whose accuracies differ most, by .05; five answers an item."""
SPREAD = 0.05
TRAPS = 10
"""Traps a person, of which one in a hundred is missed."""
FLAG = {
    "straight_lining": "straight_lining",
    "runs": "straight_lining",
    "position": "position_habit",
    "fast": "too_fast",
    "slow": "too_slow",
    "fatigue": "drifting",
    "repeats": "inconsistent",
    "leakage": "drifting",
    "copying": "dependent",
    "notes": "dependent",
}


def traps(crew: Crew) -> ReferenceAnswers:
    """Let everybody meet ten traps, which only a slip of the finger misses."""
    who = np.repeat(np.arange(crew.people), TRAPS)
    expected = crew.generator.integers(0, crew.labels, len(who))
    missed = crew.generator.random(len(who)) < 0.01
    said = np.where(missed, (expected + 1) % crew.labels, expected)
    labels = tuple(f"l{number}" for number in range(crew.labels))
    return ReferenceAnswers(labels, crew.names, who, expected, said, np.ones_like(who))


def flagged(crew: Crew) -> list[Raised]:
    """Return the flags of one batch from all signs together."""
    patterns = crew.patterns()
    signals = [
        *agreement_signals(patterns, "q"),
        *information_signals(patterns, "q"),
        *reference_signals(traps(crew), "trap", "q"),
    ]
    for source in SOURCES.values():
        signals += source(crew)
    return flags(signals)


def drawn(run: int, items: int, generator: np.random.Generator, defect: str = "") -> Crew:
    labels, accuracy = CREWS[run % len(CREWS)]
    return Crew(generator, items=items, labels=labels, accuracy=accuracy, defect=defect)


def uneven(labels: int, right: float, items: int, generator: np.random.Generator) -> Crew:
    """Draw honest people who are right on so many items, with a standard deviation of .05."""
    luck = 1 / labels
    return Crew(
        generator,
        items=items,
        votes=5,
        labels=labels,
        accuracy=(right - luck) / (1 - luck),
        deviation=SPREAD / (1 - luck),
    )


def clean(name: str, crews: Iterable[Crew]) -> None:
    """Print how many batches of honest crews have a flag."""
    count: Counter[str] = Counter()
    runs = 0
    for crew in crews:
        found = {one.flag for one in flagged(crew)}
        count.update([*found, *(["any flag"] if found else [])])
        runs += 1
    rest = "".join(
        f", {flag} {count[flag] / runs:.3f}" for flag in sorted(set(count) - {"any flag"})
    )
    print(f"  {count['any flag'] / runs:.3f} {name}{rest}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=300, help="batches a line")
    parser.add_argument("--items", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=20261124)
    chosen = parser.parse_args()
    generator = np.random.default_rng(chosen.seed)
    started = time.perf_counter()
    print(f"honest crews of 40, {chosen.items} items, {chosen.runs} batches each: any flag")
    runs = range(chosen.runs)
    clean("three kinds in turn, 3 answers", (drawn(run, chosen.items, generator) for run in runs))
    for labels, right in RIGHT:
        crews = (uneven(labels, right, chosen.items, generator) for _ in runs)
        clean(f"{labels} labels, {right} right, 5 answers", crews)
    few = max(chosen.runs // 3, 1)
    print(f"one planted, {few} batches each: its flag, any flag, somebody honest flagged")
    for defect in DEFECTS:
        count = np.zeros(3)
        for run in range(few):
            crew = drawn(run, chosen.items, generator, defect)
            raised = flagged(crew)
            own = {one.flag for one in raised if crew.is_culprit(one.person)}
            others = {one.person for one in raised if not crew.is_culprit(one.person)}
            if defect in {"copying", "notes"}:  # the partner shares the answers as much
                others -= {crew.names[(crew.culprit + 1) % crew.people]}
            count += FLAG[defect] in own, bool(own), bool(others)
        print(f"  {defect:16s}", *(f"{share:.3f}" for share in count / few), flush=True)
    print(f"{time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
