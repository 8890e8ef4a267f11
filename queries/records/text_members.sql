-- text_members: which items have which text; the text itself is not told.
--
-- Grain: one row per item, side and distinct text, by all three.
-- Parameters:
--   $side varchar = prompt: prompt or answer
-- Columns:
--   item_id varchar: the item
--   text_key varchar: hash of the text
select distinct
    item_id,
    text_key,
from ordinary_texts
where side = $side
order by item_id, text_key
