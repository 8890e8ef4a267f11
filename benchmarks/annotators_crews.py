"""Crews with and without a spammer, by their labels alone; see `flags.py`."""

from dataclasses import dataclass

import numpy as np

from metrics.annotators import reference_signals
from metrics.flags import Raised, flags, unseen
from metrics.information import information_signals
from metrics.leave_one_out import agreement_signals
from metrics.severity import ordered_agreement_signals, severity_signals
from metrics.tables import (
    AnnotatorPairs,
    AnnotatorPatterns,
    Floats,
    Integers,
    ReferenceAnswers,
    UnitPatterns,
)

SPAMMER = 0


@dataclass(frozen=True)
class Crew:
    """A batch judged by people of different accuracy, one of whom may answer at random.

    `hard` is the share of items on which everybody guesses half of the time; `spam` is none,
    uniform (any label), habit (labels as common as the crew's) or constant.
    """

    labels: int
    accuracy: float
    deviation: float = 0.05
    people: int = 40
    items: int = 1600
    per_item: int = 5
    top_share: float = 0.0
    hard: float = 0.0
    spam: str = ""
    spam_items: int = 50
    level: str = "nominal"
    traps: int = 0
    golden: int = 0


@dataclass(frozen=True, eq=False)
class Batch:
    """Who was asked about which item, and what they said."""

    who: Integers  # (items, votes)
    label: Integers
    truth: Integers
    accuracy: Floats


def drawn(crew: Crew, generator: np.random.Generator) -> Batch:
    """Draw one batch: unequal work as 1, 1/2, 1/3 ... of the most, up to 20 times."""
    mean, people = crew.accuracy, crew.people
    if crew.deviation:
        weight = mean * (1.0 - mean) / crew.deviation**2 - 1.0
        hit = generator.beta(mean * weight, (1.0 - mean) * weight, size=people)
    else:
        hit = np.full(people, mean)
    pace = generator.permutation(np.minimum(np.arange(1, people + 1), 20))
    waits = generator.exponential(size=(crew.items, people)) * pace
    if crew.spam:
        waits[:, SPAMMER] = np.inf
        waits[generator.permutation(crew.items)[: crew.spam_items], SPAMMER] = -1.0
    who = waits.argsort(axis=1)[:, : crew.per_item]
    shares = np.full(crew.labels, 1.0 / crew.labels)
    if crew.top_share:
        shares[:] = (1.0 - crew.top_share) / (crew.labels - 1)
        shares[0] = crew.top_share
    truth = generator.choice(crew.labels, p=shares, size=(crew.items, 1))
    step = generator.integers(1, crew.labels, size=who.shape)
    if crew.level == "ordinal":  # errors to a neighbour
        step = np.where(generator.random(who.shape) < 0.5, 1, crew.labels - 1)
    wrong = (truth + step) % crew.labels
    if crew.level == "ordinal":
        wrong = np.clip(truth + np.where(step == 1, 1, -1), 0, crew.labels - 1)
        wrong = np.where(wrong == truth, np.abs(truth - 1), wrong)
    chance = hit[who]
    if crew.hard:
        lost = generator.random((crew.items, 1)) < crew.hard
        chance = np.where(lost, 0.5 * chance + 0.5 / crew.labels, chance)
    label = np.where(generator.random(who.shape) < chance, truth, wrong)
    if crew.spam:
        label = np.where(who == SPAMMER, _spam(crew, shares, who.shape, generator), label)
    return Batch(who, label, truth.ravel(), hit)


def _spam(
    crew: Crew, shares: Floats, shape: tuple[int, ...], generator: np.random.Generator
) -> Integers:
    if crew.spam == "constant":
        return np.zeros(shape, dtype=np.int64)
    p = shares if crew.spam == "habit" else None
    return generator.choice(crew.labels, p=p, size=shape)


def patterns_of(crew: Crew, batch: Batch) -> UnitPatterns:
    """Count the batch into the tables that a store would give."""
    per_item = (batch.label[..., None] == np.arange(crew.labels)).sum(axis=1)
    counts, pattern, multiplicity = np.unique(
        per_item, axis=0, return_inverse=True, return_counts=True
    )
    entries = np.stack(
        [batch.who.ravel(), np.repeat(pattern.ravel(), crew.per_item), batch.label.ravel()], axis=1
    )
    entries, number = np.unique(entries, axis=0, return_counts=True)
    people = tuple(f"p{one:03d}" for one in range(crew.people))
    return UnitPatterns(
        labels=tuple(str(label) for label in range(crew.labels)),
        level=crew.level,  # type: ignore[arg-type]
        counts=counts,
        multiplicity=multiplicity,
        annotators=AnnotatorPatterns(people, *entries.T, number),
    )


def pairs_of(crew: Crew, batch: Batch) -> AnnotatorPairs:
    """Count who said what beside whom."""
    found = []
    for a in range(crew.per_item):
        for b in range(a + 1, crew.per_item):
            ahead = batch.who[:, a] < batch.who[:, b]
            one, other = np.where(ahead, a, b), np.where(ahead, b, a)
            rows = np.arange(crew.items)
            found.append(
                np.stack(
                    [
                        batch.who[rows, one],
                        batch.who[rows, other],
                        batch.label[rows, one],
                        batch.label[rows, other],
                    ],
                    axis=1,
                )
            )
    entries, number = np.unique(np.concatenate(found), axis=0, return_counts=True)
    people = tuple(f"p{one:03d}" for one in range(crew.people))
    labels = tuple(str(label) for label in range(crew.labels))
    return AnnotatorPairs(
        labels,
        crew.level,  # type: ignore[arg-type]
        people,
        ("human",) * crew.people,
        *entries.T,
        number,
    )


def planted(crew: Crew, each: int, hit: Floats, generator: np.random.Generator) -> ReferenceAnswers:
    """Answers to planted items, `each` a person."""
    who = np.repeat(np.arange(crew.people), each)
    truth = generator.integers(0, crew.labels, size=len(who))
    wrong = (truth + generator.integers(1, crew.labels, size=len(who))) % crew.labels
    said = np.where(generator.random(len(who)) < hit[who], truth, wrong)
    return ReferenceAnswers(
        tuple(str(label) for label in range(crew.labels)),
        tuple(f"p{one:03d}" for one in range(crew.people)),
        who,
        truth,
        said,
        np.ones(len(who), dtype=np.int64),
    )


def judged(crew: Crew, generator: np.random.Generator) -> tuple[list[Raised], dict[str, str]]:
    """Draw one batch; return the flags, and people whose answers could not have been told."""
    batch = drawn(crew, generator)
    patterns = patterns_of(crew, batch)
    signals = list(information_signals(patterns, "q"))
    if crew.level == "ordinal":
        signals += ordered_agreement_signals(patterns, "q")
        signals += severity_signals(patterns, pairs_of(crew, batch), "q")
    else:
        signals += agreement_signals(patterns, "q")
    if crew.golden:
        signals += reference_signals(
            planted(crew, crew.golden, batch.accuracy, generator), "golden", "q"
        )
    if crew.traps:  # traps are easier than the work
        noticed = 1.0 - (1.0 - batch.accuracy) / 3.0
        signals += reference_signals(planted(crew, crew.traps, noticed, generator), "trap", "q")
    raised = flags(signals)
    return raised, unseen(signals, raised)
