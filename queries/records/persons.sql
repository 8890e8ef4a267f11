-- persons: attributes of the people in the batch, without names.
--
-- Grain: one row per person, by key.
-- Parameters:
--   $person_key varchar: only of this one; all in scope when not given
--   $limit bigint = 200: rows at most
--   $offset bigint = 0: rows to leave out first
-- Columns:
--   person_key varchar: the person
--   team varchar: team
--   vendor varchar: vendor
--   tier varchar: tier
--   language varchar: language
--   annotator_group varchar: group
select
    person_key,
    team,
    vendor,
    tier,
    language,
    annotator_group,
from scope_person
where ($person_key is null or person_key = $person_key)
order by person_key
limit $limit offset $offset
