"""Distinct rows, against NumPy's own way along an axis."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from metrics.distinct import distinct_rows
from metrics.tables import Integers

SPANS = st.sampled_from([3, 2**40])


@given(
    SPANS.flatmap(
        lambda span: arrays(
            np.int64, array_shapes(min_dims=2, max_dims=2), elements=st.integers(-span, span)
        )
    )
)
def test_distinct_rows_are_those_of_numpy(rows: Integers) -> None:
    kinds, place = distinct_rows(rows)
    wanted, where = np.unique(rows, axis=0, return_inverse=True)
    np.testing.assert_array_equal(kinds, wanted)
    np.testing.assert_array_equal(place, where.ravel())


@pytest.mark.parametrize("shape", [(0, 2), (3, 0)])
def test_distinct_rows_of_nothing(shape: tuple[int, int]) -> None:
    kinds, place = distinct_rows(np.zeros(shape, dtype=np.int64))
    assert kinds.shape[1] == shape[1]
    assert len(place) == shape[0]
