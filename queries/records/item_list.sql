-- item_list: items whether anybody answered them or not, a page at a time.
--
-- Without $lacks these are the ordinary items that `item_counts` counts. With it, all items of which
-- something was not recorded, planted ones too.
--
-- Grain: one row per item, by item.
-- Parameters:
--   $lacks varchar: only items without a value in this column: item.source, item.licence, item.prompt, or
--     of some answer annotation.annotated_at, annotation.guideline_version, annotation.note, annotation.reason_tags
--   $accepted boolean = false: without $lacks, only items that ship, with something to ship
--   $without varchar: without $lacks, only items that do not have this attribute
--   $limit bigint = 50: rows at most
--   $offset bigint = 0: rows to leave out first
-- Columns:
--   item_id varchar: the item
--   prompt varchar: beginning of the prompt, 200 characters
--   group_id varchar: prompt or document the item belongs to
--   answers bigint: answers of all roles, rounds and states
--   total bigint: rows there are without limit and offset
with chosen_items as (
    select scope_member.item_id
    from scope_member
    where
        $lacks is null
        and scope_member.item_id not in (select planted_item.item_id from planted_item)
        and (
            not $accepted
            or scope_member.item_id in (select accepted_item.item_id from accepted_item)
        )
        and (
            $without is null
            or scope_member.item_id not in (
                select scope_item_attribute.item_id
                from scope_item_attribute
                where scope_item_attribute.name = $without and scope_item_attribute.value <> ''
            )
        )
    union all
    select item_id
    from scope_item
    where
        case $lacks
            when 'item.source' then source is null
            when 'item.licence' then licence is null
            when 'item.prompt' then prompt is null
            else false
        end
    union all
    select distinct item_id
    from scope_annotation
    where
        case $lacks
            when 'annotation.annotated_at' then annotated_at is null
            when 'annotation.guideline_version' then guideline_version is null
            when 'annotation.note' then note is null
            when 'annotation.reason_tags' then reason_tags is null
            else false
        end
),
items_of_page as (
    select
        item_id,
        count(*) over () as total,
    from chosen_items
    order by item_id
    limit $limit offset $offset
),
answer_counts as (
    select
        scope_annotation.item_id,
        count(*) as answers,
    from scope_annotation
    inner join items_of_page
        on scope_annotation.item_id = items_of_page.item_id
    group by scope_annotation.item_id
)
select
    items_of_page.item_id,
    substr(scope_item.prompt, 1, 200) as prompt,
    scope_item.group_id,
    cast(coalesce(answer_counts.answers, 0) as bigint) as answers,
    cast(items_of_page.total as bigint) as total,
from items_of_page
left join scope_item
    on items_of_page.item_id = scope_item.item_id
left join answer_counts
    on items_of_page.item_id = answer_counts.item_id
order by items_of_page.item_id
