"""Drift as metrics of the catalogue, for standards and `batchgate metric` (see `app.sources`)."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from app.drift import PREVIOUS, Drift, drift, reference_for
from app.sources import Row
from metrics.drift import drift_alarms
from metrics.estimates import Estimate
from queries.errors import InputError

if TYPE_CHECKING:
    from app.measure import Request


def estimates(request: "Request", question: str | None, by: tuple[str, ...]) -> Iterator[Row]:
    """Yield the distance of every question and of its strata, or the number of alarms."""
    metric = request.metric.id
    against = request.options.get("against")
    if not against:
        reason = "nothing to compare with: add the option against=BATCH"
        yield Row(Estimate(status="missing_input", reason=reason), question=question or "")
        return
    if request.where or len(by) > 1:
        raise InputError(f"{metric} is split by one dimension at most, and takes no filter")
    try:
        reference = reference_for(request.store, request.batch, request.viewer, against)
    except InputError:
        # A standard outlives the batches it names: without one its criterion lacks evidence.
        reason = (
            "no batch of its dataset came before it"
            if against == PREVIOUS
            else f"the option against={against} names no other batch of this store"
        )
        yield Row(Estimate(status="missing_input", reason=reason), question=question or "")
        return
    report = drift(
        request.store, request.batch, reference, request.viewer, question=question, control=0
    )
    if metric == "drift_alarms":
        found = [one.alarm for one in report.results] + [one.alarm for one in report.other]
        yield Row(drift_alarms(found), question=question or "")
    else:
        yield from _distances(report, by)


def _distances(report: Drift, by: tuple[str, ...]) -> Iterator[Row]:
    for one in report.results:
        if not one.place or one.place[0][0] in by:
            yield Row(one.distance, question=one.question, slice=one.place)
