"""Chance-corrected agreement of two fixed annotators: Cohen's kappa, plain and weighted."""

from dataclasses import replace
from math import nan
from typing import Literal

import numpy as np

from metrics.coefficients import LinearStatistic, ratio
from metrics.distances import Weights, agreement_weights
from metrics.estimates import Estimate
from metrics.intervals import clopper_pearson
from metrics.resampling import bootstrap_units, delete_units, totals
from metrics.spread import Spread, jackknife_spread, limits
from metrics.sufficiency import shortage
from metrics.tables import AnnotatorPairs, Floats, Integers
from metrics.ties import Ties

KappaInterval = Literal["analytic", "jackknife", "bootstrap"]


def cohen_kappa(
    pairs: AnnotatorPairs,
    *,
    weights: Weights = "none",
    ties: Ties = "class",
    interval: KappaInterval = "analytic",
    confidence: float = 0.95,
    replicates: int = 1000,
    seed: int = 0,
) -> Estimate:
    """Cohen's kappa: agreement of two annotators beyond what their own label shares would give.

    Do these two annotators read the guideline alike? It misleads when one label dominates (high
    agreement, low kappa), when the two use labels in different shares (kappa then rises), and,
    with quadratic weights, when the scale is long: compare it only between equal scales.

    Parameters
    ----------
    pairs : AnnotatorPairs
        Joint labels of exactly two annotators; see `restricted_to`.
    weights : {"none", "linear", "quadratic"}
        Credit for a near miss: none, falling with the distance, or with its square. Distance is
        counted in places of the declared labels, in numbers for interval and ratio questions;
        labels of other questions have no distance.
    ties : {"class", "exclude"}
        Whether items where either annotator said tie count.
    interval : {"analytic", "jackknife", "bootstrap"}
        Large-sample standard error of Fleiss, Cohen and Everitt (the one for any kappa, not the
        one for kappa 0), delete-one-item jackknife, or percentile bootstrap over items. The
        first two give limits that are symmetric in log(1 - kappa), which covers better than
        limits symmetric in kappa.
    confidence : float in (0, 1)
        Level of the interval.
    replicates, seed : int
        Number of bootstrap draws and their seed.

    Returns
    -------
    Estimate
        From -1 to 1: 1 full agreement, 0 as expected by chance, negative worse than chance. n is
        the number of items both judged. Undefined without such an item and where each annotator
        used one label throughout. Insufficient where one of them did (kappa is then 0 whatever
        the other said) and where `metrics.sufficiency` finds the data too thin. Where no
        disagreement was seen, every resampling interval has zero width; the lower limit then is
        that of an exact limit for the observed agreement.

    Raises
    ------
    ValueError
        When `pairs` holds more than two annotators, or ties are to be left out of a question
        that declares none.

    References
    ----------
    Cohen (1960), A coefficient of agreement for nominal scales, 10.1177/001316446002000104;
    Cohen (1968), Weighted kappa, 10.1037/h0026256; Fleiss, Cohen and Everitt (1969), Large sample
    standard errors of kappa and weighted kappa, 10.1037/h0028106

    Examples
    --------
    Dialogue acts of Artstein and Poesio (2008): 88 of 100 alike, 39.6 expected by chance.

    >>> row, column = np.array([0, 0, 1, 2, 2]), np.array([0, 1, 1, 1, 2])
    >>> pairs = AnnotatorPairs(
    ...     ("stat", "ireq", "chck"), "nominal", ("ann", "bob"), ("human", "human"),
    ...     np.zeros(5, int), np.ones(5, int), row, column, np.array([46, 6, 32, 6, 10]))
    >>> round(cohen_kappa(pairs).value, 4)
    0.8013
    """
    if len(pairs.annotators) > 2:
        found = len(pairs.annotators)
        raise ValueError(f"{found} annotators; Cohen's kappa is of two: use restricted_to first")
    pairs = without_ties(pairs, ties)
    title = "Cohen kappa" if weights == "none" else f"Cohen kappa, {weights} weights"
    n = int(pairs.count.sum())
    blank = Estimate(confidence=confidence, n=n, n_unit="items", method=title)
    rows = np.stack([pairs.label_first, pairs.label_second], axis=1)
    constant = [len(np.unique(labels[pairs.count > 0])) < 2 for labels in rows.T]
    reason = _undefined(pairs, weights, both_constant=all(constant))
    if reason:
        return blank.but(status="undefined", reason=reason)
    agreement = agreement_weights(pairs.labels, pairs.level, weights)
    statistic = cohen_statistic(agreement)
    value = float(statistic.value(totals(statistic, rows, pairs.count.astype(np.float64))))
    blank = blank.but(value=value)
    if any(constant):
        reason = "one annotator used a single label: kappa is then 0 whatever the other said"
        return blank.but(status="insufficient", reason=reason)
    if value == 1:
        return _without_disagreement(blank, table_of(pairs))
    if interval == "bootstrap":
        choice = {"replicates": replicates, "seed": seed}
        return _bootstrapped(blank, statistic, rows, pairs.count, **choice)
    return _with_limits(blank, statistic, pairs, agreement, interval)


