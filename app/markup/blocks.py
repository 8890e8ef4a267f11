"""Blocks of a page: heading, banner, facts, remarks, texts, lists."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.text import VERDICT_GLOSS, VERDICT_SHAPE, html_escape

_EDGE = {
    "accept": "var(--bg-pass)",
    "conditional": "var(--bg-warn)",
    "hold": "var(--bg-wait)",
    "reject": "var(--bg-fail)",
    "none": "var(--bg-wait)",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One tile of the facts row: a name, a figure and what stands below it."""

    name: str
    value: str
    note: str = ""
    state: str = ""


def crumb(*parts: str) -> str:
    """Return the line above a page: where we are and what is being looked at."""
    first, *rest = (html_escape(part) for part in parts if part)
    return f'<div class="bg bg-crumb"><b>{first}</b>{"".join(f" · {part}" for part in rest)}</div>'


def heading(title: str, note: str = "") -> str:
    """Return a section heading with a muted remark beside it."""
    remark = f"<small>{html_escape(note)}</small>"
    return f'<div class="bg bg-h"><h2>{html_escape(title)}</h2>{remark}</div>'


def banner(verdict: str, lead: str, more: str = "") -> str:
    """Return the verdict in one word, why in a sentence or two, and what would change it."""
    first, stop, rest = lead.partition(". ")
    why = f"<b>{html_escape(first + stop)}</b>{html_escape(rest)}"
    shape = VERDICT_SHAPE.get(verdict, "○")
    gloss = VERDICT_GLOSS.get(verdict, "")
    detail = f'<p class="m">{html_escape(more)}</p>' if more else ""
    return (
        f'<div class="bg bg-banner" style="--edge:{_EDGE.get(verdict, _EDGE["none"])}">'
        f'<div class="word {html_escape(verdict)}">{shape} {html_escape(verdict.upper())}'
        f"<small>{gloss}</small></div>"
        f'<div class="why"><p>{why}</p>{detail}</div></div>'
    )


def facts(tiles: Iterable[Fact]) -> str:
    """Return the row of facts under a banner."""
    drawn = (
        f'<div class="bg-fact"><span>{html_escape(tile.name)}</span>'
        f'<b class="num {html_escape(tile.state)}">{html_escape(tile.value)}</b>'
        f"<em>{html_escape(tile.note)}</em></div>"
        for tile in tiles
    )
    return f'<div class="bg bg-facts">{"".join(drawn)}</div>'


def note(lead: str, text: str = "", *, items: Iterable[str] = (), state: str = "") -> str:
    """Return a bordered remark: what, then the detail, then a list."""
    points = "".join(f"<li>{html_escape(item)}</li>" for item in items)
    listed = f"<ul>{points}</ul>" if points else ""
    return (
        f'<div class="bg bg-note"><b class="{html_escape(state)}">{html_escape(lead)}</b> '
        f'<span class="m">{html_escape(text)}</span>{listed}</div>'
    )


def chip(text: str) -> str:
    """Return a remark that a page is narrowed to something."""
    return f'<div class="bg bg-chip">{html_escape(text)}</div>'


def missing(title: str, why: str, remedy: str = "") -> str:
    """Return the screen of something that is not there: what, why, and what would bring it."""
    cure = f'<div class="m">{html_escape(remedy)}</div>' if remedy else ""
    return (
        f'<div class="bg bg-note side"><b>○ {html_escape(title)}</b>'
        f"<div>{html_escape(why)}</div>{cure}</div>"
    )


def literal(title: str, text: str) -> str:
    """Return a text of the data exactly as it is, line breaks included."""
    return (
        f'<div class="bg bg-text"><small>{html_escape(title)}</small>'
        f"<pre>{html_escape(text)}</pre></div>"
    )


def definitions(rows: Iterable[tuple[str, str]]) -> str:
    """Return names with what they mean, one below the other."""
    drawn = (f"<dt>{html_escape(name)}</dt><dd>{html_escape(value)}</dd>" for name, value in rows)
    return f'<dl class="bg bg-list">{"".join(drawn)}</dl>'


def options_table(rows: Iterable[tuple[str, str]]) -> str:
    """Return option names with what they may be."""
    drawn = "".join(
        f"<tr><th scope='row'>{html_escape(name)}</th><td>{html_escape(allowed)}</td></tr>"
        for name, allowed in rows
    )
    return f'<table class="bg bg-options"><caption>Options</caption>{drawn}</table>'


def moments(rows: Iterable[tuple[str, str, str, str]]) -> str:
    """Return what happened, one line a moment: when, who, what, detail."""
    drawn = (
        f'<li><span class="num m">{html_escape(at)}</span><b>{html_escape(who)}</b>'
        f'<span>{html_escape(what)}</span><span class="m">{html_escape(detail)}</span></li>'
        for at, who, what, detail in rows
    )
    return f'<ol class="bg bg-moments">{"".join(drawn)}</ol>'


def stack(blocks: Iterable[str]) -> str:
    """Return several elements below each other as one."""
    return f'<div class="bg bg-stack">{"".join(blocks)}</div>'
