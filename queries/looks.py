"""What reviewers did, as every statement about reviews reads it: the relation `scope_look`."""

from typing import Final

LOOK: Final = """
select
    item_id,
    coalesce(question, '') as question,
    coalesce(person_key, '') as person_key,
    coalesce(stage, '') as stage,
    case coalesce(stage, '')
        when 'pre_review' then 1
        when 'secondary_review' then 2
        when 'blind_review' then 3
        when 'spot_check' then 4
        when 'arbitration' then 5
        else 0
    end as stage_rank,
    coalesce(selection, '') as selection,
    coalesce(reviewer_key, '') as reviewer_key,
    coalesce(decision, '') as decision,
    value_before,
    value_after,
    coalesce(cast(blind as varchar), '') as blind,
    coalesce(rule_ref, '') as rule_ref,
    outcome,
    coalesce(value_after, case when outcome = 'accepted' then value_before end) as stands,
    cast(cast(date_trunc('week', decided_at) as date) as varchar) as week,
    epoch(started_at) as started_second,
    epoch(decided_at) as decided_second
from (
    select
        *,
        case
            when decision = 'escalate' then 'escalated'
            when value_before <> value_after then 'overturned'
            when decision in ('reject', 'revise') then 'overturned'
            when decision = 'approve' or value_before = value_after then 'accepted'
            else 'undecided'
        end as outcome
    from (
        select * from scope_review
        where person_key is not null or value_before is not null or value_after is null
        union all by name
        select r.* replace (a.person_key as person_key, a.value as value_before)
        from scope_review as r
        left join (
            select item_id, question, person_key, arg_min(value, coalesce(round, 1)) as value
            from scope_submitted where role in ('human', 'expert')
            group by item_id, question, person_key
        ) as a on r.item_id = a.item_id and r.question = a.question
        where r.person_key is null and r.value_before is null and r.value_after is not null
    )
)
"""
"""Review actions with what became of the answer: accepted, overturned, escalated or undecided.

A changed answer is overturned whatever the decision says; `stands` is the answer afterwards, null
where it was refused without another in its place. Who judged blind was shown no answer: that
review is one of every answer people gave to the item.
"""
