"""The native `bundle`: a folder (or a zip of it) with one file for each kind of record.

`batch.toml` holds the facts of the batch and its questions; `annotations.*`, `items.*` and the
other files have the columns of the record tables, with ids where the store has keys. It is what
`batchgate export` writes and the one format that loses nothing.
"""

import tomllib
from collections.abc import Mapping, Sequence
from typing import Any, Final

import duckdb
from pydantic import ValidationError

from queries.errors import InputError
from queries.ingest.archives import BUNDLE, FACTS, stem
from queries.ingest.columns import Columns, broken, columns_of, longer_lines
from queries.ingest.facts import KINDS
from queries.ingest.files import InputFile
from queries.ingest.mapping import BATCH_FIELDS, Question
from queries.ingest.report import Example, Loss
from queries.ingest.separators import refuse_shifted
from queries.ingest.shape import SHAPE, Format, Sample, Shaped
from queries.ingest.text import closest, fill, identifier

ALIASES: Final = {
    "event": {"from_state": "from", "to_state": "to"},
    "person": {"annotator_id": "person_id", "annotator_group": "group"},
    "probe": {"expected": "expected_value"},
}
"""Other names of columns: the store must not use words of SQL, and a person is an annotator."""

_MAKE: Final = "create or replace temp table rows_{table} ({columns})"
_FILL: Final = "insert into rows_{table} by name select {columns} from {reader}"
_PLACED: Final = """
create or replace temp table shaped_{table} as select rowid + {first} as place, * from rows_{table}
"""


def _recognises(sample: Sample) -> bool:
    return any(name.rsplit("/", maxsplit=1)[-1] == FACTS for name in sample.names) or all(
        "/" in name and stem(name) in BUNDLE for name in sample.names
    )


def _shape(cursor: duckdb.DuckDBPyConnection, files: Sequence[InputFile]) -> Shaped:
    tables: dict[str, list[InputFile]] = {}
    unknown: list[Loss] = []
    facts: dict[str, Any] = {}
    for file in files:
        if file.form == "toml":
            facts = _facts(file)
        elif stem(file.name) in BUNDLE:
            tables.setdefault(BUNDLE[stem(file.name)], []).append(file)
        else:
            reason = f"{file.name} is no file of a bundle ({FACTS}, {'.*, '.join(BUNDLE)}.*)"
            unknown.append(Loss(reason, 1, fault=False, code="unused"))
    if not tables:
        raise InputError(f"{files[0].name}: a bundle needs annotations.* or another record file")
    counts: list[tuple[str, int, int]] = []
    for table, parts in tables.items():
        start = sum(rows for _, _, rows in counts)
        found = [_columns(cursor, table, file, unknown) for file in parts]
        columns = {column: None for _, named in found for column in named}
        typed = ", ".join(f"{identifier(column)} varchar" for column in columns)
        cursor.execute(fill(_MAKE, table=table, columns=typed))
        for there, named in found:
            first = sum(rows for _, _, rows in counts)
            counts.append((there.file.name, first, _load(cursor, table, there, named)))
        cursor.execute(fill(_PLACED, table=table, first=str(start)))
    questions = tuple(_questions(facts.pop("question", []), files))
    kind = facts.pop("kind", None)
    return Shaped(
        tables=frozenset(tables),
        files=tuple(counts),
        kind=kind,
        questions=questions,
        facts={key: str(value) for key, value in facts.items()},
        unknown=tuple(unknown),
    )


def _facts(file: InputFile) -> dict[str, Any]:
    """Read `batch.toml`: facts of the batch, its kind, and its questions."""
    try:
        content = tomllib.loads(file.path.read_text(encoding="utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{file.name}: not valid TOML: {error}") from None
    allowed = ("kind", "question", *BATCH_FIELDS)
    for key, value in content.items():
        if key not in allowed:
            raise InputError(f"{file.name}: key {key} is not known{closest(key, allowed)}")
        if key != "question" and isinstance(value, list | dict):
            raise InputError(f"{file.name}: {key}: found {value!r}; allowed: one value")
    kind = content.get("kind")
    if kind is not None and kind not in KINDS:
        raise InputError(f"{file.name}: kind: found {kind!r}{closest(str(kind), KINDS)}")
    return content


def _questions(tables: object, files: Sequence[InputFile]) -> list[Question]:
    name = next((file.name for file in files if file.form == "toml"), FACTS)
    if not isinstance(tables, list):
        raise InputError(f"{name}: write [[question]] in double brackets, one for each")
    found = []
    for number, table in enumerate(tables, 1):
        try:
            question = Question.model_validate(_ranked(table))
        except ValidationError as error:
            first = error.errors()[0]
            key = ".".join(map(str, first["loc"]))
            raise InputError(
                f"{name}: [[question]] {number} {key}: {first['msg']}; allowed: name, level, "
                "labels, ties, rename, missing"
            ) from None
        if question.column is not None:
            raise InputError(f"{name}: [[question]] {number}: column has no place in a bundle")
        found.append(question)
    return found


def _ranked(table: object) -> object:
    """In a bundle rankings are lists of tie groups; that need not be said."""
    if isinstance(table, Mapping) and table.get("level") == "ranking":
        return {"ranking": "order", **table}
    return table


def _columns(
    cursor: duckdb.DuckDBPyConnection, table: str, file: InputFile, unknown: list[Loss]
) -> tuple[Columns, dict[str, str]]:
    """Return the columns of a file, and column of the table -> column of the file."""
    found = columns_of(cursor, file)
    aliases = ALIASES.get(table, {})
    named = {
        column: name
        for column in SHAPE[table]
        for name in (aliases.get(column, column), column)
        if name in found.names
    }
    for name in found.names:
        if name not in named.values():
            reason = f"column {name!r} of {file.name} is not known"
            place = (Example(file.name, 0, name, None),)
            unknown.append(Loss(reason, 1, place, fault=False, code="unused"))
    if not named:
        raise InputError(f"{file.name}: no column of a {table}; allowed: {', '.join(SHAPE[table])}")
    return found, named


def _load(
    cursor: duckdb.DuckDBPyConnection, table: str, found: Columns, named: Mapping[str, str]
) -> int:
    """Read one file into `rows_<table>` and return how many records it has."""
    columns = ", ".join(
        f"{found.text(name, 'bundle')} as {identifier(column)}" for column, name in named.items()
    )
    reader: str | None = found.reader
    while reader is not None:
        try:
            done = cursor.execute(
                fill(_FILL, table=table, columns=columns, reader=reader)
            ).fetchone()
        except duckdb.OutOfMemoryException:
            raise
        except duckdb.Error as error:
            reader = longer_lines(reader, error)
            if reader is None:
                raise broken(found.file, error) from None
        else:
            rows = int(done[0]) if done else 0
            refuse_shifted(found.file, rows)
            return rows
    return 0


FORMAT: Final = Format(
    name="bundle",
    title="Batchgate's own bundle: a folder, or a zip of it, with a file for each kind of record",
    fields={f"{name}.*": f"{table}: {', '.join(SHAPE[table])}" for name, table in BUNDLE.items()}
    | {FACTS: f"facts of the batch ({', '.join(BATCH_FIELDS)}), kind, and [[question]] tables"},
    cannot_tell=(),
    recognises=_recognises,
    shape=_shape,
)
