"""How many items a vote decides: majorities, ties and labels that can ship."""

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

from metrics.coefficients import LinearStatistic, ratio
from metrics.estimates import Estimate
from metrics.intervals import score_interval, wilson
from metrics.resampling import delete_groups
from metrics.spread import jackknife_spread
from metrics.sufficiency import MINIMUM_UNITS
from metrics.tables import Compositions, Floats, Integers, UnitPatterns

AboutLabels = Literal["batch", "process"]
Property = Callable[[Integers], NDArray[np.bool_]]


def majority_share(
    patterns: UnitPatterns, *, about: AboutLabels = "process", confidence: float = 0.95
) -> Estimate:
    """Share of items with two votes or more on which more than half of the votes agree.

    For how many items is there a majority to ship? It misleads across panels: a majority of two
    is unanimity, a majority of three is not.

    Parameters
    ----------
    patterns : UnitPatterns
    about : {"batch", "process"}
        batch: these items, all of them counted, so there is no error. process: items like these,
        clustered by group where items come in groups.
    confidence : float in (0, 1)

    Returns
    -------
    Estimate
        From 0 to 1. Undefined where no item has two votes.

    References
    ----------
    Wilson (1927), 10.1080/01621459.1927.10502953 (interval)

    Examples
    --------
    >>> patterns = UnitPatterns(("a", "b", "c"), "nominal",
    ...     np.array([[3, 0, 0], [2, 1, 0], [1, 1, 1]]), np.array([5, 3, 2]))
    >>> majority_share(patterns).value
    0.8
    """
    return _share(
        patterns,
        "items with an absolute majority",
        _has_majority,
        2,
        about=about,
        confidence=confidence,
    )


def tie_rate(
    patterns: UnitPatterns, *, about: AboutLabels = "process", confidence: float = 0.95
) -> Estimate:
    """Share of items with two votes or more whose most frequent label is not unique.

    How many labels does a vote leave open, to be arbitrated or drawn? It misleads across panels:
    even numbers of votes tie far more often.

    Parameters
    ----------
    patterns, about, confidence
        As in `majority_share`.

    Returns
    -------
    Estimate
        From 0 to 1. Undefined where no item has two votes.

    References
    ----------
    Wilson (1927), 10.1080/01621459.1927.10502953 (interval)

    Examples
    --------
    >>> patterns = UnitPatterns(("a", "b"), "nominal",
    ...     np.array([[2, 0], [1, 1], [1, 0]]), np.array([6, 2, 9]))
    >>> tie_rate(patterns, about="batch").value
    0.25
    """
    return _share(
        patterns, "items without a unique majority", _is_tied, 2, about=about, confidence=confidence
    )


def resolved_share(
    patterns: UnitPatterns, *, about: AboutLabels = "process", confidence: float = 0.95
) -> Estimate:
    """Share of rated items that a vote can ship: one label has more votes than any other.

    How much of the batch comes out with a label? It misleads alone: an item with one vote is
    always resolved, and nobody checked it.

    Parameters
    ----------
    patterns, about, confidence
        As in `majority_share`.

    Returns
    -------
    Estimate
        From 0 to 1. Undefined where no item is rated.

    References
    ----------
    Wilson (1927), 10.1080/01621459.1927.10502953 (interval)

    Examples
    --------
    >>> patterns = UnitPatterns(("a", "b"), "nominal",
    ...     np.array([[2, 0], [1, 1], [1, 0]]), np.array([5, 2, 3]))
    >>> resolved_share(patterns, about="batch").value
    0.8
    """
    return _share(
        patterns,
        "rated items with a unique label",
        _is_resolved,
        1,
        about=about,
        confidence=confidence,
    )


def _has_majority(counts: Integers) -> NDArray[np.bool_]:
    return np.asarray(2 * counts.max(axis=-1) > counts.sum(axis=-1))


def _is_tied(counts: Integers) -> NDArray[np.bool_]:
    return np.asarray((counts == counts.max(axis=-1, keepdims=True)).sum(axis=-1) > 1)


def _is_resolved(counts: Integers) -> NDArray[np.bool_]:
    return np.asarray(~_is_tied(counts))


def _share(
    patterns: UnitPatterns,
    what: str,
    holds: Property,
    fewest: int,
    *,
    about: AboutLabels,
    confidence: float,
) -> Estimate:
    rated = patterns.counts.sum(axis=1) >= fewest
    items = np.where(rated, patterns.multiplicity, 0)
    n, count = int(items.sum()), int(items[holds(patterns.counts)].sum())
    blank = Estimate(confidence=confidence, n=n, about=about, method=f"share of {what}")
    if n == 0:
        reason = "no item has two votes" if fewest == 2 else "no item is rated"
        return blank.but(status="undefined", reason=reason)
    blank = blank.but(value=count / n)
    if about == "batch":
        method = f"{blank.method}; all items counted"
        return blank.but(low=blank.value, high=blank.value, method=method)
    if patterns.compositions is None:
        low, high = wilson(count, n, confidence)
        clusters, how = n, "Wilson interval"
    else:
        low, high, clusters = _by_group(patterns, patterns.compositions, holds, fewest, blank)
        how = f"Wilson interval, clustered by {clusters} groups"
    few = clusters < MINIMUM_UNITS
    unit = "items" if patterns.compositions is None else "groups"
    return blank.but(
        low=low,
        high=high,
        method=f"{blank.method}; {how}",
        status="insufficient" if few else "ok",
        reason=f"too little data: {clusters} {unit}, {MINIMUM_UNITS} are needed" if few else "",
    )


def _by_group(
    patterns: UnitPatterns,
    groups: Compositions,
    holds: Property,
    fewest: int,
    estimate: Estimate,
) -> tuple[float, float, int]:
    """Wilson's interval at the number of independent items that gives the jackknife variance."""

    def features(counts: Integers) -> Floats:
        counted = counts.sum(axis=-1) >= fewest
        return np.stack([holds(counts) & counted, counted], axis=-1).astype(np.float64)

    share = LinearStatistic("share", 2, features, lambda sums: ratio(sums[..., 0], sums[..., 1]))
    weights = patterns.multiplicity.astype(np.float64)
    spread = jackknife_spread(delete_groups(share, patterns.counts, weights, groups))
    clusters, variance, value = int(spread.units), float(spread.variance), estimate.value
    effective, level = float(clusters), 0.5 + estimate.confidence / 2
    critical = float(ndtri(level))
    if variance > 0:
        effective = min(float(estimate.n), value * (1 - value) / variance)
        critical = float(stdtrit(spread.freedom, level))
    return *score_interval(value, effective, critical), clusters
