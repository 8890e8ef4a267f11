"""OpenAssistant (OASST1, OASST2): message trees, as trees or as single messages.

The published files hold what many answers were merged into: means of labels with counts, and one
rank a message. Nobody's answer is in them, so they are refused. An export with `events` holds the
rankings, scores and ratings of single users; it is read, and the merged figures become resolutions.
"""

from collections.abc import Sequence
from typing import Final

import duckdb

from queries.errors import InputError
from queries.ingest.exported import lay_out
from queries.ingest.files import InputFile
from queries.ingest.findings import Files, each_field, filled_tables, found_where, unknown_fields
from queries.ingest.mapping import Question
from queries.ingest.report import Loss
from queries.ingest.shape import Format, Sample, Shaped

_FIELDS: Final = {
    "message_id": "item.item_id",
    "message_tree_id": "item.group_id",
    "text": "item.prompt of a prompter's message, response.text of an assistant's",
    "parent_id": "item_attribute.parent_id; item.prompt of an assistant's message is its parent's "
    "text; <parent>/replies is the item of a ranking",
    "replies": "messages like all others; response of <parent>/replies, a, b, c by message_id",
    "prompt": "the first message of a tree",
    "events.ranking": "annotation.value (question = rank) of <parent>/replies by user_id; "
    "not_rankable becomes a reason tag",
    "events.score": "annotation.value (question = score): -1, 0, 1",
    "events.rating": "annotation.value (question = rating)",
    "events.emoji, events.report": "event of the user; not kept: the words of a report",
    "labels": "resolution (rule = mean, votes = count): a question for each label; no answers",
    "rank": "resolution (question = rank, rule = merged) of <parent>/replies; no answers",
    "user_id": "event.actor_id (activity = writing): who wrote the message, not who judged it",
    "created_date": "event.at (activity = writing)",
    "model_name": "response.model; item_attribute.model_name",
    "detoxify": "signal (verifier), one for each score",
    "role, lang, review_count, review_result, deleted, synthetic, tree_state, emojis": "item_"
    "attribute of the same name",
    "origin": "not kept: where the tree was exported from",
}
_TREE: Final = frozenset({"message_tree_id", "tree_state", "prompt", "origin"})
_MESSAGE: Final = frozenset(
    {"message_id", "message_tree_id", "parent_id", "user_id", "created_date", "text", "role",
     "lang", "review_count", "review_result", "deleted", "rank", "synthetic", "model_name",
     "detoxify", "tree_state", "emojis", "labels", "events", "replies"}
)  # fmt: skip
_ATTRIBUTES: Final = (
    "role", "lang", "review_count", "review_result", "deleted", "synthetic", "emojis",
    "model_name", "parent_id",
)  # fmt: skip
_RANKING: Final = "rank"
_INSIDE: Final = "(select place, m as json from messages where inside)"

