"""The records of an export as they stand in its files, one JSON object a record.

Formats whose records hold lists of answers are read from here; nothing of a record is lost on the
way, so that a mapping can still name any field of it.
"""

import json
from collections.abc import Sequence
from typing import Any, Final

import duckdb

from queries.errors import InputError
from queries.ingest.columns import broken, columns_of, longer_lines
from queries.ingest.files import InputFile
from queries.ingest.separators import refuse_shifted
from queries.ingest.shape import Sample
from queries.ingest.text import fill, literal

_CREATE: Final = "create or replace temp table exported_rows (file integer, json json)"
_INSERT: Final = "insert into exported_rows select $file, {json} from {reader} as whole"
_VIEW: Final = """
create or replace temp view exported as select rowid as place, file, json from exported_rows
"""
_PEEK: Final = "select cast({json} as varchar) from {reader} as whole limit {rows}"
_SAMPLED: Final = 50


def lay_out(
    cursor: duckdb.DuckDBPyConnection, files: Sequence[InputFile]
) -> tuple[tuple[str, int, int], ...]:
    """Make the relation `exported` (place, file, json); return name, first place, records by file.

    `file` is the position of the file among `files`; `place` numbers the records of all files.

    Raises
    ------
    InputError
        When a file turns out to be broken, or has no records.
    """
    cursor.execute(_CREATE)
    counts: list[tuple[str, int, int]] = []
    for number, file in enumerate(files):
        first = sum(rows for _, _, rows in counts)
        rows = _load(cursor, number, file)
        if not rows:
            raise InputError(f"{file.name}: no records; only an empty list or a header is there")
        counts.append((file.name, first, rows))
    cursor.execute(_VIEW)
    return tuple(counts)


def sample(cursor: duckdb.DuckDBPyConnection, files: Sequence[InputFile]) -> Sample:
    """Return the first records of the first file; empty where they cannot be read.

    A file that is broken further down is refused when it is read in full, with its fault.
    """
    file = files[0]
    if file.form == "toml":
        return Sample(tuple(each.name for each in files), frozenset(), ())
    query = fill(_PEEK, json=_object(file), reader=file.reader, rows=str(_SAMPLED))
    try:
        rows = cursor.execute(query).fetchall()
    except duckdb.Error:
        rows = []
    objects = tuple(each for each in map(_parsed, rows) if isinstance(each, dict))
    return Sample(
        names=tuple(each.name for each in files),
        keys=frozenset(key for each in objects for key in each) | frozenset(file.columns),
        objects=objects,
    )


def _parsed(row: tuple[Any, ...]) -> object:
    """Return a record, None where only the engine can read it: far too deep, or a comma more."""
    try:
        return json.loads(row[0])
    except (ValueError, RecursionError):
        return None


def _load(cursor: duckdb.DuckDBPyConnection, number: int, file: InputFile) -> int:
    columns_of(cursor, file)  # refuses records that are no objects
    reader: str | None = file.reader
    while reader is not None:
        query = fill(_INSERT, json=_object(file), reader=reader)
        try:
            done = cursor.execute(query, {"file": number}).fetchone()
        except duckdb.OutOfMemoryException:
            raise
        except duckdb.Error as error:
            reader = longer_lines(reader, error)
            if reader is None:
                raise broken(file, error) from None
        else:
            rows = int(done[0]) if done else 0
            refuse_shifted(file, rows)
            return rows
    return 0


def _object(file: InputFile) -> str:
    """Return the expression of one record as JSON."""
    if file.form == "json":
        return "json"
    if file.form == "parquet":
        return "to_json(whole)"
    twice = sorted({name for name in file.columns if file.columns.count(name) > 1})
    if twice:
        count = file.columns.count(twice[0])
        raise InputError(f"{file.name}: {count} columns are called {twice[0]!r}; rename one")
    pairs = ", ".join(f"{literal(name)}, c{position}" for position, name in enumerate(file.columns))
    return f"json_object({pairs})"
