-- shipping_items: whether an item may ship, and if not, why.
--
-- Grain: one row per item in scope, by item.
-- Parameters:
-- Columns:
--   item_id varchar: the item
--   state varchar: ships, planted (golden or trap), rejected (by the last review), quarantined or held out
with known as (
    select item_id from scope_item
    union
    select item_id from scope_annotation
)
select
    known.item_id,
    coalesce(held_items.state, 'ships') as state,
from known
left join held_items
    on known.item_id = held_items.item_id
order by known.item_id
