"""The bundle: every kind of record from one folder, and what is said of those that are not kept."""

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from queries.errors import InputError
from queries.ingest import FORMATS, import_batch
from queries.ingest.archives import BUNDLE
from queries.ingest.report import ImportReport
from queries.ingest.shape import SHAPE
from queries.scope import Viewer

if TYPE_CHECKING:
    from tests.queries.ingest.conftest import Desk

ANNOTATIONS = (
    "item_id,annotator_id,question,value\ni1,ana,winner,a\ni1,ben,winner,b\ni2,ana,winner,tie\n"
)
FACTS = """
kind = "preference"
overlap_design = "all"
[[question]]
name = "winner"
labels = ["a", "tie", "b"]
ties = ["tie"]
"""


def bundle(desk: "Desk", **files: str) -> Path:
    """Write a bundle: file name with `_csv`, `_jsonl` or `_toml` for its suffix -> content."""
    folder = desk.folder / "bundle"
    folder.mkdir()
    given = {"batch_toml": FACTS, "annotations_csv": ANNOTATIONS} | files
    for name, content in given.items():
        stem, suffix = name.rsplit("_", maxsplit=1)
        (folder / f"{stem}.{suffix}").write_text(content)
    return folder


def take(desk: "Desk", path: Path, **options: object) -> ImportReport:
    return import_batch(desk.store, [path], batch_id="b", **options)  # type: ignore[arg-type]


def reasons(report: ImportReport) -> dict[str, int]:
    return {loss.reason: loss.count for loss in (*report.dropped, *report.coerced)}


def test_a_folder_with_batch_toml_is_known_for_a_bundle(desk: "Desk") -> None:
    assert take(desk, bundle(desk)).format == "bundle"


def test_answers_of_a_bundle_are_read_as_they_stand(desk: "Desk") -> None:
    report = take(desk, bundle(desk))
    assert desk.answers("item_id", "value", "status") == [
        ("i1", "a", "submitted"),
        ("i1", "b", "submitted"),
        ("i2", "tie", "submitted"),
    ]
    assert (report.read, report.kept, report.items) == (3, 3, 2)


def test_questions_of_batch_toml_give_labels_in_order_and_ties(desk: "Desk") -> None:
    take(desk, bundle(desk))
    assert desk.rows("question", "name", "labels", "tie_labels", "declared") == [
        ("winner", '["a", "tie", "b"]', '["tie"]', True)
    ]


def test_an_item_without_answers_is_an_item(desk: "Desk") -> None:
    items = "item_id,prompt,licence\ni1,Hello,CC0\ni9,World,\n"
    take(desk, bundle(desk, items_csv=items))
    assert desk.rows("item", "item_id", "prompt", "licence") == [
        ("i1", "Hello", "CC0"),
        ("i2", None, None),
        ("i9", "World", None),
    ]


def test_an_item_described_twice_is_told(desk: "Desk") -> None:
    report = take(desk, bundle(desk, items_csv="item_id,prompt\ni1,one\ni1,two\n"))
    assert reasons(report) == {"item described twice with another prompt; the first is kept": 1}


def test_reviews_keep_who_looked_and_what_changed(desk: "Desk") -> None:
    reviews = (
        "item_id,question,annotator_id,stage,reviewer_id,decision,value_before,value_after\n"
        "i1,winner,ana,Arbitration,rob,overturned,a, b \n"
    )
    report = take(desk, bundle(desk, reviews_csv=reviews))
    (row,) = desk.rows("review", "stage", "decision", "value_before", "value_after")
    assert row == ("arbitration", "revise", "a", "b")
    assert report.reviews == 1


def test_a_reviewer_is_a_person_with_a_key(desk: "Desk") -> None:
    reviews = "item_id,annotator_id,reviewer_id,decision\ni1,ana,ben,approve\n"
    take(desk, bundle(desk, reviews_csv=reviews))
    (keys,) = desk.rows("review", "person_key", "reviewer_key")
    answered = {key for (key,) in desk.rows("annotation", "person_key")}
    assert set(keys) <= answered


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("stage", "later", "stage of a review cannot be read"),
        ("blind", "perhaps", "blind of a review cannot be read"),
        ("decided_at", "soon", "decided_at of a review cannot be read"),
        ("value_after", "c", "value_after of a review cannot be read"),
    ],
)
def test_a_value_a_review_cannot_have_is_left_out_and_counted(
    desk: "Desk", column: str, value: str, reason: str
) -> None:
    reviews = f"item_id,question,reviewer_id,{column}\ni1,winner,rob,{value}\n"
    report = take(desk, bundle(desk, reviews_csv=reviews))
    assert reasons(report) == {reason: 1}
    assert desk.rows("review", column) == [(None,)]


