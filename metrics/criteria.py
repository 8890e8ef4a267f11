"""One criterion: a bound on an estimate, and what the estimate says about it."""

import re
from dataclasses import dataclass
from math import inf, isnan, nan
from typing import Literal, Self

from scipy.special import ndtr, ndtri

from metrics.estimates import About, Estimate

State = Literal["pass", "fail", "undecided", "missing", "waived"]
Severity = Literal["hard", "soft"]
ByRule = Literal["pooled passes and no stratum fails", "every stratum passes"]
Cause = Literal[
    "interval",
    "census",
    "correction",
    "too_few",
    "insufficient",
    "no_interval",
    "unrepresentative",
    "undefined",
    "missing_input",
    "other_subject",
]
Pairs = tuple[tuple[str, str], ...]

_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
_ONE_SIDED = re.compile(rf"(>=|<=)\s*({_NUMBER})")
_TWO_SIDED = re.compile(rf"within\s*\[\s*({_NUMBER})\s*,\s*({_NUMBER})\s*\]")
_FORMS = 'allowed are ">= x", "<= x" and "within [a, b]"'


@dataclass(frozen=True, slots=True)
class Bound:
    """What a value must be: at least, at most, or inside a band; ends belong to it.

    Attributes
    ----------
    low, high : float or None
        Ends of the allowed range; None where it is open.
    text : str
        The bound as the standard writes it.
    """

    low: float | None
    high: float | None
    text: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a bound.

        Raises
        ------
        ValueError
            With what is wrong and what is allowed. An equality is refused: no estimate can show
            it, only that the value lies in a band somebody finds good enough.

        Examples
        --------
        >>> Bound.parse(">= 0.35").low, Bound.parse("within [0.45, 0.55]").high
        (0.35, 0.55)
        """
        plain = text.strip()
        if match := _ONE_SIDED.fullmatch(plain):
            limit = _finite(match[2])
            return cls(limit, None, plain) if match[1] == ">=" else cls(None, limit, plain)
        if match := _TWO_SIDED.fullmatch(plain):
            low, high = _finite(match[1]), _finite(match[2])
            if low >= high:
                raise ValueError(f"{plain!r} has no room between its ends; write the lower first")
            return cls(low, high, plain)
        raise ValueError(_refusal(plain))

    @property
    def floor(self) -> float:
        """Lower end, minus infinity where there is none."""
        return -inf if self.low is None else self.low

    @property
    def ceiling(self) -> float:
        """Upper end, infinity where there is none."""
        return inf if self.high is None else self.high

    def state(self, low: float, high: float) -> Literal["pass", "fail", "undecided"]:
        """Compare an interval: wholly inside, wholly outside, or neither.

        Examples
        --------
        >>> bound = Bound.parse(">= 0.35")
        >>> bound.state(0.36, 0.5), bound.state(0.1, 0.3), bound.state(0.3, 0.5)
        ('pass', 'fail', 'undecided')
        """
        if low >= self.floor and high <= self.ceiling:
            return "pass"
        if high < self.floor or low > self.ceiling:
            return "fail"
        return "undecided"


@dataclass(frozen=True, slots=True)
class Criterion:
    """One requirement of a standard.

    Attributes
    ----------
    id, title : name in the standard, and the words it is shown with
    metric, options : id in the catalogue and options as pairs of texts, sorted by name
    question : name of the question; None asks it of every question the metric is defined for
    bound : what the value must be
    about : what the interval must speak of
    severity : hard blocks, soft makes conditional
    minimum_n : below this n, in the metric's unit, nothing is decided
    by, by_rule : dimensions to split by, and how strata and the whole combine
    where : the slice it is asked of, as pairs of dimension and value; empty for the whole batch
    origin, owner : where the bound comes from and who answers for it
    allow_unrepresentative : let a hard criterion be decided on items nobody drew at random
    """

    id: str
    metric: str
    bound: Bound
    severity: Severity
    question: str | None = None
    options: Pairs = ()
    about: About = "process"
    minimum_n: int = 1
    by: tuple[str, ...] = ()
    by_rule: ByRule = "pooled passes and no stratum fails"
    origin: str = ""
    owner: str = ""
    allow_unrepresentative: bool = False
    title: str = ""
    where: Pairs = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one estimate says about one criterion, taken alone.

    Attributes
    ----------
    state : pass, fail, undecided or missing
    cause : what the state rests on
    margin : signed distance of the value to the nearest end of the bound, in half-widths of its
        interval; nan where nothing was measured
    """

    state: State
    cause: Cause
    margin: float


