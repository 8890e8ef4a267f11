"""Amazon Mechanical Turk: the batch results of a project, one row an assignment."""

from collections.abc import Sequence
from typing import Final

import duckdb

from queries.errors import InputError
from queries.ingest.crowd import asked, lay_cells, lay_inputs, members, read_as_sets, sets_among
from queries.ingest.exported import lay_out
from queries.ingest.files import InputFile
from queries.ingest.findings import Files, each_field, filled_tables, found_where, unknown_fields
from queries.ingest.report import Loss
from queries.ingest.shape import Format, Sample, Shaped
from queries.ingest.text import fill

_FIELDS: Final = {
    "HITId": "item.item_id",
    "WorkerId": "annotation.annotator_id; event.actor_id",
    "AssignmentId": "not kept: number of the assignment; item and worker name it",
    "AssignmentStatus": "annotation.status: Rejected becomes discarded (the answer is kept and not "
    "counted), all others submitted",
    "AcceptTime": "annotation.duration_seconds = SubmitTime - AcceptTime where WorkTimeInSeconds "
    "is absent",
    "SubmitTime": "annotation.annotated_at; event.at",
    "WorkTimeInSeconds": "annotation.duration_seconds (it runs from accepting, so work kept in a "
    "queue counts); event.hours",
    "Reward": "event.cost, for assignments that were not rejected",
    "ApprovalTime, RejectionTime": "not kept: approval comes by itself after AutoApprovalTime, "
    "nobody is named, and so it is no review",
    "RequesterFeedback": "annotation.note",
    "Approve": "not kept: a decision that has still to be uploaded, and accepts",
    "Reject": "annotation.status = discarded and annotation.note: a rejection not uploaded yet",
    "Input.<name>": "item.prompt where it is called text, prompt or alike, otherwise "
    "item_attribute of its name",
    "Answer.<name>": "annotation.value (question = name); empty: status skipped; 'a|b': a set",
    "Answer.<name>.<option>": "true and false for each option: annotation.value (question = name), "
    "the options that are true; a set where several are",
    "Answer.taskAnswers": "the same, from its JSON: {name: {label: x}}, {name: {labels: [...]}}, "
    "{name: {option: true}} or {name: value}",
    "Title": "batch.dataset, where all rows have one",
    "HITTypeId": "item_attribute.HITTypeId",
    "Description, Keywords, CreationTime, MaxAssignments, RequesterAnnotation, "
    "AssignmentDurationInSeconds, AutoApprovalDelayInSeconds, Expiration, NumberOfSimilarHITs, "
    "LifetimeInSeconds, AutoApprovalTime": "not kept: how the work was offered",
    "LifetimeApprovalRate, Last30DaysApprovalRate, Last7DaysApprovalRate": "not kept: how other "
    "work of the person was paid; it is no evidence about these answers",
}
_SYSTEM: Final = frozenset(name for names in _FIELDS for name in names.split(", "))
_BAR: Final = "|"

