"""Agreement counted over pairs of votes: within a population, between two roles, by annotators.

A pair of votes is not an observation of its own: pairs share votes, annotators and items. The
table of annotator pairs knows the annotators but not the items, so the intervals here are
clustered by annotator, and what pairs of one item may share beyond that is bounded, never ignored,
wherever the table allows a bound. `_Dependence` says which case applies.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import ndtri, stdtrit

from metrics.distances import Weights, agreement_weights
from metrics.estimates import Estimate
from metrics.intervals import score_interval
from metrics.kappas import (
    chosen,
    clean_record_low,
    kappa_influence,
    kappa_of_table,
    table_of,
    without_ties,
)
from metrics.spread import Spread, limits
from metrics.sufficiency import MINIMUM_ANNOTATORS, MINIMUM_UNITS
from metrics.tables import AnnotatorPairs, Floats
from metrics.ties import Ties
from metrics.wording import whole

Between = tuple[str, str]
AboutPairs = Literal["process", "annotators"]


@dataclass(frozen=True, slots=True)
class _Dependence:
    """Variance of a mean over pairs of votes that depend on each other.

    Attributes
    ----------
    effective_n : independent pairs that would give the same variance
    freedom : degrees of freedom of that variance, infinite where it is a bound
    method : how it was found
    reason : why there is no interval, empty where there is one
    """

    effective_n: float
    freedom: float
    method: str
    reason: str = ""


def pair_agreement(
    pairs: AnnotatorPairs,
    *,
    between: Between | None = None,
    roles: tuple[str, ...] = ("human", "expert"),
    ties: Ties = "class",
    about: AboutPairs = "process",
    confidence: float = 0.95,
) -> Estimate:
    """Percent agreement, pooled over all pairs of votes on the same item.

    How often do two votes agree, or an expert's vote with the model's? This is the figure many
    papers print. It misleads in two ways: an item with many votes counts far more than one with
    two, and chance alone gives high agreement when one label dominates.

    Parameters
    ----------
    pairs : AnnotatorPairs
        Of all roles. For intervals between roles the pairs within each role must be there too.
    between : pair of roles, optional
        Count pairs of one vote of each role only.
    roles : tuple of roles
        Without `between`: whose votes are paired; the default is the population people.
    ties : {"class", "exclude"}
        exclude drops a pair where either vote is a tie.
    about : {"process", "annotators"}
        process: items like these with these annotators. annotators: also with others like them;
        needs 10 annotators on the side that varies.
    confidence : float in (0, 1)
        Level of the interval.

    Returns
    -------
    Estimate
        From 0 to 1; n is the number of pairs of votes. Undefined without a pair. The interval is
        Wilson's at the number of independent pairs, which `method` tells how it was found:
        clustered by annotator (every two pairs with a common annotator may depend on each other;
        this holds the process and the annotators, so as a statement about the process it is
        wide), or, for few annotators, as if all pairs of an item agreed or disagreed together.
        Left out is only what two pairs of one item share that have no vote in common.
        Within one population and about="process",
        `metrics.agreement.percent_agreement(average="pair")` knows the items and is narrower.

    Raises
    ------
    ValueError
        When the roles of `between` are the same, or ties are to be left out of a question that
        declares none.

    References
    ----------
    Zheng et al. (2023), Judging LLM-as-a-judge with MT-Bench and Chatbot Arena,
    10.48550/arXiv.2306.05685; Aronow, Samii and Assenova (2015), Cluster-robust variance
    estimation for dyadic data, 10.1093/pan/mpv018

    Examples
    --------
    >>> label = np.array([0, 1, 0])
    >>> pairs = AnnotatorPairs(("a", "b"), "nominal", ("x", "y"), ("expert", "model"),
    ...     np.zeros(3, int), np.ones(3, int), label, np.array([0, 1, 1]), np.array([5, 3, 2]))
    >>> agreement = pair_agreement(pairs, between=("expert", "model"))
    >>> agreement.value, agreement.n, agreement.n_unit
    (0.8, 10, 'pairs')
    """
    everyone = without_ties(pairs, ties)
    kept = _selected(everyone, between, roles)
    n = int(kept.count.sum())
    title = f"percent agreement, pooled over pairs of votes{_whose(between, roles)}"
    blank = Estimate(confidence=confidence, n=n, n_unit="pairs", about=about, method=title)
    if n == 0:
        return blank.but(status="undefined", reason="no two of these votes are on the same item")
    agree = (kept.label_first == kept.label_second).astype(np.float64)
    value = float(agree @ kept.count) / n
    found = _dependence(everyone, kept, agree - value, between, about)
    blank = blank.but(value=value, method=f"{title}; {found.method}")
    if found.reason:
        return blank.but(status="insufficient", reason=found.reason)
    low, high = score_interval(value, found.effective_n, _critical(found, confidence))
    return _judged(blank.but(low=low, high=high), found)


def between_kappa(
    pairs: AnnotatorPairs,
    *,
    between: Between,
    weights: Weights = "none",
    ties: Ties = "class",
    about: AboutPairs = "process",
    confidence: float = 0.95,
) -> Estimate:
    """Chance-corrected agreement between the votes of two roles.

    Do experts and the model judge alike beyond what their own label shares would give? It is
    Cohen's kappa of the table of all pairs of one vote of each role: the cross-replication
    reliability of Wong, Paritosh and Aroyo with every pair of votes counted once. It misleads as
    Cohen's kappa does under skewed labels, and it cannot be 1 where the votes within a role
    differ: compare it with the agreement within each role.

    Parameters
    ----------
    pairs, between, ties, about, confidence
        As in `pair_agreement`.
    weights : {"none", "linear", "quadratic"}
        As in `metrics.kappas.cohen_kappa`.

    Returns
    -------
    Estimate
        From -1 to 1: 0 as expected by chance. n is the number of pairs of votes. Undefined
        without a pair, or where all votes are the same label.

    Raises
    ------
    ValueError
        As in `pair_agreement`.

    References
    ----------
    Wong, Paritosh and Aroyo (2021), Cross-replication reliability: an empirical approach to
    interpreting inter-rater reliability, 10.18653/v1/2021.acl-long.548; Cohen (1960), A
    coefficient of agreement for nominal scales, 10.1177/001316446002000104

    Examples
    --------
    >>> label = np.array([0, 0, 1, 1])
    >>> pairs = AnnotatorPairs(("a", "b"), "nominal", ("x", "y"), ("expert", "model"),
    ...     np.zeros(4, int), np.ones(4, int), label, np.array([0, 1, 0, 1]),
    ...     np.array([40, 9, 6, 45]))
    >>> round(between_kappa(pairs, between=("expert", "model")).value, 4)
    0.6995
    """
    everyone = without_ties(pairs, ties)
    kept = _selected(everyone, between, ())
    n = int(kept.count.sum())
    title = f"Cohen kappa of pairs of votes{_whose(between, ())}"
    title += "" if weights == "none" else f", {weights} weights"
    blank = Estimate(confidence=confidence, n=n, n_unit="pairs", about=about, method=title)
    if n == 0:
        return blank.but(status="undefined", reason="no two of these votes are on the same item")
    if weights != "none" and pairs.level not in {"ordinal", "interval", "ratio"}:
        reason = f"weights need labels with distances, the question is {pairs.level}"
        return blank.but(status="undefined", reason=reason)
    table, credit = table_of(kept), agreement_weights(kept.labels, kept.level, weights)
    value = kappa_of_table(table, credit)
    if np.isnan(value):
        return blank.but(status="undefined", reason="no variation: all votes are the same label")
    influence = kappa_influence(table, credit)[kept.label_first, kept.label_second]
    found = _dependence(everyone, kept, influence, between, about)
    blank = blank.but(value=value, method=f"{title}; {found.method}")
    if found.reason:
        return blank.but(status="insufficient", reason=found.reason)
    critical = _critical(found, confidence)
    if value == 1:
        clean = score_interval(1.0, found.effective_n, critical)[0]
        return _judged(blank.but(low=clean_record_low(table, clean), high=1.0), found)
    variance = float(kept.count @ influence**2) / n / found.effective_n
    one = np.ones(())
    spread = Spread(variance * one, found.freedom * one, one, one)
    low, high = limits(value * one, spread, confidence, floor=-1.0, ceiling=1.0)
    return _judged(blank.but(low=float(low), high=float(high)), found)


def _critical(found: _Dependence, confidence: float) -> float:
    level = 0.5 + confidence / 2
    return float(stdtrit(found.freedom, level) if np.isfinite(found.freedom) else ndtri(level))


def _judged(estimate: Estimate, found: _Dependence) -> Estimate:
    estimate = estimate.but(provenance={"effective_pairs": found.effective_n})
    if found.effective_n >= MINIMUM_UNITS:
        return estimate
    reason = (
        f"too little data: the pairs say as much as {whole(found.effective_n)} independent ones, "
        f"{MINIMUM_UNITS} are needed"
    )
    return estimate.but(status="insufficient", reason=reason)


def _whose(between: Between | None, roles: tuple[str, ...]) -> str:
    return f" of {' or '.join(roles)}" if between is None else f" of {between[0]} and {between[1]}"


def _selected(
    pairs: AnnotatorPairs, between: Between | None, roles: tuple[str, ...]
) -> AnnotatorPairs:
    """Pairs that count; with `between`, the vote of its first role comes first."""
    role = np.array(pairs.roles, dtype=object)
    if between is None:
        member = np.isin(np.arange(len(role)), [k for k, r in enumerate(role) if r in roles])
        return chosen(pairs, member[pairs.first] & member[pairs.second])
    if between[0] == between[1]:
        raise ValueError(f"between needs two different roles, found {between[0]!r} twice")
    one, other = role == between[0], role == between[1]
    kept = chosen(
        pairs,
        (one[pairs.first] & other[pairs.second]) | (other[pairs.first] & one[pairs.second]),
    )
    swap = other[kept.first]
    return AnnotatorPairs(
        labels=kept.labels,
        level=kept.level,
        annotators=kept.annotators,
        roles=kept.roles,
        first=np.where(swap, kept.second, kept.first),
        second=np.where(swap, kept.first, kept.second),
        label_first=np.where(swap, kept.label_second, kept.label_first),
        label_second=np.where(swap, kept.label_first, kept.label_second),
        count=kept.count,
        tie_labels=kept.tie_labels,
    )


def _dependence(
    everyone: AnnotatorPairs,
    kept: AnnotatorPairs,
    influence: Floats,
    between: Between | None,
    about: AboutPairs,
) -> _Dependence:
    """How much the mean of `influence` over pairs varies; `influence` has mean 0."""
    sides = (len(np.unique(kept.first)), len(np.unique(kept.second)))
    people = len(np.unique(np.concatenate([kept.first, kept.second])))
    varying = people if between is None else max(sides)
    if about == "annotators" and varying < MINIMUM_ANNOTATORS:
        reason = f"not estimable: too few people ({varying}, {MINIMUM_ANNOTATORS} are needed)"
        return _Dependence(np.nan, np.nan, "no interval", reason)
    fixed_side = between is not None and min(sides) < MINIMUM_ANNOTATORS
    if varying >= MINIMUM_ANNOTATORS and not (fixed_side and about == "process"):
        return _by_annotator(everyone, kept, influence, between, sides)
    return _together(everyone, kept, sides, people, between)


def _together(
    everyone: AnnotatorPairs,
    kept: AnnotatorPairs,
    sides: tuple[int, int],
    people: int,
    between: Between | None,
) -> _Dependence:
    """Bound that needs no items: the pairs of one item carry no more than a single pair.

    An item has at most as many pairs as there are pairs of annotators. Where one role is few,
    the pairs within the other role tell how many of its votes share an item (`_same_item`).
    """
    n = float(kept.count.sum())
    if between is None:
        design = people * (people - 1) / 2
    else:
        judges = min(sides)
        shared = judges * (1.0 + 2.0 * judges * _same_item(everyone, kept, sides) / n)
        design = min(float(sides[0] * sides[1]), shared)
    method = f"pairs of one item taken as fully dependent (design effect at most {design:.2f})"
    return _Dependence(n / design, np.inf, method)


def _same_item(everyone: AnnotatorPairs, kept: AnnotatorPairs, sides: tuple[int, int]) -> float:
    """Pairs of two votes of the larger side on one item."""
    many = np.unique(kept.first if sides[0] >= sides[1] else kept.second)
    within = np.isin(everyone.first, many) & np.isin(everyone.second, many)
    return float(everyone.count[within].sum())


def _by_annotator(
    everyone: AnnotatorPairs,
    kept: AnnotatorPairs,
    influence: Floats,
    between: Between | None,
    sides: tuple[int, int],
) -> _Dependence:
    """Dyadic clusters: two pairs may depend on each other when they have an annotator in common.

    Sum over annotators of their squared sums, less what both members of a dyad count. A role with
    few members is held as it is, for its members cannot stand for others; what the pairs of one
    item then share through it is bounded as in `_together`.
    """
    size = len(kept.annotators)
    n = float(kept.count.sum())
    mass = influence * kept.count
    held = between is not None and min(sides) < MINIMUM_ANNOTATORS
    ends = [kept.first, kept.second]
    if held:
        ends = [kept.first if sides[0] >= sides[1] else kept.second]
    sums = np.sum([np.bincount(end, mass, size) for end in ends], axis=0)
    load = np.sum([np.bincount(end, kept.count, size) for end in ends], axis=0) / n
    # Leverage of a busy annotator: the mean bends towards their own pairs (delete-one form).
    squares = float(((sums / np.maximum(1.0 - load, 0.5)) ** 2).sum())
    square = float(mass @ influence)
    if held:
        judges = min(sides)
        extra = 2.0 * judges**2 * _same_item(everyone, kept, sides) * square / n
        what = f"clustered by annotator, {judges} of the other role held, "
        what += "pairs of one item taken as fully dependent"
    else:
        dyad = np.unique(kept.first * size + kept.second, return_inverse=True)[1]
        extra = -float((np.bincount(dyad, mass) ** 2).sum())
        what = "clustered by annotator on either side, "
        what += "pairs of one item without a common vote taken as independent"
    people = load[load > 0]
    clusters = float(people.sum() ** 2 / (people**2).sum())
    variance = max(squares + extra, square) / n**2
    effective = square / n / variance if square > 0 else min(n, clusters)
    method = f"{what}, {len(people)} annotators worth {clusters:.1f}"
    return _Dependence(effective, max(clusters - 1.0, 1.0), method)
