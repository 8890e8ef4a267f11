-- held_items: the items that do not ship, and why. What ships is all the others.
--
-- Grain: one row per item that does not ship, by item.
-- Parameters:
-- Columns:
--   item_id varchar: the item
--   state varchar: planted (golden or trap), rejected (by the last review), quarantined or held out
with last_review as (
    select
        item_id,
        arg_max(decision, coalesce(decided_at, timestamp '1970-01-01')) as decision,
    from scope_review
    where decision is not null
    group by item_id
),
last_event as (
    select
        item_id,
        arg_max(lower(to_state), coalesce("at", timestamp '1970-01-01')) as state,
    from scope_event
    where item_id is not null and to_state is not null
    group by item_id
),
marks as (
    select
        item_id,
        'planted' as state,
        1 as place,
    from scope_probe
    where type in ('golden', 'trap')
    union all
    select
        item_id,
        'rejected' as state,
        2 as place,
    from last_review
    where decision = 'reject'
    union all
    select
        item_id,
        case when state in ('rejected', 'blocked') then 'rejected' else 'quarantined' end as state,
        case when state in ('rejected', 'blocked') then 2 else 3 end as place,
    from last_event
    where state in ('rejected', 'blocked', 'quarantine', 'quarantined', 'withdrawn')
    union all
    select
        item_id,
        case
            when lower(set_role) in ('golden', 'trap') then 'planted'
            when lower(set_role) in ('quarantine', 'quarantined') then 'quarantined'
            else 'held out'
        end as state,
        case
            when lower(set_role) in ('golden', 'trap') then 1
            when lower(set_role) in ('quarantine', 'quarantined') then 3
            else 4
        end as place,
    from scope_item
    where
        set_role is not null
        and lower(set_role) in (
            'golden', 'trap', 'quarantine', 'quarantined', 'regression test', 'regression',
            'evaluation', 'eval', 'test', 'audit', 'held out', 'held_out', 'validation'
        )
)
select
    item_id,
    arg_min(state, place) as state,
from marks
where item_id is not null
group by item_id
order by item_id
