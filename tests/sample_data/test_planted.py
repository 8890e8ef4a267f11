"""The product finds in the sample batches what PLANTED.toml says was planted."""

import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from app.audit import audit, standard_of
from app.calibrating import calibrations
from app.contamination import contamination
from app.coverage_report import report as coverage
from app.drift import drift
from app.duplicates import duplicates
from app.losses import losses
from app.measure import Measurement, measure
from app.reviewers import report
from queries.scope import Viewer
from queries.store import Store
from sample_data import BATCHES, folder

PLANTS = tomllib.loads((folder() / "PLANTED.toml").read_text(encoding="utf-8"))["plant"]
OWNER = Viewer.owner()
Case = tuple[str, dict[str, Any]]


def expectations(finding: str) -> list[Case]:
    """Return (batch, expectation) for every planted expectation of one kind of finding."""
    return [
        (plant["batch"], expected)
        for plant in PLANTS
        for expected in plant["expect"]
        if expected["finding"] == finding and "without" not in expected
    ]


def estimates(key: str) -> list[Case]:
    """Return the estimates of which `key` is expected."""
    return [case for case in expectations("estimate") if key in case[1]]


def case_name(case: object) -> str:
    if isinstance(case, str):
        return case
    assert isinstance(case, dict)
    words = [str(case.get(key, "")) for key in ("metric", "question", "slice", "options", "is")]
    return "-".join(word for word in words if word)


@pytest.fixture(scope="session")
def store(samples: Path) -> Store:
    return Store.open(samples)


def first_report(store: Store, batch_id: str) -> dict[str, Any]:
    """Return the report of the import that made a batch."""
    found = store.report(store.batch(batch_id, OWNER).parts[0].part_key)
    assert found is not None
    return found


def measured(store: Store, batch_id: str, expected: dict[str, Any]) -> Measurement:
    """Return the estimate an expectation speaks of."""
    wanted = expected.get("slice", {})
    rows = measure(
        store,
        store.batch(batch_id, OWNER),
        expected["metric"],
        question=expected.get("question"),
        by=tuple(wanted),
        options=expected.get("options", {}),
        viewer=OWNER,
    )
    (row,) = [row for row in rows if dict(row.slice) == wanted]
    return row


@pytest.mark.parametrize(("batch_id", "expected"), expectations("verdict"), ids=case_name)
def test_verdict_is_the_planted_one(store: Store, batch_id: str, expected: dict[str, Any]) -> None:
    batch = store.batch(batch_id, OWNER)
    assert audit(store, batch, standard_of(store, batch), OWNER).verdict == expected["is"]


@pytest.mark.parametrize(("batch_id", "expected"), estimates("value"), ids=case_name)
def test_value_lies_where_it_was_planted(
    store: Store, batch_id: str, expected: dict[str, Any]
) -> None:
    low, high = expected["value"]
    assert low <= measured(store, batch_id, expected).estimate.value <= high


@pytest.mark.parametrize(("batch_id", "expected"), estimates("interval"), ids=case_name)
def test_interval_is_on_the_planted_side(
    store: Store, batch_id: str, expected: dict[str, Any]
) -> None:
    estimate = measured(store, batch_id, expected).estimate
    ((side, threshold),) = expected["interval"].items()
    above, below = estimate.low > threshold, estimate.high < threshold
    assert {"above": above, "below": below, "astride": not above and not below}[side]


@pytest.mark.parametrize(
    ("batch_id", "expected", "key"),
    [(*case, key) for key in ("status", "n", "representative") for case in estimates(key)],
    ids=case_name,
)
def test_estimate_says_what_was_planted(
    store: Store, batch_id: str, expected: dict[str, Any], key: str
) -> None:
    assert getattr(measured(store, batch_id, expected).estimate, key) == expected[key]


def test_planted_cells_and_no_others_are_short(store: Store) -> None:
    cases = expectations("short_cell")
    for batch_id in {batch_id for batch_id, _ in cases}:
        batch = store.batch(batch_id, OWNER)
        found = coverage(store, batch, standard_of(store, batch), OWNER)
        short = [(dict(row.target.cell), row.short) for row in found.cells if row.short]
        wanted = [(case["cell"], case["short"]) for name, case in cases if name == batch_id]
        assert sorted(short, key=str) == sorted(wanted, key=str)


def test_short_cells_are_named_by_the_verdict(store: Store) -> None:
    batch = store.batch("sft-boundaries", OWNER)
    found = audit(store, batch, standard_of(store, batch), OWNER)
    short = {tuple(case["cell"].items()) for _, case in expectations("short_cell")}
    assert {row.slice for row in found.criteria if row.state == "fail"} == short


