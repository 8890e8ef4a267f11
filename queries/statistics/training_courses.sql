-- training_courses: answers before and after a person's last training or calibration.
--
-- A session is an event whose activity is training or calibration, with a time and who attended as
-- its actor. Answers are held against the key of golden items and against the others' answers.
-- Grain: one row per question, population, annotator, reference, side, votes and equal votes.
-- Answers without a time, and people without a session, are left out.
-- Additive over batches in count, by all other columns; sessions are those of one batch.
-- Columns:
--   question varchar: the question
--   population varchar: whose answers
--   person_key varchar: the annotator
--   reference varchar: golden, where the key is one other vote, or others
--   is_after bigint: 1 where the answer came after the session, else 0
--   votes bigint: answers to the item, the own included
--   same bigint: those with this annotator's label, the own included
--   count bigint: number of items
with last_sessions as (
    select
        actor_key as person_key,
        max(scope_event."at") as last_session_at,
    from scope_event
    where actor_key is not null
        and scope_event."at" is not null
        and lower(activity) in ('calibration', 'training')
    group by actor_key
),
golden_answers as (
    select
        scope_answer.question,
        scope_answer.population,
        scope_answer.person_key,
        scope_answer.annotated_at,
        'golden' as reference,
        2 as votes,
        case when scope_answer.value = scope_probe.expected then 2 else 1 end as same,
    from scope_answer
    inner join scope_probe
        on scope_answer.item_id = scope_probe.item_id
        and scope_answer.question = scope_probe.question
    where scope_probe.type = 'golden' and scope_probe.expected is not null
),
shared_answers as (
    select
        question,
        population,
        person_key,
        annotated_at,
        'others' as reference,
        count(*) over (partition by question, population, item_id) as votes,
        count(*) over (partition by question, population, item_id, value) as same,
    from scope
),
all_answers as (
    select
        question,
        population,
        person_key,
        annotated_at,
        reference,
        votes,
        same,
    from golden_answers
    union all
    select
        question,
        population,
        person_key,
        annotated_at,
        reference,
        votes,
        same,
    from shared_answers
    where votes >= 2
),
sided_answers as (
    select
        all_answers.question,
        all_answers.population,
        all_answers.person_key,
        all_answers.reference,
        case
            when all_answers.annotated_at > last_sessions.last_session_at then 1 else 0
        end as is_after,
        all_answers.votes,
        all_answers.same,
    from all_answers
    inner join last_sessions on all_answers.person_key = last_sessions.person_key
    where all_answers.annotated_at is not null
)
select
    question,
    population,
    person_key,
    reference,
    cast(is_after as bigint) as is_after,
    cast(votes as bigint) as votes,
    cast(same as bigint) as same,
    cast(count(*) as bigint) as count,
from sided_answers
group by question, population, person_key, reference, is_after, votes, same
order by question, population, person_key, reference, is_after, votes, same
