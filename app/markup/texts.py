"""Rows of the page Soundness."""

from app.text import html_escape, shorten


def text_row(name: str, under: str, text: str) -> str:
    """Return a row of a name and a text; it counts nothing."""
    return (
        f'<div class="bg bg-row item"><div class="t">{html_escape(shorten(name, 48))}'
        f"<small>{html_escape(under)}</small></div>"
        f'<div class="m">{html_escape(shorten(text, 150))}</div><div></div><div></div></div>'
    )
