"""The command line's tables about coverage."""

from app.console import console, safe, shown, table
from app.coverage_report import Report
from app.coverage_words import cell_name, lead, needs, share_words
from app.text import STATE_SHAPE, chance, count, counted, figure, percent
from metrics.gaps import unstated

SHOWN = 15


def print_coverage(report: Report) -> None:
    """Print the declared cells, what to collect, then the gaps nobody declared."""
    screen = console()
    state, headline, rest = lead(report)
    screen.print(f"[bold]{STATE_SHAPE[state]} {safe(headline)}[/bold]. {safe(rest)}")
    screen.print(
        f"coverage of {safe(report.batch)} by {safe(report.standard)},"
        f" {counted(report.accepted, 'accepted items')}"
    )
    if report.cells:
        _cells(report)
    if report.next:
        out = table("collect next", "items", "fills", right=("items",))
        for one in report.next[:SHOWN]:
            out.add_row(
                safe(cell_name(one.cell)), count(one.items), counted(len(one.serves), "cells")
            )
        screen.print(out)
        _more(len(report.next), "kinds of item")
    _undeclared(report)


def _cells(report: Report) -> None:
    out = table("state", "cell", "needs", "has", "short", "share", right=("has", "short"))
    for row in report.cells:
        actual = row.target.actual
        out.add_row(
            f"{STATE_SHAPE[row.state]} {row.state}",
            safe(cell_name(row.target.cell)),
            safe(needs(row)),
            "–" if actual is None else count(actual),
            count(row.short),
            safe(row.reason or share_words(row)),
        )
    screen = console()
    screen.print(out)
    if report.together.degrees:
        together = report.together
        screen.print(
            f"all shares together: chi square {figure(together.statistic)},"
            f" {together.degrees} degrees of freedom, p {chance(together.p_value)}"
        )


def _undeclared(report: Report) -> None:
    screen = console()
    if not report.attributes:
        screen.print("The items have no attributes: nothing tells what kinds there are.")
        return
    for name, estimate in (("pairs", report.pairs), ("triples", report.triples)):
        if estimate.status == "ok":
            screen.print(
                f"{name} of values that occur: {percent(estimate.value, 1)} of"
                f" {count(estimate.n)} possible"
            )
    if report.gaps.widest:
        figures = ("items", "expected", "not stated")
        out = table("missing, undeclared", *figures, right=figures)
        for gap in report.gaps.widest[:SHOWN]:
            may = unstated(report.space.table, gap.pattern)
            expected = f"{gap.expected:,.1f}"
            out.add_row(safe(cell_name(gap.pattern)), count(gap.count), expected, count(may))
        screen.print(out)
        _more(report.gaps.total, "patterns")
    out = table(
        "attribute", "values", "in effect", "not stated", "unseen [interval]",
        right=("values", "in effect", "not stated"),
    )  # fmt: skip
    for one in report.attributes:
        unseen = shown(one.unseen) if one.unseen.status != "missing_input" else "not a random draw"
        values, effect, _ = one.orders
        has = values.status == "ok"
        out.add_row(
            safe(one.name),
            count(values.value) if has else "–",
            f"{effect.value:,.1f}" if has else "–",
            percent(one.missing, report.accepted),
            unseen,
        )
    screen.print(out)
    if report.space.left_out:
        left = ", ".join(map(safe, report.space.left_out))
        screen.print(f"not searched for gaps, too many values: {left}")
    for pattern, number in report.impossible:
        screen.print(
            f"declared impossible, and yet there: {safe(cell_name(pattern))},"
            f" {counted(number, 'items')}"
        )


def _more(total: int, what: str) -> None:
    if total > SHOWN:
        console().print(f"the first {SHOWN} of {counted(total, what)}; --json has more")
