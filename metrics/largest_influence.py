"""The largest change that leaving out one annotator makes to a coefficient of agreement."""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from metrics import agreement
from metrics.estimates import Estimate
from metrics.influence import influence
from metrics.tables import UnitPatterns

COEFFICIENTS: Final[Mapping[str, Callable[[UnitPatterns], Estimate]]] = {
    "krippendorff_alpha": agreement.krippendorff_alpha,
    "percent_agreement": agreement.percent_agreement,
    "gwet_ac1": agreement.gwet_ac1,
}
MOST_PEOPLE: Final = 300
"""People left out one by one: those who answered most."""


def largest_influence(patterns: UnitPatterns, *, of: str = "krippendorff_alpha") -> Estimate:
    """Largest change, in either direction, that taking out one annotator makes to a coefficient.

    Does the agreement of this batch hang on one person? Exact: the person's answers are taken out
    of every item they are part of. In any crew somebody has the largest influence, and a small
    crew has much; the Annotators page shows what luck alone would give. It misleads as a reason to
    drop somebody: the one whose labels differ most may be the one who is right. Of more than 300
    people those who answered most are tried.

    Parameters
    ----------
    patterns : UnitPatterns, with annotators
    of : {"krippendorff_alpha", "percent_agreement", "gwet_ac1"}
        The coefficient, with its options as they are by default.

    Returns
    -------
    Estimate
        From 0, a count of this batch without sampling error; n in annotators. Undefined with
        fewer than two annotators, or where the coefficient is undefined; insufficient where it is
        so without some of them.

    Raises
    ------
    ValueError
        For another coefficient.

    References
    ----------
    Cook (1977), Detection of influential observation in linear regression,
    10.1080/00401706.1977.10489493 (deletion of one)

    Examples
    --------
    >>> from metrics.tables import AnnotatorPatterns
    >>> rows = np.array([[0, 0, 0, 8], [1, 0, 0, 8], [2, 0, 0, 8],
    ...     [0, 1, 0, 4], [1, 1, 0, 4], [2, 1, 1, 4]])
    >>> table = UnitPatterns(("a", "b"), "nominal", np.array([[3, 0], [2, 1]]), np.array([8, 4]),
    ...     annotators=AnnotatorPatterns(("p", "q", "r"), *rows.T))
    >>> round(largest_influence(table, of="percent_agreement").value, 3)
    0.222
    """
    if of not in COEFFICIENTS:
        raise ValueError(f"influence on {of!r} is not known; there are {', '.join(COEFFICIENTS)}")
    given = patterns.annotators
    people = 0 if given is None else len(given.annotators)
    blank = Estimate(
        n=people, n_unit="annotators", about="batch", method=f"exact change of {of} without each"
    )
    if given is None or people < 2:
        return blank.but(status="undefined", reason="there is nobody else to be left with")
    work = np.bincount(given.annotator, given.count, people)
    tried = np.argsort(-work, kind="stable")[:MOST_PEOPLE]
    changes = influence(patterns, lambda table: COEFFICIENTS[of](table).value, tried.tolist())
    known = np.abs(changes[np.isfinite(changes)])
    if not len(known):
        return blank.but(status="undefined", reason=f"{of} is not defined here")
    lost = len(changes) - len(known)
    value = float(known.max())
    return blank.but(
        value=value,
        low=value,
        high=value,
        status="insufficient" if lost else "ok",
        reason=f"{of} is not defined without {lost} of the annotators" if lost else "",
    )
