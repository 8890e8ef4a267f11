"""Which batch stands in the place of which, and what was decided about it."""

import duckdb

from queries.batches import Decided
from queries.errors import InputError

Cursor = duckdb.DuckDBPyConnection


def read_successors(cursor: Cursor) -> dict[str, tuple[str, ...]]:
    """Return batch id -> the batches that supersede it, oldest first."""
    rows = cursor.execute(
        "select supersedes, list(batch_id order by created_at, batch_id) from catalogue.batch"
        " where supersedes is not null and state is not null group by supersedes"
    ).fetchall()
    return {older: tuple(newer) for older, newer in rows}


def read_decided(cursor: Cursor) -> dict[str, Decided]:
    """Return batch id -> the latest decision about it."""
    rows = cursor.execute(
        "select batch_id, decided, decided_by, decided_at, batch_digest from catalogue.decision"
        " qualify row_number() over"
        " (partition by batch_id order by decided_at desc, decision_id desc) = 1"
    ).fetchall()
    return {batch_id: Decided(*rest) for batch_id, *rest in rows}


def refuse_superseding(cursor: Cursor, batch_id: str, older: str) -> None:
    """Raise InputError when a batch cannot supersede the one that is named."""
    rows = cursor.execute(
        "select batch_id, supersedes from catalogue.batch where state is not null order by batch_id"
    ).fetchall()
    known: dict[str, str | None] = dict(rows)
    if older not in known:
        shown = ", ".join([*known][:20]) or "none"
        message = f"supersedes: found {older!r}; allowed: a batch of this store; there are {shown}"
        raise InputError(message)
    chain = [batch_id, older]
    while (before := known.get(chain[-1])) is not None and before not in chain:
        chain.append(before)
    if before is not None or older == batch_id:
        circle = " supersedes ".join(repr(each) for each in [*chain, before] if each is not None)
        message = f"supersedes: found {older!r}; a batch cannot supersede itself: {circle}"
        raise InputError(message)
