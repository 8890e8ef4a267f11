-- knowledge_counts: what disputes were turned into.
--
-- Grain: one row per kind of dispute and kind of what it led to, by these.
-- Parameters:
--   $limit bigint = 200: rows at most
-- Columns:
--   from_type varchar: kind of the dispute or arbitration, empty where not said
--   to_type varchar: precedent, example, rule, template, golden ..., empty where not said
--   links bigint: links
--   sources bigint: disputes or arbitrations they start from
select
    coalesce(from_type, '') as from_type,
    coalesce(to_type, '') as to_type,
    cast(count(*) as bigint) as links,
    cast(count(distinct from_id) as bigint) as sources,
from scope_knowledge_link
group by coalesce(from_type, ''), coalesce(to_type, '')
order by from_type, to_type
limit $limit
