"""Real instruction lists: applications of Self-Instruct's test set, categories of MT-Bench.

The data lies beside the repository and is never part of it; without it these tests are skipped.
"""

import csv
import json
import os
from pathlib import Path
from typing import Any

import pytest

from app.catalog import METRICS
from app.coverage_report import Report, report
from app.intake import bring_in
from app.standards import load
from queries.scope import Viewer
from queries.store import Store

SHARED = Path(os.environ.get("BATCHGATE_SHARED", Path(__file__).parents[3] / "shared"))
INSTRUCTIONS = SHARED / "data" / "self_instruct_eval" / "user_oriented_instructions.jsonl"
SEEDS = SHARED / "data" / "self_instruct_eval" / "seed_tasks.jsonl"
BENCH = SHARED / "data" / "mtbench_human"
PLAN = """
[standard]
name = "plan"
version = "1.0.0"
kind = "{kind}"
objective = "to see what is there"
annotation_criteria = "none"
"""
TASKS = """
kind = "sft"
[columns]
item_id = "id"
prompt = "instruction"
text = "output"
annotator_id = "author"
[attributes]
application = "application"
input = "input"
origin = "origin"
classification = "classification"
[[question]]
name = "written"
column = "written"
level = "nominal"
labels = ["yes"]
"""
VOTES = """
kind = "preference"
[columns]
item_id = ["question_id", "turn"]
group_id = "question_id"
annotator_id = "judge"
[attributes]
category = "category"
turn = "turn"
[[question]]
name = "winner"
column = "winner"
level = "nominal"
labels = ["model_a", "tie", "model_b"]
[pair]
first = "model_a"
second = "model_b"
questions = ["winner"]
flip = { "model_a" = "model_b", "model_b" = "model_a" }
"""

pytestmark = pytest.mark.skipif(not SEEDS.is_file(), reason=f"no real data at {SEEDS}")


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def covered(folder: Path, rows: list[dict[str, Any]], mapping: str, plan: str) -> Report:
    """Import rows as a batch, and report on it against a plan."""
    with (folder / "rows.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    (folder / "mapping.toml").write_text(mapping)
    (folder / "plan.toml").write_text(plan)
    bring_in(
        folder / "store",
        [folder / "rows.csv"],
        batch_id="real",
        mapping=folder / "mapping.toml",
    )
    store, viewer = Store.open(folder / "store"), Viewer.owner()
    standard = load(folder / "plan.toml", METRICS)
    found = report(store, store.batch("real", viewer), standard, viewer)
    store.close()
    return found


@pytest.fixture(scope="module")
def tasks(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """252 instructions for applications and 175 seed tasks, as one batch with a plan."""
    rows = []
    for row in (*lines(INSTRUCTIONS), *lines(SEEDS)):
        (first, *_) = row["instances"]
        kind = row.get("is_classification")
        rows.append(
            {
                "id": row["id"],
                "instruction": row["instruction"],
                "output": first["output"],
                "author": "author",
                "written": "yes",
                "application": row.get("motivation_app", ""),
                "input": "given" if first["input"] else "none",
                "origin": "seed" if "is_classification" in row else "user",
                "classification": "" if kind is None else "yes" if kind else "no",
            }
        )
    cells = {
        'application = "Grammarly"': 10,
        'application = "Gmail"': 10,
        'application = "Excel"': 5,
        'classification = "yes"': 40,
        'classification = "yes", input = "none"': 10,
        'input = "none"': 80,
    }
    plan = PLAN.format(kind="sft") + "".join(
        f"[[coverage]]\ncell = {{ {cell} }}\nminimum_items = {least}\n"
        for cell, least in cells.items()
    )
    return covered(tmp_path_factory.mktemp("tasks"), rows, TASKS, plan)


@pytest.fixture(scope="module")
def votes(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The expert votes of MT-Bench, with the category of every question."""
    category = {row["question_id"]: row["category"] for row in lines(BENCH / "questions.jsonl")}
    rows = [
        {
            **{name: row[name] for name in ("question_id", "turn", "judge", "winner")},
            "model_a": row["model_a"],
            "model_b": row["model_b"],
            "category": category[row["question_id"]],
        }
        for row in lines(BENCH / "human.jsonl")
    ]
    shares = "".join(
        f'[[coverage]]\ncell = {{ category = "{name}" }}\nshare = 0.125\n'
        for name in sorted(set(category.values()))
    )
    return covered(
        tmp_path_factory.mktemp("votes"), rows, VOTES, PLAN.format(kind="preference") + shares
    )


def test_all_instructions_count(tasks: Report) -> None:
    assert (tasks.ordinary, tasks.accepted) == (427, 427)


def test_short_applications_are_found(tasks: Report) -> None:
    assert {tuple(row.target.cell.values()): (row.target.actual, row.short) for row in tasks.cells}[
        "Gmail",
    ] == (9, 1)


def test_no_classification_comes_without_input(tasks: Report) -> None:
    """All 26 classification seeds have an input; the gap is found without a plan too."""
    worst = tasks.cells[0]
    assert (dict(worst.target.cell), worst.target.actual) == (
        {"classification": "yes", "input": "none"},
        0,
    )
    assert {"classification": "yes", "input": "none"} in [
        dict(gap.pattern) for gap in tasks.gaps.widest
    ]


def test_seeds_have_no_application_and_that_is_told(tasks: Report) -> None:
    missing = {one.name: one.missing for one in tasks.attributes}
    assert missing == {"application": 175, "classification": 252, "input": 0, "origin": 0}


def test_applications_are_71_and_57_in_effect(tasks: Report) -> None:
    application = tasks.attributes[0]
    values = [round(one.value, 1) for one in application.orders]
    assert (application.name, values[0]) == ("application", 71)
    assert values[1] == 57.1


def test_nobody_claims_to_know_what_applications_are_unseen(tasks: Report) -> None:
    assert tasks.attributes[0].unseen.status == "missing_input"


def test_mt_bench_votes_hold_every_category_in_both_turns(votes: Report) -> None:
    assert (votes.pairs.value, votes.gaps.total) == (1.0, 0)


def test_mt_bench_categories_are_nearly_eight_in_effect(votes: Report) -> None:
    category = next(one for one in votes.attributes if one.name == "category")
    assert category.orders[0].value == 8
    assert 7.9 < category.orders[1].value <= 8
