-- distinct_texts: every text once, with how many items have it.
--
-- Grain: one row per distinct text of a side, by its first item.
-- Parameters:
--   $side varchar = prompt: prompt or answer
-- Columns:
--   item_id varchar: first of the items that have it
--   text_key varchar: hash of the whole text
--   items bigint: items that have it
--   text varchar: the text, its first 100,000 characters
select
    min(item_id) as item_id,
    text_key,
    cast(count(distinct item_id) as bigint) as items,
    substr(min(text), 1, 100000) as text,
from ordinary_texts
where side = $side
group by text_key
order by item_id, text_key
