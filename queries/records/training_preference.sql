-- training_preference: chosen and rejected answers to one prompt, by the label that ships.
--
-- Grain: one row per item that ships with a preference for one of two responses, by item.
-- Parameters:
--   $question varchar: the question that says which response is better
--   $first varchar = []: JSON array of the labels that prefer the first response
--   $second varchar = []: JSON array of the labels that prefer the second response
-- Columns:
--   item_id varchar: the item
--   prompt varchar: the prompt
--   chosen varchar: the preferred response
--   rejected varchar: the other one
--   weight double: share of the answers for the label that ships
--   votes bigint: answers for it
--   answers bigint: answers there are
with texts as (
    select
        item_id,
        min(response_id) as first_id,
        max(response_id) as second_id,
        arg_min(text, response_id) as first_text,
        arg_max(text, response_id) as second_text,
    from scope_response
    group by item_id
    having count(*) = 2 and count(text) = 2
),
sided as (
    select
        item_id,
        confidence,
        votes,
        answers,
        list_contains(from_json($first, '["varchar"]'), value) as is_first,
    from shipped_labels
    where
        question = $question
        and list_contains(
            list_concat(from_json($first, '["varchar"]'), from_json($second, '["varchar"]')), value
        )
)
select
    sided.item_id,
    scope_item.prompt,
    if(sided.is_first, texts.first_text, texts.second_text) as chosen,
    if(sided.is_first, texts.second_text, texts.first_text) as rejected,
    sided.confidence as weight,
    sided.votes,
    sided.answers,
from sided
inner join shipping_items
    on shipping_items.item_id = sided.item_id and shipping_items.state = 'ships'
inner join scope_item on scope_item.item_id = sided.item_id
inner join texts on texts.item_id = sided.item_id
order by sided.item_id
