"""Answers about annotators, kept between two looks; keyed like those of `app.state`."""

import pyarrow as pa
import streamlit as st

from app import state
from app.annotators import Annotators, annotators
from app.calibrating import Calibrations
from app.calibrating import calibrations as found_calibrations
from app.disagreement import Why, why
from app.probing import probe_answers
from app.reannotation import worth_answering_again
from metrics.probes import ProbeAnswers
from queries.batches import BatchInfo

_CACHED = 200
EVERYBODY = 1_000_000


def report(batch: BatchInfo) -> Annotators:
    """Return everybody who answered in a batch, with signs and flags."""
    return _report(str(state.folder()), batch.batch_id, batch.digest)


def report_since(batches: tuple[BatchInfo, ...]) -> Annotators:
    """Return everybody who answered in some batches, taken together."""
    return _report_since(str(state.folder()), tuple((one.batch_id, one.digest) for one in batches))


def golden(batches: tuple[BatchInfo, ...], question: str) -> ProbeAnswers | None:
    """Return the answers to golden items of a question in some batches."""
    asking = [
        (one.batch_id, one.digest)
        for one in batches
        if question in {asked.name for asked in one.questions}
    ]
    return _golden(str(state.folder()), tuple(asking), question)


def calibrations(batch: BatchInfo) -> Calibrations:
    """Return whose calibration is due in a batch, and what sessions changed."""
    # Sessions of other batches count, so that theirs are part of the key.
    others = "".join(sorted(one.digest for one in state.batches()))
    return _calibrations(str(state.folder()), batch.batch_id, others)


def reports() -> list[tuple[BatchInfo, Annotators]]:
    """Return every batch of the store with its annotators, oldest first."""
    known = sorted(state.batches(), key=lambda one: (str(one.imported_at), one.batch_id))
    return [(one, report(one)) for one in known]


def causes(batch: BatchInfo, question: str, apart: tuple[str, ...]) -> Why:
    """Return why the annotators of a batch disagree on a question."""
    return _causes(str(state.folder()), batch.batch_id, batch.digest, question, apart)


def next_answers(batch: BatchInfo, question: str, limit: int) -> pa.Table:
    """Return the items of a question on which one more answer would tell most."""
    return _next_answers(str(state.folder()), batch.batch_id, batch.digest, question, limit)


def groups(batch: BatchInfo) -> dict[str, str]:
    """Return the annotator group of everybody of whom it is known, by key."""
    rows = state.listing(batch, "persons", limit=EVERYBODY)
    pairs = zip(rows["person_key"].to_pylist(), rows["annotator_group"].to_pylist(), strict=True)
    return {person: group for person, group in pairs if group}


@st.cache_data(max_entries=_CACHED, show_spinner="Looking at everybody's work …")
def _report(path: str, batch_id: str, digest: str) -> Annotators:
    return annotators(state.store(), [state.batch_named(batch_id)], state.viewer())


@st.cache_data(max_entries=_CACHED, show_spinner="Looking at everybody's work …")
def _report_since(path: str, batches: tuple[tuple[str, str], ...]) -> Annotators:
    chosen = [state.batch_named(batch_id) for batch_id, _ in batches]
    return annotators(state.store(), chosen, state.viewer())


@st.cache_data(max_entries=_CACHED, show_spinner=False)
def _golden(path: str, batches: tuple[tuple[str, str], ...], question: str) -> ProbeAnswers | None:
    chosen = [state.batch_named(batch_id) for batch_id, _ in batches]
    return probe_answers(state.store(), chosen, state.viewer(), "golden", question=question)


@st.cache_data(max_entries=_CACHED, show_spinner=False)
def _calibrations(path: str, batch_id: str, digests: str) -> Calibrations:
    return found_calibrations(state.store(), state.batch_named(batch_id), state.viewer())


@st.cache_data(max_entries=_CACHED, show_spinner=False)
def _causes(path: str, batch_id: str, digest: str, question: str, apart: tuple[str, ...]) -> Why:
    batch = state.batch_named(batch_id)
    return why(state.store(), batch, batch.question(question), state.viewer(), apart=apart)


@st.cache_data(max_entries=_CACHED, show_spinner=False)
def _next_answers(path: str, batch_id: str, digest: str, question: str, limit: int) -> pa.Table:
    batch = state.batch_named(batch_id)
    return worth_answering_again(
        state.store(), batch, batch.question(question), state.viewer(), limit
    )
