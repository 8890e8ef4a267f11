"""Gaps as figures: how much of the space of attributes a batch reaches, how many holes it has."""

from dataclasses import dataclass

import numpy as np

from metrics.combinations import (
    AttributeTable,
    Pattern,
    SubsetCoverage,
    subset_coverage,
    uncovered_patterns,
)
from metrics.estimates import Estimate

LEAST_ATTRIBUTES = 2


@dataclass(frozen=True, slots=True, eq=False)
class Space:
    """Items by their attributes, and which combinations there can be.

    Attributes
    ----------
    table : the items
    impossible : patterns that no item can have
    reference : items of a batch that tells which combinations occur at all; None without one
    left_out : attributes that were left out, as they have too many values
    """

    table: AttributeTable
    impossible: tuple[Pattern, ...] = ()
    reference: AttributeTable | None = None
    left_out: tuple[str, ...] = ()


def combination_coverage(space: Space, *, t: str = "2") -> Estimate:
    """Share of the possible combinations of t attributes' values that some accepted item has.

    Answers how much of the space of tasks, languages, tones ... the batch reaches at all, two
    (t = 2) or three (t = 3) attributes at a time, all choices of attributes together. Values that
    occur, or that the standard names, are taken as possible; combinations the standard declares
    impossible, or that a reference batch never has, are not. A census: there is no interval.

    It misleads as a target by itself: one item covers a combination as well as a hundred, and the
    space grows with every rare value. Read it beside the uncovered patterns.

    Parameters
    ----------
    space : accepted items by attributes
    t : {"2", "3"}

    Returns
    -------
    Estimate
        0 to 1; n is the number of possible combinations. Undefined with fewer than t attributes.

    References
    ----------
    Kuhn, Kacker and Lei (2010), Practical combinatorial testing, NIST SP 800-142,
    10.6028/NIST.SP.800-142

    Examples
    --------
    >>> import numpy as np
    >>> table = AttributeTable(("task", "language"), (("code", "chat"), ("de", "en")),
    ...     np.array([[0, 0], [0, 1], [1, 1]]), np.array([5, 9, 2]))
    >>> combination_coverage(Space(table)).value
    0.75
    """
    size = int(t)
    if len(space.table.attributes) < size:
        return _too_few(space, size)
    found = coverage_by_subset(space, size)
    possible = sum(one.possible for one in found)
    if not possible:
        return Estimate(
            n_unit="combinations",
            about="batch",
            status="undefined",
            reason="every combination is declared impossible",
        )
    value = sum(one.present for one in found) / possible
    full = sum(one.present == one.possible for one in found)
    return Estimate(
        value=value,
        low=value,
        high=value,
        n=possible,
        n_unit="combinations",
        about="batch",
        method=f"count of the combinations of {size} attributes, no sample",
        provenance={"subsets": len(found), "subsets_full": full},
    )


def coverage_by_subset(space: Space, size: int) -> tuple[SubsetCoverage, ...]:
    """Return how far each choice of `size` attributes is covered, worst first."""
    return subset_coverage(
        space.table, size, impossible=space.impossible, reference=space.reference
    )


def uncovered_pattern_count(space: Space, *, least: str = "1") -> Estimate:
    """Count the shortest descriptions that fewer than `least` accepted items fit.

    Answers how many kinds of item are missing that nobody declared. Each is told once and as widely
    as possible: where there is nothing German, "German coding" is not told beside it. A census of
    the batch. Combinations declared impossible, or that a reference batch never has, are no gaps.

    It misleads as a number by itself: the more attributes and rare values, the more patterns are
    empty for no other reason. Those of which many items were to be expected are the ones to read.

    Parameters
    ----------
    space : accepted items by attributes
    least : items a pattern needs, 1 or more

    Returns
    -------
    Estimate
        0 and more, lower is better; n is the number of accepted items. Undefined without
        attributes.

    References
    ----------
    Asudeh, Jin and Jagadish (2019), Assessing and remedying coverage for a given dataset,
    10.1109/ICDE.2019.00056

    Examples
    --------
    >>> import numpy as np
    >>> table = AttributeTable(("task", "language"), (("code", "chat"), ("de", "en")),
    ...     np.array([[0, 0], [0, 1], [1, 1]]), np.array([5, 9, 2]))
    >>> uncovered_pattern_count(Space(table)).value
    1.0
    """
    if not space.table.attributes:
        return _too_few(space, 1).but(n_unit="items")
    found = uncovered_patterns(
        space.table,
        least=int(least),
        impossible=space.impossible,
        reference=space.reference,
        most=0,
    )
    value = float(found.total)
    return Estimate(
        value=value,
        low=value,
        high=value,
        n=int(space.table.multiplicity.sum()),
        about="batch",
        method=f"maximal patterns with fewer than {least} accepted items, all counted",
        is_count=True,
    )


def items_of(table: AttributeTable, pattern: Pattern) -> int:
    """Return the number of items that fit a pattern, in which every value is known."""
    chosen = table.multiplicity >= 0
    for name, value in pattern.items():
        axis = table.attributes.index(name)
        chosen &= table.codes[:, axis] == table.values[axis].index(value)
    return int(table.multiplicity[chosen].sum())


def unstated(table: AttributeTable, pattern: Pattern) -> int:
    """Return the items that may fit a pattern, as they do not state all that it names."""
    may = table.multiplicity > 0
    lacks = np.zeros(len(may), dtype=bool)
    for name, value in pattern.items():
        axis = table.attributes.index(name)
        codes = table.codes[:, axis]
        may &= (codes == table.values[axis].index(value)) | (codes < 0)
        lacks |= codes < 0
    return int(table.multiplicity[may & lacks].sum())


def contradictions(space: Space) -> tuple[tuple[Pattern, int], ...]:
    """Return the patterns declared impossible that items have all the same, with their number."""
    found = (
        (pattern, items_of(space.table, pattern))
        for pattern in space.impossible
        if _is_known(space.table, pattern)
    )
    return tuple((pattern, count) for pattern, count in found if count)


def _is_known(table: AttributeTable, pattern: Pattern) -> bool:
    known = dict(zip(table.attributes, table.values, strict=True))
    return all(value in known.get(name, ()) for name, value in pattern.items())


def _too_few(space: Space, size: int) -> Estimate:
    has = space.table.attributes
    left = f"; left out are {', '.join(space.left_out)}" if space.left_out else ""
    reason = f"it takes {size} attributes of items; there are {len(has)}{left}"
    return Estimate(n_unit="combinations", about="batch", status="undefined", reason=reason)
