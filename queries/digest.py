"""Digests of files, tables, parts and batches, so that anyone can tell whether data changed.

The digest of a table does not depend on the order of its rows, nor on how the file was written. Of
each row, the non-null columns as `name=value` joined with U+001F (columns in contract order, values
as DuckDB casts them to text, times as microseconds since 1970) make an MD5, read as a little-endian
number; its upper and lower 64 bits are summed separately, modulo 2⁶⁴. A part digest is the SHA-256
over its tables' digests, a batch digest the SHA-256 over the sorted digests of its live parts.
"""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import duckdb

from queries.batches import TableInfo
from queries.relations import literal_glob
from queries.schema import RECORD_TABLES
from queries.selects import quoted, select

_CHUNK: Final = 1 << 20
_MODULUS: Final = 1 << 64


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    found = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            found.update(chunk)
    return found.hexdigest()


def part_digest(tables: Mapping[str, str]) -> str:
    """Return the digest of a part from table -> digest."""
    lines = "".join(f"{table}={tables[table]}\n" for table in sorted(tables))
    return hashlib.sha256(lines.encode()).hexdigest()


def batch_digest(parts: Iterable[str]) -> str:
    """Return the digest of a batch from those of its live parts.

    Examples
    --------
    >>> batch_digest(["b", "a"]) == batch_digest(["a", "b"])
    True
    """
    lines = "".join(f"{digest}\n" for digest in sorted(parts))
    return hashlib.sha256(lines.encode()).hexdigest()


def describe_table(cursor: duckdb.DuckDBPyConnection, table: str, path: Path) -> TableInfo:
    """Count, hash and digest one staged file.

    Raises
    ------
    ValueError
        When its columns or types are not those of the contract: a mistake of the importer.
    """
    file = literal_glob(str(path))
    check_columns(cursor, table, file)
    rows, filled = _filled(cursor, table, file)
    columns = [name for name in RECORD_TABLES[table] if name in filled]
    return TableInfo(
        rows=rows,
        sha256=file_sha256(path),
        digest=table_digest(cursor, table, file, columns),
        filled=filled,
    )


def check_columns(cursor: duckdb.DuckDBPyConnection, table: str, file: str) -> None:
    """Refuse a file whose columns or types differ from the contract."""
    rows = cursor.execute("describe from read_parquet($file)", {"file": file}).fetchall()
    found = {str(name): str(kind).lower() for name, kind, *_ in rows}
    if list(found.items()) != list(RECORD_TABLES[table].items()):
        message = f"{file} has columns {found}, the table {table} has {RECORD_TABLES[table]}"
        raise ValueError(message)


def table_digest(
    cursor: duckdb.DuckDBPyConnection, table: str, file: str, columns: Iterable[str]
) -> str:
    """Return the order-free digest of a file's rows; columns without values may be left out."""
    texts = [_canonical(column, RECORD_TABLES[table][column]) for column in columns]
    row = f"concat_ws(chr(31), {', '.join(texts)})" if texts else "''"
    digests = select([f"md5_number({row}) as digest"], "read_parquet($file)")
    halves = ["(digest >> 64)::ubigint", "(digest & 18446744073709551615)::ubigint"]
    statement = select([f"sum({half})" for half in halves], f"({digests})")
    upper, lower = cursor.execute(statement, {"file": file}).fetchall()[0]
    return f"{int(upper or 0) % _MODULUS:016x}{int(lower or 0) % _MODULUS:016x}"


def _canonical(column: str, kind: str) -> str:
    if kind == "timestamp":
        return f"'{column}=' || epoch_us(\"{column}\")"
    return f"'{column}=' || \"{column}\"::varchar"


def _filled(cursor: duckdb.DuckDBPyConnection, table: str, file: str) -> tuple[int, dict[str, int]]:
    """Return the number of rows, and of every column with a value how many it has."""
    found = cursor.execute(
        "select path_in_schema, sum(num_values), sum(stats_null_count),"
        " count(stats_null_count) = count(*)"
        " from parquet_metadata($file) group by path_in_schema",
        {"file": file},
    ).fetchall()
    if found and all(complete for *_, complete in found):
        counts = {str(name): int(values) - int(nulls) for name, values, nulls, _ in found}
        rows = int(found[0][1])
    else:  # an empty file, or a writer without statistics
        columns = [f"count({column})" for column in quoted(RECORD_TABLES[table])]
        statement = select(["count(*)", *columns], "read_parquet($file)")
        rows, *values = cursor.execute(statement, {"file": file}).fetchall()[0]
        counts = dict(zip(RECORD_TABLES[table], map(int, values), strict=True))
    return rows, {column: counts[column] for column in RECORD_TABLES[table] if counts[column]}
