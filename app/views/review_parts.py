"""Parts of the Reviewers page: overturns, stages, second reviewers, known answers, disputes."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from typing import cast

import streamlit as st

from app import components, markup, state
from app.review_words import SELECTION_WORDS, passage_words, place_of, stage_name
from app.reviewers import Report
from app.text import count, counted, estimate_text, figure, percent
from metrics.hui_walter import HuiWalter, hui_walter
from metrics.known_answers import caught
from metrics.review import (
    STAGES,
    Breach,
    By,
    Rate,
    directions,
    overturn_rates,
    self_reviews,
    silent_edits,
    without_own,
)
from metrics.review_pairs import crew_counts, double_blind, hui_walter_counts, passages, peers
from metrics.review_tables import SELECTIONS
from queries.batches import BatchInfo

SHOWN = 30
REPLICATES = 400
BY = {
    "reviewer": "by reviewer",
    "annotator": "by annotator",
    "before": "by label under review",
    "blind": "blind or open",
}
BLIND_WORDS = {"true": "blind", "false": "answer seen", "": "not said whether blind"}
UNSET = "(none)"


def overturns(batch: BatchInfo, report: Report, question: str | None) -> None:
    """Draw overturn rates of every stage and selection, split, and their directions."""
    reviews = without_own(report.tables.reviews)
    note = "of the decided reviews · drawn at random, all and flagged answers are never added up"
    st.html(markup.heading("Overturned", note))
    rate_lines(batch, overturn_rates(reviews), question, key="stage")
    by = components.choice("by", "Split", BY)
    st.html(markup.heading(BY[by].capitalize(), "compare inside one stage and selection only"))
    rates = overturn_rates(reviews, cast("By", by))
    words = (
        report.names if by in {"reviewer", "annotator"} else BLIND_WORDS if by == "blind" else {}
    )
    rate_lines(batch, rates, question, key="split", by=by, names=words)
    _directions(batch, report, question)


def rate_lines(
    batch: BatchInfo,
    rates: Sequence[Rate],
    question: str | None,
    *,
    key: str,
    by: str = "",
    names: dict[str, str] | None = None,
    reviewer: str | None = None,
) -> None:
    """Draw rates as lines, each leading to the reviews behind it."""
    if by in {"reviewer", "annotator"}:
        rates = sorted(rates, key=lambda one: _in_order(one, names or {}))
    on = markup.axis((rate.estimate for rate in rates), within=(0.0, 1.0))
    with st.container(gap=None):
        components.line_head(f"{key}_rates", markup.forest_head("stage and selection", on))
        for place, rate in enumerate(rates[:SHOWN]):
            group = (names or {}).get(rate.group, rate.group) or "not said"
            asked = {"stage": rate.stage, "selection": rate.selection}
            if by == "before":
                asked["before"] = rate.group
            elif by == "annotator":
                asked["annotator"] = group
            who = group if by == "reviewer" else reviewer
            components.line(
                f"{key}_rate_{place}",
                markup.forest_row(
                    group if by else place_of(rate),
                    rate.estimate,
                    on,
                    under=place_of(rate) if by else "",
                ),
                state.REVIEWERS,
                "reviews",
                reviews_address(batch, question, reviewer=who, **asked),
            )
    if len(rates) > SHOWN:
        st.caption(f"the first {SHOWN} of {count(len(rates))}; all are in the command's JSON")


def _in_order(rate: Rate, names: Mapping[str, str]) -> tuple[int, int, str]:
    """Return the place of a rate: stages in the order of the work, people by name."""
    known = STAGES.index(rate.stage), SELECTIONS.index(rate.selection)
    return *known, names.get(rate.group, "")


def reviews_address(
    batch: BatchInfo, question: str | None, *, reviewer: str | None = None, **asked: str
) -> state.Link:
    """Return the address of the reviews behind a number; an empty value is asked for as such."""
    address = dict(state.link(batch.batch_id, question=question, reviewer=reviewer, list="reviews"))
    return {**address, **asked}


def _directions(batch: BatchInfo, report: Report, question: str | None) -> None:
    found = directions(report.tables.reviews)
    st.html(markup.heading("What was turned into what", "a row leads to the reviews"))
    if not found:
        st.html(markup.missing("Nothing was overturned", "No review changed or refused an answer."))
        return
    total = sum(one.count for one in found)
    shown = found[:SHOWN]
    picked = components.rows(
        {
            "before": [one.before or UNSET for one in shown],
            "after": [one.after or "refused" for one in shown],
            "stage": [stage_name(one.stage) for one in shown],
            "selection": [SELECTION_WORDS.get(one.selection, one.selection) for one in shown],
            "reviews": [one.count for one in shown],
            "share of overturned": [percent(one.count, total) for one in shown],
        },
        key="directions",
    )
    if picked is not None:
        one = shown[picked]
        asked = {"stage": one.stage, "selection": one.selection, "outcome": "overturned"}
        asked |= {"before": one.before, "after": one.after}
        st.switch_page(state.REVIEWERS, query_params=reviews_address(batch, question, **asked))


def stages(batch: BatchInfo, report: Report, question: str | None) -> None:
    """Draw what later stages made of earlier ones: escapes, reversals, McNemar's test."""
    found = passages(report.tables.pairs)
    note = "what an earlier stage accepted and a later one overturned"
    st.html(markup.heading("Escapes", note))
    if not found:
        st.html(
            markup.missing(
                "No answer was reviewed at two stages",
                "What a stage lets through shows only where another one looks again.",
            )
        )
        return
    on = markup.axis((one.escapes for one in found), within=(0.0, 1.0))
    with st.container(gap=None):
        components.line_head("escapes", markup.forest_head("from stage to stage", on))
        for place, one in enumerate(found):
            drawn = SELECTION_WORDS.get(one.selection, one.selection)
            components.line(
                f"escape_{place}",
                markup.forest_row(
                    f"{stage_name(one.stage)} → {stage_name(one.later)}",
                    one.escapes,
                    on,
                    under=drawn,
                ),
                state.REVIEWERS,
                "reviews",
                reviews_address(
                    batch,
                    question,
                    stage=one.later,
                    selection=one.selection,
                    outcome="overturned",
                ),
            )
    st.html(markup.heading("Both verdicts", "on the same answer · counts of answers"))
    components.plain_table(
        {
            "from": [stage_name(one.stage) for one in found],
            "to": [stage_name(one.later) for one in found],
            "chosen": [SELECTION_WORDS.get(one.selection, one.selection) for one in found],
            "accepted twice": [one.table[0][0] for one in found],
            "accepted, then overturned": [one.table[0][1] for one in found],
            "overturned, then accepted": [one.table[1][0] for one in found],
            "overturned twice": [one.table[1][1] for one in found],
            "decisions reversed": [estimate_text(one.reversed) for one in found],
            "which lets more pass": [passage_words(one) for one in found],
        },
        key="passages",
    )


