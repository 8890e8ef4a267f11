"""Simulated batches of items, and what the code of `metrics` says of them; see `coverage.py`.

Models of one item, both with label shares p and true alpha a whatever the number of annotators:
clear-or-hard: with probability a everybody gives the item's label, else everybody draws from p;
slips: everybody gives the item's label with probability sqrt(a), else draws from p.
Items of one group share label and difficulty with probability one half each. Near-repeats, a grid
of its own, share them with probability 0.7 to 1, or are judged as copies of one item.
"""

from dataclasses import dataclass
from itertools import combinations_with_replacement
from math import factorial, prod

import numpy as np
from coverage_tally import Tally, label_shares, tally, values_of
from numpy.typing import NDArray

from metrics.coefficients import (
    LinearStatistic,
    alpha_with_distance,
    chance_corrected,
    gwet_chance,
    percent_agreement_by_item,
)
from metrics.resampling import Deletions, curvature, influences
from metrics.spread import jackknife_spread, limits
from metrics.sufficiency import Evidence, agreement_evidence, effective_number, is_enough
from metrics.tables import Floats, Integers
from metrics.unseen import growth_beyond, limits_without_variation

CONFIDENCE = 0.95
MODELS = ("clear-or-hard", "slips")
SAME_IN_GROUP = 0.5
BLOCK = 2_000_000


@dataclass(frozen=True)
class Point:
    """One kind of batch."""

    model: str
    group_size: int
    items: int
    annotators: int
    labels: int
    top_share: float
    agreement: float
    alike: float = SAME_IN_GROUP
    copies: bool = False  # alike items get the same answers too

    @property
    def shares(self) -> Floats:
        """True shares of the labels."""
        return label_shares(self.labels, self.top_share)


def true_values(point: Point) -> dict[str, float]:
    """Give closed forms: alpha is the agreement parameter in both models."""
    return values_of(point.shares, point.agreement)


def statistics(labels: int) -> dict[str, LinearStatistic]:
    weights = np.eye(labels)
    return {
        "alpha": alpha_with_distance("alpha", 1.0 - weights),
        "ac1": chance_corrected("ac1", weights, gwet_chance(weights)),
        "percent": percent_agreement_by_item(weights),
    }


def count_vectors(annotators: int, labels: int) -> Integers:
    """All vectors of label counts of one item; shape (P, Q)."""
    answers = combinations_with_replacement(range(labels), annotators)
    return np.array([np.bincount(answer, minlength=labels) for answer in answers])


def multinomial(counts: Integers, shares: Floats) -> Floats:
    """Probability of each vector of counts when ratings are drawn from shares; shape (P,)."""
    ways = [factorial(int(row.sum())) / prod(factorial(int(n)) for n in row) for row in counts]
    return np.array(ways) * np.prod(np.power(shares, counts), axis=1)


def item_kinds(point: Point, counts: Integers) -> tuple[Floats, Floats]:
    """Hidden kinds of items: their probability (K,) and pattern probabilities (K, P)."""
    own = np.eye(point.labels)
    if point.model == "slips":
        hit = np.sqrt(point.agreement)
        rows = [multinomial(counts, hit * one + (1.0 - hit) * point.shares) for one in own]
        return point.shares, np.array(rows)
    rows = [multinomial(counts, one) for one in own] + [multinomial(counts, point.shares)]
    chance = [*(point.agreement * point.shares), 1.0 - point.agreement]
    return np.array(chance), np.array(rows)


