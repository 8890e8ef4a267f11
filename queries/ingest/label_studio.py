"""Label Studio: projects exported as JSON, JSON_MIN, CSV or TSV."""

from collections.abc import Collection, Sequence
from typing import Final

import duckdb

from queries.errors import InputError
from queries.ingest.attributes import (
    attributes_of,
    prepare_json,
    prompt_field,
    responses_of,
    side_fields,
)
from queries.ingest.exported import lay_out
from queries.ingest.files import InputFile
from queries.ingest.findings import Files, filled_tables, unknown_fields
from queries.ingest.label_studio_answers import (
    kind_of,
    questions,
    read_results,
    remarks,
    unsupported,
)
from queries.ingest.label_studio_rows import ROW, read_rows, row_remarks
from queries.ingest.label_studio_tasks import read_tasks, shape_beside, task_remarks
from queries.ingest.report import Loss
from queries.ingest.shape import Format, Sample, Shaped
from queries.ingest.text import fill, literal

_FIELDS: Final = {
    "id": "item.item_id (number of the task)",
    "data.prompt": "item.prompt; else the first there is of instruction, question, text, input, "
    "html, dialogue",
    "data.context": "item.context",
    "data.response_a, data.response_b": "response.text a and b (also answer_a, completion_a, "
    "response_1, response1, answer1); 'left' is read as a",
    "data.model_a, data.model_b": "response.model",
    "data.*": "item_attribute of the same name; an object field by field (name.field); a reserved "
    "name gets 'data.' in front",
    "meta": "item_attribute meta.name",
    "file_upload": "item.source",
    "annotations": "see annotations.*",
    "predictions": "see predictions.*; not kept where they are numbers only, with a note",
    "drafts": "annotation with status draft; not kept where they are numbers only, with a note",
    "created_at, updated_at, inner_id, project, updated_by, state": "not kept: about the task in "
    "Label Studio, not about what was said of it",
    "total_annotations, cancelled_annotations, total_predictions": "not kept: counts of what is "
    "in the task",
    "agreement": "not kept: a matching score without correction for chance; agreement is "
    "computed from the answers",
    "overlap, is_labeled, precomputed_agreement, avg_lead_time, allow_skip": "not kept: settings "
    "of the task, or follows from the annotations",
    "comment_count, unresolved_comment_count, last_comment_updated_at, comment_authors, comments": (
        "not kept: discussion about the task is no answer"
    ),
    "annotations.completed_by": "annotation.annotator_id, the number of the user, whether it "
    "stands alone or in an object; names and e-mail addresses are not kept: personal data",
    "annotations.result": "annotation.value, one answer for each control; see annotations.result.*",
    "annotations.was_cancelled": "annotation.status skipped, for every question of the project",
    "annotations.ground_truth": "probe of type reference with the answers as expected values; "
    "annotation.role expert. The task stays an ordinary one: it was not planted",
    "annotations.created_at": "annotation.annotated_at, and annotation.round where one person "
    "annotated a task twice",
    "annotations.lead_time": "annotation.duration_seconds (of the whole task, the same for "
    "every question)",
    "annotations.parent_prediction, annotations.prediction": "annotation.assist",
    "annotations.parent_annotation": "annotation.assist, annotation.blind = false",
    "annotations.bulk_created": "annotation.assist = bulk",
    "annotations.updated_by": "annotation.status discarded where somebody else changed the answer "
    "and the first one is not in the export",
    "annotations.updated_at, annotations.last_action": "whether an answer was changed after a "
    "review; otherwise not kept",
    "annotations.history": "annotation.value: the first answer, where a reviewer changed it; "
    "later states are not kept",
    "annotations.reviews": "see annotations.reviews.*",
    "annotations.id, annotations.unique_id, annotations.import_id, annotations.task, "
    "annotations.project": "not kept: numbers inside Label Studio",
    "annotations.draft_created_at, annotations.last_created_by, annotations.result_count, "
    "annotations.state, annotations.created_username, annotations.created_ago": (
        "not kept: follows from what is kept"
    ),
    "annotations.comments": "not kept: discussion about the task is no answer",
    "annotations.result.from_name": "annotation.question",
    "annotations.result.type": "question.level: pairwise nominal (left, right), choices and "
    "taxonomy nominal or, where anybody chose several, set; rating ordinal; number interval; "
    "ranker ranking (a question for each bucket where there are several); textarea nominal",
    "annotations.result.value": "annotation.value; a path of a taxonomy is joined with '/'. A "
    "value with a place in the text or picture is about a region: not kept, counted",
    "annotations.result.origin": "annotation.assist, where it comes from a prediction",
    "annotations.result.to_name, annotations.result.id, annotations.result.score, "
    "annotations.result.meta, annotations.result.readonly, annotations.result.hidden": (
        "not kept: says nothing about the answer"
    ),
    "annotations.result.parentID, annotations.result.item_index, "
    "annotations.result.image_rotation, annotations.result.original_width, "
    "annotations.result.original_height": "not kept: belongs to regions",
    "annotations.reviews.accepted": "review.decision approve or reject",
    "annotations.reviews.fixed_annotation_history": "review.decision revise, review.value_after",
    "annotations.reviews.previous_annotation_history_result": "annotation.value and "
    "review.value_before: what was said before the reviewer changed it",
    "annotations.reviews.created_by": "review.reviewer_id",
    "annotations.reviews.created_at": "review.decided_at",
    "annotations.reviews.started_at": "review.started_at",
    "annotations.reviews.reject_action, annotations.reviews.remove_from_queue": "review.note",
    "annotations.reviews.id, annotations.reviews.annotation, annotations.reviews.state, "
    "annotations.reviews.result, annotations.reviews.previous_annotation_history, "
    "annotations.reviews.last_annotation_history": "not kept: numbers inside Label Studio, and "
    "copies of the annotation",
    "predictions.model_version": "annotation.annotator_id, role model",
    "predictions.result": "annotation.value",
    "predictions.score": "signal (judge, prediction score)",
    "predictions.created_at": "annotation.annotated_at",
    "predictions.id, predictions.task, predictions.project, predictions.model, "
    "predictions.model_run, predictions.created_ago, predictions.updated_at, predictions.cluster, "
    "predictions.neighbors, predictions.mislabeling": "not kept: numbers inside Label Studio",
    "drafts.*": "annotation with status draft; the user is found by number or by e-mail address",
    "annotator": "JSON_MIN, CSV, TSV: annotation.annotator_id",
    "annotation_id": "JSON_MIN, CSV, TSV: not kept: a number inside Label Studio",
    "lead_time": "JSON_MIN, CSV, TSV: annotation.duration_seconds",
    "history": "CSV: not kept: export JSON instead",
}

