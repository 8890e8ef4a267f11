"""How much a person's labels say about the items: dependence on what the others said."""

from dataclasses import replace

import numpy as np
from scipy.special import chdtri

from metrics.funnel import UNLUCKY, Measured, Outlying, detects, outlying, p_values
from metrics.leave_one_out import (
    INFORMATION_LABELS,
    NOTABLE_LOSS,
    USUAL_SPREAD,
    crew_rate,
    others_of,
    slope_of,
)
from metrics.signals import Signal
from metrics.tables import Floats, Integers, UnitPatterns

MINIMUM_ITEMS = 10


def association(table: Floats | Integers) -> float:
    """Cramér's V of a table, corrected for bias: 0 means that rows say nothing about columns.

    Says how much the labels have to do with the items, whatever the labels are called: somebody
    who swaps two labels throughout still carries information. Unlike the plain V it does not grow
    with few items.

    References
    ----------
    Bergsma (2013), A bias-correction for Cramér's V and Tschuprow's T, 10.1016/j.jkss.2012.10.002

    Examples
    --------
    >>> association(np.array([[25.0, 25.0], [25.0, 25.0]]))
    0.0
    >>> round(association(np.array([[0.0, 50.0], [50.0, 0.0]])), 2)
    1.0
    """
    return float(_association(np.asarray(table, dtype=np.float64)[None])[0])


def _association(tables: Floats, *, correct: bool = True) -> Floats:
    """V of each table of an array of shape (K, Q, Q)."""
    n = tables.sum(axis=(1, 2))
    rows, columns = tables.sum(axis=2), tables.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        independent = rows[:, :, None] * columns[:, None, :]
        cells = np.where(independent > 0, tables**2 / independent, 0.0)
        phi = np.maximum(cells.sum(axis=(1, 2)) - 1.0, 0.0)
        r, c = ((side > 0).sum(axis=1).astype(np.float64) for side in (rows, columns))
        if correct:
            phi = np.maximum(0.0, phi - (r - 1.0) * (c - 1.0) / (n - 1.0))
            r, c = (side - (side - 1.0) ** 2 / (n - 1.0) for side in (r, c))
        least = np.minimum(r, c) - 1.0
        return np.sqrt(np.where(least > 0, np.minimum(phi / least, 1.0), 0.0))


def information(patterns: UnitPatterns) -> tuple[Measured, Floats]:
    """Dependence of each person's labels on the label most others gave, against the crew's.

    expected is V of the table the crew would have made on items with the same other votes; its
    variance is that of a sample of n from this table, by the jackknife.

    Returns
    -------
    standing : Measured
        With the plain V less its usual bias: corrected V is cut at 0, and what is cut off looks
        further from the crew than it is.
    shown : ndarray of shape (A,)
        V corrected for bias.
    """
    others = others_of(patterns)
    given, size = others.given, len(patterns.labels)
    people = len(given.annotators)
    used = np.where(others.counted, given.count, 0)
    own, usual = (np.zeros((people, size, size)) for _ in range(2))
    np.add.at(own, (given.annotator, others.mode, given.label), used)
    for label in np.flatnonzero(np.bincount(given.label, used, size)):
        rate = crew_rate(others, np.where(given.label == label, used, 0), used, people)
        np.add.at(usual, (given.annotator, others.mode, np.full(len(used), label)), used * rate)
    n = own.sum(axis=(1, 2))
    kept = n >= MINIMUM_ITEMS
    blank = np.full(people, np.nan)
    tested, shown, expected, variance = (blank.copy() for _ in range(4))
    shown[kept] = _association(own[kept])
    expected[kept] = _association(usual[kept], correct=False)
    plain = _association(own[kept], correct=False)
    tested[kept] = plain - _bias(expected[kept], size, n[kept])
    variance[kept] = [_variance(table) for table in usual[kept]]
    return Measured(tested, expected, variance, n.astype(np.int64)), shown


def _bias(expected: Floats, labels: int, n: Floats) -> Floats:
    """Return how much more than expected the plain V of n items is on average."""
    raised = np.minimum(expected**2 + (labels - 1.0) / (n - 1.0), 1.0)
    return np.asarray(np.maximum(np.sqrt(raised) - expected, 0.0))


def _variance(table: Floats) -> float:
    """Jackknife variance of V over the items of a table with fractional counts."""
    cells = np.argwhere(table > 0.01)
    amount = table[tuple(cells.T)]
    without = np.repeat(table[None], len(cells), axis=0)
    step = np.minimum(amount, 1.0)
    without[np.arange(len(cells)), cells[:, 0], cells[:, 1]] -= step
    value = float(_association(table[None], correct=False)[0])
    slope = (value - _association(without, correct=False)) / step
    mean = float((amount * slope).sum() / amount.sum())
    return float((amount * (slope - mean) ** 2).sum())


def _p_if_blind(place: Measured, outside: Outlying, labels: int) -> Floats:
    """Return the p-value of V that chance exceeds in 1 of 10 cases; 1 where V shown is not low."""
    size, steps = np.maximum(place.n, MINIMUM_ITEMS).astype(np.float64), labels - 1.0
    phi = chdtri(steps**2, UNLUCKY) / size
    shown = np.sqrt(np.maximum(phi - steps**2 / (size - 1.0), 0.0) / steps)
    tested = np.sqrt(np.minimum(phi / steps, 1.0)) - _bias(place.expected, labels, size)
    p_value = p_values(replace(place, observed=tested), outside)
    with np.errstate(invalid="ignore"):
        return np.where(shown <= place.expected / 2.0, np.nan_to_num(p_value, nan=1.0), 1.0)


def information_signals(patterns: UnitPatterns, question: str, family: int = 0) -> list[Signal]:
    """Return one sign a person: what their labels tell about the items; none on many labels."""
    if not 2 <= len(patterns.labels) <= INFORMATION_LABELS or patterns.annotators is None:
        return []
    place, shown = information(patterns)
    people = patterns.annotators.annotators
    slope = slope_of(patterns, place, 0.0)
    outside = outlying(place, USUAL_SPREAD * slope, is_share=False, is_bounded=True)
    seen = detects(outside, place.expected, family or len(people))
    if_blind = _p_if_blind(place, outside, len(patterns.labels))
    signals = []
    for one in np.flatnonzero(place.n >= MINIMUM_ITEMS):
        observed, expected = float(shown[one]), float(place.expected[one])
        n, error = int(place.n[one]), float(place.variance[one]) ** 0.5
        signals.append(
            Signal(
                person=people[one],
                kind="information",
                question=question,
                side="low" if observed < expected else "high",
                value=observed,
                expected=expected,
                n=n,
                n_unit="items",
                p_value=float(outside.p_value[one]),
                notable=abs(observed - expected) >= NOTABLE_LOSS * slope,
                detectable=bool(seen[one]),
                note=(
                    f"labels depend on the item with strength {observed:.2f} (0 none, 1 wholly),"
                    f" where {expected:.2f} is usual on the same items; {n} items"
                ),
                low=max(0.0, observed - 1.96 * error),
                high=min(1.0, observed + 1.96 * error),
                blind=0.0,
                if_blind=float(if_blind[one]),
            )
        )
    return signals
