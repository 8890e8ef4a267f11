import hashlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from queries.digest import batch_digest, describe_table, part_digest
from queries.schema import RECORD_TABLES
from tests.queries.conftest import answer, at, stage

values = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
drawn = settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])


def described(folder: Path, rows: Sequence[dict[str, Any]], table: str = "annotation") -> str:
    stage(folder, {table: rows})
    with duckdb.connect() as cursor:
        return describe_table(cursor, table, folder / f"{table}.parquet").digest


def by_hand(rows: Sequence[dict[str, Any]], table: str) -> str:
    """The digest as its definition says, with the standard library."""
    upper = lower = 0
    for row in rows:
        texts = [
            f"{name}={spelled(row[name])}"
            for name in RECORD_TABLES[table]
            if row.get(name) is not None
        ]
        digest = hashlib.md5("\x1f".join(texts).encode(), usedforsecurity=False).digest()
        number = int.from_bytes(digest, "little")
        upper, lower = upper + (number >> 64), lower + number % 2**64
    return f"{upper % 2**64:016x}{lower % 2**64:016x}"


def spelled(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return str(round((value - datetime(1970, 1, 1)).total_seconds() * 1_000_000))  # noqa: DTZ001 - times are UTC without zone
    return str(value)


@given(texts=st.lists(st.tuples(values, values), max_size=6))
@drawn
def test_digest_of_a_table_follows_its_definition(
    tmp_path: Path, texts: list[tuple[str | None, str | None]]
) -> None:
    rows = [
        answer("i", "p", value, note=note, annotated_at=at(3), blind=True, duration_seconds=1.5)
        for value, note in texts
    ]
    assert described(tmp_path, rows) == by_hand(rows, "annotation")


@given(texts=st.lists(values, min_size=1, max_size=6), seed=st.randoms())
@drawn
def test_digest_does_not_depend_on_the_order_of_rows(
    tmp_path: Path, texts: list[str | None], seed: Any
) -> None:
    rows = [answer("i", "p", text) for text in texts]
    shuffled = [*rows]
    seed.shuffle(shuffled)
    assert described(tmp_path, rows) == described(tmp_path, shuffled)


@pytest.mark.parametrize(
    "changed",
    [
        [answer("i", "p", "b")],
        [answer("i", "q", "a")],
        [answer("i", "p", "a", note="")],
        [answer("i", "p", "a"), answer("i", "p", "a")],
        [],
    ],
)
def test_digest_changes_with_the_records(tmp_path: Path, changed: list[dict[str, Any]]) -> None:
    assert described(tmp_path, [answer("i", "p", "a")]) != described(tmp_path, changed)


def test_value_in_another_column_makes_another_digest(tmp_path: Path) -> None:
    one = [answer("i", "p", "a", assist="x")]
    other = [answer("i", "p", "a", note="x")]
    assert described(tmp_path, one) != described(tmp_path, other)


def test_filled_counts_the_values_of_columns_that_have_any(tmp_path: Path) -> None:
    stage(tmp_path, {"item": [{"item_id": "1", "prompt": "x"}, {"item_id": "2"}]})
    with duckdb.connect() as cursor:
        found = describe_table(cursor, "item", tmp_path / "item.parquet")
    assert (found.rows, found.filled) == (2, {"item_id": 2, "prompt": 1})


def test_sha256_is_that_of_the_file(tmp_path: Path) -> None:
    stage(tmp_path, {"item": [{"item_id": "1"}]})
    with duckdb.connect() as cursor:
        found = describe_table(cursor, "item", tmp_path / "item.parquet")
    assert found.sha256 == hashlib.sha256((tmp_path / "item.parquet").read_bytes()).hexdigest()


def test_file_with_other_columns_is_a_mistake_of_the_importer(tmp_path: Path) -> None:
    stage(tmp_path, {"item": [{"item_id": "1"}]})
    with duckdb.connect() as cursor, pytest.raises(ValueError, match="the table response has"):
        describe_table(cursor, "response", tmp_path / "item.parquet")


def test_part_digest_names_its_tables() -> None:
    assert part_digest({"item": "x"}) != part_digest({"probe": "x"})


def test_batch_digest_is_over_the_sorted_part_digests() -> None:
    assert batch_digest(["b", "a"]) == hashlib.sha256(b"a\nb\n").hexdigest()