def test_a_review_that_ends_before_it_starts_loses_its_times(desk: "Desk") -> None:
    reviews = (
        "item_id,reviewer_id,started_at,decided_at\n"
        "i1,rob,2026-05-01T10:00:00Z,2026-05-01T09:00:00Z\n"
    )
    report = take(desk, bundle(desk, reviews_csv=reviews))
    assert reasons(report) == {"review that ends before it starts; its times are left out": 1}
    assert desk.rows("review", "started_at", "decided_at") == [(None, None)]


def test_a_record_without_its_item_is_dropped(desk: "Desk") -> None:
    rows = "".join(f"i1,rob,r{n}\n" for n in range(30))
    report = take(desk, bundle(desk, reviews_csv=f"item_id,reviewer_id,note\n{rows},rob,x\n"))
    assert reasons(report) == {"review without item_id": 1}
    (side,) = report.sides
    assert (side.table, side.read, side.kept) == ("review", 31, 30)


def test_the_same_event_twice_is_one_event(desk: "Desk") -> None:
    events = "item_id,from,to,actor_id,at\n" + 2 * "i1,new,done,ana,2026-05-01T10:00:00Z\n"
    report = take(desk, bundle(desk, events_csv=events))
    assert reasons(report) == {"the same event twice": 1}
    assert desk.rows("event", "from_state", "to_state") == [("new", "done")]


def test_people_are_described_under_the_key_of_their_answers(desk: "Desk") -> None:
    take(desk, bundle(desk, people_csv="person_id,team,group\nana,t1,g1\nzoe,t2,g2\n"))
    described = desk.rows("person", "team", "annotator_group")
    assert described == [("t1", "g1"), ("t2", "g2"), (None, None)]


def test_a_golden_probe_keeps_the_expected_answer(desk: "Desk") -> None:
    take(desk, bundle(desk, probes_csv="item_id,question,type,expected\ni1,winner,golden,b\n"))
    assert desk.rows("probe", "item_id", "type", "expected") == [("i1", "golden", "b")]


def test_signals_are_kept_apart_from_answers(desk: "Desk") -> None:
    signals = "item_id,type,name,value\ni1,verifier,unit-tests,0.5\ni1,online,likes,12\n"
    take(desk, bundle(desk, signals_csv=signals))
    assert desk.rows("signal", "type", "value") == [("online", 12.0), ("verifier", 0.5)]
    assert len(desk.answers()) == 3


def test_a_ranking_is_read_as_tie_groups(desk: "Desk") -> None:
    facts = 'kind = "ranking"\n[[question]]\nname = "order"\nlevel = "ranking"\n'
    answers = (
        '{"item_id": "i", "annotator_id": "a", "question": "order", "value": [["x"], ["z", "y"]]}'
    )
    folder = bundle(desk, batch_toml=facts, annotations_jsonl=answers)
    (folder / "annotations.csv").unlink()
    take(desk, folder)
    assert desk.answers("value") == [('[["x"],["y","z"]]',)]


def test_a_zipped_bundle_is_the_bundle(desk: "Desk") -> None:
    folder = bundle(desk)
    with zipfile.ZipFile(desk.folder / "all.zip", "w") as archive:
        for path in folder.iterdir():
            archive.write(path, f"bundle/{path.name}")
    assert take(desk, desk.folder / "all.zip").annotations == 3


def test_a_file_that_is_no_part_of_a_bundle_is_told(desk: "Desk") -> None:
    report = take(desk, bundle(desk, notes_csv="a,b\n1,2\n"))
    (loss,) = report.unknown
    assert loss.reason.startswith("bundle/notes.csv is no file of a bundle")


def test_an_unknown_fact_is_refused_with_the_nearest(desk: "Desk") -> None:
    with pytest.raises(InputError, match="key vender is not known; did you mean 'vendor'"):
        take(desk, bundle(desk, batch_toml='kind = "qa"\nvender = "x"\n'))


