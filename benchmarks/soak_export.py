"""What the soak imports, how it looks after a store, and what it writes down."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import nan
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import duckdb

from app.intake import bring_in
from app.measure import measure
from queries.batches import Mode
from queries.doctor import examine
from queries.errors import BatchError
from queries.scope import Viewer
from queries.store import Store

OWNER = Viewer.owner()
MAPPING = """
kind = "qa"
[columns]
item_id = "item_id"
annotator_id = "annotator_id"
[[question]]
name = "quality"
column = "label"
"""
GENERATE = """
copy (
    select
        'item-' || (i // 3) as item_id,
        'ann' || ((hash(i // 3) % 40 + (i % 3) * (1 + hash((i // 3) * 3 + 1) % 19)) % 40)
            as annotator_id,
        ['bad', 'poor', 'fair', 'good', 'great'][1 + cast(
            (hash(i // 3) % 5 + case when hash(i * 31) % 10 < 3 then hash(i * 17) % 5 else 0 end)
            % 5 as integer)] as label
    from range($rows) as numbers(i)
) to $path (format parquet)
"""


Progress = Callable[[str, float], None]


def silently(_stage: str, _done: float) -> None:
    """Report to nobody."""


@dataclass
class Outcome:
    """What one part of the soak found."""

    name: str
    failures: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def expect(self, holds: object, otherwise: str) -> None:
        """Note a failure unless something holds."""
        if not holds:
            self.failures.append(otherwise)


@dataclass(frozen=True)
class Export:
    """A file to import, a store it came into in peace, and the alpha it has there."""

    source: Path
    mapping: Path
    rows: int
    peace: Path
    alpha: float

    def into(
        self, folder: Path, batch_id: str, mode: Mode = "new", tell: Progress = silently
    ) -> None:
        """Import it in this process."""
        bring_in(
            folder,
            [self.source],
            batch_id=batch_id,
            mapping=self.mapping,
            mode=mode,
            progress=tell,
        )

    def command(self, folder: Path, batch_id: str) -> list[str]:
        """Return the command line that imports it."""
        return batchgate(
            *("import", str(self.source), "--mapping", str(self.mapping)),
            *("--batch", batch_id, "--store", str(folder)),
        )


def batchgate(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "app", *arguments]


def export(folder: Path, items: int) -> Export:
    """Write an export of three answers an item, and import it once in peace."""
    source, mapping = folder / "export.parquet", folder / "mapping.toml"
    with duckdb.connect() as connection:
        connection.execute(GENERATE, {"rows": 3 * items, "path": str(source)})
    mapping.write_text(MAPPING, encoding="utf-8")
    peace = folder / "peace"
    told = Export(source, mapping, 3 * items, peace, nan)
    told.into(peace, "b")
    return replace(told, alpha=alpha(peace, "b"))


def alpha(folder: Path, batch_id: str) -> float:
    store = Store.open(folder)
    (row,) = measure(store, store.batch(batch_id, OWNER), "krippendorff_alpha", viewer=OWNER)
    return row.estimate.value


# What a forked process finds loaded: an import takes as long as in a program that runs already.
LOADED = ["app.intake", "app.second_opinion", "benchmarks.soak_company"]


def start(work: Callable[..., None], *arguments: object) -> ForkServerProcess:
    context = get_context("forkserver")
    context.set_forkserver_preload(LOADED)
    process = context.Process(target=work, args=arguments, daemon=True)
    process.start()
    return process


def import_export(told: Export, folder: Path, batch_id: str, pipe: Connection) -> None:
    """Import in a process of its own that says where it is."""
    told.into(folder, batch_id, tell=lambda stage, _done: pipe.send(stage))


def look_after(told: Export, folder: Path, batch_id: str, outcome: Outcome) -> bool:
    """Look at a store after a fault, import again what is not there; return whether it was."""
    where = f"{folder.name}/{batch_id}"
    kept = False
    if (folder / "catalogue.duckdb").exists():
        healthy(folder, outcome)
        kept = batch_id in {batch.batch_id for batch in Store.open(folder).batches(OWNER)}
    try:
        if not kept:
            told.into(folder, batch_id)
        store = Store.open(folder)
        found = store.batch(batch_id, OWNER).annotations
        outcome.expect(found == told.rows, f"{where}: {found} annotations of {told.rows}")
        again = alpha(folder, batch_id)
        outcome.expect(again == told.alpha, f"{where}: alpha {again}, in peace {told.alpha}")
        left = [str(path) for path in (folder / "staging").glob("*")]
        outcome.expect(not left, f"{where}: left behind {left}")
        store.close()
    except BatchError as error:
        outcome.failures.append(f"{where}: the next import failed: {error}")
    healthy(folder, outcome)
    return kept


def healthy(folder: Path, outcome: Outcome) -> None:
    """Expect that the doctor finds no error and nobody holds a lock."""
    for finding in examine(folder).findings:
        bad = finding.level == "error" or "being written" in finding.what
        outcome.expect(not bad, f"{folder.name}: {finding.where}: {finding.what}")
