"""The command line's tables about people: annotators, their flags and what to look at."""

from collections.abc import Iterable
from math import isfinite, isnan, nan
from pathlib import Path

from app.annotators import AnnotatorRow, Annotators, SuspectProbe, annotators
from app.console import console, safe, table
from app.crew import chosen
from app.shell import print_json
from app.text import count
from queries.scope import Viewer
from queries.store import Store

SHOWN_SUSPECTS = 10


def show_annotators(folder: Path, batch: str | None, since: str | None, *, as_json: bool) -> None:
    """Print the annotators of one batch, or of all since a day, as a table or as JSON."""
    store, viewer = Store.open(folder), Viewer.owner()
    found = annotators(store, chosen(store, viewer, batch, since), viewer)
    if as_json:
        print_json(found.to_json())
    else:
        print_annotators(found)


def print_annotators(found: Annotators) -> None:
    """Print everybody by group, then a line for each flag and for what could not be seen."""
    screen = console()
    if not found.rows:
        screen.print("nobody answered anything here")
        return
    out = table(
        "group", "annotator", "items", "answers", "accuracy", "flags",
        right=("group", "items", "answers"),
    )  # fmt: skip
    for row in found.rows:
        out.add_row(
            str(row.group or "none"),
            safe(row.annotator_id),
            count(row.items),
            count(row.annotations),
            _score(row),
            ", ".join(one.flag for one in row.raised),
        )
    screen.print(out)
    screen.print(
        "people of one group cannot be told apart and stand in alphabetical order; none: fewer than"
        " 50 items, or nothing to compare with",
        style="dim",
    )
    for row in found.rows:
        _print_flags(row)
    _print_unseen(found.rows)
    _print_influence(found)
    _print_suspects(found.suspects)


def _print_influence(found: Annotators) -> None:
    """Print, for each criterion, whose removal would move it most in either direction."""
    names = dict.fromkeys(name for row in found.rows for name in row.influence)
    for name in names:
        changes = [
            (row.influence[name], row.annotator_id)
            for row in found.rows
            if isfinite(row.influence.get(name, nan))
        ]
        if not changes:
            continue
        ends = dict.fromkeys((max(changes), min(changes)))
        moved = ", ".join(f"{change:+.4f} without {who}" for change, who in ends)
        chance = found.chance.get(name)
        beside = (
            f"; the best-to-drop of an identical crew gives {chance.typical:+.4f}"
            f" (up to {chance.high:+.4f})"
            if chance
            else ""
        )
        console().print(safe(f"{name}: {moved}{beside}"), style="dim")


def _score(row: AnnotatorRow) -> str:
    score = row.score
    if isnan(score.value):
        return "not known"
    return f"{score.value:.2f} [{score.low:.2f}, {score.high:.2f}]"


def _print_flags(row: AnnotatorRow) -> None:
    screen = console()
    for one in row.raised:
        signs = "; ".join(f"{each.signal.note} (q = {each.q_value:.2g})" for each in one.because)
        screen.print(f"[bold]{one.flag}[/bold] {safe(row.annotator_id)}: {safe(signs)}")
    if row.raised and row.look_at:
        screen.print(safe(f"    look at these {len(row.look_at)} items: {', '.join(row.look_at)}"))


def _print_unseen(rows: Iterable[AnnotatorRow]) -> None:
    hidden = [row for row in rows if row.unseen]
    if hidden:
        names = ", ".join(row.annotator_id for row in hidden[:20])
        more = f" and {len(hidden) - 20} more" if len(hidden) > 20 else ""
        console().print(
            safe(
                f"could not have been seen: somebody who answers at random among {names}{more}"
                " would not stand out on this much work"
            ),
            style="dim",
        )


def _print_suspects(suspects: tuple[SuspectProbe, ...]) -> None:
    for one in suspects[:SHOWN_SUSPECTS]:
        console().print(
            safe(
                f"suspect {one.type} item {one.item_id}: {one.rival_answers} of {one.answers}"
                f" people say {one.rival}, the expected answer is {one.expected}"
            )
        )
