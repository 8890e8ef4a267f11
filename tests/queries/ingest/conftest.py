"""A desk to import small files at: write a file, import it, look at the records."""

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest

from queries.errors import InputError
from queries.ingest import import_batch
from queries.ingest.report import ImportReport
from queries.parts import PartWriter
from queries.scope import Viewer
from queries.store import Store
from tests.conftest import Shelf

ONE_QUESTION = """
kind = "qa"
[columns]
item_id = "item"
annotator_id = "who"
[[question]]
name = "label"
column = "label"
"""


class Desk:
    """A store, and the files that are imported into it.

    `rows` reads the records of the last import, or of a whole batch.
    """

    def __init__(self, store: Store, folder: Path) -> None:
        self.store = store
        self.folder = folder
        self.taken = folder / "taken"

    def write(self, content: str | bytes, name: str = "answers.csv") -> Path:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def take(
        self,
        content: str | bytes | Path | Sequence[Path],
        mapping: str | None = ONE_QUESTION,
        *,
        name: str = "answers.csv",
        batch: str = "b",
        **options: Any,
    ) -> ImportReport:
        """Import one file's content, a path, or several."""
        if isinstance(content, str | bytes):
            content = self.write(content, name)
        paths = [content] if isinstance(content, Path) else list(content)
        told = self.write(mapping, "mapping.toml") if mapping is not None else None
        if mapping is None:
            options = {"kind": "qa", **options}
        return import_batch(self.store, paths, batch_id=batch, mapping=told, **options)

    def rows(self, table: str, *columns: str, batch: str | None = None) -> list[tuple[Any, ...]]:
        """Return rows of a record table, sorted; none when the table was not written."""
        folders = [self.taken] if batch is None else self._parts(batch)
        files = [str(path) for folder in folders for path in folder.glob(f"{table}.parquet")]
        if not files:
            return []
        with duckdb.connect() as connection:
            found = connection.read_parquet(files).project(", ".join(columns)).order("all")
            return found.fetchall()

    def answers(self, *columns: str) -> list[tuple[Any, ...]]:
        """Return item and value (or other columns) of the annotations."""
        return self.rows("annotation", *(columns or ("item_id", "value")))

    def _parts(self, batch: str) -> list[Path]:
        info = self.store.batch(batch, Viewer.owner())
        return [self.store.folder / part.location for part in info.parts]


@pytest.fixture(scope="session")
def _rehearsal_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = Store.open(tmp_path_factory.mktemp("rehearsal") / "store", create=True)
    yield store
    store.close()


@pytest.fixture
def desk(_rehearsal_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Return a desk whose imports stop before statistics and catalogue: quick, and enough."""
    made = Desk(_rehearsal_store, tmp_path)

    def keep(part: PartWriter, report: Mapping[str, object], *_: Any, **__: Any) -> None:
        assert report["part"] == part.key
        shutil.rmtree(made.taken, ignore_errors=True)
        shutil.copytree(part.folder, made.taken)

    monkeypatch.setattr(PartWriter, "commit", keep)
    return made


@pytest.fixture
def store_desk(tmp_path: Path, shelf: Shelf) -> Iterator[Desk]:
    """Return a desk that imports into a store of its own, to the end."""
    folder = tmp_path / "store"
    shelf.filled(folder, "an empty store", lambda: Store.open(folder, create=True))
    store = Store.open(folder)
    yield Desk(store, tmp_path)
    store.close()


@pytest.fixture
def refused(desk: Desk) -> Callable[..., str]:
    """Return the message an import is refused with; nothing may be left of it."""

    def attempt(*arguments: Any, **options: Any) -> str:
        with pytest.raises(InputError) as caught:
            desk.take(*arguments, **options)
        assert not desk.taken.exists()
        assert not list((desk.store.folder / "staging").iterdir())
        return str(caught.value)

    return attempt
