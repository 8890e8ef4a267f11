"""Coverage of a batch against a standard: cells, shares, gaps, what to collect, and bad input."""

import csv
import json
from collections.abc import Callable, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from app.audit import audit
from app.catalog import METRICS
from app.cli import app
from app.coverage_report import Report, report
from app.coverage_tables import collecting_csv, grid
from app.coverage_words import lead
from app.intake import bring_in
from app.measure import Measurement, measure
from app.standards import load
from queries.errors import InputError
from queries.scope import Viewer
from queries.store import Store

OWNER = Viewer.owner()
MAPPING = """
kind = "qa"
[columns]
item_id = "item"
annotator_id = "who"
set_role = "role"
inclusion_probability = "chance"
[attributes]
task = "task"
language = "language"
[[question]]
name = "answer"
column = "label"
level = "nominal"
labels = ["no", "yes"]
"""
HEAD = """
[standard]
name = "own"
version = "1.0.0"
kind = "qa"
objective = "to learn"
annotation_criteria = "guideline 1"
"""
Row = tuple[str, str]


@pytest.fixture
def covered(tmp_path: Path) -> Callable[..., Report]:
    """Import items of tasks and languages as batch b1 and report on them."""

    def made(
        items: Sequence[Row], standard: str = "", *, roles: Sequence[str] = (), **options: Any
    ) -> Report:
        store = imported(tmp_path, items, roles=roles)
        return report(
            store, store.batch("b1", OWNER), written(tmp_path, standard), OWNER, **options
        )

    return made


def imported(
    folder: Path,
    items: Sequence[Row],
    *,
    batch: str = "b1",
    roles: Sequence[str] = (),
    chance: str = "",
) -> Store:
    lines = ["item,who,label,task,language,role,chance"]
    lines += [
        f"i{n},A,yes,{task},{language},{roles[n] if n < len(roles) else ''},{chance}"
        for n, (task, language) in enumerate(items)
    ]
    (folder / f"{batch}.csv").write_text("\n".join(lines) + "\n")
    (folder / "mapping.toml").write_text(MAPPING)
    bring_in(
        folder / "store",
        [folder / f"{batch}.csv"],
        batch_id=batch,
        mapping=folder / "mapping.toml",
    )
    return Store.open(folder / "store")


def written(folder: Path, text: str) -> Any:
    (folder / "own.toml").write_text(HEAD + text)
    return load(folder / "own.toml", METRICS)


def cell(rest: str, **wanted: str) -> str:
    inside = ", ".join(f'{name} = "{value}"' for name, value in wanted.items())
    return f"[[coverage]]\ncell = {{ {inside} }}\n{rest}\n"


def one(folder: Path, metric: str, **options: Any) -> Measurement:
    store = Store.open(folder / "store")
    (found,) = measure(store, store.batch("b1", OWNER), metric, viewer=OWNER, **options)
    return found


MIX: list[Row] = [*[("code", "de")] * 6, *[("code", "en")] * 3, *[("chat", "en")] * 3]


def test_short_cells_come_first_with_what_they_lack(covered: Any) -> None:
    found = covered(
        MIX,
        cell("minimum_items = 5", task="code")
        + cell("minimum_items = 4", task="chat", language="de")
        + cell("minimum_items = 6", task="chat"),
    )
    assert [row.to_json() for row in found.cells] == [
        {
            "cell": {"language": "de", "task": "chat"},
            "required": 4,
            "actual": 0,
            "short": 4,
            "state": "fail",
        },
        {"cell": {"task": "chat"}, "required": 6, "actual": 3, "short": 3, "state": "fail"},
        {"cell": {"task": "code"}, "required": 5, "actual": 9, "short": 0, "state": "pass"},
    ]
    assert found.share_met.value == pytest.approx(1 / 3)


def test_item_that_does_not_ship_fills_no_cell(covered: Any) -> None:
    found = covered(MIX, cell("minimum_items = 9", task="code"), roles=["quarantine", "held out"])
    (row,) = found.cells
    assert (row.target.actual, row.items, row.short) == (7, 9, 2)
    assert (found.ordinary, found.accepted) == (12, 10)


