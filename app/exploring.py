"""Every label of every slice, for those who look around: q-values, never an alarm."""

from math import isfinite

from app.drift import Drift, SliceShift
from app.text import chance
from metrics.joining import benjamini_hochberg


def label_q_values(report: Drift, one: SliceShift) -> dict[str, str]:
    """Return label -> q-value among all labels of all slices of the report, in words."""
    tested = [
        (each is one, label, float(p))
        for each in report.results
        for label, p in zip(each.shift.labels, each.shift.label_p, strict=True)
        if isfinite(p)
    ]
    shown = dict.fromkeys(one.shift.labels, "–")
    found = benjamini_hochberg([p for _, _, p in tested])
    for (is_own, label, _), q in zip(tested, found, strict=True):
        if is_own:
            shown[label] = chance(q)
    return shown
