"""Numeric ratings: mean score, and the intraclass correlations of a complete table."""

from dataclasses import dataclass
from math import isnan, nan, sqrt
from typing import Literal

import numpy as np
from scipy.special import fdtri, stdtrit

from metrics.coefficients import LinearStatistic, ratio
from metrics.distances import label_numbers
from metrics.estimates import Estimate
from metrics.sufficiency import MINIMUM_UNITS
from metrics.tables import Floats, Integers, UnitMoments, UnitPatterns
from metrics.uncertainty import AboutAgreement, Interval, IntervalChoice, estimate_agreement

MeanOver = Literal["item", "annotation"]
IccForm = Literal["1,1", "2,1", "3,1", "1,k", "2,k", "3,k"]


def mean_score(
    table: UnitPatterns | UnitMoments,
    *,
    average: MeanOver = "item",
    interval: Interval = "jackknife",
    about: AboutAgreement = "process",
    confidence: float = 0.95,
    replicates: int = 1000,
    seed: int = 0,
) -> Estimate:
    """Mean score of the items.

    How good are these items in the eyes of the raters? It misleads as a comparison of vendors or
    models when other raters judged them (severity differs) and for labels that are mere ranks:
    the distance from 1 to 2 need not be that from 4 to 5.

    Parameters
    ----------
    table : UnitPatterns or UnitMoments
        Labels must spell numbers. Patterns with `compositions` give intervals by group; moments
        take items as independent.
    average : {"item", "annotation"}
        item: mean over items of the mean of their ratings, every item counts once. annotation:
        mean of all ratings, an item with five ratings counts five times.
    interval, about, replicates, seed
        As in `metrics.agreement`; moments have the jackknife only, and no annotators.
    confidence : float in (0, 1)
        Level of the interval.

    Returns
    -------
    Estimate
        In the units of the scale. n is the number of rated items. Undefined without one.
        Insufficient where `metrics.sufficiency` finds the items too few or too alike.

    Raises
    ------
    ValueError
        When a label is not a number, or the interval is not offered.

    References
    ----------
    Cochran (1977), Sampling techniques, 3rd ed., sections 2.4 and 9A.1 (clusters); Efron and Stein
    (1981), The jackknife estimate of variance, 10.1214/aos/1176345462

    Examples
    --------
    Ratings 1 and 3 for one item, 5 for another: by item (2 + 5) / 2, by rating 9 / 3.

    >>> patterns = UnitPatterns(("1", "3", "5"), "interval",
    ...     np.array([[1, 1, 0], [0, 0, 1]]), np.array([1, 1]))
    >>> mean_score(patterns).value, mean_score(patterns, average="annotation").value
    (3.5, 3.0)
    """
    if average not in {"item", "annotation"}:
        raise ValueError(f"average must be item or annotation, found {average!r}")
    choice = IntervalChoice(interval, about, confidence, replicates, seed)
    if isinstance(table, UnitMoments):
        return _mean_from_moments(table, average, choice)
    n = int(table.multiplicity[table.counts.sum(axis=1) > 0].sum())
    statistic = _mean_statistic(label_numbers(table.labels), average)
    return estimate_agreement(statistic, table, choice, n=n, undefined="no item is rated")


