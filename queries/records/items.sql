-- items: the items behind a number, a page at a time.
--
-- Grain: one row per item and question with an answer in scope, by item and question.
-- Parameters:
--   $disagreed boolean = false: only items whose answers differ
--   $label varchar: only items on which somebody gave this label
--   $label_a varchar: with label_b, only items that have both labels; with persons, label of person_a
--   $label_b varchar: the other label
--   $person_a varchar: with person_b, only items that both judged
--   $person_b varchar: the other annotator
--   $pair_disagreed boolean = false: of those, only items on which the two differ
--   $limit bigint = 50: rows at most
--   $offset bigint = 0: rows to leave out first
-- Columns:
--   item_id varchar: the item
--   question varchar: the question
--   prompt varchar: beginning of the prompt, 200 characters
--   group_id varchar: prompt or document the item belongs to
--   answers bigint: answers in scope (m)
--   labels bigint: distinct labels among them
--   label_text varchar: those labels in alphabetical order
--   annotations bigint: answers of all roles, rounds and states
--   total bigint: rows there are without limit and offset
with judged_items as (
    select
        item_id,
        question,
        count(*) as answers,
        count(distinct value) as labels,
        count(*) filter (where value = $label) as label_count,
        count(*) filter (where value = $label_a) as label_a_count,
        count(*) filter (where value = $label_b) as label_b_count,
        max(value) filter (where person_key = $person_a) as value_a,
        max(value) filter (where person_key = $person_b) as value_b,
    from scope
    group by item_id, question
),
chosen_items as (
    select
        item_id,
        question,
        answers,
        labels,
        count(*) over () as total,
    from judged_items
    where
        (not $disagreed or labels > 1)
        and ($label is null or label_count > 0)
        and (
            $label_a is null
            or $person_a is not null
            or (
                label_a_count > 0
                and label_b_count > 0
                and ($label_a <> $label_b or label_a_count > 1)
            )
        )
        and (
            $person_a is null
            or (
                value_a is not null
                and value_b is not null
                and ($label_a is null or value_a = $label_a)
                and ($label_b is null or value_b = $label_b)
                and (not $pair_disagreed or value_a <> value_b)
            )
        )
    order by item_id, question
    limit $limit offset $offset
),
label_texts as (
    select
        scope.item_id,
        scope.question,
        string_agg(distinct scope.value, ' · ' order by scope.value) as label_text,
    from scope
    inner join chosen_items
        on scope.item_id = chosen_items.item_id
        and scope.question = chosen_items.question
    group by scope.item_id, scope.question
),
annotation_counts as (
    select
        scope_annotation.item_id,
        scope_annotation.question,
        count(*) as annotations,
    from scope_annotation
    inner join chosen_items
        on scope_annotation.item_id = chosen_items.item_id
        and scope_annotation.question = chosen_items.question
    group by scope_annotation.item_id, scope_annotation.question
)
select
    chosen_items.item_id,
    chosen_items.question,
    substr(scope_item.prompt, 1, 200) as prompt,
    scope_item.group_id,
    cast(chosen_items.answers as bigint) as answers,
    cast(chosen_items.labels as bigint) as labels,
    label_texts.label_text,
    cast(annotation_counts.annotations as bigint) as annotations,
    cast(chosen_items.total as bigint) as total,
from chosen_items
inner join label_texts
    on chosen_items.item_id = label_texts.item_id
    and chosen_items.question = label_texts.question
inner join annotation_counts
    on chosen_items.item_id = annotation_counts.item_id
    and chosen_items.question = annotation_counts.question
left join scope_item
    on chosen_items.item_id = scope_item.item_id
order by chosen_items.item_id, chosen_items.question
