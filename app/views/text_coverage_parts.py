"""Topics of a reference on a page: which of them a batch lacks, named by their words."""

import streamlit as st

from app import components, markup, state
from app.text import count, counted
from app.text_coverage import text_coverage as searched
from queries.batches import BatchInfo
from queries.errors import InputError

NO_REFERENCE = ""


def text_coverage(batch: BatchInfo) -> None:
    """Draw the topics of a chosen reference, those the batch lacks first; on demand."""
    note = "topics are cut from the reference, never from the batch"
    st.html(markup.heading("Topics of a reference", note))
    names = [one.batch_id for one in state.batches() if one.batch_id != batch.batch_id]
    options = {NO_REFERENCE: "no reference chosen", **{name: name for name in names}}
    reference = components.choice("topics", "Reference", options)
    if reference == NO_REFERENCE:
        return
    try:
        with st.spinner(f"Cutting the prompts of {reference} into topics …"):
            found = searched(state.store(), batch, state.viewer(), reference)
    except (InputError, ValueError) as error:
        st.html(markup.missing("No topics", f"{error}."))
        return
    topics = found.topics
    lacking = int((topics.batch < topics.least).sum())
    st.html(
        markup.note(
            f"{count(lacking)} of {counted(len(topics.terms), 'topics')} lack items",
            f"A topic is covered from {topics.least} items; {count(topics.outside)} items share no"
            " word with the reference.",
        )
    )
    order = sorted(range(len(topics.terms)), key=lambda at: (topics.batch[at], at))
    picked = components.rows(
        {
            "topic": [topics.terms[at] for at in order],
            "items here": [int(topics.batch[at]) for at in order],
            "items in the reference": [int(topics.reference[at]) for at in order],
            "example in the reference": [found.examples[at] for at in order],
        },
        key="topics",
    )
    if picked is not None:
        item = found.examples[order[picked]]
        st.switch_page(state.RECORDS, query_params=state.link(reference, item=item))
