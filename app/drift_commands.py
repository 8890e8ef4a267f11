"""The command about drift between batches."""

from typing import Annotated

import typer

from app.shell import DEFAULT_STORE, AsJson, StoreFolder


def drift(
    batch: Annotated[str, typer.Option(help="Id of the batch.")],
    against: Annotated[
        str, typer.Option(help="Id of the reference, or `previous`: the same dataset before it.")
    ],
    question: Annotated[str | None, typer.Option(help="One question; default all.")] = None,
    control: Annotated[
        int, typer.Option(help="Permuted batches for the false alarm rate; 0 for none.", min=0)
    ] = 200,
    text: Annotated[bool, typer.Option("--text", help="Compare the prompts as well.")] = False,
    store: StoreFolder = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Say what moved against a reference, by how much: mix, people or guideline."""
    from app.drift_console import show_drift

    show_drift(store, batch, against, question, control=control, text=text, as_json=as_json)
