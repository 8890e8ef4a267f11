-- inclusion: whether the items in scope were drawn with one and the same probability.
--
-- Grain: one row per distinct inclusion probability, of items that have one.
-- Parameters:
-- Columns:
--   probability double: the chance an item had of being drawn
--   items bigint: items that had it
select
    inclusion_probability as probability,
    cast(count(*) as bigint) as items
from scope_item
where inclusion_probability is not null
group by inclusion_probability
order by inclusion_probability
