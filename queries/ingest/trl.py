"""TRL data sets: preference (explicit or implicit prompt), unpaired and stepwise, as trainers take.

These files say what was decided and not who decided: a second file may name the annotators of each
record. Which answer is `a` follows from the texts alone, so that it says nothing about the result
and two records of one pair are one item.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import duckdb

from queries.errors import InputError
from queries.ingest.conversation import prepare_conversations
from queries.ingest.exported import lay_out
from queries.ingest.files import InputFile
from queries.ingest.findings import Files, each_field, filled_tables, found_where, unknown_fields
from queries.ingest.mapping import Question
from queries.ingest.report import Loss
from queries.ingest.shape import Format, Sample, Shaped
from queries.ingest.text import fill, literal
from queries.ingest.trl_annotators import FIELDS as ANNOTATOR_FIELDS
from queries.ingest.trl_annotators import JUDGEMENTS, KEYS, lay_out_annotators
from queries.schema import ANNOTATION_DIMENSIONS

_JUDGED: Final = (*JUDGEMENTS, "rejected", "label", "labels", "prompt", "margin", "id")
_NESTED: Final = ("tools", "chat_template_kwargs")
_LONGEST: Final = 200

_FIELDS: Final = {
    "prompt": "item.prompt (a conversation as JSON messages); item.group_id is made of it",
    "chosen, rejected": "response.text (a and b in an order made of the texts) and "
    "annotation.value (question = preference): the chosen one of the two. Without a prompt their "
    "common beginning is the prompt, as in TRL",
    "completion": "response.text (a)",
    "label": "annotation.value (question = label): true or false",
    "completions": "one item for each step: response.text (a); the steps before it are "
    "item.context, the whole solution is item.group_id, item_attribute.step is its number",
    "labels": "annotation.value (question = step_label): true or false",
    "conversations": "legacy spelling (from, value) of the prompt; with label, its last message "
    "is the completion",
    "margin": "annotation.strength",
    "id": "item.item_id; without one it is made of the texts",
    "tools, chat_template_kwargs": "item_attribute of the same name, as JSON",
    "images": "item_attribute.images = how many; not kept: the pictures themselves",
    "any other short field": "item_attribute of the same name; lists, objects and texts over "
    f"{_LONGEST} characters are listed as unknown",
    **ANNOTATOR_FIELDS,
}

_FILES: Final = """
create or replace temp table trl_files as
select unnest(generate_series(0, len($names) - 1)) as file, unnest($names::varchar[]) as name,
    unnest($firsts::bigint[]) as first
"""
_READ: Final = """
create or replace temp table trl_read as
select place, place - first + 1 as row, name as file, json, neat(plain(json -> '$.id')) as id,
    messages(coalesce(json -> '$.prompt', json -> '$.conversations')) as prompt_said,
    messages(json -> '$.chosen') as chosen_said, messages(json -> '$.rejected') as rejected_said,
    messages(json -> '$.completion') as completion_said
from exported join trl_files using (file)
where {judged}
"""
# A text that only looks like a list is no conversation: each message has somebody who speaks.
_SOUND: Final = """
update trl_read set {side}_said = null
where len({side}_said) = 0 or len(list_filter({side}_said, lambda each: each.role is null)) > 0
"""
_SHARED: Final = """
create or replace temp table trl_shared as
select *,
    case when chosen_said is null or rejected_said is null then 0 else least(coalesce(
        nullif(list_position(list_transform(list_zip(chosen_said, rejected_said),
            lambda pair: pair[1] is distinct from pair[2]), true), 0) - 1, 1000000),
        len(chosen_said) - 1, len(rejected_said) - 1) end as messages_shared,
    case when asked is not null or chosen_said is not null then 0 else list_reduce($powers,
        lambda n, step: case when n + step < least(length(chosen), length(rejected))
            and left(chosen, n + step) = left(rejected, n + step) then n + step else n end, 0)
        end as letters_shared
