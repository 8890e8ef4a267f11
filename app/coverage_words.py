"""Coverage in words: cells, what they need, and the sentence a page begins with."""

from collections.abc import Mapping

from app.coverage_report import CellRow, Report
from app.text import count, counted, figure, percent

NOT_STATED = "not stated"


def cell_name(cell: Mapping[str, str]) -> str:
    """Return a cell or pattern in one line; the empty one is everything.

    Examples
    --------
    >>> cell_name({"language": "de", "task": "coding"})
    'language = de, task = coding'
    """
    return ", ".join(f"{name} = {value}" for name, value in cell.items()) or "any item"


def needs(row: CellRow) -> str:
    """Return what a cell needs."""
    target, parts = row.target, []
    if target.minimum is not None:
        parts.append(f"≥ {count(target.minimum)}")
    if target.share is not None:
        share = f"{100 * target.share:g} %"
        parts.append(
            f"{share} ± {100 * target.tolerance:g}" if target.tolerance else f"aims at {share}"
        )
    return ", ".join(parts)


def share_words(row: CellRow) -> str:
    """Return what the test of a share says; empty where there is none."""
    test = row.test
    if test is None or row.target.actual is None:
        return ""
    gap = f"{count(round(abs(test.gap)))} {'short' if test.gap > 0 else 'over'}"
    p = "p < .001" if test.q_value < 0.001 else f"p = {figure(test.q_value, 3)}"
    return f"{gap}, residual {figure(test.residual, 1)}, {p}"


def lead(report: Report) -> tuple[str, str, str]:
    """Return state, headline and the rest of what a reader must know first."""
    if not report.accepted:
        return "missing", "There is no accepted item", _rejected(report)
    required = [row for row in report.cells if row.target.is_required]
    short = [row for row in required if row.state != "pass"]
    if not required:
        asks = "only aims at shares" if report.cells else "declares no cell"
        headline = f"Standard {report.standard} {asks}"
        if report.cells:
            off = sum(row.state == "fail" for row in report.cells)
            told = f"{count(off)} of {count(len(report.cells))} are too small by more than luck. "
            return ("fail" if off else "undecided"), headline, told + _gaps(report)
        return "undecided", headline, f"What is below was found without a plan. {_gaps(report)}"
    if not short:
        headline = f"All {count(len(required))} declared cells hold what they need"
        return "pass", headline, _gaps(report)
    worst = short[0]
    items = sum(one.items for one in report.next)
    headline = f"{count(len(short))} of {counted(len(required), 'declared cells')} not met"
    said = worst.reason or (
        f"{count(worst.target.actual or 0)} of {count(worst.required)}"
        if worst.short
        else f"{percent(worst.target.actual or 0, report.accepted)} of the batch, {needs(worst)}"
    )
    rest = f"Worst: {cell_name(worst.target.cell)} ({said}). "
    if items:
        rest += f"{counted(items, 'items')} to collect would fill them. "
    return "fail", headline, rest + _gaps(report)


def _gaps(report: Report) -> str:
    pairs = report.pairs
    told = []
    if pairs.status == "ok":
        told.append(f"{percent(pairs.value, 1)} of the possible pairs of values occur.")
    lacking = [one for one in report.attributes if one.missing]
    if lacking:
        worst = max(lacking, key=lambda one: one.missing)
        told.append(
            f"{percent(worst.missing, report.accepted)} of the items do not state {worst.name}."
        )
    return " ".join((*told, _rejected(report))).strip()


def _rejected(report: Report) -> str:
    left = report.ordinary - report.accepted
    if not left:
        return ""
    return f"{counted(left, 'items')} of {count(report.ordinary)} do not ship and fill no cell."
