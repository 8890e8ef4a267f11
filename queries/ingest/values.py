"""Answers to canonical values: each distinct spelling of an answer is looked at once.

The temporary table `value_map` has a row for every question and raw answer: its canonical value,
the value it has when the options were shown the other way round, or the fault it is dropped for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Final

import duckdb

from queries.batches import Question as Known
from queries.errors import InputError
from queries.ingest.mapping import Level, Mapping, Question
from queries.ingest.text import closest, fill

NUMERIC: Final = ("interval", "ratio")

_CREATE: Final = """
create or replace temp table {target} (
    question varchar, raw varchar, answers bigint, record bigint,
    value varchar, turned_value varchar, fault varchar, found varchar
)
"""
_NAMES: Final = (
    "select distinct question from {source} where question is not null order by question"
)

_SEEN: Final = """with seen as (
    select raw, count(*) as answers, min(record) as record
    from {source} where question = $question group by raw
),
texts as (
    select raw, answers, record, canonical(raw) as text from seen
),
"""
_FAULT: Final = """case
        when text is null or text = '' or list_contains($missing::varchar[], text)
        then case when list_contains($missing::varchar[], coalesce(text, '')) then 'declared'
            else 'missing' end"""

_SCALARS: Final = """
insert into {target}
{seen}
named as (
    select *,
        coalesce(($renames_to::varchar[])[list_position($renames::varchar[], text)], text) as name
    from texts
),
valued as (
    select *, case when $numeric then spelled_number(number(name)) else name end as value
    from named
),
turned as (
    select *,
        case
            when $negate then spelled_number(0 - number(value))
            else coalesce(($flips_to::varchar[])[list_position($flips::varchar[], value)], value)
        end as turned_value
    from valued
)
select $question, raw, answers, record, value, turned_value,
    {fault}
        when value is null or turned_value is null then 'number'
        when $labels::varchar[] is not null
            and not (list_contains($labels::varchar[], value)
                and list_contains($labels::varchar[], turned_value))
        then 'domain'
    end as fault,
    raw
from turned
"""

_SETS: Final = """
insert into {target}
{seen}
split as (
    select *,
        case
            when json_valid(text) and text like '[%' then from_json(text, '["varchar"]')
            when $separator::varchar is not null then string_split(text, $separator::varchar)
            else [text]
        end as parts
    from texts
),
named as (
    select *,
        list_filter(list_transform(parts, lambda part: coalesce(
            ($renames_to::varchar[])[list_position($renames::varchar[], canonical(part))],
            canonical(part))), lambda part: part <> '') as members
    from split
),
turned as (
    select *,
        list_transform(members, lambda part: coalesce(
            ($flips_to::varchar[])[list_position($flips::varchar[], part)], part)) as turned
    from named
)
select $question, raw, answers, record,
    cast(to_json(list_sort(list_distinct(members))) as varchar),
    cast(to_json(list_sort(list_distinct(turned))) as varchar),
    {fault}
        when len(members) = 0 and text <> '[]' then 'missing'
        when $labels::varchar[] is not null and not list_has_all($labels::varchar[], members)
        then 'domain'
    end as fault,
    coalesce(list_filter(members, lambda part:
        not list_contains($labels::varchar[], part))[1], raw)
from turned
"""

# One row for each option that is ranked; a smaller place is better.
_PLACED: Final = """
create or replace temp table placed as
{seen}
ordered as (
    select text, unnest(groups) as members, generate_subscripts(groups, 1) as place
    from (
        select text,
            case
                when json_valid(text) and text like '[%' then list_transform(
                    from_json(text, '["json"]'), lambda part:
                    case when json_type(part) = 'ARRAY' then from_json(part, '["varchar"]')
                    else [json_extract_string(part, '$')] end)
                else list_transform(string_split(text, coalesce($separator::varchar, '>')),
                    lambda part: string_split(part, '='))
            end as groups
        from texts where not $ranks
    )
),
listed as (
    select text, unnest(ranks) as rank, generate_subscripts(ranks, 1) as position
    from (
        select text,
            case when json_valid(text) and text like '[%' then from_json(text, '["varchar"]')
            else string_split(text, coalesce($separator::varchar, ',')) end as ranks
        from texts where $ranks and text not like '{%'
    )
),
keyed as (
    select text, unnest(json_keys(text)) as option
    from texts where $ranks and text like '{%' and json_valid(text)
),
places as (
    select text, unnest(members) as option, cast(place as double) as place from ordered
    union all
    select text, ($labels::varchar[])[position], number(rank) from listed
    where tidy(rank) <> ''
    union all
    select text, option,
        number(json_extract_string(text, '/' || replace(replace(option, '~', '~0'), '/', '~1')))
    from keyed
)
select text, place,
    coalesce(($renames_to::varchar[])[list_position($renames::varchar[], canonical(option))],
        canonical(option)) as option
