"""Malformed files in Parquet, gzip and zip, very large ones, and what is no regular file.

The same files for the same seed.
"""

import gzip
import io
import json
import os
import random
import socket
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import duckdb

from benchmarks.malformed_rows import COLUMNS, Case, as_csv, as_jsonl, rows

LONG_AGO: Final = (2026, 1, 2, 3, 4, 6)
_SELECT: Final = """
select 'i' || cast(n // 3 as varchar) as item_id, 'a' || cast(n % 3 as varchar) as annotator_id,
    'good' as value, timestamptz '2026-01-02 03:04:05+00' as annotated_at,
    1.5 as duration_seconds, '' as note{number}
from range(60) as numbers(n) order by n
"""
_ANSWERS: Final = _SELECT.replace("{number}", "")
_NUMBERED: Final = _SELECT.replace("{number}", ", n")
_TYPES: Final = {
    "list": "[value, 'x']", "struct": "{'a': value, 'b': {'c': 1}}", "map": "map {'k': value}",
    "lists": "[[value]]", "structs": "[{'a': 1}, {'a': 2}]", "boolean": "n % 2 = 0",
    "blob": "'\\x00\\xFF'::blob", "decimal": "cast(n as decimal(38, 10))", "hugeint":
    "170141183460469231731687303715884105727::hugeint", "float": "'nan'::float", "time":
    "time '01:02:03'", "date": "date '2026-01-02'", "interval": "interval 1 month", "uuid":
    "uuid '00000000-0000-0000-0000-000000000001'", "enum": "'a'::enum('a', 'b')", "null": "null",
    "nanoseconds": "make_timestamp_ns(1)", "bits": "'101'::bit",
}  # fmt: skip


def packed(chance: random.Random) -> Iterator[Case]:
    """Make every small file that is no plain text."""
    yield from _parquet(chance)
    yield from _gzip(chance)
    yield from _zip(chance)


def written(query: str) -> bytes:
    """Return the Parquet file of a query."""
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        path = Path(folder) / "x.parquet"
        connection.sql(query).write_parquet(str(path))
        return path.read_bytes()


def _parquet(chance: random.Random) -> Iterator[Case]:
    whole = written(_ANSWERS)
    yield Case("whole.parquet", whole, "taken")
    for number in range(12):
        yield Case(f"cut_{number}.parquet", whole[: chance.randrange(4, len(whole))], "refused")
    yield Case("magic_wrong.parquet", b"PAR2" + whole[4:], "refused", ("begin",))
    yield Case("magic_end_wrong.parquet", whole[:-4] + b"PARX", "refused", ("end",))
    yield Case("magic_encrypted.parquet", b"PARE" + whole[4:-4] + b"PARE", "refused")
    yield Case("magic_only.parquet", b"PAR1PAR1", "refused")
    for what, size in {"zero": 0, "negative": 2**32 - 1, "beyond": 2**31 - 1}.items():
        footer = whole[:-8] + size.to_bytes(4, "little") + b"PAR1"
        yield Case(f"footer_{what}.parquet", footer, "refused")
    for number in range(25):
        content = bytearray(whole)
        for _ in range(chance.choice((1, 3, 30))):
            content[chance.randrange(4, len(whole) - 4)] = chance.randrange(256)
        yield Case(f"flipped_{number}.parquet", bytes(content))
    for what, value in _TYPES.items():
        for name in ("value", "item_id", "annotated_at", "duration_seconds"):
            query = f"select * exclude (n) replace ({value} as {name}) from ({_NUMBERED})"  # noqa: S608
            yield Case(f"{what}_as_{name}.parquet", written(query))
    yield Case("no_rows.parquet", written(f"select * from ({_ANSWERS}) limit 0"), "refused")  # noqa: S608
    yield Case("other_columns.parquet", written("select 1 as a, 2 as b"), "refused")
    wide = ", ".join(f"{number} as c{number}" for number in range(2_000))
    yield Case("columns_2000.parquet", written(f"select *, {wide} from ({_ANSWERS})"))  # noqa: S608
    nul = _ANSWERS.replace("'good'", "'a' || chr(0) || 'b'")
    yield Case("nul_in_value.parquet", written(nul))
    yield Case("named.csv", whole)
    yield Case("in_gzip.parquet.gz", gzip.compress(whole, mtime=0), "refused")


