"""Prodigy: datasets as `db-out` writes them, one record for each answer."""

from collections.abc import Iterator, Sequence
from typing import Final

import duckdb

from queries.errors import InputError
from queries.ingest.attributes import attributes_of, prepare_json
from queries.ingest.exported import lay_out
from queries.ingest.files import InputFile
from queries.ingest.findings import Files, filled_tables, found_where
from queries.ingest.mapping import Kind, Question
from queries.ingest.report import Loss
from queries.ingest.shape import SEAT, Format, Sample, Shaped
from queries.ingest.text import fill, literal

_FIELDS: Final = {
    "_input_hash": "item.item_id; for a yes or no about marked spans item.group_id",
    "_task_hash": "not kept: tells tasks about one input apart, as the question does; for a yes "
    "or no about marked spans it is part of item.item_id",
    "_annotator_id, _session_id": "annotation.annotator_id, as it stands (dataset-name); a session "
    "named by a time, or none, is a seat and nobody in particular",
    "_timestamp": "annotation.annotated_at",
    "answer": "choice and text: annotation.status (accept submitted, reject discarded, ignore "
    "skipped). Yes or no: annotation.value accept or reject; ignore is status skipped",
    "label": "annotation.question of a yes or no; without label the question is 'answer'",
    "accept": "annotation.value (question = choice); a set where several may be chosen",
    "options": "labels of the question, in order; response.text where the texts differ between "
    "items, annotation.shown_order where there are two",
    "config": "whether several options may be chosen (choice_style); otherwise not kept",
    "user_input": "annotation.value (question = user_input): text somebody wrote",
    "text, html, image, audio, video": "item.prompt: the first there is",
    "meta": "item_attribute meta.name",
    "_view_id": "how the answer was given; otherwise not kept",
    "_is_binary": "whether marked spans were judged or drawn; otherwise not kept",
    "spans, tokens, relations, arcs, audio_spans, path, width, height": "not kept: marks in the "
    "text or picture are no answer about the whole of it; where they were drawn, counted",
    "versions, sessions": "annotation.role expert: the recipe 'review' decided between answers; "
    "the answers it decided between are not kept, export their datasets",
    "*": "item_attribute of the same name; an object field by field",
}
_SHOWN: Final = ("text", "html", "image", "audio", "video")
# Of these views the answer only says that the annotator is done drawing.
_DRAWING: Final = (
    "ner_manual", "spans_manual", "pos_manual", "image_manual", "audio_manual", "relations", "dep",
    "coref_manual", "llm_io",
)  # fmt: skip
_MANY: Final = 50
"""Options beyond these are no fixed scale; labels then come from the answers."""

