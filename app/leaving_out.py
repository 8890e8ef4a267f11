"""Leaving people out of a batch: a new batch without their answers, the old one as it was."""

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from app.tallies import people
from queries.batches import BatchInfo
from queries.errors import InputError
from queries.scope import Viewer
from queries.store import Store


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Annotators to leave out, name -> key, and why."""

    people: dict[str, str]
    reason: str


def left_out(store: Store, batch: BatchInfo, without: Sequence[str], reason: str) -> LeftOut | None:
    """Return whom an export leaves out; None where that is nobody.

    A text names one annotator, or several with commas between them.

    Raises
    ------
    InputError
        For somebody who answered nothing, for everybody at once, or without a reason.
    """
    if not without:
        return None
    known = people(store, batch, Viewer.owner())
    names = list(dict.fromkeys(name for text in without for name in _named(text, known)))
    if len(names) == len(known):
        raise InputError(
            f"--without names all {len(known)} annotators of batch {batch.batch_id!r}; leave one in"
        )
    if not reason.strip():
        raise InputError("--without needs --reason TEXT; it stands in the manifest for ever")
    return LeftOut({name: known[name] for name in names}, reason.strip())


def _named(text: str, known: dict[str, str]) -> Iterator[str]:
    # An id may hold a comma itself.
    for name in [text] if text in known else text.split(","):
        if name.strip() in known:
            yield name.strip()
            continue
        near = get_close_matches(name.strip(), known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(list(known)[:20])}"
        raise InputError(f"--without {name.strip()!r}: no annotator of this batch; {hint}")


def commands(batch_id: str, annotator: str) -> str:
    """Return the two commands that make a new batch without somebody, to copy."""
    named, who = shlex.quote(batch_id), shlex.quote(annotator)
    new = shlex.quote(f"{batch_id}-2")
    folder = shlex.quote(f"{batch_id}-2-bundle")
    supersedes = shlex.quote(f"supersedes={batch_id}")
    return (
        f"batchgate export {named} --without {who} --reason 'WHY' --as bundle -o {folder}\n"
        f"batchgate import {folder} --batch {new} --set {supersedes}"
    )
