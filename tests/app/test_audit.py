"""From a standard to a verdict, through the store."""

from pathlib import Path
from typing import Any

import pytest

from app.audit import audit, overview, standard_of
from app.catalog import METRICS
from app.standards import default, load
from queries.batches import BatchInfo
from queries.errors import InputError
from queries.scope import Viewer
from queries.store import Store
from tests.app.conftest import krippendorff_rows

OWNER = Viewer.owner()
Textbook = tuple[Store, BatchInfo]
STANDARD = """
[standard]
name = "own"
version = "1.0.0"
kind = "qa"
objective = "to learn"
annotation_criteria = "guideline 1"
[[criterion]]
id = "agreement"
metric = "krippendorff_alpha"
must_be = "{bound}"
severity = "{severity}"
minimum_n = 5
origin = "test"
owner = "qa-lead"
{more}
"""


@pytest.fixture
def judge(textbook: Textbook, tmp_path: Path) -> Any:
    """Judge the textbook example by one criterion."""

    def judged(bound: str = ">= 0.1", severity: str = "hard", more: str = "") -> Any:
        path = tmp_path / "standard.toml"
        path.write_text(STANDARD.format(bound=bound, severity=severity, more=more))
        return audit(*textbook, load(path, METRICS), OWNER)

    return judged


def test_thin_evidence_holds_the_batch(judge: Any) -> None:
    assert judge().verdict == "hold"


def test_audit_gives_the_same_hash_for_the_same_data(judge: Any) -> None:
    assert judge().evidence_sha256 == judge().evidence_sha256


def test_another_bound_gives_another_evidence_hash(judge: Any) -> None:
    assert judge().evidence_sha256 != judge(bound=">= 0.2").evidence_sha256


def test_a_stratum_dimension_the_batch_lacks_is_missing(judge: Any) -> None:
    states = {row.state for row in judge(more='by = ["language"]').criteria}
    assert "missing" in states


def test_strata_are_judged_beside_the_whole(judge: Any) -> None:
    slices = {row.slice for row in judge(more='by = ["half"]').criteria}
    assert slices == {(), (("half", "first"),), (("half", "second"),)}


def test_a_question_the_batch_lacks_is_missing(judge: Any) -> None:
    result = judge(more='question = "winner"')
    assert [row.state for row in result.criteria] == ["missing"]


UNFIT = """
[[criterion]]
id = "score"
metric = "mean_score"
question = "answer"
must_be = ">= 2"
severity = "hard"
origin = "test"
owner = "qa-lead"
"""


def test_a_metric_that_does_not_fit_the_question_is_missing_with_the_reason(judge: Any) -> None:
    (row,) = [row for row in judge(more=UNFIT).criteria if row.id == "score"]
    assert (row.state, row.question) == ("missing", "answer")
    assert "batch 'b1' asks answer (nominal)" in row.estimate.reason


def test_a_metric_that_does_not_fit_the_question_leaves_the_others_judged(judge: Any) -> None:
    found = judge(more=UNFIT)
    alone = judge()
    (row,) = [row for row in found.criteria if row.id == "agreement"]
    assert row.estimate == alone.criteria[0].estimate
    assert found.verdict == "hold"


def test_the_default_standard_of_the_kind_applies(textbook: Textbook) -> None:
    assert standard_of(*textbook).kind == "qa"


def test_an_import_pins_the_default_standard(textbook: Textbook) -> None:
    assert textbook[1].standard_sha256 == default("qa", METRICS).sha256


def test_a_pinned_standard_outlives_its_file(write_batch: Any, tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(STANDARD.format(bound=">= 0.1", severity="hard", more=""))
    folder = write_batch(krippendorff_rows(), settings={"standard": str(path)})
    path.unlink()
    store = Store.open(folder)
    assert standard_of(store, store.batch("b1", OWNER)).name == "own"


def test_a_verdict_by_another_standard_shows_that_of_the_pinned_one_beside_it(judge: Any) -> None:
    assert judge().beside.standard.name == "qa-default"


def test_a_standard_of_another_kind_is_refused(write_batch: Any, tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    text = STANDARD.format(bound=">= 0.1", severity="hard", more="")
    path.write_text(text.replace('kind = "qa"', 'kind = "sft"'))
    with pytest.raises(InputError, match="is for sft batches and this one is qa"):
        write_batch(krippendorff_rows(), settings={"standard": str(path)})


def test_alpha_is_checked_against_the_krippendorff_package_at_import(textbook: Textbook) -> None:
    store, batch = textbook
    ((program, difference),) = store.cross_checks(batch.digest).values()
    assert program.startswith("krippendorff ")
    assert difference == pytest.approx(0, abs=1e-12)


def test_overview_gives_every_batch_a_verdict(textbook: Textbook) -> None:
    (row,) = overview(textbook[0], OWNER)
    assert row.verdict == "hold"
