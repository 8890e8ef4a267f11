"""Habits: every sign about how people work in a batch, from the statistics it needs.

A statistic whose columns a batch does not have is not asked for.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from app import assemble
from metrics.cliques import copied_groups
from metrics.dependence import dependence_signals, notes_signals
from metrics.habit_tables import (
    AgreementCourse,
    AnswerRuns,
    GoldenCourse,
    Paces,
    RepeatedAnswers,
    SharedNotes,
    ShownChoices,
    TimeChecks,
)
from metrics.habits import (
    modal_share_by_strata,
    modal_share_signals,
    position_signals,
    run_signals,
)
from metrics.repeats import leakage_signals, repeat_signals
from metrics.signals import Signal
from metrics.speed import speed_signals
from metrics.standing import FEWEST
from metrics.time_course import Course, course_signals
from queries.batches import BatchInfo, Question
from queries.first_use import keep_at_first_use
from queries.scope import Scope, Viewer
from queries.store import Store

if TYPE_CHECKING:
    import pyarrow as pa

COURSES: Final[tuple[Course, ...]] = ("batch", "day")
HABITS: Final = (
    *("agreement_course", "answer_repeats", "answer_runs", "golden_course"),
    *("paces", "shared_notes", "shown_choices", "time_checks"),
)
"""Statistics about habits alone."""


def signals_of(
    store: Store,
    batch: BatchInfo,
    viewer: Viewer,
    *,
    where: tuple[tuple[str, str], ...] = (),
    question: str | None = None,
) -> list[Signal]:
    """Return every sign about habits of the people of a batch, question by question.

    Kinds: straight_lining, position, speed, time_course, repeats, leakage, dependence. A kind is
    missing where the batch does not have its columns; a signal without p-value says why.

    Parameters
    ----------
    store, batch, viewer : what is asked, and who asks
    where : pairs of dimension and value to keep
    question : name, or None for all of them
    """
    found: list[Signal] = []
    if not where:
        keep_at_first_use(store, batch.batch_id, HABITS, viewer)
    for asked in batch.questions:
        if question in {None, asked.name}:
            scope = Scope(batch.batch_id, where=where, questions=(asked.name,), viewer=viewer)
            for source in SOURCES:
                found.extend(source(store, batch, asked, scope))
    return found


def _modal(store: Store, batch: BatchInfo, asked: Question, scope: Scope) -> list[Signal]:
    rows = store.fetch("unit_patterns", scope, dimension="")
    if not rows.num_rows:
        return []
    people = store.fetch("annotator_patterns", scope)
    signals = modal_share_signals(
        assemble.unit_patterns(rows, asked, annotators=people), asked.name
    )
    if len(signals) >= FEWEST:
        return signals
    return _modal_by_strata(store, batch, asked, scope)


def _modal_by_strata(store: Store, batch: BatchInfo, asked: Question, scope: Scope) -> list[Signal]:
    """Items with one answer each: the others' answers to items of the same kind."""
    chosen = "task" if "task" in batch.dimensions else ""
    rows = store.fetch("annotator_labels", scope, dimension=chosen)
    domain = replace(asked, labels=assemble.labels_of(asked, rows, "label"))
    if domain.level in {"set", "ranking"}:
        return []
    strata = [assemble.annotator_labels(part, domain) for _, part in assemble.strata(rows)]
    return modal_share_by_strata(strata, asked.name)


def _runs(store: Store, batch: BatchInfo, asked: Question, scope: Scope) -> list[Signal]:
    if "annotation.annotated_at" not in batch.filled:
        return []
    rows = store.fetch("answer_runs", scope)
    return run_signals(answer_runs(rows), asked.name)


def _position(store: Store, batch: BatchInfo, asked: Question, scope: Scope) -> list[Signal]:
    if "annotation.shown_order" not in batch.filled:
        return []
    return position_signals(shown_choices(store.fetch("shown_choices", scope)), asked.name)


def _speed(store: Store, batch: BatchInfo, asked: Question, scope: Scope) -> list[Signal]:
    if "annotation.duration_seconds" not in batch.filled:
        return []
    checks = time_checks(store.fetch("time_checks", scope))
    return speed_signals(paces(store.fetch("paces", scope), checks.annotators), checks, asked.name)


def _course(store: Store, batch: BatchInfo, asked: Question, scope: Scope) -> list[Signal]:
    if "annotation.annotated_at" not in batch.filled:
        return []
    rows = store.fetch("agreement_course", scope)
    return [
        signal
        for course in COURSES
        for signal in course_signals(agreement_course(rows, course), asked.name, course)
    ]


def _repeats(store: Store, batch: BatchInfo, asked: Question, scope: Scope) -> list[Signal]:
    if not {"item.content_hash", "annotation.round"} & batch.filled:
        return []
    return repeat_signals(repeated_answers(store.fetch("answer_repeats", scope)), asked.name)


def _leakage(store: Store, batch: BatchInfo, asked: Question, scope: Scope) -> list[Signal]:
    if not {"probe.expected", "annotation.annotated_at"} <= batch.filled:
        return []
    return leakage_signals(golden_course(store.fetch("golden_course", scope)), asked.name)


def _pairs(store: Store, batch: BatchInfo, asked: Question, scope: Scope) -> list[Signal]:
    everybody = replace(scope, population="all")
    rows = store.fetch("annotator_pairs", everybody)
    pairs = assemble.of_roles(assemble.annotator_pairs(rows, asked), scope.population_roles)
    return dependence_signals(pairs, asked.name) if len(pairs.count) else []


