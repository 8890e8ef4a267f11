-- training_messages: one conversation an item, as chat messages.
--
-- Grain: one row per item that ships and has one response with a text, by item.
-- Parameters:
-- Columns:
--   item_id varchar: the item
--   messages varchar: JSON array of messages with role and content; the context is the system message
--   labels varchar: JSON of question to the label that ships
--   weight double: smallest share of the answers for a label that ships; null without labels
with labels as (
    select
        item_id,
        cast(json_group_object(question, value) as varchar) as labels,
        min(confidence) as weight,
    from (select item_id, question, value, confidence from shipped_labels where value is not null order by item_id, question)
    group by item_id
),
answers as (
    select
        item_id,
        min(text) as text,
    from scope_response
    where text is not null
    group by item_id
    having count(*) = 1
),
turns as (
    select
        scope_item.item_id,
        case
            when json_valid(scope_item.prompt) and scope_item.prompt like '[{%"role"%'
            then from_json(scope_item.prompt, '[{"role": "varchar", "content": "varchar"}]')
            else [{'role': 'user', 'content': scope_item.prompt}]
        end as turns,
        if(
            scope_item.context is null,
            [],
            [{'role': 'system', 'content': scope_item.context}]
        ) as opening,
    from scope_item
    where scope_item.prompt is not null
)
select
    turns.item_id,
    cast(
        to_json(
            list_concat(
                list_concat(turns.opening, turns.turns),
                [{'role': 'assistant', 'content': answers.text}]
            )
        ) as varchar
    ) as messages,
    labels.labels,
    labels.weight,
from turns
inner join shipping_items
    on shipping_items.item_id = turns.item_id and shipping_items.state = 'ships'
inner join answers on answers.item_id = turns.item_id
left join labels on labels.item_id = turns.item_id
order by turns.item_id
