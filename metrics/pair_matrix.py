"""Agreement of every pair of annotators at once, for the heatmap and its table twin."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from metrics.distances import Weights, agreement_weights
from metrics.kappas import without_ties
from metrics.sufficiency import MINIMUM_UNITS
from metrics.tables import AnnotatorPairs, Floats, Integers
from metrics.ties import Ties

PairCoefficient = Literal["percent_agreement", "cohen_kappa"]


@dataclass(frozen=True, slots=True, eq=False)
class PairMatrix:
    """One row for each pair of annotators with a common item; shape (D,) each.

    Attributes
    ----------
    annotator_a, annotator_b : names of the two
    n : number of items both judged
    value, low, high : coefficient and its limits; nan where there is none
    method : how values and limits were computed
    """

    annotator_a: tuple[str, ...]
    annotator_b: tuple[str, ...]
    n: Integers
    value: Floats
    low: Floats
    high: Floats
    method: str


@dataclass(frozen=True, slots=True, eq=False)
class _Dyads:
    """Entries of a table of pairs with the number (0..D-1) of their pair of annotators."""

    pairs: AnnotatorPairs
    first: Integers
    second: Integers
    entry: NDArray[np.intp]
    n: Floats

    def sums(self, values: Floats) -> Floats:
        """Sum over the items of each pair of annotators; shape (D,)."""
        sums = np.bincount(self.entry, values * self.pairs.count, len(self.n))
        return sums.astype(np.float64)


def pair_matrix(
    pairs: AnnotatorPairs,
    coefficient: PairCoefficient = "percent_agreement",
    *,
    weights: Weights = "none",
    ties: Ties = "class",
    confidence: float = 0.95,
) -> PairMatrix:
    """Agreement of each pair of annotators on the items they share.

    Who agrees with nobody, and who agrees with somebody suspiciously well? It misleads when read
    cell by cell: among hundreds of pairs some look extreme by chance, and pairs with few common
    items look extreme more often. Read it with n and the limits.

    Parameters
    ----------
    pairs : AnnotatorPairs
    coefficient : {"percent_agreement", "cohen_kappa"}
    weights : {"none", "linear", "quadratic"}
        For kappa, as in `metrics.kappas.cohen_kappa`.
    ties : {"class", "exclude"}
        exclude drops a pair of votes where either is a tie.
    confidence : float in (0, 1)
        Level of each interval, not of all of them together.

    Returns
    -------
    PairMatrix
        Ordered by annotators; pairs without a common item are absent. Percent agreement has
        Wilson's limits (the items of one pair are independent). Kappa has the limits of Fleiss,
        Cohen and Everitt, symmetric in log(1 - kappa), none on fewer than 20 items or without
        any disagreement; it is nan where each of the two used one label throughout.

    Raises
    ------
    ValueError
        When weights are asked for labels without distances, or ties are to be left out of a
        question that declares none.

    References
    ----------
    Fleiss, Cohen and Everitt (1969), Large sample standard errors of kappa and weighted kappa,
    10.1037/h0028106; Wilson (1927), 10.1080/01621459.1927.10502953

    Examples
    --------
    >>> label = np.array([0, 0, 1, 1])
    >>> pairs = AnnotatorPairs(("a", "b"), "nominal", ("x", "y"), ("human",) * 2,
    ...     np.zeros(4, int), np.ones(4, int), label, np.array([0, 1, 0, 1]),
    ...     np.array([40, 9, 6, 45]))
    >>> matrix = pair_matrix(pairs, "cohen_kappa")
    >>> matrix.n.tolist(), matrix.value.round(4).tolist()
    ([100], [0.6995])
    """
    if weights != "none" and pairs.level not in {"ordinal", "interval", "ratio"}:
        raise ValueError(f"weights need labels with distances, the question is {pairs.level}")
    dyads = _dyads(without_ties(pairs, ties))
    z = float(ndtri(0.5 + confidence / 2))
    if coefficient == "percent_agreement":
        value, low, high = _percent(dyads, z)
        method = "percent agreement; Wilson interval"
    else:
        credit = agreement_weights(dyads.pairs.labels, pairs.level, weights)
        value, low, high = _kappa(dyads, credit, z)
        named = "" if weights == "none" else f", {weights} weights"
        method = f"Cohen kappa{named}; Fleiss-Cohen-Everitt standard error, normal"
    names = pairs.annotators
    return PairMatrix(
        annotator_a=tuple(names[k] for k in dyads.first),
        annotator_b=tuple(names[k] for k in dyads.second),
        n=dyads.n.astype(np.int64),
        value=value,
        low=low,
        high=high,
        method=method,
    )


def _dyads(pairs: AnnotatorPairs) -> _Dyads:
    size = max(1, len(pairs.annotators))
    codes, entry = np.unique(pairs.first * size + pairs.second, return_inverse=True)
    n = np.bincount(entry, pairs.count, len(codes)).astype(np.float64)
    return _Dyads(pairs, codes // size, codes % size, entry, n)


def _percent(dyads: _Dyads, z: float) -> tuple[Floats, Floats, Floats]:
    pairs, n = dyads.pairs, dyads.n
    share = dyads.sums((pairs.label_first == pairs.label_second).astype(np.float64)) / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(share * (1 - share) / n + (z / (2 * n)) ** 2)
    low = np.where(share == 0, 0.0, centre - half)
    high = np.where(share == 1, 1.0, centre + half)
    return share, low, high


def _kappa(dyads: _Dyads, credit: Floats, z: float) -> tuple[Floats, Floats, Floats]:
    """Kappa of all pairs from their label margins, (D, Q) each, without their (D, Q, Q) tables."""
    pairs, n = dyads.pairs, dyads.n
    of_first, of_second = _margins(dyads, pairs.label_first), _margins(dyads, pairs.label_second)
    first, second = of_first @ credit, of_second @ credit
    expected = (first * of_second).sum(axis=1)
    varied = ((of_first > 0).sum(axis=1) > 1) | ((of_second > 0).sum(axis=1) > 1)
    given = credit[pairs.label_first, pairs.label_second]
    observed = dyads.sums(given) / n
    left = 1.0 - expected
    defined = (left > 1e-12) & varied
    left = np.where(defined, left, np.nan)
    value = (observed - expected) / left
    margins = second[dyads.entry, pairs.label_first] + first[dyads.entry, pairs.label_second]
    ratio = ((1.0 - observed) / left)[dyads.entry]
    centred = given - observed[dyads.entry] - ratio * (margins - 2.0 * expected[dyads.entry])
    error = np.sqrt(dyads.sums(centred**2)) / n / left
    gap = 1.0 - value
    shown = defined & (n >= MINIMUM_UNITS) & (gap > 1e-12) & (error > 0)
    factor = np.exp(z * np.divide(error, gap, out=np.zeros_like(gap), where=shown))
    low = np.where(shown, np.maximum(1.0 - gap * factor, -1.0), np.nan)
    high = np.where(shown, 1.0 - gap / factor, np.nan)
    return value, low, high


def _margins(dyads: _Dyads, label: Integers) -> Floats:
    size = len(dyads.pairs.labels)
    flat = np.bincount(dyads.entry * size + label, dyads.pairs.count, len(dyads.n) * size)
    return flat.reshape(len(dyads.n), size) / dyads.n[:, None]
