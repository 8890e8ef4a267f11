-- probe_answers: answers to golden items and traps, right or not, by difficulty and week.
--
-- Grain: one row per question, population, annotator, type, difficulty, week, right or not, and tally
-- of the item. With the tally it is known how many items there are and how hard the others found each.
-- Additive over batches in count, by all other columns.
-- Columns:
--   question varchar: the question
--   population varchar: whose answers
--   person_key varchar: the annotator
--   type varchar: golden or trap
--   difficulty varchar: the item's attribute of that name; empty where it has none
--   week varchar: Monday of the week of the answer; empty where it has no time
--   is_right bigint: 1 where the answer is the expected one, else 0
--   answers bigint: answers to the item in the population
--   right_answers bigint: those that are the expected one
--   count bigint: number of items
with planted_answers as (
    select
        scope_answer.question,
        scope_answer.population,
        scope_answer.person_key,
        scope_answer.item_id,
        scope_answer.week,
        scope_probe.type,
        case when scope_answer.value = scope_probe.expected then 1 else 0 end as is_right,
    from scope_answer
    inner join scope_probe
        on scope_answer.item_id = scope_probe.item_id
        and scope_answer.question = scope_probe.question
    where scope_probe.type in ('golden', 'trap') and scope_probe.expected is not null
),
difficulties as (
    select
        item_id,
        value as difficulty,
    from scope_item_attribute
    where name = 'difficulty' and value is not null
),
tallied_answers as (
    select
        question,
        population,
        person_key,
        item_id,
        week,
        type,
        is_right,
        count(*) over (partition by question, population, type, item_id) as answers,
        sum(is_right) over (partition by question, population, type, item_id) as right_answers,
    from planted_answers
),
placed_answers as (
    select
        tallied_answers.question,
        tallied_answers.population,
        tallied_answers.person_key,
        tallied_answers.type,
        coalesce(difficulties.difficulty, '') as difficulty,
        coalesce(tallied_answers.week, '') as week,
        tallied_answers.is_right,
        tallied_answers.answers,
        tallied_answers.right_answers,
    from tallied_answers
    left join difficulties on tallied_answers.item_id = difficulties.item_id
)
select
    question,
    population,
    person_key,
    type,
    difficulty,
    week,
    cast(is_right as bigint) as is_right,
    cast(answers as bigint) as answers,
    cast(right_answers as bigint) as right_answers,
    cast(count(*) as bigint) as count,
from placed_answers
group by
    question,
    population,
    person_key,
    type,
    difficulty,
    week,
    is_right,
    answers,
    right_answers
order by
    question,
    population,
    person_key,
    type,
    difficulty,
    week,
    is_right,
    answers,
    right_answers
