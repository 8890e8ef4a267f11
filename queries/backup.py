"""Backup: a consistent copy of a store while others read it and import into it.

Files never change and none is swept while a backup runs, so they are copied first, without any
lock on the catalogue. The catalogue is copied last, together with the list of what it speaks of;
what came in meanwhile is copied then, what went out is dropped. Every copied file is read back and
compared with the hash in the catalogue.
"""

import secrets
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import duckdb

from queries.digest import file_sha256
from queries.errors import InputError, StoreError, first_line
from queries.holdings import Holding, holdings
from queries.materialise import sync
from queries.store import Store

Progress = Callable[[str, float], None]
_PATIENCE_SECONDS: Final = 60.0
_ROOM: Final = 1.05
"""Free space asked for, as a multiple of what is copied: folders and the catalogue need some."""


@dataclass(frozen=True, slots=True)
class Backup:
    """What was copied.

    `left_out` names statistics that are damaged or gone in the store; they are counted from the
    records when somebody asks. `data_version` is the state of the catalogue, a number that grows
    with every write. `decision_head` is the hash of the last decision, None where there is none.
    """

    folder: str
    files: int
    bytes: int
    batches: int
    schema_version: int
    data_version: int
    decision_head: str | None
    left_out: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the backup as `batchgate backup --json` prints it."""
        return asdict(self)


def back_up(store: Store, out: Path, progress: Progress = lambda _stage, _done: None) -> Backup:
    """Copy a store to a new folder, which is a store itself.

    The copy is made under another name beside `out` and renamed when it is complete.

    Raises
    ------
    InputError
        When `out` cannot be the place: it holds something, or lies inside the store.
    StoreError
        When records are damaged or gone, or the copy cannot be written.
    """
    target = _target(store, out)
    aside = target.parent / f".{target.name}.{secrets.token_hex(4)}.partial"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        aside.mkdir()
        with store.files.together(_PATIENCE_SECONDS):
            found = _copied(store, target, aside, progress)
        aside.rename(target)
        sync(target.parent)
    except OSError as error:
        message = f"cannot back up the store to {target}: {error.strerror or error}"
        raise StoreError(message) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return found


def _target(store: Store, out: Path) -> Path:
    target = Path(out).expanduser().resolve()
    if "?" in str(target):
        message = f"the folder of a store cannot have a question mark in its name: {target}"
        raise InputError(message)
    if target.is_relative_to(store.folder):
        message = f"{target} lies inside the store {store.folder}; give a folder outside"
        raise InputError(message)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        message = f"{target} exists and is not empty; give a new folder for the backup"
        raise InputError(message)
    return target


class _Copy:
    """The files of a backup in the making."""

    def __init__(self, store: Store, aside: Path, progress: Progress) -> None:
        self.store = store
        self.aside = aside
        self.bytes: dict[str, int] = {}
        self._progress = progress

    def add(self, wanted: Sequence[Holding]) -> None:
        """Copy files that are not copied yet."""
        missing = [each for each in wanted if each.path not in self.bytes]
        sizes = {each.path: self._size(each) for each in missing}
        done, total = 0, sum(sizes.values())
        for each in missing:
            self._progress("copying files", done / total if total else 1.0)
            self._copy(each)
            done += sizes[each.path]

    def keep_only(self, wanted: Sequence[Holding]) -> None:
        """Drop what the catalogue has ceased to speak of."""
        for path in self.bytes.keys() - {each.path for each in wanted}:
            (self.aside / path).unlink()
            del self.bytes[path]

    def settle(self) -> None:
        """Write what the system still holds to the disk; drop folders that are empty."""
        folders = [path for path in self.aside.rglob("*") if path.is_dir()]
        for folder in sorted(folders, reverse=True):
            if any(folder.iterdir()):
                sync(folder)
            else:
                folder.rmdir()
        sync(self.aside)

    def _size(self, holding: Holding) -> int:
        path = self.store.folder / holding.path
        return path.stat().st_size if path.is_file() else 0

    def _copy(self, holding: Holding) -> None:
        source, target = self.store.folder / holding.path, self.aside / holding.path
        if not source.is_file():
            self._refuse_lost_records(holding, "is gone")
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        if file_sha256(target) != holding.sha256:
            target.unlink()
            self._refuse_lost_records(holding, "does not have the hash it had when it was written")
            return
        sync(target)
        self.bytes[holding.path] = target.stat().st_size

    def _refuse_lost_records(self, holding: Holding, what: str) -> None:
        if holding.kind == "records":
            message = (
                f"{self.store.folder / holding.path} (records of batch {holding.batch_id!r}) "
                f"{what}; a backup of it would be none; `batchgate doctor` says what to do"
            )
            raise StoreError(message)


def _copied(store: Store, target: Path, aside: Path, progress: Progress) -> Backup:
    copy = _Copy(store, aside, progress)
    with store.catalogue.read() as cursor:
        wanted = holdings(cursor)
    _refuse_too_little_room(store, target, wanted)
    copy.add(wanted)
    progress("copying the catalogue", 1.0)
    with store.catalogue.read() as cursor:
        # No writer can come in between: what is copied and what is listed are one state.
        wanted = holdings(cursor)
        counts = _state(cursor)
        _copy_catalogue(store, cursor, aside / store.catalogue.path.name)
    copy.add(wanted)
    copy.keep_only(wanted)
    copy.settle()
    catalogue = (aside / store.catalogue.path.name).stat().st_size
    return Backup(
        folder=str(target),
        files=len(copy.bytes) + 1,
        bytes=sum(copy.bytes.values()) + catalogue,
        left_out=tuple(each.path for each in wanted if each.path not in copy.bytes),
        **counts,
    )


def _refuse_too_little_room(store: Store, target: Path, wanted: Sequence[Holding]) -> None:
    paths = [store.folder / each.path for each in wanted] + [store.catalogue.path]
    needed = int(_ROOM * sum(path.stat().st_size for path in paths if path.is_file()))
    free = shutil.disk_usage(target.parent).free
    if free < needed:
        message = (
            f"the backup needs {needed:,} bytes and {target.parent} has {free:,} free; "
            "free disk space or give another folder"
        )
        raise StoreError(message)


def _state(cursor: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    text = (
        "select schema_version, data_version,"
        " (select count(*) from catalogue.batch where state is not null) as batches,"
        " (select sha256 from catalogue.decision as d where not exists (select 1 from"
        " catalogue.decision as e where e.previous_sha256 = d.sha256)"
        " order by decided_at desc, decision_id limit 1) as decision_head from catalogue.meta"
    )
    names = ("schema_version", "data_version", "batches", "decision_head")
    return dict(zip(names, cursor.execute(text).fetchall()[0], strict=True))


def _copy_catalogue(store: Store, cursor: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Copy the tables with their constraints.

    Not the file: a write-ahead log may lie beside it, and opening the file in a process that has
    it attached would drop the lock on it.
    """
    name = f"copy_{secrets.token_hex(4)}"
    file = str(path).replace("'", "''")
    try:
        cursor.execute(f"attach '{file}' as {name}")
        try:
            cursor.execute(f"copy from database catalogue to {name}")
        finally:
            cursor.execute(f"detach {name}")
    except duckdb.Error as error:
        message = f"cannot copy the catalogue of {store.folder} to {path}: {first_line(error)}"
        raise StoreError(message) from error
    sync(path)
