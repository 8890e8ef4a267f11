-- item_counts: how many ordinary items there are in scope, whether anybody answered them or not.
--
-- Golden and trap items are left out: they test people and are not part of what is delivered.
--
-- Grain: one row per stratum of a dimension that has items; one row in all for the dimension ''.
-- Parameters:
--   $dimension varchar = '': attribute of the item, or week, vendor, annotator_group or guideline_version
-- Columns:
--   stratum varchar: value of the dimension; '' for all
--   items bigint: distinct items; by a dimension of the answer, items with an answer there
with ordinary_items as (
    select scope_member.item_id
    from scope_member
    where scope_member.item_id not in (select planted_item.item_id from planted_item)
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
        item_id,
        case $dimension
            when 'week' then week
            when 'vendor' then vendor
            when 'annotator_group' then annotator_group
            when 'guideline_version' then guideline_version
        end as stratum,
    from scope
    where $dimension in ('week', 'vendor', 'annotator_group', 'guideline_version')
)
select
    stratum,
    cast(count(*) as bigint) as items,
from strata
where stratum is not null
group by stratum
order by stratum
