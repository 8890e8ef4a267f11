"""The soak with small numbers: `benchmarks/soak.py` runs the same for longer."""

from pathlib import Path

import pytest

from benchmarks.soak import kill
from benchmarks.soak_company import company
from benchmarks.soak_disk import full_disk, limited_files, namespace, readonly
from benchmarks.soak_export import Export, Outcome, export

ITEMS = 1_000
KILLS = 20
SEED = 20
# A loaded machine is slow; the bound of one second is that of the soak.
BOUND_SECONDS = 8.0

may_mount = pytest.mark.skipif(
    namespace() is None, reason="this user may mount no file system, which a full disk takes"
)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Export:
    """An export, and its alpha in peace."""
    return export(tmp_path_factory.mktemp("export"), ITEMS)


def test_killed_import_leaves_the_whole_batch_or_nothing(told: Export, tmp_path: Path) -> None:
    assert kill(told, tmp_path, KILLS, SEED).failures == []


def test_limit_on_the_size_of_files_leaves_the_store_as_it_was(
    told: Export, tmp_path: Path
) -> None:
    assert limited_files(told, tmp_path, [0, 6_000, 20_000]).failures == []


@may_mount
@pytest.mark.parametrize("room", [20_000, 60_000])
def test_full_disk_leaves_the_store_as_it_was(told: Export, tmp_path: Path, room: int) -> None:
    outcome = Outcome("full")
    full_disk(told, tmp_path, room, outcome)
    assert outcome.failures == []


@may_mount
def test_store_on_a_read_only_disk_can_be_read(told: Export, tmp_path: Path) -> None:
    assert readonly(told, tmp_path).failures == []


def test_readers_and_a_writer_do_not_disturb_each_other(told: Export, tmp_path: Path) -> None:
    outcome = company(told, tmp_path, seconds=3, bound=BOUND_SECONDS)
    assert outcome.failures == []
