"""Drift as a criterion of a standard: told, passed, or missing with the reason."""

from collections.abc import Callable
from pathlib import Path

import pytest

from app.audit import Audit, audit
from app.catalog import METRICS
from app.standards import load
from queries.scope import Viewer
from queries.store import Store

OWNER = Viewer.owner()
STANDARD = """
[standard]
name = "own"
version = "1.0.0"
kind = "qa"
objective = "to learn"
annotation_criteria = "guideline 1"
[[criterion]]
id = "no-drift"
metric = "label_drift"
question = "triage"
options = {{ against = "{against}" }}
must_be = "<= {bound}"
severity = "hard"
minimum_n = 50
origin = "test"
owner = "qa-lead"
"""
Judge = Callable[..., Audit]


@pytest.fixture
def judge(samples: Path, tmp_path: Path) -> Judge:
    """Return a call that judges a batch of the sample store by one criterion of drift."""

    def judged(batch: str, against: str, bound: float = 0.1) -> Audit:
        path = tmp_path / "standard.toml"
        path.write_text(STANDARD.format(against=against, bound=bound), encoding="utf-8")
        store = Store.open(samples)
        return audit(store, store.batch(batch, OWNER), load(path, METRICS), OWNER)

    return judged


def test_planted_drift_fails_the_criterion(judge: Judge) -> None:
    found = judge("triage-guideline", "triage-reference", 0.05)
    assert [one.state for one in found.criteria] == ["fail"]
    assert found.verdict == "reject"


def test_small_distance_passes_the_criterion(judge: Judge) -> None:
    found = judge("triage-hidden", "triage-reference", 0.2)
    assert [one.state for one in found.criteria] == ["pass"]


@pytest.mark.parametrize("against", ["lost", "triage-people"])
def test_reference_that_is_not_there_is_missing(judge: Judge, against: str) -> None:
    """A batch of that name, or another than the batch itself, is evidence nobody has."""
    found = judge("triage-people", against)
    assert [one.state for one in found.criteria] == ["missing"]
    assert found.verdict == "hold"
    assert against in found.criteria[0].estimate.reason


def test_first_batch_of_its_dataset_has_no_previous_and_is_missing(judge: Judge) -> None:
    found = judge("triage-reference", "previous")
    assert [one.state for one in found.criteria] == ["missing"]
