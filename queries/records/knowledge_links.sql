-- knowledge_links: precedents, rules and examples that disputes led to.
--
-- Grain: one row per link, by its id.
-- Parameters:
--   $link_id varchar: only of this one; all in scope when not given
--   $limit bigint = 200: rows at most
--   $offset bigint = 0: rows to leave out first
-- Columns:
--   link_id varchar: the link
--   from_type varchar: kind of the dispute or arbitration
--   from_id varchar: the dispute or arbitration
--   to_type varchar: kind of what it led to
--   to_id varchar: what it led to
--   at varchar: time in UTC
select
    link_id,
    from_type,
    from_id,
    to_type,
    to_id,
    cast("at" as varchar) as "at",
from scope_knowledge_link
where ($link_id is null or link_id = $link_id)
order by link_id, from_id, to_id
limit $limit offset $offset
