"""How far a search has come, told to whoever shows it: a bar of a command."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Progress = Callable[[str, float], None]
_told: ContextVar[Progress] = ContextVar("told", default=lambda _what, _share: None)


def tell(what: str, share: float) -> None:
    """Say how far a search has come, to whoever listens."""
    _told.get()(what, share)


@contextmanager
def listening(progress: Progress) -> Iterator[None]:
    """Have searches within the block report to `progress`."""
    token = _told.set(progress)
    try:
        yield
    finally:
        _told.reset(token)
