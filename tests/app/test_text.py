"""Escapes, figures and words."""

import pytest

from app.text import (
    count,
    counted,
    digest,
    html_escape,
    md_escape,
    percent,
    plain,
    plotly_escape,
    shorten,
)
from tests.app.hostile import HOSTILE


@pytest.mark.parametrize("sign", list("\\`*_{}[]()#+-.!|<>$~:"))
def test_markdown_escape_puts_a_backslash_before_every_sign(sign: str) -> None:
    assert md_escape(f"a{sign}b") == f"a\\{sign}b"


@pytest.mark.parametrize("text", HOSTILE)
def test_html_escape_leaves_no_sign_that_opens_an_element(text: str) -> None:
    assert not set("<>\"'") & set(html_escape(text))


@pytest.mark.parametrize("text", HOSTILE)
def test_plotly_escape_leaves_no_sign_that_opens_an_element(text: str) -> None:
    assert not set("<>") & set(plotly_escape(text))


def test_plain_text_shows_where_a_character_would_reorder_it() -> None:
    assert plain("a\u202eb\u2066c") == "a\ufffdb\ufffdc"


def test_plain_text_keeps_line_breaks() -> None:
    assert plain("a\nb\tc") == "a\nb\tc"


def test_a_name_on_two_lines_is_escaped_to_one() -> None:
    assert md_escape("a\n# b") == r"a \# b"


def test_a_long_text_is_cut_with_an_ellipsis() -> None:
    assert shorten("abcdefghij", 5) == "abcd…"


def test_a_count_has_separators() -> None:
    assert count(1_234_567) == "1,234,567"


@pytest.mark.parametrize(
    ("number", "unit", "said"),
    [(1, "items", "1 item"), (0, "items", "0 items"), (1, "batches", "1 batch"), (2, "s", "2 s")],
)
def test_one_of_something_is_singular(number: int, unit: str, said: str) -> None:
    assert counted(number, unit) == said


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [
        (0, 100, "0 %"),
        (100, 100, "100 %"),
        (1, 3, "33 %"),
        (1, 10_000, "< 0.1 %"),
        (9_999, 10_000, "> 99.9 %"),
        (4, 1_000, "0.4 %"),
        (0, 0, "–"),
    ],
)
def test_a_share_is_never_rounded_to_nothing_or_everything(
    part: int, whole: int, said: str
) -> None:
    assert percent(part, whole) == said


def test_a_hash_is_shown_by_its_ends() -> None:
    assert digest("0123456789abcdef") == "012345…cdef"