def test_verdict_counts_the_same_items(covered: Any, tmp_path: Path) -> None:
    text = cell("minimum_items = 9", task="code")
    covered(MIX, text, roles=["quarantine"])
    store = Store.open(tmp_path / "store")
    found = audit(store, store.batch("b1", OWNER), written(tmp_path, text), OWNER)
    (row,) = found.criteria
    assert (row.estimate.value, row.estimate.n, found.verdict) == (8, 12, "reject")


def test_share_with_tolerance_is_a_criterion(covered: Any, tmp_path: Path) -> None:
    text = cell("share = 0.25\ntolerance = 0.1", task="code")
    found = covered(MIX, text)
    assert [row.state for row in found.cells] == ["fail"]
    store = Store.open(tmp_path / "store")
    judged = audit(store, store.batch("b1", OWNER), written(tmp_path, text), OWNER)
    (row,) = judged.criteria
    assert (row.metric, row.must_be, row.estimate.value) == (
        "coverage_share",
        "within [0.15, 0.35]",
        0.75,
    )


def test_bare_share_is_tested_and_judges_nothing(covered: Any, tmp_path: Path) -> None:
    text = cell("share = 0.9", task="chat") + cell("share = 0.1", task="code")
    found = covered(MIX, text)
    assert {dict(row.target.cell)["task"]: row.state for row in found.cells} == {
        "chat": "fail",
        "code": "undecided",
    }
    assert found.together.degrees == 1
    assert written(tmp_path, text).requirements == ()


def test_soft_cell_makes_conditional(covered: Any, tmp_path: Path) -> None:
    text = cell("minimum_items = 1", task="code")
    text += cell('minimum_items = 99\nseverity = "soft"', task="chat")
    covered(MIX, text)
    store = Store.open(tmp_path / "store")
    found = audit(store, store.batch("b1", OWNER), written(tmp_path, text), OWNER)
    assert found.verdict == "conditional"


def test_what_to_collect_fills_several_cells_and_is_a_file(covered: Any) -> None:
    found = covered(
        MIX, cell("minimum_items = 5", task="chat") + cell("minimum_items = 9", language="de")
    )
    assert found.to_json()["next"] == [
        {"cell": {"task": "chat", "language": "de"}, "items": 2},
        {"cell": {"language": "de"}, "items": 1},
    ]
    assert list(csv.reader(StringIO(collecting_csv(found)))) == [
        ["order", "language", "task", "items"],
        ["1", "de", "chat", "2"],
        ["2", "de", "", "1"],
    ]


def test_file_holds_no_formula(covered: Any) -> None:
    found = covered(MIX, cell("minimum_items = 5", task="=1+1"))
    assert "'=1+1" in collecting_csv(found)


def test_impossible_kinds_are_no_gap_and_not_collected(covered: Any) -> None:
    text = cell("minimum_items = 9", task="chat") + cell("minimum_items = 9", language="de")
    banned = '[[impossible]]\ncell = { task = "chat", language = "de" }\n'
    found = covered(MIX, text + banned)
    assert found.gaps.total == 0
    assert [dict(one.cell) for one in found.next] == [{"task": "chat"}, {"language": "de"}]


def test_value_that_only_the_standard_names_is_a_gap(covered: Any) -> None:
    found = covered(MIX, cell("minimum_items = 1", language="fr"))
    assert {"language": "fr"} in [dict(gap.pattern) for gap in found.gaps.widest]


def test_batch_without_a_plan_still_has_gaps(covered: Any) -> None:
    found = covered(MIX)
    assert lead(found)[:2] == ("undecided", "Standard own 1.0.0 declares no cell")
    assert found.to_json()["uncovered_patterns"] == [
        {"pattern": {"language": "de", "task": "chat"}, "count": 0}
    ]


def test_json_has_exactly_the_documented_keys(covered: Any) -> None:
    told = covered(MIX, cell("minimum_items = 5", task="code")).to_json()
    assert list(told) == ["batch", "cells", "share_met", "uncovered_patterns", "next"]
    assert json.loads(json.dumps(told, allow_nan=False)) == told


