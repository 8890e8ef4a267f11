-- counts: how much there is in scope.
--
-- Grain: one row.
-- Parameters:
-- Columns:
--   items bigint: distinct items with an answer, or chosen by attribute
--   annotations bigint: answers of all roles, rounds and states
--   annotators bigint: distinct people and models who answered
--   reviews bigint: review actions
with answer_counts as (
    select
        count(*) as annotations,
        count(distinct person_key) as annotators,
    from scope_annotation
),
items_in_scope as (
    select item_id from scope_annotation
    union
    select item_id from scope_item
),
item_counts as (
    select count(*) as items,
    from items_in_scope
),
review_counts as (
    select count(*) as reviews,
    from scope_review
)
select
    cast(item_counts.items as bigint) as items,
    cast(answer_counts.annotations as bigint) as annotations,
    cast(answer_counts.annotators as bigint) as annotators,
    cast(review_counts.reviews as bigint) as reviews,
from answer_counts
cross join item_counts
cross join review_counts
