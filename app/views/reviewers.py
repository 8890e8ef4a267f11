"""Reviewers page. Can the reviewers be trusted: overturns, misses, severity, rubber stamps."""

from math import isfinite

import streamlit as st

from app import charts, components, markup, state
from app.review_words import (
    lead,
    place_of,
    sign_name,
    sign_state,
    under_name,
)
from app.reviewers import Report, Reviewer
from app.text import count, figure, md_escape
from app.views import review_disputes, review_list, review_parts
from app.views.span import chosen_span, span_note
from metrics.disputes import summary
from metrics.review import self_reviews, silent_edits
from metrics.signals import Signal
from queries.batches import BatchInfo

PER_PAGE = 25
PARTS = {
    "people": "people",
    "overturns": "overturns",
    "stages": "between stages",
    "second": "second reviewers",
    "known": "known answers",
    "disputes": "disputes",
}


def main() -> None:
    """Draw the reviewers of one batch, one of them, or the reviews behind a number."""
    batch = components.chosen_batch()
    question = state.param("question")
    if question:
        components.chosen_question(batch)
    top = st.container()
    batches, day = ((batch,), None) if state.param("list") else chosen_span(batch)
    report = _report_since(batches, question) if day else state.reviewers(batch, question)
    name = state.param("reviewer")
    if name and not any(one.name == name for one in report.people):
        components.stop(
            f"There is no reviewer {name}",
            f"The link names somebody who reviewed nothing in {_span_name(batch, day)}.",
        )
    place = f"all batches since {day}" if day else batch.batch_id
    with top:
        st.html(
            markup.crumb("Evidence / Reviewers", place, question or "all questions", name or "")
        )
    if state.param("list"):
        review_list.reviews(batch, report, question, name)
    elif name:
        if day:
            st.html(span_note(batches, day))
        _person(batch, next(one for one in report.people if one.name == name), question, day)
    elif day:
        _since(batch, batches, day, report, question)
    else:
        _page(batch, report, question)


def _span_name(batch: BatchInfo, day: str | None) -> str:
    return f"all batches since {day}" if day else f"batch {batch.batch_id}"


def _report_since(batches: tuple[BatchInfo, ...], question: str | None) -> Report:
    asking = [
        one
        for one in batches
        if question is None or question in {asked.name for asked in one.questions}
    ]
    return state.reviewers_of(tuple(asking), question)


def _since(
    batch: BatchInfo,
    batches: tuple[BatchInfo, ...],
    day: str,
    report: Report,
    question: str | None,
) -> None:
    """Draw everybody over several batches; reviews behind a number are those of one batch."""
    st.title("Can the reviewers be trusted, over time?", anchor=False)
    st.html(span_note(batches, day))
    if report.tables.is_empty:
        st.html(markup.missing("No review was imported", "None of these batches has reviews."))
        return
    st.html(markup.facts(_tiles(report)))
    st.html(markup.note(*lead(report)))
    _everybody(batch, report, question, day)


def _page(batch: BatchInfo, report: Report, question: str | None) -> None:
    st.title("Can the reviewers be trusted?", anchor=False)
    if report.tables.is_empty:
        st.html(
            markup.missing(
                "No review was imported with this batch",
                "Without reviews nobody can say who checked the answers, or how well.",
                f"batchgate import reviews.csv --format bundle --batch {batch.batch_id} --add",
            )
        )
        review_parts.integrity(batch, report, question)
        return
    st.html(markup.facts(_tiles(report)))
    first, then = lead(report)
    st.html(markup.note(first, then))
    part = components.choice("part", "Look closer", PARTS)
    if part == "people":
        _people(batch, report, question)
    else:
        draw = {
            "overturns": review_parts.overturns,
            "stages": review_parts.stages,
            "second": review_parts.second,
            "known": review_parts.known,
            "disputes": review_disputes.disputes,
        }
        draw[part](batch, report, question)


def _tiles(report: Report) -> list[markup.Fact]:
    tables = report.tables
    own, silent = self_reviews(tables.reviews), silent_edits(tables.reviews)
    disputes = summary(tables.disputes)
    flagged = sum(bool(one.flags) for one in report.people)
    return [
        markup.Fact("reviews", count(tables.reviews.count.sum()), "actions of all stages"),
        markup.Fact("reviewers", count(len(report.people)), f"{flagged} to look at"),
        _breach("own work", sum(one.count for one in own), "reviews of one's own answers"),
        _breach("silent edits", sum(one.count for one in silent), "accepted, and yet changed"),
        markup.Fact("disputes", count(disputes.total), f"{count(disputes.still_open)} still open"),
    ]


def _breach(name: str, number: int, note: str) -> markup.Fact:
    return markup.Fact(name, count(number), note, state="fail" if number else "pass")


def _people(batch: BatchInfo, report: Report, question: str | None) -> None:
    """Draw everybody's score, and pace against severity."""
    _everybody(batch, report, question, None)
    review_parts.integrity(batch, report, question)
    _scatter(batch, report, question)


