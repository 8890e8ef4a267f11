"""Annotators page. Who stands outside, on enough work, in this batch and over time."""

from math import isfinite

import streamlit as st

from app import components, markup, state
from app.annotator_words import (
    FLAG_WORDS,
    finding,
    lead,
    score_estimate,
    sign_name,
    sign_rows,
    span,
    under_name,
)
from app.annotators import AnnotatorRow, Annotators
from app.text import count, counted, figure, md_escape
from app.views import annotator_answers, annotator_golden, annotator_parts, annotator_truth
from app.views.span import chosen_span, span_note
from queries.batches import BatchInfo

PER_PAGE = 25
PARTS = {
    "people": "people",
    "influence": "what they do to the verdict",
    "why": "why they disagree",
    "again": "worth one more answer",
    "groups": "groups",
    "golden": "golden items and calibration",
    "model": "as a model sees them",
}


def main() -> None:
    """Draw the annotators of one batch or of several, or one of them."""
    batch = components.chosen_batch()
    top = st.container()
    batches, day = chosen_span(batch)
    report = annotator_answers.report_since(batches) if day else annotator_answers.report(batch)
    name = state.param("annotator")
    row = next((each for each in report.rows if each.annotator_id == name), None)
    if name and row is None:
        components.stop(
            f"There is no annotator {name}",
            f"The link names somebody who answered nothing in {_span_name(batch, day)}.",
        )
    place = _span_name(batch, day)
    with top:
        st.html(markup.crumb("Evidence / Annotators", place, name or "everybody"))
    if row is not None:
        _person(batch, batches, day, report, row)
    elif day:
        _since(batch, batches, day, report)
    else:
        _page(batch, report)


def _span_name(batch: BatchInfo, day: str | None) -> str:
    return f"all batches since {day}" if day else f"batch {batch.batch_id}"


def _since(batch: BatchInfo, batches: tuple[BatchInfo, ...], day: str, report: Annotators) -> None:
    """Draw everybody over several batches; what is about one batch stays with that batch."""
    st.title("Who stands outside, over time?", anchor=False)
    st.html(span_note(batches, day))
    if not report.rows:
        st.html(markup.missing("Nobody answered", "These batches hold no answer of a person."))
        return
    st.html(markup.facts(_tiles(report)))
    st.html(markup.note(*lead(report)))
    _people(batch, report, day)


def _page(batch: BatchInfo, report: Annotators) -> None:
    st.title("Who stands outside, on enough work?", anchor=False)
    if not report.rows:
        st.html(
            markup.missing(
                "Nobody answered",
                "This batch holds no answer of a person.",
                f"batchgate import answers.csv --batch {batch.batch_id} --add",
            )
        )
        return
    st.html(markup.facts(_tiles(report)))
    st.html(markup.note(*lead(report)))
    part = components.choice("part", "Look closer", PARTS)
    draw = {
        "people": _people,
        "influence": annotator_parts.influence,
        "why": annotator_parts.why,
        "again": annotator_parts.again,
        "groups": annotator_parts.groups,
        "golden": annotator_golden.golden,
        "model": annotator_truth.model,
    }
    draw[part](batch, report)


def _tiles(report: Annotators) -> list[markup.Fact]:
    flagged = sum(bool(row.raised) for row in report.rows)
    hidden = sum(bool(row.unseen) for row in report.rows)
    apart = len({row.group for row in report.rows if row.group is not None})
    answers = sum(row.annotations for row in report.rows)
    suspects = len(report.suspects)
    return [
        markup.Fact("annotators", count(len(report.rows)), f"{count(answers)} answers"),
        markup.Fact("to look at", count(flagged), "flags", state="fail" if flagged else "pass"),
        markup.Fact("could not be seen", count(hidden), "too little work to tell"),
        markup.Fact("told apart", count(apart), "groups by score, of 50 items or more"),
        markup.Fact(
            "suspect golden items",
            count(suspects),
            "most people contradict them",
            state="fail" if suspects else "",
        ),
    ]


