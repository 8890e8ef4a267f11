"""Real people: the WMT 2023 side-by-side ratings with their attention checks.

The data lies beside the repository and is never part of it; without it these tests are skipped.
"""

import csv
import gzip
import os
from pathlib import Path

import pytest

from app.annotators import Annotators, annotators
from app.intake import bring_in
from queries.scope import Viewer
from queries.store import Store

SHARED = Path(os.environ.get("BATCHGATE_SHARED", Path(__file__).parents[3] / "shared"))
RATINGS = SHARED / "data" / "wmt23_sxs_mqm_ende" / "ratings.csv.gz"
SEGMENTS = SHARED / "checks" / "mappings" / "wmt_segments.toml"
CHECKS = """
kind = "reward"
[columns]
item_id = "item"
annotator_id = "rater"
[[question]]
name = "attention"
column = "found"
level = "nominal"
labels = ["Found", "Missed"]
[[probe]]
type = "trap"
question = "attention"
when = { column = "expected", equals = "Found" }
expected = "expected"
"""

pytestmark = pytest.mark.skipif(not RATINGS.is_file(), reason=f"no real data at {RATINGS}")


def write(path: Path, head: list[str], rows: list[list[object]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerows([head, *rows])
    return path


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Annotators:
    """Segment scores as sums of error weights, and the attention checks as traps beside them."""
    folder = tmp_path_factory.mktemp("wmt")
    scores: dict[tuple[str, str, str], tuple[float, int, str]] = {}
    checks: list[list[object]] = []
    with gzip.open(RATINGS, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            item = "|".join((row["item_system"], row["doc"], row["doc_seg_id"]))
            if row["severity"] == "HOTW-test":
                checks.append([f"{item}|{len(checks)}", row["rater"], row["category"], "Found"])
                continue
            key = (item, row["rated_system"], row["rater"])
            score, major, at = scores.get(key, (0.0, 0, ""))
            worst = max(major, int(row["severity"] == "Major"))
            scores[key] = (score + float(row["mqm_weight"]), worst, max(at, row["rated_at"]))
    segments = write(
        folder / "segments.csv",
        ["item", "system", "rater", "mqm", "any_major", "rated_at"],
        [[*key, round(score, 6), major, at] for key, (score, major, at) in scores.items()],
    )
    traps = write(folder / "checks.csv", ["item", "rater", "found", "expected"], checks)
    mapping = folder / "checks.toml"
    mapping.write_text(CHECKS)
    bring_in(folder / "store", [segments], batch_id="wmt", mapping=SEGMENTS)
    bring_in(folder / "store", [traps], batch_id="wmt", mapping=mapping, mode="add")
    store = Store.open(folder / "store")
    viewer = Viewer.owner()
    found = annotators(store, [store.batch("wmt", viewer)], viewer)
    store.close()
    return found


def test_exactly_those_who_miss_a_third_of_the_checks_are_careless(found: Annotators) -> None:
    flagged = {
        row.annotator_id: [one.flag for one in row.raised] for row in found.rows if row.raised
    }
    assert flagged == {"rater4": ["careless"], "rater9": ["careless"]}


def test_severity_is_seen_and_flags_nobody(found: Annotators) -> None:
    level = {
        row.annotator_id: signal.value
        for row in found.rows
        for signal in row.signals
        if signal.kind == "severity" and signal.question == "mqm"
    }
    assert max(level, key=level.__getitem__) == "rater6"
    assert min(level, key=level.__getitem__) == "rater5"
    assert not any(one.flag in {"severe", "lenient"} for row in found.rows for one in row.raised)