from (
    select place, row, file, json, id, chosen_said, rejected_said,
        plain(json -> '$.chosen') as chosen, plain(json -> '$.rejected') as rejected,
        coalesce(prompt_said, case when plain(json -> '$.prompt') <> '' then
            [{'role': 'user', 'content': plain(json -> '$.prompt')}] end) as asked
    from trl_read where json_exists(json, '$.chosen') or json_exists(json, '$.rejected')
)
"""
# TRL leaves a blank between prompt and answer to the answer.
_PAIRS: Final = """
create or replace temp table trl_pairs as
select *, md5(chosen) <= md5(rejected) as chosen_first from (
    select place, row, file, json, id,
        case when messages_shared > 0 then case
                when asked is null or asked[len(asked)].content
                    = chosen_said[messages_shared].content
                then chosen_said[1:messages_shared]
                else list_concat(asked, chosen_said[1:messages_shared]) end
            when cut > 0 then [{'role': 'user', 'content': left(chosen, cut)}]
            else asked end as asked,
        coalesce(told(chosen_said[messages_shared + 1:]), substr(chosen, cut + 1)) as chosen,
        coalesce(told(rejected_said[messages_shared + 1:]), substr(rejected, cut + 1)) as rejected,
        spoken_length(chosen_said[messages_shared + 1:]) as chosen_length,
        spoken_length(rejected_said[messages_shared + 1:]) as rejected_length
    from (select *, letters_shared - (letters_shared > 1
            and substr(chosen, letters_shared, 1) = ' ')::integer as cut from trl_shared)
)
"""
_SINGLES: Final = """
create or replace temp table trl_singles as
select place, row, file, json, id,
    case when not legacy then coalesce(prompt_said, case when plain(json -> '$.prompt') <> ''
        then [{'role': 'user', 'content': plain(json -> '$.prompt')}] end)
        else prompt_said[1:len(prompt_said) - 1] end as asked,
    case when legacy then prompt_said[len(prompt_said)].content
        else coalesce(told(completion_said), plain(json -> '$.completion')) end as completion,
    case when legacy then null else spoken_length(completion_said) end as completion_length
from (select *, not json_exists(json, '$.completion') as legacy from trl_read
    where json_exists(json, '$.label'))
"""
_STEPS: Final = """
create or replace temp table trl_steps as
select place, row, file, json, id, asked, whole, step, said[step] as completion,
    case when step > 1 then cast(to_json(said[1:step - 1]) as varchar) end as steps_before,
    plain(labels[step]) as label
from (
    select *, unnest(generate_series(1, len(said))) as step
    from (
        select place, row, file, json, id, coalesce(prompt_said,
                case when plain(json -> '$.prompt') <> '' then
                    [{'role': 'user', 'content': plain(json -> '$.prompt')}] end) as asked,
            list_transform(listed(json -> '$.completions'), lambda each: content_text(each))
                as said, cast(json -> '$.completions' as varchar) as whole,
            listed(json -> '$.labels') as labels
        from trl_read where json_exists(json, '$.completions')
    )
    where len(said) = len(labels)
)
"""
_IDS: Final = """
create or replace temp table trl_judged as
with said as (
    select place, row, file, id, asked, null as steps_before, null::bigint as step,
        'preference' as question, concat_ws(chr(30), least(md5(chosen), md5(rejected)),
            greatest(md5(chosen), md5(rejected))) as answers,
        case when chosen_first then 'a' else 'b' end as value,
        case when chosen_first then 'b' else 'a' end as other,
        plain(json -> '$.margin') as margin,
        chosen is not null and rejected is not null and chosen <> rejected as sound
    from trl_pairs
    union all
    select place, row, file, id, asked, null, null, 'label', completion,
        coalesce(cast(truth(plain(json -> '$.label')) as varchar), plain(json -> '$.label')),
        null, null, true
    from trl_singles
    union all
    select place, row, file, id, asked, steps_before, step, 'step_label', whole,
        coalesce(cast(truth(label) as varchar), label), null, null, true
    from trl_steps
)
select place, row, file, id, question, step, value, other, margin, sound,
    base || coalesce('/' || step, '') as item_id,
    prompted(asked) as prompt, steps_before as context,
    case when step is null then md5(cast(to_json(asked) as varchar)) else base end as group_id
