"""Writing the sample files so that the same records give the same bytes."""

import csv
import gzip
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

Row = Mapping[str, object]


def csv_text(rows: Sequence[Row], *, delimiter: str = ",") -> str:
    """Return the rows as delimited text with a header; None is an empty cell."""
    sink = io.StringIO()
    writer = csv.DictWriter(sink, list(rows[0]), delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return sink.getvalue()


def json_lines(rows: Sequence[Row]) -> str:
    """Return the rows as one JSON object a line, keys in the order given."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def write(path: Path, text: str) -> None:
    """Write the text, compressed where the name ends in .gz.

    Compression libraries may differ between machines, so a compressed file that already holds the
    text is left as it is: what is promised byte for byte is the content.
    """
    content = text.encode("utf-8")
    path.parent.mkdir(exist_ok=True)
    if path.suffix != ".gz":
        path.write_bytes(content)
    elif not path.exists() or gzip.decompress(path.read_bytes()) != content:
        path.write_bytes(gzip.compress(content, compresslevel=9, mtime=0))


def read(path: Path) -> str:
    """Return the text of a sample file, compressed or not."""
    content = path.read_bytes()
    return (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8")


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value
