"""A chart of shares along an order: weeks, or difficulty, of a crew and of one person."""

import math
from collections.abc import Sequence

import plotly.graph_objects as go

from app.charts.palette import Palette, sheet
from app.text import counted, estimate_text, plotly_escape
from metrics.control_charts import ControlChart
from metrics.estimates import Estimate
from metrics.probes import Stratum
from metrics.tables import Floats

_LEAST_ROOM = 0.1


def course(
    strata: Sequence[Stratum],
    palette: Palette,
    *,
    own: str = "",
    control: ControlChart | None = None,
) -> go.Figure:
    """Draw the share of each stratum with its interval; one person beside the crew.

    `own` is the name of the person; without one only the crew is drawn. The limits of a control
    chart are drawn as dotted steps.
    """
    figure = sheet(palette, height=280)
    names = [plotly_escape(one.name) for one in strata]
    shift = 0.12 if own else 0.0
    series = [("everybody", [one.crew for one in strata], palette.sequential[3], -shift)]
    if own:
        mine = [one.own or Estimate(status="undefined") for one in strata]
        series.append((own, mine, palette.diverging[0], shift))
    lowest = 1.0
    for title, estimates, colour, at in series:
        shown = [(place, one) for place, one in enumerate(estimates) if math.isfinite(one.value)]
        lowest = min([lowest, *(one.low for _, one in shown)])
        figure.add_trace(_points(title, shown, names, colour, at))
    if control is not None and control.status == "ok":
        lowest = min([lowest, *(low for low in control.lower.tolist() if math.isfinite(low))])
        figure.add_traces([_limit(side, palette) for side in (control.lower, control.upper)])
    axis = {"fixedrange": True, "zeroline": False, "color": palette.mute}
    figure.update_xaxes(
        tickvals=list(range(len(names))),
        ticktext=names,
        range=[-0.6, len(names) - 0.4],
        showgrid=False,
        **axis,
    )
    figure.update_yaxes(
        range=[max(lowest - 0.04, 0.0), 1.0 + _LEAST_ROOM / 4],
        tickformat=".0%",
        gridcolor=_faded(palette.mute),
        **axis,
    )
    if own:
        figure.update_layout(
            showlegend=True, legend={"orientation": "h", "y": 1.16, "x": 0, "itemclick": False}
        )
    return figure


def _limit(limits: Floats, palette: Palette) -> go.Scatter:
    return go.Scatter(
        x=list(range(len(limits))),
        y=limits.tolist(),
        mode="lines",
        line={"color": palette.mute, "dash": "dot", "shape": "hvh", "width": 1},
        hoverinfo="skip",
        showlegend=False,
    )


def _points(
    title: str,
    shown: Sequence[tuple[int, Estimate]],
    names: Sequence[str],
    colour: str,
    at: float,
) -> go.Scatter:
    return go.Scatter(
        x=[place + at for place, _ in shown],
        y=[one.value for _, one in shown],
        mode="lines+markers",
        name=plotly_escape(title),
        line={"color": colour, "width": 1, "dash": "dot"},
        marker={
            "size": 9,
            "color": colour,
            "symbol": ["circle" if one.status == "ok" else "circle-open" for _, one in shown],
        },
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [one.high - one.value for _, one in shown],
            "arrayminus": [one.value - one.low for _, one in shown],
            "color": colour,
            "thickness": 1.5,
            "width": 4,
        },
        hovertext=[
            f"{names[place]}<br>{plotly_escape(title)}: {estimate_text(one)}"
            f"<br>{counted(one.n, one.n_unit)}"
            for place, one in shown
        ],
        hovertemplate="%{hovertext}<extra></extra>",
    )


def _faded(colour: str) -> str:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.16)"
