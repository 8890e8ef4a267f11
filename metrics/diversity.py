"""Diversity: how many categories there are in effect, and how much nobody has seen yet.

The counts are those of one attribute, or of all attributes together. Diversity of the batch itself
is a fact; what the source of the items would still bring is an estimate, and needs items that were
drawn from it at random.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, nan, sqrt

import numpy as np
from scipy.special import ndtri

from metrics.estimates import About, Estimate, Status
from metrics.tables import Floats, Integers

COVERED = 0.95
"""Below this share of the source seen, diversity beyond the batch is too little known."""


@dataclass(frozen=True, slots=True, eq=False)
class CategoryCounts:
    """Items of each category.

    Attributes
    ----------
    counts : ndarray of shape (C,), items of each category
    is_random : items were drawn at random, each with the same chance; False where nobody knows
    has_groups : items hang together in groups
    why : what is known of how the items were chosen
    """

    counts: Integers
    is_random: bool = False
    has_groups: bool = False
    why: str = ""

    @property
    def seen(self) -> Integers:
        """Counts of the categories that occur."""
        return self.counts[self.counts > 0]

    def seen_times(self, times: int) -> int:
        """Return the number of categories that occur so many times."""
        return int((self.counts == times).sum())


def effective_categories(
    table: CategoryCounts, *, order: str = "1", about: About = "batch", confidence: float = 0.95
) -> Estimate:
    """How many equally common categories would be as diverse as these: a Hill number.

    Answers whether a batch that names forty topics is about forty topics, or about three and a few
    strays. Order 0 counts the categories, 1 weighs them by how common they are (the exponential of
    the entropy), 2 looks at the common ones only (one over the chance that two items are alike).

    Of the batch it is a fact, without interval. Of the process that made it (`about="process"`) it
    is estimated, with an interval by the delta method on the logarithm, where items were drawn at
    random; the number of categories of a process is not estimated by those seen, see `unseen_mass`.
    It misleads in comparisons of samples that have seen different shares of their source.

    Parameters
    ----------
    table : items of each category
    order : {"0", "1", "2"}
    about : {"batch", "process"}
    confidence : level of the interval

    Returns
    -------
    Estimate
        1 (all items alike) to the number of categories. Undefined without items.

    References
    ----------
    Hill (1973), 10.2307/1934352; Chao and others (2014), 10.1890/13-0133.1

    Examples
    --------
    >>> effective_categories(CategoryCounts(np.array([50, 50, 50, 50])), order="2").value
    4.0
    """
    counts = table.seen.astype(np.float64)
    n = int(counts.sum())
    if not n:
        return _nothing(about, confidence)
    shares = counts / n
    value, error = _hill(shares, n, order)
    if about == "batch":
        return Estimate(
            value=value,
            low=value,
            high=value,
            confidence=confidence,
            n=n,
            about="batch",
            method=f"Hill number of order {order}, all accepted items, no sample",
        )
    if refusal := _not_random(table, confidence):
        return refusal
    if order == "0":
        reason = "categories of the process that nobody saw are not counted by those seen"
        return Estimate(
            confidence=confidence, n=n, status="undefined", reason=f"{reason}; see unseen_mass"
        )
    reach = exp(float(ndtri((1 + confidence) / 2)) * error / value)
    covered = 1 - _unseen(table)
    status, reason = _status(table, covered=covered)
    return Estimate(
        value=value,
        low=max(value / reach, 1.0),
        high=value * reach,
        confidence=confidence,
        n=n,
        about="process",
        method=f"Hill number of order {order}, delta method on the logarithm",
        status=status,
        reason=reason,
        provenance={"sample_coverage": covered},
    )


def unseen_mass(table: CategoryCounts, *, confidence: float = 0.95) -> Estimate:
    """Share of what the source delivers that is of categories nobody has seen yet.

    Answers whether collecting more of the same would bring new kinds of items: .07 says that about
    every fourteenth further item is of a kind the batch does not have. Good and Turing's estimate
    as Chao and Jost refined it; the interval is Esty's, and reaches at least as far as an exact one
    where no category occurs once.

    It needs items that were each drawn from a stable source with the same chance; a batch that was
    composed by hand has no unseen mass. It misleads where items come in groups.

    Parameters
    ----------
    table : items of each category
    confidence : level of the interval

    Returns
    -------
    Estimate
        0 to 1; the provenance has the numbers of categories seen once and twice, and Chao's lower
        bound of the number of categories with its interval. Missing input where the draw is not
        known to be random; undefined without items.

    References
    ----------
    Good (1953), 10.1093/biomet/40.3-4.237; Esty (1983), 10.1214/aos/1176346165;
    Chao and Jost (2012), 10.1890/11-1952.1; Chao (1987), 10.2307/2531532

    Examples
    --------
    >>> spiders = np.array([46, 22, 17, 15, 15, 9, 8, 6, 6, 4, 2, 2, 2, 2] + 12 * [1])
    >>> round(1 - unseen_mass(CategoryCounts(spiders, is_random=True)).value, 4)
    0.9289
    """
    n = int(table.counts.sum())
    if not n:
        return _nothing("process", confidence)
    if refusal := _not_random(table, confidence):
        return refusal
    once, twice = table.seen_times(1), table.seen_times(2)
    value = _unseen(table)
    spread = max(once * (1 - once / n) + 2 * twice, 0.0)
    reach = float(ndtri((1 + confidence) / 2)) * sqrt(spread) / n
    # Where nothing was seen only once, Esty's interval has no width; N draws may have missed
    # 1 - tail^(1/N) all the same; and where all were seen once, as much may have been luck.
    tail = ((1 - confidence) / 2) ** (1 / n)
    bound = chao1(table, confidence=confidence)
    status, reason = _status(table)
    if once == n:
        status, reason = "insufficient", "no category was seen twice"
    return Estimate(
        value=value,
        low=min(max(value - reach, 0.0), tail),
        high=min(max(value + reach, 1 - tail), 1.0),
        confidence=confidence,
        n=n,
        about="process",
        method="Good-Turing as refined by Chao and Jost; Esty's interval",
        status=status,
        reason=reason,
        provenance={
            "categories": len(table.seen),
            "seen_once": once,
            "seen_twice": twice,
            "chao1": bound.value,
            **({"chao1_low": bound.low, "chao1_high": bound.high} if bound.low >= 0 else {}),
        },
    )


@dataclass(frozen=True, slots=True)
class Richness:
    """Chao's lower bound of the number of categories, with standard error and interval."""

    value: float
    error: float
    low: float
    high: float


