-- durations: how long each annotator took, counted on a logarithmic scale.
--
-- Grain: one row per question, population, annotator, dimension, stratum and bin.
-- Bins are 2 % wide: bin = floor(ln(milliseconds + 1) / ln(1.02)); a quantile read off the counts is
-- within 1 % of the exact one. Answers without a time, or with a negative one, are left out.
-- Additive over batches in count, by all other columns.
-- Columns:
--   question varchar: the question
--   population varchar: whose answers
--   person_key varchar: the annotator
--   dimension varchar: what the stratum is a value of; empty for overall
--   stratum varchar: the value; empty for overall
--   log_bin bigint: the bin
--   count bigint: number of answers
with answer_counts as (
    select
        scope.question,
        scope.population,
        scope.person_key,
        scope.week,
        scope.vendor,
        scope.annotator_group,
        scope.guideline_version,
        cast(floor(ln(scope.duration_seconds * 1000.0 + 1.0) / ln(1.02)) as bigint) as log_bin,
        count(*) as answer_count,
    from scope
    where scope.duration_seconds >= 0.0
    group by
        scope.question,
        scope.population,
        scope.person_key,
        scope.week,
        scope.vendor,
        scope.annotator_group,
        scope.guideline_version,
        cast(floor(ln(scope.duration_seconds * 1000.0 + 1.0) / ln(1.02)) as bigint)
),
attribute_counts as (
    select
        scope.question,
        scope.population,
        scope.person_key,
        scope_attribute.dimension,
        scope_attribute.stratum,
        cast(floor(ln(scope.duration_seconds * 1000.0 + 1.0) / ln(1.02)) as bigint) as log_bin,
        count(*) as answer_count,
    from scope
    inner join scope_attribute
        on scope.item_id = scope_attribute.item_id
    where scope.duration_seconds >= 0.0
    group by
        scope.question,
        scope.population,
        scope.person_key,
        scope_attribute.dimension,
        scope_attribute.stratum,
        cast(floor(ln(scope.duration_seconds * 1000.0 + 1.0) / ln(1.02)) as bigint)
),
bin_counts as (
    select
        question,
        population,
        person_key,
        '' as dimension,
        '' as stratum,
        log_bin,
        sum(answer_count) as answer_count,
    from answer_counts
    group by question, population, person_key, log_bin
    union all
    select
        question,
        population,
        person_key,
        'week',
        week,
        log_bin,
        sum(answer_count),
    from answer_counts
    where week is not null
    group by question, population, person_key, week, log_bin
    union all
    select
        question,
        population,
        person_key,
        'vendor',
        vendor,
        log_bin,
        sum(answer_count),
    from answer_counts
    where vendor is not null
    group by question, population, person_key, vendor, log_bin
    union all
    select
        question,
        population,
        person_key,
        'annotator_group',
        annotator_group,
        log_bin,
        sum(answer_count),
    from answer_counts
    where annotator_group is not null
    group by question, population, person_key, annotator_group, log_bin
    union all
    select
        question,
        population,
        person_key,
        'guideline_version',
        guideline_version,
        log_bin,
        sum(answer_count),
    from answer_counts
    where guideline_version is not null
    group by question, population, person_key, guideline_version, log_bin
    union all
    select
        question,
        population,
        person_key,
        dimension,
        stratum,
        log_bin,
        answer_count,
    from attribute_counts
)
select
    question,
    population,
    person_key,
    dimension,
    stratum,
    log_bin,
    cast(answer_count as bigint) as count,
from bin_counts
order by question, population, person_key, dimension, stratum, log_bin
