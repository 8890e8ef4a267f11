-- unit_moments: sums over items of a numeric question, for scales with too many values for patterns.
--
-- Grain: one row per question, population, dimension, stratum and number of answers on the item.
-- For an item with m answers x: d = sum of squared deviations from the item's mean, s = sum of x,
-- t = sum of squares of x. Only questions of level interval and ratio. Strata as in unit_patterns.
-- var_pop is the one aggregate beyond counts and sums: s and t alone would lose d to cancellation.
-- Additive over batches in units and every sum, where an item lies in one batch.
-- Columns:
--   question varchar: the question
--   population varchar: whose answers
--   dimension varchar: what the stratum is a value of; empty for overall
--   stratum varchar: the value; empty for overall
--   m bigint: number of answers on the item
--   units bigint: number of items with m answers
--   sum_d double: sum over items of d
--   sum_s double: sum over items of s
--   sum_t double: sum over items of t
--   sum_dd double: sum over items of d * d
--   sum_ds double: sum over items of d * s
--   sum_dt double: sum over items of d * t
--   sum_ss double: sum over items of s * s
--   sum_st double: sum over items of s * t
--   sum_tt double: sum over items of t * t
with spelled_numbers as (
    select
        scope.question,
        scope.population,
        scope.item_id,
        scope.week,
        scope.vendor,
        scope.annotator_group,
        scope.guideline_version,
        try_cast(scope.value as double) as number,
    from scope
    inner join scope_question
        on scope.question = scope_question.question
    where scope_question.level in ('interval', 'ratio')
),
numbers as (
    select
        question,
        population,
        item_id,
        week,
        vendor,
        annotator_group,
        guideline_version,
        number,
    from spelled_numbers
    where number - number = 0.0
),
units as (
    select
        question,
        population,
        '' as dimension,
        '' as stratum,
        item_id,
        count(*) as m,
        var_pop(number) * count(*) as d,
        sum(number) as s,
        sum(number * number) as t,
    from numbers
    group by question, population, item_id
    union all
    select
        question,
        population,
        'week',
        week,
        item_id,
        count(*),
        var_pop(number) * count(*),
        sum(number),
        sum(number * number),
    from numbers
    where week is not null
    group by question, population, week, item_id
    union all
    select
        question,
        population,
        'vendor',
        vendor,
        item_id,
        count(*),
        var_pop(number) * count(*),
        sum(number),
        sum(number * number),
    from numbers
    where vendor is not null
    group by question, population, vendor, item_id
    union all
    select
        question,
        population,
        'annotator_group',
        annotator_group,
        item_id,
        count(*),
        var_pop(number) * count(*),
        sum(number),
        sum(number * number),
    from numbers
    where annotator_group is not null
    group by question, population, annotator_group, item_id
    union all
    select
        question,
        population,
        'guideline_version',
        guideline_version,
        item_id,
        count(*),
        var_pop(number) * count(*),
        sum(number),
        sum(number * number),
    from numbers
    where guideline_version is not null
    group by question, population, guideline_version, item_id
),
all_units as (
    select
        question,
        population,
        dimension,
        stratum,
        m,
        d,
        s,
        t,
    from units
    union all
    select
        units.question,
        units.population,
        scope_attribute.dimension,
        scope_attribute.stratum,
        units.m,
        units.d,
        units.s,
        units.t,
    from units
    inner join scope_attribute
        on units.item_id = scope_attribute.item_id
    where units.dimension = ''
)
select
    question,
    population,
    dimension,
    stratum,
    cast(m as bigint) as m,
    cast(count(*) as bigint) as units,
    cast(sum(d) as double) as sum_d,
    cast(sum(s) as double) as sum_s,
    cast(sum(t) as double) as sum_t,
    cast(sum(d * d) as double) as sum_dd,
    cast(sum(d * s) as double) as sum_ds,
    cast(sum(d * t) as double) as sum_dt,
    cast(sum(s * s) as double) as sum_ss,
    cast(sum(s * t) as double) as sum_st,
    cast(sum(t * t) as double) as sum_tt,
from all_units
group by question, population, dimension, stratum, m
order by question, population, dimension, stratum, m
