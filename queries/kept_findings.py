"""Findings that took a search: kept in the store when somebody asks first, read ever after.

A finding is a small table with a few facts beside it, keyed by the digest of the batch and by what
it was asked with. It goes when the batch gets another state, as statistics do.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import duckdb

from queries import ledger
from queries.batches import BatchInfo
from queries.digest import file_sha256
from queries.errors import StoreError
from queries.materialise import Statistic, publish
from queries.statements import statement
from queries.store import Store

if TYPE_CHECKING:
    import pyarrow as pa

FINDINGS: Final = ("near_duplicates", "contamination", "conflicts", "text_coverage")
"""Kinds of findings; they stand in the catalogue beside the statistics."""
FORMAT: Final = 1
"""Part of every key: raise it when a search finds other things."""
_FACTS: Final = b"batchgate"
Asked = Mapping[str, str | float | int]


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What a search found: rows, and facts about the whole."""

    rows: "pa.Table"
    facts: Mapping[str, Any]


def read_finding(store: Store, batch: BatchInfo, kind: str, asked: Asked) -> Found | None:
    """Return what was kept; None where nobody searched yet, or the file is damaged."""
    from pyarrow.parquet import read_table  # noqa: PLC0415 - slow to import

    with store.catalogue.read() as cursor:
        kept = ledger.read_statistics(cursor, batch.batch_id).get(_key(batch, kind, asked))
    if kept is None or kept.path is None or not store.is_intact(kept):
        return None
    rows = read_table(store.folder / kept.path, partitioning=None)
    return Found(rows, json.loads(rows.schema.metadata[_FACTS]))


def keep_finding(store: Store, batch: BatchInfo, kind: str, asked: Asked, found: Found) -> None:
    """Keep what was found. Where the store cannot be written now, the next one searches again."""
    if kind not in FINDINGS:
        raise ValueError(f"no kind of finding: {kind}")
    if store.catalogue.is_in_use_here:
        return
    with store.imports.alone_if_free() as free:
        if free:
            try:
                _keep(store, batch, kind, asked, found)
            except (OSError, duckdb.IOException, StoreError):
                return


def _keep(store: Store, batch: BatchInfo, kind: str, asked: Asked, found: Found) -> None:
    from pyarrow.parquet import write_table  # noqa: PLC0415 - slow to import

    with store.catalogue.read() as cursor:
        now = ledger.read_batches(cursor, batch.batch_id)
        known = ledger.read_statistics(cursor, batch.batch_id)
    key = _key(batch, kind, asked)
    if not now or now[0].digest != batch.digest or key in known:
        return
    path = f"batches/{batch.batch_key}/statistics/{key[:16]}/{kind}.parquet"
    target = store.folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_suffix(".tmp")
    facts = json.dumps(dict(found.facts), ensure_ascii=False, sort_keys=True).encode()
    write_table(found.rows.replace_schema_metadata({_FACTS: facts}), temporary)
    hashed = file_sha256(temporary)
    publish(temporary, target)
    row = Statistic(kind, key, path, found.rows.num_rows, hashed)
    with store.catalogue.write(f"keeping what was found in batch {batch.batch_id}") as cursor:
        ledger.add_statistics(cursor, batch.batch_id, [row])


def _key(batch: BatchInfo, kind: str, asked: Asked) -> str:
    inputs = {
        "format": FORMAT,
        "texts": statement("ordinary_texts").sha256,
        "kind": kind,
        "batch": batch.digest,
        "asked": dict(asked),
    }
    return sha256(json.dumps(inputs, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
