"""From estimates to a verdict: criteria judged, fails corrected, strata combined.

The verdict is the first that applies:

    reject       a hard criterion fails
    hold         a hard criterion is undecided or without evidence; or the standard has no hard
                 criterion; or nothing could be evaluated
    conditional  a soft criterion does not pass, or a waiver is in use
    accept       every criterion passes

A criterion that is asked of several questions counts once for each of them.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf, isnan
from typing import Literal

from metrics.criteria import (
    Bound,
    ByRule,
    Cause,
    Criterion,
    Judgement,
    Pairs,
    Severity,
    State,
    fail_probability,
    is_bounded,
    is_census,
    judge,
)
from metrics.estimates import Estimate
from metrics.wording import explanation, verdict_reason

__all__ = [
    "Assessment",
    "Bound",
    "ByRule",
    "Cause",
    "Check",
    "Criterion",
    "Evidence",
    "Finding",
    "Judgement",
    "Severity",
    "State",
    "Verdict",
    "assess",
    "combined_state",
    "explanation",
    "holm",
    "judge",
]

Verdict = Literal["accept", "conditional", "hold", "reject"]

# Worst first. A row that stands in nobody's way comes after those that do, whatever its state.
_ORDER: Mapping[tuple[Severity, State], int] = {
    ("hard", "fail"): 0,
    ("hard", "missing"): 1,
    ("hard", "undecided"): 2,
    ("soft", "fail"): 3,
    ("soft", "missing"): 4,
    ("soft", "undecided"): 5,
    ("hard", "waived"): 6,
    ("soft", "waived"): 7,
    ("hard", "pass"): 9,
    ("soft", "pass"): 10,
}
_HARMLESS = 8
_GRAVITY: Mapping[State, int] = {"pass": 0, "waived": 1, "undecided": 2, "missing": 3, "fail": 4}


@dataclass(frozen=True, slots=True)
class Evidence:
    """One estimate brought to one criterion.

    `slice` names the stratum as pairs of dimension and value; empty for the whole question.
    """

    criterion: Criterion
    question: str
    slice: Pairs
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class Finding:
    """One row of the verdict: evidence and what it comes to.

    Attributes
    ----------
    criterion, question, slice, estimate : the evidence
    state : after the correction for the number of comparisons, and after waivers
    cause : what the state rests on
    margin : distance to the nearest end of the bound in half-widths, see `threshold_margin`
    tests : number of comparisons among which a fail of this row had to hold, 1 without correction
    blocks : the row is one of those that keep its criterion from passing
    """

    criterion: Criterion
    question: str
    slice: Pairs
    estimate: Estimate
    state: State
    cause: Cause
    margin: float
    tests: int = 1
    blocks: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """One criterion on one question: all its rows, worst first, and their combined state."""

    criterion: Criterion
    question: str
    state: State
    findings: tuple[Finding, ...]

    @property
    def worst(self) -> Finding:
        """The row that explains the state; of a criterion that passes, the one closest to not."""
        telling = (row for row in self.findings if row.blocks or row.state == "pass")
        return next(telling, self.findings[0])


@dataclass(frozen=True, slots=True)
class Assessment:
    """A verdict with the sentence that gives its reason and everything it rests on, worst first."""

    verdict: Verdict
    reason: str
    checks: tuple[Check, ...]
    findings: tuple[Finding, ...]


def assess(
    criteria: Sequence[Criterion],
    evidence: Iterable[Evidence],
    *,
    confidence: float = 0.95,
    waivers: Collection[str] = (),
) -> Assessment:
    """Judge all evidence against all criteria and give the verdict.

    Answers whether the batch may be accepted, and what is in the way. A criterion without
    evidence, and a stratum dimension without rows, count as missing evidence. Hard criteria that
    fail on their own interval fail the batch only if they still do after Holm's correction over
    all hard comparisons that could have failed (rows with an interval, strata included); the
    others become undecided. Passes are not corrected, since all of them have to hold together.
    A count of the whole batch has no error to correct and stays outside.

    Parameters
    ----------
    criteria : the standard's criteria; ids are unique
    evidence : one row per criterion, question and slice
    confidence : level of the intervals
    waivers : ids of criteria with a waiver in force; it is in use where the criterion does not pass

    Returns
    -------
    Assessment
        Independent of the order of criteria and evidence.

    Raises
    ------
    ValueError
        For evidence that belongs to no criterion, comes twice, or has another confidence.

    References
    ----------
    Holm (1979), A simple sequentially rejective multiple test procedure, Scandinavian Journal of
    Statistics 6, 65-70.
    """
    rows = _gathered(criteria, evidence, confidence)
    findings = _corrected([_found(row) for row in rows], confidence)
    groups: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        groups[finding.criterion.id, finding.question].append(finding)
    checks = tuple(
        sorted((_check(group, waivers) for group in groups.values()), key=lambda c: _key(c.worst))
    )
    verdict = _verdict(checks)
    return Assessment(
        verdict=verdict,
        reason=verdict_reason(verdict, checks),
        checks=checks,
        findings=tuple(sorted((row for c in checks for row in c.findings), key=_key)),
    )


def holm(p_values: Sequence[float], level: float) -> tuple[bool, ...]:
    """Hypotheses rejected by Holm's step-down procedure, in the order given.

    The smallest p is compared with level / k, the next with level / (k - 1), and so on until one
    is larger. The chance of any false rejection is at most `level`, however the tests depend.

    Examples
    --------
    Holm (1979): at level .05, .01 and .005 are rejected, .03 and .04 are not.

    >>> holm([0.01, 0.03, 0.04, 0.005], 0.05)
    (True, False, False, True)
    """
    rejected = [False] * len(p_values)
    for step, index in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        if p_values[index] > level / (len(p_values) - step):
            break
        rejected[index] = True
    return tuple(rejected)


def combined_state(criterion: Criterion, findings: Sequence[Finding]) -> State:
    """State of a criterion on one question from its rows, as its `by_rule` says.

    "pooled passes and no stratum fails": fail if any row fails; else the state of the overall row
    if that is not a pass; else missing if of some dimension no stratum could be measured; else
    pass. Strata too thin to be decided do not block.
    "every stratum passes": the worst state among the strata (fail, missing, undecided, pass); the
    overall row is shown and does not count.
    Without `by` all rows must pass, such as one per pair of annotators.
    """
    counted = [finding for finding in findings if _counts(criterion, finding.slice)]
    worst = max((finding.state for finding in counted), key=_GRAVITY.__getitem__)
    if not _pools(criterion) or worst == "fail":
        return worst
    pooled = max(
        (finding.state for finding in counted if not finding.slice), key=_GRAVITY.__getitem__
    )
    if pooled != "pass":
        return pooled
    measured = {name for f in counted if f.state != "missing" for name, _ in f.slice}
    return "pass" if measured.issuperset(criterion.by) else "missing"


def _gathered(
    criteria: Sequence[Criterion], evidence: Iterable[Evidence], confidence: float
) -> list[Evidence]:
    """Check the evidence and add what should have been there as missing."""
    known = {criterion.id: criterion for criterion in criteria}
    if len(known) != len(criteria):
        raise ValueError("two criteria have the same id")
    groups: dict[str, dict[str, dict[Pairs, Evidence]]] = {name: {} for name in known}
    for row in evidence:
        name = row.criterion.id
        if known.get(name) != row.criterion:
            raise ValueError(f"evidence for {name!r}, which is not a criterion of this standard")
        of_question = groups[name].setdefault(row.question, {})
        if row.slice in of_question:
            raise ValueError(f"evidence for {name!r} on {row.question!r} {row.slice} comes twice")
        is_interval = row.estimate.status in {"ok", "insufficient"} and not (
            is_census(row.estimate) or is_bounded(row.estimate)
        )
        if is_interval and row.estimate.confidence != confidence:
            raise ValueError(
                f"evidence for {name!r} has a confidence of {row.estimate.confidence}, the standard"
                f" {confidence}"
            )
        of_question[row.slice] = row
    return [
        row
        for name, questions in groups.items()
        for question, rows in (questions or {known[name].question or "": {}}).items()
        for row in _completed(known[name], question, rows)
    ]


def _completed(
    criterion: Criterion, question: str, rows: Mapping[Pairs, Evidence]
) -> list[Evidence]:
    def absent(stratum: Pairs, reason: str) -> Evidence:
        return Evidence(
            criterion, question, stratum, Estimate(status="missing_input", reason=reason)
        )

    if not rows:
        return [absent((), "the batch has nothing that it could be measured on")]
    completed = list(rows.values())
    if _pools(criterion) and () not in rows:
        completed.append(absent((), "the value over all strata was not measured"))
    dimensions = {name for stratum in rows for name, _ in stratum}
    completed.extend(
        absent(((name, "*"),), f"the batch has no strata of {name}")
        for name in criterion.by
        if name not in dimensions
    )
    return completed


def _found(row: Evidence) -> Finding:
    judgement = judge(row.criterion, row.estimate)
    return Finding(
        criterion=row.criterion,
        question=row.question,
        slice=row.slice,
        estimate=row.estimate,
        state=judgement.state,
        cause=judgement.cause,
        margin=judgement.margin,
    )


def _corrected(findings: Sequence[Finding], confidence: float) -> list[Finding]:
    """Turn hard fails that do not survive Holm's correction into undecided.

    Rows that could not have failed are outside: with missing evidence inside, adding a criterion
    nobody can measure would turn a reject into a hold.
    """
    level = (1 - confidence) / 2
    family = [index for index, finding in enumerate(findings) if _may_fail_by_chance(finding)]
    p_values = []
    for index in family:
        p_value = fail_probability(findings[index].margin, confidence)
        # The interval decides a single comparison; rounding of p must not overrule it.
        p_values.append(min(p_value, level) if findings[index].state == "fail" else p_value)
    corrected = list(findings)
    for index, holds in zip(family, holm(p_values, level), strict=True):
        finding = replace(findings[index], tests=len(family))
        if finding.state == "fail" and not holds:
            finding = replace(finding, state="undecided", cause="correction")
        corrected[index] = finding
    return corrected


def _may_fail_by_chance(finding: Finding) -> bool:
    return (
        finding.criterion.severity == "hard"
        and finding.cause == "interval"
        and not is_bounded(finding.estimate)
        and _counts(finding.criterion, finding.slice)
    )


def _check(group: Sequence[Finding], waivers: Collection[str]) -> Check:
    criterion = group[0].criterion
    state = combined_state(criterion, group)
    waived = state != "pass" and criterion.id in waivers
    rows = []
    for finding in group:
        blocks = state != "pass" and _blocks(finding, state, group)
        shown: State = "waived" if blocks and waived else finding.state
        rows.append(replace(finding, state=shown, blocks=blocks))
    return Check(
        criterion=criterion,
        question=group[0].question,
        state="waived" if waived else state,
        findings=tuple(sorted(rows, key=_key)),
    )


def _blocks(finding: Finding, state: State, group: Sequence[Finding]) -> bool:
    """Say whether a row is one of those that keep its criterion from passing."""
    criterion = finding.criterion
    if finding.state == "pass" or not _counts(criterion, finding.slice):
        return False
    if not _pools(criterion) or finding.state == "fail" or not finding.slice:
        return True
    pooled_passes = all(row.state == "pass" for row in group if not row.slice)
    return state == "missing" and finding.state == "missing" and pooled_passes


def _counts(criterion: Criterion, stratum: Pairs) -> bool:
    return bool(stratum) or not criterion.by or _pools(criterion)


def _pools(criterion: Criterion) -> bool:
    return bool(criterion.by) and criterion.by_rule == "pooled passes and no stratum fails"


def _verdict(checks: Sequence[Check]) -> Verdict:
    hard = {check.state for check in checks if check.criterion.severity == "hard"}
    if "fail" in hard:
        return "reject"
    evaluated = any(not isnan(finding.margin) for check in checks for finding in check.findings)
    if not hard or not evaluated or hard & {"undecided", "missing"}:
        return "hold"
    return "accept" if all(check.state == "pass" for check in checks) else "conditional"


def _key(finding: Finding) -> tuple[int, float, str, str, Pairs]:
    """Sort key: what stands most in the way, then what lies furthest on the bad side."""
    in_the_way = finding.blocks or finding.state in {"pass", "waived"}
    place = _ORDER[finding.criterion.severity, finding.state] if in_the_way else _HARMLESS
    margin = -inf if isnan(finding.margin) else finding.margin
    return place, margin, finding.criterion.id, finding.question, finding.slice
