"""Why annotators disagree: disagreement split into causes that ask for different remedies.

Of all pairs of answers to the same item, some differ. They are shared out in a fixed order, each
cause taking what the ones before it left, so that the shares add up to one:

1. **groups**: pairs across two annotator groups differ more often than pairs within them;
2. **people**: pairs with somebody who stands apart (flagged elsewhere) differ more often than the
   rest;
3. **taste**: two people use the labels at different rates on the very same items;
4. **rule**: some pairs of labels are confused more often than their frequencies explain;
5. **items**: where one pair of people differs, another pair differs more often too;
6. **slips**: the rest, which no cause here explains.

The order matters where causes overlap; it runs from what is known about people to what is inferred
from items. A cause that these data cannot show has a status and takes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, nan
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from metrics.coefficients import ratio
from metrics.confusions import DIFFER, Confusion, item_share, rule_share, unseen
from metrics.estimates import Estimate
from metrics.sufficiency import MINIMUM_ANNOTATORS
from metrics.tables import AnnotatorPairs, Floats, Integers, UnitPatterns

CauseName = Literal["groups", "people", "taste", "rule", "items", "slips"]
SMALLEST_GROUP = 5
"""People a group must have to be shown at all."""
MOST_BLOCKS = 100
"""People are left out one at a time up to this many, else in so many blocks."""


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause and its share of the disagreement.

    Attributes
    ----------
    name : which of the six
    share : 0 to 1 of the pairs of answers that differ; not ok where these data cannot show it
    """

    name: CauseName
    share: Estimate


@dataclass(frozen=True, slots=True)
class Disagreement:
    """The split: how many pairs of answers there are, how many differ, and why.

    Attributes
    ----------
    pairs, differ : pairs of answers to the same item by two people, and those that differ
    causes : the six in their order; the shares of those with a value add up to 1
    confusions : pairs of labels, most frequent first
    """

    pairs: int
    differ: int
    causes: tuple[Cause, ...]
    confusions: tuple[Confusion, ...]


def why_they_disagree(
    pairs: AnnotatorPairs,
    patterns: UnitPatterns,
    *,
    groups: Sequence[str | None] = (),
    apart: Sequence[str] = (),
    confidence: float = 0.95,
) -> Disagreement:
    """Split the disagreement on a question into groups, people, taste, rule, items and slips.

    Which remedy would help: a clearer rule, other items, training of one person, a common scale,
    or a decision about whose view counts? It misleads where causes go together: people of one
    group who saw other items than the rest look like a group that disagrees, and an unclear rule
    makes the items it applies to look hard. With two labels every disagreement is between the
    same two, so `rule` cannot be told from `items`.

    Parameters
    ----------
    pairs : AnnotatorPairs of the people whose answers count
    patterns : UnitPatterns of the same answers
    groups : one for each of `pairs.annotators`, None where unknown; groups of fewer than five
        people are left out of the comparison
    apart : annotators who stand apart for reasons found elsewhere
    confidence : float in (0, 1)

    Returns
    -------
    Disagreement
        Intervals of the first three causes speak of annotators like these (needs ten), those of
        `rule` and `items` of items like these.

    References
    ----------
    `taste` is the component of the rater in generalizability theory: Cronbach, Gleser, Nanda and
    Rajaratnam (1972), The Dependability of Behavioral Measurements. The order and the other parts
    are defined here; simulation in tests plants each cause and finds it.
    """
    dyads = _dyads(pairs, groups, apart)
    total, differ = float(dyads.n.sum()), float(dyads.differ.sum())
    confusions, rule = rule_share(patterns, confidence)
    items = item_share(patterns, confidence)
    if not differ:
        return Disagreement(int(total), 0, _nothing(total), confusions)
    by_people = _with_people(dyads, confidence, int(differ))
    causes, left = [], 1.0
    for name, found in (*by_people, ("rule", rule), ("items", items)):
        scale = left if name in {"rule", "items"} else 1.0
        share = _scaled(found, scale, most=left).but(n=int(differ), n_unit=DIFFER)
        causes.append(Cause(name, share))
        left -= share.value if isfinite(share.value) else 0.0
    rest = Estimate(value=max(left, 0.0), n=int(differ), n_unit=DIFFER, method="what is left")
    causes.append(Cause("slips", rest))
    return Disagreement(int(total), int(differ), tuple(causes), confusions)


