"""Coverage page. Which declared cells are short, and what is missing that nobody declared?"""

from collections.abc import Callable, Mapping

import streamlit as st

from app import components, markup
from app.coverage_report import Report
from app.coverage_words import lead
from app.text import count, counted, percent
from app.views import coverage_parts
from app.views.coverage_data import covered
from queries.batches import BatchInfo

Part = tuple[str, Callable[[BatchInfo, Report], None]]
PARTS: Mapping[str, Part] = {
    "cells": ("declared cells", coverage_parts.cells),
    "collect": ("what to collect next", coverage_parts.collect),
    "map": ("two attributes", coverage_parts.value_map),
    "gaps": ("undeclared gaps", coverage_parts.gaps),
    "values": ("values and diversity", coverage_parts.diversity),
}
"""Parts of the page, in order: name in the address -> what the reader sees, and who draws it."""


def main() -> None:
    """Draw the coverage of one batch."""
    batch = components.chosen_batch()
    report = covered(batch, least=coverage_parts.least(), reference=coverage_parts.reference(batch))
    st.html(markup.crumb("Evidence / Coverage", batch.batch_id, f"standard {report.standard}"))
    st.title("Which cells are short, and what is missing?", anchor=False)
    sign, headline, rest = lead(report)
    st.html(markup.note(headline, rest, state=sign))
    st.html(markup.facts(_tiles(report)))
    part = components.choice("part", "Look closer", {key: name for key, (name, _) in PARTS.items()})
    PARTS[part][1](batch, report)


def _tiles(report: Report) -> list[markup.Fact]:
    met, pairs = report.share_met, report.pairs
    required = [row for row in report.cells if row.target.is_required]
    short = sum(row.short for row in required)
    short_note = "in all declared cells together"
    return [
        markup.Fact(
            "accepted items",
            count(report.accepted),
            f"of {counted(report.ordinary, 'items')}",
        ),
        markup.Fact(
            "cells met",
            f"{count(round(met.value * met.n))} of {count(met.n)}" if met.status == "ok" else "–",
            "of those the standard needs" if met.status == "ok" else "no cell is declared",
            state="" if met.status != "ok" else "pass" if met.value == 1 else "fail",
        ),
        markup.Fact(
            "items short", count(short) if required else "–", short_note if required else ""
        ),
        markup.Fact(
            "pairs of values",
            percent(pairs.value, 1) if pairs.status == "ok" else "–",
            f"of {count(pairs.n)} possible occur" if pairs.status == "ok" else "under 2 attributes",
        ),
        markup.Fact(
            "uncovered patterns",
            count(report.gaps.total) if report.space.table.attributes else "–",
            f"with fewer than {counted(report.least, 'items')}",
        ),
    ]


main()
