"""Records page. The items behind a number, and one item with its whole history."""

from collections.abc import Mapping

import pyarrow as pa
import streamlit as st

from app import components, markup, state
from app.coverage import unknown_dimensions
from app.evidence import COLUMNS
from app.history import timeline
from app.measure import Slice
from app.text import count, counted, md_escape
from queries.batches import BatchInfo

PER_PAGE = 25
# What a list of items may be narrowed by, beside question and slice. `list` shows items whether
# they have answers or not, `lacks` those of which a column was not recorded.
FILTERS = (
    *("a", "b", "label", "label_a", "label_b", "differ"),
    *("list", "lacks", "accepted", "without"),
)


def main() -> None:
    """Draw the list of items, or the item that the address names."""
    batch = components.chosen_batch()
    question = state.param("question")
    if question:
        components.chosen_question(batch)
    item_id = state.param("item")
    filters = {name: value for name in FILTERS if (value := state.param(name))}
    answered = not {"list", "lacks", "accepted", "without"} & filters.keys()
    where = (
        components.chosen_slice(batch, components.chosen_question(batch))
        if answered
        else _cell(batch)
    )
    if item_id:
        _item(batch, item_id, state.link(batch.batch_id, where=where, question=question, **filters))
    elif not answered:
        _items(batch, where, filters)
    else:
        _list(batch, question, where, filters)


def _list(batch: BatchInfo, question: str | None, where: Slice, filters: Mapping[str, str]) -> None:
    st.html(markup.crumb("Data / Records", batch.batch_id, question or "all questions"))
    st.title("Which items stand behind it?", anchor=False)
    people = state.people(batch)
    for name in ("a", "b"):
        if name in filters and filters[name] not in people:
            components.stop(
                f"There is no annotator {filters[name]}",
                f"The link names somebody who judged nothing in batch {batch.batch_id}.",
            )
    _chips(batch, question, where, filters)
    components.toggle("differ", "only items on which the answers differ")
    number = state.page_param()
    rows = state.items(
        batch,
        question,
        where=where,
        narrowed=filters,
        known=people,
        per_page=PER_PAGE,
        page=number,
    )
    if not rows.num_rows:
        why = "No item of this batch has an answer that meets everything asked for above."
        _nothing(number, why)
        return
    total = rows["total"][0].as_py()
    unit = "items" if question or len(batch.questions) == 1 else "pairs of item and question"
    shown = f"{count((number - 1) * PER_PAGE + 1)} to {count((number - 1) * PER_PAGE + len(rows))}"
    st.html(markup.heading(counted(total, unit), f"{shown}, by item and question"))
    with st.container(gap=None):
        components.line_head("items", markup.item_head())
        for place, row in enumerate(rows.to_pylist()):
            components.line(
                f"item_{place}",
                markup.item_row(
                    name=row["item_id"],
                    under=row["question"],
                    text=row["prompt"] or "",
                    answers=row["label_text"],
                    number=row["answers"],
                    distinct=row["labels"],
                ),
                state.RECORDS,
                "open",
                state.link(
                    batch.batch_id, where=where, question=question, item=row["item_id"], **filters
                ),
            )
    components.page_buttons(total, PER_PAGE)


def _items(batch: BatchInfo, where: Slice, filters: Mapping[str, str]) -> None:
    """Draw the items of a cell, or those that lack something, whether they have answers or not."""
    lacks = filters.get("lacks")
    if lacks and lacks not in COLUMNS:
        components.stop(
            f"Nothing is called {lacks}",
            "The link names something that no item is searched for.",
            f"It can be one of: {', '.join(COLUMNS)}",
        )
    st.html(markup.crumb("Data / Records", batch.batch_id, "items, answered or not"))
    st.title("Which items lack it?" if lacks else "Which items are there?", anchor=False)
    _chips(batch, None, where, filters)
    number = state.page_param()
    asked: dict[str, str | bool] = {
        name: filters[name] for name in ("lacks", "without") if name in filters
    }
    asked["accepted"] = "accepted" in filters
    rows = state.listed(batch, where=where, asked=asked, per_page=PER_PAGE, page=number)
    if not rows.num_rows:
        _nothing(number, "No item of this batch meets everything asked for above.")
        return
    total = rows["total"][0].as_py()
    first = (number - 1) * PER_PAGE + 1
    shown = f"{count(first)} to {count(first + len(rows) - 1)}, by item"
    note = shown if lacks else f"{shown} · golden and trap items are left out"
    st.html(markup.heading(counted(total, "items"), note))
    with st.container(gap=None):
        components.line_head("items", markup.item_head(""))
        for place, row in enumerate(rows.to_pylist()):
            components.line(
                f"item_{place}",
                markup.item_row(
                    name=row["item_id"],
                    under=f"group {row['group_id']}" if row["group_id"] else "",
                    text=row["prompt"] or "",
                    answers="" if row["answers"] else "nobody answered it yet",
                    number=row["answers"],
                    distinct=0,
                ),
                state.RECORDS,
                "open",
                state.link(batch.batch_id, where=where, item=row["item_id"], **filters),
            )
    components.page_buttons(total, PER_PAGE)


