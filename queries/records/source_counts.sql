-- source_counts: where the items that ship come from, and under which licence.
--
-- Grain: one row per source and licence, by both.
-- Parameters:
-- Columns:
--   source varchar: the source; null where nothing is known
--   licence varchar: the licence; null where nothing is known
--   items bigint: items
select
    scope_item.source,
    scope_item.licence,
    count(*) as items,
from shipping_items
inner join scope_item using (item_id)
where shipping_items.state = 'ships'
group by scope_item.source, scope_item.licence
order by scope_item.source, scope_item.licence
