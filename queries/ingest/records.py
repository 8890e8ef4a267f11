"""Every kind of record besides answers: read, checked, and made ready for its table.

The relations `shaped_<table>` hold text; each becomes `typed_<table>` with the columns of its
record table. A record without what identifies it is dropped, a value that cannot be read is left
out, and both are counted.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import duckdb

from queries.batches import Question as Known
from queries.ingest.record_rules import ASKED, PEOPLE, RULES, reading
from queries.ingest.report import EXAMPLES, Code, Loss, Side
from queries.ingest.shape import SHAPE
from queries.ingest.table import Staged
from queries.ingest.text import fill, identifier, literal
from queries.ingest.told import columns_in
from queries.ingest.values import asked_of, map_values
from queries.parts import PartWriter
from queries.relations import MERGED_KEYS
from queries.schema import RECORD_TABLES

_IDS: Final = "select distinct neat({column}) from shaped_{table} where not blank({column})"
_KEYS: Final = """
create or replace temp table side_keys as
select unnest($ids::varchar[]) as id, unnest($keys::varchar[]) as key
"""
_VALUE: Final = """
select place as record, {asked} as question, {column} as raw
from shaped_{table} as s where not blank({column})
"""
_NO_VALUE: Final = "select 0 as record, '' as question, '' as raw where false"
_VALUES: Final = "create or replace temp view side_values as {selects}"

# What was said stands beside what was read, so that a fault is found in one pass.
_READ: Final = (
    "create or replace temp table read_{table} as select place, {columns} from shaped_{table} as s"
)
_FAULTS: Final = "select {counts} from read_{table}"
_FAULTY: Final = """
select place, {said} from read_{table} where {fault} order by place limit $limit
"""
_MEND: Final = "update read_{table} set {first} = null, {last} = null where {first} > {last}"
_DIFFERING: Final = """
select min(place) as place, min({key}), count(*) over () from read_{table} where {sound}
group by {keys} having min({column}) <> max({column}) order by place limit $limit
"""
_ONE_EACH: Final = """
create or replace temp table typed_{table} as
select {columns} from read_{table} where {sound} group by {keys}
"""
_ALL: Final = """
create or replace temp table typed_{table} as
select distinct {columns} from read_{table} where {sound}
"""
_TWICE: Final = """
select (select count(*) from read_{table} where {sound}) - (select count(*) from typed_{table})
"""
_STRANGERS: Final = """
select item_id, sum(count(*)) over () from typed_{table}
where item_id not in (from ({known}) where item_id is not null)
group by item_id order by item_id limit $limit
"""
_NEW: Final = """
delete from typed_{table} as t where exists (
    from read_parquet($files) as e where e is not distinct from t
)
"""


@dataclass(frozen=True, slots=True)
class _Fault:
    """A way a column can be wrong: how it is told, when it is so, what would be right."""

    reason: str
    column: str
    condition: str
    allowed: str | None
    drops: bool
    code: Code


class SideRecords:
    """Reads the shaped relations besides answers; `dropped` and `coerced` tell what was wrong."""

    def __init__(
        self, cursor: duckdb.DuckDBPyConnection, staged: Staged, writer: PartWriter
    ) -> None:
        self._cursor = cursor
        self._staged = staged
        self._writer = writer
        shaped = staged.shaped.tables if staged.shaped is not None else ()
        self.tables = tuple(table for table in SHAPE if table in shaped and table != "annotation")
        self._there = {table: columns_in(cursor, table) for table in self.tables}
        self._only = "null"
        self.dropped: list[Loss] = []
        self.coerced: list[Loss] = []

    def read(self, known: Sequence[Known]) -> tuple[Side, ...]:
        """Make `typed_<table>` of every table; `known` are the questions asked of the batch."""
        self._know_people()
        self._read_values(known)
        return tuple(self._read_table(table) for table in self.tables)

    def _know_people(self) -> None:
        selects = [
            fill(_IDS, column=column, table=table)
            for table, columns in self._there.items()
            for column in columns
            if column in PEOPLE
        ]
        found = self._cursor.execute(" union ".join(selects)).fetchall() if selects else []
        keys = self._writer.keys_of(sorted(str(row[0]) for row in found))
        self._cursor.execute(_KEYS, {"ids": list(keys), "keys": list(keys.values())})

    def _read_values(self, known: Sequence[Known]) -> None:
        """Read answers in reviews, resolutions and probes as those to the same question."""
        if len(known) == 1:
            self._only = literal(known[0].name)
        selects = [
            fill(_VALUE, table=table, column=column, asked=self._asked(table))
            for table, columns in self._there.items()
            for column in columns
            if column in RULES[table].valued
        ]
        self._cursor.execute(fill(_VALUES, selects=" union all ".join(selects) or _NO_VALUE))
        mapping = self._staged.mapping
        asked = asked_of(self._cursor, mapping, known, source="side_values")
        map_values(self._cursor, mapping, asked, source="side_values", target="side_map")

    def _asked(self, table: str) -> str:
        named = "s.question" if "question" in self._there[table] else "null::varchar"
        return fill(ASKED, question=named, only=self._only)

    def _read_table(self, table: str) -> Side:
        there, constants = self._there[table], self._staged.mapping.constants
        columns = []
        for column in SHAPE[table]:
            value = f"cast(null as {RECORD_TABLES[table].get(column, 'varchar')})"
            if column in there:
                time, asked = self._staged.mapping.time, self._asked(table)
                value = reading(table, column, time=time, asked=asked)[0]
                columns.append(f"{identifier(column)} as {_said(column)}")
            elif column == "question":
                value = self._asked(table)
            elif column == "length" and "text" in there:
                value = "length(text)"
            elif column in constants and table in {"item", "person"}:
                value = f"cast({literal(constants[column])} as {RECORD_TABLES[table][column]})"
            columns.append(f"{value} as {identifier(column)}")
        make = fill(_READ, table=table, columns=", ".join(columns))
        done = self._cursor.execute(make).fetchone()
        self._tell(table, tuple(self._faults(table)))
        return self._keep(table, int(done[0]) if done else 0)

    def _faults(self, table: str) -> Iterator[_Fault]:
        rules, there, one = RULES[table], self._there[table], _one(table)
        for column in rules.required:
            unread = f"{identifier(column)} is null"
            if column in there:
                unread += f" and blank({_said(column)})"
            if column not in rules.unsaid:
                yield _Fault(
                    f"{one} without {column}",
                    column,
                    unread,
                    "a value",
                    drops=True,
                    code="missing_field",
                )
        for column in there:
            if column in PEOPLE or column not in SHAPE[table]:
                continue
            said, drops = _said(column), column in rules.required
            unread = f"{identifier(column)} is null and not blank({said})"
            allowed = reading(table, column, time=self._staged.mapping.time, asked="null")[1]
            if allowed is not None:
                reason = f"{column} of a {one} cannot be read"
                yield _Fault(reason, column, unread, allowed, drops, _code(table, column))
        if rules.span is not None and set(rules.span) <= set(there):
            first, last = rules.span
            yield _Fault(
                f"{one} that ends before it starts; its times are left out",
                last,
                f"{first} > {last}",
                f"not before {first}",
                drops=False,
                code="impossible_time",
            )

    def _tell(self, table: str, faults: Sequence[_Fault]) -> None:
        """Count every fault in one pass, and look up examples of those there are."""
        if not faults:
            return
        counts = ", ".join(f"count(*) filter (where {fault.condition})" for fault in faults)
        found = self._cursor.execute(fill(_FAULTS, counts=counts, table=table)).fetchone() or ()
        for count, fault in zip(found, faults, strict=True):
            if not count:
                continue
            said = _said(fault.column) if fault.column in self._there[table] else "null"
            query = fill(_FAULTY, said=said, table=table, fault=fault.condition)
            rows = self._cursor.execute(query, {"limit": EXAMPLES}).fetchall()
            examples = tuple(
                self._staged.placed(int(place), f"{table}.{fault.column}", value, fault.allowed)
                for place, value in rows
            )
            told = self.dropped if fault.drops else self.coerced
            told.append(Loss(fault.reason, int(count), examples, code=fault.code))
        span = RULES[table].span
        if span is not None and set(span) <= set(self._there[table]):
            self._cursor.execute(fill(_MEND, table=table, first=span[0], last=span[1]))

    def _keep(self, table: str, read: int) -> Side:
        """Make `typed_<table>`: a row for each thing described, or each thing that happened."""
        names = dict(zip(SHAPE[table], RECORD_TABLES[table], strict=True))
        sound = " and ".join(f"{identifier(c)} is not null" for c in RULES[table].required)
        parts = {"table": table, "sound": sound or "true"}
        keys = [column for column, name in names.items() if name in MERGED_KEYS.get(table, ())]
        if keys:
            listed = ", ".join(map(identifier, keys))
            self._tell_conflicts(keys, listed, parts)
            columns = [
                f"{column if column in keys else f'arg_min({identifier(column)}, place)'} "
                f"as {identifier(name)}"
                for column, name in names.items()
            ]
            query = fill(_ONE_EACH, columns=", ".join(columns), keys=listed, **parts)
        else:
            columns = [
                f"{identifier(column)} as {identifier(name)}" for column, name in names.items()
            ]
            query = fill(_ALL, columns=", ".join(columns), **parts)
        done = self._cursor.execute(query).fetchone()
        kept = int(done[0]) if done else 0
        again = self._cursor.execute(fill(_TWICE, **parts)).fetchone()
        twice = int(again[0]) if again else 0
        if keys:  # the rows that describe one thing are that thing
            return Side(table, read - twice, kept)
        self._tell_repeated(f"the same {_one(table)} twice", twice)
        return Side(table, read, kept - self._drop_earlier(table))

    def _drop_earlier(self, table: str) -> int:
        """Leave out what an earlier part has told already; return how many records."""
        files = self._writer.earlier(table)
        if not files:
            return 0
        done = self._cursor.execute(fill(_NEW, table=table), {"files": files}).fetchone()
        known = int(done[0]) if done else 0
        self._tell_repeated(f"{_one(table)} that an earlier part has already", known)
        return known

    def _tell_repeated(self, reason: str, count: int) -> None:
        if count:
            self.dropped.append(Loss(reason, count, fault=False, tolerated=True, code="duplicate"))

    def _tell_conflicts(self, keys: Sequence[str], listed: str, parts: dict[str, str]) -> None:
        """Tell what is described in two ways; the first description is kept."""
        table = parts["table"]
        for column in self._there[table]:
            if column in keys or column not in SHAPE[table]:
                continue
            query = fill(_DIFFERING, key=keys[0], keys=listed, column=identifier(column), **parts)
            rows = self._cursor.execute(query, {"limit": EXAMPLES}).fetchall()
            if rows:
                reason = f"{_one(table)} described twice with another {column}; the first is kept"
                allowed = "one for each; is the id unique, or only inside a group?"
                examples = tuple(
                    self._staged.placed(int(place), f"{table}.{keys[0]}", found, allowed)
                    for place, found, _ in rows
                )
                code: Code = "id_in_group" if column == "group_id" else "item_differs"
                self.coerced.append(Loss(reason, int(rows[0][2]), examples, code=code))


def strangers(
    cursor: duckdb.DuckDBPyConnection, tables: Sequence[str], writer: PartWriter
) -> list[Loss]:
    """Count the records about items that neither this part nor an earlier one holds."""
    known = ["select item_id from items"]
    known += ["select item_id from typed_item"] if "item" in tables else []
    files = [*writer.earlier("item"), *writer.earlier("annotation")]
    listed = ", ".join(map(literal, files))
    known += (
        [fill("select item_id from read_parquet([{files}], union_by_name=true)", files=listed)]
        if files
        else []
    )
    found = []
    for table in tables:
        if "item_id" not in RULES[table].required or table == "item":
            continue
        query = fill(_STRANGERS, table=table, known=" union all ".join(known))
        rows = cursor.execute(query, {"limit": EXAMPLES}).fetchall()
        if rows:
            shown = ", ".join(repr(row[0]) for row in rows[:3])
            reason = f"{_one(table)} of items the batch does not hold (such as {shown}); kept"
            found.append(Loss(reason, int(rows[0][1]), fault=False, code="stranger"))
    return found


def _code(table: str, column: str) -> Code:
    if column in RULES[table].domains or column in RULES[table].valued:
        return "unknown_label"
    is_time = RECORD_TABLES[table].get(column) == "timestamp"
    return "impossible_time" if is_time else "unreadable"


def _said(column: str) -> str:
    return identifier(f"{column} said")


def _one(table: str) -> str:
    return table.replace("_", " ")
