"""The command line's tables about reviewers."""

from collections.abc import Sequence
from pathlib import Path

from app.blind_review import BlindDraw
from app.console import console, safe, shown, table
from app.reviewers import Report
from app.text import count, counted
from metrics.review import overturn_rates, without_own

NOBODY = "Nothing was reviewed in"


def print_reviewers(report: Report) -> None:
    """Print the reviewers, then the overturn rates by stage and selection, never pooled."""
    screen = console()
    where = ", ".join(map(safe, report.batches))
    if not report.people:
        screen.print(f"{NOBODY} {where}: no review names a reviewer.")
        return
    screen.print(f"[bold]reviewers[/bold] of {where}, alphabetical: the order is no rank")
    out = table(
        "reviewer", "items", "reviews", "score [interval]", "flags", right=("items", "reviews")
    )
    for one in report.people:
        value = shown(one.score) if one.score.status != "undefined" else "–"
        flags = ", ".join(one.flags) or "–"
        out.add_row(safe(one.name), count(one.items), count(one.reviews), value, flags)
    screen.print(out)
    screen.print("\n[bold]overturned[/bold] of the decided reviews; stages and selections apart")
    rates = table("stage", "selection", "overturned [interval]", "reviews", right=("reviews",))
    for rate in overturn_rates(without_own(report.tables.reviews)):
        rates.add_row(
            safe(rate.stage or "not said"),
            safe(rate.selection or "not said"),
            shown(rate.estimate) if rate.estimate.n else "–",
            count(rate.estimate.n),
        )
    screen.print(rates)


def print_draw(drawn: BlindDraw, files: Sequence[Path]) -> None:
    """Print who reviews what; with files the items stand in those."""
    screen = console()
    screen.print(
        f"[bold]blind review[/bold] of {safe(drawn.batch)}: {counted(drawn.items, 'items')} of"
        f" {count(drawn.population)}, each to two reviewers, seed {safe(drawn.seed)}"
    )
    if drawn.barred:
        screen.print(
            f"{counted(drawn.barred, 'items')} could not be drawn: fewer than two of these have"
            " not answered or reviewed them."
        )
    out = table("order", "reviewer", "items", "where" if files else "which", right=("items",))
    for place, order in enumerate(drawn.orders):
        where = str(files[place]) if files else ", ".join(order.items)
        out.add_row(order.plan_id, safe(order.name), count(len(order.items)), safe(where))
    screen.print(out)
