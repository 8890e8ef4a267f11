"""Import: from exported files to a part of a batch.

A format is one module with a `stage` function and one line in `FORMATS`. It reads the files into
the temporary relations `raw` and `answers`; what follows is the same for every format.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import duckdb

from queries.batches import BatchFacts, Mode
from queries.errors import InputError, StoreError
from queries.ingest import table
from queries.ingest.canonical import Written, write_records
from queries.ingest.facts import batch_facts, batch_kind, changed_facts
from queries.ingest.files import InputFile, open_files
from queries.ingest.mapping import Mapping as ColumnMapping
from queries.ingest.mapping_file import MappingFile, read_mapping
from queries.ingest.report import ImportReport
from queries.ingest.table import Staged
from queries.ingest.text import canonical as canonical_text
from queries.ingest.text import closest, prepare
from queries.parts import PartWriter
from queries.store import Store

Stage = Callable[
    [duckdb.DuckDBPyConnection, Sequence[InputFile], ColumnMapping | None, dict[str, str]], Staged
]
Progress = Callable[[str, float], None]

FORMATS: Final[dict[str, Stage]] = {"table": table.stage}
"""Format name -> how its files are staged."""


def import_batch(
    store: Store,
    paths: Sequence[Path],
    *,
    batch_id: str,
    kind: str | None = None,
    format: str = "auto",  # noqa: A002 - the name of the command's option
    mapping: Path | MappingFile | None = None,
    settings: Mapping[str, str] | None = None,
    mode: Mode = "new",
    strict: bool = False,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Import files as a new batch, a further part, or a new version of a batch.

    Parameters
    ----------
    store : where the batch goes
    paths : files of one format
    batch_id : id of the batch, unique in the store
    kind : sft, preference, ranking, reward or qa; may stand in the mapping instead
    format : a name of `FORMATS`, or "auto" to find out
    mapping : the mapping file; None for files whose columns have the canonical names
    settings : facts of the batch and constants of its rows, before those of the mapping
    mode : "new", "add" a part to a batch, or "replace" what it holds
    strict : refuse the import when anything would be dropped or coerced
    dry_run : check and report, and leave the store as it is
    progress : called with the stage and the share done

    Returns
    -------
    ImportReport
        What was kept, dropped, coerced and not understood.

    Raises
    ------
    InputError
        For anything about files, mapping and options; nothing was written then.
    StoreError
        When store or machine cannot do it.
    """
    tell = progress or (lambda _stage, _done: None)
    if not batch_id.strip() or not batch_id.isprintable():
        message = f"batch id: found {batch_id!r}; allowed: a name of visible characters"
        raise InputError(message)
    with store.part_writer(batch_id, mode) as writer, store.cursor() as cursor:
        try:
            tell("checking files", 0.0)
            name = _format_of(format)
            told = read_mapping(mapping) if isinstance(mapping, Path) else mapping
            files = open_files([Path(path) for path in paths])
            tell("reading", 0.0)
            prepare(cursor)
            constants = {key: canonical_text(value) for key, value in (settings or {}).items()}
            staged = FORMATS[name](cursor, files, told.mapping if told else None, constants)
            facts = _facts(staged, writer, kind)
            tell("converting", 0.0)
            written = write_records(
                cursor, staged, writer, strict=strict, advance=lambda done: tell("converting", done)
            )
            tell("hashing", 0.0)
            report = _report(cursor, batch_id, staged, writer, written)
            report = replace(report, notes=(*report.notes, *changed_facts(writer.batch, facts)))
            if dry_run:
                return replace(report, dry_run=True)
            tell("statistics", 0.0)
            sources = [file.source for file in files]
            sha256 = told.sha256 if told else None
            writer.commit(
                report.to_json(),
                facts,
                source_files=sources,
                file_format=name,
                mapping_sha256=sha256,
            )
        except (duckdb.OutOfMemoryException, duckdb.IOException) as error:
            raise _exhausted(error) from error
        tell("done", 1.0)
        return report


def _facts(staged: Staged, writer: PartWriter, kind: str | None) -> BatchFacts:
    before = writer.batch if writer.mode == "add" else None
    return batch_facts(staged.mapping.constants, batch_kind(kind, staged.mapping.kind, before))


def _exhausted(error: duckdb.Error) -> StoreError:
    return StoreError(
        "the import needs more memory or disk than it may use; raise BATCHGATE_MEMORY "
        f"(for example 8GB) or free disk space: {str(error).splitlines()[0]}"
    )


def _format_of(said: str) -> str:
    """Return the format to read; every readable file is at least a table."""
    if said == "auto":
        return "table"
    if said not in FORMATS:
        raise InputError(f"--format: found {said!r}{closest(said, ['auto', *FORMATS])}")
    return said


def _report(
    cursor: duckdb.DuckDBPyConnection,
    batch_id: str,
    staged: Staged,
    writer: PartWriter,
    written: Written,
) -> ImportReport:
    part = writer.measure(repeats=None if "round" in staged.names else False)
    rows = {name: info.rows for name, info in part.tables.items()}
    annotators = 0
    if "annotation" in rows:
        path = str(writer.folder / "annotation.parquet")
        query = "select count(distinct person_key) from read_parquet($path)"
        found = cursor.execute(query, {"path": path}).fetchone()
        annotators = int(found[0]) if found else 0
    return ImportReport(
        batch=batch_id,
        part=part.part_key,
        items=rows.get("item", 0),
        annotations=rows.get("annotation", 0),
        annotators=annotators,
        reviews=rows.get("review", 0),
        dropped=written.dropped,
        coerced=written.coerced,
        unknown=staged.unknown,
        digest=part.digest,
        records=staged.records,
        read=written.read,
        kept=rows.get("annotation", 0),
        notes=written.notes,
    )
