"""Parts of the page Soundness: the numbers, what they are made of, and the items behind them."""

from collections.abc import Mapping

import streamlit as st

from app import components, markup, soundness, state
from app.catalog import METRICS
from app.markup.texts import text_row
from app.text import counted, percent
from app.views import soundness_data
from metrics.estimates import Estimate
from metrics.intervals import proportion
from queries.batches import BatchInfo

PER_PAGE = 25
Found = Mapping[str, Estimate]
FILTERS = ("check", "risk", "strategy", "tone", "opening", "code", "form")
_PART_OF = {
    "over_refusal_share": "refusals",
    "under_refusal_share": "refusals",
    "boilerplate_share": "openings",
    "format_error_share": "forms",
    "rubric_masked_share": "rubric",
    "regression_pass_rate": "checks",
    "double_review_share": "checks",
    "four_element_share": "checks",
    "happy_path_share": "checks",
}


def everything(batch: BatchInfo, found: Found) -> None:
    """Draw every share with its interval, those that are not known below."""
    shares = {name: one for name, one in found.items() if METRICS[name].unit == "share"}
    known = {name: one for name, one in shares.items() if one.status in {"ok", "insufficient"}}
    on = markup.axis(known.values(), within=(0.0, 1.0))
    st.html(markup.heading("All signs", "each is one number of the catalogue; none is a verdict"))
    with st.container(gap=None):
        components.line_head("signs", markup.forest_head("sign", on))
        for name in [*known, *(name for name in shares if name not in known)]:
            components.line(
                f"sign_{name}",
                markup.forest_row(METRICS[name].title, shares[name], on, under=METRICS[name].asks),
                state.SOUNDNESS,
                "look",
                state.link(batch.batch_id, part=_PART_OF.get(name)),
            )
    _complexity(found["length_complexity"])


def refusals(batch: BatchInfo, found: Found) -> None:
    """Draw refusals against risk, their tones, and how well words tell them."""
    rows = soundness_data.table(batch, "refusal_counts")
    if not rows:
        _nothing("No response was imported", "Refusals are told from responses.")
        return
    st.html(markup.heading("Refusals against risk", "by the attribute where there is one"))
    pairs = {name: found[name] for name in ("over_refusal_share", "under_refusal_share")}
    on = markup.axis(pairs.values(), within=(0.0, 1.0))
    with st.container(gap=None):
        components.line_head("refusals", markup.forest_head("share", on))
        for name, one in pairs.items():
            drawn = markup.forest_row(METRICS[name].title, one, on, under=METRICS[name].asks)
            _line(batch, f"refusal_{name}", drawn, check=name.removesuffix("_share"))
    st.html(markup.heading("Strategies and tones", "tone: how a refusal reads, by stated patterns"))
    mix: dict[tuple[str, str, str], int] = {}
    for row in rows:
        key = (row["risk"] or "not stated", row["strategy"] or "not stated", row["tone"] or "none")
        mix[key] = mix.get(key, 0) + row["responses"]
    components.plain_table(
        {
            "risk": [key[0] for key in mix],
            "strategy": [key[1] for key in mix],
            "tone": [key[2] for key in mix],
            "responses": list(mix.values()),
        },
        key="refusal_mix",
    )
    errors = soundness.detector(rows)
    if errors["found"].total or errors["false alarms"].total:
        told = "; ".join(
            f"{name}: {_share_text(counts.inside, counts.total)}" for name, counts in errors.items()
        )
        lead = "Words are a heuristic: against the attribute they are wrong this often."
        st.html(markup.note(lead, told))
        _link(batch, "responses that read otherwise", check="misread")
    _link(batch, "all refusals", check="refusal")


def openings(batch: BatchInfo, found: Found) -> None:
    """Draw the commonest openings, each leading to its items."""
    rows = soundness_data.table(batch, "opening_counts")[:PER_PAGE]
    if not rows:
        _nothing("No opening to compare", "No response has four words.")
        return
    alike = found["boilerplate_share"].provenance.get("two_alike", 0.0)
    note = f"two responses begin alike with a chance of {percent(float(alike), 1)}"
    st.html(markup.heading("Commonest first words", note))
    shares = [proportion(row["responses"], row["total"], n_unit="responses") for row in rows]
    on = markup.axis(shares, within=(0.0, 1.0))
    with st.container(gap=None):
        components.line_head("openings", markup.forest_head("opening", on))
        for place, (row, share) in enumerate(zip(rows, shares, strict=True)):
            drawn = markup.forest_row(
                row["opening"], share, on, under=counted(row["responses"], "responses")
            )
            _line(batch, f"opening_{place}", drawn, check="opening", opening=row["opening"])


