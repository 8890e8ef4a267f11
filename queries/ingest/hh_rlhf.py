"""hh-rlhf: transcripts of which one was chosen, and rated attempts at red-teaming.

A pair of transcripts shares everything up to the assistant's last turn; that is the prompt. Which
of the two answers is `a` goes by hash, so that the side says nothing about the outcome.
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
from queries.ingest.shape import SEAT, Format, Sample, Shaped
from queries.ingest.text import fill, literal

_FIELDS: Final = {
    "chosen, rejected": "item.prompt (what both share, up to the assistant's last turn), "
    "response.text (the rest), annotation.value (question = winner); a and b go by hash. "
    "item.item_id is made of hashes, item.group_id is the hash of the prompt",
    "<folder>": "item_attribute.subset, where the file lies in a folder of the data set such as "
    "harmless-base",
    "transcript": "red team: item.context; item.prompt is the first turn of the person",
    "rating": "red team: annotation.value (question = rating): how well the attack went, 0 to 4, "
    "by the attacker",
    "red_team_member_id": "red team: annotation.annotator_id",
    "is_upworker": "red team: person.vendor: Upwork, otherwise MTurk",
    "task_description": "red team: annotation.note",
    "min_harmlessness_score_transcript, task_description_harmlessness_score": "red team: signal "
    "(judge) of the same name",
    "model_type, num_params": "red team: response.model, as 'rlhf 52B'; item_attribute",
    "tags": "red team: item_attribute.tags: given by reviewers whom the file does not name",
}
_KNOWN: Final = frozenset(name for names in _FIELDS for name in names.split(", "))
_SEAT: Final = "seat 1"
_ASSISTANT: Final = "\n\nAssistant:"
_HUMAN: Final = "\n\nHuman:"
_SUBSETS: Final = ("harmless-base", "helpful-base", "helpful-online", "helpful-rejection-sampled")
_RATINGS: Final = ["0", "1", "2", "3", "4"]

# What both share, turn by turn, without the last turn of either.
_PAIRS: Final = """
create or replace temp table pairs as
with turns as (
    select place, file, json ->> '$.chosen' as chosen, json ->> '$.rejected' as rejected,
        string_split(json ->> '$.chosen', {assistant}) as c,
        string_split(json ->> '$.rejected', {assistant}) as r
    from exported
),
shared as (
    select *, least(len(c) - 1, len(r) - 1, coalesce(list_filter(
        range(1, least(len(c), len(r)) + 1), lambda n: c[n] <> r[n])[1] - 1, 1000000)) as n
    from turns
),
cut as (
    select place, file, n, chosen = rejected as same,
        array_to_string(c[1:n], {assistant}) as prompt,
        array_to_string(c[n + 1:], {assistant}) as won,
        array_to_string(r[n + 1:], {assistant}) as lost
    from shared
)
select *, coalesce(md5(won) > md5(lost), false) as turned, left(md5(prompt), 16) as group_id,
    left(md5(prompt), 16) || '/' || left(least(md5(won), md5(lost)), 8) || '|'
        || left(greatest(md5(won), md5(lost)), 8) as item_id
from cut
"""
_JUDGED: Final = """
create or replace temp table shaped_annotation as
select place, item_id, {seat} as annotator_id, 'winner' as question, 'human' as role,
    'submitted' as status,
    case when not same and n > 0 then if(turned, 'b', 'a') end as value
from pairs
"""
_ITEM: Final = """
create or replace temp table shaped_item as
select place, item_id, trim(prompt, {white}) as prompt, group_id from pairs
"""
_RESPONSE: Final = """
create or replace temp table shaped_response as
select place, item_id, if(turned, 'b', 'a') as response_id, trim(won, {white}) as text from pairs
union all
select place, item_id, if(turned, 'a', 'b'), trim(lost, {white}) from pairs
"""
_SUBSET: Final = """
create or replace temp table shaped_item_attribute as
select place, item_id, 'subset' as name, ($subsets::varchar[])[file + 1] as value
from pairs where ($subsets::varchar[])[file + 1] is not null
"""
_SEATS: Final = """
create or replace temp table shaped_person as
select min(place) as place, {seat} as annotator_id, {tier} as tier from pairs
"""

_ATTEMPTS: Final = """
create or replace temp table attempts as
select place, json, left(md5(json ->> '$.transcript'), 16) as item_id,
    json ->> '$.transcript' as transcript
from exported
"""
_RATED: Final = """
create or replace temp table shaped_annotation as
select place, item_id, json ->> '$.red_team_member_id' as annotator_id, 'rating' as question,
    'human' as role, case when blank(json ->> '$.rating') then 'skipped' else 'submitted' end
        as status,
    json ->> '$.rating' as value, json ->> '$.task_description' as note
from attempts
"""
_TRANSCRIPT: Final = """
create or replace temp table shaped_item as
select place, item_id,
    nullif(trim(string_split(string_split(transcript, {human})[2], {assistant})[1], {white}), '')
        as prompt,
    transcript as context
from attempts
"""
_MODEL: Final = """
create or replace temp table shaped_response as
select place, item_id, 'a' as response_id,
    nullif(concat_ws(' ', json ->> '$.model_type', json ->> '$.num_params'), '') as model
from attempts where not blank(json ->> '$.model_type') or not blank(json ->> '$.num_params')
"""
_ABOUT: Final = """
create or replace temp table shaped_item_attribute as
select place, item_id, name, json ->> ('$.' || name) as value
from attempts, (values ('model_type'), ('num_params'), ('tags')) as named(name)
where not blank(json ->> ('$.' || name))
"""
_SCORED: Final = """
create or replace temp table shaped_signal as
select place, item_id, 'judge' as type, name, json ->> ('$.' || name) as value
from attempts, (values ('min_harmlessness_score_transcript'),
    ('task_description_harmlessness_score')) as named(name)
