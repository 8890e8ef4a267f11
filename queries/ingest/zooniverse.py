"""Zooniverse: the classification export of a project, with or without its workflow export.

A record is one classification: the answers of one volunteer to all tasks of a workflow on one
subject, as JSON inside CSV cells. The workflow export adds what the tasks ask and which answers
there were to choose from.
"""

from collections.abc import Sequence
from typing import Final

import duckdb

from queries.errors import InputError
from queries.ingest.exported import lay_out
from queries.ingest.files import InputFile
from queries.ingest.findings import (
    Files,
    each_field,
    example,
    filled_tables,
    found_where,
    unknown_fields,
)
from queries.ingest.mapping import Level, Question
from queries.ingest.report import Loss
from queries.ingest.shape import Format, Sample, Shaped
from queries.ingest.text import canonical

_FIELDS: Final = {
    "subject_ids": "item.item_id",
    "user_name": "annotation.annotator_id; person.tier = 'not logged in' for not-logged-in-*, "
    "which is an address and may be several people, or one of several of the same person",
    "created_at": "annotation.annotated_at (the server's clock)",
    "workflow_version": "annotation.guideline_version",
    "workflow_name": "batch.dataset, where all records have one",
    "workflow_id": "part of the name of a question, where the export has several workflows",
    "gold_standard, expert": "annotation.role = expert, where set",
    "metadata": "annotation.duration_seconds = finished_at - started_at, for all tasks together; "
    "person.language = user_language; not kept: browser, screen, session and what was seen before",
    "annotations": "annotation.value (question = task and what it asks): one answer of a question, "
    "text or slider; several answers as a set; a dropdown each; the choices of a survey as a set; "
    "null: status skipped; not kept: drawings, and what a survey asks about each choice",
    "subject_data": "item_attribute, one for each field of the subject; event: when and why it was "
    "retired",
    "classification_id": "not kept: number of the classification; subject and volunteer name it",
    "user_id": "not kept: user_name names the volunteer, also without an account",
    "user_ip": "not kept: where a person is",
    "tasks, strings": "workflow export: names and labels of the questions",
    "display_name, version, minor_version": "workflow export: which version is the newest",
    "active, classifications_count, pairwise, grouped, prioritized, primary_language, first_task, "
    "tutorial_subject_id, retired_set_member_subjects_count, retirement, aggregation": "workflow "
    "export: not kept: how the project serves its subjects",
}
_KNOWN: Final = frozenset(name for names in _FIELDS for name in names.split(", "))
_CLASSIFIED: Final = frozenset({"classification_id", "user_name", "annotations", "subject_ids"})
_WORKFLOW: Final = frozenset({"workflow_id", "tasks", "strings"})
_LONGEST: Final = 80

