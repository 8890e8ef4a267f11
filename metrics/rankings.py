"""Agreement of rankings: Kendall's W of several full ones, Kendall's tau-b of two orders."""

from math import isnan, sqrt

import numpy as np
from scipy.special import chdtrc, stdtrit

from metrics.coefficients import ratio
from metrics.estimates import Estimate
from metrics.sufficiency import MINIMUM_UNITS
from metrics.tables import Floats


def kendall_w(ranks: Floats) -> Estimate:
    """Kendall's coefficient of concordance of several full rankings, corrected for ties.

    Do the rankers put the candidates in one order? It misleads for partial rankings (compare
    pairs instead) and for two rankers: opposite orders give 0, not -1.

    Parameters
    ----------
    ranks : ndarray of shape (M rankers, N candidates)
        Ranks or scores; ties get mean ranks.

    Returns
    -------
    Estimate
        1 one order, 0 no common order at all. n is the number of rankers. There is no interval;
        provenance holds chi2 = M (N - 1) W, its degrees of freedom and p value under independent
        orders, and the mean Spearman correlation (M W - 1) / (M - 1). Undefined with fewer than
        2 rankers or candidates, or when every ranking is one tie.

    Raises
    ------
    ValueError
        When the table is not two-dimensional or has gaps.

    References
    ----------
    Kendall and Babington Smith (1939), The problem of m rankings, 10.1214/aoms/1177732186

    Examples
    --------
    >>> round(kendall_w(np.array([[1, 2, 3], [1, 2, 3], [1, 3, 2]], float)).value, 4)
    0.7778
    """
    if ranks.ndim != 2 or not np.isfinite(ranks).all():
        raise ValueError(
            f"ranks of shape {ranks.shape} must be a table of rankers by candidates without gaps"
        )
    rankers, candidates = ranks.shape
    blank = Estimate(n=rankers, n_unit="rankings", method="Kendall W, corrected for ties")
    if rankers < 2 or candidates < 2:
        reason = f"{rankers} rankings of {candidates} candidates; two of each are needed"
        return blank.but(status="undefined", reason=reason)
    placed = np.array([_mean_ranks(row) for row in ranks])
    ties = sum(float((size**3 - size).sum()) for size in map(_tie_sizes, ranks))
    deviation = float(np.square(placed.sum(axis=0) - rankers * (candidates + 1) / 2).sum())
    possible = rankers**2 * (candidates**3 - candidates) - rankers * ties
    if possible <= 0:
        return blank.but(status="undefined", reason="every ranking is a single tie")
    value = 12 * deviation / possible
    chi2, freedom = rankers * (candidates - 1) * value, candidates - 1
    return blank.but(
        value=value,
        provenance={
            "chi2": chi2,
            "degrees_of_freedom": freedom,
            "p_value": float(chdtrc(freedom, chi2)),
            "mean_spearman": (rankers * value - 1) / (rankers - 1),
        },
    )


def kendall_tau_b(first: Floats, second: Floats, *, confidence: float = 0.95) -> Estimate:
    """Kendall's tau-b: agreement of two orders of the same things, corrected for ties.

    Do two judges, or a judge and a score, order things alike? It misleads when one of them ties
    nearly everything: the few pairs left decide.

    Parameters
    ----------
    first, second : ndarray of shape (N,)
        Ranks or scores of the same things.
    confidence : float in (0, 1)
        Level of the delete-one jackknife interval.

    Returns
    -------
    Estimate
        1 the same order, 0 no relation, -1 opposite orders. n is the number of things.
        Undefined with fewer than 2, or when one order is a single tie. Insufficient below 20.

    Raises
    ------
    ValueError
        When the two differ in length or have gaps.

    References
    ----------
    Kendall (1945), The treatment of ties in ranking problems, 10.1093/biomet/33.3.239; Arvesen
    (1969), Jackknifing U-statistics, 10.1214/aoms/1177697287

    Examples
    --------
    >>> first, second = np.array([12.0, 2, 1, 12, 2]), np.array([1.0, 4, 7, 1, 0])
    >>> round(kendall_tau_b(first, second).value, 4)
    -0.4714
    """
    if first.shape != second.shape or first.ndim != 1:
        raise ValueError(f"orders of shapes {first.shape} and {second.shape}; give one length")
    if not (np.isfinite(first).all() and np.isfinite(second).all()):
        raise ValueError("orders must have no gaps")
    n = len(first)
    blank = Estimate(confidence=confidence, n=n, method="Kendall tau-b; delete-one jackknife, t")
    if n < 2:
        return blank.but(status="undefined", reason=f"{n} things have no order")
    by_one = np.stack(_concordance(first, second))
    value = float(_tau(by_one.sum(axis=1) / 2))
    if isnan(value):
        return blank.but(status="undefined", reason="one order is a single tie")
    blank = blank.but(value=value)
    left = _tau(by_one.sum(axis=1, keepdims=True) / 2 - by_one)
    error = sqrt((n - 1) / n * float(np.square(left - left.mean()).sum()))
    if isnan(error) or error == 0:
        reason = "leaving single things out does not tell how sure the value is"
        return blank.but(status="insufficient", reason=reason)
    reach = float(stdtrit(n - 1, 0.5 + confidence / 2)) * error
    few = n < MINIMUM_UNITS
    return blank.but(
        low=max(-1.0, value - reach),
        high=min(1.0, value + reach),
        status="insufficient" if few else "ok",
        reason=f"too little data: {n} things, {MINIMUM_UNITS} are needed" if few else "",
    )


def _mean_ranks(row: Floats) -> Floats:
    _, place, size = np.unique(row, return_inverse=True, return_counts=True)
    last = np.cumsum(size)
    return np.asarray((last - (size - 1) / 2)[place].reshape(len(row)), dtype=np.float64)


def _tie_sizes(row: Floats) -> Floats:
    return np.unique(row, return_counts=True)[1].astype(np.float64)


def _concordance(first: Floats, second: Floats) -> tuple[Floats, Floats, Floats]:
    """For each thing: concordant less discordant pairs it is in, and pairs untied in each order."""
    signs = np.sign(first[:, None] - first), np.sign(second[:, None] - second)
    return (
        (signs[0] * signs[1]).sum(axis=1),
        np.abs(signs[0]).sum(axis=1),
        np.abs(signs[1]).sum(axis=1),
    )


def _tau(sums: Floats) -> Floats:
    return np.asarray(ratio(sums[0], np.sqrt(np.maximum(sums[1] * sums[2], 0.0))))
