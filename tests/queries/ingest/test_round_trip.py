"""Whatever a table holds comes out as the same records, whichever format carried it."""

import csv
import io
import json
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from queries.ingest.text import WHITE, canonical, prepare, tidy

if TYPE_CHECKING:
    from tests.queries.ingest.conftest import Desk

Rows = list[tuple[str, str, str, str]]
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
COLUMNS = ("item", "who", "label", "note")

text = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
visible = text.filter(lambda value: bool(tidy(value)))
tables = st.lists(
    st.tuples(visible, visible, visible, text),
    min_size=1,
    max_size=12,
    unique_by=lambda row: (tidy(row[0]), tidy(row[1])),
)
relaxed = settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])


def as_csv(rows: Rows, folder: Path) -> Path:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerows([COLUMNS, *rows])
    path = folder / "table.csv"
    path.write_text(out.getvalue(), encoding="utf-8", newline="")
    return path


def as_jsonl(rows: Rows, folder: Path) -> Path:
    path = folder / "table.jsonl"
    lines = (json.dumps(dict(zip(COLUMNS, row, strict=True))) + "\n" for row in rows)
    path.write_text("".join(lines), encoding="utf-8")
    return path


def as_parquet(rows: Rows, folder: Path) -> Path:
    path = folder / "table.parquet"
    columns = {name: [row[at] for row in rows] for at, name in enumerate(COLUMNS)}
    pq.write_table(pa.table(columns), path)
    return path


def expected(rows: Rows) -> list[tuple[str, str, str]]:
    blankless = [(*row[:3], row[3] if tidy(row[3]) else "") for row in rows]
    return sorted((tidy(item), canonical(label), note) for item, _, label, note in blankless)


@pytest.mark.parametrize("write", [as_csv, as_jsonl, as_parquet])
def test_a_table_comes_out_as_it_went_in(desk: "Desk", write: Callable[[Rows, Path], Path]) -> None:
    @relaxed
    @given(rows=tables)
    @example(rows=[("=1+1", "@a", "a\x00b", '"; drop table raw; --')])
    @example(rows=[("\u202e1", "\ufeffa", "-0.0", "a\r\nb")])
    @example(rows=[("#1", "a,b", "TRUE", "\n")])
    @example(rows=[("\u00e9\x00\u0301", "\x00", "\u00e9\x00x", "\u00e9\x00")])
    def round_trip(rows: Rows) -> None:
        report = desk.take(write(rows, desk.folder), MAPPING)
        assert report.kept == len(rows)
        found = desk.answers("item_id", "value", "note")
        assert sorted((item, label, note or "") for item, label, note in found) == expected(rows)

    round_trip()


@relaxed
@given(value=text)
@example(value="2.0")
@example(value="-0.0")
@example(value="TRUE")
@example(value=" \u3000e\u0301 \x1f")
@example(value="\x00")
@example(value="1.0\n.0")
@example(value="e\u0301\x00\u0301e\u0301")
def test_canonical_text_is_the_same_in_python_and_in_sql(value: str) -> None:
    with duckdb.connect() as connection:
        prepare(connection)
        found = connection.execute("select canonical($value)", {"value": value}).fetchone()
    assert found == (canonical(value),)


def test_white_space_is_what_python_strips() -> None:
    every = "".join(chr(code) for code in range(0x3100))
    assert sorted(WHITE) == sorted(letter for letter in every if not letter.strip())


@relaxed
@given(value=text)
def test_canonical_text_stays_as_it_is(value: str) -> None:
    once = canonical(value)
    assert canonical(once) == once
    assert unicodedata.is_normalized("NFC", once)
