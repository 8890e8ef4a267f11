-- pair_outcomes: which of two options was preferred, how it was shown and how strongly.
--
-- Grain: one row per question, population, pair of options, order shown, length bin, margin, outcome.
-- Items with exactly two responses; option_a is the model of the response whose id sorts first, which
-- is the option the labels of the question speak of first. The length bin is
-- floor(ln(ratio of lengths) / ln(1.25)), positive where option_a is longer.
-- Additive over batches in count, by all other columns.
-- Columns:
--   question varchar: the question
--   population varchar: whose answers
--   option_a varchar: model of the first response, or its id where no model is known
--   option_b varchar: model of the second response, or its id
--   first_shown varchar: the order shown, as the annotation has it; null where it is not known
--   length_bin bigint: ratio of the lengths on a logarithmic scale; null where one is not known
--   margin double: strength of the preference; null where none was asked for
--   outcome varchar: the answer
--   count bigint: number of answers
with response_pairs as (
    select
        item_id,
        min(response_id) as first_id,
        max(response_id) as second_id,
    from scope_response
    group by item_id
    having count(*) = 2
),
options as (
    select
        response_pairs.item_id,
        coalesce(first_response.model, first_response.response_id) as option_a,
        coalesce(second_response.model, second_response.response_id) as option_b,
        cast(
            floor(
                ln((first_response.length + 1.0) / (second_response.length + 1.0))
                / ln(1.25)
            ) as bigint
        ) as length_bin,
    from response_pairs
    inner join scope_response as first_response
        on response_pairs.item_id = first_response.item_id
        and response_pairs.first_id = first_response.response_id
    inner join scope_response as second_response
        on response_pairs.item_id = second_response.item_id
        and response_pairs.second_id = second_response.response_id
    where response_pairs.first_id < response_pairs.second_id
),
answers as (
    select
        scope.question,
        scope.population,
        options.option_a,
        options.option_b,
        scope.shown_order as first_shown,
        options.length_bin,
        scope.strength as margin,
        scope.value as outcome,
    from scope
    inner join options
        on scope.item_id = options.item_id
    inner join scope_label
        on scope.question = scope_label.question
        and scope.value = scope_label.label
)
select
    question,
    population,
    option_a,
    option_b,
    first_shown,
    length_bin,
    margin,
    outcome,
    cast(count(*) as bigint) as count,
from answers
group by
    question,
    population,
    option_a,
    option_b,
    first_shown,
    length_bin,
    margin,
    outcome
order by
    question,
    population,
    option_a,
    option_b,
    first_shown,
    length_bin,
    margin,
    outcome
