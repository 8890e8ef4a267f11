"""Batch after batch: an alarm that comes rarely while nothing changes, and soon when it does.

Every batch gives one standardised value, its shift against the fixed reference over its standard
error. An exponentially weighted average of them is compared with a limit that was set so that,
while nothing changes, an alarm comes after 200 batches on average or later.
"""

from dataclasses import dataclass
from math import log, sqrt
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from metrics.tables import Floats

WEIGHT: Final = 0.2
LIMIT: Final = 2.86
"""In standard deviations of the average: 363 batches between false alarms on normal values, 255
where tails are as heavy as Student's with 8 degrees of freedom (benchmarks/drift.py)."""
RUN_LENGTH: Final = 200
_BLOCK: Final = 4000


@dataclass(frozen=True, slots=True, eq=False)
class Monitor:
    """The weighted average after every batch, its limit, and whether it signals; shapes (T,)."""

    average: Floats
    limit: Floats
    signals: NDArray[np.bool_]
    run_length: int = RUN_LENGTH


def limit_for(series: int) -> float:
    """Return the limit for series watched together, so that none signals for 200 batches.

    Run lengths grow by a factor of e for every 0.35 of the limit, and by more further out.

    Examples
    --------
    >>> limit_for(1), round(limit_for(5), 2)
    (2.86, 3.42)
    """
    return LIMIT + log(max(series, 1)) / 2.85


def monitored(
    standardised: ArrayLike,
    *,
    reference_share: ArrayLike = 0.0,
    weight: float = WEIGHT,
    width: float = LIMIT,
) -> Monitor:
    """Follow the standardised shifts of a sequence of batches, oldest first.

    Is something creeping away that no single batch shows? A shift of one standard error that stays
    is found after about nine batches. Cumulative sums with as few false signals (k 0.5, h 4.75)
    were no quicker in 4,000 simulated sequences: shifts of 0.5, 1, 2 and 3 errors were found after
    35, 10.1, 3.9 and 2.5 batches, here after 35, 8.7, 2.8 and 1.5. So one chart is enough.

    Parameters
    ----------
    reference_share : share of the variance of each shift that comes from the reference, which all
        batches have in common and no average removes

    References
    ----------
    Roberts (1959), Control chart tests based on geometric moving averages, 10.2307/1266443;
    Lucas, Saccucci (1990), Exponentially weighted moving average control schemes, 10.2307/1269835

    Examples
    --------
    >>> monitored([0.5, 1.5, 3.5, 3.0]).signals.tolist()
    [False, False, True, True]
    """
    values = np.atleast_1d(np.asarray(standardised, dtype=np.float64))
    shares = np.broadcast_to(np.asarray(reference_share, dtype=np.float64), values.shape)
    average, limit = np.empty(len(values)), np.empty(len(values))
    last = common = own = 0.0
    kept = 1.0 - weight
    for place, (value, share) in enumerate(zip(values.tolist(), shares.tolist(), strict=True)):
        last = weight * value + kept * last
        # Errors of the reference add up, being one and the same; those of batches average out.
        common = weight * sqrt(share) + kept * common
        own = weight**2 * (1.0 - share) + kept**2 * own
        average[place], limit[place] = last, width * sqrt(common**2 + own)
    return Monitor(average, limit, np.abs(average) > limit)


def run_length(
    *,
    weight: float = WEIGHT,
    width: float = LIMIT,
    shift: float = 0.0,
    runs: int = 2000,
    freedom: float = np.inf,
    seed: int = 0,
) -> tuple[float, float]:
    """Return how many batches pass before an alarm on average, and the error of that figure.

    Parameters
    ----------
    shift : by which every batch lies off, in standard errors
    freedom : degrees of freedom of Student's t, whose values are drawn with variance 1
    runs, seed : of the simulation

    Examples
    --------
    >>> run_length(runs=400)[0] > 200, run_length(shift=1.0, runs=400)[0] < 12
    (True, True)
    """
    generator = np.random.default_rng(seed)
    waiting = np.arange(runs)
    average, length = np.zeros(runs), np.zeros(runs)
    for batch in range(1, 20 * _BLOCK):
        drawn = (
            generator.standard_normal(len(waiting))
            if np.isinf(freedom)
            else generator.standard_t(freedom, len(waiting)) * np.sqrt((freedom - 2) / freedom)
        )
        average = weight * (drawn + shift) + (1.0 - weight) * average
        grown = 1.0 - (1.0 - weight) ** (2 * batch)
        ends = np.abs(average) > width * np.sqrt(weight / (2.0 - weight) * grown)
        length[waiting[ends]] = batch
        waiting, average = waiting[~ends], average[~ends]
        if not len(waiting):
            break
    return float(length.mean()), float(length.std() / np.sqrt(runs))
