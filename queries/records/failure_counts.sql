-- failure_counts: results of checks by version, with the class of what failed.
--
-- A check is a signal of a rule or verifier, or of no stated type, with a value from 0 to 1: scores of
-- judges and what is seen online are no checks. Planted items are left out.
--
-- Grain: one row per signal, version and class of failure.
-- Parameters:
-- Columns:
--   name varchar: name of the signal
--   version varchar: version it ran against; '' where it says none
--   failure varchar: class of failure; '' where it passed or none is named
--   passed bigint: 1 where the value is at least one half
--   results bigint: results that are so
select
    coalesce(name, '') as name,
    coalesce(version, '') as version,
    case when value >= 0.5 then '' else coalesce(failure_reason, '') end as failure,
    cast(case when value >= 0.5 then 1 else 0 end as bigint) as passed,
    cast(count(*) as bigint) as results,
from scope_signal
where
    value between 0 and 1
    and coalesce(type, '') not in ('judge', 'online')
    and item_id not in (select planted_item.item_id from planted_item)
group by coalesce(name, ''), coalesce(version, ''), case when value >= 0.5 then '' else coalesce(failure_reason, '') end, case when value >= 0.5 then 1 else 0 end
order by name, version, failure, passed
