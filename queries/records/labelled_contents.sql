-- labelled_contents: the label that ships beside what was judged, to find equals with unlike labels.
--
-- Judged is the prompt with all responses: two answers to one prompt may well deserve two labels.
--
-- Grain: one row per ordinary item and question with a label, by both.
-- Columns:
--   item_id varchar: the item
--   question varchar: the question
--   content_key varchar: hash of prompt and responses, in order of the responses' names
--   value varchar: the label that ships
with contents as (
    select
        item_id,
        md5(string_agg(side || text_key, ' ' order by side desc, response_id)) as content_key,
    from ordinary_texts
    group by item_id
)
select
    shipped_labels.item_id,
    shipped_labels.question,
    contents.content_key,
    shipped_labels.value,
from shipped_labels
inner join contents on shipped_labels.item_id = contents.item_id
where shipped_labels.value is not null
order by shipped_labels.item_id, shipped_labels.question
