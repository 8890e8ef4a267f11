"""Contradictions: equal items that ship with unlike labels, within a batch or against another."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.duplicates import PARTLY_SEEN, SLICED, missing
from app.searching import kept_or_searched, other_batch
from app.sources import Row
from metrics.duplicates import Marked
from queries.batches import BatchInfo
from queries.conflicts import conflicts
from queries.errors import InputError
from queries.kept_findings import Found
from queries.scope import Viewer
from queries.store import Store

if TYPE_CHECKING:
    import pyarrow as pa

    from app.measure import Request


@dataclass(frozen=True, slots=True, eq=False)
class Contradictions:
    """Groups of equal items with unlike labels, and question -> items with a label."""

    rows: "pa.Table"
    labelled: Mapping[str, int]

    def marked(self, question: str) -> Marked:
        """Count the items of one question that have a contradicting equal."""
        found = self.rows.to_pylist()
        items = sum(row["items"] for row in found if row["question"] == question)
        return Marked(items, self.labelled.get(question, 0))


def estimates(request: "Request", question: str | None, by: tuple[str, ...]) -> Iterator[Row]:
    """Yield one figure per question (see `app.sources`)."""
    if by or request.where:
        raise InputError(f"{request.metric.id}: {SLICED}")
    batch, against = request.batch, request.options.get("against")
    found, reason = None, PARTLY_SEEN
    if request.viewer.sees_all_of(batch):
        try:
            found = contradictions(request.store, batch, request.viewer, against)
        except InputError as error:  # a standard names a batch that is not in this store
            reason = str(error)
    for one in batch.questions:
        if question not in {None, one.name}:
            continue
        if found is None:
            yield Row(missing(reason), question=one.name)
        else:
            yield Row(request.metric.function(found.marked(one.name)), question=one.name)


def contradictions(
    store: Store, batch: BatchInfo, viewer: Viewer, against: str | None = None
) -> Contradictions:
    """Return the contradictions of a batch; searched when somebody asks first."""
    other = other_batch(store, viewer, against, batch) if against else None

    def search() -> Found:
        rows, totals = conflicts(store, batch.batch_id, viewer, against)
        return Found(rows, totals)

    asked = {"against": other.digest if other else ""}
    found = kept_or_searched(store, batch, "conflicts", asked, search)
    return Contradictions(found.rows, dict(found.facts))
