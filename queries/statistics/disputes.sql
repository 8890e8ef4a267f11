-- disputes: answers that were escalated or arbitrated, and how long that took.
--
-- Grain: one row per question, population, rule, who escalated, state, outcome, linked,
-- is_repeat and age. A dispute is one answer; it opens when it is first escalated, else with the last
-- review before the arbitration, and closes with the first arbitration that decides it. An open
-- dispute is as old as the last review of the batch makes it.
-- Additive over batches in count, by all other columns.
-- Columns:
--   question varchar: the question, empty where the reviews name none
--   population varchar: the population that was asked for
--   rule_ref varchar: the rule in dispute, that of the arbitration before that of the escalation
--   reviewer_key varchar: who escalated; empty where nobody did
--   state varchar: open or closed
--   outcome varchar: accepted where the arbitration left what it was shown, overturned where it changed it, undecided where it was shown nothing; empty while open
--   linked varchar: true where a knowledge link leads on from the item, else false
--   is_repeat varchar: true where a dispute on the same rule was closed before this one opened
--   age_hours bigint: whole hours from opening to closing, or to the last review; null without times
--   count bigint: number of disputes
with last_moment as (
    select max(decided_second) as last_second
    from scope_look
),
arbitrations as (
    select
        item_id,
        question,
        person_key,
        rule_ref,
        outcome,
        decided_second,
        row_number() over (
            partition by item_id, question, person_key
            order by decided_second, decision, value_after
        ) as place,
    from scope_look
    where stage = 'arbitration' and outcome <> 'escalated' and (outcome <> 'undecided' or stands is not null)
),
escalations as (
    select
        item_id,
        question,
        person_key,
        rule_ref,
        reviewer_key,
        decided_second,
        row_number() over (
            partition by item_id, question, person_key
            order by decided_second, reviewer_key
        ) as place,
    from scope_look
    where outcome = 'escalated'
),
disputed as (
    select
        item_id,
        question,
        person_key,
    from scope_look
    where stage = 'arbitration' or outcome = 'escalated'
    group by item_id, question, person_key
),
earlier_looks as (
    select
        item_id,
        question,
        person_key,
        max(decided_second) as decided_second,
    from scope_look
    where stage <> 'arbitration' and outcome in ('accepted', 'overturned')
    group by item_id, question, person_key
),
linked_items as (
    select from_id as item_id
    from scope_knowledge_link
    group by from_id
),
dated as (
    select
        disputed.item_id,
        disputed.question,
        disputed.person_key,
        case
            when arbitrations.rule_ref <> '' then arbitrations.rule_ref
            else coalesce(escalations.rule_ref, '')
        end as rule_ref,
        coalesce(escalations.reviewer_key, '') as reviewer_key,
        case when arbitrations.item_id is null then 'open' else 'closed' end as state,
        coalesce(arbitrations.outcome, '') as outcome,
        coalesce(escalations.decided_second, earlier_looks.decided_second) as opened_second,
        arbitrations.decided_second as closed_second,
        last_moment.last_second,
        case when linked_items.item_id is null then 'false' else 'true' end as linked,
    from disputed
    cross join last_moment
    left join arbitrations
        on
            disputed.item_id = arbitrations.item_id
            and disputed.question = arbitrations.question
            and disputed.person_key = arbitrations.person_key
            and arbitrations.place = 1
    left join escalations
        on
            disputed.item_id = escalations.item_id
            and disputed.question = escalations.question
            and disputed.person_key = escalations.person_key
            and escalations.place = 1
    left join earlier_looks
        on
            disputed.item_id = earlier_looks.item_id
            and disputed.question = earlier_looks.question
            and disputed.person_key = earlier_looks.person_key
    left join linked_items
        on disputed.item_id = linked_items.item_id
),
first_closings as (
    select
        question,
        rule_ref,
        min(closed_second) as closed_second,
    from dated
    where rule_ref <> '' and closed_second is not null
    group by question, rule_ref
),
aged as (
    select
        dated.question,
        dated.rule_ref,
        dated.reviewer_key,
        dated.state,
        dated.outcome,
        dated.linked,
        case
            when first_closings.closed_second <= dated.opened_second then 'true'
            else 'false'
        end as is_repeat,
        case
            when coalesce(dated.closed_second, dated.last_second) >= dated.opened_second
                then cast(
                    floor(
                        (coalesce(dated.closed_second, dated.last_second) - dated.opened_second)
                        / 3600
                    ) as bigint
                )
        end as age_hours,
    from dated
    left join first_closings
        on
            dated.question = first_closings.question
            and dated.rule_ref = first_closings.rule_ref
)
select
    aged.question,
    scope_population.population,
    aged.rule_ref,
    aged.reviewer_key,
    aged.state,
    aged.outcome,
    aged.linked,
    aged.is_repeat,
    aged.age_hours,
    cast(count(*) as bigint) as count,
from aged
cross join scope_population
group by
    aged.question,
    scope_population.population,
    aged.rule_ref,
    aged.reviewer_key,
    aged.state,
    aged.outcome,
    aged.linked,
    aged.is_repeat,
    aged.age_hours
order by
    aged.question,
    population,
    rule_ref,
    reviewer_key,
    state,
    outcome,
    linked,
    is_repeat,
    age_hours
