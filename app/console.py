"""The command line's tables: what the JSON says, for a person in a terminal."""

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Console, JustifyMethod
from rich.markup import escape
from rich.table import Table

from app.audit import Audit, BatchRow, CriterionResult
from app.catalog import Metric
from app.evidence import FitFor
from app.measure import Measurement
from app.shell import discard_output
from app.standards.cells import COUNT, SHARE
from app.text import (
    STATE_SHAPE,
    STATUS_WORDS,
    VERDICT_GLOSS,
    VERDICT_SHAPE,
    count,
    counted,
    digest,
    estimate_figures,
    marks,
    plain,
    shorten,
)
from metrics.estimates import Estimate
from queries.batches import BatchInfo
from queries.ingest.report import ImportReport

if TYPE_CHECKING:
    from app.export import Exported
    from queries.ingest.shape import Format

SHOWN_EXAMPLES = 3
UNSETTLED = {
    "tie": "as its answers stand even",
    "unresolved": "as nobody resolved its answers",
}
"""Why no label ships, by the rule that gave none."""
MINIMUM_WIDTH = 100
"""Below this a table of numbers is unreadable."""
PIPED_WIDTH = 10_000
"""A pipe or a file has no width: what reads it wants one line a row, and ids whole."""


class Screen(Console):
    """A console whose reader may go away without changing the exit code, the verdict."""

    def on_broken_pipe(self) -> None:
        """Print no more, and go on."""
        self.quiet = True
        discard_output()


def console() -> Console:
    """Return a console on standard output, wide enough for a table; in a pipe nothing wraps."""
    screen = Screen(highlight=False)
    if not screen.is_terminal and "COLUMNS" not in os.environ:
        screen = Screen(highlight=False, width=PIPED_WIDTH)
    elif screen.width < MINIMUM_WIDTH:
        screen = Screen(highlight=False, width=MINIMUM_WIDTH)
    return screen


def table(*columns: str, right: Iterable[str] = ()) -> Table:
    """Return an empty table without ornament."""
    result = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        justify: JustifyMethod = "right" if column in right else "left"
        # Names are broken and not cut: the end of one may be what tells it from another.
        result.add_column(escape(column), justify=justify, overflow="fold")
    return result


def safe(text: object) -> str:
    """Return text from a file so that the terminal shows it and obeys nothing in it."""
    return escape(plain(text))


def shown(estimate: Estimate) -> str:
    """Return value and interval in one cell."""
    return estimate_figures(estimate)


def remark(estimate: Estimate) -> str:
    """Return what a reader must know before using the value."""
    status = STATUS_WORDS[estimate.status]
    words = [estimate.reason if estimate.reason.startswith(status) else status, estimate.reason]
    words = list(dict.fromkeys(words))
    if not estimate.representative:
        chosen = estimate.provenance.get("overlap", "the overlap was not drawn at random")
        words.append(f"not representative: {chosen}")
    return "; ".join(filter(None, words))


def print_measurements(rows: list[Measurement], *, otherwise: str = "") -> None:
    """Print one metric: a row per question and slice; without any, what is said otherwise."""
    screen = console()
    if not rows:
        screen.print(safe(otherwise))
        return
    shared = set(rows[0].options).intersection(*(row.options for row in rows))
    given = ", ".join(
        f"{name}={value}" for name, value in rows[0].options if (name, value) in shared
    )
    first = rows[0]
    screen.print(
        f"[bold]{safe(first.metric)}[/bold] of {safe(first.batch)}, {safe(first.population)}"
        + (f", {safe(given)}" if given else "")
    )
    out = table("question", "slice", "value [interval]", "n", "status", "remark", right=("n",))
    for row in rows:
        own = [pair for pair in row.options if pair not in shared]
        place = ", ".join(f"{name}={value}" for name, value in (*row.slice, *own))
        out.add_row(
            safe(row.question),
            safe(place or "all"),
            shown(row.estimate),
            counted(row.estimate.n, row.estimate.n_unit),
            row.estimate.status,
            safe(remark(row.estimate)),
        )
    screen.print(out)
    # The degrees of freedom differ from row to row; the JSON has them.
    for method in dict.fromkeys(row.estimate.method.partition(", t with")[0] for row in rows):
        screen.print(safe(method), style="dim")


def print_metrics(metrics: Iterable[Metric]) -> None:
    """Print the catalogue."""
    out = table("id", "question it answers", "options")
    for metric in metrics:
        out.add_row(metric.id, metric.asks, ", ".join(metric.options))
    console().print(out)