_CLASSIFICATIONS: Final = """
create or replace temp table classifications as
select place, json ->> '$.subject_ids' as item_id, json ->> '$.user_name' as annotator_id,
    coalesce(json ->> '$.workflow_id', '') as workflow_id,
    json ->> '$.workflow_version' as version,
    replace(replace(json ->> '$.created_at', ' UTC', 'Z'), ' ', 'T') as annotated_at,
    coalesce(truth(json ->> '$.gold_standard'), false)
        or coalesce(truth(json ->> '$.expert'), not blank(json ->> '$.expert')) as expert,
    parsed(json ->> '$.metadata') as metadata,
    parsed(json ->> '$.annotations') as annotations,
    parsed(json ->> '$.subject_data') as subject_data
from exported where json_exists(json, '$.classification_id')
"""
_PARSED: Final = (
    "create or replace temp macro parsed(t) as case when json_valid(t) then t::json end"
)
# A combination of tasks holds the annotations of its parts as its value.
_ENTRIES: Final = """
create or replace temp table entries as
with outer_entries as (
    select place, unnest(from_json(annotations, '["json"]')) as entry from classifications
    where json_type(annotations) = 'ARRAY'
),
flat as (
    select place, entry from outer_entries
    where not coalesce(json_type(entry, '$.value') = 'ARRAY'
        and json_exists(entry, '$.value[0].task'), false)
    union all
    select place, unnest(from_json(entry -> '$.value', '["json"]')) from outer_entries
    where json_type(entry, '$.value') = 'ARRAY' and json_exists(entry, '$.value[0].task')
)
select place, workflow_id, version, entry ->> '$.task' as task,
    entry ->> '$.task_label' as label, entry -> '$.value' as value,
    case
        when coalesce(json_type(entry, '$.value'), 'NULL') = 'NULL' then 'skipped'
        when json_type(entry, '$.value') = 'OBJECT' then 'other'
        when json_type(entry, '$.value') <> 'ARRAY' then
            case when json_type(entry, '$.value') in ('DOUBLE', 'BIGINT', 'UBIGINT')
                or lower(coalesce(entry ->> '$.taskType', entry ->> '$.task_type', '')) = 'slider'
                then 'number' else 'one' end
        when json_type(entry, '$.value[0]') is null then 'several'
        when json_type(entry, '$.value[0]') <> 'OBJECT' then 'several'
        when json_exists(entry, '$.value[0].choice') then 'survey'
        when json_exists(entry, '$.value[0].option') then 'dropdown'
        else 'drawing'
    end as form
from flat join classifications using (place)
"""
_TEXTS: Final = """
create or replace temp table tasks as
with versions as (
    select json ->> '$.workflow_id' as workflow_id, parsed(json ->> '$.tasks') as tasks,
        parsed(json ->> '$.strings') as strings,
        coalesce(whole(json ->> '$.version'), 0) as version,
        coalesce(whole(json ->> '$.minor_version'), 0) as minor
    from exported where json_exists(json, '$.tasks')
),
newest as (
    select workflow_id, arg_max(tasks, (version, minor)) as tasks,
        arg_max(strings, (version, minor)) as strings
    from versions group by workflow_id
),
texts as (
    select workflow_id, entry.key as key, entry.value ->> '$' as text
    from newest, json_each(strings) as entry
),
answers as (
    select workflow_id, task.key as task, generate_subscripts(answers, 1) as position,
        unnest(answers) ->> '$.label' as key
    from newest, json_each(tasks) as task,
        (select from_json(coalesce(task.value -> '$.answers', '[]'), '["json"]') as answers)
),
labelled as (
    select workflow_id, task, list(coalesce(texts.text, key) order by position) as labels
    from answers left join texts using (workflow_id, key) group by workflow_id, task
),
described as (
    select workflow_id, task.key as task, lower(task.value ->> '$.type') as type,
        coalesce(task.value ->> '$.question', task.value ->> '$.instruction') as key
    from newest, json_each(tasks) as task
)
select workflow_id, task, type, coalesce(texts.text, key) as text, labels
from described left join texts using (workflow_id, key)
left join labelled using (workflow_id, task)
"""
_NAMED: Final = """
create or replace temp table named as
with met as (
    select workflow_id, task, arg_max(label, (number(version), place)) as label,
        count(distinct workflow_id) over () > 1 as several
    from entries where task is not null group by workflow_id, task
),
worded as (
    select workflow_id, task, several, tasks.type, tasks.labels,
        tidy(regexp_replace(regexp_extract(coalesce(nullif(tidy(tasks.text), ''), label, ''),
            '[^\\s*#>][^\\n]*'), '[*#`]+', '', 'g')) as text
    from met left join tasks using (workflow_id, task)
)
select workflow_id, task, type, labels,
    case when several then workflow_id || '/' else '' end || task
        || case when coalesce(text, '') = '' then ''
            when length(text) > $longest then ': ' || left(text, $longest - 1) || '…'
            else ': ' || text end as question
from worded
"""
_REPLIES: Final = """
create or replace temp table replies as
with chosen as (
    select place, question, form, type, value from entries join named using (workflow_id, task)
),
selects as (
    select place, question, len(parts) as parts, unnest(parts) as part,
        generate_subscripts(parts, 1) as position
    from (
        select place, question, from_json(value, '["json"]') as parts from chosen
        where form = 'dropdown'
    )
)
select place, question, form = 'number' or coalesce(type, '') = 'slider' as numeric,
    form in ('several', 'survey') as several,
    case
        when form = 'several' then cast(value as varchar)
        when form = 'survey' then cast(to_json(list_transform(from_json(value, '["json"]'),
            lambda each: each ->> '$.choice')) as varchar)
        when form <> 'skipped' then value ->> '$'
    end as value
from chosen where form in ('skipped', 'one', 'number', 'several', 'survey')
union all
select place, question || case
        when not blank(part ->> '$.select_label') then ' / ' || tidy(part ->> '$.select_label')
        when parts > 1 then ' / ' || position else '' end,
    false, false, coalesce(part ->> '$.label', part ->> '$.value')
from selects
"""
_LEVELS: Final = """
select question, bool_or(several), bool_and(numeric) filter (where value is not null),
    list(distinct value order by value) filter (where not several and not blank(value)),
    (select any_value(labels) from named where named.question = replies.question)
from replies group by question order by question
"""
_MEMBERS: Final = """
select distinct tidy(unnest(from_json(value, '["varchar"]'))) as label from replies
where several and question = $question and value is not null order by label
"""
_ANNOTATION: Final = """
create or replace temp table shaped_annotation as
select place, item_id, annotator_id, question,
    case when list_contains($sets::varchar[], question) and not several and value is not null
        then cast(to_json([value]) as varchar) else value end as value,
    case when expert then 'expert' else 'human' end as role,
    case when blank(value) then 'skipped' else 'submitted' end as status,
    annotated_at, version as guideline_version,
    cast((epoch_us(try_cast(metadata ->> '$.finished_at' as timestamptz))
        - epoch_us(try_cast(metadata ->> '$.started_at' as timestamptz))) / 1e6 as varchar)
        as duration_seconds
from replies join classifications using (place)
"""
# What is said of a subject is the state at the time of the export, so its last record counts.
_SUBJECT: Final = """
create or replace temp table subjects as
select max(place) as place, item_id, arg_max(subject_data, place) as data
from classifications where item_id is not null group by item_id
"""
_ITEM: Final = """
create or replace temp table shaped_item as select place, item_id from subjects
"""
_ATTRIBUTE: Final = """
create or replace temp table shaped_item_attribute as
select subjects.place, item_id, field.key as name, field.value ->> '$' as value
from subjects, json_each(data) as subject, json_each(subject.value) as field
where field.key <> 'retired' and not blank(field.value ->> '$')
"""
_EVENT: Final = """
create or replace temp table shaped_event as
select subjects.place, item_id, 'retired' as to_state,
    subject.value ->> '$.retired.retired_at' as at,
    subject.value ->> '$.retired.retirement_reason' as activity
from subjects, json_each(data) as subject
where subject.value ->> '$.retired.retired_at' is not null
"""
_PERSON: Final = """
create or replace temp table shaped_person as
select max(place) as place, annotator_id,
    case when starts_with(annotator_id, 'not-logged-in') then 'not logged in' end as tier,
    arg_max(metadata ->> '$.user_language', place) as language
from classifications where not blank(annotator_id) group by annotator_id
"""
_DATASET: Final = (
    "select list(distinct json ->> '$.workflow_name') from exported "
    "where json_exists(json, '$.classification_id') and not blank(json ->> '$.workflow_name')"
)

