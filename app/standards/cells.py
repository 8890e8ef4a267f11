"""Declared cells of a standard: how many items, or which share of them, each kind has to have."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from app.standards.model import CoverageTable, StandardFile, place
from metrics.acceptance import Bound, Criterion, Severity
from metrics.wording import place as slice_name

Pairs = tuple[tuple[str, str], ...]
COUNT: Final = "coverage_count"
SHARE: Final = "coverage_share"
ACCEPTED: Final = (("items", "accepted"),)
"""Cells are filled by what ships: the option of the metrics above."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """A declared target cell: its dimensions and values, and what it needs.

    The dimensions stand in alphabetical order, so that a cell has one name however it is written.

    Attributes
    ----------
    cell : pairs of dimension and value, in which `*` is any text
    minimum_items : accepted items it needs; None where only a share is asked for
    share, tolerance : share of the accepted items it should have, and how far it may be off; a
        share without tolerance is aimed at and judges nothing
    severity : of the criteria it makes
    """

    cell: Pairs
    minimum_items: int | None
    share: float | None = None
    tolerance: float | None = None
    severity: Severity = "hard"

    @classmethod
    def of(cls, table: CoverageTable) -> Self:
        """Return the cell of a table [[coverage]]."""
        return cls(
            pairs(table.cell), table.minimum_items, table.share, table.tolerance, table.severity
        )

    def criteria(self) -> Iterator[Criterion]:
        """Yield the cell as criteria: counts of the whole batch, without a test."""
        if self.minimum_items is not None:
            least = f">= {self.minimum_items}"
            yield self._criterion("coverage", COUNT, least, "Number of accepted items")
        if self.share is not None and self.tolerance is not None:
            low, high = max(self.share - self.tolerance, 0.0), min(self.share + self.tolerance, 1.0)
            bound = f"within [{low:.10g}, {high:.10g}]"
            yield self._criterion("coverage-share", SHARE, bound, "Share of accepted items")

    def _criterion(self, name: str, metric: str, bound: str, title: str) -> Criterion:
        return Criterion(
            id=" ".join([name, *(f"{dimension}={value}" for dimension, value in self.cell)]),
            title=title,
            metric=metric,
            options=ACCEPTED,
            bound=Bound.parse(bound),
            severity=self.severity,
            about="batch",
            where=self.cell,
            minimum_n=0,
        )


def pairs(cell: Mapping[str, str]) -> Pairs:
    """Return a cell with its dimensions in alphabetical order."""
    return tuple(sorted(cell.items()))


def cell_faults(document: StandardFile, content: Mapping[str, Any]) -> Iterator[str]:
    """Yield what no single table shows: cells given twice, and needed ones that cannot be."""
    cells: dict[Pairs, int] = {}
    impossible = [pairs(table.cell) for table in document.impossible]
    for number, target in enumerate(document.coverage):
        cell = pairs(target.cell)
        where, name = place(("coverage", number, "cell"), content), slice_name(cell)
        first = cells.setdefault(cell, number)
        if first != number:
            yield f"{where}: {name} is the cell of [[coverage]] {first + 1}; give each cell once"
        for other, banned in enumerate(impossible):
            if set(banned) <= set(cell):
                yield f"{where}: {name} can have no items, as [[impossible]] {other + 1} says"
