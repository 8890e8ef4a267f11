"""MT-Bench and Chatbot Arena: one record a vote between the answers of two named models.

Which model stood left is an accident of the vote: items go by the unordered pair, and votes on a
pair that was shown the other way round are turned. What was left is kept for position bias.
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
from queries.ingest.shape import SEAT, Format, Sample, Shaped
from queries.ingest.text import fill, literal

_BOTH_BAD: Final = "tie (bothbad)"
_TREES: Final = ("category_tag", "dedup_tag", "occupational_tags")
_FLAGS: Final = ("winner_model_a", "winner_model_b", "winner_tie")
_SCALARS: Final = ("language", "anony", "is_code", "is_refusal", "evaluation_order")

_FIELDS: Final = {
    "question_id, id": "item.item_id, with the pair of models in sort order; item.group_id "
    "(MT-Bench: one question has several pairs and turns)",
    "turn": "MT-Bench: which turn is judged, in item.item_id and item_attribute.turn; "
    "arena: how many turns there are, item_attribute.turns",
    "model_a, model_b": "response.model; the first in sort order is a. annotation.shown_order "
    "says which of the two stood left",
    "winner": "annotation.value (question = winner), turned with the pair; "
    "'tie (inconsistent)' becomes tie with the reason tag inconsistent, "
    "'both_bad' is spelled 'tie (bothbad)'",
    "winner_model_a, winner_model_b, winner_tie": "annotation.value (question = winner)",
    "judge, judge_hash": "annotation.annotator_id; role expert for expert_*, model for gpt*, "
    "otherwise human",
    "evaluation_session_id": "annotation.annotator_id where no judge is named, and item.group_id",
    "evaluation_order": "item_attribute.evaluation_order; only order 1 is one vote a session",
    "conversation_a, conversation_b": "item.prompt (the user's first message, with a system "
    "message before it), response.text (the model's answer; later turns as JSON messages)",
    "prompt, response_a, response_b": "the same, from the lists of the 55k table",
    "full_conversation": "not kept: it repeats the conversations of the earlier votes",
    "tstamp, timestamp": "annotation.annotated_at",
    "language, anony, is_code, is_refusal": "item_attribute of the same name",
    "category_tag, dedup_tag, occupational_tags": "item_attribute, one for each tag in them",
    "openai_moderation": "signal (verifier): flagged with its categories, and the category scores",
    "toxic_chat_tag": "signal (verifier), version = the classifier",
    "conv_metadata": "not kept: counts of tokens and marks, which follow from the texts",
}

# A vote of the arena is about one conversation; MT-Bench asks about each turn of a question.
_ARENA: Final = " or ".join(
    f"json_exists(json, '$.{name}')"
    for name in ("tstamp", "timestamp", "judge_hash", "evaluation_order", "winner_model_a")
)
_VOTES: Final = """
create or replace temp table votes as
with fields as (
    select place, json, {arena} as arena,
        plain(coalesce(json -> '$.question_id', json -> '$.id')) as question_id,
        plain(json -> '$.turn') as turn,
        neat(plain(json -> '$.model_a')) as model_a,
        neat(plain(json -> '$.model_b')) as model_b,
        case when json_exists(json, '$.winner') then tidy(plain(json -> '$.winner'))
            else {one_hot} end as said,
        coalesce(case when not ({arena}) then 2 * number(plain(json -> '$.turn'))::bigint end,
            1000000) as last_message,
        json_exists(json, '$.judge') as named,
        plain(coalesce(json -> '$.judge', json -> '$.judge_hash')) as judge,
        plain(json -> '$.evaluation_session_id') as session
    from exported
)
select place, arena, question_id, turn, model_a, model_b, said, named, judge, session,
    number(plain(json -> '$.evaluation_order')) as evaluation_order,
    coalesce(model_a > model_b, false) as turned,
    step(question_id) || case when arena or turn is null then '' else '/' || step(turn) end
        || '/' || option_name(least(model_a, model_b))
        || '|' || option_name(greatest(model_a, model_b)) as item_id,
    case lower(said) when 'tie (inconsistent)' then 'tie' when 'both_bad' then {both_bad}
        when 'bothbad' then {both_bad} when 'tie (both bad)' then {both_bad}
        else said end as winner,
    {conversations}
from fields
"""
_ONE_HOT: Final = """
case concat_ws('/', {winner_model_a}, {winner_model_b}, {winner_tie})
when 'true/false/false' then 'model_a' when 'false/true/false' then 'model_b'
when 'false/false/true' then 'tie' when 'false/false/false' then null
else 'several winners' end
"""
_IS_SET: Final = "coalesce(lower(plain(json -> '$.{name}')) in ('1', '1.0', 'true'), false)"
# MT-Bench shows both turns in each record; a vote on the first is no vote on the second.
_SIDE: Final = """
case when json_exists(json, '$.conversation_{side}')
    then list_slice(messages(json -> '$.conversation_{side}'), 1, last_message)
