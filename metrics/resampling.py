"""Leaving out and drawing again: jackknife and bootstrap of a linear statistic.

Everything works on distinct rows and how often they occur, so cost follows the number of distinct
patterns and never the number of items: deleting one unit is exact with one evaluation a pattern,
and a bootstrap of units is a multinomial draw of multiplicities.

Shapes: P rows (distinct units), F features, C compositions of groups, A annotators, B replicates.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from metrics.coefficients import LinearStatistic
from metrics.tables import AnnotatorPatterns, Compositions, Floats, Integers

# Largest block of floats held at once: 4 million, 32 MB.
BLOCK = 4_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Deletions:
    """Values of a statistic after leaving one unit of each distinct kind out.

    Attributes
    ----------
    values : ndarray of shape (..., K)
        Value without one unit of kind k; nan where it is then undefined.
    weights : ndarray of shape (..., K)
        How many units are of kind k; kinds of weight 0 do not exist.
    curvature : ndarray of shape (...)
        How the value bends along the direction it is most sensitive to: half the second
        derivative, in units of the standard error. 0 where it was not looked at.
    """

    values: Floats
    weights: Floats
    curvature: Floats | float = 0.0


def influences(values: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Influence of each kind of unit, and the standard error they add up to.

    Returns
    -------
    influence : ndarray of shape (..., K)
        (N - 1) (mean of values after deletion - own value): positive where the unit raises the
        value. 0 for kinds that do not exist.
    error : ndarray of shape (...)
        sqrt(sum of squared influences) / N.
    """
    number = weights.sum(axis=-1, keepdims=True)
    there = np.where(weights > 0, values, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = (weights * there).sum(axis=-1, keepdims=True) / number
        influence = np.where(weights > 0, (number - 1.0) * (centre - there), 0.0)
        error = np.sqrt((weights * influence * influence).sum(axis=-1)) / number[..., 0]
    return influence, error


def curvature(
    statistic: LinearStatistic, whole: Floats, direction: Floats, number: Floats, error: Floats
) -> Floats:
    """Half the second derivative of a value along its most sensitive direction, per error.

    The direction is the totals of units weighted by their influence (DiCiccio and Efron 1992,
    More accurate confidence intervals in exponential families, DOI 10.1093/biomet/79.2.231).

    Parameters
    ----------
    whole, direction : ndarray of shape (..., F)
        Totals, and totals weighted by influence.
    number, error : ndarray of shape (...)
        Units, and standard error of the value.
    """
    step = 0.05
    with np.errstate(invalid="ignore", divide="ignore"):
        move = step * direction / (number * error)[..., None]
        ends = statistic.value(whole + move) + statistic.value(whole - move)
        bend = (ends - 2.0 * statistic.value(whole)) / (2.0 * error * step * step)
    # A flat or undefined neighbourhood says nothing; beyond 2 the expansion is meaningless.
    return np.clip(np.nan_to_num(bend, nan=0.0, posinf=0.0, neginf=0.0), -2.0, 2.0)


def totals(statistic: LinearStatistic, rows: Integers, weights: Floats) -> Floats:
    """Sum features over rows; shape (F,).

    Parameters
    ----------
    rows : ndarray of shape (P, ...)
    weights : ndarray of shape (P,)
    """
    result = np.zeros(statistic.width)
    for part in _blocks(len(rows), statistic.width):
        result += weights[part] @ statistic.features(rows[part])
    return result


def _blocks(length: int, width: int) -> list[slice]:
    step = max(1, BLOCK // max(1, width))
    return [slice(start, min(start + step, length)) for start in range(0, length, step)]


Features = Callable[[], Iterator[tuple[slice, Floats]]]


def delete_units(statistic: LinearStatistic, rows: Integers, weights: Floats) -> Deletions:
    """Value after leaving one unit out, for each distinct unit that counts at all.

    Parameters
    ----------
    rows : ndarray of shape (P, ...)
    weights : ndarray of shape (P,)
        Units of each row.
    """
    return _delete(statistic, lambda: _unit_features(statistic, rows), weights)


def delete_groups(
    statistic: LinearStatistic, rows: Integers, weights: Floats, groups: Compositions
) -> Deletions:
    """Value after leaving one group of items out, for each distinct composition.

    Groups without a unit that counts are no groups: they neither add to nor dilute the variance.
    Every unit must be in a group; `weights` must say the same as `groups`.
    """
    held = groups.count * groups.multiplicity[groups.composition]
    inside = np.bincount(groups.pattern, held, len(rows))
    if not np.array_equal(inside, weights):
        raise ValueError("the groups do not hold the same units as the patterns")
    return _delete(
        statistic,
        lambda: _composition_features(statistic, rows, groups),
        groups.multiplicity.astype(np.float64),
    )


def _delete(statistic: LinearStatistic, features: Features, weights: Floats) -> Deletions:
    features = _at_hand(features, len(weights) * statistic.width)
    counted = np.zeros(len(weights))
    whole = np.zeros(statistic.width)
    for part, block in features():
        counted[part] = np.where(block.any(axis=-1), weights[part], 0.0)
        whole += counted[part] @ block
    values = np.full(len(weights), np.nan)
    for part, block in features():
        values[part] = statistic.value(whole - block)
    influence, error = influences(values, counted)
    direction = np.zeros(statistic.width)
    for part, block in features():
        direction += (counted[part] * influence[part]) @ block
    bend = curvature(statistic, whole, direction, counted.sum(), error)
    return Deletions(values, counted, bend)


def _at_hand(features: Features, size: int) -> Features:
    """Return features that are summed once for all passes where they fit into one block."""
    if size > BLOCK:
        return features
    blocks = list(features())
    return lambda: iter(blocks)


def _unit_features(statistic: LinearStatistic, rows: Integers) -> Iterator[tuple[slice, Floats]]:
    return ((part, statistic.features(rows[part])) for part in _blocks(len(rows), statistic.width))


def _composition_features(
    statistic: LinearStatistic, rows: Integers, groups: Compositions
) -> Iterator[tuple[slice, Floats]]:
    """Sum features by composition, in blocks of compositions."""
    order = np.argsort(groups.composition, kind="stable")
    composition = groups.composition[order]
    pattern, count = groups.pattern[order], groups.count[order]
    is_small = len(rows) * statistic.width <= BLOCK
    of_pattern = statistic.features(rows) if is_small else None
    for part in _blocks(len(groups.multiplicity), statistic.width):
        start, stop = np.searchsorted(composition, [part.start, part.stop])
        sums = np.zeros((part.stop - part.start, statistic.width))
        for entries in _blocks(stop - start, statistic.width):
            chosen = slice(start + entries.start, start + entries.stop)
            features = (
                statistic.features(rows[pattern[chosen]])
                if of_pattern is None
                else of_pattern[pattern[chosen]]
            ) * count[chosen, None]
            at = composition[chosen] - part.start
            begins = np.flatnonzero(np.diff(at, prepend=-1))
            # A composition may go on from the entries before: its sum is added to.
            sums[at[begins]] += np.add.reduceat(features, begins)
        yield part, sums


def delete_ratings(
    statistic: LinearStatistic, rows: Integers, weights: Floats, who: AnnotatorPatterns
) -> tuple[Deletions, Deletions]:
    """Value after leaving out all ratings of one annotator, and after leaving out one rating.

    Rows must be label counts. Exact: taking one rating of label l away turns a unit of pattern p
    into a unit of pattern p with one l less.

    Returns
    -------
    Deletions
        One entry an annotator with a rating on an item that counts, weight 1.
    Deletions
        One entry a distinct rating (annotator forgotten), weight the number of such ratings.
    """
    whole = totals(statistic, rows, weights)
    removed = np.zeros((len(who.annotators), statistic.width))
    present = np.zeros(len(who.annotators), dtype=bool)
    values, counts = [], []
    for part in _blocks(len(who.annotator), statistic.width):
        before = rows[who.pattern[part]]
        after = before.copy()
        after[np.arange(len(after)), who.label[part]] -= 1
        features = statistic.features(before)
        change = features - statistic.features(after)
        # A rating may change nothing and still be one of those that could have.
        matters = features.any(axis=-1) & (who.count[part] > 0)
        present[who.annotator[part][matters]] = True
        np.add.at(removed, who.annotator[part], change * who.count[part, None])
        values.append(statistic.value(whole - change))
        counts.append(np.where(matters, who.count[part], 0))
    people = Deletions(statistic.value(whole - removed[present]), np.ones(int(present.sum())))
    count = np.concatenate(counts).astype(np.float64) if counts else np.empty(0)
    value = np.concatenate(values) if values else np.empty(0)
    return people, Deletions(value[count > 0], count[count > 0])


def bootstrap_units(
    statistic: LinearStatistic,
    rows: Integers,
    weights: Integers,
    replicates: int,
    generator: np.random.Generator,
) -> Floats:
    """Values on samples of units drawn with replacement; shape (replicates,).

    A unit that does not count is drawn like any other, as its being there is chance too.
    """
    return _bootstrap(
        statistic,
        lambda: _unit_features(statistic, rows),
        weights,
        replicates,
        generator,
    )


def bootstrap_groups(
    statistic: LinearStatistic,
    rows: Integers,
    groups: Compositions,
    replicates: int,
    generator: np.random.Generator,
) -> Floats:
    """Values on samples of whole groups drawn with replacement; shape (replicates,)."""
    return _bootstrap(
        statistic,
        lambda: _composition_features(statistic, rows, groups),
        groups.multiplicity,
        replicates,
        generator,
    )


def _bootstrap(
    statistic: LinearStatistic,
    features: Features,
    multiplicity: Integers,
    replicates: int,
    generator: np.random.Generator,
) -> Floats:
    number = int(multiplicity.sum())
    if number == 0:
        return np.full(replicates, np.nan)
    share = multiplicity / number
    values = []
    for part in _blocks(replicates, max(len(multiplicity), statistic.width)):
        size = part.stop - part.start
        drawn = generator.multinomial(number, share, size=size).astype(np.float64)
        sums = np.zeros((size, statistic.width))
        for rows, block in features():
            sums += drawn[:, rows] @ block
        values.append(statistic.value(sums))
    return np.concatenate(values)
