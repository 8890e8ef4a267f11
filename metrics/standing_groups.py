"""Groups of people who cannot be told apart, instead of ranks."""

from collections.abc import Sequence
from math import sqrt

import numpy as np
from scipy.special import ndtri

from metrics.tables import Floats

MINIMUM_ITEMS = 50
"""Nobody is placed on less work than this."""


def groups(
    people: Sequence[str], value: Floats, variance: Floats, n: Floats, *, confidence: float = 0.95
) -> dict[str, int]:
    """Return the number of each person's group, 1 the best; who worked on too little has none.

    From the best down, a person joins the group as long as the difference to its first member is
    not significant, at a level that holds for all pairs of people at once (Bonferroni); else a new
    group begins. Neighbours on both sides of a border may well be as good as each other: a border
    says that the group's first member is better than those below it.

    Who is better than whom, as far as anybody can tell? It misleads as a ranking: most crews are
    one or two groups.

    Parameters
    ----------
    people : person keys
    value, variance : posterior mean and variance of each
    n : items behind each

    Examples
    --------
    >>> groups(["a", "b", "c"], np.array([0.9, 0.88, 0.5]), np.full(3, 0.0004), np.full(3, 100.0))
    {'a': 1, 'b': 1, 'c': 2}
    """
    placed = [
        one for one in range(len(people)) if n[one] >= MINIMUM_ITEMS and np.isfinite(value[one])
    ]
    placed.sort(key=lambda one: (-value[one], people[one]))
    pairs = max(len(placed) * (len(placed) - 1) / 2, 1)
    critical = float(-ndtri((1.0 - confidence) / (2.0 * pairs)))
    numbers: dict[str, int] = {}
    first, number = -1, 0
    for one in placed:
        gap = critical * sqrt(variance[first] + variance[one]) if number else 0.0
        if not number or value[first] - value[one] > gap:
            first, number = one, number + 1
        numbers[people[one]] = number
    return numbers
