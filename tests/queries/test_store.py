import errno
import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from queries import materialise, parts
from queries.batches import BatchFacts, SourceFile
from queries.errors import InputError, StoreError
from queries.store import ERASED, Store
from tests.queries import workers
from tests.queries.conftest import (
    OWNER,
    Neighbour,
    add_part,
    answer,
    at,
    question,
    rows,
    stage,
    whole,
)

SIMPLE = [answer("i1", "p1", "a"), answer("i1", "p2", "a"), answer("i2", "p1", "b")]
HOSTILE = [
    "../../etc",
    "x'; drop table catalogue.batch; --",
    'a"b',
    "100% *?[x]",
    "名前\u202e",
    " ",
]


def files(store: Store) -> set[str]:
    """What lies in the folders of records and statistics."""
    return {
        str(path.relative_to(store.folder))
        for folder in ("staging", "batches")
        for path in (store.folder / folder).rglob("*")
        if path.is_file()
    }


def people(store: Store) -> int:
    with store.catalogue.read() as cursor:
        return len(cursor.execute("select 1 from catalogue.person").fetchall())


def decide(store: Store, batch_id: str) -> None:
    with store.catalogue.write("deciding") as cursor:
        columns = ["decision_id", "batch_id", "scope", "verdict_shown", "decided", "decided_by"]
        columns += ["identity_verified", "decided_at", "standard_sha256", "batch_digest"]
        columns += ["software_version", "evidence", "evidence_sha256", "sha256"]
        given = dict.fromkeys(columns, "x") | {"batch_id": batch_id, "decided_at": at(1)}
        given |= {"identity_verified": True}
        marks = ", ".join(f"${name}" for name in columns)
        names = ", ".join(columns)
        cursor.execute(
            " ".join(["insert into catalogue.decision", f"({names})", f"values ({marks})"]), given
        )


def test_store_is_one_object_a_folder(store: Store) -> None:
    assert Store.open(store.folder) is store


def test_folder_that_is_no_store_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"there is no store at .*; check --store"):
        Store.open(tmp_path / "nothing")


