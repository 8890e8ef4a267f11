-- shipping_counts: how many items ship, and why the others do not.
--
-- Grain: one row per state, by it.
-- Parameters:
-- Columns:
--   state varchar: ships, planted, rejected, quarantined or held out
--   items bigint: items
select
    state,
    count(*) as items,
from shipping_items
group by state
order by state
