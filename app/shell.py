"""What every command of the command line shares: options, progress, printing JSON."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated

import typer

from app.progress import listening
from queries.errors import InputError

StoreFolder = Annotated[
    Path, typer.Option("--store", envvar="BATCHGATE_STORE", help="Folder of the store.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
DEFAULT_STORE = Path("batchgate-store")


def pairs(texts: list[str] | None, option: str) -> list[tuple[str, str]]:
    """Split the name=value texts of one option."""
    result = []
    for text in texts or ():
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise InputError(f"{option} {text!r} is not of the form name=value")
        result.append((name, value))
    return result


def once(texts: list[str] | None, option: str) -> dict[str, str]:
    """Split the name=value texts of an option that takes each name once."""
    result: dict[str, str] = {}
    for name, value in pairs(texts, option):
        if name in result:
            raise InputError(f"{option} names {name!r} twice; give it once")
        result[name] = value
    return result


def print_json(document: object) -> None:
    """Print a document as JSON; NaN has become null before."""
    try:
        print(json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False), flush=True)
    except BrokenPipeError:
        discard_output()


def discard_output() -> None:
    """Write to nowhere once the reader went away (`| head`): the exit code still counts."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def searches_shown() -> Iterator[None]:
    """Show a bar on standard error whenever a command has to search texts, until it has found."""
    if not sys.stderr.isatty():
        yield
        return
    with ExitStack() as shown, listening(_bar_within(shown)):
        yield


def _bar_within(shown: ExitStack) -> Callable[[str, float], None]:
    bars: list[Callable[[str, float], None]] = []

    def told(stage: str, done: float) -> None:
        if done < 1 and not bars:
            bars.append(shown.enter_context(progress_bar(hidden=False)))
        elif bars:
            bars[0](stage, done)
        if done >= 1:
            bars.clear()
            shown.close()

    return told


@contextmanager
def progress_bar(*, hidden: bool) -> Iterator[Callable[[str, float], None]]:
    """Show a bar on standard error while a long task reports (stage, share done)."""
    if hidden or not sys.stderr.isatty():
        yield lambda _stage, _done: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=1.0)
        yield lambda stage, done: bar.update(task, description=stage, completed=done)
