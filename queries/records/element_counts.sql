-- element_counts: which of the four elements of a demonstration its items have.
--
-- A prompt of messages has a system text when it begins with `[system]` or has a message of that role.
--
-- Grain: one row per combination of elements.
-- Parameters:
-- Columns:
--   has_system bigint: 1 where there is a system text
--   has_instruction bigint: 1 where there is something asked
--   has_context bigint: 1 where there is a context
--   has_response bigint: 1 where there is a response with text
--   items bigint: items that are so
with answered as (
    select
        item_id,
        max(case when trim(coalesce(text, '')) <> '' then 1 else 0 end) as has_response,
    from scope_response
    group by item_id
),
elements as (
    select
        case
            when
                scope_item.prompt like '[system]%'
                or regexp_matches(scope_item.prompt, '^\[\{.*"role"\s*:\s*"system"')
                then 1
            else 0
        end as has_system,
        case
            when starts_with(scope_item.prompt, '[{') and scope_item.prompt like '%"role"%'
                then cast(regexp_matches(scope_item.prompt, '"role"\s*:\s*"user"') as integer)
            when
                trim(regexp_replace(coalesce(scope_item.prompt, ''), '(?s)^\[system\].*?(\n\[user\]|$)', ''))
                <> '' then 1
            else 0
        end as has_instruction,
        case when trim(coalesce(scope_item.context, '')) <> '' then 1 else 0 end as has_context,
        coalesce(answered.has_response, 0) as has_response,
    from scope_item
    left join answered on scope_item.item_id = answered.item_id
    where scope_item.item_id not in (select planted_item.item_id from planted_item)
)
select
    cast(has_system as bigint) as has_system,
    cast(has_instruction as bigint) as has_instruction,
    cast(has_context as bigint) as has_context,
    cast(has_response as bigint) as has_response,
    cast(count(*) as bigint) as items,
from elements
group by has_system, has_instruction, has_context, has_response
order by has_system, has_instruction, has_context, has_response