@dataclass(frozen=True, slots=True, eq=False)
class _Dyads:
    """One row for each two people with a common item; shape (D,)."""

    first: Integers
    second: Integers
    n: Floats
    differ: Floats
    level: Floats
    group: tuple[Integers, Integers]
    apart: NDArray[np.bool_]
    people: int


def _dyads(pairs: AnnotatorPairs, groups: Sequence[str | None], apart: Sequence[str]) -> _Dyads:
    size, labels = max(1, len(pairs.annotators)), max(1, len(pairs.labels))
    codes, entry = np.unique(pairs.first * size + pairs.second, return_inverse=True)
    n = np.bincount(entry, pairs.count, len(codes)).astype(np.float64)
    unequal = pairs.count * (pairs.label_first != pairs.label_second)
    differ = np.bincount(entry, unequal, len(codes)).astype(np.float64)
    margins = [
        np.bincount(entry * labels + label, pairs.count, len(codes) * labels).reshape(-1, labels)
        / n[:, None]
        for label in (pairs.label_first, pairs.label_second)
    ]
    # Half the squared difference of the margins, less what chance alone adds to it.
    level = np.square(margins[0] - margins[1]).sum(axis=1) / 2.0
    chance = ratio(differ / n - level, n - 1.0)
    number = _numbered(groups, size)
    first, second = codes // size, codes % size
    stands = np.isin(np.array(pairs.annotators, dtype=object), list(apart))
    return _Dyads(
        first,
        second,
        n,
        differ,
        level - chance,
        (number[first], number[second]),
        stands[first] | stands[second],
        len(np.unique(np.concatenate([first, second]))) if len(codes) else 0,
    )


def _numbered(groups: Sequence[str | None], size: int) -> Integers:
    """Give each group of five people or more a number; -1 for everybody else; (A,)."""
    names = np.array([group or "" for group in groups] or [""] * size, dtype=object)
    number = np.full(size, -1, dtype=np.int64)
    for place, name in enumerate(sorted(set(names.tolist()) - {""})):
        members = names == name
        if members.sum() >= SMALLEST_GROUP:
            number[members] = place
    return number


def _with_people(dyads: _Dyads, confidence: float, differ: int) -> list[tuple[CauseName, Estimate]]:
    """Measure the three causes that rest on who answered, with intervals over people."""
    whole = _shares(dyads, np.ones(len(dyads.n), dtype=bool))
    present = np.unique(np.concatenate([dyads.first, dyads.second]))
    block = np.zeros(int(present.max()) + 1, dtype=np.int64)
    block[present] = np.arange(len(present)) % MOST_BLOCKS
    count = min(len(present), MOST_BLOCKS)
    without = np.array(
        [
            _shares(dyads, (block[dyads.first] != one) & (block[dyads.second] != one))
            for one in range(count)
        ]
    )
    with np.errstate(invalid="ignore"):
        error = np.sqrt((count - 1) / count * np.square(without - without.mean(axis=0)).sum(axis=0))
    reach = float(stdtrit(count - 1, 0.5 + confidence / 2.0)) * error
    method = f"share of the pairs that differ; delete-one-annotator jackknife, {count - 1} df"
    found: list[tuple[CauseName, Estimate]] = []
    names: tuple[CauseName, ...] = ("groups", "people", "taste")
    for name, value, half in zip(names, whole, reach, strict=True):
        few = dyads.people < MINIMUM_ANNOTATORS
        estimate = Estimate(
            value=float(value),
            low=nan if few else max(float(value - half), 0.0),
            high=nan if few else min(float(value + half), 1.0),
            confidence=confidence,
            n=differ,
            n_unit=DIFFER,
            about="annotators",
            method=method,
            status="insufficient" if few else "ok",
            reason=f"{dyads.people} annotators, {MINIMUM_ANNOTATORS} are needed for an interval"
            if few
            else "",
        )
        found.append((name, _known(name, dyads, estimate)))
    return found


