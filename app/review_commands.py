"""Commands about reviewers: who can be trusted, and work orders for a blind second look."""

from typing import Annotated

import typer

from app.shell import DEFAULT_STORE, AsJson, StoreFolder, print_json

sample = typer.Typer(name="sample", help="Draw samples and hand them out.", no_args_is_help=True)


@sample.callback()
def _sample() -> None:
    """Draw samples and hand them out."""


def reviewers(
    batch: Annotated[str | None, typer.Option(help="Id of the batch.")] = None,
    since: Annotated[
        str | None, typer.Option(help="All batches submitted or imported since that day.")
    ] = None,
    store: StoreFolder = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Say how far the reviewers can be trusted: overturns, misses, severity, rubber stamps."""
    from app.reviewers import chosen_batches, report
    from queries.scope import Viewer
    from queries.store import Store

    opened, viewer = Store.open(store), Viewer.owner()
    found = report(opened, chosen_batches(opened, viewer, batch, since), viewer)
    if as_json:
        print_json([one.to_json() for one in found.people])
    else:
        from app.review_console import print_reviewers

        print_reviewers(found)
