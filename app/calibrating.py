"""Calibrations and trainings of a batch's people: whose is due, and what changed after one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from app import assemble
from metrics.estimates import Estimate
from metrics.training import (
    BeforeAfter,
    Due,
    Sessions,
    TrainingCourse,
    before_after,
    calibration_due,
    crew_effect,
)
from queries.batches import BatchInfo
from queries.scope import Scope, Viewer
from queries.store import Store

REFERENCES: Final = ("golden", "others")
"""What answers are held against: the key of golden items, and what the others answered."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What changed after a session on one question, against one reference."""

    question: str
    reference: str
    found: BeforeAfter


@dataclass(frozen=True, slots=True)
class Calibrations:
    """Of everybody in a batch, by key: whether a calibration is due, and what changed after one.

    `crew` holds the mean change by question and reference.
    """

    due: Mapping[str, Due]
    effects: Mapping[str, tuple[Effect, ...]] = field(default_factory=dict)
    crew: Mapping[tuple[str, str], Estimate] = field(default_factory=dict)

    @property
    def is_recorded(self) -> bool:
        """Whether anybody has a session."""
        return any(one.is_due is not None for one in self.due.values())


def calibrations(store: Store, batch: BatchInfo, viewer: Viewer) -> Calibrations:
    """Say whose calibration is due at the end of a batch, and what sessions changed in it.

    Sessions of all batches of the store count for what is due, as far as they were held before the
    last answer of this one; what changed is seen within the batch a session was imported with.
    """
    rows = {row["person_key"]: row for row in _listing(store, batch, viewer)}
    last = max((row["last_answer_at"] for row in rows.values()), default="")
    sessions = {key: _own(row) for key, row in rows.items()}
    for other in store.batches(viewer):
        if other.batch_id != batch.batch_id and "event.activity" in other.filled:
            for row in _listing(store, other, viewer):
                key = row["person_key"]
                if key in rows and "" < row["last_session_at"] <= last:
                    sessions[key] = _later(sessions[key], row, rows[key])
    some = any(one.last is not None for one in sessions.values())
    end = _moment(last)
    due = {
        key: calibration_due(one, end, others_have=some)
        for key, one in sessions.items()
        if rows[key]["answers"] or one.last is None
    }
    effects = _effects(store, batch, viewer)
    return Calibrations(due, effects, _crew(effects))


def _listing(store: Store, batch: BatchInfo, viewer: Viewer) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = store.fetch(
        "calibrations", Scope(batch.batch_id, viewer=viewer)
    ).to_pylist()
    return rows


def _own(row: Mapping[str, Any]) -> Sessions:
    last = _moment(row["last_session_at"])
    return Sessions(last, row["activity"], row["answers_since"] if last else None)


def _later(known: Sessions, other: Mapping[str, Any], here: Mapping[str, Any]) -> Sessions:
    """Return the later of a session here and one that came with another batch."""
    held = _moment(other["last_session_at"])
    if held is None or (known.last is not None and known.last >= held):
        return known
    first = _moment(here["first_answer_at"])
    # Before the first answer here, all answers here came after it; else nobody counted them.
    since = int(here["answers"]) if first is not None and held <= first else None
    return Sessions(held, other["activity"], since)


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _effects(store: Store, batch: BatchInfo, viewer: Viewer) -> dict[str, tuple[Effect, ...]]:
    if not {"event.activity", "annotation.annotated_at"} <= batch.filled:
        return {}
    found: dict[str, list[Effect]] = {}
    for asked in batch.questions:
        scope = Scope(batch.batch_id, questions=(asked.name,), viewer=viewer)
        for reference in REFERENCES:
            # On numeric scales nobody says exactly what others say; that is no agreement.
            if reference == "others" and asked.level in {"interval", "ratio"}:
                continue
            rows = store.fetch("training_courses", scope, reference=reference)
            people = assemble.distinct(rows["person_key"])
            names = ("is_after", "votes", "same", "count")
            course = TrainingCourse(
                people,
                assemble.codes(rows["person_key"], people),
                *(assemble.integers(rows[name]) for name in names),
            )
            for person in people:
                effect = Effect(asked.name, reference, before_after(course.of(person)))
                found.setdefault(person, []).append(effect)
    return {person: tuple(effects) for person, effects in found.items()}


def _crew(effects: Mapping[str, tuple[Effect, ...]]) -> dict[tuple[str, str], Estimate]:
    by_measure: dict[tuple[str, str], list[BeforeAfter]] = {}
    for own in effects.values():
        for one in own:
            by_measure.setdefault((one.question, one.reference), []).append(one.found)
    return {measure: crew_effect(found) for measure, found in by_measure.items()}
