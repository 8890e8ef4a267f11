import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from queries import catalogue, doctor, machine, materialise
from queries.doctor import examine
from queries.errors import InputError
from queries.findings import Finding
from queries.store import Store
from tests.conftest import Shelf
from tests.queries import workers
from tests.queries.conftest import Neighbour, add_part, answer, question, rows, whole

SIMPLE = [
    answer("i1", "p1", "a", duration_seconds=1.5),
    answer("i1", "p2", "a", duration_seconds=2.25),
    answer("i2", "p1", "b", duration_seconds=9.1),
]
SCORES = [
    answer(f"i{n}", f"p{k}", str(n + k / 3), question="score") for n in range(9) for k in range(3)
]


@pytest.fixture
def full(store: Store, shelf: Shelf) -> Store:
    """A store with a replaced part, an added one and a second batch with scores."""

    def fill() -> None:
        add_part(store, "b", SIMPLE)
        add_part(store, "b", SIMPLE[:2], mode="replace")
        add_part(store, "b", [answer("i7", "p1", "c")], mode="add")
        scores = [question("score", "interval", None)]
        add_part(store, "c", SCORES, question=scores, item=[{"item_id": "i1", "group_id": "g"}])

    shelf.filled(store.folder, "a store for the doctor", fill)
    return store


def troubles(store: Store | Path, *, deep: bool = False) -> list[Finding]:
    """What is found beyond the machine, which is not the same everywhere."""
    folder = store if isinstance(store, Path) else store.folder
    machines = {"BATCHGATE_MEMORY", "BATCHGATE_THREADS", "the Python environment", str(folder)}
    found = examine(folder, deep=deep).findings
    return [each for each in found if each.where not in machines]


def records(store: Store, table: str = "annotation") -> Path:
    return next(store.folder.glob(f"batches/*/parts/*/{table}.parquet"))


def statistic(store: Store, name: str = "unit_patterns") -> Path:
    return next(store.folder.glob(f"batches/*/statistics/*/{name}.parquet"))


def damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 4] ^= 1
    path.write_bytes(content)


def rewrite(store: Store, path: Path, change: str) -> None:
    """Change rows of a file, and tell the catalogue that this is how it was."""
    before = catalogue_hash(path)
    with store.cursor() as cursor:
        cursor.execute(
            f"copy (select * replace ({change}) from read_parquet('{path}')) to '{path}.new'"  # noqa: S608
            " (format parquet)"
        )
    Path(f"{path}.new").replace(path)
    after = catalogue_hash(path)
    with store.catalogue.write("forging") as cursor:
        for table, column in (("statistic", "sha256"), ("part", "tables")):
            words = ["update catalogue.", table, f" set {column} = replace({column}, $a, $b)"]
            cursor.execute("".join(words), {"a": before, "b": after})


def catalogue_hash(path: Path) -> str:
    return materialise.file_sha256(path)


@pytest.mark.parametrize("deep", [False, True])
def test_healthy_store_has_no_finding(full: Store, deep: bool) -> None:
    assert troubles(full, deep=deep) == []


def test_doctor_says_how_much_it_looked_at(full: Store) -> None:
    found = examine(full.folder)
    files = [path for path in (full.folder / "batches").rglob("*") if path.is_file()]
    assert (found.batches, found.files) == (2, len(files))
    assert found.bytes == sum(path.stat().st_size for path in files)


def test_doctor_changes_nothing(full: Store) -> None:
    def everything() -> dict[str, tuple[int, int]]:
        return {
            str(path): (path.stat().st_mtime_ns, path.stat().st_size)
            for path in full.folder.rglob("*")
            if path.is_file() and path.name != "files.lock"
        }

    before = everything()
    examine(full.folder, deep=True)
    assert everything() == before


def test_folder_that_is_no_store_has_no_doctor(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"there is no store at .*; check --store"):
        examine(tmp_path)