def _cell(batch: BatchInfo) -> Slice:
    """Return the slice of the address as a cell of a plan, which may be empty or hold `*`."""
    where = state.slice_param()
    for dimension in unknown_dimensions(batch, where):
        components.no_dimension(batch, dimension)
    return where


def _nothing(number: int, why: str) -> None:
    if number > 1:
        components.stop(f"There is no page {number}", "The list has fewer pages.")
    components.stop("No item fits", why, "take one of the conditions away")


def _chips(
    batch: BatchInfo, question: str | None, where: Slice, filters: Mapping[str, str]
) -> None:
    """Echo what the list is narrowed by, with the way back to everything."""
    told = [f"{name} = {value}" for name, value in where]
    if "a" in filters and "b" in filters:
        told.append(f"judged by {filters['a']} and {filters['b']}")
    if "label_a" in filters and "label_b" in filters:
        told.append(f"answers {filters['label_a']} and {filters['label_b']}")
    if "label" in filters:
        told.append(f"somebody answered {filters['label']}")
    if "accepted" in filters:
        told.append("items that ship")
    if "without" in filters:
        told.append(f"{filters['without']} not stated")
    if "lacks" in filters:
        told.append(f"without: {COLUMNS[filters['lacks']]}")
    if not told:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="chips"):
        for text in told:
            st.html(markup.chip(text), width="content")
        st.page_link(
            state.RECORDS,
            label="show all items",
            query_params=state.link(batch.batch_id, question=question),
        )


def _item(batch: BatchInfo, item_id: str, back: state.Link) -> None:
    """Draw one item: texts, answers, attributes, probes, what ships, history."""
    item = state.record(batch, "item", item_id)
    answers = state.record(batch, "annotations", item_id)
    if not item.num_rows and not answers.num_rows:
        components.stop(
            f"There is no item {item_id}",
            f"The link names an item that batch {batch.batch_id} does not have.",
        )
    st.html(markup.crumb("Data / Records", batch.batch_id, "item"))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(md_escape(item_id), anchor=False)
        st.page_link(state.RECORDS, label="← back to the list", query_params=back)
    left, right = st.columns([3, 2], gap="large")
    with left:
        _texts(batch, item, item_id)
    with right:
        _facts(batch, item, item_id)
    reviews = state.record(batch, "reviews", item_id)
    events = state.record(batch, "events", item_id)
    names = state.names(answers, reviews, events)
    st.html(markup.heading("Answers", f"{counted(len(answers), 'answers')}, every role and round"))
    _table(answers, names, "answers")
    for name, title in (
        ("probes", "Planted"),
        ("resolutions", "The label that ships"),
        ("signals", "Signals"),
    ):
        rows = state.record(batch, name, item_id)
        if rows.num_rows:
            st.html(markup.heading(title))
            _table(rows, names, name)
    st.html(markup.heading("History", "answers, reviews and changes of state in order, UTC"))
    moments = timeline(answers, reviews, events, names)
    st.html(markup.moments([(m.at[:19] or "no time", m.who, m.what, m.detail) for m in moments]))


def _texts(batch: BatchInfo, item: pa.Table, item_id: str) -> None:
    texts = item.to_pylist()[0] if item.num_rows else {}
    blocks = [
        markup.literal(name, texts[name]) for name in ("prompt", "context") if texts.get(name)
    ]
    responses = state.record(batch, "responses", item_id).to_pylist()
    blocks += [
        markup.literal(
            " · ".join(filter(None, (f"response {row['response_id']}", row["model"]))),
            row["text"] or "no text was imported",
        )
        for row in responses
    ]
    st.html(
        markup.stack(blocks)
        if blocks
        else markup.missing(
            "No text", "Neither prompt nor responses were imported with this batch."
        )
    )


def _facts(batch: BatchInfo, item: pa.Table, item_id: str) -> None:
    facts = item.to_pylist()[0] if item.num_rows else {}
    attributes = state.record(batch, "attributes", item_id).to_pylist()
    rows = [
        *((row["name"], row["value"]) for row in attributes),
        *(
            (name.replace("_", " "), str(value))
            for name, value in facts.items()
            if value is not None and name not in ("item_id", "prompt", "context")
        ),
    ]
    st.html(markup.definitions(rows or [("attributes", "none were imported")]))


def _table(rows: pa.Table, names: Mapping[str, str], key: str) -> None:
    """Draw the columns that hold something, people by their name."""
    columns: dict[str, list[object]] = {}
    for name in rows.column_names:
        values = rows[name].to_pylist()
        if name.endswith("_key"):
            columns[name.removesuffix("_key")] = [names.get(value, "") for value in values]
        elif name != "item_id" and any(value is not None for value in values):
            columns[name.replace("_", " ")] = values
    st.dataframe(
        pa.table(columns), key=f"table_{key}", hide_index=True, height="content", placeholder="–"
    )


main()
