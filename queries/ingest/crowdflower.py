"""CrowdFlower, Figure Eight and Appen: the full report of a job, one row a judgement.

The report does not say which of its columns are answers. A column with a `_gold` partner is one,
and so is a column in which judgements of one unit differ; what is the same for all judgements of
every unit was uploaded with the unit.
"""

from collections.abc import Sequence
from typing import Final

import duckdb

from queries.errors import InputError
from queries.ingest.crowd import (
    asked,
    lay_cells,
    lay_inputs,
    members,
    named_columns,
    read_as_sets,
    sets_among,
)
from queries.ingest.exported import lay_out
from queries.ingest.files import InputFile
from queries.ingest.findings import Files, each_field, filled_tables, found_where, unknown_fields
from queries.ingest.report import Loss
from queries.ingest.shape import Format, Sample, Shaped
from queries.ingest.text import fill, literal

_FIELDS: Final = {
    "_unit_id": "item.item_id",
    "_worker_id": "annotation.annotator_id",
    "_created_at": "annotation.annotated_at; the report names no zone",
    "_started_at": "annotation.duration_seconds = _created_at - _started_at; one page of work may "
    "show several units, which then share both times",
    "_golden": "probe: type golden with the expected answer, where true",
    "_tainted": "annotation.status = discarded, where true; the answer is kept and not counted",
    "_missed": "annotation.note = 'missed test question', where true",
    "_channel": "person.vendor",
    "_country": "person.annotator_group",
    "_trust": "not kept: the platform's own estimate of the worker; accuracy on test questions is "
    "computed here from the answers",
    "_id": "not kept: number of the judgement in the platform",
    "_region, _city, _ip": "not kept: where a person is",
    "_canary": "not kept: mark of the platform without meaning for the answer",
    "<question>": "annotation.value (question = name of the column); empty: status skipped, because"
    " the form did not ask, or the worker did not answer; several lines of short text: a set",
    "<question>_gold": "probe.expected; on a unit that is no test question the probe is of type "
    "reference",
    "<question>_gold_reason": "not kept: what the worker is told after a missed test question",
    "<input column>": "item.prompt where it is called text, prompt or alike, otherwise "
    "item_attribute of its name",
}
_SYSTEM: Final = frozenset(name for names in _FIELDS for name in names.split(", "))
_AGGREGATED: Final = ("_unit_state", "_trusted_judgments", "_last_judgment_at")
_FULL: Final = "download the report 'Full' of the job, which has a row for each judgement"
_LINE: Final = "\n"

_FORMS: Final = "['%m/%d/%Y %H:%M:%S', '%m/%d/%Y %H:%M', '%m/%d/%Y %I:%M:%S %p']"
_JUDGEMENTS: Final = """
create or replace temp table judgements as
select place, file,
    json ->> '$._unit_id' as item_id, json ->> '$._worker_id' as annotator_id,
    json ->> '$._created_at' as created_at, json ->> '$._started_at' as started_at,
    coalesce(try_strptime(tidy(json ->> '$._created_at'), {forms}),
        try_cast(json ->> '$._created_at' as timestamp)) as created,
    coalesce(try_strptime(tidy(json ->> '$._started_at'), {forms}),
        try_cast(json ->> '$._started_at' as timestamp)) as started,
    coalesce(truth(json ->> '$._tainted'), false) as tainted,
    coalesce(truth(json ->> '$._missed'), false) as missed,
    coalesce(truth(json ->> '$._golden'), not json_exists(json, '$._golden')) as golden
from exported
"""
_VARYING: Final = """
select name from (
    select cells.name, judgements.item_id,
        count(distinct cells.value) > 1 or count(*) < min(per_unit.judgements) as differs
    from cells join judgements using (place)
    join (
        select item_id, count(*) as judgements from judgements group by item_id
    ) as per_unit using (item_id)
    where not starts_with(cells.name, '_')
    group by cells.name, judgements.item_id
)
group by name having bool_or(differs) order by name
"""
_SHARED: Final = (
    "select exists (select 1 from judgements where item_id is not null "
    "group by item_id having count(*) > 1)"
)
_REPLIES: Final = """
create or replace temp table replies as
select place, name as question, replace(value, chr(13), '') as value
from cells where list_contains($questions::varchar[], name)
"""
_ANNOTATION: Final = """
create or replace temp table shaped_annotation as
select judgements.place, judgements.item_id, judgements.annotator_id, asked.question,
    case when list_contains($sets::varchar[], asked.question) then {members}
        else replies.value end as value,
    'human' as role,
    case when tainted then 'discarded' when replies.value is null then 'skipped'
        else 'submitted' end as status,
    case when created is not null and not regexp_matches(created_at, '^[0-9]{4}-')
        then strftime(created, '%Y-%m-%dT%H:%M:%S') else created_at end as annotated_at,
    cast((epoch_us(created) - epoch_us(started)) / 1e6 as varchar) as duration_seconds,
    case when missed then 'missed test question' end as note
from judgements cross join (select unnest($questions::varchar[]) as question) as asked
left join replies on replies.place = judgements.place and replies.question = asked.question
"""
_PROBE: Final = """
create or replace temp table shaped_probe as
select min(place) as place, item_id, question, type, expected from (
    select judgements.place, item_id, question,
        case when golden then 'golden' else 'reference' end as type,
        case when list_contains($sets::varchar[], question) then {members}
            when not contains(trim(value, chr(10)), chr(10)) then value end as expected
    from (
        select place, left(name, length(name) - 5) as question, replace(value, chr(13), '') as value
        from cells where list_contains($gold::varchar[], name)
    ) as gold join judgements using (place)
)
where type = 'golden' or expected is not null
group by item_id, question, type, expected
"""
_PERSON: Final = """
create or replace temp table shaped_person as
select min(place) as place, json ->> '$._worker_id' as annotator_id,
    min(json ->> '$._channel') as vendor, min(json ->> '$._country') as annotator_group
from exported
where not blank(json ->> '$._worker_id')
group by json ->> '$._worker_id'
having min(json ->> '$._channel') is not null or min(json ->> '$._country') is not null
"""


