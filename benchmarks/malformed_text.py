"""Malformed text files, and CSV above all: cut, ragged, in other encodings, with odd fields.

The same files for the same seed.
"""

import json
import random
from collections.abc import Iterator
from itertools import permutations
from typing import Final

from benchmarks.malformed_rows import BAD_ROW, COLUMNS, Case, as_csv, as_jsonl, quoted, rows


def text(chance: random.Random) -> Iterator[Case]:
    """Make every small text file of the corpus but those that are whole JSON."""
    yield from _cut(chance)
    yield from _flipped(chance)
    yield from _encodings()
    yield from _characters()
    yield from _tables()
    yield from _ragged()
    yield from _empty()
    yield from _fields()
    yield from _dates()
    yield from _wide()


def _cut(chance: random.Random) -> Iterator[Case]:
    """Cut text at its places of interest and at any other place."""
    table = rows(value='"good, or ""not"""', note='"Zoë 🌊\nsecond line"')
    csv_text = as_csv(table).encode()
    lines = as_jsonl(rows(note="Zoë 🌊")).encode()
    array = json.dumps(rows(note="Zoë"), ensure_ascii=False).encode()
    places = {
        "in_header": 12, "after_header": csv_text.index(b"\n") + 1,
        "in_quotes": csv_text.index(b"or ") + 2, "between_quotes": csv_text.index(b'""not') + 1,
        "in_letter": csv_text.index("ë".encode()) + 1, "in_emoji": csv_text.index(b"\xf0") + 2,
        "in_quoted_line": csv_text.index(b"second line"), "before_last_end": len(csv_text) - 1,
    }  # fmt: skip
    for what, at in places.items():
        yield Case(f"cut_{what}.csv", csv_text[:at])
    for number in range(16):
        yield Case(f"cut_{number}.csv", csv_text[: chance.randrange(1, len(csv_text))])
    for number in range(20):
        at = chance.randrange(2, len(lines) - 2)
        whole = lines[at - 1 : at] in b"}\n" or lines[at : at + 1] == b"\n"
        yield Case(f"cut_{number}.jsonl", lines[:at], "either" if whole else "refused")
    for number in range(16):
        yield Case(f"cut_{number}.json", array[: chance.randrange(1, len(array))], "refused")


def _flipped(chance: random.Random) -> Iterator[Case]:
    """Put any byte at any place: nothing is known of what comes, but that it is told."""
    for suffix, text in (("csv", as_csv(rows())), ("jsonl", as_jsonl(rows()))):
        for number in range(20):
            content = bytearray(text.encode())
            for _ in range(chance.choice((1, 3, 40))):
                content[chance.randrange(len(content))] = chance.randrange(256)
            yield Case(f"flipped_{number}.{suffix}", bytes(content))


def _encodings() -> Iterator[Case]:
    """Write text in every encoding that a spreadsheet knows."""
    table = as_csv(rows(note="Zoë fährt nach Łódź")), as_jsonl(rows(note="Zoë fährt nach Łódź"))
    foreign = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "iso8859-2", "cp1250")
    for suffix, text in zip(("csv", "jsonl"), table, strict=True):
        for encoding in foreign:
            yield Case(f"{encoding}.{suffix}", text.encode(encoding), "refused")
        yield Case(f"ebcdic.{suffix}", text.replace("Ł", "L").replace("ź", "z").encode("cp500",
            "replace"), "refused")  # fmt: skip
        yield Case(f"utf7.{suffix}", text.encode("utf-7"))
        yield Case(f"latin1.{suffix}", text.encode("latin-1", "replace"), "refused", ("0xEB",))
        yield Case(f"mark_twice.{suffix}", b"\xef\xbb\xbf" * 2 + text.encode())
        yield Case(f"mark_within.{suffix}", text.replace("i05", "\ufeffi05").encode())
        yield Case(f"overlong.{suffix}", text.replace("Zo", "@@").encode().replace(b"@@",
            b"\xc0\xaf"), "refused", ("0xC0",))  # fmt: skip
        yield Case(f"half_surrogate.{suffix}", text.encode().replace(b"Zo", b"\xed\xa0\x80"),
            "refused", ("0xED",))  # fmt: skip
        yield Case(f"two_encodings.{suffix}", (text + "é").encode() + b"\xe9\n", "refused")
    shift = as_csv(rows(note="日本語の覚え書き")).encode("shift_jis")
    yield Case("shift_jis.csv", shift, "refused")
    yield Case("gb18030.csv", as_csv(rows(note="备注：好")).encode("gb18030"), "refused")
    yield Case("mark.csv", b"\xef\xbb\xbf" + as_csv(rows()).encode(), "taken")
    yield Case("mark.jsonl", b"\xef\xbb\xbf" + as_jsonl(rows()).encode())


