"""Opening the files of an import: what they are, whether they are whole, how to read them.

A file that is broken is refused before a row of it is used. Text is read once through in Python
(in blocks, not rows) to hash it and to find the first byte that is not UTF-8; DuckDB parses it.
"""

import codecs
import csv
import hashlib
import io
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from queries.batches import SourceFile
from queries.errors import InputError
from queries.ingest.archives import FACTS, FOLD, expand, is_dense
from queries.ingest.text import literal, tidy

Form = Literal["csv", "json", "parquet", "toml", "relation"]

LINE_SIZES: Final = (2_000_000, 32_000_000, 512_000_000)
"""Longest CSV record in bytes: the engine's buffers grow with it, so it is raised only on need."""

_BLOCK: Final = 1 << 20
_HEAD: Final = 1 << 16
_DELIMITERS: Final = {",": "comma", "\t": "tab", ";": "semicolon", "|": "bar"}
_SUFFIXES: Final[dict[str, Form]] = {
    ".csv": "csv", ".tsv": "csv", ".tab": "csv", ".jsonl": "json", ".ndjson": "json",
    ".json": "json", ".parquet": "parquet", ".pq": "parquet",
}  # fmt: skip
_FOREIGN: Final = {
    b"PK\x03\x04": "an Excel workbook or an archive that is not called .zip",
    b"\xd0\xcf\x11\xe0": "an old Office document",
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"\x28\xb5\x2f\xfd": "compressed with zstd",
    b"BZh": "compressed with bzip2",
    b"\xfd7zXZ": "compressed with xz",
    b"SQLite format 3": "an SQLite database",
    b"ARROW1": "an Arrow file",
    b"Obj\x01": "an Avro file",
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
}
_CONTROL: Final = bytes(set(range(32)) - set(b"\t\n\f\r"))
_READABLE: Final = "CSV, TSV, JSON, JSONL or Parquet, plain or gzip, or a zip of them"


@dataclass(frozen=True, slots=True)
class InputFile:
    """One file of an import, checked and ready to be read.

    `reader` is the table function that reads it. CSV columns are read by position under the names
    c0, c1 ...; `columns` has the header as it stands in the file (empty for JSON and Parquet,
    whose columns the engine finds).
    """

    path: Path
    source: SourceFile
    form: Form
    reader: str
    columns: tuple[str, ...] = ()
    zipped: bool = False
    delimiter: str = ""

    @property
    def name(self) -> str:
        """The file's name as messages quote it."""
        return self.source.name


def open_files(paths: Sequence[Path], unpacked: Path) -> tuple[InputFile, ...]:
    """Check the files of one import; refuse the same content twice.

    Zip archives are unpacked into the folder `unpacked`; a bundle stands for the files in it.

    Raises
    ------
    InputError
        Naming the file, what was found, what is allowed and what to do.
    """
    if not paths:
        raise InputError(f"no file to import; name at least one {_READABLE} file")
    files = []
    seen: dict[str, str] = {}
    for found in expand(paths, unpacked):
        file = _opened(found.path, found.name)
        files.append(file)
        if found.inside:
            continue  # two members may well have given the same answers
        if file.source.sha256 in seen:
            other = seen[file.source.sha256]
            raise InputError(f"{file.name}: the same content as {other}; name each file once")
        seen[file.source.sha256] = file.name
    return tuple(files)


def refuse_mixed(files: Sequence[InputFile]) -> None:
    """Raise InputError when the files are not all of one form."""
    forms = {file.form: file.name for file in files}
    if len(forms) > 1:
        found = ", ".join(f"{name} is {form}" for form, name in forms.items())
        raise InputError(f"mixed formats: {found}; import each format on its own, with --add")


def _opened(path: Path, name: str) -> InputFile:
    head = _head(path)
    if not head:
        raise InputError(f"{name}: the file is empty; allowed: {_READABLE}, with at least one row")
    if head[:2] == b"\x1f\x8b":
        return _text(path, name, zipped=True)
    if head[:4] == b"PAR1" or _suffix(Path(name)) == "parquet":
        return _parquet(path, name, head)
    return _text(path, name, zipped=False)


