"""One person's rate against what the others would have shown on the same kind of work.

Indirect standardisation, the person left out: in every stratum the others' rate says what to
expect, so that somebody who got the hard items is not blamed for them. People differ a little even
where nothing is wrong; a difference counts only beyond that natural spread.
"""

from dataclasses import dataclass
from math import erfc, nan, sqrt

import numpy as np

from metrics.intervals import score_interval
from metrics.tables import Floats

PULL = 2.0
"""Cases by which a thin stratum is drawn to the others' rate over all strata."""
LEAST_SHARED = 0.5
"""Below this share of work in strata that others saw too, nothing is compared."""
FEWEST_OTHERS = 2
"""With one other person two differ, and nothing says which of them is off."""
_Z_TEST, _Z_POWER = 1.959964, 0.8416212
_NORMAL_MAD = 1.4826


@dataclass(frozen=True, slots=True)
class Comparison:
    """One person against the others.

    Attributes
    ----------
    rate, expected : own share of hits, and that of others on the same mix
    low, high : limits of the own rate, natural spread between people not included
    n : own cases
    p_value : two-sided, against sampling error and the natural spread; nan where not comparable
    reach : smallest difference that would be found in 8 of 10 cases; nan where not comparable
    shared : share of the own cases in strata that others saw too
    """

    rate: float
    expected: float
    low: float
    high: float
    n: int
    p_value: float
    reach: float
    shared: float


def against_others(
    hits: Floats,
    cases: Floats,
    *,
    natural_spread: float,
    base: tuple[Floats, Floats] | None = None,
) -> list[Comparison]:
    """Compare every person with the others, stratum by stratum.

    Does somebody overturn, miss or lose more than the others would have on the same work? It
    misleads where strata leave out what made the work hard, and where more than a few of the
    others are off themselves.

    Parameters
    ----------
    hits, cases : ndarray of shape (people, strata)
        How often it happened, and of how many.
    natural_spread : float
        Least standard deviation by which sound people differ from each other; the spread that is
        seen (median absolute deviation, sampling error taken off) is used where it is larger.
    base : hits and cases of the others for each person; all minus the own when None

    Returns
    -------
    list of Comparison, one a person

    References
    ----------
    Spiegelhalter (2005), Funnel plots for comparing institutional performance, 10.1002/sim.1970,
    with the person left out of the reference and an additive spread between people
    """
    others = base or (hits.sum(axis=0) - hits, cases.sum(axis=0) - cases)
    difference, variance, rate, expected, shared, stretched = _differences(hits, cases, *others)
    comparable = np.isfinite(difference)
    found = []
    for place in range(len(hits)):
        rest = comparable.copy()
        rest[place] = False
        n = int(cases[place].sum())
        limits = score_interval(float(rate[place]), n, _Z_TEST) if n else (nan, nan)
        own = (float(rate[place]), float(expected[place]), *limits, n)
        if not comparable[place] or rest.sum() < FEWEST_OTHERS:
            found.append(Comparison(*own, nan, nan, float(shared[place])))
            continue
        spread = _spread(difference[rest], variance[rest], natural_spread)
        error = sqrt(variance[place] + spread**2)
        # Below the expected rate sampling error is smaller than at it, above it is larger; the
        # natural spread, which is the same everywhere, keeps rare events from looking sure.
        apart = max(abs(difference[place]), abs(stretched[place]) * _slope(expected[place]))
        z = apart / error
        found.append(
            Comparison(
                *own,
                p_value=max(erfc(z / sqrt(2)), 1e-300),
                reach=(_Z_TEST + _Z_POWER) * error,
                shared=float(shared[place]),
            )
        )
    return found


def _differences(
    hits: Floats, cases: Floats, other_hits: Floats, other_cases: Floats
) -> tuple[Floats, Floats, Floats, Floats, Floats, Floats]:
    """Return difference to the expected rate, its variance, rate, expected rate, shared work.

    The last is the difference on the arcsine scale, on which a rate near 0 or 1 has the same
    sampling error as one in the middle.
    """
    own = cases.sum(axis=1)
    seen = other_cases.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        overall = np.where(seen > 0, (other_hits.sum(axis=1) + 0.5) / (seen + 1), nan)
        known = other_cases > 0
        mean = (other_hits + PULL * overall[:, None]) / (other_cases + PULL)
        # What nobody else saw cannot be compared, and is left out of both sides.
        weight = np.where(known, cases, 0.0)
        n = weight.sum(axis=1)
        expected = (weight * mean).sum(axis=1) / n
        own_hits = np.where(known, hits, 0.0).sum(axis=1)
        compared = own_hits / n
        steady = (own_hits + 0.375) / (n + 0.75)
        stretched = 2 * (np.arcsin(np.sqrt(steady)) - np.arcsin(np.sqrt(expected)))
        spread = mean * (1 - mean)
        variance = (weight * spread + weight**2 * spread / (other_cases + PULL)).sum(axis=1) / n**2
        shared = n / own
        rate = hits.sum(axis=1) / own
        difference = np.where(shared >= LEAST_SHARED, compared - expected, nan)
    return difference, variance, rate, expected, np.nan_to_num(shared), stretched


def _slope(share: float) -> float:
    """Return how far the share moves when the arcsine scale moves by one."""
    return sqrt(share * (1 - share))


def _spread(difference: Floats, variance: Floats, floor: float) -> float:
    """Return the standard deviation between people, robust against a few who are off."""
    deviation = np.abs(difference - np.median(difference))
    raw = _NORMAL_MAD * float(np.median(deviation))
    return max(floor, sqrt(max(raw**2 - float(np.median(variance)), 0.0)))
