"""Rows of a CSV file that have more fields than the header.

The engine refuses a row with too many fields, except where the last of them are empty: those it
drops. A text with a comma and without quotes in a table whose last columns are often empty would so
move every field behind it by one place, and somebody's note would be read as the answer.
"""

import codecs
import csv
import io
from collections.abc import Iterator
from typing import Final

from queries.errors import InputError
from queries.ingest.files import InputFile, contents

_LONGEST: Final = 512_000_000


def refuse_shifted(file: InputFile, rows: int) -> None:
    """Refuse a CSV file of so many rows when the engine has dropped fields of some of them.

    An empty field too many at the end of every row is a column that nobody has named; no answer
    moves by it.

    Raises
    ------
    InputError
        Naming the line, what was found and what is allowed.
    """
    if file.form != "csv":
        return
    if _separators(file) == (rows + 1) * (len(file.columns) - 1):
        return
    # The count alone is no proof, since a field without quotes may hold a lone quote.
    usual = csv.field_size_limit(_LONGEST)
    try:
        _refuse_line(file)
    finally:
        csv.field_size_limit(usual)


def _separators(file: InputFile) -> int:
    """Count the separators outside quotes, a block at a time."""
    count, within, sign = 0, 0, file.delimiter.encode()
    for _, content in contents(file.path, file.name, zipped=file.zipped):
        if b'"' not in content and not within:
            count += content.count(sign)
            continue
        pieces = content.split(b'"')
        count += b"".join(pieces[within::2]).count(sign)
        within = (within + len(pieces) - 1) % 2
    return count


def _refuse_line(file: InputFile) -> None:
    allowed, first, everywhere = len(file.columns), (0, 0), True
    reader = csv.reader(_lines(file), delimiter=file.delimiter)
    next(reader)
    for record in filter(None, reader):
        if len(record) > allowed and not first[0]:
            first = reader.line_num, len(record)
        everywhere = everywhere and len(record) == allowed + 1 and not record[-1]
        if first[0] and not everywhere:
            line, found = first
            raise InputError(
                f"{file.name}: line {line} has {found} columns, the header has {allowed}; check "
                "separators and quotes there"
            )


def _lines(file: InputFile) -> Iterator[str]:
    """Yield the lines of a file with their ends."""
    decode = codecs.getincrementaldecoder("utf-8-sig")().decode
    parts: list[str] = []
    for _, content in contents(file.path, file.name, zipped=file.zipped):
        parts.append(decode(content))
        if "\n" in parts[-1] or "\r" in parts[-1]:
            # The last line stays: more of it, or the second half of its end, may come.
            *whole, rest = io.StringIO("".join(parts), newline="")
            yield from whole
            parts = [rest]
    yield "".join(parts)
