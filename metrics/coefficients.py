"""Coefficients of agreement as smooth functions of linear totals.

Every coefficient here is `value(totals)` where totals are a sum over units of a few features of
the unit's label counts. One mechanism then serves all of them: leaving a unit, a group or an
annotator out is a subtraction from the totals, a bootstrap replicate is another weighting of the
same features (`metrics.resampling`).

Shapes: P distinct units, Q labels, F features; `...` any leading axes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf

import numpy as np

from metrics.linearisation import Linearisation, chance_corrected_error, ratio_error
from metrics.tables import Floats, Integers


@dataclass(frozen=True, slots=True, eq=False)
class LinearStatistic:
    """A quantity that depends on the data through sums of features only.

    Attributes
    ----------
    name : str
        What it is, in words that a method text can start with.
    width : int
        Number of features F.
    features : callable
        Rows (P, ...) to features (P, F). A unit that does not count has features of zero. For
        `UnitPatterns` rows are label counts (P, Q); other tables bring their own rows.
    value : callable
        Totals (..., F) to values (...); nan where the quantity is undefined.
    floor, ceiling : float
        Bounds of the quantity; infinite where there are none.
    linearised : callable, optional
        Closed-form standard error and degrees of freedom, where the literature gives them.
    evenness : callable, optional
        Totals (..., F) to how alike in weight disagreements are, see `disagreement_evenness`;
        absent where all weigh the same.
    """

    name: str
    width: int
    features: Callable[[Integers], Floats]
    value: Callable[[Floats], Floats]
    floor: float = -inf
    ceiling: float = inf
    linearised: Linearisation | None = None
    evenness: Callable[[Floats], Floats] | None = None


def ratio(numerator: Floats, denominator: Floats) -> Floats:
    """Quotient that is nan, without a warning, where the denominator is not positive."""
    top, bottom = np.broadcast_arrays(numerator, denominator)
    empty = np.full(bottom.shape, np.nan)
    return np.asarray(np.divide(top, bottom, out=empty, where=bottom > 0))


def ratings_per_unit(counts: Integers) -> Floats:
    """Ratings m of each unit; shape (P,)."""
    return np.asarray(counts.sum(axis=-1), dtype=np.float64)


def _pairs(ratings: Floats) -> Floats:
    return ratings * (ratings - 1.0)


def agreement_by_unit(counts: Integers, weights: Floats) -> Floats:
    """Weighted agreement of a unit's pairs of ratings, 0 where there are fewer than two ratings.

    sum_k n_k (sum_l w_kl n_l - 1) / (m (m - 1)); shape (P,), range 0 to 1.
    """
    ordered = _weighted_pairs(counts, weights)
    pairs = _pairs(ratings_per_unit(counts))
    return np.divide(ordered, pairs, out=np.zeros_like(ordered), where=pairs > 0)


def _weighted_pairs(counts: Integers, weights: Floats) -> Floats:
    numbers = counts.astype(np.float64)
    return np.asarray((numbers * (numbers @ weights - 1.0)).sum(axis=-1))


def disagreement_evenness(margins: Floats, distance: Floats) -> Floats:
    """How alike in weight the disagreements are that labels dealt blindly would show; (...).

    (mean distance)² / mean squared distance over unequal pairs: 1 where all are alike, near 0
    where few weigh nearly everything, and a sample may hold too few of those.

    Parameters
    ----------
    margins : ndarray of shape (..., Q)
    distance : ndarray of shape (..., Q, Q)
        Zero diagonal.
    """
    pairs = margins[..., :, None] * margins[..., None, :] * (distance > 0)
    first, second = ((pairs * distance**power).sum(axis=(-2, -1)) for power in (1, 2))
    found = ratio(first * first, second * pairs.sum(axis=(-2, -1)))
    return np.where(np.isnan(found), 1.0, np.minimum(found, 1.0))


def _evenness(distance: Floats, start: int) -> Callable[[Floats], Floats] | None:
    """Evenness from totals that hold the margins from `start` on; None where all weigh alike."""
    apart = distance[~np.eye(len(distance), dtype=bool)]
    if not apart.size or np.ptp(apart) == 0:
        return None
    return lambda totals: disagreement_evenness(np.maximum(totals[..., start:], 0.0), distance)


def percent_agreement_by_item(weights: Floats) -> LinearStatistic:
    """Mean over items of the share of agreeing pairs; every item counts once."""

    def features(counts: Integers) -> Floats:
        pairable = (ratings_per_unit(counts) >= 2).astype(np.float64)
        return np.stack([agreement_by_unit(counts, weights), pairable], axis=-1)

    return LinearStatistic(
        name="percent agreement, mean over items",
        width=2,
        features=features,
        value=lambda totals: ratio(totals[..., 0], totals[..., 1]),
        floor=0.0,
        ceiling=1.0,
        linearised=ratio_error,
    )


def percent_agreement_by_pair(weights: Floats) -> LinearStatistic:
    """Share of agreeing pairs of ratings; an item counts as often as it has pairs."""

    def features(counts: Integers) -> Floats:
        pairs = _pairs(ratings_per_unit(counts))
        return np.stack([_weighted_pairs(counts, weights), pairs], axis=-1) / 2.0

    return LinearStatistic(
        name="percent agreement, pooled over pairs of ratings",
        width=2,
        features=features,
        value=lambda totals: ratio(totals[..., 0], totals[..., 1]),
        floor=0.0,
        ceiling=1.0,
        linearised=ratio_error,
    )


def label_agreement_of(label: int, name: str) -> LinearStatistic:
    """Specific agreement on one label: given one rating says it, the chance that another does.

    sum_i n_ik (n_ik - 1) / (m_i - 1) over sum_i n_ik, items with two ratings or more.
    """

    def features(counts: Integers) -> Floats:
        ratings = ratings_per_unit(counts)
        own = np.where(ratings >= 2, counts[..., label], 0).astype(np.float64)
        agreeing = own * (own - 1.0) / np.maximum(ratings - 1.0, 1.0)
        return np.stack([agreeing, own], axis=-1)

    return LinearStatistic(
        name=f"specific agreement on {name}",
        width=2,
        features=features,
        value=lambda totals: ratio(totals[..., 0], totals[..., 1]),
        floor=0.0,
        ceiling=1.0,
        linearised=ratio_error,
    )


ChanceAgreement = Callable[[Floats], Floats]


def gwet_chance(weights: Floats) -> ChanceAgreement:
    """Chance agreement of AC1 and AC2: sum(w) / (q (q - 1)) * sum_k pi_k (1 - pi_k)."""
    labels = len(weights)
    scale = weights.sum() / (labels * (labels - 1)) if labels > 1 else np.nan
    return lambda prevalence: scale * (prevalence * (1.0 - prevalence)).sum(axis=-1)


def fleiss_chance(weights: Floats) -> ChanceAgreement:
    """Chance agreement of Scott and Fleiss: sum_kl w_kl pi_k pi_l."""
    return lambda prevalence: ((prevalence @ weights) * prevalence).sum(axis=-1)


def brennan_prediger_chance(weights: Floats) -> ChanceAgreement:
    """Chance agreement of Brennan and Prediger: sum(w) / q², the same whatever was said."""
    share = weights.sum() / weights.size if weights.size else np.nan
    return lambda prevalence: np.full(prevalence.shape[:-1], share)


def chance_corrected(
    name: str, weights: Floats, chance: ChanceAgreement, *, floor: float = -1.0
) -> LinearStatistic:
    """(Po - Pe) / (1 - Pe) with Gwet's treatment of missing ratings.

    Po is the mean over items with two ratings or more; the prevalences behind Pe are means over
    all rated items. Undefined where the items show one label only, since nothing then tells
    agreement from habit, and where Pe is 1.

    Parameters
    ----------
    name : str
    weights : ndarray of shape (Q, Q)
        Weights of partial agreement, 1 on the diagonal.
    chance : callable
        Prevalences (..., Q) to Pe (...).
    floor : float
        Smallest value the coefficient can take.
    """

    def features(counts: Integers) -> Floats:
        ratings = ratings_per_unit(counts)
        share = counts / np.maximum(ratings, 1.0)[..., None]
        pairable = (ratings >= 2).astype(np.float64)
        both = np.stack([agreement_by_unit(counts, weights), pairable], axis=-1)
        return np.concatenate([both, share], axis=-1)

    return LinearStatistic(
        name=name,
        width=2 + len(weights),
        features=features,
        value=lambda totals: _chance_corrected(totals, chance),
        floor=floor,
        ceiling=1.0,
        linearised=lambda units, weights: chance_corrected_error(units, weights, chance),
        evenness=_evenness(1.0 - weights, 2),
    )


def observed_and_chance(totals: Floats, chance: ChanceAgreement) -> tuple[Floats, Floats]:
    """Po and Pe of the totals of `chance_corrected`; nan where the items show one label only."""
    observed = ratio(totals[..., 0], totals[..., 1])
    shares = totals[..., 2:]
    rated = shares.sum(axis=-1)
    prevalence = ratio(shares, rated[..., None])
    # Leaving a unit out subtracts floats: what should be exactly zero may be 1e-15 of the total.
    used = (shares > 1e-13 * np.maximum(rated, 1.0)[..., None]).sum(axis=-1)
    return observed, np.where(used >= 2, chance(prevalence), np.nan)


def _chance_corrected(totals: Floats, chance: ChanceAgreement) -> Floats:
    observed, expected = observed_and_chance(totals, chance)
    return 1.0 - ratio(1.0 - observed, 1.0 - expected)


def alpha_with_distance(name: str, distance: Floats) -> LinearStatistic:
    """Krippendorff's alpha with distances that do not depend on the data.

    Features of an item with m >= 2 ratings: its disagreement sum_ck n_c n_k d_ck / (m - 1), and
    its label counts. alpha = 1 - (n - 1) sum_i disagreement_i / sum_ck n_c n_k d_ck.

    Parameters
    ----------
    name : str
    distance : ndarray of shape (Q, Q)
        Zero diagonal, symmetric.
    """
    distance = distance / distance.max(initial=0.0) if distance.any() else distance

    def features(counts: Integers) -> Floats:
        numbers = _pairable_counts(counts)
        spread = ((numbers @ distance) * numbers).sum(axis=-1)
        disagreement = spread / np.maximum(numbers.sum(axis=-1) - 1.0, 1.0)
        return np.concatenate([disagreement[..., None], numbers], axis=-1)

    def value(totals: Floats) -> Floats:
        margins = totals[..., 1:]
        number = margins.sum(axis=-1)
        expected = ((margins @ distance) * margins).sum(axis=-1)
        return 1.0 - ratio(totals[..., 0] * (number - 1.0), _varied(expected, margins))

    return LinearStatistic(
        name=name,
        width=1 + len(distance),
        features=features,
        value=value,
        floor=-1.0,
        ceiling=1.0,
        evenness=_evenness(distance, 1),
    )


def _pairable_counts(counts: Integers) -> Floats:
    return np.where(ratings_per_unit(counts)[..., None] >= 2, counts, 0).astype(np.float64)


def _varied(expected: Floats, margins: Floats) -> Floats:
    """Return the expected disagreement, nan where fewer than two labels occur.

    Margins are whole numbers up to rounding; testing them is safe where testing the expected
    disagreement against zero is not.
    """
    return np.where((margins > 0.25).sum(axis=-1) >= 2, expected, np.nan)


def ordinal_alpha(labels: int) -> LinearStatistic:
    """Krippendorff's ordinal alpha, whose distances are gaps between mean ranks in these data.

    d_ck = (sum of n_g from c to k - (n_c + n_k) / 2)² is the squared difference of midranks, so
    alpha is the interval alpha of midranks. These move with the margins, hence the features are
    the coincidence matrix, flattened (F = Q²).

    Parameters
    ----------
    labels : int
        Q, the number of labels, in order.
    """

    def features(counts: Integers) -> Floats:
        numbers = _pairable_counts(counts)
        pairs = numbers[..., :, None] * numbers[..., None, :]
        diagonal = np.arange(labels)
        pairs[..., diagonal, diagonal] -= numbers
        scale = np.maximum(numbers.sum(axis=-1) - 1.0, 1.0)
        return np.asarray((pairs / scale[..., None, None]).reshape(*counts.shape[:-1], -1))

    def value(totals: Floats) -> Floats:
        coincidence = totals.reshape(*totals.shape[:-1], labels, labels)
        margins = coincidence.sum(axis=-1)
        number = margins.sum(axis=-1)
        rank = margins.cumsum(axis=-1) - margins / 2.0
        rank = rank - ratio((margins * rank).sum(axis=-1), number)[..., None]
        spread = (margins * rank * rank).sum(axis=-1)
        shared = ((coincidence @ rank[..., None])[..., 0] * rank).sum(axis=-1)
        expected = _varied(number * spread, margins)
        return 1.0 - ratio((number - 1.0) * (spread - shared), expected)

    def evenness(totals: Floats) -> Floats:
        coincidence = totals.reshape(*totals.shape[:-1], labels, labels)
        margins = np.maximum(coincidence.sum(axis=-1), 0.0)
        rank = margins.cumsum(axis=-1) - margins / 2.0
        return disagreement_evenness(margins, np.square(rank[..., :, None] - rank[..., None, :]))

    return LinearStatistic(
        name="Krippendorff alpha, ordinal",
        width=labels * labels,
        features=features,
        value=value,
        floor=-1.0,
        ceiling=1.0,
        evenness=evenness,
    )
