"""The `table` format: CSV, TSV, JSONL or Parquet read through a mapping.

The files become one temporary table `raw`, a row a record and a column a slot of the mapping, and
a view `answers`, a row for each record and question. Everything after that is the same for every
format.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import duckdb

from queries.errors import InputError
from queries.ingest.columns import Columns, broken, columns_of, longer_lines
from queries.ingest.fields import TypedField, answer_fields, typed_fields
from queries.ingest.files import InputFile, refuse_mixed
from queries.ingest.mapping import PERSON_FIELDS, Mapping
from queries.ingest.report import Example, Loss
from queries.ingest.separators import refuse_shifted
from queries.ingest.shape import Shaped
from queries.ingest.starter import recognised
from queries.ingest.text import fill, identifier, literal

_CREATE: Final = "create or replace temp table raw as {select}"
_APPEND: Final = "insert into raw {select}"
_SELECT: Final = "select {columns} from {reader}"
# The unordered pair belongs to the item; `turned` says it was shown the other way round.
_PAIRED: Final = (
    "select * replace (case when pair_first is not null and pair_second is not null then "
    "item_id || '/' || option_name(least(pair_first, pair_second)) || '|' || "
    "option_name(greatest(pair_first, pair_second)) end as item_id), "
    "coalesce(pair_first > pair_second, false) as turned from ({select})"
)
_ANSWERS: Final = "create or replace temp view answers as {selects}"
_ANSWER: Final = (
    "select rowid as record, item_id, {turned} as turned, {question} as question, "
    "{annotator} as annotator, {value} as raw, {fields} from raw"
)
_NEAT: Final = frozenset({"group_id", "pair_first", "pair_second"})


@dataclass(frozen=True, slots=True)
class Slot:
    """A column of `raw`: the file's column or columns it is read from, and who asked for it."""

    name: str
    columns: tuple[str, ...]
    place: str
    ranks: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """Where the answers to one question stand: in which slot, of which annotator."""

    slot: str
    question: str | None
    annotator: str | None = None


def _itself(row: int) -> int:
    return row


@dataclass(frozen=True, slots=True)
class Staged:
    """What is in `raw`: its slots, its records by file, and what the mapping left out.

    Attributes
    ----------
    files : name, first record and number of records of each file
    rows : rows of `raw`
    place_of : number of a row of `raw` -> number of the record it was made of
    shaped : the other tables of a format that has more than answers
    """

    mapping: Mapping
    slots: tuple[Slot, ...]
    answers: tuple[Answer, ...]
    typed: dict[str, TypedField]
    times: frozenset[str]
    files: tuple[tuple[str, int, int], ...]
    unknown: tuple[Loss, ...]
    rows: int
    place_of: Callable[[int], int] = _itself
    shaped: Shaped | None = None

    @property
    def names(self) -> frozenset[str]:
        """Names of the slots."""
        return frozenset(slot.name for slot in self.slots)

    @property
    def records(self) -> int:
        """How many records the files have."""
        return sum(rows for _, _, rows in self.files)

    @property
    def read(self) -> int:
        """How many answers were read, one a row and question."""
        return self.rows * len(self.answers)

    @property
    def answer_keys(self) -> str:
        """The slots that, with the item, tell the answers of one record from another's."""
        named = ["annotator_id"] if self.answers and self.answers[0].annotator is None else []
        named += ["question_name", "round", "status"]
        return ", ".join(identifier(name) for name in named if name in self.names) or "1"

    def column(self, slot: str) -> str:
        """Return the file's column behind a slot, as examples name it."""
        return next(("/".join(one.columns) for one in self.slots if one.name == slot), slot)

    def example(self, record: int, column: str, found: str | None, allowed: str | None) -> Example:
        """Name the place of row number `record` of `raw`."""
        return self.placed(self.place_of(record), column, found, allowed)

    def placed(self, place: int, column: str, found: str | None, allowed: str | None) -> Example:
        """Name the place of a record by its number over all files."""
        for name, first, rows in self.files:
            if first <= place < first + rows:
                return Example(name, place - first + 1, column, found, allowed)
        raise IndexError(place)


