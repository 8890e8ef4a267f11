-- review_transitions: what reviewers did with the answers of annotators.
--
-- Grain: one row per question, population, stage, selection, blind, reviewer, annotator, value before,
-- value after and decision. A review has no role of its own: every population has all of them.
-- Additive over batches in count, by all other columns.
-- Columns:
--   question varchar: the question
--   population varchar: the population that was asked for
--   stage varchar: pre_review, secondary_review, arbitration, spot_check or blind_review
--   selection varchar: how the reviewed answers were chosen: random, flagged or all
--   blind varchar: true where the reviewer did not see the answer, else false; null where not known
--   reviewer_key varchar: the reviewer
--   person_key varchar: the annotator whose answer was reviewed
--   value_before varchar: the answer before
--   value_after varchar: the answer after
--   decision varchar: what the reviewer decided
--   count bigint: number of reviews
select
    scope_review.question,
    scope_population.population,
    scope_review.stage,
    scope_review.selection,
    cast(scope_review.blind as varchar) as blind,
    scope_review.reviewer_key,
    scope_review.person_key,
    scope_review.value_before,
    scope_review.value_after,
    scope_review.decision,
    cast(count(*) as bigint) as count,
from scope_review
cross join scope_population
group by
    scope_review.question,
    scope_population.population,
    scope_review.stage,
    scope_review.selection,
    cast(scope_review.blind as varchar),
    scope_review.reviewer_key,
    scope_review.person_key,
    scope_review.value_before,
    scope_review.value_after,
    scope_review.decision
order by
    scope_review.question,
    population,
    stage,
    selection,
    blind,
    reviewer_key,
    person_key,
    value_before,
    value_after,
    decision