def _notes(store: Store, batch: BatchInfo, asked: Question, scope: Scope) -> list[Signal]:
    if "annotation.note" not in batch.filled:
        return []
    return notes_signals(shared_notes(store.fetch("shared_notes", scope)), asked.name)


def copied(
    store: Store, batch: BatchInfo, question: Question, viewer: Viewer
) -> tuple[tuple[str, ...], ...]:
    """Return the groups of people who surely copied from each other, answers or notes."""
    scope = Scope(batch.batch_id, questions=(question.name,), viewer=viewer)
    signals = [*_pairs(store, batch, question, scope), *_notes(store, batch, question, scope)]
    return copied_groups(signals)


SOURCES: Final[tuple[Callable[[Store, BatchInfo, Question, Scope], list[Signal]], ...]] = (
    _modal,
    _runs,
    _position,
    _speed,
    _course,
    _repeats,
    _leakage,
    _pairs,
    _notes,
)
"""What gives signals about a question of a batch; one more kind is one more line."""


def answer_runs(rows: "pa.Table") -> AnswerRuns:
    """Build the runs of one question."""
    people, labels = (assemble.distinct(rows[name]) for name in ("person_key", "label"))
    return AnswerRuns(
        labels=labels,
        annotators=people,
        annotator=assemble.codes(rows["person_key"], people),
        label=assemble.codes(rows["label"], labels),
        length=assemble.integers(rows["run_length"]),
        count=assemble.integers(rows["count"]),
    )


def shown_choices(rows: "pa.Table") -> ShownChoices:
    """Build the choices by place shown; answers that name no option shown, like ties, fall out."""
    people, orders = (assemble.distinct(rows[name]) for name in ("person_key", "shown_order"))
    options = [order.split("|") for order in orders]
    order = assemble.codes(rows["shown_order"], orders)
    place = np.array(
        [
            options[shown].index(label) if label in options[shown] else -1
            for shown, label in zip(order, rows["label"].to_pylist(), strict=True)
        ],
        dtype=np.int64,
    )
    named = place >= 0
    size = np.array([len(each) for each in options], dtype=np.int64)
    return ShownChoices(
        annotators=people,
        annotator=assemble.codes(rows["person_key"], people)[named],
        order=order[named],
        place=place[named],
        options=size[order[named]] if len(size) else order[named],
        count=assemble.integers(rows["count"])[named],
    )


def time_checks(rows: "pa.Table") -> TimeChecks:
    """Build what shows whether times are times; rows are one a person."""
    names = ("timed", "zero", "negative", "commonest", "followed", "same", "alike")
    return TimeChecks(
        tuple(rows["person_key"].to_pylist()), *(assemble.integers(rows[name]) for name in names)
    )


def paces(rows: "pa.Table", people: tuple[str, ...]) -> Paces:
    """Build the paces of the people who have times, by task and length."""
    strata = list(zip(rows["task"].to_pylist(), rows["length_bin"].to_pylist(), strict=True))
    place = {stratum: number for number, stratum in enumerate(sorted(set(strata)))}
    return Paces(
        annotators=people,
        annotator=assemble.codes(rows["person_key"], people),
        stratum=np.array([place[each] for each in strata], dtype=np.int64),
        log_bin=assemble.integers(rows["log_bin"]),
        count=assemble.integers(rows["count"]),
    )


def agreement_course(rows: "pa.Table", course: Course) -> AgreementCourse:
    """Build the agreement along the batch, or along the day."""
    people = assemble.distinct(rows["person_key"])
    chosen = np.array([each == course for each in rows["course"].to_pylist()], dtype=bool)
    return AgreementCourse(
        people,
        assemble.codes(rows["person_key"], people)[chosen],
        *(assemble.integers(rows[name])[chosen] for name in ("tenth", "votes", "same", "count")),
    )


def repeated_answers(rows: "pa.Table") -> RepeatedAnswers:
    """Build how often people gave the same answer again."""
    people = assemble.distinct(rows["person_key"])
    pairs: Iterator[tuple[str, str]] = zip(
        rows["first_label"].to_pylist(), rows["later_label"].to_pylist(), strict=True
    )
    return RepeatedAnswers(
        annotators=people,
        annotator=assemble.codes(rows["person_key"], people),
        same=np.array([first == later for first, later in pairs], dtype=np.int64),
        count=assemble.integers(rows["count"]),
    )


def golden_course(rows: "pa.Table") -> GoldenCourse:
    """Build the answers to golden items by their age."""
    people = assemble.distinct(rows["person_key"])
    names = ("is_old", "is_right", "answers", "right_answers", "count")
    return GoldenCourse(
        people,
        assemble.codes(rows["person_key"], people),
        *(assemble.integers(rows[name]) for name in names),
    )


def shared_notes(rows: "pa.Table") -> SharedNotes:
    """Build the pairs of people with notes on the same items."""
    people = tuple(sorted({*rows["person_a"].to_pylist(), *rows["person_b"].to_pylist()}))
    return SharedNotes(
        annotators=people,
        first=assemble.codes(rows["person_a"], people),
        second=assemble.codes(rows["person_b"], people),
        both=assemble.integers(rows["shared"]),
        identical=assemble.integers(rows["identical"]),
    )
