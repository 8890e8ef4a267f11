"""What was judged: items, their attributes, the responses shown, and planted probes."""

from collections.abc import Iterator, Sequence
from typing import Final

import duckdb

from queries.ingest.mapping import ITEM_FIELDS, Mapping
from queries.ingest.report import EXAMPLES, Code, Loss
from queries.ingest.table import Staged
from queries.ingest.text import fill, identifier, literal
from queries.ingest.values import Asked, map_values, turns
from queries.schema import RECORD_TABLES

_BEGINNING: Final = 30
_VERBATIM: Final = frozenset({"prompt", "context"})
# An item whose records fall on fewer bits than it has records may hold a repeated answer.
_ITEMS: Final = """
create or replace temp table items as
select
    item_id, min(rowid) as record,
    bit_count(bit_or(1::ubigint << (hash({keys}) & 63))) < count(*) as crowded {described}
from raw where item_id is not null
group by item_id
"""
_UNTIDY: Final = (
    "select exists (select 1 from items where regexp_matches(item_id, getvariable('untidy')))"
)
_TIDY: Final = "update raw set item_id = neat(item_id) where item_id <> coalesce(neat(item_id), '')"
_FIRST: Final = (
    ", arg_min({slot}, rowid) as {slot}, min(hash({slot})) filter (where {slot} is not null) "
    "<> max(hash({slot})) filter (where {slot} is not null) as {differs}"
)
_CONFLICTS: Final = "select count(*), min(record) from items where {differs}"
# The first record of the item that says something else than what is kept.
_CONFLICTING: Final = """
select min(raw.rowid) as record, item_id, arg_min(raw.{slot}, raw.rowid), any_value(items.{slot})
from raw join (select * from items where {differs} order by record limit $limit) as items
    using (item_id)
where raw.{slot} is distinct from items.{slot} and raw.{slot} is not null
group by item_id order by record
"""
_ITEM: Final = "select item_id, {columns} from items"
_ATTRIBUTE: Final = (
    "select item_id, {name} as name, canonical({slot}) as value from items where not blank({slot})"
)

_RESPONSES: Final = """
select item_id, response_id,
    arg_min(model, record) as model,
    arg_min(text, record) as text,
    coalesce(arg_min(length, record), length(arg_min(text, record))) as length
from ({sides})
where item_id is not null and (model is not null or text is not null)
group by item_id, response_id
"""
_SIDE: Final = """
select rowid as record, item_id, {response_id} as response_id, {model} as model, {text} as text,
    {length} as length
from raw
"""

_EXPECTED: Final = """
select rowid as record, item_id, {turned} as turned, {type} as type, {question} as question,
    {expected} as raw
from raw where item_id is not null and {when}
"""
_EXPECTATIONS: Final = "create or replace temp view expectations as {selects}"
_PROBES: Final = """
create or replace temp table probes as
select item_id, question, type, arg_min(value, record) as expected,
    count(distinct value) > 1 as differs, min(record) as record
from (
    select e.item_id, e.question, e.type, e.record,
        case when v.fault is null then if(e.turned, v.turned_value, v.value) end as value
    from expectations as e
    left join expected_map as v on v.question = e.question and v.raw = e.raw
)
group by item_id, question, type
having type <> 'reference' or count(value) > 0
"""
_UNEXPECTED: Final = """
select record, raw, fault, count(*) over () as rows
from expected_map where fault in ('domain', 'number', 'twice') order by record limit $limit
"""


def describe_items(cursor: duckdb.DuckDBPyConnection, staged: Staged) -> Iterator[Loss]:
    """Make `items`, a row an item, and tell which items were described in two ways."""
    slots = list(_described(staged))
    described = "".join(
        fill(_FIRST, slot=identifier(slot), differs=identifier(f"{slot} differs"))
        for slot, _ in slots
    )
    make = fill(_ITEMS, keys=staged.answer_keys, described=described)
    cursor.execute(make)
    untidy = cursor.execute(_UNTIDY).fetchone()
    if untidy is not None and untidy[0]:
        cursor.execute(_TIDY)
        cursor.execute(make)
    for slot, name in slots:
        differs = identifier(f"{slot} differs")
        found = cursor.execute(fill(_CONFLICTS, differs=differs)).fetchone()
        if found is None or not found[0]:
            continue
        query = fill(_CONFLICTING, differs=differs, slot=identifier(slot))
        rows = cursor.execute(query, {"limit": EXAMPLES}).fetchall()
        column = staged.column(slot)
        tell = "one for each item: {kept!r} was said of {item!r} before; is the id unique?"
        code: Code = "id_in_group" if name == "group_id" else "item_differs"
        yield Loss(
            f"item described twice with another {name}; the first is kept",
            int(found[0]),
            tuple(
                staged.example(record, column, said, tell.format(kept=_beginning(kept), item=item))
                for record, item, said, kept in rows
            ),
            code=code,
        )


def _beginning(text: str | None) -> str:
    """Return the beginning of a text, enough to know it again."""
    return text if text is not None and len(text) <= _BEGINNING else f"{(text or '')[:_BEGINNING]}…"


