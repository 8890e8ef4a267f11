"""Canonical text: one spelling for one value, the same in Python and in SQL.

Labels, ids and names reach the store as text in Unicode form NFC without white space at its ends;
a whole number has no `.0`, truth values read `true` and `false`, case is kept otherwise.
"""

import difflib
import re
import unicodedata
from collections.abc import Iterable
from typing import Annotated, Final

import duckdb
from pydantic import BeforeValidator

WHITE: Final = (
    " \t\n\v\f\r\x1c\x1d\x1e\x1f\x85\xa0\u1680"
    + "".join(chr(code) for code in range(0x2000, 0x200B))
    + "\u2028\u2029\u202f\u205f\u3000"
)
"""What `str.strip` takes away; spelled out because SQL has to take away the same."""

_WHOLE: Final = re.compile(r"(-?[0-9]+)\.0+")

_PLACE: Final = re.compile(r"\{(\w+)\}")

UNTIDY: Final = "^$|^[\\x00-\\x20]|[\\x00-\\x20]$|[^\\x00-\\x7f]"
"""Cheap test for text that may not be canonical: blank, white at an end, or beyond ASCII."""


def tidy(text: str) -> str:
    r"""Return `text` in NFC without white space at its ends.

    >>> tidy(" Zu\u0308rich\xa0") == "Z\u00fcrich"
    True
    """
    return unicodedata.normalize("NFC", text.strip(WHITE))


def canonical(value: object) -> str:
    """Return the canonical text of one scalar from a mapping file.

    >>> [canonical(value) for value in (2.0, "3.0", True, "FALSE", " Good ")]
    ['2', '3', 'true', 'false', 'Good']
    """
    text = tidy(str(value))
    if text.lower() in {"true", "false"}:
        return text.lower()
    whole = _WHOLE.fullmatch(text)
    return whole.group(1) if whole else text


def _scalar(value: object) -> object:
    """Take a TOML number or truth value where text is meant; leave tables and lists to fail."""
    return canonical(value) if isinstance(value, str | int | float) else value


Text = Annotated[str, BeforeValidator(_scalar)]
"""A label or an id in a mapping file: numbers and truth values are read as their text."""


def identifier(name: str) -> str:
    """Quote a column or relation name for SQL.

    >>> print(identifier('a"b'))
    "a""b"
    """
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Quote a text for SQL where no parameter is possible (views, table functions).

    >>> literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def fill(template: str, **parts: str) -> str:
    """Put quoted names and expressions into an SQL template, each `{name}` by its part.

    >>> fill("select {column} from {reader}", column="'{reader}'", reader="raw")
    "select '{reader}' from raw"
    """
    return _PLACE.sub(lambda place: parts.get(place[1], place[0]), template)


def closest(found: str, allowed: Iterable[str]) -> str:
    """Return the end of a sentence that names the nearest allowed word, and all of them.

    >>> closest("votes", ["vote", "note"])
    "; did you mean 'vote'?; allowed: vote, note"
    """
    words = list(allowed)
    near = difflib.get_close_matches(found, words, n=1, cutoff=0.6)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return f"{hint}; allowed: {', '.join(words)}"


LISTED: Final = 20_000
"""A column with more distinct values is written as plain text."""


def make_enum(
    cursor: duckdb.DuckDBPyConnection,
    name: str,
    source: str,
    parameters: dict[str, list[str]] | None = None,
) -> bool:
    """Make an enumerated type of the values a select of one column yields, if they are few.

    Columns of such a type are read back as text, and are written to Parquet in half the time.
    """
    query = fill("select distinct value from (select {source}) as t(value)", source=source)
    rows = cursor.execute(query, parameters).fetchmany(LISTED + 1)
    values = sorted(str(row[0]) for row in rows if row[0] is not None)
    if not values or len(rows) > LISTED:
        return False
    cursor.execute(fill("drop type if exists {name}", name=name))
    listed = ", ".join(map(literal, values))
    cursor.execute(fill("create temp type {name} as enum ({listed})", name=name, listed=listed))
    return True


MACROS: Final = (
    # The engine's own function stops at a NUL character; nothing composes across one.
    "create or replace temp macro nfc(t) as case when contains(t, chr(0)) then array_to_string("
    "list_transform(string_split(t, chr(0)), lambda part: nfc_normalize(part)), chr(0))"
    " else nfc_normalize(t) end",
    # Most texts are plain: only what may not be canonical pays for the long trim.
    "create or replace temp macro tidy(t) as case when regexp_matches(t, getvariable('untidy'))"
    " then nfc(trim(t, getvariable('white'))) else t end",
    "create or replace temp macro neat(t) as case when regexp_matches(t, getvariable('untidy'))"
    " then nullif(tidy(t), '') else t end",
    "create or replace temp macro spelled(t) as case when lower(t) in ('true', 'false')"
    " then lower(t) when regexp_full_match(t, '-?[0-9]+[.]0+')"
    " then regexp_replace(t, '[.]0+$', '') else t end",
    "create or replace temp macro canonical(t) as spelled(tidy(t))",
    "create or replace temp macro step(t) as replace(replace(neat(t), '%', '%25'), '/', '%2F')",
    "create or replace temp macro option_name(t) as replace(step(t), '|', '%7C')",
    # The engine itself would read 1_000, nan and inf as numbers.
    "create or replace temp macro number(t) as case when regexp_full_match(tidy(t),"
    " '[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?')"
    " then case when isfinite(try_cast(tidy(t) as double)) then try_cast(tidy(t) as double) end"
    " end",
    "create or replace temp macro spelled_number(d) as case when d = trunc(d) and abs(d) < 1e15"
    " then cast(cast(d as bigint) as varchar) else cast(d as varchar) end",
    "create or replace temp macro whole(t) as case when regexp_full_match(canonical(t),"
    " '[+-]?[0-9]+') then try_cast(canonical(t) as bigint) end",
    "create or replace temp macro truth(t) as case"
    " when lower(tidy(t)) in ('true', 't', 'yes', 'y', '1') then true"
    " when lower(tidy(t)) in ('false', 'f', 'no', 'n', '0') then false end",
    "create or replace temp macro blank(t) as t is null or tidy(t) = ''",
)
"""The same rules as SQL macros of one connection."""


def prepare(cursor: duckdb.DuckDBPyConnection) -> None:
    """Give a cursor the macros of canonical text."""
    cursor.execute("set variable white = $1", [WHITE])
    cursor.execute("set variable untidy = $1", [UNTIDY])
    for macro in MACROS:
        cursor.execute(macro)
