"""Import every file of a corpus of malformed ones through the command line.

Usage: python benchmarks/malformed.py [--only PATTERN] [--every N] [--folder FOLDER]

Promise: whatever is in a file, `batchgate import` ends within 10 seconds of work and 1.5 GB of
memory, with exit 0 or 2, without a traceback; it says in one line without control characters what
is wrong, in which file, and what to do; and a store that it did not import into has the same rows
and files as before.

The corpus (`corpus`, the same for the same seed) has more than 700 small files, which
`tests/queries/ingest/test_malformed.py` also imports in the process, and the large ones, the bombs
and what is no regular file, which only this script makes. Every file is read twice, as it is found
and with a mapping. Time and memory are what the system says of the process that ended, so that
other load on the machine does not count; one that waits for something is ended after two minutes.
Prints a line for each broken promise, and a table. `--every 10` takes one in ten small files.
"""

import argparse
import hashlib
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

import duckdb

from benchmarks.malformed_json import objects
from benchmarks.malformed_packed import large, packed, special
from benchmarks.malformed_rows import MAPPING, Case, as_csv, rows
from benchmarks.malformed_text import text

SEED: Final = 2026
SECONDS, MEGABYTES, PATIENCE = 10.0, 1_500, 120.0
ENGINE: Final = re.compile(
    r"Binder|Parser Error|Catalog Error|INTERNAL|Invalid Input|InvalidInput|Conversion Error"
    r"|IO Error|read_csv|read_json|read_parquet|LINE \d|max_line_size|maximum_object_size|duckdb"
    r"|Traceback|unexpected \w+:|Not implemented|Snappy|Thrift|TProtocol"
)
"""What no user should have to read: the words of the engine and of Python."""
LONGEST: Final = 1_500


def corpus(seed: int = SEED) -> Iterator[Case]:
    """Make every small file: text, JSON, Parquet, gzip and zip."""
    chance = random.Random(seed)  # noqa: S311 - the same files every time is what is asked for
    yield from text(chance)
    yield from objects()
    yield from packed(chance)


def told_badly(message: str, name: str) -> list[str]:
    """Return what is wrong with an error message about the file `name`."""
    faults = []
    if not message.isprintable():
        faults.append("has control characters")
    if found := ENGINE.search(message):
        faults.append(f"has the engine's word {found[0]!r}")
    if len(message) > LONGEST:
        faults.append(f"has {len(message)} characters")
    if name.isprintable() and name[:20] not in message:
        faults.append("does not name the file")
    if ";" not in message and "allowed" not in message:
        faults.append("does not say what to do")
    return faults


@dataclass(frozen=True, slots=True)
class Ended:
    """How an import ended; `code` is None where it had to be ended."""

    code: int | None
    seconds: float
    megabytes: float
    printed: str
    error: str


def run(arguments: list[str], folder: Path) -> Ended:
    """Run the command as a process of its own; end it when its time is over."""
    outputs = folder / "printed", folder / "error"
    start = time.perf_counter()
    with outputs[0].open("wb") as printed, outputs[1].open("wb") as error:
        command = [sys.executable, "-m", "app", *arguments]
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=printed, stderr=error, cwd=folder
        )
        done, status, usage = os.wait4(process.pid, os.WNOHANG)
        while not done and time.perf_counter() - start < PATIENCE:
            time.sleep(0.02)
            done, status, usage = os.wait4(process.pid, os.WNOHANG)
        if not done:
            process.kill()
            _, _, usage = os.wait4(process.pid, 0)
    return Ended(
        os.waitstatus_to_exitcode(status) if done else None,
        usage.ru_utime + usage.ru_stime,
        usage.ru_maxrss / 1024,
        *(each.read_text(encoding="utf-8", errors="replace") for each in outputs),
    )


def state(store: Path) -> str:
    """Return a digest of the rows of the catalogue and of the names and sizes of all files."""
    digest = hashlib.sha256()
    files = sorted(path for path in store.rglob("*") if path.suffix in {".parquet", ".toml"})
    for path in [*files, *store.glob("staging/*")]:
        digest.update(f"{path} {path.stat().st_size}\n".encode())
    with tempfile.TemporaryDirectory() as name:
        for path in store.glob("catalogue.duckdb*"):
            shutil.copy(path, name)
        with duckdb.connect(str(Path(name) / "catalogue.duckdb"), read_only=True) as catalogue:
            for (table,) in catalogue.execute("select table_name from duckdb_tables()").fetchall():
                found = catalogue.execute(f'select * from "{table}" order by all').fetchall()  # noqa: S608 - a name from the catalogue
                digest.update(f"{table} {found}\n".encode())
    return digest.hexdigest()


