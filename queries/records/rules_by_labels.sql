-- rules_by_labels: the rules that reviewers named when they changed one label to another.
--
-- Grain: one row per question, label before, label after and rule, most frequent first.
-- Columns:
--   question varchar: the question
--   value_before varchar: the answer before
--   value_after varchar: the answer after
--   rule_ref varchar: rule that was applied
--   reviews bigint: reviews that did so
select
    question,
    value_before,
    value_after,
    rule_ref,
    count(*) as reviews,
from scope_review
where value_before <> value_after and rule_ref is not null
group by question, value_before, value_after, rule_ref
order by reviews desc, question, value_before, value_after, rule_ref
