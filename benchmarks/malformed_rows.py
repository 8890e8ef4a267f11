"""What every malformed file is made of: sixty sound answers in the canonical columns.

One thing then goes wrong with them, so that a file may be read both with `--format auto` and with
the mapping `MAPPING`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

Outcome = Literal["refused", "taken", "either"]

COLUMNS: Final = ("item_id", "annotator_id", "value", "annotated_at", "duration_seconds", "note")
MAPPING: Final = """
kind = "qa"
[columns]
item_id = "item_id"
annotator_id = "annotator_id"
annotated_at = "annotated_at"
duration_seconds = "duration_seconds"
note = "note"
[[question]]
name = "value"
column = "value"
"""
BAD_ROW: Final = 31
"""The record, from 1, in which a single wrong field stands."""

Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class Case:
    """A file and what must come of it.

    Attributes
    ----------
    name : the file's name, unique in the corpus
    content : what is in it
    outcome : "refused" (exit 2), "taken", or "either" where both are right
    says : what the error must name: the line, the column, the byte
    loses : column of record BAD_ROW that the report of a taken file must name
    """

    name: str
    content: bytes
    outcome: Outcome = "either"
    says: tuple[str, ...] = ()
    loses: str | None = None


def rows(number: int = 60, **wrong: object) -> list[Row]:
    """Return sound answers of three people; `wrong` fields go into record BAD_ROW."""
    made: list[Row] = [
        {
            "item_id": f"i{place // 3 + 1:02}",
            "annotator_id": ("ann", "bob", "cho")[place % 3],
            "value": ("good", "bad", "good")[(place * 7) % 3],
            "annotated_at": f"2026-01-02T03:{place % 60:02}:05Z",
            "duration_seconds": 5 + place % 9,
            "note": "",
        }
        for place in range(number)
    ]
    if wrong:
        made[BAD_ROW - 1] |= wrong
    return made


def as_csv(
    table: Sequence[Row],
    columns: Sequence[str] = COLUMNS,
    *,
    delimiter: str = ",",
    end: str = "\n",
) -> str:
    """Write a table as CSV without quoting anything: what is quoted is quoted in the fields."""
    lines = [delimiter.join(columns)]
    lines += [delimiter.join(str(row.get(name, "")) for name in columns) for row in table]
    return end.join(lines) + end


def as_jsonl(table: Sequence[Mapping[str, object]]) -> str:
    """Write a table as JSON lines."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in table)


def with_line(field: str, token: str) -> str:
    """Return JSON lines in which `field` of record BAD_ROW is a bare token."""
    mark = "@token@"
    return as_jsonl(rows(**{field: mark})).replace(json.dumps(mark), token)


def quoted(text: str) -> str:
    """Return a CSV field in quotes."""
    return '"' + text.replace('"', '""') + '"'
