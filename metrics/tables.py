"""Sufficient statistics: the small tables every metric is a pure function of.

Shapes are given in capitals: P patterns, Q labels, A annotators, C compositions.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Level = Literal["nominal", "ordinal", "interval", "ratio", "set", "ranking"]
Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Compositions:
    """Groups of items (one prompt, one document) by the patterns they contain.

    Groups with equal contents are one composition; entry k says that composition
    `composition[k]` (0..C-1) contains `count[k]` units of pattern `pattern[k]` (0..P-1).
    `multiplicity` (C,) is the number of groups with that composition.
    """

    composition: Integers
    pattern: Integers
    count: Integers
    multiplicity: Integers


@dataclass(frozen=True, slots=True, eq=False)
class AnnotatorPatterns:
    """Which label each annotator gave on units of which pattern.

    Entry k: annotator `annotator[k]` (0..A-1) gave label `label[k]` (0..Q-1) on `count[k]` units
    of pattern `pattern[k]` (0..P-1). Enough to take any annotator out exactly.
    """

    annotators: tuple[str, ...]
    annotator: Integers
    pattern: Integers
    label: Integers
    count: Integers


@dataclass(frozen=True, slots=True, eq=False)
class UnitPatterns:
    """Distinct vectors of label counts over units, and how many units have each.

    Units with the same vector are interchangeable for every coefficient of agreement, so one row
    per distinct vector loses nothing. Units with a single rating are kept (m = 1): chance terms
    and the choice of the overlap need them.

    Attributes
    ----------
    labels : tuple of Q labels, in the declared order
    level : level of measurement of the question
    counts : ndarray of shape (P, Q)
    multiplicity : ndarray of shape (P,)
    tie_labels : labels that mean a tie, a subset of `labels`
    compositions : the same units grouped by prompt or document; None where every item stands alone
    annotators : the same units by annotator; None where that was not asked for
    """

    labels: tuple[str, ...]
    level: Level
    counts: Integers
    multiplicity: Integers
    tie_labels: tuple[str, ...] = ()
    compositions: Compositions | None = None
    annotators: AnnotatorPatterns | None = None


@dataclass(frozen=True, slots=True, eq=False)
class UnitMoments:
    """Sums over units of a numeric question, for scales with too many values for patterns.

    For unit i with m ratings x: d = sum of squared deviations from the unit's mean,
    s = sum of x, t = sum of x². One row per number of ratings `m` (M rows).

    Attributes
    ----------
    ratings : ndarray of shape (M,)
        m of the row.
    units : ndarray of shape (M,)
        Number of units with that m.
    sums : ndarray of shape (M, 3)
        Sums over units of d, s, t.
    cross : ndarray of shape (M, 3, 3)
        Sums over units of the products of d, s, t.
    """

    ratings: Integers
    units: Integers
    sums: Floats
    cross: Floats


@dataclass(frozen=True, slots=True, eq=False)
class AnnotatorPairs:
    """Joint labels of pairs of annotators on the same item and question.

    Entry k: on `count[k]` items annotator `first[k]` gave label `label_first[k]` and annotator
    `second[k]` gave `label_second[k]`; each unordered pair of annotators stands once
    (first < second). `roles` (A,) holds each annotator's role.
    """

    labels: tuple[str, ...]
    level: Level
    annotators: tuple[str, ...]
    roles: tuple[str, ...]
    first: Integers
    second: Integers
    label_first: Integers
    label_second: Integers
    count: Integers
    tie_labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class AnnotatorLabels:
    """How often each annotator gave each label.

    Entry k: annotator `annotator[k]` gave label `label[k]` `count[k]` times.
    """

    labels: tuple[str, ...]
    level: Level
    annotators: tuple[str, ...]
    annotator: Integers
    label: Integers
    count: Integers


@dataclass(frozen=True, slots=True, eq=False)
class ReferenceAnswers:
    """Answers to items whose label is known otherwise: golden items, or traps, never both.

    Entry k: annotator `annotator[k]` (0..A-1) gave label `label[k]` to `count[k]` items that
    expect label `expected[k]`; both are positions in `labels`.
    """

    labels: tuple[str, ...]
    annotators: tuple[str, ...]
    annotator: Integers
    expected: Integers
    label: Integers
    count: Integers


@dataclass(frozen=True, slots=True)
class ItemCounts:
    """How many items a cell of the batch holds, and how many there are."""

    inside: int
    total: int


@dataclass(frozen=True, slots=True, eq=False)
class LabelSets:
    """Items by who gave them which label; items with equal sets are one.

    Attributes
    ----------
    labels, annotators : names, Q and A of them
    start : ndarray of shape (S + 1,)
        Entries of set s are `start[s]` to `start[s + 1] - 1`.
    annotator, label : ndarray of shape (E,)
        Who gave which label.
    multiplicity : ndarray of shape (S,)
        Items with that set.
    """

    labels: tuple[str, ...]
    annotators: tuple[str, ...]
    start: Integers
    annotator: Integers
    label: Integers
    multiplicity: Integers

    @property
    def items(self) -> int:
        """Number of items."""
        return int(self.multiplicity.sum())
