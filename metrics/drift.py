"""Drift as estimates: how far labels are from a reference, and how many alarms that makes."""

from math import isfinite
from typing import cast

import numpy as np

from metrics import label_distances
from metrics.distances import label_positions
from metrics.drift_alarms import Alarm
from metrics.estimates import Estimate
from metrics.shift_tests import Shift
from metrics.tables import Level

ORDERED = ("ordinal", "interval", "ratio")


def label_drift(shift: Shift, level: Level = "nominal", *, against: str = "") -> Estimate:
    """Share of the labels that would have to move to give the shares of the reference.

    Do people say the same as in the batch that was accepted? Total variation distance: 0 the same
    shares, 1 no label in common. Even without drift it is above 0, by `by_chance` of the
    provenance; its lower limit is above 0 only where labels moved. It misleads alone: other items
    move labels as well as other people, see the parts on the page Drift.

    Parameters
    ----------
    shift : Shift
        Of one question or slice, from `metrics.shift_tests.label_shift`.
    level : level of the question; ordered labels get a Wasserstein distance in the provenance
    against : str
        Id of the reference, or `previous`.

    Returns
    -------
    Estimate
        0 nothing moved, 1 everything. n counts prompts or items of the smaller side. Undefined
        where a side has no answers, insufficient where it has too few prompts or items.

    References
    ----------
    Levin, Peres (2017), Markov Chains and Mixing Times, 2nd ed., 4.1 (total variation)

    Examples
    --------
    >>> import numpy as np
    >>> from metrics.clusters import Clusters
    >>> from metrics.shift_tests import label_shift
    >>> numbers = np.array([90, 60]), np.array([50, 50])
    >>> sides = (Clusters(("a", "b"), np.eye(2, dtype=int), each) for each in numbers)
    >>> round(label_drift(label_shift(*sides)).value, 3)
    0.1
    """
    del against  # the shift was made against it
    how = (
        f"total variation; interval by the norm of the error, by {shift.unit}; p the larger of"
        f" exchange of {shift.unit} (Pearson type III) and Student's t, times the labels"
    )
    blank = Estimate(value=shift.distance, n=min(shift.clusters), n_unit=shift.unit, method=how)
    if not min(shift.annotations):
        return blank.but(status="undefined", reason=shift.reason)
    facts = _facts(shift, level)
    if shift.reason:
        return blank.but(status="insufficient", reason=shift.reason, provenance=facts)
    return blank.but(low=shift.low, high=shift.high, provenance=facts)


def drift_alarms(found: list[Alarm], *, against: str = "") -> Estimate:
    """Count the alarms of a comparison: labels, agreement, speed and severity together.

    Did anything move that matters? Beyond chance after correction for everything looked at, and
    large enough. Without any change one comparison in twenty has an alarm at most.

    Parameters
    ----------
    found : list of Alarm
        One for everything that was compared; p_adjusted is nan where it could not be tested.
    against : str
        Id of the reference, or `previous`.

    Returns
    -------
    Estimate
        A count without sampling error. Undefined where nothing could be tested: no alarm is then
        no evidence. n counts the tests.

    References
    ----------
    Holm (1979), A simple sequentially rejective multiple test procedure, Scandinavian Journal of
    Statistics 6:65-70

    Examples
    --------
    >>> from metrics.drift_alarms import alarms
    >>> found = drift_alarms(alarms([0.001, 0.4], [True, True], 0.03))
    >>> found.value, found.n
    (1.0, 2)
    """
    del against
    tested = [one for one in found if isfinite(one.p_adjusted)]
    blank = Estimate(
        n=len(tested),
        n_unit="tests",
        about="batch",
        method="alarms after Holm's rule: labels 3 %, other families 2 %",
        is_count=True,
    )
    if not tested:
        return blank.but(status="undefined", reason="nothing could be tested: too few items")
    count = float(sum(one.is_raised for one in tested))
    return blank.but(value=count, low=count, high=count)


def _facts(shift: Shift, level: Level) -> dict[str, float | int | str]:
    """Return the other distances of a shift, those that exist."""
    counts = [shift.before * shift.annotations[0], shift.after * shift.annotations[1]]
    facts: dict[str, float] = {
        "jensen_shannon_bits": label_distances.jensen_shannon(counts[0], counts[1]),
        "hellinger": label_distances.hellinger(counts[0], counts[1]),
    }
    if level in ORDERED:
        places = label_positions(shift.labels, level)
        facts["wasserstein"] = label_distances.wasserstein(counts[0], counts[1], places)
    if not shift.reason and isfinite(shift.design_effect):
        index = label_distances.stability_index(
            counts[0], counts[1], design_effect=shift.design_effect
        )
        facts |= {
            "by_chance": shift.by_chance,
            "design_effect": shift.design_effect,
            "stability_index": index.value,
            "stability_index_debiased": index.debiased,
            "stability_index_by_chance": index.null_mean,
            "stability_index_limit": index.null_limit,
            "cramer_v": label_distances.cramer_v(np.stack(counts)),
        }
    sizes = {
        "annotations_reference": shift.annotations[0],
        "annotations_batch": shift.annotations[1],
    }
    known = {name: value for name, value in facts.items() if isfinite(value)}
    return cast("dict[str, float | int | str]", {**sizes, **known})
