"""Coefficients of agreement over items with any number of ratings.

Each takes `UnitPatterns` and gives an `Estimate`. Options they share:

ties : {"class", "exclude"}
    Ties as a label of their own, or their ratings left out before anything is counted.
interval : {"jackknife", "bootstrap", "analytic"}
    Delete-one jackknife (default), bootstrap percentiles, or the linearised standard error. All go
    by group of items (one prompt, one document) where the patterns carry groups, else by item.
about : {"process", "annotators"}
    Items like these, or also annotators like these (10 annotators or more).
confidence : float in (0, 1)
replicates, seed : int
    Bootstrap samples and their seed.
"""

from typing import Literal

import numpy as np

from metrics.chance_corrected import brennan_prediger, fleiss_kappa, gwet_ac1, gwet_ac2
from metrics.coefficients import (
    LinearStatistic,
    alpha_with_distance,
    label_agreement_of,
    ordinal_alpha,
    percent_agreement_by_item,
    percent_agreement_by_pair,
    ratings_per_unit,
)
from metrics.comparable import clusters, estimate_over_items, pair_count
from metrics.distances import SetDistance, alpha_distance
from metrics.estimates import Estimate
from metrics.sufficiency import label_evidence
from metrics.tables import Level, UnitPatterns
from metrics.ties import Ties, with_ties
from metrics.uncertainty import AboutAgreement, Interval, IntervalChoice, estimate_agreement

__all__ = [
    "brennan_prediger",
    "fleiss_kappa",
    "gwet_ac1",
    "gwet_ac2",
    "krippendorff_alpha",
    "label_agreement",
    "percent_agreement",
]

Average = Literal["item", "pair"]


def percent_agreement(
    patterns: UnitPatterns,
    *,
    average: Average = "item",
    ties: Ties = "class",
    interval: Interval = "jackknife",
    about: AboutAgreement = "process",
    confidence: float = 0.95,
    replicates: int = 1000,
    seed: int = 0,
) -> Estimate:
    """Share of pairs of annotators who gave one item the same label.

    How often would a second annotator have said the same? It misleads alone when one label
    dominates: two annotators who always say "fine" agree fully. Read it beside a coefficient that
    takes chance out.

    Parameters
    ----------
    patterns : UnitPatterns
        Counts of shape (P, Q).
    average : {"item", "pair"}
        item: mean over items of the share of agreeing pairs, every item counts once. pair: pooled
        over pairs of ratings, as some papers print; an item with five ratings counts ten times.
    ties, interval, about, confidence, replicates, seed
        See the module.

    Returns
    -------
    Estimate
        0 nobody ever agrees, 1 everybody always does. n counts items with two ratings or more,
        or pairs of ratings with average=pair. Undefined when no item has two ratings.

    References
    ----------
    Gwet (2014), Handbook of Inter-Rater Reliability, 4th ed., chapter 2.

    Examples
    --------
    Two items, two annotators each, who agree on the first:

    >>> patterns = UnitPatterns(
    ...     ("no", "yes"), "nominal", np.array([[2, 0], [1, 1]]), np.array([1, 1])
    ... )
    >>> percent_agreement(patterns).value
    0.5
    """
    choice = IntervalChoice(interval, about, confidence, replicates, seed)
    patterns = with_ties(patterns, ties)
    weights = np.eye(len(patterns.labels))
    if average == "item":
        return estimate_over_items(percent_agreement_by_item(weights), patterns, choice)
    if average != "pair":
        raise ValueError(f"average must be item or pair, found {average!r}")
    estimate = estimate_over_items(percent_agreement_by_pair(weights), patterns, choice)
    return estimate.but(n=pair_count(patterns), n_unit="pairs")


