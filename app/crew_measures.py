"""Metrics about a crew: how much of it is flagged, and how far agreement hangs on one person."""

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from app import assemble
from app.annotators import standing_out
from app.crew import gather
from app.sources import Row
from metrics.estimates import Estimate
from metrics.flagged_share import FlaggedCrew
from queries.errors import InputError
from queries.scope import Viewer
from queries.store import Store

if TYPE_CHECKING:
    from app.measure import Request


def estimates(request: "Request", question: str | None, by: tuple[str, ...]) -> Iterator[Row]:
    """Yield the share of flagged people of the batch, or the largest influence by question."""
    name = request.metric.id
    if by or request.where:
        raise InputError(f"{name} is about everybody of a batch; leave --by and --where out")
    if name == "influence":
        yield from _influence(request, question)
        return
    batch = request.batch
    crew = flagged_crew(request.store, request.viewer, batch.batch_id, batch.digest)
    yield Row(request.metric.function(crew, **_own(request)))


@lru_cache(maxsize=64)
def flagged_crew(store: Store, viewer: Viewer, batch_id: str, digest: str) -> FlaggedCrew:
    """Return who is flagged in a batch; computed once for each state of it."""
    crew = gather(store, [store.batch(batch_id, viewer)], viewer)
    _, raised, hidden = standing_out(crew)
    flagged = {one.person for one in raised}
    return FlaggedCrew(
        flagged=np.array([person in flagged for person in crew.work], dtype=bool),
        unseen=np.array([person in hidden for person in crew.work], dtype=bool),
        annotations=np.array([work.annotations for work in crew.work.values()], dtype=np.int64),
    )


def _influence(request: "Request", question: str | None) -> Iterator[Row]:
    for asked in request.batch.questions:
        if question not in {None, asked.name}:
            continue
        scope = request.scope(asked)
        units = request.store.fetch("unit_patterns", scope, dimension="")
        people = request.store.fetch("annotator_patterns", scope)
        if asked.name in request.batch.unpatterned:
            reason = "it has too many values for patterns, and sums do not say who gave what"
            estimate = Estimate(
                about="batch", n_unit="annotators", status="missing_input", reason=reason
            )
        else:
            patterns = assemble.unit_patterns(units, asked, annotators=people)
            estimate = request.metric.function(patterns, **_own(request))
        yield Row(estimate, asked.name)


def _own(request: "Request") -> dict[str, str]:
    """Return the options the function takes; what it is about is fixed."""
    return {name: value for name, value in request.arguments.items() if name != "about"}
