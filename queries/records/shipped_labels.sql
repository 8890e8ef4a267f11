-- shipped_labels: the label that ships for each item and question, and how it came about.
--
-- Grain: one row per item and question with an answer, by both.
-- Parameters:
--   $rules varchar = {}: JSON of question to rule: majority (where not named), adjudicated or gold
-- Columns:
--   item_id varchar: the item
--   question varchar: the question
--   value varchar: the label; null where the rule gives none
--   rule varchar: resolution, arbitration, gold, majority; or tie and unresolved, which ship nothing
--   votes bigint: answers for the label
--   answers bigint: answers there are
--   confidence double: share of the answers for the label, or what the resolution says
with votes as (
    select
        item_id,
        question,
        value,
        count(*) as votes,
    from scope
    group by item_id, question, value
),
tops as (
    select
        item_id,
        question,
        arg_max(value, votes) as value,
        max(votes) as votes,
        cast(sum(votes) as bigint) as answers,
        count(*) as labels,
    from votes
    group by item_id, question
),
level as (
    select
        votes.item_id,
        votes.question,
        count(*) as first,
    from votes
    inner join tops
        on
            votes.item_id = tops.item_id
            and votes.question = tops.question
            and votes.votes = tops.votes
    group by votes.item_id, votes.question
),
arbitrated as (
    select
        item_id,
        question,
        arg_max(value_after, coalesce(decided_at, timestamp '1970-01-01')) as value,
    from scope_review
    where stage = 'arbitration' and value_after is not null and question is not null
    group by item_id, question
),
gold as (
    select
        item_id,
        question,
        min(expected) as value,
    from scope_probe
    where type in ('reference', 'audit') and expected is not null and question is not null
    group by item_id, question
),
found as (
    select
        tops.item_id,
        tops.question,
        tops.value as majority,
        tops.votes,
        tops.answers,
        level.first > 1 as is_tie,
        scope_resolution.value as resolved,
        scope_resolution.votes as resolved_votes,
        scope_resolution.confidence as resolved_confidence,
        arbitrated.value as arbitrated,
        gold.value as expected,
        coalesce(
            json_extract_string(
                cast($rules as json),
                '/' || replace(replace(tops.question, '~', '~0'), '/', '~1')
            ),
            'majority'
        ) as demanded,
    from tops
    inner join level on level.item_id = tops.item_id and level.question = tops.question
    left join scope_resolution
        on
            scope_resolution.item_id = tops.item_id
            and scope_resolution.question = tops.question
    left join arbitrated
        on arbitrated.item_id = tops.item_id and arbitrated.question = tops.question
    left join gold on gold.item_id = tops.item_id and gold.question = tops.question
),
ruled as (
    select
        item_id,
        question,
        majority,
        answers,
        resolved,
        resolved_votes,
        resolved_confidence,
        arbitrated,
        expected,
        case
            when demanded = 'gold' then if(expected is null, 'unresolved', 'gold')
            when resolved is not null then 'resolution'
            when arbitrated is not null then 'arbitration'
            when demanded <> 'majority' then 'unresolved'
            when is_tie then 'tie'
            else 'majority'
        end as rule,
    from found
),
labelled as (
    select
        item_id,
        question,
        rule,
        answers,
        resolved_votes,
        resolved_confidence,
        case rule
            when 'gold' then expected
            when 'resolution' then resolved
            when 'arbitration' then arbitrated
            when 'majority' then majority
        end as value,
    from ruled
)
select
    labelled.item_id,
    labelled.question,
    labelled.value,
    labelled.rule,
    cast(
        coalesce(
            if(labelled.rule = 'resolution', labelled.resolved_votes, null),
            votes.votes,
            0
        ) as bigint
    ) as votes,
    labelled.answers,
    coalesce(
        if(labelled.rule = 'resolution', labelled.resolved_confidence, null),
        coalesce(votes.votes, 0) / labelled.answers
    ) as confidence,
from labelled
left join votes
    on
        votes.item_id = labelled.item_id
        and votes.question = labelled.question
        and votes.value = labelled.value
order by labelled.item_id, labelled.question
