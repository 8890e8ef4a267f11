"""UltraFeedback: a language model's ratings of four completions, and the pairs made of them.

The raw records hold ratings for each completion and dimension; an item is one completion, and the
instruction is the group. The binarized records hold two completions of a prompt with a score each;
an item is the pair, which of the two is `a` says nothing about their worth.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import duckdb

from queries.errors import InputError
from queries.ingest.exported import lay_out
from queries.ingest.files import InputFile
from queries.ingest.findings import Files, each_field, filled_tables, found_where, unknown_fields
from queries.ingest.mapping import Question
from queries.ingest.report import Loss
from queries.ingest.shape import SEAT, Format, Sample, Shaped
from queries.ingest.text import fill, literal

_FIELDS: Final = {
    "source": "item.source",
    "instruction": "item.prompt; item.group_id is its hash",
    "models": "not kept: repeats completions[].model",
    "correct_answers, incorrect_answers": "item_attribute of the same name, where not None",
    "completions[].model": "response.model; with the hash of the instruction item.item_id",
    "completions[].principle": "item_attribute.principle",
    "completions[].custom_system_prompt": "item.context",
    "completions[].response": "response.text",
    "completions[].critique": "annotation.note (question = overall_score)",
    "completions[].overall_score": "annotation.value (question = overall_score)",
    "completions[].fine-grained_score": "signal (judge): the mean of the ratings, computed by the "
    "data set",
    "annotations.<dimension>.Rating": "annotation.value (question = the dimension), role model; "
    "'N/A': status skipped; a list of one rating is that rating",
    "annotations.<dimension>.Rationale, annotations.<dimension>.Rationale For Rating": "annotation."
    "note, one below the other",
    "annotations.<dimension>.Type": "annotation.reason_tags",
    "prompt": "binarized: item.prompt",
    "prompt_id": "binarized: item.group_id; with the hashes of both answers item.item_id",
    "chosen, rejected": "binarized: response.text (the last message), item.context (messages "
    "between prompt and answer), annotation.value (question = winner), role model; a and b go by "
    "hash",
    "score_chosen, score_rejected": "binarized: signal (judge, name = score); annotation.strength "
    "is their difference; equal scores are a tie",
    "messages": "binarized: not kept: repeats chosen",
}
_RAW: Final = frozenset(
    {"source", "instruction", "models", "correct_answers", "incorrect_answers", "completions"}
)
_COMPLETION: Final = frozenset(
    {"model", "principle", "custom_system_prompt", "response", "critique", "overall_score",
     "fine-grained_score", "annotations"}
)  # fmt: skip
_RATING: Final = frozenset({"Rating", "Rationale", "Type", "Rationale For Rating"})
_EACH: Final = "(select place, c as json from completions)"
_EACH_RATING: Final = (
    "(select place, entry.value as json from completions, json_each(c, '$.annotations') as entry)"
)
_PAIR: Final = frozenset({"prompt", "prompt_id", "chosen", "rejected", "messages"})
_SCORES: Final = frozenset({"score_chosen", "score_rejected"})
_SEAT: Final = "seat 1"

_COMPLETIONS: Final = """
create or replace temp table completions as
with flat as (
    select place, json ->> '$.instruction' as prompt, json ->> '$.source' as source,
        unnest(from_json(json -> '$.completions', '["json"]')) as c
    from exported where json_type(json, '$.completions') = 'ARRAY'
)
select place, prompt, source, c, left(md5(prompt), 16) as group_id,
    left(md5(prompt), 16) || '/'
        || coalesce(step(c ->> '$.model'), left(md5(c ->> '$.response'), 8)) as item_id
