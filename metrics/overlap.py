"""Who chose the overlap: are the items judged twice like the items judged once?"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import nan, sqrt
from typing import Literal

import numpy as np
from scipy.special import chdtrc

from metrics.tables import Floats, Integers

OverlapDesign = Literal["random", "all", "priority", "unknown"]

# Below this expected count the chi-square distribution is not trusted (Cochran 1954).
SMALLEST_EXPECTED = 5.0
PERMUTATIONS = 9_999


@dataclass(frozen=True, slots=True, eq=False)
class OverlapCounts:
    """Items of one attribute by stratum.

    Attributes
    ----------
    attribute : name of the attribute
    strata : its S values
    several : ndarray of shape (S,)
        Items judged twice or more.
    single : ndarray of shape (S,)
        Items judged once.
    """

    attribute: str
    strata: tuple[str, ...]
    several: Integers
    single: Integers


@dataclass(frozen=True, slots=True)
class OverlapDifference:
    """How the overlap differs from the rest in one attribute.

    Attributes
    ----------
    attribute : name of the attribute
    n_several, n_single : items judged twice or more, and once
    total_variation : share of the overlap that would have to move to other strata to match
    cramers_v : bias-corrected strength of association, 0 to 1
    chi_square : Pearson's statistic, without Yates' correction
    p_value : of equal shares; nan where nothing can be compared
    p_adjusted : the same after Holm's correction over the attributes compared together
    most_over, most_under : strata with the largest surplus and shortage in the overlap
    method : how p was computed
    """

    attribute: str
    n_several: int
    n_single: int
    total_variation: float
    cramers_v: float
    chi_square: float
    p_value: float
    p_adjusted: float
    most_over: str
    most_under: str
    method: str


TOLERATED_LOSS = 0.1
"""Share of items without a second answer up to which a design of "all" is taken at its word: what
is lost on the way was not chosen, and can move the value by a tenth of its range at most."""


@dataclass(frozen=True, slots=True)
class Representativeness:
    """Whether agreement on the overlap speaks for all items, and why."""

    is_representative: bool
    reason: str


def overlap_differences(
    attributes: Sequence[OverlapCounts], *, seed: int = 0
) -> tuple[OverlapDifference, ...]:
    """Compare items judged twice or more with items judged once, attribute by attribute.

    Was the overlap chosen among the easy items, or among one vendor's? It misleads as proof of the
    opposite: no difference in these attributes does not make an overlap random, and in a large
    batch a difference too small to matter is still significant. Read total variation first. Items
    that entered the overlap by whole groups make p too small.

    Parameters
    ----------
    attributes : sequence of OverlapCounts
        Attributes that are compared together; the correction is over all of them.
    seed : int
        Seed of the permutations that are used where an expected count is below 5.

    Returns
    -------
    tuple of OverlapDifference
        In the order given. Numbers are nan where one side has no items or there is one stratum.

    Raises
    ------
    ValueError
        When counts are negative or do not fit the strata.

    References
    ----------
    Bergsma (2013), A bias-correction for Cramer's V and Tschuprow's T,
    10.1016/j.jkss.2012.10.002; Holm (1979), A simple sequentially rejective multiple test
    procedure, Scandinavian Journal of Statistics 6:65-70; Phipson and Smyth (2010), Permutation
    p-values should never be zero, 10.2202/1544-6115.1585

    Examples
    --------
    Half of the items are hard, one in four of the overlap:

    >>> counts = OverlapCounts("difficulty", ("easy", "hard"), np.array([75, 25]),
    ...     np.array([100, 100]))
    >>> (difference,) = overlap_differences([counts])
    >>> difference.total_variation, difference.most_over, difference.p_value < 0.001
    (0.25, 'easy', True)
    """
    found = [_difference(counts, seed) for counts in attributes]
    adjusted = holm([difference.p_value for difference in found])
    return tuple(
        replace(difference, p_adjusted=p_adjusted)
        for difference, p_adjusted in zip(found, adjusted, strict=True)
    )


def holm(p_values: Sequence[float]) -> list[float]:
    """P values corrected for several comparisons by Holm's step-down rule; nan is left out.

    Which differences remain when so many were looked at? It misleads when only the comparisons
    that looked interesting are handed in.

    Parameters
    ----------
    p_values : sequence of float, 0 to 1, or nan

    Returns
    -------
    list of float, 0 to 1
        In the order given; nan where p is nan.

    References
    ----------
    Holm (1979), A simple sequentially rejective multiple test procedure, Scandinavian Journal of
    Statistics 6:65-70

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    values = np.asarray(p_values, dtype=np.float64)
    tested = np.flatnonzero(~np.isnan(values))
    order = tested[np.argsort(values[tested], kind="stable")]
    steps = values[order] * np.arange(len(order), 0, -1)
    adjusted = np.full(len(values), nan)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return [float(value) for value in adjusted]


