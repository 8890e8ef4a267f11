"""Charts: plain values in, Plotly figures out. No Streamlit here, so reports can draw them too.

Names from the data are escaped in this package. Colour never carries a meaning alone: every cell
has its number written in it or beside it. Forest plots and interval bars are HTML, in app/markup.
"""

from app.charts.course import course
from app.charts.grid import value_grid
from app.charts.moving import (
    before_and_after,
    followed_batches,
    parts,
    weekly_seconds,
    weekly_shares,
)
from app.charts.palette import DARK, LIGHT, Palette
from app.charts.reviewing import Dot, pace_and_severity, still_open
from app.charts.rows import annotators, by_mean, label_cells, pair_cells, worst_first
from app.charts.triangle import Cell, lower_triangle, triangle_size

__all__ = [
    "DARK",
    "LIGHT",
    "Cell",
    "Dot",
    "Palette",
    "annotators",
    "before_and_after",
    "by_mean",
    "course",
    "followed_batches",
    "label_cells",
    "lower_triangle",
    "pace_and_severity",
    "pair_cells",
    "parts",
    "still_open",
    "triangle_size",
    "value_grid",
    "weekly_seconds",
    "weekly_shares",
    "worst_first",
]
