"""How far two distributions of labels are apart: distances, tests on independent counts, laws.

Shapes: Q labels. `reference` and `batch` are counts (Q,) in the same order of labels. The tests of
this module take annotations as independent, which those of one item are not: they reproduce
published figures and describe the size of a shift. Whether labels moved is decided by
`metrics.shift_tests`, by item and group.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc, chdtri, chndtr, chndtrinc, ndtri, xlogy

from metrics.tables import Floats

ADDED = 0.5
"""Added to every cell of a population stability index where a cell is empty."""


@dataclass(frozen=True, slots=True)
class CountTest:
    """A test on a table of independent counts; `p_value` nan where it has no freedom."""

    statistic: float
    freedom: int
    p_value: float


@dataclass(frozen=True, slots=True)
class StabilityIndex:
    """Population stability index with what it would be if nothing had moved.

    Attributes
    ----------
    value : the index
    debiased : value less its mean under no drift, at least 0
    null_mean, null_limit : mean and 95 % quantile under no drift
    p_value : chance of so large an index under no drift
    added : what was added to every cell because one was empty; 0 otherwise
    """

    value: float
    debiased: float
    null_mean: float
    null_limit: float
    p_value: float
    added: float


def shares(counts: ArrayLike) -> Floats:
    """Return counts as shares of their sum; nan without any."""
    given = np.asarray(counts, dtype=np.float64)
    if np.any(given < 0):
        raise ValueError("counts of labels are not negative")
    total = given.sum()
    return given / total if total > 0 else np.full(given.shape, np.nan)


def total_variation(reference: ArrayLike, batch: ArrayLike) -> float:
    """Half the sum of absolute differences of shares: how many labels would have to move.

    Examples
    --------
    >>> round(total_variation([500, 300, 150, 50], [420, 310, 190, 80]), 12)
    0.08
    """
    return float(np.abs(shares(reference) - shares(batch)).sum() / 2)


def jensen_shannon(reference: ArrayLike, batch: ArrayLike) -> float:
    """Jensen-Shannon divergence in bits: 0 equal, 1 without a label in common.

    References
    ----------
    Lin (1991), Divergence measures based on the Shannon entropy, 10.1109/18.61115

    Examples
    --------
    >>> round(jensen_shannon([500, 300, 150, 50], [420, 310, 190, 80]), 9)
    0.006792182
    """
    before, after = shares(reference), shares(batch)
    middle = (before + after) / 2
    entropies = [-xlogy(part, part).sum() / np.log(2) for part in (middle, before, after)]
    return float(max(entropies[0] - (entropies[1] + entropies[2]) / 2, 0.0))


def kullback_leibler(batch: ArrayLike, reference: ArrayLike) -> float:
    """Divergence of the batch from the reference in nats; infinite where the reference has none."""
    after, before = shares(batch), shares(reference)
    with np.errstate(divide="ignore"):
        ratio = np.where(after > 0, np.log(after) - np.log(before), 0.0)
    return float((after * ratio).sum())


def hellinger(reference: ArrayLike, batch: ArrayLike) -> float:
    """Hellinger distance: 0 equal, 1 without a label in common.

    Examples
    --------
    >>> round(hellinger([500, 300, 150, 50], [420, 310, 190, 80]), 10)
    0.0686908546
    """
    apart = np.sqrt(shares(reference)) - np.sqrt(shares(batch))
    return float(np.sqrt(np.square(apart).sum() / 2))


def wasserstein(reference: ArrayLike, batch: ArrayLike, positions: ArrayLike) -> float:
    """Wasserstein-1 distance of ordered labels: how many scale points labels moved on average.

    Parameters
    ----------
    positions : ndarray of shape (Q,)
        Place of each label on its scale, in any order.

    Examples
    --------
    >>> round(wasserstein([500, 300, 150, 50], [420, 310, 190, 80], [1, 2, 3, 4]), 12)
    0.18
    """
    place = np.asarray(positions, dtype=np.float64)
    order = np.argsort(place, kind="stable")
    below = np.cumsum((shares(batch) - shares(reference))[order])[:-1]
    return float(np.abs(below) @ np.diff(place[order]))


def chi_square(table: ArrayLike) -> CountTest:
    """Pearson's chi-square of a table of independent counts, without Yates' correction."""
    counts, expected = _expected(table)
    with np.errstate(invalid="ignore", divide="ignore"):
        parts = np.where(expected > 0, np.square(counts - expected) / expected, 0.0)
    return _test(float(parts.sum()), counts)


def g_test(table: ArrayLike) -> CountTest:
    """Likelihood-ratio test of a table of independent counts."""
    counts, expected = _expected(table)
    ratio = np.where(counts > 0, counts / np.where(expected > 0, expected, 1.0), 1.0)
    return _test(2.0 * float((counts * np.log(ratio)).sum()), counts)


def cramer_v(table: ArrayLike, *, corrected: bool = True) -> float:
    """Cramér's V: 0 no association, 1 complete; with Bergsma's correction for its bias.

    nan where the table has one row or one column.

    References
    ----------
    Bergsma (2013), A bias-correction for Cramér's V and Tschuprow's T, 10.1016/j.jkss.2012.10.002

    Examples
    --------
    >>> table = [[500, 300, 150, 50], [420, 310, 190, 80]]
    >>> round(cramer_v(table), 10), round(cramer_v(table, corrected=False), 10)
    (0.0887575251, 0.0968230743)
    """
    counts, _ = _expected(table)
    rows, columns = counts.shape
    n = counts.sum()
    if min(rows, columns) < 2 or n < 2:
        return float("nan")
    squared = chi_square(counts).statistic / n
    if not corrected:
        return sqrt(squared / (min(rows, columns) - 1))
    squared = max(0.0, squared - (rows - 1) * (columns - 1) / (n - 1))
    rows_corrected = rows - (rows - 1) ** 2 / (n - 1)
    columns_corrected = columns - (columns - 1) ** 2 / (n - 1)
    return sqrt(squared / (min(rows_corrected, columns_corrected) - 1))


def stability_index(
    reference: ArrayLike, batch: ArrayLike, *, design_effect: float = 1.0
) -> StabilityIndex:
    """Return the population stability index with its law under no drift, not a bare 0.1 and 0.25.

    Without drift index / (1/N + 1/M) follows chi-square with B - 1 degrees of freedom: with ten
    labels and 100 annotations on both sides, 83 % of indices exceed 0.1 though nothing moved.

    Parameters
    ----------
    design_effect : how much less annotations say than independent ones would, 1 or more

    References
    ----------
    Yurdakul, Naranjo (2020), Statistical properties of the population stability index,
    10.21314/JRMV.2020.227

    Examples
    --------
    >>> found = stability_index([500, 300, 150, 50], [420, 310, 190, 80])
    >>> round(found.value, 10), found.null_mean, round(found.null_limit, 10)
    (0.0378318292, 0.006, 0.0156294558)
    """
    before = np.asarray(reference, dtype=np.float64)
    after = np.asarray(batch, dtype=np.float64)
    used = before + after > 0
    before, after = before[used], after[used]
    sizes = float(before.sum()), float(after.sum())
    added = ADDED if len(before) and min(before.min(), after.min()) <= 0 else 0.0
    p, q = shares(before + added), shares(after + added)
    freedom = len(before) - 1
    if freedom < 1 or min(sizes) <= 0:
        nothing = float("nan")
        return StabilityIndex(nothing, nothing, nothing, nothing, nothing, added)
    value = float(((q - p) * (np.log(q) - np.log(p))).sum())
    scale = design_effect * (1.0 / sizes[0] + 1.0 / sizes[1])
    mean = float(freedom * scale)
    return StabilityIndex(
        value=value,
        debiased=max(0.0, value - mean),
        null_mean=mean,
        null_limit=float(chdtri(freedom, 0.05)) * scale,
        p_value=float(chdtrc(freedom, value / scale)),
        added=added,
    )


def smallest_index(
    labels: int, reference: float, batch: float, *, level: float = 0.05, power: float = 0.8
) -> float:
    """Stability index that would be found with the given power between N and M annotations.

    Examples
    --------
    >>> round(smallest_index(5, 500, 500), 4), round(smallest_index(10, 2000, 2000), 4)
    (0.0477, 0.0156)
    """
    freedom = labels - 1
    return noncentrality(freedom, level, power) * (1.0 / reference + 1.0 / batch)


def smallest_difference(
    share: float, number: float, *, level: float = 0.05, power: float = 0.8
) -> float:
    """Rise of a share that would be found with the given power, `number` answers on both sides.

    References
    ----------
    Fleiss, Levin, Paik (2003), Statistical Methods for Rates and Proportions, 3rd ed., 4.2

    Examples
    --------
    >>> round(smallest_difference(0.1, 200), 6), round(smallest_difference(0.5, 1000), 6)
    (0.099701, 0.062486)
    """
    single, wanted = float(-ndtri(level / 2.0)), float(ndtri(power))
    low, high = 0.0, 1.0 - share
    for _ in range(60):
        step = (low + high) / 2.0
        middle, after = share + step / 2.0, share + step
        under_none = single * sqrt(2.0 * middle * (1.0 - middle))
        under_some = wanted * sqrt(share * (1.0 - share) + after * (1.0 - after))
        if step * sqrt(number) < under_none + under_some:
            low = step
        else:
            high = step
    return (low + high) / 2.0


def noncentrality(freedom: int, level: float = 0.05, power: float = 0.8) -> float:
    """Noncentrality of a chi-square that a test of this level exceeds with this power.

    Examples
    --------
    >>> round(noncentrality(4), 4), round(noncentrality(9), 4)
    (11.9353, 15.6498)
    """
    limit = float(chdtri(freedom, level))
    found = float(chndtrinc(limit, freedom, 1.0 - power))
    # One Newton step from the table's inverse, whose own tolerance is coarse.
    step = 1e-5
    slope = (chndtr(limit, freedom, found + step) - chndtr(limit, freedom, found - step)) / 2 / step
    return found - float((chndtr(limit, freedom, found) - (1.0 - power)) / slope)


def _expected(table: ArrayLike) -> tuple[Floats, Floats]:
    """Return a table without its empty rows and columns, and what independence would give."""
    counts = np.asarray(table, dtype=np.float64)
    counts = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0]
    total = max(float(counts.sum()), 1.0)
    return counts, np.outer(counts.sum(axis=1), counts.sum(axis=0)) / total


def _test(statistic: float, counts: Floats) -> CountTest:
    freedom = max(counts.shape[0] - 1, 0) * max(counts.shape[1] - 1, 0)
    return CountTest(
        statistic, freedom, float(chdtrc(freedom, statistic)) if freedom else float("nan")
    )
