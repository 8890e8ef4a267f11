-- conflicting_texts: prompts that occur more than once and were given different labels.
--
-- The label of an item is the most frequent answer in scope, the alphabetically first among equals.
-- Questions with a set, a ranking or free numbers are left out: there two labels always differ.
--
-- Grain: one row per question and prompt, by question and prompt.
-- Parameters:
--   $limit bigint = 200: rows at most
-- Columns:
--   question varchar: the question
--   words varchar: beginning of the prompt, 200 characters
--   labels varchar: the labels it got
--   item_id varchar: the first item of the first label
--   other_id varchar: the first item of the last label
--   items bigint: items with the prompt
--   repeated bigint: prompts of the question that occur more than once and were answered
--   total bigint: rows of the question there are without limit
with votes as (
    select
        question,
        item_id,
        value,
        count(*) as votes,
    from scope
    group by question, item_id, value
),
labels as (
    select
        votes.question,
        votes.item_id,
        min(votes.value) as label,
    from votes
    inner join (
        select
            question,
            item_id,
            max(votes) as most,
        from votes
        group by question, item_id
    ) as firsts
        on
            votes.question = firsts.question
            and votes.item_id = firsts.item_id
            and votes.votes = firsts.most
    inner join scope_question on votes.question = scope_question.question
    where scope_question.level in ('nominal', 'ordinal')
    group by votes.question, votes.item_id
),
prompts as (
    select
        item_id,
        unit,
        words,
    from scope_text
    where side = 'prompt' and words <> ''
),
repeated as (
    select
        labels.question,
        prompts.words,
        count(distinct prompts.unit) as units,
        count(distinct labels.label) as different,
        count(*) as items,
        string_agg(distinct labels.label, ' · ' order by labels.label) as labels,
        arg_min(labels.item_id, labels.label || ' ' || labels.item_id) as item_id,
        arg_max(labels.item_id, labels.label || ' ' || labels.item_id) as other_id,
    from labels
    inner join prompts on labels.item_id = prompts.item_id
    group by labels.question, prompts.words
    having count(distinct prompts.unit) > 1
),
counted as (
    select
        question,
        words,
        labels,
        item_id,
        other_id,
        items,
        different,
        count(*) over (partition by question) as repeated,
        count(*) filter (where different > 1) over (partition by question) as total,
    from repeated
)
select
    question,
    substr(words, 1, 200) as words,
    labels,
    item_id,
    other_id,
    cast(items as bigint) as items,
    cast(repeated as bigint) as repeated,
    cast(total as bigint) as total,
from counted
where different > 1 or total = 0
order by question, counted.words
limit $limit
