"""Influence: what a criterion's value would be without one annotator.

Exact, and from counts alone: a person's labels are taken out of the patterns they are part of.
Dropping the person whose removal helps most always helps, in any crew. So the gain is shown beside
the one that dropping the best-to-drop of a crew of identical people would give.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from metrics.tables import Floats, Integers, UnitPatterns

Value = Callable[[UnitPatterns], float]
MOST_WORK = 2_000_000
"""Pairs of pattern and label times the size of the table: more are not tried one by one."""
_CREWS = 200


@dataclass(frozen=True, slots=True, eq=False)
class BestOfIdentical:
    """The gain from dropping the best-to-drop of an identical crew: median and 95th percentile."""

    typical: float
    high: float


def without(patterns: UnitPatterns, annotator: int) -> UnitPatterns:
    """Return the patterns without one person's labels; items nobody else judged disappear.

    Groups of items are left out: they change intervals and no value.

    Raises
    ------
    ValueError
        When the table does not say who gave which label.
    """
    given = patterns.annotators
    if given is None:
        raise ValueError("the patterns do not say who gave which label")
    mine = given.annotator == annotator
    return _moved(patterns, given.pattern[mine], given.label[mine], given.count[mine])


def influence(
    patterns: UnitPatterns, value: Value, annotators: Sequence[int] | None = None
) -> Floats:
    """Value without each person minus value with everybody; nan where one of them is undefined.

    What does the batch lose or gain by one person's work? It misleads as a reason to drop
    somebody: the one whose labels differ most may be the one who is right.

    Parameters
    ----------
    patterns : UnitPatterns, with annotators
    value : the criterion's metric, options applied
    annotators : positions of the people to look at; everybody when not given

    Examples
    --------
    >>> from metrics.tables import AnnotatorPatterns
    >>> given = AnnotatorPatterns(("p", "q"), *np.array([[0, 0, 0, 3], [1, 0, 0, 3]]).T)
    >>> table = UnitPatterns(("a", "b"), "nominal", np.array([[2, 0]]), np.array([3]),
    ...     annotators=given)
    >>> influence(table, lambda one: float((one.multiplicity @ one.counts).sum()))
    array([-3., -3.])
    """
    if patterns.annotators is None:
        return np.empty(0)
    if annotators is None:
        annotators = range(len(patterns.annotators.annotators))
    whole = value(patterns)
    return np.array([value(without(patterns, one)) - whole for one in annotators])


def best_of_identical(
    patterns: UnitPatterns, value: Value, seed: int, *, higher_is_better: bool
) -> BestOfIdentical | None:
    """Gain from dropping the best-to-drop of people who all judge alike.

    In an identical crew the labels of an item are shared out among its people at random. So each
    person's labels are drawn anew from the patterns of their items, 200 times, and the change that
    taking them out makes is added up from that of single labels (first order; exact influence is
    in `influence`).

    How much would dropping somebody help even if nobody were worse than the others? None where
    there are too many patterns to try.

    Parameters
    ----------
    seed : derived from the digest of the batch, so that the same data give the same answer
    """
    given = patterns.annotators
    cells = np.argwhere((patterns.counts > 0) & (patterns.multiplicity[:, None] > 0))
    if given is None or not len(cells) or len(cells) * patterns.counts.size > MOST_WORK:
        return None
    whole, slope = value(patterns), np.zeros(patterns.counts.shape)
    for pattern, label in cells:
        once = _moved(patterns, np.array([pattern]), np.array([label]), np.array([1]))
        slope[pattern, label] = value(once) - whole
    if not np.isfinite(slope).all():
        return None
    generator = np.random.default_rng(seed)
    people = len(given.annotators)
    pairs, place = np.unique(given.pattern * people + given.annotator, return_inverse=True)
    items = np.bincount(place.ravel(), given.count).astype(np.int64)
    pattern, person = pairs // people, pairs % people
    shares = patterns.counts[pattern] / patterns.counts[pattern].sum(axis=1, keepdims=True)
    best = np.empty(_CREWS)
    sign = 1.0 if higher_is_better else -1.0
    for crew in range(_CREWS):
        drawn = generator.multinomial(items, shares)
        change = np.bincount(person, (drawn * slope[pattern]).sum(axis=1), people)
        best[crew] = (sign * change).max()
    typical, high = (sign * float(each) for each in np.quantile(best, [0.5, 0.95]))
    return BestOfIdentical(typical, high)


def _moved(
    patterns: UnitPatterns, pattern: Integers, label: Integers, count: Integers
) -> UnitPatterns:
    """Take one label out of `count` items of each pattern given."""
    left = patterns.multiplicity.copy()
    np.subtract.at(left, pattern, count)
    smaller = patterns.counts[pattern].copy()
    smaller[np.arange(len(pattern)), label] -= 1
    counts = np.concatenate([patterns.counts, smaller])
    multiplicity = np.concatenate([left, count])
    kept = (multiplicity > 0) & (counts.sum(axis=1) > 0)
    return replace(
        patterns,
        counts=counts[kept],
        multiplicity=multiplicity[kept],
        compositions=None,
        annotators=None,
    )
