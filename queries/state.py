"""What the live parts of a batch hold together, found once with each part."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from typing import Final

import duckdb

from queries.batches import PartInfo, Question, State
from queries.composition import Relation, compose
from queries.digest import batch_digest
from queries.errors import InputError
from queries.relations import Records, relations
from queries.schema import (
    ANNOTATION_DIMENSIONS,
    MAXIMUM_DIMENSIONS,
    MAXIMUM_LABELS,
    MAXIMUM_STRATA,
    PATTERN_LABELS,
    PATTERN_UNITS,
    RECORD_TABLES,
    ROLES,
)
from queries.scope import Parameters, Scope, Viewer

_APPENDED: Final = ("review", "event", "signal", "knowledge_link")
"""Tables whose rows are never versions of each other: all rows of all parts count."""
_FILLED_DIMENSIONS: Final = {
    "annotation.annotated_at": "week",
    "person.vendor": "vendor",
    "person.annotator_group": "annotator_group",
    "annotation.guideline_version": "guideline_version",
}


def to_json(state: State) -> str:
    """Write a state as JSON, as the catalogue keeps it."""
    values = {
        name: sorted(v) if isinstance(v, frozenset) else v for name, v in asdict(state).items()
    }
    return json.dumps(values, ensure_ascii=False, sort_keys=True)


def from_json(text: str) -> State:
    """Read a state back from JSON."""
    values = json.loads(text)
    values["questions"] = tuple(
        Question(
            name=each["name"],
            level=each["level"],
            labels=None if each["labels"] is None else tuple(each["labels"]),
            tie_labels=tuple(each["tie_labels"]),
            declared=each["declared"],
        )
        for each in values["questions"]
    )
    for name in ("filled", "repeated"):
        values[name] = frozenset(values[name])
    for name in ("roles", "dimensions", "other_dimensions", "vendors", "unpatterned"):
        values[name] = tuple(values[name])
    known = {field.name for field in fields(State)}
    return State(**{name: value for name, value in values.items() if name in known})


class _Reader:
    """Runs small questions over all records of the batch."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, records: Records) -> None:
        self._cursor = cursor
        everything = Scope("", viewer=Viewer.owner())
        self._relations: Mapping[str, Relation] = relations(records, everything)

    def rows(self, text: str, parameters: Parameters | None = None) -> list[tuple[object, ...]]:
        statement, values = compose(self._relations, text)
        return self._cursor.execute(statement, {**values, **(parameters or {})}).fetchall()

    def number(self, text: str) -> int:
        return int(str(self.rows(text)[0][0]))

    def texts(self, text: str) -> list[str]:
        return [str(row[0]) for row in self.rows(text)]


def state_of(
    cursor: duckdb.DuckDBPyConnection,
    parts: Sequence[PartInfo],
    files: Mapping[str, Sequence[str]],
    vendor: str | None,
) -> State:
    """Find the state of a batch from its live parts.

    Parameters
    ----------
    cursor : a cursor of the store's own instance
    parts : the live parts in their order
    files : table -> files, in the order of the parts
    vendor : vendor of the batch; of people who have none of their own

    Raises
    ------
    InputError
        When parts contradict each other about a question, or an attribute has a reserved name.
    """
    filled = frozenset(
        f"{table}.{column}"
        for part in parts
        for table, info in part.tables.items()
        for column in info.filled
    )
    state = State(digest=batch_digest(part.digest for part in parts), filled=filled)
    # Which tables repeat rows decides how they are read, so that has to be known first.
    state = replace(state, repeated=_repeated(cursor, parts, Records(state, files, vendor)))
    reader = _Reader(cursor, Records(state, files, vendor))
    questions, roles = _questions(reader), _roles(reader)
    dimensions, others = _dimensions(reader, filled)
    return replace(
        _counted(state, reader, parts),
        questions=questions,
        roles=tuple(role for role in ROLES if role in roles),
        dimensions=dimensions,
        other_dimensions=others,
        vendors=_vendors(reader, vendor),
        has_probes="probe.type" in filled and _has_probes(reader),
        has_groups="item.group_id" in filled and _has_groups(reader),
        unpatterned=_unpatterned(reader, questions),
    )


