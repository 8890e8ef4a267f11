"""The annotators of TRL records: a second file that says who judged each record, and how.

One row is one annotator of one record. It names the record by `row` (its number in its file, from
1), `id` or `prompt`; `value` is that annotator's own answer where it may differ from what ships.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import duckdb

from queries.errors import InputError
from queries.ingest.findings import Files, found_where, unknown_fields
from queries.ingest.report import Loss
from queries.ingest.shape import SEAT
from queries.ingest.text import fill, identifier, literal

JUDGEMENTS: Final = ("chosen", "completion", "completions", "conversations")
"""Fields by which a record is one to be judged, and no row of annotators."""

_ANSWER: Final = (
    "role", "status", "round", "blind", "annotated_at", "duration_seconds", "guideline_version",
    "assist", "reason_tags", "note",
)  # fmt: skip
_PERSON: Final = ("team", "vendor", "tier", "language", "annotator_group")
_PLACE: Final = ("row", "file", "id", "prompt", "step")
_OWN_PERSON: Final = tuple(name for name in _PERSON if name != "language")
KEYS: Final = ("annotator_id", *_ANSWER, *_OWN_PERSON, "shown_order", "strength")
"""What may also stand in a record that names its annotator; a language there is the item's."""

_RECORD: Final = (
    "the record (and step) a row speaks of: its number in its file from 1, with the file's name "
    "where there are several; or its id; or its prompt (then of every record of that prompt)"
)
FIELDS: Final = {
    **{f"second file: {name}": _RECORD for name in _PLACE},
    "second file: annotator_id": "annotation.annotator_id; it and the fields below may also stand "
    "in the record itself, where one annotator judged it",
    "second file: value": "annotation.value: chosen, rejected or tie, or true or false; without it "
    "the annotator is taken to have given the answer of the record. Where it is there, the answer "
    "of the record becomes resolution.value",
    "second file: shown_order": "annotation.shown_order, from chosen|rejected or rejected|chosen",
    "second file: strength": "annotation.strength",
    **{f"second file: {name}": f"annotation.{name}" for name in _ANSWER},
    **{f"second file: {name}": f"person.{name}" for name in _PERSON},
}

_SIDE: Final = """
create or replace temp table trl_side as
select place, annotator_id, value, shown, strength, step, key, {fields} from (
    select place, {texts}, plain(json -> '$.annotator_id') as annotator_id,
        lower(tidy(plain(json -> '$.value'))) as value,
        lower(tidy(plain(json -> '$.shown_order'))) as shown,
        plain(json -> '$.strength') as strength, number(plain(json -> '$.step')) as step,
        case when whole(plain(json -> '$.row')) is not null
            then 'row ' || coalesce(plain(json -> '$.file'), {only}) || ' '
                || whole(plain(json -> '$.row'))
            when not blank(plain(json -> '$.id')) then 'id ' || neat(plain(json -> '$.id'))
            else 'prompt ' || tidy(plain(json -> '$.prompt')) end as key
    from exported where place not in (select place from trl_read)
    union all
    select place, {own}, plain(json -> '$.annotator_id'), null,
        lower(tidy(plain(json -> '$.shown_order'))), plain(json -> '$.strength'), null,
        'row ' || file || ' ' || row
    from trl_read where not blank(plain(json -> '$.annotator_id'))
)
"""
_KNOWN: Final = """
create or replace temp table trl_known as
select s.*, count(*) over (partition by s.place) as judgements, j.place as judged,
    j.item_id, j.question, j.value as shipped, j.other, j.margin
from trl_side as s join (
    select *, unnest(['row ' || file || ' ' || row, 'id ' || id, 'prompt ' || tidy(prompt)]) as key
    from trl_judged where sound
) as j on j.key = s.key and (s.step is null or j.step is null or s.step = j.step)
"""
_ANNOTATION: Final = """
create or replace temp table shaped_annotation as
select place, item_id, question, annotator_id,
    case when blank(value) then shipped when question <> 'preference'
        then coalesce(cast(truth(value) as varchar), value)
        when value = 'chosen' then shipped when value = 'rejected' then other
        else value end as value,
    coalesce(strength, case when blank(value) then margin end) as strength,
    case shown when 'chosen|rejected' then shipped || '|' || other
        when 'rejected|chosen' then other || '|' || shipped end as shown_order,
    {fields}
from trl_known
union all
select place, item_id, question, 'seat 1', value, margin, null, {nothing}
from trl_judged as j where sound and not exists (
    from trl_known as k where k.judged = j.place and k.item_id = j.item_id
)
"""
_RESOLUTION: Final = """
create or replace temp table shaped_resolution as
select distinct on (judged, item_id) judged as place, item_id, question, shipped as value
from trl_known where not blank(value)
"""
_PEOPLE: Final = """
create or replace temp table shaped_person as
select min(place) as place, annotator_id, {columns}
from trl_side where not blank(annotator_id) group by annotator_id
union all
select min(place), 'seat 1', {seat}
from shaped_annotation where annotator_id = 'seat 1'
    and not exists (from trl_side where annotator_id = 'seat 1')
having count(*) > 0
"""


