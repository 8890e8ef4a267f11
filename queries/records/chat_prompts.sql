-- chat_prompts: whether prompts and responses are conversations, as JSON arrays of messages.
--
-- Grain: one row; none without items.
-- Parameters:
-- Columns:
--   prompts bigint: items with a prompt
--   chats bigint: prompts and responses that are lists of messages
with texts as (
    select
        prompt as text,
        1 as is_prompt,
    from scope_item
    union all
    select
        text,
        0 as is_prompt,
    from scope_response
)
select
    count(*) filter (where is_prompt = 1 and text is not null) as prompts,
    count(*) filter (where json_valid(text) and text like '[{%"role"%') as chats,
from texts
having count(*) > 0
order by prompts