when json_exists(json, '$.response_{side}') then flatten(list_transform(
    list_zip(coalesce(listed(json -> '$.prompt'), [json -> '$.prompt']),
        coalesce(listed(json -> '$.response_{side}'), [json -> '$.response_{side}'])),
    lambda pair: [{'role': 'user', 'content': plain(pair[1])},
        {'role': 'assistant', 'content': plain(pair[2])}]))
end as side_{side},
case when json_type(unpacked(json -> '$.conversation_{side}')) = 'VARCHAR'
    then plain(json -> '$.conversation_{side}') end as raw_{side}
"""
_ANNOTATION: Final = """
create or replace temp table shaped_annotation as
select place, item_id, 'winner' as question,
    coalesce(judge, session, 'seat 1') as annotator_id,
    case when judge like 'expert\\_%' escape '\\' then 'expert'
        when lower(judge) like 'gpt%' then 'model' else 'human' end as role,
    'submitted' as status,
    case when turned and winner = 'model_a' then 'model_b'
        when turned and winner = 'model_b' then 'model_a' else winner end as value,
    case when lower(judge) = 'gpt4_pair' then null when turned then 'b|a' else 'a|b'
        end as shown_order,
    case when lower(said) = 'tie (inconsistent)' then '["inconsistent"]' end as reason_tags,
    moment(plain(coalesce(json -> '$.tstamp', json -> '$.timestamp'))) as annotated_at
from votes join exported using (place)
"""
_ITEM: Final = """
create or replace temp table shaped_item as
select place, item_id,
    prompted(list_slice(side_a, 1, start)) as prompt,
    case when arena then session else question_id end as group_id
from (
    select *, coalesce(list_position(
        list_transform(side_a, lambda each: each.role), 'user'), 1) as start
    from votes
)
"""
_RESPONSE: Final = """
create or replace temp table shaped_response as
select place, item_id, case when turned = (side = 'b') then 'a' else 'b' end as response_id, model,
    coalesce(told(answer), raw) as text,
    case when len(answer) > 0 then spoken_length(answer) end as length
