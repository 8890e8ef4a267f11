"""doccano: who a file belongs to, and what an empty label says."""

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from queries.errors import InputError
from queries.ingest.doccano import FORMAT
from queries.ingest.shape import Sample
from tests.queries.ingest.shaping import Workbench

if TYPE_CHECKING:
    from tests.queries.ingest.conftest import Desk

MADE = Path(__file__).parent / "fixtures" / "doccano"
REAL = Path(__file__).parents[4] / "shared" / "data" / "export_fixtures" / "doccano"

# Field of the export -> table it goes to, or None where it is not kept.
FIELDS: dict[str, str | None] = {
    "name of the file": "annotation",
    "id": "item",
    "text": "item",
    "label": "annotation",
    "cats": "annotation",
    "Comments": "annotation",
    "*": "item_attribute",
    "label[start, end, name]": None,
    "entities": None,
    "relations": None,
}
ANSWER = ("item_id", "annotator_id", "value")


def record(number: int, *labels: str, **more: Any) -> dict[str, Any]:
    return {"id": number, "text": f"text {number}", "label": [*labels], "Comments": []} | more


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    return Workbench(FORMAT, tmp_path)


def reasons(losses: Any) -> str:
    return "; ".join(f"{loss.count} x {loss.reason}" for loss in losses)


@pytest.mark.parametrize("field", FIELDS)
def test_fields_have_a_line_that_says_where_they_go(field: str) -> None:
    line, goes = FORMAT.fields[field], FIELDS[field]
    assert line.startswith("not kept") if goes is None else goes in line


def test_members_are_known_by_the_names_of_their_files(bench: Workbench) -> None:
    ann = bench.jsonl([record(1, "good")], "ann.lee.jsonl")
    bench.shape(ann, bench.jsonl([record(1, "bad")], "bob.jsonl"))
    assert bench.rows("annotation", *ANSWER) == [("1", "ann.lee", "good"), ("1", "bob", "bad")]


def test_members_of_an_archive_are_known_by_the_names_inside(bench: Workbench) -> None:
    path = bench.folder / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(bench.jsonl([record(1, "good")], "x.jsonl"), "ann.jsonl")
        archive.write(bench.jsonl([record(1, "good")], "y.jsonl"), "bob.jsonl")
    bench.shape(path)
    assert bench.rows("annotation", "annotator_id") == [("ann",), ("bob",)]


def test_answers_of_everybody_together_are_refused(bench: Workbench) -> None:
    with pytest.raises(InputError, match="without names; doccano knows who annotated only in"):
        bench.shape(bench.jsonl([record(1, "good")], "all.jsonl"))


def test_records_without_id_are_refused(bench: Workbench) -> None:
    with pytest.raises(InputError, match=r"ann.jsonl: 1 records without id"):
        bench.shape(bench.jsonl([{"text": "a", "label": ["good"]}], "ann.jsonl"))


def test_empty_label_is_no_answer_and_is_counted(bench: Workbench) -> None:
    shaped = bench.shape(bench.jsonl([record(1, "good"), record(2)], "ann.jsonl"))
    assert bench.rows("annotation", "item_id") == [("1",)]
    assert bench.rows("item", "item_id") == [("1",), ("2",)]
    assert "1 x record without a label: not seen, or no label fits" in reasons(shaped.notes)


def test_member_who_did_nothing_is_told_and_is_no_annotator(bench: Workbench) -> None:
    ann = bench.jsonl([record(1, "good")], "ann.jsonl")
    shaped = bench.shape(ann, bench.jsonl([record(1), record(2)], "lead.jsonl"))
    assert bench.rows("annotation", "annotator_id") == [("ann",)]
    (silent,) = [loss for loss in shaped.notes if loss.reason == "member without any answer"]
    assert silent.examples[0].found == "lead"


def test_several_labels_make_a_question_of_sets(bench: Workbench) -> None:
    records = [record(1, "b", "a"), record(2, "b")]
    shaped = bench.shape(bench.jsonl(records, "ann.jsonl"))
    assert shaped.questions[0].scale == "set"
    assert bench.rows("annotation", "value") == [('["a","b"]',), ('["b"]',)]


def test_labels_of_csv_are_split(bench: Workbench) -> None:
    rows = [{"id": "1", "text": "t", "label": "b#a", "Comments": "hm"}]
    bench.shape(bench.csv(rows, "ann.csv"))
    assert bench.rows("annotation", "value", "note") == [('["a","b"]', "hm")]


def test_comments_become_the_note_of_the_answer(bench: Workbench) -> None:
    records = [record(1, "good", Comments=["one", "two"]), record(2, Comments=["lost"])]
    shaped = bench.shape(bench.jsonl(records, "ann.jsonl"))
    assert bench.rows("annotation", "note") == [("one\ntwo",)]
    assert "1 x comment on a record without a label" in reasons(shaped.notes)


