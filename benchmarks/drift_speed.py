"""How long the page Drift waits for its figures, where the batch and its reference are large.

Usage: python benchmarks/drift_speed.py [--answers N] [--folder FOLDER]

Imports a reference and a batch of half of N answers each (five labels, three answers an item, four
items a prompt, 200 people, 20 tasks, seven weeks, times), then makes the report of `batchgate
drift`, the course over the weeks and the control, from the statistics that were kept. Milliseconds
of the clock, the first time and the best of five later ones, none of them cached.
"""

import argparse
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from app.drift import control, drift
from app.drift_course import course
from app.intake import bring_in
from queries.scope import Viewer
from queries.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable

FACTS = """
kind = "qa"
[[question]]
name = "quality"
level = "nominal"
labels = ["bad", "poor", "fair", "good", "great"]
"""
ANSWERS = """
copy (
    select
        'item-' || (i // 3) as item_id,
        'quality' as question,
        'ann' || ((hash(i // 3) % 200 + (i % 3) * (1 + hash((i // 3) * 3 + 1) % 19)) % 200)
            as annotator_id,
        ['bad', 'poor', 'fair', 'good', 'great'][1 + cast((hash($seed + i // 12) % 5 + case
            when hash(i * 31 + $seed) % 10 < 5 then hash(i * 17 + $seed) % 5 else 0 end) % 5
            as integer)] as value,
        timestamptz '2026-05-04 00:00:00+00' + to_seconds(cast(i * 4000000 // $answers as integer))
            as annotated_at,
        10 + hash(i * 7 + $seed) % 50 as duration_seconds
    from range($answers) as numbers(i)
) to $path (format parquet)
"""
ITEMS = """
copy (
    select 'item-' || i as item_id, 'prompt-' || (i // 4) as group_id
    from range(($answers + 2) // 3) as numbers(i)
) to $path (format parquet)
"""
TASKS = """
copy (
    select 'item-' || i as item_id, 'task' as name, 'task-' || (hash(i // 4) % 20) as value
    from range(($answers + 2) // 3) as numbers(i)
) to $path (format parquet)
"""


def made(folder: Path, answers: int) -> Store:
    """Write and import both batches; the hash of a number stands for chance."""
    for seed, batch in enumerate(("reference", "batch"), start=1):
        bundle = folder / batch
        bundle.mkdir(parents=True)
        (bundle / "batch.toml").write_text(FACTS)
        with duckdb.connect() as connection:
            path = str(bundle / "annotations.parquet")
            connection.execute(ANSWERS, {"answers": answers, "seed": seed, "path": path})
            for name, text in (("items", ITEMS), ("item_attributes", TASKS)):
                path = str(bundle / f"{name}.parquet")
                connection.execute(text, {"answers": answers, "path": path})
        start = time.perf_counter()
        bring_in(folder / "store", [bundle], batch_id=batch)
        print(f"import of {answers:,} answers {time.perf_counter() - start:6.1f} s", flush=True)
    return Store.open(folder / "store")


def main() -> None:
    """Print milliseconds of every part of the page, first and best of five later times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=10_000_000)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as scratch:
        store, owner = made(Path(scratch), given.answers // 2), Viewer.owner()
        batch, reference = store.batch("batch", owner), store.batch("reference", owner)
        parts: dict[str, Callable[[], object]] = {
            "report": lambda: drift(store, batch, reference, owner, control=0),
            "own weeks": lambda: course(store, batch, batch.questions[0], owner),
            "control, 200 batches": lambda: control(store, batch, reference, owner),
        }
        for name, part in parts.items():
            taken = []
            for _ in range(6):
                start = time.perf_counter()
                part()
                taken.append(1000 * (time.perf_counter() - start))
            print(f"{name:22} first {taken[0]:6.0f} ms, later {min(taken[1:]):6.0f} ms")


if __name__ == "__main__":
    main()
