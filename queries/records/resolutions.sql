-- resolutions: the labels that ship.
--
-- Grain: one row per item and question, by both.
-- Parameters:
--   $item_id varchar: only of this one; all in scope when not given
--   $limit bigint = 200: rows at most
--   $offset bigint = 0: rows to leave out first
-- Columns:
--   item_id varchar: the item
--   question varchar: the question
--   value varchar: the label that ships
--   rule varchar: majority, weighted, adjudicated or gold
--   votes bigint: answers for it
--   confidence double: how sure the rule was
--   decided_by varchar: who decided
select
    item_id,
    question,
    value,
    rule,
    votes,
    confidence,
    decided_by,
from scope_resolution
where ($item_id is null or item_id = $item_id)
order by item_id, question
limit $limit offset $offset
