-- review_probes: what reviewers did with answers of which the truth is known.
--
-- Grain: one row per question, population, type, stage, reviewer, truth and outcome.
-- Only reviews that say which answer they were shown, and none of one's own answers. Of several looks of one reviewer at one stage
-- the first counts.
-- Additive over batches in count, by all other columns.
-- Columns:
--   question varchar: the question
--   population varchar: the population that was asked for
--   type varchar: golden, trap or reference; an audit item has no right answer
--   stage varchar: stage of the review
--   reviewer_key varchar: the reviewer
--   truth varchar: right where the answer shown is the expected one, else wrong
--   outcome varchar: accepted, overturned, escalated or undecided
--   count bigint: number of reviews
with ordered_looks as (
    select
        item_id,
        question,
        stage,
        reviewer_key,
        value_before,
        outcome,
        row_number() over (
            partition by item_id, question, person_key, stage, reviewer_key
            order by decided_second, decision, value_after
        ) as place,
    from scope_look
    where
        value_before is not null
        and (reviewer_key = '' or reviewer_key <> person_key)
),
known_looks as (
    select
        ordered_looks.question,
        scope_probe.type,
        ordered_looks.stage,
        ordered_looks.reviewer_key,
        case when ordered_looks.value_before = scope_probe.expected then 'right' else 'wrong' end
            as truth,
        ordered_looks.outcome,
    from ordered_looks
    inner join scope_probe
        on
            ordered_looks.item_id = scope_probe.item_id
            and ordered_looks.question = scope_probe.question
    where
        ordered_looks.place = 1
        and scope_probe.type <> 'audit'
        and scope_probe.expected is not null
)
select
    known_looks.question,
    scope_population.population,
    known_looks.type,
    known_looks.stage,
    known_looks.reviewer_key,
    known_looks.truth,
    known_looks.outcome,
    cast(count(*) as bigint) as count,
from known_looks
cross join scope_population
group by
    known_looks.question,
    scope_population.population,
    known_looks.type,
    known_looks.stage,
    known_looks.reviewer_key,
    known_looks.truth,
    known_looks.outcome
order by
    known_looks.question,
    population,
    type,
    stage,
    reviewer_key,
    truth,
    outcome
