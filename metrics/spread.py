"""From values after deletion to an interval: variance, bend of the scale, limits.

All functions take leading axes, so the simulation that justifies them (`benchmarks/coverage.py`)
runs this very code.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from metrics.resampling import Deletions, influences
from metrics.tables import Floats

# How much of the bend comes from the skewness of influences, and how much from the log scale; the
# lower limit bends a little less than the log scale. Chosen by simulation: benchmarks/coverage.py.
SKEWNESS_SHARE = 0.8
LOG_SHARE = 0.5
LOWER_SHARE = 0.85


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """How uncertain a value is, and how much data says so; shapes (...).

    Attributes
    ----------
    variance : jackknife variance of the value
    freedom : degrees of freedom of that variance
    units : number of deleted units (items, groups or annotators)
    effective : how many equally influential units would carry the same information,
        (sum of squared influences)² / sum of fourth powers
    skewness : how much further the value may err upwards (positive) than downwards;
        -inf where unknown, which means the log scale
    """

    variance: Floats
    freedom: Floats
    units: Floats
    effective: Floats
    skewness: Floats | float = -np.inf


def jackknife_spread(deletions: Deletions) -> Spread:
    """Delete-one variance of a value, with the skewness of what single units do to it."""
    weights = deletions.weights
    units = weights.sum(axis=-1)
    influence, error = influences(deletions.values, weights)
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = np.square(error) * units / (units - 1.0)
        second = (weights * influence**2).sum(axis=-1)
        skewness = (weights * influence**3).sum(axis=-1) / second**1.5
        effective = second * second / (weights * influence**4).sum(axis=-1)
    skewness = np.nan_to_num(skewness, nan=0.0) + 2.0 * deletions.curvature
    effective = np.where(second > 0, effective, 0.0)
    return Spread(variance, units - 1.0, units, effective, skewness)


def limits(
    value: Floats,
    spread: Spread,
    confidence: float,
    *,
    floor: float,
    ceiling: float,
    evenness: Floats | float = 1.0,
) -> tuple[Floats, Floats]:
    """Interval limits, unequal to both sides where the data are.

    With t the quantile, s the standard error and b the bend: value + s (exp(b t) - 1) / b above,
    value + s (exp(-b t) - 1) / b below; b = 0 is the symmetric interval. Disagreements are often
    few, and the distance to full agreement is a count of them: that alone asks for the log
    scale, b = -s / (ceiling - value). Where agreements are the rare event instead, as for a low
    coefficient under skew, the skewness of the influences says so and turns the bend around.

    Where few disagreements weigh nearly everything (`evenness` below 1, as with squared distances)
    a sample may hold too few of them: the lower limit bends the more.

    Without a ceiling the limits are symmetric.

    Returns
    -------
    low, high : ndarray of shape (...)
    """
    error: Floats = np.sqrt(spread.variance)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        quantile = np.asarray(stdtrit(spread.freedom, 0.5 + confidence / 2.0), dtype=np.float64)
        if np.isinf(ceiling):
            # No spread at all is not certainty: without a ceiling nothing bounds what was unseen.
            reach = np.where(error > 0, quantile * error, np.nan)
            return np.maximum(value - reach, floor), value + reach
        log_scale = -error / (ceiling - value)
        mixed = SKEWNESS_SHARE * spread.skewness + LOG_SHARE * log_scale
        low = (
            value + _bent(-quantile, np.maximum(LOWER_SHARE / evenness * log_scale, mixed)) * error
        )
        high = value + _bent(quantile, np.maximum(log_scale, mixed)) * error
    return np.maximum(low, floor), np.minimum(high, ceiling)


def _bent(quantile: Floats, bend: Floats) -> Floats:
    bend = np.where(np.abs(bend) < 1e-9, 1e-9, bend)
    return np.asarray(np.expm1(bend * quantile) / bend)


def two_way_spread(people: Spread, units: Spread, ratings: Spread) -> Spread:
    """Spread when annotators and items are both samples.

    Variance by annotator plus variance by item minus what both count twice, the variance by
    single rating (Cameron, Gelbach and Miller 2011); never less than the variance by item alone.
    Degrees of freedom by Satterthwaite's formula over the two sources; annotators enter with
    their whole variance, noise included, as that is what few of them estimate badly.

    References
    ----------
    Cameron, Gelbach, Miller (2011), Robust inference with multiway clustering,
    Journal of Business & Economic Statistics 29:238. DOI 10.1198/jbes.2010.07136
    """
    extra = np.maximum(people.variance - ratings.variance, 0.0)
    variance = units.variance + extra
    with np.errstate(invalid="ignore", divide="ignore"):
        by_people = np.where(extra > 0, np.square(people.variance) / people.freedom, 0.0)
        freedom = np.square(variance) / (by_people + np.square(units.variance) / units.freedom)
    return Spread(variance, freedom, units.units, units.effective)
