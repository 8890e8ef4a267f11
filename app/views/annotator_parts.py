"""Parts of the Annotators page: influence, causes of disagreement, next answers, groups, probes."""

import csv
import io
from collections import Counter
from math import isfinite

import streamlit as st

from app import components, markup, state
from app.annotator_words import CAUSE_WORDS, score_estimate, under_name
from app.annotators import AnnotatorRow, Annotators
from app.disagreement import ConfusedLabels
from app.leaving_out import commands
from app.text import count, counted, figure, percent
from app.views import annotator_answers
from app.views.span import first_day
from metrics.disagreement import SMALLEST_GROUP, Cause
from metrics.intervals import proportion
from queries.batches import BatchInfo

ALPHA = "krippendorff_alpha"
GROUP = "annotator_group"
LISTED = 200


def influence(batch: BatchInfo, report: Annotators) -> None:
    """Draw what each annotator does to the criteria of the standard."""
    note = "the criterion without this person minus with: positive where it would rise"
    st.html(markup.heading("What they do to the verdict", note))
    names = sorted({name for row in report.rows for name in row.influence})
    if not names:
        st.html(
            markup.missing(
                "Nothing to take anybody out of",
                "The standard has no criterion that answers of single people can move.",
            )
        )
        return
    luck = [
        f"{name}: {found.typical:+.3f}, up to {found.high:+.3f}"
        for name, found in sorted(report.chance.items())
    ]
    if luck:
        first = "What dropping the best-to-drop of an identical crew would gain, by luck alone:"
        st.html(markup.note(first, items=luck))
    picked = components.rows(
        {
            "annotator": [row.annotator_id for row in report.rows],
            "answers": [row.annotations for row in report.rows],
            **{name: [_change(row.influence.get(name)) for row in report.rows] for name in names},
        },
        key="influence",
    )
    if picked is not None:
        name = report.rows[picked].annotator_id
        st.switch_page(state.ANNOTATORS, query_params=state.link(batch.batch_id, annotator=name))
    _without(batch, report)


def _without(batch: BatchInfo, report: Annotators) -> None:
    """Draw the commands that make a new batch without somebody; this one stays as it is."""
    flagged = [row.annotator_id for row in report.rows if row.raised]
    names = flagged + [row.annotator_id for row in report.rows if not row.raised]
    if len(names) < 2:
        return
    note = "a new batch that supersedes this one, whose numbers stay; read ten items first"
    st.html(markup.heading("A batch without somebody", note))
    chosen = components.choice("leave", "Leave out", {name: name for name in names})
    st.code(commands(batch.batch_id, chosen), language="bash", wrap_lines=True)


def _change(value: float | None) -> str:
    return "–" if value is None or not isfinite(value) else f"{value:+.3f}"


def why(batch: BatchInfo, report: Annotators) -> None:
    """Draw the split of the disagreement, and the labels that are confused."""
    question = components.chosen_question(batch)
    apart = tuple(row.person_key for row in report.rows if row.raised)
    found = annotator_answers.causes(batch, question.name, apart)
    split = found.split
    note = (
        f"on {question.name} · {count(split.differ)} of {count(split.pairs)} pairs of answers"
        " differ · each cause takes what those above it left"
    )
    st.html(markup.heading("Why they disagree", note))
    on = markup.axis((cause.share for cause in split.causes), within=(0.0, 1.0))
    with st.container(gap=None):
        st.html(markup.forest_head("cause", on))
        for cause in split.causes:
            words, remedy = CAUSE_WORDS[cause.name]
            st.html(markup.forest_row(words, cause.share, on, under=_under(cause, remedy)))
    _confused(batch, question.name, found.confused)


def _under(cause: Cause, remedy: str) -> str:
    """Return the remedy; why a share is thin stands there, and why there is none in the bar."""
    return cause.share.reason if cause.share.status == "insufficient" else remedy


def _confused(batch: BatchInfo, question: str, rows: tuple[ConfusedLabels, ...]) -> None:
    st.html(markup.heading("Labels that are confused", "a row leads to the items"))
    if not rows:
        st.html(markup.missing("No two labels", "No item has two different labels."))
        return
    picked = components.rows(
        {
            "label": [row.confusion.first for row in rows],
            "other label": [row.confusion.second for row in rows],
            "pairs": [row.confusion.pairs for row in rows],
            "share": [figure(row.confusion.share) for row in rows],
            "if by chance": [figure(row.confusion.expected) for row in rows],
            "rules named": [
                ", ".join(f"{rule} ({times})" for rule, times in row.rules[:4]) or "none"
                for row in rows
            ],
            "by guideline": [
                ", ".join(f"{one.name}: {percent(one.confused, one.pairs)}" for one in row.versions)
                or "one version"
                for row in rows
            ],
        },
        key="confused",
    )
    if picked is not None:
        one = rows[picked].confusion
        asked = batch.question(question)
        components.to_records(batch, asked, (), label_a=one.first, label_b=one.second)


