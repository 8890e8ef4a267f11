"""Habits that stand in for judgement: one label for everything, long runs, always the first.

A straight-liner is told from a person whose items happen to be alike by the others' answers to the
same items (or the same strata), and from a person with a taste by how far both are from the crew.
Shapes are given in capitals: A annotators, Q labels, P patterns.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from scipy.special import gammaln, ndtri

from metrics.crew_shares import Habit, Shares, counted_shares, per_person, share_signals, untested
from metrics.habit_tables import AnswerRuns, ShownChoices
from metrics.signals import Signal
from metrics.standing import Standing, standing
from metrics.tables import AnnotatorLabels, Floats, Integers, UnitPatterns

MODAL_FLOOR: Final = 0.2
"""A commonest label matters when it is given this much more often than the others give it."""
RUNS_FLOOR: Final = 0.25
"""Runs matter when there are this share fewer or more of them than order at random would give."""
LONG_RUN: Final = 10
LONG_RUN_TIMES: Final = 2.0
"""A longest run matters from 10 answers and twice the length that chance gives."""
POSITION_FLOOR: Final = 0.2
FEWEST_IN_ORDER: Final = 20
_ONE_ORDER: Final = 0.9


def modal_share_signals(patterns: UnitPatterns, question: str) -> list[Signal]:
    """How often people give their commonest label where the others gave it to the same items.

    Does somebody click the same label through? Items are their own control: easy or lopsided
    queues explain nothing here. Items nobody else judged say nothing and are left out.

    Parameters
    ----------
    patterns : UnitPatterns with annotators
    question : name for the signals

    Returns
    -------
    list of Signal of kind straight_lining; side high is the straight-liner
    """
    if patterns.annotators is None:
        return []
    who = patterns.annotators
    votes = patterns.counts[who.pattern].sum(axis=1)
    kept = votes >= 2
    annotator, label, count = who.annotator[kept], who.label[kept], who.count[kept]
    people, labels = len(who.annotators), len(patterns.labels)
    own = _by_label(annotator, label, count, people, labels)
    modal = own.argmax(axis=1)
    looked = modal[annotator]
    is_own = (label == looked).astype(np.float64)
    others = (patterns.counts[who.pattern[kept], looked] - is_own) / (votes[kept] - 1)
    n = per_person(annotator, count, people)
    difference = is_own - others
    shares = _against(
        who.annotators,
        own[np.arange(people), modal],
        per_person(annotator, count * others, people),
        per_person(annotator, count * difference**2, people),
        n,
    )
    return _modal_signals(shares, [patterns.labels[k] for k in modal], question, "the same items")


def modal_share_by_strata(strata: Sequence[AnnotatorLabels], question: str) -> list[Signal]:
    """How often people give their commonest label where the others give it in the same strata.

    For batches in which items have one answer. Weaker than `modal_share_signals`: within a stratum
    items may still differ.

    Parameters
    ----------
    strata : tables of one question, one for each stratum; all with the same labels
    question : name for the signals
    """
    people = tuple(sorted({person for each in strata for person in each.annotators}))
    if not people:
        return []
    place = {person: number for number, person in enumerate(people)}
    tables = [_table(each, place) for each in strata]
    own = np.sum(tables, axis=0)
    modal = own.argmax(axis=1)
    row = np.arange(len(people))
    n = own.sum(axis=1)
    expected = np.zeros(len(people))
    for table in tables:
        rest = table.sum(axis=0) - table
        total = rest.sum(axis=1)
        share = np.divide(rest[row, modal], total, out=np.full(len(row), np.nan), where=total > 0)
        mine = table.sum(axis=1)
        expected += np.where(mine > 0, mine * share, 0.0)
    share = np.divide(expected, n, out=np.full(len(row), np.nan), where=n > 0)
    square = n * share * (1 - share)
    shares = _against(people, own[row, modal], expected, square, n)
    labels = strata[0].labels
    return _modal_signals(shares, [labels[k] for k in modal], question, "items like these")


def run_counts(runs: AnswerRuns) -> tuple[Floats, Floats, Floats, Integers]:
    """Return runs, their expected number and variance in random order, and answers; each (A,).

    Wald and Wolfowitz's test for any number of labels, given how often each was used.

    References
    ----------
    Wald and Wolfowitz (1940), On a test whether two samples are from the same population,
    10.1214/aoms/1177731909; Mood (1940), The distribution theory of runs, 10.1214/aoms/1177731825

    Examples
    --------
    >>> table = AnswerRuns(("x", "y"), ("p",), np.zeros(2, int), np.array([0, 1]),
    ...     np.array([2, 2]), np.array([1, 1]))
    >>> [float(each[0].round(3)) for each in run_counts(table)]
    [2.0, 3.0, 0.667, 4.0]
    """
    people = len(runs.annotators)
    weights = runs.count * runs.length
    used = _by_label(runs.annotator, runs.label, weights, people, len(runs.labels))
    n = used.sum(axis=1)
    square, cube = (used**2).sum(axis=1), (used**3).sum(axis=1)
    some, two = np.maximum(n, 1), np.maximum(n, 2)
    mean = (n * (n + 1) - square) / some
    variance = square * (square + n * (n + 1)) - 2 * n * cube - n**3
    variance = np.maximum(variance / (two**2 * (two - 1)), 0.0)
    return per_person(runs.annotator, runs.count, people), mean, variance, n.astype(np.int64)


def run_signals(runs: AnswerRuns, question: str) -> list[Signal]:
    """Whether equal answers follow each other more than somebody's own labels would by chance.

    Queues that come in blocks make everybody's runs longer: people are held against the crew.
    Two signals a person, both of kind straight_lining: the number of runs and the longest one.
    Nothing is tested below 20 answers, or for a person who used one label only (that is the modal
    share's business).
    """
    found, mean, variance, n = run_counts(runs)
    tested = (n >= FEWEST_IN_ORDER) & (mean > 2)
    safe = np.where(tested, mean, 1.0)
    ratio = np.where(tested, found / safe - 1, np.nan)
    place = standing(ratio, variance / safe**2)
    signals = []
    for person in np.flatnonzero(n > 0):
        shift = 0.0 if np.isnan(place.centre) else place.centre
        expected = float(mean[person] * (1 + shift))
        value = float(found[person])
        note = f"{value:.0f} runs of one label in {n[person]} answers, where {expected:.0f} fit"
        notable = tested[person] and abs(value / max(expected, 1.0) - 1) >= RUNS_FLOOR
        signals.append(
            Signal(
                person=runs.annotators[person],
                kind="straight_lining",
                question=question,
                side="high" if value < expected else "low",
                value=value,
                expected=expected,
                n=int(n[person]),
                n_unit="answers in order",
                p_value=float(place.p_value[person]),
                notable=bool(notable),
                detectable=bool(place.reach[person] <= RUNS_FLOOR),
                note=_told(note, place, int(person)),
            )
        )
    return [*signals, *_longest_runs(runs, n, question)]


def expected_runs_of(length: Integers, used: Integers, n: Integers) -> Floats:
    """Return how many runs of at least `length` of a label used `used` times chance gives in n.

    An upper bound on the chance of having any such run, and close to it where it is small.

    Examples
    --------
    >>> one = np.array([1])
    >>> round(float(expected_runs_of(3 * one, 3 * one, 4 * one)[0]), 3)
    0.5
    """
    fits = (used >= length) & (length >= 1)
    size, mine, total = (np.where(fits, each, 1).astype(float) for each in (length, used, n))
    rest = total - mine

    def choose(above: Floats, below: Floats) -> Floats:
        chosen: Floats = gammaln(above + 1) - gammaln(below + 1) - gammaln(above - below + 1)
        return chosen

    log = np.log(rest + 1) + choose(total - size, mine - size) - choose(total, mine)
    return np.where(fits, np.exp(log), 0.0)


def position_signals(shown: ShownChoices, question: str) -> list[Signal]:
    """How often people choose what was shown first.

    A crew that leans to the first option is a fact about the task; a person who leans far more is
    not comparing. Nothing is said where nine in ten answers saw one and the same order: there the
    first option and the option itself cannot be told apart.
    """
    orders = np.bincount(shown.order, weights=shown.count)
    if not len(orders) or orders.max() > _ONE_ORDER * orders.sum():
        return []
    people = len(shown.annotators)
    n = per_person(shown.annotator, shown.count, people)
    first = per_person(shown.annotator, shown.count * (shown.place == 0), people)
    chance = per_person(shown.annotator, shown.count / np.maximum(shown.options, 1), people)
    expected = chance / np.maximum(n, 1)
    shares = counted_shares(shown.annotators, first, n, expected)

    def says(person: int, value: str, wanted: str) -> str:
        return (
            f"chose the option shown first in {value} of {n[person]:.0f} comparisons, where"
            f" {wanted} is usual here"
        )

    habit = Habit("position", question, POSITION_FLOOR, "comparisons", says)
    return share_signals(shares, habit)


def _longest_runs(runs: AnswerRuns, n: Integers, question: str) -> list[Signal]:
    people, labels = len(runs.annotators), len(runs.labels)
    weights = runs.count * runs.length
    used = _by_label(runs.annotator, runs.label, weights, people, labels).astype(np.int64)
    longest = np.zeros(people, dtype=np.int64)
    np.maximum.at(longest, runs.annotator, runs.length)
    chance = np.maximum(_any_run(longest, used, n), 1e-300)
    tested = (n >= FEWEST_IN_ORDER) & ((used > 0).sum(axis=1) > 1)
    # The bound on the chance exceeds 1 for runs as short as everybody's: those are simply usual.
    z = np.where(tested, -ndtri(np.minimum(chance, 0.5)), np.nan)
    place = standing(z, np.ones(people))
    usual = _usual_longest(used, n)
    signals = []
    for person in np.flatnonzero(tested):
        value, expected = int(longest[person]), int(usual[person])
        note = f"one label {value} times in a row in {n[person]} answers, where {expected} fits"
        long = value >= LONG_RUN and value >= LONG_RUN_TIMES * expected
        signals.append(
            Signal(
                person=runs.annotators[person],
                kind="straight_lining",
                question=question,
                side="high" if value > expected else "low",
                value=float(value),
                expected=float(expected),
                n=int(n[person]),
                n_unit="answers in order",
                p_value=float(place.p_value[person]) if value > expected else 1.0,
                notable=bool(long),
                detectable=bool(n[person] >= max(LONG_RUN, LONG_RUN_TIMES * expected)),
                note=_told(note, place, int(person)),
            )
        )
    return signals


def _any_run(length: Integers, used: Integers, n: Integers) -> Floats:
    """Return the bound on the chance of a run of that length of any label, for each person."""
    sized = np.broadcast_to(length[:, None], used.shape)
    total: Floats = expected_runs_of(sized, used, np.broadcast_to(n[:, None], used.shape)).sum(
        axis=1
    )
    return total


def _usual_longest(used: Integers, n: Integers) -> Integers:
    """Return the length that chance reaches about once, for each person."""
    low, high = np.ones(len(n), dtype=np.int64), np.maximum(n, 1)
    while np.any(low < high):
        half = (low + high) // 2
        rare = _any_run(half + 1, used, n) < 0.5
        high = np.where(rare & (low < high), half, high)
        low = np.where(~rare & (low < high), half + 1, low)
    return low


def _against(
    people: tuple[str, ...], own: Floats, others: Floats, square: Floats, n: Floats
) -> Shares:
    """Compare own counts with those of the others on the same items.

    `square` is the sum of squared differences item by item; the crew's mean square is mixed in
    with the weight of ten items, so that ten lucky items do not look like certainty.
    """
    some = np.maximum(n, 1)
    steady = (own + 0.375) / (some + 0.75)
    expected = np.clip((others + 0.375) / (some + 0.75), 0.0, 1.0)
    pooled = float(square.sum() / max(float(n.sum()), 1.0))
    mean_square = (square + 10 * pooled) / (n + 10)
    middle = np.clip((steady + expected) / 2, 0.5 / some, 1 - 0.5 / some)
    variance = mean_square / some / (middle * (1 - middle))
    return Shares(people, own / some, steady, expected, variance, n.astype(np.int64))


def _modal_signals(
    shares: Shares, labels: Sequence[str], question: str, where: str
) -> list[Signal]:
    def says(person: int, value: str, wanted: str) -> str:
        return (
            f"gave {labels[person]!r} to {value} of {shares.n[person]} items; {wanted} is usual on"
            f" {where}"
        )

    habit = Habit("straight_lining", question, MODAL_FLOOR, "items", says, worry="high")
    return share_signals(shares, habit)


def _told(note: str, found: Standing, person: int) -> str:
    return note if np.isfinite(found.p_value[person]) else f"{note}; {untested(found)}"


def _table(labels: AnnotatorLabels, place: dict[str, int]) -> Floats:
    who = np.array([place[person] for person in labels.annotators], dtype=np.int64)
    return _by_label(
        who[labels.annotator], labels.label, labels.count, len(place), len(labels.labels)
    )


def _by_label(
    annotator: Integers, label: Integers, count: Integers, people: int, labels: int
) -> Floats:
    found = np.zeros((people, labels))
    np.add.at(found, (annotator, label), count)
    return found
