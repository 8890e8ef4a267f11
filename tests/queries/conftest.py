"""Small stores, built row by row."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow.parquet import write_table

from queries.batches import BatchFacts, BatchInfo, Mode
from queries.schema import RECORD_TABLES
from queries.scope import Scope, Viewer
from queries.store import Store
from tests.conftest import Shelf

Row = Mapping[str, Any]
OWNER = Viewer.owner()
ARROW = {
    "varchar": pa.string(),
    "bigint": pa.int64(),
    "integer": pa.int32(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "timestamp": pa.timestamp("us"),
}


def answer(item: str, person: str, value: str | None, **more: Any) -> dict[str, Any]:
    """One submitted answer of a person to the question `label`."""
    return {
        "item_id": item,
        "question": "label",
        "person_key": person,
        "role": "human",
        "value": value,
        "status": "submitted",
        **more,
    }


def question(
    name: str = "label", level: str = "nominal", labels: str | None = '["a", "b", "c"]'
) -> dict[str, Any]:
    return {"name": name, "level": level, "labels": labels, "tie_labels": None, "declared": True}


def stage(folder: Path, tables: Mapping[str, Sequence[Row]]) -> None:
    """Write rows as the staged Parquet files of a part."""
    for table, given in tables.items():
        columns = RECORD_TABLES[table]
        schema = pa.schema([(name, ARROW[kind]) for name, kind in columns.items()])
        filled = [{name: row.get(name) for name in columns} for row in given]
        write_table(pa.Table.from_pylist(filled, schema), folder / f"{table}.parquet")


def add_part(
    store: Store,
    batch_id: str,
    annotations: Sequence[Row] = (),
    *,
    mode: Mode = "new",
    facts: BatchFacts | None = None,
    **tables: Sequence[Row],
) -> BatchInfo:
    """Import rows as one part; the question `label` and bare items come by themselves."""
    found = dict(tables)
    found["annotation"] = annotations
    if mode != "add":
        found.setdefault("question", [question()])
    known = {row["item_id"] for row in found.get("item", ())}
    bare = {row["item_id"] for row in annotations} - known
    found["item"] = [*found.get("item", ()), *({"item_id": item} for item in sorted(bare))]
    with store.part_writer(batch_id, mode) as part:
        stage(part.folder, found)
        return part.commit({"batch": batch_id}, facts or BatchFacts(kind="qa"))


def whole(batch_id: str = "b", **more: Any) -> Scope:
    return Scope(batch_id, **{"viewer": OWNER, **more})


def rows(store: Store, name: str, scope: Scope, **parameters: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = store.fetch(name, scope, **parameters).to_pylist()
    return found


def at(day: int, hour: int = 12) -> datetime:
    """A time in March 2026; the 2nd is a Monday."""
    return datetime(2026, 3, day, hour)  # noqa: DTZ001 - the store keeps UTC without zone


@pytest.fixture
def store(tmp_path: Path, shelf: Shelf) -> Iterator[Store]:
    folder = tmp_path / "store"
    shelf.filled(folder, "an empty store", lambda: Store.open(folder, create=True))
    found = Store.open(folder)
    yield found
    found.close()


class Neighbour:
    """Another process at work on the store."""

    def __init__(self, work: Callable[[Path, Connection], None], folder: Path) -> None:
        context = get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=work, args=(folder, theirs), daemon=True)
        self._process.start()

    def hears(self) -> Any:
        """Wait for what it says next."""
        assert self._pipe.poll(60), "the other process said nothing"
        return self._pipe.recv()

    def stop(self) -> Any:
        """Tell it to stop, and return its last word."""
        self._pipe.send("stop")
        return self.hears()

    def kill(self) -> None:
        """End it at once, as the kernel does when memory runs out."""
        self._process.kill()
        self._process.join(60)


@pytest.fixture
def neighbour(store: Store) -> Iterator[Callable[..., Neighbour]]:
    """Start other processes on the store; whatever they do ends with the test."""
    found: list[Neighbour] = []

    def start(work: Callable[[Path, Connection], None]) -> Neighbour:
        found.append(Neighbour(work, store.folder))
        return found[-1]

    yield start
    for each in found:
        each.kill()
