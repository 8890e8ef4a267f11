-- cluster_patterns: how many prompts (or other groups) have each distinct vector of label counts.
--
-- Grain: one row per question, population, dimension, stratum, pattern and label in the pattern.
-- As `unit_patterns`, with all answers to the items of one group together; an item without a group
-- stands alone. Where answers hang together by group, a change of shares is tested by these; which
-- answers of a group lie on one item is in `group_patterns`. Inside a stratum a group is what of it
-- lies there. Kept only where groups hold more than one item.
-- Additive over batches in multiplicity, by all other columns, where a group lies in one batch.
-- Columns:
--   question varchar: the question
--   population varchar: whose answers
--   dimension varchar: what the stratum is a value of; empty for overall
--   stratum varchar: the value; empty for overall
--   pattern_id varchar: the vector of label counts, the same in every batch
--   label varchar: a label of the pattern
--   count bigint: how often that label was given in a group with this pattern
--   multiplicity bigint: number of groups with this pattern
with all_units as (
    select
        question,
        population,
        dimension,
        stratum,
        item_id,
        sum_1,
        sum_2,
    from scope_unit
    union all
    select
        scope_unit.question,
        scope_unit.population,
        scope_attribute.dimension,
        scope_attribute.stratum,
        scope_unit.item_id,
        scope_unit.sum_1,
        scope_unit.sum_2,
    from scope_unit
    inner join scope_attribute
        on scope_unit.item_id = scope_attribute.item_id
    where scope_unit.dimension = ''
),
clustered_units as (
    select
        all_units.question,
        all_units.population,
        all_units.dimension,
        all_units.stratum,
        all_units.item_id,
        coalesce('group ' || scope_item.group_id, 'item ' || all_units.item_id) as cluster_id,
        all_units.sum_1,
        all_units.sum_2,
    from all_units
    left join scope_item
        on all_units.item_id = scope_item.item_id
),
clusters as (
    select
        question,
        population,
        dimension,
        stratum,
        cluster_id,
        sum(sum_1) as sum_1,
        sum(sum_2) as sum_2,
    from clustered_units
    group by question, population, dimension, stratum, cluster_id
),
patterns as (
    select
        question,
        population,
        dimension,
        stratum,
        sum_1,
        sum_2,
        min(cluster_id) as cluster_id,
        count(*) as multiplicity,
    from clusters
    group by question, population, dimension, stratum, sum_1, sum_2
),
ranked_patterns as (
    select
        question,
        population,
        dimension,
        stratum,
        sum_1,
        sum_2,
        cluster_id,
        row_number() over (
            partition by question, sum_1, sum_2
            order by dimension, stratum, population, cluster_id
        ) as place,
    from patterns
),
example_units as (
    select
        ranked_patterns.question,
        ranked_patterns.population,
        ranked_patterns.dimension,
        ranked_patterns.stratum,
        ranked_patterns.sum_1,
        ranked_patterns.sum_2,
        clustered_units.item_id,
    from ranked_patterns
    inner join clustered_units
        on ranked_patterns.question = clustered_units.question
        and ranked_patterns.population = clustered_units.population
        and ranked_patterns.dimension = clustered_units.dimension
        and ranked_patterns.stratum = clustered_units.stratum
        and ranked_patterns.cluster_id = clustered_units.cluster_id
    where ranked_patterns.place = 1
),
pattern_labels as (
    select
        example_units.question,
        example_units.sum_1,
        example_units.sum_2,
        scope_vote.value as label,
        count(*) as label_count,
    from example_units
    inner join scope_vote
        on example_units.question = scope_vote.question
        and example_units.population = scope_vote.population
        and example_units.item_id = scope_vote.item_id
    where
        example_units.dimension not in ('week', 'vendor', 'annotator_group', 'guideline_version')
        or (example_units.dimension = 'week' and example_units.stratum = scope_vote.week)
        or (example_units.dimension = 'vendor' and example_units.stratum = scope_vote.vendor)
        or (
            example_units.dimension = 'annotator_group'
            and example_units.stratum = scope_vote.annotator_group
        )
        or (
            example_units.dimension = 'guideline_version'
            and example_units.stratum = scope_vote.guideline_version
        )
    group by
        example_units.question, example_units.sum_1, example_units.sum_2, scope_vote.value
)
select
    patterns.question,
    patterns.population,
    patterns.dimension,
    patterns.stratum,
    cast(patterns.sum_1 as varchar) || '-' || cast(patterns.sum_2 as varchar) as pattern_id,
    pattern_labels.label,
    cast(pattern_labels.label_count as bigint) as count,
    cast(patterns.multiplicity as bigint) as multiplicity,
from patterns
inner join pattern_labels
    on patterns.question = pattern_labels.question
    and patterns.sum_1 = pattern_labels.sum_1
    and patterns.sum_2 = pattern_labels.sum_2
order by question, population, dimension, stratum, pattern_id, label
