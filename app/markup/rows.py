"""Rows and cards: an estimate with its name, its drawing, its figures and its n."""

import math

from app.markup.bars import Axis, bar, ends, must_be, thresholds, ticks
from app.text import (
    ABOUT_WORDS,
    STATE_SHAPE,
    STATUS_WORDS,
    VERDICT_SHAPE,
    counted,
    decimals_for,
    estimate_text,
    figure,
    html_escape,
    percent,
    shorten,
)
from metrics.criteria import Bound
from metrics.estimates import Estimate


def criteria_head() -> str:
    """Return the column names of the criteria rows."""
    names = ("state", "criterion", "estimate against threshold", "value [interval]", "must be", "n")
    return f'<div class="bg bg-row head">{"".join(f"<div>{name}</div>" for name in names)}</div>'


def criterion(*, title: str, under: str, state: str, estimate: Estimate, limits: Bound) -> str:
    """Return one criterion as a row: state, name, drawing, value, bound, n."""
    value = estimate_text(estimate, thresholds(limits))
    drawn = (
        bar(estimate, limits, state)
        if math.isfinite(estimate.value)
        else f'<span class="m">{html_escape(estimate.reason or "nothing to draw")}</span>'
    )
    return (
        f'<div class="bg bg-row"><div class="st {html_escape(state)}">'
        f"{STATE_SHAPE.get(state, '○')} {html_escape(state)}</div>"
        f'<div class="t">{html_escape(title)}<small>{html_escape(under)}</small></div>'
        f'<div class="bar">{drawn}</div><div class="num">{html_escape(value)}</div>'
        f'<div class="num">{html_escape(must_be(limits, counts=estimate.is_count))}</div>'
        f'<div class="num m">{html_escape(counted(estimate.n, estimate.n_unit))}</div></div>'
    )


def board_head() -> str:
    """Return the column names of the board."""
    names = ("verdict", "batch", "why", "agreement", "size")
    return f'<div class="bg bg-row board head">{"".join(f"<div>{n}</div>" for n in names)}</div>'


def board_row(
    *,
    name: str,
    about: str,
    verdict: str,
    reason: str,
    size: str,
    people: str,
    judged: tuple[Estimate, Bound, str] | None,
) -> str:
    """Return one batch as a row: verdict, name, why, agreement against its threshold, size."""
    shape = VERDICT_SHAPE.get(verdict, "○")
    drawn = '<span class="m">no criterion on agreement</span>'
    if judged:
        estimate, limits, state = judged
        value = estimate_text(estimate, thresholds(limits))
        n = counted(estimate.n, estimate.n_unit)
        drawn = (
            f"{bar(estimate, limits, state) if math.isfinite(estimate.value) else ''}"
            f'<small class="num">{html_escape(value)} · {html_escape(n)}</small>'
        )
    return (
        f'<div class="bg bg-row board"><div class="st {html_escape(verdict)}">'
        f"{shape} {html_escape(verdict)}</div>"
        f'<div class="t">{html_escape(name)}<small>{html_escape(about)}</small></div>'
        f'<div class="why">{html_escape(reason)}</div><div class="bar">{drawn}</div>'
        f'<div class="num t">{html_escape(size)}<small>{html_escape(people)}</small></div></div>'
    )


def forest_head(name: str, on: Axis, *, share: str = "") -> str:
    """Return the column names of a forest plot, with the ticks of its scale."""
    cells = [name, *([share] if share else [])]
    drawn = "".join(f"<div>{html_escape(cell)}</div>" for cell in cells)
    kind = "label" if share else "plain"
    return (
        f'<div class="bg bg-row {kind} head">{drawn}<div class="bar">{ticks(on)}</div>'
        "<div>value [interval]</div><div>n</div></div>"
    )


