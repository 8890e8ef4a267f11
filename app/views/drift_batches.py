"""Batch after batch on page Drift: what creeps away from the reference."""

from pathlib import Path

import streamlit as st

from app import charts, components, markup, state
from app.drift import sequence
from app.drift_monitor import Followed, followed
from app.text import percent
from metrics.monitoring import RUN_LENGTH
from queries.batches import BatchInfo
from queries.store import Store

_CACHED = 50
_HEADING = "{}: what creeps away from the reference · a mark or a row opens the comparison"


def draw(batch: BatchInfo, reference: BatchInfo, question: str) -> None:
    """Draw the batches after the reference, followed together, when somebody asks."""
    st.html(markup.heading("Batch after batch", _HEADING.format(question)))
    components.toggle("follow", "Follow the batches of this dataset")
    if state.param("follow") is None:
        return
    held = sequence(state.store(), reference, state.viewer())
    found = _followed(
        str(state.folder()), reference.batch_id, tuple(one.digest for one in held), question
    )
    left_out = [f"{name}: {why}" for name, why in found.left_out.items()]
    if found.monitor is None:
        st.html(markup.missing("There are too few batches to follow", found.reason))
        if left_out:
            st.html(markup.note("Not followed", items=left_out))
        return
    st.html(markup.note(*_lead(found)))
    monitor = found.monitor
    from_picture = components.clickable(
        charts.followed_batches(found.batches, monitor, found.shares, components.palette()),
        key="followed_picture",
        alt=_lead(found)[0],
        wide=True,
    )
    from_table = components.rows(
        {
            "batch": [
                f"{name} (this one)" if name == batch.batch_id else name for name in found.batches
            ],
            f"share of {found.label}": [percent(share, 1.0) for share in found.shares],
            "average of its shift": [f"{value:+.2f}" for value in monitor.average],
            "limit": [f"±{value:.2f}" for value in monitor.limit],
            "signals": [", ".join(labels) or "none" for labels in found.signals],
        },
        key="followed",
    )
    if left_out:
        st.html(markup.note("Not followed", items=left_out))
    chosen = from_table if from_picture is None else from_picture
    if chosen is not None:
        st.switch_page(
            state.DRIFT,
            query_params=state.link(found.batches[chosen], against=reference.batch_id),
        )


def _lead(found: Followed) -> tuple[str, str]:
    """Say who signals, and how to read it."""
    first = next((place for place, labels in enumerate(found.signals) if labels), None)
    said = "No batch signals"
    if first is not None:
        said = f"{found.batches[first]} signals: {', '.join(found.signals[first])}"
    how = (
        f"{found.label} went furthest; {percent(found.before, 1.0)} in the reference. Each batch"
        " counts by a fifth in the average, in standard errors. While nothing changes,"
        f" {RUN_LENGTH} batches or more pass before a false signal on average."
    )
    return said, how


# The digests are part of the key, although the body does not use them: a new batch, a new answer.
@st.cache_data(max_entries=_CACHED, show_spinner="Following the batches")
def _followed(path: str, reference: str, digests: tuple[str, ...], question: str) -> Followed:
    store, viewer = Store.open(Path(path)), state.viewer()
    return followed(store, store.batch(reference, viewer), question, viewer)
