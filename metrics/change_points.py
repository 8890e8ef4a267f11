"""When did a series change: Pettitt's test, and splits by least squares.

Shapes: T values in their order of time, usually one a week.
"""

from dataclasses import dataclass
from math import exp, nan
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from metrics.tables import Floats

FEWEST_BUCKETS: Final = 20
"""Below this many points in time a change point is a guess, and is said to be one."""


@dataclass(frozen=True, slots=True)
class ChangePoint:
    """The most likely change of a series.

    Attributes
    ----------
    after : values before the change; 0 where there is none
    statistic, p_value : Pettitt's K and its approximate p-value
    before_mean, after_mean : means on both sides
    reason : why it is not to be relied on; empty where it is
    """

    after: int
    statistic: float
    p_value: float
    before_mean: float
    after_mean: float
    reason: str = ""


def pettitt(values: ArrayLike) -> ChangePoint:
    """Find one change of level by ranks, whatever the distribution.

    References
    ----------
    Pettitt (1979), A non-parametric approach to the change-point problem, 10.2307/2346729

    Examples
    --------
    >>> found = pettitt([1.0, 2, 1, 2, 1, 2, 8, 9, 8, 9, 8, 9])
    >>> found.after, found.statistic
    (6, 36.0)
    """
    series = _series(values)
    number = len(series)
    if number < 2:
        reason = "one point in time: nothing can have changed"
        return ChangePoint(0, nan, nan, nan, nan, reason if number else "no point in time")
    signs = np.sign(series[:, None] - series[None, :])
    sums = np.cumsum(signs.sum(axis=1))[:-1]
    after = int(np.abs(sums).argmax()) + 1
    statistic = float(np.abs(sums[after - 1]))
    p = min(1.0, 2.0 * exp(-6.0 * statistic**2 / (number**3 + number**2)))
    return ChangePoint(
        after,
        statistic,
        p,
        float(series[:after].mean()),
        float(series[after:].mean()),
        _few(number),
    )


def least_squares_split(values: ArrayLike) -> tuple[int, float]:
    """Return after how many values one split leaves the least scatter, and what it leaves.

    Examples
    --------
    >>> least_squares_split([1.0, 1, 1, 5, 5])
    (3, 0.0)
    """
    series = _series(values)
    if len(series) < 2:
        return 0, 0.0
    left = [_scatter(series[:at]) + _scatter(series[at:]) for at in range(1, len(series))]
    best = int(np.argmin(left))
    return best + 1, float(left[best])


def binary_segmentation(values: ArrayLike, *, penalty: float | None = None) -> tuple[int, ...]:
    """Return all changes of level: split where it helps most, as long as it pays the penalty.

    Parameters
    ----------
    penalty : scatter a split must remove; by default 3 ln(T) times the variance of one value, taken
        from differences of neighbours so that the changes themselves do not enter

    References
    ----------
    Scott, Knott (1974), A cluster analysis method for grouping means, 10.2307/2529204;
    Killick, Fearnhead, Eckley (2012), 10.1080/01621459.2012.737745 (penalties)

    Examples
    --------
    >>> binary_segmentation([0.0, 1, 0, 1, 0, 9, 10, 9, 10, 4, 5, 4, 5])
    (5, 9)
    """
    series = _series(values)
    if len(series) < 2:
        return ()
    if penalty is None:
        noise = float(np.square(np.diff(series)).mean() / 2.0)
        spread = float(np.median(np.abs(np.diff(series))) / 0.9539) ** 2
        penalty = 3.0 * float(np.log(len(series))) * (min(noise, spread) or noise)
    found: list[int] = []
    waiting = [(0, len(series))]
    while waiting:
        start, end = waiting.pop()
        at, left = least_squares_split(series[start:end])
        if at and _scatter(series[start:end]) - left > penalty:
            found.append(start + at)
            waiting += [(start, start + at), (start + at, end)]
    return tuple(sorted(found))


def _scatter(series: Floats) -> float:
    return float(np.square(series - series.mean()).sum())


def _series(values: ArrayLike) -> Floats:
    series = np.atleast_1d(np.asarray(values, dtype=np.float64))
    if not np.isfinite(series).all():
        raise ValueError("a series of values over time has no gaps")
    return series


def _few(number: int) -> str:
    if number >= FEWEST_BUCKETS:
        return ""
    return f"{number} points in time, {FEWEST_BUCKETS} are needed to rely on it"
