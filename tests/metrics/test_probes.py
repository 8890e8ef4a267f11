"""Shares of planted items: clusters, strata, and what there is too little of."""

from math import isnan

import numpy as np
import pytest

from metrics.clustered_share import Clusters, cluster_variance, exact_limits
from metrics.intervals import clopper_pearson
from metrics.probes import (
    OTHERS,
    ProbeAnswers,
    by_stratum,
    expected_of,
    golden_accuracy,
    own_accuracy,
    trap_failure_rate,
)


def table(
    right: np.ndarray,
    *,
    difficulty: list[str] | None = None,
    week: list[str] | None = None,
) -> ProbeAnswers:
    """Build answers from items by people: 1 right, 0 wrong, -1 no answer."""
    items, people = right.shape
    item, person = np.nonzero(right >= 0)
    given, tally = (right >= 0).sum(axis=1), (right == 1).sum(axis=1)
    names = np.array(difficulty or [""] * items)
    weeks = np.array(week or [""] * items)
    return ProbeAnswers(
        annotators=tuple(f"p{place}" for place in range(people)),
        annotator=person.astype(np.int64),
        difficulty=names[item],
        week=weeks[item],
        is_right=right[item, person].astype(np.int64),
        answers=given[item].astype(np.int64),
        right=tally[item].astype(np.int64),
        count=np.ones(len(item), dtype=np.int64),
    )


def drawn(seed: int, items: int = 60, people: int = 5, spread: float = 0.0) -> np.ndarray:
    generator = np.random.default_rng(seed)
    ease = np.clip(0.8 + spread * generator.standard_normal((items, 1)), 0, 1)
    return (generator.random((items, people)) < ease).astype(np.int64)


def test_one_answer_an_item_has_clopper_and_pearsons_limits() -> None:
    found = golden_accuracy(table(np.array([[1]] * 45 + [[0]] * 5)))
    assert (found.low, found.high) == pytest.approx(clopper_pearson(45, 50), abs=3e-3)


def test_items_that_are_right_together_count_less() -> None:
    together = np.repeat(np.array([[1]] * 40 + [[0]] * 10), 4, axis=1)
    apart = np.array([[1, 1, 1, 1]] * 10 + [[1, 1, 1, 0]] * 40)
    wide, narrow = (golden_accuracy(table(each)) for each in (together, apart))
    assert wide.value == narrow.value == 0.8
    assert wide.high - wide.low > 1.7 * (narrow.high - narrow.low)


def test_variance_of_two_way_clusters_is_that_of_the_definition() -> None:
    right = drawn(3)
    share = right.mean()
    ones = np.ones(right.shape[1], dtype=np.int64)
    people = Clusters(right.sum(axis=0), ones * len(right), ones)
    residual = (right - share).sum(axis=0)
    wanted = 5 / 4 * float((residual**2).sum()) / right.size**2
    assert cluster_variance(people, float(share)) == pytest.approx(wanted, rel=1e-12)


def test_interval_about_annotators_needs_ten_people() -> None:
    found = golden_accuracy(table(drawn(1)), about="annotators")
    assert found.status == "insufficient"
    assert isnan(found.low)
    assert "too few people (5" in found.reason


def test_interval_about_annotators_is_the_wider_one() -> None:
    generator = np.random.default_rng(2)
    skill = generator.uniform(0.5, 1.0, 12)
    answers = table((generator.random((40, 12)) < skill).astype(np.int64))
    items, people = (golden_accuracy(answers, about=about) for about in ("process", "annotators"))
    assert people.high - people.low > 1.5 * (items.high - items.low)


def test_share_of_one_has_a_lower_limit_from_its_items() -> None:
    found = golden_accuracy(table(np.ones((30, 4), dtype=np.int64)))
    assert (found.value, found.high) == (1.0, 1.0)
    assert found.low == pytest.approx(0.025 ** (1 / 30), rel=1e-9)


@pytest.mark.parametrize("function", [golden_accuracy, trap_failure_rate])
def test_nothing_answered_is_undefined(function) -> None:
    found = function(table(np.zeros((0, 0), dtype=np.int64)))
    assert (found.status, isnan(found.value)) == ("undefined", True)


