"""How often any flag falls on honest people, and who is flagged who should be, or is missed.

Usage: python benchmarks/flags.py [--only PART] [--runs N] [--seed N]

Every sign that `batchgate annotators` joins is computed at once: agreement, what labels tell,
traps, and all habits (see habits.py), and `metrics.flags` makes flags of them, nothing else. Parts:

clean: the share of batches of 40 honest people in which anybody has a flag, and each flag; by
    labels, accuracy, its standard deviation between people, and items. The busiest do 20 times the
    work of the idlest.
kinds: the same for further kinds of crew, signs of labels, golden items and traps only.
targets: one of 40 answers without looking, labels are equally common.
caught: one of 5 to 40 people answers without looking, everybody does as many items on average,
    labels are of unequal shares: flagged, missed without being said to be invisible, others
    flagged, honest people of whom it is said. No traps, no golden items, an honest pace.
habits: for each planted habit the share of batches in which its person has the flag of that
    habit, any flag, and in which somebody honest has one. Planted pace, position, repeats and known
    golden items come with honest answers here: there is one sign, and no flag is right.
copies: pairs of whom one copies a share of the other's answers.
intervals: the share of people whose true rate lies in theirs, for counts drawn from a prior, and
    for accuracies of whole batches that nobody knows the truth of.
"""

import argparse
import time
from collections import Counter
from collections.abc import Iterable
from itertools import product

import annotators_crews as plain
import numpy as np
from habits import CREWS, SOURCES
from habits_crews import DEFECTS, Crew

from metrics.annotators import reference_signals
from metrics.flags import Raised, flags, unseen
from metrics.information import information_signals
from metrics.leave_one_out import agreement_signals
from metrics.posterior_accuracy import consensus_evidence, posterior_accuracy
from metrics.shrinkage import beta_binomial
from metrics.signals import Signal
from metrics.tables import ReferenceAnswers

RIGHT = ((2, 0.75), (2, 0.9), (5, 0.7))
"""Labels and accuracy of the crews; five answers an item where nothing else is said."""
SPREAD = 0.05
"""Largest standard deviation of accuracy between honest people."""
BUSIEST = 20
TRAPS = 10
"""Traps a person, of which one in a hundred is missed."""
TARGETS = ((5, 0.7, 50), (2, 0.9, 50), (2, 0.75, 400))
"""Labels, accuracy, items of the spammer from which on nine in ten are to be flagged."""
SPAM = ("random", "constant", "mimic")
UNTOUCHED = ("position", "speed", "repeats", "leakage", "notes")
"""Signs that answers without looking leave as they are, or that most batches do not have."""
KINDS = (
    plain.Crew(2, 0.9, top_share=0.9),
    plain.Crew(3, 0.8, top_share=0.7),
    plain.Crew(5, 0.7, hard=0.3),
    plain.Crew(2, 0.9, hard=0.3),
    plain.Crew(3, 0.8, items=400),
    plain.Crew(3, 0.8, items=6400),
    plain.Crew(3, 0.8, per_item=3),
    plain.Crew(3, 0.8, per_item=2),
    plain.Crew(3, 0.8, people=8, items=400),
    plain.Crew(5, 0.7, level="ordinal"),
    plain.Crew(3, 0.8, golden=20),
    plain.Crew(3, 0.9, golden=20, traps=10),
    plain.Crew(3, 0.8, traps=30),
)
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


def signs(crew: Crew, without: Iterable[str] = ()) -> list[Signal]:
    """Return all signs of one batch together."""
    patterns = crew.patterns()
    signals = [*agreement_signals(patterns, "q"), *information_signals(patterns, "q")]
    if not crew.spam:
        signals += reference_signals(traps(crew), "trap", "q")
    for name, source in SOURCES.items():
        if name not in without:
            signals += source(crew)
    return signals


def drawn(run: int, generator: np.random.Generator, items: int = 2000, **more: object) -> Crew:
    """Draw one of the crews of `habits.py`, in turn."""
    labels, accuracy = CREWS[run % len(CREWS)]
    return Crew(generator, items=items, labels=labels, accuracy=accuracy, **more)  # type: ignore[arg-type]


