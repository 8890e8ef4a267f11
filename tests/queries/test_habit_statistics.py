"""Statistics about habits of people: against their definition, and on small batches by hand."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import groupby
from math import floor, log
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from queries.materialise import ON_DEMAND, kept
from queries.store import Store
from tests.queries.conftest import add_part, answer, at, rows, whole
from tests.queries.test_statistics import (
    POPULATIONS,
    Workbench,
    batches,
    counted,
    drawn,
    of,
    populations,
)

Row = Mapping[str, Any]


@pytest.fixture
def workbench(tmp_path: Path) -> Iterator[Workbench]:
    found = Workbench(tmp_path)
    yield found
    found.close()


def in_order(found: Sequence[Row]) -> Iterator[tuple[tuple[str, str], list[Row]]]:
    """Yield question and person with the answers whose time no other answer of theirs has."""
    people: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in found:
        if row["annotated_at"] is not None:
            people[row["question"], row["person_key"]].append(row)
    for key, given_ in people.items():
        times = Counter(row["annotated_at"] for row in given_)
        alone = [row for row in given_ if times[row["annotated_at"]] == 1]
        yield key, sorted(alone, key=lambda row: row["annotated_at"])


@given(parts=batches(), population=populations)
@drawn
def test_answer_runs_equal_their_definition(
    workbench: Workbench, parts: list[dict[str, Any]], population: str
) -> None:
    found = counted(
        workbench.rows("answer_runs", parts, population),
        *("question", "person_key", "label", "run_length"),
    )
    wanted: Counter[tuple[Any, ...]] = Counter()
    for key, given_ in in_order(of(parts).answers(POPULATIONS[population])):
        for label, run in groupby(given_, key=lambda row: row["value"]):
            wanted[*key, label, len(list(run))] += 1
    assert found == wanted


@given(parts=batches(), population=populations)
@drawn
def test_agreement_course_equals_its_definition(
    workbench: Workbench, parts: list[dict[str, Any]], population: str
) -> None:
    answers = of(parts).answers(POPULATIONS[population])
    votes = Counter((row["question"], row["item_id"]) for row in answers)
    same = Counter((row["question"], row["item_id"], row["value"]) for row in answers)
    wanted: Counter[tuple[Any, ...]] = Counter()
    for key, given_ in in_order(answers):
        for place, row in enumerate(given_):
            item = (row["question"], row["item_id"])
            if votes[item] >= 2:
                tenth = place * 10 // len(given_)
                wanted[*key, "batch", tenth, votes[item], same[*item, row["value"]]] += 1
    found = counted(
        workbench.rows("agreement_course", parts, population),
        *("question", "person_key", "course", "tenth", "votes", "same"),
    )
    assert {key: count for key, count in found.items() if key[2] == "batch"} == wanted


@given(parts=batches(), population=populations)
@drawn
def test_paces_equal_their_definition(
    workbench: Workbench, parts: list[dict[str, Any]], population: str
) -> None:
    batch = of(parts)
    wanted = Counter(
        (
            row["question"],
            row["person_key"],
            dict(batch.attributes(row["item_id"])).get("task", ""),
            0,
            floor(log(row["duration_seconds"] * 1000 + 1) / log(1.02)),
        )
        for row in batch.answers(POPULATIONS[population])
        if row.get("duration_seconds") is not None
    )
    found = workbench.rows("paces", parts, population)
    columns = ("question", "person_key", "task", "length_bin", "log_bin")
    assert counted(found, *columns) == wanted


@given(parts=batches(), population=populations)
@drawn
def test_time_checks_count_times(
    workbench: Workbench, parts: list[dict[str, Any]], population: str
) -> None:
    timed: dict[tuple[str, str], list[float]] = defaultdict(list)
    for row in of(parts).answers(POPULATIONS[population]):
        if row.get("duration_seconds") is not None:
            timed[row["question"], row["person_key"]].append(row["duration_seconds"])
    wanted = {}
    for key, seconds in timed.items():
        times = Counter(each for each in seconds if each > 0)
        alike = sum(count * (count - 1) // 2 for count in times.values())
        common = max(times.values(), default=0)
        followed = max(times.total() - 1, 0)
        wanted[key] = (len(seconds), seconds.count(0.0), common, followed, alike)
    found = {
        (row["question"], row["person_key"]): tuple(
            row[name] for name in ("timed", "zero", "commonest", "followed", "alike")
        )
        for row in workbench.rows("time_checks", parts, population)
    }
    assert found == wanted


def timed(seconds: Sequence[float]) -> list[dict[str, Any]]:
    return [
        answer(f"i{n}", "p1", "a", duration_seconds=each, annotated_at=at(2) + timedelta(minutes=n))
        for n, each in enumerate(seconds)
    ]


def test_time_checks_count_times_like_the_one_before(store: Store) -> None:
    add_part(store, "b", timed([3.5, 3.5, 3.5, 8.25, 8.25, 3.5, -1.0]))
    (row,) = rows(store, "time_checks", whole())
    assert (row["followed"], row["same"], row["commonest"], row["negative"]) == (5, 3, 4, 1)


def test_day_has_tenths_from_ten_answers_on(store: Store) -> None:
    first = [
        answer(f"i{n}", "p1", "a", annotated_at=at(2) + timedelta(minutes=n)) for n in range(20)
    ]
    late = [answer(f"j{n}", "p1", "a", annotated_at=at(3) + timedelta(minutes=n)) for n in range(9)]
    others = [answer(row["item_id"], "p2", "b") for row in (*first, *late)]
    add_part(store, "b", [*first, *late, *others])
    found = rows(store, "agreement_course", whole(), course="day")
    assert counted(found, "person_key", "tenth", "votes", "same") == {
        ("p1", tenth, 2, 1): 2 for tenth in range(10)
    }


def test_shown_choices_count_labels_by_the_order_shown(store: Store) -> None:
    add_part(
        store,
        "b",
        [
            answer("i1", "p1", "a", shown_order="b|a"),
            answer("i2", "p1", "a", shown_order="b|a"),
            answer("i3", "p1", "a"),
        ],
    )
    found = rows(store, "shown_choices", whole())
    assert counted(found, "person_key", "shown_order", "label") == {("p1", "b|a", "a"): 2}


def test_answer_repeats_compare_rounds(store: Store) -> None:
    add_part(
        store,
        "b",
        [answer("i1", "p1", "a", round=1), answer("i1", "p1", "b", round=2)],
    )
    found = rows(store, "answer_repeats", whole())
    assert counted(found, "source", "first_label", "later_label") == {("again", "a", "b"): 1}


def test_answer_repeats_compare_copies_of_an_item(store: Store) -> None:
    add_part(
        store,
        "b",
        [answer("i1", "p1", "a"), answer("i2", "p1", "a"), answer("i2", "p2", "b")],
        item=[{"item_id": item, "content_hash": "same"} for item in ("i1", "i2")],
    )
    found = rows(store, "answer_repeats", whole())
    assert counted(found, "person_key", "source", "first_label", "later_label") == {
        ("p1", "copy", "a", "a"): 1
    }


def test_answer_changed_after_a_review_is_no_repeat(store: Store) -> None:
    review = {
        "item_id": "i1",
        "question": "label",
        "person_key": "p1",
        "stage": "spot_check",
        "reviewer_key": "r1",
        "decision": "rejected",
    }
    add_part(
        store,
        "b",
        [answer("i1", "p1", "a", round=1), answer("i1", "p1", "b", round=2)],
        review=[review],
    )
    assert rows(store, "answer_repeats", whole()) == []


def test_golden_items_are_old_from_the_day_after(store: Store) -> None:
    add_part(
        store,
        "b",
        [
            answer("g", "p1", "a", annotated_at=at(2, 8)),
            answer("g", "p2", "b", annotated_at=at(2, 20)),
            answer("g", "p3", "a", annotated_at=at(3, 1)),
            answer("i", "p3", "a", annotated_at=at(3, 2)),
        ],
        probe=[{"item_id": "g", "question": "label", "type": "golden", "expected": "a"}],
    )
    found = rows(store, "golden_course", whole())
    assert counted(found, "person_key", "is_old", "is_right", "answers", "right_answers") == {
        ("p1", 0, 1, 3, 2): 1,
        ("p2", 0, 0, 3, 2): 1,
        ("p3", 1, 1, 3, 2): 1,
    }


NOTE = "The second answer names no source."


def test_shared_notes_count_equal_texts_of_a_pair(store: Store) -> None:
    add_part(
        store,
        "b",
        [
            answer("i1", "p1", "a", note=NOTE),
            answer("i1", "p2", "b", note=f"  {NOTE.upper()} "),
            answer("i2", "p1", "a", note=NOTE),
            answer("i2", "p2", "a", note="Both are fine to me, but one is short."),
            answer("i3", "p1", "a", note="ok"),
            answer("i3", "p2", "a", note="ok"),
        ],
    )
    (row,) = rows(store, "shared_notes", whole())
    assert (row["shared"], row["identical"]) == (2, 1)


def test_paces_know_the_length_of_what_was_read(store: Store) -> None:
    add_part(
        store,
        "b",
        [answer("i1", "p1", "a", duration_seconds=5.0)],
        item=[{"item_id": "i1", "prompt": "x" * 60, "context": "y" * 40}],
        response=[
            {"item_id": "i1", "response_id": "r1", "length": 100},
            {"item_id": "i1", "response_id": "r2", "text": "z" * 60},
        ],
    )
    (row,) = rows(store, "paces", whole())
    assert row["length_bin"] == 8  # 260 characters lie between 2⁸ and 2⁹


def test_no_statistic_about_habits_is_kept() -> None:
    assert not set(ON_DEMAND) & set(kept())


def test_vendor_sees_the_habits_of_its_own_people(store: Store) -> None:
    people = [{"person_key": "p1", "vendor": "acme"}, {"person_key": "p2", "vendor": "other"}]
    given_ = [
        answer("i1", person, "a", annotated_at=at(2), duration_seconds=3.0)
        for person in ("p1", "p2")
    ]
    add_part(store, "b", given_, person=people)
    scope = whole(where=(("vendor", "acme"),))
    found = [row for name in ("answer_runs", "time_checks") for row in rows(store, name, scope)]
    assert {row["person_key"] for row in found} == {"p1"}


def test_probe_answers_say_how_hard_an_item_was(store: Store) -> None:
    add_part(
        store,
        "b",
        [
            answer("g1", "p1", "a", annotated_at=at(2)),
            answer("g1", "p2", "b", annotated_at=at(9)),
            answer("g2", "p1", "b"),
            answer("t", "p1", "c"),
            answer("i", "p1", "a"),
        ],
        item_attribute=[{"item_id": "g1", "name": "difficulty", "value": "hard"}],
        probe=[
            {"item_id": item, "question": "label", "type": kind, "expected": "a"}
            for item, kind in (("g1", "golden"), ("g2", "golden"), ("t", "trap"), ("r", "audit"))
        ],
    )
    found = rows(store, "probe_answers", whole())
    columns = ("person_key", "type", "difficulty", "week", "is_right", "answers", "right_answers")
    assert counted(found, *columns) == {
        ("p1", "golden", "hard", "2026-03-02", 1, 2, 1): 1,
        ("p2", "golden", "hard", "2026-03-09", 0, 2, 1): 1,
        ("p1", "golden", "", "", 0, 1, 0): 1,
        ("p1", "trap", "", "", 0, 1, 0): 1,
    }


def test_training_courses_part_answers_at_the_last_session(store: Store) -> None:
    add_part(
        store,
        "b",
        [
            answer("g", "p1", "a", annotated_at=at(2)),
            answer("h", "p1", "b", annotated_at=at(6)),
            answer("i", "p1", "a", annotated_at=at(6)),
            answer("i", "p2", "a", annotated_at=at(6)),
            answer("j", "p1", "a"),
        ],
        probe=[
            {"item_id": item, "question": "label", "type": "golden", "expected": "a"}
            for item in ("g", "h")
        ],
        event=[
            {"actor_key": "p1", "at": at(day), "activity": activity}
            for day, activity in ((1, "training"), (4, "Calibration"), (7, "writing"))
        ],
    )
    found = rows(store, "training_courses", whole())
    assert counted(found, "person_key", "reference", "is_after", "votes", "same") == {
        ("p1", "golden", 0, 2, 2): 1,
        ("p1", "golden", 1, 2, 1): 1,
        ("p1", "others", 1, 2, 2): 1,
    }
    (first, second) = rows(store, "calibrations", whole())
    assert (first["sessions"], first["activity"], first["answers"]) == (2, "calibration", 3)
    assert first["answers_since"] == 2
    assert (second["sessions"], second["last_session_at"], second["answers_since"]) == (0, "", 0)
