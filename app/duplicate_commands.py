"""The command that compares the texts of a batch once."""

from typing import Annotated

import typer

from app.shell import DEFAULT_STORE, AsJson, StoreFolder, print_json, progress_bar


def duplicates(
    batch: Annotated[str, typer.Option(help="Id of the batch.")],
    against: Annotated[
        str | None,
        typer.Option(help="Evaluation sets, with commas; default all with set_role evaluation."),
    ] = None,
    similarity: Annotated[
        float, typer.Option(min=0.3, max=1.0, help="Jaccard index of near duplicates.")
    ] = 0.8,
    store: StoreFolder = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Compare the texts of a batch with each other and with evaluation sets, once."""
    from app.duplicates import (
        clusters,
        contaminated,
        contamination_settings,
        isolation_lists,
        near_counts,
        search_and_keep,
        settings_of,
    )
    from metrics.duplicates import near_duplicate_share
    from queries.scope import Viewer
    from queries.store import Store

    opened, viewer = Store.open(store), Viewer.owner()
    info = opened.batch(batch, viewer)
    lists = isolation_lists(opened, info, viewer, against)
    with progress_bar(hidden=as_json) as advance:
        settings = settings_of("prompt", similarity)
        found = search_and_keep(opened, info, viewer, settings=settings, progress=advance)
        for each in contamination_settings(info) if lists else ():
            search_and_keep(opened, info, viewer, settings=each, against=lists, progress=advance)
    estimate = near_duplicate_share(near_counts(found))
    overlap = contaminated(opened, info, viewer, lists) if lists else {}
    groups = clusters(found)
    told = {
        "batch": info.batch_id,
        "texts": estimate.n,
        "effective_n": estimate.provenance["effective_n"] if estimate.n else 0,
        "near_duplicate_share": estimate.value if estimate.n else None,
        "clusters": [[item for _, item in group.members] for group in groups],
        "against": [each.batch_id for each in lists],
        "overlapping": sorted(overlap or {}),
    }
    if as_json:
        print_json(told)
        return
    typer.echo(f"{told['texts']} prompts, {told['effective_n']} different: {len(groups)} clusters")
    names = ", ".join(each.batch_id for each in lists) or "no list"
    typer.echo(f"{len(overlap or {})} items overlap with {names}")
