"""Real people: the weeks of UKPConvArg1, and the raters of WMT 2023 by severity and by halves.

The data lies beside the repository and is never part of it; without it these tests are skipped.
"""

import csv
import gzip
import os
from pathlib import Path

import pytest

from app.drift import Drift, drift
from app.drift_course import Course, course, told
from app.intake import bring_in
from queries.scope import Viewer
from queries.store import Store

SHARED = Path(os.environ.get("BATCHGATE_SHARED", Path(__file__).parents[3] / "shared"))
JUDGMENTS = SHARED / "data" / "ukp_convarg1" / "judgments.csv.gz"
MAPPING = SHARED / "checks" / "mappings" / "ukp.toml"
TIMES = '[time]\nzone = "UTC"\nduration_seconds = { start = "accepted_at", end = "submitted_at" }\n'
RATINGS = SHARED / "data" / "wmt23_sxs_mqm_ende" / "ratings.csv.gz"
SHOWN_TOGETHER = (("GPT4-5shot_with_ONLINE-W", "ONLINE-W"), ("GPT4-5shot_with_refA", "refA"))
LENIENT = tuple(f"rater{number}" for number in (4, 5, 7, 8, 9))
COLUMNS = '[columns]\nitem_id = "item"\ngroup_id = "segment"\nannotator_id = "rater"\n'
LEVELS = f"""kind = "reward"
{COLUMNS}
[[question]]
name = "mqm"
column = "mqm"
level = "interval"
[[question]]
name = "any_major"
column = "any_major"
level = "nominal"
labels = ["0", "1"]
"""
SIDES = f"""kind = "preference"
{COLUMNS}
[[question]]
name = "better"
column = "better"
level = "nominal"
labels = ["gpt4", "other"]
missing = [""]
"""
Scores = dict[tuple[str, str, str], tuple[float, int]]

pytestmark = pytest.mark.skipif(not JUDGMENTS.is_file(), reason=f"no real data at {JUDGMENTS}")


@pytest.fixture(scope="module")
def weeks(tmp_path_factory: pytest.TempPathFactory) -> Course:
    target = tmp_path_factory.mktemp("ukp")
    mapping = target / "ukp.toml"
    mapping.write_text(MAPPING.read_text(encoding="utf-8") + TIMES, encoding="utf-8")
    bring_in(target / "store", [JUDGMENTS], batch_id="ukp", kind="preference", mapping=mapping)
    store = Store.open(target / "store")
    batch = store.batch("ukp", Viewer.owner())
    found = course(store, batch, batch.questions[0], Viewer.owner())
    assert found is not None
    return found


def test_speed_moved_and_labels_did_not(weeks: Course) -> None:
    assert told(weeks)[0] == "Speed moved, labels did not move"


def test_median_time_falls_by_a_third(weeks: Course) -> None:
    """193 s in the first week, 132 s in the last full one, of answers; of tasks 195 s and 133 s."""
    assert weeks.seconds[0] == pytest.approx(195, abs=4)
    assert weeks.seconds[5] == pytest.approx(133, abs=4)


def test_share_of_ties_stays(weeks: Course) -> None:
    tie = weeks.labels.index("equal")
    assert weeks.shift is not None
    assert weeks.shift.before[tie] == pytest.approx(0.233, abs=0.001)
    assert weeks.shift.after[tie] == pytest.approx(0.243, abs=0.001)
    assert weeks.shift.high < 0.03


def test_seven_weeks_are_too_few_for_a_change_point(weeks: Course) -> None:
    assert weeks.change is not None
    assert weeks.change.reason == "7 points in time, 20 are needed to rely on it"