def _gzip(chance: random.Random) -> Iterator[Case]:
    plain = as_csv(rows(900)).encode()
    whole = gzip.compress(plain, mtime=0)
    yield Case("whole.csv.gz", whole, "taken")
    for number in range(12):
        yield Case(f"cut_{number}.csv.gz", whole[: chance.randrange(2, len(whole))], "refused")
    for number in range(12):
        content = bytearray(whole)
        content[chance.randrange(10, len(content))] ^= 1 << chance.randrange(8)
        yield Case(f"flipped_{number}.csv.gz", bytes(content))
    yield Case("and_more.csv.gz", whole + b"more", "refused")
    yield Case("and_zeros.csv.gz", whole + b"\0" * 512)
    yield Case("two_members.jsonl.gz", gzip.compress(as_jsonl(rows()).encode(), mtime=0) * 2)
    yield Case("twice.csv.gz", gzip.compress(whole, mtime=0), "refused")
    yield Case("empty_member.csv.gz", gzip.compress(b"", mtime=0) + whole, "taken")
    yield Case("not_at_all.csv.gz", plain, "either")
    yield Case("raw_deflate.csv.gz", zlib.compress(plain), "refused")
    yield Case("bomb_of_zeros.csv.gz", _bomb(b"\0", 150), "refused")
    yield Case("bomb_of_letters.csv.gz", _bomb(b"x", 150), "refused")
    yield Case("bomb_in_a_field.csv.gz", _bomb(b"x", 150, as_csv(rows()).encode()), "refused")


def _bomb(letter: bytes, megabytes: int, start: bytes = b"") -> bytes:
    """Return a gzip file that is a thousand times as large unpacked."""
    packer = zlib.compressobj(9, wbits=31)
    block = letter * (1 << 20)
    parts = [packer.compress(start)] + [packer.compress(block) for _ in range(megabytes)]
    return b"".join([*parts, packer.flush()])


def _archive(members: dict[str, bytes], level: int = 6) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, LONG_AGO), content, zipfile.ZIP_DEFLATED)
    return sink.getvalue()


def _zip(chance: random.Random) -> Iterator[Case]:
    plain = as_csv(rows(900)).encode()
    whole = _archive({"answers.csv": plain})
    yield Case("whole.zip", whole, "taken")
    for number in range(12):
        yield Case(f"cut_{number}.zip", whole[: chance.randrange(4, len(whole))], "refused")
    for number in range(12):
        content = bytearray(whole)
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        yield Case(f"flipped_{number}.zip", bytes(content))
    yield Case("in_zip.zip", _archive({"inner.zip": whole}), "refused", ("inner.zip",))
    yield Case("gzip_in.zip", _archive({"answers.csv.gz": gzip.compress(plain, mtime=0)}))
    yield Case("no_members.zip", _archive({}), "refused")
    yield Case("only_folders.zip", _archive({"a/": b"", "b/": b""}), "refused")
    yield Case("empty_member.zip", _archive({"answers.csv": b""}), "refused", ("answers.csv",))
    yield Case("readme_beside.zip", _archive({"README.md": b"# hello\n", "answers.csv": plain}))
    yield Case("mixed.zip", _archive({"a.csv": plain, "b.jsonl": as_jsonl(rows()).encode()}))
    for what, name in {"climbing": "../../../etc/answers.csv", "rooted": "/tmp/answers.csv",  # noqa: S108
                       "windows": "C:\\answers.csv", "escape": "\x1b[31m.csv",
                       "bidi": "a\u202evsc.csv", "long": "x" * 5000 + ".csv", "newline":
                       "a\nb.csv", "suffix_long": "a." + "y" * 5000,
                       "suffix_slash": "a.b/..", "suffix_nul": "a.c\\0sv"}.items():  # fmt: skip
        yield Case(f"member_{what}.zip", _archive({name: plain}))
        yield Case(f"member_{what}_broken.zip", _archive({name: b"a,b\n1\n"}), "refused")
    yield Case("bomb.zip", _archive({"answers.csv": b"x" * 150_000_000}, 9), "refused")
    many = {f"{number}.csv": b"" for number in range(12_000)}
    yield Case("many_members.zip", _archive(many), "refused")
    yield Case("workbook.xlsx", _archive({"[Content_Types].xml": b"<x/>"}), "refused", ("Excel",))
    encrypted = bytearray(whole)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        encrypted[encrypted.index(mark) + offset] |= 1
    yield Case("encrypted.zip", bytes(encrypted), "refused", ("encrypted",))
    yield Case("method_unknown.zip", whole.replace(b"\x08\0", b"\x63\0"), "refused")
    lying = whole.replace(len(plain).to_bytes(4, "little"), (7).to_bytes(4, "little"))
    yield Case("size_too_small.zip", lying, "refused")


