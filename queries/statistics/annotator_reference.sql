-- annotator_reference: each annotator's labels against a label that is known otherwise.
--
-- Grain: one row per question, population, annotator, reference, reference label and label.
-- golden, trap, audit and reference are planted items with an expected value (golden and trap items
-- stand nowhere else), resolution is the label that ships. The majority of the other annotators
-- (leave_one_out) is not here: it follows exactly from annotator_patterns.
-- Additive over batches in count, by all other columns.
-- Columns:
--   question varchar: the question
--   population varchar: whose answers
--   person_key varchar: the annotator
--   reference varchar: golden, trap, audit, reference or resolution
--   reference_label varchar: the label that is held to be right
--   label varchar: the label the annotator gave
--   count bigint: number of items
with probed_answers as (
    select
        scope_answer.question,
        scope_answer.population,
        scope_answer.person_key,
        scope_probe.type as reference,
        scope_probe.expected as reference_label,
        scope_answer.value as label,
    from scope_answer
    inner join scope_probe
        on scope_answer.item_id = scope_probe.item_id
        and scope_answer.question = scope_probe.question
    where scope_probe.expected is not null
),
resolved_answers as (
    select
        scope.question,
        scope.population,
        scope.person_key,
        'resolution' as reference,
        scope_resolution.value as reference_label,
        scope.value as label,
    from scope
    inner join scope_resolution
        on scope.item_id = scope_resolution.item_id
        and scope.question = scope_resolution.question
    where scope_resolution.value is not null
),
referenced_answers as (
    select
        question,
        population,
        person_key,
        reference,
        reference_label,
        label,
    from probed_answers
    union all
    select
        question,
        population,
        person_key,
        reference,
        reference_label,
        label,
    from resolved_answers
)
select
    question,
    population,
    person_key,
    reference,
    reference_label,
    label,
    cast(count(*) as bigint) as count,
from referenced_answers
group by question, population, person_key, reference, reference_label, label
order by question, population, person_key, reference, reference_label, label
