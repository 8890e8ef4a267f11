"""Charts about drift: shares before and after, parts of a shift, and the course of a batch."""

import math
from collections.abc import Sequence

import plotly.graph_objects as go

from app.charts.palette import Palette, sheet
from app.text import plotly_escape, shorten
from metrics.monitoring import Monitor

_ROW = 46
_MOST_LINES = 6


def before_and_after(
    labels: Sequence[str], before: Sequence[float], after: Sequence[float], palette: Palette
) -> go.Figure:
    """Draw the share of every label: a ring for the reference, a dot for the batch."""
    names = [plotly_escape(shorten(label, 28)) for label in labels]
    figure = sheet(palette, height=64 + 34 * len(names))
    for name, first, second in zip(names, before, after, strict=True):
        figure.add_trace(
            go.Scatter(
                x=[first, second],
                y=[name, name],
                mode="lines",
                line={"color": palette.mute, "width": 2},
                hoverinfo="skip",
            )
        )
    for values, symbol, word in ((before, "circle-open", "reference"), (after, "circle", "batch")):
        figure.add_trace(
            go.Scatter(
                x=list(values),
                y=names,
                mode="markers",
                marker={"size": 11, "symbol": symbol, "color": palette.sequential[3]},
                hovertemplate=f"%{{y}}: %{{x:.1%}} in the {word}<extra></extra>",
            )
        )
    figure.update_xaxes(tickformat=".0%", rangemode="tozero", gridcolor=palette.sequential[0])
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return figure


def parts(
    names: Sequence[str],
    values: Sequence[float],
    intervals: Sequence[tuple[float, float]],
    palette: Palette,
) -> go.Figure:
    """Draw what each cause contributes in points, with its interval where there is one."""
    figure = sheet(palette, height=56 + _ROW * len(names))
    upper = [max(high - value, 0.0) if math.isfinite(high) else 0.0
             for value, (_, high) in zip(values, intervals, strict=True)]  # fmt: skip
    lower = [max(value - low, 0.0) if math.isfinite(low) else 0.0
             for value, (low, _) in zip(values, intervals, strict=True)]  # fmt: skip
    figure.add_trace(
        go.Bar(
            x=[100 * value for value in values],
            y=[
                f"{plotly_escape(name)}  {100 * value:+.1f}"
                for name, value in zip(names, values, strict=True)
            ],
            orientation="h",
            width=0.5,
            marker={"color": [_side(value, palette) for value in values]},
            error_x={
                "type": "data",
                "array": [100 * each for each in upper],
                "arrayminus": [100 * each for each in lower],
                "color": palette.ink,
                "thickness": 1.5,
            },
            hovertemplate="%{y} points<extra></extra>",
        )
    )
    figure.update_xaxes(
        ticksuffix=" points", zerolinecolor=palette.mute, gridcolor=palette.sequential[0]
    )
    figure.update_yaxes(autorange="reversed")
    return figure


def weekly_shares(
    weeks: Sequence[str],
    labels: Sequence[str],
    shares: Sequence[Sequence[float]],
    late_from: str,
    palette: Palette,
) -> go.Figure:
    """Draw the share of each label a week, its name at the end of its line."""
    figure = _over_weeks(weeks, late_from, palette)
    most = sorted(range(len(labels)), key=lambda place: -max(row[place] for row in shares))
    for place in most[:_MOST_LINES]:
        name = plotly_escape(shorten(labels[place], 20))
        figure.add_trace(
            go.Scatter(
                x=list(weeks),
                y=[row[place] for row in shares],
                mode="lines+markers+text",
                text=["" for _ in weeks[1:]] + [name],
                textposition="middle right",
                line={"color": palette.sequential[3], "width": 2},
                cliponaxis=False,
                hovertemplate=f"{name}: %{{y:.1%}}, week of %{{x}}<extra></extra>",
            )
        )
    figure.update_yaxes(tickformat=".0%", rangemode="tozero")
    return figure


def weekly_seconds(
    weeks: Sequence[str], seconds: Sequence[float], late_from: str, palette: Palette
) -> go.Figure:
    """Draw the median time a week."""
    figure = _over_weeks(weeks, late_from, palette)
    figure.add_trace(
        go.Scatter(
            x=list(weeks),
            y=[value if math.isfinite(value) else None for value in seconds],
            mode="lines+markers",
            line={"color": palette.sequential[3], "width": 2},
            hovertemplate="%{y:.0f} s, week of %{x}<extra></extra>",
        )
    )
    figure.update_yaxes(ticksuffix=" s", rangemode="tozero")
    return figure


def followed_batches(
    names: Sequence[str], monitor: Monitor, shares: Sequence[float], palette: Palette
) -> go.Figure:
    """Draw the average shift after every batch within its limits; a diamond signals.

    Its marks carry the position of the batch as customdata.
    """
    figure = sheet(palette, height=260, margin={"l": 8, "r": 24, "t": 8, "b": 8})
    averages, limits = monitor.average.tolist(), monitor.limit.tolist()
    signals, places = monitor.signals.tolist(), list(range(len(names)))
    for sign, fill in ((-1, None), (1, "tonexty")):
        figure.add_trace(
            go.Scatter(
                x=places,
                y=[sign * limit for limit in limits],
                mode="lines",
                line={"color": palette.mute, "dash": "dot", "width": 1},
                fill=fill,
                fillcolor=palette.sequential[0],
                hoverinfo="skip",
            )
        )
    figure.add_trace(
        go.Scatter(
            x=places,
            y=averages,
            mode="lines+markers",
            line={"color": palette.sequential[3], "width": 2},
            marker={
                "opacity": 1,
                "size": [13 if signal else 9 for signal in signals],
                "symbol": ["diamond" if signal else "circle" for signal in signals],
                "color": [
                    palette.diverging[0] if signal else palette.sequential[3] for signal in signals
                ],
            },
            customdata=places,
            hovertext=[
                f"{plotly_escape(name)}<br>share {share:.1%}<br>average {average:+.2f},"
                f" limit ±{limit:.2f}{'<br>signals' if signal else ''}"
                for name, share, average, limit, signal in zip(
                    names, shares, averages, limits, signals, strict=True
                )
            ],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    )
    figure.update_xaxes(
        tickvals=places,
        ticktext=[plotly_escape(shorten(name, 24)) for name in names],
        range=[-0.4, len(names) - 0.6],
        showgrid=False,
    )
    figure.update_yaxes(
        title="standard errors",
        gridcolor=palette.sequential[0],
        zeroline=True,
        zerolinecolor=palette.mute,
        zerolinelayer="above traces",
    )
    return figure


def _over_weeks(weeks: Sequence[str], late_from: str, palette: Palette) -> go.Figure:
    figure = sheet(palette, height=250, margin={"l": 8, "r": 90, "t": 8, "b": 8})
    figure.update_xaxes(type="category", showgrid=False)
    figure.update_yaxes(gridcolor=palette.sequential[0])
    if late_from in weeks:
        figure.add_vline(
            x=weeks.index(late_from) - 0.5, line={"color": palette.mute, "dash": "dot"}
        )
    return figure


def _side(value: float, palette: Palette) -> str:
    return palette.diverging[3] if value >= 0 else palette.diverging[1]