_RECORDS: Final = """
create or replace temp table prodigy_record as
select *, input_hash || case when judged then '/' || coalesce(task_hash, '') else '' end as item_id,
    case answer when 'accept' then 'submitted' when 'reject' then 'discarded'
        when 'ignore' then 'skipped' else answer end as status
from (
    select place, json as data, file,
        json ->> '$._input_hash' as input_hash, json ->> '$._task_hash' as task_hash,
        lower(json ->> '$.answer') as answer,
        coalesce(nullif(json ->> '$._annotator_id', ''), nullif(json ->> '$._session_id', ''))
            as session,
        case when json_exists(json, '$.options') or json_type(json -> '$.accept') = 'ARRAY'
            then 'choice'
            when json ->> '$._view_id' in ({drawing}) or json_type(json -> '$.relations') = 'ARRAY'
                and json ->> '$.label' is null then 'drawing'
            when json_exists(json, '$.user_input') then 'text'
            when json_type(json -> '$.spans') = 'ARRAY' and json_exists(json, '$.tokens')
                and coalesce(json ->> '$._is_binary', '') <> 'true'
                and json ->> '$.label' is null then 'drawing'
            else 'binary' end as asked,
        asked = 'binary' and coalesce(json_array_length(json -> '$.spans'), 0) > 0 as judged
    from exported
)
"""
_PEOPLE: Final = """
create or replace temp table prodigy_person as
select place,
    -- Prodigy asks one session once, so further answers to a task are other people's.
    coalesce(session, 'seat ' || row_number() over (
        partition by session is null, input_hash, task_hash order by place)) as annotator_id,
    session is null or regexp_matches(session, '[0-9]{4}-[0-9]{2}-[0-9]{2}_[0-9]{2}-[0-9]{2}')
        as is_seat
from prodigy_record
"""
# Epochs are seconds; other tools that write this form give milliseconds.
_MOMENT: Final = """
case when number(data ->> '$._timestamp') is null then data ->> '$._timestamp'
    else strftime(make_timestamp(cast(number(data ->> '$._timestamp')
        * case when number(data ->> '$._timestamp') < 1e11 then 1e6 else 1e3 end as bigint)),
        '%Y-%m-%dT%H:%M:%S.%fZ') end
"""
_OPTIONS: Final = """
create or replace temp table prodigy_option as
select place, item_id, id, said(option -> '$.text') as text, position
from (
    select place, item_id, unnest(members(data -> '$.options')) as option,
        unnest(range(1, len(members(data -> '$.options')) + 1)) as position
    from prodigy_record
), lateral (select option ->> '$.id' as id)
where id is not null
"""
_ANSWERS: Final = """
create or replace temp table prodigy_answer as
with picked as (
    select place, from_json(data -> '$.accept', '["varchar"]') as labels
    from prodigy_record where asked = 'choice' and json_type(data -> '$.accept') = 'ARRAY'
),
several as (
    select coalesce(bool_or(len(labels) > 1), false)
        or (select coalesce(bool_or(data ->> '$.config.choice_style' = 'multiple'), false)
            from prodigy_record) as is_set
    from picked
)
select r.place, 'choice' as question, is_set,
    case when p.labels is null or r.answer = 'ignore' and len(p.labels) = 0 then null
        when is_set then cast(to_json(list_sort(list_distinct(p.labels))) as varchar)
        else p.labels[1] end as value,
    case when value is null and r.status = 'submitted' then 'skipped' else r.status end as status
from prodigy_record as r cross join several left join picked as p using (place)
where r.asked = 'choice'
union all
select place, coalesce(nullif(data ->> '$.label', ''), 'answer'), false,
    case when answer in ('accept', 'reject') then answer end,
    case when answer in ('accept', 'reject') then 'submitted' else status end
from prodigy_record where asked = 'binary'
union all
select place, 'user_input', false, nullif(data ->> '$.user_input', ''), status
from prodigy_record where asked <> 'drawing' and json_exists(data, '$.user_input')
"""
_ANNOTATION: Final = """
create or replace temp table shaped_annotation as
select place, r.item_id, p.annotator_id, a.question, a.value, a.status,
    case when json_exists(r.data, '$.versions') then 'expert' else 'human' end as role,
    case when a.question = 'choice' and {candidates} then s.shown_order end as shown_order,
    {moment} as annotated_at
from prodigy_answer as a join prodigy_record as r using (place)
join prodigy_person as p using (place)
left join (
    select place, string_agg(id, '|' order by position) as shown_order
    from prodigy_option group by place having count(*) = 2
) as s using (place)
"""
_ITEM: Final = """
create or replace temp table shaped_item as
select place, item_id, coalesce({shown}) as prompt,
    case when judged then input_hash end as group_id
from prodigy_record where asked <> 'drawing'
"""
_RESPONSE: Final = """
create or replace temp table shaped_response as
select place, item_id, id as response_id, text from prodigy_option
where {candidates} and text is not null
"""
_PERSON: Final = """
create or replace temp table shaped_person as
select min(place) as place, annotator_id, {seat} as tier from prodigy_person where is_seat
group by annotator_id
"""
_CANDIDATES: Final = """
select
    exists (select 1 from prodigy_option group by id having count(distinct text) > 1),
    (select coalesce(max(options), 0) from (
        select count(*) as options from prodigy_option group by place
    ))
"""
_LABELS: Final = """
select id from prodigy_option group by id order by min(position), min(place), id limit $limit
"""
_ASKED: Final = """
select question, bool_or(is_set) from prodigy_answer group by question
order by min(place), question
"""
_KNOWN: Final = frozenset(
    name for names in _FIELDS for name in names.split(", ") if name not in {"*", "meta"}
)
_UNKNOWN: Final = """
select key, count(*) from (select unnest(json_keys(data)) as key from prodigy_record)
where starts_with(key, '_') and not list_contains($known::varchar[], key)
group by key order by key
"""


