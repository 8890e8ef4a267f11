"""What a sample could have missed: kinds of items or groups that N of them never showed.

A jackknife sees only what is there. Where the value rests on a rare kind of group (one in which
all agree on the rare label, say), a sample without it looks certain and is not.
"""

import numpy as np

from metrics.coefficients import LinearStatistic
from metrics.tables import Floats, Integers, UnitPatterns

# More labels in use than this, and only the two ends of the scale are tried as extremes.
MOST_LABELS = 24
ORDERED = ("ordinal", "interval", "ratio")
# A kind of which this many were to be expected is missing in every seventh sample (exp(-2)).
UNSEEN = 2.0


def typical_ratings(patterns: UnitPatterns) -> int:
    """Ratings of an ordinary item that can be compared; 2 or more."""
    ratings = patterns.counts.sum(axis=-1)
    number = np.where(ratings >= 2, patterns.multiplicity, 0)
    return max(2, round(float(number @ ratings) / max(float(number.sum()), 1.0)))


def agreeing(patterns: UnitPatterns) -> Integers:
    """Ordinary items on which all agree, one for each label in use; (E, Q).

    The outermost score of a fine scale is nobody's rare label, only how far single answers strayed:
    there a score counts if as many answers lie at it or beyond as the unseen items would add.
    """
    ratings = typical_ratings(patterns)
    given = patterns.multiplicity @ patterns.counts
    tried = given > 0
    if patterns.level in ORDERED and np.count_nonzero(tried) > MOST_LABELS:
        beyond = np.minimum(np.cumsum(given), np.cumsum(given[::-1])[::-1])
        tried &= beyond >= UNSEEN * ratings
    return np.asarray(ratings * np.eye(len(given), dtype=np.int64)[tried])


def extremes(patterns: UnitPatterns) -> Integers:
    """Items with two ratings, alike or not, in every way the labels in use allow; (E, Q)."""
    number = len(patterns.labels)
    seen = np.flatnonzero(patterns.multiplicity @ patterns.counts)
    if len(seen) == 1:
        seen = np.array([seen[0], (seen[0] + 1) % number])
    if len(seen) > MOST_LABELS:
        seen = seen[[0, -1]]
    first, second = np.triu_indices(len(seen))
    labels = np.eye(number, dtype=np.int64)
    return np.asarray(labels[seen[first]] + labels[seen[second]])


def limits_with_unseen(
    statistic: LinearStatistic,
    whole: Floats,
    counted: Floats,
    share: Floats,
    *,
    extremes: Integers,
) -> tuple[Floats, Floats]:
    """Least and largest value if a share of all items were of one extreme kind.

    Parameters
    ----------
    whole : ndarray of shape (..., F)
        Totals of the statistic.
    counted, share : ndarray of shape (...)
        Items behind the totals, and the share of one kind that takes the place of others.
    extremes : ndarray of shape (E, Q)
        Kinds of items that may have been missed.

    Returns
    -------
    low, high : ndarray of shape (...)
    """
    added = (share * counted)[..., None, None] * statistic.features(extremes)
    values = statistic.value((1.0 - share)[..., None, None] * whole[..., None, :] + added)
    return np.fmin.reduce(values, axis=-1), np.fmax.reduce(values, axis=-1)


def limits_without_variation(
    statistic: LinearStatistic,
    whole: Floats,
    counted: Floats,
    units: Floats,
    *,
    extremes: Integers,
    confidence: float,
) -> tuple[Floats, Floats]:
    """Limits from what a sample without any variation could have missed.

    Clopper and Pearson: a kind of unit that N units never showed may still be a share
    1 - tail^(1/N) of all. The limits are the least and the largest value with that share of one
    such kind.

    Parameters
    ----------
    whole : ndarray of shape (..., F)
        Totals of the statistic.
    counted, units : ndarray of shape (...)
        Items behind the totals, and independent units among them.
    extremes : ndarray of shape (E, Q)
        Kinds of items that may have been missed.
    confidence : float in (0, 1)

    Returns
    -------
    low, high : ndarray of shape (...)
    """
    share = 1.0 - ((1.0 - confidence) / 2.0) ** (1.0 / np.maximum(units, 1.0))
    return limits_with_unseen(statistic, whole, counted, share, extremes=extremes)


def growth_beyond(
    statistic: LinearStatistic,
    whole: Floats,
    counted: Floats,
    units: Floats,
    *,
    kinds: Integers,
    high: Floats,
) -> Floats:
    """Factor by which the data must grow until rare agreement cannot leave the interval; (...).

    More than 1 where `UNSEEN` units in which all agree on one label, in the place of others, lift
    the value above its interval: a low coefficient rests on such units, and the interval does not
    know how many there are. What few units do shrinks with 1 / N and the interval with
    1 / sqrt(N), so the factor is the ratio squared. The other side is not asked: a rule that
    looks at the disagreements seen keeps the unlucky samples.

    Parameters
    ----------
    whole, counted, units
        As in `limits_without_variation`.
    kinds : ndarray of shape (E, Q)
        Items on which all agree, see `agreeing`.
    high : ndarray of shape (...)
        Upper limit of the interval.
    """
    value = statistic.value(whole)
    share = np.minimum(UNSEEN / np.maximum(units, 1.0), 1.0)
    _, lifted = limits_with_unseen(statistic, whole, counted, share, extremes=kinds)
    move, reach = np.asarray(lifted - value), np.asarray(high - value)
    moves = move > 1e-9
    endless = np.where(moves & (reach <= 0), np.inf, 0.0)
    return np.asarray(np.square(np.divide(move, reach, out=endless, where=moves & (reach > 0))))
