"""What the statistics of one import have in common: read and put together once for all of them.

Three relations become tables of a database in memory that ends with the import: the submitted
answers, the labels with their weights, and the pattern of every item. Columns with few values are
of an enumerated type there: it sorts, compares and reads as its text, and is met as a number.
"""

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

import duckdb

from queries.composition import Relation, compose
from queries.relations import SUBMITTED, Records
from queries.schema import ANNOTATION_DIMENSIONS
from queries.selects import select
from queries.statements import statement

LISTED: Final = 20_000
"""A column with more distinct values stays text."""
_KEYS: Final = ("item_id", "question", "person_key", "role", "value")
_ORDER: Final = ("round", "annotated_at", "part")
_FEW: Final = (
    *("question", "person_key", "role", "value", "shown_order"),
    *("vendor", "annotator_group", "guideline_version"),
)


@contextmanager
def shared(
    cursor: duckdb.DuckDBPyConnection,
    records: Records,
    available: Mapping[str, Relation],
    statistics: Iterable[str],
) -> Iterator[dict[str, Relation]]:
    """Give relations that take the place of those of the same name while the block runs.

    Parameters
    ----------
    cursor : a cursor of the instance; the relations may be read from all its cursors
    records : the records the statistics are of
    available : the relations with labels and populations of the unit patterns
    statistics : the statistics to come; what none of them names is null in the answers given
    """
    database = f"shared_{secrets.token_hex(8)}"
    cursor.execute(f"attach ':memory:' as {database}")
    try:
        columns = _columns(records, statistics)
        enums = _enums(cursor, available, _few(records, columns))
        own: dict[str, Relation] = {}
        for name, chosen, shown in (
            ("scope_submitted", _typed(columns, enums), _padded(columns)),
            ("scope_label", _typed_labels(enums), ["*"]),
            ("scope_unit", ["*"], ["*"]),
        ):
            text, values = compose({**available, **own}, select(chosen, name))
            cursor.execute(f"create table {database}.{name} as {text}", values)
            own[name] = Relation(select(shown, f"{database}.{name}"))
        yield own
    finally:
        cursor.execute(f"detach {database}")


def _columns(records: Records, statistics: Iterable[str]) -> list[str]:
    """Return the columns of a submitted answer that have values and that somebody asks for."""
    state = records.state
    filled = {name for name in SUBMITTED if f"annotation.{name}" in state.filled}
    filled |= {name for name in ("vendor", "annotator_group") if f"person.{name}" in state.filled}
    filled |= {"week"} if "annotated_at" in filled else set()
    filled |= {"vendor"} if records.vendor is not None else set()
    texts = [statement(name) for name in statistics]
    asked = {name for name in SUBMITTED if any(text.reads(name) for text in texts)}
    wanted = {*_KEYS, *(filled & {*asked, *ANNOTATION_DIMENSIONS})}
    if "annotation" in state.repeated:
        wanted |= {*_ORDER}
    return [name for name in SUBMITTED if name in wanted]


def _few(records: Records, columns: Iterable[str]) -> list[str]:
    """Return the columns that are worth a look for how many values they have."""
    listed = all(question.labels is not None for question in records.state.questions)
    return [name for name in columns if name in _FEW and (listed or name != "value")]


def _enums(
    cursor: duckdb.DuckDBPyConnection, available: Mapping[str, Relation], columns: Iterable[str]
) -> dict[str, str]:
    """Return column -> enumerated type of those that have few values."""
    looks = []
    for name in columns:
        distinct = select([f"distinct {name} as value"], "scope_submitted", limit=LISTED + 1)
        looks.append(select([f"'{name}' as name", "value::varchar as value"], f"({distinct})"))
    text, values = compose(available, " union all ".join(looks) + " order by name, value")
    found: dict[str, list[str]] = {}
    for name, value in cursor.execute(text, values).fetchall():
        if value is not None:
            found.setdefault(str(name), []).append(str(value))
    return {
        name: f"enum({', '.join(map(_literal, listed))})"
        for name, listed in found.items()
        if len(listed) <= LISTED and not any("\0" in value for value in listed)
    }


def _literal(text: str) -> str:
    quotes = text.replace("'", "''")
    return f"'{quotes}'"


def _typed(columns: Iterable[str], enums: Mapping[str, str]) -> list[str]:
    return [
        f'cast("{name}" as {enums[name]}) as "{name}"' if name in enums else f'"{name}"'
        for name in columns
    ]


def _padded(columns: Sequence[str]) -> list[str]:
    """Return all columns of a submitted answer; those that are no columns of the table are null."""
    return [
        f'"{name}"'
        if name in columns
        else f'0 as "{name}"'
        if name == "part"
        else f'null::{kind} as "{name}"'
        for name, kind in SUBMITTED.items()
    ]


def _typed_labels(enums: Mapping[str, str]) -> list[str]:
    """Return the columns of a label; one that no answer has is null here, and is not missed."""
    kinds = {"question": enums.get("question"), "label": enums.get("value")}
    cast = [f"try_cast({name} as {kind}) as {name}" for name, kind in kinds.items() if kind]
    plain = [name for name, kind in kinds.items() if not kind]
    return [*cast, *plain, "code", "weight_1", "weight_2"]
