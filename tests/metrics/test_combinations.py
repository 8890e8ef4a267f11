"""Gaps that nobody declared."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.combinations import (
    AttributeTable,
    subset_coverage,
    uncovered_patterns,
)


def table(rows, levels=None):
    """Make a table of rows of digits; `.` is a missing value."""
    codes = np.array([[-1 if sign == "." else int(sign) for sign in row] for row in rows])
    codes = codes.reshape(len(rows), -1)
    levels = levels or [2] * codes.shape[1]
    return AttributeTable(
        tuple("abcdefgh"[: len(levels)]),
        tuple(tuple(map(str, range(level))) for level in levels),
        codes.reshape(-1, len(levels)),
        np.ones(len(rows), dtype=np.int64),
    )


NIST = table(["0000", "0110", "1001", "0111"])


@pytest.mark.parametrize(("size", "present", "possible"), [(1, 8, 8), (2, 19, 24), (3, 15, 32)])
def test_combinations_of_the_nist_example(size, present, possible):
    """Case D-03 of the catalogue: Kuhn and others, NIST SP 800-142."""
    found = subset_coverage(NIST, size)
    assert sum(one.present for one in found) == present
    assert sum(one.possible for one in found) == possible


def test_pairs_of_the_nist_example():
    by_pair = {"".join(one.attributes): one.present for one in subset_coverage(NIST, 2)}
    assert by_pair == {"ab": 3, "ac": 3, "ad": 3, "bc": 2, "bd": 4, "cd": 4}


def test_maximal_uncovered_pattern_of_the_paper():
    """Case D-04: Asudeh and others (2019); threshold 1 leaves 1XX alone."""
    found = uncovered_patterns(table(["010", "001", "000", "011", "001"]))
    assert [(dict(one.pattern), one.count) for one in found.widest] == [({"a": "1"}, 0)]


def test_impossible_patterns_are_not_told():
    rows = ["01", "10", "11"]
    assert uncovered_patterns(table(rows)).total == 1
    assert not uncovered_patterns(table(rows), impossible=[{"a": "0", "b": "0"}]).total


def test_impossible_combinations_are_not_possible():
    (one,) = subset_coverage(table(["01"]), 2, impossible=[{"a": "0", "b": "0"}])
    assert (one.present, one.possible) == (1, 3)


def test_impossible_pattern_of_another_value_bans_nothing():
    (one,) = subset_coverage(table(["01"]), 2, impossible=[{"a": "7"}])
    assert one.possible == 4


def test_missing_values_fit_only_patterns_that_leave_them_open():
    found = uncovered_patterns(table(["0.", "1."]), least=1)
    assert [dict(one.pattern) for one in found.widest] == [{"b": "0"}, {"b": "1"}]


def test_empty_table_is_one_gap():
    empty = AttributeTable(("a",), (("x",),), np.zeros((0, 1), dtype=int), np.zeros(0, dtype=int))
    assert [(dict(one.pattern), one.count) for one in uncovered_patterns(empty).widest] == [({}, 0)]


def test_too_many_patterns_are_refused():
    many = table(["0" * 8], [30] * 8)
    with pytest.raises(ValueError, match="leave attributes out"):
        uncovered_patterns(many)


def test_only_so_many_gaps_are_told_but_all_are_counted():
    found = uncovered_patterns(table(["00"], [4, 4]), most=2)
    assert (found.total, len(found.widest)) == (6, 2)


def test_fewest_fixed_values_come_first():
    found = uncovered_patterns(table(["00", "01", "10"], [3, 2]))
    assert [dict(one.pattern) for one in found.widest] == [{"a": "2"}, {"a": "1", "b": "1"}]


def brute(rows, levels, least):
    """List all patterns and keep the uncovered ones whose parents are covered."""

    def count(pattern):
        return sum(all(p in (None, r) for p, r in zip(pattern, row, strict=True)) for row in rows)

    found = set()
    for pattern in product(*([*range(level), None] for level in levels)):
        parents = [
            (*pattern[:axis], None, *pattern[axis + 1 :])
            for axis, value in enumerate(pattern)
            if value is not None
        ]
        if count(pattern) < least and all(count(parent) >= least for parent in parents):
            found.add(pattern)
    return found


@pytest.mark.parametrize("seed", range(200))
def test_uncovered_patterns_are_those_of_brute_force(seed):
    generator = np.random.default_rng(seed)
    levels = generator.integers(1, 4, size=generator.integers(1, 5)).tolist()
    rows = [
        [int(generator.integers(-1, level)) for level in levels]
        for _ in range(generator.integers(0, 25))
    ]
    least = int(generator.integers(1, 5))
    made = AttributeTable(
        tuple("abcd"[: len(levels)]),
        tuple(tuple(map(str, range(level))) for level in levels),
        np.array(rows, dtype=np.int64).reshape(-1, len(levels)),
        np.ones(len(rows), dtype=np.int64),
    )
    found = {
        tuple(int(one.pattern[name]) if name in one.pattern else None for name in made.attributes)
        for one in uncovered_patterns(made, least=least).widest
    }
    assert found == brute(rows, levels, least)


@given(st.lists(st.sampled_from(["00", "01", "10", "11"]), max_size=8), st.integers(1, 3))
def test_weights_count_as_rows(rows, least):
    many = table(rows) if rows else table(["00"])
    codes, multiplicity = np.unique(many.codes, axis=0, return_counts=True)
    merged = AttributeTable(many.attributes, many.values, codes, multiplicity)
    assert uncovered_patterns(many, least=least) == uncovered_patterns(merged, least=least)
