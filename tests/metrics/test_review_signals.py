"""Signs and flags about reviewers, on crews whose defects are known."""

from dataclasses import replace
from math import isfinite, isnan, nan
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.against_others import against_others
from metrics.joining import judged
from metrics.known_answers import caught
from metrics.review_drift import trends
from metrics.review_flags import review_flags, standing_out
from metrics.review_pace import BASE, paces
from metrics.review_scores import reviewer_scores
from metrics.review_signals import leniency, missed_defects, overruled, review_signals, unlike_peers
from metrics.review_tables import KnownReviews, ReviewMix, ReviewPairs, Reviews, ReviewTimes
from metrics.shrunken_shares import not_told_apart, shrunken_shares
from metrics.signals import Signal
from tests.metrics.test_review_pairs import BLIND, four

ACCEPTED, OVERTURNED = "accepted", "overturned"
Row = tuple[Any, ...]


def worked(name: str, overturned: int, accepted: int, annotator: str = "a") -> list[Row]:
    place = ("q", "pre_review", "all", "", name, annotator, "x", "", "")
    return [(*place, OVERTURNED, overturned), (*place, ACCEPTED, accepted)]


def timed(name: str, seconds: float, count: int = 60) -> list[Row]:
    bins = [int(np.log(seconds * 1000 * (1 + step / 10) + 1) / BASE) for step in range(6)]
    return [("q", "pre_review", name, ACCEPTED, one, count // 6) for one in bins]


def known(name: str, truth: str, hits: int, misses: int, kind: str = "golden") -> list[Row]:
    right, wrong = (ACCEPTED, OVERTURNED) if truth == "right" else (OVERTURNED, ACCEPTED)
    place = ("q", kind, "pre_review", name, truth)
    return [(*place, right, hits), (*place, wrong, misses)]


def sign(person: str = "r", kind: str = "severity", side: str = "low", **more: Any) -> Signal:
    found = Signal(
        person=person,
        kind=kind,  # type: ignore[arg-type]
        question="",
        side=side,  # type: ignore[arg-type]
        value=0.0,
        expected=0.2,
        n=100,
        n_unit="reviews",
        p_value=1e-6,
        notable=True,
        detectable=True,
        note="",
    )
    return replace(found, **more)


CREW = ["r1", "r2", "r3", "r4", "r5"]
SOUND = [row for name in CREW for row in worked(name, 20, 80)]


def test_who_overturns_nothing_is_mild() -> None:
    reviews = Reviews.of([*SOUND, *worked("stamp", 0, 100)])
    found = {one.person: one for one in leniency(reviews, ReviewMix.of([]))}
    assert (found["stamp"].side, found["stamp"].notable) == ("low", True)
    assert found["stamp"].p_value < 0.001
    assert all(found[name].p_value > 0.05 for name in CREW)


def test_mix_of_work_explains_a_difference() -> None:
    """Whoever reviews the careless annotator overturns more, and is not severe for it."""
    rows = [
        row
        for name in [*CREW, "r6"]
        for row in (
            worked(name, 10, 90) + worked(name, 60, 40, "careless")
            if name != "r6"
            else worked(name, 60, 40, "careless")
        )
    ]
    found = {one.person: one for one in leniency(Reviews.of(rows), ReviewMix.of([]))}
    assert not found["r6"].notable


def test_attribute_of_the_items_explains_a_difference() -> None:
    rows = [row for name in CREW for row in worked(name, 30, 70)] + worked("r6", 50, 50)

    def mixed(name: str, difficulty: str, overturned: int, accepted: int) -> list[Row]:
        place = ("q", "pre_review", "all", name, "difficulty", difficulty)
        return [(*place, OVERTURNED, overturned), (*place, ACCEPTED, accepted)]

    mix = [row for name in CREW for row in mixed(name, "easy", 5, 45) + mixed(name, "hard", 25, 25)]
    found = leniency(Reviews.of(rows), ReviewMix.of([*mix, *mixed("r6", "hard", 50, 50)]))
    assert not next(one for one in found if one.person == "r6").notable


@pytest.mark.parametrize("crew", [[], ["r1"], ["r1", "r2"]])
def test_fewer_than_three_reviewers_are_not_compared(crew: list[str]) -> None:
    rows = [row for place, name in enumerate(crew) for row in worked(name, 40 * place, 100)]
    assert all(isnan(one.p_value) for one in leniency(Reviews.of(rows), ReviewMix.of([])))


def test_everything_accepted_shows_nothing() -> None:
    rows = [row for name in CREW for row in worked(name, 0, 100)]
    found = leniency(Reviews.of(rows), ReviewMix.of([]))
    assert not any(one.notable for one in found)


def test_few_reviews_are_not_tested() -> None:
    found = leniency(Reviews.of([*SOUND, *worked("new", 0, 10)]), ReviewMix.of([]))
    one = next(one for one in found if one.person == "new")
    assert isnan(one.p_value)
    assert "fewer than 20 cases" in one.note


def test_escalated_defect_counts_as_caught() -> None:
    rows = [*known("r", "wrong", 3, 1), ("q", "golden", "pre_review", "r", "wrong", "escalated", 4)]
    everybody, one = caught(KnownReviews.of(rows))
    assert (one.sensitivity.value, one.sensitivity.n) == (7 / 8, 8)
    assert everybody.sensitivity.value == one.sensitivity.value
    assert one.specificity.status == "undefined"


def test_kinds_of_known_answers_are_never_added_up() -> None:
    rows = [*known("r", "wrong", 9, 1), *known("r", "wrong", 1, 9, "trap")]
    found = {
        one.type: one.sensitivity.value for one in caught(KnownReviews.of(rows)) if one.reviewer
    }
    assert found == {"golden": 0.9, "trap": 0.1}


def test_who_misses_defects_stands_out() -> None:
    rows = [row for name in CREW for row in known(name, "wrong", 36, 4)]
    found = missed_defects(KnownReviews.of([*rows, *known("blind", "wrong", 4, 36)]))
    one = next(one for one in found if one.person == "blind")
    assert (one.kind, one.side, one.notable) == ("probes", "low", True)
    assert one.p_value < 1e-6


def test_who_is_reversed_more_often_stands_out() -> None:
    rows = [row for name in CREW for row in four(45, 5, 0, 0, reviewer=name)]
    found = overruled(ReviewPairs.of([*rows, *four(20, 30, 0, 0, reviewer="lost")]))
    one = next(one for one in found if one.person == "lost")
    assert (one.side, one.notable) == ("high", True)
    assert one.p_value < 1e-6


def test_who_differs_from_every_second_reviewer_stands_out() -> None:
    names = [*CREW, "odd"]
    rows = [
        row
        for at, one in enumerate(names)
        for other in names[at + 1 :]
        for row in four(
            *((8, 12, 0, 0) if other == "odd" else (18, 1, 1, 0)),
            **{**BLIND, "reviewer": one, "reviewer_later": other},
        )
    ]
    found = {one.person: one for one in unlike_peers(ReviewPairs.of(rows))}
    assert found["odd"].p_value < 1e-4
    assert all(found[name].p_value > 0.05 for name in CREW)


def test_three_times_as_fast_is_notable() -> None:
    rows = [row for place, name in enumerate(CREW) for row in timed(name, 40 + place)]
    found = {one.reviewer: one for one in paces(ReviewTimes.of([*rows, *timed("fast", 5)]))}
    assert found["fast"].ratio < 1 / 5
    assert found["fast"].p_value < 1e-4
    assert found["fast"].fast_accepts == 1.0
    assert all(found[name].p_value > 0.5 for name in CREW)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([("q", "pre_review", "odd", ACCEPTED, 0, 60)], "same moment"),
        ([("q", "pre_review", "odd", ACCEPTED, 400, 60)], "placeholders"),
        ([("q", "pre_review", "odd", ACCEPTED, 400, 3)], "fewer than 20"),
    ],
)
def test_times_that_mean_nothing_are_named(rows: list[Row], said: str) -> None:
    others = [row for name in CREW for row in timed(name, 40)]
    one = next(p for p in paces(ReviewTimes.of([*others, *rows])) if p.reviewer == "odd")
    assert isnan(one.p_value)
    assert said in one.reason


