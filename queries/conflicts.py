"""Equal items with unlike labels, within a batch or across two."""

from typing import TYPE_CHECKING, Final

from queries.scope import Scope, Viewer
from queries.store import Store

if TYPE_CHECKING:
    import pyarrow as pa

_GROUPS: Final = """
with labelled as (
    select 0 as place, item_id, question, content_key, value from here
    union all
    select 1 as place, item_id, question, content_key, value from there
),
equals as (
    select
        question,
        content_key,
        cast(count(*) filter (where place = 0) as bigint) as items,
        count(distinct value) as labels,
        count(distinct place) as places,
        string_agg(distinct value, ' / ' order by value) as shown,
        arg_min(item_id, (value, place, item_id)) as item_a,
        arg_max(item_id, (value, place, item_id)) as item_b,
        arg_min(place, (value, place, item_id)) as place_a,
        arg_max(place, (value, place, item_id)) as place_b,
    from labelled
    group by question, content_key
)
select
    question,
    items,
    shown as labels,
    item_a,
    item_b,
    place_a = 1 as is_a_elsewhere,
    place_b = 1 as is_b_elsewhere,
from equals
where labels > 1 and (places = 2 or not $across)
order by items desc, question, item_a, item_b
"""


def conflicts(
    store: Store, batch_id: str, viewer: Viewer, against: str | None = None
) -> tuple["pa.Table", dict[str, int]]:
    """Return groups of equal items with unlike labels, and question -> items with a label.

    Across batches only groups with items in both count. A group names two items of unlike label,
    each of this batch or elsewhere.
    """
    here = store.fetch("labelled_contents", Scope(batch_id, viewer=viewer))
    there = here.slice(0, 0)
    if against is not None:
        there = store.fetch("labelled_contents", Scope(against, viewer=viewer))
    with store.cursor() as cursor:
        cursor.register("here", here)
        cursor.register("there", there)
        across = {"across": against is not None}
        rows: pa.Table = cursor.sql(_GROUPS, params=across).to_arrow_table()
        totals = cursor.execute(
            "select question, count(*) from here group by question order by question"
        ).fetchall()
    return rows, {str(question): int(number) for question, number in totals}
