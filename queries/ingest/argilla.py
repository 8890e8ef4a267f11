"""Argilla: records exported flat, with the status of every response."""

from collections.abc import Iterator, Sequence
from typing import Final

import duckdb

from queries.errors import InputError
from queries.ingest.attributes import (
    attributes_of,
    prepare_json,
    prompt_field,
    responses_of,
    side_fields,
)
from queries.ingest.exported import lay_out
from queries.ingest.files import InputFile
from queries.ingest.findings import Files, filled_tables, found_where
from queries.ingest.mapping import Question
from queries.ingest.report import Loss
from queries.ingest.shape import Format, Sample, Shaped
from queries.ingest.text import fill, literal

_FIELDS: Final = {
    "id": "item.item_id",
    "status": "not kept: whether enough people answered; follows from the responses",
    "_server_id": "not kept: a number inside Argilla",
    "q.responses": "annotation.value (question = q): texts and labels nominal, numbers ordinal "
    "(rating), lists a set, or a ranking where every answer orders the same labels; spans are "
    "not kept, they are no answer about the whole record, and are counted",
    "q.responses.users": "annotation.annotator_id",
    "q.responses.status": "annotation.status (submitted, draft, discarded)",
    "q.suggestion": "annotation.value, role model; annotation.assist = suggestion for everybody "
    "who answered that question of the record",
    "q.suggestion.agent": "annotation.annotator_id of the suggestion",
    "q.suggestion.score": "signal (judge, suggestion score of q), version = agent",
    "fields": "item.prompt: the first there is of prompt, instruction, question, text, input, "
    "html, dialogue; response.text for two of a pair (response_a, response_b and the like); others "
    "item_attribute of the same name",
    "metadata": "item_attribute of the same name",
    "vectors": "not kept: positions in a model's space; counted",
    "fields{}, responses{}, suggestions{} (nested export)": "refused: it has lost the status of "
    "the responses, so discarded work would count",
}
_FLAT: Final = (
    "export flat: write dataset.records.to_list(flatten=True) as JSON lines, or use "
    "dataset.records.to_datasets() and its to_json or to_parquet"
)
_OWN: Final = frozenset({"id", "status", "_server_id"})
_STATUS: Final = ".responses.status"