def stage(
    cursor: duckdb.DuckDBPyConnection,
    files: Sequence[InputFile],
    mapping: Mapping | None,
    constants: dict[str, str],
) -> Staged:
    """Read the files into `raw` and lay the view `answers` over it.

    `constants` are those given with the command; they go before those of the mapping.

    Raises
    ------
    InputError
        When a file is broken, a column is missing, or nothing says what the columns mean.
    """
    refuse_mixed(files)
    tables = [columns_of(cursor, file) for file in files]
    if mapping is None:
        mapping = recognised(tables[0], constants)
    mapping = mapping.with_constants(constants)
    set_times(cursor, mapping)
    slots = tuple(_slots(mapping))
    counts: list[tuple[str, int, int]] = []
    for table in tables:
        first = sum(rows for _, _, rows in counts)
        rows = _load(cursor, table, slots, mapping, append=bool(counts))
        if not rows:
            raise InputError(f"{table.file.name}: no data rows; only the column names are there")
        counts.append((table.file.name, first, rows))
    times = frozenset(
        slot.name
        for slot in slots
        if all(table.is_time(column) for table in tables for column in slot.columns)
    )
    staged = Staged(
        mapping=mapping,
        slots=slots,
        answers=tuple(_answers(mapping)),
        typed=typed_fields(mapping, frozenset(slot.name for slot in slots), times),
        times=times,
        files=tuple(counts),
        unknown=_unknown(tables, slots),
        rows=sum(rows for _, _, rows in counts),
    )
    if staged.answers:
        cursor.execute(_answer_view(staged))
    return staged


def stage_shaped(
    cursor: duckdb.DuckDBPyConnection, shaped: Shaped, columns: Sequence[str], mapping: Mapping
) -> Staged:
    """Lay `raw` and `answers` over `shaped_annotation`, whose columns mean what they are called.

    `columns` are those of the relation, `place` aside; none where the export has no answers.
    """
    set_times(cursor, mapping)
    if not columns:
        cursor.execute("create or replace temp table raw (item_id varchar)")
        return Staged(
            mapping, (), (), {}, frozenset(), shaped.files, shaped.unknown, 0, _itself, shaped
        )
    slots = tuple(_slots(mapping))
    selected = ", ".join(f"{identifier(s.columns[0])} as {identifier(s.name)}" for s in slots)
    query = fill(_SELECT, columns=f"{selected}, place", reader="shaped_annotation")
    done = cursor.execute(fill(_CREATE, select=query)).fetchone()

    def place_of(row: int) -> int:
        found = cursor.execute("select place from raw where rowid = $1", [row]).fetchone()
        return int(found[0]) if found else 0

    staged = Staged(
        mapping=mapping,
        slots=slots,
        answers=tuple(_answers(mapping)),
        typed=typed_fields(mapping, frozenset(slot.name for slot in slots), frozenset()),
        times=frozenset(),
        files=shaped.files,
        unknown=shaped.unknown,
        rows=int(done[0]) if done else 0,
        place_of=place_of,
        shaped=shaped,
    )
    cursor.execute(_answer_view(staged))
    return staged


def set_times(cursor: duckdb.DuckDBPyConnection, mapping: Mapping) -> None:
    """Make the session read naive times in the mapping's zone, and try its format."""
    zone, form = mapping.time.zone or "UTC", mapping.time.format
    try:
        cursor.execute("set timezone = $1", [zone])
    except duckdb.Error:
        message = f"[time] zone: found {zone!r}; allowed: a name such as UTC or Europe/Berlin"
        raise InputError(message) from None
    if form is None or form in {"epoch", "epoch_ms"}:
        return
    try:
        cursor.execute(fill("select typeof(try_strptime('', {form}))", form=literal(form)))
    except duckdb.Error:
        raise InputError(
            f"[time] format: found {form!r}; allowed: a format such as %Y-%m-%d %H:%M:%S, epoch, "
            "epoch_ms"
        ) from None


def _slots(mapping: Mapping) -> Iterator[Slot]:
    """Yield every column the mapping asks for."""
    for name, columns in mapping.columns.items():
        listed = (columns,) if isinstance(columns, str) else tuple(columns)
        slot = "value_0" if name == "value" else "question_name" if name == "question" else name
        yield Slot(slot, listed, f"[columns] {name}")
    for number, (name, column) in enumerate(mapping.attributes.items()):
        yield Slot(f"attribute_{number}", (column,), f"[attributes] {name}")
    for number, question in enumerate(mapping.question):
        if question.column is not None:
            single = isinstance(question.column, str)
            listed = (question.column,) if isinstance(question.column, str) else (*question.column,)
            place = f"[[question]] {question.name} column"
            yield Slot(f"value_{number}", listed, place, ranks=not single)
    if mapping.wide is not None:
        for number, (name, column) in enumerate(mapping.wide.annotators.items()):
            yield Slot(f"wide_{number}", (column,), f"[wide] annotators {name}")
    if mapping.pair is not None:
        yield Slot("pair_first", (mapping.pair.first,), "[pair] first")
        yield Slot("pair_second", (mapping.pair.second,), "[pair] second")
    yield from _probe_slots(mapping)
    yield from _duration_slots(mapping)