def test_folder_with_other_files_does_not_become_a_store(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(InputError, match="give an empty or a new folder"):
        Store.open(tmp_path, create=True)


def test_file_does_not_become_a_store(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(InputError, match="give an empty or a new folder"):
        Store.open(tmp_path / "file", create=True)


def test_limit_of_memory_is_explicit(store: Store) -> None:
    with store.cursor() as cursor:
        found = cursor.execute("select current_setting('memory_limit')").fetchall()
    assert found == [("1.8 GiB",)]


def test_limit_of_memory_is_taken_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BATCHGATE_MEMORY", "lots")
    with pytest.raises(InputError, match="BATCHGATE_MEMORY=lots"):
        Store.open(tmp_path / "other", create=True)


def test_new_store_has_no_batches(store: Store) -> None:
    assert store.batches(OWNER) == []


def test_batch_has_the_counts_of_its_records(store: Store) -> None:
    found = add_part(store, "b", SIMPLE)
    assert (found.items, found.annotations, found.annotators) == (2, 3, 2)


def test_batch_keeps_the_facts_that_were_given(store: Store) -> None:
    facts = BatchFacts(kind="sft", dataset="d", vendor="acme", attempt=2, opened_at=at(1))
    add_part(store, "b", SIMPLE, facts=facts)
    found = store.batch("b", OWNER)
    assert (found.kind, found.dataset, found.vendor, found.attempt, found.opened_at) == (
        *("sft", "d", "acme", 2),
        at(1),
    )


def test_later_part_keeps_facts_it_does_not_give(store: Store) -> None:
    add_part(store, "b", SIMPLE, facts=BatchFacts(kind="sft", dataset="d"))
    add_part(store, "b", [answer("i3", "p1", "a")], mode="add", facts=BatchFacts(dataset="e"))
    found = store.batch("b", OWNER)
    assert (found.kind, found.dataset) == ("sft", "e")


def test_unknown_batch_names_those_there_are(store: Store) -> None:
    add_part(store, "march", SIMPLE)
    with pytest.raises(InputError, match=r"no batch is called 'april' .* there are march"):
        store.batch("april", OWNER)


def test_batch_that_exists_is_not_imported_again(store: Store) -> None:
    add_part(store, "b", SIMPLE)
    with pytest.raises(InputError, match="--add"):
        add_part(store, "b", SIMPLE)


@pytest.mark.parametrize("mode", ["add", "replace"])
def test_part_for_an_unknown_batch_is_refused(store: Store, mode: Any) -> None:
    with pytest.raises(InputError, match="no batch is called"):
        add_part(store, "b", SIMPLE, mode=mode)


def test_added_part_joins_the_batch(store: Store) -> None:
    add_part(store, "b", SIMPLE)
    found = add_part(store, "b", [answer("i3", "p3", "c")], mode="add")
    assert (found.items, found.annotators, len(found.parts)) == (3, 3, 2)


def test_replaced_part_leaves_the_statistics(store: Store) -> None:
    add_part(store, "b", SIMPLE)
    add_part(store, "b", [answer("i9", "p9", "c")], mode="replace")
    found = rows(store, "annotator_labels", whole(), dimension="")
    assert [row["person_key"] for row in found] == ["p9"]


def test_replaced_part_stays_on_record(store: Store) -> None:
    (old,) = add_part(store, "b", SIMPLE).parts
    add_part(store, "b", SIMPLE[:1], mode="replace")
    with store.catalogue.read() as cursor:
        retired = cursor.execute("select retired_at is not null from catalogue.part").fetchall()
    assert sorted(retired) == [(False,), (True,)]
    assert (store.folder / old.location / "annotation.parquet").exists()


def test_decided_batch_is_not_replaced(store: Store) -> None:
    add_part(store, "b", SIMPLE)
    decide(store, "b")
    with pytest.raises(InputError, match="has a decision"):
        add_part(store, "b", SIMPLE[:1], mode="replace")


def test_decided_batch_can_grow(store: Store) -> None:
    add_part(store, "b", SIMPLE)
    decide(store, "b")
    assert len(add_part(store, "b", [answer("i3", "p1", "a")], mode="add").parts) == 2


def test_import_that_is_not_committed_leaves_nothing(store: Store) -> None:
    with store.part_writer("b") as part:
        stage(part.folder, {"annotation": SIMPLE})
        part.person_keys(["ann"])
        part.measure()
    assert (store.batches(OWNER), files(store), people(store)) == ([], set(), 0)


def test_import_that_fails_leaves_nothing(store: Store) -> None:
    reserved = [{"item_id": "i1", "name": "week", "value": "x"}]
    with pytest.raises(InputError, match="cannot be called 'week'"):
        add_part(store, "b", SIMPLE, item_attribute=reserved)
    assert (store.batches(OWNER), files(store)) == ([], set())


def test_failed_addition_leaves_the_batch_as_it_was(store: Store) -> None:
    before = add_part(store, "b", SIMPLE)
    with pytest.raises(InputError, match="has level nominal in this batch and ordinal"):
        add_part(store, "b", [], mode="add", question=[question(level="ordinal")])
    assert store.batch("b", OWNER) == before


def test_batch_without_an_answer_is_refused(store: Store) -> None:
    with pytest.raises(InputError, match="no answer is in batch"):
        add_part(store, "b", [], item=[{"item_id": "i1"}])


def test_part_without_answers_can_be_added(store: Store) -> None:
    add_part(store, "b", SIMPLE)
    review = {"item_id": "i1", "question": "label", "person_key": "p1", "decision": "kept"}
    assert add_part(store, "b", [], mode="add", review=[review]).reviews == 1


def test_killed_import_is_invisible_and_swept_by_the_next(
    store: Store, neighbour: Callable[..., Neighbour]
) -> None:
    other = neighbour(workers.stage_and_hang)
    key = other.hears()
    other.kill()
    assert (store.folder / "staging" / key).exists()
    add_part(store, "b", SIMPLE)
    assert not (store.folder / "staging" / key).exists()
    assert [batch.batch_id for batch in store.batches(OWNER)] == ["b"]


def test_imports_run_one_after_the_other(store: Store) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: add_part(store, f"b{number}", SIMPLE), range(4)))
    assert {batch.batch_id for batch in store.batches(OWNER)} == {"b0", "b1", "b2", "b3"}


