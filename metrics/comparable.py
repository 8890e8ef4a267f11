"""Items that can be compared, and the estimate of a statistic over them."""

import numpy as np

from metrics.coefficients import LinearStatistic, ratings_per_unit
from metrics.estimates import Estimate
from metrics.sufficiency import (
    agreement_evidence,
    by_group,
    design_effect_of,
    effective_number,
    minority_by_item,
)
from metrics.tables import Floats, UnitPatterns
from metrics.uncertainty import IntervalChoice, estimate_agreement


def pairable_count(patterns: UnitPatterns) -> int:
    """Items with two ratings or more."""
    return int(patterns.multiplicity[ratings_per_unit(patterns.counts) >= 2].sum())


def pair_count(patterns: UnitPatterns) -> int:
    """Unordered pairs of ratings on the same item."""
    ratings = patterns.counts.sum(axis=1)
    return int((patterns.multiplicity * (ratings * (ratings - 1) // 2)).sum())


def estimate_over_items(
    statistic: LinearStatistic,
    patterns: UnitPatterns,
    choice: IntervalChoice,
) -> Estimate:
    """Estimate a statistic of the items with two ratings or more."""
    weights = patterns.multiplicity.astype(np.float64)
    counted = (ratings_per_unit(patterns.counts) >= 2).astype(np.float64)
    minority = minority_by_item(patterns.counts, weights)
    groups = patterns.compositions
    return estimate_agreement(
        statistic,
        patterns,
        choice,
        n=pairable_count(patterns),
        evidence=agreement_evidence(
            patterns.counts,
            weights,
            clusters(patterns, counted),
            clusters(patterns, minority),
            1.0 if groups is None else design_effect_of(minority, counted, groups),
        ),
        undefined=why_undefined(patterns),
    )


def clusters(patterns: UnitPatterns, amounts: Floats) -> Floats | None:
    """Effective number of groups an amount of each item is spread over; None without groups."""
    groups = patterns.compositions
    if groups is None:
        return None
    return effective_number(by_group(amounts, groups), groups.multiplicity.astype(np.float64))


def why_undefined(patterns: UnitPatterns) -> str:
    """Say why no coefficient of agreement exists here."""
    there = patterns.multiplicity > 0
    if not patterns.counts[there].any():
        return "there are no ratings"
    if len(patterns.labels) < 2:
        return "the question has one label only, so there is nothing to disagree about"
    if not pairable_count(patterns):
        return "no item has two ratings, so there is nothing to compare"
    return "all ratings that can be compared are the same label: no variation to explain"
