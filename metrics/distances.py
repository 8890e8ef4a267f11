"""How far two labels are apart: distances of Krippendorff's alpha, weights of Gwet's family.

Shapes: Q labels. A distance matrix is squared difference in the sense of Krippendorff (2011):
0 on the diagonal, symmetric, and what alpha averages directly. A weight matrix is 1 on the
diagonal and says how much of an agreement a pair of labels is.
"""

import json
from collections.abc import Sequence
from typing import Literal

import numpy as np

from metrics.tables import Floats, Level

SetDistance = Literal["jaccard", "masi"]
Weights = Literal["none", "linear", "quadratic"]


def label_numbers(labels: Sequence[str]) -> Floats:
    """Numbers that labels spell, for interval and ratio levels.

    Parameters
    ----------
    labels : sequence of Q str

    Returns
    -------
    ndarray of shape (Q,)

    Raises
    ------
    ValueError
        When a label is not a finite number.

    Examples
    --------
    >>> label_numbers(("1", "2.5"))
    array([1. , 2.5])
    """
    try:
        numbers = np.array([float(label) for label in labels], dtype=np.float64)
    except ValueError as error:
        raise ValueError(
            f"interval and ratio levels need labels that are numbers: {error}; "
            "declare the question as nominal or ordinal"
        ) from error
    if not np.isfinite(numbers).all():
        raise ValueError(f"interval and ratio levels need finite labels, found {list(labels)}")
    return numbers


def label_positions(labels: Sequence[str], level: Level) -> Floats:
    """Place of each label on its scale: the number it spells, or its rank in the declared order.

    Examples
    --------
    >>> label_positions(("bad", "fair", "good"), "ordinal")
    array([0., 1., 2.])
    """
    if level in {"interval", "ratio"}:
        return label_numbers(labels)
    return np.arange(len(labels), dtype=np.float64)


def nominal_distance(size: int) -> Floats:
    """Distance 1 between any two different labels; shape (size, size).

    Examples
    --------
    >>> nominal_distance(2)
    array([[0., 1.],
           [1., 0.]])
    """
    return 1.0 - np.eye(size)


def interval_distance(numbers: Floats) -> Floats:
    """Squared difference (c - k)²; shape (Q, Q)."""
    return np.square(numbers[:, None] - numbers[None, :])


def ratio_distance(numbers: Floats) -> Floats:
    """Squared relative difference ((c - k) / (c + k))²; shape (Q, Q).

    Zero against zero is 0. Defined for a scale with a true zero only.

    Raises
    ------
    ValueError
        When a number is negative.

    Examples
    --------
    >>> ratio_distance(np.array([0.0, 1.0, 3.0]))
    array([[0.  , 1.  , 1.  ],
           [1.  , 0.  , 0.25],
           [1.  , 0.25, 0.  ]])
    """
    if (numbers < 0).any():
        raise ValueError(
            f"level ratio needs labels of 0 or more, found {numbers.min():g}; use level interval"
        )
    total = numbers[:, None] + numbers[None, :]
    difference = numbers[:, None] - numbers[None, :]
    return np.square(np.divide(difference, total, out=np.zeros_like(total), where=total > 0))


def label_sets(labels: Sequence[str]) -> list[frozenset[str]]:
    """Members of set-valued labels, each written as a JSON array.

    Raises
    ------
    ValueError
        When a label is not a JSON array.

    Examples
    --------
    >>> sorted(label_sets(('["a", "b"]',))[0])
    ['a', 'b']
    """
    return [_members(label) for label in labels]


def _members(label: str) -> frozenset[str]:
    try:
        parsed = json.loads(label)
    except json.JSONDecodeError:
        parsed = None
    if isinstance(parsed, list):
        return _as_set(parsed)
    raise ValueError(f"level set needs labels that are JSON arrays, found {label!r}")


def _as_set(parsed: list[object]) -> frozenset[str]:
    return frozenset(member if isinstance(member, str) else json.dumps(member) for member in parsed)


def jaccard_distance(sets: Sequence[frozenset[str]]) -> Floats:
    """1 - |A ∩ B| / |A ∪ B|; two empty sets are equal; shape (Q, Q).

    Examples
    --------
    >>> jaccard_distance([frozenset("a"), frozenset("ab")])[0, 1]
    np.float64(0.5)
    """
    shared, joined = _overlaps(sets)
    return 1.0 - _jaccard_index(shared, joined)


