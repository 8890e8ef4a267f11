-- training_rows: every item that ships, with its texts, its labels and how sure they are.
--
-- Grain: one row per item that ships, by item.
-- Parameters:
-- Columns:
--   item_id varchar: the item
--   group_id varchar: prompt or document the item belongs to
--   prompt varchar: the prompt
--   context varchar: what was shown beside it
--   responses varchar: JSON of response to its text
--   labels varchar: JSON of question to the label that ships
--   confidence varchar: JSON of question to the share of the answers for that label
--   attributes varchar: JSON of attribute to value
--   source varchar: where the item comes from
--   licence varchar: licence of the content
with labels as (
    select
        item_id,
        cast(json_group_object(question, value) as varchar) as labels,
        cast(json_group_object(question, confidence) as varchar) as confidence,
    from (select item_id, question, value, confidence from shipped_labels where value is not null order by item_id, question)
    group by item_id
),
responses as (
    select
        item_id,
        cast(json_group_object(response_id, text) as varchar) as responses,
    from (select item_id, response_id, text from scope_response where text is not null order by item_id, response_id)
    group by item_id
),
attributes as (
    select
        item_id,
        cast(json_group_object(name, value) as varchar) as attributes,
    from (select item_id, name, value from scope_item_attribute where value is not null order by item_id, name)
    group by item_id
)
select
    shipping_items.item_id,
    scope_item.group_id,
    scope_item.prompt,
    scope_item.context,
    responses.responses,
    labels.labels,
    labels.confidence,
    attributes.attributes,
    scope_item.source,
    scope_item.licence,
from shipping_items
left join scope_item using (item_id)
left join labels using (item_id)
left join responses using (item_id)
left join attributes using (item_id)
where shipping_items.state = 'ships'
order by shipping_items.item_id
