"""JSON that is not what it should be, and what is almost JSON."""

import json
from collections.abc import Iterator

from benchmarks.malformed_rows import COLUMNS, Case, as_jsonl, rows, with_line


def objects() -> Iterator[Case]:
    """Make every small JSON file of the corpus."""
    yield from _shapes()
    yield from _nested()
    yield from _tokens()
    yield from _keys()


def _shapes() -> Iterator[Case]:
    """Write JSON that is whole, and is not what it should be."""
    lines, array = as_jsonl(rows()), json.dumps(rows())
    kinds: dict[str, object] = {
        "list": ["a"], "object": {"a": 1}, "null": None, "true": True, "number": 7, "float": 1.5,
        "empty_list": [], "deep": [[[[[{"a": [1]}]]]]], "big": 2**70, "lists": [["a"], ["b"]],
    }  # fmt: skip
    for what, value in kinds.items():
        for name in ("item_id", "annotator_id", "value"):
            yield Case(f"{what}_as_{name}.jsonl", as_jsonl(rows(**{name: value})).encode())
        yield Case(f"{what}_as_time.jsonl", as_jsonl(rows(annotated_at=value)).encode())
        yield Case(f"{what}_as_record.jsonl", (lines + json.dumps(value) + "\n").encode())
    yield Case("array_of_arrays.json", json.dumps([list(row.values()) for row in rows()]).encode(),
        "refused")  # fmt: skip
    yield Case("array_in_lines.jsonl", (array + "\n" + array + "\n").encode())
    yield Case("array_and_more.json", (array + "\n{}").encode(), "refused")
    yield Case("by_column.json", json.dumps({name: [row[name] for row in rows()] for name
        in COLUMNS}).encode())  # fmt: skip
    yield Case("under_a_key.json", json.dumps({"data": rows()}, indent=1).encode(), "refused")
    yield Case("on_one_line.jsonl", lines.replace("\n", "").encode())
    yield Case("indented.json", json.dumps(rows(), indent=2).encode(), "taken")
    yield Case("indented.jsonl", "\n".join(json.dumps(row, indent=2) for row in rows()).encode())


def _nested() -> Iterator[Case]:
    """Nest deeper than any reader in Python follows."""
    for depth in (50, 900, 5_000, 200_000):
        nested = with_line("note", "[" * depth + "]" * depth)
        yield Case(f"nested_{depth}.jsonl", nested.encode())
        objects = with_line("note", '{"a":' * depth + "1" + "}" * depth)
        yield Case(f"nested_objects_{depth}.jsonl", objects.encode())
    yield Case("nested_open.jsonl", (as_jsonl(rows()) + "[" * 100_000 + "\n").encode(), "refused")


def _tokens() -> Iterator[Case]:
    """Write what is almost JSON, and what JSON readers read differently."""
    tokens = {
        "nan": "NaN", "infinity": "-Infinity", "big": "123456789012345678901234567890",
        "exponent": "1e999", "leading_zero": "007", "plus": "+1", "hex": "0x1F", "point": ".5",
        "single_quotes": "'x'", "bare": "good", "undefined": "undefined", "python": "None",
        "escape": r'"\x41"', "short_escape": r'"\u00"', "lone_high": r'"\ud800"',
        "lone_low": r'"\udc00"', "swapped": r'"\udc00\ud800"', "pair": r'"\ud83c\udf0a"',
        "nul": r'"a\u0000b"', "tab": '"a\tb"', "line_end": '"a\nb"', "comment": "1 /* note */",
        "bidi": r'"\u202egood"', "open": '"good', "nothing": "", "digits": "9" * 5000,
    }  # fmt: skip
    for what, token in tokens.items():
        yield Case(f"token_{what}.jsonl", with_line("value", token).encode())
    for what in ("lone_high", "nul", "nan", "big", "exponent"):
        for name in ("item_id", "annotator_id", "note"):
            text = with_line(name, tokens[what])
            yield Case(f"token_{what}_as_{name}.jsonl", text.encode())


def _keys() -> Iterator[Case]:
    """Name fields twice, strangely, or not as JSON."""
    lines = as_jsonl(rows())
    twice = lines.replace('"value"', '"value": "other", "value"')
    yield Case("key_twice.jsonl", twice.encode())
    yield Case("key_twice_once.jsonl", lines.replace('"note"', '"value": "x", "note"', 1).encode())
    yield Case("key_of_other_case.jsonl", lines.replace('"note"', '"VALUE"').encode())
    yield Case("key_empty.jsonl", lines.replace('"note"', '""').encode())
    yield Case("key_dotted.jsonl", lines.replace('"note"', '"value.x"').encode())
    yield Case("key_quoted.jsonl", lines.replace('"note"', r'"a\"b\\c$[0]"').encode())
    yield Case("key_nul.jsonl", lines.replace('"note"', r'"a\u0000b"').encode())
    yield Case("key_bidi.jsonl", lines.replace('"note"', '"\u202enote"').encode())
    yield Case("key_long.jsonl", lines.replace('"note"', f'"{"k" * 70_000}"', 1).encode())
    yield Case("key_bare.jsonl", lines.replace('"note"', "note", 1).encode(), "refused", ("1",))
    yield Case("comma_last.jsonl", lines.replace("}\n", ",}\n", 1).encode())
    yield Case("comma_between.jsonl", lines.replace("}\n", "},\n").encode(), "refused")
    yield Case("comma_last.json", ("[" + lines.replace("\n", ",") + "]").encode(), "refused")
    yield Case("assigned.json", ("var data = " + json.dumps(rows())).encode(), "refused")
    yield Case("padded.json", (")]}'\n" + json.dumps(rows())).encode(), "refused")
