"""Faults and company: what a store goes through when machines, disks and people misbehave.

Usage: python benchmarks/soak.py [kill] [full] [readonly] [company] [--kills N] [--seconds N]
                                 [--rows N] [--items N] [--sizes N] [--step X]
                                 [--seed N] [--folder FOLDER]

kill      an import is killed at random moments, half of them in its last third. Afterwards there is
          the whole batch or nothing, no broken file, no lock that stays, and the next import gives
          the same alpha as one that was never killed.
full      an import meets a limit on the size of files, and a full disk (a small file system in
          memory; where this user may not mount one, that part is left out and said): one line, exit
          code 5, the store as before, and the next import works.
readonly  a store on a read-only file system can be read, judged, examined and backed up.
company   eight processes read in a loop while another writes, and with --rows while so many rows
          are imported: no reader meets an error, and the writer waits under a second.

The tests of the gate run the same functions with small numbers.
"""

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from multiprocessing import Pipe
from pathlib import Path

from benchmarks.soak_company import company
from benchmarks.soak_disk import full, readonly
from benchmarks.soak_export import Export, Outcome, export, import_export, look_after, start

LATE = "statistics"
"""The stage in which the files are complete and the catalogue does not speak of them yet."""


class Importer:
    """An import in another process, and where it is."""

    def __init__(self, told: Export, folder: Path, batch_id: str) -> None:
        self._pipe, theirs = Pipe(duplex=False)
        self._begun = time.monotonic()
        self._process = start(import_export, told, folder, batch_id, theirs)
        theirs.close()
        self.stage = "starting"

    def reach(self, stage: str) -> float:
        """Wait until it is there or has ended; return the seconds since it began."""
        while self.stage != stage and self._hears(None):
            pass
        return time.monotonic() - self._begun

    def end(self, seconds: float) -> None:
        """Kill it after so many seconds."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and self._hears(left):
            pass
        time.sleep(max(0.0, until - time.monotonic()))
        if self._process.exitcode is None:  # otherwise its number may be another's by now
            self._process.kill()
        self._process.join()

    def _hears(self, seconds: float | None) -> bool:
        """Take the next word; False when there is none in time, or will be none."""
        try:
            if not self._pipe.poll(seconds):
                return False
            self.stage = self._pipe.recv()
        except EOFError:
            return False
        return True


def kill(told: Export, folder: Path, kills: int, seed: int) -> Outcome:
    """Kill imports; every other one makes its own store, the rest share one.

    Half of them are killed after their files are staged, which is their last third; how long that
    lasts is reckoned from how long the way there took.
    """
    outcome, moments = Outcome("kill"), random.Random(seed)  # noqa: S311 - moments, not secrets
    Importer(told, folder / "warm", "b").reach("never")
    timed = Importer(told, folder / "timed", "b")
    lead, lasts = timed.reach(LATE), timed.reach("never")
    where: Counter[str] = Counter()
    for number in range(kills):
        store, batch_id = folder / (f"own{number}" if number % 2 else "shared"), f"b{number}"
        importer = Importer(told, store, batch_id)
        if number % 4 < 2:
            importer.end(moments.uniform(0.0, lasts))
        else:
            slower = importer.reach(LATE) / lead
            importer.end(moments.uniform(0.0, (lasts - lead) * slower))
        kept = look_after(told, store, batch_id, outcome)
        where[f"{importer.stage}, {'everything' if kept else 'nothing'} kept"] += 1
        if number % 2:
            shutil.rmtree(store)
    outcome.notes.append(f"{kills} imports that last {lasts:.2f} s, {lasts - lead:.2f} s staged")
    outcome.notes += [f"killed while {stage}: {count}" for stage, count in where.most_common()]
    return outcome


def main() -> int:
    """Run the parts that were asked for; the exit status says whether all of it held."""
    parts = ("kill", "full", "readonly", "company")
    parser = argparse.ArgumentParser(description="Faults and company.")
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(parts)}; default all")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--rows", type=int, default=0, help="imported while others read")
    parser.add_argument("--items", type=int, default=20_000)
    parser.add_argument("--sizes", type=int, default=20, help="how many limits of the disk to try")
    parser.add_argument("--step", type=float, default=1.5, help="from one limit to the next")
    parser.add_argument("--seed", type=int, default=20261123)
    parser.add_argument("--folder", type=Path, help="where to work; default a temporary folder")
    options = parser.parse_args()
    chosen = options.parts or parts
    failed = 0
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        told = export(folder, options.items)
        sizes = [round(4096 * options.step**number) for number in range(options.sizes)]
        works = {
            "kill": lambda: kill(told, folder, options.kills, options.seed),
            "full": lambda: full(told, folder, sizes),
            "readonly": lambda: readonly(told, folder),
            "company": lambda: company(told, folder, seconds=options.seconds, rows=options.rows),
        }
        for part in chosen:
            outcome = works[part]()
            failed += len(outcome.failures)
            print(f"{outcome.name}: {len(outcome.failures)} failures")
            for line in (*outcome.notes, *outcome.failures):
                print(f"    {line}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
