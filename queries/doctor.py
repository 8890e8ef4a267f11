"""Doctor: what is wrong with a store and the machine it lies on. Changes nothing."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import duckdb

from queries import ledger
from queries.batches import BatchInfo, PartInfo
from queries.catalogue import migrations
from queries.digest import batch_digest, file_sha256, part_digest
from queries.errors import StoreError, first_line
from queries.findings import LEVELS, Finding
from queries.holdings import Holding, holdings, is_elsewhere
from queries.machine import Machine, of_machine, this_machine
from queries.materialise import ON_DEMAND, inputs_digest, kept
from queries.near_duplicates import NAME as NEAR_DUPLICATES
from queries.recount import recount_batch, recount_part
from queries.selects import select
from queries.store import Store

Progress = Callable[[str, float], None]
_PATIENCE_SECONDS: Final = 60.0
_HASHING: Final = 0.5
"""Share of the work that hashing is, when everything is counted again as well."""
_OF_A_STORE: Final = (
    *("catalogue.duckdb", "catalogue.duckdb.wal", "catalogue.lock", "import.lock", "files.lock"),
    *("batches", "staging", "scratch"),
)
_RESTORE: Final = (
    "copy this file from a backup of the store (the path inside is the same), or import the export "
    "again with --replace"
)
_RENEW: Final = "nothing is lost: it is counted from the records, and kept anew by the next import"


@dataclass
class Diagnosis:
    """What was looked at and what was found, the worst first."""

    store: str
    deep: bool
    machine: Machine
    schema_version: int | None = None
    data_version: int | None = None
    batches: int = 0
    files: int = 0
    bytes: int = 0
    findings: list[Finding] = field(default_factory=list)

    def count(self, level: str) -> int:
        """Return how many findings have that level."""
        return sum(finding.level == level for finding in self.findings)

    def to_json(self) -> dict[str, Any]:
        """Return the diagnosis as `batchgate doctor --json` prints it."""
        counts = {f"{level}s": self.count(level) for level in LEVELS}
        return {**asdict(self), **counts}


def examine(
    folder: Path, *, deep: bool = False, progress: Progress = lambda _stage, _done: None
) -> Diagnosis:
    """Examine a store: files against the catalogue, statistics against parts, the machine.

    Parameters
    ----------
    folder : folder of the store
    deep : also count every digest and statistic again from the records
    progress : called with the stage and the share done

    Raises
    ------
    InputError
        When the folder is no store.
    """
    store = Store.open(folder, as_found=True)
    with store.cursor() as cursor:
        found = Diagnosis(str(store.folder), deep, this_machine(store.folder, cursor))
    found.findings += of_machine(found.machine, store.folder)
    with store.files.together(_PATIENCE_SECONDS):
        try:
            _Examination(store, found, progress).run()
        except (StoreError, duckdb.Error) as error:
            found.findings.append(_unreadable(store, error))
    found.findings.sort(key=lambda finding: (LEVELS.index(finding.level), finding.where))
    progress("done", 1.0)
    return found


def _unreadable(store: Store, error: Exception) -> Finding:
    what = f"the catalogue cannot be read: {first_line(error)}"
    do = "close the program that holds it; if there is none, restore the store from a backup"
    return Finding("error", what, str(store.catalogue.path), do)


class _Examination:
    """One look at a store; nothing is swept while it lasts."""

    def __init__(self, store: Store, found: Diagnosis, progress: Progress) -> None:
        self._store = store
        self._found = found
        self._progress = progress
        self._broken: set[str] = set()

    def run(self) -> None:
        store, add = self._store, self._found.findings.extend
        importing = store.imports.is_held()
        add(_locks(store))
        add(self._schema())
        if self._found.schema_version != migrations()[-1][0]:
            return
        with store.catalogue.read() as cursor:
            add(_catalogue(store, cursor))
            wanted = holdings(cursor)
            every_part = ledger.read_all_parts(cursor)
            batches = ledger.read_batches(cursor)
        self._found.batches = len(batches)
        add(self._files(wanted))
        for batch_id, part in every_part:
            add(_part(batch_id, part))
        for batch in batches:
            add(self._batch(batch))
        add(_leftovers(store, wanted, importing=importing or store.imports.is_held()))
        if self._found.deep:
            add(self._counted_again([part for _, part in every_part], batches))

    def _schema(self) -> Iterator[Finding]:
        found, supported = self._store.catalogue.schema_version(), migrations()[-1][0]
        self._found.schema_version = found
        self._found.data_version = self._store.catalogue.data_version()
        place = str(self._store.catalogue.path)
        if found > supported:
            what = f"the store has schema version {found}, this version reads up to {supported}"
            yield Finding("error", what, place, "upgrade batchgate; nothing else was examined")
        elif found < supported:
            what = f"the store has schema version {found}, this version has {supported}"
            do = "run any other command: it brings the store up to date; then run doctor again"
            yield Finding("warning", what, place, do)

    def _files(self, wanted: Sequence[Holding]) -> Iterator[Finding]:
        """Compare every file with its hash."""
        root = self._store.folder
        sizes = {each.path: _size(root / each.path) for each in wanted}
        total, done = sum(sizes.values()), 0
        share = _HASHING if self._found.deep else 1.0
        for each in wanted:
            self._progress("hashing files", share * done / total if total else share)
            done += sizes[each.path]
            finding = _file(root, each)
            if finding is None:
                self._found.files += 1
                self._found.bytes += sizes[each.path]
            else:
                self._broken.add(each.path)
                yield finding

    def _batch(self, batch: BatchInfo) -> Iterator[Finding]:
        """Compare the state of a batch, and its statistics, with the parts they came from."""
        place = f"batch {batch.batch_id!r}"
        if batch.digest != batch_digest(part.digest for part in batch.parts):
            what = "the batch digest is not that of its parts"
            yield Finding("error", what, place, "restore the store from a backup")
        if any(is_elsewhere(part.location) for part in batch.parts):
            what = "parts of the batch lie outside the store"
            yield Finding("note", what, place, "examine them where they lie")
        records = self._store.records(batch)
        with self._store.catalogue.read() as cursor:
            known = ledger.read_statistics(cursor, batch.batch_id)
        wanted = {inputs_digest(records, batch.parts, name): name for name in kept()}
        allowed = {inputs_digest(records, batch.parts, name) for name in ON_DEMAND} | set(wanted)
        counted = {key: each for key, each in known.items() if each.name != NEAR_DUPLICATES}
        stale = sorted({each.name for key, each in counted.items() if key not in allowed})
        lacking = sorted(name for key, name in wanted.items() if key not in known)
        if stale or lacking:
            names = ", ".join(dict.fromkeys([*stale, *lacking]))
            what = f"statistics that were not made from these parts by this version: {names}"
            yield Finding("warning", what, place, _RENEW)

    def _counted_again(
        self, parts: Sequence[PartInfo], batches: Sequence[BatchInfo]
    ) -> Iterator[Finding]:
        """Count digests and statistics from the records, where the files are whole."""
        root, number = self._store.folder, len(parts) + len(batches)
        for place, part in enumerate(parts):
            self._progress("counting again", _HASHING + (1 - _HASHING) * place / number)
            if self._is_whole(part):
                with self._store.cursor() as cursor:
                    yield from recount_part(cursor, root, part)
        for place, batch in enumerate(batches, start=len(parts)):
            self._progress("counting again", _HASHING + (1 - _HASHING) * place / number)
            if all(self._is_whole(part) for part in batch.parts):
                yield from recount_batch(self._store, batch)

    def _is_whole(self, part: PartInfo) -> bool:
        files = {f"{part.location}/{table}.parquet" for table in part.tables}
        return not is_elsewhere(part.location) and not files & self._broken


def _locks(store: Store) -> Iterator[Finding]:
    for lock in (store.imports, store.catalogue.turnstile):
        if lock.is_held():
            what = f"the store is being written by {lock.holder()}"
            do = "nothing; if that process hangs, end it: the lock goes with it"
            yield Finding("note", what, str(lock.path), do)


def _catalogue(store: Store, cursor: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    """Read every row of the catalogue, and see that its tables know each other."""
    place = str(store.catalogue.path)
    names = cursor.execute(
        "select table_name from duckdb_tables() where database_name = 'catalogue'"
    ).fetchall()
    for (name,) in names:
        try:
            cursor.execute(select(["bit_xor(hash(t))"], f'catalogue."{name}" as t')).fetchall()
        except duckdb.Error as error:
            what = f"table {name} of the catalogue cannot be read: {first_line(error)}"
            yield Finding("error", what, place, "restore the store from a backup")
    for table in ("part", "statistic"):
        batches = select(["batch_id"], "catalogue.batch", where=["state is not null"])
        text = select(
            ["distinct batch_id"],
            f"catalogue.{table}",
            where=[f"batch_id not in ({batches})"],
            order_by=["batch_id"],
        )
        for (batch_id,) in cursor.execute(text).fetchall():
            what = f"the catalogue has a {table} of batch {batch_id!r} but no such batch"
            yield Finding("error", what, place, "restore the store from a backup")


def _file(root: Path, holding: Holding) -> Finding | None:
    """Return what is wrong with a file the catalogue speaks of."""
    path = root / holding.path
    of = f"{holding.kind} of batch {holding.batch_id!r}"
    lost = holding.kind == "records"
    try:
        found = file_sha256(path)
    except FileNotFoundError:
        what = f"a file is gone: {of}"
        return Finding(
            "error" if lost else "warning", what, holding.path, _RESTORE if lost else _RENEW
        )
    except OSError as error:
        what = f"a file cannot be read ({error.strerror}): {of}"
        return Finding("error", what, holding.path, _RESTORE if lost else _RENEW)
    if found != holding.sha256:
        what = f"a file has changed since it was written: {of}"
        do = f"{_RESTORE}; look after the disk" if lost else f"{_RENEW}; look after the disk"
        return Finding("error", what, holding.path, do)
    return None


def _part(batch_id: str, part: PartInfo) -> Iterator[Finding]:
    if part.digest != part_digest({table: info.digest for table, info in part.tables.items()}):
        what = f"the digest of a part of batch {batch_id!r} is not that of its tables"
        yield Finding("error", what, part.location, "restore the store from a backup")


def _leftovers(store: Store, wanted: Sequence[Holding], *, importing: bool) -> Iterator[Finding]:
    """Yield what lies in the store and belongs to nothing."""
    swept = "nothing: the next import removes it"
    if importing:  # what lies there may belong to the import that is under way
        return
    orphans = store.orphans()
    for path in orphans:
        size = sum(_size(file) for file in path.rglob("*"))
        what = f"{size:,} bytes that an import left when it was killed"
        yield Finding("note", what, str(path.relative_to(store.folder)), swept)
    known = {store.folder / each.path for each in wanted}
    strange = [path for path in store.folder.iterdir() if path.name not in _OF_A_STORE]
    strange += [
        path
        for path in (store.folder / "batches").rglob("*")
        if path.is_file() and path not in known and not set(path.parents).intersection(orphans)
    ]
    for path in strange:
        do = "move it elsewhere if it is yours, or delete it"
        what = "a file or folder that is no part of a store"
        yield Finding("note", what, str(path.relative_to(store.folder)), do)
    for path in store.dead_scratch():
        size = sum(_size(file) for file in path.rglob("*"))
        what = f"{size:,} bytes that a process put aside and left when it was killed"
        if size:
            yield Finding("note", what, str(path.relative_to(store.folder)), swept)
    if store.catalogue.path.with_suffix(".duckdb.wal").exists():
        what = "the last program that wrote the catalogue was killed; all it committed is there"
        yield Finding("note", what, "catalogue.duckdb.wal", "nothing: the next write folds it in")


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0