# Times read "Wed Jan 24 09:48:10 PST 2018"; the engine knows no such zone names.
_ZONES: Final = (
    "map {'PST': '-08:00', 'PDT': '-07:00', 'MST': '-07:00', 'MDT': '-06:00', 'CST': '-06:00', "
    "'CDT': '-05:00', 'EST': '-05:00', 'EDT': '-04:00', 'UTC': 'Z', 'GMT': 'Z'}"
)
_CLOCK: Final = "'^[A-Za-z]+ ([A-Za-z]+ +[0-9]+ [0-9:]+) ([A-Z]{3}) ([0-9]{4})$'"
_MACROS: Final = (
    "create or replace temp macro titled(t) as coalesce(nullif(tidy(t), ''), 'unnamed')",
    "create or replace temp macro clock_parts(t) as"
    f" regexp_extract(tidy(t), {_CLOCK}, ['moment', 'zone', 'year'])",
    "create or replace temp macro clock(t) as coalesce(strftime(try_strptime("
    "clock_parts(t).moment || ' ' || clock_parts(t).year, '%b %d %H:%M:%S %Y'),"
    f" '%Y-%m-%dT%H:%M:%S') || {_ZONES}[clock_parts(t).zone], t)",
)
_JUDGEMENTS: Final = """
create or replace temp table judgements as
select place, json ->> '$.HITId' as item_id, json ->> '$.WorkerId' as annotator_id,
    tidy(json ->> '$.AssignmentStatus') as status,
    coalesce(lower(tidy(json ->> '$.AssignmentStatus')) = 'rejected', false)
        or not blank(json ->> '$.Reject') as rejected,
    coalesce(nullif(tidy(json ->> '$.RequesterFeedback'), ''),
        nullif(tidy(json ->> '$.Reject'), '')) as feedback,
    clock(json ->> '$.SubmitTime') as submitted_at,
    coalesce(number(json ->> '$.WorkTimeInSeconds'), (
        epoch_us(try_cast(clock(json ->> '$.SubmitTime') as timestamptz))
        - epoch_us(try_cast(clock(json ->> '$.AcceptTime') as timestamptz))
    ) / 1e6) as seconds,
    number(ltrim(tidy(json ->> '$.Reward'), '$')) as reward
from exported
"""
# An option with a column of its own: Answer.mood.happy, true or false in every row.
_OPTIONS: Final = """
select regexp_extract(name, '^Answer[.](.+)[.][^.]+$', 1) as question from cells
where regexp_matches(name, '^Answer[.].+[.][^.]+$')
group by question
having bool_and(lower(tidy(value)) in ('true', 'false')) and count(distinct name) > 1
"""
_REPLIES: Final = """
create or replace temp table replies as
with options as ({options}),
plain as (
    select place, titled(substr(name, 8)) as question, value from cells
    where starts_with(name, 'Answer.') and name <> 'Answer.taskAnswers'
),
ticked as (
    select place, options.question,
        string_agg(substr(plain.question, length(options.question) + 2), '|'
            order by plain.question) filter (where lower(tidy(plain.value)) = 'true') as value
    from plain join options on starts_with(plain.question, options.question || '.')
        and not contains(substr(plain.question, length(options.question) + 2), '.')
    group by place, options.question
),
tasks as (
    select place, titled(entry.key) as question, entry.value as j
    from (
        select place, case when json_valid(value) then value::json end as j from cells
        where name = 'Answer.taskAnswers'
    ) as cell, json_each(case when json_type(j) = 'ARRAY' then j -> 0 else j end) as entry
)
select place, question, value from ticked where value is not null
union all
select place, question, value from plain
where not exists (
    select 1 from options where starts_with(plain.question, options.question || '.')
    and not contains(substr(plain.question, length(options.question) + 2), '.')
)
union all
select place, question, value from (
    select place, question, json_type(j, '$.labels') = 'ARRAY' as chosen, case
        when json_type(j) <> 'OBJECT' then j ->> '$'
        when json_exists(j, '$.label') then j ->> '$.label'
        when json_type(j, '$.labels') = 'ARRAY'
            then array_to_string(from_json(j -> '$.labels', '["varchar"]'), '|')
        else (select string_agg(key, '|' order by key) from json_each(j)
            where json_type(value) = 'BOOLEAN' and value ->> '$' = 'true')
    end as value
    from tasks
)
where not blank(value) or (chosen and value = '')
"""
_ASKED: Final = """
select distinct question from replies
union
select distinct titled(substr(name, 8))
from (select unnest(json_keys(json)) as name from exported)
where starts_with(name, 'Answer.') and name <> 'Answer.taskAnswers'
    and substr(name, 8) not in (
        select regexp_extract(name, '^Answer[.](.+)$', 1) from cells
        where regexp_extract(name, '^Answer[.](.+)[.][^.]+$', 1) in (from ({options}))
    )
order by 1
"""
_ANNOTATION: Final = """
create or replace temp table shaped_annotation as
select judgements.place, item_id, annotator_id, asked.question,
    case when list_contains($sets::varchar[], asked.question) then {members}
        else replies.value end as value,
    'human' as role,
    case when rejected then 'discarded' when replies.value is null then 'skipped'
        else 'submitted' end as status,
    submitted_at as annotated_at, cast(seconds as varchar) as duration_seconds, feedback as note
from judgements cross join (select unnest($questions::varchar[]) as question) as asked
left join replies on replies.place = judgements.place and replies.question = asked.question
"""
_EVENT: Final = """
create or replace temp table shaped_event as
select place, item_id, 'Accepted' as from_state, 'Submitted' as to_state,
    annotator_id as actor_id, 'human' as role, submitted_at as at,
    cast(seconds / 3600 as varchar) as hours,
    cast(case when not rejected then reward end as varchar) as cost, 'annotation' as activity
from judgements
"""
_TITLE: Final = (
    "select list(distinct json ->> '$.Title') from exported where not blank(json ->> '$.Title')"
)


