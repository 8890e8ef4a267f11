"""How long the Annotators and Reviewers pages wait for their figures, first look and later ones.

Usage: python benchmarks/pages.py [--answers N] [--people N] [--folder FOLDER]

Imports N answers of so many people (three an item, five labels, times, golden items, a tenth of the
answers reviewed), then runs what the pages fetch and compute, in one process: the first look counts
what nobody kept, the later ones read it. Milliseconds, of the clock and (later looks) of the
processor; other load on the machine adds to the clock.
"""

import argparse
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from app.annotators import annotators, standing_out
from app.calibrating import calibrations
from app.crew import gather
from app.intake import bring_in
from app.leverage import leverage
from app.probing import probe_answers
from app.reviewers import report
from queries.batches import BatchInfo
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
        'ann' || ((hash(i // 3) % $people + (i % 3) * (1 + hash((i // 3) * 3 + 1) % 19)) % $people)
            as annotator_id,
        ['bad', 'poor', 'fair', 'good', 'great'][1 + cast((hash(i // 3) % 5 + case
            when hash(i * 31) % 10 < 3 then hash(i * 17) % 5 else 0 end) % 5 as integer)] as value,
        timestamp '2026-05-04' + to_seconds(cast(i * 2000000 // $answers as integer))
            as annotated_at,
        10 + hash(i * 7) % 50 as duration_seconds
    from range($answers) as numbers(i)
) to $path (format parquet)
"""
PROBES = """
copy (
    select
        'item-' || i as item_id,
        'quality' as question,
        'golden' as type,
        ['bad', 'poor', 'fair', 'good', 'great'][1 + cast(hash(i) % 5 as integer)]
            as expected_value
    from range($answers // 3) as numbers(i)
    where i % 50 = 0
) to $path (format parquet)
"""
REVIEWS = """
copy (
    select
        item_id,
        question,
        annotator_id,
        'spot_check' as stage,
        'random' as selection,
        'rev' || (hash(item_id) % 20) as reviewer_id,
        case when hash(item_id || annotator_id) % 10 = 0 then 'revise' else 'approve' end
            as decision,
        value as value_before,
        case when hash(item_id || annotator_id) % 10 = 0 then 'fair' else value end as value_after,
        annotated_at + interval 1 day as started_at,
        annotated_at + interval 1 day + interval 40 second as decided_at
    from read_parquet($source)
    where hash(annotator_id || item_id) % 10 = 1
) to $path (format parquet)
"""


def made(folder: Path, answers: int, people: int) -> tuple[Store, BatchInfo]:
    """Write and import the batch; the hash of a number stands for chance."""
    bundle = folder / "bundle"
    bundle.mkdir(parents=True)
    (bundle / "batch.toml").write_text(FACTS)
    source = str(bundle / "annotations.parquet")
    with duckdb.connect() as connection:
        sizes = {"answers": answers, "people": people}
        connection.execute(ANSWERS, {**sizes, "path": source})
        connection.execute(PROBES, {"answers": answers, "path": str(bundle / "probes.parquet")})
        reviews = {"source": source, "path": str(bundle / "reviews.parquet")}
        connection.execute(REVIEWS, reviews)
    start = time.perf_counter()
    bring_in(folder / "store", [bundle], batch_id="pages")
    print(f"import                 {time.perf_counter() - start:8.1f} s")
    store = Store.open(folder / "store")
    return store, store.batch("pages", Viewer.owner())


def main() -> None:
    """Print milliseconds of every part of the two pages, first and best of three later looks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=1_000_000)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as scratch:
        store, batch = made(Path(scratch), given.answers, given.people)
        owner = Viewer.owner()
        crew = gather(store, [batch], owner)
        parts: dict[str, Callable[[], object]] = {
            "tables of the crew": lambda: gather(store, [batch], owner),
            "signs and flags": lambda: standing_out(crew),
            "influence": lambda: leverage(crew),
            "golden items": lambda: probe_answers(store, [batch], owner, "golden"),
            "calibrations": lambda: calibrations(store, batch, owner),
            "Annotators, all": lambda: annotators(store, [batch], owner),
            "Reviewers, all": lambda: report(store, [batch], owner),
        }
        print(f"{'':22} {'first':>8} {'later':>8} {'processor':>10} ms")
        for name, part in parts.items():
            taken, used = [], []
            for _ in range(4):
                start, busy = time.perf_counter(), time.process_time()
                part()
                taken.append(1000 * (time.perf_counter() - start))
                used.append(1000 * (time.process_time() - busy))
            print(f"{name:22} {taken[0]:8.0f} {min(taken[1:]):8.0f} {min(used[1:]):10.0f}")


if __name__ == "__main__":
    main()
