"""A share of answers that hang together: several to one item, several of one person.

Answers to the same golden item are right or wrong together, and so are those of one person. An
interval that takes them as independent promises too much; here the variance comes from the
clusters, and the limits are exact ones at the number of answers the clusters are worth.
"""

from dataclasses import dataclass
from math import nan

import numpy as np
from scipy.special import betaincinv, stdtrit

from metrics.intervals import Limits
from metrics.tables import Floats, Integers


@dataclass(frozen=True, slots=True, eq=False)
class Clusters:
    """Clusters of answers: `times[k]` clusters have `cases[k]` answers, `hits[k]` of them hits."""

    hits: Integers
    cases: Integers
    times: Integers

    @property
    def number(self) -> int:
        """How many clusters there are."""
        return int(self.times[self.cases > 0].sum())

    @property
    def effective(self) -> float:
        """Clusters of equal size that would say as much."""
        total = float((self.times * self.cases).sum())
        square = float((self.times * self.cases.astype(np.float64) ** 2).sum())
        return total**2 / square if square else 0.0


def cluster_variance(clusters: Clusters, share: float) -> float:
    """Variance of a share whose answers are independent between clusters only; nan below two.

    With residual r = hits - share * cases of each of G clusters and n answers, the variance is
    G / (G - 1) * sum r² / n².

    References
    ----------
    Cochran (1977), Sampling Techniques, 3rd ed., section 9A (ratio to size)

    Examples
    --------
    >>> pairs = Clusters(np.array([2, 0]), np.array([2, 2]), np.array([5, 5]))
    >>> round(cluster_variance(pairs, 0.5), 5)
    0.02778
    """
    number = clusters.number
    if number < 2:
        return nan
    residual: Floats = clusters.hits - share * clusters.cases
    n = float((clusters.times * clusters.cases).sum())
    return number / (number - 1) * float((clusters.times * residual**2).sum()) / n**2


def exact_limits(
    share: float, n: int, variance: float, *, clusters: float, confidence: float
) -> tuple[Limits, float]:
    """Clopper and Pearson's limits at the number of independent answers the clusters are worth.

    n* = share (1 - share) / variance, times (t(n - 1) / t(clusters - 1))² for a variance that was
    estimated from so many clusters, and never above n. At a share of 0 or 1 the clusters show no
    variance, and each of them counts as one answer.

    Parameters
    ----------
    share : observed share
    n : answers
    variance : from `cluster_variance`
    clusters : number of clusters behind it, at least 2; need not be whole

    Returns
    -------
    limits : (low, high)
    effective : n*

    References
    ----------
    Korn and Graubard (1998), Confidence intervals for proportions with small expected number of
    positive counts estimated from survey data, Survey Methodology 24, 193-201

    Examples
    --------
    >>> limits, effective = exact_limits(0.5, 20, 0.0125, clusters=1e9, confidence=0.95)
    >>> [round(limit, 4) for limit in limits], round(effective, 2)
    ([0.272, 0.728], 20.0)
    """
    tail = (1 - confidence) / 2
    if 0 < share < 1 and variance > 0:
        widths = [float(stdtrit(max(freedom, 1e-6), 1 - tail)) for freedom in (n - 1, clusters - 1)]
        effective = min(share * (1 - share) / variance * (widths[0] / widths[1]) ** 2, float(n))
    else:
        effective = min(float(clusters), float(n))
    hits, misses = share * effective, (1 - share) * effective
    low = float(betaincinv(hits, misses + 1, tail)) if hits > 0 else 0.0
    high = float(betaincinv(hits + 1, misses, 1 - tail)) if misses > 0 else 1.0
    return (low, high), effective