_NAMES: Final = """
create or replace temp table argilla_question as
select distinct left(key, len(key) - len('.responses.status')) as question
from (select unnest(json_keys(json)) as key from exported)
where suffix(key, '.responses.status')
union
select distinct left(key, len(key) - len('.suggestion'))
from (select unnest(json_keys(json)) as key from exported)
where suffix(key, '.suggestion')
"""
_RESPONSES: Final = """
create or replace temp table argilla_response as
select row_number() over (order by place, question) as response, place, item_id, question,
    zipped[1] as json, zipped[2] ->> '$' as annotator_id,
    coalesce(zipped[3] ->> '$', 'none') as status, 'human' as role, suggested
from (
    select e.place, e.json ->> '$.id' as item_id, q.question,
        said(json_extract(e.json, spot(q.question || '.suggestion'))) is not null as suggested,
        unnest(list_zip(
            members(json_extract(e.json, spot(q.question || '.responses'))),
            members(json_extract(e.json, spot(q.question || '.responses.users'))),
            members(json_extract(e.json, spot(q.question || '.responses.status'))))) as zipped
    from exported as e cross join argilla_question as q
)
union all
select null, e.place, e.json ->> '$.id', q.question,
    json_extract(e.json, spot(q.question || '.suggestion')),
    coalesce(nullif(said(json_extract(e.json, spot(q.question || '.suggestion.agent'))), ''),
        'suggestion'),
    'submitted', 'model', false
from exported as e cross join argilla_question as q
where said(json_extract(e.json, spot(q.question || '.suggestion'))) is not null
"""
# Labels chosen and labels put in order are both lists; only orders always hold all of them.
_ASKED: Final = """
create or replace temp table argilla_asked as
with answers as (
    select question, json, json_type(json) as type, json_type(json -> 0) as inner_type,
        json_exists(json -> 0, '$.rank') as ranked,
        case json_type(json) when 'ARRAY' then from_json(json, '["varchar"]') end as labels
    from argilla_response where said(json) is not null
)
select question, case
    when bool_or(inner_type = 'OBJECT' and not ranked) then 'spans'
    when bool_or(inner_type = 'OBJECT') then 'ranks'
    when bool_or(type = 'ARRAY') and count(distinct list_sort(labels)) = 1
        and count(distinct labels) > 1 and min(len(labels)) > 1 then 'order'
    when bool_or(type = 'ARRAY') then 'set'
    when bool_and(type in ('BIGINT', 'UBIGINT', 'HUGEINT', 'DOUBLE')) then 'rating'
    else 'label' end as asked
from answers group by question order by question
"""
_RANKS: Final = """
select cast(to_json(list(labels order by rank)) as varchar) from (
    select number(each ->> '$.rank') as rank, list(each ->> '$.value') as labels
    from (select unnest(members(json)) as each) group by all
)
"""
_ANNOTATION: Final = """
create or replace temp table shaped_annotation as
select r.place, r.item_id, r.annotator_id, r.question, r.role,
    case when said(r.json) is null and r.status = 'submitted' then 'skipped' else r.status end
        as status,
    case when said(r.json) is null then null
        when a.asked = 'ranks' then ({ranks})
        when a.asked = 'set' and json_type(r.json) <> 'ARRAY'
            then cast(to_json([said(r.json)]) as varchar)
        else said(r.json) end as value,
    case when r.suggested then 'suggestion' end as assist
from argilla_response as r join argilla_asked as a using (question)
where a.asked <> 'spans'
"""
_SIGNAL: Final = """
create or replace temp table shaped_signal as
select e.place, e.json ->> '$.id' as item_id, 'judge' as type,
    'suggestion score of ' || q.question as name,
    said(json_extract(e.json, spot(q.question || '.suggestion.agent'))) as version,
    said(json_extract(e.json, spot(q.question || '.suggestion.score'))) as value
from exported as e cross join argilla_question as q
where json_type(json_extract(e.json, spot(q.question || '.suggestion.score'))) in
    ('BIGINT', 'UBIGINT', 'DOUBLE')
"""
_DATA: Final = "(select place, json ->> '$.id' as item_id, json as data from exported)"
_ITEM: Final = """
create or replace temp table shaped_item as
select place, item_id, {prompt} as prompt, said(data -> '$.context') as context from {data}
"""
_VECTORS: Final = """
select key from (
    select key, json_extract(json, spot(key)) as value
    from (select json, unnest(json_keys(json)) as key from exported)
    where not contains(key, '.responses') and not contains(key, '.suggestion')
) group by key
having bool_and(coalesce(json_type(value) = 'NULL' or json_type(value -> 0) = 'DOUBLE', false))
    and bool_or(json_type(value) = 'ARRAY')
order by key
"""


def _recognises(sample: Sample) -> bool:
    if any(key.endswith(_STATUS) for key in sample.keys):
        return True
    return {"fields", "responses", "suggestions"} <= sample.keys


def _shape(cursor: duckdb.DuckDBPyConnection, files: Sequence[InputFile]) -> Shaped:
    counts = lay_out(cursor, files)
    prepare_json(cursor)
    query = "select distinct unnest(json_keys(json)) as key from exported"
    keys = {str(row[0]) for row in cursor.execute(query).fetchall()}
    _refuse_statusless(keys, counts)
    for make in (_NAMES, _RESPONSES, _ASKED, fill(_ANNOTATION, ranks=_RANKS), _SIGNAL):
        cursor.execute(make)
    asked = cursor.execute("select question, asked from argilla_asked").fetchall()
    answered = cursor.execute("select exists (from shaped_annotation)").fetchone()
    if answered != (True,):
        there = (
            ", ".join(f"{name} ({kind})" for name, kind in asked) or "no question has a response"
        )
        raise InputError(
            f"{counts[0][0]}: no answers in it: {there}; allowed: labels, ratings, rankings, texts "
            "about the whole record; export a dataset with responses"
        )
    vectors = [str(row[0]) for row in cursor.execute(_VECTORS).fetchall()]
    _describe(cursor, keys, vectors)
    questions = tuple(_question(name, kind) for name, kind in asked if kind != "spans")
    return Shaped(
        tables=filled_tables(
            cursor, ("annotation", "item", "item_attribute", "response", "signal")
        ),
        files=counts,
        questions=questions,
        dropped=tuple(_dropped(cursor, counts, vectors)),
        notes=tuple(_remarks(cursor, counts)),
    )