def _undefined(pairs: AnnotatorPairs, weights: Weights, *, both_constant: bool) -> str:
    """Why there is no kappa, empty where there is one."""
    if weights != "none" and pairs.level not in {"ordinal", "interval", "ratio"}:
        return f"weights need labels with distances, the question is {pairs.level}"
    if pairs.count.sum() == 0:
        return "the two annotators share no item"
    return "no variation: each annotator used one label throughout" if both_constant else ""


def cohen_statistic(agreement: Floats) -> LinearStatistic:
    """Cohen's kappa as a function of linear totals; rows (P, 2) are the two labels of an item.

    Parameters
    ----------
    agreement : ndarray of shape (Q, Q)
        Credit for each pair of labels, 1 on the diagonal.
    """
    size = len(agreement)
    one_hot = np.eye(size)

    def features(rows: Integers) -> Floats:
        first, second = rows[..., 0], rows[..., 1]
        credit = agreement[first, second][..., None]
        return np.concatenate([credit, one_hot[first], one_hot[second]], axis=-1)

    def value(sums: Floats) -> Floats:
        first, second = sums[..., 1 : size + 1], sums[..., size + 1 :]
        number = first.sum(axis=-1)
        chance = ratio(((first @ agreement) * second).sum(axis=-1), number)
        # Counts are whole up to rounding: what is below 1e-9 is a chance disagreement of zero.
        gap = np.where(number - chance > 1e-9, number - chance, 0.0)
        return 1.0 - ratio(number - sums[..., 0], gap)

    return LinearStatistic("Cohen kappa", 1 + 2 * size, features, value, floor=-1.0, ceiling=1.0)


def kappa_of_table(table: Floats | Integers, agreement: Floats) -> float:
    """Cohen's kappa of a square table of joint labels, for any credit for near misses.

    Parameters
    ----------
    table : ndarray of shape (Q, Q)
        Number of items by the label of the one and of the other annotator.
    agreement : ndarray of shape (Q, Q)
        Credit for each pair of labels, 1 on the diagonal.

    Returns
    -------
    float
        From -1 to 1; nan where chance leaves nothing to disagree about.

    References
    ----------
    Cohen (1968), Weighted kappa, 10.1037/h0026256

    Examples
    --------
    >>> round(kappa_of_table(np.array([[40, 9], [6, 45]]), np.eye(2)), 6)
    0.699519
    """
    number = float(table.sum())
    gap = number - float(table.sum(1) @ agreement @ table.sum(0)) / number if number else 0.0
    return 1.0 - float((table * (1.0 - agreement)).sum()) / gap if gap > 1e-9 else nan


def kappa_influence(table: Floats | Integers, agreement: Floats) -> Floats:
    """How much one item in each cell moves kappa, times n, to first order; mean 0 over items.

    Their root mean square over the root of n is the standard error of Fleiss, Cohen and Everitt
    (1969), 10.1037/h0028106. Shape (Q, Q).
    """
    number = float(table.sum())
    first, second = table.sum(1) / number, table.sum(0) / number
    observed = float((table * agreement).sum()) / number
    expected = float(first @ agreement @ second)
    margins = (agreement @ second)[:, None] + (first @ agreement)[None, :]
    left = (1.0 - observed) / (1.0 - expected)
    change = agreement - observed - left * (margins - 2.0 * expected)
    return np.asarray(change / (1.0 - expected))


def restricted_to(pairs: AnnotatorPairs, one: str, other: str) -> AnnotatorPairs:
    """Keep the joint labels of two annotators.

    Parameters
    ----------
    pairs : AnnotatorPairs
    one, other : str
        Names of two different annotators of `pairs`; their order does not matter.

    Returns
    -------
    AnnotatorPairs
        With these two annotators only, and no entry where they share no item.

    Raises
    ------
    ValueError
        When a name is unknown or both are the same.

    Examples
    --------
    >>> zero = np.zeros(2, int)
    >>> pairs = AnnotatorPairs(("a", "b"), "nominal", ("x", "y", "z"), ("human",) * 3,
    ...     zero, np.array([1, 2]), zero, zero, np.array([7, 9]))
    >>> restricted_to(pairs, "z", "x").count
    array([9])
    """
    if one == other or not {one, other} <= set(pairs.annotators):
        raise ValueError(f"annotators {one!r} and {other!r}; give two different ones of the table")
    low, high = sorted((pairs.annotators.index(one), pairs.annotators.index(other)))
    forward = (pairs.first == low) & (pairs.second == high)
    backward = (pairs.first == high) & (pairs.second == low)
    kept = chosen(pairs, forward | backward)
    swap = kept.first == high
    return replace(
        kept,
        annotators=(pairs.annotators[low], pairs.annotators[high]),
        roles=(pairs.roles[low], pairs.roles[high]),
        first=np.zeros_like(kept.first),
        second=np.ones_like(kept.second),
        label_first=np.where(swap, kept.label_second, kept.label_first),
        label_second=np.where(swap, kept.label_first, kept.label_second),
    )


