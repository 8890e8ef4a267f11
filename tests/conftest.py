"""What every test gets: a home of its own, no way out of the machine, no luck."""

import os
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

LOOPBACK = ("127.", "localhost", "::1")

# Examples are drawn from the test's own name, so that a run that passed passes again; a loaded
# machine is slow, not wrong.
settings.register_profile("gate", deadline=None, derandomize=True, database=None)
settings.load_profile("gate")


@pytest.fixture(autouse=True, scope="session")
def _home_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Point everything that looks for a home directory to an empty folder."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(home))
        for name in ("CACHE", "CONFIG", "DATA", "STATE"):
            patch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
        patch.delenv("BATCHGATE_STORE", raising=False)
        yield


class Shelf:
    """Stores made before: making a small one takes as long as a hundred copies of it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept: dict[object, Path] = {}

    def filled(self, target: Path, contents: object, fill: Callable[[], object]) -> Path:
        """Return the folder `target` with a store of these contents; `fill` makes the first.

        The target may be an open store that holds nothing yet: nobody keeps a catalogue open.
        """
        if contents not in self._kept:
            fill()
            self._kept[contents] = self._folder / str(len(self._kept))
            _copy(target, self._kept[contents])
        else:
            _copy(self._kept[contents], target)
        return target


def _copy(store: Path, target: Path) -> None:
    # The scratch folder belongs to the process that has the store open.
    ignored = shutil.ignore_patterns("scratch")
    shutil.copytree(store, target, ignore=ignored, dirs_exist_ok=True)


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """Return the stores that tests of this process have made."""
    return Shelf(tmp_path_factory.mktemp("shelf"))


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a store with every sample batch; one for all processes of a run, to be read."""
    from app.demonstration import sample_store
    from queries.locks import FileLock

    run = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:  # its folder lies in that of the run
        run = run.parent
    with FileLock(run / "samples.lock").alone("building the sample store", patience=300):
        return sample_store(run / "samples" / "store", lambda _stage, _done: None)


@pytest.fixture(autouse=True, scope="session")
def _loopback_only() -> Iterator[None]:
    """Refuse every connection that would leave the machine."""

    def guarded(connect: Callable[..., Any]) -> Callable[..., Any]:
        def connect_here(self: socket.socket, address: Any) -> Any:
            if self.family in {socket.AF_INET, socket.AF_INET6}:
                assert str(address[0]).startswith(LOOPBACK), f"a test tried to reach {address}"
            return connect(self, address)

        return connect_here

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded(socket.socket.connect))
        patch.setattr(socket.socket, "connect_ex", guarded(socket.socket.connect_ex))
        yield
