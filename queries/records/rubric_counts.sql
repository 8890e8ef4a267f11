-- rubric_counts: items whose mean over all dimensions passes although one dimension is too low.
--
-- A dimension is a question on a numeric scale; its score on an item is the mean of its answers.
-- Items with fewer than two dimensions are left out: nothing can be hidden there.
--
-- Grain: one row per dimension, and one for all of them under ''.
-- Parameters:
--   $floor double = 3: a dimension under it fails
--   $enough double = 3.5: a mean of all dimensions from here on passes
--   $dimensions varchar: names of questions as a JSON list; all numeric ones when not given
-- Columns:
--   question varchar: the dimension, '' for any
--   items bigint: items with two or more dimensions, one of them this
--   low bigint: items where it is under the floor
--   passing bigint: items whose mean passes
--   masked bigint: items whose mean passes although it is under the floor
--   scores double: sum of its scores
with scores as (
    select
        scope.item_id,
        scope.question,
        avg(try_cast(scope.value as double)) as score,
    from scope
    inner join scope_question on scope.question = scope_question.question
    where
        scope_question.level in ('ordinal', 'interval', 'ratio')
        and try_cast(scope.value as double) is not null
        and (
            $dimensions is null
            or list_contains(cast(cast($dimensions as json) as varchar[]), scope.question)
        )
    group by scope.item_id, scope.question
),
items as (
    select
        item_id,
        avg(score) as mean,
        min(score) as lowest,
    from scores
    group by item_id
    having count(*) > 1
),
dimensions as (
    select
        scores.question,
        scores.score,
        items.mean,
    from scores
    inner join items on scores.item_id = items.item_id
    union all
    select
        '' as question,
        lowest as score,
        mean,
    from items
)
select
    question,
    cast(count(*) as bigint) as items,
    cast(count(*) filter (where score < $floor) as bigint) as low,
    cast(count(*) filter (where mean >= $enough) as bigint) as passing,
    cast(count(*) filter (where score < $floor and mean >= $enough) as bigint) as masked,
    cast(sum(score) as double) as scores,
from dimensions
group by question
order by question
