"""Signs that a reviewer's work stands out; `metrics.review_flags` makes flags of them.

Every sign compares one reviewer with the others on the same kind of work and allows for the spread
there is between sound people.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import isfinite, nan

import numpy as np

from metrics.against_others import Comparison, against_others
from metrics.review_drift import trends
from metrics.review_pace import FAST, paces
from metrics.review_tables import (
    ACCEPTED,
    ESCALATED,
    OVERTURNED,
    KnownReviews,
    Mask,
    ReviewMix,
    ReviewPairs,
    Reviews,
    ReviewTimes,
    Texts,
    names,
)
from metrics.signals import Side, Signal, SignalKind
from metrics.tables import Integers

FEWEST = 20
"""Cases below which a rate is not compared with anybody's."""
SEVERITY_FLOOR, CATCH_FLOOR, OVERRULED_FLOOR, PEER_FLOOR, DRIFT_FLOOR = 0.10, 0.15, 0.10, 0.10, 0.15
SEVERITY_SPREAD, CATCH_SPREAD, OVERRULED_SPREAD, PEER_SPREAD = 0.04, 0.06, 0.04, 0.04
"""Least difference that matters, and least spread between sound reviewers, of each rate."""


@dataclass(frozen=True, slots=True)
class _Sign:
    """What one kind of sign is called, and when a difference matters."""

    kind: SignalKind
    n_unit: str
    floor: float
    spread: float
    words: str


_LENIENCY = _Sign("severity", "reviews", SEVERITY_FLOOR, SEVERITY_SPREAD, "overturned")
_MISSES = _Sign("probes", "wrong answers", CATCH_FLOOR, CATCH_SPREAD, "caught of wrong answers")
_TRAPS = _Sign("trap", "wrong answers", CATCH_FLOOR, CATCH_SPREAD, "caught of planted traps")
_REFUSALS = _Sign("probes", "right answers", CATCH_FLOOR, CATCH_SPREAD, "refused of right answers")
_OVERRULED = _Sign(
    "overruled", "decisions", OVERRULED_FLOOR, OVERRULED_SPREAD, "reversed by a later stage"
)
_PEERS = _Sign("agreement", "answers", PEER_FLOOR, PEER_SPREAD, "judged unlike a second reviewer")


def review_signals(
    reviews: Reviews,
    pairs: ReviewPairs,
    mix: ReviewMix,
    times: ReviewTimes,
    known: KnownReviews,
) -> list[Signal]:
    """Return every sign about every reviewer, tested or not."""
    return [
        *leniency(reviews, mix),
        *missed_defects(known),
        *refused_answers(known),
        *overruled(pairs),
        *unlike_peers(pairs),
        *pace(times),
        *drift(mix),
    ]


def leniency(reviews: Reviews, mix: ReviewMix) -> list[Signal]:
    """Compare overturn rates, standardised for every mix of work that is known.

    Standardised for stage and selection, then besides for the annotator, the label under review,
    and each attribute of the items. The least telling of these comparisons is the sign: somebody
    is severe only if no mix explains it.
    """
    people = names(reviews.reviewer)
    place = _joined(reviews.question, reviews.stage, reviews.selection)
    strata = [place, _joined(place, reviews.annotator), _joined(place, reviews.before)]
    tables = [
        _compared(
            _LENIENCY, people, reviews.reviewer, key, outcome=reviews.outcome, count=reviews.count
        )
        for key in strata
    ]
    for dimension in names(mix.dimension):
        part = mix.take(mix.dimension == dimension)
        key = _joined(part.question, part.stage, part.selection, part.stratum)
        tables.append(
            _compared(_LENIENCY, people, part.reviewer, key, outcome=part.outcome, count=part.count)
        )
    return _signals(
        _LENIENCY, people, [_least_telling(column) for column in zip(*tables, strict=True)]
    )


def missed_defects(known: KnownReviews) -> list[Signal]:
    """Compare catch rates on golden and reference items, and apart from them on traps."""
    found = []
    wrong = known.take(known.truth == "wrong")
    for sign, chosen in ((_MISSES, wrong.type != "trap"), (_TRAPS, wrong.type == "trap")):
        part = wrong.take(chosen)
        caught = np.where(part.outcome == ESCALATED, OVERTURNED, part.outcome)
        key = _joined(part.question, part.type, part.stage)
        people = names(part.reviewer)
        rows = _compared(sign, people, part.reviewer, key, outcome=caught, count=part.count)
        found += _signals(sign, people, rows)
    return found


def refused_answers(known: KnownReviews) -> list[Signal]:
    """Compare how often answers known to be right were overturned."""
    right = known.take(known.truth == "right")
    people = names(right.reviewer)
    key = _joined(right.question, right.type, right.stage)
    rows = _compared(
        _REFUSALS, people, right.reviewer, key, outcome=right.outcome, count=right.count
    )
    return _signals(_REFUSALS, people, rows)


def overruled(pairs: ReviewPairs) -> list[Signal]:
    """Compare how often later stages reversed what a reviewer decided."""
    earlier = pairs.take((pairs.stage != pairs.stage_later) & (pairs.upheld != ""))
    outcome = np.where(earlier.upheld == "false", OVERTURNED, ACCEPTED)
    key = _joined(
        earlier.question, earlier.stage, earlier.stage_later, earlier.selection, earlier.outcome
    )
    people = names(earlier.reviewer)
    rows = _compared(
        _OVERRULED, people, earlier.reviewer, key, outcome=outcome, count=earlier.count
    )
    return _signals(_OVERRULED, people, rows)


