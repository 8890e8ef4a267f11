"""The span a page about people speaks of: this batch, or all batches since a day."""

from collections.abc import Sequence
from datetime import date

import streamlit as st

from app import components, markup, state
from app.crew import chosen
from queries.batches import BatchInfo
from queries.errors import InputError

SPANS = {"batch": "this batch", "since": "all batches since a day"}


def chosen_span(batch: BatchInfo) -> tuple[tuple[BatchInfo, ...], str | None]:
    """Draw the choice; return the batches, and the day where there are several."""
    given = state.param("since")
    st.session_state["span_choice"] = "since" if given else "batch"
    with st.container(horizontal=True, vertical_alignment="bottom", key="span"):
        st.segmented_control(
            "Look at",
            list(SPANS),
            key="span_choice",
            format_func=SPANS.__getitem__,
            on_change=_span_chosen,
            args=(first_day(),),
            required=True,
        )
        if given:
            st.session_state["since_choice"] = _day(given) or date.fromisoformat(first_day())
            st.date_input(
                "since, by submission or else import",
                key="since_choice",
                on_change=_day_chosen,
                width=220,
            )
    if not given:
        return (batch,), None
    try:
        return tuple(chosen(state.store(), state.viewer(), None, given)), given
    except InputError as error:
        components.stop("No batch since that day", str(error))


def span_note(batches: Sequence[BatchInfo], day: str) -> str:
    """Return which batches are taken together."""
    names = ", ".join(batch.batch_id for batch in batches[:12])
    more = f" and {len(batches) - 12} more" if len(batches) > 12 else ""
    text = (
        f"{names}{more}. A batch that another stands in for is left out. Tasks differ: people are "
        "compared within each task, and habits within each batch."
    )
    return markup.note(f"{len(batches)} batches since {day}.", text)


def first_day() -> str:
    """Return the day of the oldest batch: everything there is."""
    known = [at for one in state.batches() if (at := one.submitted_at or one.imported_at)]
    return min(known).date().isoformat() if known else "2026-01-01"


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _span_chosen(first: str) -> None:
    wanted = st.session_state["span_choice"] == "since"
    state.write(since=first if wanted else None, part=None, page=None)


def _day_chosen() -> None:
    day = st.session_state["since_choice"]
    state.write(since=day.isoformat() if day else None, page=None)
