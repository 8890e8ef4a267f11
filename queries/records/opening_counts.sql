-- opening_counts: with which words responses begin, the commonest openings first.
--
-- Grain: one row per opening, by number of responses and opening.
-- Parameters:
--   $words bigint = 4: words of an opening
--   $limit bigint = 50: rows at most
-- Columns:
--   opening varchar: the first words, in lower case and without punctuation
--   responses bigint: responses that begin so
--   total bigint: responses with at least so many words
--   different bigint: different openings among them
--   pairs double: ordered pairs of responses with the same opening
with openings as (
    select array_to_string(list_slice(string_split(words, ' '), 1, $words), ' ') as opening,
    from response_fact
    where len(string_split(words, ' ')) >= $words and words <> ''
),
counted as (
    select
        opening,
        count(*) as responses,
    from openings
    group by opening
)
select
    opening,
    cast(responses as bigint) as responses,
    cast(sum(responses) over () as bigint) as total,
    cast(count(*) over () as bigint) as different,
    cast(sum(responses * (responses - 1.0)) over () as double) as pairs,
from counted
order by responses desc, opening
limit $limit
