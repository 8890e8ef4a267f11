-- signals: what rules, verifiers, judges and users said of an item.
--
-- Grain: one row per signal, by item, response, step, type and name.
-- Parameters:
--   $item_id varchar: only of this one; all in scope when not given
--   $limit bigint = 200: rows at most
--   $offset bigint = 0: rows to leave out first
-- Columns:
--   item_id varchar: the item
--   response_id varchar: the response
--   step bigint: step within the response
--   type varchar: rule, verifier, judge or online
--   name varchar: name of the signal
--   version varchar: its version
--   value double: what it said
--   failure_reason varchar: why it failed
select
    item_id,
    response_id,
    step,
    type,
    name,
    version,
    value,
    failure_reason,
from scope_signal
where ($item_id is null or item_id = $item_id)
order by item_id, response_id, step, type, name, version, value
limit $limit offset $offset