@pytest.mark.parametrize("items", [1, 2, 9])
def test_fewer_than_ten_items_are_insufficient(items: int) -> None:
    found = golden_accuracy(table(np.ones((items, 3), dtype=np.int64)))
    assert found.status == "insufficient"
    assert found.low < found.value


def test_traps_missed_and_noticed_add_up() -> None:
    answers = table(drawn(5))
    missed, noticed = trap_failure_rate(answers), golden_accuracy(answers)
    assert missed.value == pytest.approx(1 - noticed.value)
    assert missed.low == pytest.approx(1 - noticed.high)


def test_intervals_cover_what_they_say() -> None:
    """300 crews on items of unequal difficulty: 95 % limits cover in 93 % of crews or more."""
    inside = 0
    for seed in range(300):
        generator = np.random.default_rng(seed)
        ease = generator.beta(4, 1, (80, 1))
        found = golden_accuracy(table((generator.random((80, 4)) < ease).astype(np.int64)))
        inside += found.low <= 0.8 <= found.high
    assert inside >= 279


def test_difficulty_is_the_attribute_of_that_name() -> None:
    right = np.array([[1, 1]] * 15 + [[1, 0]] * 15)
    found = by_stratum(table(right, difficulty=["easy"] * 15 + ["hard"] * 15), "difficulty")
    assert [(one.name, one.crew.value) for one in found] == [("easy", 1.0), ("hard", 0.5)]


def test_difficulty_without_an_attribute_is_how_the_others_did() -> None:
    right = np.array([[1, 1, 1]] * 20 + [[1, 0, 0]] * 20)
    found = by_stratum(table(right), "difficulty", person="p0")
    assert [one.name for one in found] == [OTHERS[0], OTHERS[1], OTHERS[2]]
    # p0 is always right: on the second kind of item both others are wrong.
    assert [one.own.n if one.own else 0 for one in found] == [20, 0, 20]


@pytest.mark.parametrize(
    ("names", "order"),
    [
        (["10", "9", "2"], ["2", "9", "10"]),
        (["hard", "easy", "medium"], ["easy", "medium", "hard"]),
        (["b", "a", "easy"], ["easy", "a", "b"]),
    ],
)
def test_difficulties_stand_easy_first(names: list[str], order: list[str]) -> None:
    found = by_stratum(table(np.ones((3, 2), dtype=np.int64), difficulty=names), "difficulty")
    assert [one.name for one in found] == order


def test_weeks_stand_in_order_and_answers_without_a_time_are_left_out() -> None:
    weeks = ["2026-05-11"] * 12 + ["2026-05-04"] * 12 + [""] * 12
    found = by_stratum(table(drawn(4, items=36), week=weeks), "week")
    assert [one.name for one in found] == ["2026-05-04", "2026-05-11"]


def test_week_of_a_clustered_batch_has_the_design_effect_of_the_whole() -> None:
    right = np.repeat(np.array([[1]] * 40 + [[0]] * 10), 4, axis=1)
    (one,) = by_stratum(table(right, week=["2026-05-04"] * 50), "week")
    whole = golden_accuracy(table(right))
    assert one.crew.high - one.crew.low == pytest.approx(whole.high - whole.low, rel=0.1)


def test_nothing_answered_has_no_strata() -> None:
    assert by_stratum(table(np.zeros((0, 0), dtype=np.int64)), "week") == []


def test_own_accuracy_has_exact_limits() -> None:
    found = own_accuracy(table(np.array([[1, 0]] * 18 + [[0, 1]] * 2)), "p0")
    assert (found.low, found.high) == pytest.approx(clopper_pearson(18, 20), abs=1e-9)


def test_person_without_golden_items_has_no_accuracy() -> None:
    assert own_accuracy(table(np.array([[1, -1]] * 5)), "p1").status == "undefined"


def test_expected_is_what_the_others_reach_on_the_same_items() -> None:
    right = np.array([[0, 1, 1]] * 6 + [[1, -1, -1]] * 4 + [[-1, 0, 0]] * 10)
    assert expected_of(table(right), "p0") == 1.0


def test_expected_is_not_known_where_nobody_else_answered() -> None:
    assert isnan(expected_of(table(np.array([[1]] * 4)), "p0"))


def test_limits_never_promise_more_than_all_answers_alone() -> None:
    _, effective = exact_limits(0.5, 40, 1e-6, clusters=30, confidence=0.95)
    assert effective == 40
