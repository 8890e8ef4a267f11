"""How much of a crew, and of its work, is flagged: a count with what could not have been seen."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from metrics.estimates import Estimate
from metrics.tables import Integers

Share = Literal["annotators", "annotations"]


@dataclass(frozen=True, slots=True, eq=False)
class FlaggedCrew:
    """Everybody of a batch: flagged or not, visible or not, and answers given; each (A,)."""

    flagged: NDArray[np.bool_]
    unseen: NDArray[np.bool_]
    annotations: Integers


def flagged_annotators(crew: FlaggedCrew, *, share: Share = "annotators") -> Estimate:
    """Share of the annotators with a flag, or of the answers they gave.

    How much of this batch did people do whom somebody should look at? A flag is a reason to read
    ten items and no proof. The upper limit counts those as flagged who did too little for
    carelessness to be seen: nobody flagged among people nobody could have judged is no evidence.
    It misleads as a measure of quality: flags are rare by design.

    Parameters
    ----------
    crew : FlaggedCrew
    share : {"annotators", "annotations"}
        Of the people, or of the answers, which counts people by what they did.

    Returns
    -------
    Estimate
        From 0 to 1, about this batch. Low is the value, high what it would be with everybody
        flagged who could not have been seen. Undefined where nobody answered.

    References
    ----------
    Manski (2003), Partial Identification of Probability Distributions, ch. 1 (bounds where part
    of the data cannot tell)

    Examples
    --------
    One of four is flagged, and one did too little to tell.

    >>> crew = FlaggedCrew(np.array([True, False, False, False]),
    ...     np.array([False, True, False, False]), np.array([100, 5, 95, 100]))
    >>> found = flagged_annotators(crew)
    >>> found.value, found.low, found.high, found.n
    (0.25, 0.25, 0.5, 4)
    >>> round(flagged_annotators(crew, share="annotations").high, 2)
    0.35
    """
    weight = np.ones_like(crew.annotations) if share == "annotators" else crew.annotations
    n = int(weight.sum())
    blank = Estimate(
        n=n,
        n_unit=share,
        about="batch",
        method="share; from the flagged to the flagged and those too little is known of",
    )
    if not n:
        return blank.but(status="undefined", reason="nobody answered anything")
    value = float(weight[crew.flagged].sum()) / n
    hidden = float(weight[crew.unseen & ~crew.flagged].sum()) / n
    if not hidden:
        return blank.but(value=value, low=value, high=value)
    people = int((crew.unseen & ~crew.flagged).sum())
    said = f"{people:,} annotators did too little for carelessness to be seen"
    return blank.but(value=value, low=value, high=value + hidden, provenance={"bounds": said})
