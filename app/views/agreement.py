"""Agreement page. How reliable are the labels, overall and by question, label, slice and pair."""

import streamlit as st

from app import charts, components, markup, state
from app.audit import Audit
from app.catalog import METRICS, NUMERIC
from app.closeup import (
    coefficients,
    has_labels,
    judged_twice,
    judging,
    overlap_shares,
    paradox,
    target,
)
from app.measure import Slice
from app.text import counted, estimate_text, md_escape, percent
from queries.batches import BatchInfo, Question
from queries.schema import PATTERN_LABELS

ALPHA = "krippendorff_alpha"
SHOWN_STRATA = 25
SHOWN_ANNOTATORS = 30
PARTS = {
    "labels": "by label",
    "slices": "by slice",
    "pairs": "by annotator pair",
    "questions": "by question",
    "overlap": "who chose the overlap",
}


def main() -> None:
    """Draw the agreement on one question of one batch."""
    batch = components.chosen_batch()
    question = components.chosen_question(batch)
    where = components.chosen_slice(batch, question)
    audit = state.audited_or_none(batch)
    place = ", ".join(f"{name} = {value}" for name, value in where)
    st.html(
        markup.crumb(
            "Evidence / Agreement",
            batch.batch_id,
            f"question {question.name}",
            f"{question.level} answers",
            place or "all items",
        )
    )
    st.title(md_escape(f"How reliable are the answers to {question.name}?"), anchor=False)
    if where:
        components.slice_notice(batch, question, where)
    _headline(batch, question, where, audit)
    part = components.choice("part", "Look closer", PARTS)
    draw = {
        "labels": _labels,
        "slices": _slices,
        "pairs": _pairs,
        "questions": _questions,
        "overlap": _overlap,
    }
    draw[part](batch, question, where, audit)


def _headline(batch: BatchInfo, question: Question, where: Slice, audit: Audit | None) -> None:
    """Draw the coefficients beside each other, and what to know before reading them."""
    names = coefficients(question, asked=state.param("metric"))
    rows = [
        row for name in names for row in state.measured(batch, name, question.name, where=where)
    ]
    for cell, row in zip(st.columns(max(len(rows), 1)), rows, strict=False):
        with cell:
            components.estimate_card(row, judging(audit, row, state.param("criterion")))
    told = paradox(
        rows,
        state.measured(batch, "label_agreement", question.name, where=where),
        state.label_counts(batch, question.name, where),
    )
    if told:
        st.html(markup.note("Why these differ.", told))
    components.overlap_note(batch, question)


def _labels(batch: BatchInfo, question: Question, where: Slice, _: Audit | None) -> None:
    """Draw agreement on each label beside how common it is, and which labels are confused."""
    if not has_labels(question):
        st.html(
            markup.missing(
                "Too many labels to look at one by one",
                f"The answers to {question.name} have more than {PATTERN_LABELS} different values.",
                "alpha uses the distances between them; look at slices and pairs of annotators",
            )
        )
        return
    rows = state.measured(batch, "label_agreement", question.name, where=where)
    counts = dict(state.label_counts(batch, question.name, where))
    total = sum(counts.values())
    on = markup.axis((row.estimate for row in rows), within=METRICS["label_agreement"].range)
    note = f"how common it is among {total:,} answers, how far people agree on it"
    st.html(markup.heading("Each label", note))
    with st.container(gap=None):
        components.line_head(
            "labels", markup.forest_head("label", on, share="share of the answers")
        )
        for place, row in enumerate(rows):
            label = dict(row.options)["label"]
            components.line(
                f"label_{place}",
                markup.forest_row(label, row.estimate, on, share=(counts.get(label, 0), total)),
                state.RECORDS,
                "items",
                state.link(batch.batch_id, where=where, question=question.name, label=label),
            )
    _label_pairs(batch, question, where)


def _label_pairs(batch: BatchInfo, question: Question, where: Slice) -> None:
    pairs = state.label_pairs(batch, question.name, where)
    note = "by two people · faded: they agree · a cell or a row leads to the items"
    st.html(markup.heading("Labels given to the same item", note))
    if not pairs:
        st.html(
            markup.missing(
                "No item was judged by two people", "There is no pair of answers to compare."
            )
        )
        return
    names = [name for name, _ in state.label_counts(batch, question.name)]
    total = sum(pair.count for pair in pairs)
    left, right = st.columns([3, 2], gap="large")
    with left:
        chosen = components.clickable(
            charts.lower_triangle(
                names,
                charts.label_cells(names, pairs),
                components.palette(),
                legend="pairs of answers",
                diagonal=True,
            ),
            key="label_pairs",
            alt="Pairs of labels given to the same item, as in the table beside it",
        )
    with right:
        picked = components.rows(
            {
                "label": [pair.first for pair in pairs],
                "other label": [pair.second for pair in pairs],
                "pairs": [pair.count for pair in pairs],
                "share": [percent(pair.count, total) for pair in pairs],
            },
            key="label_pair_rows",
        )
    place = picked if chosen is None else chosen
    if place is not None:
        pair = pairs[place]
        components.to_records(batch, question, where, label_a=pair.first, label_b=pair.second)