def _refuse_statusless(keys: set[str], files: Files) -> None:
    """Refuse exports in which discarded responses look like submitted ones."""
    if any(key.endswith(_STATUS) for key in keys):
        return
    name = files[0][0]
    if {"fields", "responses"} <= keys:
        raise InputError(
            f"{name}: nested export of Argilla: it has no status of the responses, so drafts and "
            f"discarded work would count; {_FLAT}"
        )
    raise InputError(
        f"{name}: no field that ends with {_STATUS}: found {', '.join(sorted(keys)[:8])}; {_FLAT}"
    )


def _question(name: str, kind: str) -> Question:
    if kind in {"order", "ranks"}:
        return Question(name=name, level="ranking", ranking="order")
    if kind == "rating":
        return Question(name=name, level="ordinal")
    return Question(name=name, level="set" if kind == "set" else "nominal")


def _describe(cursor: duckdb.DuckDBPyConnection, keys: set[str], vectors: Sequence[str]) -> None:
    """Make the relations of items, attributes and the two responses of a pair."""
    answers = {key for key in keys if _is_answer(key, keys)}
    names = keys - answers - _OWN - set(vectors)
    prompt, sides = prompt_field(names), side_fields(names)
    shown = f"said(data -> {literal(prompt)})" if prompt else "null::varchar"
    cursor.execute(fill(_ITEM, prompt=shown, data=_DATA))
    taken = {name for pair in sides for name in pair} | ({prompt} if prompt else set())
    hidden = answers | _OWN | set(vectors) | taken | {"context"}
    make = "create or replace temp table {table} as {select}"
    attributes = attributes_of(_DATA, hidden, prefix="field")
    cursor.execute(fill(make, table="shaped_item_attribute", select=attributes))
    cursor.execute(fill(make, table="shaped_response", select=responses_of(_DATA, sides)))


def _is_answer(key: str, keys: set[str]) -> bool:
    """Whether a field belongs to a question and not to the record."""
    for end in (_STATUS, ".responses.users", ".responses"):
        if key.endswith(end):
            return key.removesuffix(end) + _STATUS in keys
    for end in (".suggestion.score", ".suggestion.agent", ".suggestion"):
        if key.endswith(end):
            return key.removesuffix(end) + ".suggestion" in keys
    return False


def _dropped(
    cursor: duckdb.DuckDBPyConnection, files: Files, vectors: Sequence[str]
) -> Iterator[Loss]:
    relation = "(from argilla_response join argilla_asked using (question))"
    told = Loss("spans are no answer about the whole record: not kept", 0, fault=False)
    yield from found_where(
        cursor,
        files,
        "asked = 'spans' and said(json) is not null",
        told,
        column="responses",
        found="question",
        allowed="labels, ratings, rankings, texts",
        relation=relation,
    )
    for name in vectors:
        told = Loss(f"vector {name!r}: not kept", 0, fault=False)
        there = f"json_type(json_extract(json, spot({literal(name)}))) = 'ARRAY'"
        yield from found_where(cursor, files, there, told, column=name)


def _remarks(cursor: duckdb.DuckDBPyConnection, files: Files) -> Iterator[Loss]:
    told = Loss("submitted without an answer to the question: kept as skipped", 0, fault=False)
    yield from found_where(
        cursor, files, "status = 'skipped'", told, column="responses", found="question",
        relation="shaped_annotation",
    )  # fmt: skip
    told = Loss("a suggestion was there before the answer (assist)", 0, fault=False)
    yield from found_where(
        cursor, files, "assist is not null", told, column="suggestion", found="question",
        relation="shaped_annotation",
    )  # fmt: skip
    order = "select question from argilla_asked where asked = 'order'"
    for (name,) in cursor.execute(order).fetchall():
        reason = (
            f"{name!r} is read as a ranking: every answer puts the same labels in order. If it "
            'allows several labels instead, say level = "set" in a mapping'
        )
        yield Loss(reason, 1, fault=False)


FORMAT: Final = Format(
    name="argilla",
    title="Argilla 2: records exported flat (JSON, JSONL or Parquet)",
    fields=_FIELDS,
    cannot_tell=(
        "which fields are shown, and which are metadata: all stand beside each other",
        "whether a list is a ranking or a choice of several: it is read as a ranking where every "
        "answer puts the same labels in order, and told",
        "labels nobody chose, and the ends of a rating; name them in a mapping",
        "records discarded without any answer: they leave no trace in the export",
        "when an answer was given, and how long it took",
        "names of people: users are ids",
    ),
    recognises=_recognises,
    shape=_shape,
)
