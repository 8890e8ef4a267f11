"""The catalogue file: who may have it open, when, and in which version.

Nobody holds `catalogue.duckdb` open. A reader attaches it read-only for one group of queries, a
writer attaches it alone for one short transaction. DuckDB's own file lock lets only one side in;
the turnstile beside it (an advisory lock, released by the kernel when a process dies) makes readers
let a waiting writer pass, without which busy readers starve it for ever.

The file must never be opened, copied or hashed by other means while it is attached: closing any
handle on it drops the process's lock.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

import duckdb

from queries.errors import InputError, StoreError, first_line
from queries.locks import FileLock, Waiting
from queries.materialise import publish

PATIENCE_SECONDS: Final = 10.0
MIGRATIONS: Final = Path(__file__).parent / "migrations"
_ALIAS: Final = "catalogue"
_LOCKED: Final = ("Could not set lock", "Conflicting lock", "Unique file handle conflict")
_NOT_FOLDED: Final = "CHECKPOINT during DETACH failed"
_REFUSED: Final = (duckdb.IOException, duckdb.FatalException, duckdb.TransactionException)
"""What DuckDB raises when the disk is full or broken; a commit that fails is a transaction's."""


def now() -> datetime:
    """Return the time in UTC without zone, as the store keeps it."""
    return datetime.now(UTC).replace(tzinfo=None)


def software() -> str:
    """Return name and version of this software, for the record."""
    try:
        return f"batchgate {version('batchgate')}"
    except PackageNotFoundError:
        return "batchgate (not installed)"


def migrations() -> list[tuple[int, str]]:
    """Return number and text of every migration, in order."""
    files = sorted(MIGRATIONS.glob("[0-9][0-9][0-9][0-9]_*.sql"))
    return [(int(file.name[:4]), file.read_text(encoding="utf-8")) for file in files]


