"""A grid: every combination of the values of two attributes."""

from collections.abc import Sequence

import plotly.graph_objects as go

from app.charts.palette import Palette, sheet
from app.charts.triangle import Cell, Shade, layer, targets, triangle_size, writing
from app.text import plotly_escape, shorten

_NAME_LIMIT = 22
_LABEL_ROOM = 190


def value_grid(
    names: tuple[Sequence[str], Sequence[str]],
    cells: Sequence[Cell],
    palette: Palette,
    *,
    titles: tuple[str, str],
    legend: str,
) -> go.Figure:
    """Draw a grid of cells that can be clicked; their customdata is the position in `cells`.

    Parameters
    ----------
    names : of the rows, and of the columns
    titles : what the rows, and the columns, are
    legend : what the colour shows
    """
    rows, columns = names
    side = triangle_size(max(len(rows), len(columns)))
    shade = Shade.over(cells, palette, None)
    figure = sheet(palette, height=side * max(len(rows), 2) + 150)
    for thin in (True, False):
        layer(
            figure, [c for c in cells if c.thin is thin], (len(rows), len(columns)), shade, legend
        )
    writing(figure, cells, shade, palette, side)
    targets(figure, cells, palette, side)
    axis = {
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
        "tickfont": {"size": 12 if side >= 30 else 10, "color": palette.ink},
        "automargin": True,
    }
    figure.update_xaxes(
        range=[-0.5, len(columns) - 0.5],
        tickvals=list(range(len(columns))),
        ticktext=[plotly_escape(shorten(name, _NAME_LIMIT)) for name in columns],
        tickangle=-40 if len(columns) > 3 else 0,
        title={"text": plotly_escape(titles[1]), "font": {"size": 12}},
        **axis,
    )
    figure.update_yaxes(
        range=[len(rows) - 0.5, -0.5],
        tickvals=list(range(len(rows))),
        ticktext=[plotly_escape(shorten(name, _NAME_LIMIT)) + " " for name in rows],
        title={"text": plotly_escape(titles[0]), "font": {"size": 12}},
        **axis,
    )
    figure.update_layout(width=side * max(len(columns), 3) + _LABEL_ROOM + 110)
    return figure