STRANGE: Final = {
    "nul": "\0", "bell": "\a", "escape": "\x1b[31m", "end_of_file": "\x1a", "delete": "\x7f",
    "next_line": "\x85", "line_separator": "\u2028", "right_to_left": "\u202e",
    "isolate": "\u2066", "zero_width": "\u200b", "soft_hyphen": "\u00ad", "tag": "\U000e0041",
    "no_character": "\uffff", "private": "\ue000", "combining": "\u0301" * 50, "tab": "\t",
    "vertical_tab": "\v",
}  # fmt: skip


def _characters() -> Iterator[Case]:
    """Put characters that no one sees into ids, labels, notes and the header."""
    for what, sign in STRANGE.items():
        for field in ("item_id", "annotator_id", "value"):
            text = f"x{sign}y"
            yield Case(f"{what}_in_{field}.csv", as_csv(rows(**{field: text})).encode())
        yield Case(f"{what}_in_{'note'}.jsonl", as_jsonl(rows(note=f"x{sign}y")).encode(), "taken")
        wrong = as_csv(rows()).replace("annotator_id", f"anno{sign}tator_id", 1)
        yield Case(f"{what}_in_header.csv", wrong.encode())
        missing = as_jsonl(rows(annotator_id=None, value=f"x{sign}y"))
        yield Case(f"{what}_beside_no_annotator.jsonl", missing.encode())


def _tables() -> Iterator[Case]:
    """Write sound tables in unusual ways: order, separators, ends, quotes."""
    for number, order in enumerate(list(permutations(COLUMNS))[100::150]):
        yield Case(f"shuffled_{number}.csv", as_csv(rows(), order).encode(), "taken")
    for what, sign in {"comma": ",", "tab": "\t", "semicolon": ";", "bar": "|"}.items():
        yield Case(f"between_{what}.csv", as_csv(rows(), delimiter=sign).encode(), "taken")
    for what, sign in {"caret": "^", "space": " ", "colon": "::", "unit": "\x1f"}.items():
        yield Case(f"between_{what}.csv", as_csv(rows(), delimiter=sign).encode(), "refused")
    for what, sign in {"crlf": "\r\n", "lf": "\n"}.items():
        yield Case(f"ends_{what}.csv", as_csv(rows(), end=sign).encode(), "taken")
    plain = as_csv(rows())
    yield Case("ends_cr.csv", as_csv(rows(), end="\r").encode())
    yield Case("ends_mixed.csv", plain.replace("\n", "\r\n", 20).encode())
    yield Case("ends_mixed_cr.csv", plain.replace("\n", "\r", 20).encode())
    yield Case("ends_doubled.csv", plain.replace("\n", "\r\r\n").encode())
    yield Case("ends_not.csv", plain.rstrip("\n").encode(), "taken")
    yield Case("ends_blank_lines.csv", (plain + "\n\n\n").encode())
    yield Case("blank_lines_within.csv", plain.replace("\n", "\n\n").encode())
    yield Case("blank_lines_within.jsonl", as_jsonl(rows()).replace("\n", "\n \n").encode())
    yield Case("ends_crlf.jsonl", as_jsonl(rows()).replace("\n", "\r\n").encode(), "taken")
    spaced = plain.replace(",", " , ")
    yield Case("spaces_around.csv", spaced.encode())
    yield Case("quoted_header.csv", plain.replace("item_id", '"item_id"', 1).encode(), "taken")
    yield Case("upper_header.csv", plain.replace("item_id", "ITEM_ID", 1).encode())
    yield Case("comment_on_top.csv", ("# exported by us\n" + plain).encode(), "refused")
    yield Case("title_on_top.csv", ("All answers\n\n" + plain).encode(), "refused")
    yield Case("sep_on_top.csv", ("sep=,\n" + plain).encode(), "refused")
    yield Case("table_in_html.csv", b"<table><tr><td>item_id</td></tr></table>\n", "refused")
    yield Case("csv_named.jsonl", plain.encode(), "refused", ("JSON",))
    yield Case("jsonl_named.csv", as_jsonl(rows()).encode(), "refused")
    yield Case("csv_named.parquet", plain.encode(), "refused", ("Parquet",))
    yield Case("no_suffix", plain.encode(), "taken")
    yield Case("twice_over.csv", (plain * 2).encode())


