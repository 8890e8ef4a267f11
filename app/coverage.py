"""Coverage: how many items a cell of a plan holds, from the kept counts where they have it."""

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from app.combinations import Combinations, combinations
from app.sources import Row
from app.standards.cells import SHARE
from app.standards.model import closest
from metrics.coverage import coverage_count, coverage_share
from metrics.criteria import Criterion
from metrics.estimates import Estimate
from metrics.tables import ItemCounts
from queries.batches import BatchInfo
from queries.schema import ANNOTATION_DIMENSIONS
from queries.scope import Scope, Viewer
from queries.store import Store

if TYPE_CHECKING:
    from app.measure import Request

STATEMENT = "item_counts"
Slice = tuple[tuple[str, str], ...]
Items = Literal["all", "accepted"]


class Cells:
    """Counts the cells of one batch, for as many cells as are asked for."""

    def __init__(self, store: Store, batch: BatchInfo, viewer: Viewer) -> None:
        """Nothing is read before the first cell."""
        self.store, self.batch, self.viewer = store, batch, viewer

    @cached_property
    def combinations(self) -> Combinations:
        """The items by their attributes."""
        return combinations(self.store, self.batch, self.viewer)

    @cached_property
    def totals(self) -> tuple[int, int]:
        """Ordinary items of the batch, and the accepted ones."""
        if self.combinations.attributes:
            return self.combinations.count(())
        return self._counted((), "all"), self._counted((), "accepted")

    def count(self, cell: Slice, items: Items = "accepted") -> int:
        """Return the number of items of a cell whose dimensions all exist."""
        if self.combinations.attributes and self.combinations.knows(cell):
            return self.combinations.count(cell)[items == "accepted"]
        return self._counted(cell, items)

    def declared(self, criterion: Criterion) -> Estimate:
        """Measure a declared cell; one nobody can be in is missing evidence, not 0."""
        absent = unknown_dimensions(self.batch, criterion.where)
        if absent:
            return _absent(self.batch, absent)
        every, accepted = self.totals
        inside = self.count(criterion.where)
        if criterion.metric == SHARE:
            return coverage_share(ItemCounts(inside, accepted))
        return coverage_count(ItemCounts(inside, every))

    def strata(
        self, where: Slice, dimension: str, items: Items, *, may_be_empty: bool = False
    ) -> dict[str, int]:
        """Return the strata of a dimension within a slice with their items, from the records."""
        scope = Scope(
            self.batch.batch_id, "all", where=where, may_be_empty=may_be_empty, viewer=self.viewer
        )
        return counts(self.store, scope, dimension, items=items)

    def _counted(self, cell: Slice, items: Items) -> int:
        return self.strata(cell, "", items, may_be_empty=True).get("", 0)


def estimates(request: "Request", question: str | None, by: tuple[str, ...]) -> Iterator[Row]:
    """Yield the number of items of a slice, then of each of its strata (see `app.sources`)."""
    del question  # counted over items, whatever was asked about them
    is_share = request.metric.id == SHARE
    usual: Items = "accepted" if is_share else "all"
    items: Items = "accepted" if request.options.get("items", usual) == "accepted" else "all"
    cells = Cells(request.store, request.batch, request.viewer)
    total = cells.totals[is_share and items == "accepted"]
    measured = coverage_share if is_share else coverage_count
    inside = cells.strata(request.where, "", items).get("", 0)
    yield Row(measured(ItemCounts(inside, total)), slice=request.where, population="all")
    for place, counted in _strata(cells, request.where, by, items):
        yield Row(measured(ItemCounts(counted, total)), slice=place, population="all")


def counts(
    store: Store, scope: Scope, dimension: str = "", *, items: Items = "all"
) -> dict[str, int]:
    """Return the strata of a dimension with their number of items; '' is all of the scope."""
    rows = store.fetch(STATEMENT, scope, dimension=dimension, accepted=items == "accepted")
    return dict(zip(rows["stratum"].to_pylist(), rows["items"].to_pylist(), strict=True))


def values(store: Store, batch: BatchInfo, dimension: str, viewer: Viewer) -> tuple[str, ...]:
    """Return the values of a dimension that ordinary items have."""
    return tuple(counts(store, Scope(batch.batch_id, "all", viewer=viewer), dimension))


def unknown_dimensions(batch: BatchInfo, cell: Slice) -> tuple[str, ...]:
    """Return the dimensions of a cell that nothing in the batch has."""
    known = {*batch.dimensions, *batch.other_dimensions}
    return tuple(name for name, _ in cell if name not in known)


def attributes_of(batch: BatchInfo) -> tuple[str, ...]:
    """Return the attributes of items, those with many values too."""
    kept = (name for name in batch.dimensions if name not in ANNOTATION_DIMENSIONS)
    return (*kept, *batch.other_dimensions)


def narrowed(where: Slice, dimension: str, value: str) -> Slice:
    """Return a slice within a stratum; values of one dimension are alternatives, so it replaces."""
    return (*(each for each in where if each[0] != dimension), (dimension, value))


def _absent(batch: BatchInfo, absent: tuple[str, ...]) -> Estimate:
    known = (*batch.dimensions, *batch.other_dimensions)
    close = closest(absent[0], known)
    hint = f" (did you mean {close}?)" if close else ""
    reason = (
        f"the batch has no dimension {', '.join(absent)}{hint}; it has {', '.join(known) or 'none'}"
    )
    return Estimate(about="batch", status="missing_input", reason=reason, is_count=True)


def _strata(
    cells: Cells, where: Slice, by: tuple[str, ...], items: Items
) -> Iterator[tuple[Slice, int]]:
    if not by:
        return
    dimension, *inner = by
    for stratum, inside in cells.strata(where, dimension, items).items():
        place = narrowed(where, dimension, stratum)
        if inner:
            yield from _strata(cells, place, tuple(inner), items)
        else:
            yield place, inside