def test_reference_tells_which_combinations_exist(tmp_path: Path) -> None:
    imported(tmp_path, MIX)
    imported(tmp_path, [*MIX, ("poem", "en")], batch="b2")
    standard = written(tmp_path, "")
    store = Store.open(tmp_path / "store")
    other = store.batch("b2", OWNER)
    found = report(store, store.batch("b1", OWNER), standard, OWNER, reference=other)
    assert [dict(gap.pattern) for gap in found.gaps.widest] == [{"task": "poem"}]


# What comes in badly


def test_cell_of_an_unknown_dimension_is_missing(covered: Any) -> None:
    (row,) = covered(MIX, cell("minimum_items = 2", tone="warm")).cells
    assert (row.state, row.target.actual, row.reason) == (
        "missing",
        None,
        "the batch has no dimension tone",
    )


def test_cell_that_the_standard_itself_forbids_is_refused(tmp_path: Path) -> None:
    text = cell("minimum_items = 2", task="chat", language="de")
    text += '[[impossible]]\ncell = { task = "chat" }\n'
    with pytest.raises(InputError, match=r"can have no items, as \[\[impossible\]\] 1 says"):
        written(tmp_path, text)


def test_missing_attributes_are_counted_and_not_dropped(covered: Any) -> None:
    found = covered([*MIX, ("chat", ""), ("", "")])
    assert found.accepted == 14
    assert {one.name: one.missing for one in found.attributes} == {"language": 2, "task": 1}
    assert grid(found.found, "task", "language").not_stated == 2


def test_five_thousand_values_are_counted_and_not_searched(covered: Any) -> None:
    found = covered(
        [(f"t{n}", "de" if n % 2 else "en") for n in range(5000)],
        cell("minimum_items = 3", task="t7") + cell("minimum_items = 1", task="t8", language="en"),
    )
    assert [row.to_json()["actual"] for row in found.cells] == [1, 1]
    assert found.space.left_out == ("task",)
    tasks = next(one for one in found.attributes if one.name == "task")
    assert [each.value for each in tasks.orders] == pytest.approx([5000, 5000, 5000])


def test_batch_of_which_nothing_ships_says_so(covered: Any) -> None:
    found = covered(MIX, cell("minimum_items = 2", task="code"), roles=["quarantine"] * 12)
    assert lead(found)[:2] == ("missing", "There is no accepted item")
    assert [row.state for row in found.cells] == ["fail"]
    assert json.dumps(found.to_json(), allow_nan=False)


def test_one_item_is_enough_for_a_report(covered: Any) -> None:
    found = covered([("code", "de")], cell("minimum_items = 2", task="code"))
    assert found.cells[0].short == 1
    assert found.gaps.total == 0


def test_items_without_attributes_have_a_report(covered: Any) -> None:
    found = covered([("", "")] * 3, cell("minimum_items = 2", task="code"))
    assert (found.accepted, found.attributes, found.cells[0].state) == (3, (), "missing")


def test_rows_of_other_kinds_are_told_apart_from_missing_ones(covered: Any) -> None:
    found = covered([("-", "nan"), ("null", "NULL"), ("0", "0")])
    assert found.found.by_value("task") == {"": 0, "-": 1, "0": 1, "null": 1}


# The same numbers for standards and the command line


@pytest.mark.parametrize(
    ("metric", "options", "value"),
    [
        ("combination_coverage", {}, 3 / 4),
        ("uncovered_patterns", {}, 1),
        ("uncovered_patterns", {"least": "4"}, 2),
        ("effective_categories", {"dimension": "task", "order": "0"}, 2),
        ("effective_categories", {"dimension": "task", "order": "2"}, 144 / 90),
        ("effective_categories", {"order": "0"}, 3),
        ("coverage_share", {}, 1),
    ],
)
def test_metric_has_the_number(
    tmp_path: Path, metric: str, options: dict[str, str], value: float
) -> None:
    imported(tmp_path, MIX)
    assert one(tmp_path, metric, options=options).estimate.value == pytest.approx(value)


