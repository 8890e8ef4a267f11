"""The command line's tables about drift."""

from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING

from app.console import console, safe, table
from app.drift import Drift, drift, reference_for
from app.drift_words import (
    STATE_WORDS,
    attribute_note,
    control_note,
    found,
    lead,
    other_note,
    place_name,
    points,
    size_note,
    state_of,
    why,
)
from app.shell import print_json
from app.text import chance
from app.text_drift import with_text
from queries.scope import Viewer
from queries.store import Store

if TYPE_CHECKING:
    from rich.table import Table


def show_drift(
    folder: Path,
    batch: str,
    against: str,
    question: str | None,
    *,
    control: int,
    text: bool,
    as_json: bool,
) -> None:
    """Print what moved between two batches, as a table or as JSON."""
    store, viewer = Store.open(folder), Viewer.owner()
    info = store.batch(batch, viewer)
    reference = reference_for(store, info, viewer, against)
    report = drift(store, info, reference, viewer, question=question, control=control)
    if text:
        report = with_text(store, info, reference, viewer, report)
    if as_json:
        print_json(report.to_json())
    else:
        print_drift(report)


def print_drift(report: Drift) -> None:
    """Print the lead, the slices, why they moved, and the other families."""
    screen = console()
    first, then = lead(report)
    screen.print(f"[bold]{safe(first)}[/bold] {safe(report.batch)} against {safe(report.against)}")
    if then:
        screen.print(safe(then))
    if report.results:
        screen.print(_slices(report))
    for one in report.results:
        split = one.decomposition
        if split is not None and (one.alarm.is_raised or (split.masks and not one.place)):
            screen.print(f"{safe(one.question)} {safe(place_name(one))}: {safe(why(split))}")
            if split.attribute:
                screen.print(f"  {safe(attribute_note(split))}", style="dim")
            if split.would_need:
                screen.print(f"  to tell them apart: {safe(split.would_need)}", style="dim")
    for other in report.other:
        name = f"{other.shift.family} of {other.shift.question}"
        screen.print(f"{safe(name)}: {STATE_WORDS[state_of(other)]}; {safe(other_note(other))}")
    for note in (*report.notes, control_note(report)):
        if note:
            screen.print(safe(note), style="dim")


def _slices(report: Drift) -> "Table":
    out = table(
        "question", "slice", "distance [interval]", "p of the family", "finding", "clusters",
        right=("p of the family",),
    )  # fmt: skip
    for one in report.results:
        value = points(one.distance.value) + " %"
        if isfinite(one.distance.low):
            value += f" [{points(one.distance.low)}, {points(one.distance.high)}]"
        out.add_row(
            safe(one.question),
            safe(place_name(one)),
            value,
            chance(one.alarm.p_adjusted),
            safe(f"{STATE_WORDS[state_of(one)]}; {found(one)}"),
            safe(size_note(one)),
        )
    return out
