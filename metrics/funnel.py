"""Funnel: who stands outside what chance and the usual spread between people explain.

A crew is never made of identical people, so limits that know only sampling error flag everybody
who worked enough (over-dispersion). The spread between the others is estimated for each person
without that person, is robust against a few bad ones, and is drawn towards what honest crews show
where there are few to learn from. Shapes: A annotators.
"""

from dataclasses import dataclass, replace
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtrik, betainc, betaln, gammaln, ndtri, stdtr

from metrics.tables import Floats, Integers

FEW = 20
_WINSORISED = {True: (0.25, 0.2988, 0.6), False: (0.1, 0.6786, 0.9)}
"""Few people or not -> share taken back on each side, variance of a standard normal after that
(E[z²; |z| < c] + 2 share c²), and the share of the information of all people that is left."""
PRIOR_WEIGHT = 16.0
"""How many people the usual spread of an honest crew counts for."""
MANY = 60
"""From this many people on, one person more or less does not move the spread."""
INFORMATIVE = 2.0
"""People with fewer expected hits times misses than this say nothing about the spread."""
UNLUCKY = 0.1
"""Share of spammers whose luck may hide either sign; the two signs share most of that luck."""
EXACT_UP_TO = 2000
_HALVINGS = 25


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """What was measured on people, against what is expected of each of them.

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
    is_share, is_bounded : what kind of measure it is, see `outlying`
    """

    spread: Floats
    error: Floats
    freedom: Floats
    p_value: Floats
    is_share: bool
    is_bounded: bool


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


def additive_spread(distance: Floats, variance: Floats) -> Floats:
    """Variance between people beyond sampling error, robust against a few who stand out.

    tau² is where the winsorised mean square of distance / sqrt(variance + tau²), from the median,
    is what it is under the normal (Paule and Mandel's equation; Spiegelhalter's additive random
    effects with the same weights for all would be misled by unequal work).

    How different are people apart from chance? It misleads below about five people, where it is
    0 or huge by accident: see `outlying`.

    Parameters
    ----------
    distance, variance : ndarray of shape (..., A)

    References
    ----------
    Spiegelhalter (2005), Handling over-dispersion of performance indicators,
    10.1136/qshc.2005.013755; Paule and Mandel (1982), Consensus values and weighting factors,
    10.6028/jres.087.022

    Examples
    --------
    >>> float(additive_spread(np.array([0.0, 0.01, -0.01, 0.0]), np.full(4, 0.01)))
    0.0
    """
    people = distance.shape[-1]
    low = np.zeros(distance.shape[:-1])
    if people < 2:
        return low
    high = distance.max(axis=-1) - distance.min(axis=-1)
    high = high**2
    none = _surplus(distance, variance, low) <= 0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        more = _surplus(distance, variance, middle) > 0
        low, high = np.where(more, middle, low), np.where(more, high, middle)
    return np.where(none, 0.0, (low + high) / 2.0)


def _surplus(distance: Floats, variance: Floats, between: Floats) -> Floats:
    """Winsorised mean square of the standardised distances, less what is expected."""
    people = distance.shape[-1]
    z = distance / np.sqrt(variance + between[..., None])
    z = z - np.median(z, axis=-1, keepdims=True)
    share, usual, _ = _WINSORISED[people < FEW]
    ends = np.quantile(z, [share, 1.0 - share], axis=-1)
    kept = np.clip(z, ends[0][..., None], ends[1][..., None])
    return np.asarray((kept**2).mean(axis=-1) / usual - (people - 1) / people)


def outlying(
    standing: Measured, usual_spread: float, *, is_share: bool, is_bounded: bool = False
) -> Outlying:
    """Say how surprising each person's distance is for somebody who works like the others.

    Who stands outside the limits? t = difference / sqrt(sampling variance + spread²) with
    Satterthwaite's degrees of freedom; for shares of up to 2,000 items also the exact
    beta-binomial tail, and the larger p counts. It misleads where work was handed out by ability.

    Parameters
    ----------
    standing : Measured
    usual_spread : float
        Standard deviation between honest people, which counts for sixteen of them.
    is_share : bool
        Whether the measure is a share of items.
    is_bounded : bool
        Whether it lies between 0 and 1 otherwise; then the tail of the beta with the same mean and
        variance counts where it is the larger.
    """
    known = _known(standing)
    distance = np.where(known, standing.observed - standing.expected, 0.0)
    variance = np.where(known, standing.variance, 1.0)
    tells = known & _tells(standing, is_share=is_share)
    spread, others = _spread_of_others(distance, variance, tells, usual_spread)
    total = variance + spread**2
    with np.errstate(divide="ignore", over="ignore"):
        freedom = np.minimum((PRIOR_WEIGHT + others) * (total / spread**2) ** 2, 1e6)
    error = np.where(known, np.sqrt(total), np.nan)
    untested = np.full(len(error), np.nan)
    found = Outlying(spread, error, freedom, untested, is_share, is_bounded)
    return replace(found, p_value=p_values(standing, found))


