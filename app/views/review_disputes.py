"""Disputes on the Reviewers page: how long they stay open, who is right, what they led to."""

import streamlit as st

from app import charts, components, markup, state
from app.reviewers import Report
from app.text import count, counted, estimate_text
from app.views.review_parts import SHOWN, UNSET, reviews_address
from metrics.disputes import by_rule, sided_with, summary
from queries.batches import BatchInfo


def disputes(batch: BatchInfo, report: Report, question: str | None) -> None:
    """Draw how long disputes stay open, whom arbitration proves right, and what comes of them."""
    tables = report.tables
    found = summary(tables.disputes)
    if not found.total:
        st.html(
            markup.missing(
                "No dispute", "Nothing was escalated and nothing was arbitrated in this batch."
            )
        )
        return
    tiles = (
        ("days to close, median", found.median),
        ("answer under review upheld", found.annotator_upheld),
        ("escalations that changed something", found.precision),
        ("led to a link", found.linked),
    )
    st.html(
        markup.facts(
            markup.Fact(
                name,
                estimate_text(one) if one.status == "ok" else "not defined",
                counted(one.n, one.n_unit) if one.status == "ok" else one.reason,
            )
            for name, one in tiles
        )
    )
    left, right = st.columns(2, gap="large")
    with left:
        note = f"{count(found.still_open)} still open, counted as long as they lasted"
        st.html(markup.heading("Still open", note))
        if found.ageing is not None:
            st.plotly_chart(
                charts.still_open(found.ageing, components.palette()),
                key="ageing",
                width="stretch",
                config=components.CHART,
                alt="Share of disputes still open by days, median in the row above",
            )
        else:
            st.html(markup.missing("No ages", found.median.reason))
    with right:
        _rules(batch, report, question)
    _sides(batch, report, question)
    _conversion(batch)


def _rules(batch: BatchInfo, report: Report, question: str | None) -> None:
    rules = by_rule(report.tables.disputes)[:SHOWN]
    st.html(markup.heading("By rule", "repeats: opened after one on the rule was settled"))
    picked = components.rows(
        {
            "rule": [one.rule or UNSET for one in rules],
            "disputes": [one.disputes for one in rules],
            "repeats [interval]": [
                estimate_text(one.repeats) if one.rule else "–" for one in rules
            ],
        },
        key="rules",
    )
    if picked is not None:
        address = reviews_address(batch, question, rule=rules[picked].rule, check="disputed")
        st.switch_page(state.REVIEWERS, query_params=address)


def _sides(batch: BatchInfo, report: Report, question: str | None) -> None:
    sides = sorted(
        sided_with(report.tables.pairs), key=lambda one: report.names.get(one.reviewer, "")
    )
    st.html(markup.heading("Arbitration left standing", "of the disputed decisions of each"))
    on = markup.axis((one.estimate for one in sides), within=(0.0, 1.0))
    with st.container(gap=None):
        components.line_head("sides", markup.forest_head("reviewer", on))
        for place, one in enumerate(sides[:SHOWN]):
            name = report.names.get(one.reviewer, "")
            components.line(
                f"side_{place}",
                markup.forest_row(name or "not said", one.estimate, on),
                state.REVIEWERS,
                "reviews",
                reviews_address(batch, question, reviewer=name or None, check="disputed"),
            )


def _conversion(batch: BatchInfo) -> None:
    """Draw what disputes were turned into."""
    links = state.listing(batch, "knowledge_counts").to_pylist()
    st.html(markup.heading("What came of them", "precedents, examples, rules, templates, golden"))
    if not links:
        st.html(
            markup.missing(
                "Nothing was recorded", "No knowledge link leads on from a dispute of this batch."
            )
        )
        return
    components.plain_table(
        {
            "from": [row["from_type"] or UNSET for row in links],
            "to": [row["to_type"] or UNSET for row in links],
            "links": [row["links"] for row in links],
            "disputes": [row["sources"] for row in links],
        },
        key="conversion",
    )
