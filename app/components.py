"""What several pages share: the frame, the estimate card, lines that lead on, empty screens."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

import plotly.graph_objects as go
import pyarrow as pa
import streamlit as st

from app import markup, state
from app.audit import CriterionResult
from app.catalog import METRICS
from app.charts import DARK, LIGHT, Palette
from app.closeup import for_the_record, overlap_findings, overlap_remark
from app.manual import manual
from app.measure import Measurement, Slice
from app.text import counted, digest, html_escape, md_escape
from queries.batches import BatchInfo, Question

LINK_WIDTH = 96
MOST_BUTTONS = 6
CHART = {"displayModeBar": False}


def palette() -> Palette:
    """Return the colours of charts for the theme that is on."""
    return DARK if st.context.theme.type == "dark" else LIGHT


def sidebar(batches: Sequence[BatchInfo], *, one_question: bool) -> None:
    """Draw what is chosen and where one can go; choices are read from the address first.

    A page about `one_question` shows the first one where the address names none.
    """
    with st.sidebar:
        st.html('<div class="bg bg-logo"><i></i>Batchgate</div>')
        batch = _batch_choice(batches)
        if batch:
            _question_choice(batch, one_question=one_question)
        for section, pages in state.SECTIONS.items():
            st.html(f'<div class="bg bg-section">{section}</div>')
            for title, path in pages.items():
                name = batch.batch_id if batch else None
                st.page_link(
                    path,
                    label=title,
                    width="stretch",
                    query_params=state.link(name, question=state.param("question")),
                )
        if batch:
            _provenance(batch)


def _batch_choice(batches: Sequence[BatchInfo]) -> BatchInfo | None:
    known = {batch.batch_id: batch for batch in batches}
    wanted = state.param("batch")
    st.session_state["batch_choice"] = wanted if wanted in known else None
    st.selectbox(
        "Batch",
        list(known),
        index=None,
        key="batch_choice",
        placeholder="choose a batch" if known else "no batch yet",
        disabled=not known,
        on_change=_batch_chosen,
    )
    return known.get(wanted) if wanted else None


def _batch_chosen() -> None:
    """Put the chosen batch in the address; nothing of the old one's state may stay."""
    st.query_params.clear()
    state.write(batch=st.session_state["batch_choice"])


def _question_choice(batch: BatchInfo, *, one_question: bool) -> None:
    names = [question.name for question in batch.questions]
    wanted = state.param("question")
    usual = names[0] if one_question and names and wanted is None else None
    st.session_state["question_choice"] = wanted if wanted in names else usual
    st.selectbox(
        "Question",
        names,
        index=None,
        key="question_choice",
        placeholder=counted(len(names), "questions"),
        on_change=_question_chosen,
    )


def _question_chosen() -> None:
    gone = ("item", "page", "metric", "criterion", "label", "label_a", "label_b")
    state.write(question=st.session_state["question_choice"], **dict.fromkeys(gone))


def _provenance(batch: BatchInfo) -> None:
    """Say at the foot which data is shown, as of when."""
    lines = [f"data {digest(batch.digest)}"]
    if batch.imported_at:
        lines.append(f"as of {batch.imported_at:%Y-%m-%d %H:%M} UTC")
    shown = "<br>".join(html_escape(line) for line in lines)
    st.html(f'<div class="bg bg-foot">{shown}</div>')


def chosen_batch() -> BatchInfo:
    """Return the batch of the address; without one, or with an unknown one, say so and stop."""
    wanted = state.param("batch")
    batches = state.batches()
    for batch in batches:
        if batch.batch_id == wanted:
            return batch
    if not batches:
        no_batches()
    title = f"There is no batch {wanted}" if wanted else "No batch is chosen"
    why = (
        "The link names a batch that this store does not have. Nothing is shown in its place."
        if wanted
        else "This page shows one batch. Choose it on the left, or here."
    )
    st.html(markup.missing(title, why))
    for batch in batches[:20]:
        here = state.link(batch.batch_id)
        st.page_link(state.page_shown(), label=md_escape(batch.batch_id), query_params=here)
    return st.stop()


