"""Results of Label Studio to answers: one row for each control somebody answered.

Works on the temporary table `ls_given`: one row an annotation, prediction, draft, ground truth or
correction, with its `result` as a JSON array. Leaves `ls_answer` and `ls_question`.
"""

from collections.abc import Iterator
from typing import Final

import duckdb

from queries.ingest.findings import Files, example, found_where
from queries.ingest.mapping import Kind, Question
from queries.ingest.report import EXAMPLES, Loss
from queries.ingest.text import fill

GIVEN: Final = (
    "place, item_id, source, annotation, annotator_id, role, status, annotated_at, "
    "duration_seconds, assist, blind, note, result"
)
"""Columns of `ls_given`, its number aside. Source: annotation, prediction, draft, truth, fixed."""

# A result with a place in its object is about that region and not about the task.
_REGION: Final = (
    "'x', 'y', 'points', 'vertices', 'rle', 'bbox', 'start', 'end', 'startOffset', 'endOffset', "
    "'ranges', 'sequence', 'keypoints'"
)
_RESULTS: Final = """
create or replace temp table ls_result as
select given, place, source, row_number() over () as part,
    j ->> '$.from_name' as name, j ->> '$.origin' as origin, j -> '$.value' as value,
    j ->> '$.type' as type,
    case
        when coalesce(len(list_intersect(json_keys(j -> '$.value'), [{region}])), 0) > 0
            then 'region'
        when lower(j ->> '$.type') in
            ('choices', 'taxonomy', 'rating', 'number', 'pairwise', 'ranker', 'textarea')
            then lower(j ->> '$.type')
        when j ->> '$.type' is not null then 'other'
        when json_exists(j, '$.value.choices') then 'choices'
        when json_exists(j, '$.value.taxonomy') then 'taxonomy'
        when json_exists(j, '$.value.rating') then 'rating'
        when json_exists(j, '$.value.number') then 'number'
        when json_exists(j, '$.value.selected') then 'pairwise'
        when json_exists(j, '$.value.ranker') then 'ranker'
        when json_exists(j, '$.value.text') then 'textarea'
        else 'other'
    end as kind
from (select given, place, source, unnest(members(result)) as j from ls_given)
"""
# Steps of a path are joined with "/", so a "/" inside of one is spelled otherwise.
_PICKED: Final = """
create or replace temp table ls_picked as
select given, name, kind, any_value(origin) as origin,
    list_distinct(flatten(list(labels order by part))) as labels
from (
    select *, case kind when 'taxonomy' then
        list_transform(members(value -> '$.taxonomy'), lambda path: array_to_string(
            list_transform(members(path), lambda step:
                replace(replace(step ->> '$', '%', '%25'), '/', '%2F')), '/'))
        else list_transform(members(value -> '$.choices'), lambda label:
            case json_type(label) when 'ARRAY'
            then array_to_string(from_json(label, '["varchar"]'), '/') else label ->> '$' end)
        end as labels
    from ls_result where kind in ('choices', 'taxonomy') and name is not null
)
group by given, name, kind
having len(flatten(list(labels))) > 0
"""
_BUCKETS: Final = """
create or replace temp table ls_bucket as
select *, count(distinct bucket) filter (where bucket <> '_') over (partition by name) as buckets
from (
    select given, name, origin, bucket, json_extract(value -> '$.ranker', spot(bucket)) as ranked
    from (
        select *, unnest(json_keys(value -> '$.ranker')) as bucket from ls_result
        where kind = 'ranker' and name is not null
    )
)
"""
_ANSWERS: Final = """
create or replace temp table ls_answer as
with several as (
    select distinct name from ls_picked where len(labels) > 1
)
select given, name as question, kind, origin, name in (from several) as is_set,
    case when name in (from several) then cast(to_json(list_sort(labels)) as varchar)
        else labels[1] end as value
from ls_picked
union all
select given, name, kind, origin, false,
    coalesce(value ->> '$.rating', value ->> '$.number', value ->> '$.selected')
from ls_result where kind in ('rating', 'number', 'pairwise') and name is not null
union all
select given, name, kind, any_value(origin), false,
    array_to_string(flatten(list(texts order by part)), chr(10))
from (
    select *, case json_type(value -> '$.text') when 'ARRAY'
        then from_json(value -> '$.text', '["varchar"]') else [value ->> '$.text'] end as texts
    from ls_result where kind = 'textarea' and name is not null
)
group by given, name, kind
union all
select given, case when buckets > 1 then name || '/' || bucket else name end, 'ranker', origin,
    false, cast(to_json(list_transform(
        from_json(ranked, '["varchar"]'), lambda each: [each])) as varchar)
from ls_bucket
where json_type(ranked) = 'ARRAY' and json_array_length(ranked) > 0
    and (bucket <> '_' or buckets = 0)
"""
_QUESTIONS: Final = """
create or replace temp table ls_question as
select question, arg_min(kind, given) as kind, bool_or(is_set) as is_set,
    count(distinct value) as different
from ls_answer where value is not null group by question order by min(given), question
"""
_ANNOTATION: Final = """
create or replace temp table shaped_annotation as
with counted as (
    -- Whoever annotates a task again gives a second answer; the first is the independent one.
    select given, cast(row_number() over (
        partition by item_id, annotator_id, role, source, status order by annotated_at, given
    ) as varchar) as round
    from ls_given where source in ('annotation', 'prediction')
),
unanswered as (
    select g.given, q.question from ls_given as g cross join ls_question as q
    where g.source = 'annotation' and (
        g.status = 'skipped' or q.kind = 'pairwise'
        or not exists (from ls_answer as a where a.given = g.given)
    ) and not exists (
        from ls_answer as a where a.given = g.given and a.question = q.question
    )
),
answered as (
    select given, question, value, origin, kind from ls_answer
    union all
    select given, question, null, null, null from unanswered
)
select g.place, g.item_id, g.annotator_id, a.question, a.value, g.role,
    case when a.value is null and g.status = 'submitted' then 'skipped' else g.status end
        as status,
    c.round, g.blind,
    case when a.kind = 'pairwise' and {sided} then 'a|b' end as shown_order,
    g.annotated_at, g.duration_seconds,
    case when a.origin in ('prediction', 'prediction-changed') then a.origin
        else g.assist end as assist,
    g.note
from answered as a join ls_given as g using (given) left join counted as c using (given)
where g.source in ('annotation', 'prediction', 'draft')
"""
_UNSUPPORTED: Final = """
select kind, coalesce(type, 'unnamed') as type, count(*), list(place order by place)[:{limit}]
from ls_result where kind in ('region', 'other') or name is null
group by all order by all
"""
_ABSENT: Final = """
select q.question, q.kind, count(*) - count(a.given), min(g.place) filter (where a.given is null)
from ls_given as g cross join ls_question as q
left join (select distinct given, question from ls_answer) as a using (given, question)
where g.source = 'annotation' and g.status = 'submitted'
    and exists (from ls_answer as x where x.given = g.given)
group by q.question, q.kind having count(*) > count(a.given) order by q.question
"""
_AGAIN: Final = """
select min(place) as place, annotator_id, count(*) as times
from ls_given where source = 'annotation' and status = 'submitted' and annotator_id is not null
group by item_id, annotator_id having count(*) > 1
"""


