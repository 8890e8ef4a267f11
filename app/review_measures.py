"""Metrics about reviews: rates by stage and selection, disputes, and checks that must find nothing.

Reviews chosen differently, stages, and kinds of known answers are never added up: without the
option that names one of them there is a row for each.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Final, TypeVar

from app.reviewing import COLUMNS, rows_of
from app.sources import Row, Slice
from metrics.estimates import About, Estimate
from metrics.review import STAGES, without_own
from metrics.review_tables import (
    SELECTIONS,
    Disputes,
    KnownReviews,
    ReviewPairs,
    Reviews,
)
from metrics.tables import ItemCounts
from queries.errors import InputError
from queries.scope import Scope

if TYPE_CHECKING:
    from app.measure import Request

Table = TypeVar("Table", Reviews, ReviewPairs, KnownReviews, Disputes)
_NOT_FUNCTION: Final = {"about", "stage", "selection", "type"}
NO_REVIEWS: Final = "no reviews were imported"


def estimates(request: "Request", question: str | None, by: tuple[str, ...]) -> Iterator[Row]:
    """Yield the rows of one metric about reviews."""
    if by:
        raise InputError(
            f"{request.metric.id} is not split by dimensions of the items; narrow it to a value"
            " with --where"
        )
    if request.metric.statistic == "unseen_items":
        yield Row(_of(request, _unseen(request)), slice=request.where, population="all")
        return
    if request.metric.takes_question:
        for asked in request.batch.questions:
            if question in {None, asked.name}:
                yield from _of_question(request, asked.name)
        return
    estimate = _whole(request) if "review.item_id" in request.batch.filled else _missing(request)
    yield Row(estimate, slice=request.where, population="all")


def _of_question(request: "Request", question: str) -> Iterator[Row]:
    measured = _APART[request.metric.id]
    rows = list(measured(request, question)) if "review.item_id" in request.batch.filled else []
    for place, estimate in rows or [((), _missing(request))]:
        yield Row(estimate, question, (*request.where, *place), population="all")


def _overturned(request: "Request", question: str) -> Iterator[tuple[Slice, Estimate]]:
    reviews = without_own(_table(request, Reviews, question))
    stages, selections = request.options.get("stage"), request.options.get("selection")
    for stage in STAGES if stages is None else (stages,):
        for selection in SELECTIONS if selections is None else (selections,):
            part = reviews.take((reviews.stage == stage) & (reviews.selection == selection))
            asked = stages is not None and selections is not None
            if not len(part.count) and not asked:
                continue
            place = _named(stage=(stage, stages), selection=(selection, selections))
            yield place, _of(request, part)


def _caught(request: "Request", question: str) -> Iterator[tuple[Slice, Estimate]]:
    if not {"probe.expected", "review.value_before"} <= request.batch.filled:
        return
    known, chosen = _table(request, KnownReviews, question), request.options.get("type")
    for kind in ("golden", "trap", "reference") if chosen is None else (chosen,):
        part = known.take(known.type == kind)
        if len(part.count) or chosen is not None:
            yield _named(type=(kind, chosen)), _of(request, part)


def _agreeing(request: "Request", question: str) -> Iterator[tuple[Slice, Estimate]]:
    yield (), _of(request, _table(request, ReviewPairs, question))


_APART: Final[Mapping[str, Callable[["Request", str], Iterator[tuple[Slice, Estimate]]]]] = {
    "overturn_rate": _overturned,
    "catch_rate": _caught,
    "reviewer_agreement": _agreeing,
}


def _named(**chosen: tuple[str, str | None]) -> Slice:
    """Return what tells a row from others: what was not asked for by an option."""
    return tuple(
        (name, value or "not said") for name, (value, asked) in chosen.items() if asked is None
    )


def _whole(request: "Request") -> Estimate:
    if request.metric.statistic == "disputes":
        if "review.decided_at" not in request.batch.filled and request.metric.id == "dispute_age":
            return _missing(request, "the reviews have no times of decision")
        return _of(request, _table(request, Disputes))
    return _of(request, _table(request, Reviews))


def _unseen(request: "Request") -> ItemCounts:
    scope = Scope(
        request.batch.batch_id, population="all", where=request.where, viewer=request.viewer
    )
    rows = request.store.fetch("unseen_items", scope, limit=1)
    found = int(rows["total"][0].as_py()) if rows.num_rows else 0
    (total,) = request.store.fetch("item_counts", scope, dimension="")["items"].to_pylist() or [0]
    return ItemCounts(found, max(int(total), found))


def _of(request: "Request", table: object) -> Estimate:
    given = {name: value for name, value in request.arguments.items() if name not in _NOT_FUNCTION}
    if "interval" in request.metric.options:
        # What a criterion rests on has exact limits unless somebody asks for others.
        given = {"interval": "clopper_pearson", **given}
    estimate: Estimate = request.metric.function(table, **given)
    return estimate


def _missing(request: "Request", reason: str = "") -> Estimate:
    about: About = "batch" if "about" in request.metric.options else "process"
    if not reason:
        needed = ", ".join(request.metric.needs)
        reason = NO_REVIEWS if "review.item_id" not in request.batch.filled else f"needs {needed}"
    return Estimate(about=about, n_unit="reviews", status="missing_input", reason=reason)


def _table(request: "Request", kind: type[Table], question: str | None = None) -> Table:
    name = {
        Reviews: "review_transitions",
        ReviewPairs: "review_pairs",
        KnownReviews: "review_probes",
        Disputes: "disputes",
    }[kind]
    scope = Scope(
        request.batch.batch_id,
        population="all",
        questions=(question,) if question else None,
        where=request.where,
        viewer=request.viewer,
    )
    return kind.of(rows_of(request.store.fetch(name, scope), COLUMNS[name]))
