"""How often 95 % intervals of agreement contain the truth, and whether the status says so.

Usage: python benchmarks/coverage.py [--quick] [--runs N] [--all] [--only GRID]

Batches are drawn from models whose true coefficients are known in closed form; the code of
`metrics` computes value, interval and status for every one of them. A point of the grid is one
kind of batch. Printed for each point: the share of runs with status ok, coverage among them, and
coverage over all runs with an interval. The summary says how many points break 93 to 97 %.

Models of one item, both with label shares p and true alpha a whatever the number of annotators:
clear-or-hard: with probability a everybody gives the item's label, else everybody draws from p;
slips: everybody gives the item's label with probability sqrt(a), else draws from p.
Items of one group share label and difficulty with probability one half each. Near-repeats, a grid
of its own, share them with probability 0.7 to 1, or are judged as copies of one item.
"""

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations_with_replacement, product
from math import factorial, prod

import numpy as np
from coverage_crews import crews, simulated_crew
from coverage_tally import Tally, label_shares, summary, tally, values_of

from metrics.coefficients import (
    LinearStatistic,
    alpha_with_distance,
    chance_corrected,
    gwet_chance,
    percent_agreement_by_item,
)
from metrics.resampling import Deletions, curvature, influences
from metrics.spread import jackknife_spread, limits
from metrics.sufficiency import agreement_evidence, effective_number, is_enough
from metrics.tables import Floats, Integers
from metrics.unseen import growth_beyond, limits_without_variation

CONFIDENCE = 0.95
ITEMS = (30, 50, 100, 200, 300, 1000)
ANNOTATORS = (2, 3, 5)
LABELS = (2, 3, 5)
TOP_SHARES = (0.0, 0.8, 0.97)  # share of the commonest label; 0 is balanced
AGREEMENT = (0.2, 0.6, 0.9)
GROUP_SIZES = (1, 4)
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


def measured(
    statistic: LinearStatistic, counts: Integers, features: Floats, weights: Floats, items: int
) -> tuple[Floats, Floats, Floats, Floats]:
    """Value and limits of each run, and the growth it takes until rare agreement does not matter.

    Parameters
    ----------
    features : ndarray of shape (1, P, F) shared by the runs, or (runs, groups, F)
    weights : ndarray of shape (runs, P) or (runs, groups)
    """
    whole = (weights[..., None, :] @ features)[..., 0, :]
    value = statistic.value(whole)
    deleted = statistic.value(whole[:, None, :] - features)
    influence, error = influences(deleted, weights)
    direction = ((weights * influence)[..., None, :] @ features)[..., 0, :]
    units = weights.sum(axis=-1)
    bend = curvature(statistic, whole, direction, units, error)
    spread = jackknife_spread(Deletions(deleted, weights, bend))
    low, high = limits(value, spread, CONFIDENCE, floor=statistic.floor, ceiling=statistic.ceiling)
    ends = np.zeros((2, counts.shape[1]), dtype=np.int64)
    ends[0, [0, -1]] = 1
    ends[1, 0] = 2
    flat = limits_without_variation(
        statistic,
        whole,
        np.full(len(value), float(items)),
        units,
        extremes=ends,
        confidence=CONFIDENCE,
    )
    still = spread.variance == 0
    low, high = np.where(still, flat[0], low), np.where(still, flat[1], high)
    beyond = growth_beyond(
        statistic,
        whole,
        np.full(len(value), float(items)),
        units,
        kinds=np.eye(counts.shape[1], dtype=np.int64) * counts[0].sum(),
        high=high,
    )
    return value, low, high, np.where(still, 0.0, beyond)


