import shutil
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import duckdb
import pytest

from queries import catalogue as module
from queries.catalogue import MIGRATIONS, migrations
from queries.errors import InputError, StoreError
from queries.store import Store
from tests.queries import workers
from tests.queries.conftest import OWNER, Neighbour, add_part, answer, rows, whole

Start = Callable[..., Neighbour]
# A loaded machine is slow; without the turnstile a writer waits for ever.
BOUND_SECONDS = 8.0


def bump(store: Store) -> float:
    begun = time.monotonic()
    with store.catalogue.write("testing") as cursor:
        cursor.execute("update catalogue.meta set created_by = 'test'")
    return time.monotonic() - begun


def handles_on(path: Path) -> list[str]:
    links = []
    for handle in Path("/proc/self/fd").iterdir():
        with suppress(OSError):  # the handle that listed the folder is gone
            links.append(str(handle.readlink()))
    return [link for link in links if link.startswith(str(path))]


def fail_to_write(store: Store) -> None:
    with store.catalogue.write("failing") as cursor:
        cursor.execute("update catalogue.meta set created_by = 'nobody'")
        raise KeyError


@pytest.fixture
def older(store: Store) -> Path:
    """Return a closed store of this version, with a batch in it."""
    add_part(store, "b", [answer("i1", "p1", "a"), answer("i1", "p2", "b")])
    store.close()
    return store.folder


def test_write_raises_the_data_version(store: Store) -> None:
    before = store.catalogue.data_version()
    bump(store)
    assert store.catalogue.data_version() == before + 1


def test_write_that_fails_changes_nothing(store: Store) -> None:
    before = store.catalogue.data_version()
    with pytest.raises(KeyError):
        fail_to_write(store)
    with store.catalogue.read() as cursor:
        found = cursor.execute("select created_by, data_version from catalogue.meta").fetchall()
    assert found[0][0].startswith("batchgate")
    assert found[0][1] == before


def test_read_cannot_write(store: Store) -> None:
    with (
        pytest.raises(duckdb.InvalidInputException, match="read-only"),
        store.catalogue.read() as cursor,
    ):
        cursor.execute("update catalogue.meta set data_version = 0")


def test_idle_store_holds_no_handle_on_the_catalogue(store: Store) -> None:
    bump(store)
    store.catalogue.data_version()
    assert handles_on(store.catalogue.path) == []


def test_catalogue_is_open_only_inside_the_block(store: Store) -> None:
    with store.catalogue.read():
        assert handles_on(store.catalogue.path)


def test_reader_in_another_process_loses_no_read(store: Store, neighbour: Start) -> None:
    other = neighbour(workers.read_for_ever)
    other.hears()
    for _ in range(5):
        bump(store)
    reads, _ = other.stop()
    assert reads > 0


def test_busy_reader_in_another_process_does_not_starve_a_writer(
    store: Store, neighbour: Start
) -> None:
    others = [neighbour(workers.read_for_ever) for _ in range(2)]
    for other in others:
        other.hears()
    assert max(bump(store) for _ in range(5)) < BOUND_SECONDS


def test_busy_threads_do_not_starve_a_writer(store: Store) -> None:
    done = threading.Event()

    def read() -> int:
        reads = 0
        while not done.is_set():
            store.catalogue.data_version()
            reads += 1
        return reads

    with ThreadPoolExecutor(6) as pool:
        readers = [pool.submit(read) for _ in range(6)]
        slowest = max(bump(store) for _ in range(5))
        done.set()
    assert slowest < BOUND_SECONDS
    assert all(reader.result() > 0 for reader in readers)


def test_every_thread_gets_its_own_answer(store: Store) -> None:
    def ask(number: int) -> bool:
        with store.catalogue.read() as cursor:
            rows = cursor.execute("select $number from range(500)", {"number": number}).fetchall()
        return rows == [(number,)] * 500

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(200)))


def test_process_killed_during_a_write_leaves_the_old_state(store: Store, neighbour: Start) -> None:
    before = store.catalogue.data_version()
    other = neighbour(workers.write_and_hang)
    other.hears()
    other.kill()
    assert store.catalogue.data_version() == before


def test_process_killed_during_a_write_does_not_stop_the_next(
    store: Store, neighbour: Start
) -> None:
    other = neighbour(workers.write_and_hang)
    other.hears()
    other.kill()
    before = store.catalogue.data_version()
    bump(store)
    assert store.catalogue.data_version() == before + 1


def test_process_killed_after_a_write_leaves_the_new_state(store: Store, neighbour: Start) -> None:
    other = neighbour(workers.write_and_stay)
    other.hears()
    other.kill()
    with store.catalogue.read() as cursor:
        found = cursor.execute("select created_by from catalogue.meta").fetchall()
    assert found == [("the other process",)]


def test_reader_that_waits_in_vain_says_who_writes(store: Store, neighbour: Start) -> None:
    other = neighbour(workers.write_and_hang)
    other.hears()
    store.catalogue.patience = 0.2
    with pytest.raises(StoreError, match=r"busy .*process \d+: hanging"):
        store.catalogue.data_version()


def test_catalogue_kept_open_by_another_program_is_an_error_that_says_so(
    store: Store, neighbour: Start
) -> None:
    neighbour(workers.hold_open).hears()
    store.catalogue.patience = 0.2
    with pytest.raises(StoreError, match="another program has kept"):
        store.catalogue.data_version()


def test_read_inside_a_read_does_not_wait_for_a_queueing_writer(store: Store) -> None:
    with store.catalogue.read():
        writer = threading.Thread(target=bump, args=(store,))
        writer.start()
        while "testing" not in (store.folder / "catalogue.lock").read_text():
            pass  # until the writer holds the turnstile and waits for this thread
        begun = time.monotonic()
        store.catalogue.data_version()
        waited = time.monotonic() - begun
    writer.join()
    assert waited < BOUND_SECONDS


