"""Charts about reviewers: pace against acceptance, and disputes still open over time."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from app.charts.palette import Palette, sheet
from app.text import plotly_escape, shorten
from metrics.survival import Survival

_FAST = 1 / 3
_CROWD = 0.05


@dataclass(frozen=True, slots=True)
class Dot:
    """One reviewer: pace against the others, overturn rate beyond the expected one.

    `flagged` draws it full and names it; `hover` is the whole content in words.
    """

    name: str
    pace: float
    severity: float
    n: int
    flagged: bool
    hover: str


def pace_and_severity(dots: Sequence[Dot], palette: Palette) -> go.Figure:
    """Draw every reviewer by pace and severity; who is fast and accepts all is at lower left."""
    figure = sheet(palette, height=340)
    shown = [dot for dot in dots if math.isfinite(dot.pace) and math.isfinite(dot.severity)]
    most = max([dot.n for dot in shown], default=1)
    figure.add_trace(
        go.Scatter(
            x=[dot.pace for dot in shown],
            y=[dot.severity for dot in shown],
            mode="markers+text",
            text=[plotly_escape(shorten(dot.name, 18)) if _apart(dot) else "" for dot in shown],
            textposition="top center",
            textfont={"size": 11, "color": palette.ink},
            marker={
                "size": [9 + 13 * math.sqrt(dot.n / most) for dot in shown],
                "color": [
                    palette.diverging[0] if dot.flagged else palette.sequential[3] for dot in shown
                ],
                "opacity": 0.85,
                "line": {"width": 1, "color": palette.paper},
            },
            customdata=list(range(len(shown))),
            hovertext=[plotly_escape(dot.hover).replace("\n", "<br>") for dot in shown],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    )
    line = {"color": palette.mute, "width": 1, "dash": "dot"}
    figure.add_hline(y=0, line=line)
    figure.add_vline(x=1, line=line)
    figure.add_vrect(x0=0.001, x1=_FAST, fillcolor=palette.diverging[0], opacity=0.07, line_width=0)
    paces = [*(dot.pace for dot in shown), _FAST, 2.0]
    reach = [math.log10(min(paces) / 1.5), math.log10(max(paces) * 1.5)]
    tall = max([0.15, *(abs(dot.severity) for dot in shown)]) * 1.3
    ticks = [
        t for t in (0.05, 0.1, 0.2, 0.333, 0.5, 1, 2, 4, 8) if reach[0] <= math.log10(t) <= reach[1]
    ]
    axis = {"fixedrange": True, "showgrid": False, "zeroline": False, "color": palette.mute}
    figure.update_xaxes(
        type="log",
        range=reach,
        tickvals=ticks,
        ticktext=[f"{'⅓' if t == 0.333 else f'{t:g}'} ×" for t in ticks],
        title={"text": "time a decision, against the others", "font": {"size": 12}},
        **axis,
    )
    figure.update_yaxes(
        range=[-tall, tall],
        tickformat="+.0%",
        title={"text": "overturned beyond the expected", "font": {"size": 12}},
        **axis,
    )
    return figure


def _apart(dot: Dot) -> bool:
    """Whether a dot is named in the chart; names of those in the crowd would cover each other."""
    return dot.flagged and (abs(dot.severity) > _CROWD or not 1 / 2 < dot.pace < 2)


def still_open(survival: Survival, palette: Palette) -> go.Figure:
    """Draw the share of disputes still open after so many days, with its limits."""
    figure = sheet(palette, height=300)
    end = max(survival.longest, float(survival.time[-1]) if len(survival.time) else 1.0)
    days = np.concatenate([[0.0], survival.time, [end]])

    def steps(column: np.ndarray) -> list[float]:
        kept = np.where(np.isfinite(column), column, survival.share)
        return [1.0, *kept.tolist(), float(kept[-1]) if len(kept) else 1.0]

    for column in (survival.low, survival.high):
        figure.add_trace(
            go.Scatter(
                x=days,
                y=steps(column),
                mode="lines",
                line={"shape": "hv", "width": 0, "color": palette.sequential[3]},
                fill=None if column is survival.low else "tonexty",
                fillcolor=_faded(palette.sequential[3]),
                hoverinfo="skip",
            )
        )
    figure.add_trace(
        go.Scatter(
            x=days,
            y=steps(survival.share),
            mode="lines",
            line={"shape": "hv", "width": 2, "color": palette.sequential[3]},
            hovertemplate="%{y:.0%} still open after %{x:.1f} days<extra></extra>",
        )
    )
    axis = {"fixedrange": True, "zeroline": False, "color": palette.mute}
    figure.update_xaxes(
        title={"text": "days since the dispute opened", "font": {"size": 12}},
        range=[0, end],
        showgrid=False,
        **axis,
    )
    figure.update_yaxes(
        range=[0, 1.02],
        tickformat=".0%",
        gridcolor=_faded(palette.mute),
        title={"text": "still open", "font": {"size": 12}},
        **axis,
    )
    return figure


def _faded(colour: str) -> str:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.16)"
