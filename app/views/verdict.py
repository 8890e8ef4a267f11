"""Verdict page. May we accept this batch, and on what evidence."""

import streamlit as st

from app import components, markup, state
from app.audit import Audit, CriterionResult
from app.catalog import METRICS
from app.closeup import twice_judged
from app.evidence import EvidenceItem
from app.text import STATE_SHAPE, counted, digest, md_escape
from queries.batches import BatchInfo

GROUPS = {
    "traceable": "every record can be walked back to where it came from",
    "reviewable": "a second person can see why, and check it",
    "sustainable": "the next batch can be made and judged the same way",
}


def main() -> None:
    """Draw the verdict of one batch."""
    batch = components.chosen_batch()
    audit = state.audited(batch)
    attempt = f"attempt {batch.attempt}" if batch.attempt else ""
    standard = f"standard {audit.standard.name} {audit.standard.version}"
    vendor = f"vendor {batch.vendor}" if batch.vendor else ""
    st.html(markup.crumb("Decide / Verdict", batch.batch_id, batch.kind, vendor, attempt, standard))
    question = state.param("question")
    if question:
        components.chosen_question(batch)
    settles = [
        f"{_subject(row)}: {row.settle}" for row in audit.criteria if row.settle and row.blocks
    ]
    st.html(markup.banner(audit.verdict, audit.reason, settles[0] if settles else ""))
    st.html(markup.facts(_facts(batch)))
    _criteria(batch, audit, question)
    left, right = st.columns(2, gap="large")
    with left:
        _settle(audit, question)
        _fit_for(audit)
        _losses(batch)
    with right:
        st.html(markup.heading("Traceable · reviewable · sustainable"))
        for name, text in GROUPS.items():
            _group(batch, name, text, getattr(audit, name))
    _standard(batch, audit)


def _facts(batch: BatchInfo) -> list[markup.Fact]:
    planned = f"of {batch.planned_items:,} planned" if batch.planned_items else "no plan given"
    people = counted(batch.annotators, "annotators")
    lost = state.losses(batch)
    return [
        markup.Fact("items", f"{batch.items:,}", planned),
        markup.Fact("judgements", f"{batch.annotations:,}", people),
        *(
            markup.Fact("judged twice or more", f"{twice:,}", note)
            for twice, note in twice_judged(batch, state.overlaps(batch))
        ),
        markup.Fact(
            "lost on import",
            f"{lost.lost:,}",
            lost.tile_note,
            state="fail" if lost.is_heavy else "",
        ),
        markup.Fact(
            "guideline",
            batch.guideline_version or "not named",
            "of the batch" if batch.guideline_version else "no version came with the batch",
        ),
    ]


def _criteria(batch: BatchInfo, audit: Audit, question: str | None) -> None:
    rows = [row for row in audit.criteria if question in (None, row.question)]
    note = "worst first · 95 % intervals · the line is the threshold, good lies to the right"
    st.html(markup.heading("Criteria", note if not question else f"on {question} only · {note}"))
    if not rows:
        text = (
            "The standard asks nothing of this question."
            if question
            else ("The standard has no criterion, so nothing can be accepted on it.")
        )
        st.html(markup.missing("No criterion", text))
        return
    with st.container(gap=None):
        components.line_head("criteria", markup.criteria_head())
        for place, row in enumerate(rows):
            page, label, address = _why(batch, row)
            components.line(f"criterion_{place}", _criterion(row), page, label, address)


def _criterion(row: CriterionResult) -> str:
    options = ", ".join(value for _, value in row.options)
    kind = "counted, no test" if row.estimate.is_count else METRICS[row.metric].title
    under = (kind, options, row.severity, "open, as the rule allows" if row.is_allowed else "")
    return markup.criterion(
        title=_subject(row),
        under=" · ".join(filter(None, under)),
        state=row.state,
        estimate=row.estimate,
        limits=row.bound,
    )


def _subject(row: CriterionResult) -> str:
    place = ", ".join(f"{name} = {value}" for name, value in row.slice)
    return ", ".join(filter(None, (" on ".join(filter(None, (row.title, row.question))), place)))


def _why(batch: BatchInfo, row: CriterionResult) -> tuple[str, str, state.Link]:
    """Return the page that shows what is behind a row, what its link says, and its address."""
    page = METRICS[row.metric].page
    if page == "agreement":
        return state.AGREEMENT, "see why", _agreement(batch, row)
    # Of a cell that no item can be in there is nothing to see but what there is instead.
    where = row.slice if row.state != "missing" else ()
    if page == "records":
        return state.RECORDS, "items", state.link(batch.batch_id, where=where, list="items")
    address = state.link(batch.batch_id, where=where, question=row.question or None)
    return state.PAGES[page], "see why", address


