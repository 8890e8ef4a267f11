"""A part in the making: staged, measured, described by statistics, then made visible at once."""

import secrets
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

from queries import ledger
from queries.batches import BatchFacts, BatchInfo, Mode, PartInfo, SourceFile, State
from queries.catalogue import now
from queries.digest import describe_table, part_digest
from queries.errors import InputError
from queries.materialise import Statistic, materialise, sync
from queries.relations import Records, literal_glob
from queries.schema import RECORD_TABLES
from queries.scope import Viewer
from queries.state import files_of, state_of
from queries.succession import refuse_superseding

if TYPE_CHECKING:
    import pyarrow as pa

    from queries.store import Store


class PartWriter:
    """A part in the making: files are staged here and become visible with `commit`, or never.

    Attributes
    ----------
    key : str
        Key of the part (the "part" of the import report).
    folder : Path
        Write `<table>.parquet` here with DuckDB COPY, all columns of RECORD_TABLES[table] in that
        order. A table without rows is left out. Person columns hold person keys, never ids.
    batch : BatchInfo or None
        The batch before this part; None with mode "new".
    mode : {"new", "add", "replace"}
    """

    def __init__(self, store: "Store", batch_id: str, mode: Mode, batch: BatchInfo | None) -> None:
        self.key = secrets.token_hex(8)
        self.batch = batch
        self.mode = mode
        self.folder = store.folder / "staging" / self.key
        self.folder.mkdir(parents=True)
        self._store = store
        self._batch_id = batch_id
        self._batch_key = secrets.token_hex(8) if batch is None else batch.batch_key
        self._people: dict[str, tuple[str, str]] = {}
        self._measured: PartInfo | None = None

    def person_keys(
        self, annotator_ids: "pa.Array | pa.ChunkedArray | Sequence[str]"
    ) -> "pa.Table":
        """Return annotator_id, person_key for each distinct id (annotators, reviewers, actors).

        Known people keep their key; a new one gets a random salt, which becomes part of the
        store with `commit` only. May be called several times.
        """
        given = annotator_ids.to_pylist() if hasattr(annotator_ids, "to_pylist") else annotator_ids
        keys = self.keys_of([each for each in given if each is not None])
        with self._store.cursor() as cursor:  # pa.array would import pandas
            found: pa.Table = cursor.sql(
                "select unnest($ids::varchar[]) as annotator_id,"
                " unnest($keys::varchar[]) as person_key",
                params={"ids": list(keys), "keys": list(keys.values())},
            ).to_arrow_table()
        return found

    def keys_of(self, annotator_ids: Sequence[str]) -> dict[str, str]:
        """Return annotator id -> person key, as `person_keys` does, without importing Arrow."""
        ids = list(dict.fromkeys(annotator_ids))
        with self._store.catalogue.read() as cursor:
            known = ledger.read_people(cursor, ids)
        for each in ids:
            if each not in known and each not in self._people:
                salt = secrets.token_hex(16)
                self._people[each] = (sha256(f"{salt}{each}".encode()).hexdigest()[:16], salt)
        return {each: known[each] if each in known else self._people[each][0] for each in ids}

    def earlier(self, table: str) -> list[str]:
        """Return the files of that table in the live parts this part is added to.

        For `--add`: duplicates against earlier parts, questions already declared, known items.
        They can be given to read_parquet as they are. Empty for a new or a replaced batch.
        """
        return [literal_glob(file) for file in self._files(self._before())[table]]

    def measure(self, *, repeats: bool | None = None) -> PartInfo:
        """Hash the staged files and compute the part digest; enough for a dry run. Cached.

        Parameters
        ----------
        repeats : whether somebody answers one question on one item more than once in this part
            (several rounds); found out here when None
        """
        if self._measured is not None:
            return self._measured
        unknown = {path.name for path in self.folder.iterdir()} - {
            f"{table}.parquet" for table in RECORD_TABLES
        }
        if unknown:
            message = f"staged files {sorted(unknown)} belong to no record table"
            raise ValueError(message)
        tables = {}
        with self._store.cursor() as cursor:
            for table in RECORD_TABLES:
                path = self.folder / f"{table}.parquet"
                if path.exists():
                    tables[table] = describe_table(cursor, table, path)
            tables = {table: info for table, info in tables.items() if info.rows}
            if repeats is None:
                repeats = "annotation" in tables and self._repeats(cursor)
        self._measured = PartInfo(
            part_key=self.key,
            sequence=self._sequence(),
            digest=part_digest({table: info.digest for table, info in tables.items()}),
            rows=sum(info.rows for info in tables.values()),
            tables=tables,
            location=f"batches/{self._batch_key}/parts/{self.key}",
            repeats=repeats,
        )
        return self._measured

    def commit(
        self,
        report: Mapping[str, object],
        facts: BatchFacts | None = None,
        *,
        source_files: Sequence[SourceFile] = (),
        file_format: str | None = None,
        mapping_sha256: str | None = None,
    ) -> BatchInfo:
        """Materialise the statistics of the new state and make everything visible at once.

        `report` is kept as JSON (the import report); `facts` that are None keep what the store
        has. Killed at any moment before the last step, nothing of the part is visible.

        Raises
        ------
        InputError
            When parts contradict each other (level of a question), an attribute has a reserved
            name, no answer is in the batch, the batch was decided meanwhile (replace), or the
            batch it is said to supersede is not in the store.
        """
        given = self._given(facts)
        part = replace(
            self.measure(),
            source_files=tuple(source_files),
            format=file_format,
            mapping_sha256=mapping_sha256,
        )
        parts = [*self._before(), part]
        self._refuse_without_answers(parts)
        vendor = given.vendor or (self.batch.vendor if self.batch else None)
        self._settle(part)
        state, statistics = self._describe(parts, vendor)
        at = now()
        with self._store.catalogue.write(f"importing batch {self._batch_id}") as cursor:
            if self.mode == "replace":
                refuse_replacing_decided(cursor, self._batch_id)
                ledger.retire_parts(cursor, self._batch_id, at)
            if given.supersedes is not None:
                refuse_superseding(cursor, self._batch_id, given.supersedes)
            ledger.write_people(cursor, self._people, at)
            ledger.write_part(cursor, self._batch_id, part, report, at)
            ledger.write_batch(cursor, self._batch_id, self._batch_key, given, state)
            ledger.write_statistics(cursor, self._batch_id, statistics)
        return self._store.batch(self._batch_id, Viewer.owner())

    def _given(self, facts: BatchFacts | None) -> BatchFacts:
        if self.batch is None and (facts is None or facts.kind is None):
            message = "the first part of a batch needs the kind of the batch"
            raise ValueError(message)
        return facts or BatchFacts()

    def discard(self) -> None:
        """Remove what was staged."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _refuse_without_answers(self, parts: Sequence[PartInfo]) -> None:
        if not any("annotation" in part.tables for part in parts):
            message = f"no answer is in batch {self._batch_id!r}; import its annotations first"
            raise InputError(message)

    def _before(self) -> list[PartInfo]:
        return list(self.batch.parts) if self.batch is not None and self.mode == "add" else []

    def _files(self, parts: Sequence[PartInfo]) -> dict[str, list[str]]:
        root = self._store.folder
        return files_of(parts, {part.part_key: str(root / part.location) for part in parts})

    def _sequence(self) -> int:
        with self._store.catalogue.read() as cursor:
            return ledger.last_sequence(cursor, self._batch_id) + 1

    def _repeats(self, cursor: ledger.Cursor) -> bool:
        rows = cursor.execute(
            "select 1 from read_parquet($file) where status = 'submitted'"
            " group by item_id, question, person_key having count(*) > 1 limit 1",
            {"file": literal_glob(str(self.folder / "annotation.parquet"))},
        ).fetchall()
        return bool(rows)

    def _settle(self, part: PartInfo) -> None:
        """Give the staged files their place; the catalogue does not know them yet."""
        for table in RECORD_TABLES:
            path = self.folder / f"{table}.parquet"
            if table in part.tables:
                sync(path)
            else:
                path.unlink(missing_ok=True)
        target = self._store.folder / part.location
        target.parent.mkdir(parents=True, exist_ok=True)
        self.folder.rename(target)
        for folder in (target, target.parent, target.parent.parent):
            sync(folder)

    def _describe(
        self, parts: Sequence[PartInfo], vendor: str | None
    ) -> tuple[State, list[Statistic]]:
        files = self._files(parts)
        with self._store.catalogue.read() as cursor:
            existing = ledger.read_statistics(cursor, self._batch_id)
        with self._store.cursor() as cursor:
            state = state_of(cursor, parts, files, vendor)
            statistics = materialise(
                cursor,
                Records(state, files, vendor),
                parts,
                root=self._store.folder,
                folder=f"batches/{self._batch_key}/statistics",
                existing=existing,
            )
        return state, statistics


def refuse_replacing_decided(cursor: ledger.Cursor, batch_id: str) -> None:
    """Raise InputError when a decision on the batch is on record."""
    if ledger.decided(cursor, batch_id):
        message = (
            f"batch {batch_id!r} has a decision and cannot be replaced; import the new version as "
            "a batch of its own that supersedes it, or add a part with --add"
        )
        raise InputError(message)
