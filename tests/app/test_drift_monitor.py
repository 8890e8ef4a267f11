"""Batches of one dataset followed in order of time."""

from pathlib import Path

import pytest

from app.drift_monitor import followed
from app.intake import bring_in
from queries.scope import Viewer
from queries.store import Store

OWNER = Viewer.owner()


def test_batches_after_the_reference_are_followed_in_order_of_time(samples: Path) -> None:
    store = Store.open(samples)
    found = followed(store, store.batch("triage-reference", OWNER), "triage", OWNER)
    assert found.batches == ("triage-guideline", "triage-people", "triage-hidden")
    assert found.monitor is not None
    assert len(found.shares) == len(found.signals) == 3


def test_label_that_went_furthest_is_the_one_shown(samples: Path) -> None:
    store = Store.open(samples)
    found = followed(store, store.batch("triage-reference", OWNER), "triage", OWNER)
    assert found.label == "escalate"
    assert found.shares[0] == pytest.approx(0.478, abs=0.001)


def test_too_few_batches_say_so(samples: Path) -> None:
    store = Store.open(samples)
    found = followed(store, store.batch("triage-people", OWNER), "triage", OWNER)
    assert found.monitor is None
    assert found.reason == (
        "1 later batch of dataset ticket-triage can be compared with it, 3 are needed"
    )


@pytest.fixture
def sequence(tmp_path: Path) -> Store:
    """Return a store with a reference and four later batches, of which one asks something else."""
    labels = {
        "reference": ["yes", "no"] * 100,
        "second": ["yes", "no"] * 100,
        "third": ["yes", "no"] * 99 + ["maybe", "maybe"],
        "fourth": ["yes"] * 180 + ["no"] * 20,
    }
    for place, (name, given) in enumerate(labels.items()):
        bring(tmp_path, name, place, given, "q")
    bring(tmp_path, "other", 9, ["yes", "no"] * 20, "another question")
    return Store.open(tmp_path / "store")


def bring(folder: Path, name: str, day: int, labels: list[str], question: str) -> None:
    path, mapping = folder / f"{name}.csv", folder / f"{name}.toml"
    rows = [f"{name}{place},ann_a,{label}" for place, label in enumerate(labels)]
    path.write_text("\n".join(["item,who,label", *rows]))
    mapping.write_text(
        'kind = "qa"\n[columns]\nitem_id = "item"\nannotator_id = "who"\n[[question]]\n'
        f'name = "{question}"\ncolumn = "label"\nlevel = "nominal"\n'
    )
    bring_in(
        folder / "store",
        [path],
        batch_id=name,
        mapping=mapping,
        settings={"dataset": "d", "submitted_at": f"2026-03-{day + 1:02d}"},
    )


def test_label_that_is_new_in_a_batch_is_followed_too(sequence: Store) -> None:
    found = followed(sequence, sequence.batch("reference", OWNER), "q", OWNER)
    assert found.batches == ("second", "third", "fourth")
    assert found.left_out == {"other": "does not ask q"}


def test_batch_that_leaps_signals_at_once(sequence: Store) -> None:
    found = followed(sequence, sequence.batch("reference", OWNER), "q", OWNER)
    assert [bool(labels) for labels in found.signals] == [False, False, True]
    assert found.label in {"yes", "no"}
    assert found.before == 0.5