def is_representative(
    overlap_design: OverlapDesign,
    several: int,
    total: int,
    *,
    inclusion_probabilities_equal: bool | None = None,
) -> Representativeness:
    """Tell whether agreement on the overlap speaks for the whole batch.

    May the agreement of the items judged twice be read as that of all items? It misleads when the
    design on record is not what happened: compare with `overlap_differences`.

    Parameters
    ----------
    overlap_design : {"random", "all", "priority", "unknown"}
        How the items judged twice were chosen, as the batch records it.
    several : int, 0 to total
        Items judged twice or more.
    total : int
        Items that were judged at all.
    inclusion_probabilities_equal : bool, optional
        Whether all recorded probabilities of being in the overlap are equal; None where none are
        recorded.

    Returns
    -------
    Representativeness
        With a sentence that a card can show.

    Raises
    ------
    ValueError
        When the design is unknown or the counts contradict each other.

    References
    ----------
    Horvitz and Thompson (1952), A generalization of sampling without replacement from a finite
    universe, 10.1080/01621459.1952.10483446

    Examples
    --------
    >>> is_representative("priority", 300, 1000)
    Representativeness(is_representative=False, reason='the overlap was chosen by priority')
    """
    if overlap_design not in {"random", "all", "priority", "unknown"}:
        raise ValueError(
            f"overlap design {overlap_design!r}; allowed are random, all, priority and unknown"
        )
    if not 0 <= several <= total:
        raise ValueError(f"{several} items judged twice of {total}; must be in 0 .. {total}")
    if several == total:
        return Representativeness(total > 0, _census(total))
    if inclusion_probabilities_equal is False:
        reason = "the overlap was drawn with unequal probabilities, which are not weighted here"
        return Representativeness(is_representative=False, reason=reason)
    if overlap_design == "random" or inclusion_probabilities_equal:
        reason = f"the {several:,} items judged twice were drawn at random from {total:,}"
        return Representativeness(is_representative=True, reason=reason)
    missing = total - several
    if overlap_design == "all" and missing <= TOLERATED_LOSS * total:
        reason = f"all items were to be judged twice; {missing:,} of {total:,} lost an answer"
        return Representativeness(is_representative=True, reason=reason)
    reasons = {
        "all": f"all items were to be judged twice, but {missing:,} of {total:,} were not",
        "priority": "the overlap was chosen by priority",
        "unknown": "nobody said how the items judged twice were chosen; state overlap_design at"
        " import",
    }
    return Representativeness(is_representative=False, reason=reasons[overlap_design])


def _census(total: int) -> str:
    if total == 0:
        return "no item was judged"
    return f"all {total:,} items were judged twice or more"


def _difference(counts: OverlapCounts, seed: int) -> OverlapDifference:
    table = np.stack([counts.several, counts.single]).astype(np.int64)
    if table.shape != (2, len(counts.strata)) or (table < 0).any():
        raise ValueError(
            f"counts of attribute {counts.attribute!r} have shape {table.shape[1:]} and must be at "
            f"least 0, one for each of {len(counts.strata)} strata"
        )
    used = table.sum(axis=0) > 0
    n_several, n_single = (int(side) for side in table.sum(axis=1))
    if n_several == 0 or n_single == 0 or used.sum() < 2:
        why = "nothing to compare: one stratum" if n_several and n_single else _one_sided(n_several)
        return OverlapDifference(
            counts.attribute, n_several, n_single, nan, nan, nan, nan, nan, "", "", why
        )
    gap = table[0] / n_several - table[1] / n_single
    chi_square, smallest = _chi_square(table[:, used])
    p_value, method = _p_value(table[:, used], chi_square, smallest, seed)
    return OverlapDifference(
        attribute=counts.attribute,
        n_several=n_several,
        n_single=n_single,
        total_variation=float(np.abs(gap).sum() / 2),
        cramers_v=_corrected_v(chi_square, n_several + n_single, int(used.sum())),
        chi_square=chi_square,
        p_value=p_value,
        p_adjusted=nan,
        most_over=counts.strata[int(gap.argmax())],
        most_under=counts.strata[int(gap.argmin())],
        method=method,
    )


def _one_sided(n_several: int) -> str:
    side = "once" if n_several else "twice or more"
    return f"nothing to compare: no item was judged {side}"


def _expected(table: Integers) -> Floats:
    return np.asarray(np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum())


def _chi_square(table: Integers) -> tuple[float, float]:
    """Pearson's statistic and the smallest expected count of a table without empty lines."""
    expected = _expected(table)
    return float((np.square(table - expected) / expected).sum()), float(expected.min())


def _p_value(table: Integers, chi_square: float, smallest: float, seed: int) -> tuple[float, str]:
    strata = table.shape[1]
    if smallest >= SMALLEST_EXPECTED:
        return float(chdtrc(strata - 1, chi_square)), f"chi-square with {strata - 1} df"
    generator = np.random.default_rng(seed)
    # Which items are in the overlap is permuted; margins stay, so one row says it all.
    drawn = generator.multivariate_hypergeometric(
        table.sum(axis=0), int(table[0].sum()), size=PERMUTATIONS, method="marginals"
    )
    expected = _expected(table)
    share = np.square(drawn - expected[0])
    statistic = (share / expected[0] + share / expected[1]).sum(axis=1)
    as_far = int((statistic >= chi_square * (1 - 1e-9)).sum())
    return (as_far + 1) / (PERMUTATIONS + 1), f"{PERMUTATIONS:,} permutations, seed {seed}"


def _corrected_v(chi_square: float, n: int, strata: int) -> float:
    """Cramer's V of a 2 x strata table without the upward bias of small samples."""
    square = max(0.0, chi_square / n - (strata - 1) / (n - 1))
    sides = 2 - 1 / (n - 1)
    columns = strata - (strata - 1) ** 2 / (n - 1)
    smaller = min(sides, columns) - 1
    return min(1.0, sqrt(square / smaller)) if smaller > 0 else nan
