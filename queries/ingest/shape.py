"""The common shape: what every export becomes before anything of it is checked.

A format is one module that lays temporary tables over the files of an export, one for each record
table it has something for, in the columns of that table as text. Whatever is wrong with the
values is found later, once for all formats. Rows say where they come from: `place` is the number
of the exported record in `exported`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import duckdb

from queries.ingest.files import InputFile
from queries.ingest.mapping import Kind, Question
from queries.ingest.report import Loss
from queries.schema import RECORD_TABLES

_IDS: Final = {
    "person_key": "annotator_id",
    "reviewer_key": "reviewer_id",
    "actor_key": "actor_id",
}
"""Keys of people in the store, and the ids from outside they are made of."""

SHAPE: Final[dict[str, tuple[str, ...]]] = {
    table: tuple(_IDS.get(column, column) for column in columns)
    for table, columns in RECORD_TABLES.items()
    if table != "question"
}
"""Record table -> columns a format may fill in its temporary table `shaped_<table>`."""

SEAT: Final = "seat"
"""Tier of an annotator id that is a place in a list and nobody in particular.

Answers of one item can be told apart by it; what one seat did on two items was done by anybody.
"""


@dataclass(frozen=True, slots=True)
class Sample:
    """The first records of an export, for telling formats apart.

    Attributes
    ----------
    names : names of the files
    keys : top-level fields of the first records, or the columns of a table
    objects : the first records, parsed; of a CSV file a dictionary of texts
    """

    names: tuple[str, ...]
    keys: frozenset[str]
    objects: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Shaped:
    """What a format made of its files.

    Attributes
    ----------
    tables : record tables for which there is a relation `shaped_<table>` now
    kind : what kind of records these are; None where the export cannot tell
    questions : what is asked, with level, labels in order and ties; no columns
    facts : facts of the batch that the export states (dataset, guideline_version ...)
    files : name, first place and number of records of each file
    dropped, coerced, unknown, notes : what the shape has no room for, has changed or only noticed
    """

    tables: frozenset[str]
    files: tuple[tuple[str, int, int], ...]
    kind: Kind | None = None
    questions: tuple[Question, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    dropped: tuple[Loss, ...] = ()
    coerced: tuple[Loss, ...] = ()
    unknown: tuple[Loss, ...] = ()
    notes: tuple[Loss, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """An export format: how it is known, what is made of it, and what a user should know.

    Attributes
    ----------
    name : as `--format` takes it
    title : tool or data set, and the form of its export
    fields : field of the export -> where it goes ("annotation.value"), or "not kept: why"
    cannot_tell : what this format has lost, in sentences
    recognises : whether the first records look like this format
    shape : makes the relations `shaped_<table>` from the relation `exported`
    """

    name: str
    title: str
    fields: Mapping[str, str]
    cannot_tell: tuple[str, ...]
    recognises: Callable[[Sample], bool]
    shape: Callable[[duckdb.DuckDBPyConnection, Sequence[InputFile]], Shaped]

    def to_json(self) -> dict[str, object]:
        """Return the page of help as `batchgate formats --json` prints it."""
        return {
            "name": self.name,
            "title": self.title,
            "fields": dict(self.fields),
            "cannot_tell": list(self.cannot_tell),
        }
