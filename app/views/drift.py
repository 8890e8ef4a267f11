"""Drift page. What moved against the reference, by how much, and is it mix, people or guideline?"""

from math import isfinite
from pathlib import Path

import streamlit as st

from app import charts, components, markup, state
from app.drift import Drift, SliceShift, drift, reference_for, sequence
from app.drift import control as control_of
from app.drift_course import Course, course, told
from app.drift_words import (
    CAUSE_WORDS,
    FAMILY_WORDS,
    STATE_WORDS,
    attribute_note,
    found,
    lead,
    other_note,
    place_name,
    points,
    size_note,
    state_of,
    why,
)
from app.exploring import label_q_values
from app.text import count, counted, md_escape
from app.text_drift import with_text
from app.views import drift_batches
from metrics.drift_alarms import Control
from queries.batches import BatchInfo
from queries.errors import InputError
from queries.store import Store

PER_PAGE = 25
_CACHED = 200


def main() -> None:
    """Draw what moved between a reference and the chosen batch, or one slice of it."""
    batch = components.chosen_batch()
    question = state.param("question")
    if question:
        components.chosen_question(batch)
    reference = _reference(batch)
    st.html(
        markup.crumb(
            "Evidence / Drift",
            batch.batch_id,
            f"against {reference.batch_id}" if reference else "",
            question or "all questions",
        )
    )
    if reference is None:
        st.title("What moved, by how much, and why?", anchor=False)
        _choice(batch, None)
        st.html(
            markup.missing(
                "There is nothing to compare with",
                f"No other batch is of kind {batch.kind}. Its own weeks are below.",
                f"batchgate drift --batch {batch.batch_id} --against REFERENCE",
            )
        )
        _course(batch, question)
        return
    report = _report(
        str(state.folder()), batch.batch_id, batch.digest, reference.batch_id, reference.digest,
        question, with_prompts=state.param("text") is not None,
    )  # fmt: skip
    where = state.slice_param()
    chosen = next(
        (one for one in report.results if one.place == where and one.question == question), None
    )
    if state.param("look") and chosen is not None:
        _slice(batch, reference, chosen, label_q_values(report, chosen))
    elif state.param("look"):
        components.stop(
            "There is no such slice",
            f"Batch {batch.batch_id} and {reference.batch_id} do not both have it.",
        )
    else:
        _page(batch, reference, report, question)


def _reference(batch: BatchInfo) -> BatchInfo | None:
    """Return the batch of the address; without one the first of the same dataset, else None."""
    wanted = state.param("against")
    if wanted:
        try:
            return reference_for(state.store(), batch, state.viewer(), wanted)
        except InputError as error:
            components.stop("There is nothing to compare with", str(error))
    others = [
        one
        for one in sequence(state.store(), batch, state.viewer())
        if one.batch_id != batch.batch_id
    ]
    return others[0] if others else next(iter(_alike(batch)), None)


def _alike(batch: BatchInfo) -> list[BatchInfo]:
    asked = {question.name for question in batch.questions}
    return [
        one
        for one in state.batches()
        if one.kind == batch.kind
        and one.batch_id != batch.batch_id
        and asked & {question.name for question in one.questions}
    ]


def _choice(batch: BatchInfo, reference: BatchInfo | None) -> None:
    """Draw the choice of the reference, which lives in the address."""
    options = {one.batch_id: one.batch_id for one in _alike(batch)}
    if reference is not None:
        # The one that is shown stands first: it needs no word in the address.
        options = {reference.batch_id: reference.batch_id} | options
    if options:
        components.choice("against", "Against", options)


def _page(batch: BatchInfo, reference: BatchInfo, report: Drift, question: str | None) -> None:
    st.title("What moved, by how much, and why?", anchor=False)
    _choice(batch, reference)
    st.html(markup.note(*lead(report), items=report.notes))
    st.html(markup.facts(_tiles(report)))
    if report.results:
        _list(batch, reference, report)
    if report.other:
        st.html(markup.heading("Agreement, speed, severity", "2 of the 5 % of false alarms"))
        components.plain_table(
            {
                "what": [FAMILY_WORDS[one.shift.family] for one in report.other],
                "question": [one.shift.question for one in report.other],
                "finding": [STATE_WORDS[state_of(one)] for one in report.other],
                "what was seen": [other_note(one) for one in report.other],
            },
            key="families",
        )
    components.toggle("text", "Compare the prompts as well")
    _course(batch, question)
    drift_batches.draw(batch, reference, question or batch.questions[0].name)
    _control(batch, reference, report)


