"""Two panels vote on the same item: how often do they ship the same label?

An item is described by the unknown shares p of labels among all annotators who might judge it.
Votes of one item are independent draws from p (annotators are exchangeable); a panel ships its
most frequent label, ties decided at random. Nothing is assumed about how p varies over items:
what the votes leave open is reported as a range.

Shapes: Q labels, O outcomes of a vote, G points p of a grid over the simplex, P patterns.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import comb

import numpy as np
from scipy.special import betaincinv, gammaln, ndtri

from metrics.tables import Floats, Integers

# Grids over the simplex, fine enough that votes are reproduced within their sampling error.
GRID_STEPS = {1: 1, 2: 100, 3: 20, 4: 12, 5: 8}
MOST_OUTCOMES = 4000


@dataclass(frozen=True, slots=True, eq=False)
class Votes:
    """Votes of items by panel size.

    Attributes
    ----------
    counts : ndarray of shape (P, Q)
    items : ndarray of shape (P,)
        Number of items with these counts.
    independent : float in (0, 1]
        Share of the items that count as independent; below 1 where items come in groups.
    """

    counts: Integers
    items: Floats
    independent: float = 1.0

    @property
    def sizes(self) -> Integers:
        """Number of votes of each row; shape (P,)."""
        return np.asarray(self.counts.sum(axis=1))


def outcomes(size: int, labels: int) -> Integers:
    """All count vectors of `size` votes over `labels` labels; shape (O, labels).

    Examples
    --------
    >>> outcomes(2, 2).tolist()
    [[0, 2], [1, 1], [2, 0]]
    """
    if labels == 1:
        return np.array([[size]])
    parts = []
    for first in range(size + 1):
        rest = outcomes(size - first, labels - 1)
        parts.append(np.column_stack([np.full(len(rest), first), rest]))
    return np.concatenate(parts)


def is_countable(sizes: Integers, labels: int, most: int = MOST_OUTCOMES) -> bool:
    """Whether votes of these sizes over so many labels have at most `most` outcomes."""
    if labels not in GRID_STEPS or not len(sizes):
        return False
    return comb(int(sizes.max()) + labels - 1, labels - 1) <= most


def shipped(counts: Integers) -> Floats:
    """Chance that each label ships: 1 for the most frequent, ties shared; shape (O, Q)."""
    top = (counts == counts.max(axis=1, keepdims=True)).astype(np.float64)
    return np.asarray(top / top.sum(axis=1, keepdims=True))


def _probabilities(counts: Integers, points: Floats) -> Floats:
    """Multinomial probabilities of vote outcomes at each point; shape (O, G)."""
    coefficient = gammaln(counts.sum(axis=1) + 1.0) - gammaln(counts + 1.0).sum(axis=1)
    # 0 votes for a label of share 0 are certain: a finite stand-in for log 0 keeps 0 * log 0 = 0.
    logarithms = np.log(np.maximum(points, 1e-300))
    return np.asarray(np.exp(coefficient[:, None] + counts @ logarithms.T))


def agreement_at(size: int, points: Floats) -> Floats:
    """Chance that two panels of `size` votes ship the same label, at each point; shape (G,).

    Examples
    --------
    Two voters of a split item ship what one of them says, so they agree half the time:

    >>> float(agreement_at(2, np.array([[0.5, 0.5]]))[0].round(12))
    0.5
    """
    counts = outcomes(size, points.shape[1])
    return np.asarray(np.square(shipped(counts).T @ _probabilities(counts, points)).sum(axis=0))


def agreement_range(
    votes: Votes, panel: Mapping[int, float], confidence: float
) -> tuple[float, float] | None:
    """Smallest and largest agreement of two panels that the votes do not rule out.

    A linear programme over all distributions of p on a grid whose vote probabilities lie in
    simultaneous confidence limits of what was seen. At most 1 - confidence of repetitions leave
    the true agreement outside.

    Parameters
    ----------
    votes : Votes
    panel : mapping
        Share of the items judged by a panel of each size; sums to 1.
    confidence : float in (0, 1)

    Returns
    -------
    low, high, or None when no distribution on the grid fits the votes.
    """
    # Half a second of import that no other metric needs.
    from scipy.optimize import linprog  # noqa: PLC0415

    labels = votes.counts.shape[1]
    points = outcomes(GRID_STEPS[labels], labels) / GRID_STEPS[labels]
    rows, low, high = _constraints(votes, points, 1.0 - confidence)
    goal = np.sum([share * agreement_at(size, points) for size, share in panel.items()], axis=0)
    ends = []
    for sign in (1.0, -1.0):
        solution = linprog(
            sign * goal,
            A_ub=np.vstack([rows, -rows]),
            b_ub=np.concatenate([high, -low]),
            A_eq=np.ones((1, len(points))),
            b_eq=[1.0],
            bounds=(0.0, None),
            method="highs",
        )
        if solution.fun is None:
            return None
        ends.append(sign * float(solution.fun))
    return max(0.0, ends[0]), min(1.0, ends[1])


def _constraints(votes: Votes, points: Floats, error: float) -> tuple[Floats, Floats, Floats]:
    """Vote probabilities by point and limits for them: exact for outcomes, normal for moments.

    Half the allowed error goes to the outcomes, half to shares of labels and of pairs of equal
    labels, which are known far better than single outcomes.
    """
    sizes = votes.sizes
    rows, seen, total = [], [], []
    for size in np.unique(sizes):
        counts = outcomes(int(size), points.shape[1])
        place = {tuple(row): index for index, row in enumerate(counts.tolist())}
        number = np.zeros(len(counts))
        for row, items in zip(votes.counts[sizes == size], votes.items[sizes == size], strict=True):
            number[place[tuple(row.tolist())]] += items * votes.independent
        rows.append(_probabilities(counts, points))
        seen.append(number)
        total.append(np.full(len(counts), number.sum()))
    found, n = np.concatenate(seen), np.concatenate(total)
    tail = error / 4 / len(found)
    low = np.where(found > 0, betaincinv(np.maximum(found, 1e-9), n - found + 1, tail), 0.0)
    high = np.where(found < n, betaincinv(found + 1, np.maximum(n - found, 1e-9), 1 - tail), 1.0)
    moments, m_low, m_high = _moment_constraints(votes, points, error / 2)
    return (
        np.vstack([*rows, moments]),
        np.concatenate([low, m_low]),
        np.concatenate([high, m_high]),
    )


def _moment_constraints(
    votes: Votes, points: Floats, error: float
) -> tuple[Floats, Floats, Floats]:
    several = votes.sizes >= 2
    counts, items = votes.counts[several].astype(np.float64), votes.items[several]
    m = counts.sum(axis=1)[:, None]
    number = float(items.sum())
    pairs = counts * (counts - 1) / (m * (m - 1))
    values = np.hstack([counts / m, pairs, pairs.sum(axis=1, keepdims=True)])
    mean = items @ values / number
    variance = items @ np.square(values - mean) / max(number - 1.0, 1.0)
    # 30 items or fewer say too little for a normal limit; nothing is then asked of the moments.
    independent = number * votes.independent
    reach = float(ndtri(1 - error / 2 / values.shape[1])) * np.sqrt(variance / independent)
    reach = np.where((independent > 30) & (variance > 0), reach, 1.0)
    square = np.square(points)
    rows = np.hstack([points, square, square.sum(axis=1, keepdims=True)]).T
    return rows, mean - reach, mean + reach


def dirichlet_agreement(size: int, shares: Floats, likeness: float) -> float:
    """Agreement of two panels when p varies over items as a Dirichlet distribution.

    Parameters
    ----------
    size : int
        Votes a panel.
    shares : ndarray of shape (Q,)
        Label shares over all items, each above 0.
    likeness : float
        Correlation of two votes on one item, Krippendorff's nominal alpha; at most 0: all items
        are alike.

    Returns
    -------
    float, 0 to 1

    References
    ----------
    Mosimann (1962), On the compound multinomial distribution, 10.1093/biomet/49.1-2.65

    Examples
    --------
    One vote each: chance .5, and alpha of what is left.

    >>> round(dirichlet_agreement(1, np.array([0.5, 0.5]), 0.4), 12)
    0.7
    """
    likeness = min(max(likeness, 1e-9), 1 - 1e-9)
    weights = shares * (1 - likeness) / likeness
    counts = outcomes(size, len(shares))
    wins = shipped(counts)
    ways = gammaln(size + 1.0) - gammaln(counts + 1.0).sum(axis=1)
    start = gammaln(weights.sum()) - gammaln(weights.sum() + 2.0 * size) - gammaln(weights).sum()
    total = 0.0
    for row, win, way in zip(counts, wins, ways, strict=True):
        joint = gammaln(weights + row + counts).sum(axis=1) + start + way + ways
        total += float(np.exp(joint) @ (wins @ win))
    return min(total, 1.0)
