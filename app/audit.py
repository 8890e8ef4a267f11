"""Audit: everything a standard asks of a batch, measured, judged and written down.

`audit` is the only place where estimates become a verdict; Verdict page, command line, report and
the list of batches read its result.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from app.canonical import canonical_json
from app.catalog import METRICS
from app.coverage import Cells, values
from app.evidence import (
    Concerned,
    EvidenceItem,
    FitFor,
    concerned,
    fit_for,
    reviewable,
    sustainable,
    traceable,
)
from app.measure import Slice, estimate_json, measure, unmeasurable
from app.standards import Standard, default, load, parse
from app.standards.lint import BatchFacts, Lint, lint
from metrics.acceptance import Assessment, Evidence, Finding, Verdict, assess, explanation
from metrics.criteria import Bound, Criterion, State
from metrics.estimates import Estimate
from metrics.settle import Settle, settle
from queries.batches import BatchInfo
from queries.errors import BatchError
from queries.scope import Viewer
from queries.store import Store

NOBODY: Mapping[str, Concerned] = {}


@dataclass(frozen=True, slots=True)
class StandardRef:
    """Which standard a verdict rests on."""

    name: str
    version: str
    sha256: str


@dataclass(frozen=True, slots=True)
class OtherVerdict:
    """What another standard makes of the same batch."""

    standard: StandardRef
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class CriterionResult:
    """One row of the verdict: a criterion on one question and slice.

    `is_allowed` says that the row is open and its criterion passes all the same, as its rule says.
    """

    id: str
    title: str
    metric: str
    question: str
    slice: Slice
    options: Slice
    severity: str
    must_be: str
    bound: Bound
    state: State
    settle: str | None
    effort: Settle | None
    blocks: bool
    is_allowed: bool
    why: str
    estimate: Estimate
    origin: str
    owner: str

    def to_json(self) -> dict[str, Any]:
        """Return the row as `batchgate audit --json` prints it."""
        return {
            "id": self.id,
            "metric": self.metric,
            "question": self.question,
            "slice": dict(self.slice),
            "severity": self.severity,
            "must_be": self.must_be,
            "state": self.state,
            "settle": self.settle,
            "settle_effort": _effort_json(self.effort),
            "why": self.why,
            "estimate": estimate_json(self.estimate),
        }


@dataclass(frozen=True, slots=True)
class Audit:
    """A verdict with all it rests on, criteria worst first.

    `remarks` is what the linter says of the standard, read against this batch; `beside` the verdict
    of the pinned standard, or of its present form, where that is another.
    """

    batch: str
    kind: str
    standard: StandardRef
    batch_digest: str
    verdict: Verdict
    reason: str
    criteria: tuple[CriterionResult, ...]
    traceable: tuple[EvidenceItem, ...]
    reviewable: tuple[EvidenceItem, ...]
    sustainable: tuple[EvidenceItem, ...]
    fit_for: tuple[FitFor, ...]
    remarks: tuple[Lint, ...]
    beside: OtherVerdict | None
    evidence_sha256: str

    @property
    def evidence(self) -> tuple[EvidenceItem, ...]:
        """Every piece of evidence beside the criteria."""
        return (*self.traceable, *self.reviewable, *self.sustainable)

    def to_json(self, items: Mapping[str, Concerned] = NOBODY) -> dict[str, Any]:
        """Return the audit as `batchgate audit --json` prints it.

        `items` are those that lack a column, by its name, see `lacking`.
        """
        return {
            "batch": self.batch,
            "kind": self.kind,
            "standard": asdict(self.standard),
            "batch_digest": self.batch_digest,
            "verdict": self.verdict,
            "reason": self.reason,
            "criteria": [row.to_json() for row in self.criteria],
            "traceable": [one.to_json(items.get(one.lacks)) for one in self.traceable],
            "reviewable": [one.to_json(items.get(one.lacks)) for one in self.reviewable],
            "sustainable": [one.to_json(items.get(one.lacks)) for one in self.sustainable],
            "fit_for": [use.to_json() for use in self.fit_for],
            "remarks": [asdict(remark) for remark in self.remarks],
            "beside": asdict(self.beside) if self.beside else None,
            "evidence_sha256": self.evidence_sha256,
        }


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A batch on the board; verdict None, with the reason, where none could be had."""

    batch: BatchInfo
    verdict: Verdict | None
    reason: str

    def to_json(self) -> dict[str, Any]:
        """Return the row as `batchgate batches --json` prints it."""
        imported = self.batch.imported_at
        return {
            "batch": self.batch.batch_id,
            "dataset": self.batch.dataset,
            "kind": self.batch.kind,
            "vendor": self.batch.vendor,
            "attempt": self.batch.attempt,
            "items": self.batch.items,
            "annotations": self.batch.annotations,
            "annotators": self.batch.annotators,
            "verdict": self.verdict,
            "decision": self.batch.decision.decided if self.batch.decision else None,
            "evidence_has_grown": self.batch.evidence_has_grown,
            "supersedes": self.batch.supersedes,
            "superseded_by": list(self.batch.superseded_by),
            "imported_at": imported.isoformat() + "Z" if imported else None,
        }


