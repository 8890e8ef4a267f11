-- annotator_pairs: the labels two annotators gave to the same items.
--
-- Grain: one row per question, population, pair of annotators and pair of labels; overall only.
-- Each unordered pair of annotators stands once, person_a < person_b.
-- Everything in scope is one population here, so it is named once and not joined on.
-- Additive over batches in count, by all other columns, where an item lies in one batch.
-- Columns:
--   question varchar: the question
--   population varchar: whose answers
--   person_a varchar: the annotator whose key sorts first
--   role_a varchar: role of person_a
--   person_b varchar: the other annotator
--   role_b varchar: role of person_b
--   label_a varchar: label of person_a
--   label_b varchar: label of person_b
--   count bigint: number of items
with pairs as (
    select
        first_votes.question,
        first_votes.person_key as person_a,
        first_votes.role as role_a,
        second_votes.person_key as person_b,
        second_votes.role as role_b,
        first_votes.value as label_a,
        second_votes.value as label_b,
        count(*) as item_count,
    from scope_vote as first_votes
    inner join scope_vote as second_votes
        on first_votes.question = second_votes.question
        and first_votes.item_id = second_votes.item_id
        and first_votes.person_key < second_votes.person_key
    group by
        first_votes.question,
        first_votes.person_key,
        first_votes.role,
        second_votes.person_key,
        second_votes.role,
        first_votes.value,
        second_votes.value
)
select
    pairs.question,
    scope_population.population,
    pairs.person_a,
    pairs.role_a,
    pairs.person_b,
    pairs.role_b,
    pairs.label_a,
    pairs.label_b,
    cast(pairs.item_count as bigint) as count,
from pairs
cross join scope_population
order by
    question, population, person_a, person_b, role_a, role_b, label_a, label_b