class Catalogue:
    """Short reads and writes of the catalogue by many threads and processes.

    Tables are named `catalogue.<table>` in statements. A cursor belongs to the thread that asked
    for it and is closed at the end of its block.
    """

    def __init__(
        self,
        folder: Path,
        instance: duckdb.DuckDBPyConnection,
        *,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self.path = folder / "catalogue.duckdb"
        self.patience = patience
        self._instance = instance
        self.turnstile = FileLock(folder / "catalogue.lock")
        self._readers = 0
        self._state = threading.Condition()
        self._attaching = threading.Lock()
        self._thread = threading.local()

    @contextmanager
    def read(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give a cursor on the catalogue, read-only; keep the block short.

        Raises
        ------
        StoreError
            When a writer does not finish in time, or the file cannot be read.
        """
        if self._depth("writing"):
            message = "a block that writes the catalogue reads with its own cursor"
            raise RuntimeError(message)
        if not self._depth("reading"):
            # A nested read must not wait here: the writer would be waiting for the outer one.
            self.turnstile.pass_through(self.patience)
        with self._attached_for_reading(), self._cursor("reading") as cursor:
            yield cursor

    @contextmanager
    def write(self, reason: str) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give a cursor in one transaction, alone; commits when the block ends without error.

        Do the slow work before: nobody can read while the block runs.
        """
        with self._written(reason) as cursor:
            yield cursor
            cursor.execute("update catalogue.meta set data_version = data_version + 1")

    def create(self) -> None:
        """Make the catalogue where there is none yet.

        It is made aside and renamed when it is complete: a program that dies here leaves no half
        store.
        """
        aside = self.path.with_suffix(".new")
        with self.turnstile.alone("creating the store", self.patience), self._attaching:
            if self.path.exists():  # another process was faster
                return
            for leftover in self.path.parent.glob(f"{aside.name}*"):
                leftover.unlink()
            with self._changed(aside) as cursor:
                _migrate(cursor, None)
            publish(aside, self.path)

    def migrate(self) -> None:
        """Bring an older catalogue up to date, in one transaction."""
        with self._written("migrating the store") as cursor:
            found = _schema_version(cursor)
            if found is None:
                raise InputError(self._no_store())
            _migrate(cursor, found)

    def schema_version(self) -> int:
        """Return the version of the schema in the file.

        Raises
        ------
        InputError
            When the file is a database but no catalogue.
        """
        with self.read() as cursor:
            found = _schema_version(cursor)
        if found is None:
            raise InputError(self._no_store())
        return found

    def check(self) -> None:
        """Migrate an older store; refuse one that newer software has written."""
        found, supported = self.schema_version(), migrations()[-1][0]
        if found > supported:
            message = (
                f"the store {self.path.parent} has schema version {found}, this is {software()} "
                f"and reads up to version {supported}; upgrade batchgate to open it"
            )
            raise StoreError(message)
        if found < supported:
            try:
                self.migrate()
            except StoreError as error:
                message = (
                    f"the store {self.path.parent} has schema version {found} and must be brought "
                    f"to version {supported} before {software()} can read it: {error}"
                )
                raise StoreError(message) from error

    def data_version(self) -> int:
        """Return a number that grows with every write."""
        with self.read() as cursor:
            return int(str(_one(cursor, "select data_version from catalogue.meta")))

    def _no_store(self) -> str:
        return f"{self.path} is a DuckDB database but not the catalogue of a Batchgate store"

    @property
    def is_in_use_here(self) -> bool:
        """Whether this thread is inside a block that reads or writes."""
        return bool(self._depth("reading") or self._depth("writing"))

    def _depth(self, kind: str) -> int:
        return int(getattr(self._thread, kind, 0))

    @contextmanager
    def _cursor(self, kind: str) -> Iterator[duckdb.DuckDBPyConnection]:
        cursor = self._instance.cursor()
        setattr(self._thread, kind, self._depth(kind) + 1)
        try:
            yield cursor
        finally:
            setattr(self._thread, kind, self._depth(kind) - 1)
            cursor.close()

    @contextmanager
    def _attached_for_reading(self) -> Iterator[None]:
        if self._depth("reading"):  # attached by the outer block, and a writer may be queueing
            yield
            return
        with self._attaching, self._state:
            if self._readers == 0:
                self._attach("(read_only)")
            self._readers += 1
        try:
            yield
        finally:
            with self._state:
                self._readers -= 1
                if self._readers == 0:
                    self._detach()
                    self._state.notify_all()

    @contextmanager
    def _written(self, reason: str) -> Iterator[duckdb.DuckDBPyConnection]:
        if self.is_in_use_here:
            message = "the catalogue cannot be written from inside a block that uses it"
            raise RuntimeError(message)
        with self.turnstile.alone(reason, self.patience), self._attaching:
            self._wait_for_own_readers()
            with self._changed(self.path) as cursor:
                yield cursor

    @contextmanager
    def _changed(self, path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give a cursor on a catalogue file in one transaction; the caller has it alone."""
        self._attach("", path)
        try:
            with self._cursor("writing") as cursor, _transaction(cursor):
                yield cursor
        except _REFUSED as error:
            message = (
                f"cannot write to the store {self.path.parent}: {first_line(error)}; nothing was "
                "changed; free disk space or mend the folder and try again"
            )
            raise StoreError(message) from error
        finally:
            self._detach()

    def _wait_for_own_readers(self) -> None:
        with self._state:
            if not self._state.wait_for(lambda: self._readers == 0, self.patience):
                message = (
                    f"a reader in this process has held the store {self.path.parent} for "
                    f"{self.patience:.0f} s; reload the page and try again"
                )
                raise StoreError(message)

    def _attach(self, mode: str, path: Path | None = None) -> None:
        file = str(path or self.path).replace("'", "''")
        self._retry(lambda: self._execute(f"attach '{file}' as {_ALIAS} {mode}"))

    def _detach(self) -> None:
        try:
            self._execute(f"detach {_ALIAS}")
        except duckdb.Error as error:
            # The disk is full. What was committed is safe in the log, which is folded in later.
            if _NOT_FOLDED not in str(error):
                raise

    def _execute(self, statement: str) -> None:
        cursor = self._instance.cursor()
        try:
            cursor.execute(statement)
        finally:
            cursor.close()

    def _retry(self, attach: Callable[[], None]) -> None:
        waiting = Waiting(self.patience)
        while True:
            try:
                attach()
            except duckdb.Error as error:
                if not any(mark in str(error) for mark in _LOCKED):
                    message = (
                        f"cannot open the catalogue of {self.path.parent}: {first_line(error)}"
                    )
                    raise StoreError(message) from error
                if waiting.over():
                    message = (
                        f"another program has kept {self.path} open for {self.patience:.0f} s "
                        f"({_holder_in(error)}); close it and try again"
                    )
                    raise StoreError(message) from error
            else:
                return


@contextmanager
def _transaction(cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
    cursor.begin()
    committed = False
    try:
        yield
        cursor.commit()
        committed = True
    finally:
        if not committed:
            with suppress(duckdb.TransactionException):  # a failed commit has ended it already
                cursor.rollback()


def _migrate(cursor: duckdb.DuckDBPyConnection, found: int | None) -> None:
    """Run the migrations that a catalogue of that version lacks; a newer one stays as it is."""
    scripts = migrations()
    for number, script in scripts:
        if number > (found or 0):
            cursor.execute(script)
    if found is None:
        cursor.execute(
            "insert into catalogue.meta (schema_version, data_version, created_by, created_at)"
            " values (0, 0, $by, $at)",
            {"by": software(), "at": now()},
        )
    cursor.execute(
        "update catalogue.meta set schema_version = $number where schema_version < $number",
        {"number": scripts[-1][0]},
    )


def _one(cursor: duckdb.DuckDBPyConnection, statement: str) -> object:
    row = cursor.execute(statement).fetchone()
    return None if row is None else row[0]


def _tables(cursor: duckdb.DuckDBPyConnection) -> list[str]:
    statement = "select table_name from duckdb_tables() where database_name = 'catalogue'"
    return [str(row[0]) for row in cursor.execute(statement).fetchall()]


def _schema_version(cursor: duckdb.DuckDBPyConnection) -> int | None:
    if "meta" not in _tables(cursor):
        return None
    try:
        found = _one(cursor, "select schema_version from catalogue.meta")
    except duckdb.BinderException:
        return None
    return None if found is None else int(str(found))


def _holder_in(error: duckdb.Error) -> str:
    text = str(error)
    start = text.find("Conflicting lock is held in ")
    return text[start:].split(". ", 1)[0].split("\n", 1)[0] if start >= 0 else "it is locked"
