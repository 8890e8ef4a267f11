"""One item's life in order: answers, reviews and changes of state as one list."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa

from app.text import counted


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened to an item; `at` is empty where no time was recorded."""

    at: str
    who: str
    what: str
    detail: str


def timeline(
    annotations: pa.Table, reviews: pa.Table, events: pa.Table, names: Mapping[str, str]
) -> list[Moment]:
    """Return what happened in the order it happened; what has no time comes last."""
    moments = [*_answers(annotations, names), *_reviews(reviews, names), *_events(events, names)]
    return sorted(moments, key=lambda moment: (not moment.at, moment.at))


def _answers(rows: pa.Table, names: Mapping[str, str]) -> Iterator[Moment]:
    for row in rows.to_pylist():
        status = row["status"] or "submitted"
        number = f"round {row['round']}" if row["round"] is not None else ""
        yield Moment(
            at=row["annotated_at"] or "",
            who=names.get(row["person_key"], ""),
            what=f"{status} “{row['value']}” on {row['question']}",
            detail=" · ".join(filter(None, (row["role"], number, row["note"]))),
        )


def _reviews(rows: pa.Table, names: Mapping[str, str]) -> Iterator[Moment]:
    for row in rows.to_pylist():
        change = f"{row['value_before']} → {row['value_after']}" if row["value_after"] else ""
        parts = (change, row["severity"], row["error_tags"], row["guidance"], row["note"])
        yield Moment(
            at=row["decided_at"] or row["started_at"] or "",
            who=names.get(row["reviewer_key"], ""),
            what=f"{row['decision'] or 'looked at it'} in {row['stage'] or 'review'}",
            detail=" · ".join(filter(None, parts)),
        )


def _events(rows: pa.Table, names: Mapping[str, str]) -> Iterator[Moment]:
    for row in rows.to_pylist():
        hours = counted(row["hours"], "hours") if row["hours"] else ""
        yield Moment(
            at=row["at"] or "",
            who=names.get(row["actor_key"], ""),
            what=f"{row['from_state'] or 'begin'} → {row['to_state']}",
            detail=" · ".join(filter(None, (row["activity"], row["role"], hours))),
        )
