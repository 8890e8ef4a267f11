"""What the page Soundness shows, kept between two looks at it."""

from typing import Any

import streamlit as st

from app import soundness, state
from app.catalog.soundness import SOUNDNESS
from app.measure import measure
from metrics.estimates import Estimate
from queries.batches import BatchInfo


def measured(batch: BatchInfo) -> dict[str, Estimate]:
    """Return metric id -> estimate of everything about the responses of a batch."""
    return _measured(str(state.folder()), batch.batch_id, batch.digest)


def table(batch: BatchInfo, name: str) -> list[dict[str, Any]]:
    """Return a small table about the responses of a batch."""
    return _table(str(state.folder()), batch.batch_id, batch.digest, name)


# Digests are part of the key, although the bodies do not use them: new parts make a new answer.
@st.cache_data(max_entries=200, show_spinner=False)
def _measured(path: str, batch_id: str, digest: str) -> dict[str, Estimate]:
    batch = state.batch_named(batch_id)
    return {
        one.id: measure(state.store(), batch, one.id, viewer=state.viewer())[0].estimate
        for one in SOUNDNESS
    }


@st.cache_data(max_entries=400, show_spinner=False)
def _table(path: str, batch_id: str, digest: str, name: str) -> list[dict[str, Any]]:
    return soundness.table(state.store(), batch_id, name, state.viewer())
