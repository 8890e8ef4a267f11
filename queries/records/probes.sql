-- probes: planted items and their expected answers.
--
-- Grain: one row per item, question and type, by these.
-- Parameters:
--   $item_id varchar: only of this one; all in scope when not given
--   $limit bigint = 200: rows at most
--   $offset bigint = 0: rows to leave out first
-- Columns:
--   item_id varchar: the item
--   question varchar: the question
--   type varchar: golden, trap, audit or reference
--   expected varchar: the expected answer
select
    item_id,
    question,
    type,
    expected,
from scope_probe
where ($item_id is null or item_id = $item_id)
order by item_id, question, type
limit $limit offset $offset
