"""Where DuckDB puts aside what does not fit into memory: a folder for each process.

DuckDB tells the files of processes apart by their number. Processes in two containers that share a
volume can have the same number, and would write into each other's files: wrong results, not errors.
A lock on the folder says that its process lives; what the dead left is swept by the next import.
"""

import os
import secrets
import shutil
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import suppress
from fcntl import LOCK_NB, LOCK_SH, flock
from pathlib import Path
from typing import Final

from queries.errors import StoreError
from queries.locks import taken

_TRIES: Final = 20


class Scratch:
    """A folder of this process alone, removed when it ends.

    Inside the store; in the system's folder for temporary files where the store is read-only.
    """

    def __init__(self, parent: Path) -> None:
        self.folder, handle = _claimed(parent)
        self.release = weakref.finalize(self, _release, self.folder, handle)


def sweep_scratch(parent: Path) -> None:
    """Remove the folders of processes that have died."""
    for folder in _dead(parent):
        with suppress(OSError):
            shutil.rmtree(folder)


def dead_scratch(parent: Path) -> list[Path]:
    """Return the folders of processes that have died."""
    return sorted(_dead(parent))


def _dead(parent: Path) -> Iterator[Path]:
    """Yield the folders no living process holds; each is locked until the next is asked for."""
    for folder in list(parent.glob("*/")):
        with suppress(OSError):  # its process ended by itself meanwhile
            handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
            try:
                if taken(handle):
                    yield folder
            finally:
                os.close(handle)


def _claimed(parent: Path) -> tuple[Path, int | None]:
    for _ in range(_TRIES):
        folder = parent / secrets.token_hex(8)
        try:
            parent.mkdir(exist_ok=True)
            folder.mkdir()
        except FileNotFoundError:  # another process tidied up between the two
            continue
        except OSError:
            break
        handle = _locked(folder)
        if handle is not None:
            return folder, handle
    try:
        return Path(tempfile.mkdtemp(prefix="batchgate-")), None
    except OSError as error:
        message = (
            f"neither {parent} nor the system's folder for temporary files can be written: "
            f"{error.strerror}; free disk space or set TMPDIR to a folder that can be written"
        )
        raise StoreError(message) from error


def _locked(folder: Path) -> int | None:
    """Lock a new folder; None when a sweep took it for that of a dead process."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        with suppress(OSError):
            flock(handle, LOCK_SH | LOCK_NB)
            if folder.stat().st_ino == os.fstat(handle).st_ino:
                return handle
        os.close(handle)
    return None


def _release(folder: Path, handle: int | None) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    if handle is not None:
        os.close(handle)
        with suppress(OSError):  # others still use theirs
            folder.parent.rmdir()
