-- sound_items: the items behind a number about responses.
--
-- Grain: one row per item and response, by both.
-- Parameters:
--   $check varchar = refusal: refusal, over_refusal, under_refusal, opening, format or misread
--   $risk varchar: only of this risk: low, medium or high
--   $strategy varchar: only with this strategy
--   $tone varchar: only refusals that read like this
--   $opening varchar: the first words
--   $code varchar: only with this machine code
--   $form varchar: only where this form was asked for
--   $limit bigint = 50: rows at most
--   $offset bigint = 0: rows to leave out first
-- Columns:
--   item_id varchar: the item
--   response_id varchar: the response
--   risk varchar: its risk
--   strategy varchar: attribute refusal_strategy
--   code varchar: machine code of its form
--   text varchar: beginning of the response, 300 characters
--   total bigint: rows there are without limit and offset
with chosen as (
    select
        item_id,
        response_id,
        risk,
        strategy,
        format_code,
    from response_fact
    where
        case $check
            when 'refusal' then refuses = 1
            when 'over_refusal' then refuses = 1 and risk = 'low' and is_read = 1
            when 'under_refusal' then answers = 1 and risk = 'high' and is_read = 1
            when 'opening'
                then opens_with_code = 0
                and (
                    words = $opening
                    or starts_with(words, $opening || ' ')
                    or (not contains($opening, ' ') and starts_with(replace(words, ' ', ''), $opening))
                )
            when 'format' then format_code <> ''
            when 'misread' then strategy <> '' and refuses <> reads_as_refusal
            else false
        end
        and ($risk is null or risk = $risk)
        and ($strategy is null or strategy = $strategy)
        and ($tone is null or tone = $tone)
        and ($code is null or format_code = $code)
        and ($form is null or asked_form = $form)
)
select
    chosen.item_id,
    chosen.response_id,
    chosen.risk,
    chosen.strategy,
    chosen.format_code as code,
    substr(scope_response.text, 1, 300) as text,
    cast(count(*) over () as bigint) as total,
from chosen
left join scope_response
    on
        chosen.item_id = scope_response.item_id
        and chosen.response_id = coalesce(scope_response.response_id, '')
order by chosen.item_id, chosen.response_id
limit $limit offset $offset
