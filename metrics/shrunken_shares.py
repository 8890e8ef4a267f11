"""Shares of several people, each drawn to the crew's as far as its own evidence is thin."""

from dataclasses import dataclass

import numpy as np
from scipy.special import betainc, betaln

from metrics.tables import Floats, Integers

_GRID = 40
_HALVINGS = 30


@dataclass(frozen=True, slots=True, eq=False)
class Shrunken:
    """Posterior of each person's share: mean, standard deviation, limits; each of shape (N,)."""

    mean: Floats
    deviation: Floats
    low: Floats
    high: Floats


def shrunken_shares(hits: Integers, n: Integers, *, confidence: float = 0.95) -> Shrunken:
    """Empirical Bayes for shares, not knowing how alike the people are.

    How good is somebody of whom only a few cases are known? Shares come from a beta distribution
    whose mean and spread are summed over a grid by how well they explain all people, so that the
    limits hold that doubt too. It misleads where the people are of two kinds: then the thin ones
    are drawn to a middle where nobody is.

    Parameters
    ----------
    hits, n : ndarray of shape (N,)
        n of 0 is allowed: such a person has the crew's share with wide limits.

    References
    ----------
    Morris (1983), Parametric empirical Bayes inference, 10.1080/01621459.1983.10477920

    Examples
    --------
    >>> found = shrunken_shares(np.array([9, 45, 2]), np.array([10, 50, 2]))
    >>> bool(found.mean[2] < 1), bool(found.low[1] > found.low[2])
    (True, True)
    """
    hits, n = hits.astype(np.float64), n.astype(np.float64)
    mean = (np.arange(_GRID) + 0.5) / _GRID
    size = np.geomspace(1.0, 400.0, _GRID)
    a = (mean[:, None] * size).ravel()
    b = ((1 - mean)[:, None] * size).ravel()
    log_weight = (betaln(a[:, None] + hits, b[:, None] + n - hits) - betaln(a, b)[:, None]).sum(
        axis=1
    )
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    likely = weight > weight.max() * 1e-5
    a, b, weight = a[likely], b[likely], weight[likely] / weight[likely].sum()
    first, second = a[:, None] + hits, b[:, None] + n - hits
    centre = first / (first + second)
    inside = centre * (1 - centre) / (first + second + 1)
    expected = weight @ centre
    deviation = np.sqrt(weight @ inside + weight @ (centre - expected) ** 2)
    tail = (1 - confidence) / 2
    low, high = (_quantile(weight, first, second, level) for level in (tail, 1 - tail))
    return Shrunken(expected, deviation, low, high)


def _quantile(weight: Floats, first: Floats, second: Floats, level: float) -> Floats:
    """Return the quantile of each person's mixture of beta distributions, by bisection."""
    low, high = np.zeros(first.shape[1]), np.ones(first.shape[1])
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        below = weight @ betainc(first, second, middle) < level
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    found: Floats = (low + high) / 2
    return found


def not_told_apart(
    mean: Floats, deviation: Floats, *, critical: float = 1.959964
) -> list[list[int]]:
    """Return for each person the others whose share may well be the same."""
    gap = np.abs(mean[:, None] - mean)
    near = gap < critical * np.sqrt(deviation[:, None] ** 2 + deviation**2)
    np.fill_diagonal(near, val=False)
    return [np.flatnonzero(row).tolist() for row in near]
