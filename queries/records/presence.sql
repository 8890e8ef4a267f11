-- presence: how many rows of every table have a value in every column.
--
-- Grain: one row per table and column, of tables that have rows. Unpivot is DuckDB's: spelled out, this
-- would be a select for each of a hundred columns.
-- Parameters:
-- Columns:
--   table_name varchar: the record table
--   column_name varchar: the column
--   filled bigint: rows with a value
--   row_count bigint: rows
with item_presence as (
    unpivot (
        select
            count(*) as row_count,
            count(item_id) as item_id,
            count(prompt) as prompt,
            count(context) as context,
            count(group_id) as group_id,
            count(content_hash) as content_hash,
            count(source) as source,
            count(licence) as licence,
            count(risk_level) as risk_level,
            count(set_role) as set_role,
            count(inclusion_probability) as inclusion_probability,
        from scope_item
    )
    on columns(* exclude row_count)
    into name column_name value filled
),
item_attribute_presence as (
    unpivot (
        select
            count(*) as row_count,
            count(item_id) as item_id,
            count(name) as name,
            count(value) as value,
        from scope_item_attribute
    )
    on columns(* exclude row_count)
    into name column_name value filled
),
response_presence as (
    unpivot (
        select
            count(*) as row_count,
            count(item_id) as item_id,
            count(response_id) as response_id,
            count(model) as model,
            count(text) as text,
            count(length) as length,
        from scope_response
    )
    on columns(* exclude row_count)
    into name column_name value filled
),
annotation_presence as (
    unpivot (
        select
            count(*) as row_count,
            count(item_id) as item_id,
            count(question) as question,
            count(person_key) as person_key,
            count(role) as role,
            count(value) as value,
            count(strength) as strength,
            count(round) as round,
            count(blind) as blind,
            count(shown_order) as shown_order,
            count(status) as status,
            count(annotated_at) as annotated_at,
            count(duration_seconds) as duration_seconds,
            count(guideline_version) as guideline_version,
            count(assist) as assist,
            count(reason_tags) as reason_tags,
            count(note) as note,
        from scope_annotation
    )
    on columns(* exclude row_count)
    into name column_name value filled
),
review_presence as (
    unpivot (
        select
            count(*) as row_count,
            count(item_id) as item_id,
            count(question) as question,
            count(person_key) as person_key,
            count(stage) as stage,
            count(selection) as selection,
            count(reviewer_key) as reviewer_key,
            count(decision) as decision,
            count(value_before) as value_before,
            count(value_after) as value_after,
            count(error_tags) as error_tags,
            count(severity) as severity,
            count(blind) as blind,
            count(rule_ref) as rule_ref,
            count(guidance) as guidance,
            count(note) as note,
            count(started_at) as started_at,
            count(decided_at) as decided_at,
        from scope_review
    )
    on columns(* exclude row_count)
    into name column_name value filled
),
resolution_presence as (
    unpivot (
        select
            count(*) as row_count,
            count(item_id) as item_id,
            count(question) as question,
            count(value) as value,
            count(rule) as rule,
            count(votes) as votes,
            count(confidence) as confidence,
            count(decided_by) as decided_by,
        from scope_resolution
    )
    on columns(* exclude row_count)
    into name column_name value filled
),
probe_presence as (
    unpivot (
        select
            count(*) as row_count,
            count(item_id) as item_id,
            count(question) as question,
            count(type) as type,
            count(expected) as expected,
        from scope_probe
    )
    on columns(* exclude row_count)
    into name column_name value filled
),
signal_presence as (
    unpivot (
        select
            count(*) as row_count,
            count(item_id) as item_id,
            count(response_id) as response_id,
            count(step) as step,
            count(type) as type,
            count(name) as name,
            count(version) as version,
            count(value) as value,
            count(failure_reason) as failure_reason,
        from scope_signal
    )
    on columns(* exclude row_count)
    into name column_name value filled
),
event_presence as (
    unpivot (
        select
            count(*) as row_count,
            count(item_id) as item_id,
            count(from_state) as from_state,
            count(to_state) as to_state,
            count(actor_key) as actor_key,
            count(role) as role,
            count("at") as "at",
            count(hours) as hours,
            count(cost) as cost,
            count(activity) as activity,
        from scope_event
    )
    on columns(* exclude row_count)
    into name column_name value filled
),
person_presence as (
    unpivot (
        select
            count(*) as row_count,
            count(person_key) as person_key,
            count(team) as team,
            count(vendor) as vendor,
            count(tier) as tier,
            count(language) as language,
            count(annotator_group) as annotator_group,
        from scope_person
    )
    on columns(* exclude row_count)
    into name column_name value filled
),
knowledge_link_presence as (
    unpivot (
        select
            count(*) as row_count,
            count(link_id) as link_id,
            count(from_type) as from_type,
            count(from_id) as from_id,
            count(to_type) as to_type,
            count(to_id) as to_id,
            count("at") as "at",
        from scope_knowledge_link
    )
    on columns(* exclude row_count)
    into name column_name value filled
),
all_presence as (
    select
        'item' as table_name,
        column_name,
        filled,
        row_count,
    from item_presence
    union all
    select
        'item_attribute' as table_name,
        column_name,
        filled,
        row_count,
    from item_attribute_presence
    union all
    select
        'response' as table_name,
        column_name,
        filled,
        row_count,
    from response_presence
    union all
    select
        'annotation' as table_name,
        column_name,
        filled,
        row_count,
    from annotation_presence
    union all
    select
        'review' as table_name,
        column_name,
        filled,
        row_count,
    from review_presence
    union all
    select
        'resolution' as table_name,
        column_name,
        filled,
        row_count,
    from resolution_presence
    union all
    select
        'probe' as table_name,
        column_name,
        filled,
        row_count,
    from probe_presence
    union all
    select
        'signal' as table_name,
        column_name,
        filled,
        row_count,
    from signal_presence
    union all
    select
        'event' as table_name,
        column_name,
        filled,
        row_count,
    from event_presence
    union all
    select
        'person' as table_name,
        column_name,
        filled,
        row_count,
    from person_presence
    union all
    select
        'knowledge_link' as table_name,
        column_name,
        filled,
        row_count,
    from knowledge_link_presence
)
select
    table_name,
    column_name,
    cast(filled as bigint) as filled,
    cast(row_count as bigint) as row_count,
from all_presence
where row_count > 0
order by table_name, column_name
