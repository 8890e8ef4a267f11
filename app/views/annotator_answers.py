"""Answers about annotators, kept between two looks; keyed like those of `app.state`."""

import pyarrow as pa
import streamlit as st

from app import state
from app.annotators import Annotators, annotators
from app.disagreement import Why, why
from app.reannotation import worth_answering_again
from queries.batches import BatchInfo

_CACHED = 200
EVERYBODY = 1_000_000


def report(batch: BatchInfo) -> Annotators:
    """Return everybody who answered in a batch, with signs and flags."""
    return _report(str(state.folder()), batch.batch_id, batch.digest)


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