@pytest.mark.parametrize(
    ("harm", "what"), [(damage, "has changed since it was written"), (Path.unlink, "is gone")]
)
def test_broken_records_are_an_error(full: Store, harm: Callable[[Path], None], what: str) -> None:
    path = records(full)
    harm(path)
    (found,) = troubles(full, deep=True)
    assert (found.level, found.where) == ("error", str(path.relative_to(full.folder)))
    assert what in found.what
    assert "backup" in found.do


def test_broken_records_of_a_replaced_part_are_found(full: Store) -> None:
    with full.catalogue.read() as cursor:
        ((location,),) = cursor.execute(
            "select location from catalogue.part where retired_at is not null"
        ).fetchall()
    damage(full.folder / location / "annotation.parquet")
    assert [each.level for each in troubles(full)] == ["error"]


@pytest.mark.parametrize(("harm", "level"), [(damage, "error"), (Path.unlink, "warning")])
def test_broken_statistic_is_found(full: Store, harm: Callable[[Path], None], level: str) -> None:
    path = statistic(full)
    harm(path)
    (found,) = troubles(full)
    assert (found.level, found.where) == (level, str(path.relative_to(full.folder)))
    assert "counted from the records" in found.do


def test_statistic_that_is_not_what_the_records_give_is_found_when_asked(full: Store) -> None:
    path = statistic(full)
    rewrite(full, path, "count + 1 as count")
    assert troubles(full) == []
    (found,) = troubles(full, deep=True)
    assert (found.level, found.where) == ("error", str(path.relative_to(full.folder)))


def test_fraction_that_differs_by_rounding_is_not_found(full: Store) -> None:
    path = statistic(full, "unit_moments")
    rewrite(full, path, "sum_d * (1 + 1e-12) as sum_d")
    assert troubles(full, deep=True) == []


def test_records_that_are_not_what_was_imported_are_found_when_asked(full: Store) -> None:
    path = records(full, "item")
    rewrite(full, path, "'other' as item_id")
    assert troubles(full) == []
    assert str(path.relative_to(full.folder)) in {each.where for each in troubles(full, deep=True)}


def test_state_that_is_not_what_the_records_give_is_found_when_asked(full: Store) -> None:
    with full.catalogue.write("forging") as cursor:
        cursor.execute(
            "update catalogue.batch set state = replace(state, '\"items\": 2', '\"items\": 5')"
            " where batch_id = 'b'"
        )
    assert troubles(full) == []
    (found,) = troubles(full, deep=True)
    assert "differ in items" in found.what


def test_part_the_catalogue_forgot_is_found(full: Store) -> None:
    with full.catalogue.write("forging") as cursor:
        cursor.execute(
            "delete from catalogue.part where batch_id = 'b' and retired_at is null"
            " and sequence = 3"
        )
    assert "batch digest is not that of its parts" in troubles(full)[0].what


def test_part_of_no_batch_is_found(full: Store) -> None:
    with full.catalogue.write("forging") as cursor:
        cursor.execute("delete from catalogue.batch where batch_id = 'c'")
    assert any("no such batch" in found.what for found in troubles(full))