_ITEM: Final = """
create or replace temp table shaped_item as
select place, item_id, {prompt} as prompt, said(data -> '$.context') as context, {source} as source
from {relation}
"""
_META: Final = "select place, item_id, json -> '$.meta' as data from ls_task"
_UNDER_META: Final = """
union all select place, item_id, 'meta.' || name, value from ({meta})
"""
_KEYS: Final = "select distinct unnest(json_keys(data)) from {relation}"
_DATA: Final = "(select place, item_id, json -> '$.data' as data, json from ls_task)"
_INSIDE: Final = {
    "annotations.": "ls_annotation",
    "annotations.result.": "(select place, unnest(members(json -> '$.result')) as json "
    "from ls_annotation)",
    "annotations.reviews.": "ls_review",
    "predictions.": "(select place, unnest(members(json -> '$.predictions')) as json from ls_task)",
}


def _recognises(sample: Sample) -> bool:
    if {"data", "annotations"} <= sample.keys and "id" in sample.keys:
        return True
    row = {"id", "annotator", "annotation_id", "lead_time", "created_at", "updated_at"}
    return row <= sample.keys


def _shape(cursor: duckdb.DuckDBPyConnection, files: Sequence[InputFile]) -> Shaped:
    counts = lay_out(cursor, files)
    prepare_json(cursor)
    keys = {str(row[0]) for row in cursor.execute(fill(_KEYS, relation=_ALL)).fetchall()}
    _refuse_other(keys, files)
    told: list[Loss] = []
    unknown: tuple[Loss, ...] = ()
    whole = "annotations" in keys
    if whole:
        read_tasks(cursor)
        relation = _DATA
        unknown = tuple(
            loss
            for inside, objects in {"": "exported", **_INSIDE}.items()
            for loss in unknown_fields(
                cursor, counts, _known(inside), relation=objects, inside=inside
            )
        )
    else:
        unsure = read_rows(cursor, ordered=all(file.form == "json" for file in files))
        relation = "ls_data"
        told += row_remarks(cursor, counts, unsure)
    names = {str(row[0]) for row in cursor.execute(fill(_KEYS, relation=relation)).fetchall()}
    sides = side_fields(names)
    read_results(cursor, sided=bool(sides))
    asked = questions(cursor)
    if not asked:
        raise InputError(_no_answers(cursor, counts))
    if whole:
        shape_beside(cursor)
        told += task_remarks(cursor, counts)
    _describe(cursor, relation, names, whole=whole)
    tables = ["annotation", "item", "item_attribute", "response"]
    tables += ["review", "probe", "signal"] if whole else []
    kind = kind_of(asked)
    if kind == "preference" and sides:
        reason = f"'left' is read as {sides[0][0]}: the export does not hold the labeling setup"
        told.append(Loss(reason, 1, fault=False))
    return Shaped(
        tables=filled_tables(cursor, tables),
        files=counts,
        kind=kind,
        questions=asked,
        dropped=tuple(unsupported(cursor, counts)),
        unknown=unknown,
        notes=(*remarks(cursor, counts), *told),
    )