def weekly(name: str, rates: list[float], n: int = 40) -> list[Row]:
    rows = []
    for week, rate in enumerate(rates):
        place = ("q", "pre_review", "all", name, "week", f"2026-0{week + 1}-01")
        rows += [(*place, OVERTURNED, round(n * rate)), (*place, ACCEPTED, n - round(n * rate))]
    return rows


def test_change_against_the_others_is_found() -> None:
    rows = [row for name in CREW for row in weekly(name, [0.2] * 6)]
    found = trends(ReviewMix.of([*rows, *weekly("drift", [0.1, 0.2, 0.3, 0.4, 0.5, 0.6])]))
    one = next(one for one in found if one.reviewer == "drift")
    assert one.change == pytest.approx(0.5, abs=0.03)
    assert one.p_value < 1e-6


def test_change_of_everybody_is_no_drift_of_one() -> None:
    rates = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
    found = trends(ReviewMix.of([row for name in CREW for row in weekly(name, rates)]))
    assert all(one.p_value > 0.5 for one in found)


def test_three_weeks_are_too_few_for_a_change() -> None:
    rows = [row for name in CREW for row in weekly(name, [0.1, 0.3, 0.6])]
    assert all(isnan(one.p_value) for one in trends(ReviewMix.of(rows)))


def test_score_of_who_accepts_everything_is_near_one_half() -> None:
    rows = [
        row for name in CREW for row in known(name, "wrong", 36, 4) + known(name, "right", 150, 10)
    ]
    rows += known("stamp", "wrong", 0, 40) + known("stamp", "right", 160, 0)
    scores, groups = reviewer_scores(KnownReviews.of(rows), ReviewPairs.of([]), [*CREW, "stamp"])
    assert scores[-1].value == pytest.approx(0.5, abs=0.08)
    assert scores[0].value > 0.85
    assert groups[-1] == []
    assert groups[0] == [1, 2, 3, 4]


