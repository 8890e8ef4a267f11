-- time_checks: whether the times of an annotator are times of single answers.
--
-- Grain: one row per question, population and annotator; overall only.
-- The order is that of the times the answers were given, then of the items.
-- Additive over batches in all counts but commonest; pairs of answers are those within one batch.
-- Columns:
--   question varchar: the question
--   population varchar: whose answers
--   person_key varchar: the annotator
--   timed bigint: answers with a time
--   zero bigint: those of 0 seconds
--   negative bigint: those of less than 0 seconds
--   commonest bigint: answers with the commonest positive time
--   followed bigint: answers with a positive time that follow another such answer
--   same bigint: those with exactly the same time as the one before
--   alike bigint: pairs of answers with exactly the same positive time
with timed_answers as (
    select
        scope.question,
        scope.population,
        scope.person_key,
        scope.duration_seconds,
        row_number() over (
            partition by scope.question, scope.population, scope.person_key
            order by scope.annotated_at, scope.item_id
        ) as place,
    from scope
    where scope.duration_seconds is not null
),
positive_answers as (
    select
        question,
        population,
        person_key,
        duration_seconds,
        row_number() over (
            partition by question, population, person_key order by place
        )
            - row_number() over (
                partition by question, population, person_key, duration_seconds order by place
            ) as run,
    from timed_answers
    where duration_seconds > 0.0
),
values_and_runs as (
    select
        question,
        population,
        person_key,
        duration_seconds,
        run,
        count(*) as answers,
    from positive_answers
    group by question, population, person_key, duration_seconds, run
),
per_value as (
    select
        question,
        population,
        person_key,
        duration_seconds,
        sum(answers) as answers,
        sum(answers - 1) as same,
    from values_and_runs
    group by question, population, person_key, duration_seconds
),
per_person as (
    select
        question,
        population,
        person_key,
        max(answers) as commonest,
        sum(answers) - 1 as followed,
        sum(same) as same,
        sum(answers * (answers - 1)) as alike,
    from per_value
    group by question, population, person_key
),
counts as (
    select
        question,
        population,
        person_key,
        count(*) as timed,
        sum(case when duration_seconds = 0.0 then 1 else 0 end) as zero,
        sum(case when duration_seconds < 0.0 then 1 else 0 end) as negative,
    from timed_answers
    group by question, population, person_key
)
select
    counts.question,
    counts.population,
    counts.person_key,
    cast(counts.timed as bigint) as timed,
    cast(counts.zero as bigint) as zero,
    cast(counts.negative as bigint) as negative,
    cast(coalesce(per_person.commonest, 0) as bigint) as commonest,
    cast(coalesce(per_person.followed, 0) as bigint) as followed,
    cast(coalesce(per_person.same, 0) as bigint) as same,
    cast(coalesce(per_person.alike, 0) / 2 as bigint) as alike,
from counts
left join per_person
    on counts.question = per_person.question
    and counts.population = per_person.population
    and counts.person_key = per_person.person_key
order by question, population, person_key
