"""The `batchgate` command: every answer of the dashboard for a shell, a script and a CI job."""

import os
import sys
from collections.abc import Callable
from enum import IntEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from app.coverage_commands import coverage
from app.duplicate_commands import duplicates
from app.people_commands import annotators, reviewers, sample
from app.shell import (
    DEFAULT_STORE,
    AsJson,
    StoreFolder,
    discard_output,
    once,
    pairs,
    print_json,
    progress_bar,
)
from queries.errors import BatchError, InputError


class ExitCode(IntEnum):
    """What the exit status of a command means.

    Of several outcomes the most serious counts: STORE before USAGE before the verdicts.
    """

    ACCEPT = 0
    REJECT = 1
    USAGE = 2
    HOLD = 3
    CONDITIONAL = 4
    STORE = 5


BROKEN_PIPE = 141

app = typer.Typer(
    name="batchgate",
    help="May this batch of LLM post-training data be accepted, and on what evidence?",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

app.command()(annotators)
app.command()(reviewers)
app.command()(coverage)
app.command()(duplicates)
app.add_typer(sample)


@app.command("import")
def import_(
    paths: Annotated[list[Path], typer.Argument(help="Files of one export.")],
    batch: Annotated[str, typer.Option(help="Id of the batch.")],
    kind: Annotated[
        str | None, typer.Option(help="sft, preference, ranking, reward or qa.")
    ] = None,
    format_: Annotated[str, typer.Option("--format", help="Format of the files.")] = "auto",
    mapping: Annotated[Path | None, typer.Option(help="TOML file that names the columns.")] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="Fact of the batch, key=value.")
    ] = None,
    add: Annotated[bool, typer.Option("--add", help="Add a part to the batch.")] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Put a new version in place.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Refuse any dropped row.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check only, write nothing.")] = False,
    store: StoreFolder = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Import annotation records into the store and print what was kept, dropped and coerced."""
    from app.intake import bring_in

    if add and replace:
        raise InputError("--add and --replace exclude each other; give one of them")
    with progress_bar(hidden=as_json) as advance:
        report = bring_in(
            store,
            paths,
            batch_id=batch,
            kind=kind,
            format_name=format_,
            mapping=mapping,
            settings=once(set_, "--set"),
            mode="add" if add else "replace" if replace else "new",
            strict=strict,
            dry_run=dry_run,
            progress=advance,
        )
    if as_json:
        print_json(report.to_json())
    else:
        from app.console import print_import
        from queries.scope import Viewer
        from queries.store import Store

        grown = Store.open(store).batch(batch, Viewer.owner()) if add else None
        print_import(report, grown)


@app.command()
def formats(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="One format, field by field.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the formats that can be imported, or say where the fields of one go."""
    from queries.ingest import FORMATS
    from queries.ingest.text import closest

    if name is not None and name not in FORMATS:
        raise InputError(f"format {name!r} is not known{closest(name, FORMATS)}")
    chosen = list(FORMATS.values()) if name is None else [FORMATS[name]]
    if as_json:
        print_json([form.to_json() for form in chosen])
    else:
        from app.console import print_format, print_formats

        if name is None:
            print_formats(chosen)
        else:
            print_format(chosen[0])


@app.command()
def batches(store: StoreFolder = DEFAULT_STORE, as_json: AsJson = False) -> None:
    """List the batches of the store with their verdict."""
    from app.audit import overview
    from queries.scope import Viewer
    from queries.store import Store

    rows = overview(Store.open(store), Viewer.owner())
    if as_json:
        print_json([row.to_json() for row in rows])
    else:
        from app.console import print_batches

        print_batches(rows)


@app.command()
def metrics(as_json: AsJson = False) -> None:
    """List the metrics: what each answers, its options and where it comes from."""
    from app.catalog import METRICS

    if as_json:
        print_json([metric.to_json() for metric in METRICS.values()])
    else:
        from app.console import print_metrics

        print_metrics(METRICS.values())


