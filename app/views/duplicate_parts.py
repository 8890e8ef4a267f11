"""Copies on a page: near copies and equals, contradictions, and overlap with an evaluation list."""

import streamlit as st

from app import components, markup, state
from app.conflicts import Contradictions, contradictions
from app.contamination import Contamination, contamination
from app.duplicates import Duplicates
from app.duplicates import duplicates as searched
from app.text import count, counted, percent
from metrics.duplicates import Copies
from queries.batches import BatchInfo

SHOWN = 50
NO_LIST = ""
_HOW = {"equal": "equal", "contained": "holds most of it"}


def duplicates(batch: BatchInfo) -> None:
    """Draw the copies of a batch; the first look searches, and says so meanwhile."""
    with st.spinner("Looking for near copies, once for this state of the batch …"):
        found = searched(state.store(), batch, state.viewer())
    if not found.copies.items:
        st.html(
            markup.missing(
                "No prompts to compare",
                "No item has a prompt: import the texts to look for copies.",
                'prompt = "COLUMN" under [columns] of the mapping',
            )
        )
        return
    conflicting = contradictions(state.store(), batch, state.viewer())
    st.html(markup.facts(_tiles(found.copies, conflicting)))
    _clusters(batch, found)
    _conflicts(batch, conflicting)
    _overlap(batch)


def _tiles(copies: Copies, conflicting: Contradictions) -> list[markup.Fact]:
    groups = conflicting.rows.num_rows
    repeated = copies.items - copies.clusters
    return [
        markup.Fact("items with a prompt", count(copies.items), f"{copies.without_text} without"),
        markup.Fact(
            "exact copies",
            percent((copies.items - copies.texts) / copies.items, 1),
            f"{count(copies.items - copies.texts)} repeat another one",
        ),
        markup.Fact(
            "near copies", percent(repeated / copies.items, 1), f"{count(repeated)}, exact ones too"
        ),
        markup.Fact("effective items", count(copies.clusters), "near copies count once"),
        markup.Fact("contradictions", count(groups), "groups of equals with unlike labels"),
    ]


def _clusters(batch: BatchInfo, found: Duplicates) -> None:
    """Draw the texts that are not alone, largest cluster first; each leads to its record."""
    rows = found.rows.slice(0, SHOWN).to_pylist()
    note = f"at overlap {found.copies.threshold:g} · largest cluster first"
    st.html(markup.heading("What is there more than once", note))
    if not rows:
        st.html(markup.missing("No copies", "No two prompts share enough of their wording."))
        return
    picked = components.rows(
        {
            "item": [row["item_id"] for row in rows],
            "cluster": [row["cluster"] for row in rows],
            "items with this text": [row["items"] for row in rows],
            "most like": [row["nearest"] or "–" for row in rows],
            "overlap": [_overlap_figure(row["similarity"]) for row in rows],
        },
        key="clusters",
    )
    _rest(found.rows.num_rows)
    if picked is not None:
        _to_record(batch, rows[picked]["item_id"])


def _conflicts(batch: BatchInfo, found: Contradictions) -> None:
    rows = found.rows.slice(0, SHOWN).to_pylist()
    st.html(markup.heading("Equal items with unlike labels", "same prompt, same responses"))
    if not rows:
        st.html(markup.missing("No contradiction", "No two equal items ship with unlike labels."))
        return
    picked = components.rows(
        {
            "question": [row["question"] for row in rows],
            "labels": [row["labels"] for row in rows],
            "items": [row["items"] for row in rows],
            "one": [row["item_a"] for row in rows],
            "another": [row["item_b"] for row in rows],
        },
        key="contradictions",
    )
    _rest(found.rows.num_rows)
    if picked is not None:
        _to_record(batch, rows[picked]["item_a"])


def _overlap(batch: BatchInfo) -> None:
    """Draw what the batch holds of an evaluation list, which is another batch."""
    st.html(markup.heading("Overlap with an evaluation list", "a list is imported as a batch"))
    names = [one.batch_id for one in state.batches() if one.batch_id != batch.batch_id]
    options = {NO_LIST: "no list chosen", **{name: name for name in names}}
    against = components.choice("against", "List", options)
    if against == NO_LIST:
        return
    with st.spinner(f"Holding every text against {against} …"):
        found = contamination(state.store(), batch, state.viewer(), against)
    _found_in_list(batch, found)


def _found_in_list(batch: BatchInfo, found: Contamination) -> None:
    rows = found.rows.slice(0, SHOWN).to_pylist()
    if not rows:
        of = counted(found.marked.total, "items")
        st.html(markup.missing("Nothing of the list", f"None of {of} holds a text of it."))
        return
    picked = components.rows(
        {
            "item": [row["item_id"] for row in rows],
            "side": [row["side"] for row in rows],
            "how": [_HOW[row["how"]] for row in rows],
            "item of the list": [row["listed"] for row in rows],
            "share of it": [_overlap_figure(row["share"]) for row in rows],
        },
        key="contamination",
    )
    _rest(found.rows.num_rows)
    if picked is not None:
        _to_record(batch, rows[picked]["item_id"])


def _overlap_figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _rest(total: int) -> None:
    if total > SHOWN:
        st.caption(f"The first {SHOWN} of {count(total)} rows.")


def _to_record(batch: BatchInfo, item: str) -> None:
    st.switch_page(state.RECORDS, query_params=state.link(batch.batch_id, item=item))
