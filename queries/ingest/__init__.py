"""Import: from exported files to a part of a batch.

A plain table is read through a mapping. Every other format is one module with one line in
`FORMATS`: it shapes its files into relations of the record tables, as text. What follows, checks
and types and losses, is the same for all.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import duckdb

from queries.batches import BatchFacts, Mode
from queries.errors import InputError, StoreError
from queries.ingest import (
    argilla,
    bundle,
    crowdflower,
    doccano,
    helpsteer,
    hh_rlhf,
    label_studio,
    mt_bench,
    mturk,
    multipref,
    oasst,
    prodigy,
    trl,
    ultrafeedback,
    zooniverse,
)
from queries.ingest.canonical import Written, write_records
from queries.ingest.earlier_parts import refuse_again, unstated_guideline
from queries.ingest.exported import sample
from queries.ingest.facts import batch_facts, batch_kind, changed_facts
from queries.ingest.files import InputFile, open_files
from queries.ingest.mapping_file import MappingFile, read_mapping, refuse_incomplete
from queries.ingest.report import ImportReport, Loss
from queries.ingest.shape import Format
from queries.ingest.table import Staged, stage, stage_shaped
from queries.ingest.text import canonical as canonical_text
from queries.ingest.text import closest, prepare
from queries.ingest.told import told_mapping
from queries.parts import PartWriter
from queries.store import Store

Progress = Callable[[str, float], None]

TABLE: Final = "table"
FORMATS: Final[dict[str, Format]] = {
    each.FORMAT.name: each.FORMAT
    for each in (
        bundle,
        label_studio,
        argilla,
        prodigy,
        doccano,
        mt_bench,
        multipref,
        helpsteer,
        ultrafeedback,
        oasst,
        crowdflower,
        mturk,
        zooniverse,
        hh_rlhf,
        trl,
    )
}
"""Every format besides the plain table, in the order in which a file is held against them."""


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
    standard_for: Callable[[str], tuple[str, str] | None] | None = None,
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
    standard_for : gives name and hash of the standard of a batch, once its kind is known
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
            told = read_mapping(mapping) if isinstance(mapping, Path) else mapping
            unpacked = writer.folder.with_suffix(".unpacked")
            files = open_files([Path(path) for path in paths], unpacked)
            tell("reading", 0.0)
            prepare(cursor)
            name = _format_of(cursor, format, files, told)
            sha256 = told.sha256 if told else None
            again: tuple[Loss, ...] = ()
            if mode == "add" and writer.batch is not None:
                again = refuse_again(writer.batch, files, name, sha256)
            constants = {key: canonical_text(value) for key, value in (settings or {}).items()}
            staged = _staged(cursor, name, files, told, constants)
            stated = told is not None and told.mapping.kind is not None
            facts = _facts(staged, writer, kind, guessed=name != TABLE and not stated)
            pinned = standard_for(facts.kind or "") if standard_for is not None else None
            if pinned is not None:
                facts = replace(facts, standard=pinned[0], standard_sha256=pinned[1])
            tell("converting", 0.0)
            written = write_records(
                cursor, staged, writer, strict=strict, advance=lambda done: tell("converting", done)
            )
            tell("hashing", 0.0)
            report = _report(cursor, batch_id, staged, writer, written)
            silent = unstated_guideline(writer.batch, facts, writer.measure())
            notes = (*report.notes, *changed_facts(writer.batch, facts), *silent, *again)
            report = replace(report, format=name, notes=notes)
            if dry_run:
                return replace(report, dry_run=True)
            tell("statistics", 0.0)
            sources = [file.source for file in files]
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


def _facts(staged: Staged, writer: PartWriter, kind: str | None, *, guessed: bool) -> BatchFacts:
    """Return the facts of the batch; a kind that a format only guesses gives way to any other."""
    before = writer.batch if writer.mode == "add" else None
    mapped = staged.mapping.kind
    if guessed and (kind is not None or before is not None):
        mapped = None
    return batch_facts(staged.mapping.constants, batch_kind(kind, mapped, before))


def _exhausted(error: duckdb.Error) -> StoreError:
    return StoreError(
        "the import needs more memory or disk than it may use; raise BATCHGATE_MEMORY "
        f"(for example 8GB) or free disk space: {str(error).splitlines()[0]}"
    )


def _format_of(
    cursor: duckdb.DuckDBPyConnection,
    said: str,
    files: Sequence[InputFile],
    told: MappingFile | None,
) -> str:
    """Return the format to read; every readable file is at least a table."""
    if said not in {"auto", TABLE, *FORMATS}:
        raise InputError(f"--format: found {said!r}{closest(said, ['auto', TABLE, *FORMATS])}")
    if said != "auto" or (told is not None and "item_id" in told.mapping.columns):
        return TABLE if said == "auto" else said
    first = sample(cursor, files)
    return next((each.name for each in FORMATS.values() if each.recognises(first)), TABLE)


def _staged(
    cursor: duckdb.DuckDBPyConnection,
    name: str,
    files: Sequence[InputFile],
    told: MappingFile | None,
    constants: dict[str, str],
) -> Staged:
    """Read the files into the relations of their format."""
    if name == TABLE:
        if told is not None:
            refuse_incomplete(told)
        return stage(cursor, files, told.mapping if told else None, constants)
    shaped = FORMATS[name].shape(cursor, files)
    mapping, columns = told_mapping(cursor, shaped, told.mapping if told else None, constants)
    return stage_shaped(cursor, shaped, columns, mapping)


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
        sides=written.sides,
    )
