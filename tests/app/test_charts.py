"""Figures: what is drawn, where a click leads, and that names stay text."""

import math

import pytest

from app import charts
from app.charts.palette import legible
from app.measure import Measurement
from app.tallies import LabelPair
from metrics.estimates import Estimate
from metrics.monitoring import monitored
from tests.app.hostile import HOSTILE

NAMES = ["ann", "bo", "cy"]
CELLS = [
    charts.Cell(1, 0, 0.5, ".50\n40", "ann and bo"),
    charts.Cell(2, 0, 0.2, ".20\n4", "ann and cy", thin=True),
    charts.Cell(2, 1, math.nan, "–\n0", "bo and cy"),
]


def kappa(one: str, other: str, value: float, n: int = 40, status: str = "ok") -> Measurement:
    estimate = Estimate(value=value, low=value - 0.1, high=value + 0.1, n=n).but(status=status)
    options = (("annotator_a", one), ("annotator_b", other))
    return Measurement("cohen_kappa", "b1", "answer", "all", (), options, estimate)


@pytest.mark.parametrize("palette", [charts.LIGHT, charts.DARK])
def test_every_cell_can_be_clicked_and_says_which_it_is(palette: charts.Palette) -> None:
    figure = charts.lower_triangle(NAMES, CELLS, palette, legend="kappa")
    (targets,) = figure.select_traces({"type": "scatter", "mode": "markers"})
    assert list(targets.customdata) == [0, 1, 2]
    assert targets.hoverinfo != "skip"


def test_thin_cells_are_fainter_than_the_others() -> None:
    figure = charts.lower_triangle(NAMES, CELLS, charts.LIGHT, legend="kappa")
    faint, full = (trace.opacity for trace in figure.data if trace.type == "heatmap")
    assert faint < full


def test_colours_diverge_from_the_threshold() -> None:
    figure = charts.lower_triangle(NAMES, CELLS, charts.LIGHT, legend="kappa", centre=0.35)
    heatmap = figure.data[0]
    assert (heatmap.zmin + heatmap.zmax) / 2 == pytest.approx(0.35)


def test_large_triangles_leave_the_numbers_to_the_hover() -> None:
    names = [f"a{number}" for number in range(40)]
    figure = charts.lower_triangle(names, CELLS, charts.LIGHT, legend="kappa")
    assert all(trace.mode != "text" for trace in figure.data if trace.type == "scatter")


@pytest.mark.parametrize("name", HOSTILE)
def test_names_from_the_data_stay_text(name: str) -> None:
    cells = [charts.Cell(1, 0, 0.5, name, name)]
    figure = charts.lower_triangle(["x", name], cells, charts.LIGHT, legend=name)
    shown = figure.to_json().replace("<br>", "").replace("<extra></extra>", "")
    assert "<" not in shown.replace("\\u003cbr\\u003e", "").replace(
        "\\u003cextra\\u003e\\u003c\\u002fextra\\u003e", ""
    )


def test_cell_of_a_pair_holds_value_and_shared_items() -> None:
    (cell,) = charts.pair_cells(["ann", "bo"], [kappa("bo", "ann", 0.5)])
    assert (cell.row, cell.column, cell.text) == (1, 0, ".50\n40")


def test_pair_with_too_little_data_is_thin() -> None:
    (cell,) = charts.pair_cells(["ann", "bo"], [kappa("ann", "bo", 0.5, 4, "insufficient")])
    assert cell.thin


def test_annotators_are_ordered_by_their_mean() -> None:
    rows = [kappa("ann", "bo", 0.2), kappa("ann", "cy", 0.6), kappa("bo", "cy", 0.5)]
    assert charts.by_mean(rows) == ["cy", "ann", "bo"]


def test_worst_comes_first_and_undefined_last() -> None:
    rows = [kappa("ann", "bo", math.nan), kappa("ann", "cy", 0.6), kappa("bo", "cy", 0.5)]
    assert [row.estimate.value for row in charts.worst_first(rows)][:2] == [0.5, 0.6]


def test_pair_of_labels_is_placed_below_the_diagonal() -> None:
    (cell,) = charts.label_cells(["no", "yes"], [LabelPair("no", "yes", 7)])
    assert (cell.row, cell.column) == (1, 0)


@pytest.mark.parametrize(("background", "ink"), [("#ffffff", "#11151d"), ("#004a7d", "#ffffff")])
def test_writing_stands_out_from_its_cell(background: str, ink: str) -> None:
    assert legible(background) == ink


def test_batch_that_signals_has_another_mark_and_leads_somewhere() -> None:
    monitor = monitored([0.1, 0.2, 4.0, 4.0])
    figure = charts.followed_batches(["a", "b", "c", "<b>d"], monitor, [0.5] * 4, charts.LIGHT)
    marks = figure.data[-1]
    assert list(marks.customdata) == [0, 1, 2, 3]
    symbols = ["diamond" if one else "circle" for one in monitor.signals]
    assert list(marks.marker.symbol) == symbols
    assert len(set(symbols)) == 2
    assert "&lt;b&gt;d" in figure.layout.xaxis.ticktext