def test_sweep_keeps_what_the_catalogue_speaks_of(store: Store) -> None:
    add_part(store, "b", SIMPLE)
    add_part(store, "b", SIMPLE[:1], mode="replace")
    store.sweep()
    before = files(store)
    store.sweep()
    assert files(store) == before


def test_file_hash_in_the_catalogue_is_that_of_the_file(store: Store) -> None:
    (part,) = add_part(store, "b", SIMPLE).parts
    content = (store.folder / part.location / "annotation.parquet").read_bytes()
    assert part.tables["annotation"].sha256 == sha256(content).hexdigest()


def test_source_files_are_on_record(store: Store) -> None:
    source = SourceFile("export.csv", "0" * 64, 12)
    with store.part_writer("b") as part:
        stage(part.folder, {"annotation": SIMPLE, "question": [question()]})
        found = part.commit({}, BatchFacts(kind="qa"), source_files=[source], file_format="table")
    assert (found.parts[0].source_files, found.parts[0].format) == ((source,), "table")


def test_import_report_is_kept(store: Store) -> None:
    (part,) = add_part(store, "b", SIMPLE).parts
    assert store.report(part.part_key) == {"batch": "b"}


def test_earlier_files_are_those_of_live_parts(store: Store) -> None:
    add_part(store, "b", SIMPLE)
    with store.part_writer("b", "add") as part, store.cursor() as cursor:
        found = cursor.execute(
            "select count(*) from read_parquet($files)", {"files": part.earlier("annotation")}
        ).fetchall()
    assert found == [(3,)]


def test_new_batch_has_no_earlier_files(store: Store) -> None:
    with store.part_writer("b") as part:
        assert part.earlier("annotation") == []


def test_person_keeps_the_key_over_batches(store: Store) -> None:
    with store.part_writer("b") as part:
        first = part.person_keys(["ann", "bob", "ann"]).to_pylist()
        stage(part.folder, {"annotation": SIMPLE, "question": [question()]})
        part.commit({}, BatchFacts(kind="qa"))
    with store.part_writer("c") as part:
        assert part.person_keys(["bob", "ann"]).to_pylist() == first[::-1]


def test_person_key_cannot_be_computed_from_the_id(store: Store) -> None:
    with store.part_writer("b") as part:
        (first,) = part.person_keys(["ann"]).to_pylist()
    with store.part_writer("b") as part:
        (second,) = part.person_keys(["ann"]).to_pylist()
    assert first["person_key"] != second["person_key"]


def test_people_are_named_by_their_key(store: Store) -> None:
    with store.part_writer("b") as part:
        (ann,) = part.person_keys(["ann"]).to_pylist()
        stage(part.folder, {"annotation": SIMPLE, "question": [question()]})
        part.commit({}, BatchFacts(kind="qa"))
    assert store.people([ann["person_key"], "nobody"]) == {
        ann["person_key"]: "ann",
        "nobody": ERASED,
    }


def test_erased_person_leaves_every_number(store: Store) -> None:
    with store.part_writer("b") as part:
        (ann,) = part.person_keys(["ann"]).to_pylist()
        given = [answer("i1", ann["person_key"], "a")]
        stage(part.folder, {"annotation": given, "question": [question()]})
        part.commit({}, BatchFacts(kind="qa"))
    before = (store.batch("b", OWNER).digest, rows(store, "annotator_labels", whole()))
    with store.catalogue.write("erasing") as cursor:
        cursor.execute("update catalogue.person set person_id = null, salt = null")
    assert (store.batch("b", OWNER).digest, rows(store, "annotator_labels", whole())) == before
    assert store.people([ann["person_key"]]) == {ann["person_key"]: ERASED}


@pytest.mark.parametrize("name", HOSTILE)
def test_batch_id_is_never_a_path_or_a_statement(store: Store, name: str) -> None:
    add_part(store, name, SIMPLE)
    assert [batch.batch_id for batch in store.batches(OWNER)] == [name]
    assert len(rows(store, "items", whole(name))) == 2


@pytest.mark.parametrize("name", ["it's", "[a]*", "plain folder"])
def test_folder_of_a_store_may_have_any_name(tmp_path: Path, name: str) -> None:
    store = Store.open(tmp_path / name, create=True)
    add_part(store, "b", SIMPLE)
    add_part(store, "b", SIMPLE[:1], mode="add")
    found = len(rows(store, "items", whole()))
    store.close()
    assert found == 2


