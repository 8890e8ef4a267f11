-- drawable_items: the items a sample can be drawn from, and who has judged them.
--
-- Grain: one row per item with an answer of a person, by item.
-- Parameters:
--   $limit bigint = 1000000: rows at most
-- Columns:
--   item_id varchar: the item
--   people varchar: keys of those who answered or reviewed it, separated by spaces, sorted
with seen as (
    select
        item_id,
        person_key,
    from scope
    where person_key is not null
    union
    select
        item_id,
        reviewer_key,
    from scope_look
    where reviewer_key <> ''
)
select
    item_id,
    string_agg(person_key, ' ' order by person_key) as people,
from seen
where item_id in (
    select item_id
    from scope
)
group by item_id
order by item_id
limit $limit
