"""MultiPref: one record a comparison, with the answers of normal and of expert workers.

Everybody compares the same two answers four times: overall, and by three dimensions. Each of the
four is a question; the two kinds of workers are two roles.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import duckdb

from queries.ingest.conversation import prepare_conversations
from queries.ingest.exported import lay_out
from queries.ingest.files import InputFile
from queries.ingest.findings import Files, each_field, filled_tables, found_where, unknown_fields
from queries.ingest.mapping import Question
from queries.ingest.report import Loss
from queries.ingest.shape import Format, Sample, Shaped
from queries.ingest.text import fill, literal

_QUESTIONS: Final = ("overall", "helpful", "truthful", "harmless")
_LABELS: Final = (
    "A-is-clearly-better",
    "A-is-slightly-better",
    "Tie",
    "B-is-slightly-better",
    "B-is-clearly-better",
)
_WORKERS: Final = {"normal": "human", "expert": "expert"}
_ATTRIBUTES: Final = ("category", "highest_level_degree", "subject_of_study")
_TEXTS: Final = ("comparison_id", "prompt_id", "text", "source")
_SIDES: Final = ("model_a", "model_b", "completion_a", "completion_b")
_PARTS: Final = ("pref", "confidence", "checked_reasons", "own_reason")

_FIELDS: Final = {
    "comparison_id": "item.item_id",
    "prompt_id": "item.group_id",
    "text": "item.prompt",
    "source": "item.source",
    "category, highest_level_degree, subject_of_study": "item_attribute of the same name",
    "model_a, model_b": "response.model (a, b)",
    "completion_a, completion_b": "response.text (a, b)",
    "normal_worker_annotations": "annotation, role human",
    "expert_worker_annotations": "annotation, role expert",
    "evaluator": "annotation.annotator_id",
    "overall_pref, helpful_pref, truthful_pref, harmless_pref": "annotation.value "
    "(question = overall, helpful, truthful, harmless; five ordered labels, Tie is the tie)",
    "*_checked_reasons": "annotation.reason_tags of its question",
    "*_own_reason": "annotation.note of its question",
    "*_confidence": "annotation.note of its question, as 'confidence: ...'; it weighs nothing",
    "time_spent": "annotation.duration_seconds of overall only: it is the time of all four answers",
    "timestamp": "annotation.annotated_at",
    "interval": "annotation.note of overall, as 'interval: ...': its meaning is not documented",
}

_WORK: Final = """
create or replace temp table work as
select place, neat(plain(json -> '$.comparison_id')) as item_id, role,
    unnest(listed(json -> said)) as json
from exported cross join (values {workers}) as workers(said, role)
"""
_ANSWERS: Final = """
create or replace temp table answers_given as
select place, item_id, role, question, plain(json -> '$.evaluator') as annotator_id,
    plain(json -> ('$.' || question || '_pref')) as value,
    plain(json -> ('$.' || question || '_confidence')) as confidence,
    plain(json -> ('$.' || question || '_own_reason')) as own_reason,
    json -> ('$.' || question || '_checked_reasons') as reasons,
    case question when 'overall' then plain(json -> '$.interval') end as interval,
    case question when 'overall' then plain(json -> '$.time_spent') end as duration_seconds,
    plain(json -> '$.timestamp') as stamp
from work cross join (select unnest({questions}) as question)
where json_exists(json, '$.' || question || '_pref')
"""
_ANNOTATION: Final = """
create or replace temp table shaped_annotation as
select place, item_id, annotator_id, question, value, role, 'submitted' as status,
    moment(stamp) as annotated_at, duration_seconds,
    case json_type(reasons) when 'ARRAY'
        then case when json_array_length(reasons) > 0 then cast(reasons as varchar) end
        else case when not blank(plain(reasons))
            then cast(to_json([plain(reasons)]) as varchar) end end as reason_tags,
    nullif(concat_ws(chr(10), 'confidence: ' || confidence, 'interval: ' || interval,
        nullif(tidy(own_reason), '')), '') as note
from answers_given
"""
_ITEM: Final = """
create or replace temp table shaped_item as
select place, plain(json -> '$.comparison_id') as item_id, plain(json -> '$.text') as prompt,
    plain(json -> '$.prompt_id') as group_id, plain(json -> '$.source') as source
