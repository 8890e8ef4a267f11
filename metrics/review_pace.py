"""How fast reviewers decide, against others on the same kind of decision."""

from dataclasses import dataclass
from math import erfc, exp, log, nan, sqrt

import numpy as np

from metrics.review_tables import ACCEPTED, OVERTURNED, Mask, ReviewTimes, names, total
from metrics.tables import Floats, Integers

BASE = log(1.02)
NATURAL_SPREAD = 0.35
"""Least standard deviation of log pace between sound people: a third faster or slower is usual."""
FEWEST = 20
FAST = 1 / 3
"""A review in less than this share of the others' median time is fast."""
_MOST_ALIKE = 0.8
_NORMAL_MAD = 1.4826


@dataclass(frozen=True, slots=True)
class Pace:
    """The pace of one reviewer.

    Attributes
    ----------
    seconds, others : median time, and that of the others
    ratio : pace on the same stages and outcomes, geometric mean over them; below 1 is faster
    low, high : limits of the ratio, natural spread between people not included
    fast_accepts : share of acceptances given in under a third of the others' median time
    n : timed decisions
    p_value : against the natural spread of pace; nan where it cannot be compared
    reason : why not
    """

    reviewer: str
    seconds: float
    others: float
    ratio: float
    low: float
    high: float
    fast_accepts: float
    n: int
    p_value: float
    reason: str


def seconds_of(log_bin: float) -> float:
    """Return the middle of a bin in seconds.

    Examples
    --------
    >>> round(seconds_of(465), 1)
    10.1
    """
    return (exp((log_bin + 0.5) * BASE) - 1) / 1000


def paces(times: ReviewTimes) -> list[Pace]:
    """Compare the time every reviewer takes with that of the others.

    Who decides so fast that nothing can have been read? Medians are compared stage by stage and
    outcome by outcome: an acceptance takes less than a correction. It misleads where begin and end
    are not what they say: times that are all the same, or zero, are named and not compared.

    Returns
    -------
    list of Pace, by reviewer
    """
    decided = times.take((times.outcome == ACCEPTED) | (times.outcome == OVERTURNED))
    people = names(decided.reviewer)
    logs = {who: _log_ratio(decided, who) for who in people}
    return [_pace(decided, who, logs) for who in people]


def _pace(times: ReviewTimes, who: str, logs: dict[str, tuple[float, float]]) -> Pace:
    mine = times.reviewer == who
    own, n = _median(times, mine), total(times, mine)
    other = _median(times, ~mine)
    ratio, error = logs[who]
    reason = _unfit(times, mine, n)
    rest = np.array([value for name, (value, _) in logs.items() if name != who])
    rest = rest[np.isfinite(rest)]
    if not reason and (len(rest) < 2 or not np.isfinite(ratio)):
        reason = "fewer than two others decided the same kind of thing"
    p_value = nan
    if not reason:
        spread = max(NATURAL_SPREAD, _NORMAL_MAD * float(np.median(np.abs(rest - np.median(rest)))))
        z = abs(ratio - float(np.median(rest))) / sqrt(spread**2 + error**2)
        p_value = max(erfc(z / sqrt(2)), 1e-300)
    accepting = times.outcome == ACCEPTED
    limit = FAST * _median(times, ~mine & accepting)
    quick = accepting & mine & (_seconds(times.log_bin) < limit)
    accepted = total(times, accepting & mine)
    return Pace(
        reviewer=who,
        seconds=own,
        others=other,
        ratio=exp(ratio),
        low=exp(ratio - 1.96 * error),
        high=exp(ratio + 1.96 * error),
        fast_accepts=total(times, quick) / accepted if accepted else nan,
        n=n,
        p_value=p_value,
        reason=reason,
    )


def _log_ratio(times: ReviewTimes, who: str) -> tuple[float, float]:
    """Return the mean log ratio of medians over stages and outcomes, and its standard error."""
    sums, weights, variance = 0.0, 0.0, 0.0
    for question in names(times.question):
        for stage in names(times.stage):
            for outcome in (ACCEPTED, OVERTURNED):
                inside = (
                    (times.question == question)
                    & (times.stage == stage)
                    & (times.outcome == outcome)
                )
                mine, others = inside & (times.reviewer == who), inside & (times.reviewer != who)
                n, m = total(times, mine), total(times, others)
                if n < 2 or m < 2:
                    continue
                sums += n * (_log(_median(times, mine)) - _log(_median(times, others)))
                weights += n
                spread = _deviation(times, mine) ** 2 / n + _deviation(times, others) ** 2 / m
                variance += n * n * np.pi / 2 * spread
    if not weights:
        return nan, nan
    return sums / weights, sqrt(variance) / weights


def _unfit(times: ReviewTimes, mine: Mask, n: int) -> str:
    """Say why times cannot be compared; empty where they can."""
    if n < FEWEST:
        return f"fewer than {FEWEST} timed decisions"
    counts = times.count[mine]
    per_bin = np.bincount(np.unique(times.log_bin[mine], return_inverse=True)[1], weights=counts)
    if total(times, mine & (times.log_bin == 0)) > n / 2:
        return "most decisions begin and end in the same moment: the times were not taken"
    if per_bin.max() > _MOST_ALIKE * n:
        return "nearly all times are the same: placeholders"
    return ""


def _median(times: ReviewTimes, chosen: Mask) -> float:
    bins, counts = times.log_bin[chosen], times.count[chosen]
    return seconds_of(_quantile(bins, counts, 0.5)) if len(bins) else nan


def _deviation(times: ReviewTimes, chosen: Mask) -> float:
    """Return the standard deviation of log time, from the quartiles."""
    bins, counts = times.log_bin[chosen], times.count[chosen]
    spread = _quantile(bins, counts, 0.75) - _quantile(bins, counts, 0.25)
    return max(float(spread) * BASE / 1.349, BASE)


def _quantile(bins: Integers, counts: Integers, level: float) -> float:
    order = np.argsort(bins)
    place = np.searchsorted(np.cumsum(counts[order]), level * counts.sum())
    return float(bins[order][min(int(place), len(bins) - 1)])


def _seconds(bins: Integers) -> Floats:
    found: Floats = (np.exp((bins + 0.5) * BASE) - 1) / 1000
    return found


def _log(seconds: float) -> float:
    return log(max(seconds, 1e-3))
