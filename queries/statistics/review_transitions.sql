-- review_transitions: what reviewers did with the answers of annotators.
--
-- Grain: one row per question, population, stage, selection, blind, reviewer, annotator, value before,
-- value after, decision and outcome. A review has no role of its own: every population has all of them.
-- Additive over batches in count, by all other columns.
-- Columns:
--   question varchar: the question, empty where the review names none
--   population varchar: the population that was asked for
--   stage varchar: pre_review, secondary_review, arbitration, spot_check or blind_review
--   selection varchar: how the reviewed answers were chosen: random, flagged or all
--   blind varchar: true where the reviewer did not see the answer, else false; empty where not known
--   reviewer_key varchar: the reviewer
--   person_key varchar: the annotator whose answer was reviewed
--   value_before varchar: the answer before
--   value_after varchar: the answer after
--   decision varchar: what the reviewer decided
--   outcome varchar: accepted, overturned, escalated or undecided
--   count bigint: number of reviews
select
    scope_look.question,
    scope_population.population,
    scope_look.stage,
    scope_look.selection,
    scope_look.blind,
    scope_look.reviewer_key,
    scope_look.person_key,
    scope_look.value_before,
    scope_look.value_after,
    scope_look.decision,
    scope_look.outcome,
    cast(count(*) as bigint) as count,
from scope_look
cross join scope_population
group by
    scope_look.question,
    scope_population.population,
    scope_look.stage,
    scope_look.selection,
    scope_look.blind,
    scope_look.reviewer_key,
    scope_look.person_key,
    scope_look.value_before,
    scope_look.value_after,
    scope_look.decision,
    scope_look.outcome
order by
    scope_look.question,
    population,
    stage,
    selection,
    blind,
    reviewer_key,
    person_key,
    value_before,
    value_after,
    decision,
    outcome