def uneven(
    labels: int,
    right: float,
    generator: np.random.Generator,
    spread: float = SPREAD,
    **more: object,
) -> Crew:
    """Draw people who are right on so many items, with a standard deviation of `spread`."""
    luck = 1 / labels
    known, deviation = (right - luck) / (1 - luck), spread / (1 - luck)
    settings = {"votes": 5, "accuracy": known, "deviation": deviation, **more}
    return Crew(generator, labels=labels, **settings)  # type: ignore[arg-type]


def clean(name: str, batches: Iterable[list[Raised]]) -> None:
    """Print how many batches of honest crews have a flag."""
    count: Counter[str] = Counter()
    runs = 0
    for raised in batches:
        found = {one.flag for one in raised}
        count.update([*found, *(["any flag"] if found else [])])
        runs += 1
    rest = "".join(
        f", {flag} {count[flag] / runs:.3f}" for flag in sorted(set(count) - {"any flag"})
    )
    print(f"  {count['any flag'] / runs:.3f} of {runs}: {name}{rest}", flush=True)


def clean_crews(runs: int, draw: np.random.Generator) -> None:
    print("honest crews of 40, all signs: batches with any flag")
    turns = (flags(signs(drawn(run, draw))) for run in range(runs))
    clean("three kinds in turn, 2000 items, 3 answers", turns)
    for spread, (labels, right), items in product((SPREAD, 0.02, 0.0), RIGHT, (1600, 6400)):
        # Where people hardly differ nobody is flagged, and half of the batches show it.
        many = runs if items == 1600 or spread == SPREAD else runs // 2
        crews = (
            uneven(labels, right, draw, spread, items=items, busiest=BUSIEST) for _ in range(many)
        )
        name = f"{labels} labels, {right} right, sd {spread}, {items} items"
        clean(name, (flags(signs(crew)) for crew in crews))


def other_kinds(runs: int, draw: np.random.Generator) -> None:
    print("further kinds of honest crews, signs of labels only: batches with any flag")
    for crew in KINDS:
        clean(str(crew), (plain.judged(crew, draw)[0] for _ in range(runs)))


def missed(crew: Crew) -> tuple[bool, bool, bool, float]:
    """Return: flagged; neither flagged nor invisible; another flagged; honest ones invisible."""
    signals = signs(crew, UNTOUCHED)
    raised = flags(signals)
    hidden, who = unseen(signals, raised), crew.names[crew.culprit]
    people = {one.person for one in raised}
    silent = who not in people and who not in hidden
    return who in people, silent, bool(people - {who}), len(set(hidden) - {who}) / (crew.people - 1)


def told(name: str, rows: list[tuple[bool, bool, bool, float]]) -> None:
    shares = " ".join(f"{share:.3f}" for share in np.mean(rows, axis=0))
    print(f"  {shares}  of {len(rows)}: {name}", flush=True)


def targets(runs: int, draw: np.random.Generator) -> None:
    print("one spammer of 40, 1600 items: flagged, missed in silence, others, honest invisible")
    for (labels, right, items), spam in product(TARGETS, SPAM[:2]):
        more = {"items": 1600, "busiest": BUSIEST, "even": 1e6}
        crews = (
            uneven(labels, right, draw, spam=spam, spam_items=items, **more) for _ in range(runs)
        )
        told(
            f"{labels} labels, {right} right, {items} items, {spam}", [missed(one) for one in crews]
        )


