-- response_counts: how many items have how many responses with a text.
--
-- Grain: one row per number of responses, by it.
-- Parameters:
-- Columns:
--   responses bigint: responses of an item
--   items bigint: items with so many
with counted as (
    select
        item_id,
        count(text) as responses,
    from scope_response
    group by item_id
)
select
    responses,
    count(*) as items,
from counted
where responses > 0
group by responses
order by responses
