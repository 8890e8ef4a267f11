"""Criteria about reviews: rates of one stage and selection, and checks that must find nothing."""

from typing import Literal

import numpy as np

from metrics.agreement import gwet_ac1, krippendorff_alpha, percent_agreement
from metrics.disputes import survival
from metrics.estimates import Estimate
from metrics.review_pairs import verdict_counts
from metrics.review_tables import Disputes, ReviewPairs, Reviews, total
from metrics.survival import median_time
from metrics.tables import ItemCounts, UnitPatterns

Coefficient = Literal["alpha", "ac1", "percent"]


def reviewer_agreement(
    pairs: ReviewPairs, *, coefficient: Coefficient = "alpha", confidence: float = 0.95
) -> Estimate:
    """Agreement of two reviewers who judged the same answer blind.

    Would another reviewer have decided the same? Verdicts are accepted or overturned; only blind
    pairs at one stage count, as whoever sees a verdict follows it. Where nearly all is accepted
    alpha is low for little disagreement: read it beside AC1. It misleads where one answer was
    judged by three or more: its pairs are counted as if they were of different answers.

    Parameters
    ----------
    pairs : ReviewPairs
        Pairs of any kind; blind ones of one stage are taken from them.
    coefficient : {"alpha", "ac1", "percent"}
        Krippendorff's alpha, Gwet's AC1, or the plain share.
    confidence : float in (0, 1)

    Returns
    -------
    Estimate
        As the coefficient; n in pairs of reviews. Undefined without a blind pair, alpha also where
        all verdicts are the same.

    References
    ----------
    Krippendorff 2011; Gwet 2008, 10.1348/000711006X126600

    Examples
    --------
    >>> head = ("q", "blind_review", "blind_review", "random", "true", "r1", "r2", "a")
    >>> both = (*head, "accepted", "accepted", "accepted", "", 9)
    >>> one = (*head, "accepted", "overturned", "overturned", "", 1)
    >>> reviewer_agreement(ReviewPairs.of([both, one]), coefficient="percent").value
    0.9
    """
    same = (pairs.stage == pairs.stage_later) & (pairs.blind == "true")
    (accepted, first), (second, overturned) = verdict_counts(pairs.take(same))
    blank = Estimate(confidence=confidence, n_unit="pairs of reviews")
    if not accepted + first + second + overturned:
        return blank.but(status="undefined", reason="no two reviewers judged an answer blind")
    patterns = UnitPatterns(
        labels=("accepted", "overturned"),
        level="nominal",
        counts=np.array([[2, 0], [1, 1], [0, 2]]),
        multiplicity=np.array([accepted, first + second, overturned]),
    )
    measure = {"alpha": krippendorff_alpha, "ac1": gwet_ac1, "percent": percent_agreement}
    found = measure[coefficient](patterns, confidence=confidence)
    reason = found.reason.replace("ratings", "verdicts").replace("items", "pairs of reviews")
    method = found.method.replace("delete-one-item", "delete-one-pair")
    return found.but(n_unit=blank.n_unit, reason=reason, method=method)


def dispute_age(disputes: Disputes, *, confidence: float = 0.95) -> Estimate:
    """Days until half of the disputes are settled, open ones counted as long as they lasted.

    How long does a doubt stay open? The mean of the settled ones would leave out those that take
    longest. It misleads where disputes are settled in rounds: then the calendar is measured.

    Parameters
    ----------
    disputes : Disputes
    confidence : float in (0, 1)

    Returns
    -------
    Estimate
        Days, lower is faster. Undefined without disputes, or while fewer than half are settled;
        missing input where escalations or arbitrations have no times.

    References
    ----------
    Kaplan and Meier (1958), 10.1080/01621459.1958.10501452; Brookmeyer and Crowley (1982),
    10.2307/2530286

    Examples
    --------
    >>> rows = [("q", "", "r", state, "accepted", "", "", hours, n)
    ...     for state, hours, n in (("closed", 24, 4), ("closed", 72, 4), ("open", 48, 2))]
    >>> dispute_age(Disputes.of(rows)).value
    3.0
    """
    blank = Estimate(n=int(disputes.count.sum()), n_unit="disputes", confidence=confidence)
    if not blank.n:
        return blank.but(status="undefined", reason="there are no disputes")
    found = survival(disputes, confidence=confidence)
    if found is None:
        reason = "no times of escalation and arbitration"
        return blank.but(status="missing_input", reason=reason)
    return median_time(found)