_MESSAGES: Final = """
create or replace temp table messages as
with recursive walk as (
    select place, json ->> '$.message_tree_id' as tree_id, json ->> '$.tree_state' as tree_state,
        cast(null as varchar) as above, json_type(json, '$.prompt') = 'OBJECT' as inside,
        if(json_type(json, '$.prompt') = 'OBJECT', json -> '$.prompt', json) as m
    from exported
    union all
    select place, coalesce(tree_id, m ->> '$.message_id'), tree_state, m ->> '$.message_id', true,
        unnest(from_json(m -> '$.replies', '["json"]'))
    from walk where json_type(m, '$.replies') = 'ARRAY'
)
select place, m ->> '$.message_id' as message_id,
    coalesce(m ->> '$.parent_id', above) as parent_id,
    coalesce(m ->> '$.message_tree_id', tree_id, m ->> '$.message_id') as tree_id,
    coalesce(m ->> '$.tree_state', tree_state) as tree_state,
    m ->> '$.role' as role, m ->> '$.text' as text, number(m ->> '$.rank') as rank,
    coalesce(inside, false) as inside, m
from walk
"""
_EVENTS: Final = """
create or replace temp table reactions as
select place, message_id, tree_id, type, e, e ->> '$.user_id' as user_id,
    coalesce(e ->> '$.ranking_parent_id', message_id) as ranked_id,
    from_json(e -> '$.ranked_message_ids', '["varchar"]') as ranked
from (
    select place, message_id, tree_id, entry.key as type,
        unnest(from_json(entry.value, '["json"]')) as e
    from messages, json_each(m, '$.events') as entry where json_type(entry.value) = 'ARRAY'
)
"""
# Replies go by their id: the file has them in the order of their merged rank.
_OPTIONS: Final = """
create or replace temp table options as
with listed as (
    select parent_id as ranked_id, message_id from messages where parent_id is not null
    union
    select ranked_id, unnest(ranked) from reactions where type = 'ranking'
)
select ranked_id, message_id, case when n <= 26 then chr(96 + n) else 'r' || n end as option
from (
    select *, cast(row_number() over (partition by ranked_id order by message_id) as integer) as n
    from listed
)
"""
_ANNOTATION: Final = """
create or replace temp table shaped_annotation as
select place, ranked_id || '/replies' as item_id, user_id as annotator_id, 'rank' as question,
    'human' as role, 'submitted' as status,
    (select cast(to_json(list([options.option] order by list_position(ranked, options.message_id)))
        as varchar)
     from options where options.ranked_id = reactions.ranked_id
        and list_contains(ranked, options.message_id)) as value,
    case when truth(e ->> '$.not_rankable') then '["not_rankable"]' end as reason_tags
from reactions where type = 'ranking'
union all
select place, message_id, user_id, type, 'human', 'submitted', e ->> ('$.' || type), null
from reactions where type in ('score', 'rating')
"""
_RANKED: Final = """
create or replace temp table ranked as
select distinct ranked_id from reactions where type = 'ranking'
union
select parent_id from messages where rank is not null and parent_id is not null
group by parent_id having count(*) > 1
"""
_ITEM: Final = """
create or replace temp table shaped_item as
select own.place, own.message_id as item_id, own.tree_id as group_id,
    if(own.role = 'assistant', above.text, own.text) as prompt
from messages as own left join messages as above on above.message_id = own.parent_id
union all
select place, message_id || '/replies', tree_id, text
from messages where message_id in (from ranked)
"""
_RESPONSE: Final = """
create or replace temp table shaped_response as
select place, message_id as item_id, 'a' as response_id, m ->> '$.model_name' as model, text
from messages where role = 'assistant'
union all
select place, ranked_id || '/replies', option, m ->> '$.model_name', text
from options join messages using (message_id) where ranked_id in (from ranked)
"""
_ATTRIBUTE: Final = """
create or replace temp table shaped_item_attribute as
select place, message_id as item_id, name, m ->> ('$.' || name) as value
from messages, (select unnest($names::varchar[]) as name)
where not blank(m ->> ('$.' || name)) and name <> 'parent_id'
union all
select place, message_id, 'parent_id', parent_id from messages where parent_id is not null
union all
select place, message_id, 'tree_state', tree_state from messages where tree_state is not null
"""
# Tables of the data set hold parallel lists, files of the exporter one object a label.
_MEANS: Final = """
create or replace temp table means as
select place, message_id, canonical(entry.key) as name, entry.value ->> '$.value' as value,
    entry.value ->> '$.count' as votes
from messages, json_each(m, '$.labels') as entry where json_type(entry.value) = 'OBJECT'
union all
select place, message_id, canonical(unnest(from_json(m -> '$.labels.name', '["varchar"]'))),
    unnest(from_json(m -> '$.labels.value', '["varchar"]')),
    unnest(from_json(m -> '$.labels.count', '["varchar"]'))
from messages where json_type(m, '$.labels.name') = 'ARRAY'
"""
_RESOLUTION: Final = """
create or replace temp table shaped_resolution as
select place, message_id as item_id, name as question, value, 'mean' as rule, votes
from means where not blank(value) and not blank(name)
union all
select min(place), parent_id || '/replies', 'rank',
    cast(to_json(list(options order by rank)) as varchar), 'merged', null
from (
    select min(place) as place, parent_id, rank, list(option order by option) as options
    from messages join options using (message_id)
    where rank is not null and parent_id = options.ranked_id
    group by parent_id, rank
)
group by parent_id having sum(len(options)) > 1
"""
_SIGNAL: Final = """
create or replace temp table shaped_signal as
select place, message_id as item_id, 'verifier' as type, 'detoxify.' || entry.key as name,
    entry.value ->> '$' as value
from messages, json_each(m, '$.detoxify') as entry where not blank(entry.value ->> '$')
"""
_EVENT: Final = """
create or replace temp table shaped_event as
select place, message_id as item_id, m ->> '$.user_id' as actor_id,
    m ->> '$.created_date' as at, 'writing' as activity
from messages where not blank(m ->> '$.user_id') or not blank(m ->> '$.created_date')
union all
select place, message_id, user_id, null,
    concat_ws(' ', type, e ->> '$.emoji', e ->> '$.report_type')
from reactions where type in ('emoji', 'report')
"""
_COUNTS: Final = """
select (select count(*) from messages), (select count(*) from means),
    (select count(*) from messages where rank is not null),
    (select count(*) from reactions where type in ('ranking', 'score', 'rating')
        and not blank(user_id))
"""


