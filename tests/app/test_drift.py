"""Drift through the command's own functions: planted batches, odd ones, JSON, metrics."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from app.cli import app as commands
from app.cli import run
from app.drift import Drift, drift, reference_for
from app.drift_course import course, told
from app.drift_words import attribute_note, lead, why
from app.intake import bring_in
from app.measure import measure
from queries.errors import InputError
from queries.scope import Viewer
from queries.store import Store
from sample_data import BATCHES, folder

OWNER = Viewer.owner()
TRIAGE = [one for one in BATCHES if one.batch_id.startswith("triage")]
JSON_KEYS = {"batch", "against", "results", "false_alarm_rate"}
RESULT_KEYS = {
    "question", "slice", "distance", "p_value", "alarm", "minimum_detectable", "decomposition",
}  # fmt: skip
LABELS = 'level = "nominal"\nlabels = ["no", "yes"]'
Answers = Callable[..., str]


@pytest.fixture(scope="module")
def triage(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Return a store with the planted triage batches."""
    target = tmp_path_factory.mktemp("triage") / "store"
    for batch in TRIAGE:
        bring_in(
            target,
            [folder() / name for name in batch.files],
            batch_id=batch.batch_id,
            kind=batch.kind,
            mapping=folder() / batch.mapping,
            settings=batch.settings,
        )
    return Store.open(target)


@pytest.fixture(scope="module")
def reports(triage: Store) -> dict[str, Drift]:
    reference = triage.batch("triage-reference", OWNER)
    return {
        name: drift(triage, triage.batch(f"triage-{name}", OWNER), reference, OWNER, control=100)
        for name in ("guideline", "people", "hidden")
    }


def called(*arguments: str) -> int:
    return run(lambda: commands(list(arguments), standalone_mode=False))


@pytest.mark.parametrize(
    ("name", "cause"), [("guideline", "guideline"), ("people", "annotator_mix")]
)
def test_planted_cause_is_named(reports: dict[str, Drift], name: str, cause: str) -> None:
    whole = reports[name].results[0]
    assert whole.alarm.is_raised
    assert whole.decomposition is not None
    assert whole.decomposition.main_cause == (cause,)
    assert whole.decomposition.parts[cause].value == pytest.approx(0.15, abs=0.025)


def test_hidden_guideline_is_found_behind_easier_items(reports: dict[str, Drift]) -> None:
    whole = reports["hidden"].results[0]
    assert not whole.alarm.is_raised
    assert whole.decomposition is not None
    assert whole.decomposition.masks
    assert whole.decomposition.parts["item_mix"].value == pytest.approx(-0.14, abs=0.03)
    assert whole.decomposition.parts["guideline"].value == pytest.approx(0.14, abs=0.03)


def test_hidden_guideline_is_an_alarm_in_its_slice(reports: dict[str, Drift]) -> None:
    raised = [one.place for one in reports["hidden"].results if one.alarm.is_raised]
    assert raised == [(("channel", "chat"),)]


def test_lead_says_what_moved_and_why(reports: dict[str, Drift]) -> None:
    first, then = lead(reports["guideline"])
    assert first == "Labels of triage moved"
    assert "the guideline +15" in then


def test_lead_names_the_parts_that_cancel_out(reports: dict[str, Drift]) -> None:
    assert "parts cancel out" in lead(reports["hidden"])[1]


def test_chance_alone_raises_few_alarms(reports: dict[str, Drift]) -> None:
    rates = [one.control.rate for one in reports.values() if one.control]
    assert len(rates) == 3
    assert max(rates) <= 0.09


def test_previous_batch_is_the_one_submitted_before(triage: Store) -> None:
    found = reference_for(triage, triage.batch("triage-people", OWNER), OWNER, "previous")
    assert found.batch_id == "triage-guideline"


def test_attribute_of_the_item_mix_is_told(reports: dict[str, Drift]) -> None:
    whole = next(one for one in reports["hidden"].results if not one.place)
    assert whole.decomposition is not None
    told = attribute_note(whole.decomposition)
    assert told.startswith(f"Items are told apart by {whole.decomposition.attribute}")
    for name in whole.decomposition.beside:
        assert name in told


def test_first_batch_has_no_previous(triage: Store) -> None:
    with pytest.raises(InputError, match="came before"):
        reference_for(triage, triage.batch("triage-reference", OWNER), OWNER, "previous")


def test_batch_is_not_compared_with_itself(triage: Store) -> None:
    batch = triage.batch("triage-people", OWNER)
    with pytest.raises(InputError, match="cannot be compared with itself"):
        reference_for(triage, batch, OWNER, "triage-people")


def test_json_keeps_what_is_promised(reports: dict[str, Drift]) -> None:
    found = json.loads(json.dumps(reports["people"].to_json(), allow_nan=False))
    assert set(found) >= JSON_KEYS
    assert all(set(one) >= RESULT_KEYS for one in found["results"])
    whole = found["results"][0]["decomposition"]
    assert set(whole) >= {"item_mix", "annotator_mix", "guideline", "residual"}