def test_statistics_of_another_version_are_found(
    full: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(materialise, "FORMAT", materialise.FORMAT + 1)
    found = troubles(full)
    assert {each.level for each in found} == {"warning"}
    assert "statistics that were not made from these parts by this version" in found[0].what


def test_leftover_of_a_killed_import_is_a_note(
    full: Store, neighbour: Callable[..., Neighbour]
) -> None:
    other = neighbour(workers.stage_and_hang)
    key = other.hears()
    other.kill()
    found = {each.where: each for each in troubles(full)}
    assert found[f"staging/{key}"].level == "note"


def test_scratch_that_a_killed_process_left_is_a_note(
    full: Store, neighbour: Callable[..., Neighbour]
) -> None:
    other = neighbour(workers.write_and_stay)
    other.hears()
    for folder in (full.folder / "scratch").iterdir():
        (folder / "duckdb_temp").write_bytes(b"aside")
    other.kill()
    found = [each for each in troubles(full) if each.where.startswith("scratch/")]
    assert [each.what[:7] for each in found] == ["5 bytes"]


def test_import_under_way_is_no_leftover(full: Store, neighbour: Callable[..., Neighbour]) -> None:
    neighbour(workers.stage_and_hang).hears()
    (found,) = troubles(full)
    assert "importing batch killed" in found.what


def test_file_that_is_no_part_of_a_store_is_a_note(full: Store) -> None:
    (full.folder / "thesis.txt").write_text("mine")
    records(full).with_name("mine.txt").write_text("mine")
    assert [each.level for each in troubles(full)] == ["note", "note"]


def test_catalogue_that_is_no_database_is_an_error(full: Store) -> None:
    full.catalogue.path.write_bytes(b"no database at all")
    (found,) = troubles(full)
    assert (found.level, "cannot be read" in found.what) == ("error", True)


def test_catalogue_with_a_broken_block_is_an_error(full: Store) -> None:
    content = bytearray(full.catalogue.path.read_bytes())
    for place in range(12_288 + 200, len(content), 4096):
        content[place] ^= 0xFF
    full.catalogue.path.write_bytes(content)
    found = troubles(full)
    assert found[0].level == "error"
    assert "cannot be read" in found[0].what


def test_catalogue_held_by_another_program_is_an_error(
    full: Store, neighbour: Callable[..., Neighbour]
) -> None:
    neighbour(workers.hold_open).hears()
    full.catalogue.patience = 0.2
    (found,) = troubles(full)
    assert "another program" in found.what


def test_newer_store_is_an_error(full: Store) -> None:
    with full.catalogue.write("a later release") as cursor:
        cursor.execute("update catalogue.meta set schema_version = 99")
    (found,) = troubles(full)
    assert (found.level, "upgrade" in found.do) == ("error", True)


def test_older_store_is_a_warning_and_stays_as_it_is(
    full: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = [*workers.LANDED, workers.SECOND]
    for module in (catalogue, doctor):
        monkeypatch.setattr(module, "migrations", lambda: later)
    (found,) = troubles(full)
    assert (found.level, full.catalogue.schema_version()) == ("warning", 1)


@pytest.mark.parametrize(("free", "level"), [(10, "error"), (500 << 20, "warning")])
def test_disk_that_is_nearly_full_is_said(
    full: Store, monkeypatch: pytest.MonkeyPatch, free: int, level: str
) -> None:
    usage = shutil.disk_usage(full.folder)
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _path: usage._replace(free=free))
    found = [each for each in examine(full.folder).findings if "disk" in each.what]
    assert [each.level for each in found] == [level]


def test_limit_of_memory_beyond_the_machine_is_said(
    full: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "_memory", lambda: 1 << 20)
    assert "BATCHGATE_MEMORY" in {each.where for each in examine(full.folder).findings}


def test_more_threads_than_processors_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BATCHGATE_THREADS", str(len(os.sched_getaffinity(0)) + 3))
    store = Store.open(tmp_path / "many", create=True)
    found = {each.where for each in examine(store.folder).findings}
    store.close()
    assert "BATCHGATE_THREADS" in found


def test_worst_findings_come_first(full: Store) -> None:
    (full.folder / "thesis.txt").write_text("mine")
    damage(records(full))
    statistic(full).unlink()
    assert [each.level for each in troubles(full)] == ["error", "warning", "note"]


def test_advice_for_a_damaged_statistic_holds(full: Store) -> None:
    expected = rows(full, "unit_patterns", whole())
    for path in full.folder.glob("batches/*/statistics/*/unit_patterns.parquet"):
        damage(path)
    assert rows(full, "unit_patterns", whole()) == expected
    add_part(full, "b", [answer("i8", "p2", "a")], mode="add")
    assert not [each for each in troubles(full) if "'b'" in each.what]
