-- shared_notes: pairs of people who wrote notes on the same items, and how often the same one.
--
-- Grain: one row per question, population and pair of annotators; overall only.
-- Each unordered pair stands once, person_a < person_b. Notes under 20 characters are left out:
-- short phrases are the same by themselves.
-- Additive over batches in shared and identical, by all other columns, where an item lies in one.
-- Columns:
--   question varchar: the question
--   population varchar: whose answers
--   person_a varchar: the annotator whose key sorts first
--   person_b varchar: the other annotator
--   shared bigint: items on which both wrote a long note
--   identical bigint: those on which the notes are the same, apart from case and outer blanks
with notes as (
    select
        scope.question,
        scope.population,
        scope.item_id,
        scope.person_key,
        lower(trim(scope.note)) as note,
    from scope
    where length(trim(scope.note)) >= 20
)
select
    first_notes.question,
    first_notes.population,
    first_notes.person_key as person_a,
    second_notes.person_key as person_b,
    cast(count(*) as bigint) as shared,
    cast(sum(case when first_notes.note = second_notes.note then 1 else 0 end) as bigint)
        as identical,
from notes as first_notes
inner join notes as second_notes
    on first_notes.question = second_notes.question
    and first_notes.population = second_notes.population
    and first_notes.item_id = second_notes.item_id
    and first_notes.person_key < second_notes.person_key
group by
    first_notes.question,
    first_notes.population,
    first_notes.person_key,
    second_notes.person_key
order by question, population, person_a, person_b
