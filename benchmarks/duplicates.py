"""Near-duplicate search of a million prompts of fifty words: time and memory.

`python -m benchmarks.duplicates [TEXTS]` writes a batch with planted near copies (a tenth of the
texts, five words changed out of fifty in most) into a folder of its own, searches it and prints
seconds, the most memory used, and how many of the planted copies were found.
"""

import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from app.intake import bring_in
from queries.near_duplicates import Settings, search
from queries.scope import Viewer
from queries.store import Store

TEXTS = 1_000_000
MAPPING = """
kind = "sft"
[columns]
item_id = "item"
prompt = "prompt"
annotator_id = "who"
[[question]]
name = "quality"
column = "quality"
level = "ordinal"
labels = [1, 2, 3, 4, 5]
"""


def main() -> None:
    """Make, search, print."""
    texts = int(sys.argv[1]) if len(sys.argv) > 1 else TEXTS
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "mapping.toml").write_text(MAPPING)
        planted = _write(folder / "texts.parquet", texts)
        store_folder = folder / "store"
        bring_in(
            store_folder,
            [folder / "texts.parquet"],
            batch_id="many",
            mapping=folder / "mapping.toml",
        )
        store, viewer = Store.open(store_folder), Viewer.owner()
        before, spent = time.perf_counter(), _processor_seconds()
        steps: list[tuple[str, float]] = []
        found = search(
            store,
            store.batch("many", viewer),
            viewer,
            Settings(),
            progress=lambda what, _: steps.append((what, time.perf_counter() - before)),
        )
        seconds, spent = time.perf_counter() - before, _processor_seconds() - spent
        largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
        print(f"{texts:,} texts: {seconds:.1f} s, {spent:.1f} s of processors,", end=" ")
        print(f"{largest:.2f} GB at most")
        for what, at in dict(reversed(steps)).items():
            print(f"  {at:7.1f} s {what}")
        print(f"  {found.rows.num_rows:,} texts in clusters; planted pairs {planted:,}")


def _processor_seconds() -> float:
    """Return what both cores worked for us: on a busy machine the clock says little."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _write(path: Path, texts: int) -> int:
    """Write the batch; every tenth text is a copy of the one before with two words changed."""
    chance = np.random.default_rng(7)
    words = np.array([f"word{number}" for number in range(50_000)])
    writer = None
    planted = 0
    for start in range(0, texts, 50_000):
        size = min(50_000, texts - start)
        chosen = chance.integers(0, len(words), size=(size, 50))
        chosen[9::10] = chosen[8::10][: len(chosen[9::10])]
        chosen[9::10, 48:] = chance.integers(0, len(words), size=(len(chosen[9::10]), 2))
        planted += len(chosen[9::10])
        table = pa.table(
            {
                "item": [f"i{number}" for number in range(start, start + size)],
                "prompt": [" ".join(row) for row in words[chosen]],
                "who": ["a"] * size,
                "quality": [4] * size,
            }
        )
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    if writer is not None:
        writer.close()
    return planted


if __name__ == "__main__":
    main()
