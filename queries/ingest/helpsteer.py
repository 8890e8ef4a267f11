"""HelpSteer2 and HelpSteer3: ratings of answers, and preferences between two.

No annotator has an id: answers stand in lists, and a position in a list is a seat and no person.
The one number beside a list is what the publisher made of it, a resolution and nobody's answer.
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
from queries.ingest.shape import SEAT, Format, Sample, Shaped
from queries.ingest.text import fill, literal

_ASPECTS: Final = ("helpfulness", "correctness", "coherence", "complexity", "verbosity")
_RATING: Final = ["0", "1", "2", "3", "4"]
_STRENGTH: Final = ["-3", "-2", "-1", "0", "1", "2", "3"]
_ATTRIBUTES: Final = (
    "split", "domain", "language", "preference_statement", "preference_elaboration",
)  # fmt: skip
_LISTS: Final = ("all_preferences_unprocessed", "individual_preference")
_SCORES: Final = ("strength", "score", "overall_preference", "preference_strength", "preference")
_REASONS: Final = (
    "justification", "statement", "elaboration", "reasoning", "feedback1", "feedback2",
)  # fmt: skip
_TEXTS: Final = ("prompt", "context", "response", "response_1", "response_2", "response1",
                 "response2")  # fmt: skip

_FIELDS: Final = {
    "prompt": "item.prompt; item.group_id is made of it (a rated prompt has two responses)",
    "context": "item.prompt (several messages as JSON)",
    "response": "response.text (a); item.item_id is made of prompt and response",
    "response_1, response1": "response.text (a)",
    "response_2, response2": "response.text (b)",
    ", ".join(_ASPECTS): "annotation.value (question of the same name, 0 to 4); a list has one "
    "value a seat; a single number is resolution.value where the import has the list too, "
    "otherwise the answer of 'seat 1'",
    "preference_strength, overall_preference": "resolution.value (question = preference) beside "
    "the raters' own answers; without them the answer of 'seat 1'. -3 to 3, negative: response 1 "
    "is better, 0 is a tie",
    "all_preferences_unprocessed, individual_preference": "annotation, one a seat",
    "strength, score": "annotation.value and, without its sign, annotation.strength; -100 is a "
    "rater who found neither response valid: status skipped, no value, reason tag neither",
    "justification, statement, elaboration, reasoning, feedback1, feedback2": "annotation.note",
    "three_most_similar_preferences": "not kept: chosen for being alike, agreement on it is too "
    "high; its members are in all_preferences_unprocessed",
    "preference_statement, preference_elaboration, split, domain, language": "item_attribute of "
    "the same name",
}

_COMPARED: Final = """
create or replace temp table compared as
select place, json, md5(concat_ws(chr(30), asked, first, second)) as item_id,
    md5(asked) as group_id, prompt, first, second, overall, number(overall) as amount,
    listed(coalesce(json -> '$.all_preferences_unprocessed', json -> '$.individual_preference'))
        as given
from (
    select place, json,
        coalesce(plain(json -> '$.response_1'), plain(json -> '$.response1')) as first,
        coalesce(plain(json -> '$.response_2'), plain(json -> '$.response2')) as second,
        coalesce(plain(json -> '$.preference_strength'), plain(json -> '$.overall_preference'))
            as overall,
        coalesce(plain(json -> '$.prompt'), plain(json -> '$.context')) as asked,
        coalesce(plain(json -> '$.prompt'), prompted(said), plain(json -> '$.context')) as prompt
    from (select place, json, messages(json -> '$.context') as said from exported)
)
where first is not null and second is not null
"""
_RATED: Final = """
create or replace temp table rated as
select place, json, md5(concat_ws(chr(30), prompt, response)) as item_id, md5(prompt) as group_id,
    prompt, response, listed(json -> '$.helpfulness') is not null as listed
from (
    select place, json, plain(json -> '$.prompt') as prompt, plain(json -> '$.response') as response
    from exported
)
where response is not null and not json_exists(json, '$.response_1')
    and not json_exists(json, '$.response1')
"""
_SCORED: Final = """
create or replace temp table scored as
select place, item_id, question, scores is not null as listed, position,
    case when scores is null then plain(one) else plain(scores[position]) end as value
from (
    select *, unnest(generate_series(1, coalesce(len(scores), 1))) as position
    from (
        select place, item_id, question, json -> question as one, listed(json -> question) as scores
        from rated cross join (select unnest({aspects}) as question)
        where json_exists(json, question)
    )
)
"""
_PREFERRED: Final = """
create or replace temp table preferred as
select place, item_id, position, score, number(score) as amount,
    nullif(array_to_string(list_filter(reasons, lambda text: text <> ''), chr(10)), '') as note
