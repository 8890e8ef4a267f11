"""A whole import into a store: modes, kinds, facts, and nothing left behind by a failed one."""

import json
from typing import TYPE_CHECKING, Any

import pytest

from queries.errors import InputError
from queries.scope import Viewer

if TYPE_CHECKING:
    from tests.queries.ingest.conftest import Desk

ROWS = "item,who,label\n1,ann,a\n1,bo,b\n2,ann,a\n"
KEYS = '[columns]\nitem_id = "item"\nannotator_id = "who"\n'
QUESTION = '[[question]]\nname = "label"\ncolumn = "label"\n'
MAPPING = 'kind = "qa"\n' + KEYS + QUESTION


def info(desk: "Desk", batch: str = "b") -> Any:
    return desk.store.batch(batch, Viewer.owner())


def told(desk: "Desk", *arguments: Any, **options: Any) -> str:
    with pytest.raises(InputError) as caught:
        desk.take(*arguments, **options)
    return str(caught.value)


def test_an_import_makes_a_batch(store_desk: "Desk") -> None:
    report = store_desk.take(ROWS)
    batch = info(store_desk)
    assert (batch.items, batch.annotations, batch.annotators) == (2, 3, 2)
    assert batch.parts[0].part_key == report.part
    assert batch.parts[0].digest == report.digest


def test_the_report_has_the_promised_names(store_desk: "Desk") -> None:
    report = store_desk.take(ROWS).to_json()
    names = ["batch", "part", "items", "annotations", "annotators", "reviews"]
    assert list(report)[:10] == [*names, "dropped", "coerced", "unknown", "digest"]
    assert json.loads(json.dumps(report)) == report


def test_the_report_is_kept_with_the_part(store_desk: "Desk") -> None:
    report = store_desk.take(ROWS)
    assert store_desk.store.report(report.part) == report.to_json()


def test_the_digest_does_not_depend_on_order_or_format(store_desk: "Desk") -> None:
    first = store_desk.take("item,who,label\n1,x,a\n2,x,b\n", batch="one")
    lines = '{"label":"b","item":"2","who":"x"}\n{"label":"a","item":"1","who":"x"}\n'
    second = store_desk.take(lines, batch="two", name="answers.jsonl")
    assert first.digest == second.digest


def test_a_dry_run_reports_and_leaves_nothing(store_desk: "Desk") -> None:
    report = store_desk.take(ROWS, dry_run=True)
    assert (report.annotations, report.dry_run) == (3, True)
    assert store_desk.store.batches(Viewer.owner()) == []
    assert not list(store_desk.store.folder.glob("**/*.parquet"))


def test_a_dry_run_has_the_counts_of_the_import(store_desk: "Desk") -> None:
    rehearsed = store_desk.take(ROWS + ",ann,x\n" * 0, dry_run=True).to_json()
    done = store_desk.take(ROWS).to_json()
    differing = {name for name in done if rehearsed[name] != done[name]}
    assert differing == {"part", "digest", "dry_run"}  # people get their keys on import


def test_an_existing_batch_needs_add_or_replace(store_desk: "Desk") -> None:
    store_desk.take(ROWS)
    message = told(store_desk, ROWS)
    assert "--add" in message
    assert "--replace" in message


def test_add_needs_a_batch(store_desk: "Desk") -> None:
    assert "no batch is called 'b'" in told(store_desk, ROWS, mode="add")


def test_add_makes_a_second_part(store_desk: "Desk") -> None:
    store_desk.take(ROWS)
    store_desk.take("item,who,label\n3,cy,a\n", mode="add")
    assert (len(info(store_desk).parts), info(store_desk).annotations) == (2, 4)


def test_add_refuses_a_file_that_is_in(store_desk: "Desk") -> None:
    first = store_desk.take(ROWS, name="day1.csv")
    message = told(store_desk, ROWS, name="again.csv", mode="add")
    assert f"again.csv is in batch 'b' already: part 1 ({first.part}), imported 20" in message
    assert "--replace" in message
    assert len(info(store_desk).parts) == 1


def test_add_refuses_a_file_that_is_in_beside_new_ones(store_desk: "Desk") -> None:
    store_desk.take(ROWS, name="day1.csv")
    new = store_desk.write("item,who,label\n3,cy,a\n", "day2.csv")
    assert "day1.csv is in" in told(store_desk, [store_desk.folder / "day1.csv", new], mode="add")


