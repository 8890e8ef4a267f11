"""Count again from the records what the catalogue and the statistics say."""

from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Final

import duckdb

from queries import ledger
from queries.batches import BatchInfo, PartInfo, State
from queries.composition import compose
from queries.digest import describe_table
from queries.findings import Finding
from queries.materialise import (
    ON_DEMAND,
    Statistic,
    applies,
    inputs_digest,
    kept,
    kept_rows,
    pattern_labels,
    whole_batch,
)
from queries.relations import Records
from queries.scope import Scope, Viewer
from queries.selects import select
from queries.state import state_of
from queries.statements import statement
from queries.store import Store

TOLERANCE: Final = 1e-9
"""Of sums of fractions, which depend on the order of the rows in their last digits."""
_RESTORE: Final = "restore the store from a backup, or import the export again with --replace"
_REPORT: Final = (
    "the numbers that rest on it are wrong: delete this file, they are then counted from the "
    "records; please report it"
)


def recount_part(
    cursor: duckdb.DuckDBPyConnection, root: Path, part: PartInfo
) -> Iterator[Finding]:
    """Yield the tables of a part whose rows are not those that were imported."""
    for table, info in part.tables.items():
        path = root / part.location / f"{table}.parquet"
        found = describe_table(cursor, table, path)
        for name in ("rows", "digest", "filled"):
            if getattr(found, name) != getattr(info, name):
                what = (
                    f"the records of table {table} do not have the {name} they were imported with"
                )
                yield Finding("error", what, str(path.relative_to(root)), _RESTORE)


def recount_batch(store: Store, batch: BatchInfo) -> Iterator[Finding]:
    """Yield what the catalogue and the statistics of a batch say and its records do not."""
    records = store.records(batch)
    with store.catalogue.read() as cursor:
        statistics = ledger.read_statistics(cursor, batch.batch_id)
    with store.cursor() as cursor:
        state = state_of(cursor, batch.parts, records.files, batch.vendor)
        different = [
            field.name
            for field in fields(State)
            if getattr(state, field.name) != getattr(batch, field.name)
        ]
        if different:
            what = f"the catalogue and the records differ in {', '.join(different)}"
            yield Finding("error", what, f"batch {batch.batch_id!r}", _RESTORE)
            return
        labels = pattern_labels(cursor, records, Scope("", viewer=Viewer.owner()))
        for name in (*kept(), *ON_DEMAND):
            known = statistics.get(inputs_digest(records, batch.parts, name))
            if known is not None and applies(state, name):
                yield from _recount_statistic(cursor, store.folder, records, known, labels)


def _recount_statistic(
    cursor: duckdb.DuckDBPyConnection,
    root: Path,
    records: Records,
    known: Statistic,
    labels: dict[str, Sequence[str]],
) -> Iterator[Finding]:
    if known.path is not None and not (root / known.path).is_file():
        return
    chosen = statement(known.name)
    again, values = compose(whole_batch(records, known.name, labels), chosen.text)
    if known.path is None:
        text = select(["count(*)"], f"({again})")
    else:
        text = _differing(chosen.columns, again)
        values = {**values, "kept": kept_rows(known, root)}
    (number,) = cursor.execute(text, values).fetchall()[0]
    if number:
        what = f"{number:,} rows of the statistic {known.name} are not what the records give"
        yield Finding("error", what, known.path or f"statistic {known.name}", _REPORT)


def _differing(columns: dict[str, str], again: str) -> str:
    """Return a query that counts the rows in which a kept statistic and its records differ."""
    order = sorted(columns, key=lambda name: columns[name] == "double")
    numbered = [*columns, f"row_number() over (order by {', '.join(order)}) as place"]
    left = select(numbered, "read_parquet($kept)")
    right = select(numbered, f"({again})")
    unequal = [_unequal(name, kind) for name, kind in columns.items()]
    return select(
        ["count(*)"],
        f"({left}) as a full outer join ({right}) as b on a.place = b.place",
        where=[" or ".join(["a.place is null", "b.place is null", *unequal])],
    )


def _unequal(name: str, kind: str) -> str:
    if kind != "double":
        return f"a.{name} is distinct from b.{name}"
    return (
        f"(a.{name} is null) <> (b.{name} is null)"
        f" or abs(a.{name} - b.{name}) > {TOLERANCE} * greatest(1, abs(b.{name}))"
    )
