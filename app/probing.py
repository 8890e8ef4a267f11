"""Answers to golden items and traps as metrics and pages read them, of one batch or of several."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from app import assemble
from app.sources import Row, Slice
from metrics.estimates import Estimate
from metrics.probes import Course, ProbeAnswers, by_stratum
from queries.batches import BatchInfo
from queries.errors import InputError
from queries.scope import Scope, Viewer
from queries.store import Store

if TYPE_CHECKING:
    import pyarrow as pa

    from app.measure import Request

STATISTIC: Final = "probe_answers"
PLANTED: Final = {"golden_accuracy": "golden", "trap_failure_rate": "trap"}
SPLITS: Final[tuple[Course, ...]] = ("difficulty", "week")


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
        measure = request.metric.function
        yield Row(measure(found, **request.arguments), asked.name, request.where)
        for name in _split(request, by):
            for one in by_stratum(found, name, measure=measure, **request.arguments):
                place = (*request.where, (name, one.name))
                yield Row(one.crew, asked.name, place)


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


def _split(request: "Request", by: tuple[str, ...]) -> tuple[Course, ...]:
    """Return what the shares are split by, which is one thing at most."""
    found = tuple(name for name in SPLITS if name in by)
    if len(found) != len(by) or len(by) > 1:
        raise InputError(
            f"{request.metric.id} is split by {' or '.join(SPLITS)}, one at a time, not by"
            f" {', '.join(by)}; narrow it to a value with --where"
        )
    return found
