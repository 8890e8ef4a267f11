"""Rows about coverage: a declared cell, a kind of item to collect, a gap, an attribute."""

from app.markup.bars import bar
from app.text import STATE_SHAPE, html_escape, shorten
from metrics.criteria import Bound
from metrics.estimates import Estimate


def _row(cells: tuple[str, ...], kind: str = "") -> str:
    return f'<div class="bg bg-row {kind}">{"".join(f"<div>{cell}</div>" for cell in cells)}</div>'


def cells_head() -> str:
    """Return the column names of the declared cells."""
    names = ("state", "cell", "has against needed", "has", "short", "needs")
    return _row(names, "head")


def cell_row(
    *, name: str, under: str, state: str, actual: int | None, required: int, short: str, needs: str
) -> str:
    """Return one declared cell: state, name, bar against what it needs, what is missing."""
    value = Estimate(
        value=float(actual or 0), low=float(actual or 0), high=float(actual or 0), is_count=True,
        n=actual or 0, about="batch",
    )  # fmt: skip
    limits = Bound.parse(f">= {max(required, 1)}")
    drawn = '<span class="m">nothing to count</span>'
    if actual is not None:
        drawn = bar(value, limits, "" if state == "missing" else state)
    has = "–" if actual is None else f"{actual:,}"
    return (
        f'<div class="bg bg-row"><div class="st {html_escape(state)}">'
        f"{STATE_SHAPE.get(state, '○')} {html_escape(state)}</div>"
        f'<div class="t">{html_escape(shorten(name, 90))}<small>{html_escape(under)}</small></div>'
        f'<div class="bar">{drawn}</div><div class="num">{has}</div>'
        f'<div class="num">{html_escape(short)}</div>'
        f'<div class="num m">{html_escape(needs)}</div></div>'
    )


def kind_head(name: str, *columns: str) -> str:
    """Return the column names of a list of kinds of item."""
    cells = (name, *columns)
    drawn = "".join(f"<div>{html_escape(cell)}</div>" for cell in cells)
    return f'<div class="bg bg-row kinds head">{drawn}</div>'


def kind_row(name: str, under: str, *columns: str) -> str:
    """Return one kind of item: its name, and up to four figures about it."""
    drawn = "".join(f'<div class="num">{html_escape(cell)}</div>' for cell in columns)
    return (
        f'<div class="bg bg-row kinds"><div class="t">{html_escape(shorten(name, 120))}'
        f"<small>{html_escape(under)}</small></div>{drawn}</div>"
    )
