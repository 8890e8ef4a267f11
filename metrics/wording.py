"""Numbers as sentences carry them, and the sentences that give the reason for a verdict."""

from __future__ import annotations

from math import ceil, floor, inf, isfinite, log10
from typing import TYPE_CHECKING, SupportsFloat

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from metrics.acceptance import Check, Finding, Verdict
    from metrics.criteria import Bound
    from metrics.estimates import Estimate

_MINUS = "\u2212"
_DASH = "\u2013"
_MOST_DECIMALS = 5


def figure(value: float, decimals: int = 2) -> str:
    """Return a number as papers print coefficients, without the zero before the point.

    Examples
    --------
    >>> figure(0.331), figure(-0.5), figure(1.0), figure(float("nan"))
    ('.33', '\u2212.50', '1.00', '\u2013')
    """
    if not isfinite(value):
        return _DASH
    text = f"{abs(value):,.{decimals}f}"
    if text.startswith("0."):
        text = text[1:]
    is_negative = value < 0 and any(sign in text for sign in "123456789")
    return (_MINUS if is_negative else "") + text


def decimals_for(value: float, low: float, high: float, thresholds: Iterable[float] = ()) -> int:
    """Return the decimals the interval supports, more where rounding would cross a threshold.

    Examples
    --------
    >>> decimals_for(0.33, 0.24, 0.42), decimals_for(63.2, 50.1, 76.0)
    (2, 1)
    >>> decimals_for(0.349, 0.24, 0.42, (0.35,))
    3
    """
    width = high - low
    decimals = 2
    if isfinite(width) and width > 0:
        decimals = sum(width < limit for limit in (40, 4, 0.04, 0.004))
    limits = tuple(thresholds)
    while decimals < _MOST_DECIMALS and any(
        number != limit and figure(number, decimals) == figure(limit, decimals)
        for number in (value, low, high)
        if isfinite(number)
        for limit in limits
    ):
        decimals += 1
    return decimals


def value_with_interval(
    value: float, low: float, high: float, thresholds: Iterable[float] = ()
) -> str:
    """Return value and interval: .33 [.24, .42]; the value alone where the two are one.

    Examples
    --------
    >>> value_with_interval(0.331, 0.24, 0.42), value_with_interval(0.25, 0.25, 0.25)
    ('.33 [.24, .42]', '.25')
    """
    decimals = decimals_for(value, low, high, thresholds)
    if not (isfinite(low) and isfinite(high)) or low == high == value:
        return figure(value, decimals)
    return f"{figure(value, decimals)} [{figure(low, decimals)}, {figure(high, decimals)}]"


def estimate_figures(estimate: Estimate, thresholds: Iterable[float] = ()) -> str:
    """Return value and interval of an estimate; a count stands alone and has no decimals."""
    if estimate.is_count and isfinite(estimate.value):
        return figure(estimate.value, 0)
    return value_with_interval(estimate.value, estimate.low, estimate.high, thresholds)


def limit_in_words(bound: Bound) -> str:
    """Name what the bound asks for: a floor, a ceiling or a band."""
    ends = [end for end in (bound.low, bound.high) if end is not None]
    shown = [figure(end, _own_decimals(end)) for end in ends]
    if bound.high is None:
        return f"a floor of {shown[0]}"
    if bound.low is None:
        return f"a ceiling of {shown[0]}"
    return f"a band of [{shown[0]}, {shown[1]}]"


def whole(number: SupportsFloat) -> int:
    """Return a number rounded down, for what a reader counts in whole things.

    Examples
    --------
    >>> whole(22.5), whole(18.9999999999)
    (22, 19)
    """
    return floor(float(number) + 1e-9)


def about_number(number: float) -> str:
    """Return a number rounded up to two significant digits, with separators.

    Examples
    --------
    >>> about_number(7), about_number(86.2), about_number(1_234)
    ('7', '87', '1,300')
    """
    if number < 100:
        return f"{ceil(number):,}"
    step = 10 ** (int(log10(number)) - 1)
    return f"{ceil(number / step) * step:,}"


def subject(finding: Finding) -> str:
    """Say what was measured: Agreement on winner in language=de."""
    title = finding.criterion.title or finding.criterion.metric.replace("_", " ")
    where = f" on {finding.question}" if finding.question else ""
    stratum = f" in {place(finding.slice)}" if finding.slice else ""
    return f"{title[:1].upper()}{title[1:]}{where}{stratum}"


def place(stratum: Sequence[tuple[str, str]]) -> str:
    """Name a slice: language=de, task=coding; empty for everything."""
    return ", ".join(f"{dimension}={value}" for dimension, value in stratum)


