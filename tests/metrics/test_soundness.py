"""Soundness of demonstrations: shares, their limits, and the rank correlation."""

from math import nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from metrics import soundness
from metrics.soundness import OpeningCounts, RankCorrelation
from metrics.tables import ItemCounts

SHARES = (
    soundness.over_refusal_share,
    soundness.under_refusal_share,
    soundness.format_error_share,
    soundness.rubric_masked_share,
    soundness.double_review_share,
    soundness.regression_pass_rate,
    soundness.four_element_share,
    soundness.happy_path_share,
)


@pytest.mark.parametrize("share", SHARES)
def test_share_of_nothing_is_undefined(share: object) -> None:
    assert callable(share)
    assert share(ItemCounts(0, 0)).status == "undefined"


@pytest.mark.parametrize("share", SHARES)
@given(total=st.integers(1, 10**6), data=st.data())
def test_share_lies_in_its_interval(share: object, total: int, data: st.DataObject) -> None:
    assert callable(share)
    found = share(ItemCounts(data.draw(st.integers(0, total)), total))
    assert 0 <= found.low <= found.value <= found.high <= 1


def test_regression_limits_are_those_of_scipy() -> None:
    found = soundness.regression_pass_rate(ItemCounts(98, 100))
    limits = stats.binomtest(98, 100).proportion_ci(0.95, method="exact")
    assert (found.low, found.high) == pytest.approx((limits.low, limits.high), abs=1e-9)


def test_double_review_of_all_is_certain() -> None:
    found = soundness.double_review_share(ItemCounts(40, 40))
    assert (found.low, found.value, found.high, found.about) == (1.0, 1.0, 1.0, "batch")


def test_boilerplate_tells_how_often_two_are_alike() -> None:
    found = soundness.boilerplate_share(OpeningCounts(2, 4, 3, 2.0))
    assert found.provenance["two_alike"] == pytest.approx(2 / 12)


def test_one_response_has_no_pair() -> None:
    assert "two_alike" not in soundness.boilerplate_share(OpeningCounts(1, 1, 1, 0.0)).provenance


def test_correlation_without_variation_is_undefined() -> None:
    assert soundness.length_complexity(RankCorrelation(50, nan)).status == "undefined"


def test_correlation_of_few_items_is_insufficient() -> None:
    found = soundness.length_complexity(RankCorrelation(5, 0.4))
    assert (found.status, found.value) == ("insufficient", 0.4)


def test_correlation_interval_is_that_of_bonett_and_wright() -> None:
    found = soundness.length_complexity(RankCorrelation(103, 0.5))
    reach = stats.norm.ppf(0.975) * np.sqrt(1.125 / 100)
    assert found.low == pytest.approx(np.tanh(np.arctanh(0.5) - reach), abs=1e-9)
