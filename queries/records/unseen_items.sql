-- unseen_items: items that ship on the word of models and rules alone.
--
-- Grain: one row per item without any answer or review of a person, by item.
-- Parameters:
--   $limit bigint = 50: rows at most
--   $offset bigint = 0: rows to leave out first
-- Columns:
--   item_id varchar: the item
--   answers bigint: answers of models and rules
--   total bigint: rows there are without limit and offset
with answered_items as (
    select
        item_id,
        count(*) as answers,
        count(*) filter (where role in ('human', 'expert')) as people,
    from scope_submitted
    group by item_id
),
reviewed_items as (
    select scope_look.item_id
    from scope_look
    where
        scope_look.reviewer_key <> ''
        and scope_look.reviewer_key not in (
            select person_key
            from scope_submitted
            where role in ('model', 'rule') and person_key is not null
            group by person_key
        )
    group by scope_look.item_id
),
unseen as (
    select
        answered_items.item_id,
        answered_items.answers,
    from answered_items
    left join reviewed_items on answered_items.item_id = reviewed_items.item_id
    where answered_items.people = 0 and reviewed_items.item_id is null
)
select
    item_id,
    cast(answers as bigint) as answers,
    cast(count(*) over () as bigint) as total,
from unseen
order by item_id
limit $limit offset $offset
