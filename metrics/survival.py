"""How long things stay open: Kaplan-Meier, where what is still open counts as long as it lasted."""

from dataclasses import dataclass
from math import inf, nan

import numpy as np
from scipy.special import ndtri

from metrics.estimates import Estimate
from metrics.tables import Floats, Integers


@dataclass(frozen=True, slots=True, eq=False)
class Survival:
    """Share still open at each time at which something closed (K steps).

    Attributes
    ----------
    time, at_risk, closed : ndarray of shape (K,)
    share : ndarray of shape (K,)
        Share still open just after `time`.
    error : ndarray of shape (K,)
        Greenwood's standard error; nan once nothing is open.
    low, high : ndarray of shape (K,)
        Limits on the log(-log) scale, which stay between 0 and 1.
    n, still_open : int
    longest : float
        The longest time anything was watched.
    """

    time: Floats
    at_risk: Integers
    closed: Integers
    share: Floats
    error: Floats
    low: Floats
    high: Floats
    n: int
    still_open: int
    longest: float
    confidence: float = 0.95

    def at(self, time: float) -> tuple[float, float, float]:
        """Return the share still open after a time, with limits; nan beyond what was watched."""
        if time > self.longest:
            return nan, nan, nan
        place = int(np.searchsorted(self.time, time, side="right")) - 1
        if place < 0:
            return 1.0, 1.0, 1.0
        return float(self.share[place]), float(self.low[place]), float(self.high[place])


def kaplan_meier(
    time: Floats, closed: Integers, still_open: Integers, *, confidence: float = 0.95
) -> Survival:
    """Share of things still open after each time.

    How long does a dispute take, when many are not over yet? The mean of the closed ones is too
    short: the slow ones are still open. It misleads where things left open differ from the others,
    or where the clock did not run for all of them.

    Parameters
    ----------
    time : ndarray of shape (T,)
        Different ages; need not be sorted.
    closed, still_open : ndarray of shape (T,)
        How many closed at that age, and how many were open at it when last seen.
    confidence : float in (0, 1)
        Level of the pointwise limits.

    References
    ----------
    Kaplan and Meier (1958), Nonparametric estimation from incomplete observations,
    10.1080/01621459.1958.10501452; Freireich et al. (1963), remission times under 6-MP

    Examples
    --------
    >>> found = kaplan_meier(np.array([1.0, 2.0, 3.0]), np.array([1, 1, 0]), np.array([0, 0, 2]))
    >>> found.share.tolist()
    [0.75, 0.5]
    """
    order = np.argsort(time, kind="stable")
    ages, ends, left = time[order], closed[order].astype(np.int64), still_open[order]
    ages, first = np.unique(ages, return_index=True)
    ends = np.add.reduceat(ends, first) if len(first) else ends
    left = np.add.reduceat(left, first) if len(first) else left
    gone = np.cumsum(ends + left)
    n = int(gone[-1]) if len(gone) else 0
    at_risk = n - np.concatenate([[0], gone[:-1]]).astype(np.int64) if n else gone
    happened = ends > 0
    times, d, r = ages[happened], ends[happened], at_risk[happened]
    share: Floats = np.cumprod(1 - d / r, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        summed = np.cumsum(np.where(r > d, d / (r * (r - d).astype(float)), nan))
        error = share * np.sqrt(summed)
        spread = float(ndtri(0.5 + confidence / 2)) * np.sqrt(summed) / np.abs(np.log(share))
        low, high = share ** np.exp(spread), share ** np.exp(-spread)
    return Survival(
        time=times.astype(float),
        at_risk=r,
        closed=d,
        share=share,
        error=error,
        low=low,
        high=high,
        n=n,
        still_open=int(left.sum()),
        longest=float(ages[(ends + left) > 0][-1]) if n else 0.0,
        confidence=confidence,
    )


def median_time(survival: Survival, *, n_unit: str = "disputes") -> Estimate:
    """Time after which half are closed, open ones counted as long as they lasted.

    The limits are the times at which the limits of the share cross one half (Brookmeyer and
    Crowley); a limit that is never reached stays open (nan).
    """
    blank = Estimate(
        n=survival.n,
        n_unit=n_unit,
        confidence=survival.confidence,
        method="Kaplan-Meier, Brookmeyer-Crowley limits",
    )
    if not survival.n:
        return blank.but(status="undefined", reason=f"there are no {n_unit}")
    value, low, high = (
        _first_below(survival.time, column)
        for column in (survival.share, survival.low, survival.high)
    )
    if value == inf:
        reason = f"fewer than half of the {n_unit} closed while they were watched"
        return blank.but(status="undefined", reason=reason, low=_known(low))
    return blank.but(value=value, low=_known(low), high=_known(high))


def _first_below(time: Floats, share: Floats) -> float:
    # A share that reaches one half only up to rounding has reached it.
    below = np.flatnonzero(share <= 0.5 + 1e-12)
    return float(time[below[0]]) if len(below) else inf


def _known(number: float) -> float:
    return nan if number == inf else number
