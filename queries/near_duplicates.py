"""Near-duplicate texts of a batch, or between batches: searched once, then kept beside it.

Equal texts are put together first. Signatures of the rest (MinHash over shingles of three words, of
four characters in scripts without blanks) say which pairs are worth a look; the Jaccard index of
their shingles says which of these are near duplicates, and what hangs together is one cluster.
Texts stay in DuckDB; hashes of shingles pass through the signature library in blocks.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from queries import ledger
from queries.batches import BatchInfo
from queries.composition import compose
from queries.digest import file_sha256
from queries.errors import StoreError
from queries.materialise import Statistic, publish
from queries.relations import literal_glob, relations
from queries.scope import Scope, Viewer
from queries.text_facts import SPACELESS

if TYPE_CHECKING:
    from queries.store import Store

Side = Literal["prompt", "response"]
Progress = Callable[[str, float], None]
Numbers = npt.NDArray[np.int64]
NAME: Final = "near_duplicates"
FORMAT: Final = 1
"""Part of every key: raise it when shingles, signatures or clusters change meaning."""
BANDS: Final = 20
ROWS: Final = 5
"""A pair of similarity s is looked at with probability 1 - (1 - s^5)^20: .9996 at .8."""
SEED: Final = 42
SEARCHED_AT_ONCE: Final = 5_000
"""Texts that are searched in about a second, so that nothing needs to be kept."""
_BLOCK: Final = 20_000
_CROWD: Final = 50
"""Texts with one band in common up to which all pairs are looked at; beyond, neighbours only."""
_FEW: Final = 300
"""Texts up to which every pair is compared."""
_ALL_PAIRS: Final = """
create temp table candidate as select x.document as a, y.document as b
from document as x inner join document as y on x.document < y.document
"""
_CROWDS: Final = """
create or replace temp table crowd as
select
    <key> as key,
    document,
    count(*) over (partition by <key>) as size,
    min(document) over (partition by <key>) as first_one,
    lag(document) over (partition by <key> order by document) as before
from signature
where <key> in (select <key> from signature group by <key> having count(*) > 1)
"""
_PAIRS: Final = """
insert into candidate
select one.document, other.document
from crowd as one
inner join crowd as other
    on one.key = other.key and one.document < other.document and one.size <= $crowd
union
select first_one, document from crowd where size > $crowd and first_one <> document
union
select before, document from crowd where size > $crowd and before is not null
"""
_SHINGLES: Final = """
create temp table shingle as
select document, list_distinct(list_transform(
    range(1, greatest(len(tokens) - width + 2, 2)),
    lambda i: case when width = 3 then hash(tokens[i], tokens[i + 1], tokens[i + 2])
        else hash(tokens[i], tokens[i + 1], tokens[i + 2], tokens[i + 3]) end
)) as shingles
from (
    select
        document,
        case when regexp_matches(words, '<scripts>') then 4 else 3 end as width,
        case
            when regexp_matches(words, '<scripts>') then string_split(replace(words, ' ', ''), '')
            else string_split(words, ' ')
        end as tokens
    from document
)
""".replace("<scripts>", SPACELESS)


@dataclass(frozen=True, slots=True)
class Settings:
    """What is looked for.

    Attributes
    ----------
    side : prompts or responses
    similarity : Jaccard index from which on two texts are near duplicates
    role : of the other batches only items with this `set_role`, where they have one
    shortest : words a text must have to be compared
    """

    side: Side = "prompt"
    similarity: float = 0.8
    role: str = ""
    shortest: int = 1


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found: a row per text in a cluster of two or more.

    `rows` has cluster, source (0 for the batch, then the others in order), item_id, response_id,
    document (equal texts have one) and unit; `texts` counts the texts of each source.
    """

    rows: pa.Table
    texts: tuple[int, ...]


def key_of(batch: BatchInfo, against: Sequence[BatchInfo], settings: Settings) -> str:
    """Return the key of a search: the data, the settings, and how it is done."""
    inputs = {
        "format": FORMAT,
        "name": NAME,
        "batches": [[each.batch_id, each.digest] for each in (batch, *against)],
        "method": [BANDS, ROWS, SEED, _SHINGLES],
        **asdict(settings),
    }
    return sha256(json.dumps(inputs, ensure_ascii=False).encode()).hexdigest()


def kept(
    store: "Store", batch: BatchInfo, against: Sequence[BatchInfo], settings: Settings
) -> Found | None:
    """Return what an earlier search found; None where there was none, or its file is damaged."""
    with store.catalogue.read() as cursor:
        found = ledger.read_statistics(cursor, batch.batch_id).get(key_of(batch, against, settings))
    if found is None or found.path is None or not store.is_intact(found):
        return None
    with store.cursor() as cursor:
        rows = cursor.sql(
            "select * from read_parquet($path) order by all",
            params={"path": literal_glob(str(store.folder / found.path))},
        ).to_arrow_table()
    return _found(rows, 1 + len(against))


