"""Finding columns: what a file has, and how one of its columns is read as text.

A column may be a nested field, `meta.user.id`; a column of exactly that name goes first.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import duckdb

from queries.errors import InputError
from queries.ingest.files import LINE_SIZES, InputFile
from queries.ingest.text import closest, fill, identifier, literal

_NUMBER: Final = (
    "case when isnan({value}) then null when {value} = trunc({value}) and abs({value}) < 1e15 "
    "then cast(cast({value} as bigint) as varchar) else cast({value} as varchar) end"
)
# Every field of a record comes out of one parse. A JSON number 2.0 is the id 2, the JSON text "2.0"
# is left alone.
_TEXTS: Final = "(select json, json_extract_string(json, [{paths}]) as texts from {reader})"
_JSON: Final = (
    "case when texts[{place}] like '%.0' and json_type(json, {path}) = 'DOUBLE' "
    "then regexp_replace(texts[{place}], '[.]0+$', '') else texts[{place}] end"
)
# What is no object has no keys; so has an empty object, and only a look at the type tells them.
_KEYS: Final = (
    "select distinct unnest(case when len(keys) > 0 then keys else [null] end) as key "
    "from (select json_keys(json) as keys from {reader}) order by key nulls last"
)
_NO_OBJECTS: Final = "select count(*) from {reader} where json_type(json) <> 'OBJECT'"
_EXISTS: Final = "coalesce(bool_or(json_exists(json, {path})), false)"
_LOOK: Final = "select {tests} from {reader}"
_BEGINNING: Final = "(select json from {reader} limit 2000)"
_SHOWN_COLUMNS: Final = 40


@dataclass(slots=True)
class Columns:
    """The columns of one file.

    Attributes
    ----------
    types : column -> type of the engine; all text for CSV and JSON
    fields : nested field of JSON -> whether any record has it, as far as somebody asked
    paths : the fields of JSON that were asked for, in the order in which `reader` gives them
    """

    file: InputFile
    cursor: duckdb.DuckDBPyConnection
    types: dict[str, str] = field(default_factory=dict)
    fields: dict[str, bool] = field(default_factory=dict)
    paths: list[str] = field(default_factory=list)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns, in the file's order where it has one."""
        return tuple(self.types)

    def top(self, name: str) -> str:
        """Return the top-level column that holds `name`."""
        return name if name in self.types else name.split(".", maxsplit=1)[0]

    def is_time(self, name: str) -> bool:
        """Whether the file itself says that the column holds times."""
        return self.types.get(name, "").startswith(("TIMESTAMP", "DATE"))

    def look_up(self, names: Iterable[str]) -> None:
        """Find out which nested fields of a JSON file there are.

        All in one look at its first records, then those not found there in one at all of it.
        """
        if self.file.form != "json":
            return
        asked = [name for name in dict.fromkeys(names) if self._unknown(name)]
        beginning = fill(_BEGINNING, reader=self.file.reader)
        for reader in (beginning, self.file.reader):
            asked = [name for name in asked if not self.fields.get(name)]
            if asked:
                tests = (fill(_EXISTS, path=pointer(name.split("."))) for name in asked)
                query = fill(_LOOK, tests=", ".join(tests), reader=reader)
                found = self.cursor.execute(query).fetchone() or ()
                self.fields |= dict(zip(asked, map(bool, found), strict=True))

    def _unknown(self, name: str) -> bool:
        nested = name not in self.types and self.top(name) in self.types
        return nested and name not in self.fields

    @property
    def reader(self) -> str:
        """The relation that has what `text` was asked for."""
        if self.file.form != "json":
            return self.file.reader
        return fill(_TEXTS, paths=", ".join(self.paths), reader=self.file.reader)

    def text(self, name: str, place: str) -> str:
        """Return the SQL expression for a column as text.

        `place` is the key of the mapping that names the column; it is quoted when there is no
        such column.
        """
        expression = self._found(name)
        if expression is None:
            shown = [*self.names[:_SHOWN_COLUMNS]]
            raise InputError(
                f"{self.file.name}: no column {name!r} ({place}){closest(name, shown)}"
            )
        return expression

    def _found(self, name: str) -> str | None:
        if self.file.form == "csv":
            return self._position(name)
        if self.file.form == "json":
            return self._json(name)
        return self._parquet(name)

    def _position(self, name: str) -> str | None:
        header = self.file.columns
        if header.count(name) > 1:
            message = f"{self.file.name}: {header.count(name)} columns are called {name!r}"
            raise InputError(f"{message}; rename one")
        return f"c{header.index(name)}" if name in header else None

    def _json(self, name: str) -> str | None:
        steps = [name] if name in self.types else name.split(".")
        if steps[0] not in self.types:
            return None
        path = pointer(steps)
        if len(steps) > 1:
            self.look_up([name])
            if not self.fields[name]:
                return None
        if path not in self.paths:
            self.paths.append(path)
        return fill(_JSON, place=str(self.paths.index(path) + 1), path=path)

    def _parquet(self, name: str) -> str | None:
        steps = [name] if name in self.types else name.split(".")
        value = ".".join(identifier(step) for step in steps)
        kind = self.types.get(name)
        if kind is None:
            query = fill("select {value} as field from {reader}", value=value)
            described = _described(self.cursor, fill(query, reader=self.file.reader))
            if described is None:
                return None
            kind = described["field"]
        return _as_text(value, kind)