@dataclass(frozen=True, slots=True)
class Annotators:
    """What the rows of annotators said: whether anybody saw a tie, and what was lost."""

    has_ties: bool
    dropped: tuple[Loss, ...]
    coerced: tuple[Loss, ...]
    unknown: tuple[Loss, ...]
    notes: tuple[Loss, ...]


def lay_out_annotators(cursor: duckdb.DuckDBPyConnection, files: Files) -> Annotators:
    """Make the shaped answers, people and labels that ship from `trl_judged` and `exported`.

    Raises
    ------
    InputError
        When a row of annotators does not say of which file it is, and there are several.
    """
    names = (*_ANSWER, *_PERSON)
    said = {name: f"plain(json -> '$.{name}')" for name in names}
    texts = ", ".join(f"{text} as {identifier(name)}" for name, text in said.items())
    own = ", ".join(text if name in KEYS else "null" for name, text in said.items())
    fields = ", ".join(map(identifier, names))
    only = literal(_only_file(cursor))
    cursor.execute(fill(_SIDE, fields=fields, texts=texts, own=own, only=only))
    cursor.execute(_KNOWN)
    read = {
        "annotated_at": "moment(annotated_at) as annotated_at",
        "duration_seconds": "case judgements when 1 then duration_seconds end as duration_seconds",
    }
    answers = ", ".join(read.get(name, name) for name in _ANSWER)
    nothing = ", ".join(["null"] * len(_ANSWER))
    cursor.execute(fill(_ANNOTATION, fields=answers, nothing=nothing))
    cursor.execute(_RESOLUTION)
    columns = ", ".join(f"arg_min({name}, place) as {name}" for name in _PERSON)
    seat = ", ".join(literal(SEAT) if name == "tier" else "null" for name in _PERSON)
    cursor.execute(fill(_PEOPLE, columns=columns, seat=seat))
    ties = "select exists (from shaped_annotation where question = 'preference' and value = 'tie')"
    found = cursor.execute(ties).fetchone()
    known = {"annotator_id", "value", "shown_order", "strength", *_PLACE, *names}
    second = "(select * from exported where place not in (select place from trl_read))"
    return Annotators(
        has_ties=bool(found and found[0]),
        dropped=tuple(_dropped(cursor, files)),
        coerced=tuple(_coerced(cursor, files)),
        unknown=unknown_fields(cursor, files, known, relation=second),
        notes=tuple(_notes(cursor, files)),
    )


def _only_file(cursor: duckdb.DuckDBPyConnection) -> str:
    """Return the file whose rows are meant when none is named."""
    names = [str(row[0]) for row in cursor.execute("select distinct file from trl_read").fetchall()]
    unnamed = (
        "select count(*) from exported where place not in (select place from trl_read) "
        "and json_exists(json, '$.row') and blank(plain(json -> '$.file'))"
    )
    found = cursor.execute(unnamed).fetchone()
    if len(names) > 1 and found and found[0]:
        raise InputError(
            f"the table of annotators names {found[0]} records by row and no file, and there are "
            f"{len(names)} files; add a column file with the file's name, or import one file a time"
        )
    return names[0] if names else ""


def _dropped(cursor: duckdb.DuckDBPyConnection, files: Files) -> Iterator[Loss]:
    yield from found_where(
        cursor,
        files,
        "place not in (select place from trl_known) and (key is null or key not in (select "
        "unnest(['row ' || file || ' ' || row, 'id ' || id, 'prompt ' || tidy(prompt)]) "
        "from trl_judged where not sound))",
        Loss("annotator of a record that is not there", 0, code="stranger"),
        column="row",
        found="key",
        allowed="the row, id or prompt of a record with a judgement",
        relation="trl_side",
    )


def _coerced(cursor: duckdb.DuckDBPyConnection, files: Files) -> Iterator[Loss]:
    yield from found_where(
        cursor,
        files,
        "shown is not null and shown not in ('', 'chosen|rejected', 'rejected|chosen')",
        Loss("shown_order that does not name chosen and rejected; left out", 0, code="unreadable"),
        column="shown_order",
        found="shown",
        allowed="chosen|rejected, rejected|chosen",
        relation="trl_side",
    )
    yield from found_where(
        cursor,
        files,
        "judgements > 1 and not blank(duration_seconds)",
        Loss(
            "one duration for several judgements; left out: the time of one is not known",
            0,
            code="group_duration",
        ),
        column="duration_seconds",
        found="duration_seconds",
        allowed="a row for each record and step",
        relation="trl_known",
    )


def _notes(cursor: duckdb.DuckDBPyConnection, files: Files) -> Iterator[Loss]:
    yield from found_where(
        cursor,
        files,
        "annotator_id = 'seat 1'",
        Loss(
            "no annotator is named: 'seat 1' stands for everybody and is no person; a table of "
            "annotators can be named as a second file",
            0,
            fault=False,
            code="seats",
        ),
        column="annotator_id",
        relation="shaped_annotation",
    )
