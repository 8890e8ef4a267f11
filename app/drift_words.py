"""What drift means in sentences; command and page say the same."""

from math import isfinite

from app.drift import Drift, OtherShift, SliceShift
from app.text import count, counted
from metrics.decomposition import Decomposition

CAUSE_WORDS = {
    "item_mix": "other items",
    "annotator_mix": "other people",
    "guideline": "the guideline",
    "residual": "what is not recorded",
}
FAMILY_WORDS = {"agreement": "agreement", "speed": "speed", "severity": "severity", "text": "text"}


def points(share: float, *, sign: bool = False) -> str:
    """Return a difference of shares in percentage points."""
    if not isfinite(share):
        return "–"
    return f"{100 * share:+.1f}" if sign else f"{100 * share:.1f}"


def place_name(one: SliceShift) -> str:
    """Return the slice in words."""
    return ", ".join(f"{name} = {value}" for name, value in one.place) or "all"


def state_of(one: SliceShift | OtherShift) -> str:
    """Return alarm, small (beyond chance, but too small to matter), quiet, or untested."""
    if not isfinite(one.shift.p_value):
        return "untested"
    if one.alarm.is_raised:
        return "alarm"
    return "small" if one.alarm.is_beyond_chance else "quiet"


STATE_WORDS = {
    "alarm": "moved",
    "small": "moved, too little to matter",
    "quiet": "no drift found",
    "untested": "cannot be tested",
}


def found(one: SliceShift) -> str:
    """Say what moved most, or what would have been found."""
    state, shift = state_of(one), one.shift
    if state == "untested":
        return shift.reason or "no label varies: nothing to test"
    if state == "quiet":
        return f"a label that moved by {points(one.minimum_detectable)} points would have been seen"
    place = shift.labels.index(shift.most)
    return (
        f"{shift.most} {points(shift.before[place])} % → {points(shift.after[place])} %;"
        f" {points(one.distance.value)} % of the labels would have to move"
    )


def why(found: Decomposition | None) -> str:
    """Say what moved the labels, in parts."""
    if found is None:
        return ""
    parts = [
        f"{CAUSE_WORDS[cause]} {points(part.value, sign=True)}"
        for cause, part in found.parts.items()
        if part.is_clear
    ]
    if found.not_separable:
        names = " or ".join(CAUSE_WORDS[cause] for cause in found.not_separable)
        parts.append(f"{names} {points(found.together, sign=True)}, not separable")
    remark = " · mix and change point apart (Simpson)" if found.is_reversed else ""
    remark += " · parts cancel out" if found.masks else ""
    said = "; ".join(parts) or "no cause stands out"
    return f"{found.label} {points(found.shift, sign=True)} points: {said}{remark}"


def attribute_note(found: Decomposition) -> str:
    """Say by which attribute items are told apart."""
    tried = f", tried beside {', '.join(found.beside)}" if found.beside else ""
    most = ", whose mix moved labels most" if found.beside else ""
    return f"Items are told apart by {found.attribute}{most}{tried}."


def lead(report: Drift) -> tuple[str, str]:
    """Say in a sentence what moved and what did not, and in another why."""
    moved = [one for one in report.results if one.alarm.is_raised]
    families = [one for one in report.other if one.alarm.is_raised]
    tested = [one for one in report.results if isfinite(one.shift.p_value)]
    if not tested:
        return "Nothing could be tested", "; ".join(report.notes[:2]) or "too few items"
    words = []
    for name in sorted({one.question for one in moved}):
        slices = [one for one in moved if one.question == name]
        whole = any(not one.place for one in slices)
        where = "" if whole else f" in {'; '.join(map(place_name, slices[:3]))}"
        words.append(f"labels of {name} moved{where}")
    words += [f"{FAMILY_WORDS[one.shift.family]} of {one.shift.question} moved" for one in families]
    told = " and ".join(words) if words else "no drift found"
    if not moved and families:
        told += ", labels did not"
    seen = max((one.minimum_detectable for one in tested if not one.place), default=float("nan"))
    rest = [why(one.decomposition) for one in moved if not one.place][:2]
    if not moved and isfinite(seen):
        rest.append(
            f"A label that moved by {points(seen)} points in the whole would have been seen"
        )
    hidden = [
        one for one in report.results
        if not one.place and one.decomposition is not None and one.decomposition.masks
    ]  # fmt: skip
    if hidden:
        rest.append(f"In all of {hidden[0].question}, {why(hidden[0].decomposition)}")
    return told[0].upper() + told[1:], ". ".join(dict.fromkeys(rest))


def size_note(one: SliceShift) -> str:
    """Return on what a slice rests."""
    before, after = one.shift.clusters
    return f"{count(before)} → {counted(after, one.shift.unit)}"


def control_note(report: Drift) -> str:
    """Say how often chance alone raised an alarm."""
    if report.control is None or not isfinite(report.control.rate):
        return ""
    return (
        f"chance alone: alarms on {report.control.rate:.1%} of {report.control.batches} batches"
        " made by shuffling reference and batch; 3 % or so may be"
    )


def other_note(one: OtherShift) -> str:
    """Say what was seen of another family."""
    shift = one.shift
    who = f"{shift.person} " if shift.person else ""
    return f"{who}{shift.note}" if isfinite(shift.p_value) else shift.reason
