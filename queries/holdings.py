"""Every file the catalogue speaks of, and what it says of it."""

from dataclasses import dataclass
from typing import Literal

import duckdb

from queries import ledger


@dataclass(frozen=True, slots=True)
class Holding:
    """A file of a store; `path` is inside the store.

    Lost records are lost. A lost statistic is counted from the records again.
    """

    path: str
    sha256: str
    batch_id: str
    kind: Literal["records", "statistic"]


def holdings(cursor: duckdb.DuckDBPyConnection) -> list[Holding]:
    """Return the files of all parts and statistics, those of replaced parts included."""
    found = [
        Holding(f"{part.location}/{table}.parquet", info.sha256, batch_id, "records")
        for batch_id, part in ledger.read_all_parts(cursor)
        if not is_elsewhere(part.location)
        for table, info in part.tables.items()
    ]
    rows = cursor.execute(
        "select path, sha256, batch_id from catalogue.statistic where path is not null"
    ).fetchall()
    found += [Holding(path, sha256, batch_id, "statistic") for path, sha256, batch_id in rows]
    return sorted(found, key=lambda each: each.path)


def is_elsewhere(location: str) -> bool:
    """Whether a part lies outside the store, at an address."""
    return "://" in location
