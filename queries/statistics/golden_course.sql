-- golden_course: answers to golden items that were new, and to those that had been in use.
--
-- Grain: one row per question, population, annotator, age, right or not, and tally of the item.
-- An item is old for a person from the day after somebody first answered it. Answers without a time
-- have no age and are left out.
-- Additive over batches in count, by all other columns; ages are those within one batch.
-- Columns:
--   question varchar: the question
--   population varchar: whose answers
--   person_key varchar: the annotator
--   is_old bigint: 1 where the item had been in use on an earlier day, else 0
--   is_right bigint: 1 where the answer is the expected one, else 0
--   answers bigint: answers to the item in the population
--   right_answers bigint: those that are the expected one
--   count bigint: number of items
with golden_answers as (
    select
        scope_answer.question,
        scope_answer.population,
        scope_answer.person_key,
        scope_answer.item_id,
        cast(scope_answer.annotated_at as date) as day,
        case when scope_answer.value = scope_probe.expected then 1 else 0 end as is_right,
    from scope_answer
    inner join scope_probe
        on scope_answer.item_id = scope_probe.item_id
        and scope_answer.question = scope_probe.question
    where scope_probe.type = 'golden'
        and scope_probe.expected is not null
        and scope_answer.annotated_at is not null
),
aged_answers as (
    select
        question,
        population,
        person_key,
        is_right,
        day,
        min(day) over (partition by question, population, item_id) as first_day,
        count(*) over (partition by question, population, item_id) as answers,
        sum(is_right) over (partition by question, population, item_id) as right_answers,
    from golden_answers
)
select
    question,
    population,
    person_key,
    cast(case when first_day < day then 1 else 0 end as bigint) as is_old,
    cast(is_right as bigint) as is_right,
    cast(answers as bigint) as answers,
    cast(right_answers as bigint) as right_answers,
    cast(count(*) as bigint) as count,
from aged_answers
group by
    question,
    population,
    person_key,
    case when first_day < day then 1 else 0 end,
    is_right,
    answers,
    right_answers
order by question, population, person_key, is_old, is_right, answers, right_answers
