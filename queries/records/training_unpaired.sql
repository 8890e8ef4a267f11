-- training_unpaired: a completion that is good or bad, by the label that ships.
--
-- Grain: one row per item that ships with one response and a label that says good or bad, by item.
-- Parameters:
--   $question varchar: the question that says good or bad
--   $good varchar = []: JSON array of the labels that mean good
--   $bad varchar = []: JSON array of the labels that mean bad
-- Columns:
--   item_id varchar: the item
--   prompt varchar: the prompt
--   completion varchar: the response
--   label varchar: true where it is good, else false
--   weight double: share of the answers for the label that ships
with answers as (
    select
        item_id,
        min(text) as text,
    from scope_response
    where text is not null
    group by item_id
    having count(*) = 1
)
select
    shipped_labels.item_id,
    scope_item.prompt,
    answers.text as completion,
    cast(list_contains(from_json($good, '["varchar"]'), shipped_labels.value) as varchar) as label,
    shipped_labels.confidence as weight,
from shipped_labels
inner join shipping_items
    on shipping_items.item_id = shipped_labels.item_id and shipping_items.state = 'ships'
inner join scope_item on scope_item.item_id = shipped_labels.item_id
inner join answers on answers.item_id = shipped_labels.item_id
where
    shipped_labels.question = $question
    and list_contains(
        list_concat(from_json($good, '["varchar"]'), from_json($bad, '["varchar"]')),
        shipped_labels.value
    )
order by shipped_labels.item_id
