"""What would settle an undecided criterion, and whether that is worth it.

Assumptions, said wherever the numbers are shown: the truth is the present estimate; standard error
and half-width shrink with the square root of n, on each side separately; what is there stays in,
so the estimate moves only by what the new units add. An estimate at n' = r n then has the present
value as its mean and a standard error of s sqrt(r - 1) / r, where s is the present one.

Rule: a criterion sits on its threshold, and is not worth settling, when even an even chance needs
more than `WORTHWHILE_GROWTH` times the present n (or the minimum n, if that is larger). It is out
of reach when that chance needs more units than the batch has left.

A count of the whole batch that is too small is no matter of chance: what is missing is counted.
"""

from dataclasses import dataclass
from math import ceil, isfinite, sqrt
from typing import Literal

from scipy.special import ndtr, ndtri

from metrics.acceptance import Bound, Finding
from metrics.criteria import is_bounded
from metrics.estimates import Estimate
from metrics.wording import about_number, place

Outlook = Literal["reachable", "on the threshold", "beyond the batch", "unknown", "counted"]

WORTHWHILE_GROWTH = 20
_SEARCHED_GROWTH = 1_000_000


@dataclass(frozen=True, slots=True)
class Effort:
    """What one chance of settling takes.

    Attributes
    ----------
    n : total n, in the unit of the estimate
    extra : the same beyond what is there and stays
    cost : price of the extra items; None where it is unknown or the unit is not items
    """

    n: int
    extra: int
    cost: float | None


@dataclass(frozen=True, slots=True)
class Settle:
    """How much more evidence gives an undecided criterion a fair chance to be decided.

    Attributes
    ----------
    even, likely : Effort or None
        For a 50 % and an 80 % chance that the criterion passes or fails; None where no number of
        further units gives it.
    outlook : {"reachable", "on the threshold", "beyond the batch", "unknown", "counted"}
    text : str
        One or two sentences for the reader.
    """

    even: Effort | None
    likely: Effort | None
    outlook: Outlook
    text: str

    @property
    def n_50(self) -> int | None:
        """Total n for a 50 % chance."""
        return self.even.n if self.even else None

    @property
    def n_80(self) -> int | None:
        """Total n for an 80 % chance."""
        return self.likely.n if self.likely else None


def settle(
    finding: Finding, *, cost_per_item: float | None = None, available: int | None = None
) -> Settle | None:
    """Say what would settle an undecided finding, or fill a count that is short; else None.

    Answers whether to collect more, and how much, before the meeting is held again. Misleads when
    the present value is far from the truth: the answer is as uncertain as the estimate.

    Parameters
    ----------
    finding : a row of an assessment
    cost_per_item : price of one more item judged, as the standard's `[costs] inspection`
    available : units of this batch that are not behind the estimate yet; None when unknown
    """
    if finding.state == "fail" and finding.estimate.is_count:
        return _shortfall(finding)
    if finding.state != "undecided":
        return None
    hindrance = _no_number_helps(finding)
    if hindrance:
        return Settle(None, None, "unknown", hindrance)
    even = _effort(finding, 0.5, cost_per_item)
    likely = _effort(finding, 0.8, cost_per_item)
    # Units that are there may be drawn again when the sample is drawn anew.
    left = available if available is None or _keeps(finding) else available + finding.estimate.n
    outlook = _outlook(finding, even, left)
    return Settle(even, likely, outlook, _text(finding, outlook, even, likely, left))


def _shortfall(finding: Finding) -> Settle | None:
    """Say what a count is short of; more items never mend one that is too large.

    No cost is given: the price of inspecting an item is not the price of getting one.
    """
    needed = ceil(finding.criterion.bound.floor) if finding.criterion.bound.low is not None else 0
    short = needed - int(finding.estimate.value)
    if short <= 0:
        return None
    unit, verb = ("item", "is") if short == 1 else ("items", "are")
    where = f" of {place(finding.slice)}" if finding.slice else ""
    effort = Effort(needed, short, None)
    return Settle(effort, effort, "counted", f"{short:,} more {unit}{where} {verb} needed.")


def settling_chance(
    bound: Bound, estimate: Estimate, growth: float, *, tests: int = 1, kept: bool = True
) -> float:
    """Chance that the interval lies wholly inside or wholly outside the bound at `growth` times n.

    With m = growth: the estimate is normal around the present value, with standard error
    s sqrt(m - 1) / m when the present units stay (`kept`), s / sqrt(m) for a fresh sample; its
    half-width is the present one over sqrt(m). Below and above the value each side uses its own
    half-width. A fail has to hold among `tests` comparisons: its half-width is stretched by the
    ratio of the normal quantiles (first step of Holm's procedure, which is the strictest).

    Examples
    --------
    A floor half a half-width away needs four times the n for an even chance: (z s / d)².

    >>> near = Estimate(value=0.4, low=0.3, high=0.5, n=100)
    >>> round(settling_chance(Bound.parse(">= 0.35"), near, 4.0), 3)
    0.5
    """
    tail = (1 - estimate.confidence) / 2
    quantile = ndtri(1 - tail)
    stretch = ndtri(1 - tail / tests) / quantile
    down, up = estimate.value - estimate.low, estimate.high - estimate.value
    shrink = 1 / sqrt(growth)
    wobble = (sqrt(growth - 1) / growth if kept else shrink) / quantile

    def below(limit: float) -> float:
        distance = limit - estimate.value
        error = (down if distance < 0 else up) * wobble
        return float(ndtr(distance / error)) if error > 0 else float(distance >= 0)

    passes = below(bound.ceiling - up * shrink) - below(bound.floor + down * shrink)
    fails = below(bound.floor - up * shrink * stretch)
    fails += 1 - below(bound.ceiling + down * shrink * stretch)
    return max(passes, 0.0) + fails


