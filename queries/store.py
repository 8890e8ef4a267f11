"""The store: a folder of immutable Parquet parts and statistics with a DuckDB catalogue.

    batchgate-store/
      catalogue.duckdb                                         the ledger
      batches/<batch key>/parts/<part key>/<table>.parquet     records
      batches/<batch key>/statistics/<key>/<name>.parquet      statistics
      staging/                                                 imports under way
      scratch/<key>/                                           what DuckDB of a process puts aside

Files are complete before the catalogue speaks of them, and what it does not speak of is swept by
the next import. Rows are read through `fetch` only.
"""

import os
import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import duckdb

from queries import ledger
from queries.batches import BatchInfo, Mode
from queries.catalogue import Catalogue
from queries.digest import file_sha256
from queries.errors import InputError, StoreError
from queries.fetching import Fetcher, Reading
from queries.locks import FileLock
from queries.materialise import Statistic
from queries.parts import PartWriter, refuse_replacing_decided
from queries.relations import Records
from queries.scope import Scope, Viewer
from queries.scratch import Scratch, dead_scratch, sweep_scratch
from queries.state import files_of
from queries.succession import refuse_superseding

if TYPE_CHECKING:
    import pyarrow as pa

MEMORY: Final = "BATCHGATE_MEMORY"
THREADS: Final = "BATCHGATE_THREADS"
ERASED: Final = "(erased)"
_IMPORT_PATIENCE_SECONDS: Final = 600.0
_open_stores: dict[Path, "Store"] = {}
_opening = threading.Lock()


