-- ordinary_texts: what ordinary items say, made alike in letters and white space, to be compared.
--
-- Canonical composition, small letters (those of one capital are one: ß is ss, final sigma is sigma)
-- and one blank for any white space. Empty texts have no row. A prompt is read behind its context.
--
-- Grain: one row per text of an item: its prompt, and each of its responses.
-- Columns:
--   item_id varchar: the item
--   side varchar: prompt or answer
--   response_id varchar: the response; empty for the prompt
--   text_key varchar: hash of the text
--   text varchar: the text
with raw_texts as (
    select
        scope_item.item_id,
        'prompt' as side,
        '' as response_id,
        coalesce(scope_item.context || ' ', '')
            || regexp_replace(coalesce(scope_item.prompt, ''), '(?s)^\[system\].*?\n\[user\]', '') as raw,
    from scope_item
    union all
    select
        scope_response.item_id,
        'answer' as side,
        coalesce(scope_response.response_id, '') as response_id,
        scope_response.text as raw,
    from scope_response
),
alike_texts as (
    select
        item_id,
        side,
        response_id,
        trim(
            regexp_replace(
                replace(lower(upper(nfc_normalize(raw))), 'ß', 'ss'), '[\s\p{Z}]+', ' ', 'g'
            )
        ) as text,
    from raw_texts
    where
        raw is not null
        and item_id not in (select planted_item.item_id from planted_item)
)
select
    item_id,
    side,
    response_id,
    md5(text) as text_key,
    text,
from alike_texts
where text <> ''
order by item_id, side, response_id