def _recognises(sample: Sample) -> bool:
    return bool(sample.keys & {"_input_hash", "_task_hash"}) and "answer" in sample.keys


def _shape(cursor: duckdb.DuckDBPyConnection, files: Sequence[InputFile]) -> Shaped:
    counts = lay_out(cursor, files)
    prepare_json(cursor)
    cursor.execute(fill(_RECORDS, drawing=", ".join(map(literal, _DRAWING))))
    cursor.execute(_PEOPLE)
    cursor.execute(_OPTIONS)
    cursor.execute(_ANSWERS)
    dropped = tuple(_dropped(cursor, counts))
    _refuse_silent(cursor, counts, dropped)
    differ, most = cursor.execute(_CANDIDATES).fetchone() or (False, 0)
    candidates = "true" if differ else "false"
    cursor.execute(fill(_ANNOTATION, moment=_MOMENT, candidates=candidates))
    shown = ", ".join(f"said(data -> '$.{name}')" for name in _SHOWN)
    cursor.execute(fill(_ITEM, shown=shown))
    judged = "(select * from prodigy_record where asked <> 'drawing')"
    attributes = attributes_of(judged, _hidden(cursor), prefix="task")
    cursor.execute(
        fill("create or replace temp table shaped_item_attribute as {select}", select=attributes)
    )
    cursor.execute(fill(_RESPONSE, candidates=candidates))
    cursor.execute(fill(_PERSON, seat=literal(SEAT)))
    kind: Kind | None = "preference" if differ and most == 2 else None
    return Shaped(
        tables=filled_tables(
            cursor, ("annotation", "item", "item_attribute", "response", "person")
        ),
        files=counts,
        kind=kind,
        questions=tuple(_questions(cursor)),
        dropped=dropped,
        unknown=tuple(
            Loss(f"field {key!r} is not known to this format", int(count), fault=False)
            for key, count in cursor.execute(_UNKNOWN, {"known": sorted(_KNOWN)}).fetchall()
        ),
        notes=tuple(_remarks(cursor, counts)),
    )


def _hidden(cursor: duckdb.DuckDBPyConnection) -> set[str]:
    """Return the fields that are no attributes: those with a place, and Prodigy's own."""
    query = "select distinct unnest(json_keys(data)) as key from prodigy_record"
    keys = {str(row[0]) for row in cursor.execute(query).fetchall()}
    own = {key for key in keys if key.startswith("_")}
    # A comparison holds its two texts in objects of these names.
    return own | (_KNOWN - {"accept"}) | (set() if _objects(cursor) else {"accept"})


def _objects(cursor: duckdb.DuckDBPyConnection) -> bool:
    query = "select exists (from prodigy_record where json_type(data -> '$.accept') = 'OBJECT')"
    return cursor.execute(query).fetchone() == (True,)


