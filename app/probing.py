"""Answers to golden items and traps as metrics and pages read them, of one batch or of several."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from app import assemble
from app.sources import Row, Slice
from metrics.estimates import Estimate
from metrics.probes import ProbeAnswers
from queries.batches import BatchInfo
from queries.errors import InputError
from queries.scope import Scope, Viewer
from queries.store import Store

if TYPE_CHECKING:
    import pyarrow as pa

    from app.measure import Request

STATISTIC: Final = "probe_answers"
PLANTED: Final = {"golden_accuracy": "golden", "trap_failure_rate": "trap"}
SPLITS: Final = ("difficulty", "week")


def estimates(request: "Request", question: str | None, by: tuple[str, ...]) -> Iterator[Row]:
    """Yield the share of one question after the other, each with its strata."""
    planted = PLANTED[request.metric.id]
    for asked in request.batch.questions:
        if question not in {None, asked.name}:
            continue
        found = probe_answers(
            request.store,
            [request.batch],
            request.viewer,
            planted,
            question=asked.name,
            where=request.where,
        )
        if found is None or not len(found.count):
            # A question nobody planted anything on is not asked for, unless it is named.
            if question is not None or len(request.batch.questions) == 1:
                yield Row(_missing(request, planted), asked.name, request.where)
            continue
        for place, part in _strata(request, found, by):
            yield Row(request.metric.function(part, **request.arguments), asked.name, place)


def probe_answers(
    store: Store,
    batches: Sequence[BatchInfo],
    viewer: Viewer,
    planted: str,
    *,
    question: str | None = None,
    where: Slice = (),
) -> ProbeAnswers | None:
    """Return the answers to planted items of a type; None where no batch can have any."""
    asked = (question,) if question else None
    tables = [
        store.fetch(
            STATISTIC,
            Scope(batch.batch_id, questions=asked, where=where, viewer=viewer),
            type=planted,
        )
        for batch in batches
        if "probe.expected" in batch.filled
    ]
    return _table(assemble.stacked(tables)) if tables else None


def _table(rows: "pa.Table") -> ProbeAnswers:
    people = assemble.distinct(rows["person_key"])
    return ProbeAnswers(
        annotators=people,
        annotator=assemble.codes(rows["person_key"], people),
        difficulty=np.array(rows["difficulty"].to_pylist(), dtype=np.str_),
        week=np.array(rows["week"].to_pylist(), dtype=np.str_),
        is_right=assemble.integers(rows["is_right"]),
        answers=assemble.integers(rows["answers"]),
        right=assemble.integers(rows["right_answers"]),
        count=assemble.integers(rows["count"]),
    )


def _missing(request: "Request", planted: str) -> Estimate:
    what = "golden items" if planted == "golden" else "traps"
    about = request.arguments.get("about", "process")
    reason = f"no {what} with an expected answer were imported, or nobody answered any"
    return Estimate(about=about, n_unit="answers", status="missing_input", reason=reason)


def _strata(
    request: "Request", found: ProbeAnswers, by: tuple[str, ...]
) -> Iterator[tuple[Slice, ProbeAnswers]]:
    yield request.where, found
    unknown = [name for name in by if name not in SPLITS]
    if unknown or len(by) > 1:
        raise InputError(
            f"{request.metric.id} is split by {' or '.join(SPLITS)}, one at a time, not by"
            f" {', '.join(unknown or by)}; narrow it to a value with --where"
        )
    for name in by:
        column = getattr(found, name)
        for value in sorted(set(column.tolist()) - {""}):
            yield (*request.where, (name, value)), found.take(column == value)
