"""Statistics that are counted when somebody looks first, and kept for the next who looks."""

from collections.abc import Sequence
from typing import Final

import duckdb

from queries import ledger
from queries.errors import StoreError
from queries.materialise import ON_DEMAND, inputs_digest, materialise
from queries.scope import Viewer
from queries.store import Store

KEPT_FROM: Final = 20_000
"""Answers; a smaller batch is counted again faster than a file is kept safely."""


def keep_at_first_use(store: Store, batch_id: str, names: Sequence[str], viewer: Viewer) -> None:
    """Count statistics of a whole batch that no import counts, and keep them in the store.

    To be called before they are fetched. Nothing happens where they are kept already, where the
    viewer may not see all of the batch, or where the store cannot be written at this moment (an
    import is under way, it is read-only, the disk is full): the records give the same, slower.

    Parameters
    ----------
    names : of `queries.materialise.ON_DEMAND`; those whose columns the batch lacks stay empty
    """
    if unknown := set(names) - set(ON_DEMAND):
        message = f"kept at import, or not at all: {', '.join(sorted(unknown))}"
        raise ValueError(message)
    if store.catalogue.is_in_use_here or not _pending(store, batch_id, names, viewer):
        return
    with store.imports.alone_if_free() as free:
        if free:
            try:
                _keep(store, batch_id, names, viewer)
            except (OSError, duckdb.IOException, duckdb.OutOfMemoryException, StoreError):
                return


def _pending(store: Store, batch_id: str, names: Sequence[str], viewer: Viewer) -> bool:
    batch = store.known(batch_id, viewer)
    if batch.annotations < KEPT_FROM or not viewer.sees_all_of(batch):
        return False
    records = store.records(batch)
    with store.catalogue.read() as cursor:
        existing = ledger.read_statistics(cursor, batch_id)
    return any(inputs_digest(records, batch.parts, name) not in existing for name in names)


def _keep(store: Store, batch_id: str, names: Sequence[str], viewer: Viewer) -> None:
    """Count what is lacking. No import runs meanwhile, so the batch stays as it is."""
    batch = store.known(batch_id, viewer)
    with store.catalogue.read() as cursor:
        existing = ledger.read_statistics(cursor, batch_id)
    with store.cursor() as cursor:
        found = materialise(
            cursor,
            store.records(batch),
            batch.parts,
            root=store.folder,
            folder=f"batches/{batch.batch_key}/statistics",
            existing=existing,
            chosen=names,
        )
    new = [each for each in found if each.inputs_digest not in existing]
    with store.catalogue.write(f"keeping statistics of batch {batch_id}") as cursor:
        ledger.add_statistics(cursor, batch_id, new)
