"""Small stores made through the real importer."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.intake import bring_in
from queries.batches import BatchInfo
from queries.scope import Viewer
from queries.store import Store
from tests.conftest import Shelf

# Krippendorff (2011), Computing Krippendorff's alpha-reliability: 4 observers, 12 units.
KRIPPENDORFF = {
    "A": "1 2 3 3 2 1 4 1 2 . . .",
    "B": "1 2 3 3 2 2 4 1 2 5 . 3",
    "C": ". 3 3 3 2 3 4 2 2 5 1 .",
    "D": "1 2 3 3 2 4 4 1 2 5 1 .",
}
MAPPING = """
kind = "qa"
[columns]
item_id = "item"
annotator_id = "who"
[attributes]
half = "half"
[[question]]
name = "answer"
column = "label"
level = "nominal"
labels = ["1", "2", "3", "4", "5"]
"""


@pytest.fixture(autouse=True)
def same_main(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the main module back: a page drawn in a test takes its place, and processes need it."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


def krippendorff_rows() -> list[str]:
    """Return the textbook example as CSV lines: item, who, label, half."""
    return [
        f"u{unit:02d},{observer},{label},{'first' if unit <= 6 else 'second'}"
        for observer, row in KRIPPENDORFF.items()
        for unit, label in enumerate(row.split(), start=1)
        if label != "."
    ]


@pytest.fixture
def write_batch(tmp_path: Path, shelf: Shelf) -> Callable[..., Path]:
    """Import CSV lines as a batch and return the store's folder."""

    def write(lines: list[str], *, batch_id: str = "b1", **options: object) -> Path:
        table = tmp_path / f"{batch_id}.csv"
        table.write_text("item,who,label,half\n" + "\n".join(lines) + "\n")
        mapping = tmp_path / "mapping.toml"
        mapping.write_text(MAPPING)
        folder = tmp_path / "store"

        def fill() -> None:
            bring_in(folder, [table], batch_id=batch_id, mapping=mapping, **options)  # type: ignore[arg-type]

        # What goes into a store that is there depends on more than its lines.
        if options or folder.exists():
            fill()
            return folder
        return shelf.filled(folder, (batch_id, *lines), fill)

    return write


@pytest.fixture
def textbook(write_batch: Callable[..., Path]) -> tuple[Store, BatchInfo]:
    """Return a store that holds the textbook example as batch b1."""
    store = Store.open(write_batch(krippendorff_rows()))
    return store, store.batch("b1", Viewer.owner())
