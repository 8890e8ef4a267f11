-- unit_patterns: how many items have each distinct vector of label counts.
--
-- Grain: one row per question, population, dimension, stratum, pattern and label in the pattern.
-- Items with a single answer are kept (one label, count 1). Inside a stratum of an item attribute
-- the unit is the item, inside a stratum of week, vendor, annotator_group or guideline_version it
-- is the item's answers in that stratum. A pattern is known by two sums of label weights; its
-- labels are read off one item that has it.
-- Additive over batches in multiplicity, by all other columns, where an item lies in one batch.
-- Columns:
--   question varchar: the question
--   population varchar: whose answers
--   dimension varchar: what the stratum is a value of; empty for overall
--   stratum varchar: the value; empty for overall
--   pattern_id varchar: the vector of label counts, the same in every batch
--   label varchar: a label of the pattern
--   count bigint: how often that label was given on an item with this pattern
--   multiplicity bigint: number of items with this pattern
with patterns as (
    select
        question,
        population,
        dimension,
        stratum,
        sum_1,
        sum_2,
        min(item_id) as item_id,
        count(*) as multiplicity,
    from scope_unit
    group by question, population, dimension, stratum, sum_1, sum_2
),
attribute_patterns as (
    select
        scope_unit.question,
        scope_unit.population,
        scope_attribute.dimension,
        scope_attribute.stratum,
        scope_unit.sum_1,
        scope_unit.sum_2,
        count(*) as multiplicity,
    from scope_unit
    inner join scope_attribute
        on scope_unit.item_id = scope_attribute.item_id
    where scope_unit.dimension = ''
    group by
        scope_unit.question,
        scope_unit.population,
        scope_attribute.dimension,
        scope_attribute.stratum,
        scope_unit.sum_1,
        scope_unit.sum_2
),
ranked_patterns as (
    select
        question,
        population,
        dimension,
        stratum,
        sum_1,
        sum_2,
        item_id,
        row_number() over (
            partition by question, sum_1, sum_2
            order by dimension, stratum, population, item_id
        ) as place,
    from patterns
),
example_votes as (
    select
        ranked_patterns.question,
        ranked_patterns.sum_1,
        ranked_patterns.sum_2,
        ranked_patterns.dimension,
        ranked_patterns.stratum,
        scope_vote.value,
        scope_vote.week,
        scope_vote.vendor,
        scope_vote.annotator_group,
        scope_vote.guideline_version,
    from ranked_patterns
    inner join scope_vote
        on ranked_patterns.question = scope_vote.question
        and ranked_patterns.population = scope_vote.population
        and ranked_patterns.item_id = scope_vote.item_id
    where ranked_patterns.place = 1
),
pattern_labels as (
    select
        question,
        sum_1,
        sum_2,
        value as label,
        count(*) as label_count,
    from example_votes
    where
        dimension = ''
        or (dimension = 'week' and stratum = week)
        or (dimension = 'vendor' and stratum = vendor)
        or (dimension = 'annotator_group' and stratum = annotator_group)
        or (dimension = 'guideline_version' and stratum = guideline_version)
    group by question, sum_1, sum_2, value
),
all_patterns as (
    select
        question,
        population,
        dimension,
        stratum,
        sum_1,
        sum_2,
        multiplicity,
    from patterns
    union all
    select
        question,
        population,
        dimension,
        stratum,
        sum_1,
        sum_2,
        multiplicity,
    from attribute_patterns
)
select
    all_patterns.question,
    all_patterns.population,
    all_patterns.dimension,
    all_patterns.stratum,
    cast(all_patterns.sum_1 as varchar)
        || '-'
        || cast(all_patterns.sum_2 as varchar) as pattern_id,
    pattern_labels.label,
    cast(pattern_labels.label_count as bigint) as count,
    cast(all_patterns.multiplicity as bigint) as multiplicity,
from all_patterns
inner join pattern_labels
    on all_patterns.question = pattern_labels.question
    and all_patterns.sum_1 = pattern_labels.sum_1
    and all_patterns.sum_2 = pattern_labels.sum_2
order by question, population, dimension, stratum, pattern_id, label
