"""Reviewers: what each of them did, how far it can be trusted, and who should be looked at.

The page, the command and the JSON read the same report.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from app.reviewing import Reviewing, reviewing
from metrics.estimates import Estimate
from metrics.joining import judged
from metrics.review import Rate, overturn_rates, self_reviews, silent_edits, without_own
from metrics.review_flags import Raised, review_flags
from metrics.review_scores import reviewer_scores
from metrics.review_signals import review_signals
from metrics.review_tables import names
from metrics.signals import Signal
from queries.batches import BatchInfo
from queries.scope import Viewer
from queries.store import Store


@dataclass(frozen=True, slots=True)
class Reviewer:
    """One reviewer: what they did, how far it can be trusted, what stands out.

    Attributes
    ----------
    key, name : in the data, and for people
    items, reviews : distinct items, review actions
    score : how far decisions can be trusted, drawn to the crew's where little is known
    group : names of those the score cannot tell this one from
    rates : overturn rates by stage and selection, own answers left out
    signals : every sign looked for, with its q-value
    flags, evidence : flags, and flag or fact -> what it rests on
    """

    key: str
    name: str
    items: int
    reviews: int
    score: Estimate
    group: tuple[str, ...]
    rates: tuple[Rate, ...]
    signals: tuple[tuple[Signal, float], ...]
    flags: tuple[str, ...]
    evidence: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the reviewer as `batchgate reviewers --json` prints it."""
        return {
            "reviewer_id": self.name,
            "items": self.items,
            "annotations": self.reviews,
            "score": _number(self.score.value),
            "low": _number(self.score.low),
            "high": _number(self.score.high),
            "group": list(self.group),
            "flags": list(self.flags),
            "evidence": self.evidence,
            "influence": {},
        }


@dataclass(frozen=True, slots=True)
class Report:
    """The reviewers of some batches, in alphabetical order, and the statistics behind them."""

    batches: tuple[str, ...]
    people: tuple[Reviewer, ...]
    tables: Reviewing
    names: dict[str, str]


def report(
    store: Store, batches: Sequence[BatchInfo], viewer: Viewer, question: str | None = None
) -> Report:
    """Return what the reviewers of some batches did, and who stands out."""
    tables = reviewing(store, batches, viewer, question)
    reviews = without_own(tables.reviews)
    keys = {*names(tables.reviews.reviewer), *names(tables.reviews.annotator)} - {""}
    known = store.people(sorted(keys))
    signals = review_signals(reviews, tables.pairs, tables.mix, tables.times, tables.known)
    signals = [signal for signal in signals if signal.person]
    facts = _facts(tables)
    own_work = [key for key, found in facts.items() if "self_review" in found]
    people = _people(
        tables,
        known,
        rates=overturn_rates(reviews, "reviewer"),
        signals=[(one.signal, one.q_value) for one in judged(signals)],
        raised=review_flags(signals, own_work),
        facts=facts,
    )
    ids = tuple(batch.batch_id for batch in batches)
    return Report(ids, people, tables, known)


def _people(
    tables: Reviewing,
    known: Mapping[str, str],
    *,
    rates: Sequence[Rate],
    signals: Sequence[tuple[Signal, float]],
    raised: Sequence[Raised],
    facts: Mapping[str, dict[str, Any]],
) -> tuple[Reviewer, ...]:
    keys = sorted((key for key in tables.items if key), key=lambda key: known.get(key, ""))
    scores, groups = reviewer_scores(tables.known, tables.pairs, keys)
    q_of = {id(signal): q for signal, q in signals}
    found = []
    for place, key in enumerate(keys):
        own = [one for one in raised if one.person == key]
        evidence = dict(facts.get(key, {}))
        evidence |= {
            one.flag: {
                "signals": [signal_json(each, q_of[id(each)]) for each in one.signals],
                **evidence.get(one.flag, {}),
            }
            for one in own
        }
        found.append(
            Reviewer(
                key=key,
                name=known.get(key, ""),
                items=tables.items[key],
                reviews=int(tables.reviews.count[tables.reviews.reviewer == key].sum()),
                score=scores[place],
                group=tuple(known.get(keys[other], "") for other in groups[place]),
                rates=tuple(rate for rate in rates if rate.group == key),
                signals=tuple(pair for pair in signals if pair[0].person == key),
                flags=tuple(one.flag for one in own),
                evidence=evidence,
            )
        )
    return tuple(found)


def signal_json(signal: Signal, q: float) -> dict[str, Any]:
    """Return one sign with its q-value, nan as null."""
    return {
        "kind": signal.kind,
        "side": signal.side,
        "value": _number(signal.value),
        "low": _number(signal.low),
        "high": _number(signal.high),
        "expected": _number(signal.expected),
        "n": signal.n,
        "n_unit": signal.n_unit,
        "p_value": _number(signal.p_value),
        "q_value": _number(q),
        "note": signal.note,
    }


def _facts(tables: Reviewing) -> dict[str, dict[str, Any]]:
    """Return reviewer -> breach -> count and number of reviews."""
    found: dict[str, dict[str, Any]] = {}
    for name, breaches in (
        ("self_review", self_reviews(tables.reviews)),
        ("silent_edits", silent_edits(tables.reviews)),
    ):
        for one in breaches:
            found.setdefault(one.reviewer, {})[name] = {"count": one.count, "n": one.n}
    return found


def _number(value: float) -> float | None:
    return value if isfinite(value) else None
