"""Golden items and traps against the crew's own rate, and groups of people."""

import numpy as np

from metrics.annotators import reference_signals
from metrics.flags import flags
from metrics.standing_groups import groups
from metrics.tables import ReferenceAnswers


def answers(rows: dict[str, tuple[int, int]]) -> ReferenceAnswers:
    """Person -> (right, wrong) on items that expect the first label."""
    people = tuple(rows)
    entries = [
        (place, 0, label, count)
        for place, person in enumerate(people)
        for label, count in enumerate(rows[person])
        if count
    ]
    columns = np.array(entries, dtype=np.int64).T
    return ReferenceAnswers(("found", "missed"), people, *columns)


# The attention checks of the WMT 2023 side-by-side ratings.
CHECKS = {
    "rater1": (19, 1), "rater2": (29, 0), "rater3": (30, 1), "rater4": (22, 10),
    "rater5": (17, 1), "rater6": (27, 0), "rater7": (15, 1), "rater8": (26, 2),
    "rater9": (12, 7), "rater10": (23, 2),
}  # fmt: skip


def test_those_who_miss_a_third_fail_and_those_who_miss_one_in_twelve_do_not() -> None:
    found = flags(reference_signals(answers(CHECKS), "trap", "q"))
    assert [one.person for one in found] == ["rater4", "rater9"]


def test_gold_that_everybody_contradicts_accuses_nobody() -> None:
    rows = {f"p{n}": (1, 19) for n in range(8)}
    signals = reference_signals(answers(rows), "golden", "q")
    assert not any(one.notable for one in signals)


def test_one_missed_trap_is_a_slip() -> None:
    rows = {**{f"p{n}": (30, 0) for n in range(10)}, "slip": (0, 1)}
    assert flags(reference_signals(answers(rows), "trap", "q")) == []


def test_traps_of_one_person_alone_prove_nothing() -> None:
    (found,) = reference_signals(answers({"p": (5, 5)}), "trap", "q")
    assert np.isnan(found.p_value)
    assert "nobody else" in found.note


def test_people_who_cannot_be_told_apart_are_one_group() -> None:
    value = np.array([0.9, 0.89, 0.6, 0.95])
    found = groups(["a", "b", "c", "d"], value, np.full(4, 0.001), np.array([100, 60, 200, 49]))
    assert found == {"a": 1, "b": 1, "c": 2}
