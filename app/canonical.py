"""Canonical JSON: one text for one document, so that hashes can be compared."""

import json
from typing import Any


def canonical_json(document: Any) -> str:
    """Return the document in the form of RFC 8785 for what we hash.

    Keys are sorted by UTF-16 code units, nothing is escaped that need not be, no white space.
    Numbers are integers or have been made strings before: the number format of RFC 8785 is not
    needed and floats are refused.

    Raises
    ------
    TypeError
        For a float, or a key that is not text.

    Examples
    --------
    >>> canonical_json({"b": 1, "a": ["é", None]})
    '{"a":["é",null],"b":1}'
    """
    return json.dumps(_ordered(document), ensure_ascii=False, separators=(",", ":"))


def _ordered(value: Any) -> Any:
    if isinstance(value, float):
        raise TypeError(f"{value!r} must be written as text before it is hashed")
    if isinstance(value, dict):
        return {key: _ordered(value[key]) for key in sorted(value, key=_utf16)}
    if isinstance(value, list | tuple):
        return [_ordered(each) for each in value]
    return value


def _utf16(key: object) -> bytes:
    if not isinstance(key, str):
        raise TypeError(f"the key {key!r} is not text")
    return key.encode("utf-16-be", "surrogatepass")