def audit(store: Store, batch: BatchInfo, standard: Standard, viewer: Viewer) -> Audit:
    """Judge a batch against a standard.

    Raises
    ------
    InputError
        When the standard asks for something that cannot be computed on any batch.
    """
    assessment = assessed(store, batch, standard, viewer)
    reference = StandardRef(standard.name, standard.version, standard.sha256)
    other = rival(store, batch, standard)

    def count(column: str) -> int:
        return concerned(store, batch, column, viewer).count

    return Audit(
        batch=batch.batch_id,
        kind=batch.kind,
        standard=reference,
        batch_digest=batch.digest,
        verdict=assessment.verdict,
        reason=assessment.reason,
        criteria=tuple(_results(assessment, standard)),
        traceable=traceable(batch, count),
        reviewable=reviewable(batch, count),
        sustainable=sustainable(batch),
        fit_for=fit_for(batch, assessment.verdict),
        remarks=lint(standard, METRICS, _facts(store, batch, assessment, viewer)),
        beside=None
        if other is None
        else OtherVerdict(
            StandardRef(other.name, other.version, other.sha256),
            assessed(store, batch, other, viewer).verdict,
        ),
        evidence_sha256=evidence_digest(batch, reference, assessment),
    )


def assessed(store: Store, batch: BatchInfo, standard: Standard, viewer: Viewer) -> Assessment:
    """Measure all that a standard asks for, and judge it."""
    cells = Cells(store, batch, viewer)
    evidence = [
        row for criterion in standard.requirements for row in measured(cells, criterion, standard)
    ]
    return assess(standard.requirements, evidence, confidence=standard.confidence)


def measured(cells: Cells, criterion: Criterion, standard: Standard) -> Iterator[Evidence]:
    """Yield what the batch has to say about one criterion, one row per question and stratum."""
    if criterion.where:
        yield Evidence(criterion, "", criterion.where, cells.declared(criterion))
        return
    batch = cells.batch
    metric = METRICS[criterion.metric]
    options = {**dict(criterion.options)}
    if "confidence" in metric.options:
        options["confidence"] = str(standard.confidence)
    if "about" in metric.options:
        options["about"] = criterion.about
    if (unmet := unmeasurable(batch, metric, criterion.question)) is not None:
        yield Evidence(criterion, criterion.question or "", (), unmet)
        return
    dimensions = set(batch.dimensions) | set(batch.other_dimensions)
    rows = measure(
        cells.store,
        batch,
        criterion.metric,
        viewer=cells.viewer,
        question=criterion.question,
        by=criterion.by if dimensions.issuperset(criterion.by) else (),
        options=options,
        standard=standard,
    )
    for row in rows:
        yield Evidence(criterion, row.question, row.slice, row.estimate)


def standard_of(store: Store, batch: BatchInfo, path: Path | None = None) -> Standard:
    """Return the standard that applies: the one named, the batch's pinned one, or the default."""
    if path is not None:
        return load(path, METRICS)
    content = store.standard(batch.standard_sha256) if batch.standard_sha256 else None
    if content is None:
        return default(batch.kind, METRICS)
    return parse(json.loads(content), f"pinned {batch.standard}", METRICS)


def rival(store: Store, batch: BatchInfo, standard: Standard) -> Standard | None:
    """Return the other standard a reader should know of: the pinned one, or its successor.

    A verdict by a standard other than the pinned one is shown beside that by the pinned one; a
    pinned default that was edited since is shown beside its present form.
    """
    pinned = standard_of(store, batch)
    other = pinned
    if standard.sha256 == pinned.sha256:
        present = default(batch.kind, METRICS)
        other = present if present.name == pinned.name else pinned
    return None if other.sha256 == standard.sha256 else other


