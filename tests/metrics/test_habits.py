"""Straight-lining, runs and position habits on tables made by hand and at random."""

from itertools import groupby, permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.habit_tables import AnswerRuns, ShownChoices
from metrics.habits import (
    expected_runs_of,
    modal_share_by_strata,
    modal_share_signals,
    position_signals,
    run_counts,
    run_signals,
)
from metrics.tables import AnnotatorLabels, AnnotatorPatterns, UnitPatterns

PEOPLE = tuple(f"p{number:02d}" for number in range(20))


def runs_of(answers: list[list[int]], labels: int = 3) -> AnswerRuns:
    rows = [
        (person, label, len(list(run)))
        for person, given_ in enumerate(answers)
        for label, run in groupby(given_)
    ]
    person, label, length = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    names = tuple(f"l{number}" for number in range(labels))
    people = PEOPLE[: len(answers)]
    return AnswerRuns(names, people, person, label, length, np.ones(len(rows), dtype=np.int64))


def patterns_of(votes: np.ndarray, labels: int) -> UnitPatterns:
    """Items in rows, people in columns; -1 where somebody did not answer."""
    counts = np.array([np.bincount(row[row >= 0], minlength=labels) for row in votes])
    item, person = np.nonzero(votes >= 0)
    who = AnnotatorPatterns(
        PEOPLE[: votes.shape[1]], person, item, votes[item, person], np.ones_like(item)
    )
    names = tuple(f"l{number}" for number in range(labels))
    return UnitPatterns(names, "nominal", counts, np.ones(len(counts), int), annotators=who)


def crew_votes(odd: int | None, seed: int = 3) -> np.ndarray:
    """300 items by three of 20 people; the first person gives one label to nearly everything."""
    generator = np.random.default_rng(seed)
    truth = generator.integers(0, 3, 600)
    votes = np.full((600, 20), -1)
    for item, label in enumerate(truth):
        people = generator.choice(20, 3, replace=False)
        given_ = np.where(generator.random(3) < 0.85, label, generator.integers(0, 3, 3))
        votes[item, people] = given_
    if odd is not None:
        answered = votes[:, 0] >= 0
        votes[answered & (generator.random(600) < 0.9), 0] = odd
    return votes


def first(signals: list[Any]) -> Any:
    return next(each for each in signals if each.person == "p00")


def test_straight_liner_is_found_on_the_items_others_judged() -> None:
    signal = first(modal_share_signals(patterns_of(crew_votes(2), 3), "q"))
    assert (signal.side, signal.notable, signal.p_value < 0.001) == ("high", True, True)


def test_honest_crew_has_no_straight_liner() -> None:
    signals = modal_share_signals(patterns_of(crew_votes(None), 3), "q")
    assert not [each for each in signals if each.notable and each.p_value < 0.05 / 20]


def test_items_that_are_all_alike_make_nobody_a_straight_liner() -> None:
    """Somebody who got the items of one label is not told by its share."""
    votes = np.zeros((300, 20), dtype=int)
    votes[:150] = 1
    votes[:150, 0] = -1
    signal = first(modal_share_signals(patterns_of(votes, 2), "q"))
    assert signal.value == pytest.approx(1, abs=0.01)
    assert not signal.notable


def test_straight_lining_of_unanimous_items_is_no_sign() -> None:
    signals = modal_share_signals(patterns_of(np.zeros((50, 20), dtype=int), 2), "q")
    assert all(each.p_value > 0.5 and not each.notable for each in signals)


def test_one_annotator_has_no_signal_of_straight_lining() -> None:
    assert modal_share_signals(patterns_of(np.zeros((50, 1), dtype=int), 2), "q") == []


def test_patterns_without_annotators_give_no_signal() -> None:
    table = UnitPatterns(("a",), "nominal", np.array([[2]]), np.array([3]))
    assert modal_share_signals(table, "q") == []


def strata(odd_share: float) -> list[AnnotatorLabels]:
    """Two strata with label shares .8 and .3; everybody but the first is like the crew."""
    tables = []
    for share in (0.8, 0.3):
        counts = [[odd_share * 50, (1 - odd_share) * 50], *[[50 * share, 50 * (1 - share)]] * 19]
        flat = np.array(counts).round().astype(np.int64)
        person, label = np.indices(flat.shape)
        tables.append(
            AnnotatorLabels(
                ("a", "b"), "nominal", PEOPLE, person.ravel(), label.ravel(), flat.ravel()
            )
        )
    return tables


def test_straight_liner_is_found_by_strata() -> None:
    signal = first(modal_share_by_strata(strata(1.0), "q"))
    assert signal.expected == pytest.approx(0.55, abs=0.03)
    assert signal.p_value < 0.001


def test_no_strata_give_no_signal() -> None:
    assert modal_share_by_strata([], "q") == []


