"""One spelling for one value: the same in Python and in SQL."""

from collections.abc import Iterator

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from queries.ingest.text import WHITE, canonical, prepare, tidy
from queries.selects import select

edges = st.text(
    st.sampled_from((*WHITE, "\0", "\x07", "a", "A", "ü", "u", "\u0308", "2", ".", "0"))
)


@pytest.fixture(scope="module")
def cursor() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect()
    prepare(connection)
    yield connection
    connection.close()


def in_sql(cursor: duckdb.DuckDBPyConnection, macro: str, text: str) -> str:
    """Return what a macro makes of a text that stands in a column, as those of a file do."""
    query = select([f"{macro}(t)"], "(select unnest([$text, $text]) as t)")
    found = {str(row[0]) for row in cursor.execute(query, {"text": text}).fetchall()}
    return found.pop()


@given(text=edges)
def test_tidy_text_is_the_same_in_sql(cursor: duckdb.DuckDBPyConnection, text: str) -> None:
    assert in_sql(cursor, "tidy", text) == tidy(text)


@given(text=edges)
def test_canonical_text_is_the_same_in_sql(cursor: duckdb.DuckDBPyConnection, text: str) -> None:
    assert in_sql(cursor, "canonical", text) == canonical(text)