def _slices(batch: BatchInfo, question: Question, where: Slice, audit: Audit | None) -> None:
    """Draw the agreement of every stratum of one dimension against the threshold."""
    if not batch.dimensions:
        st.html(
            markup.missing(
                "Nothing to slice by",
                "The items of this batch have no attributes, and its answers no time, vendor, "
                "group or guideline version.",
                "name columns under [attributes] of the mapping file and import again",
            )
        )
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        usual = where[0][0] if where else batch.dimensions[0]
        dimension = components.choice("by", "Slice by", _first(usual, batch.dimensions))
        known = {name: METRICS[name].title for name in coefficients(question)}
        metric = components.choice("of", "Coefficient", known)
    whole, *strata = state.measured(batch, metric, question.name, by=(dimension,))
    asked = target(audit, metric, question.name, state.param("criterion"))
    shown = charts.worst_first(strata)
    on = markup.axis(
        (row.estimate for row in shown),
        asked.bound if asked else None,
        whole.estimate.value,
        within=METRICS[metric].range,
    )
    note = "worst first · dotted: all items · exploratory unless the standard asks for it"
    st.html(markup.heading(f"{METRICS[metric].title} by {dimension}", note))
    number = components.page_choice(len(shown), SHOWN_STRATA)
    with st.container(gap=None):
        components.line_head("slices", markup.forest_head(dimension, on))
        for place, row in enumerate(shown[(number - 1) * SHOWN_STRATA :][:SHOWN_STRATA]):
            judged = judging(audit, row, state.param("criterion"))
            components.line(
                f"slice_{place}",
                markup.forest_row(
                    row.slice[-1][1], row.estimate, on, state=judged.state if judged else ""
                ),
                state.RECORDS,
                "items",
                state.link(batch.batch_id, where=row.slice, question=question.name),
            )
    components.page_buttons(len(shown), SHOWN_STRATA)


def _first(first: str, names: tuple[str, ...]) -> dict[str, str]:
    return {name: name for name in (first, *names)}


def _pairs(batch: BatchInfo, question: Question, where: Slice, audit: Audit | None) -> None:
    """Draw the agreement of every pair of annotators, with a table that says the same."""
    weights = (("weights", "quadratic"),) if question.level in NUMERIC else ()
    rows = charts.worst_first(
        state.measured(batch, "cohen_kappa", question.name, where=where, options=weights)
    )
    if not rows:
        st.html(
            markup.missing(
                "No two annotators judged the same item",
                "A pair can be compared only on items that both of them judged.",
            )
        )
        return
    kind = "kappa with quadratic weights: near misses count little" if weights else "kappa"
    note = f"{kind} · shared items · faded: too little data · a cell or a row leads to the items"
    st.html(markup.heading("Every pair of annotators", note))
    asked = target(audit, ALPHA, question.name, state.param("criterion"))
    names = charts.by_mean(rows)
    left, right = st.columns([3, 2], gap="large")
    chosen = None
    with left:
        if len(names) > SHOWN_ANNOTATORS:
            text = f"too many for a picture of all pairs; the table has all {len(rows):,}"
            st.html(markup.note(counted(len(names), "annotators"), text))
        else:
            chosen = components.clickable(
                charts.lower_triangle(
                    names,
                    charts.pair_cells(names, rows),
                    components.palette(),
                    legend="Cohen's kappa",
                    centre=asked.bound.low if asked else None,
                ),
                key="pairs",
                alt="Agreement of every pair of annotators, as in the table beside it",
            )
    with right:
        pairs = [charts.annotators(row) for row in rows]
        picked = components.rows(
            {
                "annotator": [one for one, _ in pairs],
                "other": [other for _, other in pairs],
                "kappa [interval]": [estimate_text(row.estimate) for row in rows],
                "items": [row.estimate.n for row in rows],
            },
            key="pair_rows",
        )
    place = picked if chosen is None else chosen
    if place is not None:
        one, other = pairs[place]
        components.to_records(batch, question, where, a=one, b=other)


def _questions(batch: BatchInfo, question: Question, where: Slice, audit: Audit | None) -> None:
    """Draw every question of the batch as a row of its own."""
    rows = state.measured(batch, ALPHA, where=where)
    on = markup.axis((row.estimate for row in rows), within=METRICS[ALPHA].range)
    st.html(markup.heading("Every question of this batch", METRICS[ALPHA].title))
    with st.container(gap=None):
        components.line_head("questions", markup.forest_head("question", on))
        for place, row in enumerate(rows):
            judged = judging(audit, row, state.param("criterion"))
            here = " (shown above)" if row.question == question.name else ""
            components.line(
                f"question_{place}",
                markup.forest_row(
                    row.question + here, row.estimate, on, state=judged.state if judged else ""
                ),
                state.AGREEMENT,
                "see",
                state.link(batch.batch_id, where=where, question=row.question),
            )


def _overlap(batch: BatchInfo, question: Question, _: Slice, __: Audit | None) -> None:
    """Draw which strata were judged twice more often than others."""
    whole = judged_twice(state.overlap(batch, question.name))
    rows = overlap_shares(state.overlap_by_attribute(batch, question.name), whole)
    note = "share of the items judged twice or more, by attribute · dotted: all items"
    st.html(markup.heading("Who chose the overlap", note))
    if not rows:
        st.html(markup.missing("Nothing to compare", "The items of this batch have no attributes."))
        return
    on = markup.axis((share for _, share in rows), None, whole.value, within=(0.0, 1.0))
    number = components.page_choice(len(rows), SHOWN_STRATA)
    with st.container(gap=None):
        components.line_head("overlap", markup.forest_head("attribute", on))
        for place, ((dimension, name), estimate) in enumerate(
            rows[(number - 1) * SHOWN_STRATA :][:SHOWN_STRATA]
        ):
            components.line(
                f"overlap_{place}",
                markup.forest_row(f"{dimension} = {name}", estimate, on),
                state.RECORDS,
                "items",
                state.link(batch.batch_id, where=((dimension, name),), question=question.name),
            )
    components.page_buttons(len(rows), SHOWN_STRATA)


main()