def again(batch: BatchInfo, _: Annotators) -> None:
    """Draw the items on which one more answer would tell most, for a work order."""
    question = components.chosen_question(batch)
    rows = annotator_answers.next_answers(batch, question.name, LISTED)
    note = f"on {question.name} · how much more often the label that ships would be right"
    st.html(markup.heading("Worth one more answer", note))
    if not rows.num_rows:
        st.html(
            markup.missing(
                "No item gains from one more answer",
                "The votes settle every item, or people agree no better than guesses, or the "
                "answers are scores or rankings, which no vote decides.",
            )
        )
        return
    found = rows.to_pylist()
    st.download_button(
        "Work order as CSV",
        _as_csv(found),
        file_name=f"{batch.batch_id}-answer-again.csv",
        mime="text/csv",
        icon=":material/download:",
    )
    picked = components.rows(
        {
            "item": [row["item_id"] for row in found],
            "votes": [row["votes"] for row in found],
            "labels": [row["label_text"] for row in found],
            "gain": [figure(row["gain"]) for row in found],
            "prompt": [row["prompt"] or "" for row in found],
        },
        key="again_rows",
    )
    if picked is not None:
        components.to_records(batch, question, (), item=found[picked]["item_id"])


def _as_csv(rows: list[dict[str, object]]) -> str:
    """Write a work order without the answers: who judges again must not see them."""
    sheet = io.StringIO()
    writer = csv.writer(sheet)
    writer.writerow(["item_id", "question", "prompt"])
    writer.writerows([[row["item_id"], row["question"], row["prompt"] or ""] for row in rows])
    return sheet.getvalue()


def groups(batch: BatchInfo, report: Annotators) -> None:
    """Draw flag rates and agreement by annotator group; small groups are not shown."""
    group = annotator_answers.groups(batch)
    note = f"groups of fewer than {SMALLEST_GROUP} people are not shown"
    st.html(markup.heading("Flags by group", note))
    members = Counter(group.get(row.person_key, "") for row in report.rows)
    flagged = Counter(group.get(row.person_key, "") for row in report.rows if row.raised)
    shown = sorted(name for name, n in members.items() if name and n >= SMALLEST_GROUP)
    if not shown:
        st.html(
            markup.missing(
                "No group can be shown",
                f"No annotator group of {SMALLEST_GROUP} people or more is known.",
                "give annotator_group with the people of a bundle, or with --set",
            )
        )
        return
    rates = {name: proportion(flagged[name], members[name], n_unit="people") for name in shown}
    on = markup.axis(rates.values(), within=(0.0, 1.0))
    with st.container(gap=None):
        st.html(markup.forest_head("group", on))
        for name in shown:
            told = counted(flagged[name], "people") + " with a flag"
            st.html(markup.forest_row(name, rates[name], on, under=told))
    question = components.chosen_question(batch)
    if GROUP not in batch.dimensions:
        return
    _, *strata = state.measured(batch, ALPHA, question.name, by=(GROUP,))
    kept = [row for row in strata if row.slice[-1][1] in shown]
    st.html(markup.heading("Agreement inside each group", f"alpha on {question.name}"))
    on = markup.axis((row.estimate for row in kept), within=(-1.0, 1.0))
    with st.container(gap=None):
        st.html(markup.forest_head("group", on))
        for row in kept:
            st.html(markup.forest_row(row.slice[-1][1], row.estimate, on))


def history(batch: BatchInfo, row: AnnotatorRow) -> None:
    """Draw the score of one annotator in every batch of the store."""
    st.html(markup.heading("In every batch", "oldest first; tasks differ, so scores may"))
    st.page_link(
        state.ANNOTATORS,
        label="all of them taken together →",
        query_params=state.link(batch.batch_id, annotator=row.annotator_id, since=first_day()),
    )
    found = [
        (each, next((one for one in report.rows if one.person_key == row.person_key), None))
        for each, report in annotator_answers.reports()
    ]
    there = [(each, one) for each, one in found if one is not None]
    on = markup.axis((score_estimate(one) for _, one in there), within=(0.0, 1.0))
    with st.container(gap=None):
        components.line_head("history", markup.forest_head("batch", on))
        for place, (each, one) in enumerate(there):
            here = " (shown above)" if each.batch_id == batch.batch_id else ""
            components.line(
                f"history_{place}",
                markup.forest_row(
                    each.batch_id + here, score_estimate(one), on, under=under_name(one)
                ),
                state.ANNOTATORS,
                "look",
                state.link(each.batch_id, annotator=one.annotator_id),
            )
