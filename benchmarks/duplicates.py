"""Search a million prompts of fifty words for near copies: `python -m benchmarks.duplicates`.

One in fifty prompts is a near copy of another (one word changed), one in a hundred an exact copy.
Prints processor seconds, wall seconds and peak memory, and how many planted copies were found.
"""

import argparse
import resource
import tempfile
import time
from functools import partial
from pathlib import Path

import duckdb

from app.duplicates import duplicates
from app.progress import listening
from queries.batches import BatchFacts
from queries.schema import RECORD_TABLES
from queries.scope import Viewer
from queries.store import Store

WORDS = 50
VOCABULARY = 30_000

# A word is drawn by rank: the square of a uniform number makes some words common, as in language.
PROMPTS = f"""
    select
        n,
        list_transform(
            range({WORDS}),
            lambda w: 'w' || cast(floor({VOCABULARY} * pow((hash(source, w) % 1000003) / 1000003.0, 2)) as int)
        ) as words
    from (select n, case when n % 50 = 0 or n % 100 = 1 then n + 7 else n end as source
          from range($items) as t(n))
"""  # noqa: E501, S608 - two constants of this file


def write_batch(store: Store, items: int) -> None:
    """Write the batch straight as a part: the importer is measured elsewhere."""
    with store.part_writer("prompts") as part, store.cursor() as cursor:
        given = {
            "item_id": "printf('i%08d', n)",
            "prompt": "array_to_string(case when n % 50 = 0"
            " then list_concat(words[:24], ['changed'], words[26:]) else words end, ' ')",
        }
        columns = [
            f"{given.get(name, 'null')}::{kind} as {name}"
            for name, kind in RECORD_TABLES["item"].items()
        ]
        cursor.execute(
            f"copy (select {', '.join(columns)} from ({PROMPTS}))"  # noqa: S608 - as above
            f" to '{part.folder / 'item.parquet'}' (format parquet)",
            {"items": items},
        )
        # A batch needs an answer; one will do, as no answer is looked at here.
        for table, row in (
            ("annotation", {"item_id": "'i00000000'", "question": "'label'", "person_key": "'p'",
                            "role": "'human'", "value": "'a'", "status": "'submitted'"}),
            ("question", {"name": "'label'", "level": "'nominal'", "labels": """'["a","b"]'"""}),
        ):  # fmt: skip
            shown = [
                f"{row.get(name, 'null')}::{kind} as {name}"
                for name, kind in RECORD_TABLES[table].items()
            ]
            cursor.execute(
                f"copy (select {', '.join(shown)})"
                f" to '{part.folder / table}.parquet' (format parquet)"
            )
        part.commit({"batch": "prompts"}, BatchFacts(kind="sft"))


def _note(shown: dict[str, float], what: str, _share: float) -> None:
    shown.setdefault(what, time.perf_counter())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=1_000_000)
    items = parser.parse_args().items
    print(f"duckdb {duckdb.__version__}, {items:,} prompts of {WORDS} words")
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(Path(folder) / "store", create=True)
        write_batch(store, items)
        viewer = Viewer.owner()
        batch = store.batch("prompts", viewer)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        for look in ("search", "second look"):
            shown: dict[str, float] = {}
            start, busy = time.perf_counter(), time.process_time()
            with listening(partial(_note, shown)):
                found = duplicates(store, batch, viewer).copies
            wall, processor = time.perf_counter() - start, time.process_time() - busy
            steps = ", ".join(f"{what} at {at - start:.1f} s" for what, at in shown.items())
            print(f"{look}: {wall:.2f} s wall, {processor:.2f} s processor; {steps}")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        print(f"memory at most {peak:.2f} GB ({before:.2f} GB before)")
        print(found)
        store.close()


if __name__ == "__main__":
    main()