def print_batches(rows: list[BatchRow]) -> None:
    """Print the batches of a store with their verdict."""
    screen = console()
    if not rows:
        screen.print("the store holds no batch yet; `batchgate import` brings one in")
        return
    out = table(
        "batch",
        "kind",
        "verdict",
        "items",
        "annotations",
        "annotators",
        "why",
        right=("items", "annotations", "annotators"),
    )
    for row in rows:
        shape = VERDICT_SHAPE.get(row.verdict or "", "")
        out.add_row(
            safe(row.batch.batch_id),
            row.batch.kind,
            f"{shape} {row.verdict or 'not judged'}",
            count(row.batch.items),
            count(row.batch.annotations),
            count(row.batch.annotators),
            safe("; ".join((*marks(row.batch), shorten(row.reason, 80)))),
        )
    screen.print(out)


def print_audit(result: Audit, *, lost: str = "") -> None:
    """Print verdict, criteria and evidence; `lost` is what the import lost of the batch."""
    screen = console()
    screen.print(
        f"[bold]{VERDICT_SHAPE[result.verdict]} {result.verdict.upper()}[/bold]"
        f"  {VERDICT_GLOSS[result.verdict]}"
    )
    screen.print(safe(result.reason))
    standard = result.standard
    screen.print(
        f"batch {safe(result.batch)} · {result.kind} · standard {safe(standard.name)}"
        f" {safe(standard.version)} ({digest(standard.sha256)})"
        f" · data {digest(result.batch_digest)}",
        style="dim",
    )
    if result.beside:
        other = result.beside.standard
        screen.print(
            safe(f"by {other.name} {other.version} ({digest(other.sha256)}) the verdict is")
            + f" {result.beside.verdict}"
        )
    for note in result.remarks:
        where = "for this batch" if note.of_batch else "in the standard"
        screen.print(safe(f"{note.level} {where}, {note.key}: {note.sentence}"))
    out = table("state", "criterion", "slice", "value [interval]", "must be", "n", "", right=("n",))
    for row in result.criteria:
        place = ", ".join(f"{name}={value}" for name, value in row.slice)
        id_ = row.id.partition(" ")[0] if row.metric in {COUNT, SHARE} else row.id
        out.add_row(
            f"{STATE_SHAPE[row.state]} {row.state}",
            safe(" · ".join(filter(None, (id_, row.question)))),
            safe(place or "all"),
            shown(row.estimate),
            row.must_be,
            counted(row.estimate.n, row.estimate.n_unit),
            f"{row.severity}, allowed" if row.is_allowed else row.severity,
        )
    screen.print(out)
    for row in result.criteria:
        if row.settle:
            screen.print(safe(f"{named(row)}: {row.settle}"))
        elif row.state == "missing":
            screen.print(safe(f"{named(row)}: {row.why}"))
    if lost:
        screen.print(safe(f"lost on import: {lost}"))
    for name in ("traceable", "reviewable", "sustainable"):
        items = getattr(result, name)
        present = [item for item in items if item.state == "present"]
        missing = ", ".join(item.name for item in items if item.state != "present")
        tail = f"; not so: {missing}" if missing else ""
        screen.print(safe(f"{name}: {len(present)} of {len(items)} present{tail}"))
    if not result.fit_for:
        screen.print(f"fit for: a batch of kind {result.kind} is no training data")
    for use in result.fit_for:
        screen.print(safe(f"{'fit' if use.fit else 'not fit'} for {use.use}: {_reasons(use)}"))


def _reasons(use: FitFor) -> str:
    return "what it needs is there" if use.fit else "; ".join(use.reasons)


def named(row: CriterionResult) -> str:
    """Return criterion, question and slice; the cells of a plan have the slice in their id."""
    place = ", ".join(f"{name}={value}" for name, value in row.slice)
    return " · ".join(
        filter(None, (row.id, row.question, "" if row.metric in {COUNT, SHARE} else place))
    )