from flat
"""
# Two dimensions of a rating: a dimension is one object, in a few records a list of them.
_RATINGS: Final = """
create or replace temp table ratings as
with dimensions as (
    select place, item_id, coalesce(nullif(canonical(entry.key), ''), 'unnamed') as question,
        entry.value as j
    from completions, json_each(c, '$.annotations') as entry
),
flat as (
    select place, item_id, question, j, 1 as seat from dimensions
    where json_type(j) = 'OBJECT'
    union all
    select place, item_id, question, unnest(parts), generate_subscripts(parts, 1)
    from (
        select place, item_id, question, from_json(j, '["json"]') as parts from dimensions
        where json_type(j) = 'ARRAY'
    )
)
select place, item_id, question, 'seat ' || seat as annotator_id,
    neat(case when json_type(j, '$.Rating') = 'ARRAY' and json_array_length(j -> '$.Rating') = 1
        then j ->> '$.Rating[0]' else j ->> '$.Rating' end) as said,
    nullif(concat_ws(chr(10), nullif(j ->> '$.Rationale', ''),
        nullif(j ->> '$."Rationale For Rating"', '')), '') as note,
    case json_type(j, '$.Type') when 'ARRAY' then cast(j -> '$.Type' as varchar)
        else neat(j ->> '$.Type') end as reason_tags
from flat
union all
select place, item_id, 'overall_score', {seat}, neat(c ->> '$.overall_score'),
    nullif(c ->> '$.critique', ''), null
from completions
where neat(c ->> '$.overall_score') is not null or c ->> '$.critique' <> ''
"""
_ANNOTATION: Final = """
create or replace temp table shaped_annotation as
select place, item_id, annotator_id, question, 'model' as role,
    case when {none} then null else said end as value,
    case when {none} then 'skipped' else 'submitted' end as status, reason_tags, note
from ratings
"""
_NONE: Final = "said is null or lower(said) in ('n/a', 'na', 'none')"
_ITEM: Final = """
create or replace temp table shaped_item as
select place, item_id, prompt, c ->> '$.custom_system_prompt' as context, group_id, source
from completions
"""
_RESPONSE: Final = """
create or replace temp table shaped_response as
select place, item_id, 'a' as response_id, c ->> '$.model' as model, c ->> '$.response' as text
from completions
"""
_ATTRIBUTE: Final = """
create or replace temp table shaped_item_attribute as
select place, item_id, 'principle' as name, c ->> '$.principle' as value from completions
where not blank(c ->> '$.principle')
union all
select place, item_id, name, json ->> ('$.' || name)
from completions join exported using (place),
    (values ('correct_answers'), ('incorrect_answers')) as named(name)
where not blank(json ->> ('$.' || name)) and json ->> ('$.' || name) not in ('["None"]', 'None')
"""
_SIGNAL: Final = """
create or replace temp table shaped_signal as
select place, item_id, 'a' as response_id, 'judge' as type, 'fine-grained_score' as name,
    c ->> '$."fine-grained_score"' as value
from completions where not blank(c ->> '$."fine-grained_score"')
"""
_PERSON: Final = """
create or replace temp table shaped_person as
select min(place) as place, annotator_id, {seat} as tier from shaped_annotation
group by annotator_id
"""

# An answer is the last message; what stands between it and the prompt is context.
_PAIRS: Final = """
create or replace temp table pairs as
with sides as (
    select place, json ->> '$.prompt' as prompt, json ->> '$.prompt_id' as prompt_id,
        number(json ->> '$.score_chosen') as score_chosen,
        number(json ->> '$.score_rejected') as score_rejected,
        {chosen} as chosen, {rejected} as rejected,
        case when json_type(json, '$.chosen') = 'ARRAY' and json_array_length(json, '$.chosen') > 2
            then cast(to_json(from_json(json -> '$.chosen', '["json"]')[1:-2]) as varchar) end
            as context
    from exported
)
select *, coalesce(md5(chosen) > md5(rejected), false) as turned,
    coalesce(prompt_id, left(md5(prompt), 16)) as group_id,
    step(coalesce(prompt_id, left(md5(prompt), 16))) || '/'
        || left(least(md5(chosen), md5(rejected)), 8) || '|'
        || left(greatest(md5(chosen), md5(rejected)), 8) as item_id