def icc(scores: Floats, form: IccForm = "2,1", *, confidence: float = 0.95) -> Estimate:
    """Intraclass correlation of a complete table, in the six forms of Shrout and Fleiss.

    How much of a rating is the item? Form 1: each item has raters of its own. Form 2: the same
    raters, a sample of raters, and their severity counts as error. Form 3: the same raters, and
    only these; severity does not count. k: the mean of all raters instead of one. It misleads
    when the items are alike (a narrow range lowers it) and when the form flatters: 3 hides
    severity that reaches the product.

    Parameters
    ----------
    scores : ndarray of shape (N items, K raters)
        Without gaps.
    form : {"1,1", "2,1", "3,1", "1,k", "2,k", "3,k"}
    confidence : float in (0, 1)
        Level of the interval: F intervals, for normal ratings and independent items.

    Returns
    -------
    Estimate
        At most 1; 0 when items do not matter, negative when they matter less than chance allows.
        Undefined with fewer than 2 items or raters, when all scores are equal, and where the items
        do not differ on average.

    Raises
    ------
    ValueError
        When the table is not two-dimensional, has gaps, or the form is unknown.

    References
    ----------
    Shrout and Fleiss (1979), Intraclass correlations: uses in assessing rater reliability,
    10.1037/0033-2909.86.2.420; McGraw and Wong (1996), Forming inferences about some intraclass
    correlation coefficients, 10.1037/1082-989X.1.1.30

    Examples
    --------
    Six targets and four judges of Shrout and Fleiss, printed as .17, .29 and .71.

    >>> scores = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8],
    ...     [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], float)
    >>> [round(icc(scores, form).value, 2) for form in ("1,1", "2,1", "3,1")]
    [0.17, 0.29, 0.71]
    """
    if form not in {"1,1", "2,1", "3,1", "1,k", "2,k", "3,k"}:
        raise ValueError(f"form must be one of 1,1 2,1 3,1 1,k 2,k 3,k, found {form!r}")
    if scores.ndim != 2 or not np.isfinite(scores).all():
        raise ValueError(
            f"scores of shape {scores.shape} must be a table of items by raters without gaps"
        )
    items, raters = scores.shape
    blank = Estimate(
        confidence=confidence, n=items, method=f"ICC({form}); F interval for normal ratings"
    )
    if items < 2 or raters < 2:
        reason = f"{items} items by {raters} raters; two of each are needed"
        return blank.but(status="undefined", reason=reason)
    if np.ptp(scores) == 0:
        return blank.but(status="undefined", reason="no variation: all scores are equal")
    value, low, high = _icc(_mean_squares(scores), form, 0.5 + confidence / 2)
    if isnan(value):
        reason = "the items do not differ on average, so there is nothing to rely on"
        return blank.but(status="undefined", reason=reason)
    if isnan(low):
        reason = "raters agree fully, so the F interval has no width"
        return blank.but(value=value, status="insufficient", reason=reason)
    few = items < MINIMUM_UNITS
    return blank.but(
        value=value,
        low=low,
        high=high,
        status="insufficient" if few else "ok",
        reason=f"too little data: {items} items, {MINIMUM_UNITS} are needed" if few else "",
    )


def _mean_statistic(numbers: Floats, average: MeanOver) -> LinearStatistic:
    def features(counts: Integers) -> Floats:
        ratings = counts.sum(axis=-1).astype(np.float64)
        sums = counts @ numbers
        if average == "item":
            sums = sums / np.maximum(ratings, 1.0)
            ratings = (ratings > 0).astype(np.float64)
        return np.stack([sums, ratings], axis=-1)

    over = "mean over items of their mean score" if average == "item" else "mean of all scores"
    return LinearStatistic(over, 2, features, lambda sums: ratio(sums[..., 0], sums[..., 1]))


def _mean_from_moments(moments: UnitMoments, average: MeanOver, choice: IntervalChoice) -> Estimate:
    """Mean and its variance from sums and squares of item sums; the m of a row is constant."""
    if choice.interval != "jackknife":
        raise ValueError(f"moments have a jackknife interval only, found {choice.interval!r}")
    n = int(moments.units.sum())
    blank = Estimate(confidence=choice.confidence, n=n, about=choice.about)
    if choice.about == "annotators":
        reason = "moments do not tell who rated, so nothing can be said about annotators"
        return blank.but(status="missing_input", reason=reason, method="mean score, from moments")
    if n == 0:
        return blank.but(status="undefined", reason="no item is rated", method="mean score")
    m = moments.ratings.astype(np.float64)
    weight = np.ones_like(m) if average == "item" else m
    total = float((weight * moments.units).sum())
    value = float((weight / m * moments.sums[:, 1]).sum()) / total
    # Sum over items of (weight / m)² (s - m value)², the squared influence of an item.
    squares = moments.cross[:, 1, 1] - 2 * m * value * moments.sums[:, 1]
    squares += moments.units * np.square(m * value)
    over = "mean over items of their mean score" if average == "item" else "mean of all scores"
    method = f"{over}, from moments; infinitesimal jackknife by item, t with {n - 1} df"
    second = max(float((np.square(weight / m) * squares).sum()), 0.0)
    if n < 2 or second <= 1e-12 * value * value * total:
        reason = "too little data: no spread between items"
        return blank.but(value=value, method=method, status="insufficient", reason=reason)
    reach = float(stdtrit(n - 1, 0.5 + choice.confidence / 2))
    reach *= sqrt(second * n / (n - 1)) / total
    few = n < MINIMUM_UNITS
    return blank.but(
        value=value,
        low=value - reach,
        high=value + reach,
        method=method,
        status="insufficient" if few else "ok",
        reason=f"too little data: {n} items, {MINIMUM_UNITS} are needed" if few else "",
    )