class Store:
    """The only way to rows. One object a folder and process; safe to use from many threads.

    Attributes
    ----------
    folder : Path
    catalogue : Catalogue
        For the ledger tables: `with store.catalogue.read() as cursor`,
        `with store.catalogue.write(reason) as cursor`.
    imports : FileLock
        Held alone by the one import that is under way.
    files : FileLock
        Held together by those who need that no file is swept for a while.
    """

    def __init__(self, folder: Path) -> None:
        """Use `Store.open`: two objects on one folder would lock each other out."""
        self.folder = folder
        self._scratch = Scratch(folder / "scratch")
        self._instance = _instance(self._scratch.folder)
        self.catalogue = Catalogue(folder, self._instance)
        self.imports = FileLock(folder / "import.lock")
        self.files = FileLock(folder / "files.lock")
        self._intact: set[tuple[str, int, int]] = set()

    @classmethod
    def open(cls, folder: Path, *, create: bool = False, as_found: bool = False) -> "Store":
        """Open a store, or make one with `create`.

        `as_found` leaves it as it is: an older one is not migrated, a newer one not refused.

        Raises
        ------
        InputError
            When the folder is no store.
        StoreError
            When it cannot be read, or was written by newer software.
        """
        folder = Path(folder).expanduser().resolve()
        with _opening:
            store = _open_stores.get(folder)
            if store is None or not store.catalogue.path.exists():
                store = cls(_checked(folder, create=create))
                if not store.catalogue.path.exists():
                    store.catalogue.create()
            if not as_found:
                store.catalogue.check()
                _open_stores[folder] = store
            return store

    def close(self) -> None:
        """Forget the store in this process; for tests and for ending early."""
        with _opening:
            if _open_stores.get(self.folder) is self:
                del _open_stores[self.folder]
        self._instance.close()
        self._scratch.release()

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give a DuckDB cursor under the store's memory limit, for staging (temp tables, COPY).

        One cursor belongs to one thread; its temp tables end with the block.
        """
        cursor = self._instance.cursor()
        try:
            yield cursor
        finally:
            cursor.close()

    def batches(self, viewer: Viewer) -> list[BatchInfo]:
        """Return the batches this viewer may see, oldest first, without reading a record."""
        with self.catalogue.read() as cursor:
            found = ledger.read_batches(cursor)
        return [self._as_seen(batch, viewer) for batch in found if viewer.sees_some_of(batch)]

    def batch(self, batch_id: str, viewer: Viewer) -> BatchInfo:
        """Return one batch.

        Raises
        ------
        InputError
            When there is none of that id for this viewer; names those there are.
        """
        return self._as_seen(self.known(batch_id, viewer), viewer)

    def known(self, batch_id: str, viewer: Viewer) -> BatchInfo:
        """Return a batch as the catalogue has it, counting what this viewer may not see."""
        with self.catalogue.read() as cursor:
            found = ledger.read_batches(cursor, batch_id)
        if found and viewer.sees_some_of(found[0]):
            return found[0]
        raise InputError(self._no_batch(batch_id, viewer))

    def reading(self, batch_id: str, viewer: Viewer) -> Reading:
        """Return a batch as it is now, for all that one report fetches."""
        return Reading(self, batch_id, viewer)

    def fetch(self, name: str, scope: Scope, **parameters: str | float | None) -> "pa.Table":
        """Return the rows of a `.sql` file in `statistics/` or `records/` within a scope.

        Parameters
        ----------
        parameters : of a statistic, columns and the value they must have (`dimension=""` for
            overall, `stratum=`, `person_key=`); of a record listing, its own parameters

        Raises
        ------
        InputError
            When the batch, a question, a dimension or a value of a filter does not exist.
        """
        return Fetcher(self.reading(scope.batch, scope.viewer), name, scope).fetch(parameters)

    def write(
        self,
        name: str,
        scope: Scope,
        path: Path,
        shown: Mapping[str, str],
        **parameters: str | float | None,
    ) -> int:
        """Write the rows of a listing in `records/` to a JSONL or Parquet file.

        `shown` maps columns of the file to expressions over those of the listing.
        """
        rows = Fetcher(self.reading(scope.batch, scope.viewer), name, scope)
        return rows.write(path, shown, parameters)

    def records(self, batch: BatchInfo) -> Records:
        """Return where the live rows of a batch lie."""
        folders = {part.part_key: str(self.folder / part.location) for part in batch.parts}
        return Records(batch, files_of(batch.parts, folders), batch.vendor)

    def is_intact(self, statistic: Statistic) -> bool:
        """Whether the file of a statistic has the bytes the catalogue says; looked at once.

        DuckDB reads many a damaged file without complaint, and gives other numbers.
        """
        if statistic.path is None:
            return True
        path = self.folder / statistic.path
        try:
            seen = path.stat()
            key = (statistic.path, seen.st_mtime_ns, seen.st_size)
            if key not in self._intact and file_sha256(path) == statistic.sha256:
                self._intact.add(key)
        except OSError:
            return False
        return key in self._intact

    def replaced(self, batch_id: str, viewer: Viewer) -> Records | None:
        """Return where the rows lie that `--replace` took out of use; None where there are none.

        They stay for ever, so that anybody can see what a batch held before.
        """
        batch = self.known(batch_id, viewer)
        if not viewer.sees_all_of(batch):
            return None
        with self.catalogue.read() as cursor:
            parts = tuple(ledger.read_replaced(cursor, batch_id))
        return self.records(replace(batch, parts=parts)) if parts else None

    def refuse_superseding(self, batch_id: str, older: str) -> None:
        """Raise InputError when a batch cannot supersede the one that is named."""
        with self.catalogue.read() as cursor:
            refuse_superseding(cursor, batch_id, older)

    def people(self, keys: Sequence[str]) -> dict[str, str]:
        """Return key -> id of people; a placeholder where the person was erased or is unknown."""
        with self.catalogue.read() as cursor:
            found = ledger.read_names(cursor, list(dict.fromkeys(keys)))
        return {key: found.get(key) or ERASED for key in keys}

    def report(self, part_key: str) -> dict[str, object] | None:
        """Return the import report of a part."""
        with self.catalogue.read() as cursor:
            return ledger.read_report(cursor, part_key)

    def standard(self, sha256: str) -> str | None:
        """Return the content of a standard that was kept, by its hash."""
        with self.catalogue.read() as cursor:
            return ledger.read_standard(cursor, sha256)

    def keep_standard(self, sha256: str, content: str) -> None:
        """Keep the content of a standard, so that verdicts by it can be computed for ever."""
        if self.standard(sha256) is None:
            with self.catalogue.write("keeping a standard") as cursor:
                ledger.write_standard(cursor, sha256, content)

    def cross_checks(self, batch_digest: str) -> dict[str, tuple[str, float | None]]:
        """Return question -> second program and the difference of its alpha to ours."""
        with self.catalogue.read() as cursor:
            return ledger.read_cross_checks(cursor, batch_digest)

    def keep_cross_checks(
        self, batch_digest: str, program: str, differences: Mapping[str, float | None]
    ) -> None:
        """Keep what a second program made of a state of a batch."""
        with self.catalogue.write("keeping cross checks") as cursor:
            ledger.write_cross_checks(cursor, batch_digest, program, differences)

    @contextmanager
    def part_writer(self, batch_id: str, mode: Mode = "new") -> Iterator[PartWriter]:
        """Open a part for writing; leaving without `commit` leaves nothing behind.

        Imports into one store run one after the other (a second one waits).

        Raises
        ------
        InputError
            When the batch exists (new), does not exist (add, replace) or is decided (replace).
        """
        reason = f"importing batch {batch_id}"
        with self.imports.alone(reason, _IMPORT_PATIENCE_SECONDS), self._told():
            batch = self._batch_to_write(batch_id, mode)
            self.sweep()
            part = PartWriter(self, batch_id, mode, batch)
            try:
                yield part
            finally:
                part.discard()
                self.sweep()

    def sweep(self) -> None:
        """Remove files the catalogue does not speak of; only while no import can be under way.

        While somebody needs the files to stay (a backup), the next import does it.
        """
        with self.files.alone_if_free() as free:
            if free:
                for path in self.orphans():
                    shutil.rmtree(path, ignore_errors=True)
                for batch in self.folder.glob("batches/*"):
                    for folder in (batch / "parts", batch / "statistics", batch):
                        with suppress(OSError):  # it is in use
                            folder.rmdir()
        sweep_scratch(self.folder / "scratch")

    def orphans(self) -> list[Path]:
        """Return the folders of records and statistics that the catalogue does not speak of."""
        with self.catalogue.read() as cursor:
            known = ledger.locations(cursor)
        used = {str(Path(place).parent) if place.endswith(".parquet") else place for place in known}
        patterns = ("staging/*", "batches/*/parts/*", "batches/*/statistics/*")
        found = (path for pattern in patterns for path in self.folder.glob(pattern))
        return sorted(path for path in found if str(path.relative_to(self.folder)) not in used)

    def dead_scratch(self) -> list[Path]:
        """Return what processes that were killed had put aside."""
        return dead_scratch(self.folder / "scratch")

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say what the machine refused while the store was written."""
        try:
            yield
        except ConnectionError:  # who read our progress went away: nothing to do with the store
            raise
        except OSError as error:
            place = error.filename
            if place is not None and not Path(os.fsdecode(place)).is_relative_to(self.folder):
                raise
            message = (
                f"cannot write to the store {self.folder}: {error.strerror}; nothing was imported; "
                "free disk space or mend the folder and try again"
            )
            raise StoreError(message) from error

    def _batch_to_write(self, batch_id: str, mode: Mode) -> BatchInfo | None:
        with self.catalogue.read() as cursor:
            found = ledger.read_batches(cursor, batch_id)
            if mode == "replace":
                refuse_replacing_decided(cursor, batch_id)
        if mode == "new":
            if found:
                message = (
                    f"batch {batch_id!r} is in the store already; use --add to add a part to it or "
                    "--replace to put a new version in its place"
                )
                raise InputError(message)
            return None
        if not found:
            raise InputError(self._no_batch(batch_id, Viewer.owner()))
        return found[0]

    def _no_batch(self, batch_id: str, viewer: Viewer) -> str:
        known = [batch.batch_id for batch in self.batches(viewer)]
        shown = ", ".join(known[:20]) + (f" and {len(known) - 20} more" if len(known) > 20 else "")
        return f"no batch is called {batch_id!r} in {self.folder}; there are {shown or 'none'}"

    def _as_seen(self, batch: BatchInfo, viewer: Viewer) -> BatchInfo:
        """Return a batch with the counts of what this viewer may see."""
        if viewer.sees_all_of(batch):
            return batch
        counts = self.fetch("counts", Scope(batch.batch_id, viewer=viewer)).to_pylist()[0]
        seen = tuple(vendor for vendor in batch.vendors if vendor in (viewer.vendors or ()))
        # Other batches and the people who decide are none of this viewer's business.
        return replace(batch, **counts, vendors=seen, superseded_by=(), decision=None)


