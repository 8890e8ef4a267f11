"""What reviewers do with answers: how often they overturn them, in which direction, of whom.

Answers drawn at random, answers somebody flagged and answers that were all reviewed speak of
different things. Every rate here is of one stage and one selection; nothing adds them up.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Literal

import numpy as np

from metrics.estimates import Estimate
from metrics.intervals import ProportionInterval, proportion
from metrics.review_tables import ACCEPTED, OVERTURNED, SELECTIONS, Mask, Reviews, names, total

By = Literal["", "reviewer", "annotator", "before", "question", "blind"]
STAGES = ("pre_review", "secondary_review", "blind_review", "spot_check", "arbitration", "")


@dataclass(frozen=True, slots=True)
class Rate:
    """The overturn rate of one group at one stage under one selection."""

    stage: str
    selection: str
    group: str
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class Direction:
    """How often one stage turned one answer into another; '' is an answer refused, not replaced."""

    question: str
    stage: str
    selection: str
    before: str
    after: str
    count: int


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule of the review that one reviewer broke, how often, and out of how many reviews."""

    reviewer: str
    count: int
    n: int


def overturn_rate(
    reviews: Reviews, *, interval: ProportionInterval = "wilson", confidence: float = 0.95
) -> Estimate:
    """Share of decided reviews in which the answer was changed or refused.

    How often does a review find something to change? Comparable between groups only where stage
    and selection are the same: answers picked because somebody doubted them are overturned more
    often. It misleads as a measure of the annotator where the reviewer is careless, and the other
    way round.

    Parameters
    ----------
    reviews : reviews of one stage and one selection
    interval : {"wilson", "clopper_pearson", "jeffreys"}
        Wilson's for display, exact limits for a criterion; all take reviews as independent.
    confidence : float in (0, 1)

    Returns
    -------
    Estimate
        From 0 (all accepted) to 1 (all overturned). Escalations and comments decide nothing and
        are not counted. Undefined without a decided review; not representative unless the answers
        were drawn at random or all reviewed.

    References
    ----------
    Wilson (1927), Probable inference, the law of succession, and statistical inference,
    10.1080/01621459.1927.10502953

    Examples
    --------
    >>> row = ("q", "spot_check", "random", "", "r", "a", "x", "y", "revise")
    >>> kept = ("q", "spot_check", "random", "", "r", "a", "x", "x", "approve")
    >>> rate = overturn_rate(Reviews.of([(*row, "overturned", 18), (*kept, "accepted", 222)]))
    >>> rate.value, round(rate.low, 7), round(rate.high, 7)
    (0.075, 0.0479648, 0.1154261)
    """
    overturned = total(reviews, reviews.outcome == OVERTURNED)
    n = overturned + total(reviews, reviews.outcome == ACCEPTED)
    estimate = proportion(overturned, n, interval=interval, confidence=confidence, n_unit="reviews")
    chosen = set(names(reviews.selection))
    return estimate.but(representative=chosen <= {"random", "all"} and len(chosen) == 1)


def overturn_rates(reviews: Reviews, by: By = "") -> list[Rate]:
    """Overturn rates of every stage and selection, split by one column.

    Parameters
    ----------
    by : reviewer, annotator, before (the label under review), question, blind; '' for no split

    Returns
    -------
    list of Rate
        Stages in the order of the work, selections apart, groups by name.
    """
    found = []
    for stage in STAGES:
        for selection in SELECTIONS:
            inside = (reviews.stage == stage) & (reviews.selection == selection)
            if not inside.any():
                continue
            part = reviews.take(inside)
            for group in names(getattr(part, by)) if by else [""]:
                own = part.take(getattr(part, by) == group) if by else part
                found.append(Rate(stage, selection, group, overturn_rate(own)))
    return found


def directions(reviews: Reviews) -> list[Direction]:
    """Which answers were turned into which, most frequent first.

    Is there a system in what reviewers change? Sums of overturned reviews, with no interval: the
    share of a direction among all reviews of that answer is an overturn rate `by="before"`.
    """
    turned = reviews.take(reviews.outcome == OVERTURNED)
    keys = zip(
        *(
            getattr(turned, name).tolist()
            for name in ("question", "stage", "selection", "before", "after")
        ),
        strict=True,
    )
    found: Counter[tuple[str, ...]] = Counter()
    for key, count in zip(keys, turned.count.tolist(), strict=True):
        found[key] += count
    return [
        Direction(question, stage, selection, before, after, count)
        for (question, stage, selection, before, after), count in sorted(
            found.items(), key=_most_first
        )
    ]


def silent_edits(reviews: Reviews) -> list[Breach]:
    """Reviews that say the answer was accepted and yet leave another one, by reviewer.

    A change nobody is told of: neither the annotator learns from it nor does a rate show it. Must
    be none. These reviews count as overturned everywhere else.
    """
    changed = (reviews.before != "") & (reviews.after != "") & (reviews.before != reviews.after)
    return _breaches(reviews, changed & (reviews.decision == "approve"))


def self_reviews(reviews: Reviews) -> list[Breach]:
    """Reviews of a person's own answers, by reviewer. Must be none, whatever they decided."""
    own = (reviews.reviewer != "") & (reviews.reviewer == reviews.annotator)
    return _breaches(reviews, own)


def without_own(reviews: Reviews) -> Reviews:
    """Leave out reviews of one's own answers: they say nothing about anybody's judgement."""
    return reviews.take((reviews.reviewer == "") | (reviews.reviewer != reviews.annotator))


def _breaches(reviews: Reviews, wrong: Mask) -> list[Breach]:
    return [
        Breach(name, total(reviews, wrong & own), total(reviews, own))
        for name in names(reviews.reviewer[wrong])
        if np.any(own := reviews.reviewer == name)
    ]


def _most_first(entry: tuple[tuple[str, ...], int]) -> tuple[int, tuple[str, ...]]:
    key, count = entry
    return -count, key
