"""Advisory locks between processes, which the kernel takes back when a process dies."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fcntl import LOCK_EX, LOCK_NB, LOCK_SH, LOCK_UN, flock
from pathlib import Path

from queries.errors import StoreError


class Waiting:
    """Sleeps a little longer each time, up to a deadline."""

    def __init__(self, patience: float) -> None:
        self._deadline = time.monotonic() + patience
        self._pause = 0.0005

    def over(self) -> bool:
        """Sleep, or return True when patience has run out."""
        if time.monotonic() >= self._deadline:
            return True
        jitter = time.monotonic_ns() % 997 / 997
        time.sleep(self._pause * (0.5 + jitter))
        self._pause = min(self._pause * 1.5, 0.02)
        return False


class FileLock:
    """An advisory lock on a sidecar file that names its holder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def _open(self, *, writing: bool) -> int:
        flags = os.O_RDWR | os.O_CREAT if writing else os.O_RDONLY
        return os.open(self.path, flags | os.O_CLOEXEC, 0o666)

    def pass_through(self, patience: float) -> None:
        """Wait until nobody holds the lock alone, and hold nothing afterwards."""
        try:
            handle = self._open(writing=False)
        except OSError:
            return  # no writer has ever been here: a copied or read-only store
        try:
            self._acquire(handle, LOCK_SH, patience)
            flock(handle, LOCK_UN)
        finally:
            os.close(handle)

    @contextmanager
    def alone(self, reason: str, patience: float) -> Iterator[None]:
        """Hold the lock alone; the reason is shown to those who wait in vain."""
        try:
            handle = self._open(writing=True)
        except OSError as error:
            message = f"cannot write to the store {self.path.parent}: {error.strerror}"
            raise StoreError(message) from error
        try:
            self._acquire(handle, LOCK_EX, patience)
            with suppress(OSError):  # a full disk has no room for a name; the lock holds without
                os.ftruncate(handle, 0)
                os.pwrite(handle, f"process {os.getpid()}: {reason}".encode(), 0)
            yield
        finally:
            os.close(handle)

    @contextmanager
    def together(self, patience: float) -> Iterator[None]:
        """Hold the lock with others who hold it so; holds nothing where it cannot be made."""
        handle = self._handle()
        if handle is None:
            yield
            return
        try:
            self._acquire(handle, LOCK_SH, patience)
            yield
        finally:
            os.close(handle)

    @contextmanager
    def alone_if_free(self) -> Iterator[bool]:
        """Hold the lock alone where nobody else holds it; the value says whether it does."""
        handle = self._handle()
        try:
            yield handle is not None and taken(handle)
        finally:
            if handle is not None:
                os.close(handle)

    def is_held(self) -> bool:
        """Whether somebody holds the lock alone at this moment."""
        try:
            handle = self._open(writing=False)
        except OSError:
            return False
        try:
            flock(handle, LOCK_SH | LOCK_NB)
        except BlockingIOError:
            return True
        else:
            return False
        finally:
            os.close(handle)

    def _handle(self) -> int | None:
        for writing in (True, False):
            with suppress(OSError):
                return self._open(writing=writing)
        return None

    def holder(self) -> str:
        """Return who held the lock alone last."""
        try:
            return self.path.read_text(encoding="utf-8") or "unknown process"
        except (OSError, UnicodeDecodeError):
            return "unknown process"

    def _acquire(self, handle: int, kind: int, patience: float) -> None:
        waiting = Waiting(patience)
        while True:
            try:
                flock(handle, kind | LOCK_NB)
            except BlockingIOError:
                if waiting.over():
                    message = (
                        f"the store {self.path.parent} has been busy for {patience:.0f} s "
                        f"({self.holder()}); wait until that is done and try again"
                    )
                    raise StoreError(message) from None
            else:
                return


def taken(handle: int) -> bool:
    """Take a lock alone if nobody has it; closing the handle gives it back."""
    try:
        flock(handle, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        return False
    return True
