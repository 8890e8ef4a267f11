"""Coverage: how many items a cell of a plan holds, counted by the store."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from app.sources import Row
from app.standards.model import closest
from metrics.coverage import coverage_count
from metrics.estimates import Estimate
from metrics.tables import ItemCounts
from queries.batches import BatchInfo
from queries.scope import Scope, Viewer
from queries.store import Store

if TYPE_CHECKING:
    from app.measure import Request

STATEMENT = "item_counts"
Slice = tuple[tuple[str, str], ...]


def estimates(request: "Request", question: str | None, by: tuple[str, ...]) -> Iterator[Row]:
    """Yield the number of items of a slice, then of each of its strata (see `app.sources`)."""
    del question  # counted over items, whatever was asked about them
    found = cells(request.store, request.batch, request.viewer, where=request.where, by=by)
    for place, estimate in found:
        yield Row(estimate, slice=place, population="all")


def cells(
    store: Store,
    batch: BatchInfo,
    viewer: Viewer,
    *,
    where: Slice = (),
    by: tuple[str, ...] = (),
    may_be_empty: bool = False,
) -> Iterator[tuple[Slice, Estimate]]:
    """Yield the cell `where` with its number of items, then each of its strata.

    Parameters
    ----------
    where : pairs of dimension and value; the value may hold `*`
    by : dimensions to split by; several are crossed
    may_be_empty : a value that nothing has gives a count of 0 instead of an error

    Raises
    ------
    InputError
        For a dimension the batch does not have, or a value that nothing has.
    """
    scope = Scope(batch.batch_id, "all", where=where, may_be_empty=may_be_empty, viewer=viewer)
    total = _total(store, batch, viewer)
    yield where, coverage_count(ItemCounts(counts(store, scope).get("", 0), total))
    for place, inside in _strata(store, scope, by):
        yield place, coverage_count(ItemCounts(inside, total))


def declared(store: Store, batch: BatchInfo, cell: Slice, viewer: Viewer) -> Estimate:
    """Count the items of a declared cell; one nobody can be in is missing evidence, not 0."""
    absent = unknown_dimensions(batch, cell)
    if not absent:
        found = cells(store, batch, viewer, where=cell, may_be_empty=True)
        return next(estimate for _, estimate in found)
    known = (*batch.dimensions, *batch.other_dimensions)
    close = closest(absent[0], known)
    hint = f" (did you mean {close}?)" if close else ""
    reason = (
        f"the batch has no dimension {', '.join(absent)}{hint}; it has {', '.join(known) or 'none'}"
    )
    return Estimate(about="batch", status="missing_input", reason=reason, is_count=True)


def counts(store: Store, scope: Scope, dimension: str = "") -> dict[str, int]:
    """Return the strata of a dimension with their number of items; '' is all of the scope."""
    rows = store.fetch(STATEMENT, scope, dimension=dimension)
    return dict(zip(rows["stratum"].to_pylist(), rows["items"].to_pylist(), strict=True))


def values(store: Store, batch: BatchInfo, dimension: str, viewer: Viewer) -> tuple[str, ...]:
    """Return the values of a dimension that ordinary items have."""
    return tuple(counts(store, Scope(batch.batch_id, "all", viewer=viewer), dimension))


def unknown_dimensions(batch: BatchInfo, cell: Slice) -> tuple[str, ...]:
    """Return the dimensions of a cell that nothing in the batch has."""
    known = {*batch.dimensions, *batch.other_dimensions}
    return tuple(name for name, _ in cell if name not in known)


def _strata(store: Store, scope: Scope, by: tuple[str, ...]) -> Iterator[tuple[Slice, int]]:
    if not by:
        return
    dimension, *inner = by
    for stratum, inside in counts(store, scope, dimension).items():
        pair = (dimension, stratum)
        # Values of one dimension are alternatives; the stratum is the only one that is left.
        kept = tuple(each for each in scope.where if each[0] != dimension)
        narrowed = Scope(scope.batch, "all", where=(*kept, pair), viewer=scope.viewer)
        if inner:
            yield from _strata(store, narrowed, tuple(inner))
        else:
            yield narrowed.where, inside


def _total(store: Store, batch: BatchInfo, viewer: Viewer) -> int:
    """Return the ordinary items of the batch; without planted ones the catalogue has the number."""
    if not batch.has_probes:
        return batch.items
    return counts(store, Scope(batch.batch_id, "all", viewer=viewer)).get("", 0)