def _questions(cursor: duckdb.DuckDBPyConnection) -> Iterator[Question]:
    rows = cursor.execute(_LABELS, {"limit": _MANY + 1}).fetchall()
    options = [str(row[0]) for row in rows]
    for name, is_set in cursor.execute(_ASKED).fetchall():
        if name == "choice":
            labels = options if 0 < len(options) <= _MANY else None
            yield Question(name=name, level="set" if is_set else "nominal", labels=labels)
        elif name == "user_input":
            yield Question(name=name, level="nominal")
        else:
            yield Question(name=name, level="nominal", labels=["accept", "reject"])


def _refuse_silent(
    cursor: duckdb.DuckDBPyConnection, files: Files, dropped: Sequence[Loss]
) -> None:
    """Refuse tasks nobody answered, and datasets of drawings."""
    said = cursor.execute("select exists (from prodigy_record where answer is not null)").fetchone()
    if said != (True,):
        raise InputError(
            f"{files[0][0]}: no record has an answer: these are tasks; export the dataset with "
            "'prodigy db-out'"
        )
    left = cursor.execute("select exists (from prodigy_answer)").fetchone()
    if left != (True,):
        there = "; ".join(f"{loss.count} x {loss.reason}" for loss in dropped)
        raise InputError(
            f"{files[0][0]}: no answers in it: {there}; allowed: choice, text_input, and yes or no "
            "about a label; export a dataset of these"
        )


def _dropped(cursor: duckdb.DuckDBPyConnection, files: Files) -> Iterator[Loss]:
    for condition, column, found, reason in _DROPPED:
        told = Loss(reason, 0, fault=False)
        yield from found_where(
            cursor, files, condition, told, column=column, found=found, relation="prodigy_record"
        )


_DROPPED: Final = (
    (
        "asked = 'drawing'",
        "_view_id",
        "data ->> '$._view_id'",
        "marks in the text or picture are no answer about the whole of it: not kept",
    ),
    (
        "json_exists(data, '$.versions')",
        "versions",
        "null",
        "answers that were decided between are not kept; export the datasets they come from",
    ),
)


def _remarks(cursor: duckdb.DuckDBPyConnection, files: Files) -> Iterator[Loss]:
    joined = "(select * from prodigy_record join prodigy_person using (place))"
    reason = (
        "no session names anybody: the answers to one task are seats, and no people; start Prodigy "
        "with named sessions (?session=name)"
    )
    told = Loss(reason, 0, fault=False, code="seats")
    condition = "session is null"
    yield from found_where(cursor, files, condition, told, column="_session_id", relation=joined)
    reason = "session named by its time: a seat, and nobody who can be followed to another session"
    told = Loss(reason, 0, fault=False, code="seats")
    yield from found_where(
        cursor,
        files,
        "is_seat and session is not null",
        told,
        column="_session_id",
        found="session",
        relation=joined,
    )
    reason = "accepted without a choice: kept as skipped"
    told = Loss(reason, 0, fault=False, code="no_answer")
    empty = "(select place from prodigy_answer where question = 'choice' and value is null "
    empty += "and status = 'skipped' and place in "
    empty += "(select place from prodigy_record where answer = 'accept'))"
    yield from found_where(cursor, files, "true", told, column="accept", relation=empty)
    free = "select count(distinct value) from prodigy_answer where question = 'user_input'"
    different = (cursor.execute(free).fetchone() or (0,))[0]
    if different:
        reason = "'user_input' is free text; agreement on it counts texts that are the same"
        yield Loss(reason, int(different), fault=False)


FORMAT: Final = Format(
    name="prodigy",
    title="Prodigy: datasets exported with db-out (JSONL)",
    fields=_FIELDS,
    cannot_tell=(
        "who answered, where Prodigy ran without named sessions: answers to a task are then seats",
        "how long an answer took: a record has the time it was given, and no start",
        "whether a rejected choice means 'none of these' or 'no usable task': it is kept as "
        "discarded",
        "that one person worked in two datasets: session names begin with that of the dataset",
        "answers that were overwritten or undone",
    ),
    recognises=_recognises,
    shape=_shape,
)