def _tiles(report: Drift) -> list[markup.Fact]:
    tested = [one for one in report.results if isfinite(one.shift.p_value)]
    raised = [one for one in report.results if one.alarm.is_raised]
    largest = max(raised, key=lambda one: one.distance.value, default=None)
    others = sum(one.alarm.is_raised for one in report.other)
    untested = len(report.results) - len(tested)
    return [
        markup.Fact(
            "label alarms",
            count(len(raised)),
            f"of {counted(len(tested), 'slices')} tested",
            state="fail" if raised else "pass" if tested else "",
        ),
        markup.Fact(
            "other alarms", count(others), "agreement, speed, severity", "fail" if others else ""
        ),
        markup.Fact(
            "largest alarm",
            f"{points(largest.distance.value)} %" if largest else "–",
            place_name(largest) if largest else "no alarm",
        ),
        markup.Fact("not tested", count(untested), "slices with too few prompts or items"),
    ]


def _list(batch: BatchInfo, reference: BatchInfo, report: Drift) -> None:
    """Draw every slice, alarms first; each leads to its labels and causes."""
    order = {"alarm": 0, "small": 1, "quiet": 2, "untested": 3}
    slices = sorted(
        report.results,
        key=lambda one: (order[state_of(one)], bool(one.place), -_size(one), one.place),
    )
    st.html(
        markup.heading("Slices", "share of labels that would have to move · alarms first, Holm 3 %")
    )
    on = markup.axis((one.distance for one in slices), within=(0.0, 1.0))
    number = components.page_choice(len(slices), PER_PAGE)
    with st.container(gap=None):
        components.line_head("slices", markup.forest_head("slice", on))
        for place, one in enumerate(slices[(number - 1) * PER_PAGE :][:PER_PAGE]):
            words = f"{STATE_WORDS[state_of(one)]} · {found(one)}"
            components.line(
                f"slice_{place}",
                markup.forest_row(
                    f"{one.question}: {place_name(one)}", one.distance, on, under=words
                ),
                state.DRIFT,
                "why",
                _address(batch, reference, one),
            )
    components.page_buttons(len(slices), PER_PAGE)


def _size(one: SliceShift) -> float:
    return one.distance.value if isfinite(one.distance.value) else -1.0


def _address(batch: BatchInfo, reference: BatchInfo, one: SliceShift) -> state.Link:
    return state.link(
        batch.batch_id,
        where=one.place,
        question=one.question,
        against=reference.batch_id,
        look="yes",
    )


