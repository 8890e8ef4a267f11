"""Who answered: annotator ids, their roles and what is said of them, once for each person."""

from typing import Final

import duckdb

from queries.ingest.mapping import PERSON_FIELDS, Mapping
from queries.ingest.table import Staged
from queries.ingest.text import fill, identifier, literal, make_enum
from queries.parts import PartWriter
from queries.schema import ROLES

_PEOPLE: Final = """
create or replace temp table people as
select annotator, nullif(tidy(annotator), '') as annotator_id, min(record) as record {described}
from answers
group by annotator
"""
_IDS: Final = "select distinct annotator_id from people where annotator_id is not null order by all"
_KEYS: Final = """
create or replace temp table person_keys as
select unnest($ids::varchar[]) as annotator_id, unnest($keys::varchar[]) as person_key
"""
_ROLES: Final = """
create or replace temp table person_roles as
select {person_key} as person_key, annotator_id, cast({role} as role_name) as role from person_keys
"""
_PERSON: Final = """
select k.person_key, {columns}
from person_keys as k join people as p using (annotator_id)
group by k.person_key
"""


def know_people(cursor: duckdb.DuckDBPyConnection, staged: Staged, writer: PartWriter) -> None:
    """Make `people` (annotators as spelled) and `person_roles` (person key and role of each)."""
    described = "".join(
        f", arg_min({identifier(name)}, record) as {identifier(name)}"
        for name in PERSON_FIELDS
        if name in staged.names
    )
    cursor.execute(fill(_PEOPLE, described=described))
    ids = [str(row[0]) for row in cursor.execute(_IDS).fetchall()]
    keys = writer.keys_of(ids)
    cursor.execute(_KEYS, {"ids": list(keys), "keys": list(keys.values())})
    make_enum(cursor, "role_name", "unnest($names)", {"names": list(ROLES)})
    listed = make_enum(cursor, "person_name", "person_key from person_keys")
    key = "cast(person_key as person_name)" if listed else "person_key"
    cursor.execute(fill(_ROLES, role=_role(staged.mapping), person_key=key))


def _role(mapping: Mapping) -> str:
    """Return the expression of a person's role: the first pattern of the mapping that fits."""
    default = literal(mapping.constants.get("role", "human"))
    if mapping.role is None:
        return default
    cases = " ".join(
        f"when annotator_id like {literal(_like(pattern))} escape '\\' then {literal(role)}"
        for pattern, role in mapping.role.match.items()
    )
    return f"case {cases} else {default} end"


def _like(pattern: str) -> str:
    r"""Turn a pattern with `*` into one of SQL.

    >>> _like("gpt_4*")
    'gpt\\_4%'
    """
    escaped = pattern.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return escaped.replace("*", "%")


def idle_patterns(cursor: duckdb.DuckDBPyConnection, mapping: Mapping) -> list[str]:
    """Return the patterns of [role] match that fit nobody: most often a misspelling."""
    query = "select count(*) from person_keys where annotator_id like $like escape '\\'"
    idle = []
    for pattern in mapping.role.match if mapping.role else ():
        found = cursor.execute(query, {"like": _like(pattern)}).fetchone()
        if found is None or not found[0]:
            idle.append(pattern)
    return idle


def person_select(mapping: Mapping, names: frozenset[str]) -> str:
    """Return the select of the person table."""
    columns = []
    for name in PERSON_FIELDS:
        if name in names:
            value = f"arg_min(p.{identifier(name)}, p.record)"
        elif name in mapping.constants:
            value = literal(mapping.constants[name])
        else:
            value = "cast(null as varchar)"
        columns.append(f"{value} as {identifier(name)}")
    return fill(_PERSON, columns=", ".join(columns))