def chosen_question(batch: BatchInfo) -> Question:
    """Return the question of the address, the first one where it names none."""
    wanted = state.param("question")
    found = next((each for each in batch.questions if wanted in (None, each.name)), None)
    if found is not None:
        return found
    if wanted is None:
        stop("Nothing was asked", "No part of this batch holds a question with answers.")
    names = ", ".join(question.name for question in batch.questions) or "none"
    return stop(
        f"There is no question {wanted}",
        f"The link names a question that batch {batch.batch_id} does not have.",
        f"It has: {names}",
    )


def chosen_slice(batch: BatchInfo, question: Question) -> Slice:
    """Return the slice of the address; one the batch does not have is named, never ignored."""
    where = state.slice_param()
    for dimension, value in where:
        if dimension not in (*batch.dimensions, *batch.other_dimensions):
            no_dimension(batch, dimension)
        names = state.strata(batch, question.name, dimension)
        if dimension in batch.dimensions and value not in names:
            stop(
                f"There is no slice {dimension} = {value}",
                f"No answer to {question.name} in batch {batch.batch_id} belongs to it.",
                f"{dimension} is one of: {', '.join(names[:30])}",
            )
    return where


def no_dimension(batch: BatchInfo, dimension: str) -> NoReturn:
    """Say that the batch cannot be cut by a dimension."""
    stop(
        f"There is no dimension {dimension}",
        f"The link names a slice that batch {batch.batch_id} cannot be cut by.",
        f"It has: {', '.join(batch.dimensions) or 'none'}",
    )


def stop(title: str, why: str, remedy: str = "") -> NoReturn:
    """Say what is not there and why, and draw nothing more."""
    st.html(markup.missing(title, why, remedy))
    st.stop()


def no_batches() -> NoReturn:
    """Explain an empty store."""
    stop(
        "The store holds no batch yet",
        "Batches come in through the command line; every import prints what it kept and lost.",
        "batchgate import answers.csv --batch my-batch --kind preference --mapping mapping.toml",
    )


def store_trouble(folder: Path, message: str) -> None:
    """Explain a store that cannot be read."""
    st.html(
        markup.missing(
            "The data cannot be shown",
            message,
            f"store: {folder} · start the dashboard with batchgate serve --store FOLDER",
        )
    )