def test_reviewers_nothing_is_known_of_have_no_score() -> None:
    (one,), groups = reviewer_scores(KnownReviews.of([]), ReviewPairs.of([]), ["r"])
    assert (one.status, groups) == ("missing_input", [[]])


def test_flag_needs_two_kinds_of_signs() -> None:
    assert review_flags([sign()]) == []
    assert review_flags([sign(), sign(side="low", p_value=1e-5)]) == []
    (one,) = review_flags([sign(), sign(kind="speed")])
    assert (one.person, one.flag) == ("r", "rubber_stamp")
    assert {signal.kind for signal in one.signals} == {"severity", "speed"}


@pytest.mark.parametrize("change", [{"notable": False}, {"p_value": 0.2}, {"p_value": nan}])
def test_sign_that_is_small_or_unsure_flags_nobody(change: dict[str, Any]) -> None:
    assert review_flags([sign(**change), sign(kind="speed")]) == []


def test_signs_of_two_people_flag_neither() -> None:
    assert review_flags([sign("r"), sign("s", kind="speed")]) == []


def test_review_of_own_work_is_enough_alone() -> None:
    assert [(one.person, one.flag) for one in review_flags([], ["r", "r"])] == [
        ("r", "self_review")
    ]


@pytest.mark.parametrize(
    ("signs", "flag"),
    [
        ((("severity", "high"), ("probes", "high")), "severe"),
        ((("severity", "low"), ("overruled", "high")), "lenient"),
        ((("overruled", "high"), ("agreement", "high")), "often_overruled"),
        ((("time_course", "high"), ("agreement", "high")), "drifting"),
        ((("speed", "low"), ("trap", "low")), "rubber_stamp"),
    ],
)
def test_every_flag_can_be_raised(signs: tuple[tuple[str, str], ...], flag: str) -> None:
    found = review_flags([sign(kind=kind, side=side) for kind, side in signs])
    assert flag in {one.flag for one in found}


def test_being_slow_flags_nobody() -> None:
    assert review_flags([sign(), sign(kind="speed", side="high")]) == []


def test_q_values_are_taken_within_a_kind() -> None:
    signs = [sign(p_value=0.04), *(sign(str(n), kind="speed", p_value=0.9) for n in range(20))]
    assert judged(signs)[0].q_value == 0.04


def test_nothing_to_test_stands_out_nowhere() -> None:
    assert standing_out([]) == []
    empty = [kind.of([]) for kind in (Reviews, ReviewPairs, ReviewMix, ReviewTimes, KnownReviews)]
    assert review_signals(*empty) == []  # type: ignore[arg-type]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=1, max_size=8),
    st.integers(1, 3),
)
def test_comparisons_stay_in_their_range(work: list[tuple[int, int]], strata: int) -> None:
    hits = np.array([[one] * strata for one, _ in work], dtype=float)
    cases = hits + np.array([[other] * strata for _, other in work], dtype=float)
    for one in against_others(hits, cases, natural_spread=0.04):
        assert isnan(one.p_value) or 0 < one.p_value <= 1
        if one.n:
            assert 0 <= one.low <= one.rate <= one.high <= 1
        if isfinite(one.expected):
            assert 0 <= one.expected <= 1


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=10))
def test_shrunken_shares_lie_within_their_limits(work: list[tuple[int, int]]) -> None:
    hits = np.array([one for one, _ in work])
    found = shrunken_shares(hits, hits + np.array([other for _, other in work]))
    assert (found.low <= found.mean + 1e-6).all()
    assert (found.mean <= found.high + 1e-6).all()
    groups = not_told_apart(found.mean, found.deviation)
    assert all(at in groups[other] for at, group in enumerate(groups) for other in group)
