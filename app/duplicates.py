"""Copies: which prompts of a batch are equal or nearly so, searched once and kept."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from app.coverage import counts
from app.progress import tell
from app.searching import kept_or_searched, number
from app.sources import Row
from metrics.duplicates import Copies
from metrics.estimates import Estimate
from metrics.minhash import THRESHOLD, NearCopies, near_copies, signatures
from metrics.shingles import joined, shingles
from queries.batches import BatchInfo
from queries.errors import InputError
from queries.kept_findings import Found
from queries.scope import Scope, Viewer
from queries.store import Store
from queries.texts import text_blocks

if TYPE_CHECKING:
    import pyarrow as pa

    from app.measure import Request

KIND = "near_duplicates"
PARTLY_SEEN = "copies are looked for in whole batches, and this viewer sees a part of it"
SLICED = "copies are counted over the whole batch; leave --by and --where out"


@dataclass(frozen=True, slots=True, eq=False)
class Duplicates:
    """What a search found.

    Attributes
    ----------
    copies : the counts
    rows : item_id, text_key, items, cluster, nearest, similarity of every prompt that is not alone,
        largest cluster first
    """

    copies: Copies
    rows: "pa.Table"


def estimates(request: "Request", question: str | None, by: tuple[str, ...]) -> Iterator[Row]:
    """Yield the one figure of the batch (see `app.sources`)."""
    del question
    if by or request.where:
        raise InputError(f"{request.metric.id}: {SLICED}")
    if not request.viewer.sees_all_of(request.batch):
        yield Row(missing(PARTLY_SEEN), population="all")
        return
    threshold = number(request.options, "threshold", THRESHOLD)
    found = duplicates(request.store, request.batch, request.viewer, threshold=threshold)
    yield Row(request.metric.function(found.copies), population="all")


def missing(reason: str) -> Estimate:
    """Return an estimate that says what is not there."""
    return Estimate(about="batch", status="missing_input", reason=reason)


def duplicates(
    store: Store, batch: BatchInfo, viewer: Viewer, *, threshold: float = THRESHOLD
) -> Duplicates:
    """Return equal and near prompts of a batch; searched when somebody asks first."""
    asked = {"threshold": threshold}
    found = kept_or_searched(
        store, batch, KIND, asked, lambda: _search(store, batch, viewer, threshold)
    )
    return Duplicates(Copies(**found.facts), found.rows)


def _search(store: Store, batch: BatchInfo, viewer: Viewer, threshold: float) -> Found:
    import pyarrow as pa  # noqa: PLC0415 - a command that finds it kept need not wait for it

    tables, parts = [], []
    read, total = 0, max(batch.items, 1)
    for block in text_blocks(store, batch.batch_id, viewer, "prompt"):
        tables.append(block.rows)
        parts.append(shingles(block.data, block.start))
        read += block.rows.num_rows
        tell("reading prompts", 0.4 * min(read / total, 1.0))
    texts = joined(parts)
    tell("hashing", 0.4)
    signed = signatures(texts)
    near = near_copies(
        texts, signed, threshold=threshold, progress=lambda what, done: tell(what, 0.6 + 0.4 * done)
    )
    rows = pa.concat_tables(tables).combine_chunks() if tables else _empty()
    chosen, copies = _counted(rows["items"].to_numpy(), near, threshold)
    ordinary = counts(store, Scope(batch.batch_id, "all", viewer=viewer)).get("", 0)
    nearest = pa.array(near.nearest[chosen], mask=near.nearest[chosen] < 0)
    result = rows.take(chosen).append_column("cluster", pa.array(near.cluster[chosen]))
    result = result.append_column("nearest", rows["item_id"].take(nearest))
    result = result.append_column(
        "similarity", pa.array(near.similarity[chosen], mask=near.nearest[chosen] < 0)
    )
    return Found(result, {**copies, "without_text": max(ordinary - copies["items"], 0)})


def _counted(
    items: np.ndarray, near: NearCopies, threshold: float
) -> tuple[np.ndarray, dict[str, int | float]]:
    """Return the places of prompts that are not alone, largest cluster first, and the counts."""
    size = np.bincount(near.cluster, weights=items).astype(np.int64)
    of_text = size[near.cluster] if len(items) else size
    order = np.lexsort((np.arange(len(items)), near.cluster, -of_text))
    chosen = order[of_text[order] > 1]
    return chosen, {
        "items": int(items.sum()),
        "texts": len(items),
        "clusters": near.clusters,
        "threshold": threshold,
        "compared": near.compared,
        "largest": int(size.max()) if len(size) else 0,
    }


def _empty() -> "pa.Table":
    import pyarrow as pa  # noqa: PLC0415 - as above

    columns = [("item_id", pa.string()), ("text_key", pa.string()), ("items", pa.int64())]
    return pa.schema(columns).empty_table()