def test_command_prints_json(triage: Store, capsys: pytest.CaptureFixture[str]) -> None:
    code = called(
        "drift", "--batch", "triage-people", "--against", "triage-reference", "--json",
        "--control", "0", "--store", str(triage.folder),
    )  # fmt: skip
    assert code == 0
    assert json.loads(capsys.readouterr().out)["against"] == "triage-reference"


def test_command_prints_the_finding(triage: Store, capsys: pytest.CaptureFixture[str]) -> None:
    code = called(
        "drift", "--batch", "triage-guideline", "--against", "previous", "--store",
        str(triage.folder),
    )  # fmt: skip
    assert code == 0
    assert "Labels of triage moved" in capsys.readouterr().out


def test_unknown_reference_is_a_usage_error(
    triage: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    args = ["drift", "--batch", "triage-people", "--against", "lost"]
    assert called(*args, "--store", str(triage.folder)) == 2
    assert "lost" in capsys.readouterr().err


def test_alarms_are_a_metric(triage: Store) -> None:
    batch = triage.batch("triage-guideline", OWNER)
    (found,) = measure(
        triage, batch, "drift_alarms", viewer=OWNER, options={"against": "triage-reference"}
    )
    assert found.estimate.value == 3.0
    assert found.estimate.about == "batch"


def test_distance_is_a_metric_of_every_stratum(triage: Store) -> None:
    found = measure(
        triage,
        triage.batch("triage-guideline", OWNER),
        "label_drift",
        viewer=OWNER,
        by=("channel",),
        options={"against": "previous"},
    )
    places = [one.slice for one in found]
    assert places == [(), (("channel", "chat"),), (("channel", "mail"),)]


def test_metric_without_a_reference_says_what_to_add(triage: Store) -> None:
    (found,) = measure(triage, triage.batch("triage-people", OWNER), "label_drift", viewer=OWNER)
    assert found.estimate.status == "missing_input"
    assert "against=BATCH" in found.estimate.reason


def test_weeks_of_one_week_say_so(triage: Store) -> None:
    batch = triage.batch("triage-people", OWNER)
    found = course(triage, batch, batch.questions[0], OWNER)
    assert found is not None
    if len(found.weeks) == 1:
        assert told(found)[0] == "One week only"


@pytest.fixture
def answers(tmp_path: Path) -> Answers:
    """Return a call that imports invented answers: item -> labels, two annotators each."""

    def imported(
        name: str, labels: list[tuple[str, str]], question: str = LABELS, task: str = "one"
    ) -> str:
        path, mapping = tmp_path / f"{name}.csv", tmp_path / f"{name}.toml"
        with path.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["item", "who", "label", "task"])
            for place, pair in enumerate(labels):
                for who, label in zip(("ann_a", "ann_b"), pair, strict=True):
                    writer.writerow([f"{name}-{place}", who, label, task if place else "lone"])
        mapping.write_text(
            'kind = "qa"\n[columns]\nitem_id = "item"\nannotator_id = "who"\n[attributes]\n'
            f'task = "task"\n[[question]]\nname = "q"\ncolumn = "label"\n{question}\n'
        )
        bring_in(tmp_path / "store", [path], batch_id=name, kind="qa", mapping=mapping)
        return name

    return imported


def compared(path: Path, batch: str, against: str) -> Drift:
    store = Store.open(path / "store")
    return drift(store, store.batch(batch, OWNER), store.batch(against, OWNER), OWNER, control=20)


MIXED = [("no", "no"), ("no", "yes"), ("yes", "yes")] * 20


def test_reference_with_other_labels_is_compared_over_both(
    tmp_path: Path, answers: Answers
) -> None:
    other = 'level = "nominal"\nlabels = ["no", "maybe"]'
    answers("old", MIXED)
    answers("new", [("no", "no"), ("maybe", "maybe")] * 30, other)
    report = compared(tmp_path, "new", "old")
    assert report.results[0].shift.labels == ("no", "yes", "maybe")
    assert any("labels of the batch only: maybe" in note for note in report.notes)


def test_question_of_another_level_is_left_out_with_a_note(
    tmp_path: Path, answers: Answers
) -> None:
    answers("old", [("1", "2")] * 30, 'level = "ordinal"\nlabels = ["1", "2"]')
    answers("new", [("1", "2")] * 30, 'level = "nominal"\nlabels = ["1", "2"]')
    report = compared(tmp_path, "new", "old")
    assert report.results == ()
    assert report.notes == ("q: ordinal in the reference, nominal in the batch",)


def test_slice_with_one_item_is_shown_untested(tmp_path: Path, answers: Answers) -> None:
    answers("old", MIXED)
    answers("new", MIXED)
    report = compared(tmp_path, "new", "old")
    (lone,) = [one for one in report.results if one.place == (("task", "lone"),)]
    assert lone.distance.status == "insufficient"
    assert not lone.alarm.is_raised
    assert lone.to_json()["p_value"] is None


