-- annotator_labels: how often each annotator gave each label.
--
-- Grain: one row per question, population, annotator, role, dimension, stratum and label.
-- Additive over batches in count, by all other columns.
-- Columns:
--   question varchar: the question
--   population varchar: whose answers
--   person_key varchar: the annotator
--   role varchar: human, expert, model or rule
--   dimension varchar: what the stratum is a value of; empty for overall
--   stratum varchar: the value; empty for overall
--   label varchar: the label
--   count bigint: number of answers
with answer_counts as (
    select
        scope_vote.question,
        scope_vote.population,
        scope_vote.person_key,
        scope_vote.role,
        scope_vote.week,
        scope_vote.vendor,
        scope_vote.annotator_group,
        scope_vote.guideline_version,
        scope_vote.value as label,
        count(*) as answer_count,
    from scope_vote
    group by
        scope_vote.question,
        scope_vote.population,
        scope_vote.person_key,
        scope_vote.role,
        scope_vote.week,
        scope_vote.vendor,
        scope_vote.annotator_group,
        scope_vote.guideline_version,
        scope_vote.value
),
attribute_counts as (
    select
        scope_vote.question,
        scope_vote.population,
        scope_vote.person_key,
        scope_vote.role,
        scope_attribute.dimension,
        scope_attribute.stratum,
        scope_vote.value as label,
        count(*) as answer_count,
    from scope_vote
    inner join scope_attribute
        on scope_vote.item_id = scope_attribute.item_id
    group by
        scope_vote.question,
        scope_vote.population,
        scope_vote.person_key,
        scope_vote.role,
        scope_attribute.dimension,
        scope_attribute.stratum,
        scope_vote.value
),
label_counts as (
    select
        question,
        population,
        person_key,
        role,
        '' as dimension,
        '' as stratum,
        label,
        sum(answer_count) as answer_count,
    from answer_counts
    group by question, population, person_key, role, label
    union all
    select
        question,
        population,
        person_key,
        role,
        'week',
        week,
        label,
        sum(answer_count),
    from answer_counts
    where week is not null
    group by question, population, person_key, role, week, label
    union all
    select
        question,
        population,
        person_key,
        role,
        'vendor',
        vendor,
        label,
        sum(answer_count),
    from answer_counts
    where vendor is not null
    group by question, population, person_key, role, vendor, label
    union all
    select
        question,
        population,
        person_key,
        role,
        'annotator_group',
        annotator_group,
        label,
        sum(answer_count),
    from answer_counts
    where annotator_group is not null
    group by question, population, person_key, role, annotator_group, label
    union all
    select
        question,
        population,
        person_key,
        role,
        'guideline_version',
        guideline_version,
        label,
        sum(answer_count),
    from answer_counts
    where guideline_version is not null
    group by question, population, person_key, role, guideline_version, label
    union all
    select
        question,
        population,
        person_key,
        role,
        dimension,
        stratum,
        label,
        answer_count,
    from attribute_counts
)
select
    question,
    population,
    person_key,
    role,
    dimension,
    stratum,
    label,
    cast(answer_count as bigint) as count,
from label_counts
order by question, population, person_key, role, dimension, stratum, label