def read_results(cursor: duckdb.DuckDBPyConnection, *, sided: bool) -> None:
    """Make `ls_answer`, `ls_question` and `shaped_annotation` of `ls_given`.

    `sided` tells that the tasks name the two responses a pairwise control shows.
    """
    cursor.execute(fill(_RESULTS, region=_REGION))
    for query in (_PICKED, _BUCKETS, _ANSWERS, _QUESTIONS):
        cursor.execute(query)
    cursor.execute(fill(_ANNOTATION, sided="true" if sided else "false"))


def questions(cursor: duckdb.DuckDBPyConnection) -> tuple[Question, ...]:
    """Return what was asked, in the order of first answers."""
    rows = cursor.execute("select question, kind, is_set from ls_question").fetchall()
    return tuple(_question(name, kind, is_set=is_set) for name, kind, is_set in rows)


def kind_of(asked: tuple[Question, ...]) -> Kind | None:
    """Return the kind of records, where the controls tell it."""
    if any(question.labels == ["left", "right"] for question in asked):
        return "preference"
    return "ranking" if any(question.scale == "ranking" for question in asked) else None


def _question(name: str, kind: str, *, is_set: bool) -> Question:
    if kind == "pairwise":
        return Question(name=name, level="nominal", labels=["left", "right"])
    if kind == "rating":
        return Question(name=name, level="ordinal")
    if kind == "number":
        return Question(name=name, level="interval")
    if kind == "ranker":
        return Question(name=name, level="ranking", ranking="order")
    return Question(name=name, level="set" if is_set else "nominal")


def unsupported(cursor: duckdb.DuckDBPyConnection, files: Files) -> Iterator[Loss]:
    """Yield what annotators drew or wrote that is no answer about the task."""
    rows = cursor.execute(fill(_UNSUPPORTED, limit=str(EXAMPLES))).fetchall()
    for kind, name, count, places in rows:
        what = "about a region of the task" if kind == "region" else "no judgement of the task"
        reason = f"result of type {name!r} is {what}: not kept"
        examples = tuple(example(files, place, "result", name, _ALLOWED) for place in places)
        yield Loss(reason, int(count), examples, fault=False)


_ALLOWED: Final = "choices, taxonomy, rating, number, pairwise, ranker, textarea"


def remarks(cursor: duckdb.DuckDBPyConnection, files: Files) -> Iterator[Loss]:
    """Yield notes on what the answers do not say."""
    empty = "source = 'annotation' and status = 'submitted' and not exists ("
    empty += "from ls_answer as a where a.given = ls_given.given)"
    reason = (
        "submitted without any answer: a tie, none of the labels, or nothing was looked at; "
        "kept as skipped"
    )
    yield from _told(cursor, files, empty, reason, column="result")
    for name, kind, count, place in cursor.execute(_ABSENT).fetchall():
        meaning = "a tie, or not asked; kept as skipped" if kind == "pairwise" else _UNSAID
        reason = f"no answer to {name!r} beside other answers: {meaning}"
        yield Loss(reason, int(count), (example(files, place, name, None),), fault=False)
    reason = "somebody annotated a task again: kept as a further round, the first one counts"
    yield from _told(cursor, files, "true", reason, column="completed_by", relation=f"({_AGAIN})")
    free = "select question, different from ls_question where kind = 'textarea'"
    for name, different in cursor.execute(free).fetchall():
        reason = f"{name!r} is free text; agreement on it counts texts that are the same"
        yield Loss(reason, int(different), fault=False)


_UNSAID: Final = "none of its labels, left out, or not asked; not counted as an answer"


def _told(
    cursor: duckdb.DuckDBPyConnection,
    files: Files,
    condition: str,
    reason: str,
    *,
    column: str,
    relation: str = "ls_given",
) -> Iterator[Loss]:
    told = Loss(reason, 0, fault=False)
    yield from found_where(
        cursor,
        files,
        condition,
        told,
        column=column,
        found="annotator_id",
        relation=relation,
    )
