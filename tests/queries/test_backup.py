import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from queries import backup as module
from queries.backup import back_up
from queries.errors import InputError, StoreError
from queries.store import Store
from tests.conftest import Shelf
from tests.queries import workers
from tests.queries.conftest import OWNER, Neighbour, add_part, answer, rows, whole
from tests.queries.test_succession import decide

SIMPLE = [answer("i1", "p1", "a"), answer("i1", "p2", "a"), answer("i2", "p1", "b")]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "backup"


@pytest.fixture
def full(store: Store, shelf: Shelf) -> Store:
    """A store with a replaced part, an added one and a second batch."""

    def fill() -> None:
        add_part(store, "b", SIMPLE)
        add_part(store, "b", SIMPLE[:2], mode="replace")
        add_part(store, "b", [answer("i7", "p1", "c")], mode="add")
        add_part(store, "c", SIMPLE)

    shelf.filled(store.folder, "a store to back up", fill)
    return store


def files(folder: Path) -> dict[str, bytes]:
    """Content by path of everything under `batches`."""
    found = (folder / "batches").rglob("*")
    return {str(path.relative_to(folder)): path.read_bytes() for path in found if path.is_file()}


def tables(store: Store) -> dict[str, list[Any]]:
    """Every row of the catalogue."""
    with store.catalogue.read() as cursor:
        names = cursor.execute(
            "select table_name from duckdb_tables() where database_name = 'catalogue'"
        ).fetchall()
        return {
            name: cursor.execute(f'from catalogue."{name}" order by all').fetchall()
            for (name,) in names
        }


def records(store: Store) -> Path:
    return next(store.folder.glob("batches/*/parts/*/annotation.parquet"))


def damage(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1] + b"x")


def test_backup_has_every_file(full: Store, out: Path) -> None:
    back_up(full, out)
    assert files(out) == files(full.folder)


def test_backup_has_every_row_of_the_catalogue(full: Store, out: Path) -> None:
    back_up(full, out)
    copy = Store.open(out)
    found = tables(copy)
    copy.close()
    assert found == tables(full)


def test_backup_keeps_the_constraints_of_the_catalogue(full: Store, out: Path) -> None:
    back_up(full, out)
    text = "select table_name, constraint_text from duckdb_constraints() order by all"
    found = []
    for store in (full, Store.open(out)):
        with store.catalogue.read() as cursor:
            found.append(cursor.execute(text).fetchall())
    assert found[0] == found[1]


def test_backup_opens_as_a_store_that_can_grow(full: Store, out: Path) -> None:
    back_up(full, out)
    copy = Store.open(out)
    found = add_part(copy, "b", [answer("i9", "p9", "a")], mode="add")
    copy.close()
    assert len(found.parts) == 3


def test_backup_gives_the_same_rows(full: Store, out: Path) -> None:
    back_up(full, out)
    copy = Store.open(out)
    found = rows(copy, "unit_patterns", whole())
    copy.close()
    assert found == rows(full, "unit_patterns", whole())


def test_backup_says_what_it_copied(full: Store, out: Path) -> None:
    found = back_up(full, out)
    copied = [path for path in out.rglob("*") if path.is_file()]
    assert (found.files, found.bytes) == (len(copied), sum(path.stat().st_size for path in copied))
    assert (found.batches, found.left_out, found.decision_head) == (2, (), None)
    assert found.data_version == full.catalogue.data_version()


def test_backup_says_the_head_of_the_decisions(full: Store, out: Path) -> None:
    decide(full, "b")
    assert back_up(full, out).decision_head == "b1"


def test_backup_of_an_empty_store_is_a_store(store: Store, out: Path) -> None:
    back_up(store, out)
    copy = Store.open(out)
    found = copy.batches(OWNER)
    copy.close()
    assert found == []


def test_backup_does_not_carry_what_is_not_committed(
    store: Store, out: Path, neighbour: Callable[..., Neighbour]
) -> None:
    add_part(store, "b", SIMPLE)
    neighbour(workers.stage_and_hang).hears()
    back_up(store, out)
    assert {path.name for path in out.iterdir()} == {"batches", "catalogue.duckdb"}


@pytest.mark.parametrize("content", ["file", "folder"])
def test_backup_does_not_write_over_anything(full: Store, out: Path, content: str) -> None:
    if content == "file":
        out.write_text("mine")
    else:
        out.mkdir()
        (out / "thesis.txt").write_text("mine")
    with pytest.raises(InputError, match="exists and is not empty"):
        back_up(full, out)


def test_backup_goes_into_an_empty_folder(full: Store, out: Path) -> None:
    out.mkdir()
    assert back_up(full, out).batches == 2


def test_backup_into_the_store_itself_is_refused(full: Store) -> None:
    with pytest.raises(InputError, match="inside the store"):
        back_up(full, full.folder / "backup")


def test_backup_that_fails_leaves_nothing(full: Store, out: Path) -> None:
    damage(records(full))
    with pytest.raises(StoreError, match=r"records of batch .* hash"):
        back_up(full, out)
    assert list(out.parent.glob(f"*{out.name}*")) == []


def test_backup_of_lost_records_is_refused(full: Store, out: Path) -> None:
    records(full).unlink()
    with pytest.raises(StoreError, match="is gone; a backup of it would be none"):
        back_up(full, out)


@pytest.mark.parametrize("harm", [damage, Path.unlink])
def test_backup_leaves_out_a_broken_statistic(
    full: Store, out: Path, harm: Callable[[Path], None]
) -> None:
    expected = rows(full, "unit_patterns", whole())
    paths = sorted(full.folder.glob("batches/*/statistics/*/unit_patterns.parquet"))
    for path in paths:
        harm(path)
    found = back_up(full, out)
    copy = Store.open(out)
    again = rows(copy, "unit_patterns", whole())
    copy.close()
    assert list(found.left_out) == [str(path.relative_to(full.folder)) for path in paths]
    assert again == expected


def test_backup_that_has_no_room_says_how_much_it_needs(
    full: Store, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(out.parent)
    monkeypatch.setattr(module.shutil, "disk_usage", lambda _path: usage._replace(free=10))
    with pytest.raises(StoreError, match=r"needs [\d,]+ bytes and .* has 10 free"):
        back_up(full, out)


@pytest.mark.parametrize("mode", ["new", "add", "replace"])
def test_import_during_a_backup_is_in_it(full: Store, out: Path, mode: Any) -> None:
    """The import comes after all files are copied, the catalogue not yet."""

    def meanwhile(stage: str, _done: float) -> None:
        if stage == "copying the catalogue":
            batch = "d" if mode == "new" else "b"
            add_part(full, batch, [answer("i5", "p5", "c"), answer("i5", "p6", "c")], mode=mode)

    found = back_up(full, out, meanwhile)
    copy = Store.open(out)
    same = tables(copy) == tables(full)
    copy.close()
    assert (same, found.left_out) == (True, ())
    full.sweep()
    assert files(out) == files(full.folder)


def test_nothing_is_swept_during_a_backup(full: Store, out: Path) -> None:
    before = set(files(full.folder))

    def meanwhile(_stage: str, _done: float) -> None:
        if "e" not in {batch.batch_id for batch in full.batches(OWNER)}:
            add_part(full, "e", SIMPLE)
            add_part(full, "b", [answer("i5", "p5", "c")], mode="add")
        assert before <= set(files(full.folder))

    assert back_up(full, out, meanwhile).left_out == ()


def test_progress_of_a_backup_grows(full: Store, out: Path) -> None:
    seen: list[float] = []
    back_up(full, out, lambda _stage, done: seen.append(done))
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (0.0, 1.0)