_ALL: Final = "(select json as data from exported)"


def _describe(
    cursor: duckdb.DuckDBPyConnection, relation: str, names: Collection[str], *, whole: bool
) -> None:
    """Make the relations of items, their attributes and their two responses."""
    prompt, sides = prompt_field(names), side_fields(names)
    shown = f"said(data -> {literal(prompt)})" if prompt else "null::varchar"
    source = "json ->> '$.file_upload'" if whole else "null::varchar"
    cursor.execute(fill(_ITEM, prompt=shown, source=source, relation=relation))
    taken = {name for pair in sides for name in pair} | {"context"}
    attributes = attributes_of(relation, {*taken, *([prompt] if prompt else [])})
    if whole:
        meta = attributes_of(f"({_META})", (), prefix="meta")
        attributes += fill(_UNDER_META, meta=meta)
    cursor.execute(f"create or replace temp table shaped_item_attribute as {attributes}")
    select = responses_of(relation, sides)
    cursor.execute(f"create or replace temp table shaped_response as {select}")


def _known(inside: str) -> set[str]:
    """Return the fields of one kind of object that have a line in the help page."""
    names = {name for line in _FIELDS for name in line.split(", ")}
    rest = {name.removeprefix(inside) for name in names if name.startswith(inside)}
    return {name for name in rest if "." not in name} | ({"data"} if not inside else set())


def _refuse_other(keys: Collection[str], files: Sequence[InputFile]) -> None:
    """Refuse what Label Studio never wrote, and what it writes one file an annotation."""
    if "annotations" in keys or {"annotation_id", "annotator"} <= set(keys):
        return
    name = files[0].name
    if {"task", "result"} <= set(keys):
        raise InputError(
            f"{name}: one annotation as a storage target writes it; export the project as JSON"
        )
    raise InputError(
        f"{name}: no Label Studio export: found {', '.join(sorted(keys)[:8])}; allowed: JSON (id, "
        f"data, annotations) or JSON_MIN, CSV, TSV ({', '.join(ROW[:6])}); export JSON"
    )


def _no_answers(cursor: duckdb.DuckDBPyConnection, files: Files) -> str:
    found = [f"{loss.count} x {loss.reason}" for loss in unsupported(cursor, files)]
    there = "; ".join(found) or "no annotation has a result"
    return (
        f"{files[0][0]}: no answers in it: {there}; allowed: choices, taxonomy, rating, number, "
        "pairwise, ranker, textarea about the whole task; export a project that asks for a verdict"
    )


FORMAT: Final = Format(
    name="label-studio",
    title="Label Studio: project exported as JSON (all of it), or as JSON_MIN, CSV or TSV (less)",
    fields=_FIELDS,
    cannot_tell=(
        "a tie of a pairwise control: it has none, and an empty result may be a tie or a skip. "
        "Both are kept as skipped and counted",
        "whether a control without a result means 'none of these' or was not asked: the labeling "
        "setup is in no export. Such answers are counted and left out",
        "labels nobody chose; name them in a mapping ([[question]] labels)",
        "whether 'left' is response a: tasks are read so, by the names of their fields",
        "what an annotator said before somebody else changed it, unless the export has the "
        "history or the review holds it. Such an answer is kept as discarded",
        "how long one question took: lead_time is of the whole task, all visits together",
        "from JSON_MIN, CSV and TSV: cancelled annotations, ground truth, reviews, predictions, "
        "drafts; in CSV and TSV also which columns are answers, where they never differ in a task",
    ),
    recognises=_recognises,
    shape=_shape,
)
