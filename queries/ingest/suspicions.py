"""What looks right row by row and wrong as a whole: placeholders, shared times, seats for people.

Nothing is dropped for it. A number about time or about a person that rests on such a column means
something else than it says, so the report tells before anybody looks at one.
"""

from collections.abc import Iterator
from typing import Final

import duckdb

from queries.ingest.report import Loss
from queries.ingest.table import Staged
from queries.ingest.text import fill
from queries.ingest.told import columns_in

ENOUGH: Final = 20
"""Answers below which a repeated time may well be chance."""
NEARLY_ALL: Final = 0.95

_CONSTANT: Final = """
select count({column}), cast(min({column}) as varchar) from {kept}
having count({column}) >= $enough and min({column}) = max({column})
"""
# A form with several items saves one time for all of them; who is faster is then not to be seen.
_SHARED: Final = """
select count(*), count(*) filter (where low = high) from (
    select min(k.duration_seconds) as low, max(k.duration_seconds) as high
    from {kept} as k join ({groups}) as g using (item_id)
    where g.group_id is not null and k.duration_seconds > 0
    group by k.person_key, k.question, g.group_id
    having count(distinct k.item_id) > 1
)
"""
_PLACES: Final = """
select count(*), count(*) filter (where regexp_full_match(lower(annotator_id), $place)),
    max(try_cast(regexp_extract(annotator_id, '([0-9]+)$', 1) as integer))
from person_keys
"""
_PLACE: Final = (
    "(annotator|rater|worker|judge|labell?er|coder|crowd|slot|seat|user|person)?[ _#.-]*[0-9]{1,2}"
)
_FULL: Final = """
select count(*), count(*) filter (where people = $people) from (
    select count(distinct person_key) as people from {kept} group by item_id, question
)
"""


def suspicions(cursor: duckdb.DuckDBPyConnection, staged: Staged, kept: str) -> Iterator[Loss]:
    """Yield a note for every pattern that makes times or people doubtful.

    `kept` is the relation with the answers that stay.
    """
    for column, fields in _TIMES.items():
        if fields & staged.names:
            yield from _constant(cursor, kept, column)
    groups = _groups(cursor, staged)
    if groups is not None and _TIMES["duration_seconds"] & staged.names:
        yield from _shared(cursor, kept, groups)
    yield from _seats(cursor, kept)


_TIMES: Final = {
    "annotated_at": frozenset({"annotated_at"}),
    "duration_seconds": frozenset({"duration_seconds", "duration_end"}),
}
"""Column -> slots it is read from."""


def _constant(cursor: duckdb.DuckDBPyConnection, kept: str, column: str) -> Iterator[Loss]:
    query = fill(_CONSTANT, column=column, kept=kept)
    found = cursor.execute(query, {"enough": ENOUGH}).fetchone()
    if found is not None:
        reason = (
            f"every answer has the {column} {found[1]}: a placeholder; nothing about time can be "
            "said with it"
        )
        yield Loss(reason, int(found[0]), fault=False, code="placeholder_time")


def _groups(cursor: duckdb.DuckDBPyConnection, staged: Staged) -> str | None:
    """Return the select of item and group, None where items have no groups."""
    if "group_id" in staged.names:
        return "select item_id, any_value(group_id) as group_id from raw group by item_id"
    has_items = staged.shaped is not None and "item" in staged.shaped.tables
    if has_items and "group_id" in columns_in(cursor, "item"):
        item = "neat(item_id) as item_id, any_value(neat(group_id)) as group_id"
        return fill("select {item} from shaped_item group by all", item=item)
    return None


def _shared(cursor: duckdb.DuckDBPyConnection, kept: str, groups: str) -> Iterator[Loss]:
    found = cursor.execute(fill(_SHARED, kept=kept, groups=groups)).fetchone() or (0, 0)
    several, alike = int(found[0]), int(found[1])
    if several >= ENOUGH and alike >= NEARLY_ALL * several:
        reason = (
            "the same duration on all items of a group: it belongs to the group, and the time of "
            "one item is not known"
        )
        yield Loss(reason, alike, fault=False, code="group_duration")


def _seats(cursor: duckdb.DuckDBPyConnection, kept: str) -> Iterator[Loss]:
    people, places, last = cursor.execute(_PLACES, {"place": _PLACE}).fetchone() or (0, 0, 0)
    if people < 2 or places < people or last != people:
        return
    found = cursor.execute(fill(_FULL, kept=kept), {"people": people}).fetchone() or (0, 0)
    if found[0] >= ENOUGH and found[1] >= NEARLY_ALL * found[0]:
        reason = (
            f"annotator ids 1 to {people} on nearly every item look like places in a list; if they "
            "are not the same people throughout, no number about a person means anything"
        )
        yield Loss(reason, int(people), fault=False, code="seats")
