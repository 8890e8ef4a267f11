"""What the Coverage page shows beside the report: counts of pairs and values, and files."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO

import numpy as np

from app.charts import Cell
from app.combinations import Combinations
from app.coverage_report import Report
from app.coverage_words import cell_name
from app.text import count, counted, percent
from metrics.combinations import Pattern

SHOWN_VALUES = 24
"""Values of an attribute a grid shows: the commonest."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Grid:
    """Accepted items by two attributes.

    Attributes
    ----------
    rows, columns : values, commonest first
    cells : one for each pair; `patterns` says in the same order what it is a pair of
    not_shown : accepted items of values that are not shown
    not_stated : accepted items that lack one attribute or both
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[Cell, ...]
    patterns: tuple[dict[str, str], ...]
    not_shown: int
    not_stated: int


def grid(found: Combinations, first: str, second: str, impossible: Sequence[Pattern] = ()) -> Grid:
    """Return the accepted items by two attributes, the commonest values of each."""
    table = found.table((first, second))
    shape = tuple(len(values) for values in table.values)
    counts = np.zeros(shape, dtype=np.int64)
    stated = (table.codes >= 0).all(axis=1)
    counts[tuple(table.codes[stated].T)] = table.multiplicity[stated]
    rows, columns = (
        np.argsort(-counts.sum(axis=1 - axis), kind="stable")[:SHOWN_VALUES] for axis in (0, 1)
    )
    total = int(counts.sum())
    cells, patterns = [], []
    for row, at in enumerate(rows):
        for column, other in enumerate(columns):
            pattern = {first: table.values[0][at], second: table.values[1][other]}
            number = int(counts[at, other])
            banned = any(set(each.items()) <= set(pattern.items()) for each in impossible)
            said = "declared impossible" if banned else percent(number, total)
            cells.append(
                Cell(
                    row=row,
                    column=column,
                    value=float(number),
                    text="×" if banned and not number else count(number),
                    hover=f"{cell_name(pattern)}\n{counted(number, 'accepted items')} · {said}",
                    thin=banned,
                )
            )
            patterns.append(pattern)
    return Grid(
        rows=tuple(table.values[0][at] for at in rows),
        columns=tuple(table.values[1][at] for at in columns),
        cells=tuple(cells),
        patterns=tuple(patterns),
        not_shown=total - int(counts[np.ix_(rows, columns)].sum()),
        not_stated=int(table.multiplicity[~stated].sum()),
    )


def collecting_csv(report: Report) -> str:
    """Return what to collect as a file for those who plan the work: order, values, items."""
    names = sorted({name for one in report.next for name in one.cell})
    lines = [
        [str(place), *(one.cell.get(name, "") for name in names), str(one.items)]
        for place, one in enumerate(report.next, start=1)
    ]
    return _csv([["order", *names, "items"], *lines])


def _csv(lines: Sequence[Sequence[str]]) -> str:
    """Return lines as CSV in which no cell is read as a formula by a spreadsheet."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows(
        [f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in line] for line in lines
    )
    return out.getvalue()
