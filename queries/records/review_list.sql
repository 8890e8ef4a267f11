-- review_list: the reviews behind a number, a page at a time.
--
-- Grain: one row per review action, by time, item, question, reviewer and stage.
-- Parameters:
--   $reviewer_key varchar: only of this reviewer
--   $person_key varchar: only of answers of this annotator
--   $stage varchar: only of this stage; '' for those that name none
--   $selection varchar: only of answers chosen so; '' for those that say nothing of it
--   $outcome varchar: only with this outcome: accepted, overturned, escalated or undecided
--   $value_before varchar: only of answers that were this
--   $value_after varchar: only those that left this
--   $rule_ref varchar: only under this rule
--   $own boolean = false: only reviews of one's own answers
--   $silent boolean = false: only those that accepted an answer and changed it
--   $disputed boolean = false: only of answers that were escalated or arbitrated
--   $limit bigint = 50: rows at most
--   $offset bigint = 0: rows to leave out first
-- Columns:
--   item_id varchar: the item
--   question varchar: the question
--   person_key varchar: whose answer was reviewed, empty where it is not said
--   stage varchar: stage of the review
--   selection varchar: how the answer was chosen for review
--   reviewer_key varchar: the reviewer
--   decision varchar: what was decided
--   value_before varchar: the answer before
--   value_after varchar: the answer after
--   outcome varchar: accepted, overturned, escalated or undecided
--   seconds double: from begin to end
--   decided_second double: end, in seconds since 1970 UTC
--   total bigint: rows there are without limit and offset
with disputed_items as (
    select
        item_id,
        question,
    from scope_look
    where stage = 'arbitration' or outcome = 'escalated'
    group by item_id, question
),
chosen_looks as (
    select
        scope_look.item_id,
        scope_look.question,
        scope_look.person_key,
        scope_look.stage,
        scope_look.selection,
        scope_look.reviewer_key,
        scope_look.decision,
        scope_look.value_before,
        scope_look.value_after,
        scope_look.outcome,
        scope_look.decided_second - scope_look.started_second as seconds,
        scope_look.decided_second,
    from scope_look
    left join disputed_items
        on
            scope_look.item_id = disputed_items.item_id
            and scope_look.question = disputed_items.question
    where
        ($reviewer_key is null or scope_look.reviewer_key = $reviewer_key)
        and ($person_key is null or scope_look.person_key = $person_key)
        and ($stage is null or scope_look.stage = $stage)
        and ($selection is null or scope_look.selection = $selection)
        and ($outcome is null or scope_look.outcome = $outcome)
        and ($value_before is null or coalesce(scope_look.value_before, '') = $value_before)
        and ($value_after is null or coalesce(scope_look.value_after, '') = $value_after)
        and ($rule_ref is null or scope_look.rule_ref = $rule_ref)
        and (
            not $own
            or (scope_look.reviewer_key <> '' and scope_look.reviewer_key = scope_look.person_key)
        )
        and (
            not $silent
            or (
                scope_look.decision = 'approve'
                and scope_look.value_before <> scope_look.value_after
            )
        )
        and (not $disputed or disputed_items.item_id is not null)
)
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
    outcome,
    cast(seconds as double) as seconds,
    cast(decided_second as double) as decided_second,
    cast(count(*) over () as bigint) as total,
from chosen_looks
order by decided_second, item_id, question, reviewer_key, stage
limit $limit offset $offset
