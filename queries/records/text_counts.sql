-- text_counts: how many prompts and responses there are, and how many of them are different.
--
-- Two texts are the same when their letters and digits are, whatever the case, the blanks and the
-- punctuation; a system text before `[user]` is left out of prompts. Prompts of one group count
-- once: they are one prompt that was judged several times.
--
-- Grain: one row per side that has items in scope.
-- Parameters:
-- Columns:
--   side varchar: prompt or response
--   texts bigint: texts that are not blank
--   different bigint: different ones among them
--   blank bigint: blank ones
with texts_of_units as (
    select
        side,
        unit,
        words,
    from scope_text
    group by side, unit, words
)
select
    side,
    cast(count(*) filter (where words <> '') as bigint) as texts,
    cast(count(distinct words) filter (where words <> '') as bigint) as different,
    cast(count(*) filter (where words = '') as bigint) as blank,
from texts_of_units
group by side
order by side
