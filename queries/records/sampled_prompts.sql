-- sampled_prompts: distinct prompts of ordinary items, a fixed sample where there are many.
--
-- The sample is by the hash of the text, so that the same batch gives the same prompts.
--
-- Grain: one row per distinct prompt, by hash.
-- Parameters:
--   $limit bigint = 20000: prompts at most
-- Columns:
--   text_key varchar: hash of the prompt
--   item_id varchar: first item that has it
--   text varchar: its first 5,000 characters
select
    text_key,
    min(item_id) as item_id,
    substr(min(text), 1, 5000) as text,
from ordinary_texts
where side = 'prompt'
group by text_key
order by text_key
limit $limit