def test_empty_cell_is_no_crash_and_no_infinity(tmp_path: Path, answers: Answers) -> None:
    answers("old", [("no", "no")] * 40)
    answers("new", [("no", "yes")] * 40)
    report = compared(tmp_path, "new", "old")
    json.dumps(report.to_json(), allow_nan=False)
    assert report.results[0].alarm.is_raised


def test_batches_that_always_agree_on_one_label_have_no_test(
    tmp_path: Path, answers: Answers
) -> None:
    answers("old", [("no", "no")] * 40)
    answers("new", [("no", "no")] * 40)
    report = compared(tmp_path, "new", "old")
    assert report.alarms == 0
    assert lead(report)[0] == "Nothing could be tested"


def test_new_crew_under_a_new_guideline_is_not_separable(tmp_path: Path, answers: Answers) -> None:
    answers("old", MIXED)
    answers("new", [("yes", "yes")] * 50 + [("no", "no")] * 10)
    report = compared(tmp_path, "new", "old")
    split = report.results[0].decomposition
    assert split is not None
    assert "guideline" in split.unknown
    assert why(split)


def test_durations_without_dates_cannot_show_how_a_pace_varies(tmp_path: Path) -> None:
    mapping = tmp_path / "m.toml"
    mapping.write_text(
        'kind = "qa"\n[columns]\nitem_id = "item"\nannotator_id = "who"\n'
        f'duration_seconds = "sec"\n[[question]]\nname = "q"\ncolumn = "label"\n{LABELS}\n'
    )
    for name in ("old", "new"):
        rows = [
            f"{name}{place},{who},{('no', 'yes')[place % 2]},{9 + place % 7}"
            for place in range(40)
            for who in ("ann_a", "ann_b")
        ]
        path = tmp_path / f"{name}.csv"
        path.write_text("\n".join(["item,who,label,sec", *rows]))
        bring_in(tmp_path / "store", [path], batch_id=name, kind="qa", mapping=mapping)
    report = compared(tmp_path, "new", "old")
    (speed,) = [one for one in report.other if one.shift.family == "speed"]
    assert "repeated weeks" in speed.shift.reason


def own_weeks(folder: Path, late_versions: tuple[str, str], late_people: tuple[str, str]) -> str:
    """Return why a batch moved from one week to another, where v2 makes "yes" commoner.

    All answers of the first week follow v1; of the other, items take turns in `late_versions`.
    """
    mapping = folder / "m.toml"
    mapping.write_text(
        'kind = "qa"\n[columns]\nitem_id = "item"\nannotator_id = "who"\n'
        'annotated_at = "at"\nguideline_version = "version"\n[time]\nzone = "UTC"\n'
        f'[[question]]\nname = "q"\ncolumn = "label"\n{LABELS}\n'
    )
    rows = ["item,who,label,at,version"]
    for late, day in enumerate(("2026-03-02", "2026-03-16")):
        for place in range(1000):
            for who in late_people if late else ("ann_a", "ann_b"):
                version = late_versions[place // 10 % 2] if late else "v1"
                label = "yes" if place % 10 < (3 if version == "v1" else 7) else "no"
                rows.append(f"{late}-{place},{who},{label},{day}T09:00:00,{version}")
    path = folder / "weeks.csv"
    path.write_text("\n".join(rows))
    bring_in(folder / "store", [path], batch_id="weeks", kind="qa", mapping=mapping)
    store = Store.open(folder / "store")
    batch = store.batch("weeks", OWNER)
    found = course(store, batch, batch.questions[0], OWNER)
    assert found is not None
    return told(found)[1]


def test_own_weeks_name_the_guideline_that_changed_within_one(tmp_path: Path) -> None:
    told_why = own_weeks(tmp_path, ("v1", "v2"), ("ann_a", "ann_b"))
    assert told_why.endswith("yes +20.0 points: the guideline +20.0")


def test_own_weeks_with_another_guideline_in_each_blame_nothing_alone(tmp_path: Path) -> None:
    told_why = own_weeks(tmp_path, ("v2", "v2"), ("ann_a", "ann_b"))
    assert "the guideline or what is not recorded +40.0, not separable" in told_why


def test_own_weeks_do_not_tell_a_new_crew_from_a_new_guideline(tmp_path: Path) -> None:
    told_why = own_weeks(tmp_path, ("v2", "v2"), ("ann_c", "ann_d"))
    assert "other people or the guideline or what is not recorded" in told_why


def test_batch_without_times_has_no_weeks(tmp_path: Path, answers: Answers) -> None:
    answers("old", MIXED)
    store = Store.open(tmp_path / "store")
    batch = store.batch("old", OWNER)
    assert course(store, batch, batch.questions[0], OWNER) is None
