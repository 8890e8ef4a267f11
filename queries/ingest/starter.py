"""A mapping for a file that came without one: its canonical columns, or a guess to correct."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import duckdb

from queries.errors import InputError
from queries.ingest.columns import Columns, broken
from queries.ingest.mapping import FIELDS, Mapping
from queries.ingest.text import fill


def recognised(table: Columns, constants: dict[str, str]) -> Mapping:
    """Return the mapping of a file whose columns already have the canonical names.

    Raises
    ------
    InputError
        With a mapping to start from, when they do not.
    """
    named = {name: name for name in FIELDS if name in table.names}
    if {"item_id", "annotator_id", "value"} <= set(named) | (set(constants) & {"annotator_id"}):
        return Mapping(columns=dict(named), constants=constants)
    found = ", ".join(table.names)
    raise InputError(
        f"{table.file.name}: cannot tell what its columns mean; it needs item_id, annotator_id and "
        f"value (found: {found}), or a mapping; save what follows as mapping.toml, correct it, and "
        "say --mapping mapping.toml",
        attached=_starter(table),
    )


_CLUES: Final = {
    "item_id": ("item", "question_id", "task_id", "sample", "example", "prompt_id", "unit", "id"),
    "annotator_id": ("annotator", "worker", "judge", "rater", "user", "labeler", "coder"),
    "answer": ("label", "winner", "answer", "rating", "score", "choice", "response", "value"),
}
_LOOKED_AT: Final = 2_000
"""Records a guess rests on."""
_DEPTH: Final = 4
_LONGEST: Final = {"item_id": 200, "annotator_id": 100, "answer": 60}


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the first records have in a column: different values, and the longest of them."""

    records: int
    distinct: int
    longest: int

    def fits(self, field: str) -> bool:
        """Whether the values can be what a field is for; few records can be anything."""
        if self.longest > _LONGEST[field]:
            return False
        if self.records < 4:
            return True
        if field == "item_id":
            return self.distinct * 20 >= self.records
        return 1 < self.distinct <= self.records / 2


def _starter(table: Columns) -> str:
    """Write a mapping for a file: for each field the column whose name and values fit it best."""
    seen = _seen(table, _leaves(table))
    left = list(seen)
    guessed: dict[str, str] = {}
    for field, clues in _CLUES.items():
        named = [n for clue in clues for n in left if clue in n.lower().replace(".", "_")]
        fitting = [name for name in (*named, *left) if seen[name].fits(field)]
        both = [name for name in named if name in fitting]
        guessed[field] = next(iter([*both, *named, *fitting, *left]), "?")
        left = [name for name in left if name != guessed[field]]
    quoted = {field: json.dumps(name) for field, name in guessed.items()}
    return (
        'kind = "preference"          # or sft, ranking, reward, qa\n'
        "[columns]\n"
        f"item_id = {quoted['item_id']}\n"
        f"annotator_id = {quoted['annotator_id']}\n"
        "[[question]]\n"
        f"name = {quoted['answer']}\n"
        f"column = {quoted['answer']}\n"
        'level = "nominal"             # or ordinal, interval, ratio, set, ranking\n'
        f"# other columns: {', '.join(left) or 'none'}\n"
    )


def _leaves(table: Columns) -> list[str]:
    """Return the columns of a file, and of nested JSON the paths of the fields that hold values."""
    if table.file.form != "json":
        return list(table.names)
    query = fill("select json from {reader} limit 200", reader=table.file.reader)
    found: dict[str, None] = {}
    for (record,) in table.cursor.execute(query).fetchall():
        found |= dict.fromkeys(_paths(json.loads(record), _DEPTH))
    return [*found, *(name for name in table.names if not _within(name, found))]


def _paths(record: dict[str, Any], depth: int) -> Iterator[str]:
    """Yield the fields of a record; a name with a dot in it has no path, and stays whole."""
    for name, value in record.items():
        if isinstance(value, dict) and depth > 1 and not any("." in key for key in [name, *value]):
            yield from (f"{name}.{inner}" for inner in _paths(value, depth - 1))
        else:
            yield name


def _within(name: str, paths: Iterable[str]) -> bool:
    return any(path == name or path.startswith(f"{name}.") for path in paths)


def _seen(table: Columns, names: Sequence[str]) -> dict[str, _Seen]:
    values = [table.text(name, name) for name in names]
    counts = ", ".join(
        f"count(distinct {value}), coalesce(max(length({value})), 0)" for value in values
    )
    if not counts:
        return {}
    query = fill("select count(*), {counts} from (from {reader} limit {most})", counts=counts,
                 reader=table.reader, most=str(_LOOKED_AT))  # fmt: skip
    try:
        records, *found = table.cursor.execute(query).fetchall()[0]
    except duckdb.Error as error:
        raise broken(table.file, error) from None
    return {
        name: _Seen(int(records), int(found[2 * place]), int(found[2 * place + 1]))
        for place, name in enumerate(names)
    }