def print_import(report: ImportReport, grown: BatchInfo | None = None) -> None:
    """Print what an import kept and lost; of an added part also what the batch has now."""
    screen = console()
    facts = report.to_json()
    verb = "would import" if report.dry_run else "imported"
    if grown:
        verb = "would add to" if report.dry_run else "added to"
    parts = _sizes(facts["items"], facts["annotations"], facts["annotators"])
    if grown and not report.dry_run:
        parts += f"; the batch has {_sizes(grown.items, grown.annotations, grown.annotators)}"
    screen.print(f"{verb} [bold]{safe(facts['batch'])}[/bold]: {parts}")
    if report.format == "table":
        screen.print(f"{count(report.read)} answers read, {count(report.kept)} kept")
    else:
        told = [("answers", report.read, report.kept)]
        told += [(side.table.replace("_", " "), side.read, side.kept) for side in report.sides]
        counts = ", ".join(
            f"{word} {count(read)} read, {count(kept)} kept" for word, read, kept in told
        )
        screen.print(safe(f"as {report.format}: {counts}"))
    for word in ("dropped", "coerced", "unknown"):
        for loss in facts[word]:
            screen.print(safe(f"{word} {count(loss['count'])}: {loss['reason']}"))
            for example in loss["examples"][:SHOWN_EXAMPLES]:
                screen.print(safe(f"    {shown_example(example)}"), style="dim")
    for note in facts["notes"]:
        times = f"{count(note['count'])} times: " if note["count"] > 1 else ""
        screen.print(safe(f"note: {times}{note['reason']}"))
    if facts["digest"]:
        screen.print(f"digest {digest(facts['digest'])}", style="dim")


def _sizes(items: int, annotations: int, annotators: int) -> str:
    sizes = ((items, "items"), (annotations, "annotations"), (annotators, "annotators"))
    return ", ".join(counted(number, unit) for number, unit in sizes)


def shown_example(example: Mapping[str, Any]) -> str:
    """Return where a row lost something, what was found and what is allowed."""
    place = [str(example["file"])]
    if example.get("record") is not None:
        place.append(f"record {example['record']}")
    if example.get("column"):
        place.append(f"column {example['column']}")
    words = ", ".join(place)
    if example.get("found") is not None:
        words += f": found {shorten(example['found'])!r}"
    if example.get("allowed"):
        words += f", allowed: {shorten(example['allowed'])}"
    return words


def print_export(written: "Exported") -> None:
    """Print which files an export wrote, and what it left out."""
    screen, facts = console(), written.manifest
    for name, rows in facts["rows"].items():
        screen.print(f"{safe(written.folder / name)}: {counted(rows, 'rows')}")
    for state, items in (facts.get("items") or {}).items():
        if state != "ships":
            screen.print(f"left out: {counted(items, 'items')} {state}")
    left = facts.get("left_out")
    if left:
        told = ", ".join(f"{rows:,} of {table}" for table, rows in left["rows"].items() if rows)
        screen.print(safe(f"left out: {', '.join(left['annotators'])} ({left['reason']}): {told}"))
        screen.print(safe(f"import it as {facts['made_for']}"))
    # Only rows that say what is preferred or approved need a label.
    decides = facts.get("labels_that_mean")
    for row in facts.get("labels") or ():
        if row["value"] is None:
            why = UNSETTLED.get(row["rule"], row["rule"])
            told = f"{counted(row['items'], 'items')} with no label of {row['question']}, {why}"
            screen.print(safe(f"left out: {told}" if decides else f"written all the same: {told}"))
    for row in facts.get("rated_low") or ():
        low = f"{row['question']} = {' or '.join(row['labels'])}"
        told = f"{counted(row['items'], 'items')} with {low}, a low rating, ship like the others"
        screen.print(
            safe(f"warning: {told}; leave them out before you train on these"), style="bold"
        )
    if facts.get("weights"):
        screen.print(safe(facts["weights"]), style="dim")
    verdict = facts["decision"]["decided"] if facts["decision"] else facts["verdict"]
    word = "decided" if facts["decision"] else "no decision on record; verdict"
    screen.print(f"{word}: {safe(verdict)}", style="dim")
    screen.print(f"manifest: {safe(written.folder / 'manifest.json')}", style="dim")


def print_formats(formats: "Iterable[Format]") -> None:
    """Print the formats that can be imported."""
    table = Table(box=None, pad_edge=False)
    for head in ("format", "what it is"):
        table.add_column(head, overflow="fold")
    table.add_row("table", "CSV, TSV, JSON, JSONL or Parquet, read through a mapping file")
    for form in formats:
        table.add_row(safe(form.name), safe(form.title))
    console().print(table)


def print_format(form: "Format") -> None:
    """Print the page of help of one format: where each field goes, and what it cannot tell."""
    screen = console()
    screen.print(f"[bold]{safe(form.name)}[/bold]: {safe(form.title)}")
    table = Table(box=None, pad_edge=False)
    for head in ("field of the export", "where it goes"):
        table.add_column(head, overflow="fold")
    for name, place in form.fields.items():
        table.add_row(safe(name), safe(place))
    screen.print(table)
    for sentence in form.cannot_tell:
        screen.print(safe(f"cannot tell: {sentence}"))