def krippendorff_alpha(
    patterns: UnitPatterns,
    *,
    level: Level | None = None,
    distance: SetDistance = "masi",
    ties: Ties = "class",
    interval: Interval = "jackknife",
    about: AboutAgreement = "process",
    confidence: float = 0.95,
    replicates: int = 1000,
    seed: int = 0,
) -> Estimate:
    """Krippendorff's alpha: agreement beyond what drawing labels blindly from these would give.

    Is what annotators say tied to the items at all? It misleads when one label dominates: alpha
    is low then although nearly all pairs agree, and rests on the few items with another label.
    Ordinal distances depend on how often labels occur, so ordinal alphas of batches with different
    label shares are not on one ruler.

    Parameters
    ----------
    patterns : UnitPatterns
        Counts of shape (P, Q). Items with one rating are left out, as Krippendorff does.
    level : {"nominal", "ordinal", "interval", "ratio", "set", "ranking"}, optional
        Level of measurement, that of the question unless given. Set labels are JSON arrays;
        rankings are compared as wholes.
    distance : {"masi", "jaccard"}
        Distance between sets, at level set.
    ties, interval, about, confidence, replicates, seed
        See the module; an analytic interval is not offered.

    Returns
    -------
    Estimate
        1 full agreement, 0 chance level, negative systematic disagreement. n counts items with
        two ratings or more. Undefined when there is no such item, or when they show one label.

    References
    ----------
    Krippendorff (2011), Computing Krippendorff's alpha-reliability,
    https://repository.upenn.edu/handle/20.500.14332/2089.
    Hughes (2022), Toward improved inference for Krippendorff's alpha, arXiv:2210.13265 (jackknife).

    Examples
    --------
    Krippendorff's (2011) binary example, two annotators and ten items:

    >>> patterns = UnitPatterns(
    ...     ("0", "1"), "nominal", np.array([[2, 0], [1, 1], [0, 2]]), np.array([5, 4, 1])
    ... )
    >>> round(krippendorff_alpha(patterns).value, 3)
    0.095
    """
    choice = IntervalChoice(interval, about, confidence, replicates, seed)
    patterns = with_ties(patterns, ties)
    statistic = alpha_statistic(patterns.labels, level or patterns.level, distance)
    return estimate_over_items(statistic, patterns, choice)


def alpha_statistic(
    labels: tuple[str, ...], level: Level, distance: SetDistance = "masi"
) -> LinearStatistic:
    """Krippendorff's alpha at a level, as a function of linear totals."""
    if level == "ordinal":
        return ordinal_alpha(len(labels))
    named = f"{level} ({distance})" if level == "set" else level
    matrix = alpha_distance(labels, level, distance)
    return alpha_with_distance(f"Krippendorff alpha, {named}", matrix)


def label_agreement(
    patterns: UnitPatterns,
    *,
    label: str,
    ties: Ties = "class",
    interval: Interval = "jackknife",
    about: AboutAgreement = "process",
    confidence: float = 0.95,
    replicates: int = 1000,
    seed: int = 0,
) -> Estimate:
    """Specific agreement on one label: given that one annotator said it, how often another does.

    Which label is broken? With two labels these are positive and negative agreement. A rare label
    rests on few items: read the n.

    Parameters
    ----------
    patterns : UnitPatterns
        Counts of shape (P, Q).
    label : str
        One of the labels of the question.
    ties, interval, about, confidence, replicates, seed
        See the module.

    Returns
    -------
    Estimate
        0 nobody ever joins, 1 everybody always does. n counts items with two ratings or more, at
        least one of them this label. Undefined when there is none.

    Raises
    ------
    ValueError
        When the label is not one of the question's.

    References
    ----------
    Cicchetti, Feinstein (1990), High agreement but low kappa II, Journal of Clinical Epidemiology
    43:551. DOI 10.1016/0895-4356(90)90159-M

    Examples
    --------
    >>> patterns = UnitPatterns(
    ...     ("yes", "no"), "nominal", np.array([[2, 0], [1, 1], [0, 2]]), np.array([80, 15, 5])
    ... )
    >>> round(label_agreement(patterns, label="no").value, 3)
    0.4
    """
    choice = IntervalChoice(interval, about, confidence, replicates, seed)
    patterns = with_ties(patterns, ties)
    if label not in patterns.labels:
        raise ValueError(f"no label {label!r}; the labels are {', '.join(patterns.labels)}")
    column = patterns.labels.index(label)
    given = (ratings_per_unit(patterns.counts) >= 2) & (patterns.counts[:, column] > 0)
    return estimate_agreement(
        label_agreement_of(column, label),
        patterns,
        choice,
        n=int(patterns.multiplicity[given].sum()),
        evidence=label_evidence(
            patterns.counts,
            patterns.multiplicity.astype(np.float64),
            column,
            clusters(patterns, given.astype(np.float64)),
        ),
        undefined=f"no item with two ratings has the label {label}",
    )
