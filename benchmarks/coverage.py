"""How often 95 % intervals of agreement contain the truth, and whether the status says so.

Usage: python benchmarks/coverage.py [--quick] [--runs N] [--all] [--only process|annotators]

Batches are drawn from models whose true coefficients are known in closed form; the code of
`metrics` computes value, interval and status for every one of them. A point of the grid is one
kind of batch. Printed for each point: the share of runs with status ok, coverage among them, and
coverage over all runs with an interval. The summary says how many points break 93 to 97 %.

Models of one item, both with label shares p and true alpha a whatever the number of annotators:
clear-or-hard: with probability a everybody gives the item's label, else everybody draws from p;
slips: everybody gives the item's label with probability sqrt(a), else draws from p.
Items of one group share label and difficulty with probability one half each.
"""

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations_with_replacement, product
from math import factorial, prod

import numpy as np

from metrics.agreement import gwet_ac1, krippendorff_alpha, percent_agreement
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
from metrics.tables import AnnotatorPatterns, Floats, Integers, UnitPatterns
from metrics.uncertainty import limits_without_variation

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

    @property
    def shares(self) -> Floats:
        """True shares of the labels."""
        if not self.top_share:
            return np.full(self.labels, 1.0 / self.labels)
        rest = (1.0 - self.top_share) / (self.labels - 1)
        return np.array([self.top_share, *[rest] * (self.labels - 1)])


@dataclass
class Tally:
    """Outcomes of the runs of one point and coefficient."""

    ok_share: float
    ok_coverage: float
    coverage: float
    width: float


def true_values(point: Point) -> dict[str, float]:
    """Give closed forms: alpha is the agreement parameter in both models."""
    return values_of(point.shares, point.agreement)


def values_of(shares: Floats, alpha: float) -> dict[str, float]:
    blind = float((shares**2).sum())
    observed = alpha + (1.0 - alpha) * blind
    chance = float((shares * (1.0 - shares)).sum()) / (len(shares) - 1)
    return {"alpha": alpha, "ac1": (observed - chance) / (1.0 - chance), "percent": observed}


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
    kind = np.where(generator.random(size) < SAME_IN_GROUP, shared, own)
    ladder = rows.cumsum(axis=1)
    ladder[:, -1] = 1.0
    steps = (ladder + np.arange(len(kinds))[:, None]).ravel()
    pattern = np.searchsorted(steps, generator.random(size) + kind) - kind * rows.shape[1]
    number = np.arange(groups * point.group_size).reshape(groups, point.group_size)
    return np.where(number < point.items, pattern, -1)