from sides
"""
_SIDE: Final = """
case json_type(json, '$.{side}') when 'ARRAY' then
    case when json_array_length(json, '$.{side}') > 0 then json ->> '$.{side}[#-1].content' end
else json ->> '$.{side}' end
"""
_JUDGED: Final = """
create or replace temp table shaped_annotation as
select place, item_id, {seat} as annotator_id, 'winner' as question, 'model' as role,
    'submitted' as status,
    case when chosen is null or rejected is null or chosen = rejected then null
        when score_chosen = score_rejected then 'tie' when turned then 'b' else 'a' end as value,
    cast(abs(score_chosen - score_rejected) as varchar) as strength
from pairs
"""
_PAIR_ITEM: Final = """
create or replace temp table shaped_item as
select place, item_id, prompt, context, group_id from pairs
"""
_PAIR_RESPONSE: Final = """
create or replace temp table shaped_response as
select place, item_id, if(turned, 'b', 'a') as response_id, chosen as text from pairs
union all
select place, item_id, if(turned, 'a', 'b'), rejected from pairs
"""
_PAIR_SIGNAL: Final = """
create or replace temp table shaped_signal as
select place, item_id, if(turned, 'b', 'a') as response_id, 'judge' as type, 'score' as name,
    cast(score_chosen as varchar) as value
