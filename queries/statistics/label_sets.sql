-- label_sets: items by who gave them which label, for estimating the true label.
--
-- Grain: one row per question, population, set of (annotator, label) and member of the set; overall.
-- Items with equal sets are one. Grows with the items: it is read in blocks and never kept. A set is
-- known by two sums of weights (decimal digits made of md5); its members are read off one item.
-- Additive over batches in multiplicity, by all other columns, where an item lies in one batch.
-- Columns:
--   question varchar: the question
--   population varchar: whose answers
--   block bigint: 0 to 63; the sets of a block are read together
--   set_id varchar: the set, the same in every batch
--   person_key varchar: an annotator of the set
--   label varchar: the label this annotator gave
--   multiplicity bigint: number of items with this set
with answers as (
    select
        scope_vote.question,
        scope_vote.population,
        scope_vote.item_id,
        scope_vote.person_key,
        scope_vote.value as label,
    from scope_vote
),
members as (
    select
        person_key,
        label,
        md5(person_key || chr(31) || label) as digest,
    from answers
    group by person_key, label
),
member_weights as (
    select
        person_key,
        label,
        cast(translate(substr(digest, 1, 14), 'abcdef', '123456') as bigint) as weight_1,
        cast(translate(substr(digest, 17, 14), 'abcdef', '123456') as bigint) as weight_2,
    from members
),
units as (
    select
        answers.question,
        answers.population,
        answers.item_id,
        cast(sum(member_weights.weight_1) as bigint) as sum_1,
        cast(sum(member_weights.weight_2) as bigint) as sum_2,
    from answers
    inner join member_weights
        on answers.person_key = member_weights.person_key
        and answers.label = member_weights.label
    group by answers.question, answers.population, answers.item_id
),
unit_sets as (
    select
        question,
        population,
        sum_1,
        sum_2,
        min(item_id) as item_id,
        count(*) as multiplicity,
    from units
    group by question, population, sum_1, sum_2
)
select
    unit_sets.question,
    unit_sets.population,
    cast(unit_sets.sum_1 % 64 as bigint) as block,
    cast(unit_sets.sum_1 as varchar)
        || '-'
        || cast(unit_sets.sum_2 as varchar) as set_id,
    answers.person_key,
    answers.label,
    cast(unit_sets.multiplicity as bigint) as multiplicity,
from unit_sets
inner join answers
    on unit_sets.question = answers.question
    and unit_sets.population = answers.population
    and unit_sets.item_id = answers.item_id
order by question, population, block, set_id, person_key, label
