"""Items by the values of all their attributes together, as the store keeps them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from app import assemble
from metrics.combinations import MOST_PATTERNS, AttributeTable
from metrics.distinct import distinct_rows
from metrics.tables import Integers
from metrics.targets import fits
from queries.batches import BatchInfo
from queries.schema import ANNOTATION_DIMENSIONS
from queries.scope import Scope, Viewer
from queries.store import Store

if TYPE_CHECKING:
    import pyarrow as pa

Slice = tuple[tuple[str, str], ...]
STATISTIC = "attribute_combinations"
MISSING = ""
"""Stratum of items that do not have the attribute."""


@dataclass(frozen=True, slots=True, eq=False)
class Combinations:
    """Distinct descriptions of the ordinary items, how many have each, and how many are accepted.

    Attributes
    ----------
    attributes, values : names, and the values that ordinary items have of each
    codes : ndarray of shape (R, A), position of the value; -1 where the item has none
    items, accepted : ndarrays of shape (R,)
    left_out : attributes of the batch that are not among these: too many values
    """

    attributes: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]
    codes: Integers
    items: Integers
    accepted: Integers
    left_out: tuple[str, ...] = ()

    def knows(self, cell: Slice) -> bool:
        """Whether every dimension of a cell is among the attributes."""
        return all(name in self.attributes for name, _ in cell)

    def count(self, cell: Slice) -> tuple[int, int]:
        """Return items and accepted items of a cell; values of one dimension are alternatives."""
        chosen = np.ones(len(self.items), dtype=bool)
        wanted: dict[str, list[str]] = {}
        for name, value in cell:
            wanted.setdefault(name, []).append(value)
        for name, patterns in wanted.items():
            axis = self.attributes.index(name)
            meant = [any(fits(value, p) for p in patterns) for value in self.values[axis]]
            # Items without the attribute have code -1, which finds the last entry.
            chosen &= np.array([*meant, False])[self.codes[:, axis]]
        return int(self.items[chosen].sum()), int(self.accepted[chosen].sum())

    def by_value(self, attribute: str, *, accepted: bool = True) -> dict[str, int]:
        """Return the items of each value of an attribute; `MISSING` for those without."""
        axis = self.attributes.index(attribute)
        weights = self.accepted if accepted else self.items
        counts = np.bincount(
            self.codes[:, axis] + 1, weights, minlength=len(self.values[axis]) + 1
        ).astype(np.int64)
        names = (MISSING, *self.values[axis])
        return dict(zip(names, counts.tolist(), strict=True))

    def table(
        self,
        attributes: Sequence[str] | None = None,
        *,
        named: Mapping[str, Iterable[str]] | None = None,
        accepted: bool = True,
    ) -> AttributeTable:
        """Return the accepted (or all) items by some attributes.

        Parameters
        ----------
        attributes : those of interest; all when None
        named : attribute -> values that exist although no item may have them
        """
        chosen = self.attributes if attributes is None else tuple(attributes)
        axes = [self.attributes.index(name) for name in chosen]
        values, codes = [], np.empty((len(self.items), len(axes)), dtype=np.int64)
        for place, axis in enumerate(axes):
            known = self.values[axis]
            also = (named or {}).get(chosen[place], ())
            every = tuple(sorted({*known, *also}))
            moved = np.array([*(every.index(value) for value in known), -1], dtype=np.int64)
            codes[:, place] = moved[self.codes[:, axis]]
            values.append(every)
        weights = self.accepted if accepted else self.items
        distinct, where = distinct_rows(codes)
        multiplicity = np.bincount(where, weights, minlength=len(distinct))
        return AttributeTable(chosen, tuple(values), distinct, multiplicity.astype(np.int64))

    def searchable(self, *, named: Mapping[str, Iterable[str]] | None = None) -> tuple[str, ...]:
        """Return the attributes whose patterns can all be counted: those with fewest values."""
        sizes = {
            name: len({*values, *(named or {}).get(name, ())})
            for name, values in zip(self.attributes, self.values, strict=True)
        }
        found: list[str] = []
        for name in sorted(sizes, key=lambda each: (sizes[each], each)):
            if prod(sizes[each] + 2 for each in (*found, name)) > MOST_PATTERNS:
                break
            found.append(name)
        return tuple(name for name in self.attributes if name in found)


def combinations(
    store: Store, batch: BatchInfo, viewer: Viewer, *, where: Slice = ()
) -> Combinations:
    """Return the ordinary items of a batch, or of a slice of it, by their attributes."""
    scope = Scope(batch.batch_id, "all", where=where, may_be_empty=True, viewer=viewer)
    found = _combinations(store.fetch(STATISTIC, scope))
    known = {name for name in batch.dimensions if name not in ANNOTATION_DIMENSIONS}
    missing = (known | set(batch.other_dimensions)) - set(found.attributes)
    return Combinations(
        found.attributes,
        found.values,
        found.codes,
        found.items,
        found.accepted,
        tuple(sorted(missing)),
    )


def _combinations(rows: "pa.Table") -> Combinations:
    """Build the table of distinct descriptions from the rows of the statistic, which are sorted."""
    attributes = assemble.distinct(rows["dimension"])
    width = len(attributes)
    length = rows.num_rows // width if width else 0
    # Sorted by combination and dimension: every combination has all attributes, in order.
    strata = np.array(rows["stratum"].to_pylist(), dtype=object).reshape(length, width)
    values, codes = [], np.empty((length, width), dtype=np.int64)
    for axis in range(width):
        known = tuple(sorted({value for value in strata[:, axis] if value != MISSING}))
        place = {value: number for number, value in enumerate(known)} | {MISSING: -1}
        codes[:, axis] = [place[value] for value in strata[:, axis]]
        values.append(known)
    items, accepted = (
        assemble.integers(rows[name]).reshape(length, max(width, 1))[:, 0]
        for name in ("items", "accepted")
    )
    return Combinations(attributes, tuple(values), codes, items, accepted)
