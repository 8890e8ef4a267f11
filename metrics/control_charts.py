"""Control charts: which points of a series are more than the usual scatter.

Shapes are given in capitals: T points in their order. A signal is a point outside its limits; it
says that something was different there and not what. Limits of a p or u chart hold only where
subgroups scatter as chance alone would make them; Laney's form measures the scatter instead.
"""

from dataclasses import dataclass
from math import nan, sqrt
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import bdtrik, betainc, ndtr

from metrics.tables import Floats

Status = Literal["ok", "insufficient", "undefined"]
MOVING_RANGE: Final = 1.128
"""Mean absolute difference of two independent standard normal values."""
LANEY_SUBGROUPS: Final = 20
"""Below this many subgroups the measured scatter is too uncertain to move limits by."""
_OK: Final[Status] = "ok"
_FEW: Final[Status] = "insufficient"


@dataclass(frozen=True, slots=True, eq=False)
class ControlChart:
    """A series with its centre and limits.

    Attributes
    ----------
    values : ndarray of shape (T,)
        What is drawn; nan where a subgroup was empty.
    centre : float
        The line in the middle; nan where there is none.
    lower, upper : ndarray of shape (T,)
        Limits of every point; nan where there are none.
    signals : ndarray of shape (T,) of bool
        Points outside their limits; a point on its limit is inside.
    dispersion : float
        Scatter between subgroups in units of what chance gives; 1 where it was not measured.
    status, reason : insufficient when limits stand on too little, undefined when there are none
    """

    method: str
    values: Floats
    centre: float
    lower: Floats
    upper: Floats
    signals: NDArray[np.bool_]
    dispersion: float = 1.0
    status: Status = "ok"
    reason: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class CumulativeSums:
    """Sums of what exceeds the target upwards and downwards, each (T,), and where they signal."""

    upper: Floats
    lower: Floats
    signals: NDArray[np.bool_]
    limit: float


def p_chart(
    counts: ArrayLike,
    sizes: ArrayLike,
    *,
    width: float = 3.0,
    laney: bool = False,
    exact: bool = False,
) -> ControlChart:
    """Chart of shares: `counts` of `sizes` in each subgroup.

    Was the share of errors in one week out of line? With thousands of items a subgroup the plain
    limits are so narrow that everything signals; `laney` widens (or narrows) them to the scatter
    between neighbouring subgroups.

    Parameters
    ----------
    counts, sizes : sequences of T
        Counted and examined in each subgroup; a subgroup of size 0 has no value and no limits.
    width : float
        Limits in standard deviations.
    laney : bool
        Limits by measured scatter (p').
    exact : bool
        Limits by the binomial law at the chance that `width` has under the normal one, where
        subgroups are small: one error of two is not out of line because a formula is. Not with
        `laney`.

    Returns
    -------
    ControlChart
        Values and limits from 0 to 1. Undefined when nothing was examined.

    Raises
    ------
    ValueError
        When a count is negative or above its size, or the lengths differ.

    References
    ----------
    NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.3.2; Laney (2002), Improved control charts
    for attributes, 10.1081/QEN-120006555

    Examples
    --------
    >>> chart = p_chart([2, 3, 10, 3], [20, 20, 20, 20])
    >>> round(chart.centre, 3), round(float(chart.upper[0]), 4), chart.signals.tolist()
    (0.225, 0.5051, [False, False, False, False])
    """
    counted, examined = _checked(counts, sizes)
    if np.any(counted > examined):
        message = "a subgroup counts more than it examined"
        raise ValueError(message)
    total = float(examined.sum())
    centre = float(counted.sum()) / total if total else nan
    spread = _per_root(sqrt(centre * (1 - centre)) if total else nan, examined)
    values = _shares(counted, examined)
    chart = _attributes("p chart", values, centre, spread, width, laney=laney, highest=1.0)
    return _by_the_binomial_law(chart, examined, width) if exact and np.isfinite(centre) else chart