def _repeated(
    cursor: duckdb.DuckDBPyConnection, parts: Sequence[PartInfo], records: Records
) -> frozenset[str]:
    """Return the tables of which a row may stand in several parts, or an answer in rounds."""
    assumed = frozenset(table for table, found in records.files.items() if len(found) > 1)
    reader = _Reader(cursor, replace(records, state=replace(records.state, repeated=assumed)))
    repeated = assumed - {*_APPENDED, "annotation"}
    if any(part.repeats for part in parts) or ("annotation" in assumed and _overlap(reader)):
        repeated |= {"annotation"}
    return repeated


def _overlap(reader: _Reader) -> bool:
    """Whether two parts hold an answer of one person to one question on one item."""
    return bool(
        reader.rows(
            "select 1 from record_annotation as a inner join record_annotation as b"
            " on a.item_id = b.item_id and a.question = b.question"
            " and a.person_key = b.person_key and a.part < b.part"
            " where a.status = 'submitted' and b.status = 'submitted' limit 1"
        )
    )


def _counted(state: State, reader: _Reader, parts: Sequence[PartInfo]) -> State:
    def rows(table: str) -> int:
        return sum(part.tables[table].rows for part in parts if table in part.tables)

    return replace(
        state,
        items=reader.number(
            "select count(*) from (select item_id from record_item"
            " union select item_id from record_annotation)"
        ),
        annotations=_answers(state, reader) or rows("annotation"),
        annotators=reader.number("select count(distinct person_key) from record_annotation"),
        reviews=rows("review"),
    )


def _answers(state: State, reader: _Reader) -> int:
    """Return how many answers there are where a later part replaces those of an earlier one."""
    if "annotation" not in state.repeated:
        return 0
    return reader.number(
        "select count(*) from (select distinct item_id, question, person_key, round,"
        " status = 'submitted' from record_annotation)"
    )


def _roles(reader: _Reader) -> set[str]:
    return set(
        reader.texts(
            "select distinct role from record_annotation"
            " where status = 'submitted' and value is not null and role is not null"
        )
    )


def _questions(reader: _Reader) -> tuple[Question, ...]:
    merged: dict[str, Question] = {}
    rows = reader.rows(
        "select name, level, labels, tie_labels, declared from record_question order by part, name"
    )
    for name, level, labels, ties, declared in rows:
        new = Question(
            name=str(name),
            level=str(level),
            labels=None if labels is None else tuple(json.loads(str(labels))),
            tie_labels=() if ties is None else tuple(json.loads(str(ties))),
            declared=bool(declared),
        )
        merged[new.name] = _merge(merged[new.name], new) if new.name in merged else new
    return tuple(_with_values_found(reader, merged).values())


def _merge(old: Question, new: Question) -> Question:
    if old.level != new.level:
        message = (
            f"question {old.name!r} has level {old.level} in this batch and {new.level} in the new "
            f"part; give it the level {old.level}, or replace the batch"
        )
        raise InputError(message)
    ties = tuple(dict.fromkeys((*old.tie_labels, *new.tie_labels)))
    declared = old.declared or new.declared
    if old.labels is None or new.labels is None:
        return replace(old, labels=None, tie_labels=ties, declared=declared)
    first, second = (new, old) if new.declared and not old.declared else (old, new)
    labels = tuple(dict.fromkeys((*(first.labels or ()), *(second.labels or ()))))
    if not declared and old.level in ("nominal", "set"):
        labels = tuple(sorted(labels))
    return replace(old, labels=_enumerable(labels), tie_labels=ties, declared=declared)


def _enumerable(labels: tuple[str, ...]) -> tuple[str, ...] | None:
    return labels if len(labels) <= MAXIMUM_LABELS else None