def test_folder_whose_name_duckdb_misreads_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="question mark"):
        Store.open(tmp_path / "why?", create=True)


def test_same_records_in_another_order_give_the_same_digest(store: Store) -> None:
    one = add_part(store, "one", SIMPLE)
    other = add_part(store, "other", SIMPLE[::-1])
    assert one.digest == other.digest


def test_new_part_gives_another_digest(store: Store) -> None:
    before = add_part(store, "b", SIMPLE)
    assert add_part(store, "b", [answer("i3", "p1", "a")], mode="add").digest != before.digest


def test_metric_reads_no_records(store: Store) -> None:
    (part,) = add_part(store, "b", SIMPLE).parts
    expected = rows(store, "unit_patterns", whole())
    (store.folder / part.location / "annotation.parquet").unlink()
    assert rows(store, "unit_patterns", whole()) == expected


def test_statistic_that_is_lost_is_computed_again(store: Store) -> None:
    add_part(store, "b", SIMPLE)
    expected = rows(store, "unit_patterns", whole())
    for path in (store.folder / "batches").rglob("unit_patterns.parquet"):
        path.unlink()
    assert rows(store, "unit_patterns", whole()) == expected


def test_statistic_of_another_definition_is_not_taken(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_part(store, "b", SIMPLE)
    monkeypatch.setattr(materialise, "FORMAT", materialise.FORMAT + 1)
    for path in (store.folder / "batches").rglob("unit_patterns.parquet"):
        path.write_bytes(b"an old definition")
    assert rows(store, "unit_patterns", whole())


def test_statistics_that_did_not_change_are_not_computed_again(store: Store) -> None:
    add_part(store, "b", SIMPLE)
    before = {path for path in files(store) if path.endswith("unit_patterns.parquet")}
    add_part(store, "c", SIMPLE)
    assert before <= files(store)


def test_statistics_of_an_old_state_are_swept(store: Store) -> None:
    add_part(store, "b", SIMPLE)
    add_part(store, "b", [answer("i3", "p1", "a")], mode="add")
    assert len([path for path in files(store) if path.endswith("unit_patterns.parquet")]) == 1


def test_unknown_statement_is_a_mistake_of_the_caller(store: Store) -> None:
    add_part(store, "b", SIMPLE)
    with pytest.raises(ValueError, match="no statement is called"):
        store.fetch("patterns", whole())


def test_unknown_column_of_a_statistic_is_a_mistake_of_the_caller(store: Store) -> None:
    add_part(store, "b", SIMPLE)
    with pytest.raises(ValueError, match="has no column colour"):
        store.fetch("unit_patterns", whole(), colour="red")


def test_unknown_parameter_of_a_listing_is_a_mistake_of_the_caller(store: Store) -> None:
    add_part(store, "b", SIMPLE)
    with pytest.raises(ValueError, match="has no parameter colour"):
        store.fetch("items", whole(), colour="red")


def test_many_attributes_are_not_all_kept(store: Store) -> None:
    attributes = [{"item_id": "i1", "name": f"a{n:02}", "value": "x"} for n in range(14)]
    found = add_part(store, "b", SIMPLE, item_attribute=attributes)
    assert (len(found.dimensions), found.other_dimensions) == (12, ("a12", "a13"))


def test_attribute_with_many_values_is_not_kept(store: Store) -> None:
    answers = [answer(f"i{n}", "p1", "a") for n in range(201)]
    attributes = [{"item_id": f"i{n}", "name": "id", "value": f"v{n}"} for n in range(201)]
    found = add_part(store, "b", answers, item_attribute=attributes)
    assert (found.dimensions, found.other_dimensions) == ((), ("id",))


def test_attribute_that_is_not_kept_has_strata_when_asked_for(store: Store) -> None:
    attributes = [{"item_id": "i1", "name": f"a{n:02}", "value": "x"} for n in range(14)]
    add_part(store, "b", SIMPLE, item_attribute=attributes)
    found = rows(store, "unit_patterns", whole(), dimension="a13")
    assert {(row["dimension"], row["stratum"]) for row in found} == {("a13", "x")}


def test_questions_are_merged_in_declared_order(store: Store) -> None:
    add_part(store, "b", SIMPLE, question=[question(labels='["c", "a"]')])
    grown = add_part(store, "b", SIMPLE, mode="add", question=[question(labels='["c", "a", "d"]')])
    assert grown.question("label").labels == ("c", "a", "d", "b")


def test_unknown_question_names_those_there_are(store: Store) -> None:
    add_part(store, "b", SIMPLE)
    with pytest.raises(InputError, match="no question is called 'colour'; this batch has label"):
        store.fetch("unit_patterns", whole(questions=("colour",)))


def test_presence_counts_filled_values(store: Store) -> None:
    given = [answer("i1", "p1", "a", note="why"), answer("i2", "p1", "a")]
    add_part(store, "b", given)
    found = {
        (row["table_name"], row["column_name"]): (row["filled"], row["row_count"])
        for row in rows(store, "presence", whole())
    }
    assert (found["annotation", "note"], found["annotation", "value"]) == ((1, 2), (2, 2))


def test_presence_from_the_catalogue_equals_presence_from_the_records(store: Store) -> None:
    attributes = [{"item_id": "i1", "name": "task", "value": "x"}]
    add_part(store, "b", SIMPLE, item_attribute=attributes)
    review = {"item_id": "i1", "question": "label", "person_key": "p1", "decision": "kept"}
    add_part(store, "b", [], mode="add", review=[review])
    assert rows(store, "presence", whole()) == rows(store, "presence", whole(questions=("label",)))


def test_answer_to_a_question_that_is_not_described_is_a_mistake_of_the_importer(
    store: Store,
) -> None:
    with pytest.raises(ValueError, match=r"answers to \['colour'\] have no row"):
        add_part(store, "b", [answer("i1", "p1", "a", question="colour")])


def test_listing_of_items_is_paged(store: Store) -> None:
    add_part(store, "b", [answer(f"i{n}", "p1", "a") for n in range(7)])
    found = rows(store, "items", whole(), limit=3, offset=3)
    assert [(row["item_id"], row["total"]) for row in found] == [("i3", 7), ("i4", 7), ("i5", 7)]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"disagreed": True}, ["i2", "i3"]),
        ({"label": "c"}, ["i3"]),
        ({"label_a": "a", "label_b": "b"}, ["i2"]),
        ({"label_a": "a", "label_b": "a"}, ["i1"]),
        ({"person_a": "p1", "person_b": "p2"}, ["i1", "i2"]),
        ({"person_a": "p1", "person_b": "p2", "pair_disagreed": True}, ["i2"]),
        ({"person_a": "p2", "person_b": "p1", "label_a": "b", "label_b": "a"}, ["i2"]),
        ({"person_a": "p1", "person_b": "p2", "label_a": "b", "label_b": "a"}, []),
        ({"label": "a' or true --"}, []),
    ],
)
def test_listing_of_items_is_filtered(
    store: Store, filters: dict[str, Any], expected: list[str]
) -> None:
    given = [("i1", "p1", "a"), ("i1", "p2", "a"), ("i2", "p1", "a"), ("i2", "p2", "b")]
    given += [("i3", "p1", "a"), ("i3", "p3", "c"), ("i4", "p3", "b")]
    add_part(store, "b", [answer(*each) for each in given])
    assert [row["item_id"] for row in rows(store, "items", whole(), **filters)] == expected