def _slice(batch: BatchInfo, reference: BatchInfo, one: SliceShift, chance: dict[str, str]) -> None:
    """Draw one slice: its labels, the parts of its shift, and the way to its items."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(md_escape(f"{one.question}: {place_name(one)}"), anchor=False)
        st.page_link(
            state.DRIFT,
            label="← all slices",
            query_params=state.link(batch.batch_id, against=reference.batch_id),
        )
    words = STATE_WORDS[state_of(one)]
    st.html(markup.note(words[0].upper() + words[1:], f"{found(one)} · {size_note(one)}"))
    shift = one.shift
    st.html(markup.heading("Labels", "ring: reference · dot: batch"))
    if isfinite(one.distance.value):
        figure = charts.before_and_after(
            shift.labels, shift.before.tolist(), shift.after.tolist(), components.palette()
        )
        st.plotly_chart(
            figure, key="labels", config=components.CHART, alt="Shares of labels before and after"
        )
    st.html(markup.heading("Exploratory", "q-values of every label and slice · never an alarm"))
    components.plain_table({"label": list(chance), "q": list(chance.values())}, key="chance")
    _parts(one)
    st.html(markup.heading("Read the items", "ten say more than any share"))
    with st.container(horizontal=True):
        for label in [shift.most] if shift.most else []:
            st.page_link(
                state.RECORDS,
                label=f"items labelled {md_escape(label)} →",
                query_params=state.link(
                    batch.batch_id, where=one.place, question=one.question, label=label
                ),
            )
        for info in (batch, reference):
            st.page_link(
                state.RECORDS,
                label=f"items of {md_escape(info.batch_id)} →",
                query_params=state.link(info.batch_id, where=one.place, question=one.question),
            )


def _parts(one: SliceShift) -> None:
    split = one.decomposition
    if split is None:
        return
    st.html(markup.heading("Why", f"parts of the shift of {split.label}, in points"))
    names = [CAUSE_WORDS[cause] for cause in split.parts]
    values = [part.value for part in split.parts.values()]
    intervals = [(part.low, part.high) for part in split.parts.values()]
    if split.not_separable:
        names.append(" or ".join(CAUSE_WORDS[cause] for cause in split.not_separable))
        values.append(split.together)
        intervals.append((float("nan"), float("nan")))
    st.plotly_chart(
        charts.parts(names, values, intervals, components.palette()),
        key="parts",
        config=components.CHART,
        alt=why(split),
    )
    needs = f"To tell them apart: {split.would_need}." if split.would_need else ""
    unknown = ", ".join(CAUSE_WORDS[cause] for cause in split.unknown)
    hidden = f" Nothing is recorded of {unknown}; it is in what is not recorded." if unknown else ""
    kinds = f" {attribute_note(split)}" if split.attribute else ""
    st.html(markup.note(why(split), needs + hidden + kinds))


def _course(batch: BatchInfo, question: str | None) -> None:
    """Draw the weeks of the batch itself."""
    names = [question] if question else [one.name for one in batch.questions[:1]]
    for name in names:
        st.html(markup.heading("Over its own weeks", f"{name}: later half against the earlier"))
        one = _weeks(str(state.folder()), batch.batch_id, batch.digest, name)
        if one is None:
            st.html(
                markup.missing(
                    "No week is known",
                    "The answers carry no time, or the question has too many labels.",
                )
            )
            continue
        st.html(markup.note(*told(one)))
        if len(one.weeks) < 2:
            continue
        figure = charts.weekly_shares(
            one.weeks, one.labels, one.shares.tolist(), one.late_from, components.palette()
        )
        st.plotly_chart(figure, key="weeks", config=components.CHART, alt="Shares of labels a week")
        if any(isfinite(value) for value in one.seconds):
            figure = charts.weekly_seconds(
                one.weeks, one.seconds.tolist(), one.late_from, components.palette()
            )
            st.plotly_chart(figure, key="seconds", config=components.CHART, alt="Median times")


def _control(batch: BatchInfo, reference: BatchInfo, report: Drift) -> None:
    """Draw how often chance alone would raise an alarm, last: it takes longest."""
    if not any(isfinite(one.shift.p_value) for one in report.results):
        return
    found_ = _chance(
        str(state.folder()), batch.batch_id, batch.digest, reference.batch_id, reference.digest
    )
    if found_ is not None and isfinite(found_.rate):
        st.html(
            markup.note(
                f"Chance alone raises an alarm on {found_.rate:.1%} of batches",
                f"Reference and batch shuffled {found_.batches} times and judged as above; about"
                " 3 % may be.",
            )
        )


# The digests are part of the key, although the bodies do not use them: a new part, a new answer.
@st.cache_data(max_entries=_CACHED, show_spinner=False)
def _report(  # noqa: PLR0917
    path: str,
    batch_id: str,
    digest: str,
    against: str,
    against_digest: str,
    question: str | None,
    *,
    with_prompts: bool,
) -> Drift:
    store, viewer = Store.open(Path(path)), state.viewer()
    batch, reference = store.batch(batch_id, viewer), store.batch(against, viewer)
    report = drift(store, batch, reference, viewer, question=question, control=0)
    return with_text(store, batch, reference, viewer, report) if with_prompts else report


@st.cache_data(max_entries=_CACHED, show_spinner=False)
def _chance(
    path: str, batch_id: str, digest: str, against: str, against_digest: str
) -> Control | None:
    store, viewer = Store.open(Path(path)), state.viewer()
    batch, reference = store.batch(batch_id, viewer), store.batch(against, viewer)
    return control_of(store, batch, reference, viewer)


@st.cache_data(max_entries=_CACHED, show_spinner=False)
def _weeks(path: str, batch_id: str, digest: str, question: str) -> Course | None:
    store, viewer = Store.open(Path(path)), state.viewer()
    batch = store.batch(batch_id, viewer)
    return course(store, batch, batch.question(question), viewer)


main()