from (
    select *, coalesce(id, md5(concat_ws(chr(30), cast(to_json(asked) as varchar), answers)))
        as base
    from said
)
"""
_ITEM: Final = """
create or replace temp table shaped_item as
select place, item_id, prompt, context, group_id from trl_judged
"""
_RESPONSE: Final = """
create or replace temp table shaped_response as
select place, item_id, value as response_id, chosen as text, chosen_length as length
from trl_pairs join trl_judged using (place) where question = 'preference'
union all
select place, item_id, other, rejected, rejected_length
from trl_pairs join trl_judged using (place) where question = 'preference'
union all
select place, item_id, 'a', completion, completion_length
from trl_singles join trl_judged using (place) where question = 'label'
union all
select s.place, item_id, 'a', completion, null
from trl_steps as s join trl_judged as j on j.place = s.place and j.step = s.step
"""
_ATTRIBUTE: Final = """
create or replace temp table shaped_item_attribute as
select place, item_id, 'step' as name, cast(step as varchar) as value from trl_judged
where step is not null
union all
select place, item_id, key, case key when 'images' then cast(coalesce(json_array_length(said), 1)
    as varchar) else plain(said) end
from (
    select place, fields.key, fields.value as said from trl_read, json_each(trl_read.json) as fields
    where (fields.key in ('images', {nested}) or {short}) and fields.type <> 'NULL'
) join trl_judged using (place)
"""
_SHORT: Final = """
(fields.type not in ('ARRAY', 'OBJECT') and length(plain(fields.value)) <= {longest}
    and not list_contains($known::varchar[], fields.key)
    and not (list_contains($own::varchar[], fields.key) and {named}))