def caught(runs: int, draw: np.random.Generator) -> None:
    print("one spammer: flagged, missed in silence, others flagged, honest ones invisible")
    for people, votes, items in product((5, 10, 20, 40), (2, 3, 5), (20, 50, 100, 400)):
        everything = []
        size = {"people": people, "votes": votes, "items": max(items * people // votes, items)}
        for spam in SPAM:
            rows = []
            for run in range(runs // len(SPAM)):
                labels, right = RIGHT[run % len(RIGHT)]
                rows.append(
                    missed(uneven(labels, right, draw, spam=spam, spam_items=items, **size))
                )
            told(f"{people} people, {votes} answers, {items} items, {spam}", rows)
            everything += rows
        told(f"{people} people, {votes} answers, {items} items, ALL", everything)


def habits(runs: int, draw: np.random.Generator) -> None:
    few = max(runs // 3, 1)
    for items in (2000, 600):
        print(f"one planted, {items} items, {few} batches: its flag, any flag, somebody honest")
        for defect in DEFECTS:
            count = np.zeros(3)
            for run in range(few):
                crew = drawn(run, draw, items, defect=defect)
                raised = flags(signs(crew))
                own = {one.flag for one in raised if crew.is_culprit(one.person)}
                others = {one.person for one in raised if not crew.is_culprit(one.person)}
                count += FLAG[defect] in own, bool(own), bool(others)
            print(f"  {defect:16s}", *(f"{share:.3f}" for share in count / few), flush=True)


def copies(runs: int, draw: np.random.Generator) -> None:
    few = max(runs // 3, 1)
    print(f"pairs who copy, {few} batches each: either flagged dependent, somebody else is")
    for items, share, (labels, accuracy) in product((2000, 600), (0.5, 0.8, 1.0), CREWS):
        count = np.zeros(2)
        for _ in range(few):
            crew = Crew(
                draw,
                items=items,
                labels=labels,
                accuracy=accuracy,
                defect="copying",
                copies=share,
            )
            found = {one.person for one in flags(signs(crew)) if one.flag == "dependent"}
            mine = {one for one in found if crew.is_culprit(one)}
            count += bool(mine), bool(found - mine)
        shares = " ".join(f"{each:.3f}" for each in count / few)
        print(f"  {shares}  {items} items, {labels} labels, {share:.0%} copied", flush=True)


def intervals(runs: int, draw: np.random.Generator) -> None:
    print("intervals that contain the true rate")
    kinds = product((10, 40, 200), ((0.75, 0.1), (0.8, 0.05), (0.9, 0.05), (0.95, 0.03)))
    for people, (mean, sd) in kinds:
        share = coverage_of_counts(people, mean, sd, runs, draw)
        print(f"  {share:.3f}  counts, {people} people, rates {mean} sd {sd}", flush=True)
    for crew in (*(plain.Crew(*each) for each in RIGHT), plain.Crew(3, 0.8, 0.1)):
        share = coverage_of_batches(crew, runs, draw)
        print(f"  {share:.3f}  batches without known truth, {crew}", flush=True)


def coverage_of_counts(
    people: int, mean: float, sd: float, runs: int, draw: np.random.Generator
) -> float:
    weight = mean * (1 - mean) / sd**2 - 1
    inside = []
    for _ in range(runs):
        rate = draw.beta(mean * weight, (1 - mean) * weight, people)
        trials = np.clip(draw.pareto(1.0, people) * 20, 1, 1000).astype(np.int64)
        hits = draw.binomial(trials, rate)
        found = beta_binomial(hits.astype(np.float64), trials.astype(np.float64))
        inside.append(np.mean((found.low <= rate) & (rate <= found.high)))
    return float(np.mean(inside))


def coverage_of_batches(crew: plain.Crew, runs: int, draw: np.random.Generator) -> float:
    inside = []
    for _ in range(runs):
        batch = plain.drawn(crew, draw)
        evidence = consensus_evidence(plain.patterns_of(crew, batch))
        if evidence is None:
            continue
        _, found, _ = posterior_accuracy([evidence])
        inside.append(np.mean((found.low <= batch.accuracy) & (batch.accuracy <= found.high)))
    return float(np.mean(inside))


PARTS = {
    "clean": clean_crews,
    "kinds": other_kinds,
    "targets": targets,
    "caught": caught,
    "habits": habits,
    "copies": copies,
    "intervals": intervals,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=300, help="batches a line")
    parser.add_argument("--seed", type=int, default=20261125)
    parser.add_argument("--only", choices=PARTS)
    chosen = parser.parse_args()
    started = time.perf_counter()
    for name in [chosen.only] if chosen.only else PARTS:
        # Every part has draws of its own, so that one alone gives the figures of all together.
        PARTS[name](chosen.runs, np.random.default_rng([chosen.seed, len(name), ord(name[0])]))
    print(f"{time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
