"""What disagreement says about rules and items: labels that are confused, items that divide.

Both rest on the answers of each item alone, whoever gave them; `metrics.disagreement` puts them
beside the causes that rest on people.
"""

from dataclasses import dataclass
from math import isfinite, nan
from typing import Literal

import numpy as np
from scipy.special import ndtri, stdtrit

from metrics.coefficients import LinearStatistic, ratings_per_unit, ratio
from metrics.estimates import Estimate
from metrics.resampling import delete_groups, delete_units, totals
from metrics.spread import Spread, jackknife_spread
from metrics.sufficiency import MINIMUM_UNITS
from metrics.tables import Floats, Integers, UnitPatterns

CONFUSED = 0.01
"""Chance that any pair of labels is called confused where none is; shared by all pairs."""
FEWEST_PAIRS = 10
"""Pairs of answers with the two labels below which a standard error is not to be trusted."""
RATINGS_OF_TWO_PAIRS = 4
DIFFER = "pairs of answers that differ"


@dataclass(frozen=True, slots=True)
class Confusion:
    """Two labels given to the same item.

    Attributes
    ----------
    first, second : the labels
    pairs : pairs of answers with these two labels
    share, expected : of all pairs that differ, and what the labels' frequencies would give
    z : difference in standard errors; nan where it cannot be known
    """

    first: str
    second: str
    pairs: int
    share: float
    expected: float
    z: float


def unseen(
    reason: str, status: Literal["missing_input", "undefined"] = "missing_input"
) -> Estimate:
    """Return a share that these data cannot show, with the reason."""
    return Estimate(status=status, reason=reason, n_unit=DIFFER)


def _two_pairs() -> LinearStatistic:
    """How alike the answers of two pairs of people to one item are: both differ, or both agree.

    The correlation of "these two differ" with "these other two differ" over items with four
    answers: 0 where all items are equally hard.
    """

    def features(counts: Integers) -> Floats:
        m = ratings_per_unit(counts)
        counted = (m >= RATINGS_OF_TWO_PAIRS).astype(np.float64)
        ordered = np.maximum(m * (m - 1.0), 1.0)
        falling = np.maximum(ordered * (m - 2.0) * (m - 3.0), 1.0)
        two = (counts * (counts - 1)).astype(np.float64)
        four = two * (counts - 2) * (counts - 3)
        agree = two.sum(axis=-1) / ordered
        both = (two.sum(axis=-1) ** 2 - (two * two).sum(axis=-1) + four.sum(axis=-1)) / falling
        unlike = 1.0 - 2.0 * agree + both
        return np.stack([counted, counted * (1.0 - agree), counted * unlike], axis=-1)

    def value(sums: Floats) -> Floats:
        share, both = ratio(sums[..., 1], sums[..., 0]), ratio(sums[..., 2], sums[..., 0])
        return ratio(both - share * share, share * (1.0 - share))

    return LinearStatistic("items on which several pairs differ", 3, features, value)


def _spread(statistic: LinearStatistic, patterns: UnitPatterns) -> Spread:
    weights = patterns.multiplicity.astype(np.float64)
    if patterns.compositions is None:
        return jackknife_spread(delete_units(statistic, patterns.counts, weights))
    return jackknife_spread(
        delete_groups(statistic, patterns.counts, weights, patterns.compositions)
    )


def item_share(patterns: UnitPatterns, confidence: float) -> Estimate:
    """Measure how far disagreement sits on certain items."""
    statistic = _two_pairs()
    number = int(patterns.multiplicity[patterns.counts.sum(axis=1) >= RATINGS_OF_TWO_PAIRS].sum())
    if number < MINIMUM_UNITS:
        return unseen(
            f"{number} items have four answers or more, {MINIMUM_UNITS} are needed to see whether"
            " several pairs of people differ on the same ones"
        )
    weights = patterns.multiplicity.astype(np.float64)
    value = float(statistic.value(totals(statistic, patterns.counts, weights)))
    if not isfinite(value):
        return unseen("nobody differs on items with four answers", status="undefined")
    half = _reach(_spread(statistic, patterns), confidence)
    return Estimate(
        value=max(value, 0.0),
        low=max(value - half, 0.0),
        high=min(max(value + half, 0.0), 1.0),
        confidence=confidence,
        method="correlation of two pairs of answers to one item; delete-one-item jackknife",
    )


def _reach(spread: Spread, confidence: float) -> float:
    quantile = float(stdtrit(float(spread.freedom), 0.5 + confidence / 2.0))
    return quantile * float(np.sqrt(spread.variance))


def _confusion(first: int, second: int, labels: int) -> LinearStatistic:
    """How much more often two labels meet among unequal pairs than their frequencies explain."""

    def features(counts: Integers) -> Floats:
        m = ratings_per_unit(counts)
        number = counts.astype(np.float64)
        unequal = (m * m - (number * number).sum(axis=-1)) / 2.0
        return np.column_stack([number[:, first] * number[:, second], unequal, number])

    def value(sums: Floats) -> Floats:
        given = sums[..., 2:]
        all_given = given.sum(axis=-1)
        blind = (all_given**2 - (given * given).sum(axis=-1)) / 2.0
        expected = ratio(given[..., first] * given[..., second], blind)
        return ratio(sums[..., 0], sums[..., 1]) - expected

    return LinearStatistic("labels confused", 2 + labels, features, value)


def rule_share(patterns: UnitPatterns, confidence: float) -> tuple[tuple[Confusion, ...], Estimate]:
    """Find the label pairs that are confused more often than expected, and their share."""
    paired = patterns.counts.sum(axis=1) >= 2
    counts = np.where(paired[:, None], patterns.counts, 0)
    given = patterns.multiplicity @ counts
    used = np.flatnonzero(given)
    found = [
        _confused(patterns, counts, int(one), int(other), len(used))
        for place, one in enumerate(used)
        for other in used[place + 1 :]
    ]
    confusions = tuple(sorted(found, key=lambda each: (-each.pairs, each.first, each.second)))
    if len(used) <= 2:
        reason = "with two labels every disagreement is between the same two"
        return confusions, unseen(reason, status="undefined")
    critical = -float(ndtri(CONFUSED / len(confusions)))
    telling = [each for each in confusions if each.z >= critical and each.pairs >= FEWEST_PAIRS]
    excess = sum(each.share - each.expected for each in telling)
    # Errors of label pairs go together; their sum is no smaller than the true one.
    error = sum((each.share - each.expected) / each.z for each in telling)
    half = float(stdtrit(max(float(patterns.multiplicity.sum()) - 1, 1), 0.5 + confidence / 2))
    return confusions, Estimate(
        value=excess,
        low=max(excess - half * error, 0.0),
        high=min(excess + half * error, 1.0),
        confidence=confidence,
        method=f"pairs of labels confused more often than expected, by {critical:.1f} standard"
        " errors or more; delete-one-item jackknife",
    )


def _confused(
    patterns: UnitPatterns, counts: Integers, one: int, other: int, used: int
) -> Confusion:
    statistic = _confusion(one, other, counts.shape[1])
    sums = totals(statistic, counts, patterns.multiplicity.astype(np.float64))
    excess = float(statistic.value(sums))
    share = float(ratio(sums[0], sums[1]))
    z = nan
    if used > 2 and isfinite(excess):
        error = float(np.sqrt(_spread(statistic, patterns).variance))
        z = excess / error if error > 0 else nan
    return Confusion(
        patterns.labels[one],
        patterns.labels[other],
        round(float(sums[0])),
        share,
        share - excess,
        z,
    )
