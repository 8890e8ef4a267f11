-- golden_items: how each golden item and trap was answered, to find those that may be wrong themselves.
--
-- Most contested first: items on which most people gave one same answer that is not the expected one.
--
-- Grain: one row per planted item with an expected answer, question and type.
-- Parameters:
--   $limit bigint = 50: rows at most
-- Columns:
--   item_id varchar: the item
--   question varchar: the question
--   type varchar: golden or trap
--   expected varchar: the expected answer
--   answers bigint: answers of people
--   missed bigint: answers that are not the expected one
--   rival varchar: the most frequent other answer
--   rival_answers bigint: how many gave it
with probed_answers as (
    select
        scope_probe.item_id,
        scope_probe.question,
        scope_probe.type,
        scope_probe.expected,
        scope_answer.value as label,
        count(*) as votes,
    from scope_probe
    inner join scope_answer
        on scope_probe.item_id = scope_answer.item_id
        and scope_probe.question = scope_answer.question
    where scope_probe.type in ('golden', 'trap') and scope_probe.expected is not null
    group by
        scope_probe.item_id,
        scope_probe.question,
        scope_probe.type,
        scope_probe.expected,
        scope_answer.value
),
ranked_answers as (
    select
        item_id,
        question,
        type,
        expected,
        label,
        votes,
        row_number()
            over (
                partition by item_id, question, type
                order by case when label = expected then 1 else 0 end, votes desc, label
            ) as place,
    from probed_answers
)
select
    item_id,
    question,
    type,
    expected,
    cast(sum(votes) as bigint) as answers,
    cast(sum(case when label = expected then 0 else votes end) as bigint) as missed,
    max(case when place = 1 and label <> expected then label end) as rival,
    cast(max(case when place = 1 and label <> expected then votes else 0 end) as bigint)
        as rival_answers,
from ranked_answers
group by item_id, question, type, expected
order by rival_answers desc, missed desc, item_id, question, type
limit $limit
