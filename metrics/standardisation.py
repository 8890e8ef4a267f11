"""Rates under the same mix: direct standardisation, Kitagawa's two parts, Mantel and Haenszel.

Shapes: S strata. Counts are `hits` of `cases` in each stratum, for two sides in the same order.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from metrics.tables import Floats


@dataclass(frozen=True, slots=True)
class TwoParts:
    """Difference of two rates, second less first, in parts.

    Attributes
    ----------
    difference : of the crude rates
    rate : what the rates of the strata contribute, at the mean mix of both
    mix : what the mix of strata contributes, at the mean rates of both
    uncovered : share of the cases of either side, whichever is larger, in strata that only this
        side has; they are in neither part
    """

    difference: float
    rate: float
    mix: float
    uncovered: float


def kitagawa(first: tuple[ArrayLike, ArrayLike], second: tuple[ArrayLike, ArrayLike]) -> TwoParts:
    """Split the difference of two rates into rates and mix.

    Does the whole differ because the strata do, or because there are more of one than of another?

    Parameters
    ----------
    first, second : hits and cases by stratum

    References
    ----------
    Kitagawa (1955), Components of a difference between two rates, 10.1080/01621459.1955.10501299

    Examples
    --------
    >>> men = [512, 120], [825, 325]
    >>> women = [89, 202], [108, 593]
    >>> found = kitagawa(men, women)
    >>> round(found.difference, 4), round(found.rate + found.mix, 4)
    (-0.1344, -0.1344)
    """
    hits, cases = _sides(first, second)
    both = (cases > 0).all(axis=0)
    total = cases.sum(axis=1)
    uncovered = float((cases[:, ~both].sum(axis=1) / total).max())
    rates = hits[:, both] / cases[:, both]
    mixes = cases[:, both] / total[:, None]
    crude = hits.sum(axis=1) / total
    return TwoParts(
        difference=float(crude[1] - crude[0]),
        rate=float(mixes.mean(axis=0) @ (rates[1] - rates[0])),
        mix=float(rates.mean(axis=0) @ (mixes[1] - mixes[0])),
        uncovered=uncovered,
    )


def standardised(hits: ArrayLike, cases: ArrayLike, weights: ArrayLike) -> float:
    """Rate under a given mix of strata; strata without cases are left out of it.

    Examples
    --------
    >>> standardised([1, 9], [10, 10], [30, 10])
    0.3
    """
    hit, case = np.asarray(hits, np.float64), np.asarray(cases, np.float64)
    weight = np.where(case > 0, np.asarray(weights, np.float64), 0.0)
    rates = np.divide(hit, case, out=np.zeros_like(case), where=case > 0)
    return float(weight @ rates / weight.sum()) if weight.sum() > 0 else float("nan")


def mantel_haenszel(
    first: tuple[ArrayLike, ArrayLike], second: tuple[ArrayLike, ArrayLike]
) -> float:
    """Odds ratio of the first side against the second, within strata; nan where none compares.

    References
    ----------
    Mantel, Haenszel (1959), Statistical aspects of the analysis of data from retrospective studies
    of disease, 10.1093/jnci/22.4.719

    Examples
    --------
    >>> round(mantel_haenszel(([30, 5], [40, 20]), ([20, 4], [40, 19])), 6)
    2.333333
    """
    hits, cases = _sides(first, second)
    misses, number = cases - hits, np.maximum(cases.sum(axis=0), 1.0)
    upper = float((hits[0] * misses[1] / number).sum())
    lower = float((hits[1] * misses[0] / number).sum())
    return upper / lower if lower > 0 else float("nan")


def odds_ratio(first: tuple[ArrayLike, ArrayLike], second: tuple[ArrayLike, ArrayLike]) -> float:
    """Odds ratio of the first side against the second, strata thrown together."""
    hits, cases = _sides(first, second)
    whole = hits.sum(axis=1), cases.sum(axis=1)
    upper = whole[0][0] * (whole[1][1] - whole[0][1])
    lower = whole[0][1] * (whole[1][0] - whole[0][0])
    return float(upper / lower) if lower > 0 else float("nan")


def is_reversed(first: tuple[ArrayLike, ArrayLike], second: tuple[ArrayLike, ArrayLike]) -> bool:
    """Whether the whole points the other way than its strata do together (Simpson)."""
    crude, within = odds_ratio(first, second), mantel_haenszel(first, second)
    return bool((crude - 1.0) * (within - 1.0) < 0)


def _sides(
    first: tuple[ArrayLike, ArrayLike], second: tuple[ArrayLike, ArrayLike]
) -> tuple[Floats, Floats]:
    hits = np.stack([np.asarray(side[0], dtype=np.float64) for side in (first, second)])
    cases = np.stack([np.asarray(side[1], dtype=np.float64) for side in (first, second)])
    if np.any(hits < 0) or np.any(hits > cases):
        raise ValueError("hits lie between 0 and the cases of their stratum")
    return hits, cases