def segment_scores() -> Scores:
    """Return segment, system, rater -> sum of error weights, and whether an error was major."""
    found: Scores = {}
    with gzip.open(RATINGS, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["severity"] != "HOTW-test":
                segment = f"{row['doc']}|{row['doc_seg_id']}"
                key = segment, row["item_system"], row["rater"]
                score, major = found.get(key, (0.0, 0))
                worst = max(major, int(row["severity"] == "Major"))
                found[key] = score + float(row["mqm_weight"]), worst
    return found


def write(path: Path, head: list[str], rows: list[list[object]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([head, *rows])
    return path


def bring_both(folder: Path, name: str, scores: Scores) -> None:
    """Import some of the scores as levels, and as which of two shown side by side is better."""
    rows = [
        [f"{segment}|{system}", segment, rater, round(score, 6), major]
        for (segment, system, rater), (score, major) in scores.items()
    ]
    levels = write(
        folder / f"{name}.csv", ["item", "segment", "rater", "mqm", "any_major"], list(rows)
    )
    rows = []
    for segment, rater in sorted({(key[0], key[2]) for key in scores}):
        for gpt4, other in SHOWN_TOGETHER:
            gap = scores[segment, gpt4, rater][0] - scores[segment, other, rater][0]
            better = "" if not gap else "other" if gap > 0 else "gpt4"
            rows.append([f"{segment}|{other}", segment, rater, better])
    sides = write(folder / f"{name}-sides.csv", ["item", "segment", "rater", "better"], list(rows))
    for kind, path, text in (("levels", levels, LEVELS), ("sides", sides, SIDES)):
        mapping = folder / f"{kind}.toml"
        mapping.write_text(text, encoding="utf-8")
        bring_in(folder / "store", [path], batch_id=f"{name}-{kind}", mapping=mapping)


@pytest.fixture(scope="module")
def raters(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Return a store with the raters in two sets by severity, and with the segments in two halves.

    Means of the lenient: 2.6 to 3.0; of the others 3.2, 6.7, 9.7, 10.0 and 11.6.
    """
    folder = tmp_path_factory.mktemp("wmt")
    scores = segment_scores()
    lenient = {key: value for key, value in scores.items() if key[2] in LENIENT}
    bring_both(folder, "lenient", lenient)
    bring_both(folder, "severe", {key: scores[key] for key in scores if key not in lenient})
    place = {name: number for number, name in enumerate(sorted({key[0] for key in scores}))}
    for rest, name in enumerate(("even", "odd")):
        some = {key: value for key, value in scores.items() if place[key[0]] % 2 == rest}
        bring_both(folder, name, some)
    return Store.open(folder / "store")


def against(store: Store, batch: str, reference: str) -> Drift:
    viewer = Viewer.owner()
    return drift(
        store, store.batch(batch, viewer), store.batch(reference, viewer), viewer, control=0
    )


def test_severe_raters_mark_a_quarter_more_major_errors(raters: Store) -> None:
    """Told as a level: which crew it was and what else changed at once is not separable."""
    whole = next(
        one
        for one in against(raters, "severe-levels", "lenient-levels").results
        if one.question == "any_major"
    )
    assert whole.alarm.is_raised
    assert whole.distance.value == pytest.approx(0.268, abs=0.001)
    assert whole.decomposition is not None
    assert "annotator_mix" in whole.decomposition.not_separable


def test_severe_raters_prefer_another_side_less_surely(raters: Store) -> None:
    """Direction is not free of the crew here: 14.6 points, on 80 and 74 segments, p = 0.013.

    Ten people are few, and a test by segment is about these ten, not about people like them.
    """
    (whole,) = against(raters, "severe-sides", "lenient-sides").results
    assert whole.distance.value == pytest.approx(0.146, abs=0.001)
    assert whole.shift.p_value == pytest.approx(0.0133, abs=0.001)


@pytest.mark.parametrize("kind", ["levels", "sides"])
def test_halves_of_the_segments_raise_no_alarm(raters: Store, kind: str) -> None:
    """The same raters on every second segment: rater3 by 2.7 points, which items can explain."""
    assert against(raters, f"even-{kind}", f"odd-{kind}").alarms == 0
