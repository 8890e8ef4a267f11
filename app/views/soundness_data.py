"""What the page Soundness shows, kept between two looks at it."""

from typing import Any

import streamlit as st

from app import duplicates, soundness, state
from app.duplicates import Cluster
from app.measure import measure
from app.text_catalog import TEXT_METRICS
from metrics.estimates import Estimate
from queries.batches import BatchInfo
from queries.near_duplicates import Settings


def measured(batch: BatchInfo) -> dict[str, Estimate]:
    """Return metric id -> estimate of everything about the texts of a batch but its topics."""
    lists = tuple((each.batch_id, each.digest) for each in isolation(batch))
    return _measured(
        str(state.folder()), batch.batch_id, batch.digest, lists, searched=_searched(batch)
    )


def isolation(batch: BatchInfo) -> list[BatchInfo]:
    """Return the evaluation sets of the store."""
    return duplicates.isolation_lists(state.store(), batch, state.viewer())


def table(batch: BatchInfo, name: str) -> list[dict[str, Any]]:
    """Return a small table about the responses of a batch."""
    return _table(str(state.folder()), batch.batch_id, batch.digest, name)


def largest_clusters(batch: BatchInfo, limit: int) -> list[Cluster] | None:
    """Return the largest clusters of near-duplicate prompts; None before the search."""
    found = duplicates.found_or_searched(state.store(), batch, state.viewer(), Settings())
    return None if found is None else duplicates.clusters(found, limit)


def overlaps(batch: BatchInfo) -> dict[str, list[tuple[int, str]]] | None:
    """Return the items that are in an evaluation set; None before the search."""
    lists = isolation(batch)
    if not lists:
        return {}
    return duplicates.contaminated(state.store(), batch, state.viewer(), lists)


def _searched(batch: BatchInfo) -> bool:
    """Say whether the texts were compared: a search makes a new answer of the same data."""
    from queries.near_duplicates import kept  # noqa: PLC0415 - beside its one use

    return kept(state.store(), batch, (), Settings()) is not None


# Digests are part of the key, although the bodies do not use them: new parts make a new answer.
@st.cache_data(max_entries=200, show_spinner=False)
def _measured(
    path: str, batch_id: str, digest: str, lists: tuple[tuple[str, str], ...], *, searched: bool
) -> dict[str, Estimate]:
    batch = state.batch_named(batch_id)
    return {
        entry["id"]: measure(state.store(), batch, entry["id"], viewer=state.viewer())[0].estimate
        for entry in TEXT_METRICS
        if entry["statistic"] != "topics"
    }


@st.cache_data(max_entries=400, show_spinner=False)
def _table(path: str, batch_id: str, digest: str, name: str) -> list[dict[str, Any]]:
    return soundness.table(state.store(), batch_id, name, state.viewer())
