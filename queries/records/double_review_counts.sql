-- double_review_counts: how many reviewers looked at the items of each risk, apart from the author.
--
-- Grain: one row per risk and number of reviewers.
-- Parameters:
-- Columns:
--   risk varchar: the item's risk_level, in lower case; '' where it says nothing
--   reviewers bigint: different reviewers who answered nothing about the item; 2 is two and more
--   items bigint: items that are so
with reviewers_per_item as (
    select
        item_id,
        count(distinct reviewer_key) as reviewers,
    from scope_review
    where
        reviewer_key is not null
        and not exists (
            select 1 from scope_annotation
            where
                scope_annotation.item_id = scope_review.item_id
                and scope_annotation.person_key = scope_review.reviewer_key
        )
    group by item_id
)
select
    lower(trim(coalesce(scope_item.risk_level, risks.value, ''))) as risk,
    cast(least(coalesce(reviewers_per_item.reviewers, 0), 2) as bigint) as reviewers,
    cast(count(*) as bigint) as items,
from scope_item
left join reviewers_per_item on scope_item.item_id = reviewers_per_item.item_id
left join scope_item_attribute as risks
    on scope_item.item_id = risks.item_id and risks.name = 'risk_level'
where scope_item.item_id not in (select planted_item.item_id from planted_item)
group by lower(trim(coalesce(scope_item.risk_level, risks.value, ''))), least(coalesce(reviewers_per_item.reviewers, 0), 2)
order by risk, reviewers