def test_a_part_with_reviews_only_is_added_to_a_batch(store_desk: "Desk") -> None:
    take(store_desk, bundle(store_desk))
    reviews = store_desk.folder / "more"
    reviews.mkdir()
    (reviews / "reviews.csv").write_text(
        "item_id,question,annotator_id,reviewer_id,decision,value_before,value_after\n"
        "i1,winner,ana,rob,approve,a,a\n"
    )
    report = take(store_desk, reviews, mode="add")
    assert (report.reviews, report.annotations) == (1, 0)
    assert store_desk.rows("review", "value_before", "decision", batch="b") == [("a", "approve")]


def add(desk: "Desk", name: str, **files: str) -> ImportReport:
    """Add a part of the given files to the batch."""
    folder = desk.folder / name
    folder.mkdir()
    for stem, content in files.items():
        (folder / f"{stem}.csv").write_text(content)
    return take(desk, folder, mode="add")


def test_reviews_that_an_earlier_part_has_are_not_counted_twice(store_desk: "Desk") -> None:
    take(store_desk, bundle(store_desk))
    review = "item_id,reviewer_id,decision\ni1,rob,approve\n"
    add(store_desk, "first", reviews=review)
    report = add(store_desk, "second", reviews=f"{review}i2,rob,reject\n")
    assert reasons(report) == {"review that an earlier part has already": 1}
    assert store_desk.store.batch("b", Viewer.owner()).reviews == 2


def test_answers_that_a_later_part_replaces_are_told_and_counted_once(store_desk: "Desk") -> None:
    take(store_desk, bundle(store_desk))
    later = "item_id,annotator_id,question,value\ni1,ana,winner,b\ni3,ana,winner,b\n"
    report = add(store_desk, "later", annotations=later)
    assert [(loss.reason, loss.count) for loss in report.notes] == [
        ("replaces an answer of an earlier part", 1)
    ]
    assert store_desk.store.batch("b", Viewer.owner()).annotations == 4


def test_a_review_of_an_item_nobody_knows_is_kept_and_told(store_desk: "Desk") -> None:
    take(store_desk, bundle(store_desk))
    reviews = "item_id,reviewer_id,decision\ni1,rob,approve\nz9,rob,approve\n"
    report = add(store_desk, "strange", reviews=reviews)
    (note,) = report.notes
    assert note.reason == "review of items the batch does not hold (such as 'z9'); kept"


def test_every_record_table_has_a_file_in_a_bundle() -> None:
    assert set(BUNDLE.values()) == set(SHAPE)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_says_where_its_fields_go(name: str) -> None:
    assert FORMATS[name].fields
    assert all(FORMATS[name].fields.values())


def test_labels_that_ship_keep_their_own_question_and_value(desk: "Desk") -> None:
    annotations = (
        "item_id,annotator_id,question,value\n"
        "i1,ana,winner,a\ni1,ana,safe,a\ni2,ana,winner,b\ni2,ana,safe,b\n"
    )
    shipped = "item_id,question,value\ni1,winner,a\ni1,safe,b\ni2,winner,b\ni2,safe,a\n"
    take(desk, bundle(desk, annotations_csv=annotations, resolutions_csv=shipped))
    assert desk.rows("resolution", "item_id", "question", "value") == [
        ("i1", "safe", "b"),
        ("i1", "winner", "a"),
        ("i2", "safe", "a"),
        ("i2", "winner", "b"),
    ]


def test_items_without_a_group_may_have_answers_with_a_duration(desk: "Desk") -> None:
    items = "item_id,prompt\ni1,Why?\n"
    answers = "item_id,annotator_id,question,value,duration_seconds\ni1,ana,winner,a,3\n"
    assert take(desk, bundle(desk, items_csv=items, annotations_csv=answers)).annotations == 1


def test_one_text_may_be_expected_of_two_questions(desk: "Desk") -> None:
    answers = "item_id,annotator_id,question,value\ni1,ana,winner,a\ni1,ana,other,a\n"
    probes = "item_id,question,type,expected\ni1,winner,reference,a\ni1,other,reference,a\n"
    take(desk, bundle(desk, annotations_csv=answers, probes_csv=probes))
    assert desk.rows("probe", "question", "expected") == [("other", "a"), ("winner", "a")]


def test_rows_that_describe_one_item_are_read_as_one(desk: "Desk") -> None:
    described = "".join(2 * f"i{n},one\n" for n in range(40))
    report = take(desk, bundle(desk, items_csv=f"item_id,prompt\n{described},two\n"))
    (side,) = report.sides
    assert (side.read, side.kept) == (41, 40)
    assert side.read == side.kept + sum(loss.count for loss in report.dropped)
