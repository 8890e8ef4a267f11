"""Tasks of Label Studio (the full JSON export) to the relation of what was given, and reviews.

What an annotator answered is looked for in front of every correction: a reviewer's answer under
an annotator's name would make people agree who never did.
"""

from collections.abc import Iterator
from typing import Final

import duckdb

from queries.ingest.findings import Files, found_where
from queries.ingest.label_studio_answers import GIVEN
from queries.ingest.report import Loss
from queries.ingest.text import fill

_PERSON: Final = "coalesce({j} ->> '$.{name}.id', {j} ->> '$.{name}.email', {j} ->> '$.{name}')"
_TASKS: Final = """
create or replace temp table ls_task as
select place, json ->> '$.id' as item_id, json from exported
"""
_ANNOTATIONS: Final = """
create or replace temp table ls_annotation as
select *, {by} as annotator_id, {changed_by} as changed_by, row_number() over () as annotation,
    members(json -> '$.reviews') as reviews
from (
    select place, item_id, unnest(members(json -> '$.annotations')) as json from ls_task
)
"""
_REVIEWS: Final = """
create or replace temp table ls_review as
select place, item_id, annotation, annotator_id, json, {by} as reviewer_id,
    try_cast(json ->> '$.created_at' as timestamptz) as decided,
    json ->> '$.accepted' = 'true' as accepted,
    coalesce(json ->> '$.fixed_annotation_history' is not null
        or lower(last_action) like 'fixed%', false) as fixed
from (
    select place, item_id, annotation, annotator_id, json ->> '$.last_action' as last_action,
        unnest(reviews) as json
    from ls_annotation
)
"""
# A new time of change after a rejection is the rework; acceptance alone changes no answer.
_CHANGED: Final = """
create or replace temp table ls_changed as
select a.annotation,
    case when len(a.reviews) > 0 then r.fixed or r.reworked
        when lower(a.json ->> '$.last_action') like 'fixed%' then true
        when a.json ->> '$.ground_truth' = 'true' then false
        else a.changed_by is not null and a.annotator_id is not null
            and a.changed_by <> a.annotator_id
    end as changed,
    case when h.first is not null then h.first else r.before end as original
from ls_annotation as a
left join (
    select r.annotation, bool_or(fixed) as fixed,
        bool_or(not r.accepted
            and try_cast(a.json ->> '$.updated_at' as timestamptz) > r.decided) as reworked,
        arg_min(r.json -> '$.previous_annotation_history_result', r.decided) filter (
            where json_type(r.json -> '$.previous_annotation_history_result') = 'ARRAY') as before
    from ls_review as r join ls_annotation as a using (annotation) group by r.annotation
) as r using (annotation)
left join (
    select annotation, arg_min(j -> '$.result', j ->> '$.created_at') as first
    from (
        select annotation, annotator_id, unnest(members(json -> '$.history')) as j
        from ls_annotation
    )
    where lower(j ->> '$.action') in ('submitted', 'imported', 'updated')
        and json_type(j -> '$.result') = 'ARRAY' and {by} = annotator_id
    group by annotation
) as h using (annotation)
"""
_USERS: Final = """
create or replace temp table ls_user as
select distinct json ->> '$.completed_by.email' as email, json ->> '$.completed_by.id' as id
from ls_annotation where json ->> '$.completed_by.email' is not null
"""
_GIVEN: Final = """
create or replace temp table ls_given as
with given as (
    select a.place, a.item_id, 'annotation' as source, a.annotation, a.annotator_id,
        case when a.json ->> '$.ground_truth' = 'true' then 'expert' else 'human' end as role,
        case when a.json ->> '$.was_cancelled' = 'true' then 'skipped'
            when c.changed and c.original is null then 'discarded'
            else 'submitted' end as status,
        a.json ->> '$.created_at' as annotated_at, a.json ->> '$.lead_time' as duration_seconds,
        case when a.json ->> '$.parent_annotation' is not null then 'annotation'
            when a.json ->> '$.parent_prediction' is not null then 'prediction'
            when json_array_length(a.json -> '$.prediction' -> '$.result') > 0
                then 'prediction shown'
            when a.json ->> '$.bulk_created' = 'true' then 'bulk' end as assist,
        case when a.json ->> '$.parent_annotation' is not null then 'false' end as blind,
        case when c.changed and c.original is null
            then 'changed by somebody else; the first answer is not in the export' end as note,
        case when c.changed and c.original is not null then c.original
            else a.json -> '$.result' end as result
    from ls_annotation as a join ls_changed as c using (annotation)
    union all
    select place, item_id, 'truth', annotation, annotator_id, 'expert', 'submitted', null, null,
        null, null, null, json -> '$.result'
    from ls_annotation where json ->> '$.ground_truth' = 'true'
    union all
    select place, item_id, 'fixed', annotation, annotator_id, 'human', 'submitted', null, null,
        null, null, null, json -> '$.result'
    from ls_annotation join ls_changed using (annotation) where changed
    union all
    select place, item_id, 'prediction', null,
        coalesce(nullif(json ->> '$.model_version', ''), 'prediction'), 'model', 'submitted',
        json ->> '$.created_at', null, null, null, null, json -> '$.result'
    from (select place, item_id, unnest(members(json -> '$.predictions')) as json from ls_task)
    where json_type(json) = 'OBJECT'
    union all
    select d.place, d.item_id, 'draft', null,
        coalesce(u.id,
            nullif(regexp_extract(d.json ->> '$.created_username', ', ([0-9]+)$', 1), ''),
            d.json ->> '$.user.id', d.json ->> '$.user'),
        'human', 'draft', d.json ->> '$.created_at', d.json ->> '$.lead_time', null, null, null,
        d.json -> '$.result'
    from (
        select place, item_id, unnest(members(json -> '$.drafts')) as json from ls_task
    ) as d left join ls_user as u on u.email = d.json ->> '$.user'
    where json_type(d.json) = 'OBJECT'
)
select row_number() over () as given, {columns} from given
"""
_REVIEW: Final = """
create or replace temp table shaped_review as
with answers as (
    select g.annotation, a.question,
        any_value(a.value) filter (where g.source = 'annotation' and g.status <> 'discarded')
            as given,
        any_value(a.value) filter (where g.source = 'fixed') as fixed
    from ls_answer as a join ls_given as g using (given)
    where g.source in ('annotation', 'fixed')
    group by g.annotation, a.question
)
select r.place, r.item_id, a.question, r.annotator_id, 'secondary_review' as stage, r.reviewer_id,
    case when r.fixed then 'revise' when r.accepted then 'approve'
        when r.json ->> '$.accepted' = 'false' then 'reject' end as decision,
    a.given as value_before,
    case when r.fixed then a.fixed when r.accepted then a.given end as value_after,
    'false' as blind,
    nullif(concat_ws('; ', 'then: ' || (r.json ->> '$.reject_action'),
        case when r.json ->> '$.remove_from_queue' = 'true' then 'taken from the queue' end), '')
        as note,
    r.json ->> '$.started_at' as started_at, r.json ->> '$.created_at' as decided_at
from ls_review as r join answers as a using (annotation)
"""
_PROBE: Final = """
create or replace temp table shaped_probe as
select min(g.place) as place, g.item_id, a.question, 'reference' as type,
    min(a.value) as expected
from ls_answer as a join ls_given as g using (given)
where g.source = 'truth' and a.value is not null
group by g.item_id, a.question having min(a.value) = max(a.value)
"""
_SIGNAL: Final = """
create or replace temp table shaped_signal as
select place, item_id, 'judge' as type, 'prediction score' as name,
    json ->> '$.model_version' as version, json ->> '$.score' as value
from (select place, item_id, unnest(members(json -> '$.predictions')) as json from ls_task)
where json_type(json) = 'OBJECT' and json ->> '$.score' is not null
"""
_TRUTHS: Final = """
select min(g.place) as place, g.item_id, a.question
from ls_answer as a join ls_given as g using (given) where g.source = 'truth'
group by g.item_id, a.question having min(a.value) <> max(a.value)
"""
_NUMBERS: Final = """
select place, unnest(members(json -> '$.{field}')) as json from ls_task
"""


