-- workloads: how much each annotator did.
--
-- Grain: one row per annotator with an answer that counts, by key.
-- Parameters:
-- Columns:
--   person_key varchar: the annotator
--   items bigint: distinct items answered, golden items and traps included
--   annotations bigint: answers, one a question and item
select
    person_key,
    cast(count(distinct item_id) as bigint) as items,
    cast(count(*) as bigint) as annotations,
from scope_answer
group by person_key
order by person_key