# Relation, condition, column, what an example quotes, reason.
_DROPPED: Final = (
    ("entries", "form = 'drawing'", "annotations", "task",
     "drawing: marks on an image are no answers to a question"),
    ("entries", "form = 'other'", "annotations", "task",
     "task of a kind that is not read: its value is an object"),
    ("classifications", "annotations is null", "annotations", "null",
     "annotations are no JSON"),
)  # fmt: skip
_NOTES: Final = (
    ("entries", "form = 'survey' and regexp_matches(value::varchar, '\"answers\":\\{\"')",
     "annotations", "task", "survey: answers about single choices are not kept, the choices are"),
    ("classifications", "json_array_length(annotations) = 0", "annotations", "null",
     "classification without any answer"),
    ("classifications", "metadata ->> '$.live_project' = 'false'", "metadata", "null",
     "classification from before the project was live; it counts like all others"),
    ("classifications", "contains(item_id, ';')", "subject_ids", "item_id",
     "several subjects in one classification, taken for one item"),
)  # fmt: skip


def _recognises(sample: Sample) -> bool:
    return sample.keys >= _CLASSIFIED or sample.keys >= {*_WORKFLOW, "first_task"}


def _shape(cursor: duckdb.DuckDBPyConnection, files: Sequence[InputFile]) -> Shaped:
    counts = lay_out(cursor, files)
    cursor.execute(_PARSED)
    cursor.execute(_CLASSIFICATIONS)
    cursor.execute(_ENTRIES)
    cursor.execute(_TEXTS)
    cursor.execute(_NAMED, {"longest": _LONGEST})
    cursor.execute(_REPLIES)
    _refuse_without_answers(cursor, files)
    questions = _questions(cursor)
    sets = [question.name for question in questions if question.level == "set"]
    cursor.execute(_ANNOTATION, {"sets": sets})
    for statement in (_SUBJECT, _ITEM, _ATTRIBUTE, _EVENT, _PERSON):
        cursor.execute(statement)
    tables = ("annotation", "item", "item_attribute", "event", "person")
    return Shaped(
        tables=filled_tables(cursor, tables),
        files=counts,
        questions=questions,
        facts=_facts(cursor),
        dropped=_told(cursor, counts, _DROPPED),
        unknown=unknown_fields(cursor, counts, _KNOWN),
        notes=(*_told(cursor, counts, _NOTES), *_unnamed(cursor, counts)),
    )


