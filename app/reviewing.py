"""Statistics of reviews as they come from the store, made into the tables metrics read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from metrics.review_tables import (
    Disputes,
    KnownReviews,
    ReviewMix,
    ReviewPairs,
    Reviews,
    ReviewTimes,
)
from queries.batches import BatchInfo
from queries.scope import Scope, Viewer
from queries.store import Store

if TYPE_CHECKING:
    import pyarrow as pa

Table = TypeVar("Table", Reviews, ReviewPairs, ReviewMix, ReviewTimes, KnownReviews, Disputes)

COLUMNS = {
    "review_transitions": (
        "question", "stage", "selection", "blind", "reviewer_key", "person_key", "value_before",
        "value_after", "decision", "outcome", "count",
    ),
    "review_pairs": (
        "question", "stage_a", "stage_b", "selection", "blind", "reviewer_a", "reviewer_b",
        "person_key", "outcome_a", "outcome_b", "verdict_b", "upheld", "count",
    ),
    "review_mix": (
        "question", "stage", "selection", "reviewer_key", "dimension", "stratum", "outcome",
        "count",
    ),
    "review_times": ("question", "stage", "reviewer_key", "outcome", "log_bin", "count"),
    "review_probes": (
        "question", "type", "stage", "reviewer_key", "truth", "outcome", "count",
    ),
    "disputes": (
        "question", "rule_ref", "reviewer_key", "state", "outcome", "linked", "is_repeat",
        "age_hours", "count",
    ),
}  # fmt: skip
"""Statistic -> its columns in the order of the table of `metrics.review_tables`."""


@dataclass(frozen=True, slots=True, eq=False)
class Reviewing:
    """Everything known of the reviews of one batch, or of several; people are keys."""

    reviews: Reviews
    pairs: ReviewPairs
    mix: ReviewMix
    times: ReviewTimes
    known: KnownReviews
    disputes: Disputes
    items: dict[str, int]

    @property
    def is_empty(self) -> bool:
        """Whether nothing was reviewed."""
        return not len(self.reviews.count)


def reviewing(
    store: Store, batches: Sequence[BatchInfo], viewer: Viewer, question: str | None = None
) -> Reviewing:
    """Fetch the statistics of the reviews of some batches.

    Of several batches a question is named after its batch as well, so that reviewers are compared
    within one task only.
    """

    def table(name: str, kind: type[Table]) -> Table:
        rows: list[tuple[object, ...]] = []
        for batch in batches:
            prefix = f"{batch.batch_id}: " if len(batches) > 1 else ""
            found = store.fetch(name, _scope(batch, viewer, question))
            rows += rows_of(found, COLUMNS[name], prefix)
        return kind.of(rows)

    items: dict[str, int] = {}
    for batch in batches:
        counted = store.fetch("reviewer_counts", _scope(batch, viewer, question))
        for row in counted.to_pylist():
            items[row["reviewer_key"]] = items.get(row["reviewer_key"], 0) + row["items"]
    return Reviewing(
        reviews=table("review_transitions", Reviews),
        pairs=table("review_pairs", ReviewPairs),
        mix=table("review_mix", ReviewMix),
        times=table("review_times", ReviewTimes),
        known=table("review_probes", KnownReviews),
        disputes=table("disputes", Disputes),
        items=items,
    )


def _scope(batch: BatchInfo, viewer: Viewer, question: str | None) -> Scope:
    asked = (question,) if question else None
    return Scope(batch.batch_id, population="all", viewer=viewer, questions=asked)


def rows_of(
    table: "pa.Table", columns: Sequence[str], prefix: str = ""
) -> list[tuple[object, ...]]:
    """Return the rows with '' for a text and -1 for a number that is not known."""
    found: list[list[object]] = []
    for name in columns:
        missing: object = -1 if name in {"age_hours", "count", "log_bin"} else ""
        values = [missing if value is None else value for value in table[name].to_pylist()]
        found.append([prefix + str(value) for value in values] if name == "question" else values)
    return list(zip(*found, strict=True))