"""
_NAMED: Final = "not blank(plain(trl_read.json -> '$.annotator_id'))"


def _recognises(sample: Sample) -> bool:
    keys = sample.keys
    if keys & {"item_id", "value", "score_chosen"}:
        return False
    if {"chosen", "rejected"} <= keys:
        # Transcripts as one text are a format of their own.
        texts = (str(each.get("chosen") or "") for each in sample.objects)
        return not any(text.startswith("\n\nHuman:") for text in texts)
    judged = ({"prompt", "completion", "label"}, {"completions", "labels"})
    return any(names <= keys for names in (*judged, {"conversations", "label"}))


def _shape(cursor: duckdb.DuckDBPyConnection, files: Sequence[InputFile]) -> Shaped:
    counts = lay_out(cursor, files)
    prepare_conversations(cursor)
    names, firsts = [name for name, _, _ in counts], [first for _, first, _ in counts]
    cursor.execute(_FILES, {"names": names, "firsts": firsts})
    judged = " or ".join(f"json_exists(json, '$.{name}')" for name in JUDGEMENTS)
    cursor.execute(fill(_READ, judged=judged))
    for side in ("prompt", "chosen", "rejected", "completion"):
        cursor.execute(fill(_SOUND, side=side))
    cursor.execute(_SHARED, {"powers": [1 << power for power in range(29, -1, -1)]})
    for query in (_PAIRS, _SINGLES, _STEPS, _IDS):
        cursor.execute(query)
    asked = _asked(cursor, counts)
    found = lay_out_annotators(cursor, counts)
    known = [*_JUDGED, *_NESTED, *ANNOTATION_DIMENSIONS, "images"]
    short = fill(_SHORT, longest=str(_LONGEST), named=_NAMED)
    nested = ", ".join(map(literal, _NESTED))
    query = fill(_ATTRIBUTE, nested=nested, short=short)
    cursor.execute(query, {"known": known, "own": list(KEYS)})
    cursor.execute(_ITEM)
    cursor.execute(_RESPONSE)
    tables = ("annotation", "resolution", "item", "item_attribute", "response", "person")
    return Shaped(
        tables=filled_tables(cursor, tables),
        files=counts,
        kind="reward" if "step_label" in asked else "preference",
        questions=tuple(_questions(asked, has_ties=found.has_ties)),
        dropped=(*_dropped(cursor, counts), *found.dropped),
        coerced=found.coerced,
        unknown=(*_unknown(cursor, counts), *found.unknown),
        notes=found.notes,
    )


def _asked(cursor: duckdb.DuckDBPyConnection, files: Files) -> list[str]:
    """Return the questions in the files; refuse those without any, and two kinds at once."""
    rows = cursor.execute("select distinct question from trl_judged order by all").fetchall()
    asked = [str(row[0]) for row in rows]
    if not asked:
        raise InputError(
            f"{files[0][0]}: no judgement in it; it needs chosen and rejected, completion and "
            "label, or completions and labels of equal number; export a preference, unpaired or "
            "stepwise data set"
        )
    if "step_label" in asked and len(asked) > 1:
        raise InputError(
            f"{files[0][0]}: steps beside other judgements; a batch has one kind: import the "
            "stepwise records as a batch of their own"
        )
    return asked


def _questions(asked: Sequence[str], *, has_ties: bool) -> Iterator[Question]:
    for name in asked:
        if name == "preference":
            labels = ["a", "tie", "b"] if has_ties else ["a", "b"]
            ties = ["tie"] if has_ties else []
            yield Question(name=name, level="nominal", labels=labels, ties=ties)
        else:
            yield Question(name=name, level="nominal", labels=["false", "true"], ties=[])


def _dropped(cursor: duckdb.DuckDBPyConnection, files: Files) -> Iterator[Loss]:
    yield from found_where(
        cursor,
        files,
        "chosen is null or rejected is null",
        Loss("pair of which one answer is missing", 0, code="missing_field"),
        column="rejected",
        allowed="chosen and rejected",
        relation="trl_pairs",
    )
    yield from found_where(
        cursor,
        files,
        "chosen = rejected",
        Loss("chosen and rejected are the same text: no preference", 0, tolerated=True),
        column="rejected",
        found="left(rejected, 60)",
        allowed="two different answers",
        relation="trl_pairs",
    )
    yield from found_where(
        cursor,
        files,
        "json_exists(json, '$.completions') and place not in (select place from trl_steps)",
        Loss("steps and labels differ in number, or are no lists", 0, code="unreadable"),
        column="labels",
        found="left(plain(json -> '$.labels'), 60)",
        allowed="two lists, one label a step",
        relation="trl_read",
    )


def _unknown(cursor: duckdb.DuckDBPyConnection, files: Files) -> Iterator[Loss]:
    names = "select distinct name from shaped_item_attribute"
    kept = [str(row[0]) for row in cursor.execute(names).fetchall()]
    known = {*_JUDGED, *_NESTED, *kept, "images"}
    for condition, own in ((f"not ({_NAMED})", ()), (_NAMED, KEYS)):
        records = fill("(select * from trl_read where {condition})", condition=condition)
        yield from unknown_fields(cursor, files, {*known, *own}, relation=records)


FORMAT: Final = Format(
    name="trl",
    title="TRL preference, unpaired and stepwise data sets, with a table of annotators if there is",
    fields=each_field(_FIELDS),
    cannot_tell=(
        "who judged: without a table of annotators every record is of 'seat 1', which is nobody, "
        "and agreement cannot be measured",
        "which answer stood left, unless the table of annotators says so",
        "ties: a pair that was a tie is not in such a file, or was decided by chance",
        "when and how long anybody worked, unless the table of annotators says so",
    ),
    recognises=_recognises,
    shape=_shape,
)
