"""`batchgate annotators`: from imported answers to flags, groups and the items to look at."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from app.annotators import annotators
from app.cli import app, run
from app.intake import bring_in
from queries.scope import Viewer
from queries.store import Store

KEYS = {
    "annotator_id", "items", "annotations", "score", "low", "high", "group", "flags", "evidence",
    "influence",
}  # fmt: skip
ADDED_UP = ("agreement", "information", "severity", "probes", "trap")
"""Signs from statistics that add up over batches."""
PROBED = """
kind = "qa"
[columns]
item_id = "item"
annotator_id = "who"
[[question]]
name = "answer"
column = "label"
level = "nominal"
labels = ["1", "2", "3", "4", "5"]
[[probe]]
type = "{type}"
question = "answer"
when = {{ column = "planted", equals = "yes" }}
expected = "expected"
"""


def crew_rows(seed: int = 1, *, items: int = 300, people: int = 12) -> list[str]:
    """Five answers an item, right in 7 of 10 cases; w00 answers at random."""
    generator = np.random.default_rng(seed)
    rows = []
    for item in range(items):
        truth = generator.integers(5)
        for who in generator.permutation(people)[:5]:
            right = generator.random() < (0.2 if who == 0 else 0.7)
            said = truth if right else (truth + generator.integers(1, 5)) % 5
            rows.append(f"i{item:03d},w{who:02d},{said + 1},first")
    return rows


def asked(*arguments: object) -> int:
    return run(lambda: app([str(one) for one in arguments], standalone_mode=False))


def told(
    folder: Path, capsys: pytest.CaptureFixture[str], *arguments: str
) -> list[dict[str, object]]:
    assert asked("annotators", *arguments, "--store", folder, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, list)
    return found


def import_probed(folder: Path, rows: list[str], type_: str) -> Store:
    table, mapping = folder / "probed.csv", folder / "probed.toml"
    table.write_text("item,who,label,planted,expected\n" + "\n".join(rows) + "\n")
    mapping.write_text(PROBED.format(type=type_))
    bring_in(folder / "store", [table], batch_id="b1", mapping=mapping)
    return Store.open(folder / "store")


def test_json_has_exactly_the_keys_of_the_interface(
    write_batch: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    rows = told(write_batch(crew_rows()), capsys, "--batch", "b1")
    assert len(rows) == 12
    assert all(set(row) == KEYS for row in rows)
    assert all(0 <= row["low"] <= row["score"] <= row["high"] <= 1 for row in rows)  # type: ignore[operator]


def test_one_who_answers_at_random_is_flagged_with_evidence_and_ten_items(
    write_batch: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    rows = told(write_batch(crew_rows()), capsys, "--batch", "b1")
    flagged = {row["annotator_id"]: row for row in rows if row["flags"]}
    assert set(flagged) == {"w00"}
    evidence = flagged["w00"]["evidence"]
    assert set(evidence) == set(flagged["w00"]["flags"])  # type: ignore[arg-type, call-overload]
    for one in evidence.values():  # type: ignore[attr-defined]
        assert len({sign["kind"] for sign in one["signals"]}) == 2
        assert len(one["look_at"]) == 10


def test_dropping_the_one_who_answers_at_random_raises_agreement(
    write_batch: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    rows = told(write_batch(crew_rows()), capsys, "--batch", "b1")
    changes = {
        row["annotator_id"]: next(iter(row["influence"].values()))  # type: ignore[attr-defined]
        for row in rows
    }
    assert max(changes, key=changes.__getitem__) == "w00"


def test_people_of_a_group_stand_in_alphabetical_order(
    write_batch: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    rows = told(write_batch(crew_rows()), capsys, "--batch", "b1")
    first = [row["annotator_id"] for row in rows if row["group"] == 1]
    assert first == sorted(first)
    assert len(first) >= 8


def test_nobody_is_placed_below_50_items(
    write_batch: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    rows = told(write_batch(crew_rows(items=60)), capsys, "--batch", "b1")
    assert {row["group"] for row in rows} == {None}


def test_history_adds_batches_up(
    write_batch: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    rows = crew_rows()
    folder = write_batch(rows[:700])
    write_batch(rows[700:], batch_id="b2")
    both = told(folder, capsys, "--since", "2020-01-01")
    assert sum(row["annotations"] for row in both) == 1500  # type: ignore[misc]
    assert [row["annotator_id"] for row in both if row["flags"]] == ["w00"]
    assert all(row["influence"] == {} for row in both)


def test_history_of_two_batches_is_that_of_one(write_batch: Callable[..., Path]) -> None:
    rows = crew_rows()
    halves = Store.open(write_batch(rows[:700]))
    write_batch(rows[700:], batch_id="b2")
    write_batch(rows, batch_id="whole")
    viewer = Viewer.owner()
    split = annotators(halves, [halves.batch(one, viewer) for one in ("b1", "b2")], viewer)
    whole = annotators(halves, [halves.batch("whole", viewer)], viewer)
    for one, other in zip(split.rows, whole.rows, strict=True):
        assert one.annotator_id == other.annotator_id
        assert one.score.value == pytest.approx(other.score.value)
        measured, at_once = (
            [s.value for s in row.signals if s.kind in ADDED_UP] for row in (one, other)
        )
        assert measured == pytest.approx(at_once)


def test_habits_are_looked_at_batch_by_batch(write_batch: Callable[..., Path]) -> None:
    """Pace and order belong to a batch; a sign of a history says of which one it is."""
    rows = crew_rows()
    store = Store.open(write_batch(rows[:700]))
    write_batch(rows[700:], batch_id="b2")
    viewer = Viewer.owner()
    found = annotators(store, [store.batch(one, viewer) for one in ("b1", "b2")], viewer)
    habits = {s.question for row in found.rows for s in row.signals if s.kind not in ADDED_UP}
    assert habits == {"answer (b1)", "answer (b2)"}


def test_since_and_batch_exclude_each_other(
    write_batch: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_batch(crew_rows(items=5))
    for wrong in ([], ["--batch", "b1", "--since", "2020-01-01"], ["--since", "soon"]):
        assert asked("annotators", *wrong, "--store", folder) == 2
        assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    "rows",
    [
        ["i1,solo,1,first"],
        [f"i{n},solo,{n % 5 + 1},first" for n in range(80)],
        [f"i{n},{who},3,first" for n in range(60) for who in "pqr"],
        [f"i{n},{who},1,first" for n in range(60) for who in ("pq", "rs")[n % 2]],
        [f"i{n},p{n},1,first" for n in range(60)],
    ],
    ids=["one answer", "one annotator", "unanimous", "disconnected", "one item each"],
)
def test_a_degenerate_batch_flags_nobody_and_prints(
    write_batch: Callable[..., Path], capsys: pytest.CaptureFixture[str], rows: list[str]
) -> None:
    folder = write_batch(rows)
    assert not any(row["flags"] for row in told(folder, capsys, "--batch", "b1"))
    assert asked("annotators", "--batch", "b1", "--store", folder) == 0
    assert "annotator" in capsys.readouterr().out


def test_an_only_annotator_has_no_score(
    write_batch: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_batch([f"i{n},solo,{n % 5 + 1},first" for n in range(80)])
    (row,) = told(folder, capsys, "--batch", "b1")
    assert (row["score"], row["group"]) == (None, None)


def test_gold_that_everybody_contradicts_is_the_suspect(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [f"{row.rsplit(',', 1)[0]},no," for row in crew_rows(items=60)]
    rows += [f"gold,w{who:02d},2,yes,1" for who in range(8)]
    store = import_probed(tmp_path, rows, "golden")
    viewer = Viewer.owner()
    found = annotators(store, [store.batch("b1", viewer)], viewer)
    assert [(one.item_id, one.rival, one.rival_answers) for one in found.suspects] == [
        ("gold", "2", 8)
    ]
    assert not any(row.raised for row in found.rows)
    assert asked("annotators", "--batch", "b1", "--store", store.folder) == 0
    assert "suspect golden item gold: 8 of 8" in capsys.readouterr().out


def test_one_who_misses_traps_is_careless_and_the_missed_traps_come_first(tmp_path: Path) -> None:
    rows = [f"{row.rsplit(',', 1)[0]},no," for row in crew_rows(2, items=60) if ",w00," not in row]
    rows += [
        f"trap{n},w{who:02d},{2 if who == 3 and n % 2 else 1},yes,1"
        for n in range(20)
        for who in range(1, 9)
    ]
    store = import_probed(tmp_path, rows, "trap")
    viewer = Viewer.owner()
    found = annotators(store, [store.batch("b1", viewer)], viewer)
    (row,) = [row for row in found.rows if row.raised]
    assert (row.annotator_id, [one.flag for one in row.raised]) == ("w03", ["careless"])
    assert all(item.startswith("trap") for item in row.look_at)


GROUPED = """
kind = "qa"
[columns]
item_id = "item"
annotator_id = "who"
annotator_group = "group"
[[question]]
name = "answer"
column = "label"
level = "nominal"
labels = ["1", "2", "3"]
"""


def grouped_rows(*, named: bool, items: int = 1600) -> list[str]:
    """Four of 40 people see two items in five otherwise; p09 answers at random."""
    generator = np.random.default_rng(3)
    rows = []
    for item in range(items):
        truth = generator.integers(3)
        differs = generator.random() < 0.4
        for who in generator.permutation(40)[:5]:
            seen = (truth + differs * (who < 4)) % 3
            right = who != 9 and generator.random() < 0.85
            said = seen if right else generator.integers(3)
            group = ("few" if who < 4 else "many") if named else ""
            rows.append(f"i{item},p{who:02d},{said + 1},{group}")
    return rows


@pytest.mark.parametrize("named", [True, False], ids=["named", "unnamed"])
def test_a_group_that_sees_it_otherwise_is_not_careless(tmp_path: Path, named: bool) -> None:
    """People who agree with each other, if not with the crew, read the items; nobody else does."""
    table, mapping = tmp_path / "a.csv", tmp_path / "m.toml"
    table.write_text("\n".join(["item,who,label,group", *grouped_rows(named=named)]))
    mapping.write_text(GROUPED)
    bring_in(tmp_path / "store", [table], batch_id="b", mapping=mapping)
    store, viewer = Store.open(tmp_path / "store"), Viewer.owner()
    found = annotators(store, [store.batch("b", viewer)], viewer)
    flagged = {row.annotator_id for row in found.rows if row.raised}
    assert flagged == {"p09"}


def test_history_over_batches_that_ask_something_else_by_one_name(
    write_batch: Callable[..., Path], tmp_path: Path
) -> None:
    """Groups of people are known, and the second batch has labels the first does not."""
    folder = write_batch(crew_rows(items=40))
    mapping = tmp_path / "other.toml"
    mapping.write_text(
        'kind = "qa"\n[columns]\nitem_id = "item"\nannotator_id = "who"\n'
        '[[question]]\nname = "answer"\ncolumn = "label"\nlevel = "nominal"\n'
        'labels = ["left", "right"]\n'
    )
    table, people = tmp_path / "other.csv", tmp_path / "people.csv"
    rows = "".join(f"x{n},w{n % 3:02d},left\nx{n},w{n % 3 + 3:02d},right\n" for n in range(30))
    table.write_text(f"item,who,label\n{rows}")
    people.write_text("person_id,group\n" + "".join(f"w{n:02d},{'ab'[n % 2]}\n" for n in range(12)))
    bring_in(folder, [table], batch_id="b2", mapping=mapping)
    bring_in(folder, [people], batch_id="b2", format_name="bundle", mode="add")
    store = Store.open(folder)
    found = annotators(store, [store.batch(one, Viewer.owner()) for one in ("b1", "b2")],
        Viewer.owner())  # fmt: skip
    assert len(found.rows) == 12
