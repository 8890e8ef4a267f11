"""Severity: whose scores are higher than others' on the same items, and agreement free of that.

A strict person who orders items as everybody does is useful and can be calibrated. So severity is
measured apart from carelessness, and agreement on ordered scales is measured free of it.
Shapes: A annotators.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from metrics.distances import label_positions
from metrics.funnel import UNLUCKY, Measured, detects, outlying, p_if_blind
from metrics.signals import Signal
from metrics.tables import AnnotatorPairs, AnnotatorPatterns, Floats, Integers, UnitPatterns

USUAL_SPREAD_OF_SD = 0.25
"""Honest people differ in level by a quarter of what one person's scores differ by chance."""
NOTABLE_OF_SD = 0.5
CORRELATION_SPREAD = 0.1
NOTABLE_CORRELATION = 0.2
MINIMUM_ITEMS = 10
_STOP = 1e-12
_NO_SPREAD = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Severity:
    """Level of each person on a shared scale.

    Attributes
    ----------
    level : ndarray of shape (A,)
        How much higher a person scores than the average of those they are connected with, at equal
        items; nan for somebody who shared no item.
    component : ndarray of shape (A,)
        People with the same number are connected through shared items; levels of different
        components cannot be compared.
    spread : float
        Standard deviation of one score around item and level.
    """

    annotators: tuple[str, ...]
    level: Floats
    component: Integers
    spread: float


def severity(pairs: AnnotatorPairs) -> Severity:
    """Levels of all people by least squares: score = item + level + error.

    Minimises the sum over pairs of answers to one item of (difference of scores - difference of
    levels)², with levels that add up to 0 in each connected block. In a complete design a level is
    the person's mean minus the grand mean.

    Who is strict and who is lenient, whoever else judged the same items? It misleads where people
    of one block never meet those of another: their levels have nothing in common.

    References
    ----------
    Linacre (1989), Many-facet Rasch measurement (connectedness of the design)
    """
    scores = label_positions(pairs.labels, pairs.level)
    first, second, count = pairs.first, pairs.second, pairs.count.astype(np.float64)
    people = len(pairs.annotators)
    gap = scores[pairs.label_first] - scores[pairs.label_second]
    met = np.asarray(
        np.bincount(first, count, people) + np.bincount(second, count, people), dtype=np.float64
    )
    component = components(first, second, people)
    total = np.asarray(
        np.bincount(first, count * gap, people) - np.bincount(second, count * gap, people),
        dtype=np.float64,
    )
    level = _solve(total, first, second, count, met)
    for block in np.unique(component):
        members = component == block
        level[members] -= level[members].mean()
    left = gap - (level[first] - level[second])
    pairs_judged = count.sum()
    spread = float(np.sqrt((count * left**2).sum() / pairs_judged / 2.0)) if pairs_judged else 0.0
    level = np.where(met > 0, level, np.nan)
    return Severity(pairs.annotators, level, component, spread)


def components(first: Integers, second: Integers, people: int) -> Integers:
    """Return the number of each person's block: people connected by shared items.

    Examples
    --------
    >>> components(np.array([0, 2]), np.array([1, 3]), 5).tolist()
    [0, 0, 1, 1, 2]
    """
    label = np.arange(people)
    while True:
        smaller = label.copy()
        np.minimum.at(smaller, first, label[second])
        np.minimum.at(smaller, second, label[first])
        smaller = smaller[smaller]
        if np.array_equal(smaller, label):
            return np.unique(label, return_inverse=True)[1].astype(np.int64)
        label = smaller