def test_listing_of_annotations_has_all_roles_rounds_and_states(store: Store) -> None:
    given = [
        answer("i1", "p1", "a", round=1),
        answer("i1", "p1", "b", round=2),
        answer("i1", "p2", "c", role="model"),
        answer("i1", "p3", None, status="draft"),
    ]
    add_part(store, "b", given)
    assert len(rows(store, "annotations", whole(), item_id="i1")) == 4


def test_state_in_the_catalogue_is_plain_json(store: Store) -> None:
    add_part(store, "b", SIMPLE)
    with store.catalogue.read() as cursor:
        ((text,),) = cursor.execute("select state from catalogue.batch").fetchall()
    assert json.loads(text)["items"] == 2


def test_damaged_statistic_is_not_believed(store: Store) -> None:
    add_part(store, "b", SIMPLE)
    expected = rows(store, "unit_patterns", whole())
    (path,) = store.folder.glob("batches/*/statistics/*/unit_patterns.parquet")
    content = bytearray(path.read_bytes())
    content[len(content) // 4] ^= 1
    path.write_bytes(content)
    assert rows(store, "unit_patterns", whole()) == expected


@pytest.mark.parametrize("damage", [lambda file: file.unlink(), lambda file: file.write_bytes(b"")])
def test_damaged_records_are_an_error_that_says_so(
    store: Store, damage: Callable[[Path], object]
) -> None:
    (part,) = add_part(store, "b", SIMPLE).parts
    damage(store.folder / part.location / "annotation.parquet")
    with pytest.raises(StoreError, match=r"cannot read the records of batch 'b': .*doctor"):
        store.fetch("annotations", whole(), item_id="i1")


@pytest.mark.parametrize("given", ["many", "0", "-1", "1.5"])
def test_number_of_threads_that_is_none_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    monkeypatch.setenv("BATCHGATE_THREADS", given)
    with pytest.raises(InputError, match=f"BATCHGATE_THREADS: found '{given}'"):
        Store.open(tmp_path / "other", create=True)


def test_little_memory_gives_the_same_numbers_or_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store: Store
) -> None:
    given = [answer(f"i{n % 5000}", f"p{n // 5000}", "abc"[n % 3]) for n in range(20_000)]
    add_part(store, "b", given)
    monkeypatch.setenv("BATCHGATE_MEMORY", "70MB")
    monkeypatch.setenv("BATCHGATE_THREADS", "1")
    small = Store.open(tmp_path / "small", create=True)
    add_part(small, "b", given)
    assert rows(small, "unit_patterns", whole()) == rows(store, "unit_patterns", whole())
    small.close()


