"""Rows with more fields than the header, which the engine reads shifted when the last are empty."""

import gzip
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.queries.ingest.conftest import Desk

HEADER = "item,who,note,label,extra\n"
ROWS = HEADER + "1,ann,short,good,\n2,ann,short,bad,\n"
MAPPING = """
kind = "qa"
[columns]
item_id = "item"
annotator_id = "who"
note = "note"
[[question]]
name = "label"
column = "label"
"""
Refused = Callable[..., str]


@pytest.mark.parametrize("tail", ["", ",", ",,", ',""'])
def test_a_separator_in_a_text_without_quotes_is_refused_with_its_line(
    refused: Refused, tail: str
) -> None:
    message = refused(f"{ROWS}3,ann,one, two,good,{tail}\n", MAPPING)
    assert "answers.csv: line 4 has" in message
    assert "the header has 5; check separators and quotes there" in message


def test_the_line_is_found_behind_quoted_line_ends(refused: Refused) -> None:
    message = refused(f'{HEADER}1,ann,"a\n,b,,\n",good,\n3,ann,one, two,good,\n', MAPPING)
    assert "line 5 has 6 columns" in message


def test_the_line_is_found_in_gzip(refused: Refused) -> None:
    packed = gzip.compress(f"{ROWS}3,ann,one, two,good,\n".encode())
    assert "line 4 has 6 columns" in refused(packed, MAPPING, name="answers.csv.gz")


def test_separators_in_quotes_are_text(desk: "Desk") -> None:
    desk.take(f'{ROWS}3,ann,"one, ""two"",\n\n three",good,\n', MAPPING)
    assert desk.answers() == [("1", "good"), ("2", "bad"), ("3", "good")]


def test_separators_in_quotes_over_a_block_are_text(desk: "Desk") -> None:
    long = "a, " * 700_000
    desk.take(f'{ROWS}3,ann,"{long}",good,\n4,ann,"{long}",bad,\n', MAPPING)
    assert len(desk.answers()) == 4


def test_a_lone_quote_within_a_field_is_text(desk: "Desk") -> None:
    desk.take(f'{ROWS}3,ann,5" wide,good,\n', MAPPING)
    assert ('5" wide',) in desk.answers("note")


def test_an_empty_field_too_many_in_every_row_is_read(desk: "Desk") -> None:
    content = "item,who,label\n1,ann,good,\n2,ann,bad,\n"
    desk.take(content)
    assert desk.answers() == [("1", "good"), ("2", "bad")]


def test_blank_lines_are_no_rows(desk: "Desk") -> None:
    assert desk.take(ROWS + "\n\n", MAPPING).annotations == 2
