"""Gaps as figures for standards."""

import numpy as np
import pytest

from metrics.combinations import AttributeTable
from metrics.gaps import (
    Space,
    combination_coverage,
    contradictions,
    coverage_by_subset,
    items_of,
    uncovered_pattern_count,
    unstated,
)


def table(rows, levels=None):
    codes = np.array([[-1 if sign == "." else int(sign) for sign in row] for row in rows])
    codes = codes.reshape(len(rows), -1)
    levels = levels or [2] * codes.shape[1]
    return AttributeTable(
        tuple("abcd"[: len(levels)]),
        tuple(tuple(map(str, range(level))) for level in levels),
        codes.reshape(-1, len(levels)),
        np.ones(len(rows), dtype=np.int64),
    )


NIST = Space(table(["0000", "0110", "1001", "0111"]))


@pytest.mark.parametrize(("t", "value", "n"), [("2", 19 / 24, 24), ("3", 15 / 32, 32)])
def test_coverage_of_the_nist_example(t, value, n):
    """Case D-03 of the catalogue."""
    found = combination_coverage(NIST, t=t)
    assert (found.value, found.n, found.low, found.high) == (value, n, value, value)


def test_fully_covered_pairs_of_the_nist_example():
    """Case D-03: 2 of 6."""
    found = combination_coverage(NIST, t="2")
    assert (found.provenance["subsets"], found.provenance["subsets_full"]) == (6, 2)


def test_worst_choice_of_attributes_comes_first():
    assert coverage_by_subset(NIST, 2)[0].attributes == ("b", "c")


def test_uncovered_patterns_of_the_paper():
    """Case D-04: one maximal pattern."""
    found = uncovered_pattern_count(Space(table(["010", "001", "000", "011", "001"])))
    assert (found.value, found.n, found.is_count) == (1.0, 5, True)


def test_all_nine_uncovered_patterns_of_the_paper_fit_the_one():
    """Case D-04: {1XX} generalises the nine uncovered patterns, 1 and 3 and 9 wide."""
    rows = table(["010", "001", "000", "011", "001"])
    uncovered = [
        (a, b, c)
        for a in "01."
        for b in "01."
        for c in "01."
        if not items_of(
            rows, {name: v for name, v in zip("abc", (a, b, c), strict=True) if v != "."}
        )
    ]
    assert len(uncovered) == 9
    assert {pattern[0] for pattern in uncovered} == {"1"}


def test_fewer_attributes_than_asked_for_are_undefined():
    found = combination_coverage(Space(table(["0", "1"])), t="2")
    assert (found.status, found.reason) == (
        "undefined",
        "it takes 2 attributes of items; there are 1",
    )


def test_what_was_left_out_is_named():
    found = combination_coverage(Space(table(["0"]), left_out=("topic",)), t="2")
    assert found.reason.endswith("left out are topic")


def test_everything_impossible_is_undefined():
    banned = tuple({"a": a} for a in "01")
    assert combination_coverage(Space(table(["00"]), banned), t="2").status == "undefined"


def test_reference_tells_what_can_be():
    space = Space(table(["00"]), reference=table(["00", "11"]))
    found = combination_coverage(space, t="2")
    assert (found.value, found.n) == (0.5, 2)


def test_what_the_reference_lacks_is_no_gap():
    space = Space(table(["00"]), reference=table(["00", "01"]))
    assert uncovered_pattern_count(space).value == 1


def test_impossible_combinations_that_occur_are_told():
    space = Space(table(["00", "00", "11"]), ({"a": "0", "b": "0"}, {"a": "7"}))
    assert contradictions(space) == (({"a": "0", "b": "0"}, 2),)


def test_items_that_do_not_state_all_may_fit():
    assert unstated(table(["0.", "1.", "00", "..", ".1"]), {"a": "0", "b": "0"}) == 2


def test_no_attributes_are_undefined():
    empty = AttributeTable((), (), np.zeros((1, 0), dtype=np.int64), np.ones(1, dtype=np.int64))
    assert uncovered_pattern_count(Space(empty)).status == "undefined"