def _described(staged: Staged) -> Iterator[tuple[str, str]]:
    """Yield the slots that describe an item, with the name of what they say."""
    for name in ITEM_FIELDS:
        if name in staged.names:
            yield name, name
    for number, name in enumerate(staged.mapping.attributes):
        yield f"attribute_{number}", name


def item_select(staged: Staged) -> str:
    """Return the select of the item table."""
    columns = []
    for name in ITEM_FIELDS:
        kind = RECORD_TABLES["item"][name]
        slot = identifier(name)
        if name in staged.typed:
            value = staged.typed[name].expression
        elif name in staged.names:
            value = slot if name in _VERBATIM else f"neat({slot})"
        elif name in staged.mapping.constants:
            value = f"cast({literal(staged.mapping.constants[name])} as {kind})"
        else:
            value = f"cast(null as {kind})"
        columns.append(f"{value} as {slot}")
    return fill(_ITEM, columns=", ".join(columns))


def attribute_select(mapping: Mapping) -> str | None:
    """Return the select of the item attributes, None when the mapping names none."""
    selects = [
        fill(_ATTRIBUTE, name=literal(name), slot=f"attribute_{number}")
        for number, name in enumerate(mapping.attributes)
    ]
    return " union all ".join(selects) or None


def response_select(staged: Staged) -> str | None:
    """Return the select of the responses, None when the files have none.

    Two responses are `a` and `b`; of an unordered pair, `a` is the one first in sort order.
    """
    names = staged.names
    if names & {"response_id", "model", "text", "length"}:
        length = staged.typed["length"].expression if "length" in staged.typed else None
        one = _side(
            "neat(response_id)" if "response_id" in names else "'a'",
            "neat(model)" if "model" in names else None,
            "text" if "text" in names else None,
            length,
        )
        return fill(_RESPONSES, sides=one)
    pair = staged.mapping.pair is not None
    if not pair and not names & {"response_a", "response_b", "model_a", "model_b"}:
        return None
    models = [
        f"neat(model_{side})" if f"model_{side}" in names else named if pair else None
        for side, named in (("a", "pair_first"), ("b", "pair_second"))
    ]
    texts = [f"response_{side}" if f"response_{side}" in names else None for side in "ab"]
    sides = " union all ".join(
        _side(literal(side), _chosen(models, this, pair=pair), _chosen(texts, this, pair=pair))
        for this, side in enumerate("ab")
    )
    return fill(_RESPONSES, sides=sides)


def _chosen(sides: Sequence[str | None], this: int, *, pair: bool) -> str | None:
    """Return one side of a pair, the other one where the record shows them turned."""
    kept, other = sides[this], sides[1 - this]
    if not pair or kept == other:
        return kept
    return f"case when turned then {other or 'null'} else {kept or 'null'} end"


def _side(response_id: str, model: str | None, text: str | None, length: str | None = None) -> str:
    return fill(
        _SIDE,
        response_id=response_id,
        model=model or "cast(null as varchar)",
        text=text or "cast(null as varchar)",
        length=length or "cast(null as bigint)",
    )


def plant_probes(
    cursor: duckdb.DuckDBPyConnection, staged: Staged, asked: Sequence[Asked]
) -> Iterator[Loss]:
    """Make `probes` and tell which expected answers cannot be read or contradict each other."""
    mapping = staged.mapping
    selects = " union all ".join(_expected(mapping, asked))
    cursor.execute(fill(_EXPECTATIONS, selects=selects))
    map_values(cursor, mapping, asked, source="expectations", target="expected_map")
    cursor.execute(_PROBES)
    rows = cursor.execute(_UNEXPECTED, {"limit": EXAMPLES}).fetchall()
    if rows:
        examples = tuple(
            staged.example(record, "[[probe]] expected", raw, "a label of the question")
            for record, raw, _, _ in rows
        )
        yield Loss(
            "expected answer of a probe is no answer to its question",
            rows[0][3],
            examples,
            code="unknown_label",
        )
    differing = cursor.execute(
        "select record, item_id, count(*) over () from probes where differs order by record limit 5"
    ).fetchall()
    if differing:
        examples = tuple(
            staged.example(record, "[[probe]] expected", item, "one for each item")
            for record, item, _ in differing
        )
        yield Loss(
            "probe with several expected answers; the first is kept",
            differing[0][2],
            examples,
            code="item_differs",
        )


def _expected(mapping: Mapping, asked: Sequence[Asked]) -> Iterator[str]:
    for number, probe in enumerate(mapping.probe):
        questions: list[str | None] = [probe.question]
        if probe.question is None and probe.expected is not None:
            questions = [question.name for question in asked]
        when = "true"
        if probe.when is not None:
            values = ", ".join(literal(value) for value in probe.when.values)
            when = f"coalesce(canonical(when_{number}), '') in ({values})"
        for question in questions:
            turned = question is not None and turns(mapping, question)
            yield fill(
                _EXPECTED,
                turned="turned" if turned else "false",
                type=literal(probe.type),
                question=literal(question) if question else "cast(null as varchar)",
                expected=f"expected_{number}" if probe.expected else "cast(null as varchar)",
                when=when,
            )
