-- annotations: every answer: all roles, rounds and states.
--
-- Grain: one row per answer, by item, question, round, annotator and time.
-- Parameters:
--   $item_id varchar: only of this one; all in scope when not given
--   $person_key varchar: only of this annotator
--   $limit bigint = 200: rows at most
--   $offset bigint = 0: rows to leave out first
-- Columns:
--   item_id varchar: the item
--   question varchar: the question
--   person_key varchar: who answered
--   role varchar: human, expert, model or rule
--   value varchar: the answer
--   strength double: strength of the preference
--   round bigint: round; 1 is the first
--   blind varchar: true where others' answers were hidden, else false
--   shown_order varchar: order in which the options were shown
--   status varchar: submitted, draft, skipped or discarded
--   annotated_at varchar: time in UTC
--   duration_seconds double: time it took
--   guideline_version varchar: the guideline
--   vendor varchar: vendor of the annotator
--   annotator_group varchar: group of the annotator
--   assist varchar: help the annotator had
--   reason_tags varchar: reasons given
--   note varchar: note of the annotator
select
    item_id,
    question,
    person_key,
    role,
    value,
    strength,
    cast(round as bigint) as round,
    cast(blind as varchar) as blind,
    shown_order,
    status,
    cast(annotated_at as varchar) as annotated_at,
    duration_seconds,
    guideline_version,
    vendor,
    annotator_group,
    assist,
    reason_tags,
    note,
from scope_annotation
where
    ($item_id is null or item_id = $item_id)
    and ($person_key is null or person_key = $person_key)
order by
    item_id,
    question,
    coalesce(round, 1),
    role,
    person_key,
    annotated_at,
    value
limit $limit offset $offset
