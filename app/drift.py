"""Drift: what moved between a reference and a batch, by how much, and why.

Page, command and JSON read the same report. Slices are the whole question and every stratum of
every dimension both sides have; all that can be tested are judged as one family.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from hashlib import sha256
from math import isfinite
from typing import Any

from app import assemble
from app.drift_tables import WHOLE, Answers, Mix, Side, answers, clusters, mix, times, together
from app.measure import estimate_json
from app.slice_drift import Compared, compared, distance, split
from metrics.clusters import Clusters
from metrics.decomposition import CAUSES, Decomposition
from metrics.drift import ORDERED
from metrics.drift_alarms import (
    LABEL_LEVEL,
    OTHER_LEVEL,
    Alarm,
    Control,
    alarms,
    detectable,
    is_large,
    permuted_control,
)
from metrics.estimates import Estimate
from metrics.family_drift import FamilyShift, agreement_shift, severity_shift
from metrics.shift_tests import Shift
from metrics.speed_drift import speed_shift
from queries.batches import BatchInfo, Question
from queries.errors import InputError
from queries.scope import Viewer
from queries.store import Store

PREVIOUS = "previous"


@dataclass(frozen=True, slots=True)
class SliceShift:
    """One slice of one question: its shift, whether it is an alarm, and why it moved.

    Attributes
    ----------
    place : pairs of dimension and value; empty for the whole question
    distance : total variation as an estimate, other distances in its provenance
    minimum_detectable : shift of one label an alarm would have found with 80 % power
    decomposition : of the label with the largest parts; None where there is nothing to split
    """

    question: str
    place: tuple[tuple[str, str], ...]
    shift: Shift
    distance: Estimate
    alarm: Alarm
    minimum_detectable: float
    decomposition: Decomposition | None

    def to_json(self) -> dict[str, Any]:
        """Return the slice as `batchgate drift --json` prints it."""
        return {
            "question": self.question,
            "slice": dict(self.place),
            "distance": estimate_json(self.distance),
            "p_value": _number(self.shift.p_value),
            "p_adjusted": _number(self.alarm.p_adjusted),
            "alarm": self.alarm.is_raised,
            "beyond_chance": self.alarm.is_beyond_chance,
            "minimum_detectable": _number(self.minimum_detectable),
            "labels": [
                {
                    "label": label,
                    "reference": _number(self.shift.before[place]),
                    "batch": _number(self.shift.after[place]),
                    "p_value": _number(self.shift.label_p[place]),
                }
                for place, label in enumerate(self.shift.labels)
            ],
            "decomposition": decomposition_json(self.decomposition),
        }


@dataclass(frozen=True, slots=True)
class OtherShift:
    """A shift of agreement, speed or severity, and what its family makes of it."""

    shift: FamilyShift
    alarm: Alarm

    def to_json(self) -> dict[str, Any]:
        """Return it as `batchgate drift --json` prints it under `other`."""
        one = self.shift
        return {
            "family": one.family,
            "question": one.question,
            "reference": _number(one.before),
            "batch": _number(one.after),
            "unit": one.unit,
            "low": _number(one.low),
            "high": _number(one.high),
            "p_value": _number(one.p_value),
            "p_adjusted": _number(self.alarm.p_adjusted),
            "alarm": self.alarm.is_raised,
            "n": one.n,
            "n_unit": one.n_unit,
            "annotator_id": one.person or None,
            "note": one.note,
            "reason": one.reason,
        }


@dataclass(frozen=True, slots=True)
class Drift:
    """Everything that was compared between a reference and a batch.

    Attributes
    ----------
    results : slices, the whole of a question first
    other : agreement, speed and severity
    control : alarms on permuted batches; None where it was not asked for
    notes : what could not be compared, and why
    """

    batch: str
    against: str
    results: tuple[SliceShift, ...]
    other: tuple[OtherShift, ...]
    control: Control | None = None
    notes: tuple[str, ...] = field(default=())

    @property
    def alarms(self) -> int:
        """Number of alarms of all families."""
        everything = [one.alarm for one in self.results] + [one.alarm for one in self.other]
        return sum(one.is_raised for one in everything)

    def to_json(self) -> dict[str, Any]:
        """Return the report as `batchgate drift --json` prints it."""
        return {
            "batch": self.batch,
            "against": self.against,
            "results": [one.to_json() for one in self.results],
            "other": [one.to_json() for one in self.other],
            "false_alarm_rate": _number(self.control.rate) if self.control else None,
            "control": (
                {"batches": self.control.batches, "seed": self.control.seed}
                if self.control
                else None
            ),
            "levels": {"labels": LABEL_LEVEL, "other": OTHER_LEVEL},
            "notes": list(self.notes),
        }


def decomposition_json(found: Decomposition | None) -> dict[str, Any] | None:
    """Return the parts of a shift, null for a cause of which nothing is recorded."""
    if found is None:
        return None
    shown: dict[str, Any] = {
        cause: _number(found.parts[cause].value) if cause in found.parts else None
        for cause in CAUSES
        if cause not in found.not_separable
    }
    if found.not_separable:
        shown |= {
            "not_separable": list(found.not_separable),
            "would_need": found.would_need,
            "together": _number(found.together),
        }
    return shown | {
        "label": found.label,
        "shift": _number(found.shift),
        "intervals": {
            cause: [_number(part.low), _number(part.high)] for cause, part in found.parts.items()
        },
        "main_cause": list(found.main_cause),
        "attribute": found.attribute or None,
        "tried_beside": list(found.beside),
        "reversed": found.is_reversed,
        "masked": found.masks,
    }


def reference_for(store: Store, batch: BatchInfo, viewer: Viewer, against: str) -> BatchInfo:
    """Return the batch of that id, or with `previous` the one of the same dataset before it.

    Raises
    ------
    InputError
        When there is no such batch, or it is the batch itself.
    """
    if against == batch.batch_id:
        raise InputError(f"batch {against!r} cannot be compared with itself; name another batch")
    if against != PREVIOUS:
        return store.batch(against, viewer)
    earlier = [
        one
        for one in sequence(store, batch, viewer)
        if one.batch_id != batch.batch_id and _at(one) <= _at(batch)
    ]
    if earlier:
        return earlier[-1]
    raise InputError(
        f"no batch of dataset {batch.dataset!r} and kind {batch.kind} came before"
        f" {batch.batch_id!r}; name a reference with --against BATCH"
    )


def sequence(store: Store, batch: BatchInfo, viewer: Viewer) -> list[BatchInfo]:
    """Return the batches of the same dataset and kind in their order of time."""
    alike = [
        one
        for one in store.batches(viewer)
        if one.kind == batch.kind and one.dataset == batch.dataset and one.dataset
    ]
    return sorted(alike, key=_at)


def _at(batch: BatchInfo) -> str:
    at = batch.submitted_at or batch.imported_at
    return f"{at.isoformat() if at else ''} {batch.batch_id}"


def drift(
    store: Store,
    batch: BatchInfo,
    reference: BatchInfo,
    viewer: Viewer,
    *,
    question: str | None = None,
    control: int = 200,
) -> Drift:
    """Compare a batch with a reference.

    Parameters
    ----------
    question : one question; all that both sides ask unless it is given
    control : permuted batches that show how often chance alone raises an alarm; 0 for none
    """
    sides = Side(store, reference, viewer), Side(store, batch, viewer)
    slices: list[Compared] = []
    notes: list[str] = []
    others: list[FamilyShift] = []
    read: dict[str, tuple[Answers, Answers]] = {}
    if question is not None:
        batch.question(question)
    for asked in batch.questions:
        if question not in (None, asked.name):
            continue
        other = next((one for one in reference.questions if one.name == asked.name), None)
        unfit = _unfit(asked, other)
        if unfit or other is None:
            notes.append(unfit)
            continue
        with ThreadPoolExecutor(max_workers=2) as pool:
            before, after = pool.map(answers, sides, (other, asked))
        found = list(compared(asked, before.clusters, after.clusters))
        if not found:
            notes.append(f"{asked.name}: no pattern of labels is kept, the labels are too many")
            continue
        notes += _label_notes(asked.name, before.clusters[WHOLE], after.clusters[WHOLE])
        read[asked.name] = before, after
        slices += found
        others += _other(sides, (before, after), (other, asked))
    names = store.people([one.person for one in others if one.person])
    others = [replace(one, person=names.get(one.person, "")) for one in others]
    return Drift(
        batch=batch.batch_id,
        against=reference.batch_id,
        results=tuple(_judged(read, slices)),
        other=tuple(_judged_others(others)),
        control=_control(slices, (reference, batch), control),
        notes=tuple(notes),
    )


def _unfit(asked: Question, other: Question | None) -> str:
    if other is None:
        return f"{asked.name}: the reference does not ask it"
    if other.level != asked.level:
        return f"{asked.name}: {other.level} in the reference, {asked.level} in the batch"
    return ""


def _label_notes(name: str, before: Clusters, after: Clusters) -> list[str]:
    only = [
        (side, [label for label in one.labels if label not in other.labels])
        for side, one, other in (("reference", before, after), ("batch", after, before))
    ]
    return [
        f"{name}: labels of the {side} only: {', '.join(labels[:8])}; they count as never given on"
        " the other side"
        for side, labels in only
        if labels
    ]


def _judged(
    read: dict[str, tuple[Answers, Answers]], slices: list[Compared]
) -> Iterator[SliceShift]:
    """Yield every slice with what the family makes of it."""
    p_values = [one.shift.p_value for one in slices]
    tests = sum(isfinite(p) for p in p_values)
    large = [bool(is_large(one.shift.before, one.shift.after)) for one in slices]
    mixes: dict[str, Mix] = {}
    for one, alarm in zip(slices, alarms(p_values, large, LABEL_LEVEL), strict=True):
        name = one.question.name
        if name not in mixes:
            mixes[name] = mix(read[name], one.shift.labels)
        yield SliceShift(
            question=name,
            place=(one.place,) if one.place[0] else (),
            shift=one.shift,
            distance=distance(one),
            alarm=alarm,
            minimum_detectable=detectable(one.shift, tests),
            decomposition=split(mixes[name], one),
        )


def _other(
    sides: tuple[Side, Side],
    given: tuple[Answers, Answers],
    questions: tuple[Question, Question],
) -> Iterator[FamilyShift]:
    """Yield agreement, speed and severity of one question."""
    name = questions[1].name
    yield agreement_shift(given[0].alpha, given[1].alpha, name)
    if all("annotation.duration_seconds" in side.batch.filled for side in sides):
        numbered: dict[str, int] = {}
        spent = [together(list(times(side, name, numbered).values())) for side in sides]
        yield speed_shift(spent[0], spent[1], name)
    if questions[1].level in ORDERED:
        pairs = [
            assemble.of_roles(
                assemble.annotator_pairs(side.rows("annotator_pairs", name, "all"), question),
                ("human", "expert"),
            )
            for side, question in zip(sides, questions, strict=True)
        ]
        before, after = zip((one.patterns for one in given), pairs, strict=True)
        yield severity_shift(before, after, name)


def _judged_others(others: list[FamilyShift]) -> Iterator[OtherShift]:
    found = alarms([one.p_value for one in others], [one.is_large for one in others], OTHER_LEVEL)
    for one, alarm in zip(others, found, strict=True):
        yield OtherShift(one, alarm)


def control(
    store: Store, batch: BatchInfo, reference: BatchInfo, viewer: Viewer, *, replicates: int = 200
) -> Control | None:
    """Return how often chance alone raises an alarm between a batch and a reference."""
    sides = Side(store, reference, viewer), Side(store, batch, viewer)
    slices: list[Compared] = []
    for asked in batch.questions:
        other = next((one for one in reference.questions if one.name == asked.name), None)
        if other is not None and not _unfit(asked, other):
            slices += compared(asked, clusters(sides[0], other), clusters(sides[1], asked))
    return _control(slices, (reference, batch), replicates)


def _control(
    slices: list[Compared], batches: tuple[BatchInfo, BatchInfo], replicates: int
) -> Control | None:
    """Return how often permuted batches raise an alarm; the digests are the seed."""
    if not replicates:
        return None
    text = " ".join(batch.digest for batch in batches)
    seed = int(sha256(text.encode()).hexdigest()[:8], 16)
    tested = [one.sides for one in slices if isfinite(one.shift.p_value)]
    return permuted_control(tested, batches=replicates, seed=seed)


def _number(value: float) -> float | None:
    return float(value) if isfinite(value) else None
