"""Reviewers on answers of which the truth is known: what they catch, and what they let pass.

Golden, trap and reference items are three instruments and are never added up.
"""

from dataclasses import dataclass

from metrics.estimates import Estimate
from metrics.intervals import ProportionInterval, proportion
from metrics.review_tables import ACCEPTED, ESCALATED, OVERTURNED, KnownReviews, names, total

TYPES = ("golden", "trap", "reference")


@dataclass(frozen=True, slots=True)
class Caught:
    """One reviewer, or '' for all, on one kind of known answers.

    Attributes
    ----------
    sensitivity : share of the wrong answers that were overturned or escalated (the catch rate)
    specificity : share of the right answers that were accepted, of those decided
    """

    type: str
    reviewer: str
    sensitivity: Estimate
    specificity: Estimate


def caught(known: KnownReviews) -> list[Caught]:
    """Catch rate and specificity by kind of known answers, for all and for each reviewer.

    What would a reviewer let through? An escalated wrong answer was not let through and counts as
    caught; an escalated right one is not held against anybody. It misleads where known answers can
    be recognised, or are easier than the work.

    Returns
    -------
    list of Caught
        Wilson intervals; undefined where there is nothing to catch, or nothing right to pass.
    """
    found = []
    for kind in TYPES:
        part = known.take(known.type == kind)
        if not len(part.count):
            continue
        for reviewer in ["", *names(part.reviewer)]:
            own = part if not reviewer else part.take(part.reviewer == reviewer)
            found.append(Caught(kind, reviewer, catch_rate(own), _specificity(own)))
    return found


def catch_rate(
    known: KnownReviews, *, interval: ProportionInterval = "wilson", confidence: float = 0.95
) -> Estimate:
    """Share of wrong answers with a known truth that a review overturned or escalated.

    Of the defects that were seeded, how many did the reviewers find? It misleads where seeded
    defects can be recognised, or are easier than real ones; golden, trap and reference items are
    different instruments and are never added up.

    Parameters
    ----------
    known : reviews of answers to planted items of one type
    interval : {"wilson", "clopper_pearson", "jeffreys"}
        Wilson's for display, exact limits for a criterion.
    confidence : float in (0, 1)

    Returns
    -------
    Estimate
        From 0 (all let through) to 1, n in reviewed wrong answers. Undefined where no wrong answer
        was reviewed: nothing could be caught.

    References
    ----------
    Mills (1972), On the statistical validation of computer programs, IBM FSC 72-6015

    Examples
    --------
    >>> head = ("q", "golden", "spot_check", "r", "wrong")
    >>> catch_rate(KnownReviews.of([(*head, "overturned", 18), (*head, "accepted", 6)])).value
    0.75
    """
    wrong = known.take(known.truth == "wrong")
    seen = total(wrong, (wrong.outcome == OVERTURNED) | (wrong.outcome == ESCALATED))
    n = seen + total(wrong, wrong.outcome == ACCEPTED)
    return proportion(seen, n, interval=interval, confidence=confidence, n_unit="wrong answers")


def _specificity(known: KnownReviews) -> Estimate:
    right = known.take(known.truth == "right")
    passed = total(right, right.outcome == ACCEPTED)
    n = passed + total(right, right.outcome == OVERTURNED)
    return proportion(passed, n, n_unit="right answers")
