-- answer_repeats: what a person answered first and again, to the same item or its copy.
--
-- Grain: one row per question, population, annotator, source, first label and label given again.
-- again: a later round of the same item; copy: another item with the same content. Items on which
-- an answer of the person was reviewed are left out: there a changed answer is the point.
-- Additive over batches in count, by all other columns, where an item and its copies lie in one.
-- Columns:
--   question varchar: the question
--   population varchar: whose answers
--   person_key varchar: the annotator
--   source varchar: again or copy
--   first_label varchar: the label that counts, or that of the item whose id sorts first
--   later_label varchar: the other one
--   count bigint: number of pairs of answers
with reviewed as (
    select
        scope_review.item_id,
        scope_review.person_key,
    from scope_review
    group by scope_review.item_id, scope_review.person_key
),
free_answers as (
    select
        scope.question,
        scope.population,
        scope.person_key,
        scope.item_id,
        scope.value,
        coalesce(scope.round, 1) as round,
    from scope
    left join reviewed
        on scope.item_id = reviewed.item_id
        and scope.person_key = reviewed.person_key
    where reviewed.item_id is null
),
copied_answers as (
    select
        free_answers.question,
        free_answers.population,
        free_answers.person_key,
        free_answers.item_id,
        free_answers.value,
        scope_item.content_hash,
    from free_answers
    inner join scope_item
        on free_answers.item_id = scope_item.item_id
    where scope_item.content_hash is not null
),
repeats as (
    select
        free_answers.question,
        free_answers.population,
        free_answers.person_key,
        'again' as source,
        free_answers.value as first_label,
        scope_submitted.value as later_label,
    from free_answers
    inner join scope_submitted
        on free_answers.question = scope_submitted.question
        and free_answers.item_id = scope_submitted.item_id
        and free_answers.person_key = scope_submitted.person_key
        and free_answers.round < coalesce(scope_submitted.round, 1)
    union all
    select
        first_answers.question,
        first_answers.population,
        first_answers.person_key,
        'copy' as source,
        first_answers.value as first_label,
        later_answers.value as later_label,
    from copied_answers as first_answers
    inner join copied_answers as later_answers
        on first_answers.question = later_answers.question
        and first_answers.population = later_answers.population
        and first_answers.person_key = later_answers.person_key
        and first_answers.content_hash = later_answers.content_hash
        and first_answers.item_id < later_answers.item_id
)
select
    question,
    population,
    person_key,
    source,
    first_label,
    later_label,
    cast(count(*) as bigint) as count,
from repeats
group by question, population, person_key, source, first_label, later_label
order by question, population, person_key, source, first_label, later_label
