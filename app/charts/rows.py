"""Measurements as the cells of a chart, and the order they are shown in."""

import math
from collections import defaultdict
from collections.abc import Sequence

from app.charts.triangle import Cell
from app.measure import Measurement
from app.tallies import LabelPair
from app.text import counted, estimate_text, figure, percent


def worst_first(rows: Sequence[Measurement]) -> list[Measurement]:
    """Sort by value, lowest first; what is not defined comes last."""
    return sorted(
        rows,
        key=lambda row: (not math.isfinite(row.estimate.value), row.estimate.value, row.slice),
    )


def annotators(row: Measurement) -> tuple[str, str]:
    """Return the two annotators a measurement of a pair is about."""
    options = dict(row.options)
    return options["annotator_a"], options["annotator_b"]


def by_mean(rows: Sequence[Measurement]) -> list[str]:
    """Return the annotators of pairs ordered by their mean value, highest first."""
    values: defaultdict[str, list[float]] = defaultdict(list)
    for row in rows:
        for name in annotators(row):
            values[name].append(row.estimate.value)

    def place(name: str) -> tuple[float, str]:
        known = [value for value in values[name] if math.isfinite(value)]
        return (-sum(known) / len(known) if known else math.inf, name)

    return sorted(values, key=place)


def pair_cells(names: Sequence[str], rows: Sequence[Measurement]) -> list[Cell]:
    """Return pairs of annotators as cells; pairs with too little to compare are thin."""
    place = {name: number for number, name in enumerate(names)}
    cells = []
    for row in rows:
        one, other = annotators(row)
        estimate = row.estimate
        n = counted(estimate.n, estimate.n_unit)
        cells.append(
            Cell(
                row=max(place[one], place[other]),
                column=min(place[one], place[other]),
                value=estimate.value,
                text=f"{figure(estimate.value)}\n{estimate.n:,}",
                hover=f"{one} and {other}\n{estimate_text(estimate)} · {n}\n{estimate.reason}",
                thin=estimate.status != "ok",
            )
        )
    return cells


def label_cells(names: Sequence[str], pairs: Sequence[LabelPair]) -> list[Cell]:
    """Return pairs of labels as cells; both labels alike is agreement and drawn faded."""
    place = {name: number for number, name in enumerate(names)}
    total = sum(pair.count for pair in pairs)
    return [
        Cell(
            row=max(place[pair.first], place[pair.second]),
            column=min(place[pair.first], place[pair.second]),
            value=float(pair.count),
            text=f"{pair.count:,}\n{percent(pair.count, total)}",
            hover=f"{pair.first} and {pair.second}\n{counted(pair.count, 'pairs')} of {total:,}",
            thin=pair.is_agreement,
        )
        for pair in pairs
    ]
