-- training_rewards: the mean score of a response to a prompt, and how many gave one.
--
-- Grain: one row per item that ships, with one response, and numeric question, by both.
-- Parameters:
-- Columns:
--   item_id varchar: the item
--   prompt varchar: the prompt
--   response varchar: the response
--   question varchar: what was scored
--   score double: the label of a resolution or an arbitration, else the mean of the answers
--   answers bigint: answers there are
--   spread double: standard deviation of the answers; null with one
with texts as (
    select
        item_id,
        min(text) as text,
    from scope_response
    where text is not null
    group by item_id
    having count(*) = 1
),
scores as (
    select
        item_id,
        question,
        avg(try_cast(value as double)) as score,
        count(try_cast(value as double)) as answers,
        stddev_samp(try_cast(value as double)) as spread,
    from scope
    group by item_id, question
    having count(try_cast(value as double)) = count(*)
)
select
    scores.item_id,
    scope_item.prompt,
    texts.text as response,
    scores.question,
    if(
        shipped_labels.rule in ('resolution', 'arbitration', 'gold'),
        try_cast(shipped_labels.value as double),
        scores.score
    ) as score,
    cast(scores.answers as bigint) as answers,
    scores.spread,
from scores
inner join shipping_items
    on shipping_items.item_id = scores.item_id and shipping_items.state = 'ships'
inner join texts on texts.item_id = scores.item_id
inner join scope_item on scope_item.item_id = scores.item_id
inner join shipped_labels
    on shipped_labels.item_id = scores.item_id and shipped_labels.question = scores.question
order by scores.item_id, scores.question
