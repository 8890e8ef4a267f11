"""What other processes do to a store while a test looks on."""

import time
from multiprocessing.connection import Connection
from pathlib import Path

import duckdb

from queries.store import Store


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