def measured(
    statistic: LinearStatistic, counts: Integers, features: Floats, weights: Floats, items: int
) -> tuple[Floats, Floats, Floats]:
    """Value and limits of each run.

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
    return value, np.where(still, flat[0], low), np.where(still, flat[1], high)


def simulated(point: Point, runs: int, generator: np.random.Generator) -> dict[str, Tally]:
    counts = count_vectors(point.annotators, point.labels)
    kinds, rows = item_kinds(point, counts)
    truth = true_values(point)
    if point.group_size == 1:
        mixed = kinds @ rows
        weights = generator.multinomial(point.items, mixed / mixed.sum(), size=runs).astype(float)
        patterns, patterns_weights, minority = None, weights, None
    else:
        patterns = drawn_groups(point, runs, kinds, rows, generator)
        weights = np.ones(patterns.shape[:2])
        flat = patterns.reshape(runs, -1)
        patterns_weights = np.stack([(flat == p).sum(axis=1) for p in range(len(counts))], axis=1)
        patterns_weights = patterns_weights.astype(np.float64)
        minority = minority_groups(counts, patterns, patterns_weights)
    clusters = np.full(runs, effective_clusters(point))
    enough = is_enough(agreement_evidence(counts, patterns_weights, clusters, minority))
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


def minority_groups(counts: Integers, patterns: Integers, weights: Floats) -> Floats:
    """Effective number of groups with labels other than the commonest, run by run; (runs,)."""
    padded = np.concatenate([counts, np.zeros((1, counts.shape[1]), dtype=np.int64)])
    commonest = (weights @ counts).argmax(axis=1)
    common = padded[patterns, commonest[:, None, None]].sum(axis=2)
    minority = padded.sum(axis=1)[patterns].sum(axis=2) - common
    return effective_number(minority.astype(np.float64), np.ones(minority.shape))


def tally(parts: list[tuple[Floats, Floats, Floats]], enough: np.ndarray, truth: float) -> Tally:
    value, low, high = (np.concatenate(column) for column in zip(*parts, strict=True))
    there = np.isfinite(value) & np.isfinite(low) & np.isfinite(high)
    hit = (low <= truth + 1e-12) & (truth - 1e-12 <= high)
    ok = enough & there
    return Tally(
        ok_share=float(ok.mean()),
        ok_coverage=float(hit[ok].mean()) if ok.any() else np.nan,
        coverage=float(hit[there].mean()) if there.any() else np.nan,
        width=float(np.median((high - low)[there])) if there.any() else np.nan,
    )


@dataclass(frozen=True)
class Crew:
    """A batch judged by annotators of different accuracy."""

    annotators: int
    items: int
    per_item: int
    labels: int
    top_share: float
    accuracy: float
    deviation: float

    @property
    def shares(self) -> Floats:
        """True shares of the labels."""
        return Point("", 1, 0, 0, self.labels, self.top_share, 0.0).shares


def crew_batch(crew: Crew, generator: np.random.Generator) -> UnitPatterns:
    """One batch: every item goes to `per_item` random annotators of the crew."""
    mean, variance = crew.accuracy, crew.deviation**2
    weight = mean * (1.0 - mean) / variance - 1.0
    hit = generator.beta(mean * weight, (1.0 - mean) * weight, size=crew.annotators)
    who = generator.random((crew.items, crew.annotators)).argsort(axis=1)[:, : crew.per_item]
    truth = generator.choice(crew.labels, p=crew.shares, size=(crew.items, 1))
    guess = generator.choice(crew.labels, p=crew.shares, size=who.shape)
    answer = np.where(generator.random(who.shape) < hit[who], truth, guess)
    per_item = (answer[..., None] == np.arange(crew.labels)).sum(axis=1)
    counts, pattern, multiplicity = np.unique(
        per_item, axis=0, return_inverse=True, return_counts=True
    )
    entries = np.stack(
        [who.ravel(), np.repeat(pattern.ravel(), crew.per_item), answer.ravel()], axis=1
    )
    entries, number = np.unique(entries, axis=0, return_counts=True)
    return UnitPatterns(
        labels=tuple(str(label) for label in range(crew.labels)),
        level="nominal",
        counts=counts,
        multiplicity=multiplicity,
        annotators=AnnotatorPatterns(
            tuple(str(one) for one in range(crew.annotators)),
            entries[:, 0],
            entries[:, 1],
            entries[:, 2],
            number,
        ),
    )


def simulated_crew(crew: Crew, runs: int, generator: np.random.Generator) -> dict[str, Tally]:
    truth = values_of(crew.shares, crew.accuracy**2)
    metrics = {"alpha": krippendorff_alpha, "ac1": gwet_ac1, "percent": percent_agreement}
    rows: dict[str, list[tuple[float, float, float, bool]]] = {name: [] for name in metrics}
    for _ in range(runs):
        patterns = crew_batch(crew, generator)
        for name, metric in metrics.items():
            found = metric(patterns, about="annotators")
            rows[name].append((found.value, found.low, found.high, found.status == "ok"))
    return {
        name: tally(
            [tuple(np.array(rows[name])[:, :3].T)], np.array(rows[name])[:, 3] > 0, truth[name]
        )
        for name in metrics
    }


def points(*, quick: bool) -> Iterator[Point]:
    grid = product(MODELS, GROUP_SIZES, ITEMS, ANNOTATORS, LABELS, TOP_SHARES, AGREEMENT)
    for number, parts in enumerate(grid):
        if not quick or number % 7 == 0:
            yield Point(*parts)


def crews(*, quick: bool) -> Iterator[Crew]:
    grid = product((10, 20, 40), (100, 300), (2, 3), (2, 5), (0.0,), (0.8,), (0.05, 0.15))
    extra = (
        Crew(10, 100, 10, 3, 0.0, 0.8, 0.1),
        Crew(15, 300, 3, 3, 0.8, 0.8, 0.1),
        Crew(30, 1000, 3, 3, 0.8, 0.7, 0.15),
        Crew(12, 100, 3, 3, 0.0, 0.6, 0.2),
    )
    for number, crew in enumerate([*(Crew(*parts) for parts in grid), *extra]):
        if not quick or number % 7 == 0:
            yield crew


def summary(found: list[tuple[str, Tally]], title: str) -> None:
    print(f"\n{title}")
    for name in ("alpha", "ac1", "percent"):
        every = [one for kind, one in found if kind == name]
        for label, low, high in (("ok in 90 % of runs or more", 0.9, 1.1), ("split", 0.2, 0.9)):
            ok = [one.ok_coverage for one in every if low <= one.ok_share < high]
            if not ok:
                continue
            under, over = sum(c < 0.93 for c in ok), sum(c > 0.97 for c in ok)
            print(
                f"  {name:8s} {label:27s}: {len(ok):4d} of {len(every)} points, coverage "
                f"{min(ok):.3f} to {max(ok):.3f}, mean {np.mean(ok):.3f}; "
                f"below .93: {under}, above .97: {over}"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="every seventh point, fewer runs")
    parser.add_argument("--runs", type=int, default=0, help="batches a point")
    parser.add_argument("--all", action="store_true", help="print every point")
    parser.add_argument("--only", choices=["process", "annotators"])
    parser.add_argument("--seed", type=int, default=20261122)
    chosen = parser.parse_args()
    generator = np.random.default_rng(chosen.seed)
    started = time.perf_counter()
    for about, kinds, run, runs in (
        ("process", points, simulated, 1000 if chosen.quick else 2000),
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
        summary(found, f"about {about}, {chosen.runs or runs} runs a point")
    print(f"{time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
