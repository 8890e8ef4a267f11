"""How good the label that ships is, not only the single votes it is made from."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan, nan

import numpy as np
from scipy.special import ndtri

from metrics.agreement import krippendorff_alpha, percent_agreement
from metrics.estimates import Estimate
from metrics.intervals import score_interval
from metrics.panels import (
    Votes,
    agreement_range,
    dirichlet_agreement,
    is_countable,
    shipped,
)
from metrics.sufficiency import MINIMUM_UNITS
from metrics.tables import UnitPatterns
from metrics.ties import Ties, with_ties


def aggregate_agreement(
    patterns: UnitPatterns,
    *,
    votes: int | None = None,
    ties: Ties = "class",
    confidence: float = 0.95,
) -> Estimate:
    """Chance that a second panel of as many annotators would ship the same label.

    How much of the shipped labels would survive if the whole job were done again? Two panels
    share no vote, so with m votes an item this is known exactly only for panels of m / 2. It
    misleads when annotators are not exchangeable (one crew for easy items, another for hard ones).

    Parameters
    ----------
    patterns : UnitPatterns
    votes : int, optional
        Size of the panels; by default each item's own number of votes.
    ties : {"class", "exclude"}
        exclude takes tie votes away first.
    confidence : float in (0, 1)
        Level of the interval.

    Returns
    -------
    Estimate
        From 0 to 1. Labels ship by most votes, equal numbers decided at random. The interval
        holds every agreement that the votes leave possible, whatever makes annotators differ:
        slips that a larger panel averages out, or items on which people are split for good. It is
        therefore wide with few votes an item and narrows with more votes on some items. The value
        inside it is the one under a Dirichlet-multinomial distribution of votes. n is the number
        of rated items. Undefined where no item has two votes.

        The Spearman-Brown formula is not used: it is right for means of scores, and for
        majorities it was seen .06 too high (5 of 10 votes of real entailment labels: .61 against
        .55) and, where three items in ten are split, .19 too high with 5 votes.

    Raises
    ------
    ValueError
        When `votes` is below 1, or ties are to be left out of a question that declares none.

    References
    ----------
    Mosimann (1962), On the compound multinomial distribution, 10.1093/biomet/49.1-2.65; the range
    is a moment problem as in Honoré and Tamer (2006), Bounds on parameters in panel dynamic
    discrete choice models, 10.1111/j.1468-0262.2006.00676.x

    Examples
    --------
    Three votes on each of 1,000 items, 60 % unanimous:

    >>> patterns = UnitPatterns(("no", "yes"), "nominal",
    ...     np.array([[3, 0], [2, 1], [1, 2], [0, 3]]), np.array([300, 200, 200, 300]))
    >>> shipped_label = aggregate_agreement(patterns)
    >>> round(shipped_label.value, 2), round(shipped_label.low, 2), round(shipped_label.high, 2)
    (0.81, 0.7, 0.9)
    """
    if votes is not None and votes < 1:
        raise ValueError(f"votes {votes} must be 1 or more")
    patterns = with_ties(patterns, ties)
    seen = _votes(patterns)
    blank = Estimate(confidence=confidence, n=int(seen.items.sum()), method=_title(votes))
    several = int(seen.items[seen.sizes >= 2].sum())
    if several == 0:
        return blank.but(status="undefined", reason="no item has two votes to tell panels apart")
    panel = _panel(seen) if votes is None else {votes: 1.0}
    low, high, how = _range(patterns, seen, panel, confidence)
    middle = _dirichlet(seen, panel)
    value = (low + high) / 2 if isnan(middle) else min(max(middle, low), high)
    kind = "middle of the range" if isnan(middle) else "Dirichlet-multinomial value"
    few = several < MINIMUM_UNITS
    found = f"too little data: {several} items with two votes, {MINIMUM_UNITS} are needed"
    return blank.but(
        value=value,
        low=low,
        high=high,
        method=f"{blank.method}; {kind}, {how}",
        status="insufficient" if few else "ok",
        reason=found if few else "",
        provenance={"votes": _harmonic(panel)},
    )


def aggregate_alpha(
    patterns: UnitPatterns,
    *,
    ties: Ties = "class",
    confidence: float = 0.95,
) -> Estimate:
    """Reliability of the label that ships: agreement of two panels beyond chance.

    Alpha of single votes says how reliable one annotator is; this says how reliable the result of
    all of them is. For ordered questions (ordinal, interval, ratio) what ships is the mean, and
    this is alpha stepped up by the Spearman-Brown formula; for all others it is the most frequent
    label, and this is `aggregate_agreement` beyond the chance that the shares of shipped labels
    give.
    It misleads as alpha does when one label dominates.

    Parameters
    ----------
    patterns : UnitPatterns
    ties : {"class", "exclude"}
    confidence : float in (0, 1)

    Returns
    -------
    Estimate
        At most 1; 0 as by chance. For labels the interval is a range without assumptions, as in
        `aggregate_agreement`. Undefined where no item has two votes, or one label ships
        everywhere.

    References
    ----------
    Spearman (1910), Correlation calculated from faulty data, 10.1111/j.2044-8295.1910.tb00206.x;
    Brown (1910), Some experimental results in the correlation of mental abilities,
    10.1111/j.2044-8295.1910.tb00207.x

    Examples
    --------
    >>> patterns = UnitPatterns(("no", "yes"), "nominal",
    ...     np.array([[3, 0], [2, 1], [1, 2], [0, 3]]), np.array([300, 200, 200, 300]))
    >>> round(krippendorff_alpha(patterns).value, 2), round(aggregate_alpha(patterns).value, 2)
    (0.47, 0.61)
    """
    patterns = with_ties(patterns, ties)
    seen = _votes(patterns)
    if patterns.level in {"ordinal", "interval", "ratio"}:
        alpha = krippendorff_alpha(patterns, confidence=confidence)
        several = {size: share for size, share in _panel(seen).items() if size >= 2}
        return spearman_brown(alpha, _harmonic(several))
    # Chance and agreement together leave the range in at most 1 - confidence of repetitions when
    # each has half of it.
    half = 0.5 + confidence / 2
    agreement = aggregate_agreement(patterns, confidence=half)
    blank = agreement.but(confidence=confidence, method="alpha of the labels that ship")
    if agreement.status == "undefined":
        return blank
    chance = _chance(seen, half)
    if chance is None:
        reason = "no variation: one label ships everywhere"
        return Estimate(
            confidence=confidence, n=blank.n, method=blank.method, status="undefined", reason=reason
        )
    how = agreement.method.partition("; ")[2]
    return blank.but(
        value=1 - (1 - agreement.value) / (1 - chance.value),
        low=max(-1.0, 1 - (1 - agreement.low) / (1 - chance.high)),
        high=1 - (1 - agreement.high) / (1 - chance.low),
        method=f"{blank.method}; {how}, chance from the labels that ship",
    )


def spearman_brown(alpha: Estimate, votes: float) -> Estimate:
    """Reliability of the mean of several ratings from that of a single one.

    How good is the mean score that ships? Right when what ships is the mean, and raters are
    exchangeable. It misleads for majority labels: use `aggregate_alpha`.

    Parameters
    ----------
    alpha : Estimate
        Interval alpha or ICC(1,1).
    votes : float, at least 1
        Ratings an item; with unequal numbers their harmonic mean.

    Returns
    -------
    Estimate
        m a / (1 + (m - 1) a), limits transformed alike; nan limits stay nan, and below
        -1 / (m - 1), where the formula has no meaning, the value is undefined.

    References
    ----------
    Brown (1910), Some experimental results in the correlation of mental abilities,
    10.1111/j.2044-8295.1910.tb00207.x

    Examples
    --------
    Shrout and Fleiss (1979): ICC(1,1) .1657 of one judge is ICC(1,4) .4428 of four.

    >>> round(spearman_brown(Estimate(value=0.1657418), 4).value, 4)
    0.4428
    """
    pole = -1.0 / (votes - 1.0) if votes > 1 else -np.inf

    def step(value: float) -> float:
        return nan if value <= pole else votes * value / (1.0 + (votes - 1.0) * value)

    title = f"Spearman-Brown for {votes:.3g} ratings of {alpha.method}"
    low = alpha.low if np.isnan(alpha.low) or alpha.low > pole else nan
    stepped = alpha.but(value=step(alpha.value), low=step(low), high=step(alpha.high), method=title)
    if alpha.value <= pole:
        reason = "raters disagree too systematically for a mean to have a reliability"
        return stepped.but(status="undefined", reason=reason, low=nan, high=nan)
    return stepped.but(provenance={**alpha.provenance, "votes": votes})


@dataclass(frozen=True, slots=True)
class _Chance:
    """Agreement by chance of the labels that ship, with its limits."""

    value: float
    low: float
    high: float


# Panels with more outcomes than this cost seconds to compare pair by pair.
MOST_EXACT = 1001


def _title(votes: int | None) -> str:
    size = "as many votes as each item has" if votes is None else f"{votes} votes"
    return f"agreement of two panels of {size}"


def _votes(patterns: UnitPatterns) -> Votes:
    """Rated items by their votes, with the labels in use and, for the rest, one label more."""
    rated = (patterns.counts.sum(axis=1) > 0) & (patterns.multiplicity > 0)
    counts, items = patterns.counts[rated], patterns.multiplicity[rated].astype(np.float64)
    used = counts.sum(axis=0) > 0
    kept = counts[:, used]
    if not used.all() or kept.shape[1] < 2:
        # What nobody said yet somebody may say: without it unanimity would look certain.
        kept = np.column_stack([kept, np.zeros(len(kept), np.int64)])
    groups = patterns.compositions
    independent = 1.0
    if groups is not None and items.sum() > 0:
        # The items of a group are taken as fully dependent.
        independent = min(1.0, float(groups.multiplicity.sum()) / float(items.sum()))
    return Votes(kept, items, independent)


def _panel(seen: Votes) -> dict[int, float]:
    """Share of the rated items with each number of votes."""
    sizes, place = np.unique(seen.sizes, return_inverse=True)
    share = np.bincount(place, seen.items) / max(float(seen.items.sum()), 1.0)
    return {int(size): float(part) for size, part in zip(sizes, share, strict=True)}


def _harmonic(panel: Mapping[int, float]) -> float:
    total = sum(panel.values())
    return total / sum(part / size for size, part in panel.items()) if total else nan


def _range(
    patterns: UnitPatterns, seen: Votes, panel: Mapping[int, float], confidence: float
) -> tuple[float, float, str]:
    sizes = np.concatenate([np.unique(seen.sizes), np.array(list(panel))])
    grouped = "" if seen.independent == 1 else ", items of a group taken as fully dependent"
    if is_countable(sizes, seen.counts.shape[1]):
        ends = agreement_range(seen, panel, confidence)
        if ends is not None:
            return *ends, f"limits hold every distribution that fits the votes{grouped}"
    # A larger panel never agrees less than single votes do.
    single = percent_agreement(patterns, confidence=confidence)
    low = single.low
    if isnan(low):
        critical = float(ndtri(0.5 + confidence / 2))
        low = score_interval(single.value, single.n * seen.independent, critical)[0]
    return low, 1.0, "from the lower limit for single votes up"


def _dirichlet(seen: Votes, panel: Mapping[int, float]) -> float:
    """Agreement if votes were Dirichlet-multinomial with alpha and shares seen; nan if large."""
    labels = seen.counts.shape[1]
    if not is_countable(np.array(list(panel)), labels, MOST_EXACT):
        return nan
    pairable = UnitPatterns(
        tuple(str(k) for k in range(labels)), "nominal", seen.counts, seen.items.astype(np.int64)
    )
    likeness = krippendorff_alpha(pairable).value
    shares = seen.items @ (seen.counts / seen.sizes[:, None]) / seen.items.sum()
    shares = shares[shares > 0]
    if len(shares) < 2 or isnan(likeness):
        return 1.0
    return sum(part * dirichlet_agreement(m, shares, likeness) for m, part in panel.items())


def _chance(seen: Votes, confidence: float) -> _Chance | None:
    """Chance that two labels that ship are equal, from the shares of what ships in this batch."""
    wins = shipped(seen.counts)
    total = float(seen.items.sum())
    share = seen.items @ wins / total
    chance = float(share @ share)
    if chance > 1 - 1e-12:
        return None
    variance = 4 * float(seen.items @ np.square(wins @ share - chance)) / total
    reach = float(ndtri(0.5 + confidence / 2)) * np.sqrt(variance / (total * seen.independent))
    low = max(chance - reach, 1 / len(share))
    return _Chance(chance, low, min(chance + reach, 1 - 1e-9))