def test_every_process_puts_aside_in_a_folder_of_its_own(
    store: Store, neighbour: Callable[..., Neighbour]
) -> None:
    neighbour(workers.write_and_stay).hears()
    assert len(list((store.folder / "scratch").iterdir())) == 2


def test_scratch_of_a_dead_process_is_swept_and_that_of_a_living_one_stays(
    store: Store, neighbour: Callable[..., Neighbour]
) -> None:
    other = neighbour(workers.write_and_stay)
    other.hears()
    other.kill()
    living = neighbour(workers.write_and_stay)
    living.hears()
    store.sweep()
    assert len(list((store.folder / "scratch").iterdir())) == 2


def test_closed_store_leaves_no_scratch(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "other", create=True)
    store.close()
    assert not (tmp_path / "other" / "scratch").exists()


def test_creation_that_was_killed_does_not_stop_the_next(tmp_path: Path) -> None:
    folder = tmp_path / "other"
    (folder / "scratch").mkdir(parents=True)
    for name in ("catalogue.new", "catalogue.new.wal", "catalogue.lock"):
        (folder / name).write_bytes(b"half")
    store = Store.open(folder, create=True)
    add_part(store, "b", SIMPLE)
    found = {path.name for path in folder.iterdir()}
    store.close()
    assert not {"catalogue.new", "catalogue.new.wal"} & found


def test_import_that_fails_leaves_no_folder_of_its_batch(store: Store) -> None:
    with pytest.raises(InputError, match="no answer is in batch"):
        add_part(store, "b", [], item=[{"item_id": "i1"}])
    with pytest.raises(InputError, match="cannot be called 'week'"):
        add_part(
            store, "c", SIMPLE, item_attribute=[{"item_id": "i1", "name": "week", "value": "x"}]
        )
    assert list(store.folder.glob("batches/*")) == []


def test_import_onto_a_disk_that_refuses_is_one_line(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(path: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    monkeypatch.setattr(parts, "sync", refused)
    with pytest.raises(
        StoreError, match=r"No space left on device; nothing was imported"
    ) as caught:
        add_part(store, "b", SIMPLE)
    assert "\n" not in str(caught.value)
    assert store.batches(OWNER) == []


def test_query_that_has_too_little_memory_says_so(store: Store) -> None:
    add_part(store, "b", [answer(f"i{n}", "p1", "ab"[n % 2]) for n in range(2000)])
    with store.cursor() as cursor:
        cursor.execute("set memory_limit = '3MB'")
    with pytest.raises(StoreError, match=r"not enough memory .* raise BATCHGATE_MEMORY") as caught:
        store.fetch("items", whole())
    assert "\n" not in str(caught.value)
