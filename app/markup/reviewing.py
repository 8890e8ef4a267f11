"""Rows about reviews: one review action, one check that must find nothing."""

from app.text import count, html_escape, shorten


def review_head() -> str:
    """Return the column names of a list of reviews."""
    names = ("item", "reviewer and stage", "what happened", "time")
    return f'<div class="bg bg-row item head">{"".join(f"<div>{n}</div>" for n in names)}</div>'


def review_row(
    *,
    item: str,
    reviewer: str,
    annotator: str,
    place: str,
    decision: str,
    outcome: str,
    change: tuple[str | None, str | None],
    seconds: float | None,
) -> str:
    """Return one review as a row: item, who looked at whose answer, what became of it."""
    before, after = change
    if before and after:
        turned = f"{before} → {after}" if before != after else f"{before} kept"
    else:
        turned = after or before or ""
    whose = f"answer of {annotator}" if annotator else "whose answer is not said"
    said = " · ".join(filter(None, (decision or "no decision", outcome)))
    took = "–" if seconds is None else f"{seconds:,.1f} s"
    return (
        f'<div class="bg bg-row item"><div class="t">{html_escape(shorten(item, 48))}'
        f"<small>{html_escape(whose)}</small></div>"
        f"<div>{html_escape(reviewer or 'not said')}"
        f'<small class="m" style="display:block">{html_escape(place)}</small></div>'
        f"<div>{html_escape(shorten(turned, 60))}"
        f'<small class="m" style="display:block">{html_escape(said)}</small></div>'
        f'<div class="num m">{took}</div></div>'
    )


def check_row(title: str, number: int, detail: str) -> str:
    """Return a check that must find nothing: passed or not, how many, where."""
    state, sign = ("fail", "✖") if number else ("pass", "✔")
    return (
        f'<div class="bg bg-row board"><div class="st {state}">{sign} {count(number)}</div>'
        f'<div class="t">{html_escape(title)}</div>'
        f'<div class="why">{html_escape(detail) or "none found"}</div></div>'
    )
