"""Batches of one dataset followed in order of time."""

from pathlib import Path

import pytest

from app.drift_monitor import followed
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
    assert found.reason == "1 later batches of its dataset can be compared with it, 3 are needed"
