"""The command that writes a batch out: what ships, or everything as a bundle."""

from pathlib import Path
from typing import Annotated

import typer

from app.shell import DEFAULT_STORE, AsJson, StoreFolder, print_json


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
    without: Annotated[
        list[str] | None,
        typer.Option(help="Annotators to leave out, for a new batch; with --as bundle."),
    ] = None,
    reason: Annotated[str, typer.Option(help="Why they are left out.")] = "",
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
        without=tuple(without or ()),
        reason=reason,
    )
    if as_json:
        print_json(written.manifest)
    else:
        from app.console import print_export

        print_export(written)
