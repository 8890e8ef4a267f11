"""Real people over time: the weeks of UKPConvArg1, and the raters of the WMT 2023 side by side.

The data lies beside the repository and is never part of it; without it these tests are skipped.
"""

import os
from pathlib import Path

import pytest

from app.drift_course import Course, course, told
from app.intake import bring_in
from queries.scope import Viewer
from queries.store import Store

SHARED = Path(os.environ.get("BATCHGATE_SHARED", Path(__file__).parents[3] / "shared"))
JUDGMENTS = SHARED / "data" / "ukp_convarg1" / "judgments.csv.gz"
MAPPING = SHARED / "checks" / "mappings" / "ukp.toml"
TIMES = '[time]\nzone = "UTC"\nduration_seconds = { start = "accepted_at", end = "submitted_at" }\n'

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
