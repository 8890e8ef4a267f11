"""One value, one interval: chooses and runs the interval method of an agreement estimate."""

from dataclasses import dataclass, replace
from math import isfinite, isnan
from typing import Literal

import numpy as np
from scipy.special import stdtrit

from metrics.coefficients import LinearStatistic
from metrics.estimates import Estimate
from metrics.resampling import (
    bootstrap_groups,
    bootstrap_units,
    delete_groups,
    delete_ratings,
    delete_units,
    totals,
)
from metrics.spread import Spread, jackknife_spread, limits, two_way_spread
from metrics.sufficiency import MINIMUM_ANNOTATORS, Evidence, effective_number, lacking, shortage
from metrics.tables import AnnotatorPatterns, Floats, UnitPatterns
from metrics.unseen import (
    UNSEEN,
    agreeing,
    extremes,
    growth_beyond,
    limits_without_variation,
)

Interval = Literal["jackknife", "bootstrap", "analytic"]
AboutAgreement = Literal["process", "annotators"]


@dataclass(frozen=True, slots=True)
class IntervalChoice:
    """Which interval an agreement estimate gets.

    Attributes
    ----------
    interval : {"jackknife", "bootstrap", "analytic"}
    about : {"process", "annotators"}
        process: items like these, judged by these annotators. annotators: also by others like them.
    confidence : float in (0, 1)
    replicates : int
        Bootstrap samples.
    seed : int
        Seed of the bootstrap.
    """

    interval: Interval = "jackknife"
    about: AboutAgreement = "process"
    confidence: float = 0.95
    replicates: int = 1000
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse choices that cannot be met."""
        if not 0.0 < self.confidence < 1.0:
            raise ValueError(f"confidence must lie between 0 and 1, found {self.confidence}")
        if self.interval not in {"jackknife", "bootstrap", "analytic"}:
            raise ValueError(
                f"interval must be jackknife, bootstrap or analytic, found {self.interval!r}"
            )
        if self.about not in {"process", "annotators"}:
            raise ValueError(f"about must be process or annotators, found {self.about!r}")
        if self.about == "annotators" and self.interval != "jackknife":
            raise ValueError(
                f"about=annotators has a jackknife interval only, found interval={self.interval}"
            )
        if self.replicates < 1:
            raise ValueError(f"replicates must be 1 or more, found {self.replicates}")


def estimate_agreement(
    statistic: LinearStatistic,
    patterns: UnitPatterns,
    choice: IntervalChoice,
    *,
    n: int,
    n_unit: str = "items",
    evidence: Evidence | None = None,
    undefined: str = "the quantity does not exist for these ratings",
) -> Estimate:
    """Estimate of a linear statistic of label counts, with the interval that was chosen.

    Parameters
    ----------
    statistic : LinearStatistic over label counts
    patterns : UnitPatterns
        With `compositions`, items are resampled by group.
    choice : IntervalChoice
    n, n_unit : number of units behind the value, and what they are
    evidence : Evidence, optional
        What the sample could have shown, which decides whether it suffices. Absent: the general
        rule of `metrics.sufficiency.shortage`.
    undefined : str
        Reason given when the value is undefined.

    Raises
    ------
    ValueError
        When an analytic interval is asked for and there is none.
    """
    blank = Estimate(
        confidence=choice.confidence, n=n, n_unit=n_unit, about=choice.about, method=statistic.name
    )
    whole = totals(statistic, patterns.counts, patterns.multiplicity.astype(np.float64))
    value = float(statistic.value(whole))
    if isnan(value):
        return blank.but(status="undefined", reason=undefined)
    estimate = blank.but(value=value)
    spread = _spread(statistic, patterns)
    if choice.about == "annotators":
        return _about_annotators(estimate, statistic, patterns, spread, evidence)
    ways = {"jackknife": _jackknife, "bootstrap": _bootstrap, "analytic": _analytic}
    found = ways[choice.interval](estimate, statistic, patterns, choice, spread)
    return _judged(found, statistic, patterns, spread, evidence)


def _unit(patterns: UnitPatterns) -> str:
    return "item" if patterns.compositions is None else "group"


def _with_freedom(freedom: float) -> str:
    if not isfinite(freedom):
        return "no degrees of freedom"
    return f"t with {freedom:.0f} df" if freedom == round(freedom) else f"t with {freedom:.1f} df"


def _evenness(statistic: LinearStatistic, patterns: UnitPatterns) -> Floats | float:
    if statistic.evenness is None:
        return 1.0
    weights = patterns.multiplicity.astype(np.float64)
    return statistic.evenness(totals(statistic, patterns.counts, weights))


def _spread(statistic: LinearStatistic, patterns: UnitPatterns) -> Spread:
    weights = patterns.multiplicity.astype(np.float64)
    if patterns.compositions is None:
        return jackknife_spread(delete_units(statistic, patterns.counts, weights))
    return jackknife_spread(
        delete_groups(statistic, patterns.counts, weights, patterns.compositions)
    )


def _judged(
    estimate: Estimate,
    statistic: LinearStatistic,
    patterns: UnitPatterns,
    spread: Spread,
    evidence: Evidence | None,
) -> Estimate:
    """Add status, reason and the facts behind them."""
    unit = f"{_unit(patterns)}s"
    reason = shortage(spread, unit) if evidence is None else lacking(evidence, unit)
    beyond = 0.0 if evidence is None else _growth_beyond(estimate, statistic, patterns, spread)
    if not reason and beyond > 1.0:
        reason = (
            f"too little data: {UNSEEN:.0f} more {unit} that agree on a rare label would lift the "
            "value out of its interval"
        )
    if not reason and not (isfinite(estimate.low) and isfinite(estimate.high)):
        reason = f"too little data: leaving one of the {unit} out makes the value undefined"
    facts: dict[str, float | int | str] = {
        "standard_error": float(np.sqrt(spread.variance)),
        "resampled_units": int(spread.units),
        "effective_units": float(spread.effective),
    }
    if evidence is not None:
        facts["growth_needed"] = max(float(evidence.growth()), beyond)
    return estimate.but(
        status="insufficient" if reason else "ok",
        reason=reason,
        provenance={**facts, **estimate.provenance},
    )


def _growth_beyond(
    estimate: Estimate, statistic: LinearStatistic, patterns: UnitPatterns, spread: Spread
) -> float:
    """Growth until rare agreement cannot lift the value out of its interval; 1 or less if now."""
    if spread.variance == 0 or len(patterns.labels) < 2:
        return 0.0  # Limits without variation are made of unseen kinds themselves.
    weights = patterns.multiplicity.astype(np.float64)
    found = growth_beyond(
        statistic,
        totals(statistic, patterns.counts, weights),
        np.asarray(weights @ statistic.features(patterns.counts).any(axis=-1)),
        spread.units,
        kinds=agreeing(patterns),
        high=np.asarray(estimate.high),
    )
    return float(found)


def _jackknife(
    estimate: Estimate,
    statistic: LinearStatistic,
    patterns: UnitPatterns,
    choice: IntervalChoice,
    spread: Spread,
) -> Estimate:
    if spread.variance == 0 and np.isfinite(statistic.ceiling):
        return _without_variation(estimate, statistic, patterns, spread)
    low, high = limits(
        np.asarray(estimate.value),
        spread,
        choice.confidence,
        floor=statistic.floor,
        ceiling=statistic.ceiling,
        evenness=_evenness(statistic, patterns),
    )
    how = f"delete-one-{_unit(patterns)} jackknife, {_with_freedom(float(spread.freedom))}"
    return estimate.but(low=float(low), high=float(high), method=f"{statistic.name}; {how}")


def _without_variation(
    estimate: Estimate, statistic: LinearStatistic, patterns: UnitPatterns, spread: Spread
) -> Estimate:
    """Limits where all units say the same and a jackknife sees no error at all."""
    if len(patterns.labels) < 2:
        return estimate.but(method=f"{statistic.name}; no interval")
    weights = patterns.multiplicity.astype(np.float64)
    low, high = limits_without_variation(
        statistic,
        totals(statistic, patterns.counts, weights),
        np.asarray(weights @ statistic.features(patterns.counts).any(axis=-1)),
        spread.units,
        extremes=extremes(patterns),
        confidence=estimate.confidence,
    )
    unit = _unit(patterns)
    return estimate.but(
        low=min(float(low), estimate.value),
        high=max(float(high), estimate.value),
        method=f"{statistic.name}; no {unit} differs, exact limits for what {spread.units:.0f} "
        f"{unit}s did not show",
    )


def _bootstrap(
    estimate: Estimate,
    statistic: LinearStatistic,
    patterns: UnitPatterns,
    choice: IntervalChoice,
    spread: Spread,
) -> Estimate:
    generator = np.random.default_rng(choice.seed)
    if patterns.compositions is None:
        drawn = bootstrap_units(
            statistic, patterns.counts, patterns.multiplicity, choice.replicates, generator
        )
    else:
        drawn = bootstrap_groups(
            statistic, patterns.counts, patterns.compositions, choice.replicates, generator
        )
    defined = drawn[~np.isnan(drawn)]
    tail = (1.0 - choice.confidence) / 2.0
    low, high = np.quantile(defined, [tail, 1.0 - tail]) if len(defined) else (np.nan, np.nan)
    lost = len(drawn) - len(defined)
    return estimate.but(
        low=float(low),
        high=float(high),
        method=(
            f"{statistic.name}; bootstrap of {_unit(patterns)}s, percentiles of {len(drawn)} "
            f"replicates, {lost} undefined, seed {choice.seed}"
        ),
        provenance={"undefined_replicates": lost},
    )


def _analytic(
    estimate: Estimate,
    statistic: LinearStatistic,
    patterns: UnitPatterns,
    choice: IntervalChoice,
    spread: Spread,
) -> Estimate:
    if statistic.linearised is None:
        raise ValueError(f"{statistic.name} has no analytic interval; use jackknife or bootstrap")
    error, freedom = statistic.linearised(
        statistic.features(patterns.counts), patterns.multiplicity.astype(np.float64)
    )
    reach = float(stdtrit(freedom, 0.5 + choice.confidence / 2.0)) * error
    grouped = "" if patterns.compositions is None else ", items taken as independent"
    return estimate.but(
        low=max(estimate.value - reach, statistic.floor),
        high=min(estimate.value + reach, statistic.ceiling),
        method=f"{statistic.name}; linearised standard error{grouped}, {_with_freedom(freedom)}",
        provenance={"standard_error": error},
    )


def _workloads(patterns: UnitPatterns, who: AnnotatorPatterns) -> Floats:
    """Ratings of each annotator on items that can be compared."""
    pairable = patterns.counts.sum(axis=-1)[who.pattern] >= 2
    amounts = np.bincount(who.annotator, who.count * pairable, minlength=len(who.annotators))
    return np.asarray(amounts, dtype=np.float64)


def _about_annotators(
    estimate: Estimate,
    statistic: LinearStatistic,
    patterns: UnitPatterns,
    items: Spread,
    evidence: Evidence | None,
) -> Estimate:
    if patterns.annotators is None:
        return estimate.but(
            status="missing_input",
            reason="who gave which label is not known here: nothing can be said about annotators",
        )
    weights = patterns.multiplicity.astype(np.float64)
    people, ratings = delete_ratings(statistic, patterns.counts, weights, patterns.annotators)
    number = int(people.weights.sum())
    if number < MINIMUM_ANNOTATORS:
        return estimate.but(
            method=f"{statistic.name}; no interval",
            status="insufficient",
            reason=(
                f"not estimable: too few people ({number} annotators on comparable items, "
                f"{MINIMUM_ANNOTATORS} are needed)"
            ),
        )
    # Few people with most of the work say as much about people as fewer with equal work.
    equal = float(effective_number(_workloads(patterns, patterns.annotators), np.ones(())))
    among = replace(jackknife_spread(people), freedom=np.asarray(equal - 1.0))
    spread = two_way_spread(among, items, jackknife_spread(ratings))
    low, high = limits(
        np.asarray(estimate.value),
        spread,
        estimate.confidence,
        floor=statistic.floor,
        ceiling=statistic.ceiling,
        evenness=_evenness(statistic, patterns),
    )
    how = (
        f"two-way jackknife over {number} annotators and {items.units:.0f} {_unit(patterns)}s, "
        f"{_with_freedom(float(spread.freedom))}"
    )
    found = estimate.but(low=float(low), high=float(high), method=f"{statistic.name}; {how}")
    return _judged(found, statistic, patterns, spread, evidence)