def test_criteria_ask_for_coverage(covered: Any, tmp_path: Path) -> None:
    text = cell('minimum_items = 99\nseverity = "soft"', task="code")
    text += "".join(
        f'[[criterion]]\nid = "c{n}"\nmetric = "{metric}"\nmust_be = "{bound}"\n'
        f'severity = "hard"\nabout = "batch"\noptions = {{ {options} }}\n'
        for n, (metric, bound, options) in enumerate(
            (
                ("coverage_share_met", ">= 0.8", ""),
                ("combination_coverage", ">= 0.7", 't = "2"'),
                ("uncovered_patterns", "<= 0", ""),
                ("effective_categories", ">= 1.5", 'dimension = "task"'),
            )
        )
    )
    covered(MIX, text)
    store = Store.open(tmp_path / "store")
    found = audit(store, store.batch("b1", OWNER), written(tmp_path, text), OWNER)
    assert {row.metric: row.state for row in found.criteria if row.severity == "hard"} == {
        "coverage_share_met": "fail",
        "combination_coverage": "pass",
        "uncovered_patterns": "fail",
        "effective_categories": "pass",
    }


def test_unseen_mass_needs_items_drawn_at_random(tmp_path: Path) -> None:
    imported(tmp_path, MIX)
    found = one(tmp_path, "unseen_mass", options={"dimension": "task"}).estimate
    assert (found.status, found.reason) == (
        "missing_input",
        "nothing says that the items were drawn at random; it takes an inclusion_probability that"
        " is the same for all items",
    )


def test_unseen_mass_of_items_drawn_at_random(tmp_path: Path) -> None:
    imported(tmp_path, [*MIX, ("poem", "en")], chance="0.5")
    found = one(tmp_path, "unseen_mass", options={"dimension": "task"}).estimate
    assert found.status == "ok"
    assert 0 < found.value < found.high


def test_metric_is_split_by_an_attribute(tmp_path: Path) -> None:
    imported(tmp_path, MIX)
    store = Store.open(tmp_path / "store")
    found = measure(
        store,
        store.batch("b1", OWNER),
        "effective_categories",
        viewer=OWNER,
        by=("language",),
        options={"dimension": "task", "order": "0"},
    )
    assert [(dict(row.slice), row.estimate.value) for row in found] == [
        ({}, 2),
        ({"language": "de"}, 1),
        ({"language": "en"}, 2),
    ]


@pytest.mark.parametrize(
    ("metric", "options", "said"),
    [
        ("effective_categories", {"dimension": "tone"}, "they have language, task"),
        ("uncovered_patterns", {"least": "0"}, "must be 1 or more"),
        ("uncovered_patterns", {"reference": "b9"}, "no batch is called 'b9'"),
        ("combination_coverage", {"t": "4"}, "use one of: 2, 3"),
    ],
)
def test_option_that_cannot_be_is_refused(
    tmp_path: Path, metric: str, options: dict[str, str], said: str
) -> None:
    imported(tmp_path, MIX)
    with pytest.raises(InputError, match=said):
        one(tmp_path, metric, options=options)


@pytest.mark.parametrize("extra", [[], ["--json"], ["--least", "5"]])
def test_command_prints_the_report(tmp_path: Path, extra: list[str]) -> None:
    imported(tmp_path, MIX)
    written(tmp_path, cell("minimum_items = 7", language="de"))
    ran = CliRunner().invoke(
        app,
        [
            *("coverage", "--batch", "b1", "--standard", str(tmp_path / "own.toml")),
            *("--store", str(tmp_path / "store"), *extra),
        ],
    )
    assert ran.exit_code == 0
    if extra == ["--json"]:
        assert json.loads(ran.stdout)["cells"][0]["short"] == 1
    else:
        assert "language = de" in ran.stdout


def test_grid_counts_accepted_items(covered: Any) -> None:
    made = grid(covered(MIX).found, "task", "language")
    counts = {
        tuple(pattern.values()): int(each.value)
        for pattern, each in zip(made.patterns, made.cells, strict=True)
    }
    assert counts == {
        ("code", "de"): 6,
        ("code", "en"): 3,
        ("chat", "de"): 0,
        ("chat", "en"): 3,
    }