def test_replace_takes_a_file_that_is_in(store_desk: "Desk") -> None:
    store_desk.take(ROWS)
    assert store_desk.take(ROWS, mode="replace").kept == 3


def test_add_takes_again_a_file_that_was_replaced(store_desk: "Desk") -> None:
    store_desk.take(ROWS)
    store_desk.take("item,who,label\n3,cy,a\n", mode="replace")
    assert store_desk.take(ROWS, mode="add").kept == 3


def test_add_notes_a_file_that_is_in_by_another_mapping(store_desk: "Desk") -> None:
    store_desk.take(ROWS)
    other = MAPPING.replace('name = "label"', 'name = "other"')
    notes = store_desk.take(ROWS, other, mode="add").notes
    assert ["read by another mapping" in note.reason for note in notes] == [True]


@pytest.mark.parametrize("mode", ["add", "replace"])
def test_answers_without_the_guideline_version_of_the_batch_are_noted(
    store_desk: "Desk", mode: str
) -> None:
    store_desk.take(ROWS, settings={"guideline_version": "2.1"})
    report = store_desk.take("item,who,label\n3,cy,a\n4,cy,b\n", mode=mode)
    (note,) = report.notes
    assert (note.count, note.fault) == (2, False)
    assert "--set guideline_version=2.1" in note.reason


def test_answers_with_the_guideline_version_of_the_batch_are_not_noted(store_desk: "Desk") -> None:
    settings = {"guideline_version": "2.1"}
    store_desk.take(ROWS, settings=settings)
    assert not store_desk.take("item,who,label\n3,cy,a\n", mode="add", settings=settings).notes


def test_people_keep_their_key_over_parts(store_desk: "Desk") -> None:
    store_desk.take(ROWS)
    store_desk.take("item,who,label\n3,ann,a\n", mode="add")
    keys = {key for (key,) in store_desk.rows("annotation", "person_key", batch="b")}
    assert len(keys) == 2


def test_an_answer_given_again_in_a_later_part_is_counted(store_desk: "Desk") -> None:
    store_desk.take(ROWS)
    report = store_desk.take("item,who,label\n1,ann,c\n9,ann,c\n", mode="add")
    assert [(loss.reason, loss.count) for loss in report.notes] == [
        ("replaces an answer of an earlier part", 1)
    ]
    assert (report.read, report.kept) == (2, 2)


def test_the_first_answer_stays_over_parts_when_told_so(store_desk: "Desk") -> None:
    store_desk.take(ROWS)
    mapping = MAPPING + '[duplicates]\nkeep = "first"\n'
    report = store_desk.take("item,who,label\n1,ann,c\n9,ann,c\n", mapping, mode="add")
    assert [loss.reason for loss in report.dropped] == [
        "answered in an earlier part already; the first one is kept"
    ]
    assert report.kept == 1


def test_an_answer_given_again_refuses_when_told_so(store_desk: "Desk") -> None:
    store_desk.take(ROWS)
    mapping = MAPPING + '[duplicates]\nkeep = "error"\n'
    assert "given twice" in told(store_desk, "item,who,label\n1,ann,c\n", mapping, mode="add")
    assert len(info(store_desk).parts) == 1


def test_a_later_part_keeps_the_declared_labels(store_desk: "Desk") -> None:
    declared = MAPPING + 'labels = ["a", "b"]\nlevel = "ordinal"\n'
    store_desk.take(ROWS, declared)
    rows = "".join(f"{number},cy,a\n" for number in range(30))
    report = store_desk.take(f"item,who,label\n{rows}99,cy,z\n", mode="add")
    assert [loss.reason for loss in report.dropped] == ["answer to label is not one of its labels"]
    assert info(store_desk).question("label").level == "ordinal"


def test_replace_puts_new_records_in_place(store_desk: "Desk") -> None:
    store_desk.take(ROWS)
    store_desk.take("item,who,label\n7,cy,a\n", mode="replace")
    assert (len(info(store_desk).parts), info(store_desk).annotations) == (1, 1)


