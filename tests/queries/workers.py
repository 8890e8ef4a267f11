"""What other processes do to a store while a test looks on."""

import time
from multiprocessing.connection import Connection
from pathlib import Path

import duckdb

from queries import catalogue
from queries.errors import StoreError
from queries.store import Store

LANDED = catalogue.migrations()
SECOND = (
    2,
    "alter table catalogue.meta add column colour varchar;"
    "create table catalogue.hue as select batch_id from catalogue.batch",
)
"""A migration that a later release might bring."""


def read_for_ever(folder: Path, pipe: Connection) -> None:
    """Read without a pause until told to stop; report how often, and the slowest."""
    store = Store.open(folder)
    reads, slowest = 0, 0.0
    pipe.send("reading")
    while not pipe.poll():
        begun = time.monotonic()
        store.catalogue.data_version()
        slowest = max(slowest, time.monotonic() - begun)
        reads += 1
    pipe.send((reads, slowest))


def write_and_hang(folder: Path, pipe: Connection) -> None:
    """Change the catalogue, say so, and never commit."""
    store = Store.open(folder)
    with store.catalogue.write("hanging") as cursor:
        cursor.execute("update catalogue.meta set data_version = 999")
        pipe.send("written")
        time.sleep(60)


def write_and_stay(folder: Path, pipe: Connection) -> None:
    """Commit, say so, and stay alive."""
    store = Store.open(folder)
    with store.catalogue.write("committing") as cursor:
        cursor.execute("update catalogue.meta set created_by = 'the other process'")
    pipe.send("written")
    time.sleep(60)


def stage_and_hang(folder: Path, pipe: Connection) -> None:
    """Stage a part and never commit it."""
    store = Store.open(folder)
    with store.part_writer("killed") as part:
        (part.folder / "annotation.parquet").write_bytes(b"half a file")
        pipe.send(part.key)
        time.sleep(60)


def hold_open(folder: Path, pipe: Connection) -> None:
    """Keep the catalogue open for writing, as another program might."""
    with duckdb.connect(str(folder / "catalogue.duckdb")):
        pipe.send("open")
        time.sleep(60)


def migrate_and_hang(folder: Path, pipe: Connection) -> None:
    """Run a migration that never commits."""
    store = Store.open(folder)
    catalogue.migrations = lambda: [*LANDED, SECOND]

    def hanging(cursor: duckdb.DuckDBPyConnection, found: int | None) -> None:
        migrate(cursor, found)
        pipe.send("migrated")
        time.sleep(60)

    migrate = catalogue._migrate
    catalogue._migrate = hanging
    store.catalogue.check()


def open_newer(folder: Path, pipe: Connection) -> None:
    """Open the store as a later release with one migration more."""
    catalogue.migrations = lambda: [*LANDED, SECOND]
    pipe.send("ready")
    pipe.recv()
    try:
        pipe.send(Store.open(folder).catalogue.schema_version())
    except StoreError as error:
        pipe.send(str(error))
