"""Coverage of one batch: declared cells, what to collect next, gaps nobody declared, diversity.

The page, the command and the JSON read the same report.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np

from app.combinations import Combinations
from app.coverage import Cells, unknown_dimensions
from app.gaps import categories, draw_of, space, targets_of
from app.measure import estimate_json
from app.standards import Standard
from metrics.combinations import Gaps, uncovered_patterns
from metrics.diversity import CategoryCounts, effective_categories, unseen_mass
from metrics.estimates import Estimate
from metrics.gaps import Space, combination_coverage, contradictions
from metrics.targets import (
    Collect,
    Pattern,
    ShareTest,
    ShareTests,
    Target,
    collect_next,
    coverage_share_met,
    is_met,
    relative_shortfall,
    share_tests,
)
from queries.batches import BatchInfo
from queries.scope import Viewer
from queries.store import Store

CellState = Literal["pass", "fail", "undecided", "missing"]
ALARM = 0.05
"""A share without tolerance fails where so small a share is luck less often than this."""
_ORDER: Mapping[CellState, int] = {"fail": 0, "missing": 1, "undecided": 2, "pass": 3}


@dataclass(frozen=True, slots=True)
class CellRow:
    """One declared cell and how it stands.

    Attributes
    ----------
    target : what it needs, and the accepted items it has
    items : items of it, accepted or not
    required, short : accepted items it needs in a batch of this size, and how many are missing
    test : where it names a share
    severity : hard or soft; empty where it judges nothing
    reason : why nothing was counted
    """

    target: Target
    items: int
    required: int
    short: int
    state: CellState
    test: ShareTest | None
    severity: str
    reason: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the cell as `batchgate coverage --json` prints it."""
        return {
            "cell": dict(self.target.cell),
            "required": self.required,
            "actual": self.target.actual,
            "short": self.short,
            "state": self.state,
        }


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute: how many of its values there are in effect, and who lacks it.

    `orders` are the effective numbers of order 0, 1 and 2; `missing` counts accepted items without
    the attribute.
    """

    name: str
    orders: tuple[Estimate, Estimate, Estimate]
    unseen: Estimate
    missing: int


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """Coverage of a batch against a standard.

    Attributes
    ----------
    ordinary, accepted : items there are without planted ones, and those that ship
    cells : declared cells, worst first
    together : the tests of cells with shares, all together
    next : what to collect, in order
    found : items by their attributes
    space : what the gaps were searched in
    gaps : maximal uncovered patterns
    pairs, triples : combinations covered
    impossible : combinations declared impossible that items have all the same, with their number
    """

    batch: str
    standard: str
    ordinary: int
    accepted: int
    cells: tuple[CellRow, ...]
    share_met: Estimate
    together: ShareTests
    next: tuple[Collect, ...]
    found: Combinations
    space: Space
    gaps: Gaps
    least: int
    pairs: Estimate
    triples: Estimate
    attributes: tuple[Attribute, ...]
    impossible: tuple[tuple[Pattern, int], ...]

    def to_json(self) -> dict[str, Any]:
        """Return the report as `batchgate coverage --json` prints it."""
        return {
            "batch": self.batch,
            "cells": [row.to_json() for row in self.cells],
            "share_met": estimate_json(self.share_met),
            "uncovered_patterns": [
                {"pattern": dict(gap.pattern), "count": gap.count} for gap in self.gaps.widest
            ],
            "next": [{"cell": dict(one.cell), "items": one.items} for one in self.next],
        }


class _Making:
    """The report of one batch while it is made."""

    def __init__(self, cells: Cells, standard: Standard) -> None:
        self.cells, self.standard = cells, standard
        self.targets = targets_of(standard, cells)
        self.ordinary, self.accepted = cells.totals

    @cached_property
    def tested(self) -> tuple[tuple[int, ...], ShareTests]:
        """Positions of the cells whose share is tested, and the tests."""
        places = tuple(
            place
            for place, target in enumerate(self.targets)
            if target.share is not None and target.actual is not None
        )
        return places, share_tests([self.targets[at] for at in places], self.accepted)

    def rows(self) -> tuple[CellRow, ...]:
        """Return the declared cells, worst first."""
        tests = dict(zip(self.tested[0], self.tested[1].cells, strict=True))
        rows = [self._row(place, tests.get(place)) for place in range(len(self.targets))]
        rows.sort(
            key=lambda row: (
                _ORDER[row.state],
                -relative_shortfall(row.target, self.accepted),
                -row.short,
                tuple(row.target.cell.items()),
            )
        )
        return tuple(rows)

    def is_possible(self, pattern: Pattern) -> bool:
        """Whether the standard lets an item have these values together."""
        return not any(set(banned) <= set(pattern.items()) for banned in self.standard.impossible)

    def _row(self, place: int, test: ShareTest | None) -> CellRow:
        target, declared = self.targets[place], self.standard.coverage[place]
        absent = unknown_dimensions(self.cells.batch, declared.cell)
        return CellRow(
            target=target,
            items=0 if absent else self.cells.count(declared.cell, "all"),
            required=target.required(self.accepted),
            short=target.short(self.accepted),
            state=self._state(target, test),
            test=test,
            severity=declared.severity if target.is_required else "",
            reason=f"the batch has no dimension {', '.join(absent)}" if absent else "",
        )

    def _state(self, target: Target, test: ShareTest | None) -> CellState:
        if target.actual is None or (target.minimum is None and not self.accepted):
            return "missing"
        if target.is_required:
            return "pass" if is_met(target, self.accepted) else "fail"
        return "fail" if test is not None and test.q_value < ALARM else "undecided"


def report(
    store: Store,
    batch: BatchInfo,
    standard: Standard,
    viewer: Viewer,
    *,
    least: int = 1,
    reference: BatchInfo | None = None,
) -> Report:
    """Say what a batch holds of what was declared, and what nobody declared and is missing.

    Parameters
    ----------
    least : items a pattern needs to be covered
    reference : a batch that tells which combinations occur at all
    """
    cells = Cells(store, batch, viewer)
    making = _Making(cells, standard)
    other = Cells(store, reference, viewer).combinations if reference else None
    searched = space(cells.combinations, standard, other)
    gaps = Gaps(0, ())
    if searched.table.attributes:
        gaps = uncovered_patterns(
            searched.table,
            least=least,
            impossible=searched.impossible,
            reference=searched.reference,
        )
    return Report(
        batch=batch.batch_id,
        standard=f"{standard.name} {standard.version}",
        ordinary=making.ordinary,
        accepted=making.accepted,
        cells=making.rows(),
        share_met=coverage_share_met(making.targets, making.accepted),
        together=making.tested[1],
        next=collect_next(making.targets, making.accepted, is_possible=making.is_possible),
        found=cells.combinations,
        space=searched,
        gaps=gaps,
        least=least,
        pairs=combination_coverage(searched, t="2"),
        triples=combination_coverage(searched, t="3"),
        attributes=_attributes(store, batch, viewer, cells.combinations),
        impossible=contradictions(searched),
    )


def _attributes(
    store: Store, batch: BatchInfo, viewer: Viewer, found: Combinations
) -> tuple[Attribute, ...]:
    draw = draw_of(store, batch, viewer)
    rows = []
    for name in (*found.attributes, *found.left_out):
        if name in found.attributes:
            by_value = found.by_value(name)
            missing = by_value.pop("", 0)
            items = list(by_value.values())
        else:
            items = list(categories(store, batch, viewer, name))
            missing = max(int(found.accepted.sum()) - sum(items), 0)
        counts = CategoryCounts(
            np.array(items, dtype=np.int64),
            is_random=draw.is_random,
            has_groups=batch.has_groups,
            why=draw.why,
        )
        first, second, third = (effective_categories(counts, order=order) for order in "012")
        rows.append(Attribute(name, (first, second, third), unseen_mass(counts), missing))
    return tuple(rows)
