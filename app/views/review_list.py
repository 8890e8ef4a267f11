"""The reviews behind a number of the Reviewers page, each leading to its item."""

from collections.abc import Mapping

import streamlit as st

from app import components, markup, state
from app.review_words import SELECTION_WORDS, STAGE_WORDS, known_names, stage_name
from app.reviewers import Report
from app.text import count, counted
from queries.batches import BatchInfo

PER_PAGE = 25
FILTERS = ("stage", "selection", "outcome", "before", "after", "annotator", "rule", "check")
CHECKS = {
    "own": "reviews of one's own answers",
    "silent": "accepted, and yet changed",
    "disputed": "escalated or arbitrated answers",
    "unseen": "items no person has seen",
}


def reviews(batch: BatchInfo, report: Report, question: str | None, reviewer: str | None) -> None:
    """Draw the reviews behind a number, each leading to its item."""
    st.title("Which reviews stand behind it?", anchor=False)
    filters = {name: st.query_params[name] for name in FILTERS if name in st.query_params}
    if filters.get("check") == "unseen":
        _unseen(batch, question, filters)
        return
    keys = known_names(report)
    if filters.get("annotator", "") not in {"", *keys}:
        components.stop(
            f"There is no annotator {filters['annotator']}",
            f"No answer of anybody so called was reviewed in batch {batch.batch_id}.",
        )
    _chips(batch, question, reviewer, filters)
    number = state.page_param()
    rows = state.listing(
        batch,
        "review_list",
        question,
        **_asked(filters, keys, reviewer),
        limit=PER_PAGE,
        offset=(number - 1) * PER_PAGE,
    )
    if not rows.num_rows:
        st.html(markup.missing("No review fits", "Nothing meets everything asked for above."))
        return
    total, first = rows["total"][0].as_py(), (number - 1) * PER_PAGE + 1
    shown = f"{count(first)} to {count(first + len(rows) - 1)}, in order of time"
    st.html(markup.heading(counted(total, "reviews"), shown))
    with st.container(gap=None):
        components.line_head("reviews", markup.review_head())
        for place, row in enumerate(rows.to_pylist()):
            components.line(
                f"review_{place}",
                markup.review_row(
                    item=row["item_id"],
                    reviewer=report.names.get(row["reviewer_key"], ""),
                    annotator=report.names.get(row["person_key"], ""),
                    place=f"{stage_name(row['stage'])}, {SELECTION_WORDS[row['selection']]}",
                    decision=row["decision"],
                    outcome=row["outcome"],
                    change=(row["value_before"], row["value_after"]),
                    seconds=row["seconds"],
                ),
                state.RECORDS,
                "record",
                state.link(batch.batch_id, question=row["question"], item=row["item_id"]),
            )
    components.page_buttons(total, PER_PAGE)


def _unseen(batch: BatchInfo, question: str | None, filters: Mapping[str, str]) -> None:
    """Draw the items that ship on the word of models alone."""
    _chips(batch, question, None, filters)
    number = state.page_param()
    rows = state.listing(batch, "unseen_items", limit=PER_PAGE, offset=(number - 1) * PER_PAGE)
    if not rows.num_rows:
        st.html(markup.missing("No such item", "A person answered or reviewed every item."))
        return
    total = rows["total"][0].as_py()
    st.html(markup.heading(counted(total, "items"), "by item"))
    with st.container(gap=None):
        for place, row in enumerate(rows.to_pylist()):
            components.line(
                f"unseen_{place}",
                markup.item_row(
                    name=row["item_id"],
                    under="",
                    text="answered by models and rules only",
                    answers="",
                    number=row["answers"],
                    distinct=0,
                ),
                state.RECORDS,
                "record",
                state.link(batch.batch_id, item=row["item_id"]),
            )
    components.page_buttons(total, PER_PAGE)


def _asked(
    filters: Mapping[str, str], keys: Mapping[str, str], reviewer: str | None
) -> dict[str, str | int | bool]:
    """Return the parameters of the listing that the address asks for."""
    columns = {"stage": "stage", "selection": "selection", "outcome": "outcome"}
    columns |= {"before": "value_before", "after": "value_after", "rule": "rule_ref"}
    asked: dict[str, str | int | bool] = {
        column: filters[name] for name, column in columns.items() if name in filters
    }
    if reviewer:
        asked["reviewer_key"] = keys[reviewer]
    if filters.get("annotator"):
        asked["person_key"] = keys[filters["annotator"]]
    if filters.get("check") in {"own", "silent", "disputed"}:
        asked[filters["check"]] = True
    return asked


def _chips(
    batch: BatchInfo, question: str | None, reviewer: str | None, filters: Mapping[str, str]
) -> None:
    told = [f"reviewed by {reviewer}"] if reviewer else []
    words = {"stage": STAGE_WORDS, "selection": SELECTION_WORDS, "check": CHECKS}
    told += [
        words.get(name, {}).get(value, f"{name} {value or 'not said'}")
        for name, value in filters.items()
    ]
    with st.container(horizontal=True, vertical_alignment="center", key="chips"):
        for text in told:
            st.html(markup.chip(text), width="content")
        st.page_link(
            state.REVIEWERS,
            label="← reviewers",
            query_params=state.link(batch.batch_id, question=question, reviewer=reviewer),
        )