from exported
"""
_ATTRIBUTE: Final = """
create or replace temp table shaped_item_attribute as
select place, plain(json -> '$.comparison_id') as item_id, name, plain(json -> name) as value
from exported cross join (select unnest({names}) as name)
where json_exists(json, name)
"""
_RESPONSE: Final = """
create or replace temp table shaped_response as
select place, plain(json -> '$.comparison_id') as item_id, response_id,
    plain(json -> ('$.model_' || response_id)) as model,
    plain(json -> ('$.completion_' || response_id)) as text
from exported cross join (select unnest(['a', 'b']) as response_id)
where json_exists(json, '$.model_' || response_id)
    or json_exists(json, '$.completion_' || response_id)
"""
_NO_LIST: Final = """
json_exists(json, '$.{field}') and plain(json -> '$.{field}') is not null
and listed(json -> '$.{field}') is null
"""


def _recognises(sample: Sample) -> bool:
    lists = {f"{kind}_worker_annotations" for kind in _WORKERS}
    return "comparison_id" in sample.keys and bool(lists & sample.keys)


def _shape(cursor: duckdb.DuckDBPyConnection, files: Sequence[InputFile]) -> Shaped:
    counts = lay_out(cursor, files)
    prepare_conversations(cursor)
    workers = ", ".join(
        f"({literal(f'{kind}_worker_annotations')}, {literal(role)})"
        for kind, role in _WORKERS.items()
    )
    cursor.execute(fill(_WORK, workers=workers))
    cursor.execute(fill(_ANSWERS, questions=_listed(_QUESTIONS)))
    cursor.execute(_ANNOTATION)
    cursor.execute(_ITEM)
    cursor.execute(fill(_ATTRIBUTE, names=_listed(_ATTRIBUTES)))
    cursor.execute(_RESPONSE)
    return Shaped(
        tables=filled_tables(cursor, ("annotation", "item", "item_attribute", "response")),
        files=counts,
        kind="preference",
        questions=tuple(
            Question(name=name, level="ordinal", labels=list(_LABELS), ties=["Tie"])
            for name in _QUESTIONS
        ),
        dropped=tuple(_dropped(cursor, counts)),
        unknown=tuple(_unknown(cursor, counts)),
    )


def _listed(names: Sequence[str]) -> str:
    return f"[{', '.join(map(literal, names))}]"


def _dropped(cursor: duckdb.DuckDBPyConnection, files: Files) -> Iterator[Loss]:
    for kind in _WORKERS:
        field = f"{kind}_worker_annotations"
        yield from found_where(
            cursor,
            files,
            fill(_NO_LIST, field=field),
            Loss(f"{field} is no list of answers", 0, code="unreadable"),
            column=field,
            found=f"left(plain(json -> '$.{field}'), 60)",
            allowed="a JSON list of objects; export as JSONL or Parquet",
        )
    yield from found_where(
        cursor,
        files,
        "json_type(json) <> 'OBJECT'",
        Loss("an answer that is no object", 0, code="unreadable"),
        column="*_worker_annotations",
        found="left(cast(json as varchar), 60)",
        allowed="an object with evaluator and overall_pref",
        relation="work",
    )


def _unknown(cursor: duckdb.DuckDBPyConnection, files: Files) -> Iterator[Loss]:
    lists = {f"{kind}_worker_annotations" for kind in _WORKERS}
    yield from unknown_fields(cursor, files, {*_TEXTS, *_SIDES, *_ATTRIBUTES, *lists})
    parts = {f"{question}_{part}" for question in _QUESTIONS for part in _PARTS}
    known = {"evaluator", "time_spent", "timestamp", "interval", *parts}
    inside = "*_worker_annotations."
    yield from unknown_fields(cursor, files, known, relation="work", inside=inside)


FORMAT: Final = Format(
    name="multipref",
    title="MultiPref: four workers a comparison, normal and expert, four dimensions, as exported",
    fields=each_field(_FIELDS),
    cannot_tell=(
        "which answer stood left: A and B are fixed for each comparison",
        "how long each of the four answers took: one time is given for all of them",
    ),
    recognises=_recognises,
    shape=_shape,
)
