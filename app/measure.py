"""Measure: one metric on one batch, by question, stratum and option.

Page, command line, report and verdict all come through `measure`, so that a number is the same
wherever it is read.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from math import isfinite
from typing import TYPE_CHECKING, Any, cast

from app import assemble
from app.catalog import METRICS, Metric
from app.options import arguments
from app.sources import estimates_of
from metrics.estimates import Estimate
from metrics.overlap import OverlapDesign, is_representative
from metrics.tables import AnnotatorPairs, UnitMoments, UnitPatterns
from queries.batches import BatchInfo, Question
from queries.errors import InputError
from queries.schema import PATTERN_LABELS, PATTERN_UNITS
from queries.scope import Scope, Viewer
from queries.store import Store

if TYPE_CHECKING:
    import pyarrow as pa

    from app.standards import Standard

Slice = tuple[tuple[str, str], ...]
Table = UnitPatterns | UnitMoments | AnnotatorPairs
PATTERNED = {"unit_patterns", "annotator_pairs"}
"""Statistics that are measured here."""
ALTERING = {"level", "distance", "ties", "roles"}
"""Options that make alpha another number than the one checked at import."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One estimate and where it stands: metric, batch, question, population, slice, options."""

    metric: str
    batch: str
    question: str
    population: str
    slice: Slice
    options: Slice
    estimate: Estimate

    def to_json(self) -> dict[str, Any]:
        """Return the measurement as `batchgate metric --json` prints it."""
        return {
            "metric": self.metric,
            "batch": self.batch,
            "question": self.question,
            "population": self.population,
            "slice": dict(self.slice),
            "options": dict(self.options),
            **estimate_json(self.estimate),
        }


@dataclass(frozen=True, slots=True)
class Request:
    """A checked request: the metric, its options, and the rows it speaks of."""

    store: Store
    batch: BatchInfo
    metric: Metric
    viewer: Viewer
    where: Slice
    options: Mapping[str, str]
    arguments: Mapping[str, Any] = field(default_factory=dict)
    standard: "Standard | None" = None

    @property
    def uses_pairs(self) -> bool:
        """Whether the metric is computed on pairs of annotators."""
        return self.metric.statistic == "annotator_pairs" or "between" in self.arguments

    def scope(self, question: Question) -> Scope:
        """Return the rows of one question that the request speaks of."""
        roles = self.options.get("roles")
        chosen = tuple(roles.split(",")) if roles else None
        if chosen and set(chosen) == set(self.batch.people):
            chosen = None  # the same rows as `people`, whose statistics are kept
        return Scope(
            batch=self.batch.batch_id,
            population="all" if "between" in self.arguments else "people",
            roles=chosen,
            where=self.where,
            questions=(question.name,),
            viewer=self.viewer,
        )


def measure(
    store: Store,
    batch: BatchInfo,
    metric_id: str,
    *,
    viewer: Viewer,
    question: str | None = None,
    by: tuple[str, ...] = (),
    where: Slice = (),
    options: Mapping[str, str] | None = None,
    standard: "Standard | None" = None,
) -> list[Measurement]:
    """Compute one metric on a batch.

    Parameters
    ----------
    question : name, or None for one row per question the metric is defined for
    by : dimensions to split by; the overall row comes first, then one row per stratum
        (several dimensions are crossed)
    where : pairs of dimension and value to keep; the value may hold `*`
    options : options of the metric as texts, checked against the catalogue
    standard : whose cells count for metrics about a plan; that of the batch when None

    Raises
    ------
    InputError
        For an unknown metric, question, dimension, value or option.
    """
    metric = find_metric(metric_id)
    checked = dict(options or {})
    given = arguments(metric, checked)
    request = Request(store, batch, metric, viewer, where, checked, given, standard)
    if metric.statistic not in PATTERNED:
        return _from_source(request, question, by)
    rows: list[Measurement] = []
    for one in questions_for(batch, metric, question):
        rows.extend(_overall_and_strata(request, one, by))
    return rows


def find_metric(metric_id: str) -> Metric:
    """Return the catalogue's entry; the error names what comes nearest."""
    if metric_id in METRICS:
        return METRICS[metric_id]
    near = get_close_matches(metric_id, METRICS, n=1)
    hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(METRICS)}"
    raise InputError(f"unknown metric {metric_id!r}; {hint} `batchgate metrics` lists them")


