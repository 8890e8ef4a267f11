-- prompt_words: the words of prompts, in an order that is the same on every machine and random.
--
-- Grain: one row per item with a prompt, by the hash of its id and the id.
-- Parameters:
--   $limit bigint = 20000: rows at most
--   $offset bigint = 0: rows to leave out first
-- Columns:
--   item_id varchar: the item
--   words varchar: its letters and digits in lower case, 2,000 characters at most
select
    item_id,
    substr(words, 1, 2000) as words,
from scope_text
where side = 'prompt' and words <> ''
order by md5(item_id), item_id
limit $limit offset $offset