def _agreement(batch: BatchInfo, row: CriterionResult) -> state.Link:
    # A dimension the batch does not have stands as `*`; there is no such slice to look at.
    where = tuple((name, value) for name, value in row.slice if value != "*")
    return state.link(
        batch.batch_id,
        where=where,
        question=row.question or None,
        metric=row.metric,
        criterion=row.id,
        part="slices" if where else None,
        by=where[0][0] if where else None,
    )


def _settle(audit: Audit, question: str | None) -> None:
    rows = [row for row in audit.criteria if question in (None, row.question)]
    notes = [
        markup.note(f"{STATE_SHAPE[row.state]} {_subject(row)}", text, state=row.state)
        for row in rows
        if (text := row.settle or (row.estimate.reason if row.state == "missing" else ""))
    ]
    nothing = markup.note(
        "✔ Nothing is open", "every criterion is decided by the evidence that is there"
    )
    st.html(markup.heading("What would settle it"))
    st.html(markup.stack(notes or [nothing]))


def _fit_for(audit: Audit) -> None:
    notes = [
        markup.note(f"✔ {use.use}", "what it needs is there", state="present")
        if use.fit
        else markup.note(f"○ {use.use}", " · ".join(use.reasons), state="missing")
        for use in audit.fit_for
    ]
    nothing = markup.note("–", f"a batch of kind {audit.kind} is not training data")
    st.html(markup.heading("Fit for", "as far as the records that a use needs are there"))
    st.html(markup.stack(notes or [nothing]))


def _group(batch: BatchInfo, name: str, meaning: str, items: tuple[EvidenceItem, ...]) -> None:
    """Draw what is there and what is not, with links to the items that lack something."""
    present = sum(item.state == "present" for item in items)
    worst = "contradictory" if any(item.state == "contradictory" for item in items) else "missing"
    word = "present" if present == len(items) else worst
    shape = {"present": "✔", "missing": "◐", "contradictory": "✖"}[word]
    title = f"{shape} {name.capitalize()} {present} of {len(items)}"
    absent = [item for item in items if item.state != "present"]
    with st.container(key=f"evidence_{name}", gap=None):
        whole = [_evidence(item) for item in absent if not item.lacks]
        st.html(markup.note(title, meaning, items=whole, state=word))
        for item in absent:
            if item.lacks:
                st.page_link(
                    state.RECORDS,
                    label=f"{md_escape(_evidence(item))} · items →",
                    query_params=state.link(batch.batch_id, lacks=item.lacks),
                )


def _evidence(item: EvidenceItem) -> str:
    have = f"only {item.count:,}" if item.count else "none"
    of = f"{have} of {item.denominator:,} {'has' if item.count < 2 else 'have'} it"
    told = ", ".join(filter(None, (of if item.denominator > 1 else "none", item.note)))
    return f"{item.state}: {item.name} ({told})"


def _losses(batch: BatchInfo) -> None:
    lost = state.losses(batch)
    parts = counted(len(batch.parts), "parts")
    st.html(markup.heading("Import", f"{parts} · what was dropped, changed or not understood"))
    notes = [markup.note(loss.title, items=loss.examples) for loss in lost.reasons]
    if lost.unknown:
        notes.append(markup.note("Not kept, because no mapping names it:", ", ".join(lost.unknown)))
    nothing = markup.note("✔ Nothing was lost", "every row of every file is in the batch")
    st.html(markup.stack(notes or [nothing]))


def _standard(batch: BatchInfo, audit: Audit) -> None:
    with st.expander(
        f"Standard {md_escape(audit.standard.name)} {md_escape(audit.standard.version)}"
        f" · {digest(audit.standard.sha256)}"
    ):
        owners = {row.owner for row in audit.criteria if row.owner}
        rows = [
            ("Standard", f"{audit.standard.name} {audit.standard.version}"),
            ("SHA-256 of the standard", audit.standard.sha256),
            ("SHA-256 of the data (batch digest)", batch.digest),
            ("SHA-256 of the evidence", audit.evidence_sha256),
            ("Owners of the criteria", ", ".join(sorted(owners))),
            *((f"Origin of {row.id}", row.origin) for row in _once(audit) if row.origin),
            ("On the command line", f"batchgate audit {batch.batch_id}"),
        ]
        st.html(markup.definitions([(name, value) for name, value in rows if value]))


def _once(audit: Audit) -> list[CriterionResult]:
    return list({row.id: row for row in audit.criteria}.values())


main()