def test_meta_fields_become_attributes(bench: Workbench) -> None:
    bench.shape(bench.jsonl([record(1, "good", desk="shop", week=3)], "ann.jsonl"))
    assert bench.rows("item_attribute", "name", "value") == [("desk", "shop"), ("meta.week", "3")]


def test_intents_are_kept_and_their_spans_are_not(bench: Workbench) -> None:
    spoken = {"id": 1, "text": "t", "cats": ["flight"], "entities": [[0, 1, "City"]]}
    shaped = bench.shape(bench.jsonl([spoken], "ann.jsonl"))
    assert bench.rows("annotation", "question", "value") == [("cats", "flight")]
    assert "1 x entities are no answer about the whole text" in reasons(shaped.dropped)
    assert not any(loss.fault for loss in shaped.dropped)


@pytest.mark.parametrize(
    "more",
    [
        {"label": [[0, 2, "ORG"]]},
        {"label": None, "entities": [{"id": 1}], "relations": []},
    ],
)
def test_spans_alone_are_refused_with_what_is_there(
    bench: Workbench, more: dict[str, object]
) -> None:
    with pytest.raises(InputError, match=r"no answers in it: 1 x (spans in label|entities)"):
        bench.shape(bench.jsonl([record(1) | more], "ann.jsonl"))


def test_text_that_looks_like_a_span_is_still_a_label(bench: Workbench) -> None:
    bench.shape(bench.jsonl([record(1, "[0, 2]")], "ann.jsonl"))
    assert bench.rows("annotation", "value") == [("[0, 2]",)]


@pytest.mark.parametrize(
    ("keys", "record"),
    [
        ({"item_id", "annotator_id", "value"}, {}),
        ({"text", "label"}, {"text": "a", "label": "x"}),
        ({"id", "text", "label", "_input_hash"}, {"label": ["x"]}),
        ({"id", "data", "annotations"}, {}),
        ({"id", "text", "label"}, {"label": ["x"]}),
    ],
)
def test_other_files_are_not_taken_for_doccano(keys: set[str], record: dict[str, object]) -> None:
    assert not FORMAT.recognises(Sample(("a.json",), frozenset(keys), (record,)))


def test_made_archives_have_one_digest_whatever_their_form(store_desk: "Desk") -> None:
    reports = [
        store_desk.take(MADE / f"text_classification_{form}.zip", None, batch=form)
        for form in ("jsonl", "json", "csv")
    ]
    assert len({report.digest for report in reports}) == 1
    assert [report.format for report in reports] == ["doccano"] * 3


def test_made_archive_holds_the_planted_answers(bench: Workbench) -> None:
    bench.shape(MADE / "text_classification_jsonl.zip")
    answers = bench.rows("annotation", *ANSWER)
    assert len(answers) == 25
    assert ("43", "bob", '["complaint","question"]') in answers
    assert not [each for each in answers if each[1] == "lead"]


def test_made_archive_of_what_is_confirmed_skips_who_did_nothing(desk: "Desk") -> None:
    report = desk.take(MADE / "text_classification_jsonl_confirmed.zip", None)
    assert (report.records, report.read, report.kept, report.annotators) == (25, 23, 23, 3)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("together_jsonl", "without names"),
        ("together_csv", "without names"),
        ("sequence_labelling_jsonl", "8 x spans in label"),
        ("relation_jsonl", "8 x entities"),
        ("text_classification_fasttext", "fastText has no ids"),
        ("meta_called_label_csv", "2 columns are called 'label'"),
    ],
)
def test_made_archives_without_answers_of_people_are_refused(
    refused: Callable[..., str], name: str, reason: str
) -> None:
    assert reason in refused(MADE / f"{name}.zip", None)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("intent_detection_jsonl", 8),
        ("sequence_to_sequence_jsonl", 3),
        ("sequence_to_sequence_csv", 3),
        ("meta_called_id_jsonl", 2),
        ("meta_called_id_csv", 2),
    ],
)
def test_made_archives_with_answers_import_whole(desk: "Desk", name: str, kept: int) -> None:
    report = desk.take(MADE / f"{name}.zip", None)
    dropped = sum(loss.count for loss in report.dropped)  # spans and relations are no answers
    assert (report.kept, report.read) == (kept, kept + dropped)


@pytest.mark.parametrize("form", ["json", "jsonl"])
@pytest.mark.parametrize("name", ["sequence_to_sequence", "text_classification"])
@pytest.mark.skipif(not REAL.exists(), reason="needs the shared folder of real exports")
def test_real_examples_name_nobody_and_are_refused(
    refused: Callable[..., str], name: str, form: str
) -> None:
    message = refused(REAL / f"data_export_{name}_example.{form}", None)
    assert "3 records without id" in message
