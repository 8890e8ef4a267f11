-- label_counts: how the labels of the items that ship came about.
--
-- Grain: one row per question, rule and label, by them.
-- Parameters:
-- Columns:
--   question varchar: the question
--   rule varchar: resolution, arbitration, gold, majority; tie and unresolved ship nothing
--   value varchar: the label; null where none ships
--   items bigint: items
select
    shipped_labels.question,
    shipped_labels.rule,
    shipped_labels.value,
    count(*) as items,
from shipped_labels
inner join shipping_items
    on shipping_items.item_id = shipped_labels.item_id and shipping_items.state = 'ships'
group by shipped_labels.question, shipped_labels.rule, shipped_labels.value
order by shipped_labels.question, shipped_labels.rule, shipped_labels.value
