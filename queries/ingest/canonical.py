"""Staged records to the record tables of a part, in SQL, each written to Parquet once."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import duckdb

from queries.batches import Question as Known
from queries.errors import InputError
from queries.ingest.answers import drop_faults, drop_repeats
from queries.ingest.fields import ALLOWED, naive_test
from queries.ingest.items import (
    attribute_select,
    describe_items,
    item_select,
    plant_probes,
    response_select,
)
from queries.ingest.people import idle_patterns, know_people, person_select
from queries.ingest.records import SideRecords, strangers
from queries.ingest.report import EXAMPLES, Code, Loss, Side, refuse_losses, told
from queries.ingest.suspicions import suspicions
from queries.ingest.table import Staged
from queries.ingest.text import fill, identifier, literal, make_enum
from queries.ingest.values import Asked, labels_found, read_values, turns
from queries.parts import PartWriter
from queries.schema import MAXIMUM_LABELS, RECORD_TABLES

# Records have no order of their own: what is sorted is sorted when it is read.
_COPY: Final = "copy ({select}) to {path} (format parquet, compression zstd, preserve_order false)"
_BAD: Final = """
select rowid, {slot}, count(*) over () from raw where {condition} order by rowid limit $limit
"""
_BOTH: Final = (
    "{own} union all by name "
    "select * from ({select}) anti join (select {key} from typed_{table}) using ({key})"
)
_PROBES: Final = "select item_id, question, type, expected from probes"
_KEPT: Final = "select {columns} from {kept}"
_QUESTIONS: Final = "create or replace temp table questions ({columns})"
_TIMES: Final = frozenset({"annotated_at", "duration_seconds"})
_TIES: Final = frozenset({"tie", "ties", "tied", "equal", "same", "draw", "no preference"})


@dataclass(frozen=True, slots=True)
class Written:
    """What the conversion left out, changed, and noticed."""

    read: int
    dropped: tuple[Loss, ...]
    coerced: tuple[Loss, ...]
    notes: tuple[Loss, ...]
    sides: tuple[Side, ...] = ()


def write_records(
    cursor: duckdb.DuckDBPyConnection,
    staged: Staged,
    writer: PartWriter,
    *,
    strict: bool,
    advance: Callable[[float], None],
) -> Written:
    """Check what is staged and write the record tables of the part.

    Raises
    ------
    InputError
        When too much would be lost, or anything with `strict`; then the part is not usable.
    """
    dropped: list[Loss] = []
    notes: list[Loss] = []
    asked: tuple[Asked, ...] = ()
    coerced = [*_coerced(cursor, staged), *describe_items(cursor, staged)]
    kept = None
    known = writer.batch.questions if writer.batch is not None and writer.mode == "add" else ()
    advance(0.1)
    if staged.answers:
        asked = read_values(cursor, staged.mapping, known, shaped=staged.shaped is not None)
        know_people(cursor, staged, writer)
        advance(0.3)
        dropped += drop_faults(cursor, staged, asked)
        kept, repeats, notes = drop_repeats(cursor, staged, writer.earlier("annotation"))
        dropped += repeats
        notes += [*_idle(cursor, staged), *suspicions(cursor, staged, kept)]
    if staged.mapping.probe:
        coerced += plant_probes(cursor, staged, asked)
    _refuse_nothing(dropped, staged.read)
    side = SideRecords(cursor, staged, writer)
    sides = side.read([*known, *_known(asked)])
    dropped += side.dropped
    coerced += side.coerced
    if staged.shaped is not None:
        dropped += staged.shaped.dropped
        coerced += staged.shaped.coerced
        notes += staged.shaped.notes
    notes += strangers(cursor, side.tables, writer)
    read = staged.read + sum(each.read for each in sides)
    refuse_losses(dropped, coerced, read=read, strict=strict)
    advance(0.5)
    for table, select in _selects(cursor, staged, asked, kept):
        _write(cursor, writer, table, select)
    advance(1.0)
    unshaped = sum(loss.count for loss in staged.shaped.dropped) if staged.shaped else 0
    return Written(staged.read + unshaped, tuple(dropped), tuple(coerced), tuple(notes), sides)


def _refuse_nothing(dropped: Sequence[Loss], read: int) -> None:
    """Refuse an import of which no answer would be left."""
    if read and sum(loss.count for loss in dropped) == read:
        message = f"nothing was imported: no answer is left: {told(dropped)}"
        raise InputError(f"{message}; correct file or mapping")


def _known(asked: Sequence[Asked]) -> Iterator[Known]:
    """Yield the questions of this import as the batch will know them."""
    for question in asked:
        yield Known(question.name, question.level, question.labels, declared=question.declared)


def _coerced(cursor: duckdb.DuckDBPyConnection, staged: Staged) -> Iterator[Loss]:
    """Tell which typed fields could not be read, and which times say no zone."""
    for field in staged.typed.values():
        slot = identifier(field.slot)
        bad = f"not blank({slot}) and ({field.expression}) is null"
        code: Code = "impossible_time" if field.name in _TIMES else "unreadable"
        what = Loss(field.reason, 0, code=code)
        yield from _bad(cursor, staged, field.slot, bad, (what, field.allowed))
    naive = None
    time, slot = staged.mapping.time, "annotated_at"
    if slot in staged.names:
        naive = naive_test(slot, time, typed=slot in staged.times)
    if naive is not None:
        condition = f"({naive}) and ({staged.typed[slot].expression}) is not null"
        reason = f"time without zone read as {time.zone or 'UTC'}"
        allowed = None if time.zone else 'a zone in the text, or [time] zone = "UTC"'
        what = Loss(reason, 0, fault=time.zone is None, code="no_zone")
        yield from _bad(cursor, staged, slot, condition, (what, allowed))


def _bad(
    cursor: duckdb.DuckDBPyConnection,
    staged: Staged,
    slot: str,
    condition: str,
    told: tuple[Loss, str | None],
) -> Iterator[Loss]:
    """Count the records under a condition; `told` is the loss to fill in, and what is allowed."""
    what, allowed = told
    query = fill(_BAD, slot=identifier(slot), condition=condition)
    rows = cursor.execute(query, {"limit": EXAMPLES}).fetchall()
    if rows:
        column = staged.column(slot)
        examples = tuple(staged.example(row, column, found, allowed) for row, found, _ in rows)
        yield replace(what, count=int(rows[0][2]), examples=examples)


def _idle(cursor: duckdb.DuckDBPyConnection, staged: Staged) -> list[Loss]:
    return [
        Loss(f"[role] match {pattern!r} fits no annotator", 0, fault=False, code="unused")
        for pattern in idle_patterns(cursor, staged.mapping)
    ]


def _selects(
    cursor: duckdb.DuckDBPyConnection, staged: Staged, asked: Sequence[Asked], kept: str | None
) -> Iterator[tuple[str, str]]:
    """Yield every record table this import fills with the select of its rows."""
    shaped = staged.shaped.tables if staged.shaped is not None else frozenset()

    def both(table: str, key: str, select: str | None) -> tuple[str, str]:
        """Add to what the export says of a table's things those that only answers name."""
        own = fill("select * from typed_{table}", table=table) if table in shaped else None
        if own is not None and select is not None:
            return table, fill(_BOTH, own=own, select=select, table=table, key=key)
        return table, own or select or ""

    answers = bool(staged.answers)
    yield both("item", "item_id", item_select(staged))
    person = person_select(staged.mapping, staged.names) if answers else None
    tables = {
        "item_attribute": attribute_select(staged.mapping),
        "response": response_select(staged),
        "person": person,
        "probe": _PROBES if staged.mapping.probe else None,
    }
    keys = {"person": "person_key", "probe": "item_id, question, type"}
    for table in RECORD_TABLES:
        select = tables.get(table)
        if table not in {"item", "annotation", "question"} and (table in shaped or select):
            yield both(table, keys.get(table, "item_id"), select)
    if kept is not None:
        yield "annotation", fill(_KEPT, columns=_columns(cursor, staged, asked), kept=kept)
        _tabulate(cursor, staged, asked)
        yield "question", "select * from questions"


