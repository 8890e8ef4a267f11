-- items_to_answer_again: items whose next answer would tell most, best first.
--
-- Grain: one row per item and question with an answer in scope, by gain, item and question.
-- Parameters:
--   $gains varchar = {}: JSON of votes (such as 2-1, most first) to the gain of one more answer
--   $limit bigint = 50: rows at most
-- Columns:
--   item_id varchar: the item
--   question varchar: the question
--   prompt varchar: beginning of the prompt, 200 characters
--   votes varchar: answers for each label given, most first
--   label_text varchar: those labels in alphabetical order
--   gain double: how much more often the label that ships is right after one more answer
with label_votes as (
    select
        item_id,
        question,
        value,
        count(*) as votes,
    from scope
    group by item_id, question, value
),
splits as (
    select
        item_id,
        question,
        string_agg(votes, '-' order by votes desc) as votes,
        string_agg(value, ' · ' order by value) as label_text,
    from label_votes
    group by item_id, question
),
gains as (
    select
        item_id,
        question,
        votes,
        label_text,
        cast(json_extract(cast($gains as json), '/' || votes) as double) as gain,
    from splits
),
chosen as (
    select
        item_id,
        question,
        votes,
        label_text,
        gain,
    from gains
    where gain > 0.0
    order by gain desc, item_id, question
    limit $limit
)
select
    chosen.item_id,
    chosen.question,
    substr(scope_item.prompt, 1, 200) as prompt,
    chosen.votes,
    chosen.label_text,
    chosen.gain,
from chosen
left join scope_item on chosen.item_id = scope_item.item_id
order by chosen.gain desc, chosen.item_id, chosen.question
