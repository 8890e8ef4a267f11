"""Contamination: which items hold a prompt or an answer of an evaluation list."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from app.duplicates import PARTLY_SEEN, SLICED, missing
from app.progress import tell
from app.searching import kept_or_searched, number, other_batch
from app.sources import Row
from metrics.contamination import CONTAINED, SMALLEST, Isolated, held, isolated
from metrics.duplicates import Marked
from metrics.shingles import joined, shingles
from queries.batches import BatchInfo
from queries.errors import InputError
from queries.kept_findings import Asked, Found
from queries.scope import Scope, Viewer
from queries.store import Store
from queries.texts import Side, text_blocks

if TYPE_CHECKING:
    import pyarrow as pa

    from app.measure import Request

SIDES: Final[tuple[Side, ...]] = ("prompt", "answer")
NO_LIST: Final = (
    "no evaluation list was named; import it as a batch and give the option against=BATCH"
)


@dataclass(frozen=True, slots=True, eq=False)
class Contamination:
    """Items that hold a text of the list.

    `rows` has item_id, side, how (equal or contained), listed (the item of the list) and share, one
    row an item and side.
    """

    marked: Marked
    facts: dict[str, int]
    rows: "pa.Table"


@dataclass(frozen=True, slots=True, eq=False)
class _List:
    """One side of the list: hash of a text -> item, items by place, and the index of runs."""

    items: "pa.Table"
    by_key: dict[str, str]
    runs: Isolated


def estimates(request: "Request", question: str | None, by: tuple[str, ...]) -> Iterator[Row]:
    """Yield the one figure of the batch (see `app.sources`)."""
    del question
    if by or request.where:
        raise InputError(f"{request.metric.id}: {SLICED}")
    against = request.options.get("against")
    if not against:
        yield Row(missing(NO_LIST), population="all")
        return
    if not request.viewer.sees_all_of(request.batch):
        yield Row(missing(PARTLY_SEEN), population="all")
        return
    threshold = number(request.options, "threshold", CONTAINED)
    store, batch, viewer = request.store, request.batch, request.viewer
    try:
        found = contamination(store, batch, viewer, against, threshold=threshold)
    except InputError as error:  # a standard names a list that is not in this store
        yield Row(missing(str(error)), population="all")
        return
    estimate = request.metric.function(found.marked)
    if not any(found.facts[f"{side}s_listed"] for side in SIDES):
        estimate = missing(f"the list {against!r} has no texts")
    yield Row(estimate.but(provenance=found.facts), population="all")


def contamination(
    store: Store,
    batch: BatchInfo,
    viewer: Viewer,
    against: str,
    *,
    threshold: float = CONTAINED,
) -> Contamination:
    """Return the items of a batch that hold a text of the list; searched when asked first."""
    listed = other_batch(store, viewer, against, batch)
    asked: Asked = {"against": listed.digest, "threshold": threshold}
    found = kept_or_searched(
        store,
        batch,
        "contamination",
        asked,
        lambda: _search(store, batch, listed, viewer, threshold),
    )
    facts = dict(found.facts)
    return Contamination(Marked(facts.pop("items"), facts.pop("total")), facts, found.rows)


def _search(
    store: Store, batch: BatchInfo, listed: BatchInfo, viewer: Viewer, threshold: float
) -> Found:
    import pyarrow as pa  # noqa: PLC0415 - a command that finds it kept need not wait for it

    rows: list[dict[str, Any]] = []
    facts: dict[str, int] = {}
    seen: set[str] = set()
    total: set[str] = set()
    for side in SIDES:
        secret = _listed(store, listed, viewer, side)
        found = dict(_matches(store, batch, viewer, side, listed=secret, threshold=threshold))
        scope = Scope(batch.batch_id, "all", viewer=viewer)
        members = store.fetch("text_members", scope, side=side)
        chosen = members.filter(_is_in(members["text_key"], found))
        mine = [
            {"item_id": item, "side": side, **found[key]}
            for item, key in zip(*(column.to_pylist() for column in chosen.columns), strict=True)
        ]
        rows += mine
        seen |= {row["item_id"] for row in mine}
        facts[f"{side}_equal"] = len({r["item_id"] for r in mine if r["how"] == "equal"})
        facts[f"{side}_contained"] = len({r["item_id"] for r in mine if r["how"] == "contained"})
        facts[f"{side}s_listed"] = secret.items.num_rows
        total |= set(members["item_id"].to_pylist())
    rows.sort(key=lambda row: (row["item_id"], row["side"], -row["share"]))
    columns = {name: pa.string() for name in ("item_id", "side", "how", "listed")}
    schema = pa.schema([*columns.items(), ("share", pa.float64())])
    table = pa.Table.from_pylist(rows, schema)
    return Found(table, {**facts, "items": len(seen), "total": len(total)})


def _is_in(keys: "pa.ChunkedArray", found: dict[str, Any]) -> "pa.ChunkedArray":
    import pyarrow as pa  # noqa: PLC0415 - as above
    from pyarrow.compute import is_in  # noqa: PLC0415

    return is_in(keys, value_set=pa.array(list(found), pa.string()))


def _listed(store: Store, listed: BatchInfo, viewer: Viewer, side: Side) -> _List:
    """Read one side of the list; short answers are in every list, and are left out."""
    import pyarrow as pa  # noqa: PLC0415 - as above

    tables, parts = [], []
    for block in text_blocks(store, listed.batch_id, viewer, side):
        tables.append(block.rows)
        parts.append(shingles(block.data, block.start))
    texts = joined(parts)
    if not tables:
        schema = pa.schema([("item_id", pa.string()), ("text_key", pa.string())])
        return _List(schema.empty_table(), {}, isolated(texts))
    rows = pa.concat_tables(tables).combine_chunks()
    long_enough = texts.sizes >= (SMALLEST if side == "answer" else 1)
    kept = rows.filter(pa.array(long_enough))
    keys, items = kept["text_key"].to_pylist(), kept["item_id"].to_pylist()
    return _List(rows, dict(zip(keys, items, strict=True)), isolated(texts))


def _matches(
    store: Store, batch: BatchInfo, viewer: Viewer, side: Side, *, listed: _List, threshold: float
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the hash of each text that holds one of the list, and which and how."""
    if not listed.items.num_rows:
        return
    read = 0
    for block in text_blocks(store, batch.batch_id, viewer, side):
        read += block.rows.num_rows
        tell(f"holding {side}s against the list", min(read / max(batch.items, 1), 0.99))
        keys = block.rows["text_key"].to_pylist()
        close = held(shingles(block.data, block.start), listed.runs, threshold=threshold)
        items = listed.items["item_id"].take(np.asarray(close.listed)).to_pylist()
        for place, item, share in zip(
            close.text.tolist(), items, close.share.tolist(), strict=True
        ):
            yield keys[place], {"how": "contained", "listed": item, "share": share}
        for key in keys:
            if key in listed.by_key:
                yield key, {"how": "equal", "listed": listed.by_key[key], "share": 1.0}
