"""Golden items on the Annotators page: accuracy by difficulty and over time, calibration due."""

from collections.abc import Sequence
from math import isfinite

import streamlit as st

from app import charts, components, markup, state
from app.annotators import AnnotatorRow, Annotators
from app.calibrating import Calibrations, Effect
from app.text import counted, estimate_text, figure
from app.views import annotator_answers
from metrics.control_charts import LANEY_SUBGROUPS, ControlChart, p_chart
from metrics.estimates import Estimate
from metrics.probes import (
    ProbeAnswers,
    Stratum,
    by_stratum,
    expected_of,
    golden_accuracy,
    has_difficulty,
    own_accuracy,
)
from queries.batches import BatchInfo

REFERENCE_WORDS = {"golden": "golden items", "others": "agreement with the others"}
SHORT_WORDS = {"golden": "golden", "others": "agreement"}


def golden(batch: BatchInfo, report: Annotators) -> None:
    """Draw accuracy on golden items by difficulty and week, suspect items, and calibration."""
    question = components.chosen_question(batch)
    answers = annotator_answers.golden((batch,), question.name)
    _courses(answers, f"on {question.name}", key="crew")
    _suspects(batch, report)
    _calibration(batch, report)


def own_golden(batches: Sequence[BatchInfo], row: AnnotatorRow) -> None:
    """Draw one person's accuracy on golden items beside everybody's, question by question."""
    names = dict.fromkeys(question.name for batch in batches for question in batch.questions)
    found = {name: annotator_answers.golden(tuple(batches), name) for name in names}
    met = {
        name: table
        for name, table in found.items()
        if table is not None and len(table.of(row.person_key).count)
    }
    if not met:
        st.html(markup.heading("Golden items"))
        st.html(markup.missing("No golden item", "This person answered none with a known answer."))
        return
    for name, table in met.items():
        own = own_accuracy(table, row.person_key)
        usual = expected_of(table, row.person_key)
        note = f"on {name} · {estimate_text(own)} of {counted(own.n, own.n_unit)}"
        if isfinite(usual):
            note += f" · the others reach {figure(usual)} on these items"
        _courses(table, note, key=f"own_{name}", row=row)


def _courses(
    answers: ProbeAnswers | None, note: str, *, key: str, row: AnnotatorRow | None = None
) -> None:
    if answers is None or not len(answers.count):
        st.html(markup.heading("Golden items", note))
        st.html(
            markup.missing(
                "Nobody answered a golden item",
                "Accuracy needs items whose right answer is known before.",
                "[[probe]] in a mapping, or probes.* in a bundle",
            )
        )
        return
    person = row.person_key if row else None
    name = row.annotator_id if row else ""
    if row is None:
        note += f" · {estimate_text(golden_accuracy(answers))}"
    st.html(markup.heading("Golden items", note))
    left, right = st.columns(2, gap="large")
    hard = "the attribute difficulty" if has_difficulty(answers) else "how the others did on them"
    with left:
        strata = by_stratum(answers, "difficulty", person=person)
        _course(strata, "By difficulty", hard, key=f"{key}_difficulty", name=name)
    with right:
        strata = by_stratum(answers, "week", person=person)
        _course(strata, "By week", "weeks begin on Monday", key=f"{key}_week", name=name)


def _course(strata: Sequence[Stratum], title: str, note: str, *, key: str, name: str) -> None:
    st.html(markup.heading(title, note))
    if not strata:
        st.html(markup.missing("Cannot be split", "The answers have no time or no difficulty."))
        return
    control = _control(strata, name) if title == "By week" else None
    st.plotly_chart(
        charts.course(strata, components.palette(), own=name, control=control),
        key=f"{key}_chart",
        width="stretch",
        config=components.CHART,
        alt=f"Accuracy on golden items {title.lower()}, the figures are in the table below",
    )
    if control is not None:
        st.caption(_weeks_outside(control, strata))
    own = {name: [_told(one.own) for one in strata]} if name else {}
    components.plain_table(
        {
            title.removeprefix("By "): [one.name for one in strata],
            **own,
            "everybody": [_told(one.crew) for one in strata],
            "answers": [one.crew.n for one in strata],
        },
        key=f"{key}_table",
    )


def _control(strata: Sequence[Stratum], name: str) -> ControlChart:
    """Chart the weeks of the person shown, else of everybody, with limits by their own scatter."""
    shown = [(one.own if name else one.crew) or Estimate() for one in strata]
    sizes = [one.n for one in shown]
    right = [round(one.value * one.n) if one.n else 0 for one in shown]
    measured = p_chart(right, sizes, laney=True)
    # Too few weeks to measure a scatter: that of chance alone, and the caption says so.
    return measured if measured.status == "ok" else p_chart(right, sizes, exact=True)


def _weeks_outside(control: ControlChart, strata: Sequence[Stratum]) -> str:
    if control.status != "ok":
        return f"No control limits: {control.reason}."
    scatter = (
        "the scatter between weeks (Laney)"
        if control.method.endswith("Laney")
        else f"chance alone; under {LANEY_SUBGROUPS} weeks usual ups and downs cannot be measured"
    )
    outside = [one.name for one, is_out in zip(strata, control.signals, strict=True) if is_out]
    found = f"Outside: {', '.join(outside)}." if outside else "No week is outside."
    return f"{found} Dotted: control limits of three sigma by {scatter}."


