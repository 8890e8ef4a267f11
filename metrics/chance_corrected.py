"""Agreement corrected for chance, with Gwet's treatment of missing ratings.

Options are those of `metrics.agreement`.
"""

import numpy as np

from metrics.coefficients import (
    ChanceAgreement,
    brennan_prediger_chance,
    chance_corrected,
    fleiss_chance,
    gwet_chance,
    ratings_per_unit,
)
from metrics.comparable import estimate_over_items
from metrics.distances import Weights, agreement_weights
from metrics.estimates import Estimate
from metrics.tables import Floats, UnitPatterns
from metrics.ties import Ties, with_ties
from metrics.uncertainty import AboutAgreement, Interval, IntervalChoice


def gwet_ac1(
    patterns: UnitPatterns,
    *,
    ties: Ties = "class",
    interval: Interval = "jackknife",
    about: AboutAgreement = "process",
    confidence: float = 0.95,
    replicates: int = 1000,
    seed: int = 0,
) -> Estimate:
    """Gwet's AC1: agreement beyond chance that stays readable when one label dominates.

    Is agreement high for a reason other than habit? Its chance term falls towards 0 as one label
    takes over, so it can reward a label nobody uses well: read it with agreement by label.

    Parameters
    ----------
    patterns : UnitPatterns
        Counts of shape (P, Q). Prevalences count every rated item, also those with one rating.
    ties, interval, about, confidence, replicates, seed
        As in `metrics.agreement`; analytic is Gwet's linearisation.

    Returns
    -------
    Estimate
        1 full agreement, 0 chance level, negative systematic disagreement. n counts items with
        two ratings or more. Undefined when there is no such item, or when items show one label.

    References
    ----------
    Gwet (2008), Computing inter-rater reliability and its variance in the presence of high
    agreement, British Journal of Mathematical and Statistical Psychology 61:29.
    DOI 10.1348/000711006X126600

    Examples
    --------
    Feinstein and Cicchetti's (1990) skewed table, kappa .318:

    >>> patterns = UnitPatterns(
    ...     ("yes", "no"), "nominal", np.array([[2, 0], [1, 1], [0, 2]]), np.array([80, 15, 5])
    ... )
    >>> round(gwet_ac1(patterns).value, 3)
    0.808
    """
    choice = IntervalChoice(interval, about, confidence, replicates, seed)
    patterns = with_ties(patterns, ties)
    weights = np.eye(len(patterns.labels))
    return _chance_corrected("Gwet AC1", weights, gwet_chance(weights), patterns, choice)


def gwet_ac2(
    patterns: UnitPatterns,
    *,
    weights: Weights = "quadratic",
    ties: Ties = "class",
    interval: Interval = "jackknife",
    about: AboutAgreement = "process",
    confidence: float = 0.95,
    replicates: int = 1000,
    seed: int = 0,
) -> Estimate:
    """Gwet's AC2: AC1 that counts near misses on an ordered scale as partial agreement.

    Do annotators mean the same height, if not the same step? It misleads on long scales with
    quadratic weights, where almost any pair is a near miss.

    Parameters
    ----------
    patterns : UnitPatterns
        Counts of shape (P, Q), labels in order.
    weights : {"linear", "quadratic", "none"}
        Weight of a pair of labels: 1 - gap, or 1 - gap², the gap as a share of the scale.
    ties, interval, about, confidence, replicates, seed
        As in `metrics.agreement`; analytic is Gwet's linearisation.

    Returns
    -------
    Estimate
        1 full agreement, 0 chance level, negative systematic disagreement. Undefined as AC1.

    References
    ----------
    Gwet (2014), Handbook of Inter-Rater Reliability, 4th ed., chapter 5.

    Examples
    --------
    >>> patterns = UnitPatterns(
    ...     ("low", "mid", "high"), "ordinal", np.array([[1, 1, 0], [0, 2, 0], [0, 0, 2]]),
    ...     np.array([2, 4, 4])
    ... )
    >>> round(gwet_ac2(patterns).value, 4), round(gwet_ac1(patterns).value, 4)
    (0.881, 0.7183)
    """
    choice = IntervalChoice(interval, about, confidence, replicates, seed)
    patterns = with_ties(patterns, ties)
    matrix = agreement_weights(patterns.labels, patterns.level, weights)
    name = f"Gwet AC2, {weights} weights"
    return _chance_corrected(name, matrix, gwet_chance(matrix), patterns, choice)


