-- departures: items of one annotator to look at first: failed traps, missed golden items, then items on
-- which the others agreed most on another label.
--
-- Grain: one row per item and question, the clearest first.
-- Parameters:
--   $person_key varchar: the annotator
--   $limit bigint = 10: rows at most
-- Columns:
--   item_id varchar: the item
--   question varchar: the question
--   label varchar: what the annotator said
--   others varchar: the expected label of a planted item, else what most others said
--   votes bigint: answers of others with that label
--   planted varchar: trap or golden; empty for ordinary items
with own_answers as (
    select
        scope_answer.item_id,
        scope_answer.question,
        scope_answer.value as label,
    from scope_answer
    where scope_answer.person_key = $person_key
),
missed_probes as (
    select
        own_answers.item_id,
        own_answers.question,
        own_answers.label,
        scope_probe.expected as others,
        cast(0 as bigint) as votes,
        cast(0 as bigint) as own_votes,
        scope_probe.type as planted,
    from own_answers
    inner join scope_probe
        on own_answers.item_id = scope_probe.item_id
        and own_answers.question = scope_probe.question
    where
        scope_probe.type in ('trap', 'golden')
        and scope_probe.expected is not null
        and scope_probe.expected <> own_answers.label
),
label_votes as (
    select
        own_answers.item_id,
        own_answers.question,
        own_answers.label,
        scope.value as others,
        count(*) as votes,
    from own_answers
    inner join scope
        on own_answers.item_id = scope.item_id
        and own_answers.question = scope.question
    where scope.person_key <> $person_key
    group by own_answers.item_id, own_answers.question, own_answers.label, scope.value
),
ranked_votes as (
    select
        item_id,
        question,
        label,
        others,
        votes,
        sum(case when others = label then votes else 0 end)
            over (partition by item_id, question) as own_votes,
        row_number()
            over (partition by item_id, question order by votes desc, others) as place,
    from label_votes
),
departures as (
    select
        item_id,
        question,
        label,
        others,
        votes,
        own_votes,
        planted,
    from missed_probes
    union all
    select
        item_id,
        question,
        label,
        others,
        votes,
        own_votes,
        '' as planted,
    from ranked_votes
    where place = 1 and others <> label and votes > own_votes
)
select
    item_id,
    question,
    label,
    others,
    cast(votes as bigint) as votes,
    planted,
from departures
order by
    case planted when 'trap' then 0 when 'golden' then 1 else 2 end,
    votes - own_votes desc,
    item_id,
    question
limit $limit
