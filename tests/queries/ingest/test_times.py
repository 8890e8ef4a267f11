"""Times are UTC without zone; what is no time becomes null and is counted."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import duckdb
import pytest

if TYPE_CHECKING:
    from tests.queries.ingest.conftest import Desk

HEAD = 'kind = "qa"\n[columns]\nitem_id = "item"\nannotator_id = "who"\n'
QUESTION = '[[question]]\nname = "label"\ncolumn = "label"\n'
AT = HEAD + 'annotated_at = "at"\n' + QUESTION


def table(*times: str) -> str:
    rows = "".join(f"{number},ann,a,{time}\n" for number, time in enumerate(times, 1))
    return "item,who,label,at\n" + rows


def times(desk: "Desk") -> list[str | None]:
    return [time for (_, time) in desk.answers("item_id", "cast(annotated_at as varchar)")]


@pytest.mark.parametrize(
    ("found", "utc"),
    [
        ("2026-07-01T10:00:00Z", "2026-07-01 10:00:00"),
        ("2026-07-01 10:00:00.123+02:00", "2026-07-01 08:00:00.123"),
        ("2026-07-01 10:00:00 +05:30", "2026-07-01 04:30:00"),
        ("2026-07-01T10:00:00-0800", "2026-07-01 18:00:00"),
        ("2026-07-01 10:00:00 UTC", "2026-07-01 10:00:00"),
        ("2026-07-01 10:00:00 PDT", "2026-07-01 17:00:00"),
        ("2026-07-01 10:00:00 PST", "2026-07-01 18:00:00"),
        ("2026-07-01 10:00:00 CEST", "2026-07-01 08:00:00"),
    ],
)
def test_a_time_with_a_zone_is_moved_to_utc(desk: "Desk", found: str, utc: str) -> None:
    report = desk.take(table(found), AT)
    assert times(desk) == [utc]
    assert report.coerced == ()


@pytest.mark.parametrize("found", ["2026-07-01T10:00:00", "2026-07-01 10:00", "2026-07-01"])
def test_a_time_without_a_zone_is_read_as_utc_and_counted(desk: "Desk", found: str) -> None:
    report = desk.take(table(found), AT)
    assert times(desk)[0].startswith("2026-07-01")
    assert [(loss.reason, loss.count) for loss in report.coerced] == [
        ("time without zone read as UTC", 1)
    ]


def test_a_time_that_is_left_out_is_not_said_to_be_read_in_a_zone(desk: "Desk") -> None:
    report = desk.take(table("27/03/2026 13:37"), AT)
    assert [(loss.reason, loss.count) for loss in report.coerced] == [
        ("time cannot be read or is impossible; it is left out", 1)
    ]


def test_naive_times_are_read_in_the_declared_zone(desk: "Desk") -> None:
    mapping = AT + '[time]\nzone = "Europe/Berlin"\n'
    desk.take(table("2026-07-01 10:00:00", "2026-01-01 10:00:00", "2026-01-01T10:00:00Z"), mapping)
    assert times(desk) == ["2026-07-01 08:00:00", "2026-01-01 09:00:00", "2026-01-01 10:00:00"]


def test_a_declared_zone_is_counted_and_no_fault(desk: "Desk") -> None:
    mapping = AT + '[time]\nzone = "UTC"\n'
    report = desk.take(table("2026-07-01 10:00:00"), mapping, strict=True)
    assert [loss.count for loss in report.coerced] == [1]


def test_a_format_is_followed(desk: "Desk") -> None:
    mapping = AT + '[time]\nformat = "%m/%d/%Y %H:%M:%S"\nzone = "America/New_York"\n'
    desk.take(table("7/1/2026 10:00:00", "12/31/2025 23:30:00"), mapping)
    assert times(desk) == ["2026-07-01 14:00:00", "2026-01-01 04:30:00"]


def test_a_format_with_a_zone_is_followed(desk: "Desk") -> None:
    mapping = AT + '[time]\nformat = "%d.%m.%Y %H:%M %z"\n'
    desk.take(table("01.07.2026 10:00 +0200"), mapping)
    assert times(desk) == ["2026-07-01 08:00:00"]


@pytest.mark.parametrize(
    ("zone", "utc"), [("PDT", "17:00:00"), ("PST", "18:00:00"), ("GMT", "10:00:00")]
)
def test_zone_names_of_exports_are_known(desk: "Desk", zone: str, utc: str) -> None:
    mapping = AT + '[time]\nformat = "%a %b %d %H:%M:%S %Z %Y"\n'
    desk.take(table(f"Wed Jul 01 10:00:00 {zone} 2026"), mapping)
    assert times(desk) == [f"2026-07-01 {utc}"]


@pytest.mark.parametrize(
    ("form", "found"), [("epoch", "1782900000.5"), ("epoch_ms", "1782900000500")]
)
def test_seconds_since_1970_are_a_format(desk: "Desk", form: str, found: str) -> None:
    desk.take(table(found), AT + f'[time]\nformat = "{form}"\n')
    assert times(desk) == ["2026-07-01 10:00:00.5"]


@pytest.mark.parametrize(
    "found",
    ["yesterday", "2026-02-30T00:00:00Z", "07/01/2026", "1970-01-01T00:00:00Z", "9999-01-01"],
)
def test_an_impossible_time_becomes_null_and_is_counted(desk: "Desk", found: str) -> None:
    report = desk.take(table("2026-01-01T00:00:00Z", found), AT)
    assert times(desk)[1] is None
    impossible = [loss for loss in report.coerced if "impossible" in loss.reason]
    assert [(loss.count, loss.examples[0].found) for loss in impossible] == [(1, found)]


def test_a_missing_time_is_no_fault(desk: "Desk") -> None:
    assert desk.take(table("", "2026-01-01T00:00:00Z"), AT).coerced == ()


def test_times_of_parquet_are_times_whatever_the_format(desk: "Desk") -> None:
    path = desk.folder / "a.parquet"
    query = "select 1 as item, 'ann' as who, 'x' as label, timestamp '2026-07-01 10:00:00' as at"
    with duckdb.connect() as connection:
        connection.sql(query).write_parquet(str(path))
    desk.take(path, AT + '[time]\nformat = "%d.%m.%Y"\nzone = "Europe/Berlin"\n')
    assert times(desk) == ["2026-07-01 08:00:00"]


def test_an_unknown_zone_is_told(refused: Callable[..., str]) -> None:
    message = refused(table("2026-01-01"), AT + '[time]\nzone = "Mars/Base"\n')
    assert "[time] zone: found 'Mars/Base'; allowed: a name such as UTC" in message


def test_an_unknown_format_is_told(refused: Callable[..., str]) -> None:
    message = refused(table("2026-01-01"), AT + '[time]\nformat = "%Q"\n')
    assert "[time] format: found '%Q'" in message


@pytest.mark.parametrize(
    ("unit", "found", "seconds"),
    [("ms", "1500", 1.5), ("s", "1.5", 1.5), ("min", "2", 120.0), ("h", "0.5", 1800.0)],
)
def test_a_duration_has_a_unit(desk: "Desk", unit: str, found: str, seconds: float) -> None:
    mapping = HEAD + QUESTION + f'[time]\nduration_seconds = {{ column = "at", unit = "{unit}" }}\n'
    desk.take(table(found), mapping)
    assert desk.answers("duration_seconds") == [(pytest.approx(seconds),)]


def test_a_duration_without_a_unit_is_in_seconds(desk: "Desk") -> None:
    desk.take(table("12.5"), HEAD + 'duration_seconds = "at"\n' + QUESTION)
    assert desk.answers("duration_seconds") == [(12.5,)]


@pytest.mark.parametrize("found", ["-1", "fast", "inf", "1e12"])
def test_an_impossible_duration_becomes_null_and_is_counted(desk: "Desk", found: str) -> None:
    report = desk.take(table("1", found), HEAD + 'duration_seconds = "at"\n' + QUESTION)
    assert desk.answers("item_id", "duration_seconds") == [("1", 1.0), ("2", None)]
    assert [(loss.reason, loss.count) for loss in report.coerced] == [
        ("duration cannot be read or is impossible", 1)
    ]


def test_a_duration_may_be_the_time_between_two_columns(desk: "Desk") -> None:
    mapping = HEAD + QUESTION + '[time]\nduration_seconds = { start = "from", end = "to" }\n'
    content = (
        "item,who,label,from,to\n"
        "1,ann,a,2026-01-01T10:00:00Z,2026-01-01T10:01:30.5Z\n"
        "2,ann,a,2026-01-01T10:00:00Z,2026-01-01T09:00:00Z\n"
    )
    report = desk.take(content, mapping)
    assert desk.answers("item_id", "duration_seconds") == [("1", 90.5), ("2", None)]
    assert [loss.count for loss in report.coerced] == [1]
