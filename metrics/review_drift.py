"""Whether a reviewer becomes stricter or milder over the weeks, against the others in them."""

from dataclasses import dataclass
from math import erfc, nan, sqrt

import numpy as np

from metrics.review_tables import ACCEPTED, OVERTURNED, ReviewMix, names
from metrics.tables import Floats

FEWEST_WEEKS = 4
FEWEST_A_WEEK = 5
NATURAL_SPREAD = 0.03
"""Standard deviation by which a sound reviewer's rate moves from week to week."""


@dataclass(frozen=True, slots=True)
class Trend:
    """Change of one reviewer's overturn rate over the weeks, beyond that of the others.

    Attributes
    ----------
    change : from the first week to the last, along the fitted line
    low, high : its 95 % limits
    weeks, n : weeks compared, decided reviews in them
    p_value : two-sided; nan where it cannot be compared
    """

    reviewer: str
    change: float
    low: float
    high: float
    weeks: int
    n: int
    p_value: float
    reach: float


def trends(mix: ReviewMix) -> list[Trend]:
    """Fit a line through each reviewer's weekly difference to the others.

    Does somebody drift? Weeks in which everybody overturns more say nothing about one person. It
    misleads where the reviewer was given other work from some week on.

    Returns
    -------
    list of Trend, by reviewer; p nan under four weeks that others worked in too
    """
    weekly = mix.take(
        (mix.dimension == "week") & ((mix.outcome == ACCEPTED) | (mix.outcome == OVERTURNED))
    )
    people, weeks = names(weekly.reviewer), names(weekly.stratum)
    hits, cases = np.zeros((len(people), len(weeks))), np.zeros((len(people), len(weeks)))
    row, column = np.searchsorted(people, weekly.reviewer), np.searchsorted(weeks, weekly.stratum)
    np.add.at(cases, (row, column), weekly.count)
    np.add.at(hits, (row, column), weekly.count * (weekly.outcome == OVERTURNED))
    return [_trend(who, place, hits, cases) for place, who in enumerate(people)]


def _trend(who: str, place: int, hits: Floats, cases: Floats) -> Trend:
    own, n = hits[place], cases[place]
    other_hits, other_n = hits.sum(axis=0) - own, cases.sum(axis=0) - n
    used = (n >= FEWEST_A_WEEK) & (other_n >= FEWEST_A_WEEK)
    week = np.flatnonzero(used).astype(float)
    total = int(n[used].sum())
    if len(week) < FEWEST_WEEKS:
        return Trend(who, nan, nan, nan, len(week), total, nan, nan)
    n, other_n = n[used], other_n[used]
    mean = (other_hits[used] + 1) / (other_n + 2)
    overall = (own[used].sum() + other_hits[used].sum() + 1) / (n.sum() + other_n.sum() + 2)
    difference = own[used] / n - mean
    variance = overall * (1 - overall) * (1 / n + 1 / other_n) + NATURAL_SPREAD**2
    weight = 1 / variance
    centred = week - np.average(week, weights=weight)
    scale = float((weight * centred**2).sum())
    slope = float((weight * centred * difference).sum()) / scale
    level = np.average(difference, weights=weight)
    rest = float((weight * (difference - level - slope * centred) ** 2).sum())
    dispersion = max(1.0, rest / (len(week) - 2))
    span = float(week[-1] - week[0])
    error = sqrt(dispersion / scale) * span
    change = slope * span
    return Trend(
        reviewer=who,
        change=change,
        low=change - 1.96 * error,
        high=change + 1.96 * error,
        weeks=len(week),
        n=total,
        p_value=max(erfc(abs(change) / error / sqrt(2)), 1e-300),
        reach=2.8 * error,
    )
