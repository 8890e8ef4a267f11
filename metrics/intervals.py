"""A share of things and its interval: approximate for display, exact for gates and batches.

Wilson's interval is for display. Limits that decide a criterion are exact: Clopper-Pearson for
items like these, hypergeometric for the rest of this batch. Wald's interval is not offered: it
has zero width at 0 and 1 and covers far less than it says near them.
"""

from collections.abc import Callable
from math import nan, sqrt
from typing import Literal

import numpy as np
from scipy.special import betaincinv, ndtri

from metrics.estimates import About, Estimate

ProportionInterval = Literal["wilson", "clopper_pearson", "jeffreys", "hypergeometric"]
Limits = tuple[float, float]


def wilson(count: int, n: int, confidence: float = 0.95) -> Limits:
    """Wilson's score interval for a proportion.

    Which shares would not be surprised by what was seen? Close to the stated coverage on average
    over all shares, so it suits charts and cards. It misleads as a guarantee: at some shares it
    covers less than stated; a gate needs `clopper_pearson`.

    Parameters
    ----------
    count : int, 0 to n
        Number of things with the property.
    n : int, at least 0
        Number of things looked at, independent of each other.
    confidence : float in (0, 1)
        Level of the two-sided interval.

    Returns
    -------
    low, high : float, 0 to 1
        Exactly 0 at `count` 0 and exactly 1 at `count` n; nan, nan when n is 0.

    Raises
    ------
    ValueError
        When count is not in 0 .. n or confidence not in (0, 1).

    References
    ----------
    Wilson (1927), Probable inference, the law of succession, and statistical inference,
    10.1080/01621459.1927.10502953; reference values in Newcombe (1998), Two-sided confidence
    intervals for the single proportion: comparison of seven methods,
    10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E

    Examples
    --------
    >>> [round(limit, 4) for limit in wilson(81, 263)]
    [0.2553, 0.3662]
    """
    _check(count, n, confidence)
    if n == 0:
        return nan, nan
    return score_interval(count / n, n, float(ndtri(0.5 + confidence / 2)))


def score_interval(share: float, effective_n: float, critical: float) -> Limits:
    """Wilson's interval at an effective number of independent observations.

    The same as `wilson` for a clustered sample, once its n has been divided by the design effect.
    It misleads when the design effect was guessed and not estimated or bounded.

    Parameters
    ----------
    share : float, 0 to 1
        The observed proportion.
    effective_n : float, above 0
        Number of independent observations with the same variance; need not be whole.
    critical : float
        Two-sided quantile of the normal or, where the variance was estimated from few clusters,
        of the t distribution.

    Returns
    -------
    low, high : float, 0 to 1

    References
    ----------
    Korn and Graubard (1998), Confidence intervals for proportions with small expected number of
    positive counts estimated from survey data, Survey Methodology 24:193-201

    Examples
    --------
    >>> [round(limit, 4) for limit in score_interval(81 / 263, 263, 1.959964)]
    [0.2553, 0.3662]
    """
    square = critical * critical
    centre = (share + square / (2 * effective_n)) / (1 + square / effective_n)
    spread = share * (1 - share) / effective_n + (critical / (2 * effective_n)) ** 2
    half = critical / (1 + square / effective_n) * sqrt(spread)
    low = 0.0 if share == 0 else centre - half
    high = 1.0 if share == 1 else centre + half
    return low, high


def clopper_pearson(count: int, n: int, confidence: float = 0.95) -> Limits:
    """Exact binomial interval for a proportion.

    What share can be guaranteed of the process behind the things looked at? Never covers less
    than stated, at the price of being too wide for small n. It misleads when the n things are a
    large part of a finite batch and the question is about that batch: use `hypergeometric`.

    Parameters
    ----------
    count : int, 0 to n
        Number of things with the property.
    n : int, at least 0
        Number of things looked at, independent of each other.
    confidence : float in (0, 1)
        Level of the two-sided interval; each end errs with at most half of the rest.

    Returns
    -------
    low, high : float, 0 to 1
        nan, nan when n is 0.

    Raises
    ------
    ValueError
        When count is not in 0 .. n or confidence not in (0, 1).

    References
    ----------
    Clopper and Pearson (1934), The use of confidence or fiducial limits illustrated in the case
    of the binomial, 10.1093/biomet/26.4.404

    Examples
    --------
    >>> [round(limit, 4) for limit in clopper_pearson(0, 20)]
    [0.0, 0.1684]
    """
    _check(count, n, confidence)
    if n == 0:
        return nan, nan
    tail = (1 - confidence) / 2
    low = 0.0 if count == 0 else float(betaincinv(count, n - count + 1, tail))
    high = 1.0 if count == n else float(betaincinv(count + 1, n - count, 1 - tail))
    return low, high


