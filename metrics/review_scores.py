"""One figure for how far a reviewer's decisions can be trusted, on a basis all of them share.

A share of right decisions would praise whoever accepts everything, as most answers are right. The
score is the mean of two shares: of the wrong answers caught and of the right ones passed, or, where
no truth is known, of acceptances and of corrections that a later stage left standing.
"""

from collections.abc import Sequence

import numpy as np

from metrics.estimates import Estimate
from metrics.known_answers import caught
from metrics.review_pairs import peers
from metrics.review_tables import ACCEPTED, OVERTURNED, KnownReviews, ReviewPairs, names, total
from metrics.shrunken_shares import not_told_apart, shrunken_shares
from metrics.tables import Integers

FEWEST = 10
"""Cases from which on a basis may give the score of a reviewer."""
_Shares = list[dict[str, tuple[int, int]]]


def reviewer_scores(
    known: KnownReviews, pairs: ReviewPairs, reviewers: Sequence[str]
) -> tuple[list[Estimate], list[list[int]]]:
    """Score reviewers, and say whom the score cannot tell from whom.

    Can this reviewer's decisions be relied on? All are scored on one basis: known answers, else
    later stages, else second reviewers, whichever speaks of half of them first. It misleads where
    that basis is easier or harder than the work, and across batches with another basis.

    Returns
    -------
    estimates : one a reviewer, 0 to 1; 0.5 is what accepting everything, or guessing, gets on the
        first two bases. Insufficient under ten cases, where it is mostly the crew's mean.
    groups : for each, the positions of those it cannot be told apart from
    """
    for words, shares in (
        ("mean of catch rate and specificity on answers with a known truth", _on_known(known)),
        ("mean share of acceptances and of corrections left by later stages", _on_later(pairs)),
        ("share of decisions a second reviewer shares", _on_peers(pairs)),
    ):
        counts = [
            np.array([share.get(who, (0, 0)) for who in reviewers], dtype=np.int64).reshape(-1, 2)
            for share in shares
        ]
        n: Integers = np.sum([count[:, 1] for count in counts], axis=0)
        if len(n) and (n >= FEWEST).sum() >= len(n) / 2:
            return _scored(words, counts, n)
    nothing = Estimate(
        n_unit="decisions",
        status="missing_input",
        reason="no answers with a known truth, no later stage and no double reviews",
    )
    return [nothing for _ in reviewers], [[] for _ in reviewers]


def _scored(
    words: str, counts: Sequence[Integers], n: Integers
) -> tuple[list[Estimate], list[list[int]]]:
    found = [shrunken_shares(count[:, 0], count[:, 1]) for count in counts]
    mean = np.mean([one.mean for one in found], axis=0)
    deviation = np.sqrt(np.sum([one.deviation**2 for one in found], axis=0)) / len(found)
    if len(found) == 1:
        low, high = found[0].low, found[0].high
    else:
        low = np.clip(mean - 1.959964 * deviation, 0, 1)
        high = np.clip(mean + 1.959964 * deviation, 0, 1)
    estimates = [
        Estimate(
            value=float(mean[at]),
            low=float(low[at]),
            high=float(high[at]),
            n=int(n[at]),
            n_unit="decisions",
            method=f"{words}; empirical Bayes over the crew",
            status="ok" if n[at] >= FEWEST else "insufficient",
            reason="" if n[at] >= FEWEST else f"fewer than {FEWEST} decisions",
        )
        for at in range(len(n))
    ]
    return estimates, not_told_apart(mean, deviation)


def _on_known(known: KnownReviews) -> _Shares:
    shares: _Shares = [{}, {}]
    for one in caught(known):
        if one.reviewer and one.type != "trap":
            for share, estimate in zip(shares, (one.sensitivity, one.specificity), strict=True):
                if estimate.n:
                    hits, n = share.get(one.reviewer, (0, 0))
                    right = round(estimate.value * estimate.n)
                    share[one.reviewer] = hits + right, n + estimate.n
    return shares


def _on_later(pairs: ReviewPairs) -> _Shares:
    earlier = pairs.take((pairs.stage != pairs.stage_later) & (pairs.upheld != ""))
    shares: _Shares = [{}, {}]
    for who in names(earlier.reviewer):
        for share, decided in zip(shares, (ACCEPTED, OVERTURNED), strict=True):
            own = earlier.take((earlier.reviewer == who) & (earlier.outcome == decided))
            share[who] = total(own, own.upheld == "true"), int(own.count.sum())
    return shares


def _on_peers(pairs: ReviewPairs) -> _Shares:
    share: dict[str, tuple[int, int]] = {}
    for one in peers(pairs):
        for who in (one.first, one.second):
            hits, n = share.get(who, (0, 0))
            same = one.table[0][0] + one.table[1][1]
            share[who] = hits + same, n + one.agreement.n
    return [share]
