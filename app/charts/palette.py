"""Colours of the charts, one set a theme; the same hues as static/batchgate.css."""

from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go


@dataclass(frozen=True, slots=True)
class Palette:
    """Ink for one theme.

    Attributes
    ----------
    ink, mute, paper : text, quiet text, background
    diverging : below, at and above a threshold
    sequential : little to much
    """

    ink: str
    mute: str
    paper: str
    diverging: tuple[str, ...]
    sequential: tuple[str, ...]


LIGHT = Palette(
    ink="#1d2433",
    mute="#566073",
    paper="#ffffff",
    diverging=("#b84e00", "#e39a68", "#f4f1ee", "#7fb1d8", "#00619a"),
    sequential=("#f0f4fa", "#b9d2e8", "#6fa8d3", "#2578b5", "#004a7d"),
)
DARK = Palette(
    ink="#e6eaf2",
    mute="#a3adbf",
    paper="#10141c",
    diverging=("#f08a42", "#8f5a32", "#2a2d35", "#2f6c9c", "#5aaee6"),
    sequential=("#1a2230", "#234160", "#2f6796", "#458fc8", "#8cc4ee"),
)


def sheet(palette: Palette, height: int, **layout: Any) -> go.Figure:
    """Return an empty figure in the house style."""
    figure = go.Figure()
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"color": palette.ink, "size": 13},
        hoverlabel={"bgcolor": palette.paper, "font": {"color": palette.ink}, "align": "left"},
        showlegend=False,
        dragmode=False,
    )
    figure.update_layout(**layout)
    return figure


def legible(background: str) -> str:
    """Return black or white, whichever reads better on a colour (WCAG relative luminance)."""
    channels = [int(background[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#ffffff" if luminance < 0.18 else "#11151d"
