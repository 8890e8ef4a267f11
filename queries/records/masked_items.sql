-- masked_items: items whose mean passes although a dimension is under its floor, the worst first.
--
-- Grain: one row per item, by its lowest score and item.
-- Parameters:
--   $floor double = 3: a dimension under it fails
--   $enough double = 3.5: a mean of all dimensions from here on passes
--   $question varchar: only where this dimension is under the floor
--   $limit bigint = 50: rows at most
--   $offset bigint = 0: rows to leave out first
-- Columns:
--   item_id varchar: the item
--   question varchar: its lowest dimension
--   score double: score there
--   mean double: mean of all dimensions
--   total bigint: rows there are without limit and offset
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
    group by scope.item_id, scope.question
),
items as (
    select
        item_id,
        avg(score) as mean,
        min(score) as score,
        min(score) filter (where question = $question) as asked,
        arg_min(question, score) as question,
    from scores
    group by item_id
    having count(*) > 1
)
select
    item_id,
    question,
    cast(score as double) as score,
    cast(mean as double) as mean,
    cast(count(*) over () as bigint) as total,
from items
where mean >= $enough and score < $floor and ($question is null or asked < $floor)
order by score, item_id
limit $limit offset $offset
