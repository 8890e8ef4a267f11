-- review_times: how long reviewers took, by what they decided.
--
-- Grain: one row per question, population, stage, reviewer, outcome and bin.
-- Only reviews with a begin and an end, and none of one's own answers. Bin k holds times t with k = floor(ln(1000 t + 1) / ln(1.02)),
-- t in seconds, as in durations.
-- Additive over batches in count, by all other columns.
-- Columns:
--   question varchar: the question, empty where the review names none
--   population varchar: the population that was asked for
--   stage varchar: stage of the review
--   reviewer_key varchar: the reviewer
--   outcome varchar: accepted, overturned, escalated or undecided
--   log_bin bigint: number of the bin; 0 where begin and end are the same moment
--   count bigint: number of reviews
with timed_looks as (
    select
        question,
        stage,
        reviewer_key,
        outcome,
        cast(
            floor(ln((decided_second - started_second) * 1000 + 1) / ln(1.02)) as bigint
        ) as log_bin,
    from scope_look
    where
        decided_second >= started_second
        and (reviewer_key = '' or reviewer_key <> person_key)
)
select
    timed_looks.question,
    scope_population.population,
    timed_looks.stage,
    timed_looks.reviewer_key,
    timed_looks.outcome,
    timed_looks.log_bin,
    cast(count(*) as bigint) as count,
from timed_looks
cross join scope_population
group by
    timed_looks.question,
    scope_population.population,
    timed_looks.stage,
    timed_looks.reviewer_key,
    timed_looks.outcome,
    timed_looks.log_bin
order by
    timed_looks.question,
    population,
    stage,
    reviewer_key,
    outcome,
    log_bin
