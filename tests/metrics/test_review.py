from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.review import (
    directions,
    overturn_rate,
    overturn_rates,
    self_reviews,
    silent_edits,
    without_own,
)
from metrics.review_tables import Reviews


def review(outcome: str = "accepted", count: int = 1, **more: str) -> tuple[Any, ...]:
    row = {
        "question": "q",
        "stage": "spot_check",
        "selection": "random",
        "blind": "",
        "reviewer": "r",
        "annotator": "a",
        "before": "x",
        "after": "x" if outcome == "accepted" else "y",
        "decision": "approve" if outcome == "accepted" else "revise",
        **more,
    }
    return (*row.values(), outcome, count)


def test_eighteen_of_240_overturned_have_the_published_wilson_interval() -> None:
    found = overturn_rate(Reviews.of([review("overturned", 18), review(count=222)]))
    assert (found.low, found.high) == pytest.approx((0.0479648, 0.1154261), abs=1e-7)


def test_selections_are_never_added_up() -> None:
    rows = [review("overturned", 9, selection="flagged"), review("accepted", 90)]
    found = {rate.selection: rate.estimate.value for rate in overturn_rates(Reviews.of(rows))}
    assert found == {"random": 0.0, "flagged": 1.0}


def test_rate_of_flagged_answers_is_not_representative() -> None:
    rows = Reviews.of([review(selection="flagged")])
    assert not overturn_rate(rows).representative


def test_rate_over_several_selections_is_not_representative() -> None:
    rows = Reviews.of([review(), review(selection="flagged")])
    assert not overturn_rate(rows).representative


def test_rates_can_be_split_by_annotator() -> None:
    rows = [review("overturned", 3, annotator="b"), review(count=5)]
    found = {
        rate.group: rate.estimate.value for rate in overturn_rates(Reviews.of(rows), "annotator")
    }
    assert found == {"a": 0.0, "b": 1.0}


def test_escalations_decide_nothing() -> None:
    found = overturn_rate(Reviews.of([review("escalated", 5), review(count=4)]))
    assert (found.value, found.n) == (0.0, 4)


@pytest.mark.parametrize("rows", [[], [review("escalated", 3)]])
def test_no_decided_review_has_no_rate(rows: list[tuple[Any, ...]]) -> None:
    assert overturn_rate(Reviews.of(rows)).status == "undefined"


def test_nothing_reviewed_has_no_rates() -> None:
    assert overturn_rates(Reviews.of([])) == []


def test_everything_accepted_is_a_rate_of_nought_with_an_upper_limit() -> None:
    found = overturn_rate(Reviews.of([review(count=30)]))
    assert (found.value, found.low) == (0.0, 0.0)
    assert found.high > 0.1


def test_directions_stand_most_frequent_first() -> None:
    rows = [review("overturned", 2, after="z"), review("overturned", 7), review(count=50)]
    assert [(one.before, one.after, one.count) for one in directions(Reviews.of(rows))] == [
        ("x", "y", 7),
        ("x", "z", 2),
    ]


def test_refused_answer_turns_into_nothing() -> None:
    (one,) = directions(Reviews.of([review("overturned", after="")]))
    assert one.after == ""


def test_accepted_and_changed_is_a_silent_edit() -> None:
    rows = [review("overturned", 4, decision="approve"), review("overturned", 9), review(count=7)]
    (one,) = silent_edits(Reviews.of(rows))
    assert (one.reviewer, one.count, one.n) == ("r", 4, 20)


def test_review_of_own_work_is_found() -> None:
    rows = [review(count=3, reviewer="a"), review(count=7)]
    (one,) = self_reviews(Reviews.of(rows))
    assert (one.reviewer, one.count, one.n) == ("a", 3, 3)


def test_review_by_nobody_of_nobodys_answer_is_no_self_review() -> None:
    assert self_reviews(Reviews.of([review(reviewer="", annotator="")])) == []


def test_own_answers_can_be_left_out() -> None:
    rows = Reviews.of([review(count=3, reviewer="a"), review(count=7)])
    assert int(without_own(rows).count.sum()) == 7


@given(st.integers(0, 500), st.integers(0, 500))
def test_splitting_a_count_over_rows_changes_nothing(overturned: int, accepted: int) -> None:
    whole = Reviews.of([review("overturned", overturned), review(count=accepted)])
    split = Reviews.of(
        [
            *(review("overturned", n) for n in (overturned // 3, overturned - overturned // 3)),
            *(review(count=n, annotator="b") for n in (accepted // 2, accepted - accepted // 2)),
        ]
    )
    one, other = overturn_rate(whole), overturn_rate(split)
    assert (one.n, one.low) == pytest.approx((other.n, other.low), nan_ok=True)
    assert np.isnan(one.value) == (overturned + accepted == 0)
