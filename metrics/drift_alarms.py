"""When a shift is an alarm: one error rate for all slices, a floor, and a control by chance.

Of the 5 % that a comparison may raise an alarm although nothing changed, alarms about labels take
3 points and all other families together (speed, agreement, severity, text) 2. Within each, Holm's
rule over everything that was tested holds the rate whatever depends on what.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from math import isnan, nan
from typing import Final

import numpy as np
from scipy.special import xlogy

from metrics.acceptance import holm as rejected
from metrics.clusters import Clusters, all_labels, cluster_sums, with_labels
from metrics.overlap import holm as adjusted
from metrics.shift_tests import Shift, label_p_values, slice_p_value, smallest_shift
from metrics.tables import Floats

LABEL_LEVEL: Final = 0.03
OTHER_LEVEL: Final = 0.02
DISTANCE_FLOOR: Final = 0.05
"""Total variation below which a shift does not matter, unless its divergence does."""
DIVERGENCE_FLOOR: Final = 0.01
"""Jensen-Shannon divergence, in bits, from which a shift matters however few labels moved."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """What the family makes of one test.

    Attributes
    ----------
    p_adjusted : p-value after Holm's rule over the family; nan where nothing was tested
    is_raised : whether the shift is an alarm: beyond chance and large enough to matter
    is_beyond_chance : whether it is beyond chance, however small
    """

    p_adjusted: float
    is_raised: bool
    is_beyond_chance: bool


def alarms(p_values: Sequence[float], large: Sequence[bool], level: float) -> list[Alarm]:
    """Judge the tests of one family together.

    Parameters
    ----------
    p_values : one a slice; nan where it could not be tested, which does not count as a test
    large : whether the shift passes the practical floor
    level : chance of any false alarm in the family

    References
    ----------
    Holm (1979), A simple sequentially rejective multiple test procedure, Scandinavian Journal of
    Statistics 6:65-70

    Examples
    --------
    >>> [one.is_raised for one in alarms([0.001, 0.004, 0.2, float("nan")], [True] * 4, 0.03)]
    [True, True, False, False]
    """
    tested = [place for place, p in enumerate(p_values) if not isnan(p)]
    corrected = dict(zip(tested, adjusted([p_values[place] for place in tested]), strict=True))
    beyond = dict(zip(tested, rejected([p_values[place] for place in tested], level), strict=True))
    return [
        Alarm(
            p_adjusted=corrected.get(place, nan),
            is_raised=beyond.get(place, False) and bool(large[place]),
            is_beyond_chance=beyond.get(place, False),
        )
        for place in range(len(p_values))
    ]


def is_large(before: Floats, after: Floats) -> Floats:
    """Return whether shares moved enough to matter, over the last axis."""
    distance = np.abs(after - before).sum(axis=-1) / 2.0
    middle = (before + after) / 2.0
    entropy = [-xlogy(part, part).sum(axis=-1) for part in (middle, before, after)]
    divergence = (entropy[0] - (entropy[1] + entropy[2]) / 2.0) / np.log(2.0)
    return np.asarray((distance >= DISTANCE_FLOOR) | (divergence >= DIVERGENCE_FLOOR))


def detectable(shift: Shift, tests: int) -> float:
    """Return the shift of one label that an alarm would have found with 80 % power.

    Parameters
    ----------
    tests : slices tested together, of which this may be the one that has to pass first
    """
    return smallest_shift(shift, LABEL_LEVEL / max(tests, 1), floor=DISTANCE_FLOOR)


@dataclass(frozen=True, slots=True)
class Control:
    """Alarms on batches made by chance.

    Attributes
    ----------
    rate : share of permuted batches with any alarm
    batches : how many were made
    seed : of the permutations
    """

    rate: float
    batches: int
    seed: int


def permuted_control(
    slices: Sequence[tuple[Clusters, Clusters]], *, batches: int = 200, seed: int = 0
) -> Control:
    """How often the alarms go off when chance decides what is reference and what is batch.

    In every slice the clusters of both sides are shuffled and dealt out again, and the slices are
    judged as they are. About 3 % or less may go off; more means that these data do not meet what
    the tests assume.

    Parameters
    ----------
    slices : reference and batch of every slice that is tested
    batches : permuted batches
    seed : of the permutations; derive it from the digests
    """
    if not slices:
        return Control(nan, 0, seed)
    # A stream of its own for every slice: the draws do not depend on which thread comes first.
    streams = np.random.default_rng(seed).spawn(len(slices))
    with ThreadPoolExecutor() as pool:
        found = list(pool.map(_permuted, slices, streams, repeat(batches)))
    p_values = np.stack([p for p, _ in found], axis=1)
    large = np.stack([floor for _, floor in found], axis=1)
    raised = [
        any(one.is_raised for one in alarms(p.tolist(), floor.tolist(), LABEL_LEVEL))
        for p, floor in zip(p_values, large, strict=True)
    ]
    return Control(float(np.mean(raised)), batches, seed)


def _permuted(
    pair: tuple[Clusters, Clusters], generator: np.random.Generator, batches: int
) -> tuple[Floats, Floats]:
    """Return p-value and floor of one slice over permuted batches."""
    reference, batch = pair
    labels = all_labels(reference.labels, batch.labels)
    sides = with_labels(reference, labels), with_labels(batch, labels)
    times = np.concatenate([side.multiplicity for side in sides])
    counts = np.concatenate([side.counts for side in sides])
    everything = Clusters(labels, counts, times, batch.unit)
    drawn = generator.multivariate_hypergeometric(
        times, batch.number, size=batches, method="marginals"
    ).astype(np.float64)
    first, second = cluster_sums(everything, times - drawn), cluster_sums(everything, drawn)
    sizes = counts.sum(axis=1)
    residual = counts - np.outer(sizes, (times @ counts) / (times @ sizes))
    squares = residual * residual
    cubes = times @ (squares * residual)
    p = slice_p_value(label_p_values(first, second, times @ squares, cubes))
    return p, is_large(first.shares, second.shares)
