-- responses: the responses that were judged.
--
-- Grain: one row per item and response, by both.
-- Parameters:
--   $item_id varchar: only of this one; all in scope when not given
--   $limit bigint = 200: rows at most
--   $offset bigint = 0: rows to leave out first
-- Columns:
--   item_id varchar: the item
--   response_id varchar: the response
--   model varchar: the model that wrote it
--   text varchar: the response
--   length bigint: its length
select
    item_id,
    response_id,
    model,
    text,
    length,
from scope_response
where ($item_id is null or item_id = $item_id)
order by item_id, response_id
limit $limit offset $offset
