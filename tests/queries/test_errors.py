"""What a message may hold: names from files are quoted in it, and may hold anything."""

import pytest

from queries.errors import InputError


@pytest.mark.parametrize("sign", ["\x1b", "\u202e", "\x00", "\x7f", "\u200b", "\ud800"])
def test_a_message_shows_what_a_terminal_would_obey_or_hide(sign: str) -> None:
    message = str(InputError(f"no column 'a{sign}b'; rename it"))
    assert message.isprintable()
    assert sign.encode("unicode_escape").decode() in message


def test_a_message_keeps_its_lines_and_letters() -> None:
    assert str(InputError("Zoë: 日本\nline two")) == "Zoë: 日本\nline two"


def test_a_message_shortens_an_endless_name() -> None:
    message = str(InputError(f"no column {'x' * 60_000}; rename it"))
    assert len(message) < 300
    assert message.endswith("... rename it")