def read_tasks(cursor: duckdb.DuckDBPyConnection) -> None:
    """Make `ls_task`, `ls_annotation`, `ls_review` and `ls_given` of the exported tasks."""
    cursor.execute(_TASKS)
    by = fill(_PERSON, j="json", name="completed_by")
    changed_by = fill(_PERSON, j="json", name="updated_by")
    cursor.execute(fill(_ANNOTATIONS, by=by, changed_by=changed_by))
    cursor.execute(fill(_REVIEWS, by=fill(_PERSON, j="json", name="created_by")))
    cursor.execute(fill(_CHANGED, by=fill(_PERSON, j="j", name="created_by")))
    cursor.execute(_USERS)
    cursor.execute(fill(_GIVEN, columns=GIVEN))


def shape_beside(cursor: duckdb.DuckDBPyConnection) -> None:
    """Make the relations of reviews, ground truth and scores; `ls_answer` must be there."""
    for query in (_REVIEW, _PROBE, _SIGNAL):
        cursor.execute(query)


def task_remarks(cursor: duckdb.DuckDBPyConnection, files: Files) -> Iterator[Loss]:
    """Yield notes on what the tasks hold beside answers."""
    listed = [("ls_given", *remark) for remark in _REMARKS]
    reason = "ground truths of one task differ: no answer is expected there"
    listed.append((f"({_TRUTHS})", "true", "ground_truth", reason))
    for field in ("predictions", "drafts"):
        relation = f"({fill(_NUMBERS, field=field)})"
        reason = f"{field} are there by number only; export a snapshot that includes {field}"
        listed.append((relation, "json_type(json) <> 'OBJECT'", field, reason))
    reason = "review of an annotation without an answer that is kept: not kept"
    listed.append(("ls_review", _UNANSWERED, "reviews", reason))
    for relation, condition, column, reason in listed:
        told = Loss(reason, 0, fault=False)
        yield from found_where(cursor, files, condition, told, column=column, relation=relation)


_UNANSWERED: Final = """
annotation not in (
    select annotation from ls_given as g join ls_answer using (given)
    where g.annotation is not null
)
"""
_REMARKS: Final = (
    (
        "source = 'annotation' and status = 'discarded'",
        "updated_by",
        "changed by somebody else, and what the annotator said first is not in the export: kept "
        "as discarded, not counted",
    ),
    (
        "source = 'truth'",
        "ground_truth",
        "ground truth: its answers are what is expected of the others (probe of type reference, "
        "the task stays an ordinary one) and have the role expert; whoever gave them agrees with "
        "them by construction",
    ),
    (
        "source = 'annotation' and blind = 'false'",
        "parent_annotation",
        "annotation made from another annotation: not independent (blind = false)",
    ),
    (
        "source = 'annotation' and assist like 'prediction%'",
        "parent_prediction",
        "a prediction was there before the annotator answered (assist)",
    ),
)
