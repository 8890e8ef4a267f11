"""Declared cells of a standard, from the file to the verdict."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.audit import Audit, audit
from app.catalog import METRICS
from app.console import print_audit, print_measurements
from app.intake import bring_in
from app.measure import measure
from app.standards import load, parse
from queries.errors import InputError
from queries.scope import Viewer
from queries.store import Store
from tests.conftest import Shelf

OWNER = Viewer.owner()
MAPPING = """
kind = "qa"
[columns]
item_id = "item"
annotator_id = "who"
annotated_at = "at"
[attributes]
task = "task"
language = "language"
[[question]]
name = "answer"
column = "label"
level = "nominal"
labels = ["no", "yes"]
"""
TRAPS = '[[probe]]\ntype = "trap"\nquestion = "answer"\nwhen = { column = "trap", equals = "1" }\n'
HEAD = """
[standard]
name = "own"
version = "1.0.0"
kind = "qa"
objective = "to learn"
annotation_criteria = "guideline 1"
"""
AGREEMENT = """
[[criterion]]
id = "agreement"
metric = "percent_agreement"
must_be = ">= 0.5"
severity = "hard"
minimum_n = 50
origin = "test"
owner = "me"
"""


def cell(minimum: int, **wanted: str) -> str:
    """Return a table [[coverage]]."""
    inside = ", ".join(f'{name} = "{value}"' for name, value in wanted.items())
    return f"[[coverage]]\ncell = {{ {inside} }}\nminimum_items = {minimum}\n"


def rows() -> list[str]:
    """200 items that two people agree on, 150 German and 50 English, half of them coding."""
    return [
        f"u{n:03d},{who},{'yes' if n % 3 else 'no'},{'coding' if n % 2 else 'chat'},"
        f"{'de' if n < 150 else 'en'},2026-03-0{2 if n < 40 else 9},{int(n in (1, 3))}"
        for n in range(200)
        for who in ("A", "B")
    ]


@pytest.fixture
def batch(tmp_path: Path, shelf: Shelf) -> Callable[..., Store]:
    """Import the 200 items as batch b1, with `traps` two of them planted."""

    def imported(*, traps: bool = False) -> Store:
        (tmp_path / "rows.csv").write_text(
            "\n".join(["item,who,label,task,language,at,trap", *rows()]) + "\n"
        )
        (tmp_path / "mapping.toml").write_text(MAPPING + (TRAPS if traps else ""))

        def fill() -> None:
            mapping = tmp_path / "mapping.toml"
            bring_in(tmp_path / "store", [tmp_path / "rows.csv"], batch_id="b1", mapping=mapping)

        return Store.open(shelf.filled(tmp_path / "store", ("200 items of cells", traps), fill))

    return imported


@pytest.fixture
def judged(batch: Callable[..., Store], tmp_path: Path) -> Callable[..., Audit]:
    """Judge the batch by agreement and the given cells."""

    def by(*cells: str, agreement: str = AGREEMENT, traps: bool = False) -> Audit:
        path = tmp_path / "own.toml"
        path.write_text(HEAD + agreement + "".join(cells))
        store = batch(traps=traps)
        return audit(store, store.batch("b1", OWNER), load(path, METRICS), OWNER)

    return by


def of_cells(result: Audit) -> list[Any]:
    return [row for row in result.criteria if row.metric == "coverage_count"]


def test_full_cells_leave_the_batch_accepted(judged: Any) -> None:
    assert judged(cell(75, task="coding", language="de")).verdict == "accept"


def test_short_cell_rejects_the_batch(judged: Any) -> None:
    result = judged(cell(5000, task="coding"))
    assert result.verdict == "reject"
    assert result.reason == (
        "1 of 2 hard criteria fails. Number of accepted items in task=coding is 100 against a floor"
        " of 5,000."
    )


def test_cell_of_a_dimension_nothing_has_holds_the_batch(judged: Any) -> None:
    result = judged(cell(5, taks="coding"))
    (row,) = of_cells(result)
    assert (result.verdict, row.state) == ("hold", "missing")
    assert row.estimate.reason == (
        "the batch has no dimension taks (did you mean task?); it has language, task, week"
    )


def test_value_nothing_has_is_counted_as_none(judged: Any) -> None:
    result = judged(cell(5, language="DE"))
    (row,) = of_cells(result)
    assert (row.state, row.estimate.value, row.estimate.n) == ("fail", 0, 200)


def test_value_nothing_has_is_remarked_with_the_nearest(judged: Any) -> None:
    (remark,) = judged(cell(5, language="DE")).remarks
    assert remark.key == "coverage.language"
    assert remark.sentence == "no item has language 'DE'; did you mean 'de'? (there is de, en)"


def test_cell_larger_than_the_batch_is_remarked(judged: Any) -> None:
    (remark,) = judged(cell(5000, task="coding")).remarks
    assert remark.sentence == "asks for 5,000 items and the batch has 200 in all"


def test_cell_is_a_hard_census_with_a_readable_id(judged: Any) -> None:
    (row,) = of_cells(judged(cell(5, task="coding", language="de")))
    told = row.to_json()
    assert told["id"] == "coverage language=de task=coding"
    assert told["slice"] == {"language": "de", "task": "coding"}
    assert (told["severity"], told["must_be"], told["question"]) == ("hard", ">= 5", "")
    estimate = told["estimate"]
    assert (estimate["value"], estimate["low"], estimate["high"]) == (75, 75, 75)
    assert (estimate["n"], estimate["n_unit"], estimate["about"]) == (200, "items", "batch")


@pytest.mark.parametrize(
    ("wanted", "items"),
    [
        ({"task": "cod*"}, 100),
        ({"task": "*", "language": "e*"}, 50),
        ({"week": "2026-03-02"}, 40),
        ({"week": "2026-03-02", "task": "chat"}, 20),
    ],
)
def test_cell_takes_stars_and_dimensions_of_the_answer(
    judged: Any, wanted: dict[str, str], items: int
) -> None:
    (row,) = of_cells(judged(cell(1, **wanted)))
    assert row.estimate.value == items


def test_planted_items_fill_no_cell(judged: Any) -> None:
    (row,) = of_cells(judged(cell(100, task="coding"), traps=True))
    assert (row.estimate.value, row.estimate.n, row.state) == (98, 198, "fail")


def test_standard_of_cells_alone_can_accept(judged: Any) -> None:
    result = judged(cell(5, task="coding"), agreement="")
    assert (result.verdict, result.remarks) == ("accept", ())


def test_shortfall_is_counted(judged: Any) -> None:
    (row,) = of_cells(judged(cell(150, task="coding")))
    assert row.settle == "50 more items of task=coding are needed."


def test_cell_says_the_number_of_the_command_line(judged: Any, tmp_path: Path) -> None:
    (row,) = of_cells(judged(cell(5, task="coding", language="de")))
    store = Store.open(tmp_path / "store")
    where = (("language", "de"), ("task", "coding"))
    (one,) = measure(store, store.batch("b1", OWNER), "coverage_count", viewer=OWNER, where=where)
    assert one.estimate == row.estimate


def test_cell_is_part_of_the_evidence(judged: Any, tmp_path: Path) -> None:
    one = judged(cell(5, task="coding"))
    (tmp_path / "own.toml").write_text(HEAD + AGREEMENT + cell(5, task="chat"))
    store = Store.open(tmp_path / "store")
    info = store.batch("b1", OWNER)
    other = audit(store, info, load(tmp_path / "own.toml", METRICS), OWNER)
    assert one.evidence_sha256 != other.evidence_sha256


def test_cell_given_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(
        HEAD + cell(5, task="a", language="b") + cell(7, language="b", task="a")
    )
    with pytest.raises(InputError, match=r"language=b, task=a is the cell of \[\[coverage\]\] 1"):
        load(tmp_path / "own.toml", METRICS)


def test_pinned_standard_has_the_same_cells(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(HEAD + cell(5, task="a", language="b"))
    standard = load(tmp_path / "own.toml", METRICS)
    assert parse(json.loads(standard.canonical), standard.source, METRICS).cells == standard.cells


def test_criterion_on_the_number_of_items_asks_no_question(tmp_path: Path) -> None:
    text = AGREEMENT.replace("percent_agreement", "coverage_count") + 'question = "answer"\n'
    (tmp_path / "own.toml").write_text(HEAD + text + 'about = "batch"\n')
    with pytest.raises(InputError, match="is about the whole batch; leave it out"):
        load(tmp_path / "own.toml", METRICS)


def test_criterion_can_ask_for_items_in_every_stratum(judged: Any) -> None:
    text = AGREEMENT.replace("percent_agreement", "coverage_count").replace("0.5", "60")
    result = judged(agreement=text + 'about = "batch"\nby = ["language"]\n')
    assert {row.slice: row.state for row in result.criteria} == {
        (): "pass",
        (("language", "de"),): "pass",
        (("language", "en"),): "fail",
    }


def test_metric_counts_by_stratum_within_a_cell(batch: Any) -> None:
    store = batch()
    found = measure(
        store,
        store.batch("b1", OWNER),
        "coverage_count",
        viewer=OWNER,
        by=("task", "language"),
        where=(("language", "de"),),
    )
    assert [(dict(row.slice), row.estimate.value) for row in found] == [
        ({"language": "de"}, 150),
        ({"language": "de", "task": "chat"}, 75),
        ({"language": "de", "task": "coding"}, 75),
    ]


def test_metric_refuses_a_question(batch: Any) -> None:
    store = batch()
    info = store.batch("b1", OWNER)
    with pytest.raises(InputError, match="leave the question out"):
        measure(store, info, "coverage_count", viewer=OWNER, question="answer")


def test_console_shows_a_count_without_decimals(
    judged: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    print_audit(judged(cell(150, task="coding")))
    line = next(each for each in capsys.readouterr().out.splitlines() if "coverage" in each)
    assert line.split() == [
        *("✖", "fail", "coverage", "task=coding", "100", ">=", "150", "200", "items", "hard")
    ]


def test_console_shows_why_a_cell_is_missing(
    judged: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    print_audit(judged(cell(150, taks="coding")))
    assert "(did you mean task?)" in " ".join(capsys.readouterr().out.split())


def test_console_prints_a_metric_without_a_question(
    batch: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    store = batch()
    print_measurements(
        measure(store, store.batch("b1", OWNER), "coverage_count", viewer=OWNER, by=("language",))
    )
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["language=de", "150", "200", "items", "ok"] in lines
