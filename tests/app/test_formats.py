"""The page of help of each format, and what an import of one pins."""

import json
from pathlib import Path

import pytest

from app.cli import ExitCode, app, run
from app.intake import bring_in
from queries.ingest import FORMATS
from queries.scope import Viewer
from queries.store import Store


def command(*words: str) -> int:
    return run(lambda: app(list(words), standalone_mode=False))


def test_all_formats_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert command("formats", "--json") == ExitCode.ACCEPT
    assert [form["name"] for form in json.loads(capsys.readouterr().out)] == list(FORMATS)


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_says_where_its_fields_go(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert command("formats", name) == ExitCode.ACCEPT
    out = capsys.readouterr().out
    assert "where it goes" in out
    assert out.count("cannot tell:") == len(FORMATS[name].cannot_tell)


def test_an_unknown_format_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert command("formats", "label_studio") == ExitCode.USAGE
    assert "did you mean 'label-studio'" in capsys.readouterr().err


def test_a_batch_whose_export_says_its_kind_is_pinned(tmp_path: Path) -> None:
    folder = tmp_path / "bundle"
    folder.mkdir()
    (folder / "batch.toml").write_text('kind = "preference"\n')
    (folder / "annotations.csv").write_text("item_id,annotator_id,question,value\ni,a,w,x\n")
    bring_in(tmp_path / "store", [folder], batch_id="b")
    batch = Store.open(tmp_path / "store").batch("b", Viewer.owner())
    assert batch.standard == "preference-default 1.0.0"
