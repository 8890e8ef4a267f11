"""Declared targets: which cells of a plan are short, by how much, and what to collect next.

A cell fixes some attributes of items and leaves the others open. What a batch holds is counted, so
a shortfall has no interval; only where the standard names a share is there something to test.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from math import ceil, nan

import numpy as np
from scipy.special import bdtr, chdtrc

from metrics.estimates import Estimate
from metrics.joining import benjamini_hochberg

Pattern = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Target:
    """A declared cell and what the batch has of it.

    Attributes
    ----------
    cell : dimension -> value, in which `*` is any text
    actual : items of the cell that count; None where the batch lacks the dimension
    minimum : items it needs; None where only a share is asked for
    share : share of all items it should have; None where only items are asked for
    tolerance : how far the share may be off; None where the share is aimed at and not required
    """

    cell: Pattern
    actual: int | None
    minimum: int | None = None
    share: float | None = None
    tolerance: float | None = None

    def required(self, total: int) -> int:
        """Items the cell needs in a batch of `total`: the minimum, and the least share of it."""
        least = 0.0 if self.share is None else (self.share - (self.tolerance or 0.0)) * total
        return max(self.minimum or 0, ceil(least - 1e-9))

    def short(self, total: int) -> int:
        """Items that are missing; 0 where there are enough."""
        return max(self.required(total) - (self.actual or 0), 0)

    @property
    def is_required(self) -> bool:
        """Whether the cell can fail: a bare share is only aimed at."""
        return self.minimum is not None or self.tolerance is not None


@dataclass(frozen=True, slots=True)
class ShareTest:
    """How a cell stands to the share it should have.

    Attributes
    ----------
    gap : items to add to reach the share in a batch of this size; negative where there are more
    residual : Pearson's, (observed - expected) / sqrt(expected)
    p_value : exact one-sided binomial, that few or fewer by chance
    q_value : the same after Benjamini and Hochberg over all cells
    """

    gap: float
    residual: float
    p_value: float
    q_value: float


@dataclass(frozen=True, slots=True)
class ShareTests:
    """The cells with shares, and all of them together where they divide the batch.

    `statistic` is Pearson's chi square, `p_value` nan where the shares do not add up to 1 over
    cells that exclude each other.
    """

    cells: tuple[ShareTest, ...]
    statistic: float
    degrees: int
    p_value: float


@dataclass(frozen=True, slots=True)
class Collect:
    """Items of one kind to collect: they fill all cells that `serves` gives the positions of."""

    cell: Pattern
    items: int
    serves: tuple[int, ...]


def coverage_share_met(targets: Sequence[Target], total: int) -> Estimate:
    """Share of the required cells of a plan that hold what they need.

    Answers how much of the plan was delivered. It is a census: every accepted item is looked at,
    so there is no interval. A cell with a minimum is met from that number on, one with a share and
    a tolerance where its share of the accepted items lies within; a share without tolerance is
    aimed at and not counted here. A cell of a dimension that the batch lacks is not met.

    It misleads where cells differ in weight: nine small cells met and the one about safety missed
    is 90 %. Read the cells, worst first.

    Parameters
    ----------
    targets : the declared cells
    total : accepted items of the batch

    Returns
    -------
    Estimate
        0 to 1, higher is fuller; n is the number of required cells. Undefined without one.

    References
    ----------
    Cochran (1977), Sampling Techniques, 3rd ed., ch. 1: a complete count has no sampling error.

    Examples
    --------
    >>> cells = [Target({"task": "coding"}, 50, minimum=40), Target({"task": "chat"}, 3, minimum=5)]
    >>> coverage_share_met(cells, 60).value
    0.5
    """
    required = [target for target in targets if target.is_required]
    if not required:
        return Estimate(
            n_unit="cells",
            about="batch",
            status="undefined",
            reason="the standard declares no cell; add tables [[coverage]] to it",
        )
    value = sum(is_met(target, total) for target in required) / len(required)
    return Estimate(
        value=value,
        low=value,
        high=value,
        n=len(required),
        n_unit="cells",
        about="batch",
        method="count of all declared cells, no sample",
    )


def is_met(target: Target, total: int) -> bool:
    """Whether a cell holds what it needs, and not more than its share where that has limits."""
    if target.actual is None or target.short(total):
        return False
    if target.share is None or target.tolerance is None or not total:
        return True
    return target.actual / total <= target.share + target.tolerance + 1e-12


def relative_shortfall(target: Target, total: int) -> float:
    """Missing items as a share of those needed: 1 where there are none at all."""
    needed = target.required(total)
    return target.short(total) / needed if needed else 0.0


def share_tests(targets: Sequence[Target], total: int) -> ShareTests:
    """Test cells against the shares they should have.

    Is a share too small by more than luck? The items are taken as draws from a source that is to
    deliver the shares. It misleads where items come in bundles (ten of one document): those are
    fewer draws than items, and p is too small then.

    Parameters
    ----------
    targets : cells with shares; those without, or without a count, are not allowed
    total : items of the batch

    Returns
    -------
    ShareTests
        In the order of the targets. Where a batch is empty all is nan.

    References
    ----------
    Pearson (1900), 10.1080/14786440009463897; Benjamini and Hochberg (1995),
    10.1111/j.2517-6161.1995.tb02031.x

    Examples
    --------
    >>> shares, seen = (0.4, 0.3, 0.2, 0.1), (230, 140, 95, 35)
    >>> found = share_tests(
    ...     [Target({"t": str(n)}, k, share=w) for n, (w, k) in enumerate(zip(shares, seen))], 500
    ... )
    >>> round(found.statistic, 4), round(found.p_value, 4), round(found.cells[3].residual, 4)
    (9.9167, 0.0193, -2.1213)
    """
    shares = np.array([target.share or 0.0 for target in targets])
    observed = np.array([target.actual or 0 for target in targets], dtype=np.float64)
    if not total or not len(targets):
        nothing = ShareTest(nan, nan, nan, nan)
        return ShareTests((nothing,) * len(targets), nan, 0, nan)
    expected = shares * total
    residuals = (observed - expected) / np.sqrt(expected)
    p_values = np.asarray(bdtr(observed, total, shares))
    q_values = benjamini_hochberg(p_values.tolist())
    cells = tuple(
        ShareTest(float(gap), float(residual), float(p), float(q))
        for gap, residual, p, q in zip(
            expected - observed, residuals, p_values, q_values, strict=True
        )
    )
    whole = abs(shares.sum() - 1) < 1e-6 and observed.sum() == total and len(targets) > 1
    statistic = float((residuals**2).sum()) if whole else nan
    degrees = len(targets) - 1 if whole else 0
    p_value = float(chdtrc(degrees, statistic)) if whole else nan
    return ShareTests(cells, statistic, degrees, p_value)


def collect_next(
    targets: Sequence[Target],
    total: int,
    *,
    is_possible: Callable[[Pattern], bool] = lambda _: True,
) -> tuple[Collect, ...]:
    """Say which items to collect next, in order, so that every short cell is filled.

    Greedy: the cell with the largest share missing comes first; other short cells that the same
    item can also fill join it, worst first, as long as the combination is possible; then as many
    items as the least of them needs, and again. No order fills the cells with provably fewest
    items, that problem is a hard one; this one never asks for more than the shortfalls together.

    Returns
    -------
    tuple of Collect
        First what is missing most. A bare share is no need; shares move as the batch grows, so
        their need is that of a batch of the present size.
    """
    left = {
        place: target.short(total)
        for place, target in enumerate(targets)
        if target.is_required and target.short(total)
    }
    found: list[Collect] = []
    while left:
        order = sorted(
            left, key=lambda at: (-left[at] / max(targets[at].required(total), 1), -left[at], at)
        )
        cell: Pattern = {}
        chosen: list[int] = []
        for place in order:
            joined = _joined(cell, targets[place].cell)
            if joined is not None and (not chosen or is_possible(joined)):
                cell = joined
                chosen.append(place)
        items = min(left[place] for place in chosen)
        found.append(Collect(cell, items, tuple(sorted(chosen))))
        left = {at: need - items * (at in chosen) for at, need in left.items()}
        left = {at: need for at, need in left.items() if need > 0}
    return tuple(found)


def fits(value: str, wanted: str) -> bool:
    """Whether a value is the one a cell names, in which `*` is any text.

    Examples
    --------
    >>> fits("coding", "cod*"), fits("[x]", "[x]"), fits("Coding", "coding")
    (True, True, False)
    """
    if "*" not in wanted:
        return value == wanted
    return fnmatchcase(value, wanted.replace("[", "[[]").replace("?", "[?]"))


def _joined(first: Pattern, second: Pattern) -> Pattern | None:
    """Return what an item must be to fit two cells; None where that is not known to exist."""
    joined = dict(first)
    for name, value in second.items():
        known = joined.get(name, value)
        if fits(value, known):
            joined[name] = value
        elif not fits(known, value):
            return None
    return joined