from places
where option is null or tidy(option) <> ''
"""
_RANKINGS: Final = """
insert into {target}
{seen}
tied as (
    select text, place,
        list(option order by option) as members,
        list(coalesce(($flips_to::varchar[])[list_position($flips::varchar[], option)], option)
            order by coalesce(
                ($flips_to::varchar[])[list_position($flips::varchar[], option)], option)) as turned
    from placed group by text, place
),
checked as (
    select text,
        case
            when bool_or(option is null or place is null) then 'number'
            when count(*) <> count(distinct option) then 'twice'
            when $labels::varchar[] is not null
                and bool_or(not list_contains($labels::varchar[], option)) then 'domain'
        end as fault
    from placed group by text
),
ranked as (
    select text,
        cast(to_json(list(members order by place)) as varchar) as value,
        cast(to_json(list(turned order by place)) as varchar) as turned_value
    from tied group by text
)
select $question, raw, answers, record, value, turned_value,
    {fault}
        when value is null then 'missing'
        else checked.fault
    end as fault,
    raw
from texts
left join ranked using (text)
left join checked using (text)
"""

_SCALAR_LABELS: Final = """
select distinct unnest([value, turned_value]) as label
from value_map where question = $question and fault is null
"""
_SET_LABELS: Final = """
select distinct unnest(list_concat(
    from_json(value, '["varchar"]'), from_json(turned_value, '["varchar"]'))) as label
from value_map where question = $question and fault is null
"""
_RANKING_LABELS: Final = """
select distinct unnest(flatten(list_concat(
    from_json(value, '[["varchar"]]'), from_json(turned_value, '[["varchar"]]')))) as label