def _columns(cursor: duckdb.DuckDBPyConnection, staged: Staged, asked: Sequence[Asked]) -> str:
    """List the columns of an annotation, those with few values as enumerated types."""
    columns = {name: identifier(name) for name in RECORD_TABLES["annotation"]}
    names = {"names": [question.name for question in asked]}
    if "question_name" not in staged.names and make_enum(
        cursor, "asked_name", "unnest($names)", names
    ):
        columns["question"] = "cast(question as asked_name) as question"
    if "status" not in staged.names:
        make_enum(cursor, "status_name", "unnest($names)", {"names": list(ALLOWED["status"])})
        columns["status"] = "cast(status as status_name) as status"
    return ", ".join(columns.values())


def _write(cursor: duckdb.DuckDBPyConnection, writer: PartWriter, table: str, select: str) -> None:
    path = literal(str(writer.folder / f"{table}.parquet"))
    cursor.execute(fill(_COPY, select=select, path=path))


def _tabulate(cursor: duckdb.DuckDBPyConnection, staged: Staged, asked: Sequence[Asked]) -> None:
    """Make the question table: level, labels in order, and which of them are ties."""
    columns = ", ".join(f"{name} {kind}" for name, kind in RECORD_TABLES["question"].items())
    cursor.execute(fill(_QUESTIONS, columns=columns))
    for question in asked:
        labels = labels_found(cursor, question, limit=MAXIMUM_LABELS)
        ties = _ties(staged, question, labels or [])
        cursor.execute(
            "insert into questions values ($1, $2, $3, $4, $5)",
            [
                question.name,
                question.level,
                None if labels is None else json.dumps(labels, ensure_ascii=False),
                json.dumps(ties, ensure_ascii=False) if ties else None,
                question.declared,
            ],
        )


def _ties(staged: Staged, question: Asked, labels: Sequence[str]) -> list[str]:
    """Return the labels that prefer neither option.

    Those the mapping names; else those an unordered pair leaves as they are; else the usual words.
    """
    if question.rules.ties is not None:
        return question.rules.ties
    if question.level not in {"nominal", "ordinal"}:
        return []
    flips = staged.mapping.pair.flipped if staged.mapping.pair is not None else {}
    if flips and turns(staged.mapping, question.name):
        return [label for label in labels if label not in flips]
    return [label for label in labels if label.lower() in _TIES]