def test_planted_reviewers_and_nobody_else_are_flagged(store: Store) -> None:
    cases = expectations("reviewer")
    for batch_id in {batch_id for batch_id, _ in cases}:
        found = report(store, [store.batch(batch_id, OWNER)], OWNER)
        flagged = {one.name: sorted(one.flags) for one in found.people if one.flags}
        wanted = {case["reviewer_id"]: case["flags"] for name, case in cases if name == batch_id}
        assert flagged == wanted


def test_planted_silent_edits_are_counted(store: Store) -> None:
    for batch_id, expected in expectations("silent_edits"):
        found = report(store, [store.batch(batch_id, OWNER)], OWNER)
        counts = {
            one.name: one.evidence["silent_edits"]["count"]
            for one in found.people
            if "silent_edits" in one.evidence
        }
        assert counts == {expected["reviewer_id"]: expected["count"]}


def test_planted_calibrations_and_no_others_are_due(store: Store) -> None:
    for batch_id, expected in expectations("calibration_due"):
        found = calibrations(store, store.batch(batch_id, OWNER), OWNER).due
        due = [person for person, one in found.items() if one.is_due]
        assert sorted(store.people(due).values()) == expected["annotators"]


def test_planted_training_has_the_planted_effect(store: Store) -> None:
    for batch_id, expected in expectations("training"):
        found = calibrations(store, store.batch(batch_id, OWNER), OWNER).effects
        names = store.people(sorted(found))
        (one,) = [
            effect.found.difference
            for person, effects in found.items()
            for effect in effects
            if (names[person], effect.reference) == (expected["annotator_id"], "golden")
        ]
        assert one.low < expected["astride"] < one.high


@pytest.mark.parametrize(("batch_id", "expected"), expectations("drift"), ids=case_name)
def test_planted_drift_is_found_with_its_cause(
    store: Store, batch_id: str, expected: dict[str, Any]
) -> None:
    batch, reference = (store.batch(name, OWNER) for name in (batch_id, expected["against"]))
    whole = drift(store, batch, reference, OWNER, control=0).results[0]
    low, high = expected["part"]
    assert whole.alarm.is_raised == expected["alarm"]
    assert whole.decomposition is not None
    assert whole.decomposition.masks == expected.get("masked", False)
    assert low <= whole.decomposition.parts[expected["cause"]].value <= high


def test_planted_flood_is_named_beside_its_three_texts(store: Store) -> None:
    found = duplicates(store, store.batch("sft-flooded", OWNER), OWNER).rows.to_pylist()
    sizes = Counter(row["cluster"] for row in found for _ in range(row["items"]))
    assert [size for _, size in sizes.most_common(4)] == [27, 27, 26, 2]


def test_planted_items_of_the_evaluation_are_named(store: Store) -> None:
    batch = store.batch("sft-flooded", OWNER)
    rows = contamination(store, batch, OWNER, "evaluation-list").rows.to_pylist()
    assert Counter((row["side"], row["how"]) for row in rows) == {
        ("prompt", "contained"): 8,
        ("answer", "equal"): 4,
    }


@pytest.mark.parametrize("id_", ["near-copies", "evaluation-list"])
def test_standard_beside_the_flooded_batch_fails_it(store: Store, id_: str) -> None:
    batch = store.batch("sft-flooded", OWNER)
    states = {
        row.id: row.state for row in audit(store, batch, standard_of(store, batch), OWNER).criteria
    }
    assert states[id_] == "fail"


@pytest.mark.parametrize(("batch_id", "expected"), expectations("parts"), ids=case_name)
def test_batch_has_the_planted_parts(store: Store, batch_id: str, expected: dict[str, Any]) -> None:
    assert len(store.batch(batch_id, OWNER).parts) == expected["is"]


@pytest.mark.parametrize("kind", ["dropped", "coerced"])
@pytest.mark.parametrize(("batch_id", "expected"), expectations("losses"), ids=case_name)
def test_import_report_counts_the_planted_faults(
    store: Store, batch_id: str, expected: dict[str, Any], kind: str
) -> None:
    entries: Any = first_report(store, batch_id)[kind]
    told = {entry["reason"]: entry["count"] for entry in entries}
    found = {
        words: sum(count for reason, count in told.items() if words in reason)
        for words in expected[kind]
    }
    assert found == expected[kind]


@pytest.mark.parametrize(
    "batch_id",
    [batch.batch_id for batch in BATCHES if batch.batch_id != "messy-export"],
)
def test_tidy_batch_comes_in_without_loss(store: Store, batch_id: str) -> None:
    found = losses([first_report(store, batch_id)]).reasons
    faults = [loss.title for loss in found if loss.is_dropped and not loss.is_foreseen]
    assert faults == []


@pytest.mark.parametrize("batch", BATCHES, ids=lambda batch: batch.batch_id)
def test_every_planned_item_came_in(store: Store, batch: Any) -> None:
    assert store.batch(batch.batch_id, OWNER).items <= int(batch.settings["planned_items"])
