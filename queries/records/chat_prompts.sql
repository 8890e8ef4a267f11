-- chat_prompts: whether prompts are conversations, as JSON arrays of messages.
--
-- Grain: one row; none without items.
-- Parameters:
-- Columns:
--   prompts bigint: items with a prompt
--   chats bigint: of these, those whose prompt is a list of messages
select
    count(prompt) as prompts,
    count(*) filter (where json_valid(prompt) and prompt like '[{%"role"%') as chats,
from scope_item
having count(*) > 0
order by prompts
