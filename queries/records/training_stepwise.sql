-- training_stepwise: a solution in steps, each good or bad, by the labels that ship.
--
-- Grain: one row per group whose items are the steps of one solution and all ship, by group.
-- Parameters:
--   $question varchar: the question that says good or bad
--   $good varchar = []: JSON array of the labels that mean good
--   $bad varchar = []: JSON array of the labels that mean bad
-- Columns:
--   item_id varchar: the group the steps belong to
--   prompt varchar: the prompt
--   completions varchar: JSON array of the steps, in order
--   labels varchar: JSON array of true and false, in the order of the steps
--   weight double: smallest share of the answers for the label of a step
with steps as (
    select
        scope_item.group_id,
        scope_item.item_id,
        scope_item.prompt,
        scope_response.text,
        try_cast(scope_item_attribute.value as bigint) as step,
        list_contains(from_json($good, '["varchar"]'), shipped_labels.value) as is_good,
        list_contains(from_json($bad, '["varchar"]'), shipped_labels.value) as is_bad,
        shipped_labels.confidence,
        shipping_items.state,
    from scope_item
    inner join scope_item_attribute
        on
            scope_item_attribute.item_id = scope_item.item_id
            and scope_item_attribute.name = 'step'
    inner join shipping_items on shipping_items.item_id = scope_item.item_id
    left join scope_response on scope_response.item_id = scope_item.item_id
    left join shipped_labels
        on shipped_labels.item_id = scope_item.item_id and shipped_labels.question = $question
    where scope_item.group_id is not null
)
select
    group_id as item_id,
    min(prompt) as prompt,
    cast(to_json(list(text order by step)) as varchar) as completions,
    cast(to_json(list(is_good order by step)) as varchar) as labels,
    min(confidence) as weight,
from steps
group by group_id
having
    bool_and(state = 'ships')
    and bool_and(coalesce(is_good or is_bad, false))
    and count(text) = count(*)
    and count(distinct step) = count(*)
order by group_id