from value_map where question = $question and fault is null
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of this import with the rules its answers are read by."""

    name: str
    level: Level
    rules: Question
    labels: tuple[str, ...] | None
    declared: bool


def read_values(
    cursor: duckdb.DuckDBPyConnection,
    mapping: Mapping,
    known: Sequence[Known],
    *,
    shaped: bool = False,
) -> tuple[Asked, ...]:
    """Fill `value_map` and return the questions that are asked.

    `known` are the questions of the batch so far: what this mapping does not say, they do. A
    format may declare more questions (`shaped`) than its export has answers to.
    """
    asked = asked_of(cursor, mapping, known, source="answers")
    if "question" in mapping.columns:
        names = [question.name for question in asked]
        strange = [each.name for each in mapping.question if each.name not in names]
        if strange and not shaped:
            nearest = closest(strange[0], names)
            raise InputError(f"[[question]] {strange[0]!r} is asked nowhere in the data{nearest}")
    _check_flips(mapping, asked)
    map_values(cursor, mapping, asked, source="answers", target="value_map")
    return asked


def asked_of(
    cursor: duckdb.DuckDBPyConnection, mapping: Mapping, known: Sequence[Known], *, source: str
) -> tuple[Asked, ...]:
    """Return the questions that the relation `source` names, with their rules."""
    names = [str(row[0]) for row in cursor.execute(fill(_NAMES, source=source)).fetchall()]
    declared = {question.name: question for question in mapping.question}
    earlier = {question.name: question for question in known}
    return tuple(
        _rules(declared.get(name) or Question(name=name), earlier.get(name)) for name in names
    )


def map_values(
    cursor: duckdb.DuckDBPyConnection,
    mapping: Mapping,
    asked: Sequence[Asked],
    *,
    source: str,
    target: str,
) -> None:
    """Read every distinct answer of the relation `source` into the new table `target`."""
    cursor.execute(fill(_CREATE, target=target))
    for question in asked:
        _map_question(cursor, mapping, question, {"source": source, "target": target})


def _rules(question: Question, known: Known | None) -> Asked:
    """Combine what the mapping says of a question with what the batch already knows."""
    unsaid = question.level is None and question.separator is None and question.ranking is None
    if known is not None and unsaid:
        said = {**question.model_dump(exclude_unset=True), "level": known.level}
        # Rankings come as lists of tie groups where nothing else is said.
        said |= {"ranking": "order"} if known.level == "ranking" else {}
        question = Question.model_validate(said)
    labels = tuple(question.labels) if question.labels is not None else None
    if labels is None and known is not None and known.declared and known.labels is not None:
        labels = known.labels
    return Asked(question.name, question.scale, question, labels, labels is not None)


def _map_question(
    cursor: duckdb.DuckDBPyConnection,
    mapping: Mapping,
    question: Asked,
    relations: dict[str, str],
) -> None:
    rules = question.rules
    turned = turns(mapping, question.name)
    flips = mapping.pair.flipped if mapping.pair is not None and turned else {}
    # A wide table has a cell for everybody: an empty one says that nobody was asked.
    unasked = [""] if mapping.wide is not None and mapping.wide.question == question.name else []
    parameters: dict[str, object] = {
        "question": question.name,
        "missing": unasked if rules.missing is None else rules.missing,
        "renames": list(rules.renamed),
        "renames_to": list(rules.renamed.values()),
        "flips": list(flips),
        "flips_to": list(flips.values()),
        "labels": list(question.labels) if question.labels is not None else None,
    }

    def run(query: str, parameters: dict[str, object]) -> None:
        seen = fill(_SEEN, **relations)
        cursor.execute(fill(query, seen=seen, fault=_FAULT, **relations), parameters)

    if question.level == "set":
        run(_SETS, {**parameters, "separator": rules.separator})
    elif question.level == "ranking":
        placing = {key: parameters[key] for key in ("question", "renames", "renames_to", "labels")}
        ranks = rules.ranking == "ranks"
        run(_PLACED, {**placing, "separator": rules.separator, "ranks": ranks})
        del parameters["renames"], parameters["renames_to"]
        run(_RANKINGS, parameters)
    else:
        numeric, negate = question.level in NUMERIC, turned and mapping.pair_negates
        run(_SCALARS, {**parameters, "numeric": numeric, "negate": negate})


def turns(mapping: Mapping, question: str) -> bool:
    """Whether answers to a question turn with the order the options were shown in."""
    pair = mapping.pair
    return pair is not None and (pair.questions is None or question in pair.questions)


def _check_flips(mapping: Mapping, asked: Sequence[Asked]) -> None:
    """Refuse a flip that names a label of no question, or leads out of a question's labels."""
    if mapping.pair is None:
        return
    domains = [question.labels for question in asked if turns(mapping, question.name)]
    if any(labels is None for labels in domains):
        return
    for key, value in mapping.pair.flipped.items():
        having = [labels for labels in domains if labels is not None and key in labels]
        lost = [labels for labels in having if value not in labels]
        if lost or not having:
            labels = [label for domain in lost or domains for label in domain or ()]
            name = value if lost else key
            raise InputError(f"[pair] flip names {name!r}, not a label{closest(name, labels)}")


def labels_found(
    cursor: duckdb.DuckDBPyConnection, question: Asked, *, limit: int
) -> list[str] | None:
    """Return the labels of a question in order; None with more than `limit` in the data."""
    if question.labels is not None:
        return list(question.labels)
    parameters: dict[str, object] = {"question": question.name}
    if question.level == "set":
        query = _SET_LABELS
    elif question.level == "ranking":
        query = _RANKING_LABELS
    else:
        query = _SCALAR_LABELS
    rows = cursor.execute(query, parameters).fetchmany(limit + 1)
    if len(rows) > limit:
        return None
    return in_order([str(row[0]) for row in rows])


def in_order(labels: list[str]) -> list[str]:
    """Sort labels by number where every one is a number, else by the alphabet.

    >>> in_order(["10", "9", "1.5"]), in_order(["b", "10", "a"])
    (['1.5', '9', '10'], ['10', 'a', 'b'])
    """
    try:
        numbers = {label: float(label) for label in labels}
    except ValueError:
        return sorted(labels)
    if not all(isfinite(number) for number in numbers.values()):
        return sorted(labels)
    return sorted(labels, key=lambda label: (numbers[label], label))