def explanation(finding: Finding) -> str:
    """Return one sentence: what was measured, what it is, what was asked, what is in the way."""
    estimate, bound = finding.estimate, finding.criterion.bound
    reason = estimate.reason.rstrip(". ") or "no reason was given"
    if finding.cause == "other_subject":
        asked = finding.criterion.about
        return f"{subject(finding)} speaks of the {estimate.about}, the criterion of the {asked}."
    if finding.cause in {"undefined", "missing_input"}:
        return f"{subject(finding)} could not be measured: {reason}."
    limits = [limit for limit in (bound.low, bound.high) if limit is not None]
    shown = estimate_figures(estimate, limits)
    hindrance = {
        "insufficient": f"; {reason}",
        "too_few": f", on {estimate.n:,} {estimate.n_unit} where {finding.criterion.minimum_n:,}"
        " are asked for",
        "no_interval": ", without an interval that could be compared",
        "unrepresentative": f", but {_chosen(estimate)}",
        "correction": f", which is not enough among {finding.tests} comparisons",
    }.get(finding.cause, "")
    return f"{subject(finding)} is {shown} against {limit_in_words(bound)}{hindrance}."


def _chosen(estimate: Estimate) -> str:
    """Say why the units behind a value do not stand for the rest, as far as anybody knows."""
    overlap = str(estimate.provenance.get("overlap", ""))
    return overlap or f"its {estimate.n_unit} were not drawn at random"


def verdict_reason(verdict: Verdict, checks: Sequence[Check]) -> str:
    """Return how many criteria stand in the way, and the worst of them, in two sentences."""
    hard = [check for check in checks if check.criterion.severity == "hard"]
    if not hard:
        return "The standard has no hard criterion, so nothing can be accepted on it."
    if verdict == "accept":
        closest = min((check.worst for check in checks), key=lambda finding: finding.margin)
        near = f" Closest to its limit: {explanation(closest)}" if closest.margin < inf else ""
        return f"{_all_pass(hard, checks)}.{near}"
    counts = {"reject": _failing, "hold": _open, "conditional": _reservations}[verdict](checks)
    return f"{counts[0].upper()}{counts[1:]}. {explanation(checks[0].worst)}"


def _failing(checks: Sequence[Check]) -> str:
    return _share(checks, "hard", "fail")[1]


def _open(checks: Sequence[Check]) -> str:
    parts = [_share(checks, "hard", state) for state in ("undecided", "missing")]
    found = [text for number, text in parts if number]
    if not found:
        return "no criterion could be evaluated"
    several = sum(check.criterion.severity == "hard" for check in checks) > 1
    return " and ".join(found) + (", none fails" if several else "")


def _reservations(checks: Sequence[Check]) -> str:
    hard = [check for check in checks if check.criterion.severity == "hard"]
    soft = [check for check in checks if check.criterion.severity == "soft"]
    waived = sum(check.state == "waived" for check in checks)
    passed = sum(check.state == "pass" for check in hard)
    short = sum(check.state in {"fail", "undecided", "missing"} for check in soft)
    parts = [f"{_of(passed, len(hard), 'hard')} {_verb(passed, 'pass')}"]
    if short:
        parts.append(f"{_of(short, len(soft), 'soft')} {_verb(short, 'do')} not")
    if waived:
        parts.append(f"{waived} {_verb(waived, 'are')} waived")
    return "; ".join(parts)


def _all_pass(hard: Sequence[Check], checks: Sequence[Check]) -> str:
    soft = len(checks) - len(hard)
    told = f"Every criterion passes ({len(hard)} hard" + (f", {soft} soft)" if soft else ")")
    strata = [row for check in checks if check.criterion.by for row in check.findings if row.slice]
    left = sum(row.state in {"undecided", "missing"} for row in strata)
    if not left:
        return told
    which = f"{left} of {len(strata)} strata {_verb(left, 'are')} not decided"
    return f"{told}; {which}, which the standard allows"


def _share(checks: Sequence[Check], severity: str, state: str) -> tuple[int, str]:
    """Count the checks in a state and say it: 1 of 5 hard criteria is undecided."""
    group = [check for check in checks if check.criterion.severity == severity]
    number = sum(check.state == state for check in group)
    said = {
        "fail": _verb(number, "fail"),
        "undecided": f"{_verb(number, 'are')} undecided",
        "missing": f"{_verb(number, 'are')} without evidence",
    }[state]
    return number, f"{_of(number, len(group), severity)} {said}"


def _of(number: int, total: int, severity: str) -> str:
    if number == total == 1:
        return f"the one {severity} criterion"
    return f"{number} of {total} {severity} {'criterion' if total == 1 else 'criteria'}"


def _verb(number: int, plural: str) -> str:
    singular = {"fail": "fails", "pass": "passes", "are": "is", "do": "does"}
    return singular[plural] if number == 1 else plural


def _own_decimals(limit: float) -> int:
    """Return the decimals a threshold was written with, at least two below one."""
    _, _, decimals = f"{limit:.10g}".partition(".")
    return max(len(decimals), 2 if abs(limit) < 1 else 0)
