"""The crew of one batch or several: the tables all signs about its people are computed from.

Statistics add up over batches, so that a person's history is the same computation as one batch.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from app import assemble
from metrics.tables import AnnotatorPairs, ReferenceAnswers, UnitPatterns
from queries.batches import BatchInfo, Question
from queries.errors import InputError
from queries.scope import Scope, Viewer
from queries.store import Store

if TYPE_CHECKING:
    import pyarrow as pa

ORDERED = ("ordinal", "interval", "ratio")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a crew answered to one question; None where there is nothing.

    `name` is the question, with the batches in it where batches ask something else by that name.
    """

    name: str
    question: Question
    batches: tuple[BatchInfo, ...]
    patterns: UnitPatterns | None
    pairs: AnnotatorPairs | None
    golden: ReferenceAnswers | None
    traps: ReferenceAnswers | None


@dataclass(frozen=True, slots=True)
class Work:
    """How much somebody did."""

    items: int
    annotations: int


@dataclass(frozen=True, slots=True)
class Crew:
    """Everybody who answered in some batches, by person key, and what they were asked."""

    store: Store
    viewer: Viewer
    batches: tuple[BatchInfo, ...]
    work: dict[str, Work]
    questions: tuple[Asked, ...]


def gather(store: Store, batches: Sequence[BatchInfo], viewer: Viewer) -> Crew:
    """Fetch what people did in the batches, people only (human and expert)."""
    work: dict[str, Work] = {}
    for batch in batches:
        rows = store.fetch("workloads", Scope(batch.batch_id, viewer=viewer)).to_pylist()
        for row in rows:
            before = work.get(row["person_key"], Work(0, 0))
            work[row["person_key"]] = Work(
                before.items + row["items"], before.annotations + row["annotations"]
            )
    asked = tuple(_asked(store, viewer, *each) for each in _joined(batches))
    return Crew(store, viewer, tuple(batches), work, asked)


def chosen(store: Store, viewer: Viewer, batch: str | None, since: str | None) -> list[BatchInfo]:
    """Return the batch that is named, or all since a day: by submission, else by import.

    A batch that another stands in for is left out: its work would count twice.

    Raises
    ------
    InputError
        When both or neither are given, the day is none, or no batch is that young.
    """
    if (batch is None) == (since is None):
        raise InputError("give --batch ID for one batch, or --since YYYY-MM-DD for all since a day")
    if batch is not None:
        return [store.batch(batch, viewer)]
    try:
        day = date.fromisoformat(since or "")
    except ValueError as error:
        raise InputError(f"--since {since!r} is not a day such as 2026-05-01") from error
    dated = [
        (at.date(), one)
        for one in store.batches(viewer)
        if not one.superseded_by and (at := one.submitted_at or one.imported_at) is not None
    ]
    found = [one for at, one in dated if at >= day]
    if not found:
        newest = max((at for at, _ in dated), default=None)
        there = f"the newest is of {newest}" if newest else "the store holds none"
        raise InputError(f"--since {since}: no batch was submitted or imported since; {there}")
    return found


def _joined(
    batches: Sequence[BatchInfo],
) -> list[tuple[str, Question, tuple[BatchInfo, ...]]]:
    """Return every question with the batches that ask it alike: same name, level and labels."""
    found: dict[tuple[str, str, object], tuple[Question, list[BatchInfo]]] = {}
    for batch in batches:
        for question in batch.questions:
            # Labels taken from the data differ by accident; declared ones by intention.
            domain = question.labels if question.declared else None
            key = (question.name, question.level, domain)
            found.setdefault(key, (question, []))[1].append(batch)
    names = [question.name for question, _ in found.values()]
    rows = []
    for question, asking in found.values():
        name = question.name
        if names.count(name) > 1:
            name += f" ({', '.join(batch.batch_id for batch in asking)})"
        labels = question.labels
        if not question.declared and len(asking) > 1:
            labels = _all_labels([batch.question(question.name) for batch in asking])
        rows.append((name, replace(question, labels=labels), tuple(asking)))
    return rows


def _all_labels(questions: Sequence[Question]) -> tuple[str, ...] | None:
    if any(question.labels is None for question in questions):
        return None
    everything = {label for question in questions for label in question.labels or ()}
    numbers = questions[0].level in ORDERED
    return tuple(sorted(everything, key=float) if numbers else sorted(everything))


def _asked(
    store: Store, viewer: Viewer, name: str, question: Question, batches: tuple[BatchInfo, ...]
) -> Asked:
    def rows(statistic: str, *, population: str = "people", **columns: str) -> "pa.Table":
        return assemble.stacked(
            store.fetch(
                statistic,
                Scope(
                    batch.batch_id,
                    population=population,
                    questions=(question.name,),
                    viewer=viewer,
                ),
                **columns,
            )
            for batch in batches
        )

    patterns = _patterns(rows("unit_patterns", dimension=""), rows("annotator_patterns"), question)
    pairs = None
    if question.level in ORDERED and patterns is not None:
        everybody = assemble.annotator_pairs(rows("annotator_pairs", population="all"), question)
        pairs = assemble.of_roles(everybody, ("human", "expert"))
    reference = rows("annotator_reference")
    return Asked(
        name=name,
        question=question,
        batches=batches,
        patterns=patterns,
        pairs=pairs,
        golden=assemble.reference_answers(reference, question, "golden"),
        traps=assemble.reference_answers(reference, question, "trap"),
    )


def _patterns(units: "pa.Table", annotators: "pa.Table", question: Question) -> UnitPatterns | None:
    """Build the patterns of all batches; the multiplicities of one pattern add up."""
    if not annotators.num_rows:
        return None
    found = assemble.unit_patterns(units, question, annotators=annotators)
    ids = assemble.distinct(units["pattern_id"])
    pattern = assemble.codes(units["pattern_id"], ids)
    labels = assemble.codes(units["label"], found.labels)
    many = assemble.integers(units["multiplicity"])
    total = np.zeros(found.counts.shape, dtype=np.int64)
    np.add.at(total, (pattern, labels), many)
    return replace(found, multiplicity=total.max(axis=1))
