-- agreement_course: agreement of each annotator with the others along the work.
--
-- Grain: one row per question, population, annotator, course, tenth, answers and equal answers.
-- Only answers with a time that no other answer of the person to the question has count for the
-- order; all answers count as those of others.
-- Additive over batches in count, by all other columns; tenths are those of one batch.
-- Columns:
--   question varchar: the question
--   population varchar: whose answers
--   person_key varchar: the annotator
--   course varchar: batch or day; what the tenth is a tenth of
--   tenth bigint: 0 to 9, of the person's answers in the order of time
--   votes bigint: answers to the item
--   same bigint: those with this annotator's label, its own included
--   count bigint: number of items
with judged_answers as (
    select
        scope.question,
        scope.population,
        scope.person_key,
        scope.annotated_at,
        count(*) over (
            partition by scope.question, scope.population, scope.item_id
        ) as votes,
        count(*) over (
            partition by
                scope.question,
                scope.population,
                scope.item_id,
                scope.value
        ) as same,
        lag(scope.annotated_at) over (
            partition by scope.question, scope.population, scope.person_key
            order by scope.annotated_at
        ) as time_before,
        lead(scope.annotated_at) over (
            partition by scope.question, scope.population, scope.person_key
            order by scope.annotated_at
        ) as time_after,
    from scope
),
placed_answers as (
    select
        question,
        population,
        person_key,
        votes,
        same,
        row_number() over (
            partition by question, population, person_key order by annotated_at
        ) as place,
        count(*) over (partition by question, population, person_key) as answers,
        row_number() over (
            partition by question, population, person_key, cast(annotated_at as date)
            order by annotated_at
        ) as day_place,
        count(*) over (
            partition by question, population, person_key, cast(annotated_at as date)
        ) as day_answers,
    from judged_answers
    where annotated_at is not null
        and (time_before is null or time_before < annotated_at)
        and (time_after is null or time_after > annotated_at)
),
tenths as (
    select
        question,
        population,
        person_key,
        'batch' as course,
        cast(floor((place - 1) * 10.0 / nullif(answers, 0)) as bigint) as tenth,
        votes,
        same,
    from placed_answers
    union all
    select
        question,
        population,
        person_key,
        'day' as course,
        cast(floor((day_place - 1) * 10.0 / nullif(day_answers, 0)) as bigint) as tenth,
        votes,
        same,
    from placed_answers
    where day_answers >= 10
)
select
    question,
    population,
    person_key,
    course,
    tenth,
    cast(votes as bigint) as votes,
    cast(same as bigint) as same,
    cast(count(*) as bigint) as count,
from tenths
where votes >= 2
group by question, population, person_key, course, tenth, votes, same
order by question, population, person_key, course, tenth, votes, same
