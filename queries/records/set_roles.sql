-- set_roles: which parts of a data set the items belong to.
--
-- Grain: one row per role that items have.
-- Parameters:
-- Columns:
--   set_role varchar: role of the item, such as train or evaluation
--   items bigint: items of that role
select
    set_role,
    cast(count(*) as bigint) as items,
from scope_item
where set_role is not null
group by set_role
order by set_role
