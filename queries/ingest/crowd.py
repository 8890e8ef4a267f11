"""What result tables of crowd platforms have in common: a row a judgement, a column a cell.

Inputs and answers stand side by side in such a table, and several choices share one cell.
"""

import re
from collections.abc import Sequence
from typing import Final

import duckdb

from queries.ingest.findings import Files, example, found_where
from queries.ingest.mapping import Level, Question
from queries.ingest.report import Example, Loss
from queries.ingest.text import canonical, fill, literal
from queries.schema import ANNOTATION_DIMENSIONS

PROMPTS: Final = (
    "prompt", "text", "question", "instruction", "sentence", "content", "query", "tweet",
    "statement", "message", "input",
)  # fmt: skip
"""Input columns that are what was judged, the likeliest first; only one becomes the prompt."""

_OPTIONS: Final = 50
_LONGEST: Final = 60
"""Several lines are several choices while there are few of them and they are short; else prose."""

_CELLS: Final = """
create or replace temp table cells as
select place, entry.key as name, entry.value ->> '$' as value
from exported, json_each(json) as entry
where neat(entry.value ->> '$') is not null
"""
_NAMES: Final = "select distinct unnest(json_keys(json)) as name from exported order by name"
_SETS: Final = """
with parts as (
    select question, tidy(unnest(string_split(value, {separator}))) as part from replies
    where question in (
        select question from replies where contains(value, {separator}) or value = ''
    )
)
select question from parts group by question
having count(distinct part) <= {options} and max(length(part)) <= {longest}
order by question
"""
_MEMBERS: Final = """
cast(to_json(list_filter(list_transform(string_split({value}, {separator}),
    lambda part: canonical(part)), lambda part: part <> '')) as varchar)
"""
_INPUTS: Final = """
create or replace temp table inputs as
select min(place) as place, item_id, name, value from (
    select cells.place, judgements.item_id, {shorn} as name, cells.value
    from cells join judgements using (place)
    where list_contains($columns::varchar[], cells.name)
)
group by item_id, name, value
"""
_ITEM: Final = """
create or replace temp table shaped_item as
select min(judgements.place) as place, judgements.item_id, min(inputs.value) as prompt
from judgements left join inputs
    on inputs.item_id = judgements.item_id and inputs.name = $prompt
group by judgements.item_id
"""
_ATTRIBUTE: Final = """
create or replace temp table shaped_item_attribute as
select place, item_id,
    case when list_contains($reserved::varchar[], name) then 'input ' || name else name end as name,
    value
from inputs where name is distinct from $prompt
"""


def lay_cells(cursor: duckdb.DuckDBPyConnection) -> list[str]:
    """Make `cells` (place, name, value), a row for each filled cell; return the column names."""
    cursor.execute(_CELLS)
    return [str(row[0]) for row in cursor.execute(_NAMES).fetchall()]


def sets_among(cursor: duckdb.DuckDBPyConnection, separator: str) -> list[str]:
    """Return the questions of `replies` whose cells hold several choices."""
    parts = {"options": str(_OPTIONS), "longest": str(_LONGEST)}
    query = fill(_SETS, separator=literal(separator), **parts)
    return [str(row[0]) for row in cursor.execute(query).fetchall()]


def members(value: str, separator: str) -> str:
    """Return the expression of a cell with several choices as a JSON array of labels."""
    return fill(_MEMBERS, value=value, separator=literal(separator)).strip()


def asked(names: Sequence[str], sets: Sequence[str]) -> tuple[Question, ...]:
    """Return the questions of a table whose labels are only known from the answers."""
    levels: dict[str, Level] = {}
    for name in sorted(names):
        levels.setdefault(canonical(name), "set" if name in sets else "nominal")
    return tuple(Question(name=name, level=level) for name, level in levels.items())


def read_as_sets(
    cursor: duckdb.DuckDBPyConnection, files: Files, sets: Sequence[str], separator: str, told: str
) -> tuple[Loss, ...]:
    """Count the answers with several choices in one cell, by question."""
    return tuple(
        loss
        for question in sets
        for loss in found_where(
            cursor,
            files,
            f"contains(value, {literal(separator)}) and question = {literal(question)}",
            Loss(f"{question}: several choices in one cell ({told}), a set", 0, fault=False),
            column=question,
            found="value",
            relation="replies",
        )
    )


def lay_inputs(
    cursor: duckdb.DuckDBPyConnection, columns: Sequence[str], *, prefix: str = ""
) -> str | None:
    """Make `shaped_item` and `shaped_item_attribute` of the input columns; return the prompt's.

    `judgements` (place, item_id) must be there. A column named like something to read becomes the
    prompt, all others become attributes, without their prefix.
    """
    bare = {name.removeprefix(prefix).lower(): name.removeprefix(prefix) for name in columns}
    prompt = next((bare[name] for name in PROMPTS if name in bare), None)
    shorn = f"regexp_replace(cells.name, {literal('^' + re.escape(prefix))}, '')"
    cursor.execute(fill(_INPUTS, shorn=shorn), {"columns": list(columns)})
    cursor.execute(_ITEM, {"prompt": prompt})
    reserved = list(ANNOTATION_DIMENSIONS)
    cursor.execute(_ATTRIBUTE, {"prompt": prompt, "reserved": reserved})
    return prompt


def named_columns(files: Files, columns: Sequence[str], told: str) -> tuple[Loss, ...]:
    """Tell what a format decided about some columns."""
    if not columns:
        return ()
    examples: list[Example] = [
        example(files, files[0][1], name, None) for name in sorted(columns)[:5]
    ]
    reason = f"{told}: {', '.join(sorted(columns))}"
    return (Loss(reason, len(columns), tuple(examples), fault=False),)
