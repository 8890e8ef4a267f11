"""Rows of Label Studio (JSON_MIN, CSV, TSV): data and answers of one annotation side by side.

Nothing in a row says which of its fields are answers. Answers with a structure show themselves;
a plain one is told by where it stands (JSON_MIN) or by differing within a task (CSV).
"""

from collections.abc import Iterator
from typing import Final

import duckdb

from queries.ingest.findings import Files, found_where
from queries.ingest.label_studio_answers import GIVEN
from queries.ingest.report import Loss
from queries.ingest.text import fill

ROW: Final = (
    "id",
    "annotator",
    "annotation_id",
    "created_at",
    "updated_at",
    "lead_time",
    "agreement",
    "history",
)
"""Fields that every row has, or may have, besides data and answers."""

_TWIN: Final = "_data_"
_FIELDS: Final = """
create or replace temp table ls_field as
select place, item_id, key, position, json_extract(json, spot(key)) as json,
    list_position(keys, 'id') as id_at, list_position(keys, 'annotator') as annotator_at
from (
    select place, item_id, json, keys, unnest(keys) as key,
        unnest(range(1, len(keys) + 1)) as position
    from (select place, json ->> '$.id' as item_id, json, json_keys(json) as keys from exported)
)
where not list_contains($row::varchar[], key)
"""
# CSV cells hold JSON in a text.
_UNPACKED: Final = """
create or replace temp table ls_cell as
select *, case when json_type(json) = 'VARCHAR' and regexp_matches(json ->> '$', '^\\s*[\\[{]')
    and json_valid(json ->> '$') then cast(json ->> '$' as json) else json end as value
from ls_field where json_type(json) <> 'NULL' and (json ->> '$') <> ''
"""
_ANSWERED: Final = (
    "json_type({j}) = 'OBJECT' and len(list_intersect(json_keys({j}), ['choices', 'taxonomy', "
    "'rating', 'number', 'selected', 'ranker'])) > 0 or json_keys({j}) = ['text']"
)
_CONTROLS: Final = """
create or replace temp table ls_control as
select key, max(told) as told, max(apart) as apart, bool_or(textual) as textual
from (
    select key, place,
        bool_or({object} or {member}) as told,
        bool_or(position > id_at and position < annotator_at) as apart,
        bool_or(json_keys(value) = ['text']) as textual
    from ls_cell group by key, place
)
group by key
"""
# Data of a task are the same in all its rows.
_DIFFERING: Final = """
select distinct key from ls_field group by item_id, key
having count(distinct coalesce(json ->> '$', '')) > 1
"""
_GIVEN: Final = """
create or replace temp table ls_given as
with given as (
    select place, json ->> '$.id' as item_id, 'annotation' as source,
        row_number() over () as annotation,
        coalesce(json ->> '$.annotator.id', json ->> '$.annotator') as annotator_id,
        'human' as role, 'submitted' as status, json ->> '$.created_at' as annotated_at,
        nullif(json ->> '$.lead_time', '') as duration_seconds,
        null::varchar as assist, null::varchar as blind, null::varchar as note, r.result
    from exported left join (
        select place, to_json(list({'from_name': key, 'value': part})) as result
        from (
            select place, key, unnest(case
                when json_type(value) = 'ARRAY' and json_type(value -> 0) = 'OBJECT'
                    then members(value)
                when json_type(value) = 'OBJECT' then [value]
                when json_type(value) = 'ARRAY' then [to_json({'text': value})]
                when textual then [to_json({'text': [value ->> '$']})]
                else [to_json({'choices': [value ->> '$']})] end) as part
            from ls_cell join ls_control using (key)
            where key in (select key from ls_answering)
        )
        group by place
    ) as r using (place)
    where nullif(json ->> '$.annotation_id', '') is not null
)
select row_number() over () as given, {columns} from given
"""
_DATA: Final = """
create or replace temp table ls_data as
select place, json ->> '$.id' as item_id, d.data
from exported left join (
    select place, json_group_object(key, value) as data from ls_cell
    where key not in (select key from ls_answering) group by place
) as d using (place)
"""


def read_rows(cursor: duckdb.DuckDBPyConnection, *, ordered: bool) -> tuple[str, ...]:
    """Make `ls_given` and `ls_data`; return the fields that may be data or answers.

    `ordered` tells that the fields stand as Label Studio wrote them (JSON_MIN): data, id, answers,
    annotator. A CSV file has its columns in the order of the alphabet.
    """
    cursor.execute(_FIELDS, {"row": list(ROW)})
    cursor.execute(_UNPACKED)
    member = fill(_ANSWERED, j="(value -> 0)")
    cursor.execute(fill(_CONTROLS, object=fill(_ANSWERED, j="value"), member=member))
    rows = cursor.execute("select key, told, apart from ls_control order by key").fetchall()
    keys = [str(key) for key, _, _ in rows]
    answers = {str(key) for key, told, apart in rows if told or (ordered and apart)}
    answers |= {str(row[0]) for row in cursor.execute(_DIFFERING).fetchall()}
    # A CSV file calls data `_data_x` where there is a control x.
    answers |= {key.removeprefix(_TWIN) for key in keys if key.startswith(_TWIN)}
    answers = {key for key in answers if not key.startswith(_TWIN)}
    cursor.execute("create or replace temp table ls_answering (key varchar)")
    cursor.execute(
        "insert into ls_answering select unnest($keys::varchar[])", {"keys": sorted(answers)}
    )
    cursor.execute(fill(_GIVEN, columns=GIVEN))
    cursor.execute(_DATA)
    return () if ordered else tuple(key for key in keys if key not in answers)


def row_remarks(
    cursor: duckdb.DuckDBPyConnection, files: Files, unsure: tuple[str, ...]
) -> Iterator[Loss]:
    """Yield what this form of the export cannot tell."""
    lacks = (
        "this form of the export has lost cancelled annotations, ground truth marks, reviews, "
        "predictions, drafts and who changed an answer; export JSON instead"
    )
    told = Loss(lacks, 0, fault=False)
    yield from found_where(cursor, files, "true", told, column="annotation_id")
    if unsure:
        reason = (
            f"columns that never differ within a task are taken for data: {', '.join(unsure)}; "
            "if one holds answers, export JSON, where answers can be told from data"
        )
        yield Loss(reason, len(unsure), fault=False)
    empty = "nullif(json ->> '$.annotation_id', '') is null"
    told = Loss("task without an annotation: kept as an item", 0, fault=False)
    yield from found_where(cursor, files, empty, told, column="annotation_id")
