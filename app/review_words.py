"""What the Reviewers page says of the figures, in sentences and short names."""

from collections.abc import Mapping
from math import isfinite

from app.reviewers import Report, Reviewer
from app.text import counted, figure
from metrics.review import Rate
from metrics.review_pairs import Passage
from metrics.signals import Signal

STAGE_WORDS = {
    "pre_review": "first review",
    "secondary_review": "second review",
    "blind_review": "blind review",
    "spot_check": "spot check",
    "arbitration": "arbitration",
    "": "stage not said",
}
SELECTION_WORDS = {
    "random": "drawn at random",
    "all": "all answers",
    "flagged": "flagged answers",
    "": "selection not said",
}
FLAG_WORDS = {
    "rubber_stamp": "rubber stamp",
    "severe": "severe",
    "lenient": "lenient",
    "often_overruled": "often overruled",
    "self_review": "reviewed own work",
    "drifting": "drifting",
}
SIGN_WORDS = {
    "severity": "overturns",
    "probes": "known answers",
    "trap": "traps",
    "overruled": "later stages",
    "agreement": "second reviewers",
    "speed": "pace",
    "time_course": "over the weeks",
}


def stage_name(stage: str) -> str:
    """Return the name of a stage for people."""
    return STAGE_WORDS.get(stage, stage)


def place_of(rate: Rate) -> str:
    """Return stage and selection of a rate in words."""
    return f"{stage_name(rate.stage)}, {SELECTION_WORDS.get(rate.selection, rate.selection)}"


def under_name(one: Reviewer) -> str:
    """Return what stands below a reviewer's name: flags, or how much was looked at."""
    flags = ", ".join(FLAG_WORDS.get(flag, flag) for flag in one.flags)
    work = counted(one.reviews, "reviews")
    return f"⚑ {flags} · {work}" if flags else work


def sign_name(signal: Signal) -> str:
    """Return what a sign is about, for people."""
    return SIGN_WORDS.get(signal.kind, signal.kind.replace("_", " "))


def sign_state(signal: Signal, q: float) -> str:
    """Say how much a sign shows: it stands out, it does not, or it could not have."""
    if not isfinite(q):
        return "not comparable"
    if q < 0.05 and signal.notable:
        return f"stands out (q {_small(q)})"
    if q < 0.05:
        return f"sure but small (q {_small(q)})"
    if not signal.detectable:
        return f"too few to tell (q {_small(q)})"
    return f"like the others (q {_small(q)})"


def lead(report: Report) -> tuple[str, str]:
    """Return what a reader must know first, and what to do about it."""
    flagged = [one for one in report.people if one.flags]
    if not flagged:
        return (
            "No reviewer stands out.",
            "Signs that could not have been seen at this number of reviews say so, person by "
            "person.",
        )
    told = "; ".join(
        f"{one.name}: {', '.join(FLAG_WORDS.get(flag, flag) for flag in one.flags)}"
        for one in flagged
    )
    return (
        f"{counted(len(flagged), 'reviewers')} to look at: {told}.",
        "A flag is a reason to read ten of the reviews, not a verdict: it needs two signs of "
        "different kinds, except that reviewing one's own work is a fact.",
    )


def passage_words(one: Passage) -> str:
    """Say in one sentence which of two stages overturns more, or that nothing shows it."""
    test = one.test
    first, later = stage_name(one.stage), stage_name(one.later)
    n = counted(test.n, "answers")
    if not test.only_first + test.only_second:
        return f"both came to the same verdict on all of {n}"
    if test.p_value < 0.05:
        milder = first if test.only_second > test.only_first else later
        return f"{milder} lets more pass, on {n} (McNemar p {_small(test.p_value)})"
    return f"neither lets more pass as far as {n} show (McNemar p {_small(test.p_value)})"


def known_names(report: Report) -> Mapping[str, str]:
    """Return name -> key of everybody in a report."""
    return {name: key for key, name in report.names.items()}


def _small(p: float) -> str:
    return "< .001" if p < 0.001 else f"= {figure(p, 3)}"
