"""Closed-form standard errors of agreement coefficients, by linearisation.

Items are taken as independent. The jackknife is the default everywhere; these are here because
papers and other packages print them.

Shapes: P distinct units, F features.
"""

from collections.abc import Callable

import numpy as np

from metrics.tables import Floats

# Features (P, F) and multiplicities (P,) to standard error and degrees of freedom.
Linearisation = Callable[[Floats, Floats], tuple[float, float]]


def ratio_error(features: Floats, weights: Floats) -> tuple[float, float]:
    """Return the standard error of a ratio of totals, sum y / sum x, from features (y, x).

    Returns
    -------
    float
        sqrt(N / (N - 1) sum (y - ratio x)²) / sum x over the N units with x > 0.
    float
        Degrees of freedom, N - 1.
    """
    upper, lower = features[:, 0], features[:, 1]
    number = float(weights[lower > 0].sum())
    if number < 2:
        return float("nan"), number - 1.0
    whole = weights @ lower
    residual = upper - (weights @ upper) / whole * lower
    variance = number / (number - 1.0) * (weights @ np.square(residual)) / np.square(whole)
    return float(np.sqrt(variance)), number - 1.0


def chance_corrected_error(
    features: Floats, weights: Floats, chance: Callable[[Floats], Floats]
) -> tuple[float, float]:
    """Gwet's standard error of a chance-corrected coefficient with missing ratings.

    With N rated items, N2 of them with two ratings or more, and a_i the agreement of item i:
    k_i = (N / N2) (a_i - Pe) / (1 - Pe) where m_i >= 2, else 0;
    k*_i = k_i - (1 - coefficient) dPe_i / (1 - Pe), dPe_i the slope of Pe towards item i;
    variance = sum (k*_i - coefficient)² / (N (N - 1)).

    Parameters
    ----------
    features : ndarray of shape (P, 2 + Q)
        Agreement, whether pairable, and label shares of each unit.
    weights : ndarray of shape (P,)
    chance : callable
        Prevalences (..., Q) to Pe (...), a polynomial of degree two at most.

    Returns
    -------
    float
        Standard error.
    float
        Degrees of freedom, N - 1.

    References
    ----------
    Gwet (2014), Handbook of Inter-Rater Reliability, 4th ed., chapter 5.
    """
    agreement, pairable, shares = features[:, 0], features[:, 1], features[:, 2:]
    rated = weights * (shares.sum(axis=1) > 0)
    number, compared = float(rated.sum()), float(weights @ pairable)
    if number < 2 or compared == 0:
        return float("nan"), number - 1.0
    prevalence = rated @ shares / number
    expected = chance(prevalence)
    value = (weights @ agreement / compared - expected) / (1.0 - expected)
    unit = number / compared * pairable * (agreement - expected) / (1.0 - expected)
    # Exact for a polynomial of degree two: the difference over a whole step to either side.
    slope = (chance(shares) - chance(2.0 * prevalence - shares)) / 2.0
    unit -= (1.0 - value) * slope / (1.0 - expected)
    variance = rated @ np.square(unit - value) / (number * (number - 1.0))
    return float(np.sqrt(variance)), number - 1.0