def _everybody(batch: BatchInfo, report: Report, question: str | None, day: str | None) -> None:
    basis = next((one.score.method for one in report.people if one.score.method), "")
    note = f"{basis.partition(';')[0]} · alphabetical: the order is no rank"
    st.html(markup.heading("Everybody", note if basis else "alphabetical: the order is no rank"))
    on = markup.axis((one.score for one in report.people), within=(0.0, 1.0))
    number = components.page_choice(len(report.people), PER_PAGE)
    with st.container(gap=None):
        components.line_head("people", markup.forest_head("reviewer", on))
        for place, one in enumerate(report.people[(number - 1) * PER_PAGE :][:PER_PAGE]):
            components.line(
                f"person_{place}",
                markup.forest_row(one.name, one.score, on, under=under_name(one)),
                state.REVIEWERS,
                "look",
                state.link(batch.batch_id, question=question, reviewer=one.name, since=day),
            )
    components.page_buttons(len(report.people), PER_PAGE)


def _scatter(batch: BatchInfo, report: Report, question: str | None) -> None:
    dots = [dot for one in report.people if (dot := _dot(one)) is not None]
    note = "shaded: under a third of the others' time · lower left: fast, and accepts all"
    st.html(markup.heading("Time against acceptance", note))
    if len(dots) < 3:
        st.html(
            markup.missing(
                "Too few to compare",
                "Pace and acceptance are compared between three or more reviewers whose decisions "
                "have a begin and an end.",
            )
        )
        return
    chosen = components.clickable(
        charts.pace_and_severity(dots, components.palette()),
        key="pace",
        alt="Pace and severity of every reviewer, as in the list of signs of each",
    )
    if chosen is not None:
        st.switch_page(
            state.REVIEWERS,
            query_params=state.link(batch.batch_id, question=question, reviewer=dots[chosen].name),
        )


def _dot(one: Reviewer) -> charts.Dot | None:
    found = {signal.kind: signal for signal, _ in one.signals}
    pace, severity = found.get("speed"), found.get("severity")
    if pace is None or severity is None or not isfinite(pace.p_value):
        return None
    if not isfinite(severity.expected):
        return None
    return charts.Dot(
        name=one.name,
        pace=pace.value,
        severity=severity.value - severity.expected,
        n=severity.n,
        flagged=bool(one.flags),
        hover=f"{one.name}\n{pace.note}\n{severity.note}",
    )


def _person(batch: BatchInfo, one: Reviewer, question: str | None, day: str | None) -> None:
    """Draw one reviewer: every sign looked for, the rates, the ways to the reviews."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(md_escape(one.name), anchor=False)
        st.page_link(
            state.REVIEWERS,
            label="← all reviewers",
            query_params=state.link(batch.batch_id, question=question, since=day),
        )
    st.html(markup.note(*_told(one)))
    st.html(markup.heading("Signs", "against the others on the same mix of work"))
    signals = [pair for pair in one.signals if isfinite(pair[0].value)]
    if not signals:
        st.html(markup.missing("Nothing to compare", "No other reviewer did the same work."))
    else:
        components.plain_table(_sign_table(signals), key="signs")
    st.html(markup.heading("Overturned", "of the decided reviews · stages and selections apart"))
    if day is None:
        review_parts.rate_lines(batch, one.rates, question, key="own", reviewer=one.name)
        _ways(batch, one, question)
        return
    # The lists behind a number are those of one batch; these numbers are of several.
    on = markup.axis((rate.estimate for rate in one.rates), within=(0.0, 1.0))
    drawn = (markup.forest_row(place_of(rate), rate.estimate, on) for rate in one.rates)
    st.html(markup.forest_head("stage and selection", on) + "".join(drawn))


def _told(one: Reviewer) -> tuple[str, str]:
    """Return the flags of a reviewer, and whom the score cannot tell this one from."""
    facts = []
    for name, words in (("self_review", "reviewed own answers"), ("silent_edits", "silent edits")):
        if name in one.evidence and "count" in one.evidence[name]:
            facts.append(f"{words}: {one.evidence[name]['count']} of {one.evidence[name]['n']}")
    alike = ", ".join(one.group[:12]) + (" …" if len(one.group) > 12 else "")
    told = f"By score not told apart from: {alike}. " if one.group else ""
    return under_name(one), told + " · ".join(facts)


def _sign_table(signals: list[tuple[Signal, float]]) -> dict[str, list[object]]:
    return {
        "sign": [sign_name(signal) for signal, _ in signals],
        "what was seen": [signal.note for signal, _ in signals],
        "n": [signal.n for signal, _ in signals],
        "interval": [
            f"[{figure(signal.low)}, {figure(signal.high)}]" if isfinite(signal.low) else "–"
            for signal, _ in signals
        ],
        "finding": [sign_state(signal, q) for signal, q in signals],
    }


def _ways(batch: BatchInfo, one: Reviewer, question: str | None) -> None:
    st.html(markup.heading("Read the reviews", "ten say more than any rate"))
    with st.container(horizontal=True):
        for label, name, value in (
            ("all reviews", "", ""),
            ("accepted", "outcome", "accepted"),
            ("overturned", "outcome", "overturned"),
            ("own answers", "check", "own"),
            ("silent edits", "check", "silent"),
        ):
            asked = {name: value} if name else {}
            address = review_parts.reviews_address(batch, question, reviewer=one.name, **asked)
            st.page_link(state.REVIEWERS, label=f"{label} →", query_params=address)


main()
