"""Reviewers: what each of them did, how far it can be trusted, and who should be looked at.

The page, the command and the JSON read the same report.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.measure import estimate_json
from app.reviewing import Reviewing, reviewing
from metrics.estimates import Estimate
from metrics.review import Rate, overturn_rates, self_reviews, silent_edits, without_own
from queries.batches import BatchInfo
from queries.errors import InputError
from queries.scope import Viewer
from queries.store import Store


@dataclass(frozen=True, slots=True)
class Reviewer:
    """One reviewer: what they did, how far it can be trusted, what stands out."""

    key: str
    name: str
    items: int
    reviews: int
    score: Estimate
    group: tuple[str, ...]
    rates: tuple[Rate, ...]
    flags: tuple[str, ...] = ()
    evidence: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the reviewer as `batchgate reviewers --json` prints it."""
        numbers = estimate_json(self.score)
        return {
            "reviewer_id": self.name,
            "items": self.items,
            "annotations": self.reviews,
            "score": numbers["value"],
            "low": numbers["low"],
            "high": numbers["high"],
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


def batches_since(store: Store, viewer: Viewer, since: str) -> list[BatchInfo]:
    """Return the batches submitted, or else imported, on a day or later.

    Raises
    ------
    InputError
        When the day is none, or no batch is that young.
    """
    try:
        day = date.fromisoformat(since)
    except ValueError:
        raise InputError(f"--since {since!r} is not a day such as 2026-05-01") from None
    known = store.batches(viewer)
    found = [
        batch
        for batch in known
        if (at := batch.submitted_at or batch.imported_at) is not None and at.date() >= day
    ]
    if not found:
        newest = max(
            (at.date() for b in known if (at := b.submitted_at or b.imported_at)), default=None
        )
        there = f"the newest is of {newest}" if newest else "the store holds none"
        raise InputError(f"--since {since}: no batch was submitted or imported since; {there}")
    return found


def chosen_batches(
    store: Store, viewer: Viewer, batch: str | None, since: str | None
) -> list[BatchInfo]:
    """Return the batch of that id, or all since a day; exactly one of the two is given."""
    if (batch is None) == (since is None):
        raise InputError("name one batch with --batch, or a day with --since; not both")
    return [store.batch(batch, viewer)] if batch else batches_since(store, viewer, str(since))


def report(
    store: Store, batches: Sequence[BatchInfo], viewer: Viewer, question: str | None = None
) -> Report:
    """Return what the reviewers of some batches did, and who stands out."""
    tables = reviewing(store, batches, viewer, question)
    keys = {str(key) for column in ("reviewer", "annotator") for key in
            getattr(tables.reviews, column).tolist() if key}  # fmt: skip
    names = store.people(sorted(keys))
    foreign = without_own(tables.reviews)
    rates = overturn_rates(foreign, "reviewer")
    facts = _facts(tables)
    people = [
        Reviewer(
            key=key,
            name=names.get(key, ""),
            items=items,
            reviews=int(tables.reviews.count[tables.reviews.reviewer == key].sum()),
            score=Estimate(status="undefined"),
            group=(),
            rates=tuple(rate for rate in rates if rate.group == key),
            flags=tuple(name for name in ("self_review",) if name in facts.get(key, {})),
            evidence=facts.get(key, {}),
        )
        for key, items in tables.items.items()
        if key
    ]
    ids = tuple(batch.batch_id for batch in batches)
    return Report(ids, tuple(sorted(people, key=lambda one: one.name)), tables, names)


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