def _people(batch: BatchInfo, report: Annotators, day: str | None = None) -> None:
    """Draw everybody's score: who is flagged first, then group by group, by name."""
    note = "posterior accuracy · in a group nobody can be told apart, names are in order"
    st.html(markup.heading("Everybody", note))
    rows = sorted(report.rows, key=lambda row: not row.raised)
    on = markup.axis((score_estimate(row) for row in rows), within=(0.0, 1.0))
    number = components.page_choice(len(rows), PER_PAGE)
    with st.container(gap=None):
        components.line_head("annotators", markup.forest_head("annotator", on))
        for place, row in enumerate(rows[(number - 1) * PER_PAGE :][:PER_PAGE]):
            components.line(
                f"annotator_{place}",
                markup.forest_row(row.annotator_id, score_estimate(row), on, under=under_name(row)),
                state.ANNOTATORS,
                "look",
                state.link(batch.batch_id, annotator=row.annotator_id, since=day),
            )
    components.page_buttons(len(rows), PER_PAGE)


def _person(
    batch: BatchInfo,
    batches: tuple[BatchInfo, ...],
    day: str | None,
    report: Annotators,
    row: AnnotatorRow,
) -> None:
    """Draw one annotator: flags and the items to read, every sign, golden items, every batch."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(md_escape(row.annotator_id), anchor=False)
        st.page_link(
            state.ANNOTATORS,
            label="← everybody",
            query_params=state.link(batch.batch_id, since=day),
        )
    if day:
        st.html(span_note(batches, day))
    st.html(markup.facts(_own_tiles(report, row)))
    for one in row.raised:
        because = [judged.signal.note for judged in one.because]
        title = f"⚑ {FLAG_WORDS.get(one.flag, one.flag)}"
        st.html(markup.note(title, "a reason to read items, no finding", items=because))
    if not row.raised:
        st.html(markup.note("✔ No flag", row.unseen or "no two signs speak against this person"))
    _look_at(batch, batches, row)
    st.html(markup.heading("Every sign", "against the others on the same items"))
    signs = sign_rows(report, row)
    if not signs:
        st.html(markup.missing("Nothing to compare", "Nobody else judged the same items."))
    else:
        components.plain_table(
            {
                "sign": [sign_name(one.signal) for one in signs],
                "measured": [span(one.signal) for one in signs],
                "n": [counted(one.signal.n, one.signal.n_unit) for one in signs],
                "finding": [finding(one) for one in signs],
                "in words": [one.signal.note for one in signs],
            },
            key="signs",
        )
    annotator_golden.own_golden(batches, row)
    if day is None:
        annotator_golden.own_calibration(batch, row)
    annotator_parts.history(batch, row)


def _own_tiles(report: Annotators, row: AnnotatorRow) -> list[markup.Fact]:
    alike = sum(each.group == row.group for each in report.rows) - 1
    group = "not placed: under 50 items" if row.group is None else f"with {alike} others"
    known = isfinite(row.score.value)
    interval = f"[{figure(row.score.low)}, {figure(row.score.high)}]" if known else "not known"
    return [
        markup.Fact("items", count(row.items), f"{count(row.annotations)} answers"),
        markup.Fact("score", figure(row.score.value) if known else "–", interval),
        markup.Fact("group", "–" if row.group is None else str(row.group), group),
        markup.Fact("flags", count(len(row.raised)), state="fail" if row.raised else "pass"),
    ]


def _look_at(batch: BatchInfo, batches: tuple[BatchInfo, ...], row: AnnotatorRow) -> None:
    if not row.look_at:
        return
    st.html(markup.heading("Read these items first", "where the others see it differently"))
    with st.container(horizontal=True):
        for item in row.look_at:
            name, where = _item_and_batch(item, batch, batches)
            st.page_link(
                state.RECORDS,
                label=f"{md_escape(item)} →",
                query_params=state.link(where, item=name),
            )


def _item_and_batch(item: str, batch: BatchInfo, batches: tuple[BatchInfo, ...]) -> tuple[str, str]:
    """Return the item and the batch it is in; of several batches its name ends with the batch."""
    if len(batches) > 1:
        for one in batches:
            tail = f" ({one.batch_id})"
            if item.endswith(tail):
                return item.removesuffix(tail), one.batch_id
    return item, batches[0].batch_id if batches else batch.batch_id


main()