def _checked(folder: Path, *, create: bool) -> Path:
    """Return a folder that is a store, or may become one."""
    if "?" in str(folder):  # DuckDB reads what follows as options
        message = f"the folder of a store cannot have a question mark in its name: {folder}"
        raise InputError(message)
    if (folder / "catalogue.duckdb").is_file():
        return folder
    if not create:
        raise InputError(f"there is no store at {folder}; check --store or BATCHGATE_STORE")
    if folder.exists() and not _may_become_store(folder):
        message = f"{folder} exists and is no Batchgate store; give an empty or a new folder"
        raise InputError(message)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"cannot make the store {folder}: {error.strerror}"
        raise StoreError(message) from error
    return folder


def _may_become_store(folder: Path) -> bool:
    """Whether a folder is empty, or is being made a store by another process right now."""
    own = {"catalogue.lock", "catalogue.duckdb", "catalogue.new", "catalogue.new.wal", "scratch"}
    return folder.is_dir() and {path.name for path in folder.iterdir()} <= own


def _instance(scratch: Path) -> duckdb.DuckDBPyConnection:
    """Return the in-memory DuckDB instance a store works with, under explicit limits."""
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": os.environ.get(MEMORY, "2GB"),
        "threads": _threads(),
        "temp_directory": str(scratch),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    try:
        return duckdb.connect(":memory:", config=settings)
    except duckdb.Error as error:
        message = f"{MEMORY}={settings['memory_limit']} or {THREADS} is not usable: {error}"
        raise InputError(message) from error


def _threads() -> int:
    given = os.environ.get(THREADS, "")
    if not given:
        return len(os.sched_getaffinity(0))
    if not given.isdecimal() or not int(given):
        raise InputError(f"{THREADS}: found {given!r}; allowed: a whole number, 1 or more")
    return int(given)