def _recognises(sample: Sample) -> bool:
    keys = sample.keys
    marks = {"_worker_id", "_golden", "_trust", *_AGGREGATED}
    return "_unit_id" in keys and bool(keys & marks)


def _shape(cursor: duckdb.DuckDBPyConnection, files: Sequence[InputFile]) -> Shaped:
    for file in files:
        _refuse_aggregated(file)
    counts = lay_out(cursor, files)
    cursor.execute(fill(_JUDGEMENTS, forms=_FORMS))
    columns = [name for name in lay_cells(cursor) if not name.startswith("_")]
    gold = [name for name in columns if name.endswith("_gold") and name[:-5] in columns]
    reasons = [name for name in columns if name.removesuffix("_reason") in {*gold} - {name}]
    questions = _questions(cursor, files, columns, [*gold, *reasons])
    cursor.execute(_REPLIES, {"questions": questions})
    sets = sets_among(cursor, _LINE)
    given = {"sets": sets, "questions": questions}
    cursor.execute(fill(_ANNOTATION, members=members("replies.value", _LINE)), given)
    cursor.execute(fill(_PROBE, members=members("value", _LINE)), {"sets": sets, "gold": gold})
    cursor.execute(_PERSON)
    inputs = [name for name in columns if name not in {*questions, *gold, *reasons}]
    lay_inputs(cursor, inputs)
    return Shaped(
        tables=filled_tables(cursor, ("annotation", "item", "item_attribute", "probe", "person")),
        files=counts,
        questions=asked(questions, sets),
        coerced=read_as_sets(cursor, counts, sets, _LINE, "one a line"),
        unknown=unknown_fields(cursor, counts, {*_SYSTEM, *columns}),
        notes=_notes(cursor, counts, inputs, [name for name in gold if name[:-5] not in sets]),
    )


def _refuse_aggregated(file: InputFile) -> None:
    columns = set(file.columns)
    if columns and "_worker_id" not in columns:
        merged = sorted(
            name for name in columns if name in _AGGREGATED or name.endswith(":confidence")
        )
        found = f"an aggregated report ({', '.join(merged[:3])})" if merged else "no _worker_id"
        raise InputError(
            f"{file.name}: found {found}: answers of single people are not in it, so agreement "
            f"and annotators cannot be computed; {_FULL}"
        )


def _questions(
    cursor: duckdb.DuckDBPyConnection,
    files: Sequence[InputFile],
    columns: Sequence[str],
    gold: Sequence[str],
) -> list[str]:
    """Return the columns that are answers."""
    partners = {name[:-5] for name in gold if name.endswith("_gold")}
    varying = {str(row[0]) for row in cursor.execute(_VARYING).fetchall()}
    found = [name for name in columns if name in partners | varying and name not in gold]
    if found:
        return found
    shared = cursor.execute(_SHARED).fetchone()
    why = (
        "no column differs between the judgements of any unit"
        if shared and shared[0]
        else "no unit has two judgements"
    )
    raise InputError(
        f"{files[0].name}: cannot tell answers from inputs: no column has a partner <question>_gold"
        f" and {why}; columns: {', '.join(columns) or 'none'}; import it with --format table and a "
        "mapping that names the questions"
    )


def _notes(
    cursor: duckdb.DuckDBPyConnection, files: Files, inputs: Sequence[str], gold: Sequence[str]
) -> tuple[Loss, ...]:
    told = "the same for all judgements of every unit, so taken for inputs and not for answers"
    several = (
        "false"
        if not gold
        else f"name in ({', '.join(map(literal, gold))}) and contains(trim(value), chr(10))"
    )
    return (
        *named_columns(files, inputs, told),
        *found_where(
            cursor,
            files,
            several,
            Loss(
                "test question with several right answers; of one choice none is expected alone",
                0,
                fault=False,
            ),
            column=gold[0] if gold else "",
            found="value",
            relation="cells",
        ),
        *found_where(
            cursor,
            files,
            "tainted",
            Loss(
                "judgement of a worker who failed test questions, kept as discarded", 0, fault=False
            ),
            column="_tainted",
            found="annotator_id",
            relation="judgements",
        ),
    )


FORMAT: Final = Format(
    name="crowdflower",
    title="CrowdFlower, Figure Eight, Appen: full report of a job (CSV)",
    fields=each_field(_FIELDS),
    cannot_tell=(
        "which columns are answers: those with a <question>_gold partner, and those in which "
        "judgements of one unit differ, are taken; an answer that everybody gave alike is listed "
        "among the inputs and can be named with a mapping",
        "the level of a question: numbers are read as nominal labels unless a mapping says more",
        "the time zone of its times",
        "who judged a unit in the aggregated report, which is refused",
        "why a cell is empty: the form did not ask, or the worker gave no answer",
    ),
    recognises=_recognises,
    shape=_shape,
)
