"""The same person and item again, and golden items that had been in use."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.habit_tables import GoldenCourse, RepeatedAnswers
from metrics.repeats import leakage_signals, repeat_signals
from metrics.signals import Signal

PEOPLE = tuple(f"p{number:02d}" for number in range(20))


def repeats(first: int, n: int = 40, people: int = 20) -> RepeatedAnswers:
    """How often the first person gives the answer again, of n; the others 34 to 38 of 40."""
    same = np.array([first, *(n * (34 + k % 5) // 40 for k in range(people - 1))])
    return RepeatedAnswers(
        PEOPLE[:people],
        np.tile(np.arange(people), 2),
        np.repeat([1, 0], people),
        np.concatenate([same, n - same]),
    )


def of_first(signals: list[Signal]) -> Signal:
    return next(each for each in signals if each.person == "p00")


def test_inconsistent_person_is_found() -> None:
    signal = of_first(repeat_signals(repeats(18), "q"))
    assert (signal.side, signal.notable, signal.p_value < 0.001) == ("low", True, True)


def test_consistent_crew_is_no_sign() -> None:
    assert min(each.p_value for each in repeat_signals(repeats(36), "q")) > 0.1


def test_perfect_consistency_is_nothing_to_worry_about() -> None:
    assert not of_first(repeat_signals(repeats(40), "q")).notable


def test_expected_consistency_is_that_of_the_crew() -> None:
    assert of_first(repeat_signals(repeats(18), "q")).expected == pytest.approx(0.9, abs=0.02)


def test_few_repeats_are_not_tested() -> None:
    table = repeats(1)
    few = np.where(table.annotator == 0, np.minimum(table.count, 8), table.count)
    table = RepeatedAnswers(table.annotators, table.annotator, table.same, few)
    signal = of_first(repeat_signals(table, "q"))
    assert (signal.n, np.isnan(signal.p_value)) == (9, True)
    assert "too little work" in signal.note


def test_shown_share_is_the_one_counted() -> None:
    assert of_first(repeat_signals(repeats(18), "q")).value == 18 / 40


def test_small_crew_is_not_tested() -> None:
    assert np.isnan(of_first(repeat_signals(repeats(18, people=4), "q")).p_value)


def test_all_consistent_is_no_sign() -> None:
    table = RepeatedAnswers(PEOPLE, np.arange(20), np.ones(20, int), np.full(20, 30))
    assert not any(each.notable or each.p_value < 0.5 for each in repeat_signals(table, "q"))


def test_no_repeats_give_no_signal() -> None:
    nothing = np.zeros(0, dtype=np.int64)
    assert repeat_signals(RepeatedAnswers((), nothing, nothing, nothing), "q") == []


def golden(first: tuple[float, float], others: tuple[float, float] = (0.8, 0.8)) -> GoldenCourse:
    """Shares right on 30 old and 30 new golden items, which the rest gets right as the others."""
    rows = []
    for person in range(20):
        for is_old, share in zip((1, 0), first if person == 0 else others, strict=True):
            right = round(30 * share)
            tally = round(20 * others[1 - is_old])
            rows += [
                (person, is_old, 1, 20, tally, right),
                (person, is_old, 0, 20, tally, 30 - right),
            ]
    return GoldenCourse(PEOPLE, *np.array(rows, dtype=np.int64).T)


def test_old_golden_items_that_are_known_are_found() -> None:
    signal = of_first(leakage_signals(golden((1.0, 0.45)), "q"))
    assert (signal.side, signal.notable, signal.p_value < 0.001) == ("high", True, True)


def test_crew_that_is_as_good_on_new_items_is_no_sign() -> None:
    assert not any(each.notable for each in leakage_signals(golden((0.8, 0.8)), "q"))


def test_easier_old_items_are_no_leak() -> None:
    signals = leakage_signals(golden((0.95, 0.6), others=(0.95, 0.6)), "q")
    assert not any(each.notable for each in signals)


def test_getting_worse_on_old_items_is_no_leak() -> None:
    assert not of_first(leakage_signals(golden((0.3, 0.9)), "q")).notable


def test_no_golden_items_give_no_signal() -> None:
    nothing = np.zeros(0, dtype=np.int64)
    table = GoldenCourse((), nothing, nothing, nothing, nothing, nothing, nothing)
    assert leakage_signals(table, "q") == []


def test_golden_items_of_one_age_are_not_tested() -> None:
    table = GoldenCourse(
        PEOPLE, np.arange(20), np.ones(20, int), np.ones(20, int), *[np.full(20, 20)] * 3
    )
    assert leakage_signals(table, "q") == []


@given(
    st.lists(
        st.tuples(st.integers(0, 19), st.integers(0, 1), st.integers(0, 60)),
        max_size=60,
        unique=True,
    )
)
def test_repeat_signals_are_chances_or_say_why_not(rows: list[tuple[int, int, int]]) -> None:
    annotator, same, count = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    for each in repeat_signals(RepeatedAnswers(PEOPLE, annotator, same, count), "q"):
        assert np.isnan(each.p_value) or 0 < each.p_value <= 1
        assert np.isfinite(each.p_value) or "not tested" in each.note
        assert each.low <= each.value + 1e-9 or each.n < 10