from (
    select place, item_id, position, plain({score}) as score,
        list_transform({reasons}, lambda name: trim(json_extract_string(json, name))) as reasons
    from (
        select place, item_id, unnest(given) as json, generate_subscripts(given, 1) as position
        from compared
    )
)
"""
_ANNOTATION: Final = """
create or replace temp table shaped_annotation as
with listed_items as (select distinct item_id, question from scored where listed)
select place, item_id, question, 'seat ' || position as annotator_id, 'human' as role,
    'submitted' as status, value, null::varchar as strength, null::varchar as reason_tags,
    null::varchar as note
from scored
where listed or (item_id, question) not in (select (item_id, question) from listed_items)
union all
select place, item_id, 'preference', 'seat ' || position, 'human',
    case when amount = -100 then 'skipped' else 'submitted' end,
    case when amount = -100 then null else score end,
    case when amount <> -100 then spelled_number(abs(amount)) end,
    case when amount = -100 then '["neither"]' end, note
from preferred
union all
select place, item_id, 'preference', 'seat 1', 'human',
    case when amount = -100 then 'skipped' else 'submitted' end,
    case when amount = -100 then null else overall end,
    case when amount <> -100 then spelled_number(abs(amount)) end,
    case when amount = -100 then '["neither"]' end, null
from compared where given is null
"""
_RESOLUTION: Final = """
create or replace temp table shaped_resolution as
select place, item_id, question, value from scored
where not listed and value is not null
    and (item_id, question) in (select (item_id, question) from scored where listed)