def pointer(steps: Iterable[str]) -> str:
    """Return the JSON pointer to a nested field, as a literal of SQL."""
    return literal("".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps))


def _as_text(value: str, kind: str) -> str:
    """Return the expression that turns a typed column into text, whole numbers without `.0`."""
    if kind.endswith("]") or kind.startswith(("STRUCT", "MAP", "UNION")):
        return f"cast(to_json({value}) as varchar)"
    if kind in {"DOUBLE", "FLOAT"}:
        return fill(_NUMBER, value=value)
    if kind.startswith("DECIMAL"):
        return f"regexp_replace(cast({value} as varchar), '[.]0+$', '')"
    if kind == "JSON":
        return f"json_extract_string({value}, '$')"
    return value if kind == "VARCHAR" else f"cast({value} as varchar)"


def _described(cursor: duckdb.DuckDBPyConnection, query: str) -> dict[str, str] | None:
    """Return column -> type of a query, None when it names what is not there."""
    try:
        rows = cursor.execute(fill("describe {query}", query=query)).fetchall()
    except duckdb.BinderException:
        return None
    return {str(row[0]): str(row[1]) for row in rows}


def columns_of(cursor: duckdb.DuckDBPyConnection, file: InputFile) -> Columns:
    """Find the columns of a file.

    Raises
    ------
    InputError
        When the file turns out to be broken.
    """
    if file.form == "csv":
        return Columns(file, cursor, dict.fromkeys(file.columns, "VARCHAR"))
    try:
        if file.form == "parquet":
            query = fill("select * from {reader}", reader=file.reader)
            return Columns(file, cursor, _described(cursor, query) or {})
        keys = [key for (key,) in cursor.execute(fill(_KEYS, reader=file.reader)).fetchall()]
        strange = None
        if None in keys:
            strange = cursor.execute(fill(_NO_OBJECTS, reader=file.reader)).fetchone()
    except duckdb.Error as error:
        raise broken(file, error) from None
    if strange is not None and strange[0]:
        raise InputError(
            f"{file.name}: {strange[0]} records are no JSON objects; allowed: one object a line, "
            "or an array of objects"
        )
    return Columns(file, cursor, {str(key): "VARCHAR" for key in keys if key is not None})


def longer_lines(reader: str, error: duckdb.Error) -> str | None:
    """Return the reader with room for longer records, None when that was not the fault."""
    if "line size" not in str(error).lower():
        return None
    for short, long in pairwise(LINE_SIZES):
        if f"max_line_size={short}," in reader:
            return reader.replace(f"max_line_size={short},", f"max_line_size={long},")
    return None


def broken(file: InputFile, error: duckdb.Error) -> InputError:
    """Tell a fault that the engine found while parsing in the words of all other faults."""
    text = str(error)
    if "No space left" in text or "Could not write" in text:
        raise error  # of the machine, not of the file
    if "maximum_object_size" in text:
        return InputError(
            f"{file.name}: a record is too long, or a bracket or quote in it never closes; "
            "allowed: records of up to 16 MB; split it, or leave its longest text out"
        )
    if file.form == "json":
        return InputError(f"{file.name}: {_bad_json(file, text)}; export the file again")
    return InputError(f"{file.name}: {_bad_rows(file, text)}")


def _bad_rows(file: InputFile, text: str) -> str:
    """Tell what is wrong with CSV or Parquet content, and what to do."""
    line = re.search(r"CSV Error on Line: (\d+)", text)
    where = f"line {line.group(1)}" if line else "the file"
    counts = re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", text)
    if counts:
        expected, found = counts.groups()
        fault = f"{where} has {found} columns, the header has {expected}"
        return f"{fault}; check separators and quotes there"
    if "unterminated quote" in text:
        fault = f"{where} has a quoted field that does not end as it should"
        return f"{fault}; close the field, and double a quote inside it"
    if "state machine" in text:
        return (
            "quotes or line ends are mixed up (all lines must end alike, and a quote inside a "
            "quoted field must be doubled); export the file again"
        )
    if "not valid UTF8" in text:
        return "a binary column holds what is no UTF-8 text; cast it to text first"
    if file.form == "parquet":
        return "cannot be read: damaged Parquet content; export or copy the file again"
    first = text.splitlines()[0].split("Error: ", maxsplit=1)[-1].rstrip(". ")
    return f"cannot be read: {first}; export the file again"


def _bad_json(file: InputFile, text: str) -> str:
    """Find the first line that is no JSON; the engine counts lines from its own blocks."""
    deep = ""
    if "newline_delimited" in file.reader and not file.zipped:
        with file.path.open(encoding="utf-8") as stream:
            for number, line in enumerate(stream, 1):
                try:
                    json.loads(line or "null") if line.strip() else None
                except json.JSONDecodeError as fault:
                    what = fault.msg.removesuffix(" at")
                    return f"line {number} is not JSON: {what} at character {fault.colno}"
                except (RecursionError, ValueError):  # only if the engine gave up on it, too
                    deep = deep or f"line {number} is nested too deeply"
    if deep:
        return deep
    return text.splitlines()[0].split("Error: ", maxsplit=1)[-1].rstrip(". ")