from (
    select place, item_id, turned, side, model, raw, list_slice(said, coalesce(list_position(
        list_transform(said, lambda each: each.role), 'user'), 0) + 1, len(said)) as answer
    from (
        select place, item_id, turned, 'a' as side, model_a as model, raw_a as raw, side_a as said
        from votes
        union all
        select place, item_id, turned, 'b' as side, model_b as model, raw_b as raw, side_b as said
        from votes
    )
)
"""
_ATTRIBUTE: Final = """
create or replace temp table shaped_item_attribute as
select place, item_id, case when arena then 'turns' else 'turn' end as name, turn as value
from votes where turn is not null
union all
select place, item_id, name, value from (
    select place, unnest({scalars}, recursive := true) from exported
) join votes using (place) where value is not null
union all
select place, item_id, name, value from (
    select place, tree.field || replace(substr(each.fullkey, 2), '"', '') as name,
        plain(each.atom) as value
    from (select place, unnest({trees}, recursive := true) from exported) as tree,
        json_tree(tree.json) as each
    where each.atom is not null
) join votes using (place) where value is not null
"""
_SIGNAL: Final = """
create or replace temp table shaped_signal as
with moderated as (
    select place, unpacked(json -> '$.openai_moderation') as j from exported
    where json_exists(json, '$.openai_moderation')
),
classified as (
    select place, unpacked(json -> '$.toxic_chat_tag') as j from exported
    where json_exists(json, '$.toxic_chat_tag')
)
select place, item_id, 'verifier' as type, name, version, value, failure_reason from (
    select place, 'openai_moderation' as name, null as version,
        case truth(plain(j -> '$.flagged')) when true then '1' when false then '0' end as value,
        (select string_agg(key, ', ' order by key) from json_each(j, '$.categories')
            where plain(value) = 'true') as failure_reason
    from moderated
    union all
    select place, 'openai_moderation.' || key, null, plain(value), null
    from moderated, json_each(moderated.j, '$.category_scores')
    union all
    select place, 'toxic_chat_tag', key,
        plain(coalesce(value -> '$.probability', value -> '$.score')),
        case when plain(value -> '$.flagged') = 'true' then 'flagged' end
    from classified, json_each(classified.j)
) join votes using (place) where value is not null
"""
_PERSON: Final = """
create or replace temp table shaped_person as
select place, 'seat 1' as annotator_id, {seat} as tier from votes
where judge is null and session is null limit 1
"""

# Condition on a vote, field, what an example quotes, and the reason.
_COERCED: Final = (
    (
        "lower(said) = 'tie (inconsistent)'",
        "winner",
        "said",
        "a judge who contradicted itself in the other order counts as a tie",
    ),
)
_NOTES: Final = (
    (
        "named and regexp_matches(lower(judge), '[a-z]') "
        "and not regexp_matches(lower(judge), '^(expert_|author_|arena_user_|gpt)')",
        "judge",
        "judge",
        "judge of no known kind, taken for a person; [role] match in a mapping can say otherwise",
    ),
    (
        "judge is null and session is not null",
        "evaluation_session_id",
        "session",
        "no voter is named: a session stands for its voter, who may have other sessions",
    ),
    (
        "judge is null and session is null",
        "judge",
        "null",
        "no voter is named: 'seat 1' stands for everybody and is no person",
    ),
    (
        "evaluation_order > 1",
        "evaluation_order",
        "evaluation_order",
        "a further vote of a session; evaluation_order = 1 leaves one vote a session",
    ),
    (
        "model_a = model_b",
        "model_b",
        "model_b",
        "both answers are of one model: votes on them cannot be turned",
    ),
    (
        "raw_a is not null or raw_b is not null",
        "conversation_a",
        "left(coalesce(raw_a, raw_b), 60)",
        "conversation is no list of messages; kept as one text",
    ),
)


def _recognises(sample: Sample) -> bool:
    keys = sample.keys
    if not {"model_a", "model_b"} <= keys or keys & {"item_id", "annotator_id", "comparison_id"}:
        return False
    if {"winner_model_a", "winner_model_b"} <= keys:
        return True
    voted = {"judge", "judge_hash", "evaluation_order", "conversation_a"}
    return "winner" in keys and bool(keys & {"question_id", "id"}) and bool(keys & voted)


def _shape(cursor: duckdb.DuckDBPyConnection, files: Sequence[InputFile]) -> Shaped:
    counts = lay_out(cursor, files)
    prepare_conversations(cursor)
    sides = ", ".join(fill(_SIDE, side=side) for side in "ab")
    cursor.execute(
        fill(
            _VOTES,
            arena=_ARENA,
            one_hot=fill(_ONE_HOT, **{name: fill(_IS_SET, name=name) for name in _FLAGS}),
            both_bad=literal(_BOTH_BAD),
            conversations=sides,
        )
    )
    cursor.execute(_ANNOTATION)
    cursor.execute(_ITEM)
    cursor.execute(_RESPONSE)
    cursor.execute(
        fill(
            _ATTRIBUTE,
            scalars=_listed("name", "value", _SCALARS, "plain(json -> '$.{field}')"),
            trees=_listed("field", "json", _TREES, "unpacked(json -> '$.{field}')"),
        )
    )
    cursor.execute(_SIGNAL)
    cursor.execute(fill(_PERSON, seat=literal(SEAT)))
    labels = ["model_a", "tie", "model_b"]
    ties = ["tie"]
    if _any(cursor, f"winner = {literal(_BOTH_BAD)} or session is not null or judge is not null"):
        labels.insert(2, _BOTH_BAD)
        ties.append(_BOTH_BAD)
    tables = ("annotation", "item", "response", "item_attribute", "signal", "person")
    return Shaped(
        tables=filled_tables(cursor, tables),
        files=counts,
        kind="preference",
        questions=(Question(name="winner", level="nominal", labels=labels, ties=ties),),
        coerced=tuple(_found(cursor, counts, _COERCED)),
        unknown=unknown_fields(cursor, counts, each_field(_FIELDS)),
        notes=tuple(_found(cursor, counts, _NOTES)),
    )


def _listed(key: str, value: str, fields: Sequence[str], expression: str) -> str:
    """Return the expression of a list of (key, value), one for each field."""
    pairs = (
        f"{{{literal(key)}: {literal(field)}, {literal(value)}: {fill(expression, field=field)}}}"
        for field in fields
    )
    return f"[{', '.join(pairs)}]"


def _any(cursor: duckdb.DuckDBPyConnection, condition: str) -> bool:
    """Whether any vote of the arena meets a condition."""
    query = fill("select exists (from votes where arena and ({it}))", it=condition)
    found = cursor.execute(query).fetchone()
    return bool(found and found[0])


def _found(
    cursor: duckdb.DuckDBPyConnection, files: Files, remarks: Sequence[tuple[str, str, str, str]]
) -> Iterator[Loss]:
    for condition, column, found, reason in remarks:
        told = Loss(reason, 0, fault=False)
        yield from found_where(
            cursor, files, condition, told, column=column, found=found, relation="votes"
        )


FORMAT: Final = Format(
    name="mt-bench",
    title="MT-Bench human judgments and the Chatbot Arena preference sets (33k, 55k, 100k, 140k)",
    fields=each_field(_FIELDS),
    cannot_tell=(
        "how long a vote took: no export has durations",
        "who voted in the 55k table (no judge) and in the 140k set (sessions instead of people); "
        "agreement needs at least two known judges of one item, and arena items have one vote each",
        "whether both answers were bad in the 55k table: its tie holds both kinds",
        "which answer a machine judge saw first: gpt4_pair was asked in both orders",
    ),
    recognises=_recognises,
    shape=_shape,
)
