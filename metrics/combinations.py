"""Gaps that nobody declared: combinations of attributes that a batch hardly holds.

Items are described by attributes (task, language, difficulty ...). A pattern fixes some of them
and leaves the others open. All patterns are counted at once, as a table with one axis for each
attribute and one more place on it for "any value", so no search is needed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import prod

import numpy as np
from numpy.typing import NDArray

from metrics.tables import Floats, Integers

MOST_PATTERNS = 20_000_000
"""Patterns counted at most; their table has as many whole numbers of eight bytes."""


@dataclass(frozen=True, slots=True, eq=False)
class AttributeTable:
    """Distinct descriptions of items, and how many items have each.

    Attributes
    ----------
    attributes : tuple of A names
    values : the values of each attribute, A tuples
    codes : ndarray of shape (R, A)
        Position of the value; -1 where the item lacks the attribute.
    multiplicity : ndarray of shape (R,)
    """

    attributes: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]
    codes: Integers
    multiplicity: Integers


@dataclass(frozen=True, slots=True)
class Gap:
    """A combination of values that too few items have, and no part of it is already one.

    `expected` is how many items would have it if the attributes had nothing to do with each other.
    """

    pattern: Mapping[str, str]
    count: int
    expected: float = 0.0


@dataclass(frozen=True, slots=True)
class SubsetCoverage:
    """How many combinations of the values of some attributes occur, of those that can."""

    attributes: tuple[str, ...]
    present: int
    possible: int

    @property
    def share(self) -> float:
        """Present of possible."""
        return self.present / self.possible if self.possible else 1.0


Pattern = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Gaps:
    """The maximal uncovered patterns: how many there are, and the widest of them."""

    total: int
    widest: tuple[Gap, ...]


def uncovered_patterns(
    table: AttributeTable,
    *,
    least: int = 1,
    impossible: Sequence[Pattern] = (),
    reference: "AttributeTable | None" = None,
    most: int = 1000,
) -> Gaps:
    """Find the maximal uncovered patterns: what is missing, said as shortly as possible.

    Which kinds of item does the batch hardly hold, though nobody asked for them by name? A pattern
    is uncovered where fewer than `least` items fit it, and maximal where every pattern with one
    value less is covered: of "German", "German coding" and "German coding, hard" only the widest
    is told. It misleads where a combination makes no sense (declare it impossible), and where an
    attribute is missing on many items: those fit no pattern that fixes it.

    Parameters
    ----------
    table : AttributeTable
    least : int, 1 or more
        Items a pattern needs to be covered.
    impossible : patterns that no item can have; what fits one of them is no gap
    reference : items with the same attributes and values; what none of them has either is no gap
    most : int
        Gaps told at most; all are counted.

    Returns
    -------
    Gaps
        Those that fix fewest attributes first, then those of which most were to be expected, then
        in the order of attributes and values.

    Raises
    ------
    ValueError
        Where there are more than 20 million patterns; leave attributes out, or merge values.

    References
    ----------
    Asudeh, Jin and Jagadish (2019), Assessing and remedying coverage for a given dataset,
    10.1109/ICDE.2019.00056
    """
    cube = _cube(table)
    covered = cube >= least
    gap = ~covered
    for axis in range(cube.ndim):
        # One value less is "any" there; where it is "any" already nothing can be taken away.
        whole = np.take(covered, [-1], axis=axis)
        inside = [slice(None)] * cube.ndim
        inside[axis] = slice(0, -1)
        gap[tuple(inside)] &= whole
    for pattern in impossible:
        gap[_place(table.attributes, table.values, pattern)] = False
    if reference is not None:
        gap &= _cube(reference) > 0
    places = np.argwhere(gap)
    fixed = (places < np.array(cube.shape) - 1).sum(axis=1)
    expected = _expected(table, places)
    first = np.lexsort((-expected, fixed))[:most]
    widest = (_gap(table, cube, places[at], float(expected[at])) for at in first)
    return Gaps(len(places), tuple(widest))


def subset_coverage(
    table: AttributeTable,
    size: int,
    *,
    impossible: Sequence[Pattern] = (),
    reference: AttributeTable | None = None,
) -> tuple[SubsetCoverage, ...]:
    """Count the combinations of every `size` attributes that occur, of those that can.

    How much of the space does the batch reach at all? It misleads as a target by itself: one item
    covers a combination as well as a hundred, and the space grows with every value.

    Parameters
    ----------
    table : AttributeTable
    size : int, 1 or more
        Attributes taken together.
    impossible : patterns that no item can have; they are not counted as possible
    reference : items with the same attributes and values; of what does not occur only what occurs
        there is counted as possible

    Returns
    -------
    tuple of SubsetCoverage
        Worst first.

    References
    ----------
    Kuhn, Kacker and Lei (2010), Practical combinatorial testing, NIST SP 800-142,
    10.6028/NIST.SP.800-142
    """
    found = []
    for chosen in combinations(range(len(table.attributes)), size):
        names = tuple(table.attributes[axis] for axis in chosen)
        shape = [len(table.values[axis]) for axis in chosen]
        possible = ~_banned(names, [table.values[axis] for axis in chosen], impossible)
        present = _present(table, chosen, shape)
        if reference is not None:
            possible &= present | _present(reference, chosen, shape)
        found.append(SubsetCoverage(names, int((present & possible).sum()), int(possible.sum())))
    return tuple(sorted(found, key=lambda one: (one.share, one.attributes)))


def _present(table: AttributeTable, chosen: tuple[int, ...], shape: list[int]) -> NDArray[np.bool_]:
    """Return which combinations of some attributes occur."""
    codes = table.codes[:, chosen]
    codes = codes[(codes >= 0).all(axis=1) & (table.multiplicity > 0)]
    present = np.zeros(shape, dtype=bool)
    present[tuple(codes.T)] = True
    return present


def _cube(table: AttributeTable) -> Integers:
    """Count every pattern: one axis an attribute, its last place for any value."""
    sizes = [len(values) for values in table.values]
    if prod(size + 2 for size in sizes) > MOST_PATTERNS:
        raise ValueError(
            f"{' x '.join(str(size + 1) for size in sizes)} patterns are more than"
            f" {MOST_PATTERNS:,}; leave attributes out or merge values"
        )
    # Items without the attribute stand on a place of their own, which only "any" counts.
    cube = np.zeros([size + 1 for size in sizes], dtype=np.int64)
    place = tuple(
        np.where(table.codes[:, axis] < 0, size, table.codes[:, axis])
        for axis, size in enumerate(sizes)
    )
    np.add.at(cube, place, table.multiplicity)
    for axis, size in enumerate(sizes):
        known = np.take(cube, range(size), axis=axis)
        cube = np.concatenate([known, cube.sum(axis=axis, keepdims=True)], axis=axis)
    return cube


def _expected(table: AttributeTable, places: NDArray[np.intp]) -> Floats:
    """Items a pattern would have if the attributes were independent of each other."""
    expected = np.full(len(places), float(table.multiplicity.sum()))
    for axis, values in enumerate(table.values):
        known = table.codes[:, axis] >= 0
        counts = np.bincount(
            table.codes[known, axis], table.multiplicity[known], minlength=len(values)
        )
        shares = np.append(counts / max(table.multiplicity.sum(), 1), 1.0)
        expected *= shares[places[:, axis]]
    return expected


def _gap(table: AttributeTable, cube: Integers, place: NDArray[np.intp], expected: float) -> Gap:
    pattern = {
        name: values[code]
        for name, values, code in zip(table.attributes, table.values, place, strict=True)
        if code < len(values)
    }
    return Gap(pattern, int(cube[tuple(place)]), expected)


def _place(
    attributes: Sequence[str], domains: Sequence[tuple[str, ...]], pattern: Pattern
) -> tuple[slice, ...]:
    """Return the part of the cube in which everything fits a pattern; empty for unknown values."""
    known = dict(zip(attributes, domains, strict=True))
    if not all(value in known.get(name, ()) for name, value in pattern.items()):
        return (slice(0, 0),) * len(known)
    return tuple(
        slice(place := values.index(pattern[name]), place + 1) if name in pattern else slice(None)
        for name, values in known.items()
    )


def _banned(
    names: tuple[str, ...], values: Sequence[tuple[str, ...]], impossible: Sequence[Pattern]
) -> NDArray[np.bool_]:
    """Return the combinations of some attributes that are impossible."""
    mask = np.zeros([len(each) for each in values], dtype=bool)
    for pattern in impossible:
        if pattern:
            mask[_place(names, values, pattern)] = True
    return mask
