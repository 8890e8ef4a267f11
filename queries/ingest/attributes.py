"""What an export says of an item beyond its text: every field without a place of its own."""

from collections.abc import Collection, Sequence
from typing import Final

import duckdb

from queries.ingest.text import fill, literal
from queries.schema import ANNOTATION_DIMENSIONS

PROMPTS: Final = ("prompt", "instruction", "question", "text", "input", "html", "dialogue")
"""Fields that hold what was shown, the likeliest first."""

_SIDES: Final = (
    ("response_a", "response_b"),
    ("answer_a", "answer_b"),
    ("completion_a", "completion_b"),
    ("response_1", "response_2"),
    ("response1", "response2"),
    ("answer1", "answer2"),
)
_MODELS: Final = ("model_a", "model_b")

MACROS: Final = (
    "create or replace temp macro members(j) as case json_type(j) when 'ARRAY'"
    " then from_json(j, '[\"json\"]') else []::json[] end",
    "create or replace temp macro said(j) as case when json_type(j) <> 'NULL' then j ->> '$' end",
)
"""The members of a JSON array (none of anything else), and a JSON value as text."""

_SPOT: Final = (
    "create or replace temp macro spot(key) as '/' || replace(replace(key, '~', '~0'), '/', '~1')"
)
_TOP: Final = """
select place, item_id, key, json_extract(data, spot(key)) as json
from (select place, item_id, data, unnest(json_keys(data)) as key from {relation}
    where json_type(data) = 'OBJECT')
where not list_contains([{known}], key)
"""
_NAMED: Final = """
select place, item_id,
    case when list_contains([{reserved}], lower(name)) then {prefix} || '.' || name else name end
        as name,
    value
from (
    select place, item_id, key as name, said(json) as value
    from ({fields}) where json_type(json) <> 'OBJECT'
    union all
    select place, item_id, key || '.' || inner_key,
        said(json_extract(json, spot(inner_key)))
    from (select *, unnest(json_keys(json)) as inner_key
        from ({fields}) where json_type(json) = 'OBJECT')
)
where value is not null
"""
_RESPONSE: Final = """
select place, item_id, {side} as response_id, {model} as model, said(data -> {text}) as text
from {relation} where said(data -> {text}) is not null
"""
_NO_RESPONSE: Final = """
select place, item_id, null::varchar as response_id, null::varchar as model, null::varchar as text
from {relation} limit 0
"""


def prepare_json(cursor: duckdb.DuckDBPyConnection) -> None:
    """Give a cursor the macros over JSON."""
    for macro in (*MACROS, _SPOT):
        cursor.execute(macro)


def attributes_of(relation: str, known: Collection[str], *, prefix: str = "data") -> str:
    """Return the select of the item attributes in the JSON objects `data` of a relation.

    Objects inside are told field by field. `known` are fields with a place of their own; a name
    that is reserved gets the prefix.
    """
    listed = ", ".join(map(literal, sorted(known))) or "''"
    fields = fill(_TOP, relation=relation, known=listed)
    reserved = ", ".join(map(literal, ANNOTATION_DIMENSIONS))
    return fill(_NAMED, fields=fields, reserved=reserved, prefix=literal(prefix))


def prompt_field(keys: Collection[str]) -> str | None:
    """Return the field that holds what was shown, None where no name says so."""
    return next((name for name in PROMPTS if name in keys), None)


def side_fields(keys: Collection[str]) -> tuple[tuple[str, str], ...]:
    """Return the fields of two responses, and of the models behind them; empty without a pair."""
    texts = next((pair for pair in _SIDES if set(pair) <= set(keys)), None)
    if texts is None:
        return ()
    return (texts, _MODELS) if set(_MODELS) <= set(keys) else (texts,)


def responses_of(relation: str, sides: Sequence[tuple[str, str]]) -> str:
    """Return the select of the responses a and b in the JSON objects `data` of a relation."""
    if not sides:
        return fill(_NO_RESPONSE, relation=relation)
    models = sides[1] if len(sides) > 1 else None
    return " union all ".join(
        fill(
            _RESPONSE,
            side=literal("ab"[number]),
            model=f"said(data -> {literal(models[number])})" if models else "null::varchar",
            text=literal(text),
            relation=relation,
        )
        for number, text in enumerate(sides[0])
    )
