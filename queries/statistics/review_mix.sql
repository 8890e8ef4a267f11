-- review_mix: what became of the answers each reviewer saw, by attribute of the item and by week.
--
-- Grain: one row per question, population, stage, selection, reviewer, dimension, stratum and outcome.
-- Reviews of one's own answers are left out. A review has no role of its own: every population has all of them.
-- Additive over batches in count, by all other columns.
-- Columns:
--   question varchar: the question, empty where the review names none
--   population varchar: the population that was asked for
--   stage varchar: stage of the review
--   selection varchar: how the reviewed answers were chosen: random, flagged or all
--   reviewer_key varchar: the reviewer
--   dimension varchar: an item attribute, or week for the Monday of the decision
--   stratum varchar: its value
--   outcome varchar: accepted, overturned, escalated or undecided
--   count bigint: number of reviews
with placed_looks as (
    select
        scope_look.question,
        scope_look.stage,
        scope_look.selection,
        scope_look.reviewer_key,
        'week' as dimension,
        scope_look.week as stratum,
        scope_look.outcome,
    from scope_look
    where
        scope_look.week is not null
        and (scope_look.reviewer_key = '' or scope_look.reviewer_key <> scope_look.person_key)
    union all
    select
        scope_look.question,
        scope_look.stage,
        scope_look.selection,
        scope_look.reviewer_key,
        scope_attribute.dimension,
        scope_attribute.stratum,
        scope_look.outcome,
    from scope_look
    inner join scope_attribute
        on scope_look.item_id = scope_attribute.item_id
    where scope_look.reviewer_key = '' or scope_look.reviewer_key <> scope_look.person_key
)
select
    placed_looks.question,
    scope_population.population,
    placed_looks.stage,
    placed_looks.selection,
    placed_looks.reviewer_key,
    placed_looks.dimension,
    placed_looks.stratum,
    placed_looks.outcome,
    cast(count(*) as bigint) as count,
from placed_looks
cross join scope_population
group by
    placed_looks.question,
    scope_population.population,
    placed_looks.stage,
    placed_looks.selection,
    placed_looks.reviewer_key,
    placed_looks.dimension,
    placed_looks.stratum,
    placed_looks.outcome
order by
    placed_looks.question,
    population,
    stage,
    selection,
    reviewer_key,
    dimension,
    stratum,
    outcome
