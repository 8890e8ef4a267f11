-- annotator_patterns: which label each annotator gave on items of which pattern.
--
-- Grain: one row per question, population, annotator, pattern and own label; overall only.
-- Enough to take any annotator out exactly, and to hold each against the majority of the others.
-- Additive over batches in count, by all other columns, where an item lies in one batch.
-- Columns:
--   question varchar: the question
--   population varchar: whose answers
--   person_key varchar: the annotator
--   pattern_id varchar: pattern of the item, as in unit_patterns
--   label varchar: the annotator's own label, which is part of the pattern
--   count bigint: number of items
with annotator_sums as (
    select
        scope_vote.question,
        scope_vote.population,
        scope_vote.person_key,
        scope_unit.sum_1,
        scope_unit.sum_2,
        scope_vote.value,
        count(*) as item_count,
    from scope_vote
    inner join scope_unit
        on scope_vote.question = scope_unit.question
        and scope_vote.population = scope_unit.population
        and scope_vote.item_id = scope_unit.item_id
    where scope_unit.dimension = ''
    group by
        scope_vote.question,
        scope_vote.population,
        scope_vote.person_key,
        scope_unit.sum_1,
        scope_unit.sum_2,
        scope_vote.value
)
select
    question,
    population,
    person_key,
    cast(sum_1 as varchar) || '-' || cast(sum_2 as varchar) as pattern_id,
    value as label,
    cast(item_count as bigint) as count,
from annotator_sums
order by question, population, person_key, pattern_id, label