def fleiss_kappa(
    patterns: UnitPatterns,
    *,
    weights: Weights = "none",
    ties: Ties = "class",
    interval: Interval = "jackknife",
    about: AboutAgreement = "process",
    confidence: float = 0.95,
    replicates: int = 1000,
    seed: int = 0,
) -> Estimate:
    """Fleiss' kappa: agreement beyond what the shared label shares would give by chance.

    The figure older reports quote; alpha answers the same question with less bias in small
    batches. It misleads under skew exactly as alpha does.

    Parameters
    ----------
    patterns : UnitPatterns
        Counts of shape (P, Q). With unequal numbers of ratings an item the generalised form of
        Gwet (2014) is used and the method says so: observed agreement over items with two ratings
        or more, prevalences over every rated item.
    weights : {"none", "linear", "quadratic"}
    ties, interval, about, confidence, replicates, seed
        As in `metrics.agreement`; analytic is Gwet's linearisation.

    Returns
    -------
    Estimate
        1 full agreement, 0 chance level, negative systematic disagreement. Undefined when no item
        has two ratings, or when items show one label.

    References
    ----------
    Fleiss (1971), Measuring nominal scale agreement among many raters, Psychological Bulletin
    76:378. DOI 10.1037/h0031619

    Examples
    --------
    >>> patterns = UnitPatterns(
    ...     ("no", "yes"), "nominal", np.array([[3, 0], [2, 1], [0, 3]]), np.array([2, 1, 1])
    ... )
    >>> round(fleiss_kappa(patterns).value, 4)
    0.625
    """
    choice = IntervalChoice(interval, about, confidence, replicates, seed)
    patterns = with_ties(patterns, ties)
    matrix = agreement_weights(patterns.labels, patterns.level, weights)
    ratings = ratings_per_unit(patterns.counts)[patterns.multiplicity > 0]
    general = ", generalised for unequal numbers of ratings" if len(set(ratings)) > 1 else ""
    weighted = "" if weights == "none" else f", {weights} weights"
    name = f"Fleiss kappa{weighted}{general}"
    # Items with one rating may push Pe towards 1, so the generalised form has no lower bound.
    statistic = chance_corrected(name, matrix, fleiss_chance(matrix), floor=-np.inf)
    return estimate_over_items(statistic, patterns, choice)


def brennan_prediger(
    patterns: UnitPatterns,
    *,
    weights: Weights = "none",
    ties: Ties = "class",
    interval: Interval = "jackknife",
    about: AboutAgreement = "process",
    confidence: float = 0.95,
    replicates: int = 1000,
    seed: int = 0,
) -> Estimate:
    """Brennan-Prediger's (Bennett's S, Randolph's) kappa: chance is picking any label blindly.

    How far above blind guessing are annotators? Labels that are declared and never used inflate
    it, since they lower the chance term; with two labels it is PABAK, twice the agreement less 1.

    Parameters
    ----------
    patterns : UnitPatterns
        Counts of shape (P, Q); Q is the number of declared labels.
    weights : {"none", "linear", "quadratic"}
    ties, interval, about, confidence, replicates, seed
        As in `metrics.agreement`; analytic is Gwet's linearisation.

    Returns
    -------
    Estimate
        1 full agreement, 0 blind guessing, -1/(Q - 1) or above. Undefined when no item has two
        ratings, or when items show one label.

    References
    ----------
    Brennan, Prediger (1981), Coefficient kappa: some uses, misuses, and alternatives, Educational
    and Psychological Measurement 41:687. DOI 10.1177/001316448104100307

    Examples
    --------
    >>> patterns = UnitPatterns(
    ...     ("yes", "no"), "nominal", np.array([[2, 0], [1, 1], [0, 2]]), np.array([80, 15, 5])
    ... )
    >>> round(brennan_prediger(patterns).value, 3)
    0.7
    """
    choice = IntervalChoice(interval, about, confidence, replicates, seed)
    patterns = with_ties(patterns, ties)
    matrix = agreement_weights(patterns.labels, patterns.level, weights)
    weighted = "" if weights == "none" else f", {weights} weights"
    name = f"Brennan-Prediger kappa{weighted}"
    return _chance_corrected(name, matrix, brennan_prediger_chance(matrix), patterns, choice)


def _chance_corrected(
    name: str,
    weights: Floats,
    chance: ChanceAgreement,
    patterns: UnitPatterns,
    choice: IntervalChoice,
) -> Estimate:
    statistic = chance_corrected(name, weights, chance)
    return estimate_over_items(statistic, patterns, choice)
