"""One statement within one scope: from kept statistics where they have it, else from records."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import duckdb

from queries import ledger
from queries.batches import BatchInfo
from queries.composition import compose, needed
from queries.errors import InputError, StoreError, first_line
from queries.materialise import (
    STREAMED,
    Statistic,
    inputs_digest,
    kept_population,
    kept_rows,
    matching,
    pattern_labels,
)
from queries.relations import MERGED_KEYS, Records, label_relation, relations
from queries.schema import ANNOTATION_DIMENSIONS, RECORD_TABLES
from queries.scope import Parameters, Scope, Viewer, matches
from queries.selects import select
from queries.statements import Statement, statement

if TYPE_CHECKING:
    import pyarrow as pa

    from queries.store import Store

_BROKEN: Final = (
    "IO Error",
    "Failed to read file",
    "No magic bytes",
    "Parquet file",
    "Out of buffer",
)
"""What DuckDB says of a file of records that is gone or damaged."""
_SHOWN: Final = 20
"""Values an error message lists at most."""


class Reading:
    """A batch as the catalogue had it at one moment, for all that one report fetches."""

    def __init__(self, store: "Store", batch_id: str, viewer: Viewer) -> None:
        """Use `Store.reading`."""
        self.store = store
        self._asked = batch_id, viewer
        self._renew()

    def _renew(self) -> None:
        # What the catalogue knows, not what the viewer is shown: the scope hides the rest.
        self.batch = self.store.known(*self._asked)
        self.records: Records = self.store.records(self.batch)
        self._statistics: dict[str, Statistic] | None = None

    def renewed(self) -> "Reading":
        """Read the catalogue again: a newer state replaced files of the one that was read."""
        self._renew()
        return self

    def statistic(self, name: str) -> Statistic | None:
        """Return a kept statistic whose file is as it was written."""
        if self._statistics is None:
            with self.store.catalogue.read() as cursor:
                self._statistics = ledger.read_statistics(cursor, self.batch.batch_id)
        found = self._statistics.get(inputs_digest(self.records, self.batch.parts, name))
        # The records give the same as a damaged file did, only slower.
        return found if found is not None and self.store.is_intact(found) else None

    def fetch(
        self,
        name: str,
        scope: Scope,
        *,
        over: Sequence[str] = (),
        **parameters: str | float | None,
    ) -> "pa.Table":
        """Return the rows of a statement, as `Store.fetch` does.

        Parameters
        ----------
        over : columns of a statistic to add up over; the rows do not have them
        """
        return Fetcher(self, name, scope).fetch(parameters, over=over)


class Fetcher:
    """Answers one call of `Store.fetch`."""

    def __init__(self, reading: Reading, name: str, scope: Scope) -> None:
        self._reading = reading
        self._store = reading.store
        self._statement: Statement = statement(name)
        self._scope = scope
        for question in scope.questions or ():
            self._batch.question(question)

    @property
    def _batch(self) -> BatchInfo:
        return self._reading.batch

    @property
    def _records(self) -> Records:
        return self._reading.records

    def fetch(
        self, parameters: Mapping[str, str | float | None], *, over: Sequence[str] = ()
    ) -> "pa.Table":
        """Return the rows, sorted."""
        with _told(self._batch.batch_id):
            return self._rows(parameters, over)

    def _rows(
        self, parameters: Mapping[str, str | float | None], over: Sequence[str]
    ) -> "pa.Table":
        if self._statement.kind == "records":
            return self._listing(parameters)
        dimension = parameters.get("dimension")
        self._refuse_unknown_dimension(dimension)
        for _ in range(2):
            kept = self._kept(dimension)
            if kept is None:
                break
            try:
                return self._from_kept(*kept, parameters, over)
            except duckdb.IOException:
                self._reading.renewed()
        return self._from_records(parameters, over)

    def _listing(self, parameters: Mapping[str, str | float | None]) -> "pa.Table":
        known = self._statement.parameters
        unknown = set(parameters) - set(known)
        if unknown:
            message = (
                f"{self._statement.name} has no parameter {', '.join(sorted(unknown))}; "
                f"it has {', '.join(known) or 'none'}"
            )
            raise ValueError(message)
        if self._statement.name == "presence" and self._parts_tell_presence():
            return self._presence()
        defaults = {name: parameter.default for name, parameter in known.items()}
        values = {**defaults, **parameters}
        dimension = values.get("dimension")
        self._refuse_unknown_dimension(dimension)
        return self._run(self._statement.text, values, dimension=dimension)

    def _parts_tell_presence(self) -> bool:
        """Whether the values that are filled add up over the parts, so that no record is read."""
        scope, merged = self._scope, {*MERGED_KEYS, "resolution"}
        return not (
            scope.where or scope.questions or merged & self._batch.repeated
        ) and scope.viewer.sees_all_of(self._batch)

    def _presence(self) -> "pa.Table":
        tables = [
            (table, column, info.filled.get(column, 0), info.rows)
            for part in self._batch.parts
            for table, info in part.tables.items()
            if table != "question"
            for column in RECORD_TABLES[table]
        ]
        columns = self._statement.columns
        unnested = [f"unnest(${name}::{kind}[]) as {name}" for name, kind in columns.items()]
        summed = ["table_name", "column_name"]
        shown = [*summed, *(f"sum({name})::bigint as {name}" for name in ("filled", "row_count"))]
        source = f"(select {', '.join(unnested)})"
        values = {name: [row[at] for row in tables] for at, name in enumerate(columns)}
        with self._store.cursor() as cursor:
            text = select(shown, source, group_by=summed, order_by=summed)
            return _arrow(cursor, text, values)

    def _kept(self, dimension: str | float | None) -> tuple[Statistic, str] | None:
        """Return the kept statistic that has this scope's rows, and its population."""
        scope, batch = self._scope, self._batch
        if self._statement.name in STREAMED:
            return None
        if scope.where or not scope.viewer.sees_all_of(batch):
            return None
        if dimension in batch.other_dimensions:
            return None
        population = kept_population(batch, self._statement.name, scope.population_roles)
        if population is None:
            return None
        found = self._reading.statistic(self._statement.name)
        return None if found is None else (found, population)

    def _from_kept(
        self,
        kept: Statistic,
        population: str,
        parameters: Mapping[str, str | float | None],
        over: Sequence[str],
    ) -> "pa.Table":
        columns = self._statement.columns
        where, values = matching(self._statement, parameters)
        if kept.path is None:
            nothing = [f"null::{kind} as {name}" for name, kind in columns.items()]
            text = select(nothing, "(select 1)", where=["false"])
            with self._store.cursor() as cursor:
                return _arrow(cursor, text, {})
        where = ["population = $kept_population", *where]
        values["kept"] = kept_rows(kept, self._store.folder)
        values["kept_population"] = population
        if self._scope.questions is not None:
            where.append("question = any($questions::varchar[])")
            values["questions"] = list(self._scope.questions)
        rows = select(columns, "read_parquet($kept)", where=where)
        # Two names of one set of roles share the file; a row states the name that was asked for.
        shown = ["$shown as population" if name == "population" else name for name in columns]
        values["shown"] = self._scope.population_name
        # A file keeps the order it was written in, and a scan of it does too: sorting it again
        # takes longer than reading it.
        as_written = not over and self._statement.is_in_column_order
        text = select(shown, f"({rows})")
        text = text if as_written else self._summed(text, over)
        with self._store.cursor() as cursor:
            return _arrow(cursor, text, values)

    def _from_records(
        self, parameters: Mapping[str, str | float | None], over: Sequence[str]
    ) -> "pa.Table":
        where, values = matching(self._statement, parameters)
        rows = select(self._statement.columns, f"({self._statement.text})", where=where)
        return self._run(self._summed(rows, over), values, dimension=parameters.get("dimension"))

    def _summed(self, rows: str, over: Sequence[str]) -> str:
        """Return the select that adds rows up over some columns, and sorts them."""
        if not over:
            return select(["*"], f"({rows})", order_by=["all"])
        columns, added = self._statement.columns, self._statement.additive
        if not added or added in over or not set(over) <= set(columns):
            message = f"{self._statement.name} cannot be added up over {', '.join(over)}"
            raise ValueError(message)
        kept = [name for name in columns if name not in (*over, added)]
        shown = [*kept, f"cast(sum({added}) as bigint) as {added}"]
        return select(shown, f"({rows})", group_by=kept, order_by=["all"])

    def stream(
        self, parameters: Mapping[str, str | float | None], *, rows: int
    ) -> "Iterator[pa.Table]":
        """Yield the rows of a listing in blocks, for what does not fit into memory at once."""
        import pyarrow as pa  # noqa: PLC0415 - as in `queries.texts`: few commands stream

        defaults = {each.name: each.default for each in self._statement.parameters.values()}
        with _told(self._batch.batch_id), self._store.cursor() as cursor:
            composed, values = self._composed(cursor, self._statement.text, dimension=None)
            bound = {**values, **defaults, **parameters}
            for block in cursor.sql(composed, params=bound).to_arrow_reader(rows):
                yield pa.Table.from_batches([block])

    def write(
        self, path: Path, shown: Mapping[str, str], parameters: Mapping[str, str | float | None]
    ) -> int:
        """Write the rows of a listing to a file, `shown` as column -> expression; return how many.

        Rows go from file to file; none of them passes through Python.
        """
        known = self._statement.parameters
        defaults = {name: parameter.default for name, parameter in known.items()}
        columns = [f"{expression} as {name}" for name, expression in shown.items()]
        text = select(columns, f"({self._statement.text})")
        with self._store.cursor() as cursor:
            composed, values = self._composed(cursor, text, dimension=None)
            return copy(cursor, composed, {**values, **defaults, **parameters}, path)

    def _run(
        self, text: str, values: Mapping[str, object], *, dimension: str | float | None
    ) -> "pa.Table":
        with self._store.cursor() as cursor:
            composed, bound = self._composed(cursor, text, dimension=dimension)
            return _arrow(cursor, composed, {**bound, **values})

    def _composed(
        self, cursor: duckdb.DuckDBPyConnection, text: str, *, dimension: str | float | None
    ) -> tuple[str, Parameters]:
        """Put the relations a select names in front of it."""
        dimensions = None if dimension is None else [str(dimension)]
        self._refuse_unmatched(cursor)
        available = relations(self._records, self._scope, labels={}, dimensions=dimensions)
        if "scope_label" in needed(available, text):
            labels = pattern_labels(cursor, self._records, self._scope)
            available["scope_label"] = label_relation(labels)
        return compose(available, text)

    def _refuse_unknown_dimension(self, dimension: str | float | None) -> None:
        batch = self._batch
        if dimension and dimension not in (*batch.dimensions, *batch.other_dimensions):
            raise InputError(_no_dimension(str(dimension), batch))

    def _refuse_unmatched(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Refuse a filter on a dimension that does not exist, or by a value nothing has."""
        batch = self._batch
        known = {*ANNOTATION_DIMENSIONS, *batch.dimensions, *batch.other_dimensions}
        everything = Scope(batch.batch_id, viewer=self._scope.viewer)
        available = relations(self._records, everything)
        for dimension, value in self._scope.where:
            if dimension not in known:
                raise InputError(_no_dimension(dimension, batch))
            if self._scope.may_be_empty:
                continue
            column, source, where, bound = _values_of(dimension)
            condition, sought = matches(column, "sought", [value])
            text = select(["1"], source, where=[*where, condition], limit=1)
            composed, values = compose(available, text)
            if cursor.execute(composed, {**values, **bound, **sought}).fetchall():
                continue
            text = select([f"distinct {column}"], source, where=where, order_by=[column], limit=21)
            composed, values = compose(available, text)
            rows = cursor.execute(composed, {**values, **bound}).fetchall()
            raise InputError(_no_value(dimension, value, [str(row[0]) for row in rows], batch))


def _values_of(dimension: str) -> tuple[str, str, list[str], Parameters]:
    """Return column, relation, conditions and bound values that give the values of a dimension."""
    if dimension in ANNOTATION_DIMENSIONS:
        return dimension, "scope_annotation", [f"{dimension} is not null"], {}
    where = ["value is not null", "name = $sought_dimension"]
    return "value", "scope_item_attribute", where, {"sought_dimension": dimension}


def _no_dimension(dimension: str, batch: BatchInfo) -> str:
    known = ", ".join((*batch.dimensions, *batch.other_dimensions)) or "none"
    return f"batch {batch.batch_id!r} has no dimension {dimension!r}; it has {known}"


def _no_value(dimension: str, value: str, found: list[str], batch: BatchInfo) -> str:
    shown = ", ".join(found[:_SHOWN]) + (" ..." if len(found) > _SHOWN else "")
    return (
        f"nothing in batch {batch.batch_id!r} has {dimension} {value!r}; "
        f"there is {shown or 'no value at all'}"
    )


def copy(
    cursor: duckdb.DuckDBPyConnection, text: str, values: Mapping[str, object], path: Path
) -> int:
    """Write the rows of a select to a JSONL or Parquet file, as its suffix says.

    Raises
    ------
    StoreError
        When memory or disk do not suffice.
    """
    form = "parquet" if path.suffix == ".parquet" else "json"
    target = "'" + str(path).replace("'", "''") + "'"
    try:
        done = cursor.execute(f"copy ({text}) to {target} (format {form})", dict(values)).fetchone()
    except (duckdb.OutOfMemoryException, duckdb.IOException) as error:
        message = f"{path.name} cannot be written: {str(error).splitlines()[0]}"
        raise StoreError(message) from error
    return int(done[0]) if done else 0


def _arrow(
    cursor: duckdb.DuckDBPyConnection, text: str, values: Mapping[str, object]
) -> "pa.Table":
    table: pa.Table = cursor.sql(text, params=dict(values)).to_arrow_table()
    return table


@contextmanager
def _told(batch_id: str) -> Iterator[None]:
    """Say what the machine or the files of a batch would not give."""
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        message = (
            f"not enough memory or scratch space for this query: {first_line(error)}; raise "
            "BATCHGATE_MEMORY (for example 8GB) or free disk space"
        )
        raise StoreError(message) from error
    except duckdb.Error as error:
        if not any(mark in str(error) for mark in _BROKEN):
            raise
        message = (
            f"cannot read the records of batch {batch_id!r}: {first_line(error)}; "
            "`batchgate doctor` says what is broken"
        )
        raise StoreError(message) from error
