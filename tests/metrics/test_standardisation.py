"""Rates under the same mix; reference case C-07, admissions to Berkeley in 1973."""

import numpy as np
import pytest

from metrics import standardisation as standard

MEN = np.array([512, 353, 120, 138, 53, 22]), np.array([825, 560, 325, 417, 191, 373])
WOMEN = np.array([89, 17, 202, 131, 94, 24]), np.array([108, 25, 593, 375, 393, 341])


def test_berkeley_difference_is_mix_and_not_rates() -> None:
    found = standard.kitagawa(MEN, WOMEN)
    assert found.difference == pytest.approx(-0.1416454, abs=1e-7)
    assert found.rate == pytest.approx(0.0360285, abs=1e-7)
    assert found.mix == pytest.approx(-0.1776739, abs=1e-7)
    assert found.uncovered == 0.0


def test_berkeley_rates_standardised_to_all_applicants_reverse() -> None:
    everybody = MEN[1] + WOMEN[1]
    assert standard.standardised(*MEN, everybody) == pytest.approx(0.3873186, abs=1e-7)
    assert standard.standardised(*WOMEN, everybody) == pytest.approx(0.4299554, abs=1e-7)


def test_berkeley_odds_ratio_within_departments_is_as_r_computes_it() -> None:
    assert standard.mantel_haenszel(MEN, WOMEN) == pytest.approx(0.9046968, abs=1e-7)


def test_berkeley_is_a_simpson_reversal() -> None:
    assert standard.odds_ratio(MEN, WOMEN) > 1
    assert standard.is_reversed(MEN, WOMEN)


def test_one_stratum_cannot_reverse() -> None:
    assert not standard.is_reversed(([3], [10]), ([5], [10]))


def test_strata_of_one_side_are_counted_as_uncovered() -> None:
    found = standard.kitagawa(([1, 0], [10, 0]), ([2, 4], [10, 10]))
    assert found.uncovered == pytest.approx(0.5)


def test_hits_above_their_cases_are_refused() -> None:
    with pytest.raises(ValueError, match="hits lie between"):
        standard.kitagawa(([11], [10]), ([1], [10]))
