"""What stands beside the criteria, and the items it concerns."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.audit import audit, standard_of
from app.cli import app, run
from app.evidence import EvidenceItem
from app.intake import bring_in
from queries.scope import Viewer
from queries.store import Store

OWNER = Viewer.owner()
MAPPING = """
kind = "qa"
[columns]
item_id = "item"
annotator_id = "who"
licence = "licence"
note = "note"
[[question]]
name = "answer"
column = "label"
level = "nominal"
labels = ["no", "yes"]
"""


@pytest.fixture
def imported(tmp_path: Path) -> Callable[..., Path]:
    """Import lines of item, who, label, licence, note as a batch, or as a part of it."""

    def write(*lines: str, mode: str = "new") -> Path:
        (tmp_path / f"{mode}.csv").write_text("\n".join(["item,who,label,licence,note", *lines]))
        (tmp_path / "mapping.toml").write_text(MAPPING)
        bring_in(
            tmp_path / "store",
            [tmp_path / f"{mode}.csv"],
            batch_id="b1",
            mapping=tmp_path / "mapping.toml",
            mode=mode,  # type: ignore[arg-type]
        )
        return tmp_path / "store"

    return write


def evidence(folder: Path, name: str) -> EvidenceItem:
    store = Store.open(folder)
    batch = store.batch("b1", OWNER)
    result = audit(store, batch, standard_of(store, batch), OWNER)
    return next(one for one in result.evidence if one.name == name)


def told(folder: Path, name: str, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Return a piece of evidence as the command prints it."""
    words = ["audit", "b1", "--store", str(folder), "--json"]
    run(lambda: app(words, standalone_mode=False))
    document = json.loads(capsys.readouterr().out)
    groups = ("traceable", "reviewable", "sustainable")
    found = [one for group in groups for one in document[group] if one["name"] == name]
    return dict(found[0])


def test_missing_licences_name_the_items(imported: Any, capsys: pytest.CaptureFixture[str]) -> None:
    folder = imported("u1,A,yes,cc,", "u2,A,yes,,", "u3,A,no,,")
    found = told(folder, "licence of the item", capsys)
    assert (found["state"], found["count"], found["denominator"]) == ("missing", 1, 3)
    assert (found["lacks"], found["items"], found["items_count"]) == (
        "item.licence",
        ["u2", "u3"],
        2,
    )


def test_a_long_list_is_cut_and_counted(imported: Any, capsys: pytest.CaptureFixture[str]) -> None:
    folder = imported(*(f"u{n:02d},A,yes,," for n in range(30)))
    found = told(folder, "licence of the item", capsys)
    assert (len(found["items"]), found["items"][0], found["items_count"]) == (20, "u00", 30)


def test_missing_notes_name_the_items_with_such_an_answer(
    imported: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = imported("u1,A,yes,cc,so", "u1,B,yes,cc,", "u2,A,yes,cc,so")
    assert told(folder, "note on the answer", capsys)["items"] == ["u1"]


def test_present_evidence_concerns_no_item(
    imported: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    found = told(imported("u1,A,yes,cc,so"), "licence of the item", capsys)
    assert (found["state"], found["lacks"], found["items"]) == ("present", None, [])


def test_a_later_part_without_licences_takes_none_away(imported: Any) -> None:
    imported("u1,A,yes,cc,", "u2,A,yes,cc,")
    folder = imported("u1,B,yes,,", "u2,B,no,,", mode="add")
    found = evidence(folder, "licence of the item")
    assert (found.state, found.count, found.denominator) == ("present", 2, 2)


def test_items_of_several_parts_are_counted_once(imported: Any) -> None:
    imported("u1,A,yes,cc,", "u2,A,yes,,")
    folder = imported("u1,B,yes,,", "u2,B,no,,", mode="add")
    found = evidence(folder, "licence of the item")
    assert (found.state, found.count, found.denominator) == ("missing", 1, 2)
