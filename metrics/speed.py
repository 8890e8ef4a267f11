"""How fast people work, on items of the same task and length, and whether their times are times.

Shapes are given in capitals: A annotators, K rows of counts, S strata.
"""

from typing import Final

import numpy as np

from metrics.habit_tables import Paces, TimeChecks
from metrics.signals import Signal
from metrics.standing import Standing, standing
from metrics.tables import Floats, Integers

BIN: Final = float(np.log(1.02))
"""Width of a bin of time on the logarithmic scale."""
FASTER: Final = 1 / 3
SLOWER: Final = 3.0
"""A pace matters when somebody takes a third or three times the time of the crew."""
FEWEST_TIMES: Final = 10
FEWEST_IN_STRATUM: Final = 3
_PLACEHOLDER: Final = 0.9
_NO_TIME: Final = 0.1
_GROUPED: Final = 0.3
_MODIFIED: Final = 0.6745
_NORMAL_MAD: Final = 1.4826


def modified_z(values: Floats, counts: Integers) -> Floats:
    """Distance from the median in robust standard deviations: .6745 (x − median) / MAD.

    nan where more than half of the values are equal: there is no scale then.

    References
    ----------
    Iglewicz and Hoaglin (1993), How to detect and handle outliers

    Examples
    --------
    >>> seconds = np.array([12.0, 15, 14, 13, 90, 16, 11, 14, 2, 15])
    >>> z = modified_z(np.log(seconds), np.ones(10, dtype=np.int64))
    >>> [round(float(each), 4) for each in z[[4, 8]]]
    [12.089, -12.6423]
    """
    nobody = np.zeros(len(values), dtype=np.int64)
    middle = medians(nobody, values, counts, 1)[0]
    scale = medians(nobody, np.abs(values - middle), counts, 1)[0]
    if not scale > 0:
        return np.full(len(values), np.nan)
    z: Floats = _MODIFIED * (values - middle) / scale
    return z


