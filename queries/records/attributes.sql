-- attributes: the attributes of items.
--
-- Grain: one row per item and attribute, by both.
-- Parameters:
--   $item_id varchar: only of this one; all in scope when not given
--   $limit bigint = 200: rows at most
--   $offset bigint = 0: rows to leave out first
-- Columns:
--   item_id varchar: the item
--   name varchar: the attribute
--   value varchar: its value
select
    item_id,
    name,
    value,
from scope_item_attribute
where ($item_id is null or item_id = $item_id)
order by item_id, name
limit $limit offset $offset
