"""Soundness of demonstrations: small tables about responses, made into estimates."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from math import nan
from typing import TYPE_CHECKING, Any

from app import coverage
from app.sources import Row, Slice
from metrics import soundness
from metrics.estimates import Estimate
from metrics.soundness import OpeningCounts, RankCorrelation
from metrics.tables import ItemCounts
from queries.schema import ANNOTATION_DIMENSIONS
from queries.scope import Scope, Viewer
from queries.store import Store

if TYPE_CHECKING:
    from app.measure import Request

Counts = list[dict[str, Any]]
FLOOR, ENOUGH, WORDS = 3.0, 3.5, 4
RISKY = ("high", "critical", "severe", "unsafe")


def estimates(request: "Request", question: str | None, by: tuple[str, ...]) -> Iterator[Row]:
    """Yield an estimate of the whole batch, then one per stratum (see `app.sources`)."""
    del question
    yield Row(_estimate(request, request.where), slice=request.where, population="all")
    for place in _strata(request, request.where, by):
        yield Row(_estimate(request, place), slice=place, population="all")


def scope_of(batch_id: str, viewer: Viewer) -> Scope:
    """Return the whole batch as this viewer sees it."""
    return Scope(batch_id, viewer=viewer)


def table(store: Store, batch_id: str, name: str, viewer: Viewer, **asked: Any) -> Counts:
    """Return a small table about the responses of a batch."""
    rows: Counts = store.fetch(name, Scope(batch_id, viewer=viewer), **asked).to_pylist()
    return rows


def _strata(request: "Request", where: Slice, by: tuple[str, ...]) -> Iterator[Slice]:
    if not by:
        return
    dimension, *inner = by
    scope = Scope(request.batch.batch_id, "all", where=where, viewer=request.viewer)
    for stratum in coverage.counts(request.store, scope, dimension):
        place = (*(pair for pair in where if pair[0] != dimension), (dimension, stratum))
        if inner:
            yield from _strata(request, place, tuple(inner))
        else:
            yield place


def _estimate(request: "Request", where: Slice) -> Estimate:
    reason = _missing(request)
    if reason:
        return Estimate(n_unit="items", status="missing_input", reason=reason)
    if refused := _not_of_items(request, where):
        return Estimate(n_unit="items", status="missing_input", reason=refused)
    scope = Scope(request.batch.batch_id, where=where, may_be_empty=True, viewer=request.viewer)

    def fetch(name: str, **asked: Any) -> Counts:
        rows: Counts = request.store.fetch(name, scope, **asked).to_pylist()
        return rows

    return _of_alike(request, _MADE[request.metric.id](request, fetch))


def _not_of_items(request: "Request", where: Slice) -> str:
    """Say that a slice is one of answers, which texts do not have; '' where it is not."""
    found = [name for name, _ in where if name in ANNOTATION_DIMENSIONS]
    if not found or request.metric.id == "rubric_masked_share":
        return ""
    return f"texts have no {found[0]}, answers do: split by an attribute of the items"


def _of_alike(request: "Request", estimate: Estimate) -> Estimate:
    """Say of items that hang together that the interval takes them as independent."""
    counted = estimate.status == "ok" and estimate.about != "batch"
    several = estimate.n > request.batch.items and not estimate.n_unit.startswith("check")
    if not counted or not (request.batch.has_groups or several):
        return estimate
    reason = "responses to one prompt hang together: the interval is too narrow"
    return estimate.but(status="insufficient", reason=reason)


def _missing(request: "Request") -> str:
    """Say which column or attribute the batch lacks; '' when it has all that is needed."""
    batch = request.batch
    for column in request.metric.needs:
        table_name, _, name = column.partition(".")
        if table_name == "item_attribute":
            wanted = request.options.get("attribute", name)
            if wanted not in (*batch.dimensions, *batch.other_dimensions):
                return f"the items have no attribute {wanted}"
        elif column == "item.risk_level" and column not in batch.filled:
            if "risk_level" not in batch.dimensions:
                return "the batch has no item.risk_level, and no attribute of that name"
        elif column not in batch.filled:
            return f"the batch has no {column}"
    return ""


Fetch = Callable[..., Counts]


def total(rows: Iterable[Mapping[str, Any]], column: str, **where: Any) -> int:
    """Return the sum of a column over the rows that have these values."""
    return sum(
        row[column] for row in rows if all(row[name] == value for name, value in where.items())
    )


def over_refusals(rows: Counts) -> ItemCounts:
    """Return refusals among responses at low risk that can be read."""
    return ItemCounts(
        total(rows, "responses", risk="low", is_read=1, refuses=1),
        total(rows, "responses", risk="low", is_read=1),
    )


def under_refusals(rows: Counts) -> ItemCounts:
    """Return plain answers among responses at high risk that can be read."""
    return ItemCounts(
        total(rows, "responses", risk="high", is_read=1, answers=1),
        total(rows, "responses", risk="high", is_read=1),
    )


def openings(rows: Counts) -> OpeningCounts:
    """Return how concentrated openings are."""
    if not rows:
        return OpeningCounts(0, 0, 0, 0.0)
    first = rows[0]
    return OpeningCounts(first["responses"], first["total"], first["different"], first["pairs"])


def format_errors(rows: Counts) -> ItemCounts:
    """Return responses with a machine code among those of which a form is asked."""
    asked = [row for row in rows if row["asked_form"]]
    return ItemCounts(
        sum(row["responses"] for row in asked if row["code"]), total(asked, "responses")
    )


def masked(rows: Counts) -> ItemCounts:
    """Return items whose passing mean hides a low dimension, among items whose mean passes."""
    whole = [row for row in rows if row["question"] == ""]
    return ItemCounts(total(whole, "masked"), total(whole, "passing"))


def double_reviews(rows: Counts) -> ItemCounts:
    """Return risky items with two reviewers among risky items."""
    risky = [row for row in rows if row["risk"] in RISKY]
    return ItemCounts(total(risky, "items", reviewers=2), total(risky, "items"))


def last_version(rows: Counts) -> str:
    """Return the version that comes last; numbers within a name count as numbers."""
    return max((row["version"] for row in rows), key=_version_order, default="")


def regressions(rows: Counts, version: str) -> ItemCounts:
    """Return checks of one version that passed, among all of it."""
    return ItemCounts(
        total(rows, "results", version=version, passed=1), total(rows, "results", version=version)
    )


def complete(rows: Counts) -> ItemCounts:
    """Return items with instruction and response, and system text where any item has one."""
    needs_system = any(row["has_system"] for row in rows)
    return ItemCounts(
        sum(
            row["items"]
            for row in rows
            if row["has_instruction"]
            and row["has_response"]
            and (row["has_system"] or not needs_system)
        ),
        total(rows, "items"),
    )


def detector(rows: Counts) -> dict[str, ItemCounts]:
    """Return how often words find the refusals that attributes state, and how often they err."""
    told = [row for row in rows if row["strategy"]]
    refusals = [row for row in told if row["refuses"]]
    others = [row for row in told if not row["refuses"]]
    return {
        "found": ItemCounts(
            sum(row["responses"] for row in refusals if row["tone"]), total(refusals, "responses")
        ),
        "false alarms": ItemCounts(
            sum(row["responses"] for row in others if row["tone"]), total(others, "responses")
        ),
    }


def _version_order(version: str) -> tuple[tuple[int, str], ...]:
    import re  # noqa: PLC0415 - asked for by signals only

    parts = re.split(r"(\d+)", version)
    return tuple((int(part), "") if part.isdecimal() else (-1, part) for part in parts)


def _refusals(
    request: "Request",
    rows: Counts,
    counted: Callable[[Counts], ItemCounts],
    made: Callable[..., Estimate],
    *,
    risk: str,
) -> Estimate:
    """Return a share of the responses that rules or attributes tell, and how many they do not."""
    counts, unread = counted(rows), total(rows, "responses", risk=risk, is_read=0)
    if unread and not counts.total:
        reason = "refusals are read in English, German and Chinese: give the items refusal_strategy"
        return Estimate(n_unit="responses", status="missing_input", reason=reason)
    found = made(counts, **_sure(request))
    if unread > counts.total / 10 and found.status == "ok":
        reason = f"{unread:,} further responses are in languages that are not read"
        found = found.but(status="insufficient", reason=reason)
    return found.but(provenance={"not_read": unread})


def _regression(request: "Request", fetch: Fetch) -> Estimate:
    wanted = request.options.get("signal")
    rows = [row for row in fetch("failure_counts") if wanted in (None, row["name"])]
    if not rows:
        reason = f"no check is called {wanted!r}" if wanted else "the batch has no checks"
        return Estimate(n_unit="checks", status="missing_input", reason=reason)
    if len(names := sorted({row["name"] for row in rows})) > 1:
        reason = (
            f"several signals are no one check: name one with the option signal: {', '.join(names)}"
        )
        return Estimate(n_unit="checks", status="missing_input", reason=reason)
    version = request.options.get("version") or last_version(rows)
    estimate = soundness.regression_pass_rate(regressions(rows, version), **_sure(request))
    return estimate.but(provenance={"version": version or "not stated"})


def _happy(request: "Request", fetch: Fetch) -> Estimate:
    attribute = request.options.get("attribute", "path")
    happy = request.options.get("value", "happy")
    rows = fetch("item_counts", dimension=attribute)
    counts = ItemCounts(total(rows, "items", stratum=happy), total(rows, "items"))
    return soundness.happy_path_share(counts, **_sure(request))


def _length(request: "Request", fetch: Fetch) -> Estimate:
    rows = fetch("length_complexity", attribute=request.options.get("attribute", "difficulty"))
    found: dict[str, Any] = rows[0] if rows else {"items": 0, "correlation": None}
    value = nan if found["correlation"] is None else found["correlation"]
    return soundness.length_complexity(RankCorrelation(found["items"], value), **_sure(request))


def _masked(request: "Request", fetch: Fetch) -> Estimate:
    rows = fetch(
        "rubric_counts",
        floor=request.arguments.get("floor", FLOOR),
        enough=request.arguments.get("enough", ENOUGH),
    )
    if not rows:
        reason = "masking needs answers to two or more questions on a numeric scale"
        return Estimate(status="missing_input", reason=reason)
    return soundness.rubric_masked_share(masked(rows), **_sure(request))


def _boilerplate(request: "Request", fetch: Fetch) -> Estimate:
    rows = fetch("opening_counts", words=request.arguments.get("words", WORDS), limit=1)
    return soundness.boilerplate_share(openings(rows), **_sure(request))


def _sure(request: "Request") -> dict[str, float]:
    confidence = request.arguments.get("confidence")
    return {} if confidence is None else {"confidence": confidence}


_MADE: Mapping[str, Callable[["Request", Fetch], Estimate]] = {
    "over_refusal_share": lambda request, fetch: _refusals(
        request, fetch("refusal_counts"), over_refusals, soundness.over_refusal_share, risk="low"
    ),
    "under_refusal_share": lambda request, fetch: _refusals(
        request, fetch("refusal_counts"), under_refusals, soundness.under_refusal_share, risk="high"
    ),
    "boilerplate_share": _boilerplate,
    "format_error_share": lambda request, fetch: soundness.format_error_share(
        format_errors(fetch("format_counts")), **_sure(request)
    ),
    "rubric_masked_share": _masked,
    "double_review_share": lambda _, fetch: soundness.double_review_share(
        double_reviews(fetch("double_review_counts"))
    ),
    "regression_pass_rate": _regression,
    "four_element_share": lambda request, fetch: soundness.four_element_share(
        complete(fetch("element_counts")), **_sure(request)
    ),
    "happy_path_share": _happy,
    "length_complexity": _length,
}