def large(folder: Path) -> Iterator[tuple[Path, str]]:
    """Write the files that are too large for the gate, one at a time; yield path and outcome."""
    for name, (start, repeated, times, end, outcome) in _LARGE.items():
        path = folder / name
        with path.open("w", encoding="utf-8") as sink:
            sink.write(start)
            for _ in range(100):
                sink.write(repeated * (times // 100))
            sink.write(end)
        yield path, outcome
        path.unlink()
    for name, bomb in (
        ("bomb_of_10_gb.csv.gz", lambda: _bomb(b"\0", 10_000)),
        ("bomb_in_lines.csv.gz", lambda: _bomb(b"i1,ann,good,,1,\n", 256, _HEADER.encode())),
        ("bomb_in_bomb.csv.gz", lambda: gzip.compress(_bomb(b"\0", 2_000), mtime=0)),
    ):
        path = folder / name
        path.write_bytes(bomb())
        yield path, "refused"
        path.unlink()


_HEADER: Final = ",".join(COLUMNS) + "\n"
_OBJECT: Final = json.dumps(rows(1)[0])[:-1]
_LARGE: Final = {
    "line_of_100_mb.csv": (f"{_HEADER}i1,ann,good,,1,", "x", 100_000_000, "\n", "either"),
    "header_of_100_mb.csv": ("", "x", 100_000_000, "", "refused"),
    "open_quote_of_100_mb.csv": (f'{_HEADER}i1,ann,good,,1,"', "x", 100_000_000, "", "refused"),
    "line_of_100_mb.jsonl": (f'{_OBJECT}, "more": "', "x", 100_000_000, '"}\n', "either"),
    "array_on_100_mb_line.json": ("[", f"{_OBJECT}}},", 700_000, f"{_OBJECT}}}]", "either"),
    "open_list_of_100_mb.json": ("", "[", 100_000_000, "", "refused"),
    "open_object_of_100_mb.jsonl": ("", '{"a":', 20_000_000, "", "refused"),
    "blank_100_mb.csv": ("", "\n", 100_000_000, "", "refused"),
    "columns_100000.csv": (_HEADER.strip(), ",x", 100_000, "\n1\n", "refused"),
}
"""Name -> start, what is repeated and how often, end, and what must come of it."""


def special(folder: Path) -> Iterator[tuple[Path, str]]:
    """Make what is no regular file, or is hard to reach; yield path and outcome."""
    sound = as_csv(rows())
    (folder / "empty_folder.csv").mkdir()
    (folder / "folder").mkdir()
    (folder / "folder" / "answers.csv").write_text(sound)
    (folder / "loop.csv").symlink_to(folder / "loop.csv")
    (folder / "loop_a.csv").symlink_to(folder / "loop_b.csv")
    (folder / "loop_b.csv").symlink_to(folder / "loop_a.csv")
    (folder / "dangling.csv").symlink_to(folder / "nowhere.csv")
    (folder / "null.csv").symlink_to("/dev/null")
    (folder / "zeros.csv").symlink_to("/dev/zero")
    os.mkfifo(folder / "pipe.csv")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(folder / "socket.csv"))
    listener.close()
    names = ("empty_folder.csv", "folder", "loop.csv", "loop_a.csv", "dangling.csv", "null.csv",
             "zeros.csv", "pipe.csv", "socket.csv", "absent.csv")  # fmt: skip
    yield from ((folder / name, "refused") for name in names)
    yield folder / ("x" * 300 + ".csv"), "refused"
    yield folder / "no\u202ewhere\x1b[31m.csv", "refused"
    under = folder / "folder" / "answers.csv" / "within.csv"
    yield under, "refused"
    for name in (
        "new\nline.csv",
        "quo'te\".csv",
        "a*[b]?.csv",
        "\u202egpj.csv",
        "ü .csv",
        "%s{}.csv",
    ):
        (folder / name).write_text(sound.replace("i01", name.split(".")[0].replace("\n", " ")))
        yield folder / name, "taken"
    (folder / "link.csv").symlink_to(folder / "folder" / "answers.csv")
    yield folder / "link.csv", "taken"
    if os.geteuid():
        (folder / "closed.csv").write_text(sound)
        (folder / "closed.csv").chmod(0)
        yield folder / "closed.csv", "refused"