def _head(path: Path) -> bytes:
    """Return the first bytes of a file; refuse what cannot be opened."""
    try:
        if not path.exists():
            raise InputError(f"{path}: no such file; check the path")
        if not path.is_file():
            raise InputError(f"{path}: is no regular file; save the data in a file first")
        with path.open("rb") as stream:
            return stream.read(_HEAD)
    except OSError as error:
        message = f"{path}: cannot be read ({error.strerror}); check its permissions"
        raise InputError(message) from None


def _suffix(path: Path) -> Form | None:
    """Return what the file's name says it is, `.gz` aside."""
    suffixes = [part.lower() for part in path.suffixes if part.lower() not in {".gz", ".gzip"}]
    return _SUFFIXES.get(suffixes[-1]) if suffixes else None


def _parquet(path: Path, name: str, head: bytes) -> InputFile:
    digest, size = hashlib.sha256(), 0
    tail = b""
    for block in _blocks(path):
        digest.update(block)
        size += len(block)
        tail = (tail + block)[-4:]
    if head[:4] != b"PAR1" or tail != b"PAR1":
        found = "it does not begin as Parquet" if head[:4] != b"PAR1" else "its end is cut off"
        raise InputError(f"{name}: not a whole Parquet file, {found}; export or copy it again")
    reader = f"read_parquet({_quoted(path)}, binary_as_string=true)"
    return InputFile(path, SourceFile(name, digest.hexdigest(), size), "parquet", reader)


def _text(path: Path, name: str, *, zipped: bool) -> InputFile:
    digest, size = hashlib.sha256(), 0
    check = _Utf8(name)
    for block, content in contents(path, name, zipped=zipped):
        digest.update(block)
        size += len(block)
        check.update(content)
    check.close()
    source = SourceFile(name, digest.hexdigest(), size)
    head = check.head.decode("utf-8", errors="ignore")
    start = head.lstrip("\ufeff").lstrip()[:1]
    form = _suffix(Path(name)) or ("json" if start in {"{", "["} else "csv")
    if Path(name).name == FACTS:
        return InputFile(path, source, "toml", "")
    if form == "parquet":
        raise InputError(f"{name}: gzip around Parquet is not read; unpack it first")
    packed = f"compression={'gzip' if zipped else 'none'!r}"
    if form == "json":
        reader = f"{_json_reader(path, name, head, start)}, {packed})"
        return InputFile(path, source, form, reader, zipped=zipped)
    columns, delimiter = _header(head, name, name.lower())
    reader = f"{_csv_reader(path, columns, delimiter)}, {packed})"
    return InputFile(path, source, form, reader, columns, zipped=zipped, delimiter=delimiter)


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            yield block


def contents(path: Path, name: str, *, zipped: bool) -> Iterator[tuple[bytes, bytes]]:
    """Yield each block of the file with the text it holds, unpacked where it is gzip.

    A block that unpacks to much comes in several steps, of which only the first has the block.
    """
    if not zipped:
        for block in _blocks(path):
            yield block, block
        return
    unpack, size = zlib.decompressobj(wbits=31), 0
    for block in _blocks(path):
        yield block, b""
        rest = block
        while rest:
            if unpack.eof:  # several gzip members in one file
                unpack = zlib.decompressobj(wbits=31)
            try:
                content = unpack.decompress(rest, _BLOCK)
            except zlib.error:
                message = f"{name}: broken gzip data; export or copy the file again"
                raise InputError(message) from None
            rest = unpack.unused_data if unpack.eof else unpack.unconsumed_tail
            size += len(content)
            if is_dense(size, path):
                raise InputError(
                    f"{name}: unpacks to more than {FOLD} times its size; if this is no mistake, "
                    "unpack it and name the plain file"
                )
            yield b"", content
    if not unpack.eof:
        raise InputError(f"{name}: the gzip file is cut off; export or copy the file again")


