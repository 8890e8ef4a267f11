"""Gaps that nobody declared, and how diverse a batch is: what metrics and pages about them read."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np

from app.audit import standard_of
from app.combinations import Combinations, combinations
from app.coverage import Cells, attributes_of, counts, narrowed, unknown_dimensions
from app.sources import Row
from metrics.combinations import AttributeTable
from metrics.diversity import CategoryCounts, effective_categories, unseen_mass
from metrics.estimates import About, Estimate
from metrics.gaps import Space, combination_coverage, uncovered_pattern_count
from metrics.targets import Target, coverage_share_met
from queries.batches import BatchInfo
from queries.errors import InputError
from queries.scope import Scope, Viewer
from queries.store import Store

if TYPE_CHECKING:
    from app.measure import Request
    from app.standards import Standard

Slice = tuple[tuple[str, str], ...]
EVERYTHING = ""
"""Dimension of the combinations of all attributes together."""


@dataclass(frozen=True, slots=True)
class Draw:
    """How the items of a batch were chosen, as far as its records tell."""

    is_random: bool
    why: str


def estimates(request: "Request", question: str | None, by: tuple[str, ...]) -> Iterator[Row]:
    """Yield a metric over the combinations of attributes, whole and by stratum."""
    del question  # counted over items, whatever was asked about them
    measured = _MEASURED[request.metric.id]
    if by and request.metric.id == "coverage_share_met":
        raise InputError(
            "coverage_share_met counts the cells of a standard, which have no strata; leave by out"
        )
    for place in (request.where, *_strata(request, request.where, by)):
        yield Row(measured(request, place), slice=place, population="all")


def targets_of(standard: "Standard", cells: Cells) -> tuple[Target, ...]:
    """Return the declared cells of a standard with what the batch has of each."""
    return tuple(
        Target(
            dict(one.cell),
            None if unknown_dimensions(cells.batch, one.cell) else cells.count(one.cell),
            minimum=one.minimum_items,
            share=one.share,
            tolerance=one.tolerance,
        )
        for one in standard.coverage
    )


def space(
    found: Combinations,
    standard: "Standard",
    reference: Combinations | None = None,
    *,
    without: frozenset[str] = frozenset(),
) -> Space:
    """Return the accepted items by their attributes, with what the standard and a reference add.

    Values that the standard names are taken to exist, and so are those of the reference; what it
    never combines is taken to be impossible.
    """
    named: dict[str, set[str]] = {}
    for one in standard.coverage:
        for name, value in one.cell:
            if "*" not in value:
                named.setdefault(name, set()).add(value)
    if reference is not None:
        for name, values in zip(reference.attributes, reference.values, strict=True):
            named.setdefault(name, set()).update(values)
    chosen = [name for name in found.searchable(named=named) if name not in without]
    if reference is not None:
        chosen = [name for name in chosen if name in reference.attributes]
    left = sorted({*found.attributes, *found.left_out} - {*chosen, *without})
    table = found.table(chosen, named=named)
    return Space(
        table=table,
        impossible=tuple(dict(pairs) for pairs in standard.impossible),
        reference=None if reference is None else _aligned(reference, table),
        left_out=tuple(left),
    )


def draw_of(store: Store, batch: BatchInfo, viewer: Viewer) -> Draw:
    """Say whether the items of a batch are a random draw from where they come from."""
    if "item.inclusion_probability" not in batch.filled:
        return Draw(is_random=False, why="nothing says that the items were drawn at random")
    rows = store.fetch("inclusion", Scope(batch.batch_id, "all", viewer=viewer))
    drawn = rows["items"].to_pylist()
    if len(drawn) == 1 and drawn[0] >= batch.items:
        return Draw(is_random=True, why="every item was drawn with the same chance")
    if len(drawn) > 1:
        return Draw(is_random=False, why="items were drawn with different chances")
    return Draw(is_random=False, why="for some items nobody knows how they were drawn")


def categories(
    store: Store, batch: BatchInfo, viewer: Viewer, dimension: str, where: Slice = ()
) -> tuple[int, ...]:
    """Return the accepted items of every value of an attribute, or of every combination of all."""
    scope = Scope(batch.batch_id, "all", where=where, may_be_empty=True, viewer=viewer)
    if dimension == EVERYTHING:
        return tuple(combinations(store, batch, viewer, where=where).accepted.tolist())
    if dimension in batch.dimensions:
        found = combinations(store, batch, viewer, where=where)
        if dimension in found.attributes:
            return tuple(n for value, n in found.by_value(dimension).items() if value)
    return tuple(counts(store, scope, dimension, items="accepted").values())


def _strata(request: "Request", where: Slice, by: tuple[str, ...]) -> Iterator[Slice]:
    if not by:
        return
    dimension, *inner = by
    scope = Scope(request.batch.batch_id, "all", where=where, viewer=request.viewer)
    for stratum in counts(request.store, scope, dimension):
        place = narrowed(where, dimension, stratum)
        if inner:
            yield from _strata(request, place, tuple(inner))
        else:
            yield place


def _share_met(request: "Request", where: Slice) -> Estimate:
    if where:
        raise InputError(
            "coverage_share_met counts the cells of a standard over the whole batch; leave out"
            " --where"
        )
    cells = Cells(request.store, request.batch, request.viewer)
    return coverage_share_met(targets_of(_standard(request), cells), cells.totals[1])


def _coverage(request: "Request", where: Slice) -> Estimate:
    return combination_coverage(_space(request, where), t=request.options.get("t", "2"))


def _uncovered(request: "Request", where: Slice) -> Estimate:
    least = request.options.get("least", "1")
    return uncovered_pattern_count(_space(request, where), least=least)


def _effective(request: "Request", where: Slice) -> Estimate:
    return effective_categories(
        _categories(request, where),
        order=request.options.get("order", "1"),
        about=cast("About", request.options.get("about", "batch")),
        confidence=request.arguments.get("confidence", 0.95),
    )


def _unseen(request: "Request", where: Slice) -> Estimate:
    return unseen_mass(
        _categories(request, where), confidence=request.arguments.get("confidence", 0.95)
    )


def _categories(request: "Request", where: Slice) -> CategoryCounts:
    store, batch, viewer = request.store, request.batch, request.viewer
    dimension = request.options.get("dimension", EVERYTHING)
    if dimension and dimension not in attributes_of(batch):
        known = ", ".join(attributes_of(batch)) or "none"
        raise InputError(
            f"option dimension={dimension!r}: the items have no such attribute; they have {known}"
        )
    draw = draw_of(store, batch, viewer)
    return CategoryCounts(
        np.array(categories(store, batch, viewer, dimension, where), dtype=np.int64),
        is_random=draw.is_random,
        has_groups=batch.has_groups,
        why=draw.why,
    )


def _space(request: "Request", where: Slice) -> Space:
    store, viewer = request.store, request.viewer
    name = request.options.get("reference")
    reference = combinations(store, store.batch(name, viewer), viewer) if name else None
    found = combinations(store, request.batch, viewer, where=where)
    # Within one value of an attribute its other values cannot occur; they are no gaps.
    fixed = frozenset(dimension for dimension, _ in where)
    return space(found, _standard(request), reference, without=fixed)


def _standard(request: "Request") -> "Standard":
    return request.standard or standard_of(request.store, request.batch)


def _aligned(reference: Combinations, table: AttributeTable) -> AttributeTable:
    """Return the items of a reference by the attributes and values of a table."""
    named = dict(zip(table.attributes, table.values, strict=True))
    return reference.table(table.attributes, named=named, accepted=False)


_MEASURED: Mapping[str, Callable[["Request", Slice], Estimate]] = {
    "coverage_share_met": _share_met,
    "combination_coverage": _coverage,
    "uncovered_patterns": _uncovered,
    "effective_categories": _effective,
    "unseen_mass": _unseen,
}
