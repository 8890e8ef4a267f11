"""q-values of every label and slice."""

from pathlib import Path

from app.drift import drift
from app.exploring import label_q_values
from queries.scope import Viewer
from queries.store import Store


def test_every_label_has_a_q_value_at_least_its_p_value(samples: Path) -> None:
    store, viewer = Store.open(samples), Viewer.owner()
    sides = (store.batch(f"triage-{name}", viewer) for name in ("guideline", "reference"))
    report = drift(store, *sides, viewer, control=0)
    one = report.results[0]
    found = label_q_values(report, one)
    assert tuple(found) == one.shift.labels
    pairs = zip(found.values(), one.shift.label_p, strict=True)
    assert all(float(q.removeprefix("< ")) >= p - 1e-4 for q, p in pairs)
