-- group_patterns: which patterns the items of one group (prompt, document) have together.
--
-- Grain: one row per question, population, dimension, stratum, composition and pattern in it.
-- Groups with equal contents are one composition; an item without a group stands alone. With it a
-- coefficient can leave one group out exactly, or draw groups. A composition is known by two sums of
-- pattern weights (decimal digits made of md5, because sums of label weights would not tell
-- compositions apart); its patterns are read off one group that has it.
-- Additive over batches in multiplicity, by all other columns, where a group lies in one batch.
-- Columns:
--   question varchar: the question
--   population varchar: whose answers
--   dimension varchar: what the stratum is a value of; empty for overall
--   stratum varchar: the value; empty for overall
--   composition_id varchar: the multiset of patterns, the same in every batch
--   pattern_id varchar: a pattern of the composition, as in unit_patterns
--   count bigint: how many items with that pattern a group with this composition holds
--   multiplicity bigint: number of groups with this composition
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
pattern_texts as (
    select
        question,
        sum_1,
        sum_2,
        cast(sum_1 as varchar) || '-' || cast(sum_2 as varchar) as pattern_id,
    from scope_unit
    group by question, sum_1, sum_2
),
pattern_weights as (
    select
        question,
        sum_1,
        sum_2,
        pattern_id,
        cast(
            translate(substr(md5(pattern_id), 1, 14), 'abcdef', '123456') as bigint
        ) as weight_1,
        cast(
            translate(substr(md5(pattern_id), 17, 14), 'abcdef', '123456') as bigint
        ) as weight_2,
    from pattern_texts
),
grouped_units as (
    select
        all_units.question,
        all_units.population,
        all_units.dimension,
        all_units.stratum,
        coalesce(scope_item.group_id, '') as group_id,
        case
            when scope_item.group_id is null then all_units.item_id else ''
        end as lone_item_id,
        pattern_weights.pattern_id,
        count(*) as unit_count,
        sum(pattern_weights.weight_1) as weight_1,
        sum(pattern_weights.weight_2) as weight_2,
    from all_units
    inner join pattern_weights
        on all_units.question = pattern_weights.question
        and all_units.sum_1 = pattern_weights.sum_1
        and all_units.sum_2 = pattern_weights.sum_2
    left join scope_item
        on all_units.item_id = scope_item.item_id
    group by
        all_units.question,
        all_units.population,
        all_units.dimension,
        all_units.stratum,
        coalesce(scope_item.group_id, ''),
        case when scope_item.group_id is null then all_units.item_id else '' end,
        pattern_weights.pattern_id
),
unit_groups as (
    select
        question,
        population,
        dimension,
        stratum,
        group_id,
        lone_item_id,
        cast(sum(weight_1) as bigint) as sum_1,
        cast(sum(weight_2) as bigint) as sum_2,
    from grouped_units
    group by question, population, dimension, stratum, group_id, lone_item_id
),
ranked_groups as (
    select
        question,
        population,
        dimension,
        stratum,
        group_id,
        lone_item_id,
        sum_1,
        sum_2,
        row_number() over (
            partition by question, population, dimension, stratum, sum_1, sum_2
            order by group_id, lone_item_id
        ) as place,
        count(*) over (
            partition by question, population, dimension, stratum, sum_1, sum_2
        ) as multiplicity,
    from unit_groups
)
select
    ranked_groups.question,
    ranked_groups.population,
    ranked_groups.dimension,
    ranked_groups.stratum,
    cast(ranked_groups.sum_1 as varchar)
        || '-'
        || cast(ranked_groups.sum_2 as varchar) as composition_id,
    grouped_units.pattern_id,
    cast(grouped_units.unit_count as bigint) as count,
    cast(ranked_groups.multiplicity as bigint) as multiplicity,
from ranked_groups
inner join grouped_units
    on ranked_groups.question = grouped_units.question
    and ranked_groups.population = grouped_units.population
    and ranked_groups.dimension = grouped_units.dimension
    and ranked_groups.stratum = grouped_units.stratum
    and ranked_groups.group_id = grouped_units.group_id
    and ranked_groups.lone_item_id = grouped_units.lone_item_id
where ranked_groups.place = 1
order by question, population, dimension, stratum, composition_id, pattern_id
