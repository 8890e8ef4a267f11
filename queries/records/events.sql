-- events: what happened to an item.
--
-- Grain: one row per change of state, by item and time.
-- Parameters:
--   $item_id varchar: only of this one; all in scope when not given
--   $limit bigint = 200: rows at most
--   $offset bigint = 0: rows to leave out first
-- Columns:
--   item_id varchar: the item
--   from_state varchar: state before
--   to_state varchar: state after
--   actor_key varchar: who did it
--   role varchar: in which role
--   at varchar: time in UTC
--   hours double: work it took
--   cost double: what it cost
--   activity varchar: kind of work
select
    item_id,
    from_state,
    to_state,
    actor_key,
    role,
    cast("at" as varchar) as "at",
    hours,
    cost,
    activity,
from scope_event
where ($item_id is null or item_id = $item_id)
order by item_id, scope_event."at", to_state, actor_key
limit $limit offset $offset
