"""Readers and writers at once, in processes of their own."""

import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.soak_export import GENERATE, OWNER, Export, Outcome, healthy, start
from queries.scope import Scope
from queries.store import Store

READERS = 8
Work = tuple[Callable[..., None], tuple[object, ...]]
MAXIMUM_WAIT_SECONDS = 1.0


def read_on(folder: Path, pipe: Connection) -> None:
    """Read what a page reads until told to stop; report how often, the slowest, what failed."""
    store = Store.open(folder)
    reads, slowest, errors = 0, 0.0, []
    pipe.send("reading")
    while not pipe.poll():
        begun = time.monotonic()
        try:
            for batch in store.batches(OWNER)[:3]:
                store.fetch("unit_patterns", Scope(batch.batch_id, viewer=OWNER), dimension="")
        except Exception as error:  # whatever it is, it must not happen
            errors.append(f"{type(error).__name__}: {error}")
        slowest = max(slowest, time.monotonic() - begun)
        reads += 1
    pipe.send((reads, slowest, errors))


def write_on(folder: Path, told: Export, pipe: Connection) -> None:
    """Write until told to stop: into the catalogue, and now and then a new version of a batch."""
    store = Store.open(folder)
    writes, slowest, imports = 0, 0.0, 0
    pipe.send("writing")
    while not pipe.poll(0.02):
        begun = time.monotonic()
        with store.catalogue.write("soaking") as cursor:
            slowest = max(slowest, time.monotonic() - begun)
            cursor.execute("update catalogue.meta set created_by = created_by")
        writes += 1
        if writes % 10 == 0 and not store.imports.is_held():
            told.into(folder, "b", "replace")
            imports += 1
    pipe.send((writes, slowest, imports))


@contextmanager
def neighbours(
    works: Sequence[tuple[Callable[..., None], tuple[object, ...]]],
) -> Iterator[list[Any]]:
    """Run processes that say when they are ready; the list holds their last words afterwards."""
    context = get_context("forkserver")
    pipes: list[Connection] = []
    last_words: list[Any] = []
    for work, arguments in works:
        ours, theirs = context.Pipe()
        start(work, *arguments, theirs)
        pipes.append(ours)
    for pipe in pipes:
        pipe.recv()
    yield last_words
    for pipe in pipes:
        pipe.send("stop")
    last_words += [pipe.recv() for pipe in pipes]


def company(
    told: Export,
    folder: Path,
    *,
    seconds: float,
    rows: int = 0,
    bound: float = MAXIMUM_WAIT_SECONDS,
) -> Outcome:
    """Read and write at once, and import a large file beside it."""
    outcome = Outcome("company")
    store = folder / "company"
    told.into(store, "b")
    Store.open(store).close()
    works = [(read_on, (store,))] * READERS + [(write_on, (store, told))]
    with neighbours(works) as last_words:
        begun = time.monotonic()
        if rows:
            outcome.notes.append(import_large(told, store, rows, outcome))
        time.sleep(max(0.0, seconds - (time.monotonic() - begun)))
        lasted = time.monotonic() - begun
    *read, (writes, waited, imports) = last_words
    for _, _, errors in read:
        outcome.failures += [f"a reader met {error}" for error in errors[:3]]
    outcome.expect(waited < bound, f"the writer waited {waited:.2f} s")
    outcome.expect(writes > 0, "the writer never wrote")
    outcome.notes.append(
        f"{READERS} readers read {sum(reads for reads, *_ in read):,} times in {lasted:.0f} s, the"
        f" slowest took {max(slowest for _, slowest, _ in read):.2f} s; {writes:,} writes and"
        f" {imports:,} imports beside them, the writer waited {waited:.3f} s at most"
    )
    healthy(store, outcome)
    return outcome


def import_large(told: Export, store: Path, rows: int, outcome: Outcome) -> str:
    source = store.parent / "large.parquet"
    with duckdb.connect(config={"memory_limit": "500MB"}) as connection:
        connection.execute(GENERATE, {"rows": rows, "path": str(source)})
    begun = time.monotonic()
    large = replace(told, source=source, rows=rows)
    done = subprocess.run(
        large.command(store, "large"), check=False, capture_output=True, text=True
    )
    outcome.expect(done.returncode == 0, f"the large import failed: {done.stderr}")
    return f"{rows:,} rows were imported beside them in {time.monotonic() - begun:.0f} s"