def test_write_inside_a_read_is_refused_at_once(store: Store) -> None:
    with store.catalogue.read(), pytest.raises(RuntimeError, match="inside a block"):
        bump(store)


def test_read_inside_a_write_is_refused_at_once(store: Store) -> None:
    with store.catalogue.write("testing"), pytest.raises(RuntimeError, match="own cursor"):
        store.catalogue.data_version()


def test_migrations_are_numbered_without_a_gap() -> None:
    assert [number for number, _ in migrations()] == list(range(1, len(migrations()) + 1))


def test_new_store_has_the_newest_schema(store: Store) -> None:
    assert store.catalogue.schema_version() == migrations()[-1][0]


@pytest.fixture
def later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Become a later release, with one migration more."""
    folder = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, folder)
    (folder / "0002_colour.sql").write_text(workers.SECOND[1])
    monkeypatch.setattr(module, "MIGRATIONS", folder)


@pytest.mark.usefixtures("later")
def test_new_store_of_a_later_release_can_be_made(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "new", create=True)
    found = store.catalogue.schema_version()
    store.close()
    assert found == 2


@pytest.mark.usefixtures("older", "later")
def test_older_store_is_migrated_when_opened(older: Path) -> None:
    with Store.open(older).catalogue.read() as cursor:
        found = cursor.execute("select schema_version, colour from catalogue.meta").fetchall()
    assert found == [(2, None)]


@pytest.mark.usefixtures("older", "later")
def test_migrated_store_keeps_its_batches(older: Path) -> None:
    store = Store.open(older)
    assert [batch.batch_id for batch in store.batches(OWNER)] == ["b"]
    assert rows(store, "unit_patterns", whole())


@pytest.mark.usefixtures("older", "later")
def test_migration_runs_once(older: Path) -> None:
    store = Store.open(older)
    before = store.catalogue.data_version()
    store.close()
    assert Store.open(older).catalogue.data_version() == before


def test_migration_that_is_killed_leaves_the_old_version(older: Path, neighbour: Start) -> None:
    other = neighbour(workers.migrate_and_hang)
    other.hears()
    other.kill()
    store = Store.open(older)
    assert store.catalogue.schema_version() == migrations()[-1][0]
    assert [batch.batch_id for batch in store.batches(OWNER)] == ["b"]


def test_migration_that_was_killed_is_run_by_the_next(
    older: Path, neighbour: Start, request: pytest.FixtureRequest
) -> None:
    other = neighbour(workers.migrate_and_hang)
    other.hears()
    other.kill()
    request.getfixturevalue("later")
    assert Store.open(older).catalogue.schema_version() == 2


def test_migration_by_several_at_once_succeeds_for_all(older: Path, neighbour: Start) -> None:
    others = [neighbour(workers.open_newer) for _ in range(3)]
    for other in others:
        other.hears()
    assert [other.stop() for other in others] == [2, 2, 2]
    assert older.exists()


def test_older_program_does_not_take_a_newer_version_back(store: Store) -> None:
    with store.catalogue.write("a later release") as cursor:
        cursor.execute("update catalogue.meta set schema_version = 99")
    store.catalogue.migrate()
    assert store.catalogue.schema_version() == 99


@pytest.mark.usefixtures("older", "later")
def test_older_store_that_cannot_be_written_says_that_it_must_be(older: Path) -> None:
    (older / "catalogue.lock").unlink()
    (older / "catalogue.lock").mkdir()
    with pytest.raises(StoreError, match="has schema version 1 and must be brought to version 2"):
        Store.open(older)


def test_newer_store_is_refused_with_both_versions(store: Store) -> None:
    with store.catalogue.write("a later release") as cursor:
        cursor.execute("update catalogue.meta set schema_version = 99")
    with pytest.raises(StoreError, match=r"schema version 99, .* reads up to version 1; upgrade"):
        Store.open(store.folder)


@pytest.mark.parametrize("content", [b"", b"no database at all", bytes(20_000)])
def test_file_that_is_no_database_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "catalogue.duckdb").write_bytes(content)
    with pytest.raises(StoreError, match="cannot open the catalogue"):
        Store.open(tmp_path)


def test_truncated_catalogue_is_refused(store: Store) -> None:
    whole = store.catalogue.path.read_bytes()
    store.catalogue.path.write_bytes(whole[: len(whole) // 3])
    with pytest.raises(StoreError, match="cannot open the catalogue"):
        Store.open(store.folder)


def test_database_that_is_no_catalogue_is_refused(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "catalogue.duckdb")) as connection:
        connection.execute("create table invoices (number integer)")
    with pytest.raises(InputError, match="not the catalogue"):
        Store.open(tmp_path)


def test_store_that_cannot_be_written_says_so(store: Store) -> None:
    # A folder in place of the lock file: also root cannot open it for writing.
    (store.folder / "catalogue.lock").unlink()
    (store.folder / "catalogue.lock").mkdir()
    with pytest.raises(StoreError, match="cannot write to the store"):
        bump(store)


def test_store_without_its_lock_file_can_be_read(store: Store) -> None:
    (store.folder / "catalogue.lock").unlink()
    assert store.catalogue.data_version() >= 0


LANDED = {"0001_catalogue.sql": "d88912defd98cbda9fe09bcc1524101f20a2b3f6af2f157d8637120b85678aad"}


@pytest.mark.parametrize("name", LANDED)
def test_landed_migration_has_not_changed(name: str) -> None:
    assert sha256((MIGRATIONS / name).read_bytes()).hexdigest() == LANDED[name]