def jeffreys(count: int, n: int, confidence: float = 0.95) -> Limits:
    """Bayesian interval for a proportion under Jeffreys' prior, beta(1/2, 1/2).

    Given no knowledge but the data, between which shares does the true one lie with the stated
    probability? It misleads readers who want a guarantee in repeated use: that is
    `clopper_pearson`.

    Parameters
    ----------
    count : int, 0 to n
        Number of things with the property.
    n : int, at least 0
        Number of things looked at, independent of each other.
    confidence : float in (0, 1)
        Posterior probability of the interval, with equal tails.

    Returns
    -------
    low, high : float, 0 to 1
        By the convention of Brown, Cai and DasGupta exactly 0 at `count` 0 and exactly 1 at
        `count` n; nan, nan when n is 0.

    Raises
    ------
    ValueError
        When count is not in 0 .. n or confidence not in (0, 1).

    References
    ----------
    Brown, Cai and DasGupta (2001), Interval estimation for a binomial proportion,
    10.1214/ss/1009213286

    Examples
    --------
    >>> [round(limit, 4) for limit in jeffreys(81, 263)]
    [0.2545, 0.3656]
    """
    _check(count, n, confidence)
    if n == 0:
        return nan, nan
    tail = (1 - confidence) / 2
    low = 0.0 if count == 0 else float(betaincinv(count + 0.5, n - count + 0.5, tail))
    high = 1.0 if count == n else float(betaincinv(count + 0.5, n - count + 0.5, 1 - tail))
    return low, high


def hypergeometric(count: int, n: int, population: int, confidence: float = 0.95) -> Limits:
    """Exact interval for the share in a finite batch, from a sample without replacement.

    What share of *this* batch has the property, when n of its `population` items were drawn at
    random and inspected? It misleads when the items were not drawn at random, and it says
    nothing about the next batch.

    Parameters
    ----------
    count : int, 0 to n
        Number of inspected items with the property.
    n : int, 0 to population
        Number of inspected items.
    population : int
        Number of items in the batch.
    confidence : float in (0, 1)
        Level of the two-sided interval; each end errs with at most half of the rest.

    Returns
    -------
    low, high : float, 0 to 1
        Both are whole numbers of items over `population`; equal when every item was inspected;
        nan, nan when n is 0.

    Raises
    ------
    ValueError
        When count is not in 0 .. n, n not in 0 .. population or confidence not in (0, 1).

    References
    ----------
    Wright (1991), Exact confidence bounds when sampling from small finite universes,
    10.1007/978-1-4612-3140-0

    Examples
    --------
    A clean sample of 44 of 1,000 rules out 5 % defects at 90 %, one-sided.

    >>> hypergeometric(0, 44, 1000, confidence=0.80)
    (0.0, 0.049)
    """
    _check(count, n, confidence)
    if n > population:
        raise ValueError(f"{n} items inspected of a batch of {population}; n is at most population")
    if n == 0:
        return nan, nan
    tail = (1 - confidence) / 2
    fewest, most = count, population - (n - count)
    # Both tail probabilities are monotone in the number of items with the property.
    low = _first(fewest, most, lambda d: _upper_tail(count, n, d, population) > tail)
    high = _first(low, most + 1, lambda d: d > most or _lower_tail(count, n, d, population) <= tail)
    return low / population, (high - 1) / population