def _refuse_without_answers(cursor: duckdb.DuckDBPyConnection, files: Sequence[InputFile]) -> None:
    found = cursor.execute(
        "select (select count(*) from classifications), (select count(*) from replies), "
        "(select count(*) from entries where form = 'drawing')"
    ).fetchone()
    classifications, replies, drawings = found or (0, 0, 0)
    if not classifications:
        raise InputError(
            f"{files[0].name}: no classifications; a workflow export says what was asked and not "
            "what was answered; add the classification export (Data Exports > classification "
            "export)"
        )
    if not replies:
        why = f"{drawings} drawings, which are not read" if drawings else "all are empty"
        raise InputError(
            f"{files[0].name}: no answers in its {classifications} classifications: {why}; reduce "
            "the marks to labels first and import them with --format table"
        )


def _questions(cursor: duckdb.DuckDBPyConnection) -> tuple[Question, ...]:
    """Return the questions; labels are declared where the workflow export has them."""
    found: list[Question] = []
    for name, several, numeric, values, declared in cursor.execute(_LEVELS).fetchall():
        level: Level = "set" if several else "interval" if numeric else "nominal"
        given = list(values or ())
        if several:
            members = cursor.execute(_MEMBERS, {"question": name}).fetchall()
            given = [*(row[0] for row in members), *given]
        # Answers of an earlier version of the workflow are no mistakes.
        known = dict.fromkeys(canonical(label) for label in [*(declared or ()), *given] if label)
        listed = list(known) if declared and level != "interval" else None
        found.append(Question(name=name, level=level, labels=listed))
    return tuple(found)


def _facts(cursor: duckdb.DuckDBPyConnection) -> dict[str, str]:
    found = cursor.execute(_DATASET).fetchone()
    names = found[0] if found else None
    return {"dataset": str(names[0])} if names and len(names) == 1 else {}


def _told(
    cursor: duckdb.DuckDBPyConnection,
    files: Files,
    remarks: Sequence[tuple[str, str, str, str, str]],
) -> tuple[Loss, ...]:
    return tuple(
        loss
        for relation, condition, column, found, reason in remarks
        for loss in found_where(
            cursor,
            files,
            condition,
            Loss(reason, 0, fault=False),
            column=column,
            found=found,
            relation=relation,
        )
    )


def _unnamed(cursor: duckdb.DuckDBPyConnection, files: Files) -> tuple[Loss, ...]:
    """Tell where the workflow export is missing, or does not have a task."""
    rows = cursor.execute(
        "select min(place), count(*) from classifications where workflow_id in "
        "(select workflow_id from named where labels is null and type is null)"
    ).fetchone()
    if not rows or not rows[1]:
        return ()
    reason = "no workflow export names the tasks: labels nobody chose are not known; add the file"
    first = example(files, rows[0], "workflow_id", None)
    return (Loss(reason, int(rows[1]), (first,), fault=False),)


FORMAT: Final = Format(
    name="zooniverse",
    title="Zooniverse: classification export (CSV), with the workflow export beside it",
    fields=each_field(_FIELDS),
    cannot_tell=(
        "who is behind not-logged-in-*: one person may have several of these names, and several "
        "people one",
        "how long a single task took: the time is that of the whole classification, by the clock "
        "of the volunteer's machine",
        "which labels could have been chosen, without the workflow export",
        "whether an empty answer means none of these or no answer",
        "marks on images, and what a survey asks about each choice: these are not kept",
    ),
    recognises=_recognises,
    shape=_shape,
)