def _ragged() -> Iterator[Case]:
    """Break rows, quotes and the header."""
    plain = as_csv(rows())
    lines = plain.splitlines(keepends=True)

    def broken(line: str, at: int = BAD_ROW) -> bytes:
        return "".join([*lines[:at], line, *lines[at + 1 :]]).encode()

    where = (f"line {BAD_ROW + 1}",)
    for count in (1, 3, 5, 7, 12):
        yield Case(f"fields_{count}.csv", broken(",".join("x" * count) + "\n"), "refused", where)
    for what, field in {"open": '"good', "within": 'go"od', "after": '"good"x',
                        "single": "'go,od'", "backslash": '"go\\"od"', "thrice": '"""',
                        "curly": "“good”"}.items():  # fmt: skip
        yield Case(f"quote_{what}.csv", broken(f"i11,ann,{field},,1,\n"))
    yield Case("quote_open_at_end.csv", (plain + 'i99,ann,"good\n').encode(), "refused")
    yield Case("quote_open_in_header.csv", ('"' + plain).encode(), "refused")
    yield Case("delimiter_in_field.csv", broken("i11,ann,good, or bad,,1,\n"), "refused", where)
    yield Case("header_twice.csv", broken(lines[0]))
    for name in ("item_id", "annotator_id", "value"):
        gone = as_csv(rows(), [each for each in COLUMNS if each != name])
        yield Case(f"no_{name}.csv", gone.encode(), "refused", (name,))
        table = [{key: row[key] for key in row if key != name} for row in rows()]
        yield Case(f"no_{name}.jsonl", as_jsonl(table).encode(), "refused", (name,))
        twice = as_csv(rows(), [*COLUMNS, name])
        yield Case(f"twice_{name}.csv", twice.encode(), "refused", (name,))
    yield Case("header_nameless.csv", plain.replace("note", "", 1).encode())
    yield Case("header_all_nameless.csv", (",,,,,\n" + "".join(lines[1:])).encode(), "refused")
    yield Case("header_missing.csv", "".join(lines[1:]).encode(), "refused")
    yield Case("header_numbers.csv", ("1,2,3,4,5,6\n" + "".join(lines[1:])).encode(), "refused")


def _empty() -> Iterator[Case]:
    """Leave out everything."""
    for suffix in ("csv", "tsv", "jsonl", "json", "parquet", "csv.gz", "zip", "txt", "toml"):
        yield Case(f"nothing.{suffix}", b"", "refused", ("empty",))
        yield Case(f"blank.{suffix}", b" \n\t\n  \n", "refused")
    yield Case("only_mark.csv", b"\xef\xbb\xbf", "refused", ("empty",))
    yield Case("only_header.csv", as_csv([]).encode(), "refused", ("no data rows",))
    yield Case("only_header_cut.csv", as_csv([]).strip().encode(), "refused")
    yield Case("only_nul.csv", b"\0" * 5000, "refused")
    for what, text in {"list": "[]", "object": "{}", "lists": "[[]]", "null": "null",
                       "objects": "[{},{}]", "text": '"x"', "number": "7"}.items():  # fmt: skip
        yield Case(f"only_{what}.json", text.encode(), "refused")
        yield Case(f"only_{what}.jsonl", (text + "\n").encode(), "refused")


