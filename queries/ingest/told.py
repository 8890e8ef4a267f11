"""What a mapping changes of a format whose columns are known.

Its questions, roles, constants and time zone go before those of the format; its columns,
attributes and probes name fields of the exported records.
"""

from collections.abc import Iterator
from typing import Final

import duckdb

from queries.errors import InputError
from queries.ingest.columns import pointer
from queries.ingest.mapping import ANSWER_FIELDS, ITEM_FIELDS, Mapping, Question
from queries.ingest.shape import Shaped
from queries.ingest.text import canonical, closest, fill, identifier, literal

KEYS: Final = ("item_id", "annotator_id", "question", "value")
_FIELD: Final = "json_extract_string(e.json, {pointer})"
_WITH: Final = """
create or replace temp table {table} as
select s.* {without}, {columns}
from (select * from {table}) as s left join exported as e using (place)
"""
_ANY: Final = "select {tests} from exported"
_ATTRIBUTES: Final = """
insert into shaped_item_attribute (place, item_id, name, value)
select s.place, s.item_id, {name}, {field}
from shaped_item as s join exported as e using (place)
"""
_NO_ATTRIBUTES: Final = """
create temp table if not exists shaped_item_attribute
(place bigint, item_id varchar, name varchar, value varchar)
"""
_ASKED: Final = "select distinct canonical(question) from shaped_annotation order by all"
_COLUMNS: Final = "select column_name from (describe {table})"


def columns_in(cursor: duckdb.DuckDBPyConnection, table: str) -> tuple[str, ...]:
    """Return the columns of a shaped relation, `place` aside."""
    rows = cursor.execute(fill(_COLUMNS, table=f"shaped_{table}")).fetchall()
    return tuple(str(row[0]) for row in rows if row[0] != "place")


def told_mapping(
    cursor: duckdb.DuckDBPyConnection,
    shaped: Shaped,
    told: Mapping | None,
    constants: dict[str, str],
) -> tuple[Mapping, tuple[str, ...]]:
    """Return the mapping to read the shaped answers by, and the columns they have.

    Raises
    ------
    InputError
        When the mapping names what the format does not have, or says what it says itself.
    """
    user = (told or Mapping()).with_constants(constants)
    _refuse_layout(user)
    _take_fields(cursor, shaped, user)
    columns = columns_in(cursor, "annotation") if "annotation" in shaped.tables else ()
    for key in user.constants:
        if key in columns:
            raise InputError(f"{key} = {user.constants[key]!r}: the format says it of every answer")
    mapping = Mapping(
        kind=user.kind or shaped.kind,
        columns={name: name for name in columns if name in (*KEYS, *ANSWER_FIELDS)},
        time=user.time,
        constants={**_canonical(shaped), **user.constants},
        role=user.role,
        question=list(_questions(cursor, shaped, user)),
        duplicates=user.duplicates,
        probe=user.probe,
    )
    return mapping, columns


def _canonical(shaped: Shaped) -> dict[str, str]:
    return {key: canonical(value) for key, value in shaped.facts.items()}


def _refuse_layout(user: Mapping) -> None:
    """Refuse what lays out a plain table."""
    for key in ("pair", "wide"):
        if getattr(user, key) is not None:
            raise InputError(f"mapping: [{key}] is for --format table; this format does it itself")
    if user.time.duration_seconds is not None:
        raise InputError("mapping: [time] duration_seconds is for --format table")
    for question in user.question:
        if question.column is not None:
            raise InputError(
                f"mapping: [[question]] {question.name}: column is for --format table; here the "
                "answers are where the format has them: take column away"
            )
    for key in user.columns:
        if key in KEYS or key not in (*ITEM_FIELDS, *ANSWER_FIELDS):
            allowed = (*ITEM_FIELDS, *ANSWER_FIELDS)
            raise InputError(
                f"mapping: [columns] {key} is known to this format{closest(key, allowed)}"
            )


def _questions(
    cursor: duckdb.DuckDBPyConnection, shaped: Shaped, user: Mapping
) -> Iterator[Question]:
    """Yield the questions; what the mapping says of one goes before what the format says."""
    said = {question.name: question for question in user.question}
    for question in shaped.questions:
        own = question.model_dump(exclude_unset=True)
        more = said.pop(question.name, None)
        if more is not None:
            own |= more.model_dump(exclude_unset=True)
            if more.labels is not None and more.ties is None:
                own.pop("ties", None)
            if question.scale == "ranking" and more.scale != "ranking" and more.level is not None:
                own.pop("ranking", None)
        yield Question.model_validate(own)
    if said:
        names = [str(row[0]) for row in cursor.execute(_ASKED).fetchall()]
        strange = [name for name in said if name not in names]
        if strange:
            nearest = closest(strange[0], names)
            raise InputError(f"[[question]] {strange[0]!r} is asked nowhere in the data{nearest}")
    yield from said.values()


def _take_fields(cursor: duckdb.DuckDBPyConnection, shaped: Shaped, user: Mapping) -> None:
    """Bring the fields of the exported records that the mapping names into the shaped tables."""
    items = {name: _path(path) for name, path in user.columns.items() if name in ITEM_FIELDS}
    answers = {name: _path(path) for name, path in user.columns.items() if name in ANSWER_FIELDS}
    for probe in user.probe:
        named = [probe.when.column if probe.when else None, probe.expected]
        answers |= {path: path for path in named if path is not None}
    _refuse_absent(cursor, {*items.values(), *answers.values(), *user.attributes.values()})
    for table, fields in (("item", items), ("annotation", answers)):
        if fields and table in shaped.tables:
            _add_columns(cursor, table, fields)
    if user.attributes and "item" in shaped.tables:
        cursor.execute(_NO_ATTRIBUTES)
        for name, path in user.attributes.items():
            cursor.execute(fill(_ATTRIBUTES, name=literal(name), field=_field(path)))


def _path(path: str | list[str]) -> str:
    if isinstance(path, list):
        raise InputError("mapping: [columns] a list of columns is for --format table")
    return path


def _add_columns(cursor: duckdb.DuckDBPyConnection, table: str, fields: dict[str, str]) -> None:
    there = [name for name in columns_in(cursor, table) if name in fields]
    without = f"exclude ({', '.join(map(identifier, there))})" if there else ""
    columns = ", ".join(f"{_field(path)} as {identifier(name)}" for name, path in fields.items())
    cursor.execute(fill(_WITH, table=f"shaped_{table}", without=without, columns=columns))


def _refuse_absent(cursor: duckdb.DuckDBPyConnection, paths: set[str]) -> None:
    """Refuse a field that no exported record has."""
    if not paths:
        return
    ordered = sorted(paths)
    tests = ", ".join(f"bool_or({_exists(path)})" for path in ordered)
    found = cursor.execute(fill(_ANY, tests=tests)).fetchone() or ()
    absent = [path for path, any_ in zip(ordered, found, strict=True) if not any_]
    if absent:
        keys = "select distinct unnest(json_keys(json)) as key from exported order by key"
        known = [str(row[0]) for row in cursor.execute(keys).fetchall()]
        raise InputError(
            f"mapping: no field {absent[0]!r} in the export{closest(absent[0], known)}"
        )


def _exists(path: str) -> str:
    return " or ".join(f"json_exists(json, {each})" for each in _pointers(path))


def _field(path: str) -> str:
    return f"coalesce({', '.join(fill(_FIELD, pointer=each) for each in _pointers(path))})"


def _pointers(path: str) -> list[str]:
    """Return where a field may stand: under exactly that name first, else nested."""
    return [pointer([path]), pointer(path.split("."))]
