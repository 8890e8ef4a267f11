"""Statistics that are counted when somebody looks first."""

import pytest

from queries import first_use, ledger
from queries.first_use import keep_at_first_use
from queries.scope import Viewer
from queries.store import Store
from tests.queries.conftest import add_part, answer, at, rows, whole

OWNER = Viewer.owner()
NAMES = ("answer_runs", "shared_notes")


@pytest.fixture
def timed(store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr(first_use, "KEPT_FROM", 1)
    answers = [
        answer(f"i{item}", who, label, annotated_at=at(item + 2))
        for item, label in enumerate("aabba")
        for who in ("a", "b")
    ]
    add_part(store, "b1", answers)
    return store


def kept_names(store: Store) -> set[str]:
    with store.catalogue.read() as cursor:
        return {each.name for each in ledger.read_statistics(cursor, "b1").values()}


def test_rows_are_those_of_the_records(timed: Store) -> None:
    before = rows(timed, "answer_runs", whole("b1"))
    keep_at_first_use(timed, "b1", NAMES, OWNER)
    assert before
    assert rows(timed, "answer_runs", whole("b1")) == before


def test_a_second_look_reads_no_records(timed: Store) -> None:
    keep_at_first_use(timed, "b1", NAMES, OWNER)
    for part in (timed.folder / "batches").glob("*/parts/*"):
        part.rename(part.with_name(part.name + "-gone"))
    assert rows(timed, "answer_runs", whole("b1"))


def test_one_without_its_columns_stays_empty(timed: Store) -> None:
    keep_at_first_use(timed, "b1", NAMES, OWNER)
    assert kept_names(timed) >= set(NAMES)
    assert rows(timed, "shared_notes", whole("b1")) == []


def test_a_small_batch_is_counted_each_time(timed: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_use, "KEPT_FROM", 11)
    keep_at_first_use(timed, "b1", NAMES, OWNER)
    assert not kept_names(timed) & set(NAMES)


def test_nothing_is_kept_while_an_import_runs(timed: Store) -> None:
    with timed.part_writer("b2"):
        keep_at_first_use(timed, "b1", NAMES, OWNER)
    assert not kept_names(timed) & set(NAMES)


def test_nothing_is_kept_inside_a_block_that_reads(timed: Store) -> None:
    with timed.catalogue.read():
        keep_at_first_use(timed, "b1", NAMES, OWNER)
    assert not kept_names(timed) & set(NAMES)


def test_a_further_part_has_them_counted_anew(timed: Store) -> None:
    keep_at_first_use(timed, "b1", NAMES, OWNER)
    old = rows(timed, "answer_runs", whole("b1"))
    add_part(timed, "b1", [answer("i9", "a", "b", annotated_at=at(9))], mode="add")
    keep_at_first_use(timed, "b1", NAMES, OWNER)
    assert rows(timed, "answer_runs", whole("b1")) != old


def test_a_name_kept_at_import_is_refused(timed: Store) -> None:
    with pytest.raises(ValueError, match="unit_patterns"):
        keep_at_first_use(timed, "b1", ["unit_patterns"], OWNER)