def _fields() -> Iterator[Case]:
    """Put one wrong value into a sound table."""
    numbers = {
        "negative": "-5", "word": "soon", "percent": "5%", "comma": '"1,5"', "hex": "0x1F",
        "beyond_64_bits": "18446744073709551616", "beyond_double": "1e400", "nan": "NaN",
        "infinity": "Infinity", "arabic": "٣٤", "grouped": "1_000", "years": "999999999999",
    }  # fmt: skip
    for what, text in numbers.items():
        table = as_csv(rows(duration_seconds=text)).encode()
        told = "duration_seconds" if what not in {"arabic", "grouped"} else None
        yield Case(f"duration_{what}.csv", table, "taken", loses=told)
    for name in ("item_id", "annotator_id"):
        for what, text in {"gone": "", "blank": "   ", "na": "NA", "long": "x" * 5000}.items():
            loses = name if what in {"gone", "blank"} else None
            table = as_csv(rows(**{name: text})).encode()
            yield Case(f"{name}_{what}.csv", table, "taken", loses=loses)
    for what, text in {"cmd": "=cmd|' /C calc'!A0", "sum": "@SUM(1+1)", "plus": "+1+1",
                       "minus": "-2+3", "link": '=HYPERLINK(""http://x.example"")',
                       "markup": "<script>alert(1)</script>"}.items():  # fmt: skip
        yield Case(f"formula_{what}.csv", as_csv(rows(value=quoted(text))).encode(), "taken")
        text_in_id = as_jsonl(rows(item_id=text, annotator_id=text, note=text))
        yield Case(f"formula_{what}.jsonl", text_in_id.encode(), "taken")
    for what, text in {"sql": "'); drop table item; --", "format": "{0} %s %n {x}",
                       "path": "../../etc/passwd", "dollar": "$1 $file"}.items():  # fmt: skip
        table = rows(item_id=quoted(text), annotator_id=quoted(text), value=quoted(text))
        yield Case(f"text_{what}.csv", as_csv(table).encode(), "taken")
    yield Case("every_label_new.csv", as_csv([{**row, "value": f"label {number}"} for number, row
        in enumerate(rows(900))]).encode())  # fmt: skip
    yield Case("all_lost.csv", as_csv([{**row, "item_id": ""} for row in rows()]).encode(),
        "refused", ("item_id",))  # fmt: skip
    yield Case("one_person.csv", as_csv([{**row, "annotator_id": "a"} for row in rows()]).encode())


def _dates() -> Iterator[Case]:
    """Write times in styles that mean something, mean two things, or mean nothing."""
    sound = {
        "iso": "2026-01-02T03:04:05Z", "space": "2026-01-02 03:04:05+00", "day": "2026-01-02",
        "offset": "2026-01-02T03:04:05.123456+05:30",
    }  # fmt: skip
    wrong = {
        "us": "1/2/2026 3:04 PM", "german": "02.01.2026 03:04", "words": "Jan 2, 2026",
        "epoch": "1767323045", "epoch_ms": "1767323045000", "compact": "20260102T030405",
        "month_13": "2026-13-02", "february_30": "2026-02-30", "hour_25": "2026-01-02 25:00:00",
        "year_0": "0000-00-00", "year_10000": "10000-01-01", "future": "2999-01-01", "serial":
        "46024.13", "rfc": "Fri, 02 Jan 2026 03:04:05 GMT",
    }  # fmt: skip
    for what, text in sound.items():
        yield Case(f"date_{what}.csv", as_csv(rows(annotated_at=quoted(text))).encode(), "taken")
    for what, text in wrong.items():
        table = as_csv(rows(annotated_at=quoted(text))).encode()
        told = "annotated_at" if what not in {"compact", "year_10000"} else None
        yield Case(f"date_{what}.csv", table, "taken", loses=told)
        every = as_csv([{**row, "annotated_at": quoted(text)} for row in rows()])
        yield Case(f"dates_{what}.csv", every.encode())


def _wide() -> Iterator[Case]:
    """Go beyond what anybody would export, within a few megabytes."""
    many = [*COLUMNS, *(f"extra_{number}" for number in range(3_000))]
    yield Case("columns_3000.csv", as_csv(rows(6), many).encode())
    keyed = [{**row, **{f"extra_{number}": number for number in range(3_000)}} for row in rows(6)]
    yield Case("columns_3000.jsonl", as_jsonl(keyed).encode())
    strewn = [{**row, f"key_{number}": 1} for number, row in enumerate(rows(3_000))]
    yield Case("key_per_record.jsonl", as_jsonl(strewn).encode())
    yield Case("column_long.csv", as_csv(rows(), [*COLUMNS, "x" * 60_000]).encode())
    yield Case("header_over_64k.csv", as_csv(rows(), [*COLUMNS, "x" * 70_000]).encode())
    for field in ("value", "note", "item_id"):
        table = rows(**{field: "x" * 3_000_000})
        yield Case(f"huge_{field}.csv", as_csv(table).encode())
        yield Case(f"huge_{field}.jsonl", as_jsonl(table).encode())