def proportion(
    count: int,
    n: int,
    *,
    interval: ProportionInterval = "wilson",
    population: int | None = None,
    confidence: float = 0.95,
    n_unit: str = "items",
) -> Estimate:
    """Share of things with a property, with its interval.

    How large is the share, and how sure may we be of it? It misleads when the things depend on
    each other (several items of one prompt, several votes on one item): the interval is then too
    narrow.

    Parameters
    ----------
    count : int, 0 to n
        Number of things with the property.
    n : int, at least 0
        Number of things looked at.
    interval : {"wilson", "clopper_pearson", "jeffreys", "hypergeometric"}
        Wilson for display, Clopper-Pearson for guarantees about the process, Jeffreys for Bayes,
        hypergeometric for this finite batch (needs `population`; the estimate is then about
        "batch", else about "process").
    population : int, optional
        Number of things in the batch; only with the hypergeometric interval.
    confidence : float in (0, 1)
        Level of the interval.
    n_unit : str
        What is counted, in the plural.

    Returns
    -------
    Estimate
        Value from 0 (none) to 1 (all). Undefined when n is 0.

    Raises
    ------
    ValueError
        When the counts contradict each other, or `population` is missing or not wanted.

    References
    ----------
    Newcombe (1998), Two-sided confidence intervals for the single proportion: comparison of seven
    methods, 10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E

    Examples
    --------
    Reviews that overturned an annotation: 18 of 240.

    >>> overturned = proportion(18, 240, n_unit="reviews")
    >>> overturned.value, round(overturned.low, 4), round(overturned.high, 4)
    (0.075, 0.048, 0.1154)
    """
    if (population is not None) != (interval == "hypergeometric"):
        raise ValueError(
            f"interval {interval!r} with population {population!r}; "
            "the hypergeometric interval, and only that, needs the size of the batch"
        )
    about: About = "process" if population is None else "batch"
    titles = {
        "wilson": "Wilson interval",
        "clopper_pearson": "Clopper-Pearson exact interval",
        "jeffreys": "Jeffreys interval",
        "hypergeometric": f"exact hypergeometric interval, {n} of {population}",
    }
    blank = Estimate(
        confidence=confidence, n=n, n_unit=n_unit, about=about, method=f"share; {titles[interval]}"
    )
    if population is not None:
        low, high = hypergeometric(count, n, population, confidence)
    else:
        binomial = {"wilson": wilson, "clopper_pearson": clopper_pearson, "jeffreys": jeffreys}
        low, high = binomial[interval](count, n, confidence)
    if n == 0:
        return blank.but(status="undefined", reason=f"there are no {n_unit} to take a share of")
    return blank.but(value=count / n, low=low, high=high)


def _check(count: int, n: int, confidence: float) -> None:
    if not 0 <= count <= n:
        raise ValueError(f"count {count} of n {n}; count must be in 0 .. n")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence {confidence} must be between 0 and 1, such as 0.95")


def _first(start: int, stop: int, holds: Callable[[int], bool]) -> int:
    """First whole number in start .. stop for which a monotone condition holds (stop if none)."""
    while start < stop:
        middle = (start + stop) // 2
        if holds(middle):
            stop = middle
        else:
            start = middle + 1
    return start


def _lower_tail(count: int, n: int, defective: int, population: int) -> float:
    """P(X <= count) for X hypergeometric: n drawn from a population with `defective` defects.

    Probabilities are products of ratios outward from the mode: no logarithm of a large
    factorial, so nothing is lost in cancellation at any population size.
    """
    least, most = max(0, n + defective - population), min(n, defective)
    if count < least or count >= most:
        return float(count >= most)
    mode = min(max((n + 1) * (defective + 1) // (population + 2), least), most)
    clean = population - defective - n
    up = np.arange(mode, most, dtype=np.float64)
    down = np.arange(mode, least, -1, dtype=np.float64)
    rising = np.cumprod((defective - up) * (n - up) / ((up + 1) * (clean + up + 1)))
    falling = np.cumprod(down * (clean + down) / ((defective - down + 1) * (n - down + 1)))
    weights = np.concatenate([falling[::-1], [1.0], rising])
    return float(weights[: count - least + 1].sum() / weights.sum())


def _upper_tail(count: int, n: int, defective: int, population: int) -> float:
    """P(X >= count), by counting the items without the property instead."""
    return _lower_tail(n - count, n, population - defective, population)
