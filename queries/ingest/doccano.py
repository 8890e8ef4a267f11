"""doccano: one file for each member of a project, who is known by the name of the file."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

import duckdb

from queries.errors import InputError
from queries.ingest.attributes import attributes_of, prepare_json
from queries.ingest.exported import lay_out
from queries.ingest.files import InputFile
from queries.ingest.findings import Files, example, filled_tables, found_where
from queries.ingest.mapping import Question
from queries.ingest.report import EXAMPLES, Loss
from queries.ingest.shape import Format, Sample, Shaped
from queries.ingest.text import fill

_FIELDS: Final = {
    "name of the file": "annotation.annotator_id: the member; 'all' is nobody and is refused",
    "id": "item.item_id; a meta field of that name takes its place in doccano itself",
    "text": "item.prompt",
    "filename": "item.prompt, where there is no text (pictures, sound)",
    "label": "annotation.value (question = label); a set where anybody chose several. An empty "
    "list is no answer: not seen, or nothing fits; counted. In CSV labels are split at '#'",
    "cats": "annotation.value (question = cats), of intent detection",
    "Comments": "annotation.note",
    "label[start, end, name]": "not kept: spans of sequence labelling are no answer about the text",
    "entities": "not kept: spans are no answer about the text; counted",
    "relations": "not kept: relations between spans are no answer about the text; counted",
    "bbox, segmentation": "not kept: regions are no answer about the picture; counted",
    "annotation_approver, upload_name": "item_attribute of the same name, where older versions "
    "have it",
    "*": "item_attribute of the same name: meta fields of the import stand beside the others",
}
_OWN: Final = frozenset(
    {"id", "text", "filename", "label", "cats", "Comments", "entities", "relations", "bbox",
     "segmentation"}
)  # fmt: skip
_DRAWN: Final = ("entities", "relations", "bbox", "segmentation")
_SUFFIX: Final = re.compile(r"\.(jsonl|ndjson|json|csv|txt)(\.gz)?$", re.IGNORECASE)
_EXPORT: Final = (
    "doccano knows who annotated only in projects without 'Share annotations across all users'; "
    "export such a project as JSONL and import the zip file"
)

_RECORDS: Final = """
create or replace temp table doccano_record as
select place, json as data, json ->> '$.id' as item_id,
    ($names::varchar[])[file + 1] as annotator_id,
    nullif(array_to_string(case json_type(json -> '$.Comments') when 'ARRAY'
        then from_json(json -> '$.Comments', '["varchar"]')
        else [json ->> '$.Comments'] end, chr(10)), '') as note
from exported
"""
# Labels of CSV are joined with "#"; spans are lists, and are counted elsewhere.
_LABELS: Final = """
create or replace temp table doccano_answer as
select place, question, list_distinct(labels) as labels
from (
    select r.place, q.question, case json_type(json_extract(data, '/' || question))
        when 'ARRAY' then list_filter(
            list_transform(members(json_extract(data, '/' || question)), lambda each:
                case json_type(each) when 'VARCHAR' then each ->> '$' end),
            lambda each: each is not null)
        when 'VARCHAR' then list_filter(string_split(data ->> question, '#'),
            lambda each: trim(each) <> '') end as labels
    from doccano_record as r cross join (values ('label'), ('cats')) as q(question)
)
where len(labels) > 0
"""
_ANNOTATION: Final = """
create or replace temp table shaped_annotation as
with several as (select distinct question from doccano_answer where len(labels) > 1)
select place, r.item_id, r.annotator_id, a.question, 'human' as role, 'submitted' as status,
    case when a.question in (from several)
        then cast(to_json(list_sort(a.labels)) as varchar) else a.labels[1] end as value,
    r.note
