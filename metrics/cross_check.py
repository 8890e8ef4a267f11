"""Krippendorff's alpha computed a second time, by the package of that name."""

from math import nan
from typing import TYPE_CHECKING, cast

import krippendorff
import numpy as np

from metrics.agreement import krippendorff_alpha
from metrics.distances import SetDistance, alpha_distance, label_numbers
from metrics.limits import LARGEST_CROSS_CHECK
from metrics.tables import Integers, Level, UnitPatterns

if TYPE_CHECKING:
    from krippendorff.krippendorff import DistanceMetric, LevelOfMeasurement


def krippendorff_difference(
    patterns: UnitPatterns, level: Level | None = None, *, distance: SetDistance = "masi"
) -> float:
    """Alpha by the `krippendorff` package less alpha by our own code.

    Do two independent implementations agree on this very data? It misleads as comfort about the
    data: both take the same counts, so a wrong count is wrong in both.

    Parameters
    ----------
    patterns : UnitPatterns
    level : {"nominal", "ordinal", "interval", "ratio", "set", "ranking"}, optional
        That of the question unless given.
    distance : {"masi", "jaccard"}
        Distance between sets, at level set.

    Returns
    -------
    float
        About 1e-15 where all is well. nan where alpha is undefined, and where items x labels² is
        above 5 million: the package would need too much memory.

    References
    ----------
    Castro (2017), Fast Krippendorff, https://github.com/pln-fing-udelar/fast-krippendorff;
    Krippendorff (2011), Computing Krippendorff's alpha-reliability,
    https://repository.upenn.edu/handle/20.500.14332/2089

    Examples
    --------
    >>> patterns = UnitPatterns(
    ...     ("0", "1"), "nominal", np.array([[2, 0], [1, 1], [0, 2]]), np.array([5, 4, 1])
    ... )
    >>> abs(krippendorff_difference(patterns)) < 1e-12
    True
    """
    level = level or patterns.level
    ours = krippendorff_alpha(patterns, level=level, distance=distance).value
    several = patterns.counts.sum(axis=1) >= 2
    rows, items = patterns.counts[several], patterns.multiplicity[several]
    # The package raises on one value, and returns nan with a warning on an unused wider domain.
    used = np.flatnonzero(items @ rows)
    if len(used) < 2 or int(items.sum()) * len(used) ** 2 > LARGEST_CROSS_CHECK:
        return nan
    labels = tuple(patterns.labels[k] for k in used)
    return _package_alpha(np.repeat(rows[:, used], items, axis=0), labels, level, distance) - ours


def _package_alpha(
    counts: Integers, labels: tuple[str, ...], level: Level, distance: SetDistance
) -> float:
    domain = np.arange(float(len(labels)))
    named: LevelOfMeasurement
    if level in {"set", "ranking"}:
        # Labels are codes here: the distances are ours, the counting is the package's.
        table = alpha_distance(labels, level, distance)
        named = cast("DistanceMetric", lambda *_, i1, i2, **__: table[i1, i2])
    else:
        # Always named: the package's default is interval.
        named = cast("LevelOfMeasurement", level)
    if level in {"interval", "ratio"}:
        # The package wants an ordered domain.
        numbers = label_numbers(labels)
        order = np.argsort(numbers)
        domain, counts = numbers[order], counts[:, order]
    return float(
        krippendorff.alpha(value_counts=counts, value_domain=domain, level_of_measurement=named)
    )
