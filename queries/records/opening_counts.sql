-- opening_counts: with which words responses begin, the commonest openings first.
--
-- Where a script puts no blanks between words, two letters stand for a word. A response that is
-- shorter, or begins with code, has no opening in common with any other, and counts in the total.
--
-- Grain: one row per opening, by number of responses and opening.
-- Parameters:
--   $words bigint = 4: words of an opening
--   $limit bigint = 50: rows at most
-- Columns:
--   opening varchar: the first words, in lower case and without punctuation
--   responses bigint: responses that begin so
--   total bigint: responses with any word
--   different bigint: different beginnings among them
--   pairs double: ordered pairs of responses with the same opening
with beginnings as (
    select
        case
            when opens_with_code = 1 then null
            when regexp_matches(words, '^[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}]')
                then case
                    when length(replace(words, ' ', '')) >= 2 * $words
                        then substr(replace(words, ' ', ''), 1, 2 * $words)
                end
            when len(string_split(words, ' ')) >= $words
                then array_to_string(list_slice(string_split(words, ' '), 1, $words), ' ')
        end as opening,
    from response_fact
    where words <> ''
),
counted as (
    select
        opening,
        count(*) as responses,
    from beginnings
    group by opening
)
select
    opening,
    cast(responses as bigint) as responses,
    cast((select count(*) from beginnings) as bigint) as total,
    cast(
        count(*) over () + (select count(*) from beginnings where opening is null) as bigint
    ) as different,
    cast(sum(responses * (responses - 1.0)) over () as double) as pairs,
from counted
where opening is not null
order by responses desc, opening
limit $limit