from doccano_answer as a join doccano_record as r using (place)
"""
_ITEM: Final = """
create or replace temp table shaped_item as
select place, item_id, coalesce(said(data -> '$.text'), said(data -> '$.filename')) as prompt
from doccano_record
"""
_QUESTIONS: Final = """
select question, bool_or(len(labels) > 1) from doccano_answer group by question order by question
"""
_DRAWN_ROWS: Final = """
select field, count(*), list(place order by place)[:{limit}], sum(len(parts))
from (
    select place, field, list_filter(members(json_extract(data, '/' || field)),
        lambda each: field <> 'label' or json_type(each) in ('ARRAY', 'OBJECT')) as parts
    from doccano_record cross join (select unnest($fields::varchar[]) as field)
)
where len(parts) > 0 group by field order by field
"""
_SILENT: Final = """
select min(place) as place, annotator_id from doccano_record
group by annotator_id having count(*) filter (where place in (select place from doccano_answer)) = 0
"""
_UNANSWERED: Final = "place not in (select place from doccano_answer)"


def _recognises(sample: Sample) -> bool:
    keys = sample.keys
    if keys & {"item_id", "annotator_id", "_input_hash", "annotations"}:
        return False
    if any(key.startswith("__label__") for key in keys):
        return all(name.endswith(".txt") for name in sample.names)
    shown = bool(keys & {"text", "filename"})
    answered = "label" in keys or "cats" in keys or {"entities", "relations"} <= keys
    if not (shown and answered):
        return False
    if "Comments" in keys:
        return "id" in keys
    # Older versions, and the examples of the documentation: texts and lists of labels, as many a
    # file has that is no doccano's. Without ids it is refused; with ids only an archive is one.
    if "id" in keys and not all("/" in name for name in sample.names):
        return False
    listed = [
        isinstance(each.get(key), list)
        for each in sample.objects
        for key in ("label", "cats", "entities")
        if key in each
    ]
    return bool(listed) and all(listed)


def _shape(cursor: duckdb.DuckDBPyConnection, files: Sequence[InputFile]) -> Shaped:
    names = [_member(file) for file in files]
    counts = lay_out(cursor, files)
    prepare_json(cursor)
    _refuse_without_id(cursor, counts)
    cursor.execute(_RECORDS, {"names": names})
    cursor.execute(_LABELS)
    asked = tuple(
        Question(name=name, level="set" if is_set else "nominal")
        for name, is_set in cursor.execute(_QUESTIONS).fetchall()
    )
    dropped = tuple(_drawn(cursor, counts))
    if not asked:
        there = "; ".join(f"{loss.count} x {loss.reason}" for loss in dropped)
        raise InputError(
            f"{counts[0][0]}: no answers in it: {there or 'every label is empty'}; allowed: labels "
            "of whole texts (classification, intents); export a project that has them"
        )
    cursor.execute(_ANNOTATION)
    cursor.execute(_ITEM)
    attributes = attributes_of("doccano_record", _OWN, prefix="meta")
    cursor.execute(
        fill("create or replace temp table shaped_item_attribute as {select}", select=attributes)
    )
    return Shaped(
        tables=filled_tables(cursor, ("annotation", "item", "item_attribute")),
        files=counts,
        questions=asked,
        dropped=dropped,
        notes=tuple(_remarks(cursor, counts)),
    )


def _member(file: InputFile) -> str:
    """Return the member a file is named after.

    Raises
    ------
    InputError
        When the file is nobody's, or is in a form without ids.
    """
    name = _SUFFIX.sub("", file.name.rsplit("/", maxsplit=1)[-1])
    if any(column.startswith("__label__") for column in file.columns):
        message = "fastText has no ids, so answers of several members cannot be brought together"
        raise InputError(f"{file.name}: {message}; export JSONL")
    if name == "all":
        raise InputError(f"{file.name}: answers of everybody together, without names; {_EXPORT}")
    return name


def _refuse_without_id(cursor: duckdb.DuckDBPyConnection, files: Files) -> None:
    query = "select min(place), count(*) from exported where json ->> '$.id' is null"
    place, count = cursor.execute(query).fetchone() or (0, 0)
    if count:
        where = example(files, place, "id", None)
        raise InputError(
            f"{where.file}: {count} records without id (the first is record {where.record}), so it "
            f"is not to be seen who answered what; {_EXPORT}"
        )


def _drawn(cursor: duckdb.DuckDBPyConnection, files: Files) -> Iterator[Loss]:
    """Yield what was drawn into the texts, record by record."""
    query = fill(_DRAWN_ROWS, limit=str(EXAMPLES))
    rows = cursor.execute(query, {"fields": ["label", *_DRAWN]}).fetchall()
    for field, count, places, parts in rows:
        what = "spans in label" if field == "label" else field
        reason = f"{what} are no answer about the whole text: not kept ({parts} in all)"
        examples = tuple(example(files, place, field, None, "labels") for place in places)
        yield Loss(reason, int(count), examples, fault=False)


def _remarks(cursor: duckdb.DuckDBPyConnection, files: Files) -> Iterator[Loss]:
    reason = (
        "record without a label: not seen, or no label fits; not counted as an answer. With "
        "'export only approved documents' doccano leaves out what was not seen"
    )
    told = Loss(reason, 0, fault=False, code="no_answer")
    yield from found_where(
        cursor, files, _UNANSWERED, told, column="label", relation="doccano_record"
    )
    told = Loss("member without any answer", 0, fault=False, code="no_answer")
    yield from found_where(
        cursor, files, "true", told, column="label", found="annotator_id", relation=f"({_SILENT})"
    )
    reason = "comment on a record without a label: not kept"
    told = Loss(reason, 0, fault=False)
    condition = f"note is not null and {_UNANSWERED}"
    yield from found_where(
        cursor, files, condition, told, column="Comments", found="note", relation="doccano_record"
    )
    told = Loss(f"annotator is the name of the file: {_names(cursor)}", len(files), fault=False)
    yield told


def _names(cursor: duckdb.DuckDBPyConnection) -> str:
    rows = cursor.execute("select distinct annotator_id from doccano_record order by all limit 20")
    return ", ".join(str(row[0]) for row in rows.fetchall())


FORMAT: Final = Format(
    name="doccano",
    title="doccano: the zip file of a project, or its files (JSONL, JSON, CSV), one a member",
    fields=_FIELDS,
    cannot_tell=(
        "whether an empty label means 'not seen' or 'no label fits'; such records are counted and "
        "are no answers",
        "whether labels are classes or texts somebody wrote: both look alike. Agreement on texts "
        "counts those that are the same",
        "labels nobody chose; name them in a mapping ([[question]] labels)",
        "who confirmed an example, when anything was said, and how long it took",
        "a label with '#' in it, in CSV: export JSONL",
    ),
    recognises=_recognises,
    shape=_shape,
)
