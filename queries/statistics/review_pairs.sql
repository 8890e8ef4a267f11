-- review_pairs: two reviews of one answer, the earlier stage first.
--
-- Grain: one row per question, population, stages, selection and blind of both, reviewers, annotator,
-- outcomes, verdict and upheld. Of several looks of one reviewer at one stage the first counts;
-- reviews of one's own answers are left out.
-- Within a stage the reviewer whose key sorts first is a.
-- Additive over batches in count, by all other columns.
-- Columns:
--   question varchar: the question, empty where the reviews name none
--   population varchar: the population that was asked for
--   stage_a varchar: the earlier stage; the same as stage_b where two reviewers looked at one stage
--   stage_b varchar: the later stage
--   selection varchar: how the answer was chosen for the later review: random, flagged or all
--   blind varchar: true where both did not see the answer, false where one did; empty where not known
--   reviewer_a varchar: the reviewer of the earlier stage
--   reviewer_b varchar: the reviewer of the later stage
--   person_key varchar: the annotator whose answer was reviewed
--   outcome_a varchar: accepted, overturned, escalated or undecided
--   outcome_b varchar: the same of the later review, seen from what it was shown
--   verdict_b varchar: what the later review says of the answer the earlier one was shown
--   upheld varchar: true where the later review leaves what the earlier one decided, else false
--   count bigint: number of pairs
with ordered_looks as (
    select
        item_id,
        question,
        person_key,
        stage,
        stage_rank,
        selection,
        blind,
        reviewer_key,
        value_before,
        outcome,
        stands,
        row_number() over (
            partition by item_id, question, person_key, stage, reviewer_key
            order by decided_second, decision, value_after
        ) as place,
    from scope_look
    where reviewer_key = '' or reviewer_key <> person_key
),
first_looks as (
    select
        item_id,
        question,
        person_key,
        stage,
        stage_rank,
        selection,
        blind,
        reviewer_key,
        value_before,
        outcome,
        stands,
    from ordered_looks
    where place = 1
),
paired_looks as (
    select
        a.question,
        a.stage as stage_a,
        b.stage as stage_b,
        b.selection,
        case
            when a.blind = '' or b.blind = '' then ''
            when a.blind = 'true' and b.blind = 'true' then 'true'
            else 'false'
        end as blind,
        a.reviewer_key as reviewer_a,
        b.reviewer_key as reviewer_b,
        a.person_key,
        a.outcome as outcome_a,
        b.outcome as outcome_b,
        case
            when b.outcome = 'escalated' or b.stands is null or a.value_before is null then b.outcome
            when b.stands = a.value_before then 'accepted'
            else 'overturned'
        end as verdict_b,
        case
            when a.outcome not in ('accepted', 'overturned') or b.outcome = 'escalated' then ''
            when a.stands is not null and b.stands is not null and a.stands = b.stands then 'true'
            when a.stands is not null and b.stands is not null then 'false'
            when b.outcome = 'undecided' then ''
            when a.stands <> a.value_before and b.value_before = a.stands and b.outcome = 'accepted'
                then 'true'
            when a.stands <> a.value_before and b.value_before = a.stands then 'false'
            when a.outcome = b.outcome then 'true'
            else 'false'
        end as upheld,
    from first_looks as a
    inner join first_looks as b
        on
            a.item_id = b.item_id
            and a.question = b.question
            and a.person_key = b.person_key
            and (
                a.stage_rank < b.stage_rank
                or (a.stage = b.stage and a.reviewer_key < b.reviewer_key)
            )
)
select
    paired_looks.question,
    scope_population.population,
    paired_looks.stage_a,
    paired_looks.stage_b,
    paired_looks.selection,
    paired_looks.blind,
    paired_looks.reviewer_a,
    paired_looks.reviewer_b,
    paired_looks.person_key,
    paired_looks.outcome_a,
    paired_looks.outcome_b,
    paired_looks.verdict_b,
    paired_looks.upheld,
    cast(count(*) as bigint) as count,
from paired_looks
cross join scope_population
group by
    paired_looks.question,
    scope_population.population,
    paired_looks.stage_a,
    paired_looks.stage_b,
    paired_looks.selection,
    paired_looks.blind,
    paired_looks.reviewer_a,
    paired_looks.reviewer_b,
    paired_looks.person_key,
    paired_looks.outcome_a,
    paired_looks.outcome_b,
    paired_looks.verdict_b,
    paired_looks.upheld
order by
    paired_looks.question,
    population,
    stage_a,
    stage_b,
    selection,
    blind,
    reviewer_a,
    reviewer_b,
    person_key,
    outcome_a,
    outcome_b,
    verdict_b,
    upheld
