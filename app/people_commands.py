"""Commands about people: annotators, reviewers, and work orders for a blind second look."""

from pathlib import Path
from typing import Annotated

import typer

from app.shell import DEFAULT_STORE, AsJson, StoreFolder, print_json
from queries.errors import InputError

sample = typer.Typer(name="sample", help="Draw samples and hand them out.", no_args_is_help=True)


@sample.callback()
def _sample() -> None:
    """Draw samples and hand them out."""


def annotators(
    batch: Annotated[str | None, typer.Option(help="Id of the batch.")] = None,
    since: Annotated[
        str | None, typer.Option(help="All batches since this day, YYYY-MM-DD, together.")
    ] = None,
    store: StoreFolder = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Say who works carefully, with error bars, and whom to look at."""
    from app.people_tables import show_annotators

    show_annotators(store, batch, since, as_json=as_json)


def reviewers(
    batch: Annotated[str | None, typer.Option(help="Id of the batch.")] = None,
    since: Annotated[
        str | None, typer.Option(help="All batches submitted or imported since that day.")
    ] = None,
    store: StoreFolder = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Say how far the reviewers can be trusted: overturns, misses, severity, rubber stamps."""
    from app.crew import chosen
    from app.reviewers import report
    from queries.scope import Viewer
    from queries.store import Store

    opened, viewer = Store.open(store), Viewer.owner()
    found = report(opened, chosen(opened, viewer, batch, since), viewer)
    if as_json:
        print_json([one.to_json() for one in found.people])
    else:
        from app.review_console import print_reviewers

        print_reviewers(found)


@sample.command("draw")
def draw(
    batch: Annotated[str, typer.Option(help="Id of the batch.")],
    n: Annotated[int, typer.Option("--n", help="How many items.")],
    reviewer: Annotated[list[str], typer.Option(help="Who reviews; give it twice or more.")],
    purpose: Annotated[str, typer.Option(help="blind-review.")] = "blind-review",
    seed: Annotated[str | None, typer.Option(help="Seed; default from the batch.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder for the work orders, CSV.")
    ] = None,
    store: StoreFolder = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Draw items at random and give each to two reviewers, who see no answer."""
    from app.blind_review import draw_blind_review, write_orders
    from queries.draws import BLIND_REVIEW
    from queries.scope import Viewer
    from queries.store import Store

    if purpose != BLIND_REVIEW:
        raise InputError(f"--purpose {purpose!r} is not known; allowed: {BLIND_REVIEW}")
    opened, viewer = Store.open(store), Viewer.owner()
    info = opened.batch(batch, viewer)
    drawn = draw_blind_review(opened, info, viewer, n=n, reviewers=reviewer, seed=seed)
    files = write_orders(opened, info, viewer, drawn, output) if output else []
    if as_json:
        print_json({**drawn.to_json(), "files": [str(path) for path in files]})
    else:
        from app.review_console import print_draw

        print_draw(drawn, files)