def open_disputes(disputes: Disputes) -> Estimate:
    """Count the disputes that no arbitration has decided.

    Is anything of this batch still in doubt? A count of the batch, with nothing to test.

    Parameters
    ----------
    disputes : Disputes

    Returns
    -------
    Estimate
        0 and more, of all disputes; 0 where nothing was disputed.

    References
    ----------
    Cochran (1977), Sampling Techniques, 3rd ed., ch. 1: a complete count has no sampling error.

    Examples
    --------
    >>> rows = [("q", "", "r", state, "accepted", "", "", 24, 4) for state in ("closed", "open")]
    >>> open_disputes(Disputes.of(rows)).value
    4.0
    """
    found = total(disputes, disputes.state == "open")
    return _count(found, int(disputes.count.sum()), "disputes")


def self_review_count(reviews: Reviews) -> Estimate:
    """Count the reviews of a person's own answers. Must be none.

    Did anybody check their own work? Reviews that do not say who reviewed, or whose answer it was,
    could be such ones: they are in the upper limit, so that a batch that names nobody cannot pass.

    Parameters
    ----------
    reviews : Reviews

    Returns
    -------
    Estimate
        A count of this batch, of all reviews; high is the count if every unnamed review were one.
        Undefined without reviews.

    References
    ----------
    Cochran (1977), Sampling Techniques, 3rd ed., ch. 1: a complete count has no sampling error.

    Examples
    --------
    >>> rows = [("q", "spot_check", "random", "", "r", who, "x", "x", "approve", "accepted", 5)
    ...     for who in ("r", "a", "")]
    >>> found = self_review_count(Reviews.of(rows))
    >>> found.value, found.high, found.n
    (5.0, 10.0, 15)
    """
    n = int(reviews.count.sum())
    if not n:
        return _count(0, 0, "reviews").but(status="undefined", reason="there are no reviews")
    named = (reviews.reviewer != "") & (reviews.annotator != "")
    own = total(reviews, named & (reviews.reviewer == reviews.annotator))
    return _count(own, n, "reviews", unknown=total(reviews, ~named))


def silent_edit_count(reviews: Reviews) -> Estimate:
    """Count the reviews that say accepted and yet leave another answer. Must be none.

    Was anything changed without being said? Acceptances that do not say which answer they were
    shown could be such ones: they are in the upper limit.

    Parameters
    ----------
    reviews : Reviews

    Returns
    -------
    Estimate
        A count of this batch, of the acceptances; high is the count if every one that cannot be
        checked were silent. Undefined without acceptances.

    References
    ----------
    Cochran (1977), Sampling Techniques, 3rd ed., ch. 1: a complete count has no sampling error.

    Examples
    --------
    >>> rows = [("q", "spot_check", "random", "", "r", "a", "x", after, "approve", "accepted", 5)
    ...     for after in ("x", "y")]
    >>> silent_edit_count(Reviews.of(rows)).value
    5.0
    """
    accepted = reviews.decision == "approve"
    n = total(reviews, accepted)
    if not n:
        reason = "there is no review that accepted anything"
        return _count(0, 0, "acceptances").but(status="undefined", reason=reason)
    # An acceptance that leaves no answer of its own leaves the one it was shown.
    blind = accepted & (reviews.before == "") & (reviews.after != "")
    changed = accepted & (reviews.before != "") & (reviews.after != "")
    silent = total(reviews, changed & (reviews.before != reviews.after))
    return _count(silent, n, "acceptances", unknown=total(reviews, blind))


def model_decision_count(items: ItemCounts) -> Estimate:
    """Count the items that no person answered or reviewed. Must be none.

    Does anything ship on the word of models and rules alone? A census: every item with an answer
    is looked at.

    Parameters
    ----------
    items : ItemCounts
        Items without a person, and items there are.

    Returns
    -------
    Estimate
        A count of this batch, of all items. Undefined without items.

    References
    ----------
    Cochran (1977), Sampling Techniques, 3rd ed., ch. 1: a complete count has no sampling error.

    Examples
    --------
    >>> model_decision_count(ItemCounts(inside=3, total=200)).value
    3.0
    """
    if not items.total:
        return _count(0, 0, "items").but(status="undefined", reason="there are no items")
    return _count(items.inside, items.total, "items")


def _count(found: int, n: int, unit: str, *, unknown: int = 0) -> Estimate:
    return Estimate(
        value=float(found),
        low=float(found),
        high=float(found + unknown),
        n=n,
        n_unit=unit,
        about="batch",
        method="count of this batch, no sample",
        is_count=not unknown,
        provenance={"bounds": f"{unknown:,} of {n:,} {unit} cannot be checked"} if unknown else {},
    )