def second(batch: BatchInfo, report: Report, question: str | None) -> None:
    """Draw reviewers against each other, and how good they are without a key."""
    found = peers(report.tables.pairs)
    note = "same answer, same stage · only blind pairs measure agreement"
    st.html(markup.heading("Two reviewers on one answer", note))
    if not found:
        st.html(
            markup.missing(
                "No answer was reviewed twice at one stage",
                "Without double reviews nobody knows whether reviewers would agree.",
                f"batchgate sample draw --purpose blind-review --batch {batch.batch_id} --n 100"
                " --reviewer A --reviewer B --reviewer C",
            )
        )
        return
    shown = sorted(found, key=lambda one: (one.blind != "true", one.agreement.value))[:SHOWN]
    on = markup.axis((one.agreement for one in shown), within=(0.0, 1.0))
    with st.container(gap=None):
        components.line_head("peers", markup.forest_head("same verdict", on))
        for place, one in enumerate(shown):
            first, other = (report.names.get(key, "") for key in (one.first, one.second))
            kappa = f"κ {figure(one.kappa)}" if isfinite(one.kappa) else "κ not defined"
            components.line(
                f"peer_{place}",
                markup.forest_row(
                    f"{first} and {other}",
                    one.agreement,
                    on,
                    under=f"{stage_name(one.stage)} · {BLIND_WORDS[one.blind]} · {kappa}",
                ),
                state.REVIEWERS,
                "look",
                state.link(batch.batch_id, question=question, reviewer=first),
            )
    if len(found) > SHOWN:
        st.caption(f"the {SHOWN} least agreeing of {count(len(found))} pairs, blind ones first")
    _without_key(report)


def _without_key(report: Report) -> None:
    """Draw sensitivity and specificity without a key: of two reviewers, else of the crew."""
    note = "Hui and Walter · two blind reviews of each answer, annotators as populations"
    st.html(markup.heading("How good without a key", note))
    pairs = double_blind(report.tables.pairs)
    for first, other, _ in pairs[:1]:
        groups, counts = hui_walter_counts(report.tables.pairs, first, other)
        if len(groups) > 1:
            fit = hui_walter(counts, replicates=REPLICATES)
            _fitted(fit, [report.names.get(key, "") for key in (first, other)])
            return
    groups, shared = crew_counts(report.tables.pairs)
    if len(groups) > 1:
        _fitted(hui_walter(shared, replicates=REPLICATES), ["an average reviewer of the crew"])
        return
    st.html(
        markup.missing(
            "Too few blind pairs" if pairs else "No blind pair",
            "The model needs answers of two or more annotators that two reviewers judged blind, 20 "
            "or more of each annotator.",
        )
    )