def _known(name: CauseName, dyads: _Dyads, estimate: Estimate) -> Estimate:
    """Say where a cause cannot be seen in these data."""
    one, other = dyads.group
    if name == "groups" and len(np.unique(one[one >= 0])) + len(np.unique(other[other >= 0])) < 2:
        return unseen("no two annotator groups of five people or more judged the same items")
    across = (one >= 0) & (other >= 0) & (one != other)
    if name == "groups" and not across.any():
        return unseen("no two annotator groups of five people or more judged the same items")
    if name == "people" and not dyads.apart.any():
        return unseen("nobody was found to stand apart", status="undefined")
    if not isfinite(estimate.value):
        return unseen("no two people judged two items together", status="undefined")
    return estimate


def _shares(dyads: _Dyads, kept: NDArray[np.bool_]) -> Floats:
    """Return the shares of groups, people and taste in the pairs that differ; (3,)."""
    differ = float(dyads.differ[kept].sum())
    if not differ:
        return np.full(3, np.nan)
    one, other = dyads.group
    across = kept & (one >= 0) & (other >= 0) & (one != other)
    rest = kept & ~across
    groups = float(dyads.differ[across].sum()) - _expected_across(dyads, across, rest)
    groups = max(groups, 0.0)
    left = 1.0 - groups / differ
    stands, base = rest & dyads.apart, rest & ~dyads.apart
    usual = _rate(dyads, base)
    people = float(dyads.differ[stands].sum() - dyads.n[stands].sum() * usual)
    people_share = _part(people, float(dyads.differ[rest].sum())) * left
    left -= people_share
    several = base & (dyads.n >= 2)
    level = float((dyads.n * np.nan_to_num(dyads.level))[several].sum())
    taste = _part(level, float(dyads.differ[several].sum())) * left
    return np.array([groups / differ, people_share, taste])


def _part(amount: float, whole: float) -> float:
    """Share of a whole, no less than 0 and no more than 1; 0 where there is no whole."""
    return min(max(amount / whole, 0.0), 1.0) if whole > 0 and isfinite(amount) else 0.0


def _rate(dyads: _Dyads, kept: NDArray[np.bool_]) -> float:
    pairs = float(dyads.n[kept].sum())
    return float(dyads.differ[kept].sum()) / pairs if pairs else nan


def _expected_across(dyads: _Dyads, across: NDArray[np.bool_], rest: NDArray[np.bool_]) -> float:
    """Pairs across groups that would differ if people differed as they do within the groups."""
    one, other = dyads.group
    overall = _rate(dyads, rest)
    number = int(max(one.max(initial=-1), other.max(initial=-1))) + 1
    inside = rest & (one >= 0) & (one == other)
    pairs = np.bincount(one[inside], dyads.n[inside], number)
    unlike = np.bincount(one[inside], dyads.differ[inside], number)
    within = ratio(unlike.astype(np.float64), pairs.astype(np.float64))
    within = np.where(np.isnan(within), overall, within)
    mean = (within[one[across]] + within[other[across]]) / 2.0
    expected = float((dyads.n[across] * mean).sum())
    return expected if isfinite(expected) else float(dyads.differ[across].sum())


def _scaled(found: Estimate, scale: float, *, most: float) -> Estimate:
    if not isfinite(found.value):
        return found
    return found.but(
        value=min(found.value * scale, max(most, 0.0)),
        low=found.low * scale,
        high=min(found.high * scale, 1.0),
    )


def _nothing(total: float) -> tuple[Cause, ...]:
    reason = "all pairs of answers agree" if total else "no item was judged by two people"
    none = Estimate(status="undefined", reason=reason, n_unit=DIFFER)
    names: tuple[CauseName, ...] = ("groups", "people", "taste", "rule", "items", "slips")
    return tuple(Cause(name, none) for name in names)
