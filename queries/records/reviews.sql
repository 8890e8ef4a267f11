-- reviews: every review action.
--
-- Grain: one row per action, by item, question, time and reviewer.
-- Parameters:
--   $item_id varchar: only of this one; all in scope when not given
--   $limit bigint = 200: rows at most
--   $offset bigint = 0: rows to leave out first
-- Columns:
--   item_id varchar: the item
--   question varchar: the question
--   person_key varchar: whose answer was reviewed
--   stage varchar: stage of review
--   selection varchar: how the answer was chosen for review
--   reviewer_key varchar: who reviewed
--   decision varchar: what was decided
--   value_before varchar: the answer before
--   value_after varchar: the answer after
--   error_tags varchar: errors found
--   severity varchar: how bad
--   blind varchar: true where the answer was hidden from the reviewer, else false
--   rule_ref varchar: rule that was applied
--   guidance varchar: what the annotator was told
--   note varchar: note of the reviewer
--   started_at varchar: begin in UTC
--   decided_at varchar: end in UTC
select
    item_id,
    question,
    person_key,
    stage,
    selection,
    reviewer_key,
    decision,
    value_before,
    value_after,
    error_tags,
    severity,
    cast(blind as varchar) as blind,
    rule_ref,
    guidance,
    note,
    cast(started_at as varchar) as started_at,
    cast(decided_at as varchar) as decided_at,
from scope_review
where ($item_id is null or item_id = $item_id)
order by item_id, question, scope_review.decided_at, reviewer_key, stage
limit $limit offset $offset
