"""Shape small files with one format and look at the relations it makes."""

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from queries.ingest.files import open_files
from queries.ingest.shape import SHAPE, Format, Shaped
from queries.ingest.text import fill, identifier, prepare

Records = Sequence[Mapping[str, Any]]


class Workbench:
    """A format, the files it was given, and what it made of them."""

    def __init__(self, shape: Format, folder: Path) -> None:
        self.format = shape
        self.folder = folder
        self.cursor = duckdb.connect()
        prepare(self.cursor)
        self.shaped = Shaped(frozenset(), ())

    def jsonl(self, records: Records, name: str = "export.jsonl") -> Path:
        path = self.folder / name
        path.write_text("\n".join(json.dumps(record) for record in records), encoding="utf-8")
        return path

    def csv(self, records: Records, name: str = "export.csv") -> Path:
        path = self.folder / name
        with path.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.DictWriter(stream, list(records[0]))
            writer.writeheader()
            writer.writerows(records)
        return path

    def shape(self, records: Records | Path, *more: Path) -> Shaped:
        """Shape records as JSONL, or files; every relation must keep to the common shape."""
        first = records if isinstance(records, Path) else self.jsonl(records)
        self.shaped = self.format.shape(
            self.cursor, open_files([first, *more], self.folder / "unpacked")
        )
        for table in self.shaped.tables:
            described = self.cursor.execute(f"describe shaped_{table}").fetchall()
            types = {str(row[0]): str(row[1]) for row in described}
            assert set(types) <= {"place", *SHAPE[table]}, (table, types)
            assert {types[name] for name in types if name != "place"} == {"VARCHAR"}, types
        return self.shaped

    def rows(self, table: str, *columns: str) -> list[tuple[Any, ...]]:
        """Return the different rows of one shaped relation, sorted."""
        if table not in self.shaped.tables:
            return []
        listed = ", ".join(map(identifier, columns))
        query = "select distinct {listed} from shaped_{table} order by all"
        return self.ask(fill(query, listed=listed, table=table))

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        return self.cursor.execute(query).fetchall()