from pairs where score_chosen is not null
union all
select place, item_id, if(turned, 'a', 'b'), 'judge', 'score', cast(score_rejected as varchar)
from pairs where score_rejected is not null
"""

_SEATS: Final = (
    "no judge is named: 'seat 1' stands for whoever rated, a language model in the published set"
)
# Relation, condition, field, what an example quotes, reason.
_REMARKS: Final = (
    ("ratings", "question <> 'overall_score' and said is not null and ({none})", "annotations",
     "question || ': ' || said", "rating that says it does not apply, kept as skipped"),
    ("ratings", "annotator_id <> 'seat 1'", "annotations", "question",
     "a further rating of the same completion in a list, of another unnamed judge"),
    ("completions", "number(c ->> '$.overall_score') = 10 "
     'and number(c ->> \'$."fine-grained_score"\') <= 2', "overall_score",
     "c ->> '$.overall_score'", "overall_score 10 beside ratings of 2 or less: a misread 1"),
)  # fmt: skip
_PAIR_REMARKS: Final = (
    ("pairs", "score_chosen = score_rejected", "score_chosen", "score_chosen",
     "equal scores: a tie, whatever is called chosen"),
    ("pairs", "score_chosen < score_rejected", "score_chosen", "score_chosen",
     "chosen has the lower score; what is called chosen counts"),
    ("pairs", "chosen = rejected", "chosen", "left(chosen, 60)",
     "chosen and rejected are the same text: there is no answer in it"),
)  # fmt: skip


def _recognises(sample: Sample) -> bool:
    if sample.keys >= _PAIR - {"messages"} | _SCORES:
        return True
    if not sample.keys >= {"instruction", "completions"}:
        return False
    completions = [each.get("completions") for each in sample.objects]
    return any(
        isinstance(one, Mapping) and "response" in one
        for each in completions
        if isinstance(each, list)
        for one in each
    )


def _shape(cursor: duckdb.DuckDBPyConnection, files: Sequence[InputFile]) -> Shaped:
    counts = lay_out(cursor, files)
    found = cursor.execute(
        "select bool_or(json_exists(json, '$.completions')), "
        "bool_or(json_exists(json, '$.chosen') and json_exists(json, '$.rejected')) from exported"
    ).fetchone() or (False, False)
    if all(found):
        raise InputError(
            "records with completions (raw) and records with chosen (binarized) in one import; "
            "they ask different questions: import each as a batch of its own"
        )
    if found[0]:
        return _raw(cursor, counts)
    if found[1]:
        return _binarized(cursor, counts)
    raise InputError(
        f"{files[0].name}: neither completions with ratings nor chosen and rejected answers are in "
        "it; the splits for fine-tuning and generation hold no judgements: name the file of the "
        "preference split (train_prefs)"
    )


def _raw(cursor: duckdb.DuckDBPyConnection, files: Files) -> Shaped:
    seat = literal(SEAT)
    cursor.execute(_COMPLETIONS)
    cursor.execute(fill(_RATINGS, seat=literal(_SEAT)))
    cursor.execute(fill(_ANNOTATION, none=_NONE))
    for statement in (_ITEM, _RESPONSE, _ATTRIBUTE, _SIGNAL, fill(_PERSON, seat=seat)):
        cursor.execute(statement)
    names = cursor.execute("select distinct question from ratings order by question").fetchall()
    questions = [
        Question(name=name, level="interval")
        if name == "overall_score"
        else Question(name=name, level="ordinal", labels=["1", "2", "3", "4", "5"])
        for (name,) in names
    ]
    tables = ("annotation", "item", "item_attribute", "response", "signal", "person")
    return Shaped(
        tables=filled_tables(cursor, tables),
        files=files,
        kind="reward",
        questions=tuple(questions),
        unknown=(
            *unknown_fields(cursor, files, _RAW),
            *unknown_fields(cursor, files, _COMPLETION, relation=_EACH, inside="completions[]."),
            *unknown_fields(
                cursor, files, _RATING, relation=_EACH_RATING, inside="annotations.<dimension>."
            ),
        ),
        notes=(*_seats(cursor, files), *_told(cursor, files, _REMARKS)),
    )


def _binarized(cursor: duckdb.DuckDBPyConnection, files: Files) -> Shaped:
    sides = {side: fill(_SIDE, side=side).strip() for side in ("chosen", "rejected")}
    cursor.execute(fill(_PAIRS, **sides))
    cursor.execute(fill(_JUDGED, seat=literal(_SEAT)))
    seat = literal(SEAT)
    for statement in (_PAIR_ITEM, _PAIR_RESPONSE, _PAIR_SIGNAL, fill(_PERSON, seat=seat)):
        cursor.execute(statement)
    tables = ("annotation", "item", "response", "signal", "person")
    return Shaped(
        tables=filled_tables(cursor, tables),
        files=files,
        kind="preference",
        questions=(
            Question(name="winner", level="nominal", labels=["a", "tie", "b"], ties=["tie"]),
        ),
        unknown=unknown_fields(cursor, files, _PAIR | _SCORES),
        notes=(*_seats(cursor, files), *_told(cursor, files, _PAIR_REMARKS)),
    )


def _seats(cursor: duckdb.DuckDBPyConnection, files: Files) -> tuple[Loss, ...]:
    return found_where(
        cursor,
        files,
        "true",
        Loss(_SEATS, 0, fault=False, code="seats"),
        column="annotations",
        relation="shaped_annotation",
    )


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
            fill(condition, none=_NONE),
            Loss(reason, 0, fault=False),
            column=column,
            found=found,
            relation=relation,
        )
    )


FORMAT: Final = Format(
    name="ultrafeedback",
    title="UltraFeedback: ratings of completions, and ultrafeedback_binarized (chosen, rejected)",
    fields=each_field(_FIELDS),
    cannot_tell=(
        "which judge rated, and when: the ratings of the published set are those of one language "
        "model, so nothing about people, and no agreement, can be computed from it",
        "whether a completion was seen alone or beside the others, and in which order",
        "binarized: the ratings behind a score, the other completions of the prompt, and which "
        "models wrote the two answers",
        "binarized: that its rejected answer was drawn among the others, so margins are not those "
        "of all pairs",
    ),
    recognises=_recognises,
    shape=_shape,
)
