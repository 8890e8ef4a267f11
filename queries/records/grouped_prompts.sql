-- grouped_prompts: distinct prompts of ordinary items with their group, a fixed sample of many.
--
-- The sample is by the hash of the text, so that the same batch gives the same prompts.
--
-- Grain: one row per distinct prompt, by hash.
-- Parameters:
--   $limit bigint = 2000: prompts at most
-- Columns:
--   text_key varchar: hash of the prompt
--   group_key varchar: a group that has it; the prompt itself where its items have none
--   text varchar: its first 5,000 characters
select
    ordinary_texts.text_key,
    coalesce(min(scope_item.group_id), ordinary_texts.text_key) as group_key,
    substr(min(ordinary_texts.text), 1, 5000) as text,
from ordinary_texts
inner join scope_item on scope_item.item_id = ordinary_texts.item_id
where ordinary_texts.side = 'prompt'
group by ordinary_texts.text_key
order by ordinary_texts.text_key
limit $limit