@app.command()
def metric(
    id_: Annotated[str, typer.Argument(metavar="ID", help="A metric of `batchgate metrics`.")],
    batch: Annotated[str, typer.Option(help="Id of the batch.")],
    question: Annotated[str | None, typer.Option(help="One question; default all.")] = None,
    by: Annotated[list[str] | None, typer.Option(help="Dimension to split by.")] = None,
    where: Annotated[
        list[str] | None, typer.Option(help="DIMENSION=VALUE; the value may hold *.")
    ] = None,
    option: Annotated[
        list[str] | None, typer.Option("--option", "-o", help="Option of the metric, name=value.")
    ] = None,
    store: StoreFolder = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Compute one metric: value, interval, n, status."""
    from app.measure import find_metric, measure, unfit
    from queries.scope import Viewer
    from queries.store import Store

    opened = Store.open(store)
    viewer = Viewer.owner()
    info = opened.batch(batch, viewer)
    rows = measure(
        opened,
        info,
        id_,
        question=question,
        by=tuple(by or ()),
        where=tuple(pairs(where, "--where")),
        options=once(option, "-o"),
        viewer=viewer,
    )
    if as_json:
        print_json([row.to_json() for row in rows])
    else:
        from app.console import print_measurements

        print_measurements(rows, otherwise=unfit(info, find_metric(id_)))


@app.command()
def audit(
    batch: Annotated[str, typer.Argument(metavar="B", help="Id of the batch.")],
    standard: Annotated[Path | None, typer.Option(help="Acceptance standard, TOML.")] = None,
    store: StoreFolder = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Judge a batch against its standard; the exit code is the verdict."""
    from app.audit import audit as judge
    from app.audit import standard_of
    from app.evidence import lacking
    from app.losses import losses_of
    from queries.scope import Viewer
    from queries.store import Store

    opened = Store.open(store)
    viewer = Viewer.owner()
    info = opened.batch(batch, viewer)
    result = judge(opened, info, standard_of(opened, info, standard), viewer)
    lost = losses_of(opened, info)
    if as_json:
        document = result.to_json(lacking(opened, info, result.evidence, viewer))
        counts = {"read": lost.read, "dropped": lost.dropped, "foreseen": lost.foreseen}
        print_json({**document, "import": counts})
    else:
        from app.console import print_audit

        print_audit(result, lost=lost.remark)
    raise typer.Exit(ExitCode[result.verdict.upper()])


@app.command()
def export(
    batch: Annotated[str, typer.Argument(metavar="B", help="Id of the batch.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to make.")],
    as_: Annotated[
        str | None,
        typer.Option(
            "--as", help="preference, unpaired, stepwise, messages, rewards, rows or bundle."
        ),
    ] = None,
    question: Annotated[
        str | None, typer.Option(help="The question whose labels prefer or approve.")
    ] = None,
    files: Annotated[str, typer.Option(help="jsonl or parquet.")] = "jsonl",
    accepted_only: Annotated[
        bool, typer.Option("--accepted-only", help="Write nothing unless it was accepted.")
    ] = False,
    standard: Annotated[Path | None, typer.Option(help="Acceptance standard, TOML.")] = None,
    store: StoreFolder = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Write the records that ship, ready for training, with a manifest."""
    from app.export import export as write
    from queries.scope import Viewer
    from queries.store import Store

    opened = Store.open(store)
    written = write(
        opened,
        opened.batch(batch, Viewer.owner()),
        output,
        form=as_,
        question=question,
        file_form=files,
        accepted_only=accepted_only,
        standard=standard,
    )
    if as_json:
        print_json(written.manifest)
    else:
        from app.console import print_export

        print_export(written)


@app.command()
def serve(
    port: Annotated[int, typer.Option(help="Port of the dashboard.")] = 8501,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    store: StoreFolder = DEFAULT_STORE,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Open no browser.")] = False,
) -> None:
    """Serve the dashboard on a store."""
    from app.serving import start
    from queries.store import Store

    Store.open(store)
    start(store, port=port, host=host, browser=not no_browser)


@app.command()
def demo(
    port: Annotated[int, typer.Option(help="Port of the dashboard.")] = 8501,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Open no browser.")] = False,
    store: Annotated[
        Path | None, typer.Option("--store", help="Folder of the sample store.")
    ] = None,
) -> None:
    """Build the sample store once and serve the dashboard on it."""
    from app.demonstration import sample_store
    from app.serving import start

    with progress_bar(hidden=False) as advance:
        folder = sample_store(store, advance)
    start(folder, port=port, host="127.0.0.1", browser=not no_browser)


@app.command()
def backup(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="New folder for the copy.")],
    store: StoreFolder = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Copy the store, also while others use it; the copy is a store itself."""
    from queries.backup import back_up
    from queries.store import Store

    with progress_bar(hidden=as_json) as advance:
        done = back_up(Store.open(store), out, advance)
    if as_json:
        print_json(done.to_json())
    else:
        from app.examination import print_backup

        print_backup(done)


@app.command()
def doctor(
    deep: Annotated[
        bool, typer.Option("--deep", help="Count digests and statistics again, from the records.")
    ] = False,
    store: StoreFolder = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Say what is wrong with the store and the machine; changes nothing."""
    from queries.doctor import examine

    with progress_bar(hidden=as_json) as advance:
        diagnosis = examine(store, deep=deep, progress=advance)
    if as_json:
        print_json(diagnosis.to_json())
    else:
        from app.examination import print_diagnosis

        print_diagnosis(diagnosis)
    raise typer.Exit(ExitCode.STORE if diagnosis.count("error") else ExitCode.ACCEPT)


def main() -> None:
    """Run the command line; every failure is one line on standard error and an exit code."""
    arguments = sys.argv[1:] or ["--help"]
    code = run(lambda: app(arguments, standalone_mode=False))
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        discard_output()
    sys.exit(code)


def run(command: Callable[[], Any]) -> int:
    """Run a command and translate what it raises into an exit code."""
    try:
        outcome = command()
    except typer.Abort:
        return complain("interrupted", ExitCode.STORE)
    except typer.TyperException as error:
        return complain(
            f"{error.format_message().rstrip('.')}; see batchgate --help", ExitCode.USAGE
        )
    except BatchError as error:
        is_callers = isinstance(error, InputError)
        code = complain(str(error), ExitCode.USAGE if is_callers else ExitCode.STORE)
        if error.attached:
            print(f"\n{error.attached}", end="", file=sys.stderr)
        return code
    except BrokenPipeError:
        # A command that was cut short has no verdict: what a shell says of a broken pipe.
        discard_output()
        return BROKEN_PIPE
    except Exception as error:
        if os.environ.get("BATCHGATE_TRACEBACK"):
            raise
        kind = type(error).__name__
        return complain(
            f"unexpected {kind}: {error}; please report it with the output of the same command"
            " run with BATCHGATE_TRACEBACK=1",
            ExitCode.STORE,
        )
    return outcome if isinstance(outcome, int) else ExitCode.ACCEPT


def complain(message: str, code: ExitCode) -> int:
    """Say in one line on standard error what went wrong."""
    print("batchgate: " + " ".join(message.split()), file=sys.stderr)
    return code
