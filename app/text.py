"""Words and numbers for the screen: safe text, plain figures, the names of states.

Everything that came from a file (labels, annotators, prompts, batch names) is hostile until it went
through one of the escapes here.
"""

import html
import math
import re
from collections.abc import Sequence

from metrics.estimates import Estimate
from metrics.wording import decimals_for, estimate_figures, figure, value_with_interval
from queries.batches import BatchInfo

__all__ = [
    "ABOUT_WORDS",
    "EVIDENCE_SHAPE",
    "STATE_SHAPE",
    "STATUS_WORDS",
    "VERDICT_GLOSS",
    "VERDICT_ORDER",
    "VERDICT_SHAPE",
    "count",
    "counted",
    "decimals_for",
    "digest",
    "estimate_figures",
    "estimate_text",
    "figure",
    "html_escape",
    "marks",
    "md_escape",
    "percent",
    "plain",
    "plotly_escape",
    "shorten",
    "value_with_interval",
]

_MARKDOWN_SIGNS = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>$~:])")
# Controls and the characters that reorder text: a reader must see what the file holds.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]"
)
_MINUS = "\u2212"
_DASH = "\u2013"

STATE_SHAPE = {"pass": "✔", "fail": "✖", "undecided": "◐", "missing": "○", "waived": "⊘"}
VERDICT_SHAPE = {"accept": "✔", "conditional": "▲", "hold": "◐", "reject": "✖"}
VERDICT_GLOSS = {
    "accept": "every criterion passes",
    "conditional": "usable with conditions",
    "hold": "not enough evidence",
    "reject": "a hard criterion fails",
}
VERDICT_ORDER = ("hold", "reject", "conditional", "accept")
EVIDENCE_SHAPE = {"present": "✔", "missing": "○", "contradictory": "✖"}
ABOUT_WORDS = {
    "batch": "this batch as it is",
    "process": "items like these",
    "annotators": "annotators like these",
}
STATUS_WORDS = {
    "ok": "",
    "insufficient": "too little data",
    "undefined": "not defined here",
    "missing_input": "input missing",
}


def plain(text: object) -> str:
    """Return text without control characters and without characters that reorder it."""
    return _UNSEEN.sub("\ufffd", str(text))


def md_escape(text: object) -> str:
    r"""Return text that Markdown shows literally, on one line.

    Examples
    --------
    >>> print(md_escape(":green[PASS]"))
    \:green\[PASS\]
    """
    return _MARKDOWN_SIGNS.sub(r"\\\1", " ".join(plain(text).split()))


def plotly_escape(text: object) -> str:
    """Return text that Plotly shows literally in titles, ticks and hover boxes.

    Examples
    --------
    >>> plotly_escape("<b>a</b> & b")
    '&lt;b&gt;a&lt;/b&gt; &amp; b'
    """
    return plain(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def html_escape(text: object) -> str:
    """Return text that is safe inside an element and inside a quoted attribute."""
    return html.escape(plain(text), quote=True)


def shorten(text: object, limit: int = 60) -> str:
    """Return one line of at most `limit` characters, with an ellipsis where it was cut."""
    line = " ".join(plain(text).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def count(number: float) -> str:
    """Return a whole number with separators: 8,412."""
    return f"{number:,.0f}".replace("-", _MINUS)


def counted(number: int, plural: str) -> str:
    """Return a count with its unit, singular where it is one: 1 item, 8,412 items.

    Examples
    --------
    >>> counted(1, "items"), counted(2, "batches"), counted(1, "batches")
    ('1 item', '2 batches', '1 batch')
    """
    return f"{count(number)} {_singular(plural) if number == 1 else plural}"


def percent(part: float, whole: float) -> str:
    """Return a share as a percentage, never rounding something to nothing or to everything.

    Examples
    --------
    >>> percent(1, 3), percent(1, 100_000), percent(0, 0)
    ('33 %', '< 0.1 %', '\u2013')
    """
    if not whole:
        return _DASH
    share = 100 * part / whole
    if share in (0, 100):
        return f"{share:.0f} %"
    if 0 < share < 0.1:
        return "< 0.1 %"
    if 99.9 < share < 100:
        return "> 99.9 %"
    return f"{share:.1f} %" if share < 1 or 99 < share < 100 else f"{share:.0f} %"


def chance(p: float) -> str:
    """Return a p- or q-value, never rounded to an impossible zero.

    Examples
    --------
    >>> chance(0.03), chance(2e-9), chance(float("nan"))
    ('0.0300', '< 0.0001', '\u2013')
    """
    if not math.isfinite(p):
        return _DASH
    return f"{p:.4f}" if p >= 1e-4 else "< 0.0001"


def estimate_text(estimate: Estimate, limits: Sequence[float] = ()) -> str:
    """Return value and interval of an estimate, or that there is none.

    Examples
    --------
    >>> estimate_text(Estimate(status="undefined"))
    'not defined'
    """
    if not math.isfinite(estimate.value):
        return "not defined"
    return estimate_figures(estimate, limits)


def digest(sha256: str) -> str:
    """Return the part of a hash that people compare: 7f3a91…c1d0."""
    return f"{sha256[:6]}…{sha256[-4:]}" if len(sha256) > 12 else sha256


def _singular(plural: str) -> str:
    if plural.endswith("ches"):
        return plural[:-2]
    return plural[:-1] if plural.endswith("s") else plural


def marks(batch: BatchInfo) -> tuple[str, ...]:
    """Return what a list must say of a batch beside its verdict: its successor, its decision."""
    found = [f"superseded by {newer}" for newer in batch.superseded_by]
    if batch.decision is not None:
        found.append(f"decided: {batch.decision.decided}")
    if batch.evidence_has_grown:
        found.append("evidence has grown since")
    return tuple(found)
