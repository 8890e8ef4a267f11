-- shown_choices: which option each annotator chose, by the order in which options were shown.
--
-- Grain: one row per question, population, annotator, order shown and label; overall only.
-- Additive over batches in count, by all other columns.
-- Columns:
--   question varchar: the question
--   population varchar: whose answers
--   person_key varchar: the annotator
--   shown_order varchar: the options in the order they were shown, divided by a bar
--   label varchar: the label given
--   count bigint: number of answers
select
    scope.question,
    scope.population,
    scope.person_key,
    scope.shown_order,
    scope.value as label,
    cast(count(*) as bigint) as count,
from scope
where scope.shown_order is not null
group by
    scope.question,
    scope.population,
    scope.person_key,
    scope.shown_order,
    scope.value
order by question, population, person_key, shown_order, label
