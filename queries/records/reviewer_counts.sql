-- reviewer_counts: how much each reviewer looked at.
--
-- Grain: one row per reviewer, by key.
-- Parameters:
--   $limit bigint = 10000: rows at most
-- Columns:
--   reviewer_key varchar: the reviewer, empty where the review names nobody
--   items bigint: distinct items
--   reviews bigint: review actions
--   first_at varchar: first decision in UTC
--   last_at varchar: last decision in UTC
select
    coalesce(reviewer_key, '') as reviewer_key,
    cast(count(distinct item_id) as bigint) as items,
    cast(count(*) as bigint) as reviews,
    cast(min(decided_at) as varchar) as first_at,
    cast(max(decided_at) as varchar) as last_at,
from scope_review
group by coalesce(reviewer_key, '')
order by reviewer_key
limit $limit
