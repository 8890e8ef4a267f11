-- item_counts: how many ordinary items there are in scope, whether anybody answered them or not.
--
-- Golden and trap items are left out: they test people and are not part of what is delivered.
--
-- Grain: one row per stratum of a dimension that has items; one row in all for the dimension ''.
-- Parameters:
--   $accepted boolean = false: only items that ship, with an answer, response or resolved label to ship
--   $dimension varchar = '': attribute of the item, or week, vendor, annotator_group or guideline_version
-- Columns:
--   stratum varchar: value of the dimension; '' for all
--   items bigint: distinct items; by a dimension of the answer, items with an answer there
with ordinary_items as (
    select scope_member.item_id
    from scope_member
    where
        scope_member.item_id not in (select planted_item.item_id from planted_item)
        and (
            not $accepted
            or scope_member.item_id in (select accepted_item.item_id from accepted_item)
        )
),
strata as (
    select
        item_id,
        '' as stratum,
    from ordinary_items
    where $dimension = ''
    union all
    select
        ordinary_items.item_id,
        scope_attribute.stratum,
    from ordinary_items
    inner join scope_attribute
        on ordinary_items.item_id = scope_attribute.item_id
    where scope_attribute.dimension = $dimension
    union all
    select distinct
        scope.item_id,
        case $dimension
            when 'week' then scope.week
            when 'vendor' then scope.vendor
            when 'annotator_group' then scope.annotator_group
            when 'guideline_version' then scope.guideline_version
        end as stratum,
    from scope
    inner join ordinary_items
        on scope.item_id = ordinary_items.item_id
    where $dimension in ('week', 'vendor', 'annotator_group', 'guideline_version')
)
select
    stratum,
    cast(count(*) as bigint) as items,
from strata
where stratum is not null
group by stratum
order by stratum