def medians(group: Integers, values: Floats, counts: Integers, groups: int) -> Floats:
    """Return the median of counted values in each of `groups` groups; nan for an empty one.

    Examples
    --------
    >>> medians(np.array([0, 0, 1]), np.array([1.0, 3.0, 7.0]), np.array([2, 2, 1]), 3).tolist()
    [2.0, 7.0, nan]
    """
    order = np.lexsort((values, group))
    group, values, counts = group[order], values[order], counts[order]
    some = counts > 0
    group, values, counts = group[some], values[some], counts[some]
    total = np.bincount(group, weights=counts, minlength=groups).astype(np.int64)
    before = np.concatenate([[0], np.cumsum(total)[:-1]])
    upto = np.cumsum(counts)
    found = np.full(groups, np.nan)
    filled = np.flatnonzero(total)
    sides = [
        values[np.searchsorted(upto, before[filled] + (total[filled] + odd) // 2, side="right")]
        for odd in (-1, 0)
    ]
    found[filled] = (sides[0] + sides[1]) / 2
    return found


def time_problems(checks: TimeChecks) -> tuple[str, ...]:
    """Say for each person why the times are no times of single answers; '' where they may be.

    Zero or negative times, one value nearly everywhere (a placeholder), and runs of exactly the
    same value far above what the person's own values give (one time for a group of items).
    """
    positive = checks.timed - checks.zero - checks.negative
    pairs = positive * (positive - 1) / 2
    by_chance = np.divide(checks.alike, pairs, out=np.zeros(len(pairs)), where=pairs > 0)
    followed = np.maximum(checks.followed, 1)
    grouped = checks.same / followed - by_chance > _GROUPED
    reasons = []
    for person in range(len(checks.annotators)):
        timed = int(checks.timed[person])
        none = timed - int(positive[person])
        if timed == 0:
            reasons.append("no times")
        elif none > _NO_TIME * timed:
            reasons.append(f"{none} of {timed} times are zero or negative")
        elif timed >= FEWEST_TIMES and checks.commonest[person] >= _PLACEHOLDER * timed:
            reasons.append(f"{checks.commonest[person]} of {timed} times are one value")
        elif timed >= FEWEST_TIMES and grouped[person]:
            reasons.append("answers in a row share one time: it belongs to a group of items")
        else:
            reasons.append("")
    return tuple(reasons)


def paces(table: Paces) -> tuple[Floats, Floats, Integers]:
    """Return each person's log pace against the crew, the scale of single answers, and their n.

    Answers are compared within their stratum: from each the middle of the crew in its stratum is
    taken (the median of the people's medians, so that a busy person does not set the pace). Strata
    with fewer than 3 people, and times of zero, are left out.

    Returns
    -------
    pace : ndarray of shape (A,)
        Median of log time less that of the crew: -.69 is twice as fast. nan without times.
    scale : ndarray of shape (A,)
        1.4826 MAD of the same.
    n : ndarray of shape (A,)
    """
    people = len(table.annotators)
    strata = int(table.stratum.max()) + 1 if len(table.stratum) else 0
    log = (table.log_bin + 0.5).astype(np.float64) * BIN
    positive = table.log_bin > 0
    count = np.where(positive, table.count, 0)
    cell = table.annotator * max(strata, 1) + table.stratum
    own = medians(cell, log, count, people * max(strata, 1)).reshape(people, max(strata, 1))
    known = np.isfinite(own)
    enough = known.sum(axis=0) >= FEWEST_IN_STRATUM
    crew = np.full(max(strata, 1), np.nan)
    for stratum in np.flatnonzero(enough):
        crew[stratum] = np.median(own[known[:, stratum], stratum])
    usable = positive & enough[table.stratum] if strata else positive
    who, kept = table.annotator[usable], table.count[usable]
    relative = log[usable] - crew[table.stratum[usable]]
    pace = medians(who, relative, kept, people)
    scale = _NORMAL_MAD * medians(who, np.abs(relative - pace[who]), kept, people)
    return pace, scale, np.bincount(who, weights=kept, minlength=people).astype(np.int64)


def speed_signals(table: Paces, checks: TimeChecks, question: str) -> list[Signal]:
    """Who works much faster or slower than people of this crew do.

    The null is a person from this crew: the spread of pace between people is measured and added to
    the scatter of each person's median. The value is time relative to the crew's, 1 is like it.

    A person whose times are not times of single answers gets a signal without p-value that says
    so; where that holds for half of the people, nobody is tested.

    Parameters
    ----------
    table : Paces
    checks : TimeChecks of the same people
    question : name for the signals
    """
    reasons = dict(zip(checks.annotators, time_problems(checks), strict=True))
    problems = [reasons.get(person, "") for person in table.annotators]
    if 2 * sum(map(bool, problems)) >= len(problems):
        problems = [each or "the times of most people here are no times" for each in problems]
    sound = np.array([not each for each in problems], dtype=bool)
    kept = sound[table.annotator]
    pace, scale, n = paces(
        Paces(
            table.annotators,
            table.annotator[kept],
            table.stratum[kept],
            table.log_bin[kept],
            table.count[kept],
        )
    )
    tested = sound & (n >= FEWEST_TIMES)
    pooled = float(np.median(scale[tested] ** 2)) if tested.any() else np.nan
    square = (n * np.nan_to_num(scale) ** 2 + 10 * pooled) / (n + 10)
    variance = np.pi / 2 * square / np.maximum(n, 1)
    found = standing(np.where(tested, pace, np.nan), variance)
    return [
        _problem(person, problem, question, checks)
        if problem
        else _signal(found, place, (person, question), float(variance[place]), int(n[place]))
        for place, (person, problem) in enumerate(zip(table.annotators, problems, strict=True))
    ]


def _signal(
    found: Standing,
    place: int,
    whose: tuple[str, str],
    variance: float,
    n: int,
) -> Signal:
    relative = float(found.deviation[place])
    value = float(np.exp(relative))
    half = 1.96 * float(np.sqrt(variance))
    p_value = float(found.p_value[place])
    note = f"takes {value:.2f} of the time others take on such items, over {n} answers"
    if not np.isfinite(p_value):
        why = "people" if np.isnan(found.spread) else "times"
        note = f"{note}; not tested: too few {why}"
    return Signal(
        person=whose[0],
        kind="speed",
        question=whose[1],
        side="low" if relative < 0 else "high",
        value=value,
        low=float(np.exp(relative - half)),
        high=float(np.exp(relative + half)),
        expected=1.0,
        n=n,
        n_unit="answers",
        p_value=p_value,
        notable=value <= FASTER or value >= SLOWER,
        detectable=bool(found.reach[place] <= np.log(SLOWER)),
        note=note,
    )


def _problem(person: str, problem: str, question: str, checks: TimeChecks) -> Signal:
    place = checks.annotators.index(person) if person in checks.annotators else None
    return Signal(
        person=person,
        kind="speed",
        question=question,
        side="low",
        value=np.nan,
        expected=1.0,
        n=0 if place is None else int(checks.timed[place]),
        n_unit="answers",
        p_value=np.nan,
        notable=False,
        detectable=False,
        note=f"pace not known: {problem}",
    )
