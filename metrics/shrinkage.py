"""Shrinkage: what is known of one person's rate, given that of everybody else.

Raw rates of people with little work are the highest and the lowest; drawn towards the crew's they
can be compared. The crew's own mean and spread are not known either, and the intervals carry that.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv, betaln, expit

from metrics.tables import Floats

_GRID_MEAN = 41
_GRID_WEIGHT = 41
_LARGEST_WEIGHT = 4000.0


@dataclass(frozen=True, slots=True, eq=False)
class Shrunken:
    """Posterior of each person's rate.

    Attributes
    ----------
    value, low, high : ndarray of shape (A,)
        Posterior mean and interval with equal tails; nan without any trial.
    variance : ndarray of shape (A,)
    mean, weight : float
        Mean of the crew, and how many trials knowing the crew is worth (posterior means).
    """

    value: Floats
    low: Floats
    high: Floats
    variance: Floats
    mean: float
    weight: float


def beta_binomial(hits: Floats, trials: Floats, *, confidence: float = 0.95) -> Shrunken:
    """Shrink rates towards their common mean, with the uncertainty of mean and spread carried over.

    hits ~ binomial(trials, theta), theta ~ beta(mean * weight, (1 - mean) * weight). The marginal
    likelihood of mean and weight is laid out on a grid, times a flat prior in the mean and in the
    standard deviation between people, and each posterior is averaged over it. Numbers need not be
    whole: evidence that is worth 12.5 trials counts as that.

    What would this person's rate be on many more items? It misleads where a crew is two crews,
    careful people and spammers: both are drawn to a middle where nobody is.

    Parameters
    ----------
    hits, trials : ndarray of shape (A,)
    confidence : float in (0, 1)

    References
    ----------
    Efron and Morris (1975), 10.1080/01621459.1975.10479864; Kass and Steffey (1989), Approximate
    Bayesian inference in conditionally independent hierarchical models,
    10.1080/01621459.1989.10478825 (uncertainty of the hyperparameters)

    Examples
    --------
    >>> found = beta_binomial(np.array([9.0, 80.0, 85.0]), np.array([10.0, 100.0, 100.0]))
    >>> bool(found.value[0] < 0.9)
    True
    """
    hits, trials = np.asarray(hits, dtype=np.float64), np.asarray(trials, dtype=np.float64)
    worked = trials > 0
    blank = np.full(len(trials), np.nan)
    if not worked.any():
        return Shrunken(blank, blank, blank, blank, np.nan, np.nan)
    mean, weight, chance = _crew(hits[worked], trials[worked])
    first, second = np.zeros(len(trials)), np.zeros(len(trials))
    for one_mean, one_weight, one_chance in zip(mean, weight, chance, strict=True):
        above = hits + one_mean * one_weight
        total = trials + one_weight
        at = above / total
        first += one_chance * at
        second += one_chance * (at * (1.0 - at) / (total + 1.0) + at * at)
    variance = np.maximum(second - first**2, 1e-12)
    low, high = _beta_limits(first, variance, confidence)
    return Shrunken(
        value=np.where(worked, first, np.nan),
        low=np.where(worked, low, np.nan),
        high=np.where(worked, high, np.nan),
        variance=np.where(worked, variance, np.nan),
        mean=float((chance * mean).sum()),
        weight=float((chance * weight).sum()),
    )


def james_stein(values: Floats, variance: float) -> Floats:
    """Shrink values of equal variance towards their mean.

    value = mean + (1 - (k - 3) variance / S) (x - mean), S = sum (x - mean)²; the factor is never
    below 0. The reference case for shrinkage; `beta_binomial` is what is used, because people
    work unequal amounts.

    References
    ----------
    Efron and Morris (1975), Data analysis using Stein's estimator and its generalizations,
    10.1080/01621459.1975.10479864

    Examples
    --------
    >>> hits = np.array([18, 17, 16, 15, 14, 14, 13, 12, 11, 11, 10, 10, 10, 10, 10, 9, 8, 7]) / 45
    >>> mean = hits.mean()
    >>> [round(float(james_stein(hits, mean * (1 - mean) / 45)[one]), 4) for one in (0, -1)]
    [0.2939, 0.2422]
    """
    mean = values.mean()
    scatter = float(((values - mean) ** 2).sum())
    factor = max(0.0, 1.0 - (len(values) - 3) * variance / scatter) if scatter > 0 else 0.0
    return np.asarray(mean + factor * (values - mean))


def _crew(hits: Floats, trials: Floats) -> tuple[Floats, Floats, Floats]:
    """Return means, weights and their posterior chances, those that matter only."""
    centre = (hits.sum() + 0.5) / (trials.sum() + 1.0)
    reach = 6.0 * (1.0 / np.sqrt(len(hits)) + 1.0 / np.sqrt(trials.sum()))
    logit = np.log(centre / (1.0 - centre))
    means = np.linspace(expit(logit - reach), expit(logit + reach), _GRID_MEAN)
    # Even steps in sd between people: sd² = mean (1 - mean) / (weight + 1), up to the whole range.
    shares = np.linspace(1.0 / np.sqrt(_LARGEST_WEIGHT + 1.0), 0.95, _GRID_WEIGHT)
    for _ in range(2):
        weights = 1.0 / shares**2 - 1.0
        mean, weight = (grid.ravel() for grid in np.meshgrid(means, weights))
        above, below = mean * weight, (1.0 - mean) * weight
        fit = np.zeros(len(mean))
        kinds, times = np.unique(np.stack([hits, trials]), axis=1, return_counts=True)
        for (hit, trial), many in zip(kinds.T, times, strict=True):
            fit += many * (betaln(hit + above, trial - hit + below) - betaln(above, below))
        # Flat in the standard deviation, which is the grid's share times sqrt(mean (1 - mean)).
        fit += 0.5 * np.log(mean * (1.0 - mean))
        chance = np.exp(fit - fit.max())
        chance /= chance.sum()
        matters = chance > 1e-4 * chance.max()
        means = _refined(means, mean[matters])
        shares = _refined(shares, 1.0 / np.sqrt(weight[matters] + 1.0))
    kept = chance > 1e-5 * chance.max()
    return mean[kept], weight[kept], chance[kept] / chance[kept].sum()


def _refined(points: Floats, matter: Floats) -> Floats:
    """Lay the same number of points over the stretch that matters."""
    ordered = np.sort(points)
    low = max(np.searchsorted(ordered, matter.min() - 1e-12) - 1, 0)
    high = min(np.searchsorted(ordered, matter.max() - 1e-12) + 1, len(ordered) - 1)
    return np.linspace(ordered[low], ordered[high], len(points))


def _beta_limits(mean: Floats, variance: Floats, confidence: float) -> tuple[Floats, Floats]:
    """Limits of the beta distribution with that mean and variance."""
    weight = np.maximum(mean * (1.0 - mean) / variance - 1.0, 1e-3)
    tail = (1.0 - confidence) / 2.0
    above, below = mean * weight, (1.0 - mean) * weight
    low, high = betaincinv(above, below, tail), betaincinv(above, below, 1.0 - tail)
    return np.asarray(low), np.asarray(high)
