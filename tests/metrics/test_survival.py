import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.survival import Survival, kaplan_meier, median_time

ENDED = [6, 6, 6, 7, 10, 13, 16, 22, 23]
CENSORED = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]


def curve(ended: list[int], left: list[int]) -> Survival:
    times = sorted({*ended, *left})
    return kaplan_meier(
        np.array(times, dtype=float),
        np.array([ended.count(t) for t in times], dtype=np.int64),
        np.array([left.count(t) for t in times], dtype=np.int64),
    )


FREIREICH = curve(ENDED, CENSORED)


def test_freireich_gives_the_published_shares() -> None:
    wanted = [0.857143, 0.806723, 0.752941, 0.690196, 0.627451, 0.537815, 0.448179]
    assert FREIREICH.time.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert FREIREICH.share == pytest.approx(wanted, abs=1e-6)


def test_freireich_gives_the_published_errors() -> None:
    wanted = [0.07636, 0.08694, 0.09635, 0.10681, 0.11405, 0.12823, 0.13459]
    assert FREIREICH.error == pytest.approx(wanted, abs=1e-5)


def test_limits_are_on_the_log_log_scale() -> None:
    assert FREIREICH.at(6)[1:] == pytest.approx((0.619718, 0.951552), abs=1e-6)


def test_freireich_median_is_23() -> None:
    assert median_time(FREIREICH).value == 23.0


def test_median_limit_that_is_never_reached_stays_open() -> None:
    assert np.isnan(median_time(FREIREICH).high)


def test_open_cases_only_have_no_median() -> None:
    found = median_time(curve([], [3, 9, 12]))
    assert (found.status, found.n) == ("undefined", 3)


def test_open_cases_only_stay_open_as_long_as_they_were_watched() -> None:
    found = curve([], [3, 9, 12])
    assert found.at(10) == (1.0, 1.0, 1.0)
    assert np.isnan(found.at(13)).all()


def test_nothing_has_no_median() -> None:
    assert median_time(curve([], [])).status == "undefined"


def test_closed_ones_alone_would_be_too_fast() -> None:
    assert median_time(curve(ENDED, [])).value < median_time(FREIREICH).value


@given(st.lists(st.integers(0, 40), max_size=30), st.lists(st.integers(0, 40), max_size=30))
def test_share_falls_and_stays_between_its_limits(ended: list[int], left: list[int]) -> None:
    found = curve(ended, left)
    assert (np.diff(found.share) <= 1e-12).all()
    known = np.isfinite(found.low) & np.isfinite(found.high)
    assert (found.low[known] <= found.share[known] + 1e-9).all()
    assert (found.high[known] >= found.share[known] - 1e-9).all()


@given(st.lists(st.integers(0, 40), min_size=1, max_size=30))
def test_without_open_cases_it_is_the_share_of_those_still_there(ended: list[int]) -> None:
    found = curve(ended, [])
    wanted = [sum(t > time for t in ended) / len(ended) for time in found.time]
    assert found.share == pytest.approx(wanted)
