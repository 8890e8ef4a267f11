"""Pace against the crew, and times that are none."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.habit_tables import Paces, TimeChecks
from metrics.signals import Signal
from metrics.speed import medians, modified_z, paces, speed_signals, time_problems
from metrics.tables import Floats, Integers

SECONDS = np.array([12.0, 15, 14, 13, 90, 16, 11, 14, 2, 15])
PEOPLE = tuple(f"p{number:02d}" for number in range(20))


def bins(seconds: Floats) -> Integers:
    found: Integers = np.floor(np.log(seconds * 1000 + 1) / np.log(1.02)).astype(np.int64)
    return found


def crew(
    odd: float = 1.0, *, answers: int = 60, people: int = 20, placeholder: bool = False
) -> tuple[Paces, TimeChecks]:
    """Paces that differ by a third; the first person's time is multiplied by `odd`."""
    generator = np.random.default_rng(7)
    pace = np.exp(generator.normal(0, 0.3, people))
    pace[0] = odd
    person = np.repeat(np.arange(people), answers)
    stratum = generator.integers(0, 2, len(person))
    seconds = 20 * pace[person] * np.exp(generator.normal(0, 0.5, len(person))) * (1 + 2 * stratum)
    if placeholder:
        seconds[person == 0] = 1.0
    table = Paces(PEOPLE[:people], person, stratum, bins(seconds), np.ones_like(person))
    return table, checks(people, answers, commonest=answers if placeholder else 1)


def checks(people: int, answers: int, **first: int) -> TimeChecks:
    """Sound times, except for what is said of the first person."""
    sound = {"timed": answers, "zero": 0, "negative": 0, "commonest": 1}
    sound |= {"followed": answers - 1, "same": 0, "alike": 0}
    columns = {name: np.full(people, value) for name, value in sound.items()}
    for name, value in first.items():
        columns[name][0] = value
    return TimeChecks(PEOPLE[:people], **columns)


def of_first(table: Paces, sound: TimeChecks) -> Signal:
    return next(each for each in speed_signals(table, sound, "q") if each.person == "p00")


def test_modified_z_reproduces_the_reference() -> None:
    """B-09 of the catalogue: median log 2.639057, MAD .103820."""
    z = modified_z(np.log(SECONDS), np.ones(10, dtype=np.int64))
    assert (z[4], z[8]) == pytest.approx((12.0890, -12.6423), abs=5e-5)
    assert np.abs(np.delete(z, [4, 8])).max() < 1.7


def test_modified_z_from_two_percent_bins_is_close() -> None:
    log = (bins(SECONDS) + 0.5) * np.log(1.02)
    z = modified_z(log, np.ones(10, dtype=np.int64))
    assert (z[4], z[8]) == pytest.approx((12.0890, -12.6423), rel=0.2)


def test_modified_z_without_scale_is_nan() -> None:
    assert np.isnan(modified_z(np.array([1.0, 2.0]), np.array([9, 1]))).all()


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(-50, 50)), min_size=1))
def test_medians_of_counts_are_those_of_values(rows: list[tuple[int, int]]) -> None:
    group, values = (np.array(each) for each in zip(*rows, strict=True))
    unique, counts = np.unique(np.stack([group, values], 1), axis=0, return_counts=True)
    found = medians(unique[:, 0], unique[:, 1].astype(float), counts, 4)
    wanted = [np.median(values[group == k]) if (group == k).any() else np.nan for k in range(4)]
    assert found == pytest.approx(wanted, nan_ok=True)


def test_pace_is_relative_to_the_crew_in_the_same_stratum() -> None:
    """By hand: the second stratum takes twice as long for everybody, the third person twice."""
    times = np.array([10.0, 20, 10, 20, 20, 40])
    table = Paces(
        PEOPLE[:3],
        np.repeat(np.arange(3), 2),
        np.tile([0, 1], 3),
        bins(times),
        np.full(6, 10),
    )
    pace, _, n = paces(table)
    assert np.exp(pace) == pytest.approx([1, 1, 2], rel=0.02)
    assert n.tolist() == [20, 20, 20]


def test_stratum_with_two_people_is_left_out() -> None:
    table = Paces(PEOPLE[:2], np.arange(2), np.zeros(2, int), np.array([400, 500]), np.full(2, 50))
    assert np.isnan(paces(table)[0]).all()


def test_pace_of_no_answers_is_unknown() -> None:
    nothing = np.zeros(0, dtype=np.int64)
    assert np.isnan(paces(Paces(("p",), nothing, nothing, nothing, nothing))[0]).all()


@pytest.mark.parametrize(("odd", "side"), [(0.15, "low"), (7.0, "high")])
def test_odd_pace_is_found(odd: float, side: str) -> None:
    signal = of_first(*crew(odd))
    assert (signal.side, signal.notable, signal.p_value < 0.001) == (side, True, True)


def test_honest_differences_of_pace_are_no_sign() -> None:
    table, sound = crew()
    assert min(each.p_value for each in speed_signals(table, sound, "q")) > 0.05 / 20


def test_small_crew_is_not_tested() -> None:
    signal = of_first(*crew(0.1, people=5))
    assert np.isnan(signal.p_value)
    assert "too few people" in signal.note


@pytest.mark.parametrize(
    ("first", "told"),
    [
        ({"zero": 30}, "30 of 60 times are zero or negative"),
        ({"negative": 7}, "7 of 60 times are zero or negative"),
        ({"commonest": 60}, "60 of 60 times are one value"),
        ({"same": 45, "alike": 100}, "belongs to a group of items"),
        ({"timed": 0, "followed": 0}, "no times"),
    ],
)
def test_times_that_are_none_are_told(first: dict[str, int], told: str) -> None:
    reasons = time_problems(checks(20, 60, **first))
    assert told in reasons[0]
    assert not any(reasons[1:])


def test_whole_seconds_that_repeat_by_chance_are_times() -> None:
    """Ten different values at random: one in ten follows its like."""
    assert not time_problems(checks(1, 60, same=6, alike=160, commonest=10))[0]


def test_placeholder_of_one_person_is_no_signal() -> None:
    signal = of_first(*crew(placeholder=True))
    assert np.isnan(signal.p_value)
    assert "one value" in signal.note


def test_placeholders_of_most_people_test_nobody() -> None:
    table, sound = crew(0.1)
    spoiled = TimeChecks(
        sound.annotators,
        *(sound.timed, sound.zero, sound.negative),
        np.where(np.arange(20) > 5, 60, 1),
        *(sound.followed, sound.same, sound.alike),
    )
    assert all(np.isnan(each.p_value) for each in speed_signals(table, spoiled, "q"))


def test_zero_times_of_a_few_answers_do_not_move_the_pace() -> None:
    table, sound = crew()
    zeros = Paces(
        table.annotators,
        np.append(table.annotator, 0),
        np.append(table.stratum, 0),
        np.append(table.log_bin, 0),
        np.append(table.count, 5),
    )
    assert of_first(zeros, sound).value == pytest.approx(of_first(table, sound).value)
