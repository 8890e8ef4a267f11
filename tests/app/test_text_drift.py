"""Prompts of a batch against those of a reference, looked at on demand."""

import csv
import json
from collections.abc import Callable, Sequence
from math import isnan
from pathlib import Path

import pytest

from app.cli import app as commands
from app.cli import run
from app.drift import OtherShift, drift
from app.intake import bring_in
from app.text_drift import with_text
from queries.scope import Viewer
from queries.store import Store

OWNER = Viewer.owner()
MAPPING = """kind = "qa"
[columns]
item_id = "item"
group_id = "group"
annotator_id = "who"
prompt = "prompt"
[[question]]
name = "q"
column = "label"
level = "nominal"
labels = ["no", "yes"]
"""
WORDS = ["river", "stone", "lamp", "cloud", "field", "paper", "glass", "train", "music", "garden"]
Prompts = Callable[[str, Sequence[str]], None]


@pytest.fixture
def prompts(tmp_path: Path) -> Prompts:
    """Return a call that imports prompts of 40 groups with one answer each."""

    def imported(name: str, texts: Sequence[str]) -> None:
        path, mapping = tmp_path / f"{name}.csv", tmp_path / "m.toml"
        mapping.write_text(MAPPING, encoding="utf-8")
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["item", "group", "who", "prompt", "label"])
            for place, text in enumerate(texts):
                group = f"{name}-{place % 40}"
                writer.writerow([place, group, "ann", text, ("no", "yes")[place % 2]])
        bring_in(tmp_path / "store", [path], batch_id=name, kind="qa", mapping=mapping)

    return imported


def made(start: int, word: str = "") -> list[str]:
    """Return 160 unlike prompts; every second one with a word of its own."""
    return [
        f"about {WORDS[n % 10]} and {WORDS[n // 10 % 10]} {WORDS[n // 7 % 10]} w{n}"
        + (f" {word}" if n % 2 else "")
        for n in range(start, start + 160)
    ]


def text_of(store: Path) -> OtherShift:
    """Return the finding about the prompts of `new` against `old`."""
    opened = Store.open(store / "store")
    batch, reference = opened.batch("new", OWNER), opened.batch("old", OWNER)
    report = drift(opened, batch, reference, OWNER, control=0)
    return with_text(opened, batch, reference, OWNER, report).other[-1]


def test_word_that_came_up_is_an_alarm_and_named(tmp_path: Path, prompts: Prompts) -> None:
    prompts("old", made(0))
    prompts("new", made(1000, "umbrella"))
    found = text_of(tmp_path)
    assert found.alarm.is_raised
    assert "more: umbrella" in found.shift.note


def test_prompts_of_one_kind_raise_no_alarm(tmp_path: Path, prompts: Prompts) -> None:
    prompts("old", made(0))
    prompts("new", made(1000))
    found = text_of(tmp_path)
    assert not isnan(found.shift.p_value)
    assert not found.alarm.is_raised


def test_missing_prompts_say_so(tmp_path: Path, prompts: Prompts) -> None:
    prompts("old", made(0))
    prompts("new", [""] * 160)
    found = text_of(tmp_path)
    assert found.shift.reason == "no item of the batch has a prompt"
    assert found.to_json()["p_value"] is None


def test_few_prompts_are_not_tested(tmp_path: Path, prompts: Prompts) -> None:
    prompts("old", made(0))
    prompts("new", made(1000)[:50])
    assert text_of(tmp_path).shift.reason == "50 texts on one side, 100 are needed"


def test_command_compares_prompts_on_demand_only(
    tmp_path: Path, prompts: Prompts, capsys: pytest.CaptureFixture[str]
) -> None:
    prompts("old", made(0))
    prompts("new", made(1000, "umbrella"))
    families = []
    for more in ([], ["--text"]):
        arguments = [
            "drift", "--batch", "new", "--against", "old", "--control", "0", "--json",
            "--store", str(tmp_path / "store"), *more,
        ]  # fmt: skip
        capsys.readouterr()
        assert run(lambda given=arguments: commands(given, standalone_mode=False)) == 0
        found = json.loads(capsys.readouterr().out)
        families.append("text" in {one["family"] for one in found["other"]})
    assert families == [False, True]
