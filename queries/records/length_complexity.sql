-- length_complexity: rank correlation of length and complexity, as the sums it is made of.
--
-- Complexity is the attribute that is asked for: a number, L1 to L5, or easy, medium and hard.
-- Ranks of equals are their mean rank.
--
-- Grain: one row; none where no item has both.
-- Parameters:
--   $attribute varchar = difficulty: attribute of the item that says how complex it is
-- Columns:
--   items bigint: items with a response and a complexity
--   correlation double: correlation of the ranks; empty where one side has one value only
with levels as (
    select
        item_id,
        case lower(trim(value))
            when 'very_easy' then 0.0
            when 'easy' then 1.0
            when 'medium' then 2.0
            when 'hard' then 3.0
            when 'very_hard' then 4.0
            else try_cast(regexp_replace(trim(value), '^[lL]', '') as double)
        end as level,
    from scope_item_attribute
    where name = $attribute
),
lengths as (
    select
        item_id,
        avg(length) as length,
    from response_fact
    group by item_id
),
ranks as (
    select
        rank() over (order by lengths.length)
        + (count(*) over (partition by lengths.length) - 1) / 2.0 as length_rank,
        rank() over (order by levels.level)
        + (count(*) over (partition by levels.level) - 1) / 2.0 as level_rank,
    from lengths
    inner join levels on lengths.item_id = levels.item_id
    where levels.level is not null
)
select
    cast(count(*) as bigint) as items,
    cast(case when stddev_pop(length_rank) > 0 and stddev_pop(level_rank) > 0 then corr(length_rank, level_rank) end as double) as correlation,
from ranks
having count(*) > 0
order by items
