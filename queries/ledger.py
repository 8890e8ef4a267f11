"""Rows of the catalogue as values, and back. Every function takes a cursor of the catalogue."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

import duckdb

from queries.batches import FACTS, BatchFacts, BatchInfo, PartInfo, SourceFile, State, TableInfo
from queries.catalogue import now
from queries.materialise import Statistic
from queries.selects import select
from queries.state import from_json, to_json
from queries.succession import read_decided, read_successors

Cursor = duckdb.DuckDBPyConnection
_UPDATE_BATCH: Final = " ".join(
    [
        "update catalogue.batch set state = $state,",
        ", ".join(f"{name} = coalesce(${name}, {name})" for name in FACTS),
        "where batch_id = $id",
    ]
)


def read_batches(cursor: Cursor, batch_id: str | None = None) -> list[BatchInfo]:
    """Return all batches that have a part, or the one of that id."""
    parts: dict[str, list[PartInfo]] = {}
    for part_batch, part in _read_parts(cursor, batch_id):
        parts.setdefault(part_batch, []).append(part)
    columns = ["batch_id", "batch_key", "state", *FACTS]
    statement = select(
        columns,
        "catalogue.batch",
        where=["($batch_id::varchar is null or batch_id = $batch_id)", "state is not null"],
        order_by=["created_at", "batch_id"],
    )
    successors, decisions = read_successors(cursor), read_decided(cursor)
    found = []
    for row in cursor.execute(statement, {"batch_id": batch_id}).fetchall():
        values = dict(zip(columns, row, strict=True))
        state = from_json(values.pop("state"))
        live = tuple(parts.get(values["batch_id"], ()))
        latest = max((part.imported_at for part in live if part.imported_at), default=None)
        own = {
            "parts": live,
            "imported_at": latest,
            "superseded_by": successors.get(values["batch_id"], ()),
            "decision": decisions.get(values["batch_id"]),
        }
        found.append(BatchInfo(**{**_fields(state), **values, **own}))
    return found


def _fields(state: State) -> dict[str, object]:
    return {name: getattr(state, name) for name in State.__dataclass_fields__}


def read_all_parts(cursor: Cursor) -> list[tuple[str, PartInfo]]:
    """Return batch id and part of every import there ever was, replaced ones included."""
    return [*_read_parts(cursor, None), *_read_parts(cursor, None, live=False)]


def read_replaced(cursor: Cursor, batch_id: str) -> list[PartInfo]:
    """Return the parts of a batch that were replaced, oldest first."""
    return [part for _, part in _read_parts(cursor, batch_id, live=False)]


def _read_parts(
    cursor: Cursor, batch_id: str | None, *, live: bool = True
) -> Iterable[tuple[str, PartInfo]]:
    rows = cursor.execute(
        "select batch_id, part_key, sequence, source_files, tables, rows, digest, location,"
        " imported_at, format, mapping_sha256, facts, retired_at from catalogue.part"
        " where (retired_at is null) = $live"
        " and ($batch_id::varchar is null or batch_id = $batch_id)"
        " order by batch_id, sequence",
        {"batch_id": batch_id, "live": live},
    ).fetchall()
    for batch_key, *row in rows:
        yield batch_key, _part(row)


def _part(row: Sequence[Any]) -> PartInfo:
    key, sequence, sources, tables, count, digest, location, at, kind, mapping, facts, retired = row
    return PartInfo(
        part_key=key,
        sequence=sequence,
        digest=digest,
        rows=count,
        tables={name: TableInfo(**info) for name, info in json.loads(tables).items()},
        location=location,
        repeats=json.loads(facts)["repeats"],
        source_files=tuple(SourceFile(**each) for each in json.loads(sources)),
        format=kind,
        mapping_sha256=mapping,
        imported_at=at,
        retired_at=retired,
    )


def read_statistics(cursor: Cursor, batch_id: str) -> dict[str, Statistic]:
    """Return inputs digest -> statistic of a batch."""
    rows = cursor.execute(
        "select name, inputs_digest, path, rows, sha256 from catalogue.statistic"
        " where batch_id = $batch_id",
        {"batch_id": batch_id},
    ).fetchall()
    return {row[1]: Statistic(*row) for row in rows}


def locations(cursor: Cursor) -> set[str]:
    """Return every folder and file the catalogue speaks of, replaced parts included."""
    rows = cursor.execute(
        "select location from catalogue.part union all"
        " select path from catalogue.statistic where path is not null"
    ).fetchall()
    return {str(row[0]) for row in rows}


def decided(cursor: Cursor, batch_id: str) -> bool:
    """Whether a decision on the batch is on record."""
    return bool(
        cursor.execute(
            "select 1 from catalogue.decision where batch_id = $batch_id limit 1",
            {"batch_id": batch_id},
        ).fetchall()
    )


def write_batch(
    cursor: Cursor, batch_id: str, batch_key: str, facts: BatchFacts, state: State
) -> None:
    """Insert a batch, or update what is known of it; facts that are None stay as they are."""
    cursor.execute(
        "insert into catalogue.batch (batch_id, batch_key, kind, created_at)"
        " select $batch_id, $batch_key, $kind, $at"
        " where not exists (select 1 from catalogue.batch where batch_id = $batch_id)",
        {"batch_id": batch_id, "batch_key": batch_key, "kind": facts.kind or "", "at": now()},
    )
    cursor.execute(_UPDATE_BATCH, {**asdict(facts), "id": batch_id, "state": to_json(state)})


def write_part(
    cursor: Cursor, batch_id: str, part: PartInfo, report: Mapping[str, object], at: datetime
) -> None:
    """Insert a part and its import report."""
    sources = [asdict(each) for each in part.source_files]
    tables = {name: asdict(info) for name, info in part.tables.items()}
    cursor.execute(
        "insert into catalogue.part (part_key, batch_id, sequence, source_files, tables, rows,"
        " digest, location, imported_at, format, mapping_sha256, facts) values ($part_key,"
        " $batch_id, $sequence, $source_files, $tables, $rows, $digest, $location, $imported_at,"
        " $format, $mapping_sha256, $facts)",
        {
            "part_key": part.part_key,
            "batch_id": batch_id,
            "sequence": part.sequence,
            "source_files": json.dumps(sources, ensure_ascii=False),
            "tables": json.dumps(tables),
            "rows": part.rows,
            "digest": part.digest,
            "location": part.location,
            "imported_at": at,
            "format": part.format,
            "mapping_sha256": part.mapping_sha256,
            "facts": json.dumps({"repeats": part.repeats}),
        },
    )
    cursor.execute(
        "insert into catalogue.import_report values ($part_key, $report)",
        {
            "part_key": part.part_key,
            "report": json.dumps(report, ensure_ascii=False, default=str, sort_keys=True),
        },
    )


def retire_parts(cursor: Cursor, batch_id: str, at: datetime) -> None:
    """Take all live parts of a batch out of use; their rows and files stay."""
    cursor.execute(
        "update catalogue.part set retired_at = $at"
        " where batch_id = $batch_id and retired_at is null",
        {"batch_id": batch_id, "at": at},
    )


def last_sequence(cursor: Cursor, batch_id: str) -> int:
    """Return the highest part number a batch ever had, 0 when it has none."""
    row = cursor.execute(
        "select coalesce(max(sequence), 0) from catalogue.part where batch_id = $batch_id",
        {"batch_id": batch_id},
    ).fetchone()
    return int(row[0]) if row else 0


def write_statistics(cursor: Cursor, batch_id: str, statistics: Sequence[Statistic]) -> None:
    """Put the statistics of the new state of a batch in place of those of the old one."""
    cursor.execute("delete from catalogue.statistic where batch_id = $id", {"id": batch_id})
    add_statistics(cursor, batch_id, statistics)


def add_statistics(cursor: Cursor, batch_id: str, statistics: Sequence[Statistic]) -> None:
    """Put further statistics beside those of the present state of a batch."""
    for each in statistics:
        cursor.execute(
            "insert into catalogue.statistic"
            " values ($batch, $name, $digest, $path, $rows, $sha256)",
            {
                "batch": batch_id,
                "name": each.name,
                "digest": each.inputs_digest,
                "path": each.path,
                "rows": each.rows,
                "sha256": each.sha256,
            },
        )


def read_people(cursor: Cursor, ids: Sequence[str]) -> dict[str, str]:
    """Return id -> key of the people among these ids that the store knows."""
    rows = cursor.execute(
        "select person_id, person_key from catalogue.person where person_id = any($ids::varchar[])",
        {"ids": list(ids)},
    ).fetchall()
    return dict(rows)


def write_people(cursor: Cursor, people: Mapping[str, tuple[str, str]], at: datetime) -> None:
    """Insert new people: id -> (key, salt)."""
    cursor.execute(
        "insert into catalogue.person select unnest($keys::varchar[]), unnest($ids::varchar[]),"
        " unnest($salts::varchar[]), $at",
        {
            "keys": [key for key, _ in people.values()],
            "ids": list(people),
            "salts": [salt for _, salt in people.values()],
            "at": at,
        },
    )


def read_names(cursor: Cursor, keys: Sequence[str]) -> dict[str, str | None]:
    """Return key -> id of people; None where the person was erased."""
    rows = cursor.execute(
        "select person_key, person_id from catalogue.person"
        " where person_key = any($keys::varchar[])",
        {"keys": list(keys)},
    ).fetchall()
    return dict(rows)


def read_all_names(cursor: Cursor) -> dict[str, str]:
    """Return key -> id of everybody who was not erased."""
    rows = cursor.execute(
        "select person_key, person_id from catalogue.person where person_id is not null"
    ).fetchall()
    return dict(rows)


def read_decision(cursor: Cursor, batch_id: str) -> dict[str, str] | None:
    """Return the decision on the batch that stands, None where nobody decided."""
    columns = ["decision_id", "scope", "decided", "decided_by", "decided_at", "standard_sha256"]
    row = cursor.execute(
        select(
            [*columns, "batch_digest", "sha256"],
            "catalogue.decision",
            where=["batch_id = $batch_id"],
            order_by=["decided_at desc"],
            limit=1,
        ),
        {"batch_id": batch_id},
    ).fetchone()
    if row is None:
        return None
    names = (*columns, "batch_digest", "sha256")
    return {name: str(value) for name, value in zip(names, row, strict=True)}


def read_report(cursor: Cursor, part_key: str) -> dict[str, object] | None:
    """Return the import report of a part."""
    row = cursor.execute(
        "select report from catalogue.import_report where part_key = $key", {"key": part_key}
    ).fetchone()
    return None if row is None else dict(json.loads(row[0]))


def read_standard(cursor: Cursor, sha256: str) -> str | None:
    """Return the content of a standard that was kept."""
    row = cursor.execute(
        "select content from catalogue.standard where sha256 = $sha256", {"sha256": sha256}
    ).fetchone()
    return None if row is None else str(row[0])


def write_standard(cursor: Cursor, sha256: str, content: str) -> None:
    """Keep a standard by its hash; one that is there already stays."""
    cursor.execute(
        "insert or ignore into catalogue.standard values ($sha256, $content)",
        {"sha256": sha256, "content": content},
    )


def read_cross_checks(cursor: Cursor, batch_digest: str) -> dict[str, tuple[str, float | None]]:
    """Return question -> second program and its difference, for one state of a batch."""
    rows = cursor.execute(
        "select question, program, difference from catalogue.cross_check"
        " where batch_digest = $digest",
        {"digest": batch_digest},
    ).fetchall()
    return {question: (program, difference) for question, program, difference in rows}


def write_cross_checks(
    cursor: Cursor, batch_digest: str, program: str, differences: Mapping[str, float | None]
) -> None:
    """Keep what a second program made of the questions of one state of a batch."""
    for question, difference in differences.items():
        cursor.execute(
            "insert or replace into catalogue.cross_check"
            " values ($digest, $question, $program, $difference)",
            {
                "digest": batch_digest,
                "question": question,
                "program": program,
                "difference": difference,
            },
        )