def masi_distance(sets: Sequence[frozenset[str]]) -> Floats:
    """MASI: 1 - J * M, J the Jaccard index, M = 1 equal, 2/3 subset, 1/3 overlap, 0 disjoint.

    Shape (Q, Q). Older libraries rounded 2/3 to .67; ours is exact.

    References
    ----------
    Passonneau (2006), Measuring agreement on set-valued items (MASI) for semantic and pragmatic
    annotation, LREC.

    Examples
    --------
    >>> float(round(masi_distance([frozenset("ab"), frozenset("abcd")])[0, 1], 7))
    0.6666667
    """
    shared, joined = _overlaps(sets)
    size = np.array([len(one) for one in sets], dtype=np.float64)
    smaller = np.minimum(size[:, None], size[None, :])
    equal = shared == joined
    subset = (shared == smaller) & (shared > 0)
    monotone = np.where(equal, 1.0, np.where(subset, 2 / 3, np.where(shared > 0, 1 / 3, 0.0)))
    return 1.0 - _jaccard_index(shared, joined) * monotone


def _jaccard_index(shared: Floats, joined: Floats) -> Floats:
    return np.divide(shared, joined, out=np.ones_like(shared), where=joined > 0)


def _overlaps(sets: Sequence[frozenset[str]]) -> tuple[Floats, Floats]:
    members = sorted(frozenset[str]().union(*sets))
    place = {member: index for index, member in enumerate(members)}
    holds = np.zeros((len(sets), len(members)))
    for row, one in enumerate(sets):
        holds[row, [place[member] for member in one]] = 1.0
    shared = holds @ holds.T
    size = holds.sum(axis=1)
    return shared, size[:, None] + size[None, :] - shared


def alpha_distance(
    labels: Sequence[str], level: Level, set_distance: SetDistance = "masi"
) -> Floats:
    """Distance matrix of Krippendorff's alpha at a level whose distances do not need the data.

    The ordinal distance depends on how often each label occurs, so it is not here: see
    `metrics.coefficients.ordinal_alpha`. Rankings are compared as wholes: equal or not.

    Parameters
    ----------
    labels : sequence of Q str
    level : {"nominal", "interval", "ratio", "set", "ranking"}
    set_distance : {"masi", "jaccard"}
        Used at level set.

    Returns
    -------
    ndarray of shape (Q, Q)

    Raises
    ------
    ValueError
        When labels do not fit the level, or the level is ordinal.
    """
    if level in {"nominal", "ranking"}:
        return nominal_distance(len(labels))
    if level == "interval":
        return interval_distance(label_numbers(labels))
    if level == "ratio":
        return ratio_distance(label_numbers(labels))
    if level == "set":
        distance = {"masi": masi_distance, "jaccard": jaccard_distance}[set_distance]
        return distance(label_sets(labels))
    raise ValueError(f"level {level} has no distance that is independent of the data")


def agreement_weights(labels: Sequence[str], level: Level, weights: Weights) -> Floats:
    """Weights of partial agreement for Gwet's family and Cohen's weighted kappa.

    Parameters
    ----------
    labels : sequence of Q str
    level : level of the question; interval and ratio labels stand at the number they spell,
        all others at their place in the declared order
    weights : {"none", "linear", "quadratic"}
        none: 1 for equal labels, else 0. linear: 1 - |c - k| / span.
        quadratic: 1 - ((c - k) / span)².
        Gwet's "ordinal" weight is neither and is not offered; Krippendorff's ordinal distance is
        something else again.

    Returns
    -------
    ndarray of shape (Q, Q), 1 on the diagonal, 0 between the ends of the scale.

    Examples
    --------
    >>> agreement_weights(("low", "middle", "high"), "ordinal", "quadratic")
    array([[1.  , 0.75, 0.  ],
           [0.75, 1.  , 0.75],
           [0.  , 0.75, 1.  ]])
    """
    if weights == "none":
        return np.eye(len(labels))
    position = label_positions(labels, level)
    span = np.ptp(position) if len(labels) else 0.0
    if span == 0:
        return np.eye(len(labels))
    gap = np.abs(position[:, None] - position[None, :]) / span
    return 1.0 - (gap if weights == "linear" else np.square(gap))