def drawn_groups(
    point: Point, runs: int, kinds: Floats, rows: Floats, generator: np.random.Generator
) -> Integers:
    """Pattern of every item; shape (runs, groups, group size), -1 where a group is short."""
    groups = -(-point.items // point.group_size)
    size = (runs, groups, point.group_size)
    edges = kinds.cumsum()
    edges[-1] = 1.0
    shared = np.searchsorted(edges, generator.random((runs, groups, 1)))
    own = np.searchsorted(edges, generator.random(size))
    alike = generator.random(size) < point.alike
    kind = np.where(alike, shared, own)
    ladder = rows.cumsum(axis=1)
    ladder[:, -1] = 1.0
    steps = (ladder + np.arange(len(kinds))[:, None]).ravel()
    pattern = np.searchsorted(steps, generator.random(size) + kind) - kind * rows.shape[1]
    if point.copies:
        one = np.searchsorted(steps, generator.random(shared.shape) + shared)
        pattern = np.where(alike, one - shared * rows.shape[1], pattern)
    number = np.arange(groups * point.group_size).reshape(groups, point.group_size)
    return np.where(number < point.items, pattern, -1)


@dataclass(frozen=True)
class Batches:
    """Simulated batches of one point.

    Attributes
    ----------
    counts : ndarray of shape (P, Q)
    weights : ndarray of shape (runs, P)
        How many items have each vector of counts.
    patterns : ndarray of shape (runs, groups, group size), -1 where a group is short
        None where items stand alone.
    """

    counts: Integers
    weights: Floats
    patterns: Integers | None

    def spread_over(self, amounts: Floats) -> Floats:
        """Amount of every item by run, group and place in it; amounts (P,) or (runs, P)."""
        if self.patterns is None:
            raise ValueError("items stand alone, so there is nothing to spread over")
        by_run = np.broadcast_to(amounts, self.weights.shape)
        run = np.arange(len(self.patterns))[:, None, None]
        return np.where(self.patterns >= 0, by_run[run, self.patterns], 0.0)


def drawn(
    point: Point,
    counts: Integers,
    mixture: tuple[Floats, Floats],
    runs: int,
    generator: np.random.Generator,
) -> Batches:
    """Draw batches: `mixture` is the probability of kinds and of vectors of counts in each."""
    kinds, rows = mixture
    if point.group_size == 1:
        mixed = kinds @ rows
        weights = generator.multinomial(point.items, mixed / mixed.sum(), size=runs)
        return Batches(counts, weights.astype(np.float64), None)
    patterns = drawn_groups(point, runs, kinds, rows, generator)
    flat = patterns.reshape(runs, -1)
    weights = np.stack([(flat == p).sum(axis=1) for p in range(len(counts))], axis=1)
    return Batches(counts, weights.astype(np.float64), patterns)


def measured(
    statistic: LinearStatistic,
    features: Floats,
    weights: Floats,
    items: Floats,
    kinds: Integers,
) -> tuple[Floats, Floats, Floats, Floats]:
    """Value and limits of each run, and the growth it takes until rare agreement does not matter.

    Parameters
    ----------
    features : ndarray of shape (1, P, F) shared by the runs, or (runs, groups, F)
    weights : ndarray of shape (runs, P) or (runs, groups)
    items : ndarray of shape (runs,)
        Items behind the value.
    kinds : ndarray of shape (Q, Q)
        Items on which all agree.
    """
    weights = weights * features.any(axis=-1)
    whole = (weights[..., None, :] @ features)[..., 0, :]
    value = statistic.value(whole)
    deleted = statistic.value(whole[:, None, :] - features)
    influence, error = influences(deleted, weights)
    direction = ((weights * influence)[..., None, :] @ features)[..., 0, :]
    units = weights.sum(axis=-1)
    bend = curvature(statistic, whole, direction, units, error)
    spread = jackknife_spread(Deletions(deleted, weights, bend))
    low, high = limits(
        value,
        spread,
        CONFIDENCE,
        floor=statistic.floor,
        ceiling=statistic.ceiling,
        evenness=1.0 if statistic.evenness is None else statistic.evenness(whole),
    )
    ends = np.zeros((2, len(kinds)), dtype=np.int64)
    ends[0, [0, -1]] = 1
    ends[1, 0] = 2
    flat = limits_without_variation(
        statistic, whole, items, units, extremes=ends, confidence=CONFIDENCE
    )
    still = (spread.variance == 0) & np.isfinite(statistic.ceiling)
    low, high = np.where(still, flat[0], low), np.where(still, flat[1], high)
    beyond = growth_beyond(statistic, whole, items, units, kinds=kinds, high=high)
    return value, low, high, np.where(still, 0.0, beyond)


def simulated(point: Point, runs: int, generator: np.random.Generator) -> dict[str, Tally]:
    counts = count_vectors(point.annotators, point.labels)
    batches = drawn(point, counts, item_kinds(point, counts), runs, generator)
    enough = is_enough(evidence_of(batches))
    truth = true_values(point)
    return {
        name: judged(batches, statistic, enough, truth[name])
        for name, statistic in statistics(point.labels).items()
    }


def judged(
    batches: Batches, statistic: LinearStatistic, enough: NDArray[np.bool_], truth: float
) -> Tally:
    """Tally of one statistic over all runs."""
    counts, patterns = batches.counts, batches.patterns
    features = statistic.features(counts)
    items = batches.weights @ features.any(axis=-1)
    ratings = counts.sum(axis=1)
    pairable = batches.weights.sum(axis=0) * (ratings >= 2)
    usual = max(2, round(float(pairable @ ratings / pairable.sum())))
    kinds = usual * np.eye(counts.shape[1], dtype=np.int64)
    padded = np.concatenate([features, np.zeros((1, statistic.width))])
    size = len(counts) if patterns is None else patterns.shape[1] * patterns.shape[2]
    step = max(1, BLOCK // (size * statistic.width))
    parts = []
    for start in range(0, len(batches.weights), step):
        some = slice(start, start + step)
        if patterns is None:
            shown, weights = features[None], batches.weights[some]
        else:
            shown = padded[patterns[some]].sum(axis=2)
            weights = np.ones(shown.shape[:2])
        parts.append(measured(statistic, shown, weights, items[some], kinds))
    return tally(parts, enough, truth)


def evidence_of(batches: Batches) -> Evidence:
    """Evidence of every run, as the metrics see it."""
    counts, weights = batches.counts, batches.weights
    if batches.patterns is None:
        return agreement_evidence(counts, weights)
    ratings = counts.sum(axis=1)
    pairable = (ratings >= 2).astype(np.float64)
    commonest = ((weights * pairable) @ counts).argmax(axis=1)
    amounts = pairable * (1.0 - counts[:, commonest].T / ratings)  # (runs, P)
    centre = (weights * amounts).sum(axis=1) / (weights @ pairable)
    apart = pairable * (amounts - centre[:, None])
    squares = (weights * np.square(apart)).sum(axis=1)
    together = np.square(batches.spread_over(apart).sum(axis=2)).sum(axis=1)
    effect = np.maximum(together / np.where(squares > 0, squares, np.inf), 1.0)
    clusters = effective_groups(batches, pairable)
    return agreement_evidence(counts, weights, clusters, effective_groups(batches, amounts), effect)


def effective_groups(batches: Batches, amounts: Floats) -> Floats:
    """Effective number of groups an amount of each item is spread over, run by run."""
    sums = batches.spread_over(amounts).sum(axis=2)
    return effective_number(sums, np.ones(sums.shape))