def _told(estimate: Estimate | None) -> str:
    if estimate is None or estimate.status == "undefined":
        return "–"
    return estimate_text(estimate) + ("" if estimate.status == "ok" else " ◐")


def _suspects(batch: BatchInfo, report: Annotators) -> None:
    """Draw golden items that most people contradict: the expected answer may be the fault."""
    note = "most people gave one other answer: check the expected one before blaming anybody"
    st.html(markup.heading("Suspect golden items", note))
    if not report.suspects:
        st.html(
            markup.missing(
                "No golden item is suspect",
                "No planted item is contradicted by most of its answers in one voice.",
            )
        )
        return
    picked = components.rows(
        {
            "item": [one.item_id for one in report.suspects],
            "question": [one.question for one in report.suspects],
            "type": [one.type for one in report.suspects],
            "expected": [one.expected for one in report.suspects],
            "most say": [one.rival for one in report.suspects],
            "missed": [f"{one.missed} of {one.answers}" for one in report.suspects],
        },
        key="suspects",
    )
    if picked is not None:
        one = report.suspects[picked]
        components.to_records(batch, batch.question(one.question), (), item=one.item_id)


def _calibration(batch: BatchInfo, report: Annotators) -> None:
    """Draw whose calibration is due, and what changed after sessions."""
    found = annotator_answers.calibrations(batch)
    note = "due after 28 days or 1,000 answers, or where others had a session and one had none"
    st.html(markup.heading("Calibration", note))
    if not found.is_recorded:
        st.html(
            markup.missing(
                "No calibration or training is recorded",
                "A session is an event with who attended, when, and the activity calibration or "
                "training.",
                f"events.csv with actor_id, at, activity; batchgate import events.csv --format "
                f"bundle --batch {batch.batch_id} --add",
            )
        )
        return
    _crew_effects(found)
    rows = sorted(
        (row for row in report.rows if row.person_key in found.due),
        key=lambda row: (found.due[row.person_key].is_due is not True, row.annotator_id),
    )
    picked = components.rows(
        {
            "annotator": [row.annotator_id for row in rows],
            "calibration": [_due_words(found, row) for row in rows],
            "why": [found.due[row.person_key].why for row in rows],
            "after the last session": [_best_known(found, row) for row in rows],
        },
        key="due",
    )
    if picked is not None:
        name = rows[picked].annotator_id
        st.switch_page(state.ANNOTATORS, query_params=state.link(batch.batch_id, annotator=name))


def _crew_effects(found: Calibrations) -> None:
    for (question, reference), estimate in sorted(found.crew.items()):
        if estimate.status == "undefined":
            continue
        title = f"Change after a session, {REFERENCE_WORDS[reference]} on {question}:"
        thin = f" · {estimate.reason}" if estimate.reason else ""
        told = f"{estimate_text(estimate)} over {counted(estimate.n, estimate.n_unit)}{thin}"
        st.html(markup.note(title, told))


def own_calibration(batch: BatchInfo, row: AnnotatorRow) -> None:
    """Draw when one person was last calibrated, and what changed after it."""
    found = annotator_answers.calibrations(batch)
    due = found.due.get(row.person_key)
    st.html(markup.heading("Calibration and training", "before and after the last session"))
    if due is None or due.is_due is None:
        why = due.why if due else "no calibration or training is recorded"
        st.html(markup.missing("Not known", f"{why[:1].upper()}{why[1:]}."))
        return
    st.html(markup.note("⚑ due" if due.is_due else "✔ not due", due.why))
    effects = found.effects.get(row.person_key, ())
    if not effects:
        st.html(
            markup.missing(
                "Nothing to compare",
                "No answer with a time to a golden item or to an item of others, on either side.",
            )
        )
        return
    components.plain_table(
        {
            "held against": [REFERENCE_WORDS[one.reference] for one in effects],
            "question": [one.question for one in effects],
            "before": [_side(one, "before") for one in effects],
            "after": [_side(one, "after") for one in effects],
            "difference": [_told(one.found.difference) for one in effects],
            "": [_verdict(one) for one in effects],
        },
        key="before_after",
    )


def _side(effect: Effect, side: str) -> str:
    estimate = getattr(effect.found, side)
    return f"{_told(estimate)} of {estimate.n:,}" if estimate.n else "–"


def _verdict(effect: Effect) -> str:
    difference = effect.found.difference
    if difference.status != "ok":
        return f"◐ {difference.reason}"
    if difference.low > 0:
        return "✔ better after it"
    if difference.high < 0:
        return "✖ worse after it"
    return "◐ no difference can be seen"


def _due_words(found: Calibrations, row: AnnotatorRow) -> str:
    is_due = found.due[row.person_key].is_due
    return "○ not known" if is_due is None else "⚑ due" if is_due else "✔ not due"


def _best_known(found: Calibrations, row: AnnotatorRow) -> str:
    effects = found.effects.get(row.person_key, ())
    known = [one for one in effects if one.found.difference.status == "ok"]
    if not known:
        return "–"
    one = known[0]
    return f"{_told(one.found.difference)} {SHORT_WORDS[one.reference]}"
