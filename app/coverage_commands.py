"""The command about coverage."""

from pathlib import Path
from typing import Annotated

import typer

from app.shell import DEFAULT_STORE, AsJson, StoreFolder, print_json


def coverage(
    batch: Annotated[str, typer.Option(help="Id of the batch.")],
    standard: Annotated[
        Path | None, typer.Option(help="Standard file; default that of the batch, or of its kind.")
    ] = None,
    reference: Annotated[
        str | None, typer.Option(help="Batch that tells which combinations occur at all.")
    ] = None,
    least: Annotated[int, typer.Option(min=1, help="Items a combination needs to be covered.")] = 1,
    store: StoreFolder = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Say which declared cells are short, and what is missing that nobody declared."""
    from app.audit import standard_of
    from app.coverage_report import report
    from queries.scope import Viewer
    from queries.store import Store

    opened, viewer = Store.open(store), Viewer.owner()
    info = opened.batch(batch, viewer)
    found = report(
        opened,
        info,
        standard_of(opened, info, standard),
        viewer,
        least=least,
        reference=opened.batch(reference, viewer) if reference else None,
    )
    if as_json:
        print_json(found.to_json())
    else:
        from app.coverage_console import print_coverage

        print_coverage(found)
