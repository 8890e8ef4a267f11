"""The machine a store lies on: versions, room, limits."""

import os
import platform
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from queries.catalogue import software
from queries.findings import Finding

_SCARCE_BYTES: Final = 1 << 30
_NO_ROOM_BYTES: Final = 64 << 20
_MADE_FOR_DUCKDB: Final = "2."
_UNITS: Final = {"bytes": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40}
_CONTROL_GROUP: Final = Path("/sys/fs/cgroup/memory.max")


@dataclass(frozen=True, slots=True)
class Machine:
    """What this process has to work with; sizes in bytes, `memory` None where nobody tells."""

    software: str
    python: str
    duckdb: str
    cores: int
    threads: int
    memory: int | None
    memory_limit: int
    disk_free: int
    writable: bool


def this_machine(folder: Path, cursor: duckdb.DuckDBPyConnection) -> Machine:
    """Return what a store has to work with."""
    limit, threads = cursor.execute(
        "select current_setting('memory_limit'), current_setting('threads')"
    ).fetchall()[0]
    return Machine(
        software=software(),
        python=platform.python_version(),
        duckdb=duckdb.__version__,
        cores=len(os.sched_getaffinity(0)),
        threads=int(threads),
        memory=_memory(),
        memory_limit=_bytes(str(limit)),
        disk_free=shutil.disk_usage(folder).free,
        writable=os.access(folder, os.W_OK),
    )


def of_machine(found: Machine, folder: Path) -> Iterator[Finding]:
    """Yield what is wrong with the machine."""
    place = str(folder)
    if found.disk_free < _SCARCE_BYTES:
        yield Finding(
            "error" if found.disk_free < _NO_ROOM_BYTES else "warning",
            f"only {found.disk_free:,} bytes of disk are free",
            place,
            "free disk space before the next import, or move the store to a larger disk",
        )
    if not found.writable:
        yield Finding(
            "note",
            "the store can be read but not written",
            place,
            "nothing, if that is meant; imports and migrations need write permission",
        )
    if found.memory is not None and found.memory_limit > found.memory:
        yield Finding(
            "warning",
            f"the memory limit is {found.memory_limit:,} bytes, the machine gives {found.memory:,}",
            "BATCHGATE_MEMORY",
            "lower it to three quarters of the memory; beyond that the system kills the process",
        )
    if found.threads > found.cores:
        yield Finding(
            "note",
            f"{found.threads} threads share {found.cores} processors",
            "BATCHGATE_THREADS",
            f"set it to {found.cores}; more only takes memory",
        )
    if not found.duckdb.startswith(_MADE_FOR_DUCKDB):
        yield Finding(
            "warning",
            f"DuckDB is {found.duckdb}; this was made for {_MADE_FOR_DUCKDB}x",
            "the Python environment",
            "install batchgate again with the versions it asks for",
        )


def _memory() -> int | None:
    """Return the memory this process may use: the machine's, or that of its container."""
    found = []
    with suppress(OSError, ValueError, AttributeError):
        found.append(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    with suppress(OSError, ValueError):  # "max" where there is no limit
        found.append(int(_CONTROL_GROUP.read_text(encoding="ascii")))
    return min(found, default=None)


def _bytes(text: str) -> int:
    """Read a size as DuckDB prints it.

    Examples
    --------
    >>> _bytes("1.5 GiB")
    1610612736
    """
    number, _, unit = text.partition(" ")
    return int(float(number) * _UNITS[unit])
