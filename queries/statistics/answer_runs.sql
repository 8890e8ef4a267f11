-- answer_runs: runs of one label in the order in which a person answered.
--
-- Grain: one row per question, population, annotator, label and length of the run; overall only.
-- Only answers with a time that no other answer of the person to the question has: the order of the
-- others is not known.
-- Additive over batches in count, by all other columns; a run ends with its batch.
-- Columns:
--   question varchar: the question
--   population varchar: whose answers
--   person_key varchar: the annotator
--   label varchar: the label
--   run_length bigint: how many answers in a row
--   count bigint: number of such runs
with timed_answers as (
    select
        scope.question,
        scope.population,
        scope.person_key,
        scope.item_id,
        scope.value as label,
        scope.annotated_at,
        lag(scope.annotated_at) over (
            partition by scope.question, scope.population, scope.person_key
            order by scope.annotated_at
        ) as time_before,
        lead(scope.annotated_at) over (
            partition by scope.question, scope.population, scope.person_key
            order by scope.annotated_at
        ) as time_after,
    from scope
    where scope.annotated_at is not null
),
placed_answers as (
    select
        question,
        population,
        person_key,
        label,
        row_number() over (
            partition by question, population, person_key order by annotated_at
        )
            - row_number() over (
                partition by question, population, person_key, label order by annotated_at
            ) as run,
    from timed_answers
    where (time_before is null or time_before < annotated_at)
        and (time_after is null or time_after > annotated_at)
),
runs as (
    select
        question,
        population,
        person_key,
        label,
        run,
        count(*) as run_length,
    from placed_answers
    group by question, population, person_key, label, run
)
select
    question,
    population,
    person_key,
    label,
    cast(run_length as bigint) as run_length,
    cast(count(*) as bigint) as count,
from runs
group by question, population, person_key, label, run_length
order by question, population, person_key, label, run_length
