-- shipping_items: whether an item may ship, and if not, why.
--
-- Grain: one row per item in scope, by item.
-- Parameters:
-- Columns:
--   item_id varchar: the item
--   state varchar: ships, planted (golden or trap), rejected (by the last review), quarantined or held out
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
planted as (
    select distinct item_id,
    from scope_probe
    where type in ('golden', 'trap')
),
known as (
    select item_id from scope_item
    union
    select item_id from scope_annotation
)
select
    known.item_id,
    case
        when planted.item_id is not null or lower(scope_item.set_role) in ('golden', 'trap')
        then 'planted'
        when last_review.decision = 'reject' or last_event.state in ('rejected', 'blocked')
        then 'rejected'
        when
            last_event.state in ('quarantine', 'quarantined', 'withdrawn')
            or lower(scope_item.set_role) in ('quarantine', 'quarantined')
        then 'quarantined'
        when
            lower(scope_item.set_role) in (
                'regression test', 'regression', 'evaluation', 'eval', 'test', 'audit', 'held out',
                'held_out', 'validation'
            )
        then 'held out'
        else 'ships'
    end as state,
from known
left join scope_item using (item_id)
left join planted using (item_id)
left join last_review using (item_id)
left join last_event using (item_id)
order by known.item_id