union all
select place, item_id, 'preference', overall from compared
where given is not null and overall is not null and coalesce(amount, 0) <> -100
"""
_ITEM: Final = """
create or replace temp table shaped_item as
select place, item_id, prompt, group_id from compared
union all
select place, item_id, prompt, group_id from rated
"""
_ATTRIBUTE: Final = """
create or replace temp table shaped_item_attribute as
select place, item_id, name, plain(json -> name) as value
from (select place, json, item_id from compared union all select place, json, item_id from rated)
cross join (select unnest({names}) as name) where json_exists(json, name)
"""
_RESPONSE: Final = """
create or replace temp table shaped_response as
select place, item_id, 'a' as response_id, first as text from compared
union all select place, item_id, 'b', second from compared
union all select place, item_id, 'a', response from rated
"""
_PERSON: Final = """
create or replace temp table shaped_person as
select min(place) as place, annotator_id, {seat} as tier
from shaped_annotation group by annotator_id
"""


def _recognises(sample: Sample) -> bool:
    keys = sample.keys
    if keys & {"item_id", "annotator_id"}:
        return False
    pairs = ({"response_1", "preference_strength"}, {"response1", "overall_preference"})
    rated = {"prompt", "response", *_ASPECTS} <= keys
    return rated or any(pair <= keys for pair in pairs)


def _shape(cursor: duckdb.DuckDBPyConnection, files: Sequence[InputFile]) -> Shaped:
    counts = lay_out(cursor, files)
    prepare_conversations(cursor)
    cursor.execute(_COMPARED)
    cursor.execute(_RATED)
    preferences = _kind_of(cursor, counts)
    cursor.execute(fill(_SCORED, aspects=_listed(_ASPECTS)))
    score = ", ".join(f"json -> '$.{name}'" for name in _SCORES)
    reasons = _listed([f"$.{name}" for name in _REASONS])
    cursor.execute(fill(_PREFERRED, score=f"coalesce({score})", reasons=reasons))
    for query in (_ANNOTATION, _RESOLUTION, _ITEM, _RESPONSE):
        cursor.execute(query)
    cursor.execute(fill(_ATTRIBUTE, names=_listed(_ATTRIBUTES)))
    cursor.execute(fill(_PERSON, seat=literal(SEAT)))
    tables = ("annotation", "resolution", "item", "item_attribute", "response", "person")
    return Shaped(
        tables=filled_tables(cursor, tables),
        files=counts,
        kind="preference" if preferences else "reward",
        questions=tuple(_questions(preferences=preferences)),
        dropped=tuple(_dropped(cursor, counts)),
        coerced=tuple(_coerced(cursor, counts)),
        unknown=tuple(_unknown(cursor, counts)),
        notes=tuple(_notes(cursor, counts)),
    )


def _kind_of(cursor: duckdb.DuckDBPyConnection, files: Files) -> bool:
    """Return whether the records are preferences; refuse both kinds at once, and neither."""
    counted = "select (select count(*) from compared), (select count(*) from rated)"
    compared, rated = cursor.execute(counted).fetchone() or (0, 0)
    if compared and rated:
        raise InputError(
            f"{files[0][0]}: found {compared} preferences and {rated} ratings; a batch has one "
            "kind: import the preference files and the rating files as two batches"
        )
    scored = "select exists (from exported where {any})"
    names = (*_ASPECTS, "preference_strength", "overall_preference", *_LISTS)
    exist = " or ".join(f"json_exists(json, '$.{name}')" for name in names)
    found = cursor.execute(fill(scored, any=exist)).fetchone()
    if not (compared or rated) or not (found and found[0]):
        raise InputError(
            f"{files[0][0]}: no ratings and no preferences in it; the feedback and edit subsets "
            "have none: import the preference, disagreements or train files of the data set"
        )
    return bool(compared)


def _listed(names: Sequence[str]) -> str:
    return f"[{', '.join(map(literal, names))}]"


def _questions(*, preferences: bool) -> Iterator[Question]:
    if preferences:
        yield Question(name="preference", level="ordinal", labels=_STRENGTH, ties=["0"])
        return
    for name in _ASPECTS:
        yield Question(name=name, level="ordinal", labels=_RATING, ties=[])


def _dropped(cursor: duckdb.DuckDBPyConnection, files: Files) -> Iterator[Loss]:
    yield from found_where(
        cursor,
        files,
        "place not in (select place from compared union all select place from rated)",
        Loss("record without its response or responses", 0, code="missing_field"),
        column="response",
        allowed="prompt with response, or two responses",
    )


def _coerced(cursor: duckdb.DuckDBPyConnection, files: Files) -> Iterator[Loss]:
    yield from found_where(
        cursor,
        files,
        "amount = -100",
        Loss(
            "-100: the rater found neither response valid; kept as skipped, without a value",
            0,
            fault=False,
            code="no_answer",
        ),
        column="strength",
        found="score",
        relation="(select place, score, amount from preferred union all "
        "select place, overall, amount from compared)",
    )
    for name in _LISTS:
        yield from found_where(
            cursor,
            files,
            f"json_type(json -> '$.{name}') not in ('ARRAY', 'NULL') "
            f"and listed(json -> '$.{name}') is null",
            Loss(f"{name} is no list: only the overall preference is read", 0, code="unreadable"),
            column=name,
            found=f"left(plain(json -> '$.{name}'), 60)",
            allowed="a JSON list of objects; export as JSONL or Parquet",
            relation="compared",
        )


def _notes(cursor: duckdb.DuckDBPyConnection, files: Files) -> Iterator[Loss]:
    yield from found_where(
        cursor,
        files,
        "true",
        Loss(
            "raters stand in lists and have no ids: a seat is a place in a list and no person",
            0,
            fault=False,
            code="seats",
        ),
        column="annotator",
        relation="(select distinct place from preferred union select place from scored "
        "where listed)",
    )
    yield from found_where(
        cursor,
        files,
        "true",
        Loss(
            "one number made of several raters: 'seat 1' stands for all of them, and agreement "
            "cannot be measured; import the files with the raters' own answers",
            0,
            fault=False,
            code="seats",
        ),
        column="annotator",
        relation="(select place from compared where given is null union select place from "
        "rated where not listed and item_id not in (select item_id from rated where listed))",
    )


def _unknown(cursor: duckdb.DuckDBPyConnection, files: Files) -> Iterator[Loss]:
    scores = ("preference_strength", "overall_preference", "three_most_similar_preferences")
    known = {*_TEXTS, *_ASPECTS, *_ATTRIBUTES, *_LISTS, *scores}
    yield from unknown_fields(cursor, files, known)
    each = "(select place, unnest(given) as json from compared)"
    inner = {*_SCORES, *_REASONS}
    yield from unknown_fields(cursor, files, inner, relation=each, inside="preference.")


FORMAT: Final = Format(
    name="helpsteer",
    title="HelpSteer2 (ratings, disagreements, preference) and HelpSteer3 (preference), JSONL",
    fields=each_field(_FIELDS),
    cannot_tell=(
        "who rated: positions in a list are seats, so nothing can be said about annotators",
        "whether the same seat of two attributes is the same person",
        "when and how long anybody worked",
        "how far raters agree, where only the publisher's one number is exported",
    ),
    recognises=_recognises,
    shape=_shape,
)
