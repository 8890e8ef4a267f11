"""Value and interval as a bar: against a threshold, or several on one common scale."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.text import counted, estimate_text, figure, html_escape
from metrics.criteria import Bound
from metrics.estimates import Estimate

# Where the threshold stands in a bar, as a share of its width; good lies to the right of it.
_THRESHOLD_AT = 0.42
_MARGIN = 0.03
# A bar shows at least this much on either side of a threshold, so that on every row of a verdict
# short bars mean narrow intervals.
_LEAST_REACH = 0.25
_MOST_TICKS = 6
# A tick nearer to the end of the scale than this would run into the next column.
_TICK_MARGIN = 0.015


@dataclass(frozen=True, slots=True)
class Scale:
    """Where a number stands in a bar, as a share of its width."""

    origin: float
    unit: float
    anchor: float

    def __call__(self, number: float) -> float:
        """Return the place of a number; what lies beyond the bar stands at its end."""
        place = self.anchor + (number - self.origin) * self.unit
        return min(max(place, 0.0), 1.0)


@dataclass(frozen=True, slots=True)
class Axis:
    """One scale for several estimates, with its ticks and what all of them are compared with.

    Attributes
    ----------
    limits : the good region; None where nothing is asked
    reference : the estimate over everything, drawn dotted; nan for none
    """

    scale: Scale
    ticks: tuple[float, ...]
    limits: Bound | None = None
    reference: float = math.nan


def axis(
    estimates: Iterable[Estimate],
    limits: Bound | None = None,
    reference: float = math.nan,
    *,
    within: tuple[float, float] = (-math.inf, math.inf),
) -> Axis:
    """Return a common scale over everything that has to be seen on it.

    Parameters
    ----------
    within : smallest and largest value there can be; the scale does not go beyond
    """
    seen = [n for one in estimates for n in (one.value, one.low, one.high)]
    numbers = [n for n in (*seen, *thresholds(limits), reference) if math.isfinite(n)]
    least, most = (min(numbers), max(numbers)) if numbers else (0.0, 1.0)
    room = (most - least) * 0.05 or 0.1
    least, most = max(least - room, within[0] - 0.02), min(most + room, within[1] + 0.02)
    step = _tick_step(most - least)
    first = math.ceil(least / step)
    steps = (round(number * step, 10) for number in range(first, math.floor(most / step) + 1))
    ticks = tuple(tick for tick in steps if within[0] <= tick <= within[1])
    return Axis(Scale(least, 1 / (most - least), 0.0), ticks, limits, reference)


def bar(
    estimate: Estimate, limits: Bound | None = None, state: str = "", on: Axis | None = None
) -> str:
    """Return value and interval against the good region, with the same in words.

    Parameters
    ----------
    state : criterion state, which gives colour and mark; "" where nothing is judged
    on : common scale; without one the bar has its own, with good to the right
    """
    place = on.scale if on else own_scale(estimate, limits)
    region = on.limits if on else limits
    marks = ['<i class="axis"></i>', *_region(region, place)]
    if on and math.isfinite(on.reference):
        marks.append(_box("whole", place(on.reference)))
    at = place(estimate.value) if math.isfinite(estimate.value) else 0.0
    if estimate.is_count:
        at = min(at, 1 - _MARGIN)
        ends = sorted((place(0.0), at))
        marks.append(_box("fill", ends[0], ends[1] - ends[0]))
    elif math.isfinite(estimate.low) and math.isfinite(estimate.high):
        ends = sorted((place(estimate.low), place(estimate.high)))
        marks.append(_box("span", ends[0], ends[1] - ends[0]))
    if math.isfinite(estimate.value):
        marks.append(_box("dot", at))
    thin = " thin" if estimate.status == "insufficient" else ""
    words = html_escape(in_words(estimate, limits, state))
    return (
        f'<div class="bg-bar {html_escape(state or "plain")}{thin}" role="img"'
        f' aria-label="{words}">{"".join(marks)}</div>'
    )


def ticks(on: Axis) -> str:
    """Return the numbers of a common scale, to stand above its bars."""
    drawn = "".join(
        f'<i style="left:{100 * on.scale(tick):.2f}%">{figure(tick, _tick_decimals(on))}</i>'
        for tick in on.ticks
        if _TICK_MARGIN < on.scale(tick) < 1 - _TICK_MARGIN
    )
    return f'<div class="bg-ticks num">{drawn}</div>'


def ends(estimate: Estimate) -> str:
    """Return what the two ends of a bar without threshold mean."""
    left, right = (f"{end:g}".replace("-", "\u2212") for end in _natural_range(estimate))
    return f'<div class="bg-bar-ends num"><span>{left}</span><span>{right}</span></div>'


def in_words(estimate: Estimate, limits: Bound | None, state: str) -> str:
    """Return the content of a bar as a sentence."""
    parts = [estimate_text(estimate, thresholds(limits))]
    if limits is not None:
        parts.append(f"must be {must_be(limits, counts=estimate.is_count)}")
    parts.append(counted(estimate.n, estimate.n_unit))
    return ", ".join([*parts, state] if state else parts)


def thresholds(limits: Bound | None) -> tuple[float, ...]:
    """Return the ends of a bound that exist."""
    ends = () if limits is None else (limits.low, limits.high)
    return tuple(end for end in ends if end is not None)


def must_be(limits: Bound, *, counts: bool = False) -> str:
    """Return a bound as papers print it: ≥ .35, within [.45, .55]; of `counts`: ≥ 5,000."""
    least = 0 if counts else 2
    shown = [
        figure(end, max(least, len(f"{end:.10g}".partition(".")[2]))) for end in thresholds(limits)
    ]
    if len(shown) == 2:
        return f"within [{shown[0]}, {shown[1]}]"
    return f"{'≥' if limits.high is None else '≤'} {shown[0]}"


def own_scale(estimate: Estimate, limits: Bound | None) -> Scale:
    """Return a scale for one bar: the threshold at a fixed place, good to its right."""
    numbers = [n for n in (estimate.value, estimate.low, estimate.high) if math.isfinite(n)]
    ends = thresholds(limits)
    if estimate.is_count and limits is not None and len(ends) == 1 and limits.low is not None:
        # From nothing to the floor, which stands where every threshold does; how far a count is
        # above it matters to nobody.
        unit = (_THRESHOLD_AT - _MARGIN) / max(limits.low, 1.0)
        return Scale(origin=limits.low, unit=unit, anchor=_THRESHOLD_AT)
    if len(ends) == 2:
        low, high = ends
        reach = max([high - low, *(abs(n - (low + high) / 2) for n in numbers)]) or 1.0
        return Scale(origin=(low + high) / 2, unit=0.46 / (reach * 1.1), anchor=0.5)
    if limits is not None:
        threshold = ends[0]
        toward_good = 1.0 if limits.high is None else -1.0
        good = max([_LEAST_REACH, *((n - threshold) * toward_good for n in numbers)])
        bad = max([_LEAST_REACH, *((threshold - n) * toward_good for n in numbers)])
        unit = min((1 - _MARGIN - _THRESHOLD_AT) / good, (_THRESHOLD_AT - _MARGIN) / bad)
        return Scale(origin=threshold, unit=unit * toward_good, anchor=_THRESHOLD_AT)
    floor, ceiling = _natural_range(estimate)
    return Scale(origin=floor, unit=0.98 / (ceiling - floor), anchor=0.01)


def _natural_range(estimate: Estimate) -> tuple[float, float]:
    """Return 0 to 1, widened to whole tenths where the numbers need more."""
    numbers = [n for n in (estimate.value, estimate.low, estimate.high) if math.isfinite(n)]
    return (
        min(0.0, math.floor(min(numbers, default=0.0) * 10) / 10),
        max(1.0, math.ceil(max(numbers, default=1.0) * 10) / 10),
    )


def _tick_step(width: float) -> float:
    """Return the smallest of 1, 2, 5 times a power of ten that gives few enough ticks."""
    power = 10.0 ** math.floor(math.log10(width / _MOST_TICKS))
    return next(
        factor * power for factor in (1, 2, 5, 10) if width / (factor * power) <= _MOST_TICKS
    )


def _tick_decimals(on: Axis) -> int:
    """Return the decimals that all ticks need."""
    return max((len(f"{tick:.10g}".partition(".")[2]) for tick in on.ticks), default=0)


def _region(limits: Bound | None, place: Scale) -> Sequence[str]:
    if limits is None:
        return ()
    edges = sorted((place(limits.floor), place(limits.ceiling)))
    lines = (_box("edge", place(limit)) for limit in thresholds(limits))
    return (_box("band", edges[0], edges[1] - edges[0]), *lines)


def _box(kind: str, left: float, width: float | None = None) -> str:
    size = "" if width is None else f";width:{100 * width:.2f}%"
    return f'<i class="{kind}" style="left:{100 * left:.2f}%{size}"></i>'
