-- format_counts: whether responses have the form that their items ask for.
--
-- Grain: one row per form asked for and machine code.
-- Parameters:
-- Columns:
--   asked_form varchar: attribute output_format; '' where there is none
--   code varchar: what is wrong; '' for nothing
--   responses bigint: responses of which that is so
select
    asked_form,
    format_code as code,
    cast(count(*) as bigint) as responses,
from response_fact
group by asked_form, format_code
order by asked_form, format_code