def _with_values_found(reader: _Reader, merged: dict[str, Question]) -> dict[str, Question]:
    """Add values that no part lists as a label, so that no answer is lost from the statistics."""
    unknown = set(reader.texts("select distinct question from record_annotation")) - set(merged)
    if unknown:
        message = f"answers to {sorted(unknown)} have no row in the question table"
        raise ValueError(message)
    listed = [question.name for question in merged.values() if question.labels is not None]
    rows = reader.rows(
        "select question, value from record_annotation where value is not null"
        " and status = 'submitted' and question = any($listed::varchar[])"
        " group by question, value order by question, value",
        {"listed": listed},
    )
    for name, value in rows:
        question = merged[str(name)]
        if question.labels is not None and value not in question.labels:
            labels = _enumerable((*question.labels, str(value)))
            merged[question.name] = replace(question, labels=labels)
    return merged


def _dimensions(reader: _Reader, filled: frozenset[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the dimensions with strata in the statistics, and the attributes without."""
    rows = reader.rows(
        "select name, count(distinct value), count(*) from merged_item_attribute"
        " where value is not null and value <> '' and name is not null group by name"
    )
    for name, *_ in rows:
        if name in ANNOTATION_DIMENSIONS or name == "":
            message = (
                f"an item attribute cannot be called {name!r}: "
                f"{', '.join(ANNOTATION_DIMENSIONS)} are dimensions of the answer; rename it"
            )
            raise InputError(message)
    small = [row for row in rows if int(str(row[1])) <= MAXIMUM_STRATA]
    # The attributes most items have are kept; the name decides between equals.
    small.sort(key=lambda row: (-int(str(row[2])), str(row[0])))
    kept = sorted(str(row[0]) for row in small[:MAXIMUM_DIMENSIONS])
    others = sorted({str(row[0]) for row in rows} - set(kept))
    of_answers = [name for column, name in _FILLED_DIMENSIONS.items() if column in filled]
    return (*kept, *of_answers), tuple(others)


def _vendors(reader: _Reader, vendor: str | None) -> tuple[str, ...]:
    """Return the vendors of those who answered; '' where one is not known."""
    rows = reader.rows(
        "select distinct coalesce(p.vendor, $vendor::varchar, '') from"
        " (select distinct person_key from record_annotation) as a"
        " left join merged_person as p on a.person_key = p.person_key",
        {"vendor": vendor},
    )
    return tuple(sorted(str(row[0]) for row in rows))


def _has_probes(reader: _Reader) -> bool:
    text = "select 1 from merged_probe where type in ('golden', 'trap') limit 1"
    return bool(reader.rows(text))


def _has_groups(reader: _Reader) -> bool:
    return bool(
        reader.rows(
            "select 1 from merged_item where group_id is not null and item_id in"
            " (select item_id from record_annotation where status = 'submitted')"
            " group by group_id having count(*) > 1 limit 1"
        )
    )


def _unpatterned(reader: _Reader, questions: Sequence[Question]) -> tuple[str, ...]:
    large = [q.name for q in questions if q.labels is None or len(q.labels) > PATTERN_LABELS]
    if not large:
        return ()
    rows = reader.rows(
        "select question from record_annotation where question = any($large::varchar[])"
        " and status = 'submitted' and value is not null"
        " group by question having count(distinct item_id) > $units order by question",
        {"large": large, "units": PATTERN_UNITS},
    )
    return tuple(str(row[0]) for row in rows)


def files_of(parts: Sequence[PartInfo], folders: Mapping[str, str]) -> dict[str, list[str]]:
    """Return table -> files of the parts, in their order; `folders` maps part key -> folder."""
    ordered = sorted(parts, key=lambda part: part.sequence)
    return {
        table: [
            f"{folders[part.part_key]}/{table}.parquet" for part in ordered if table in part.tables
        ]
        for table in RECORD_TABLES
    }
