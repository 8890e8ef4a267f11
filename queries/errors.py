"""What can go wrong below the dashboard.

BatchError
├── InputError      the caller's file, mapping, option or name; exit code 2
└── StoreError      the store or the machine; exit code 5
"""

import re
from typing import Final

_WORD: Final = 250
_ENDLESS: Final = re.compile(rf"\S{{{_WORD},}}")


def first_line(error: Exception) -> str:
    """Return what an engine says in its first line; advice for programmers follows there."""
    return next(iter(str(error).splitlines()), type(error).__name__)


class BatchError(Exception):
    """Base of every error that is told to the user in one line.

    The message says what was wrong, where (file, record, column, batch), what was found, what is
    allowed, and what to do. `attached` is text to copy that goes with it, such as a file to
    start from.
    """

    def __init__(self, message: str, *, attached: str = "") -> None:
        super().__init__(_visible(message))
        self.attached = attached


def _visible(message: str) -> str:
    r"""Escape what a terminal would obey or hide, and shorten what no line has room for.

    Messages quote names from files, and a name may hold anything.

    >>> print(_visible("no column 'a\u202eb'"))
    no column 'a\u202eb'
    """
    text = "".join(
        sign if sign.isprintable() or sign == "\n" else sign.encode("unicode_escape").decode()
        for sign in message
    )
    return _ENDLESS.sub(lambda found: f"{found[0][: _WORD - 100]}...", text)


class InputError(BatchError):
    """A file, mapping, option or name that the user gave cannot be used as it is."""


class StoreError(BatchError):
    """The store cannot be read or written."""