def _probe_slots(mapping: Mapping) -> Iterator[Slot]:
    for number, probe in enumerate(mapping.probe):
        place = f"[[probe]] {number + 1}"
        if probe.when is not None:
            yield Slot(f"when_{number}", (probe.when.column,), f"{place} when")
        if probe.expected is not None:
            yield Slot(f"expected_{number}", (probe.expected,), f"{place} expected")


def _duration_slots(mapping: Mapping) -> Iterator[Slot]:
    duration = mapping.time.duration_seconds
    if duration is None:
        return
    if duration.column is not None:
        yield Slot("duration_seconds", (duration.column,), "[time] duration_seconds")
    if duration.start is not None and duration.end is not None:
        yield Slot("duration_start", (duration.start,), "[time] duration_seconds start")
        yield Slot("duration_end", (duration.end,), "[time] duration_seconds end")


def _answers(mapping: Mapping) -> Iterator[Answer]:
    if mapping.long:
        known = None if "question" in mapping.columns else mapping.constants.get("question")
        name = known or (None if "question" in mapping.columns else "value")
        yield Answer("value_0", name)
        return
    for number, question in enumerate(mapping.question):
        if question.column is not None:
            yield Answer(f"value_{number}", question.name)
    if mapping.wide is not None:
        for number, annotator in enumerate(mapping.wide.annotators):
            yield Answer(f"wide_{number}", mapping.wide.question, annotator)


def _load(
    cursor: duckdb.DuckDBPyConnection,
    table: Columns,
    slots: tuple[Slot, ...],
    mapping: Mapping,
    *,
    append: bool,
) -> int:
    """Read one file into `raw` and return how many records it has."""
    paired = mapping.pair is not None
    table.look_up(column for slot in slots for column in slot.columns)
    columns = ", ".join(
        f"{_expression(table, slot, paired=paired)} as {identifier(slot.name)}" for slot in slots
    )
    reader: str | None = table.reader
    while reader is not None:
        select = fill(_SELECT, columns=columns, reader=reader)
        if paired:
            select = fill(_PAIRED, select=select)
        try:
            done = cursor.execute(fill(_APPEND if append else _CREATE, select=select)).fetchone()
        except duckdb.OutOfMemoryException:
            raise
        except duckdb.Error as error:
            reader = longer_lines(reader, error)
            if reader is None:
                raise broken(table.file, error) from None
        else:
            rows = int(done[0]) if done else 0
            refuse_shifted(table.file, rows)
            return rows
    return 0


def _expression(table: Columns, slot: Slot, *, paired: bool) -> str:
    """Return the expression of a slot: a column as text, or several joined into one id."""
    parts = [table.text(column, slot.place) for column in slot.columns]
    if slot.ranks:
        return f"cast(to_json([{', '.join(parts)}]) as varchar)"
    if len(parts) > 1:
        return " || '/' || ".join(fill("step({part})", part=part) for part in parts)
    if slot.name in _NEAT or (slot.name == "item_id" and paired):
        return fill("neat({part})", part=parts[0])
    return parts[0]  # item ids that stand alone are made neat once they are known


def _answer_view(staged: Staged) -> str:
    names, mapping = staged.names, staged.mapping
    columns = answer_fields(mapping, names, staged.typed)
    columns |= {name: f"neat({identifier(name)})" for name in PERSON_FIELDS if name in names}
    fields = ", ".join(
        f"{expression} as {identifier(name)}" for name, expression in columns.items()
    )
    selects = []
    for answer in staged.answers:
        annotator = answer.annotator or mapping.constants.get("annotator_id")
        question = literal(answer.question) if answer.question else "canonical(question_name)"
        selects.append(
            fill(
                _ANSWER,
                turned="turned" if mapping.pair else "false",
                question=question,
                annotator=literal(annotator) if annotator else "annotator_id",
                value=identifier(answer.slot),
                fields=fields,
            )
        )
    return fill(_ANSWERS, selects=" union all ".join(selects))


def _unknown(tables: Sequence[Columns], slots: tuple[Slot, ...]) -> tuple[Loss, ...]:
    """List the columns that the mapping does not name, with the files that have them."""
    found: dict[str, list[Columns]] = {}
    for table in tables:
        claimed = {table.top(column) for slot in slots for column in slot.columns}
        for name in table.names:
            if name not in claimed:
                found.setdefault(name, []).append(table)
    return tuple(
        Loss(
            f"column {name!r} is not in the mapping",
            len(having),
            tuple(Example(table.file.name, 0, name, None) for table in having[:1]),
            fault=False,
            code="unused",
        )
        for name, having in found.items()
    )