def _recognises(sample: Sample) -> bool:
    answers = any(key.startswith("Answer.") for key in sample.keys)
    return {"HITId", "AssignmentId"} <= sample.keys and answers


def _shape(cursor: duckdb.DuckDBPyConnection, files: Sequence[InputFile]) -> Shaped:
    for file in files:
        _refuse_incomplete(file)
    counts = lay_out(cursor, files)
    for macro in _MACROS:
        cursor.execute(macro)
    cursor.execute(_JUDGEMENTS)
    columns = lay_cells(cursor)
    cursor.execute(fill(_REPLIES, options=_OPTIONS))
    found = cursor.execute(fill(_ASKED, options=_OPTIONS)).fetchall()
    questions = [str(row[0]) for row in found]
    sets = sets_among(cursor, _BAR)
    given = {"sets": sets, "questions": questions}
    cursor.execute(fill(_ANNOTATION, members=members("replies.value", _BAR)), given)
    cursor.execute(_EVENT)
    inputs = [name for name in columns if name.startswith("Input.")]
    lay_inputs(cursor, [*inputs, *({"HITTypeId"} & set(columns))], prefix="Input.")
    known = {name for name in columns if name.startswith(("Input.", "Answer."))}
    return Shaped(
        tables=filled_tables(cursor, ("annotation", "item", "item_attribute", "event")),
        files=counts,
        questions=asked(questions, sets),
        facts=_facts(cursor),
        coerced=read_as_sets(cursor, counts, sets, _BAR, "joined with |"),
        unknown=unknown_fields(cursor, counts, _SYSTEM | known),
        notes=_notes(cursor, counts),
    )


def _refuse_incomplete(file: InputFile) -> None:
    columns = set(file.columns)
    if "WorkerId" not in columns:
        raise InputError(
            f"{file.name}: no column 'WorkerId': who gave an answer is not in it; download the "
            "results of the batch again (Manage > Results > Download CSV)"
        )
    if not any(name.startswith("Answer.") for name in columns):
        raise InputError(
            f"{file.name}: no column 'Answer...': no answers are in it; an input file or a list of "
            "HITs was exported; download the results of the batch (Manage > Results > Download CSV)"
        )


def _facts(cursor: duckdb.DuckDBPyConnection) -> dict[str, str]:
    found = cursor.execute(_TITLE).fetchone()
    titles = found[0] if found else None
    return {"dataset": str(titles[0])} if titles and len(titles) == 1 else {}


def _notes(cursor: duckdb.DuckDBPyConnection, files: Files) -> tuple[Loss, ...]:
    return found_where(
        cursor,
        files,
        "rejected",
        Loss("rejected assignment; its answers are kept as discarded", 0, fault=False),
        column="AssignmentStatus",
        found="status",
        relation="judgements",
    )


FORMAT: Final = Format(
    name="mturk",
    title="Amazon Mechanical Turk: results of a batch (CSV)",
    fields=each_field(_FIELDS),
    cannot_tell=(
        "the items inside a HIT: a HIT that shows several is one item here, with a question for "
        "each answer column",
        "the level of a question: numbers are read as nominal labels unless a mapping says more",
        "who approved or rejected: approval comes by itself after some days, so there are no "
        "reviews in it",
        "test questions: planted HITs look like all others; a [[probe]] in a mapping can name them",
        "how long the work itself took: the time runs from accepting the HIT",
    ),
    recognises=_recognises,
    shape=_shape,
)
