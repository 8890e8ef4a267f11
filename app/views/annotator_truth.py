"""The part of the Annotators page on true labels that a model infers, and what it hangs on."""

import numpy as np
import streamlit as st

from app import components, markup, state
from app.annotators import Annotators
from app.text import count, counted, figure, percent
from app.truth import Inferred, inferred
from metrics.spammer import spammer_score
from queries.batches import BatchInfo


def model(batch: BatchInfo, report: Annotators) -> None:
    """Draw how far a model takes each person at their word, and what stands against the model."""
    question = components.chosen_question(batch)
    note = "Dawid and Skene: true labels and everybody's errors, inferred from each other"
    st.html(markup.heading("Whom a model believes", note))
    with st.spinner("Fitting the model, once for this state of the batch …"):
        found = inferred(state.store(), batch, question, state.viewer())
    if found is None:
        st.html(
            markup.missing(
                "No model for this question",
                "It takes labels without numbers or ranks, and no more than 24 of them.",
            )
        )
        return
    st.html(markup.facts(_tiles(found)))
    if found.remarks:
        lead = "Before anybody rests on this:"
        st.html(markup.note(lead, items=found.remarks, state="undecided"))
    _people(batch, report, found)


def _tiles(found: Inferred) -> list[markup.Fact]:
    fit = found.model
    return [
        markup.Fact("items", count(fit.items), f"{counted(len(fit.annotators), 'people')}"),
        markup.Fact(
            "labelled otherwise",
            percent(found.other_labels, 1),
            "of the items, than by plain majority",
        ),
        markup.Fact("voters", count(found.voters), "people who copied from each other are one"),
        markup.Fact("starts", count(1 + len(fit.modes)), _modes(found)),
    ]


def _modes(found: Inferred) -> str:
    better = len(found.model.better_modes)
    return f"{better} of them end more likely" if better else "none ends more likely"


def _people(batch: BatchInfo, report: Annotators, found: Inferred) -> None:
    """Draw everybody in the order of the model; a row leads to the person."""
    fit = found.model
    names = {row.person_key: row.annotator_id for row in report.rows}
    scores = spammer_score(fit.confusion)
    order = np.argsort(fit.accuracy, kind="stable")
    people = [names.get(fit.annotators[place], "") for place in order]
    picked = components.rows(
        {
            "annotator": people,
            "answers": [int(fit.seen[place]) for place in order],
            "right, as the model has it": [figure(fit.accuracy[place]) for place in order],
            "says something (0 to 1)": [figure(scores[place]) for place in order],
        },
        key="model",
    )
    st.caption(
        "No interval stands here: the model's own certainty leaves out that people err together."
        " The score on the list of people has one."
    )
    if picked is not None and people[picked]:
        address = state.link(batch.batch_id, annotator=people[picked])
        st.switch_page(state.ANNOTATORS, query_params=address)
