"""Soundness page. Are the texts sound: refusals, openings, forms, hidden scores, copies, topics?"""

from collections.abc import Callable, Mapping

import streamlit as st

from app import components, markup, state
from app.catalog import METRICS
from app.text import count, percent
from app.views import soundness_parts
from app.views.duplicate_parts import duplicates
from app.views.soundness_data import measured
from app.views.text_coverage_parts import text_coverage
from metrics.estimates import Estimate
from queries.batches import BatchInfo

Found = Mapping[str, Estimate]
PARTS: Mapping[str, tuple[str, Callable[[BatchInfo, Found], None]]] = {
    "all": ("all signs", soundness_parts.everything),
    "refusals": ("refusals", soundness_parts.refusals),
    "openings": ("openings", soundness_parts.openings),
    "forms": ("forms", soundness_parts.forms),
    "rubric": ("rubric", soundness_parts.rubric),
    "checks": ("checks", soundness_parts.checks),
    "copies": ("copies", lambda batch, _: duplicates(batch)),
    "topics": ("topics", lambda batch, _: text_coverage(batch)),
}
"""Parts of the page, in order: name in the address -> what the reader sees, and who draws it."""
_TILES: Mapping[str, str] = {
    "over_refusal_share": "harmless, and refused",
    "boilerplate_share": "begin with the same words",
    "format_error_share": "not in the form asked for",
    "rubric_masked_share": "pass with a dimension too low",
}


def main() -> None:
    """Draw the soundness of one batch, or the items behind one of its numbers."""
    batch = components.chosen_batch()
    st.html(markup.crumb("Evidence / Soundness", batch.batch_id))
    if state.param("list"):
        soundness_parts.items(batch)
        return
    st.title("Are the texts sound?", anchor=False)
    if not {"item.prompt", "response.text"} & batch.filled:
        st.html(
            markup.missing(
                "No text was imported with this batch",
                "Refusals, openings, forms and copies are told from prompts and responses.",
                f"batchgate import texts.jsonl --batch {batch.batch_id} --add",
            )
        )
        return
    found = measured(batch)
    st.html(markup.facts(_tile(metric, found[metric], note) for metric, note in _TILES.items()))
    names = {key: name for key, (name, _) in PARTS.items()}
    PARTS[components.choice("part", "Look closer", names)][1](batch, found)


def _tile(metric: str, estimate: Estimate, note: str) -> markup.Fact:
    known = estimate.status in {"ok", "insufficient"}
    shown = percent(estimate.value, 1) if known else "–"
    told = f"of {count(estimate.n)} {note}" if known else "not known"
    return markup.Fact(METRICS[metric].title.lower(), shown, told)


main()
