"""Where one person stands in a crew whose honest members differ from each other.

Tested against "everybody is the same", an honest crew is full of outliers: people have different
paces and eyes. Here somebody stands out only against "a person from this crew": the spread between
people is measured, robustly, and added to the scatter of each person's own figure.

Shapes are given in capitals: A annotators.
"""

from dataclasses import dataclass
from math import nan
from typing import Final

import numpy as np
from scipy.special import ndtri, stdtr, stdtrit

from metrics.tables import Floats

FEWEST: Final = 8
"""Below this many people the spread between them is a guess, and nobody is tested."""
_BEND: Final = 1.5
"""Deviations beyond this many standard deviations count as if they were this large."""
_BENT_SQUARE: Final = 0.7784652161744672
"""Mean of min(Z², 1.5²) for a standard normal Z."""
_FREEDOM_SHARE: Final = 0.6
"""Degrees of freedom of the bent scale for each person; by simulation at 8 to 100 people, with
spreads of .5 to 2.2 times the people's own scatter: at most .06 of crews have anybody below
.05 / A."""
_ALPHA: Final = 0.05
_POWER: Final = 0.8


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """People against their crew.

    Attributes
    ----------
    centre, spread : middle of the crew and standard deviation between its members
    deviation : ndarray of shape (A,), from the centre
    scatter : ndarray of shape (A,), standard deviation of `deviation` for an honest member
    p_value : ndarray of shape (A,), two-sided; nan for who was not measured, or in a small crew
    reach : ndarray of shape (A,)
        Smallest true deviation that would be found in 8 of 10 cases among so many people.
    """

    centre: float
    spread: float
    deviation: Floats
    scatter: Floats
    p_value: Floats
    reach: Floats


def standing(values: Floats, variances: Floats, *, centre: float = nan) -> Standing:
    """Place each person in the crew.

    Parameters
    ----------
    values : ndarray of shape (A,)
        What was measured on each person; nan where nothing was.
    variances : ndarray of shape (A,)
        Variance of each value around the person's own long-run value.
    centre : float
        Where an honest person stands, if that is known; the crew's own middle when nan.

    Returns
    -------
    Standing
        p-values are nan below 8 measured people, and where value or variance is nan.

    References
    ----------
    Spiegelhalter (2005), Funnel plots for comparing institutional performance, 10.1002/sim.1970;
    Huber (1981), Robust statistics, proposal 2

    Examples
    --------
    >>> values = np.array([0.0, 0.1, -0.1, 0.2, -0.2, 0.05, -0.05, 0.0, 3.0])
    >>> found = standing(values, np.full(9, 0.01))
    >>> bool(found.p_value[-1] < 0.001), bool(found.p_value[:-1].min() > 0.05)
    (True, True)
    """
    known = np.isfinite(values) & np.isfinite(variances) & (variances >= 0)
    people = int(known.sum())
    blank = np.full(len(values), nan)
    if people < FEWEST:
        middle = float(np.median(values[known])) if people and np.isnan(centre) else centre
        return Standing(middle, nan, values - middle, blank, blank, blank)
    y, v = values[known], np.maximum(variances[known], 1e-12)
    middle, between = _spread(y, v, centre)
    scatter = np.sqrt(between + np.where(known, np.maximum(variances, 1e-12), nan))
    share = np.maximum(between / scatter**2, 0.15)
    freedom = np.maximum(_FREEDOM_SHARE * (people - 1), 2.0) / share**2
    deviation = values - middle
    p_value = np.maximum(2 * stdtr(freedom, -np.abs(deviation / scatter)), 1e-300)
    wanted = stdtrit(freedom, 1 - _ALPHA / (2 * people)) + ndtri(_POWER)
    return Standing(middle, float(np.sqrt(between)), deviation, scatter, p_value, wanted * scatter)


def share_angle(share: Floats) -> Floats:
    """Return shares on the scale where their scatter does not depend on them: 2 arcsin √p.

    The variance of an observed share of n is then about 1 / n, also near 0 and 1, where the plain
    share is too skewed for any normal test.
    """
    angle: Floats = 2 * np.arcsin(np.sqrt(np.clip(share, 0.0, 1.0)))
    return angle


def steadied(successes: Floats, trials: Floats) -> tuple[Floats, Floats]:
    """Return Anscombe's angle of counted shares, and its variance.

    Examples
    --------
    >>> angle, variance = steadied(np.array([20.0]), np.array([20.0]))
    >>> round(float(angle[0]), 4), round(float(variance[0]), 4)
    (2.8719, 0.0488)
    """
    some = trials > 0
    share = np.divide(successes + 0.375, trials + 0.75, out=np.full(len(trials), nan), where=some)
    variance = np.divide(1.0, trials + 0.5, out=np.full(len(trials), nan), where=some)
    return share_angle(share), variance


def share_reach(expected: float, floor: float, *, below: bool) -> float:
    """Return how far a share `floor` away from the expected one lies on the scale of angles.

    nan where there is no room for so large a difference.
    """
    moved = expected - floor if below else expected + floor
    if not 0 <= moved <= 1:
        return nan
    first, second = share_angle(np.array([expected, moved]))
    return float(abs(second - first))


def _spread(y: Floats, v: Floats, centre: float) -> tuple[float, float]:
    """Return middle and variance between people: Huber's proposal 2 with known own variances."""
    wanted = _BENT_SQUARE * (len(y) - 1) / len(y)

    def excess(between: float) -> float:
        middle = _middle(y, v + between) if np.isnan(centre) else centre
        square = (y - middle) ** 2 / (v + between)
        return float(np.minimum(square, _BEND**2).mean()) - wanted

    around = float(np.median(y)) if np.isnan(centre) else centre
    low, high = 0.0, 10 * float(np.mean((y - around) ** 2)) + 10 * float(v.max())
    if excess(0.0) <= 0:
        high = 0.0
    for _ in range(60 if high > low else 0):
        half = (low + high) / 2
        low, high = (half, high) if excess(half) > 0 else (low, half)
    middle = _middle(y, v + high) if np.isnan(centre) else centre
    return middle, high


def _middle(y: Floats, variance: Floats) -> float:
    """Return the mean in which far values count less."""
    middle = float(np.median(y))
    for _ in range(10):
        z = np.abs(y - middle) / np.sqrt(variance)
        weight = np.minimum(1.0, _BEND / np.maximum(z, 1e-12)) / variance
        middle = float(weight @ y / weight.sum())
    return middle