def p_values(standing: Measured, found: Outlying) -> Floats:
    """Return how surprising the observed values are for people whose spread is already known.

    With other values in `standing` than those the spread was found from, it says how surprising
    these would have been.
    """
    known = _known(standing)
    distance = np.where(known, standing.observed - standing.expected, 0.0)
    total = np.where(known, standing.variance, 1.0) + found.spread**2
    tail = stdtr(found.freedom, -np.abs(distance) / np.sqrt(total))
    if found.is_share:
        tail = np.maximum(tail, _share_tails(standing, found.spread, known))
    if found.is_bounded:
        tail = np.maximum(tail, _beta_tails(standing, total, known))
    return np.where(known, np.clip(2.0 * tail, 1e-300, 1.0), np.nan)


def p_if_blind(
    standing: Measured, found: Outlying, value: Floats, blind: Floats, *, with_error: bool = True
) -> Floats:
    """Return the p-value people would have at `value`, where it is near enough to `blind`.

    Near enough is nearer to `blind`, with the error of a share, than to what is expected; else 1.
    """
    n = np.maximum(standing.n, 1)
    error = np.sqrt(np.clip(value * (1.0 - value), 0.0, None) / n) if with_error else 0.0
    with np.errstate(invalid="ignore"):
        near = (value + error <= (standing.expected + blind) / 2.0) & (standing.expected > blind)
    p_value = p_values(replace(standing, observed=value), found)
    return np.where(near & np.isfinite(p_value), p_value, 1.0)


def unluckiest_share(share: Floats, n: Integers) -> Floats:
    """Return the share of hits that somebody with this chance of a hit exceeds in 1 of 10 cases.

    Examples
    --------
    >>> unluckiest_share(np.array([0.5]), np.array([20])).tolist()
    [0.65]
    """
    known = np.isfinite(share) & (n > 0)
    size, chance = np.where(known, n, 1), np.where(known, np.clip(share, 1e-6, 1 - 1e-6), 0.5)
    hits = np.ceil(bdtrik(1.0 - UNLUCKY, size.astype(np.float64), chance))
    return np.where(known, np.clip(hits / size, 0.0, 1.0), np.nan)


def detects(found: Outlying, difference: Floats, family: int, level: float = 0.05) -> np.ndarray:
    """Say whether a true difference would be found in 8 of 10 cases, as one of `family` tests."""
    critical = -ndtri(level / (2.0 * max(family, 1)))
    with np.errstate(invalid="ignore"):
        # The quantile of t in Cornish and Fisher's first order, enough for a yes or no.
        bent = critical + (critical**3 + critical) / (4.0 * found.freedom)
        return np.asarray(np.abs(difference) / found.error >= bent + ndtri(0.8))


def _known(standing: Measured) -> NDArray[np.bool_]:
    measured = np.isfinite(standing.observed) & np.isfinite(standing.expected) & (standing.n > 0)
    return np.asarray(measured & (standing.variance > 0))


def _tells(standing: Measured, *, is_share: bool) -> np.ndarray:
    """Whether somebody did enough to say something about the spread between people."""
    if not is_share:
        return standing.n >= 10
    share = np.nan_to_num(standing.expected, nan=0.0)
    enough = standing.n * share * (1.0 - share) >= INFORMATIVE
    return enough if enough.sum() >= 4 else standing.n >= 5


def _spread_of_others(
    distance: Floats, variance: Floats, tells: np.ndarray, usual: float
) -> tuple[Floats, Floats]:
    """Return, for each person, the spread between the others and the freedom it rests on."""
    people = len(distance)
    if tells.sum() > MANY:
        pooled, freedom = _moderated(distance[tells], variance[tells], usual)
        return np.full(people, float(pooled)), np.full(people, freedom)
    spread, freedom_of = np.empty(people), np.empty(people)
    inside = np.flatnonzero(tells)
    everybody = _moderated(distance[inside], variance[inside], usual)
    spread[:], freedom_of[:] = everybody
    if len(inside) > 1:
        rest = np.array([np.delete(inside, place) for place in range(len(inside))])
        spread[inside], freedom_of[inside] = _moderated(distance[rest], variance[rest], usual)
    return spread, freedom_of


def _moderated(distance: Floats, variance: Floats, usual: float) -> tuple[Floats, float]:
    """Return the spread, drawn to the usual one, and the degrees of freedom of the estimate."""
    people = distance.shape[-1]
    weight = _WINSORISED[people < FEW][2] * max(people - 1, 0)
    between = PRIOR_WEIGHT * usual**2 + weight * additive_spread(distance, variance)
    return np.sqrt(between / (PRIOR_WEIGHT + weight)), weight


def _beta_tails(standing: Measured, total: Floats, known: np.ndarray) -> Floats:
    mean = np.where(known, np.clip(standing.expected, 0.01, 0.99), 0.5)
    weight = np.maximum(mean * (1.0 - mean) / np.where(known, total, 0.01) - 1.0, 0.5)
    at = np.where(known, np.clip(standing.observed, 0.0, 1.0), 0.5)
    below = betainc(mean * weight, (1.0 - mean) * weight, at)
    return np.asarray(np.minimum(below, 1.0 - below))


def _share_tails(standing: Measured, spread: Floats, known: np.ndarray) -> Floats:
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
