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
with votes as (
    select
        scope.question,
        scope.population,
        scope.item_id,
        scope.person_key,
        scope.value,
        scope_label.weight_1,
        scope_label.weight_2,
    from scope
    inner join scope_label
        on scope.question = scope_label.question
        and scope.value = scope_label.label
),
units as (
    select
        question,
        population,
        item_id,
        cast(sum(weight_1) as bigint) as sum_1,
        cast(sum(weight_2) as bigint) as sum_2,
    from votes
    group by question, population, item_id
),
annotator_sums as (
    select
        votes.question,
        votes.population,
        votes.person_key,
        units.sum_1,
        units.sum_2,
        votes.value,
        count(*) as item_count,
    from votes
    inner join units
        on votes.question = units.question
        and votes.population = units.population
        and votes.item_id = units.item_id
    group by
        votes.question,
        votes.population,
        votes.person_key,
        units.sum_1,
        units.sum_2,
        votes.value
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