def simulated(point: Point, runs: int, generator: np.random.Generator) -> dict[str, Tally]:
    counts = count_vectors(point.annotators, point.labels)
    kinds, rows = item_kinds(point, counts)
    truth = true_values(point)
    if point.group_size == 1:
        mixed = kinds @ rows
        weights = generator.multinomial(point.items, mixed / mixed.sum(), size=runs).astype(float)
        patterns, patterns_weights, minority, effect = None, weights, None, np.ones(runs)
    else:
        patterns = drawn_groups(point, runs, kinds, rows, generator)
        weights = np.ones(patterns.shape[:2])
        flat = patterns.reshape(runs, -1)
        patterns_weights = np.stack([(flat == p).sum(axis=1) for p in range(len(counts))], axis=1)
        patterns_weights = patterns_weights.astype(np.float64)
        minority, effect = alikeness(counts, patterns, patterns_weights)
    clusters = np.full(runs, effective_clusters(point))
    enough = is_enough(agreement_evidence(counts, patterns_weights, clusters, minority, effect))
    tallies = {}
    for name, statistic in statistics(point.labels).items():
        features = statistic.features(counts)
        padded = np.concatenate([features, np.zeros((1, statistic.width))])
        parts = []
        step = max(1, BLOCK // (weights.shape[1] * point.group_size * statistic.width))
        for start in range(0, runs, step):
            some = slice(start, start + step)
            shown = features[None] if patterns is None else padded[patterns[some]].sum(axis=2)
            parts.append(measured(statistic, counts, shown, weights[some], point.items))
        tallies[name] = tally(parts, enough, truth[name])
    return tallies


def effective_clusters(point: Point) -> float:
    sizes = np.full(-(-point.items // point.group_size), float(point.group_size))
    sizes[-1] -= sizes.sum() - point.items
    return float(effective_number(sizes, np.ones(len(sizes))))


def alikeness(counts: Integers, patterns: Integers, weights: Floats) -> tuple[Floats, Floats]:
    """Effective groups with labels other than the commonest, and design effect, run by run."""
    commonest = (weights @ counts).argmax(axis=1)
    ratings = int(counts[0].sum())
    amounts = 1.0 - counts[:, commonest].T / ratings  # (runs, P)
    there = patterns >= 0
    run = np.arange(len(patterns))[:, None, None]
    minority = np.where(there, amounts[run, patterns], 0.0)
    clusters = effective_number(minority.sum(axis=2), np.ones(patterns.shape[:2]))
    centre = (weights * amounts).sum(axis=1) / weights.sum(axis=1)
    apart = np.where(there, minority - centre[:, None, None], 0.0)
    squares = np.square(apart).sum(axis=(1, 2))
    together = np.square(apart.sum(axis=2)).sum(axis=1)
    return clusters, np.maximum(together / np.where(squares > 0, squares, np.inf), 1.0)


def points(*, quick: bool) -> Iterator[Point]:
    grid = product(MODELS, GROUP_SIZES, ITEMS, ANNOTATORS, LABELS, TOP_SHARES, AGREEMENT)
    for number, parts in enumerate(grid):
        if not quick or number % 7 == 0:
            yield Point(*parts)


def repeats(*, quick: bool) -> Iterator[Point]:
    """Yield batches of large groups of near-repeats, every seventeenth point of a wide grid."""
    kinds = ((0.7, False), (0.95, False), (0.7, True), (1.0, True))
    sizes, groups = (6, 15, 40), (30, 50, 90, 130)
    shares, agreement = (0.0, 0.6, 0.75, 0.95), (0.05, 0.35, 0.8)
    grid = product(MODELS, sizes, groups, (2, 4), (2, 4), shares, agreement, kinds)
    for number, (model, size, many, people, labels, share, alpha, (alike, copies)) in enumerate(
        grid
    ):
        if number % (119 if quick else 17) == 0:
            yield Point(model, size, size * many, people, labels, share, alpha, alike, copies)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="every seventh point, fewer runs")
    parser.add_argument("--runs", type=int, default=0, help="batches a point")
    parser.add_argument("--all", action="store_true", help="print every point")
    parser.add_argument("--only", choices=["process", "repeats", "annotators"])
    parser.add_argument("--seed", type=int, default=20261122)
    chosen = parser.parse_args()
    generator = np.random.default_rng(chosen.seed)
    started = time.perf_counter()
    for about, kinds, run, runs in (
        ("process", points, simulated, 1000 if chosen.quick else 2000),
        ("repeats", repeats, simulated, 500 if chosen.quick else 2000),
        ("annotators", crews, simulated_crew, 200 if chosen.quick else 1000),
    ):
        if chosen.only not in {None, about}:
            continue
        found: list[tuple[str, Tally]] = []
        for kind in kinds(quick=chosen.quick):
            for name, one in run(kind, chosen.runs or runs, generator).items():
                found.append((name, one))
                outside = one.ok_share >= 0.2 and not 0.93 <= one.ok_coverage <= 0.97
                if chosen.all or outside:
                    print(
                        f"{name:8s} {kind} ok {one.ok_share:.2f} coverage {one.ok_coverage:.3f} "
                        f"(all runs {one.coverage:.3f}) width {one.width:.3f}"
                    )
        summary(found, f"{about}, {chosen.runs or runs} runs a point")
    print(f"{time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