def _no_number_helps(finding: Finding) -> str:
    """Return the sentence for a finding that no number of further items can be given for."""
    estimate = finding.estimate
    reason = estimate.reason.rstrip(". ")
    if is_bounded(estimate):
        return f"No number more of the same settles it: {estimate.provenance['bounds']}."
    if finding.cause == "insufficient" and _growth_to_trust(estimate) is None:
        return f"How many more would settle it cannot be said: {reason}."
    if not (isfinite(estimate.low) and isfinite(estimate.high) and estimate.low < estimate.high):
        return "How many more would settle it cannot be said: there is no interval to shrink."
    return ""


def _smallest_n(finding: Finding) -> int:
    """Return the n below which nothing is decided, whatever the interval."""
    estimate = finding.estimate
    growth = 1.0 if _keeps(finding) else 0.0
    if estimate.status == "insufficient":
        growth = _growth_to_trust(estimate) or growth
    return max(finding.criterion.minimum_n, ceil(estimate.n * growth), 1)


def _keeps(finding: Finding) -> bool:
    """Say whether the units that are there stay; those nobody drew at random do not."""
    return finding.cause != "unrepresentative"


def _growth_to_trust(estimate: Estimate) -> float | None:
    """Factor on n at which the interval could be trusted, as the rule for sufficiency sees it."""
    needed = estimate.provenance.get("growth_needed")
    if estimate.about == "annotators" or isinstance(needed, str) or needed is None:
        return None
    return max(needed, 1.0) if isfinite(needed) else None


def _effort(finding: Finding, chance: float, cost_per_item: float | None) -> Effort | None:
    """Return the smallest effort that gives the chance; None beyond the search."""
    estimate, kept = finding.estimate, _keeps(finding)

    def suffices(total: int) -> bool:
        growth = total / estimate.n
        bound = finding.criterion.bound
        return settling_chance(bound, estimate, growth, tests=finding.tests, kept=kept) >= chance

    upper = _smallest_n(finding)
    too_few = upper - 1
    while not suffices(upper):
        if upper > _SEARCHED_GROWTH * estimate.n:
            return None
        too_few, upper = upper, 2 * upper
    while upper - too_few > 1:
        middle = (too_few + upper) // 2
        too_few, upper = (too_few, middle) if suffices(middle) else (middle, upper)
    extra = upper - estimate.n if kept else upper
    is_priced = cost_per_item is not None and "item" in estimate.n_unit
    return Effort(upper, extra, extra * (cost_per_item or 0.0) if is_priced else None)


def _outlook(finding: Finding, even: Effort | None, left: int | None) -> Outlook:
    present = max(finding.estimate.n, _smallest_n(finding))
    if even is None or even.n > WORTHWHILE_GROWTH * present:
        return "on the threshold"
    return "beyond the batch" if left is not None and even.extra > left else "reachable"


def _text(
    finding: Finding,
    outlook: Outlook,
    even: Effort | None,
    likely: Effort | None,
    left: int | None,
) -> str:
    unit = finding.estimate.n_unit
    opening = "" if _keeps(finding) else "More of the same choice does not settle it; draw anew. "
    if even is None:
        return f"{opening}It sits on the threshold: not worth it, no number of {unit} settles it."
    if outlook == "on the threshold":
        times = about_number(even.n / finding.estimate.n)
        return (
            f"{opening}It sits on the threshold: not worth it, an even chance to settle it takes"
            f" about {about_number(even.n)} {unit}, {times} times what is there."
        )
    if outlook == "beyond the batch":
        return (
            f"{opening}This batch cannot settle it: an even chance takes about"
            f" {_amount(even, unit)} and {left or 0:,} are left."
        )
    if even == likely:
        chance = "at least an 80 % chance"
        return f"{opening}About {_amount(even, unit)} {_give(even)} {chance} to settle it."
    sentence = f"{opening}About {_amount(even, unit)} {_give(even)} a 50 % chance to settle it"
    return sentence + (f", {_amount(likely, unit)} an 80 % chance." if likely else ".")


def _amount(effort: Effort, unit: str) -> str:
    cost = "" if effort.cost is None else f" (cost about {about_number(effort.cost)})"
    return f"{about_number(effort.extra)} more {unit[:-1] if effort.extra == 1 else unit}{cost}"


def _give(effort: Effort) -> str:
    return "gives" if effort.extra == 1 else "give"
