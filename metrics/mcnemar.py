"""McNemar's test: whether two judges of the same things say yes equally often."""

from dataclasses import dataclass
from math import erfc, nan, sqrt

from scipy.special import betainc

EXACT_BELOW = 25
"""With fewer discordant pairs the chi-square is not near enough, and the exact test is taken."""


@dataclass(frozen=True, slots=True)
class McNemar:
    """Result of the test.

    Attributes
    ----------
    only_first, only_second : pairs in which only the first, or only the second, said yes (b, c)
    statistic, p_chi_square : (b - c)² / (b + c) and its tail, one degree of freedom
    corrected, p_corrected : the same with the continuity correction (|b - c| - 1)²
    p_exact : two-sided binomial tail
    p_value, method : the one to report: exact where b + c is below 25
    n : pairs
    difference : share of yes of the first minus that of the second
    """

    only_first: int
    only_second: int
    n: int
    statistic: float
    p_chi_square: float
    corrected: float
    p_corrected: float
    p_exact: float
    p_value: float
    method: str
    difference: float


def mcnemar(only_first: int, only_second: int, n: int) -> McNemar:
    """Compare how often two judges say yes, from the things on which they differ.

    Does one stage of review accept more than the other, on the same answers? Only paired
    judgements count. It misleads where the second judge saw what the first one said, and it says
    nothing about how often they agree.

    Parameters
    ----------
    only_first, only_second : int, at least 0
        Things to which only the first, or only the second, said yes.
    n : int
        All things both judged.

    Returns
    -------
    McNemar
        p is 1 and the statistics are nan where they never differ.

    References
    ----------
    McNemar (1947), Note on the sampling error of the difference between correlated proportions or
    percentages, 10.1007/BF02295996; Agresti, Categorical Data Analysis, approval ratings

    Examples
    --------
    >>> test = mcnemar(86, 150, 1600)
    >>> round(test.statistic, 7), round(test.corrected, 7)
    (17.3559322, 16.8177966)
    """
    b, c = only_first, only_second
    if min(b, c) < 0 or b + c > n:
        raise ValueError(
            f"{b} and {c} discordant of {n} pairs; both at least 0, together at most n"
        )
    differing = b + c
    difference = (b - c) / n if n else nan
    if not differing:
        return McNemar(b, c, n, nan, 1.0, nan, 1.0, 1.0, 1.0, "no pair differs", difference)
    plain = (b - c) ** 2 / differing
    corrected = max(abs(b - c) - 1, 0) ** 2 / differing
    least = min(b, c)
    # P(X <= k) for X binomial(n, 1/2) is a regularised incomplete beta function.
    exact = 1.0 if b == c else min(1.0, 2 * float(betainc(differing - least, least + 1, 0.5)))
    tails = _tail(plain), _tail(corrected)
    small = differing < EXACT_BELOW
    return McNemar(
        only_first=b,
        only_second=c,
        n=n,
        statistic=plain,
        p_chi_square=tails[0],
        corrected=corrected,
        p_corrected=tails[1],
        p_exact=exact,
        p_value=exact if small else tails[0],
        method="exact binomial test" if small else "chi-square, 1 degree of freedom",
        difference=difference,
    )


def _tail(chi_square: float) -> float:
    """Return P(X >= x) of chi-square with one degree of freedom."""
    return erfc(sqrt(chi_square / 2))
