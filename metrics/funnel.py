"""Funnel: who stands outside what chance and the usual spread between people explain.

A crew is never made of identical people, so limits that know only sampling error flag everybody
who worked enough (over-dispersion). The spread between the others is estimated for each person
without that person, is robust against a few bad ones, and is drawn towards what honest crews show
where there are few to learn from. Shapes: A annotators.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy.special import betaln, gammaln, ndtri, stdtr

from metrics.tables import Floats, Integers

WINSORISED = 0.1
"""Share of people on each side whose distance is taken back to that of the last one kept."""
_WINSORISED_VARIANCE = 0.6786
"""Variance of a standard normal after that: E[z²; |z| < 1.2816] + 0.2 * 1.2816²."""
PRIOR_WEIGHT = 8.0
"""How many people the usual spread of an honest crew counts for."""
MANY = 60
"""From this many people on, one person more or less does not move the spread."""
INFORMATIVE = 2.0
"""People with fewer expected hits times misses than this say nothing about the spread."""
EXACT_UP_TO = 2000


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """Where people stand against what is expected of each of them.

    Attributes
    ----------
    observed, expected : ndarray of shape (A,)
        Per item, on the scale of the measure; nan where there is nothing.
    variance : ndarray of shape (A,)
        Sampling variance of their difference if the person works like the others.
    n : ndarray of shape (A,)
        Items behind it.
    """

    observed: Floats
    expected: Floats
    variance: Floats
    n: Integers


@dataclass(frozen=True, slots=True, eq=False)
class Outlying:
    """How far each person stands out: spread between people, error, p-value.

    Attributes
    ----------
    spread : ndarray of shape (A,)
        Standard deviation between people, estimated from the others.
    error : ndarray of shape (A,)
        sqrt(sampling variance + spread²).
    freedom : ndarray of shape (A,)
    p_value : ndarray of shape (A,)
        Two-sided; nan where nothing can be tested.
    """

    spread: Floats
    error: Floats
    freedom: Floats
    p_value: Floats


def funnel_limits(centre: float, n: int, z: float) -> tuple[float, float]:
    """Limits of a share around the crew's: centre ± z sqrt(centre (1 - centre) / n).

    Between which shares do people lie who are exactly like the crew? It misleads where people
    differ for harmless reasons: see `outlying`, which adds the spread between them.

    References
    ----------
    Spiegelhalter (2005), Funnel plots for comparing institutional performance, 10.1002/sim.1970

    Examples
    --------
    >>> round(funnel_limits(0.9, 50, 1.96)[0], 6)
    0.816844
    """
    half = z * sqrt(centre * (1.0 - centre) / n)
    return max(0.0, centre - half), min(1.0, centre + half)


def exact_lower_count(centre: float, n: int, tail: float) -> int:
    """Smallest count whose lower binomial tail reaches `tail`: fewer are outside the limit.

    Examples
    --------
    >>> exact_lower_count(0.9, 50, 0.025), exact_lower_count(0.9, 50, 0.001)
    (41, 37)
    """
    counts = np.arange(n + 1, dtype=np.float64)
    log_choose = gammaln(n + 1) - gammaln(counts + 1) - gammaln(n - counts + 1)
    with np.errstate(divide="ignore"):
        mass = np.exp(log_choose + counts * np.log(centre) + (n - counts) * np.log1p(-centre))
    return int(np.searchsorted(np.cumsum(mass), tail))


def additive_spread(distance: Floats, variance: Floats) -> float:
    """Variance between people beyond sampling error, by Spiegelhalter's additive random effects.

    phi = mean of squared winsorised z / its expectation under the normal;
    tau² = max(0, (I phi - (I - 1)) / (sum w - sum w² / sum w)), w = 1 / variance.

    How different are people apart from chance? It misleads below about five people, where it is
    0 or huge by accident: see `outlying`.

    References
    ----------
    Spiegelhalter (2005), Handling over-dispersion of performance indicators,
    10.1136/qshc.2005.013755
    """
    people = len(distance)
    if people < 2:
        return 0.0
    z = distance / np.sqrt(variance)
    low, high = np.quantile(z, [WINSORISED, 1.0 - WINSORISED])
    phi = float(np.mean(np.clip(z, low, high) ** 2)) / _WINSORISED_VARIANCE
    weights = 1.0 / variance
    total = float(weights.sum())
    room = total - float((weights**2).sum()) / total
    return max(0.0, (people * phi - (people - 1)) / room) if room > 0 else 0.0


def outlying(standing: Standing, usual_spread: float, *, is_share: bool) -> Outlying:
    """Say how surprising each person's distance is for somebody who works like the others.

    Who stands outside the limits? t = difference / sqrt(sampling variance + spread²) with
    Satterthwaite's degrees of freedom; for shares of up to 2,000 items also the exact
    beta-binomial tail, and the larger p counts. It misleads where work was handed out by ability.

    Parameters
    ----------
    standing : Standing
    usual_spread : float
        Standard deviation between honest people, which counts for eight of them.
    is_share : bool
        Whether the measure is a share of items.
    """
    known = np.isfinite(standing.observed) & np.isfinite(standing.expected) & (standing.n > 0)
    known &= standing.variance > 0
    distance = np.where(known, standing.observed - standing.expected, 0.0)
    variance = np.where(known, standing.variance, 1.0)
    tells = known & _tells(standing, is_share=is_share)
    spread, others = _spread_of_others(distance, variance, tells, usual_spread)
    freedom = PRIOR_WEIGHT + np.maximum(others - 1, 0)
    total = variance + spread**2
    with np.errstate(divide="ignore", over="ignore"):
        freedom = np.minimum(freedom * (total / spread**2) ** 2, 1e6)
    tail = stdtr(freedom, -np.abs(distance) / np.sqrt(total))
    if is_share:
        tail = np.maximum(tail, _share_tails(standing, spread, known))
    p_value = np.where(known, np.clip(2.0 * tail, 1e-300, 1.0), np.nan)
    return Outlying(spread, np.where(known, np.sqrt(total), np.nan), freedom, p_value)


def detects(found: Outlying, difference: Floats, family: int, level: float = 0.05) -> np.ndarray:
    """Say whether a true difference would be found in 8 of 10 cases, as one of `family` tests."""
    critical = -ndtri(level / (2.0 * max(family, 1)))
    with np.errstate(invalid="ignore"):
        # The quantile of t in Cornish and Fisher's first order, enough for a yes or no.
        bent = critical + (critical**3 + critical) / (4.0 * found.freedom)
        return np.asarray(np.abs(difference) / found.error >= bent + ndtri(0.8))


def _tells(standing: Standing, *, is_share: bool) -> np.ndarray:
    """Whether somebody did enough to say something about the spread between people."""
    if not is_share:
        return standing.n >= 10
    share = np.nan_to_num(standing.expected, nan=0.0)
    enough = standing.n * share * (1.0 - share) >= INFORMATIVE
    return enough if enough.sum() >= 4 else standing.n >= 5


def _spread_of_others(
    distance: Floats, variance: Floats, tells: np.ndarray, usual: float
) -> tuple[Floats, Floats]:
    """Return, for each person, the spread between the others and how many it rests on."""
    people = len(distance)
    number = int(tells.sum())
    if number > MANY:
        pooled = _moderated(additive_spread(distance[tells], variance[tells]), number, usual)
        return np.full(people, pooled), np.full(people, float(number))
    spread, others = np.empty(people), np.empty(people)
    for one in range(people):
        kept = tells.copy()
        kept[one] = False
        others[one] = kept.sum()
        between = additive_spread(distance[kept], variance[kept])
        spread[one] = _moderated(between, int(others[one]), usual)
    return spread, others


def _moderated(between: float, people: int, usual: float) -> float:
    weight = max(people - 1, 0)
    return sqrt((PRIOR_WEIGHT * usual**2 + weight * between) / (PRIOR_WEIGHT + weight))


def _share_tails(standing: Standing, spread: Floats, known: np.ndarray) -> Floats:
    """Exact tail of the beta-binomial with the same mean and spread between people."""
    tails = np.zeros(len(spread))
    for one in np.flatnonzero(known & (standing.n <= EXACT_UP_TO)):
        n, mean = int(standing.n[one]), float(np.clip(standing.expected[one], 1e-6, 1 - 1e-6))
        likeness = min(spread[one] ** 2 / (mean * (1.0 - mean)), 0.5)
        weight = 1.0 / max(likeness, 1e-6) - 1.0
        counts = np.arange(n + 1, dtype=np.float64)
        mass = np.exp(
            gammaln(n + 1)
            - gammaln(counts + 1)
            - gammaln(n - counts + 1)
            + betaln(counts + mean * weight, n - counts + (1.0 - mean) * weight)
            - betaln(mean * weight, (1.0 - mean) * weight)
        )
        hits = round(float(standing.observed[one]) * n)
        tails[one] = min(mass[: hits + 1].sum(), mass[hits:].sum(), 0.5)
    return tails