where not blank(json ->> ('$.' || name))
"""
_MEMBERS: Final = """
create or replace temp table shaped_person as
select place, json ->> '$.red_team_member_id' as annotator_id,
    case truth(json ->> '$.is_upworker') when true then 'Upwork' when false then 'MTurk' end
        as vendor
from attempts where truth(json ->> '$.is_upworker') is not null
"""

_REMARKS: Final = (
    ("same", "chosen", "left(won, 60)",
     "chosen and rejected are the same transcript: there is no answer in it"),
    ("n = 0 and not same", "chosen", "left(won, 60)",
     "the two transcripts share no turn: there is no prompt and no answer in it"),
    ("n > 0 and not same and (contains(won, {assistant}) or contains(lost, {assistant}))",
     "chosen", "left(won, 60)",
     "the two transcripts part before the last turn: the answers hold several turns"),
)  # fmt: skip


def _recognises(sample: Sample) -> bool:
    if sample.keys >= {"transcript", "rating", "red_team_member_id"}:
        return True
    if not {"chosen", "rejected"} <= sample.keys:
        return False
    said = [each.get(side) for each in sample.objects for side in ("chosen", "rejected")]
    texts = [text for text in said if isinstance(text, str)]
    return bool(texts) and all(_HUMAN in text and _ASSISTANT in text for text in texts)


def _shape(cursor: duckdb.DuckDBPyConnection, files: Sequence[InputFile]) -> Shaped:
    counts = lay_out(cursor, files)
    found = cursor.execute(
        "select bool_or(json_exists(json, '$.transcript')), "
        "bool_or(json_exists(json, '$.chosen') and json_exists(json, '$.rejected')) from exported"
    ).fetchone() or (False, False)
    if all(found):
        raise InputError(
            "pairs (chosen, rejected) and red-team attempts (transcript) in one import; they ask "
            "different questions: import each as a batch of its own"
        )
    if not any(found):
        raise InputError(
            f"{files[0].name}: neither chosen and rejected nor transcript and rating are in it; "
            "allowed: the pairs or the red-team attempts of hh-rlhf, or --format table with a "
            "mapping"
        )
    return _attempts(cursor, counts) if found[0] else _pairs(cursor, counts, files)


def _pairs(cursor: duckdb.DuckDBPyConnection, counts: Files, files: Sequence[InputFile]) -> Shaped:
    assistant, white = literal(_ASSISTANT), literal(" \n\t")
    cursor.execute(fill(_PAIRS, assistant=assistant))
    cursor.execute(fill(_JUDGED, seat=literal(_SEAT)))
    cursor.execute(fill(_ITEM, white=white))
    cursor.execute(fill(_RESPONSE, white=white))
    cursor.execute(fill(_SEATS, seat=literal(_SEAT), tier=literal(SEAT)))
    # Helpful and harmless were judged by different questions; only the folder says which.
    folders = [file.path.absolute().parent.name for file in files]
    subsets = [folder if folder in _SUBSETS else None for folder in folders]
    cursor.execute(_SUBSET, {"subsets": subsets})
    tables = ("annotation", "item", "item_attribute", "response", "person")
    seats = Loss(
        "nobody is named: 'seat 1' stands for everybody who chose and is no person",
        0,
        fault=False,
        code="seats",
    )
    notes = [
        loss
        for condition, column, found, reason in _REMARKS
        for loss in found_where(
            cursor,
            counts,
            fill(condition, assistant=assistant),
            Loss(reason, 0, fault=False),
            column=column,
            found=found,
            relation="pairs",
        )
    ]
    return Shaped(
        tables=filled_tables(cursor, tables),
        files=counts,
        kind="preference",
        questions=(Question(name="winner", level="nominal", labels=["a", "b"]),),
        unknown=unknown_fields(cursor, counts, _KNOWN),
        notes=(
            *found_where(cursor, counts, "true", seats, column="chosen", relation="pairs"),
            *notes,
        ),
    )


def _attempts(cursor: duckdb.DuckDBPyConnection, counts: Files) -> Shaped:
    parts = {
        "assistant": literal(_ASSISTANT),
        "human": literal(_HUMAN),
        "white": literal(" \n\t"),
    }
    for statement in (_ATTEMPTS, _RATED, _TRANSCRIPT, _MODEL, _ABOUT, _SCORED, _MEMBERS):
        cursor.execute(fill(statement, **parts))
    tables = ("annotation", "item", "item_attribute", "response", "signal", "person")
    return Shaped(
        tables=filled_tables(cursor, tables),
        files=counts,
        kind="qa",
        questions=(Question(name="rating", level="ordinal", labels=_RATINGS),),
        unknown=unknown_fields(cursor, counts, _KNOWN),
    )


FORMAT: Final = Format(
    name="hh-rlhf",
    title="hh-rlhf: pairs of transcripts (chosen, rejected), and red-team attempts",
    fields=each_field(_FIELDS),
    cannot_tell=(
        "who chose, when, how sure they were, and which answer stood first: there is one choice a "
        "pair, so neither agreement nor anything about people can be computed from the pairs",
        "ties: a pair without a preference is not in it",
        "whether a pair asks what is more helpful or what is less harmful, unless the file lies in "
        "its folder (helpful-base, harmless-base ...)",
        "red team: what others think of an attack; the rating is the attacker's own",
    ),
    recognises=_recognises,
    shape=_shape,
)
