"""When a series changed; reference case C-06, the Nile at Aswan."""

import numpy as np
import pytest

from metrics.change_points import binary_segmentation, least_squares_split, pettitt

NILE = [
    1120, 1160, 963, 1210, 1160, 1160, 813, 1230, 1370, 1140, 995, 935, 1110, 994, 1020, 960, 1180,
    799, 958, 1140, 1100, 1210, 1150, 1250, 1260, 1220, 1030, 1100, 774, 840, 874, 694, 940, 833,
    701, 916, 692, 1020, 1050, 969, 831, 726, 456, 824, 702, 1120, 1100, 832, 764, 821, 768, 845,
    864, 862, 698, 845, 744, 796, 1040, 759, 781, 865, 845, 944, 984, 897, 822, 1010, 771, 676, 649,
    846, 812, 742, 801, 1040, 860, 874, 848, 890, 744, 749, 838, 1050, 918, 986, 797, 923, 975, 815,
    1020, 906, 901, 1170, 912, 746, 919, 718, 714, 740,
]  # fmt: skip


def test_nile_changed_in_1898() -> None:
    found = pettitt(NILE)
    assert (found.after, found.statistic) == (28, 1617.0)
    assert found.p_value == pytest.approx(3.591e-7, rel=1e-3)
    assert found.before_mean == pytest.approx(1097.75)
    assert found.after_mean == pytest.approx(849.9722, abs=1e-4)
    assert not found.reason


def test_nile_splits_by_least_squares_at_the_same_year() -> None:
    after, left = least_squares_split(NILE)
    assert after == 28
    assert left == pytest.approx(1597457.194, abs=1e-3)


def test_nile_has_one_change_only() -> None:
    assert binary_segmentation(NILE) == (28,)


def test_noise_has_no_change() -> None:
    noise = np.random.default_rng(5).standard_normal(100)
    assert binary_segmentation(noise) == ()


def test_few_points_in_time_are_said_to_be_few() -> None:
    assert pettitt([1.0, 1, 5, 5]).reason == "4 points in time, 20 are needed to rely on it"


def test_one_point_in_time_cannot_change() -> None:
    found = pettitt([3.0])
    assert found.after == 0
    assert "one point in time" in found.reason


def test_gaps_in_a_series_are_refused() -> None:
    with pytest.raises(ValueError, match="no gaps"):
        pettitt([1.0, float("nan")])
