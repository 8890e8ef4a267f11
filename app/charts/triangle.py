"""The lower triangle: every pair of annotators, or of labels, once."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from app.charts.palette import Palette, legible, sheet
from app.text import plotly_escape, shorten

_ROOM = 720
_NAME_LIMIT = 16
# Beyond this many names a cell is too small to be read; the number is in the hover and the table.
_WRITTEN_UP_TO = 26
_FADED = 0.35


@dataclass(frozen=True, slots=True)
class Cell:
    """One pair.

    Attributes
    ----------
    row, column : positions of the two names, column <= row
    value : what the colour shows; nan leaves the cell empty
    text : written in the cell, lines separated by a line break
    hover : the whole content in words
    thin : too few shared items; faded
    """

    row: int
    column: int
    value: float
    text: str
    hover: str
    thin: bool = False


@dataclass(frozen=True, slots=True)
class Shade:
    """Colours over the observed range: diverging from a centre, or from little to much."""

    colours: tuple[str, ...]
    low: float
    high: float

    @classmethod
    def over(cls, cells: Sequence[Cell], palette: Palette, centre: float | None) -> "Shade":
        """Return the shade of the cells; a fixed range would leave most charts one muddy colour."""
        values = [cell.value for cell in cells if math.isfinite(cell.value)]
        if centre is None:
            return cls(palette.sequential, 0.0, max([*values, 0.0]) or 1.0)
        reach = math.ceil(max([0.1, *(abs(value - centre) for value in values)]) * 10) / 10
        return cls(palette.diverging, centre - reach, centre + reach)

    @property
    def steps(self) -> list[list[float | str]]:
        """The scale as Plotly wants it."""
        last = len(self.colours) - 1
        return [[place / last, colour] for place, colour in enumerate(self.colours)]

    def under(self, value: float) -> str:
        """Return the nearest colour of the scale at a value."""
        if not math.isfinite(value):
            return self.colours[0]
        place = (value - self.low) / (self.high - self.low)
        return self.colours[round(min(max(place, 0.0), 1.0) * (len(self.colours) - 1))]


def triangle_size(names: int) -> int:
    """Return the side of one cell in pixels, so that text, marks and height agree."""
    return max(22, min(58, _ROOM // max(names, 1)))


def lower_triangle(
    names: Sequence[str],
    cells: Sequence[Cell],
    palette: Palette,
    *,
    legend: str,
    centre: float | None = None,
    diagonal: bool = False,
) -> go.Figure:
    """Draw pairs as a triangle of cells that can be clicked.

    Plotly does not report clicks on a heatmap to Streamlit, so an invisible square marker lies on
    each cell; its customdata is the position of the cell in `cells`.

    Parameters
    ----------
    legend : what the colour shows
    centre : threshold the colours diverge from; None for little to much
    diagonal : whether a name can be paired with itself
    """
    side = triangle_size(len(names))
    first = 0 if diagonal else 1
    rows = list(range(first, len(names)))
    columns = list(range(len(names) - first))
    shade = Shade.over(cells, palette, centre)
    figure = sheet(palette, height=side * max(len(rows), 1) + 110)
    shape = (len(names), len(names))
    for thin in (True, False):
        layer(figure, [c for c in cells if c.thin is thin], shape, shade, legend)
    if len(names) <= _WRITTEN_UP_TO:
        writing(figure, cells, shade, palette, side)
    targets(figure, cells, palette, side)
    short = [plotly_escape(shorten(name, _NAME_LIMIT)) for name in names]
    axis = {
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
        "tickfont": {"size": 12 if side >= 30 else 10, "color": palette.ink},
        "automargin": True,
    }
    figure.update_xaxes(
        range=[-0.5, len(columns) - 0.5],
        tickvals=columns,
        ticktext=[short[place] for place in columns],
        tickangle=-40 if len(names) > 3 else 0,
        **axis,
    )
    figure.update_yaxes(
        range=[len(names) - 0.5, first - 0.5],
        tickvals=rows,
        ticktext=[short[place] + " " for place in rows],
        **axis,
    )
    figure.update_layout(width=side * max(len(columns), 1) + 240)
    return figure


def layer(
    figure: go.Figure,
    cells: Sequence[Cell],
    shape: tuple[int, int],
    shade: Shade,
    legend: str,
) -> None:
    """Draw cells that are all thin, or all not, over a grid of rows and columns."""
    if not cells:
        return
    faded = cells[0].thin
    rows, columns = shape
    grid: list[list[float | None]] = [[None] * columns for _ in range(rows)]
    for cell in cells:
        grid[cell.row][cell.column] = cell.value if math.isfinite(cell.value) else None
    figure.add_trace(
        go.Heatmap(
            z=grid,
            x=list(range(columns)),
            y=list(range(rows)),
            xgap=2,
            ygap=2,
            opacity=_FADED if faded else 1.0,
            hoverinfo="skip",
            showscale=not faded,
            colorscale=shade.steps,
            zmin=shade.low,
            zmax=shade.high,
            colorbar={
                "title": {"text": plotly_escape(legend), "side": "right", "font": {"size": 12}},
                "thickness": 10,
                "lenmode": "pixels",
                "len": min(220, figure.layout.height - 60),
                "tickfont": {"size": 11},
                "outlinewidth": 0,
            },
        )
    )


def writing(
    figure: go.Figure, cells: Sequence[Cell], shade: Shade, palette: Palette, side: int
) -> None:
    """Write the text of every cell into it."""
    inks = [palette.mute if cell.thin else legible(shade.under(cell.value)) for cell in cells]
    figure.add_trace(
        go.Scatter(
            x=[cell.column for cell in cells],
            y=[cell.row for cell in cells],
            mode="text",
            text=[plotly_escape(cell.text).replace("\n", "<br>") for cell in cells],
            textfont={"size": 12 if side >= 44 else 10, "color": inks},
            hoverinfo="skip",
        )
    )


def targets(figure: go.Figure, cells: Sequence[Cell], palette: Palette, side: int) -> None:
    """Lay an invisible mark on every cell, which can be chosen and says what the cell holds."""
    figure.add_trace(
        go.Scatter(
            x=[cell.column for cell in cells],
            y=[cell.row for cell in cells],
            mode="markers",
            marker={"symbol": "square", "size": side - 4, "opacity": 0, "color": palette.ink},
            selected={"marker": {"opacity": 0.35}},
            unselected={"marker": {"opacity": 0}},
            customdata=list(range(len(cells))),
            hovertext=[plotly_escape(cell.hover).replace("\n", "<br>") for cell in cells],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    )