class Soak:
    """A store, and what became of every import into it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = folder / "store"
        self.mapping = folder / "mapping.toml"
        self.mapping.write_text(MAPPING, encoding="utf-8")
        self.number = 0
        self.outcomes: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.slowest = self.largest = (0.0, "")
        sound = folder / "sound.csv"
        sound.write_text(as_csv(rows()), encoding="utf-8")
        if self._import(sound, mapped=False).code:
            sys.exit("a sound file cannot be imported")
        self.before = state(self.store)

    def take(self, path: Path, outcome: str) -> None:
        """Import a file in both ways and hold it to the promise."""
        for mapped in (False, True):
            ended = self._import(path, mapped=mapped)
            what = f"{path.name[:100]!r} {'mapped' if mapped else 'auto'}"
            self.slowest = max(self.slowest, (ended.seconds, what))
            self.largest = max(self.largest, (ended.megabytes, what))
            for fault in self._broken(ended, path, outcome):
                self.faults[fault.split(":", maxsplit=1)[0]] += 1
                print(f"{what}: {fault}: {ended.error.strip()[:300]!r}", flush=True)

    def _import(self, path: Path, *, mapped: bool) -> Ended:
        self.number += 1
        given = ["import", "--batch", f"b{self.number}", "--store", str(self.store), "--json"]
        given += ["--mapping", str(self.mapping)] if mapped else ["--kind", "qa"]
        return run([*given, "--", str(path)], self.folder)

    def _broken(self, ended: Ended, path: Path, outcome: str) -> Iterator[str]:
        """Yield the promises that an import has broken."""
        became = {0: "taken", 2: "refused"}.get(-1 if ended.code is None else ended.code, "failed")
        self.outcomes[became] += 1
        if became == "failed":
            yield f"ended with {ended.code}"
        elif outcome not in {became, "either"}:
            yield f"was {became}, and should be {outcome}"
        if ended.seconds > SECONDS:
            yield f"took too long: {ended.seconds:.1f} s"
        if ended.megabytes > MEGABYTES:
            yield f"took too much memory: {ended.megabytes:.0f} MB"
        now = state(self.store)
        if became == "taken":
            report = json.loads(ended.printed)
            lost = sum(loss["count"] for loss in report["dropped"])
            if report["read"] != report["annotations"] + lost:
                yield f"read {report['read']}, kept {report['annotations']}, dropped {lost}"
        else:
            lines = ended.error.splitlines() or [""]
            if len(lines) != 1 and "save what follows" not in lines[0]:
                yield f"error of {len(lines)} lines"
            yield from (f"error {each}" for each in told_badly(lines[0], path.name))
            if now != self.before:
                yield "left the store changed"
        self.before = now

    def summary(self) -> str:
        """Return the table."""
        lines = [f"{self.number - 1} imports: {dict(self.outcomes)}"]
        lines += [f"{count:5} x {fault}" for fault, count in self.faults.most_common()]
        lines.append(f"slowest {self.slowest[0]:.1f} s ({self.slowest[1]})")
        lines.append(f"largest {self.largest[0]:.0f} MB ({self.largest[1]})")
        return "\n".join(lines)


def files(folder: Path, every: int) -> Iterator[tuple[Path, str]]:
    """Make every file, one after the other; a small one is gone when the next is made."""
    for case in islice(corpus(), 0, None, every):
        path = folder / case.name
        path.write_bytes(case.content)
        yield path, case.outcome
        path.unlink()
    yield from special(folder)
    yield from large(folder)


def main() -> int:
    """Run everything; the exit status says whether the promises held."""
    parser = argparse.ArgumentParser(description="Import malformed files.")
    parser.add_argument("--only", default="", help="pattern of file names")
    parser.add_argument("--every", type=int, default=1, help="take one in so many small files")
    parser.add_argument("--folder", type=Path, help="where to work; default a temporary folder")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        work = Path(name) / "files"
        work.mkdir()
        soak = Soak(Path(name))
        for path, outcome in files(work, options.every):
            if re.search(options.only, path.name):
                soak.take(path, outcome)
        print(soak.summary())
    return 1 if soak.faults else 0


if __name__ == "__main__":
    sys.exit(main())
