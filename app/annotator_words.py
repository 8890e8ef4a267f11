"""What the Annotators page says of the figures, in sentences and short names."""

from math import isfinite

from app.annotators import AnnotatorRow, Annotators
from app.text import counted, figure
from metrics.disagreement import CauseName
from metrics.estimates import Estimate
from metrics.joining import Judged, judged
from metrics.signals import Signal

FLAG_WORDS = {
    "careless": "careless",
    "spam": "answers say nothing",
    "severe": "severe",
    "lenient": "lenient",
    "too_fast": "too fast",
    "too_slow": "too slow",
    "straight_lining": "one label throughout",
    "position_habit": "habit of position",
    "inconsistent": "inconsistent on repeats",
    "drifting": "drifting",
    "dependent": "not independent",
}
SIGN_WORDS = {
    "trap": "traps",
    "probes": "golden items",
    "agreement": "agreement with the others",
    "information": "what the answers tell",
    "severity": "severity",
    "speed": "pace",
    "straight_lining": "one label throughout",
    "position": "position shown",
    "repeats": "the same item again",
    "time_course": "over time",
    "leakage": "golden items known before",
    "dependence": "shared answers",
}
CAUSE_WORDS: dict[CauseName, tuple[str, str]] = {
    "groups": ("groups see it differently", "a decision about whose view counts"),
    "people": ("people who stand apart", "look at their items, train or part"),
    "taste": ("everybody has their own bar", "calibrate on shared examples"),
    "rule": ("labels that are confused", "a clearer rule for these labels"),
    "items": ("items that divide people", "arbitrate, or rewrite the items"),
    "slips": ("not explained", "slips, and causes these data cannot show: more answers an item"),
}


def lead(report: Annotators) -> tuple[str, str]:
    """Return what to know first: whom to look at, and whom nobody could have seen."""
    flagged = [row for row in report.rows if row.raised]
    hidden = [row for row in report.rows if row.unseen]
    if flagged:
        first = f"⚑ {counted(len(flagged), 'annotators')} to look at."
        names = ", ".join(row.annotator_id for row in flagged[:8])
        more = " …" if len(flagged) > 8 else ""
        why = "A flag rests on two signs, or on failed traps, or copies: read ten items first"
        then = f"{names}{more}. {why}"
    elif 2 * len(hidden) > len(report.rows):
        first = "◐ Nobody was seen to stand outside, and hardly anybody could have been."
        then = "No two signs of different kinds speak against anybody"
    else:
        first = "✔ Nobody stands outside."
        then = "No two signs of different kinds speak against anybody"
    if hidden:
        then += (
            f"; of {counted(len(hidden), 'annotators')} there is too little work to have seen it"
        )
    return first, f"{then}."


def under_name(row: AnnotatorRow) -> str:
    """Return what stands below an annotator's name: flags, group, or that nothing could be seen."""
    told = [FLAG_WORDS.get(one.flag, one.flag) for one in row.raised]
    parts = [f"⚑ {', '.join(told)}"] if told else []
    parts += [f"group {row.group}"] if row.group is not None else []
    parts += ["too little work to tell"] if row.unseen and not told else []
    return " · ".join(parts)


def score_estimate(row: AnnotatorRow) -> Estimate:
    """Return the score of an annotator as an estimate that a bar can show."""
    known = isfinite(row.score.value)
    return Estimate(
        value=row.score.value,
        low=row.score.low,
        high=row.score.high,
        n=row.items,
        n_unit="items",
        about="annotators",
        method="posterior accuracy, drawn towards the crew's",
        status="ok" if known else "undefined",
        reason="" if known else "nothing tells how often the answers are right",
    )


def sign_rows(report: Annotators, row: AnnotatorRow) -> list[Judged]:
    """Return the signs of one annotator with their q-values among everybody's, strongest first."""
    everybody: list[Signal] = [signal for each in report.rows for signal in each.signals]
    mine = [one for one in judged(everybody) if one.signal.person == row.person_key]
    return sorted(mine, key=lambda one: (not one.counts, _order(one.q_value), one.signal.kind))


def finding(one: Judged) -> str:
    """Say in a word what a sign amounts to."""
    signal = one.signal
    if not isfinite(signal.p_value):
        return "not tested"
    if one.counts:
        return f"✖ stands out ({_q(one.q_value)})"
    if signal.notable:
        return f"◐ may be chance ({_q(one.q_value)})"
    if not signal.detectable:
        return "◐ too little work to tell"
    return "✔ as the others"


def sign_name(signal: Signal) -> str:
    """Return the name of a sign with its question."""
    name = SIGN_WORDS.get(signal.kind, signal.kind)
    return f"{name} on {signal.question}" if signal.question else name


def span(signal: Signal) -> str:
    """Return what was measured, and what was to be expected, in one cell."""
    value, expected = figure(signal.value), figure(signal.expected)
    interval = f" [{figure(signal.low)}, {figure(signal.high)}]" if isfinite(signal.low) else ""
    return f"{value}{interval}, expected {expected}"


def _order(q_value: float) -> float:
    return q_value if isfinite(q_value) else 2.0


def _q(q_value: float) -> str:
    return "q < .001" if q_value < 0.001 else f"q = {figure(q_value, 3)}"