def _recognises(sample: Sample) -> bool:
    if "item_id" in sample.keys:
        return False
    return sample.keys >= {"message_tree_id", "prompt"} or sample.keys >= {
        "message_id",
        "text",
        "role",
        "review_count",
    }


def _shape(cursor: duckdb.DuckDBPyConnection, files: Sequence[InputFile]) -> Shaped:
    counts = lay_out(cursor, files)
    for statement in (_MESSAGES, _EVENTS, _MEANS):
        cursor.execute(statement)
    _refuse_merged(cursor, files)
    for statement in (_OPTIONS, _ANNOTATION, _RANKED, _ITEM, _RESPONSE):
        cursor.execute(statement)
    cursor.execute(_ATTRIBUTE, {"names": list(_ATTRIBUTES)})
    for statement in (_RESOLUTION, _SIGNAL, _EVENT):
        cursor.execute(statement)
    tables = ("annotation", "item", "item_attribute", "response", "resolution", "signal", "event")
    filled = filled_tables(cursor, tables)
    questions = tuple(_questions(cursor))
    ranked = any(question.name == _RANKING for question in questions)
    return Shaped(
        tables=filled,
        files=counts,
        kind="ranking" if ranked else None,
        questions=questions,
        unknown=(
            *unknown_fields(cursor, counts, _TREE | _MESSAGE),
            *unknown_fields(cursor, counts, _MESSAGE, relation=_INSIDE, inside="message."),
        ),
        notes=_notes(cursor, counts),
    )


def _refuse_merged(cursor: duckdb.DuckDBPyConnection, files: Sequence[InputFile]) -> None:
    found = cursor.execute(_COUNTS).fetchone() or (0, 0, 0, 0)
    messages, means, ranks, answers = (int(count) for count in found)
    if answers:
        return
    raise InputError(
        f"{files[0].name}: no single answers in its {messages} messages: {means} labels are means "
        f"with counts and {ranks} ranks are merged, and nobody is named; agreement and everything "
        "about annotators cannot be computed from that, and answers are not made up from counts; "
        "export the trees with their events (ranking, score, rating by user_id)"
    )


def _questions(cursor: duckdb.DuckDBPyConnection) -> list[Question]:
    asked = cursor.execute(
        "select question from shaped_annotation union select question from shaped_resolution "
        "order by question"
    ).fetchall()
    questions = []
    for (name,) in asked:
        if name == _RANKING:
            questions.append(Question(name=name, level="ranking", ranking="order"))
        elif name == "score":
            questions.append(Question(name=name, level="ordinal", labels=["-1", "0", "1"]))
        else:
            questions.append(Question(name=name, level="interval"))
    return questions


def _notes(cursor: duckdb.DuckDBPyConnection, counts: Files) -> tuple[Loss, ...]:
    return (
        *found_where(
            cursor,
            counts,
            "true",
            Loss("mean of a label with its count: a resolution and no answer", 0, fault=False),
            column="labels",
            found="name || ' ' || value || ' of ' || votes",
            relation="means",
        ),
        *found_where(
            cursor,
            counts,
            "truth(e ->> '$.not_rankable')",
            Loss("ranking of replies that its user calls not rankable; it counts", 0, fault=False),
            column="events.ranking",
            found="user_id",
            relation="reactions",
        ),
    )


FORMAT: Final = Format(
    name="oasst",
    title="OpenAssistant: message trees and messages (OASST1, OASST2)",
    fields=each_field(_FIELDS),
    cannot_tell=(
        "who gave which label: labels are means with counts, in every export; neither agreement on "
        "them nor anything about the people can be computed, and a mean of 0.5 of two answers may "
        "be a disagreement or two doubts",
        "who ranked how, in the published files: they hold one merged rank; without events such a "
        "file is refused",
        "when something was judged: only the writing of a message has a time",
        "what was shown first in a ranking",
    ),
    recognises=_recognises,
    shape=_shape,
)
