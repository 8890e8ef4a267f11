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
with votes as (
    select
        scope.question,
        scope.population,
        scope.item_id,
        scope.value,
        scope.week,
        scope.vendor,
        scope.annotator_group,
        scope.guideline_version,
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
        '' as dimension,
        '' as stratum,
        item_id,
        cast(sum(weight_1) as bigint) as sum_1,
        cast(sum(weight_2) as bigint) as sum_2,
    from votes
    group by question, population, item_id
    union all
    select
        question,
        population,
        'week',
        week,
        item_id,
        cast(sum(weight_1) as bigint),
        cast(sum(weight_2) as bigint),
    from votes
    where week is not null
    group by question, population, week, item_id
    union all
    select
        question,
        population,
        'vendor',
        vendor,
        item_id,
        cast(sum(weight_1) as bigint),
        cast(sum(weight_2) as bigint),
    from votes
    where vendor is not null
    group by question, population, vendor, item_id
    union all
    select
        question,
        population,
        'annotator_group',
        annotator_group,
        item_id,
        cast(sum(weight_1) as bigint),
        cast(sum(weight_2) as bigint),
    from votes
    where annotator_group is not null
    group by question, population, annotator_group, item_id
    union all
    select
        question,
        population,
        'guideline_version',
        guideline_version,
        item_id,
        cast(sum(weight_1) as bigint),
        cast(sum(weight_2) as bigint),
    from votes
    where guideline_version is not null
    group by question, population, guideline_version, item_id
),
patterns as (
    select
        question,
        population,
        dimension,
        stratum,
        sum_1,
        sum_2,
        min(item_id) as item_id,
        count(*) as multiplicity,
    from units
    group by question, population, dimension, stratum, sum_1, sum_2
),
attribute_patterns as (
    select
        units.question,
        units.population,
        scope_attribute.dimension,
        scope_attribute.stratum,
        units.sum_1,
        units.sum_2,
        count(*) as multiplicity,
    from units
    inner join scope_attribute
        on units.item_id = scope_attribute.item_id
    where units.dimension = ''
    group by
        units.question,
        units.population,
        scope_attribute.dimension,
        scope_attribute.stratum,
        units.sum_1,
        units.sum_2
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
        votes.value,
        votes.week,
        votes.vendor,
        votes.annotator_group,
        votes.guideline_version,
    from ranked_patterns
    inner join votes
        on ranked_patterns.question = votes.question
        and ranked_patterns.population = votes.population
        and ranked_patterns.item_id = votes.item_id
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