def u_chart(
    counts: ArrayLike, sizes: ArrayLike, *, width: float = 3.0, laney: bool = False
) -> ControlChart:
    """Chart of rates: events per unit, where a unit may have several.

    Parameters, returns and raises are those of `p_chart`, except that counts may exceed sizes and
    rates have no upper end.

    Examples
    --------
    >>> u_chart([4, 4], [2, 2]).upper.round(3).tolist()
    [5.0, 5.0]
    """
    counted, examined = _checked(counts, sizes)
    total = float(examined.sum())
    centre = float(counted.sum()) / total if total else nan
    spread = _per_root(sqrt(centre) if total else nan, examined)
    values = _shares(counted, examined)
    return _attributes("u chart", values, centre, spread, width, laney=laney, highest=np.inf)


def c_chart(counts: ArrayLike, *, width: float = 3.0) -> ControlChart:
    """Chart of counts from subgroups of equal size.

    Raises
    ------
    ValueError
        When a count is negative.

    References
    ----------
    NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.3.1

    Examples
    --------
    >>> c_chart([16, 16]).upper.tolist()
    [28.0, 28.0]
    """
    counted, _ = _checked(counts, np.ones(len(np.atleast_1d(np.asarray(counts)))))
    centre = float(counted.mean()) if len(counted) else nan
    spread = np.full(len(counted), sqrt(centre) if len(counted) else nan)
    return _attributes("c chart", counted, centre, spread, width, laney=False, highest=np.inf)


def ewma_chart(
    values: ArrayLike,
    *,
    target: float,
    sigma: float,
    weight: float = 0.3,
    width: float = 3.0,
    exact: bool = True,
) -> ControlChart:
    """Exponentially weighted moving average: finds small shifts that stay.

    Parameters
    ----------
    values : sequence of T
    target, sigma : where the series should lie, and how one value scatters around it
    weight : share of the newest value, in (0, 1]
    width : limits in standard deviations of the average
    exact : limits that start narrow and widen; else those they tend to

    Raises
    ------
    ValueError
        When sigma is not positive or weight is outside (0, 1].

    References
    ----------
    NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.4

    Examples
    --------
    >>> chart = ewma_chart([52.0, 47.0], target=50, sigma=2.0539)
    >>> chart.values.round(2).tolist(), chart.upper.round(6).tolist()
    ([50.6, 49.52], [51.84851, 52.256394])
    """
    if not 0 < weight <= 1:
        message = f"the weight of an EWMA lies in (0, 1], not {weight}"
        raise ValueError(message)
    series = _series(values, sigma)
    smooth, last = np.empty(len(series)), target
    for place, value in enumerate(series):
        last = weight * float(value) + (1 - weight) * last
        smooth[place] = last
    grown = 1 - (1 - weight) ** (2 * np.arange(1, len(series) + 1)) if exact else 1.0
    half = width * sigma * np.sqrt(weight / (2 - weight) * grown) * np.ones(len(series))
    return _chart("EWMA chart", smooth, target, target - half, target + half)


def cusum(
    values: ArrayLike, *, target: float, sigma: float, slack: float = 0.5, limit: float = 5.0
) -> CumulativeSums:
    """Cumulative sums of what exceeds the target by more than a slack.

    Parameters
    ----------
    values : sequence of T
    target, sigma : where the series should lie, and how one value scatters around it
    slack : half the shift worth finding, in sigmas
    limit : the sum that signals, in sigmas

    Raises
    ------
    ValueError
        When sigma is not positive.

    References
    ----------
    Page (1954), Continuous inspection schemes, 10.1093/biomet/41.1-2.100

    Examples
    --------
    >>> sums = cusum([0, 2, 2, 2], target=0, sigma=1, limit=4)
    >>> sums.upper.tolist(), sums.signals.tolist()
    ([0.0, 1.5, 3.0, 4.5], [False, False, False, True])
    """
    series = (_series(values, sigma) - target) / sigma
    upper, lower = np.zeros(len(series)), np.zeros(len(series))
    high = low = 0.0
    for place, value in enumerate(series):
        high = max(0.0, high + float(value) - slack)
        low = max(0.0, low - float(value) - slack)
        upper[place], lower[place] = high, low
    return CumulativeSums(upper, lower, (upper > limit) | (lower > limit), limit)


