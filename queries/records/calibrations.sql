-- calibrations: when each person was last calibrated or trained, and how much they did since.
--
-- A session is an event whose activity is calibration or training, with a time and who attended as
-- its actor.
-- Grain: one row per person with an answer that counts or a session, by key.
-- Parameters:
-- Columns:
--   person_key varchar: the person
--   sessions bigint: sessions attended
--   last_session_at varchar: time of the last one in UTC; empty where there was none
--   activity varchar: calibration or training, whichever was last
--   answers bigint: answers with a time
--   answers_since bigint: those after the last session
--   first_answer_at varchar: time of the first answer; empty where no answer has a time
--   last_answer_at varchar: time of the last answer
with sessions as (
    select
        actor_key as person_key,
        scope_event."at" as session_at,
        lower(activity) as activity,
    from scope_event
    where actor_key is not null
        and scope_event."at" is not null
        and lower(activity) in ('calibration', 'training')
),
last_sessions as (
    select
        person_key,
        count(*) as sessions,
        max(session_at) as last_session_at,
        arg_max(activity, session_at) as activity,
    from sessions
    group by person_key
),
timed_answers as (
    select
        person_key,
        annotated_at,
    from scope_answer
    where annotated_at is not null
),
workers as (
    select person_key from scope_answer
    union
    select person_key from last_sessions
),
counted_answers as (
    select
        timed_answers.person_key,
        count(*) as answers,
        count(*) filter (
            where annotated_at > last_sessions.last_session_at
        ) as answers_since,
        min(annotated_at) as first_answer_at,
        max(annotated_at) as last_answer_at,
    from timed_answers
    left join last_sessions on timed_answers.person_key = last_sessions.person_key
    group by timed_answers.person_key
)
select
    workers.person_key,
    cast(coalesce(last_sessions.sessions, 0) as bigint) as sessions,
    coalesce(cast(last_sessions.last_session_at as varchar), '') as last_session_at,
    coalesce(last_sessions.activity, '') as activity,
    cast(coalesce(counted_answers.answers, 0) as bigint) as answers,
    cast(coalesce(counted_answers.answers_since, 0) as bigint) as answers_since,
    coalesce(cast(counted_answers.first_answer_at as varchar), '') as first_answer_at,
    coalesce(cast(counted_answers.last_answer_at as varchar), '') as last_answer_at,
from workers
left join last_sessions on workers.person_key = last_sessions.person_key
left join counted_answers on workers.person_key = counted_answers.person_key
order by workers.person_key
