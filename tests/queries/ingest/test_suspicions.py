"""What looks right row by row and wrong as a whole is told in the notes, and nothing is dropped."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.queries.ingest.conftest import Desk

MAPPING = """
kind = "qa"
[columns]
item_id = "item"
annotator_id = "who"
group_id = "group"
annotated_at = "at"
[time]
duration_seconds = { column = "seconds" }
[[question]]
name = "label"
column = "label"
"""
HEADER = "item,who,group,at,seconds,label\n"


def notes(desk: "Desk", rows: list[str]) -> list[str]:
    report = desk.take(HEADER + "".join(rows), MAPPING)
    assert report.kept == len(rows)
    return [loss.code for loss in report.notes]


def row(item: int, who: str, at: str, seconds: float) -> str:
    return f"i{item},{who},g{item // 2},{at},{seconds},yes\n"


def at(number: int) -> str:
    return f"2026-05-01T10:{number:02d}:00Z"


def test_plain_data_raise_no_suspicion(desk: "Desk") -> None:
    assert notes(desk, [row(n, f"p{n % 3}", at(n), 3 + n) for n in range(40)]) == []


def test_one_time_for_everything_is_a_placeholder(desk: "Desk") -> None:
    rows = [row(n, "ana", at(0), 3 + n) for n in range(20)]
    assert notes(desk, rows) == ["placeholder_time"]


def test_one_time_for_a_few_answers_is_no_news(desk: "Desk") -> None:
    assert notes(desk, [row(n, "ana", at(0), 3 + n) for n in range(19)]) == []


def test_one_duration_for_everything_is_a_placeholder(desk: "Desk") -> None:
    rows = [row(4 * n, "ana", at(n), 30) for n in range(20)]
    assert notes(desk, rows) == ["placeholder_time"]


def test_a_duration_shared_by_the_items_of_a_group_is_told(desk: "Desk") -> None:
    rows = [row(n, "ana", at(n), 30 + n // 2) for n in range(40)]
    assert notes(desk, rows) == ["group_duration"]


@pytest.mark.parametrize("spelled", ["{}", "annotator_{}", "Rater {}"])
def test_annotators_who_are_places_in_a_list_are_told(desk: "Desk", spelled: str) -> None:
    rows = [
        row(3 * n, spelled.format(seat), at(n), 3 + 4 * n + seat)
        for n in range(20)
        for seat in (1, 2, 3)
    ]
    assert notes(desk, rows) == ["seats"]


def test_numbered_people_with_different_work_are_people(desk: "Desk") -> None:
    rows = [row(3 * n, f"annotator_{1 + n % 3}", at(n), 3 + n) for n in range(40)]
    assert notes(desk, rows) == []


def test_one_id_in_two_groups_is_told_with_a_code(desk: "Desk") -> None:
    rows = [f"1,p{n},g{n},{at(n)},{n},yes\n" for n in range(2)]
    report = desk.take(HEADER + "".join(rows), MAPPING)
    assert [loss.code for loss in report.coerced] == ["id_in_group"]
