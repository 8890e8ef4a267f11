-- copied_texts: texts that occur more than once, letter for letter, the commonest first.
--
-- Grain: one row per side and text, by number of items and text.
-- Parameters:
--   $side varchar = prompt: prompt or response
--   $limit bigint = 50: rows at most
-- Columns:
--   words varchar: beginning of the text, 200 characters
--   texts bigint: how often it occurs
--   item_id varchar: the first item
--   total bigint: rows there are without limit
with texts_of_units as (
    select
        unit,
        words,
        min(item_id) as item_id,
    from scope_text
    where side = $side and words <> ''
    group by unit, words
),
copies as (
    select
        words,
        count(*) as texts,
        min(item_id) as item_id,
    from texts_of_units
    group by words
    having count(*) > 1
)
select
    substr(words, 1, 200) as words,
    cast(texts as bigint) as texts,
    item_id,
    cast(count(*) over () as bigint) as total,
from copies
order by texts desc, copies.words
limit $limit