def search(
    store: "Store",
    batch: BatchInfo,
    viewer: Viewer,
    settings: Settings,
    *,
    against: Sequence[BatchInfo] = (),
    keep: bool = True,
    progress: Progress = lambda _what, _share: None,
) -> Found:
    """Search a batch, and others beside it, for texts that are nearly the same.

    Parameters
    ----------
    against : other batches; a cluster may then reach over several
    keep : write what was found into the store
    progress : is told what is done and the share that is behind it

    Raises
    ------
    StoreError
        When memory or disk do not suffice, or the store cannot be written.
    """
    with store.cursor() as cursor:
        try:
            progress("reading the texts", 0.0)
            _read(cursor, store, (batch, *against), viewer, settings)
            if _documents(cursor) <= _FEW:
                cursor.execute(_ALL_PAIRS)
            else:
                _sign(cursor, progress)
                progress("comparing the candidates", 0.7)
                _compare(cursor)
            _verify(cursor, settings.similarity)
            progress("putting clusters together", 0.95)
            rows = _clusters(cursor)
        except (duckdb.OutOfMemoryException, duckdb.IOException) as error:
            message = f"the search for near duplicates broke off: {str(error).splitlines()[0]}"
            raise StoreError(message) from error
        if keep:
            _keep(store, cursor, batch, key_of(batch, against, settings), rows)
    progress("done", 1.0)
    return _found(rows, 1 + len(against))


def _found(rows: pa.Table, sources: int) -> Found:
    """Split what is kept: totals are rows of cluster -1."""
    totals = [0] * sources
    import pyarrow.compute as pc  # noqa: PLC0415 - only a search needs it

    for row in rows.filter(pc.equal(rows["cluster"], -1)).to_pylist():
        totals[row["source"]] = row["document"]
    return Found(rows.filter(pc.not_equal(rows["cluster"], -1)), tuple(totals))


def _read(
    cursor: duckdb.DuckDBPyConnection,
    store: "Store",
    batches: Sequence[BatchInfo],
    viewer: Viewer,
    settings: Settings,
) -> None:
    """Put the texts of all batches into one table, equal ones under one number."""
    cursor.execute(
        "create temp table said (source integer, item_id varchar, response_id varchar,"
        " unit varchar, words varchar)"
    )
    for source, batch in enumerate(batches):
        scope = Scope(batch.batch_id, "all", viewer=viewer)
        text, values = compose(
            relations(store.records(batch), scope),
            "select $source as source, item_id, response_id, unit, words from scope_text"
            " where side = $side and words <> '' and ($role = '' or set_role = $role)"
            " and ($shortest = 1 or len(string_split(words, ' ')) >= $shortest"
            " or regexp_matches(words, $spaceless) and length(words) >= 3 * $shortest)",
        )
        values |= {"source": source, "side": settings.side, "shortest": settings.shortest}
        values["spaceless"] = SPACELESS
        # Of an evaluation list that shares its batch with other items, only its own.
        values |= {"role": settings.role if source and "item.set_role" in batch.filled else ""}
        cursor.execute(f"insert into said {text}", values)
    cursor.execute(
        "create temp table document as select words, row_number() over (order by words) - 1"
        " as document from said group by words"
    )
    cursor.execute(
        "create temp table member as select source, item_id, response_id, unit, document"
        " from said inner join document using (words)"
    )
    cursor.execute("drop table said")
    cursor.execute(_SHINGLES)


def _sign(cursor: duckdb.DuckDBPyConnection, progress: Progress) -> None:
    """Write the band keys of every text, block by block."""
    keys = ", ".join(f"k{band} ubigint" for band in range(BANDS))
    cursor.execute(f"create temp table signature (document bigint, {keys})")
    total = _documents(cursor)
    for start in range(0, total, _BLOCK):
        progress("signing the texts", 0.2 + 0.5 * start / total)
        block = cursor.sql(
            "select document, shingles from shingle where document >= $start"
            " and document < $stop order by document",
            params={"start": start, "stop": start + _BLOCK},
        ).to_arrow_table()
        columns = {"document": block["document"]}
        for band, values in enumerate(_bands(block["shingles"])):
            columns[f"k{band}"] = pa.array(values)
        cursor.register("signed_block", pa.table(columns))
        cursor.execute("insert into signature select * from signed_block")
        cursor.unregister("signed_block")