def _fitted(fit: HuiWalter, names: Sequence[str]) -> None:
    if fit.status != "ok":
        st.html(markup.missing("Not defined here", fit.reason))
        return
    components.plain_table(
        {
            "reviewer": list(names),
            "catches (sensitivity)": [_limits(fit, "sensitivity", at) for at in range(len(names))],
            "passes (specificity)": [_limits(fit, "specificity", at) for at in range(len(names))],
            "the other mode, Se + Sp < 1": [
                f"Se {figure(fit.mirror.sensitivity[at])}, Sp {figure(fit.mirror.specificity[at])}"
                for at in range(len(names))
            ],
        },
        key="without_key",
    )
    misfit = f" · misfit p = {figure(fit.misfit_p, 3)}" if isfinite(fit.misfit_p) else ""
    st.caption(
        f"{counted(fit.n, 'answers')} · {fit.agreeing} of {fit.starts} starts end here{misfit} · "
        "the counts support the other mode equally; it says that reviewers are wrong more often "
        "than right. Errors must not depend on each other: what both find hard makes both look "
        "better."
    )


def _limits(fit: HuiWalter, name: str, place: int) -> str:
    value, low, high = (float(getattr(mode, name)[place]) for mode in (fit.mode, fit.low, fit.high))
    return f"{figure(value)} [{figure(low)}, {figure(high)}]" if isfinite(low) else figure(value)


def known(batch: BatchInfo, report: Report, question: str | None) -> None:
    """Draw catch rates and specificity on answers of which the truth is known."""
    found = caught(report.tables.known)
    if not found:
        st.html(
            markup.missing(
                "No reviewed answer has a known truth",
                "Catch rates need golden, trap or reference items whose answers were reviewed, and "
                "reviews that say which answer they were shown.",
            )
        )
        return
    for title, name, note in (
        ("Caught", "sensitivity", "share of wrong answers overturned or escalated"),
        ("Passed", "specificity", "share of right answers accepted"),
    ):
        estimates = [getattr(one, name) for one in found]
        on = markup.axis(estimates, within=(0.0, 1.0))
        st.html(markup.heading(title, f"{note} · kinds of known answers apart"))
        with st.container(gap=None):
            components.line_head(name, markup.forest_head("reviewer", on))
            for place, (one, estimate) in enumerate(zip(found, estimates, strict=True)):
                who = report.names.get(one.reviewer, "")
                components.line(
                    f"{name}_{place}",
                    markup.forest_row(who or "everybody", estimate, on, under=f"{one.type} items"),
                    state.REVIEWERS,
                    "look" if who else "reviews",
                    state.link(batch.batch_id, question=question, reviewer=who)
                    if who
                    else reviews_address(batch, question),
                )


def integrity(batch: BatchInfo, report: Report, question: str | None) -> None:
    """Draw the checks that must find nothing."""
    st.html(markup.heading("Must be none", "each leads to the reviews or items it found"))
    reviews = report.tables.reviews
    unseen = state.listing(batch, "unseen_items", limit=SHOWN)
    rows = (
        ("reviews of one's own answers", _by_name(report, self_reviews(reviews)), "own"),
        (
            "accepted, and yet changed (silent edits)",
            _by_name(report, silent_edits(reviews)),
            "silent",
        ),
    )
    with st.container(gap=None):
        # Without reviews nothing was checked: none found would read as a pass.
        for place, (title, found, check) in enumerate(() if report.tables.is_empty else rows):
            components.line(
                f"integrity_{place}",
                markup.check_row(
                    title,
                    sum(found.values()),
                    ", ".join(f"{name} {number}" for name, number in found.most_common(6)),
                ),
                state.REVIEWERS,
                "reviews",
                reviews_address(batch, question, check=check),
            )
        number = unseen["total"][0].as_py() if unseen.num_rows else 0
        first = unseen["item_id"].to_pylist()[:3]
        components.line(
            "integrity_unseen",
            markup.check_row(
                "items on the word of models alone, seen by no person",
                number,
                ", ".join(first) + (" …" if number > len(first) else ""),
            ),
            state.REVIEWERS,
            "items",
            reviews_address(batch, question, check="unseen"),
        )


def _by_name(report: Report, breaches: Iterable[Breach]) -> Counter[str]:
    found: Counter[str] = Counter()
    for one in breaches:
        found[report.names.get(one.reviewer, "") or "not said"] += one.count
    return found