class _Utf8:
    """Follows a text block by block, and refuses what is no UTF-8 text."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.head = b""
        self.size = 0
        self._lines = 1
        self._carry = b""

    def update(self, content: bytes) -> None:
        """Take the next block."""
        if not self.size and content:
            self._refuse_foreign(content[:_HEAD])
        if len(self.head) < _HEAD:
            self.head += content[: _HEAD - len(self.head)]
        self._decode(self._carry + content, last=False)
        self.size += len(content)

    def close(self) -> None:
        """Check the end of the text."""
        self._decode(self._carry, last=True)
        if not self.head.removeprefix(b"\xef\xbb\xbf").strip():
            raise InputError(f"{self.name}: the file is empty; allowed: {_READABLE}, with rows")

    def _decode(self, block: bytes, *, last: bool) -> None:
        start = self.size - len(self._carry)
        self._carry = b""
        if not block.isascii():
            try:
                block.decode()
            except UnicodeDecodeError as fault:
                if last or fault.end < len(block) or fault.reason != "unexpected end of data":
                    self._refuse(block, start, fault.start)
                self._carry = block[fault.start :]
                block = block[: fault.start]
        self._lines += block.count(b"\n")

    def _refuse(self, block: bytes, start: int, at: int) -> None:
        line = self._lines + block[:at].count(b"\n")
        raise InputError(
            f"{self.name}: not UTF-8: byte 0x{block[at]:02X} at offset {start + at} (line {line}); "
            "save or export the file as UTF-8"
        )

    def _refuse_foreign(self, head: bytes) -> None:
        for magic, what in _FOREIGN.items():
            if head.startswith(magic):
                raise InputError(f"{self.name}: is {what}; allowed: {_READABLE}; export it as such")
        control = len(head) - len(head.translate(None, _CONTROL))
        # Odd characters may be meant in text; beside bytes that are no text they are not.
        if control > len(head) * (0.3 if _decodes(head) else 0.02):
            raise InputError(
                f"{self.name}: is a binary file ({control} control characters in its first "
                f"{len(head)} bytes); allowed: {_READABLE}"
            )


def _decodes(head: bytes) -> bool:
    """Whether the beginning of a file is UTF-8, a letter cut off at its end aside."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return True


def _json_reader(path: Path, name: str, head: str, start: str) -> str:
    if head.startswith("\ufeff"):
        raise InputError(f"{name}: begins with a byte order mark; save it as UTF-8 without one")
    if start not in {"{", "["}:
        raise InputError(f"{name}: found {start!r}, allowed: one JSON object a line, or an array")
    lines = head.count("\n") and re.match(r"\s*\{.*\}\s*$", head.lstrip().splitlines()[0])
    whole = start == "{" and not lines and Path(name).suffix.lower() != ".jsonl" and "\n" in head
    form = "array" if start == "[" else "unstructured" if whole else "newline_delimited"
    return f"read_json_objects({_quoted(path)}, format='{form}'"


def _header(head: str, name: str, filename: str) -> tuple[tuple[str, ...], str]:
    """Return the column names and the delimiter of a CSV file."""
    text = head.lstrip("\ufeff")
    if not text.splitlines()[0].strip():
        raise InputError(f"{name}: line 1 is blank; the first line must name the columns")
    first = "\t" if ".tsv" in filename or ".tab" in filename else ","
    ranked = sorted(_DELIMITERS, key=lambda delimiter: delimiter != first)
    headers = {delimiter: _first_record(text, delimiter) for delimiter in ranked}
    delimiter = first if len(headers[first]) > 1 else max(ranked, key=lambda d: len(headers[d]))
    columns = tuple(tidy(column) for column in headers[delimiter])
    if "\0" in "".join(columns):
        raise InputError(f"{name}: a column name has a NUL character; rename the column")
    return columns, delimiter


def _first_record(text: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except (csv.Error, StopIteration):
        return []


def _csv_reader(path: Path, columns: tuple[str, ...], delimiter: str) -> str:
    """Write the call (left open) that reads a CSV file as text, by position, without guessing.

    Left to itself the engine takes a first character `#` for a comment and drops the row.
    """
    types = ", ".join(f"'c{position}': 'varchar'" for position in range(len(columns)))
    return (
        f"read_csv({_quoted(path)}, auto_detect=false, header=true, columns={{{types}}}, "
        f"delim={literal(delimiter)}, quote='\"', escape='\"', comment='', strict_mode=true, "
        f"max_line_size={LINE_SIZES[0]}"
    )


def _quoted(path: Path) -> str:
    """Quote a path for a table function, which would read `*`, `?` and `[` as a pattern."""
    return literal(re.sub(r"([*?\[])", r"[\1]", str(path.absolute())))