def test_a_refused_import_leaves_nothing(store_desk: "Desk") -> None:
    told(store_desk, ROWS + ",ann,a\n" * 5)
    assert store_desk.store.batches(Viewer.owner()) == []
    assert not list(store_desk.store.folder.glob("**/*.parquet"))


def test_a_refused_addition_leaves_the_batch_as_it_was(store_desk: "Desk") -> None:
    store_desk.take(ROWS)
    before = info(store_desk)
    told(store_desk, "item,who,label\n,ann,a\n", mode="add")
    assert info(store_desk) == before


def test_hostile_ids_come_through_unchanged(store_desk: "Desk") -> None:
    content = 'item,who,label\n"=1+1","\u202eann","a"\n"a\x00b","\u202eann","a"\n'
    store_desk.take(content)
    items = store_desk.rows("item", "item_id", batch="b")
    assert items == [("=1+1",), ("a\x00b",)]
    ((key,), _) = store_desk.rows("annotation", "person_key", batch="b")
    assert store_desk.store.people([key]) == {key: "\u202eann"}


def test_the_kind_may_come_from_the_command(store_desk: "Desk") -> None:
    store_desk.take(ROWS, KEYS + QUESTION, kind="reward")
    assert info(store_desk).kind == "reward"


def test_a_missing_kind_is_told(store_desk: "Desk") -> None:
    message = told(store_desk, ROWS, KEYS + QUESTION)
    assert "allowed: sft, preference, ranking, reward, qa" in message


def test_two_kinds_are_told(store_desk: "Desk") -> None:
    message = told(store_desk, ROWS, kind="sft")
    assert "--kind says sft, the mapping says qa" in message


def test_a_part_of_another_kind_is_told(store_desk: "Desk") -> None:
    store_desk.take(ROWS)
    message = told(store_desk, ROWS, KEYS + QUESTION, kind="sft", mode="add")
    assert "the batch says qa" in message


def test_facts_come_from_mapping_and_command(store_desk: "Desk") -> None:
    mapping = MAPPING + '[constants]\nvendor = "acme"\ndataset = "d"\nguideline_version = "v1"\n'
    settings = {
        "vendor": "other",
        "overlap_design": "random",
        "planned_items": "40",
        "opened_at": "2026-05-01T10:00:00+02:00",
    }
    store_desk.take(ROWS, mapping, settings=settings)
    batch = info(store_desk)
    assert (batch.vendor, batch.dataset, batch.guideline_version) == ("other", "d", "v1")
    assert (batch.overlap_design, batch.planned_items) == ("random", 40)
    assert batch.opened_at.isoformat() == "2026-05-01T08:00:00"


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("vender", "x", "--set vender is not known; did you mean 'vendor'?"),
        ("overlap_design", "some", "overlap_design: found 'some'; allowed: random, all"),
        ("planned_items", "many", "planned_items: found 'many'; allowed: a whole number"),
        ("opened_at", "soon", "opened_at: found 'soon'; allowed: a time such as"),
        ("role", "robot", "role: found 'robot'; allowed: human, expert, model, rule"),
        ("round", "first", "round: found 'first'; allowed: a whole number"),
        ("blind", "maybe", "blind: found 'maybe'; allowed: true, false"),
        ("inclusion_probability", "2", "allowed: a number above 0, at most 1"),
        ("annotator_id", "x", "--set annotator_id: the column 'who' says it already"),
    ],
)
def test_a_wrong_setting_is_told(store_desk: "Desk", key: str, value: str, message: str) -> None:
    assert message in told(store_desk, ROWS, settings={key: value})


def test_an_unknown_format_is_told(store_desk: "Desk") -> None:
    assert "--format: found 'tabel'; did you mean 'table'?" in told(
        store_desk, ROWS, format="tabel"
    )


@pytest.mark.parametrize("batch", ["", "  ", "a\nb", "a\x00"])
def test_a_batch_id_is_visible_text(store_desk: "Desk", batch: str) -> None:
    assert "allowed: a name of visible characters" in told(store_desk, ROWS, batch=batch)


def test_progress_is_told_in_order(store_desk: "Desk") -> None:
    stages: list[str] = []
    store_desk.take(ROWS, progress=lambda stage, _done: stages.append(stage))
    assert list(dict.fromkeys(stages)) == [
        "checking files",
        "reading",
        "converting",
        "hashing",
        "statistics",
        "done",
    ]
