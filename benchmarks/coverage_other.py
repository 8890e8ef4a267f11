"""The same for metrics of ordered and set labels, chance terms and uneven ratings; `--other`.

A third model beside the two of `coverage_batches`: near misses, where who misses the item's label
says one beside it half of the time. True values are those of an endless batch. Ratings an item:
all the same, or one to four of it ("uneven"). Annotators: the first does most, the last hardly
anything, shares as 1, 1/2, 1/3, ...
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from coverage_batches import (
    Batches,
    Point,
    count_vectors,
    drawn,
    effective_groups,
    evidence_of,
    item_kinds,
    judged,
    multinomial,
)
from coverage_crews import Crew
from coverage_tally import Tally

from metrics.coefficients import (
    LinearStatistic,
    alpha_with_distance,
    brennan_prediger_chance,
    chance_corrected,
    fleiss_chance,
    gwet_chance,
    label_agreement_of,
    ordinal_alpha,
)
from metrics.distances import agreement_weights, alpha_distance
from metrics.sufficiency import is_enough, label_evidence
from metrics.tables import Floats, Integers

NEAR_MISSES = "near misses"
NUMBERS = ("1", "2", "3", "4", "5")
SETS = ("[]", '["a"]', '["a", "b"]', '["b"]', '["a", "b", "c"]')
UNEVEN = (0.2, 0.3, 0.3, 0.2)  # share of items with 1, 2, 3, 4 ratings
ENDLESS = 1e9


@dataclass(frozen=True)
class OtherPoint:
    """One kind of batch; `uneven` items have one to four ratings."""

    point: Point
    uneven: bool


def other_points(*, quick: bool) -> Iterator[OtherPoint]:
    grid = product(
        ("clear-or-hard", "slips", NEAR_MISSES),
        (1, 4),
        (50, 100, 300, 1000),
        (2, 4, 0),
        (3, 5),
        (0.0, 0.8, 0.95),
        (0.2, 0.6, 0.9),
    )
    for number, (model, size, items, ratings, labels, share, agreement) in enumerate(grid):
        if number % (77 if quick else 11) == 0:
            point = Point(model, size, items, ratings or 4, labels, share, agreement)
            yield OtherPoint(point, uneven=not ratings)


def mixture_of(other: OtherPoint) -> tuple[Integers, tuple[Floats, Floats]]:
    """Vectors of counts, and probabilities of kinds and of vectors in each."""
    point = other.point
    if not other.uneven:
        counts = count_vectors(point.annotators, point.labels)
        return counts, _kinds(point, counts)
    vectors, parts = [], []
    for number, share in enumerate(UNEVEN, 1):
        counts = count_vectors(number, point.labels)
        kinds, rows = _kinds(replace(point, annotators=number), counts)
        vectors.append(counts)
        parts.append(share * rows)
    return np.concatenate(vectors), (kinds, np.concatenate(parts, axis=1))


def _kinds(point: Point, counts: Integers) -> tuple[Floats, Floats]:
    if point.model != NEAR_MISSES:
        return item_kinds(point, counts)
    labels = np.arange(point.labels)
    beside = (np.abs(labels[:, None] - labels[None, :]) == 1).astype(np.float64)
    beside /= beside.sum(axis=1, keepdims=True)
    miss = 1.0 - np.sqrt(point.agreement)
    answers = (1.0 - miss) * np.eye(point.labels) + miss / 2.0 * (beside + point.shares)
    return point.shares, np.array([multinomial(counts, answer) for answer in answers])


def other_statistics(labels: int) -> dict[str, LinearStatistic]:
    numbers = NUMBERS[:labels]
    found = {
        "alpha ordinal": ordinal_alpha(labels),
        "alpha interval": alpha_with_distance("interval", alpha_distance(numbers, "interval")),
        "alpha ratio": alpha_with_distance("ratio", alpha_distance(numbers, "ratio")),
    }
    for name in ("masi", "jaccard"):
        distance = alpha_distance(SETS[:labels], "set", name)
        found[f"alpha set {name}"] = alpha_with_distance(name, distance)
    for kind in ("none", "linear", "quadratic"):
        weights = agreement_weights(numbers, "ordinal", kind)
        # Floors as in `metrics.chance_corrected`.
        fleiss = chance_corrected("Fleiss", weights, fleiss_chance(weights), floor=-np.inf)
        bennett = chance_corrected("BP", weights, brennan_prediger_chance(weights))
        found |= {f"fleiss {kind}": fleiss, f"brennan-prediger {kind}": bennett}
        if kind != "none":
            found[f"ac2 {kind}"] = chance_corrected("AC2", weights, gwet_chance(weights))
    return found


def simulated_other(
    other: OtherPoint, runs: int, generator: np.random.Generator
) -> dict[str, Tally]:
    counts, mixture = mixture_of(other)
    batches = drawn(other.point, counts, mixture, runs, generator)
    endless = ENDLESS * mixture[0] @ mixture[1]
    enough = is_enough(evidence_of(batches))
    tallies = {}
    for name, statistic in other_statistics(other.point.labels).items():
        truth = float(statistic.value(endless @ statistic.features(counts)))
        tallies[name] = judged(batches, statistic, enough, truth)
    for name, label in (("label commonest", 0), ("label rarest", other.point.labels - 1)):
        statistic = label_agreement_of(label, name)
        truth = float(statistic.value(endless @ statistic.features(counts)))
        tallies[name] = judged(batches, statistic, _enough_of(batches, label), truth)
    return tallies


def _enough_of(batches: Batches, label: int) -> np.ndarray:
    counts = batches.counts
    clusters = None
    if batches.patterns is not None:
        holds = (counts.sum(axis=1) >= 2) & (counts[:, label] > 0)
        clusters = effective_groups(batches, holds.astype(np.float64))
    return is_enough(label_evidence(counts, batches.weights, label, clusters))


def uneven_crews(*, quick: bool) -> Iterator[Crew]:
    """Yield crews in which few people do most of the work."""
    grid = product((10, 20, 40), (100, 300, 1000), (2, 3), (2, 5), (0.0, 0.8), (0.05, 0.15))
    for number, (people, items, per_item, labels, share, deviation) in enumerate(grid):
        if number % (21 if quick else 5) == 0:
            yield Crew(people, items, per_item, labels, share, 0.8, deviation, uneven=True)
