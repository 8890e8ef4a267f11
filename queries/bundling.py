"""Writing a batch out as a bundle: every record, under the names people came with."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from queries import ledger
from queries.batches import BatchInfo
from queries.composition import Relation, compose
from queries.errors import InputError
from queries.fetching import copy
from queries.relations import relations
from queries.schema import RECORD_TABLES
from queries.scope import Scope, Viewer
from queries.selects import quoted, select
from queries.store import Store

FILES: Final = {
    "item": "items",
    "item_attribute": "item_attributes",
    "response": "responses",
    "annotation": "annotations",
    "review": "reviews",
    "resolution": "resolutions",
    "probe": "probes",
    "signal": "signals",
    "event": "events",
    "person": "people",
    "knowledge_link": "knowledge_links",
}
"""Record table -> name of its file."""
_NAMES: Final = {
    "person_key": "annotator_id",
    "reviewer_key": "reviewer_id",
    "actor_key": "actor_id",
}
_KNOWN: Final = "select key from names"
# An answer that a later part gave again is no longer one.
_LATEST: Final = (
    "row_number() over (partition by item_id, question, person_key, round,"
    " status = 'submitted' order by part desc) as place"
)


LEFT_OUT: Final = {
    "annotation": "person_key = any($left_out::varchar[])",
    "review": "person_key = any($left_out::varchar[])",
    "event": "actor_key = any($left_out::varchar[])",
    "person": "person_key = any($left_out::varchar[])",
    # A label that votes made was made with theirs; one that somebody decided was not.
    "resolution": (
        "coalesce(rule, 'majority') in ('majority', 'weighted') and (item_id, question) in"
        " (select (item_id, question) from scope_annotation"
        " where person_key = any($left_out::varchar[]))"
    ),
}
"""Record table -> which of its rows go with somebody who is left out."""


def left_out_rows(store: Store, batch: BatchInfo, people: Sequence[str]) -> dict[str, int]:
    """Return record table -> rows that go when some people, by key, are left out of a batch."""
    available = relations(store.records(batch), Scope(batch.batch_id, viewer=Viewer.owner()))
    found: dict[str, int] = {}
    with store.cursor() as cursor:
        for table, condition in LEFT_OUT.items():
            if not any(table in part.tables for part in batch.parts):
                continue
            counted = select(["count(*)"], f"scope_{table}", where=[condition])
            text, values = compose(available, counted)
            row = cursor.execute(text, {**values, "left_out": list(people)}).fetchone()
            found[table] = int(row[0]) if row else 0
    return found


def write_bundle(
    store: Store, batch: BatchInfo, folder: Path, suffix: str, *, without: Sequence[str] = ()
) -> dict[str, int]:
    """Write the record files of a bundle into a folder; return file name -> rows.

    What the people of `without`, by key, answered is left out, with the reviews of it. Reviews
    they made themselves stay: those are about the work of others.

    `suffix` is "jsonl" or "parquet". Times are UTC and say so. What parts say again comes once.

    Raises
    ------
    InputError
        When a person of the batch was erased: their records have no name to come back under.
    StoreError
        When a file cannot be written.
    """
    scope = Scope(batch.batch_id, viewer=Viewer.owner())
    available = relations(store.records(batch), scope)
    written: dict[str, int] = {}
    with store.catalogue.read() as catalogue:
        names = ledger.read_all_names(catalogue)
    with store.cursor() as cursor:
        cursor.execute(
            "create temp table names as"
            " select unnest($keys::varchar[]) as key, unnest($ids::varchar[]) as id",
            {"keys": list(names), "ids": list(names.values())},
        )
        for table, stem in FILES.items():
            if not any(table in part.tables for part in batch.parts):
                continue
            _refuse_erased(cursor, available, table)
            left = table in LEFT_OUT and bool(without)
            text, values = compose(available, _rows(batch, table, without=left))
            values |= {"left_out": list(without)} if left else {}
            name = f"{stem}.{suffix}"
            rows = copy(cursor, text, values, folder / name)
            if rows or not left:
                written[name] = rows
            else:
                (folder / name).unlink()  # an empty file would be refused at import
    return written


def _rows(batch: BatchInfo, table: str, *, without: bool) -> str:
    columns = [_column(table, column) for column in RECORD_TABLES[table]]
    source = f"scope_{table}"
    if without:
        stays = [f"({LEFT_OUT[table]}) is not true"]
        kept = [*quoted(RECORD_TABLES[table]), *(["part"] if table == "annotation" else [])]
        source = f"({select(kept, source, where=stays)})"
    order = [f'r."{column}"' for column in RECORD_TABLES[table]]
    if table == "annotation" and "annotation" in batch.repeated:
        inner = select([*quoted(RECORD_TABLES[table]), _LATEST], source)
        source = f"({select(quoted(RECORD_TABLES[table]), f'({inner})', where=['place = 1'])})"
    return select(columns, f"{source} as r", order_by=order)


def _column(table: str, column: str) -> str:
    kind = RECORD_TABLES[table][column]
    if column in _NAMES:
        named = select(["id"], "names", where=[f'key = r."{column}"'])
        return f"({named}) as {_NAMES[column]}"
    if kind == "timestamp":
        return f"""strftime(r."{column}", '%Y-%m-%dT%H:%M:%S.%fZ') as "{column}\""""
    return f'r."{column}"'


def _refuse_erased(cursor: ledger.Cursor, available: dict[str, Relation], table: str) -> None:
    for column in _NAMES:
        if column not in RECORD_TABLES[table]:
            continue
        where = [f'"{column}" is not null', f'"{column}" not in ({_KNOWN})']
        text, values = compose(available, select(["1"], f"scope_{table}", where=where, limit=1))
        if cursor.execute(text, values).fetchone():
            raise InputError(
                f"a person in {table} was erased from the store, and a bundle names people; "
                "export the rows that ship instead (--as rows)"
            )
