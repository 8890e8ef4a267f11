"""Drift of other things than label shares: agreement and severity; speed is in `speed_drift`.

Each gives one `FamilyShift` a question, and all of them share 2 of the 5 % of false alarms.
"""

from dataclasses import dataclass, replace
from math import isfinite, isnan, nan, sqrt
from typing import Final

import numpy as np
from scipy.special import stdtr, stdtrit

from metrics.estimates import Estimate
from metrics.severity import NOTABLE_OF_SD, distance_standing, severity
from metrics.tables import AnnotatorPairs, UnitPatterns

AGREEMENT_FLOOR: Final = 0.05
FEWEST_ITEMS: Final = 10
NO_CHANCE: Final = "how far chance alone would move it is not known"


@dataclass(frozen=True, slots=True)
class FamilyShift:
    """One comparison of reference and batch that is not about label shares.

    Attributes
    ----------
    family : {"agreement", "speed", "severity", "text"}
    before, after : values on both sides, in `unit`
    low, high : 95 % interval of their difference; nan where it is not known
    p_value : nan where it cannot be tested
    is_large : whether the change is large enough to matter
    n : units compared, in `n_unit`
    note : what was seen, in words; reason : why there is no test
    person : whose severity it is; empty elsewhere
    """

    family: str
    question: str
    before: float
    after: float
    unit: str
    low: float = nan
    high: float = nan
    p_value: float = nan
    is_large: bool = False
    n: int = 0
    n_unit: str = "items"
    note: str = ""
    reason: str = ""
    person: str = ""


def agreement_shift(first: Estimate, second: Estimate, question: str) -> FamilyShift:
    """Compare Krippendorff's alpha of the reference with that of the batch."""
    blank = FamilyShift(
        "agreement", question, first.value, second.value, "alpha", n=min(first.n, second.n)
    )
    unfit = next((one for one in (first, second) if one.status != "ok"), None)
    if unfit is not None:
        side = "reference" if unfit is first else "batch"
        return changed(blank, reason=f"alpha of the {side}: {unfit.reason or unfit.status}")
    errors, freedoms = zip(*(_error(one) for one in (first, second)), strict=True)
    moved = second.value - first.value
    low, high, p = _student(moved, errors, freedoms)
    if isnan(p):
        return changed(blank, reason=f"alpha does not vary between units: {NO_CHANCE}")
    return changed(
        blank,
        low=low,
        high=high,
        p_value=p,
        is_large=abs(moved) >= AGREEMENT_FLOOR,
        note=f"alpha {first.value:.2f} → {second.value:.2f}",
    )


def severity_shift(
    reference: tuple[UnitPatterns, AnnotatorPairs],
    batch: tuple[UnitPatterns, AnnotatorPairs],
    question: str,
) -> FamilyShift:
    """Look for somebody who scores higher or lower against the others than before.

    Only people of both sides are compared, each level against the median change of all of them.
    The p-value is the smallest one times the number of people. Where items come in groups, a whole
    group counts as one item of average size: the same people judge all of it, and what they make
    of one item says much of the next. That is cautious where a group is shared out among people.
    """
    levels = [_levels(*side) for side in (reference, batch)]
    common = sorted(levels[0].keys() & levels[1].keys())
    blank = FamilyShift("severity", question, nan, nan, "scale points", n=len(common))
    blank = changed(blank, n_unit="people")
    if len(common) < 3:
        return changed(
            blank,
            reason=f"{len(common)} people scored {FEWEST_ITEMS} shared {_unit(reference[0])}"
            " on both sides, 3 are needed",
        )
    variances = np.array([[side[name][1] for name in common] for side in levels])
    if not variances.sum(axis=0).all():
        return changed(blank, reason=f"scores differ by nothing but level: {NO_CHANCE}")
    before, after = (np.array([side[name][0] for name in common]) for side in levels)
    numbers = np.array([[side[name][2] for name in common] for side in levels])
    change = after - before
    change = change - np.median(change)
    error = np.sqrt(variances.sum(axis=0))
    freedom = variances.sum(axis=0) ** 2 / (variances**2 / (numbers - 1)).sum(axis=0)
    p = 2.0 * stdtr(freedom, -np.abs(change) / error)
    who = int(np.argmin(p))
    spread = severity(reference[1]).spread
    reach = float(stdtrit(freedom[who], 0.975) * error[who])
    return changed(
        blank,
        before=float(before[who]),
        after=float(after[who]),
        low=float(change[who]) - reach,
        high=float(change[who]) + reach,
        p_value=float(min(1.0, p[who] * len(common))),
        is_large=abs(float(change[who])) >= NOTABLE_OF_SD * spread,
        note=f"scores {change[who]:+.2f} against the others, compared with before",
        person=common[who],
    )


def _unit(patterns: UnitPatterns) -> str:
    return "items" if patterns.compositions is None else "groups' worth of items"


def group_size(patterns: UnitPatterns) -> float:
    """Return the size of the group that an item is in on average; 1 where items stand alone."""
    found = patterns.compositions
    if found is None:
        return 1.0
    sizes = np.bincount(found.composition, found.count, len(found.multiplicity))
    items = float(found.multiplicity @ sizes)
    return float(found.multiplicity @ sizes**2) / items if items else 1.0


def _levels(patterns: UnitPatterns, pairs: AnnotatorPairs) -> dict[str, tuple[float, float, float]]:
    """Return person -> level, its variance and clusters, of the largest connected block."""
    if patterns.annotators is None or not len(pairs.count):
        return {}
    found = severity(pairs)
    variance, items = distance_standing(patterns)
    place = {person: one for one, person in enumerate(patterns.annotators.annotators)}
    block = int(np.bincount(found.component).argmax())
    least = found.spread**2 / 4.0
    size = group_size(patterns)
    return {
        person: (
            float(found.level[one]),
            max(float(variance[place[person]]), least / int(items[place[person]])) * size,
            int(items[place[person]]) / size,
        )
        for one, person in enumerate(found.annotators)
        if found.component[one] == block
        and person in place
        and items[place[person]] >= FEWEST_ITEMS * size
        and isfinite(float(variance[place[person]]))
    }


def _student(
    moved: float, errors: tuple[float, ...], freedoms: tuple[float, ...]
) -> tuple[float, float, float]:
    whole = sum(error**2 for error in errors)
    if whole <= 0:
        return nan, nan, nan
    freedom = whole**2 / sum(
        error**4 / max(own, 1.0) for error, own in zip(errors, freedoms, strict=True)
    )
    reach = float(stdtrit(freedom, 0.975)) * sqrt(whole)
    p = 2.0 * float(stdtr(freedom, -abs(moved) / sqrt(whole)))
    return moved - reach, moved + reach, p


def _error(estimate: Estimate) -> tuple[float, float]:
    facts = estimate.provenance
    return float(facts["standard_error"]), float(facts["resampled_units"]) - 1.0


def changed(one: FamilyShift, **changes: float | int | str | bool) -> FamilyShift:
    """Return a copy with some fields changed."""
    return replace(one, **changes)  # type: ignore[arg-type]