def _bands(column: pa.ChunkedArray) -> Iterator[npt.NDArray[np.uint64]]:
    """Yield the keys of each band for a column of lists of hashes."""
    from rensa import RMinHash  # noqa: PLC0415 - only a search needs it

    lists = pa.concat_arrays(column.chunks)
    starts = lists.offsets.to_numpy().astype(np.uint64)
    values = lists.values.to_numpy()[: int(starts[-1])]
    matrix = RMinHash.digest_matrix_from_flat_token_hashes(values, starts, BANDS * ROWS, SEED)
    signatures = np.array(matrix.to_rows(), dtype=np.uint64)
    for band in range(BANDS):
        key = np.full(len(signatures), band + 1, dtype=np.uint64)
        for place in range(band * ROWS, (band + 1) * ROWS):
            # FNV-1a over whole words: a key is met only by equal rows of a band.
            key = (key ^ signatures[:, place]) * np.uint64(0x100000001B3)
            key ^= key >> np.uint64(29)
        yield key


def _compare(cursor: duckdb.DuckDBPyConnection) -> None:
    """Collect the pairs of texts that have a band in common.

    Of a crowd every text is paired with the first and with the next one only: all pairs of a flood
    of ten thousand near copies would be fifty million. Clusters come out the same unless the crowd
    is held together by chance.
    """
    cursor.execute("create temp table candidate (a bigint, b bigint)")
    for band in range(BANDS):
        cursor.execute(_CROWDS.replace("<key>", f"k{band}"))
        cursor.execute(_PAIRS, {"crowd": _CROWD})


def _verify(cursor: duckdb.DuckDBPyConnection, similarity: float) -> None:
    """Keep the pairs whose Jaccard index reaches the similarity."""
    cursor.execute(
        "create temp table alike as select a, b from ("
        " select a, b, len(list_intersect(x.shingles, y.shingles)) as common,"
        " len(x.shingles) + len(y.shingles) as sizes"
        " from (select distinct a, b from candidate) as pair"
        " inner join shingle as x on a = x.document inner join shingle as y on b = y.document"
        " where least(len(x.shingles), len(y.shingles))"
        " >= $similarity * greatest(len(x.shingles), len(y.shingles))"
        ") where common >= $similarity * (sizes - common)",
        {"similarity": similarity},
    )


def _clusters(cursor: duckdb.DuckDBPyConnection) -> pa.Table:
    """Put together what hangs together; return the texts of clusters of two and more."""
    pairs = cursor.execute("select a, b from alike").fetchnumpy()
    root = _roots(_documents(cursor), np.asarray(pairs["a"]), np.asarray(pairs["b"]))
    table = pa.table({"document": np.arange(len(root)), "cluster": root})
    cursor.register("rooted", table)
    rows: pa.Table = cursor.sql(
        """
        with clustered as (
            select cluster, source, item_id, response_id, document, unit
            from member inner join rooted using (document)
        ), several as (
            select cluster from clustered group by cluster
            having count(distinct unit || ' ' || source) > 1
        )
        select cluster, source, item_id, response_id, document, unit from clustered
        where cluster in (select cluster from several)
        union all
        select -1, source, '', '', count(distinct (unit, document)), '' from member group by source
        order by all
        """
    ).to_arrow_table()
    cursor.unregister("rooted")
    return rows


def _documents(cursor: duckdb.DuckDBPyConnection) -> int:
    return int(cursor.execute("select count(*) from document").fetchall()[0][0])


def _roots(size: int, first: Numbers, second: Numbers) -> Numbers:
    """Return for every document the number of what it hangs together with."""
    from scipy.sparse import coo_array  # noqa: PLC0415 - only a search needs it
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

    pairs = coo_array((np.ones(len(first), dtype=np.int8), (first, second)), shape=(size, size))
    _, label = connected_components(pairs, directed=False)
    return np.asarray(label, dtype=np.int64)


def _keep(
    store: "Store", cursor: duckdb.DuckDBPyConnection, batch: BatchInfo, key: str, rows: pa.Table
) -> None:
    """Write what was found into the store, and have the catalogue speak of it."""
    path = f"batches/{batch.batch_key}/statistics/{key[:16]}/{NAME}.parquet"
    with store.imports.alone_if_free() as free:
        if not free:
            raise StoreError("an import is under way; search again when it is done")
        _write(cursor, store.folder / path, rows)
        one = Statistic(NAME, key, path, rows.num_rows, file_sha256(store.folder / path))
        with store.catalogue.read() as reading:
            known = key in ledger.read_statistics(reading, batch.batch_id)
        if not known:
            with store.catalogue.write(f"keeping duplicates of batch {batch.batch_id}") as writing:
                ledger.add_statistics(writing, batch.batch_id, [one])


def _write(cursor: duckdb.DuckDBPyConnection, target: Path, rows: pa.Table) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_suffix(".tmp")
    destination = str(temporary).replace("'", "''")
    cursor.register("found_rows", rows)
    cursor.execute(f"copy found_rows to '{destination}' (format parquet)")
    cursor.unregister("found_rows")
    publish(temporary, target)