def chosen(pairs: AnnotatorPairs, keep: np.ndarray) -> AnnotatorPairs:
    """Entries of a table of pairs where `keep` is true; annotators and labels stay."""
    return replace(
        pairs,
        first=pairs.first[keep],
        second=pairs.second[keep],
        label_first=pairs.label_first[keep],
        label_second=pairs.label_second[keep],
        count=pairs.count[keep],
    )


def without_ties(pairs: AnnotatorPairs, ties: Ties) -> AnnotatorPairs:
    """Pairs of votes with ties as a class, or without every pair where either vote is a tie.

    Raises
    ------
    ValueError
        When ties are to be left out and the question declares no tie label.
    """
    if ties == "class":
        return pairs
    if ties != "exclude":
        raise ValueError(f"ties must be class or exclude, found {ties!r}")
    if not pairs.tie_labels:
        raise ValueError("ties=exclude needs a question with tie labels, this one declares none")
    decisive = np.array([label not in pairs.tie_labels for label in pairs.labels], dtype=bool)
    kept = chosen(pairs, decisive[pairs.label_first] & decisive[pairs.label_second])
    place = np.cumsum(decisive) - 1
    return replace(
        kept,
        labels=tuple(label for label in pairs.labels if label not in pairs.tie_labels),
        tie_labels=(),
        label_first=place[kept.label_first],
        label_second=place[kept.label_second],
    )


def table_of(pairs: AnnotatorPairs) -> Integers:
    """Joint labels of first and second annotators, all pairs of annotators in one table (Q, Q)."""
    table = np.zeros((len(pairs.labels),) * 2, np.int64)
    np.add.at(table, (pairs.label_first, pairs.label_second), pairs.count)
    return table


def clean_record_low(table: Integers, clean: float) -> float:
    """Kappa if items disagreed as fully and as often as a clean record still allows.

    Parameters
    ----------
    table : ndarray of shape (Q, Q), without disagreement
    clean : float
        Lower limit of the share of items without disagreement.
    """
    number = float(table.sum())
    expected = float((table.sum(1) / number) @ (table.sum(0) / number))
    return max(-1.0, 1.0 - (1.0 - clean) / (1.0 - expected))


def _without_disagreement(blank: Estimate, table: Integers) -> Estimate:
    clean = clopper_pearson(blank.n, blank.n, blank.confidence)[0]
    rare = blank.n - int(table.sum(axis=1).max())
    few = blank.n < 30 or rare < 5
    found = f"too little data: {blank.n} items, {rare} of them outside the commonest label"
    return blank.but(
        low=clean_record_low(table, clean),
        high=1.0,
        method=f"{blank.method}; no disagreement seen, exact limit of the observed agreement",
        status="insufficient" if few else "ok",
        reason=found if few else "",
    )


def _with_limits(
    blank: Estimate,
    statistic: LinearStatistic,
    pairs: AnnotatorPairs,
    agreement: Floats,
    interval: KappaInterval,
) -> Estimate:
    rows = np.stack([pairs.label_first, pairs.label_second], axis=1)
    spread = jackknife_spread(delete_units(statistic, rows, pairs.count.astype(np.float64)))
    how = f"delete-one-item jackknife, t with {spread.freedom:.1f} df"
    if interval == "analytic":
        table = table_of(pairs)
        square = (table * kappa_influence(table, agreement) ** 2).sum()
        variance = np.asarray(square / blank.n**2)
        spread = Spread(variance, spread.freedom, spread.units, spread.effective)
        how = f"Fleiss-Cohen-Everitt standard error, t with {spread.freedom:.1f} df"
    value = np.asarray(blank.value)
    low, high = limits(value, spread, blank.confidence, floor=-1.0, ceiling=1.0)
    reason = shortage(spread, "items")
    return blank.but(
        low=float(low),
        high=float(high),
        method=f"{blank.method}; {how}",
        status="insufficient" if reason else "ok",
        reason=reason,
        provenance={
            "standard_error": float(np.sqrt(spread.variance)),
            "effective_units": float(spread.effective),
        },
    )


def _bootstrapped(
    blank: Estimate,
    statistic: LinearStatistic,
    rows: Integers,
    count: Integers,
    *,
    replicates: int,
    seed: int,
) -> Estimate:
    generator = np.random.default_rng(seed)
    drawn = bootstrap_units(statistic, rows, count, replicates, generator)
    defined = drawn[~np.isnan(drawn)]
    tail = (1.0 - blank.confidence) / 2.0
    low, high = np.quantile(defined, [tail, 1.0 - tail]) if len(defined) else (nan, nan)
    lost = len(drawn) - len(defined)
    spread = jackknife_spread(delete_units(statistic, rows, count.astype(np.float64)))
    reason = shortage(spread, "items")
    return blank.but(
        low=float(low),
        high=float(high),
        method=(
            f"{blank.method}; bootstrap of items, percentiles of {replicates} replicates, "
            f"{lost} undefined, seed {seed}"
        ),
        status="insufficient" if reason else "ok",
        reason=reason,
        provenance={"undefined_replicates": lost},
    )