def questions_for(batch: BatchInfo, metric: Metric, name: str | None) -> list[Question]:
    """Return the questions to compute, those the metric is defined for unless one is named."""
    if name is None:
        return [each for each in batch.questions if each.level in metric.levels]
    for each in batch.questions:
        if each.name == name and each.level in metric.levels:
            return [each]
        if each.name == name:
            raise InputError(unfit(batch, metric))
    names = ", ".join(each.name for each in batch.questions) or "none"
    raise InputError(f"batch {batch.batch_id!r} has no question {name!r}; it has: {names}")


def unmeasurable(batch: BatchInfo, metric: Metric, name: str | None) -> Estimate | None:
    """Return what stands for a metric on a question it cannot be computed on; None where it can.

    A standard may name such a question: that criterion has no evidence, and the others still have.
    """
    if name is None:
        return None
    for each in batch.questions:
        if each.name == name:
            fits = each.level in metric.levels
            return None if fits else Estimate(status="missing_input", reason=unfit(batch, metric))
    return Estimate(status="missing_input", reason=f"the batch does not ask {name}")


def unfit(batch: BatchInfo, metric: Metric) -> str:
    """Say which questions a metric takes, and which there are."""
    *others, last = metric.levels
    asked = ", ".join(f"{each.name} ({each.level})" for each in batch.questions) or "nothing"
    return (
        f"{metric.id} takes {', '.join(others)} or {last} questions;"
        f" batch {batch.batch_id!r} asks {asked}"
    )


def estimate_json(estimate: Estimate) -> dict[str, Any]:
    """Return an estimate with nan as null."""
    return {
        "value": _finite(estimate.value),
        "low": _finite(estimate.low),
        "high": _finite(estimate.high),
        "confidence": estimate.confidence,
        "n": estimate.n,
        "n_unit": estimate.n_unit,
        "about": estimate.about,
        "method": estimate.method,
        "status": estimate.status,
        "reason": estimate.reason,
        "representative": estimate.representative,
        "provenance": dict(estimate.provenance),
    }


def _finite(number: float) -> float | None:
    return number if isfinite(number) else None


def _from_source(request: Request, question: str | None, by: tuple[str, ...]) -> list[Measurement]:
    """Return what a module of its own makes of the batch, see `app.sources`."""
    metric = request.metric
    if question is not None and not metric.takes_question:
        raise InputError(f"{metric.id} is about the whole batch; leave the question out")
    if question is not None:
        questions_for(request.batch, metric, question)
    return [
        Measurement(
            metric=metric.id,
            batch=request.batch.batch_id,
            question=row.question,
            population=row.population,
            slice=row.slice,
            options=tuple({**request.options, **row.options}.items()),
            estimate=row.estimate,
        )
        for row in estimates_of(metric.statistic)(request, question, by)
    ]


def _overall_and_strata(
    request: Request, question: Question, by: tuple[str, ...]
) -> Iterator[Measurement]:
    for _, table in _tables(request, question, ""):
        yield from _rows(request, question, request.where, table)
    if by:
        yield from _crossed(request, question, by)


def _crossed(request: Request, question: Question, by: tuple[str, ...]) -> Iterator[Measurement]:
    dimension, *inner = by
    for stratum, table in _tables(request, question, dimension):
        place = _within(request.where, dimension, stratum)
        if inner:
            yield from _crossed(replace(request, where=place), question, tuple(inner))
        else:
            yield from _rows(request, question, place, table)


def _within(where: Slice, dimension: str, stratum: str) -> Slice:
    """Return a slice narrowed to a stratum, whose value takes the place of any alternatives."""
    return (*(pair for pair in where if pair[0] != dimension), (dimension, stratum))


def _tables(request: Request, question: Question, dimension: str) -> Iterator[tuple[str, Table]]:
    """Yield the statistic of one question by stratum of one dimension ('' is all of it)."""
    fetch, scope = request.store.fetch, request.scope(question)
    if request.uses_pairs:
        # Pairs are kept for everybody; those of some roles are chosen from them.
        everybody = replace(scope, population="all", roles=None)
        pairs = assemble.annotator_pairs(fetch("annotator_pairs", everybody), question)
        yield "", assemble.of_roles(pairs, scope.population_roles)
        return
    rows = fetch("unit_patterns", scope, dimension=dimension)
    if not rows.num_rows and question.name in request.batch.unpatterned:
        for stratum, part in assemble.strata(fetch("unit_moments", scope, dimension=dimension)):
            yield stratum, assemble.unit_moments(part)
        return
    if not rows.num_rows and not dimension:
        yield "", assemble.unit_patterns(rows, question)
    groups: dict[str, pa.Table] = {}
    if request.batch.has_groups:
        groups = dict(assemble.strata(fetch("group_patterns", scope, dimension=dimension)))
    for stratum, part in assemble.strata(rows):
        people = None
        if request.options.get("about") == "annotators":
            where = _within(scope.where, dimension, stratum) if dimension else scope.where
            narrowed = replace(scope, where=where)
            people = fetch("annotator_patterns", narrowed)
        yield (
            stratum,
            assemble.unit_patterns(part, question, groups=groups.get(stratum), annotators=people),
        )