def judge(criterion: Criterion, estimate: Estimate) -> Judgement:
    """Hold an estimate against a criterion.

    Answers whether this one number, with its uncertainty, meets what was asked. Missing evidence
    is never a pass, and neither is a value that merely lies on the good side: the whole interval
    must. A count of the whole batch (`about="batch"`, low = high = value) has no uncertainty and
    is judged on its value. An interval without width that claims to speak of more than this batch
    was not estimated, and decides nothing.

    Returns
    -------
    Judgement
        Before any correction for the number of criteria, see `metrics.acceptance.assess`.
    """
    cause = _cause(criterion, estimate)
    if cause in {"undefined", "missing_input", "other_subject"}:
        return Judgement("missing", cause, nan)
    margin = threshold_margin(criterion.bound, estimate)
    if cause == "interval":
        return Judgement(criterion.bound.state(estimate.low, estimate.high), cause, margin)
    if cause == "census":
        return Judgement(criterion.bound.state(estimate.value, estimate.value), cause, margin)
    return Judgement("undecided", cause, margin)


def is_census(estimate: Estimate) -> bool:
    """Say whether the estimate is a count of the whole batch, without sampling error."""
    return estimate.about == "batch" and estimate.low == estimate.high == estimate.value


def is_bounded(estimate: Estimate) -> bool:
    """Say whether the limits are what cannot be checked, and no matter of chance.

    Such an estimate says in its provenance under "bounds" what leaves the room between them.
    """
    return "bounds" in estimate.provenance


def threshold_margin(bound: Bound, estimate: Estimate) -> float:
    """Signed distance from the value to the nearest end of the bound, in half-widths.

    Each distance is divided by the half-width that faces the end: the upper one for a value below
    a floor, the lower one for a value above it. Above 1 the interval lies wholly inside, below -1
    wholly outside. A value outside its own interval (a shifted bootstrap interval) is moved to the
    nearer limit; a half-width of zero is replaced by half the interval.
    """
    centre = min(max(estimate.value, estimate.low), estimate.high)
    below, above = centre - estimate.low, estimate.high - centre
    gap_low, gap_high = centre - bound.floor, bound.ceiling - centre
    spread = (estimate.high - estimate.low) / 2
    return min(
        _ratio(gap_low, (below if gap_low >= 0 else above) or spread),
        _ratio(gap_high, (above if gap_high >= 0 else below) or spread),
    )


def fail_probability(margin: float, confidence: float) -> float:
    """One-sided p of the hypothesis that the criterion is met.

    p = Phi(margin * z), z the normal quantile of (1 + confidence) / 2: the interval is read as
    value ± z standard errors, separately on each side. p falls below (1 - confidence) / 2 exactly
    where the interval lies wholly on the bad side. For a band the nearer end is tested; for one
    much narrower than the interval the true level is therefore up to twice the nominal.

    Examples
    --------
    >>> round(fail_probability(-1.0, 0.95), 4), fail_probability(0.0, 0.95)
    (0.025, 0.5)
    """
    return float(ndtr(margin * ndtri((1 + confidence) / 2)))


def _cause(criterion: Criterion, estimate: Estimate) -> Cause:
    """Return the first thing that keeps the interval from deciding, or what decides."""
    drawn = estimate.representative or criterion.allow_unrepresentative
    hindrances: tuple[tuple[bool, Cause], ...] = (
        (estimate.status == "missing_input", "missing_input"),
        (estimate.status == "undefined" or isnan(estimate.value), "undefined"),
        (estimate.about != criterion.about, "other_subject"),
        (criterion.severity == "hard" and not drawn, "unrepresentative"),
        (estimate.n < criterion.minimum_n, "too_few"),
        (estimate.status == "insufficient", "insufficient"),
        (is_census(estimate), "census"),
        (not estimate.low < estimate.high, "no_interval"),
    )
    return next((cause for holds, cause in hindrances if holds), "interval")


def _ratio(gap: float, half: float) -> float:
    if abs(gap) == inf or not half:
        return inf if gap >= 0 else -inf
    return gap / half


def _finite(text: str) -> float:
    number = float(text)
    if abs(number) == inf:
        raise ValueError(f"{text} is too large to be a bound")
    return number


def _refusal(text: str) -> str:
    if text.startswith("="):
        return (
            f"{text!r} is refused: data can never show that a value equals a number exactly; write"
            ' the range that would be good enough as "within [a, b]"'
        )
    if "%" in text:
        return f'{text!r}: write shares as numbers from 0 to 1, such as ">= 0.35"; {_FORMS}'
    if text.startswith((">", "<", "≥", "≤")):
        return f'{text!r} is not a bound; write ">= x" or "<= x"; {_FORMS}'
    return f"{text!r} is not a bound; {_FORMS}"
