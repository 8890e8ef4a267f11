"""Our alpha against the krippendorff package, traps included."""

from math import isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.cross_check import krippendorff_difference
from metrics.tables import UnitPatterns

many_counts = st.lists(st.lists(st.integers(0, 4), min_size=4, max_size=4), min_size=1, max_size=10)


def patterns_of(counts, level, labels, items=None):
    counts = np.asarray(counts)
    items = np.ones(len(counts), np.int64) if items is None else np.asarray(items)
    return UnitPatterns(labels, level, counts, items)


@pytest.mark.parametrize(
    ("level", "labels"),
    [
        ("nominal", ("a", "", "nan", "b")),
        ("ordinal", ("low", "mid", "high", "top")),
        ("interval", ("10", "2", "-3.5", "7")),
        ("ratio", ("3", "0", "1", "20")),
        ("set", ('["a"]', '["a","b"]', "[]", '["c"]')),
        ("ranking", ('[["a"],["b"]]', '[["b"],["a"]]', '[["a","b"]]', '[["c"]]')),
    ],
)
@given(counts=many_counts)
def test_package_and_we_agree(level, labels, counts):
    difference = krippendorff_difference(patterns_of(counts, level, labels))
    assert isnan(difference) or abs(difference) < 1e-9


@given(many_counts)
def test_package_and_we_agree_on_jaccard(counts):
    labels = ('["a"]', '["a","b"]', "[]", '["c"]')
    patterns = patterns_of(counts, "set", labels)
    difference = krippendorff_difference(patterns, distance="jaccard")
    assert isnan(difference) or abs(difference) < 1e-9


def test_difference_is_a_number_where_alpha_is():
    patterns = patterns_of([[2, 0], [1, 1], [0, 2]], "nominal", ("0", "1"), [5, 4, 1])
    assert abs(krippendorff_difference(patterns)) < 1e-12


def test_level_may_differ_from_that_of_the_question():
    patterns = patterns_of([[2, 0, 1], [1, 1, 0], [0, 2, 3]], "nominal", ("0", "1", "5"))
    assert abs(krippendorff_difference(patterns, "interval")) < 1e-12


def test_one_value_is_nan_and_no_error():
    """krippendorff 0.9 raises ValueError on a domain of one value."""
    assert isnan(krippendorff_difference(patterns_of([[3, 0]], "nominal", ("a", "b"), [40])))


def test_no_pair_is_nan_and_no_error():
    """krippendorff 0.9 raises ValueError where no unit has two codes."""
    assert isnan(krippendorff_difference(patterns_of([[1, 0], [0, 1]], "nominal", ("a", "b"))))


def test_unused_label_is_no_trap():
    """krippendorff 0.9 divides by zero for a wider domain; ours is the domain in use."""
    counts = [[2, 0, 0], [1, 0, 1], [0, 0, 2]]
    assert abs(krippendorff_difference(patterns_of(counts, "ordinal", ("a", "b", "c")))) < 1e-12


def test_too_large_for_the_package_is_nan():
    patterns = patterns_of([[2, 0], [1, 1]], "nominal", ("a", "b"), [1_000_000, 300_000])
    assert isnan(krippendorff_difference(patterns))
