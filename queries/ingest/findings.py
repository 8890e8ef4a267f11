"""What a format noticed about the records it read, counted, with the places of the first ones."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Final

import duckdb

from queries.ingest.report import EXAMPLES, Example, Loss
from queries.ingest.text import fill

Files = tuple[tuple[str, int, int], ...]
"""Name, first place and number of records of each file, as `lay_out` returns them."""

_FOUND: Final = """
select place, cast({found} as varchar), count(*) over () from {relation}
where {condition} order by place limit $limit
"""
_FILLED: Final = "select exists (from {relation})"
_FIELDS: Final = """
select key, count(*), min(place) from (
    select place, unnest(json_keys(json)) as key from {relation} where json_type(json) = 'OBJECT'
)
where not list_contains($known::varchar[], key)
group by key order by min(place), key
"""


def each_field(grouped: Mapping[str, str]) -> dict[str, str]:
    """Return the fields of a format one by one, of a table that tells several in one line.

    >>> each_field({"model_a, model_b": "response.model"})
    {'model_a': 'response.model', 'model_b': 'response.model'}
    """
    return {name: where for names, where in grouped.items() for name in names.split(", ")}


def found_where(
    cursor: duckdb.DuckDBPyConnection,
    files: Files,
    condition: str,
    told: Loss,
    *,
    column: str,
    found: str = "null",
    allowed: str | None = None,
    relation: str = "exported",
) -> tuple[Loss, ...]:
    """Count the rows of a relation with `place` under a condition; nothing where there are none.

    `told` is the loss without its count; `found` is the expression an example quotes.
    """
    query = fill(_FOUND, found=found, relation=relation, condition=condition)
    rows = cursor.execute(query, {"limit": EXAMPLES}).fetchall()
    if not rows:
        return ()
    examples = tuple(example(files, place, column, text, allowed) for place, text, _ in rows)
    return (replace(told, count=int(rows[0][2]), examples=examples),)


def unknown_fields(
    cursor: duckdb.DuckDBPyConnection,
    files: Files,
    known: Collection[str],
    *,
    relation: str = "exported",
    inside: str = "",
) -> tuple[Loss, ...]:
    """Count the fields of the records that the format does not know.

    `inside` is the path of the objects in `relation`, where they are not whole records.
    """
    rows = cursor.execute(fill(_FIELDS, relation=relation), {"known": sorted(known)}).fetchall()
    return tuple(
        Loss(
            f"field {inside + key!r} is not known to this format",
            int(count),
            (example(files, place, inside + key, None),),
            fault=False,
        )
        for key, count, place in rows
    )


def filled_tables(cursor: duckdb.DuckDBPyConnection, tables: Iterable[str]) -> frozenset[str]:
    """Return the record tables whose relation `shaped_<table>` has any row."""
    return frozenset(
        table
        for table in tables
        if cursor.execute(fill(_FILLED, relation=f"shaped_{table}")).fetchone() == (True,)
    )


def example(
    files: Files, place: int, column: str, found: str | None, allowed: str | None = None
) -> Example:
    """Name a place as a record of its file, counted from 1."""
    for name, first, rows in files:
        if first <= place < first + rows:
            return Example(name, place - first + 1, column, found, allowed)
    raise IndexError(place)
