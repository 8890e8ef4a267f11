"""A store that is not there yet: made aside, and put in place when its first import is in it."""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from queries.errors import StoreError
from queries.store import Store

CATALOGUE = "catalogue.duckdb"


class OvertakenError(Exception):
    """Somebody else made the store meanwhile; what was made aside is gone."""


def is_free(folder: Path) -> bool:
    """Whether a store can be founded here: the folder is not there, or is empty.

    What stands in the way of it, the store itself says better.
    """
    nearest = next(path for path in folder.parents if path.exists())
    if "?" in str(folder) or not os.access(nearest, os.W_OK | os.X_OK):
        return False
    return not folder.exists() or (folder.is_dir() and not any(folder.iterdir()))


@contextmanager
def founded(folder: Path, *, keep: bool) -> Iterator[Store]:
    """Give a new store to import into; leaving by an error leaves the machine as it was.

    Without `keep` the store goes in any case: a rehearsal leaves nothing behind.

    Raises
    ------
    OvertakenError
        When another process founded a store here meanwhile; import into that one.
    StoreError
        When the folder cannot be made.
    """
    if not keep:
        with tempfile.TemporaryDirectory() as elsewhere, _opened(Path(elsewhere) / "store") as new:
            yield new
        return
    # Innermost first, so that what this made can be taken away again.
    made = [path for path in folder.parents if not path.exists()]
    aside = folder.parent / f".{folder.name}-{secrets.token_hex(4)}"
    try:
        with _opened(aside) as new:
            yield new
        _put_in_place(aside, folder)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        for path in made:
            if path.is_dir() and not any(path.iterdir()):
                path.rmdir()
        raise


@contextmanager
def _opened(folder: Path) -> Iterator[Store]:
    store = Store.open(folder, create=True)
    try:
        yield store
    finally:
        store.close()


def _put_in_place(aside: Path, folder: Path) -> None:
    """Move a complete store to where it belongs; an empty folder that is there stays the same."""
    if folder.is_dir() and any(folder.iterdir()):
        raise OvertakenError
    try:
        if not folder.exists():
            aside.rename(folder)
            return
        # What makes the folder a store comes last.
        for path in sorted(aside.iterdir(), key=lambda path: path.name == CATALOGUE):
            shutil.move(path, folder / path.name)
        aside.rmdir()
    except OSError as error:
        if (folder / CATALOGUE).exists():
            raise OvertakenError from None
        raise StoreError(f"cannot make the store {folder}: {error.strerror}") from error
