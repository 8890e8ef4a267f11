"""Canonical JSON after RFC 8785."""

import pytest

from app.canonical import canonical_json


def test_canonical_json_does_not_depend_on_the_order_of_keys() -> None:
    assert canonical_json({"a": 1, "b": 2}) == canonical_json({"b": 2, "a": 1})


def test_canonical_json_sorts_by_utf16_code_units() -> None:
    """RFC 8785, section 3.2.3: the surrogate pair of the smiley sorts before U+FB33."""
    document = {
        "\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One", "\U0001f600": "Emoji: Grinning Face", "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }  # fmt: skip
    text = canonical_json(document)
    order = ["Carriage", "One", "Control", "Latin", "Euro", "Emoji", "Hebrew"]
    assert sorted(order, key=text.index) == order


def test_canonical_json_refuses_floats() -> None:
    with pytest.raises(TypeError, match="as text"):
        canonical_json({"value": 0.1})


def test_canonical_json_refuses_keys_that_are_not_text() -> None:
    with pytest.raises(TypeError, match="not text"):
        canonical_json({1: "one"})
