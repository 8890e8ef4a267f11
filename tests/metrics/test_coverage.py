"""Counts of a plan's cells, and what becomes of them in a verdict."""

import pytest

from metrics.acceptance import Assessment, Criterion, Evidence, assess
from metrics.coverage import coverage_count
from metrics.criteria import Bound
from metrics.estimates import Estimate
from metrics.settle import Settle, settle
from metrics.tables import ItemCounts

CELL = (("language", "de"), ("task", "coding"))
ALPHA = Criterion(id="a", metric="alpha", bound=Bound.parse(">= 0.35"), severity="hard")
SURE = Evidence(ALPHA, "q", (), Estimate(value=0.5, low=0.4, high=0.6, n=500))


def demanded(must_be: str, severity: str = "hard") -> Criterion:
    return Criterion(
        id="coverage language=de task=coding",
        title="Number of items",
        metric="coverage_count",
        bound=Bound.parse(must_be),
        severity=severity,
        about="batch",
        where=CELL,
    )


def judged(inside: int, must_be: str, *, severity: str = "hard", **more: object) -> Assessment:
    cell = demanded(must_be, severity)
    row = Evidence(cell, "", CELL, coverage_count(ItemCounts(inside, 200)))
    return assess([ALPHA, cell], [SURE, row], **more)


def settled(inside: int, must_be: str) -> Settle | None:
    (finding,) = [row for row in judged(inside, must_be).findings if row.criterion != ALPHA]
    return settle(finding)


@pytest.mark.parametrize(("inside", "total"), [(-1, 3), (4, 3)])
def test_more_than_there_is_cannot_be_in_a_cell(inside: int, total: int) -> None:
    with pytest.raises(ValueError, match="cannot be among"):
        coverage_count(ItemCounts(inside, total))


def test_empty_cell_of_an_empty_batch_is_nothing_and_defined() -> None:
    assert coverage_count(ItemCounts(0, 0)).value == 0


@pytest.mark.parametrize(("inside", "verdict"), [(50, "accept"), (49, "reject"), (0, "reject")])
def test_hard_cell_decides_without_uncertainty(inside: int, verdict: str) -> None:
    assert judged(inside, ">= 50").verdict == verdict


def test_soft_cell_that_is_short_makes_conditional() -> None:
    assert judged(49, ">= 50", severity="soft").verdict == "conditional"


def test_short_cell_is_not_among_the_tests_that_holm_corrects() -> None:
    found = {row.criterion.id: row for row in judged(49, ">= 50").findings}
    assert [row.tests for row in found.values()] == [1, 1]


def test_waived_cell_makes_conditional() -> None:
    waivers = ("coverage language=de task=coding",)
    assert judged(49, ">= 50", waivers=waivers).verdict == "conditional"


def test_verdict_tells_counts_without_decimals() -> None:
    assert judged(150, ">= 5000").reason.endswith(
        "Number of items in language=de, task=coding is 150 against a floor of 5,000."
    )


def test_short_cell_says_how_many_more_items_it_takes() -> None:
    found = settled(150, ">= 5000")
    assert found is not None
    assert found.text == "4,850 more items of language=de, task=coding are needed."


def test_cell_that_lacks_one_item_says_so_in_the_singular() -> None:
    found = settled(49, ">= 50")
    assert found is not None
    assert found.text == "1 more item of language=de, task=coding is needed."


def test_effort_of_a_short_cell_is_sure() -> None:
    found = settled(150, ">= 5000")
    assert found is not None
    assert found.even == found.likely
    assert found.even is not None
    assert (found.even.n, found.even.extra, found.even.cost) == (5000, 4850, None)


@pytest.mark.parametrize(("inside", "must_be"), [(50, ">= 50"), (60, "<= 50")])
def test_cell_that_more_items_do_not_help_says_nothing(inside: int, must_be: str) -> None:
    assert settled(inside, must_be) is None