def forms(batch: BatchInfo, found: Found) -> None:
    """Draw machine codes by the form that was asked for."""
    rows = [row for row in soundness_data.table(batch, "format_counts") if row["asked_form"]]
    if not rows:
        _nothing("No form was asked for", found["format_error_share"].reason)
        return
    st.html(markup.heading("Format errors", "machine codes by the attribute output_format"))
    totals: dict[str, int] = {}
    for row in rows:
        totals[row["asked_form"]] = totals.get(row["asked_form"], 0) + row["responses"]
    wrong = [row for row in rows if row["code"]]
    shares = [
        proportion(row["responses"], totals[row["asked_form"]], n_unit="responses") for row in wrong
    ]
    if not wrong:
        st.html(markup.note("Every response has the form that was asked for.", ""))
    on = markup.axis(shares, within=(0.0, 1.0))
    with st.container(gap=None):
        for place, (row, share) in enumerate(zip(wrong, shares, strict=True)):
            drawn = markup.forest_row(f"{row['asked_form']}: {row['code']}", share, on)
            asked = {"check": "format", "form": row["asked_form"], "code": row["code"]}
            _line(batch, f"form_{place}", drawn, **asked)


def rubric(batch: BatchInfo, found: Found) -> None:
    """Draw how often each dimension is too low, and how often the mean hides it."""
    rows = soundness_data.table(batch, "rubric_counts")
    one = found["rubric_masked_share"]
    if not rows:
        _nothing("Nothing can be hidden", one.reason)
        return
    floor, enough = soundness.FLOOR, soundness.ENOUGH
    st.html(markup.heading("Dimensions", f"floor {floor:g}, the mean passes from {enough:g}"))
    components.plain_table(
        {
            "dimension": [row["question"] or "any" for row in rows],
            "mean": [round(row["scores"] / row["items"], 2) for row in rows],
            "items": [row["items"] for row in rows],
            "under the floor": [row["low"] for row in rows],
            "hidden by a passing mean": [row["masked"] for row in rows],
        },
        key="rubric",
    )
    _link(batch, "items with a hidden dimension", check="masked")


def checks(batch: BatchInfo, found: Found) -> None:
    """Draw checks by version, double review, and the parts demonstrations have."""
    names = ("regression_pass_rate", "double_review_share", "four_element_share")
    on = markup.axis([found[name] for name in names], within=(0.0, 1.0))
    st.html(markup.heading("Checks", "from signals, reviews and the parts of each item"))
    for name in names:
        st.html(markup.forest_row(METRICS[name].title, found[name], on, under=METRICS[name].asks))
    for key, title in (("failure_counts", "Failure classes"), ("double_review_counts", "Reviews")):
        rows = soundness_data.table(batch, key)
        if rows:
            st.html(markup.heading(title, "by version" if key == "failure_counts" else "by risk"))
            components.plain_table({name: [row[name] for row in rows] for name in rows[0]}, key=key)


def items(batch: BatchInfo) -> None:
    """Draw the items behind a number, each leading to its record."""
    st.title("Which items stand behind it?", anchor=False)
    asked = {name: value for name in FILTERS if (value := state.param(name))}
    offset = (state.page_param() - 1) * PER_PAGE
    is_masked = asked.get("check") == "masked"
    rows = state.store().fetch(
        "masked_items" if is_masked else "sound_items",
        soundness.scope_of(batch.batch_id, state.viewer()),
        **({} if is_masked else asked),
        limit=PER_PAGE,
        offset=offset,
    )
    with st.container(horizontal=True, vertical_alignment="center", key="chips"):
        for name, value in asked.items():
            st.html(markup.chip(f"{name}: {value.replace('_', ' ')}"), width="content")
        st.page_link(state.SOUNDNESS, label="← soundness", query_params=state.link(batch.batch_id))
    if not rows.num_rows:
        _nothing("No item fits", "Nothing meets everything asked for above.")
        return
    total = rows["total"][0].as_py()
    st.html(markup.heading(counted(total, "items"), "by item"))
    with st.container(gap=None):
        for place, row in enumerate(rows.to_pylist()):
            if is_masked:
                text = f"{row['question']} {row['score']:.2g} under a mean of {row['mean']:.2g}"
                _record(batch, f"item_{place}", row["item_id"], "", text)
            else:
                _record(
                    batch,
                    f"item_{place}",
                    row["item_id"],
                    row["code"] or row["strategy"],
                    row["text"],
                )
    components.page_buttons(total, PER_PAGE)


def _complexity(one: Estimate) -> None:
    if one.status == "ok":
        told = f"rank correlation {one.value:.2f} [{one.low:.2f}, {one.high:.2f}]"
        st.html(markup.note("Length against complexity", f"{told}, {counted(one.n, 'items')}"))


def _share_text(inside: int, total: int) -> str:
    one = proportion(inside, total)
    if one.status != "ok":
        return "none to look at"
    return f"{percent(one.value, 1)} [{percent(one.low, 1)}, {percent(one.high, 1)}] of {total}"


def _line(batch: BatchInfo, key: str, row: str, **asked: str) -> None:
    address = state.link(batch.batch_id, where=(), list="items", **asked)
    components.line(key, row, state.SOUNDNESS, "items", address)


def _link(batch: BatchInfo, label: str, **asked: str) -> None:
    address = state.link(batch.batch_id, where=(), list="items", **asked)
    st.page_link(state.SOUNDNESS, label=f"{label} →", query_params=address)


def _record(batch: BatchInfo, key: str, item: str, under: str, text: str | None) -> None:
    row = text_row(item, under or "", text or "")
    components.line(key, row, state.RECORDS, "record", state.link(batch.batch_id, item=item))


def _nothing(title: str, why: str) -> None:
    st.html(markup.missing(title, why))