@dataclass(frozen=True, slots=True)
class _MeanSquares:
    """Two-way analysis of variance: between items, between raters, error, within items."""

    items: int
    raters: int
    between: float
    judges: float
    error: float
    within: float


def _mean_squares(scores: Floats) -> _MeanSquares:
    items, raters = scores.shape
    mean = scores.mean()
    between = raters * float(np.square(scores.mean(axis=1) - mean).sum())
    judges = items * float(np.square(scores.mean(axis=0) - mean).sum())
    within = float(np.square(scores - scores.mean(axis=1, keepdims=True)).sum())
    error = within - judges
    # What is rounding of the total is no variance.
    between, error = (
        part if part > 1e-12 * (between + within) else 0.0 for part in (between, error)
    )
    return _MeanSquares(
        items,
        raters,
        between / (items - 1),
        judges / (raters - 1),
        error / ((items - 1) * (raters - 1)),
        within / (items * (raters - 1)),
    )


def _icc(squares: _MeanSquares, form: IccForm, upper: float) -> tuple[float, float, float]:
    """Value and F limits; limits are nan where no error is left to compare with."""
    n, k = squares.items, squares.raters
    number, _, of = form.partition(",")
    if number == "2":
        low, high = _absolute_limits(squares, upper)
        spare = squares.between - squares.error
        value = _divided(spare, spare + k * (squares.error + (squares.judges - squares.error) / n))
    else:
        error = squares.within if number == "1" else squares.error
        freedom = n * (k - 1) if number == "1" else (n - 1) * (k - 1)
        low = high = nan
        value = _divided(squares.between - error, squares.between + (k - 1) * error)
        if error > 0:
            found = squares.between / error
            low = _from_ratio(found / float(fdtri(n - 1, freedom, upper)), k)
            high = _from_ratio(found * float(fdtri(freedom, n - 1, upper)), k)
    if of == "1":
        return value, low, high
    return _stepped(value, k), _stepped(low, k), _stepped(high, k)


def _absolute_limits(squares: _MeanSquares, upper: float) -> tuple[float, float]:
    """Limits of ICC(2,1) with Satterthwaite's degrees of freedom, Shrout and Fleiss (1979)."""
    n, k = squares.items, squares.raters
    if squares.error == 0 or squares.between == 0:
        return nan, nan
    spare = squares.between - squares.error
    value = spare / (spare + k * (squares.error + (squares.judges - squares.error) / n))
    judged = squares.judges / squares.error
    rest = n * (1 + (k - 1) * value) - k * value
    freedom = (k - 1) * (n - 1) * (k * value * judged + rest) ** 2
    freedom /= (n - 1) * k**2 * value**2 * judged**2 + rest**2
    low_f, high_f = float(fdtri(n - 1, freedom, upper)), float(fdtri(freedom, n - 1, upper))
    noise = k * squares.judges + (k * n - k - n) * squares.error
    low = n * (squares.between - low_f * squares.error) / (low_f * noise + n * squares.between)
    gain = high_f * squares.between
    return low, n * (gain - squares.error) / (noise + n * gain)


def _from_ratio(found: float, raters: int) -> float:
    return (found - 1) / (found + raters - 1)


def _stepped(value: float, raters: int) -> float:
    return _divided(raters * value, 1 + (raters - 1) * value)


def _divided(numerator: float, denominator: float) -> float:
    return numerator / denominator if abs(denominator) > 1e-12 else nan
