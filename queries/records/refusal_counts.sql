-- refusal_counts: what responses do at each risk, as their items say and as they read.
--
-- Grain: one row per risk, strategy, tone and what they come to.
-- Parameters:
-- Columns:
--   risk varchar: low, medium or high as the item says; '' where it says nothing
--   strategy varchar: attribute refusal_strategy; '' where there is none
--   tone varchar: how a refusal reads: apology, policy, inability or decision; '' for none
--   refuses bigint: 1 for a refusal, by strategy where there is one and else by its words
--   answers bigint: 1 for an answer without caveat or question
--   is_read bigint: 1 where the item says it, or is in a language that the rules read
--   responses bigint: responses that are so
select
    risk,
    strategy,
    tone,
    cast(refuses as bigint) as refuses,
    cast(answers as bigint) as answers,
    cast(is_read as bigint) as is_read,
    cast(count(*) as bigint) as responses,
from response_fact
group by risk, strategy, tone, refuses, answers, is_read
order by risk, strategy, tone, refuses, answers, is_read