def unlike_peers(pairs: ReviewPairs) -> list[Signal]:
    """Compare how often a reviewer differs from the second one with how often others differ."""
    decided = (pairs.outcome == ACCEPTED) | (pairs.outcome == OVERTURNED)
    later = (pairs.verdict_later == ACCEPTED) | (pairs.verdict_later == OVERTURNED)
    same = pairs.take((pairs.stage == pairs.stage_later) & decided & later)
    differ = (same.outcome != same.verdict_later).astype(float) * same.count
    key = _joined(same.question, same.stage, same.blind)
    strata, column = np.unique(key, return_inverse=True)
    people = names(np.concatenate([same.reviewer, same.reviewer_later]))
    hits, cases = np.zeros((2, len(people), len(strata)))
    for who in (same.reviewer, same.reviewer_later):
        row = np.searchsorted(people, who)
        np.add.at(cases, (row, column), same.count)
        np.add.at(hits, (row, column), differ)
    # Every pair has two people: half the sum over people is all pairs.
    base = (hits.sum(axis=0) / 2 - hits, cases.sum(axis=0) / 2 - cases)
    rows = against_others(hits, cases, natural_spread=PEER_SPREAD, base=base) if people else []
    return _signals(_PEERS, people, rows)


def pace(times: ReviewTimes) -> list[Signal]:
    """Compare the time of decisions; three times as fast or slow as the others is notable."""
    found = []
    for one in paces(times):
        side: Side = "low" if not one.ratio >= 1 else "high"
        words = f"{one.seconds:.1f} s a decision, others {one.others:.1f} s"
        if isfinite(one.fast_accepts):
            words += f"; {one.fast_accepts:.0%} of acceptances in under a third of that"
        found.append(
            Signal(
                person=one.reviewer,
                kind="speed",
                question="",
                side=side,
                value=one.ratio,
                expected=1.0,
                n=one.n,
                n_unit="reviews",
                p_value=one.p_value,
                notable=one.ratio <= FAST or one.ratio >= 1 / FAST,
                detectable=isfinite(one.p_value),
                note=one.reason or words,
                low=one.low,
                high=one.high,
            )
        )
    return found


def drift(mix: ReviewMix) -> list[Signal]:
    """Compare how the overturn rate changed over the weeks with how that of the others did."""
    return [
        Signal(
            person=one.reviewer,
            kind="time_course",
            question="",
            side="low" if one.change < 0 else "high",
            value=one.change,
            expected=0.0,
            n=one.n,
            n_unit="reviews",
            p_value=one.p_value,
            notable=abs(one.change) >= DRIFT_FLOOR,
            detectable=one.reach <= DRIFT_FLOOR,
            note=f"overturn rate moved by {one.change:+.0%} against the others in {one.weeks} weeks"
            if isfinite(one.p_value)
            else f"{one.weeks} weeks with enough reviews; a change needs 4",
            low=one.low,
            high=one.high,
        )
        for one in trends(mix)
    ]


def _joined(*columns: Texts) -> Texts:
    """Return one text per entry that differs where any of the columns does."""
    found = columns[0]
    for column in columns[1:]:
        found = np.char.add(np.char.add(found, "\x1f"), column)
    return found


def _compared(
    sign: _Sign, people: Sequence[str], who: Texts, key: Texts, *, outcome: Texts, count: Integers
) -> list[Comparison]:
    """Compare the share of overturned among decided, by person and stratum."""
    decided: Mask = (outcome == ACCEPTED) | (outcome == OVERTURNED)
    strata, column = np.unique(key, return_inverse=True)
    if not people:
        return []
    hits, cases = np.zeros((2, len(people), max(len(strata), 1)))
    row = np.searchsorted(people, who)
    np.add.at(cases, (row[decided], column[decided]), count[decided])
    turned = decided & (outcome == OVERTURNED)
    np.add.at(hits, (row[turned], column[turned]), count[turned])
    return against_others(hits, cases, natural_spread=sign.spread)


def _least_telling(rows: Iterable[Comparison]) -> Comparison:
    """Return the comparison that explains most of the difference away."""
    found = list(rows)
    compared = [one for one in found if isfinite(one.p_value)]
    if not compared:
        return found[0]
    least = min(compared, key=lambda one: abs(one.rate - one.expected))
    if len({one.rate > one.expected for one in compared}) > 1:
        # One mix says severe, another mild: nothing is shown.
        return replace(least, p_value=1.0)
    return least


def _signals(sign: _Sign, people: Sequence[str], rows: Sequence[Comparison]) -> list[Signal]:
    return [_signal(sign, who, row) for who, row in zip(people, rows, strict=True) if row.n]


def _signal(sign: _Sign, who: str, row: Comparison) -> Signal:
    enough = row.n >= FEWEST and isfinite(row.p_value)
    compared = f", others {row.expected:.0%} on the same mix" if isfinite(row.expected) else ""
    why = "" if enough else f"; fewer than {FEWEST} cases" if row.n < FEWEST else _ALONE
    return Signal(
        person=who,
        kind=sign.kind,
        question="",
        side="low" if row.rate < row.expected else "high",
        value=row.rate,
        expected=row.expected,
        n=row.n,
        n_unit=sign.n_unit,
        p_value=row.p_value if enough else nan,
        notable=abs(row.rate - row.expected) >= sign.floor,
        detectable=enough and row.reach <= sign.floor,
        note=f"{row.rate:.0%} {sign.words}{compared}{why}",
        low=row.low,
        high=row.high,
    )


_ALONE = "; fewer than two others did enough of the same work"