def overview(store: Store, viewer: Viewer) -> list[BatchRow]:
    """Return every batch with its verdict; a batch that cannot be judged says why."""
    rows = []
    for batch in store.batches(viewer):
        try:
            result = audit(store, batch, standard_of(store, batch), viewer)
        except BatchError as error:
            rows.append(BatchRow(batch, None, str(error)))
        else:
            rows.append(BatchRow(batch, result.verdict, result.reason))
    return rows


def evidence_digest(batch: BatchInfo, standard: StandardRef, assessment: Assessment) -> str:
    """Hash what a decision would have to keep: data digests, options, counts and estimates.

    Canonical JSON after RFC 8785; estimates as strings of 12 significant digits, so that the same
    data give the same hash on every machine.
    """
    document = {
        "batch": batch.batch_id,
        "batch_digest": batch.digest,
        "parts": sorted(part.digest for part in batch.parts),
        "standard_sha256": standard.sha256,
        "verdict": assessment.verdict,
        "findings": sorted(
            (_evidence_row(finding) for finding in assessment.findings), key=canonical_json
        ),
    }
    return sha256(canonical_json(document).encode()).hexdigest()


def _facts(store: Store, batch: BatchInfo, assessment: Assessment, viewer: Viewer) -> BatchFacts:
    """Return what the standard is examined against: what the batch has and can still get."""
    empty = {
        name
        for finding in assessment.findings
        if finding.criterion.where and finding.estimate.value == 0
        for name, _ in finding.criterion.where
    }
    pairable = {
        finding.question: finding.estimate.n
        for finding in assessment.findings
        if not finding.slice and finding.estimate.n_unit == "items"
    }
    return BatchFacts(
        kind=batch.kind,
        questions=tuple(question.name for question in batch.questions),
        dimensions=(*batch.dimensions, *batch.other_dimensions),
        items=batch.items,
        planned_items=batch.planned_items,
        pairable=pairable,
        values={name: values(store, batch, name, viewer) for name in sorted(empty)},
    )


def _effort_json(settled: Settle | None) -> dict[str, Any] | None:
    """Return the two efforts, by the chance of settling they give."""
    if settled is None:
        return None
    efforts = {"0.5": settled.even, "0.8": settled.likely}
    return {chance: asdict(effort) if effort else None for chance, effort in efforts.items()}


def _evidence_row(finding: Finding) -> dict[str, Any]:
    estimate = finding.estimate
    return {
        "criterion": finding.criterion.id,
        "question": finding.question,
        "slice": dict(finding.slice),
        "options": dict(finding.criterion.options),
        "state": finding.state,
        "status": estimate.status,
        "n": estimate.n,
        "value": f"{estimate.value:.12g}",
        "low": f"{estimate.low:.12g}",
        "high": f"{estimate.high:.12g}",
    }


def _results(assessment: Assessment, standard: Standard) -> Iterator[CriterionResult]:
    passed = {(c.criterion.id, c.question) for c in assessment.checks if c.state == "pass"}
    for finding in assessment.findings:
        is_open = finding.state in {"undecided", "missing"}
        allowed = is_open and (finding.criterion.id, finding.question) in passed
        yield _result(finding, standard, is_allowed=allowed)


def _result(finding: Finding, standard: Standard, *, is_allowed: bool) -> CriterionResult:
    criterion, estimate = finding.criterion, finding.estimate
    # A batch can grow by a further part, so what is left of the plan is no limit.
    effort = settle(finding, cost_per_item=standard.costs.inspection)
    return CriterionResult(
        id=criterion.id,
        title=criterion.title or METRICS[criterion.metric].title,
        metric=criterion.metric,
        question=finding.question,
        slice=finding.slice,
        options=criterion.options,
        severity=criterion.severity,
        must_be=criterion.bound.text,
        bound=criterion.bound,
        state=finding.state,
        settle=effort.text if effort else None,
        effort=effort,
        blocks=finding.blocks,
        is_allowed=is_allowed,
        why=explanation(finding),
        estimate=estimate,
        origin=criterion.origin,
        owner=criterion.owner,
    )