def forest_row(
    name: str,
    estimate: Estimate,
    on: Axis,
    *,
    state: str = "",
    share: tuple[int, int] | None = None,
    under: str = "",
) -> str:
    """Return one line of a forest plot.

    Parameters
    ----------
    state : criterion state, where a criterion judges this very estimate
    share : how many of how many answers have this label
    under : stands below the name
    """
    value = estimate_text(estimate, thresholds(on.limits))
    has_value = math.isfinite(estimate.value)
    drawn = (
        bar(estimate, None, state, on)
        if has_value
        else f'<span class="m">{html_escape(estimate.reason)}</span>'
    )
    kind = "plain" if share is None else "label"
    word = f" · {STATE_SHAPE[state]} {state}" if state else ""
    thin = f" · {STATUS_WORDS[estimate.status]}" if estimate.status == "insufficient" else ""
    below = (word + thin).removeprefix(" · ") or html_escape(under)
    return (
        f'<div class="bg bg-row {kind}"><div class="t">{html_escape(shorten(name, 90))}'
        f'<small class="{html_escape(state)}">{below}</small></div>'
        f"{_share(share) if share else ''}"
        f'<div class="bar">{drawn}</div>'
        f'<div class="num">{html_escape(value)}</div>'
        f'<div class="num m">{html_escape(counted(estimate.n, estimate.n_unit))}</div></div>'
    )


def _share(share: tuple[int, int]) -> str:
    part, whole = share
    width = 100 * part / max(whole, 1)
    return (
        f'<div class="bg-share num"><i style="width:{0.62 * width:.2f}%"></i>'
        f"<span>{percent(part, whole)}</span></div>"
    )


def item_head(answers: str = "answers") -> str:
    """Return the column names of a list of items, `answers` above what was answered."""
    names = ("item", "text", answers, "n")
    return f'<div class="bg bg-row item head">{"".join(f"<div>{n}</div>" for n in names)}</div>'


def item_row(*, name: str, under: str, text: str, answers: str, number: int, distinct: int) -> str:
    """Return one item as a row: name, beginning of its text, the answers it got.

    `distinct` counts the different answers; 0 where they were not looked at.
    """
    sign = "" if number < 2 or not distinct else "=" if distinct == 1 else "≠"
    word = {"": "", "=": "all agree", "≠": "they differ"}[sign]
    return (
        f'<div class="bg bg-row item"><div class="t">{html_escape(shorten(name, 48))}'
        f"<small>{html_escape(under)}</small></div>"
        f'<div class="m">{html_escape(shorten(text, 150))}</div>'
        f'<div title="{word}">{sign} {html_escape(shorten(answers, 80))}</div>'
        f'<div class="num m">{counted(number, "answers")}</div></div>'
    )


def estimate_card(
    name: str,
    estimate: Estimate,
    *,
    limits: Bound | None = None,
    state: str = "",
) -> str:
    """Return the one card every number is shown on."""
    decimals = decimals_for(estimate.value, estimate.low, estimate.high, thresholds(limits))
    decimals = 0 if estimate.is_count else decimals
    has_value = math.isfinite(estimate.value)
    shown = figure(estimate.value, decimals) if has_value else "not defined"
    interval = (
        f"[{figure(estimate.low, decimals)}, {figure(estimate.high, decimals)}]"
        if math.isfinite(estimate.low) and math.isfinite(estimate.high)
        else ("no interval" if has_value else "")
    )
    verdict = (
        f'<span class="st {html_escape(state)}">{STATE_SHAPE[state]} {state}</span>'
        if state
        else ""
    )
    bound = f" · must be {html_escape(must_be(limits))}" if limits else ""
    drawn = ""
    if has_value:
        drawn = bar(estimate, limits, state) + ("" if limits else ends(estimate))
    about = ABOUT_WORDS.get(estimate.about, estimate.about)
    return (
        f'<div class="bg bg-card"><div class="name">{html_escape(name)}</div>'
        f'<div class="value num">{shown}<small>{interval}</small>{verdict}</div>{drawn}'
        f'<div class="foot num">{html_escape(counted(estimate.n, estimate.n_unit))}'
        f" · {html_escape(about)}{bound}</div>{_flags(estimate)}</div>"
    )


def _flags(estimate: Estimate) -> str:
    """Return what a reader must know before using the value."""
    lines = []
    if estimate.status != "ok":
        word = STATUS_WORDS.get(estimate.status, estimate.status)
        reason = estimate.reason.removeprefix(f"{word}: ")
        lines.append(f"<b>◐ {html_escape(word)}</b> {html_escape(reason)}")
    if not estimate.representative:
        chosen = estimate.provenance.get("overlap", "the items behind it were not drawn at random")
        lines.append(f"<b>◐ not representative</b> {html_escape(chosen)}")
    return "".join(f'<div class="flag undecided">{line}</div>' for line in lines)