def page_choice(total: int, per_page: int) -> int:
    """Return the page of the address, at most the last one."""
    return min(state.page_param(), max(1, -(-total // per_page)))


def page_buttons(total: int, per_page: int) -> None:
    """Draw the choice of a page where there is more than one."""
    pages = -(-total // per_page)
    if pages > 1:
        current = page_choice(total, per_page)
        # A pagination cannot be set like the other widgets; each page has one of its own.
        key = f"page_choice_{current}"
        st.pagination(pages, default=current, key=key, on_change=_page_chosen, args=(key,))


def _page_chosen(key: str) -> None:
    number = st.session_state[key]
    state.write(page=str(number) if number > 1 else None)


def choice(name: str, label: str, options: Mapping[str, str]) -> str:
    """Draw a choice that lives in the address; return the key of what is chosen.

    Parameters
    ----------
    name : parameter of the address
    options : keys as the address has them, with what the reader sees; the first is the default
    """
    keys = list(options)
    wanted = state.param(name)
    current = wanted if wanted in keys else keys[0]
    widget = f"{name}_choice"
    st.session_state[widget] = current
    if len(keys) > MOST_BUTTONS:
        st.selectbox(
            label,
            keys,
            key=widget,
            format_func=options.__getitem__,
            on_change=_chosen,
            args=(name, keys[0]),
        )
    else:
        st.segmented_control(
            label,
            keys,
            key=widget,
            format_func=lambda key: md_escape(options[key]),
            on_change=_chosen,
            args=(name, keys[0]),
            required=True,
        )
    return current


def _chosen(name: str, default: str) -> None:
    value = st.session_state[f"{name}_choice"]
    state.write(**{name: None if value == default else value})


def toggle(name: str, label: str) -> None:
    """Draw a switch that lives in the address."""
    widget = f"{name}_choice"
    st.session_state[widget] = state.param(name) is not None
    st.toggle(label, key=widget, on_change=_toggled, args=(name,))


def _toggled(name: str) -> None:
    state.write(**{name: "yes" if st.session_state[f"{name}_choice"] else None, "page": None})


def clickable(figure: go.Figure, *, key: str, alt: str, wide: bool = False) -> int | None:
    """Draw a chart whose marks can be chosen; return the customdata of the chosen mark."""
    event = st.plotly_chart(
        figure,
        key=key,
        width="stretch" if wide else "content",
        config=CHART,
        alt=alt,
        on_select="rerun",
        selection_mode="points",
    )
    points = [point for point in event.selection.points if "customdata" in point]
    return int(points[0]["customdata"]) if points else None


def rows(
    columns: Mapping[str, Sequence[object]], *, key: str, height: int | str = "auto"
) -> int | None:
    """Draw a table that shows text literally; return the position of the chosen row."""
    event = st.dataframe(
        pa.table({name: list(values) for name, values in columns.items()}),
        key=key,
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
    )
    chosen = event.selection.rows
    return int(chosen[0]) if chosen else None


def plain_table(columns: Mapping[str, Sequence[object]], *, key: str) -> None:
    """Draw a table that leads nowhere and has no boxes to tick."""
    st.dataframe(
        pa.table({name: list(values) for name, values in columns.items()}), key=key, hide_index=True
    )


def to_records(
    batch: BatchInfo, question: Question, where: Slice, **values: str | None
) -> NoReturn:
    """Go to the items behind a number."""
    st.switch_page(
        state.RECORDS,
        query_params=state.link(batch.batch_id, where=where, question=question.name, **values),
    )


def slice_notice(batch: BatchInfo, question: Question, where: Slice) -> None:
    """Say which slice the page is narrowed to, with the ways on."""
    place = ", ".join(f"{name} = {value}" for name, value in where)
    with st.container(horizontal=True, vertical_alignment="center", key="slice_notice"):
        st.html(markup.chip(f"Only {place}"), width="content")
        st.page_link(
            state.RECORDS,
            label="items of this slice →",
            query_params=state.link(batch.batch_id, where=where, question=question.name),
        )
        st.page_link(
            state.AGREEMENT,
            label="show all items",
            query_params=state.link(batch.batch_id, question=question.name),
        )


def overlap_note(batch: BatchInfo, question: Question) -> None:
    """Say who chose the items that were judged twice, and whether they stand for the rest."""
    findings = overlap_findings(state.overlap_by_attribute(batch, question.name))
    title, text = overlap_remark(batch, state.overlap(batch, question.name), findings)
    st.html(markup.note(title, text, items=findings))


def line(
    key: str, row: str, path: str, label: str, address: state.Link, *, help_text: str = ""
) -> None:
    """Draw a row of HTML that leads to a page; the link covers the whole row."""
    with st.container(key=f"line_{key}", horizontal=True, vertical_alignment="center", wrap=False):
        st.html(row)
        st.page_link(
            path,
            label=f"{label} →",
            width=LINK_WIDTH,
            query_params=address,
            help=help_text or None,
        )


def line_head(key: str, row: str) -> None:
    """Draw the column names above lines, aligned with them."""
    with st.container(
        key=f"line_{key}_head", horizontal=True, vertical_alignment="center", wrap=False
    ):
        st.html(row)
        st.html('<span class="bg"></span>', width=LINK_WIDTH)


def estimate_card(
    measurement: Measurement, criterion: CriterionResult | None = None, *, name: str = ""
) -> None:
    """Draw an estimate: value, interval against the threshold, n, about, status, how computed."""
    metric = METRICS[measurement.metric]
    key = f"card_{measurement.metric}_{measurement.question}"
    with st.container(border=True, height="stretch", key=key):
        st.html(
            markup.estimate_card(
                name or metric.title,
                measurement.estimate,
                limits=criterion.bound if criterion else None,
                state=criterion.state if criterion else "",
            )
        )
        with st.popover("how is this computed", type="tertiary"):
            _how(measurement)


def _how(measurement: Measurement) -> None:
    metric = METRICS[measurement.metric]
    text = manual(metric)
    estimate = measurement.estimate
    rows = [
        ("Question", metric.asks),
        ("What it is", text.summary),
        *(("", paragraph) for paragraph in text.account),
        ("Interval", f"{estimate.method} ({estimate.confidence:.0%})" if estimate.method else ""),
        ("Who", f"population {measurement.population}"),
        ("Reference", metric.reference),
        ("For the record", for_the_record(estimate)),
    ]
    st.html(markup.definitions([(name, value) for name, value in rows if value]))
    st.page_link(
        state.METHODS,
        label="Methods",
        query_params=state.link(state.param("batch"), metric=metric.id),
    )
