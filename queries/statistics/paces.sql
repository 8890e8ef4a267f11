-- paces: how long each annotator took, by task and length of what was read.
--
-- Grain: one row per question, population, annotator, task, length bin and bin of time.
-- The task is the item attribute of that name; the length is that of prompt, context and responses
-- in characters, floor(ln(characters + 1) / ln(2)). Bins of time are those of durations.
-- Additive over batches in count, by all other columns.
-- Columns:
--   question varchar: the question
--   population varchar: whose answers
--   person_key varchar: the annotator
--   task varchar: the task; empty where it is not known
--   length_bin bigint: the doubling of length; 0 where nothing is known
--   log_bin bigint: the bin of time
--   count bigint: number of answers
with item_tasks as (
    select
        scope_item_attribute.item_id,
        min(scope_item_attribute.value) as task,
    from scope_item_attribute
    where scope_item_attribute.name = 'task'
    group by scope_item_attribute.item_id
),
response_lengths as (
    select
        scope_response.item_id,
        sum(coalesce(scope_response.length, length(scope_response.text), 0)) as characters,
    from scope_response
    group by scope_response.item_id
),
item_lengths as (
    select
        scope_item.item_id,
        coalesce(length(scope_item.prompt), 0)
            + coalesce(length(scope_item.context), 0)
            + coalesce(response_lengths.characters, 0) as characters,
    from scope_item
    left join response_lengths
        on scope_item.item_id = response_lengths.item_id
),
answers as (
    select
        scope.question,
        scope.population,
        scope.person_key,
        coalesce(item_tasks.task, '') as task,
        cast(floor(ln(coalesce(item_lengths.characters, 0) + 1.0) / ln(2.0)) as bigint)
            as length_bin,
        cast(floor(ln(scope.duration_seconds * 1000.0 + 1.0) / ln(1.02)) as bigint) as log_bin,
    from scope
    left join item_tasks
        on scope.item_id = item_tasks.item_id
    left join item_lengths
        on scope.item_id = item_lengths.item_id
    where scope.duration_seconds >= 0.0
)
select
    question,
    population,
    person_key,
    task,
    length_bin,
    log_bin,
    cast(count(*) as bigint) as count,
from answers
group by question, population, person_key, task, length_bin, log_bin
order by question, population, person_key, task, length_bin, log_bin
