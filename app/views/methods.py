"""Methods page. How is each number computed, what does it answer, when does it mislead."""

import streamlit as st

from app import markup, state
from app.catalog import METRICS, Metric
from app.manual import manual
from app.text import md_escape


def main() -> None:
    """Draw every metric of the catalogue; a link may open one of them."""
    st.html(markup.crumb("Data / Methods", f"{len(METRICS)} metrics"))
    st.title("How is each number computed?", anchor=False)
    st.html(markup.note("Every number is an estimate.", READING, items=STATUSES))
    asked = state.param("metric")
    if asked and asked not in METRICS:
        st.html(
            markup.missing(
                f"There is no metric {asked}",
                "The link names a metric that the catalogue does not have.",
                f"It has: {', '.join(METRICS)}",
            )
        )
    for metric in METRICS.values():
        with st.expander(
            f"**{md_escape(metric.title)}** — {md_escape(metric.asks)}",
            expanded=metric.id == asked,
            key=f"metric_{metric.id}",
        ):
            _metric(metric)


READING = (
    "Value, interval, n with its unit, what the interval speaks of, and a status. The interval is "
    "compared with the threshold: wholly on the good side passes, wholly on the bad side fails, "
    "anything else is undecided, and missing evidence is never a pass."
)
STATUSES = (
    "items like these: the interval says how the value would move with other items of the same "
    "process, judged by the same people",
    "annotators like these: it also says how it would move with other people; needs ten of them",
    "this batch as it is: a count without sampling error, or an interval for the rest of the batch",
    "too little data: value and interval are shown, but the interval is known to promise too much",
    "not defined here: the quantity does not exist on these answers; never shown as 0 or 1",
    "input missing: a column or a statistic that it needs is not there",
)


OPEN_OPTIONS = {
    "roles": "roles to count, such as human,model; default human,expert",
    "between": "two roles to compare, such as expert,model",
    "replicates": "draws of the bootstrap, default 1000",
    "seed": "number that fixes the draws; default from the data digest",
    "confidence": "level of the interval, default 0.95",
    "label": "one label; default one row for each",
    "against": "id of the reference batch, or previous: the same dataset before it",
}


def _metric(metric: Metric) -> None:
    text = manual(metric)
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.html(
            markup.definitions(
                [
                    ("Question it answers", metric.asks),
                    ("What it is", text.summary),
                    *(("When it misleads and what it rests on", each) for each in text.account),
                    ("What comes back", text.gives),
                    ("Reference", metric.reference),
                ]
            )
        )
        if text.example:
            st.html(markup.definitions([("Worked example", "")]))
            st.code(text.example, language="python")
    with right:
        low, high = (f"{end:g}".replace("inf", "∞") for end in metric.range)
        meanings = {option.name: option.meaning for option in text.options}
        options = [
            (name, ", ".join(allowed) or meanings.get(name) or OPEN_OPTIONS.get(name, "a text"))
            for name, allowed in metric.options.items()
        ]
        st.html(
            markup.definitions(
                [
                    ("Id", metric.id),
                    ("Range and unit", f"{low} to {high}, {metric.unit}"),
                    ("Better is", metric.direction),
                    ("Levels of measurement", ", ".join(metric.levels)),
                    ("Kinds of batches", ", ".join(metric.kinds)),
                    ("Computed from", metric.statistic),
                    ("Used for", metric.health),
                    ("On the command line", f"batchgate metric {metric.id} --batch BATCH"),
                ]
            )
        )
        st.html(markup.options_table(options))


main()