def _attributes(
    method: str,
    values: Floats,
    centre: float,
    spread: Floats,
    width: float,
    *,
    laney: bool,
    highest: float,
) -> ControlChart:
    """Put limits around counts, by chance alone or by the scatter that was measured."""
    if not np.isfinite(centre):
        nothing = np.full(len(values), nan)
        reason = "nothing was examined"
        return _chart(method, values, nan, nothing, nothing, status="undefined", reason=reason)
    dispersion, reason = 1.0, ""
    status: Status = _OK
    if laney:
        method = f"{method} by Laney"
        found = _dispersion(values, centre, spread)
        known = int(np.isfinite(values).sum())
        if not np.isfinite(found):
            status, reason = _FEW, "the scatter between subgroups cannot be measured"
        elif known < LANEY_SUBGROUPS:
            status = _FEW
            reason = f"{known} subgroups, {LANEY_SUBGROUPS} are needed to measure their scatter"
        dispersion = found if np.isfinite(found) else 1.0
    half = width * dispersion * spread
    lower, upper = np.maximum(centre - half, 0.0), np.minimum(centre + half, highest)
    return _chart(
        method,
        values,
        centre,
        lower,
        upper,
        dispersion=dispersion,
        status=status,
        reason=reason,
    )


def _by_the_binomial_law(chart: ControlChart, sizes: Floats, width: float) -> ControlChart:
    """Put the limits on the outermost shares that are not rarer than the normal tail."""
    tail, known = float(ndtr(-width)), sizes > 0
    upper, lower = np.full(len(sizes), nan), np.full(len(sizes), nan)
    lower[known] = _least_usual(sizes[known], chart.centre, tail) / sizes[known]
    other_side = _least_usual(sizes[known], 1 - chart.centre, tail)
    upper[known] = (sizes[known] - other_side) / sizes[known]
    method = "p chart by the binomial law"
    return _chart(method, chart.values, chart.centre, lower, upper)


def _least_usual(sizes: Floats, chance: float, tail: float) -> Floats:
    """Return the smallest count that is reached from below with at least the chance `tail`."""
    if chance in {0.0, 1.0}:
        return sizes * chance
    near = np.clip(np.floor(bdtrik(tail, sizes, chance)), 0, sizes - 1)
    reached = betainc(sizes - near, near + 1, 1 - chance)
    return np.where(reached >= tail, near, near + 1)


def _dispersion(values: Floats, centre: float, spread: Floats) -> float:
    """Return Laney's sigma_z; nan without two subgroups that can differ."""
    usable = np.isfinite(values) & (spread > 0)
    if usable.sum() < 2:
        return nan
    z = (values[usable] - centre) / spread[usable]
    return float(np.abs(np.diff(z)).mean()) / MOVING_RANGE


def _chart(
    method: str,
    values: Floats,
    centre: float,
    lower: Floats,
    upper: Floats,
    *,
    dispersion: float = 1.0,
    status: Status = "ok",
    reason: str = "",
) -> ControlChart:
    """Make a chart, with its signals; rounding error alone is no signal."""
    room = 1e-12 * max(1.0, abs(centre) if np.isfinite(centre) else 1.0)
    return ControlChart(
        method=method,
        values=values,
        centre=centre,
        lower=lower,
        upper=upper,
        signals=(values > upper + room) | (values < lower - room),
        dispersion=dispersion,
        status=status,
        reason=reason,
    )


def _checked(counts: ArrayLike, sizes: ArrayLike) -> tuple[Floats, Floats]:
    counted = np.atleast_1d(np.asarray(counts, dtype=np.float64))
    examined = np.atleast_1d(np.asarray(sizes, dtype=np.float64))
    if counted.shape != examined.shape or counted.ndim != 1:
        message = f"{len(counted)} counts do not go with {len(examined)} sizes"
        raise ValueError(message)
    if np.any(counted < 0) or np.any(examined < 0):
        message = "counts and sizes of a control chart are not negative"
        raise ValueError(message)
    return counted, examined


def _series(values: ArrayLike, sigma: float) -> Floats:
    if not sigma > 0:
        message = f"sigma of a control chart is above 0, not {sigma}"
        raise ValueError(message)
    return np.atleast_1d(np.asarray(values, dtype=np.float64))


def _shares(counted: Floats, examined: Floats) -> Floats:
    empty = np.full(len(counted), nan)
    shares: Floats = np.divide(counted, examined, out=empty, where=examined > 0)
    return shares


def _per_root(scale: float, examined: Floats) -> Floats:
    empty = np.full(len(examined), nan)
    spread: Floats = np.divide(scale, np.sqrt(examined), out=empty, where=examined > 0)
    return spread
