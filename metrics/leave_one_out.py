"""Each annotator against the majority of the others, on the same items.

Everything follows from who gave which label on items of which pattern: without the own label the
pattern is the others' votes. Items are as hard as the others found them, so what is expected of a
person is the crew's rate on items whose other votes looked the same (indirect standardisation).
Shapes: E entries of `AnnotatorPatterns`, A annotators, Q labels.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from metrics.distinct import distinct_rows
from metrics.funnel import Measured, detects, outlying, p_if_blind, unluckiest_share
from metrics.intervals import wilson
from metrics.posterior_accuracy import crew_model
from metrics.signals import Signal
from metrics.tables import AnnotatorPatterns, Floats, Integers, UnitPatterns

USUAL_SPREAD = 0.05
"""Standard deviation of accuracy between people of an honest crew."""
NOTABLE_LOSS = 0.15
"""Practical floor: accuracy lower by this much, three times the spread of an honest crew."""
INFORMATION_LABELS = 24
_COARSE_WEIGHT, _FINE_WEIGHT = 5.0, 20.0


@dataclass(frozen=True, slots=True, eq=False)
class Others:
    """The other votes behind each entry: mode, whether it is unique, and what they looked like.

    `kind` numbers entries whose other votes are the same in the mode, its votes, the votes of the
    next label and their total; `coarse` leaves the mode itself out.
    """

    given: AnnotatorPatterns
    mode: Integers
    counted: NDArray[np.bool_]
    tied: NDArray[np.bool_]
    kind: Integers
    coarse: Integers


@dataclass(frozen=True, slots=True, eq=False)
class LeaveOneOut:
    """Agreement with the majority of the others.

    Attributes
    ----------
    standing : Measured
        Share of items with the label most others gave; expected at equal difficulty.
    chance : ndarray of shape (A,)
        Share somebody with the same habits reaches who does not look at the items.
    tied, alone : ndarray of shape (A,)
        Items left out because the others were tied, or there were none.
    """

    annotators: tuple[str, ...]
    standing: Measured
    chance: Floats
    tied: Integers
    alone: Integers


def others_of(patterns: UnitPatterns) -> Others:
    """Take every annotator's own label out of the votes on their items.

    Raises
    ------
    ValueError
        When the table does not say who gave which label.
    """
    given = patterns.annotators
    if given is None:
        raise ValueError("the patterns do not say who gave which label")
    votes = patterns.counts[given.pattern]
    votes[np.arange(len(votes)), given.label] -= 1
    size = votes.sum(axis=1)
    mode = votes.argmax(axis=1) if votes.shape[1] else np.zeros(len(votes), dtype=np.int64)
    top, second = _two_largest(votes)
    keys = np.stack([size, top, second, mode], axis=1)
    _, kind = distinct_rows(keys)
    _, coarse = distinct_rows(keys[:, :3])
    tied = (size > 0) & (top == second)
    return Others(given, mode, (size > 0) & ~tied, tied, kind, coarse)


def leave_one_out(patterns: UnitPatterns) -> LeaveOneOut:
    """Agreement of each annotator with the unique most frequent label of the others.

    How often does this person say what most others say, and how often would anybody on the same
    items? Items on which the others are tied are left out and counted. It misleads where two
    people share all their items: then nobody can say which of them is wrong, and both are
    expected to agree as often as they do.

    References
    ----------
    Nowak and Rüger (2010), How reliable are annotations via crowdsourcing, 10.1145/1743384.1743478
    """
    others = others_of(patterns)
    given, people = others.given, len(others.given.annotators)
    used = np.where(others.counted, given.count, 0)
    agrees = np.where(given.label == others.mode, used, 0)
    rate = crew_rate(others, agrees, used, people)
    n = np.bincount(given.annotator, used, people)
    with np.errstate(invalid="ignore", divide="ignore"):
        observed = np.bincount(given.annotator, agrees, people) / n
        expected = np.bincount(given.annotator, used * rate, people) / n
        variance = np.bincount(given.annotator, used * rate * (1.0 - rate), people) / n**2
    return LeaveOneOut(
        annotators=given.annotators,
        standing=Measured(observed, expected, variance, n.astype(np.int64)),
        chance=_chance(others, used, len(patterns.labels), people),
        tied=_sum(given, np.where(others.tied, given.count, 0)),
        alone=_sum(given, np.where(others.counted | others.tied, 0, given.count)),
    )


def crew_rate(others: Others, hits: Floats | Integers, used: Integers, people: int) -> Floats:
    """Return the rate of everybody else on entries of the same kind, smoothed, by entry.

    Kinds nobody else has met are drawn to those with another mode, and these to the whole crew.
    """
    everything = np.zeros(len(used), dtype=np.int64)
    rate = np.full(len(used), 0.5)
    person = others.given.annotator
    for group, weight in ((everything, 1e-9), (others.coarse, _COARSE_WEIGHT)):
        rate = _smoothed(person, group, hits, used, people=people, prior=(rate * weight, weight))
    prior = rate * _FINE_WEIGHT, _FINE_WEIGHT
    return _smoothed(person, others.kind, hits, used, people=people, prior=prior)


def agreement_signals(patterns: UnitPatterns, question: str, family: int = 0) -> list[Signal]:
    """Return one sign a person: agreement with the majority of the others at equal difficulty."""
    found = leave_one_out(patterns)
    place = found.standing
    slope = slope_of(patterns, place, 1 / len(patterns.labels))
    outside = outlying(place, USUAL_SPREAD * slope, is_share=True)
    lost = place.expected - found.chance
    seen = detects(outside, lost, family or len(found.annotators))
    if_blind = p_if_blind(place, outside, unluckiest_share(found.chance, place.n), found.chance)
    signals = []
    for one in np.flatnonzero(place.n > 0):
        observed, expected, n = (
            float(place.observed[one]),
            float(place.expected[one]),
            int(place.n[one]),
        )
        low, high = wilson(round(observed * n), n)
        left_out = (
            f"; {found.tied[one]} left out on which the others were tied" if found.tied[one] else ""
        )
        signals.append(
            Signal(
                person=found.annotators[one],
                kind="agreement",
                question=question,
                side="low" if observed < expected else "high",
                value=observed,
                expected=expected,
                n=n,
                n_unit="items",
                p_value=float(outside.p_value[one]),
                notable=abs(observed - expected) >= NOTABLE_LOSS * slope,
                detectable=bool(seen[one]),
                note=(
                    f"said what most others said on {observed:.0%} of {n} items, where"
                    f" {expected:.0%} is usual on items like these{left_out}"
                ),
                low=low,
                high=high,
                blind=float(found.chance[one]),
                if_blind=float(if_blind[one]),
            )
        )
    return signals


def slope_of(patterns: UnitPatterns, place: Measured, blind: float) -> float:
    """How far a measure moves with accuracy, when it is `blind` at accuracy 1 / Q.

    The way from `blind` to the crew's value over that from 1 / Q to the crew's accuracy: with it
    what is usual or matters in accuracy can be said of agreement and information.
    """
    model, known = crew_model(patterns), np.isfinite(place.expected)
    if model is None or not known.any():
        return 1.0
    usual = float(np.average(place.expected[known], weights=place.n[known] + 1e-9))
    slope = (usual - blind) / max(model.accuracy - 1.0 / len(patterns.labels), 0.1)
    return min(max(slope, 0.5), 3.0)


def _two_largest(votes: Integers) -> tuple[Integers, Integers]:
    if votes.shape[1] < 2:
        top = votes.sum(axis=1)
        return top, np.zeros_like(top)
    ordered = np.partition(votes, votes.shape[1] - 2, axis=1)
    return ordered[:, -1], ordered[:, -2]


def _smoothed(
    person: Integers,
    group: Integers,
    hits: Floats | Integers,
    used: Integers,
    *,
    people: int,
    prior: tuple[Floats, float],
) -> Floats:
    """Rate of a group without the person's own entries, with prior evidence added."""
    _, own = np.unique(group * people + person, return_inverse=True)

    def elsewhere(amount: Floats | Integers) -> Floats:
        return np.asarray(np.bincount(group, amount)[group] - np.bincount(own, amount)[own])

    prior_hits, prior_weight = prior
    return np.asarray((elsewhere(hits) + prior_hits) / (elsewhere(used) + prior_weight))


def _chance(others: Others, used: Integers, labels: int, people: int) -> Floats:
    """Agreement of own label habits with the others' modes if they had nothing to do together."""
    given = others.given
    own = np.zeros((people, labels))
    modes = np.zeros((people, labels))
    np.add.at(own, (given.annotator, given.label), used)
    np.add.at(modes, (given.annotator, others.mode), used)
    n = own.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((own * modes).sum(axis=1) / n**2)


def _sum(given: AnnotatorPatterns, amount: Integers) -> Integers:
    return np.bincount(given.annotator, amount, len(given.annotators)).astype(np.int64)