def _rows(
    request: Request, question: Question, place: Slice, table: Table
) -> Iterator[Measurement]:
    """Yield the estimates of one table: one, or one per label or pair of annotators."""
    for extra, arguments_, one in _each(request, table):
        estimate = _estimate(request, question, one, {**request.arguments, **arguments_})
        checked = _checked(request, question, place, estimate)
        yield Measurement(
            metric=request.metric.id,
            batch=request.batch.batch_id,
            question=question.name,
            population=request.scope(question).population_name,
            slice=place,
            options=tuple({**request.options, **extra}.items()),
            estimate=_with_overlap(request, question, one, checked),
        )


def _each(request: Request, table: Table) -> Iterator[tuple[dict[str, str], dict[str, str], Table]]:
    """Split a table where the metric is one of a label, or of a pair of annotators.

    Yields what the row's options say beside those asked for, arguments, and the table.
    """
    per = request.metric.per
    if per == "label" and isinstance(table, UnitPatterns) and "label" not in request.options:
        for label in table.labels:
            yield {"label": label}, {"label": label}, table
    elif per == "annotator pair" and isinstance(table, AnnotatorPairs):
        names = request.store.people(table.annotators)
        for first, second, pair in assemble.each_pair(table):
            yield {"annotator_a": names[first], "annotator_b": names[second]}, {}, pair
    else:
        yield {}, {}, table


def _estimate(
    request: Request, question: Question, table: Table, given: dict[str, Any]
) -> Estimate:
    """Call the function that fits the table; malformed combinations are the caller's to mend."""
    metric = request.metric
    function: Callable[..., Estimate] | None = metric.function
    if isinstance(table, UnitMoments):
        function = metric.from_moments
        given = {name: given[name] for name in given if name in metric.moments_options}
    elif isinstance(table, AnnotatorPairs) and metric.from_pairs:
        function = metric.from_pairs
        given = {name: given[name] for name in given if name != "average"}
    if function is None:
        reason = (
            f"{metric.title} needs every pattern of labels, which is kept up to {PATTERN_LABELS}"
            f" labels or {PATTERN_UNITS:,} items"
        )
        return Estimate(status="missing_input", reason=reason)
    if given.get("interval") == "bootstrap":
        # The digest as seed: the same data give the same interval for ever.
        given = {"seed": int(request.batch.digest[:8], 16), **given}
    try:
        estimate = function(table, **given)
    except ValueError as error:
        raise InputError(
            f"{metric.id} on question {question.name!r} of batch"
            f" {request.batch.batch_id!r}: {error}"
        ) from error
    if isinstance(table, UnitMoments) and request.batch.has_groups and estimate.status == "ok":
        reason = "items of one group hang together, and sums by group are not kept at this size"
        return estimate.but(status="insufficient", reason=f"interval too narrow: {reason}")
    return estimate


def _checked(request: Request, question: Question, place: Slice, estimate: Estimate) -> Estimate:
    """Add what the second program made of the plain alpha of the whole batch."""
    if request.metric.id != "krippendorff_alpha" or place or request.options.keys() & ALTERING:
        return estimate
    found = request.store.cross_checks(request.batch.digest).get(question.name)
    if found is None or found[1] is None:
        return estimate
    program, difference = found
    return estimate.but(
        provenance={**estimate.provenance, "checked_by": program, "check_difference": difference}
    )


def _with_overlap(
    request: Request, question: Question, table: Table, estimate: Estimate
) -> Estimate:
    """Say whether the items judged more than once stand for the rest."""
    if not isinstance(table, UnitPatterns):
        return estimate
    judged = table.counts.sum(axis=1)
    several = int(table.multiplicity[judged >= 2].sum())
    total = int(table.multiplicity[judged >= 1].sum())
    alike = None
    if several < total and "item.inclusion_probability" in request.batch.filled:
        drawn = request.store.fetch("inclusion", request.scope(question))["items"].to_pylist()
        alike = len(drawn) == 1 and drawn[0] >= several
    overlap = is_representative(
        cast("OverlapDesign", request.batch.overlap_design or "unknown"),
        several=several,
        total=total,
        inclusion_probabilities_equal=alike,
    )
    return estimate.but(
        representative=overlap.is_representative,
        provenance={**estimate.provenance, "overlap": overlap.reason},
    )