@pytest.mark.parametrize("used", [(2, 2), (3, 1), (2, 2, 1), (1, 4)])
def test_expected_runs_are_those_of_all_orders(used: tuple[int, ...]) -> None:
    answers = [label for label, count in enumerate(used) for _ in range(count)]
    every = [len(list(groupby(order))) for order in set(permutations(answers))]
    _, mean, variance, _ = run_counts(runs_of([answers]))
    assert (mean[0], variance[0]) == pytest.approx((np.mean(every), np.var(every)))


@pytest.mark.parametrize(("length", "used", "n"), [(2, 3, 6), (3, 3, 5), (1, 2, 4), (4, 3, 6)])
def test_expected_long_runs_are_those_of_all_orders(length: int, used: int, n: int) -> None:
    orders = set(permutations([1] * used + [0] * (n - used)))
    every = [
        sum(label == 1 and len(list(run)) >= length for label, run in groupby(order))
        for order in orders
    ]
    one = np.ones(1, dtype=np.int64)
    found = expected_runs_of(length * one, used * one, n * one)
    assert found[0] == pytest.approx(np.mean(every))


def answers_of(sticky: float, seed: int = 5) -> list[list[int]]:
    generator = np.random.default_rng(seed)
    crew = [generator.integers(0, 3, 120).tolist() for _ in range(20)]
    for place in range(1, 120):
        if generator.random() < sticky:
            crew[0][place] = crew[0][place - 1]
    return crew


def test_answers_that_follow_their_like_are_found() -> None:
    signal = first(run_signals(runs_of(answers_of(0.6)), "q"))
    assert (signal.side, signal.notable, signal.p_value < 0.001) == ("high", True, True)


def test_answers_in_random_order_are_no_sign() -> None:
    signals = run_signals(runs_of(answers_of(0.0)), "q")
    assert not [each for each in signals if each.notable and each.p_value < 0.001]


def test_longest_run_is_found() -> None:
    crew = answers_of(0.0)
    crew[0][40:65] = [1] * 25
    signal = [each for each in run_signals(runs_of(crew), "q") if each.person == "p00"][-1]
    assert (signal.value, signal.notable, signal.p_value < 0.001) == (28, True, True)


def test_queue_in_blocks_is_nobodys_habit() -> None:
    crew = [sorted(given_[:60]) + sorted(given_[60:]) for given_ in answers_of(0.0)]
    signals = run_signals(runs_of(crew), "q")
    assert not [each for each in signals if each.notable and each.p_value < 0.001]


def test_single_label_has_no_runs_to_test() -> None:
    (signal,) = run_signals(runs_of([[0] * 50]), "q")
    assert np.isnan(signal.p_value)


def test_no_answers_have_no_runs() -> None:
    assert run_signals(runs_of([]), "q") == []


@given(st.lists(st.lists(st.integers(0, 2), min_size=1, max_size=40), min_size=1, max_size=12))
def test_run_signals_are_chances_or_say_why_not(answers: list[list[int]]) -> None:
    for each in run_signals(runs_of(answers), "q"):
        assert np.isnan(each.p_value) or 0 < each.p_value <= 1
        assert np.isfinite(each.p_value) or "not tested" in each.note


def shown(shares: list[float], n: int = 100, *, orders: int = 2) -> ShownChoices:
    rows = [
        (person, order, place, 2, round(n / orders * (share if place == 0 else 1 - share)))
        for person, share in enumerate(shares)
        for order in range(orders)
        for place in (0, 1)
    ]
    return ShownChoices(PEOPLE[: len(shares)], *np.array(rows, dtype=np.int64).T)


def test_person_who_takes_the_first_is_found() -> None:
    signal = first(position_signals(shown([0.9, *[0.5, 0.55] * 9]), "q"))
    assert (signal.side, signal.notable, signal.p_value < 0.001) == ("high", True, True)


def test_crew_that_leans_to_the_first_is_no_sign_of_a_person() -> None:
    signals = position_signals(shown([0.8] * 19), "q")
    assert not any(each.notable for each in signals)


def test_one_order_for_all_says_nothing_about_position() -> None:
    assert position_signals(shown([0.9] * 19, orders=1), "q") == []


def test_no_choices_say_nothing_about_position() -> None:
    nothing = np.zeros(0, dtype=np.int64)
    assert position_signals(ShownChoices((), *[nothing] * 5), "q") == []


def test_few_comparisons_are_not_tested() -> None:
    signal = first(position_signals(shown([0.9] * 19, n=8), "q"))
    assert np.isnan(signal.p_value)


@given(st.integers(0, 10**6), st.integers(1, 20), st.integers(1, 60))
def test_modal_signals_are_chances_or_say_why_not(seed: int, people: int, items: int) -> None:
    votes = np.random.default_rng(seed).integers(-1, 3, (items, people))
    for each in modal_share_signals(patterns_of(votes, 3), "q"):
        assert np.isnan(each.p_value) or 0 < each.p_value <= 1
        assert np.isfinite(each.p_value) or "not tested" in each.note
        assert 0 <= each.value <= 1
        assert 0 <= each.expected <= 1