def distance_standing(patterns: UnitPatterns) -> tuple[Floats, Integers]:
    """Return the variance of each person's mean distance to the others, and the items behind it."""
    given, own, mean, used = _scores(patterns, label_positions(patterns.labels, patterns.level))
    people = len(given.annotators)
    n = np.bincount(given.annotator, used, people)
    away = np.where(used > 0, own - mean, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        average = np.bincount(given.annotator, used * away, people) / n
        scatter = np.bincount(
            given.annotator, used * (away - average[given.annotator]) ** 2, people
        )
        variance = scatter / (n - 1.0) / n
    return np.where(n >= 2, variance, np.nan), n.astype(np.int64)


def severity_signals(
    patterns: UnitPatterns, pairs: AnnotatorPairs, question: str, family: int = 0
) -> list[Signal]:
    """Return one sign a person: the level on the scale, against the spread of the crew's."""
    found = severity(pairs)
    if patterns.annotators is None or not found.spread:
        return []
    variance, items = distance_standing(patterns)
    place_of = {person: one for one, person in enumerate(patterns.annotators.annotators)}
    kept = [one for one, person in enumerate(found.annotators) if person in place_of]
    at = np.array([place_of[found.annotators[one]] for one in kept], dtype=np.int64)
    level, n = found.level[kept], items[at]
    usual = USUAL_SPREAD_OF_SD * found.spread
    enough = n >= MINIMUM_ITEMS
    least = found.spread**2 / np.maximum(n, 1) / 4.0
    error = np.where(enough, np.maximum(variance[at], least), np.nan)
    place = Measured(np.where(enough, level, np.nan), np.zeros(len(kept)), error, n)
    outside = outlying(place, usual, is_share=False)
    floor = NOTABLE_OF_SD * found.spread
    seen = detects(outside, np.full(len(kept), floor), family or len(kept))
    sizes = np.bincount(found.component)
    signals = []
    for one in np.flatnonzero(enough & np.isfinite(level)):
        block = int(sizes[found.component[kept[one]]])
        width = 1.96 * float(error[one]) ** 0.5
        signals.append(
            Signal(
                person=found.annotators[kept[one]],
                kind="severity",
                question=question,
                side="high" if level[one] > 0 else "low",
                value=float(level[one]),
                expected=0.0,
                n=int(n[one]),
                n_unit="items",
                p_value=float(outside.p_value[one]),
                notable=abs(float(level[one])) >= floor,
                detectable=bool(seen[one]),
                note=(
                    f"scores {level[one]:+.2f} against the average of the {block} people connected"
                    f" by shared items, at equal items; one score varies by {found.spread:.2f}"
                ),
                low=float(level[one]) - width,
                high=float(level[one]) + width,
            )
        )
    return signals


def severity_free_agreement(patterns: UnitPatterns) -> Measured:
    """Correlation of a person's scores with the mean of the others' on the same items.

    Scores are mean ranks over all answers, so that a few huge ones do not decide. The person's own
    level and stretch of the scale drop out. On Fisher's scale, atanh r, with variance 1 / (n - 3);
    expected is the others' average.

    Does this person order the items as the others do? It misleads where a person saw only items
    that are alike.
    """
    ranks = _mean_ranks(patterns)
    given, own, mean, used = _scores(patterns, ranks)
    people = len(given.annotators)

    def over(amount: Floats) -> Floats:
        return np.asarray(np.bincount(given.annotator, used * amount, people), dtype=np.float64)

    n = over(np.ones(len(used)))
    with np.errstate(invalid="ignore", divide="ignore"):
        x, y = own - (over(own) / n)[given.annotator], mean - (over(mean) / n)[given.annotator]
        own_spread, mean_spread = over(x * x) / n, over(y * y) / n
        # One score for everything orders nothing: that is undefined and no correlation of 0.
        varies = (own_spread > _NO_SPREAD) & (mean_spread > _NO_SPREAD)
        r = np.where(varies, over(x * y) / n / np.sqrt(own_spread * mean_spread), np.nan)
        observed = np.arctanh(np.clip(r, -0.999, 0.999))
        variance = np.where(n >= MINIMUM_ITEMS, 1.0 / (n - 3.0), np.nan)
    known = np.isfinite(observed) & np.isfinite(variance)
    weight = np.where(known, 1.0 / (np.nan_to_num(variance) + 2 * CORRELATION_SPREAD**2), 0.0)
    all_of_it = weight * np.where(known, observed, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        expected = (all_of_it.sum() - all_of_it) / (weight.sum() - weight)
    return Measured(np.where(known, observed, np.nan), expected, variance, n.astype(np.int64))


def ordered_agreement_signals(
    patterns: UnitPatterns, question: str, family: int = 0
) -> list[Signal]:
    """Return one sign a person: agreement on an ordered scale, free of severity."""
    if patterns.annotators is None:
        return []
    place, people = severity_free_agreement(patterns), patterns.annotators.annotators
    outside = outlying(place, CORRELATION_SPREAD, is_share=False)
    seen = detects(outside, place.expected, family or len(people))
    luckiest = np.nan_to_num(-ndtri(UNLUCKY) * np.sqrt(place.variance))
    if_blind = p_if_blind(place, outside, luckiest, np.zeros(len(people)), with_error=False)
    signals = []
    for one in np.flatnonzero(np.isfinite(place.observed) & np.isfinite(place.expected)):
        value, expected = float(np.tanh(place.observed[one])), float(np.tanh(place.expected[one]))
        half = 1.96 * float(place.variance[one]) ** 0.5
        signals.append(
            Signal(
                person=people[one],
                kind="agreement",
                question=question,
                side="low" if value < expected else "high",
                value=value,
                expected=expected,
                n=int(place.n[one]),
                n_unit="items",
                p_value=float(outside.p_value[one]),
                notable=abs(value - expected) >= NOTABLE_CORRELATION,
                detectable=bool(seen[one]),
                note=(
                    f"orders items as the others do with correlation {value:.2f}, whatever the own"
                    f" level; {expected:.2f} is usual; {place.n[one]} items"
                ),
                low=float(np.tanh(place.observed[one] - half)),
                if_blind=float(if_blind[one]),
                high=float(np.tanh(place.observed[one] + half)),
            )
        )
    return signals


def _scores(
    patterns: UnitPatterns, scores: Floats
) -> tuple[AnnotatorPatterns, Floats, Floats, Integers]:
    """Return entries, own score, mean score of the others, and how many items count."""
    given = patterns.annotators
    if given is None:
        raise ValueError("the patterns do not say who gave which label")
    votes = patterns.counts[given.pattern]
    size = votes.sum(axis=1) - 1
    own = scores[given.label]
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(size > 0, (votes @ scores - own) / size, 0.0)
    return given, own, mean, np.where(size > 0, given.count, 0)


def _mean_ranks(patterns: UnitPatterns) -> Floats:
    """Share of all answers below each label, and half of those with it."""
    given = patterns.multiplicity @ patterns.counts
    order = np.argsort(label_positions(patterns.labels, patterns.level), kind="stable")
    ranks = np.empty(len(order))
    ranks[order] = np.cumsum(given[order]) - given[order] / 2.0
    return ranks / max(int(given.sum()), 1)


def _solve(total: Floats, first: Integers, second: Integers, count: Floats, met: Floats) -> Floats:
    """Solve the normal equations of all pairs by conjugate gradients."""
    people = len(total)
    scale = np.where(met > 0, 1.0 / np.sqrt(np.maximum(met, 1e-12)), 0.0)

    def times(level: Floats) -> Floats:
        given = np.bincount(first, count * level[second], people)
        taken = np.bincount(second, count * level[first], people)
        return np.asarray(met * level - given - taken)

    level = np.zeros(people)
    left = scale * total
    direction, size = left.copy(), float(left @ left)
    goal = _STOP**2 * max(size, 1e-300)
    for _ in range(4 * people + 20):
        if size <= goal:
            break
        turned = scale * times(scale * direction)
        step = size / float(direction @ turned)
        level += step * direction
        left = left - step * turned
        size, before = float(left @ left), size
        direction = left + size / before * direction
    return np.asarray(scale * level)