def chao1(table: CategoryCounts, *, confidence: float = 0.95) -> Richness:
    """Bound the number of categories of the source from below.

    References
    ----------
    Chao (1984), Scandinavian Journal of Statistics 11; Chao (1987), 10.2307/2531532

    Examples
    --------
    >>> spiders = np.array([46, 22, 17, 15, 15, 9, 8, 6, 6, 4, 2, 2, 2, 2] + 12 * [1])
    >>> found = chao1(CategoryCounts(spiders))
    >>> round(found.value, 3), round(found.error, 3), round(found.low, 3), round(found.high, 2)
    (43.893, 14.306, 30.511, 96.97)
    """
    seen, n = len(table.seen), int(table.counts.sum())
    once, twice = table.seen_times(1), table.seen_times(2)
    if not once:
        return Richness(float(seen), 0.0, float(seen), float(seen))
    share = (n - 1) / n
    if twice:
        ratio = once / twice
        added = share * once**2 / (2 * twice)
        variance = twice * (share / 2 * ratio**2 + share**2 * ratio**3 + share**2 / 4 * ratio**4)
    else:
        added = share * once * (once - 1) / 2
        total = seen + added
        variance = (
            share * once * (once - 1) / 2
            + share**2 * once * (2 * once - 1) ** 2 / 4
            - share**2 * once**4 / (4 * total)
        )
    if added <= 0:
        return Richness(float(seen), nan, nan, nan)
    quantile = float(ndtri((1 + confidence) / 2))
    reach = exp(quantile * sqrt(log(1 + variance / added**2)))
    return Richness(seen + added, sqrt(variance), seen + added / reach, seen + added * reach)


def evenness(counts: Sequence[int]) -> float:
    """Entropy against that of equally common categories: 0 to 1; nan for fewer than two."""
    seen = np.array([count for count in counts if count > 0], dtype=np.float64)
    if len(seen) < 2:
        return nan
    shares = seen / seen.sum()
    return float(-(shares * np.log(shares)).sum() / np.log(len(seen)))


def _hill(shares: Floats, n: int, order: str) -> tuple[float, float]:
    """Return a Hill number and its standard error under multinomial sampling."""
    if order == "0":
        return float(len(shares)), 0.0
    if order == "1":
        entropy = float(-(shares * np.log(shares)).sum())
        variance = max(float((shares * np.log(shares) ** 2).sum()) - entropy**2, 0.0) / n
        return exp(entropy), exp(entropy) * sqrt(variance)
    alike = float((shares**2).sum())
    variance = 4 * max(float((shares**3).sum()) - alike**2, 0.0) / n
    return 1 / alike, sqrt(variance) / alike**2


def _unseen(table: CategoryCounts) -> float:
    """Share of the source that was not seen: 1 minus the sample coverage of Chao and Jost."""
    n = int(table.counts.sum())
    once, twice = table.seen_times(1), table.seen_times(2)
    if not once:
        return 0.0
    if n == 1:
        return 1.0
    if not twice:  # their form for a sample without pairs
        return once / n * ((n - 1) * (once - 1)) / ((n - 1) * (once - 1) + 2) if once > 1 else 1 / n
    return once / n * ((n - 1) * once) / ((n - 1) * once + 2 * twice)


def _status(table: CategoryCounts, covered: float = 1.0) -> tuple[Status, str]:
    """Return whether the interval can be trusted."""
    if table.has_groups:
        return "insufficient", "items of one group hang together, so there were fewer draws"
    if covered < COVERED:
        return "insufficient", f"the sample has seen only {covered:.0%} of what the source delivers"
    return "ok", ""


def _not_random(table: CategoryCounts, confidence: float) -> Estimate | None:
    if table.is_random:
        return None
    why = table.why or "nothing says that items were drawn at random"
    return Estimate(
        confidence=confidence,
        n=int(table.counts.sum()),
        status="missing_input",
        reason=f"{why}; it takes an inclusion_probability that is the same for all items",
    )


def _nothing(about: About, confidence: float) -> Estimate:
    return Estimate(
        confidence=confidence, about=about, status="undefined", reason="there is no accepted item"
    )
