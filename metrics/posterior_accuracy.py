"""Posterior accuracy: how often a person gives the right label, where nobody knows the right one.

The others' votes make each label more or less likely to be the right one, under the crew's common
accuracy. A person's own labels are held against these chances, without their own vote, and the
answer is solved for the accuracy that explains them: items on which the others are sure weigh
most, ties weigh little instead of being thrown away. Shapes: P patterns, Q labels, A annotators.
"""

from dataclasses import dataclass
from math import log

import numpy as np

from metrics.shrinkage import Shrunken, beta_binomial
from metrics.tables import Floats, ReferenceAnswers, UnitPatterns

_STEPS = 200
_STOP = 1e-8
_LEAST = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class CrewModel:
    """One accuracy for all, errors uniform over the other labels, and how common labels are."""

    accuracy: float
    shares: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What speaks about each person's accuracy, as right answers out of so many known ones."""

    annotators: tuple[str, ...]
    right: Floats
    known: Floats


def crew_model(patterns: UnitPatterns) -> CrewModel | None:
    """Fit the common accuracy and the shares of the true labels to all patterns.

    EM for the likelihood of the patterns, started at the share of votes for each item's most
    frequent labels. None where no item has two votes or there is one label.

    References
    ----------
    Dawid and Skene (1979), 10.2307/2346806 (here with one accuracy for all)
    """
    counts = patterns.counts.astype(np.float64)
    size, labels = counts.sum(axis=1), counts.shape[1]
    several = size >= 2
    if labels < 2 or not (several & (patterns.multiplicity > 0)).any():
        return None
    counts, size = counts[several], size[several]
    weight = patterns.multiplicity[several].astype(np.float64)
    votes = float((weight * size).sum())
    accuracy = float((weight * counts.max(axis=1)).sum()) / votes
    shares = (weight[:, None] * counts / size[:, None]).sum(axis=0) / weight.sum()
    for _ in range(_STEPS):
        accuracy = min(max(accuracy, 1.0 / labels + _LEAST), 1.0 - _LEAST)
        truth = _truth(counts, CrewModel(accuracy, shares))
        shares = (weight[:, None] * truth).sum(axis=0) / weight.sum()
        before, accuracy = accuracy, float((weight[:, None] * truth * counts).sum()) / votes
        if abs(accuracy - before) < _STOP:
            break
    accuracy = min(max(accuracy, 1.0 / labels + _LEAST), 1.0 - _LEAST)
    return CrewModel(accuracy, shares)


def consensus_evidence(patterns: UnitPatterns) -> Evidence | None:
    """Hold each person's labels against what the others' votes make likely.

    With T the chances of the labels by the others' votes, a person of accuracy x gives a label of
    chance x A + (1 - x) B on average, A = sum T², B = sum T (1 - T) / (Q - 1); x solves this over
    all items, and `known` is the number of items with a known label that would say as much.

    Who is right how often? It misleads where the others make the same mistakes together: the
    majority is then taken for the truth.
    """
    given, model = patterns.annotators, crew_model(patterns)
    if given is None or model is None:
        return None
    votes = patterns.counts[given.pattern].astype(np.float64)
    votes[np.arange(len(votes)), given.label] -= 1.0
    truth = _truth(votes, model)
    labels, people = votes.shape[1], len(given.annotators)
    own = truth[np.arange(len(votes)), given.label]
    square, cube = (truth**2).sum(axis=1), (truth**3).sum(axis=1)
    hit, miss = square, (1.0 - square) / (labels - 1)
    x = model.accuracy
    mean = x * hit + (1.0 - x) * miss
    variance = x * cube + (1.0 - x) * (square - cube) / (labels - 1) - mean**2
    used = np.where(votes.sum(axis=1) > 0, given.count, 0)

    def over(amount: Floats) -> Floats:
        return np.asarray(np.bincount(given.annotator, used * amount, people), dtype=np.float64)

    room, error = over(hit - miss), over(variance)
    with np.errstate(invalid="ignore", divide="ignore"):
        accuracy = np.clip(over(own - miss) / room, 0.0, 1.0)
        known = np.minimum(x * (1.0 - x) * room**2 / error, over(np.ones(len(own))))
    there = (room > 1e-9) & (error > 0)
    known = np.where(there, known, 0.0)
    return Evidence(given.annotators, np.where(there, accuracy, 0.0) * known, known)


def golden_evidence(answers: ReferenceAnswers) -> Evidence:
    """Count right answers to golden items."""
    people = len(answers.annotators)
    right = np.where(answers.label == answers.expected, answers.count, 0)
    counts = [np.bincount(answers.annotator, each, people) for each in (right, answers.count)]
    return Evidence(answers.annotators, *(each.astype(np.float64) for each in counts))


def posterior_accuracy(evidence: list[Evidence]) -> tuple[tuple[str, ...], Shrunken, Floats]:
    """Join all evidence about each person and shrink it towards the crew's.

    Returns
    -------
    people : sorted person keys
    accuracy : posterior, see `metrics.shrinkage.beta_binomial`
    known : number of items with a known label that the evidence is worth, by person
    """
    people = tuple(sorted({person for one in evidence for person in one.annotators}))
    place = {person: number for number, person in enumerate(people)}
    right, known = np.zeros(len(people)), np.zeros(len(people))
    for one in evidence:
        at = np.array([place[person] for person in one.annotators], dtype=np.int64)
        np.add.at(right, at, one.right)
        np.add.at(known, at, one.known)
    return people, beta_binomial(right, known), known


def _truth(counts: Floats, model: CrewModel) -> Floats:
    """Chance of each label to be the right one, by the votes."""
    labels = counts.shape[1]
    step = log(model.accuracy * (labels - 1) / (1.0 - model.accuracy))
    with np.errstate(divide="ignore"):
        fit = counts * step + np.log(model.shares)
    chance = np.exp(fit - fit.max(axis=1, keepdims=True))
    return np.asarray(chance / chance.sum(axis=1, keepdims=True))
