-- item: an item with everything that was shown.
--
-- Grain: one row per item in scope, by item.
-- Parameters:
--   $item_id varchar: only of this one; all in scope when not given
--   $limit bigint = 200: rows at most
--   $offset bigint = 0: rows to leave out first
-- Columns:
--   item_id varchar: the item
--   prompt varchar: the prompt
--   context varchar: what was shown beside it
--   group_id varchar: prompt or document the item belongs to
--   content_hash varchar: hash of the content, as delivered
--   source varchar: where the item comes from
--   licence varchar: licence of the content
--   risk_level varchar: risk level
--   set_role varchar: training, held out ...
--   inclusion_probability double: chance that the item was drawn
select
    item_id,
    prompt,
    context,
    group_id,
    content_hash,
    source,
    licence,
    risk_level,
    set_role,
    inclusion_probability,
from scope_item
where ($item_id is null or item_id = $item_id)
order by item_id
limit $limit offset $offset
