-- label_mix: labels by week, annotator and guideline version, for telling causes of drift apart.
--
-- Grain: one row per question, population, week, annotator, guideline version, dimension, stratum
-- and label. The week is the Monday; week and guideline version are null where they are not known.
-- Strata are those of item attributes: the other dimensions are columns already.
-- Additive over batches in count, by all other columns.
-- Columns:
--   question varchar: the question
--   population varchar: whose answers
--   week varchar: Monday of the week of the answer, YYYY-MM-DD
--   person_key varchar: the annotator
--   guideline_version varchar: the guideline the annotator worked by
--   dimension varchar: what the stratum is a value of; empty for overall
--   stratum varchar: the value; empty for overall
--   label varchar: the label
--   count bigint: number of answers
with answer_counts as (
    select
        scope_vote.question,
        scope_vote.population,
        scope_vote.week,
        scope_vote.person_key,
        scope_vote.guideline_version,
        scope_vote.value as label,
        count(*) as answer_count,
    from scope_vote
    group by
        scope_vote.question,
        scope_vote.population,
        scope_vote.week,
        scope_vote.person_key,
        scope_vote.guideline_version,
        scope_vote.value
),
attribute_counts as (
    select
        scope_vote.question,
        scope_vote.population,
        scope_vote.week,
        scope_vote.person_key,
        scope_vote.guideline_version,
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
        scope_vote.week,
        scope_vote.person_key,
        scope_vote.guideline_version,
        scope_attribute.dimension,
        scope_attribute.stratum,
        scope_vote.value
),
label_counts as (
    select
        question,
        population,
        week,
        person_key,
        guideline_version,
        '' as dimension,
        '' as stratum,
        label,
        answer_count,
    from answer_counts
    union all
    select
        question,
        population,
        week,
        person_key,
        guideline_version,
        dimension,
        stratum,
        label,
        answer_count,
    from attribute_counts
)
select
    question,
    population,
    week,
    person_key,
    guideline_version,
    dimension,
    stratum,
    label,
    cast(answer_count as bigint) as count,
from label_counts
order by
    question,
    population,
    week,
    person_key,
    guideline_version,
    dimension,
    stratum,
    label
