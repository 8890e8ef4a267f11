"""Shares of planted items answered as expected: of a crew, of a person, by difficulty, by week.

Golden items ask whether people judge well, traps whether they look at all; the two are never added
up. Shapes are given in capitals: entry k of a column speaks of `count[k]` answers.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import nan
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from metrics.clustered_share import Clusters, cluster_variance, exact_limits
from metrics.distinct import distinct_rows
from metrics.estimates import About, Estimate
from metrics.tables import Floats, Integers

FEWEST_ITEMS: Final = 10
"""Below this many planted items a share is said, and not rested on."""
FEWEST_PEOPLE: Final = 10
OTHERS: Final = ("others all right", "some others wrong", "most others wrong")
"""How hard an item is, by the others' answers to it."""
_USUAL: Final = ("trivial", "easy", "simple", "low", "medium", "moderate", "hard", "high",
    "difficult", "expert", "very hard")  # fmt: skip
Course = Literal["difficulty", "week"]
Measure = Callable[..., Estimate]


@dataclass(frozen=True, slots=True, eq=False)
class ProbeAnswers:
    """Answers to planted items of one type.

    Entry k: annotator `annotator[k]` gave `count[k]` answers, right or not (1 or 0), in a week, to
    items of a difficulty ('' where that is not known) that had `answers[k]` answers of which
    `right[k]` were right, the own included.
    """

    annotators: tuple[str, ...]
    annotator: Integers
    difficulty: NDArray[np.str_]
    week: NDArray[np.str_]
    is_right: Integers
    answers: Integers
    right: Integers
    count: Integers

    def take(self, chosen: NDArray[np.bool_]) -> "ProbeAnswers":
        """Return the entries where `chosen` is true."""
        names = ("annotator", "difficulty", "week", "is_right", "answers", "right", "count")
        return replace(self, **{name: getattr(self, name)[chosen] for name in names})

    def of(self, person: str) -> "ProbeAnswers":
        """Return one person's answers."""
        place = self.annotators.index(person) if person in self.annotators else -1
        return self.take(self.annotator == place)


@dataclass(frozen=True, slots=True)
class Stratum:
    """The share of right answers in one stratum, the crew's and, where asked for, one person's."""

    name: str
    crew: Estimate
    own: Estimate | None = None


def golden_accuracy(
    answers: ProbeAnswers,
    *,
    about: About = "process",
    confidence: float = 0.95,
    effect: float | None = None,
) -> Estimate:
    """Share of answers to golden items that are the expected one.

    How often does this crew judge as the key says? Items that nobody could know for golden items
    say it of the work; where they are known, or easier than the work, it flatters. It misleads
    where the key is wrong: the Annotators page lists golden items that most people contradict.
    People who answered more golden items count for more.

    Parameters
    ----------
    answers : ProbeAnswers, of golden items
    about : {"process", "annotators"}
        Items like these, judged by these people (answers to one item hang together), or people
        like these as well (two-way, by item and by person; needs ten people).
    confidence : float in (0, 1)
    effect : float, optional
        Design effect by item where `answers` hold items in part, such as those of one week.

    Returns
    -------
    Estimate
        From 0 to 1, n in answers. Exact limits at the number of answers that clusters are worth.
        Undefined without an answer to a golden item; insufficient below ten golden items.

    References
    ----------
    Korn and Graubard (1998), Survey Methodology 24, 193-201; Cameron, Gelbach and Miller (2011),
    Robust inference with multiway clustering, 10.1198/jbes.2010.07136

    Examples
    --------
    Twelve golden items, two answers each: eleven of them twice right, one twice wrong.

    >>> nobody, where = np.array([""] * 4), np.array([0, 1, 0, 1])
    >>> right, tally = np.array([1, 1, 0, 0]), np.array([2, 2, 0, 0])
    >>> table = ProbeAnswers(("a", "b"), where, nobody, nobody, right, np.full(4, 2), tally,
    ...     np.array([11, 11, 1, 1]))
    >>> found = golden_accuracy(table)
    >>> round(found.value, 3), round(found.low, 2), round(found.high, 3), found.n
    (0.917, 0.57, 0.999, 24)
    """
    return _share(answers, answers.is_right, "golden", _Asked(about, confidence, effect))


def trap_failure_rate(
    answers: ProbeAnswers,
    *,
    about: About = "process",
    confidence: float = 0.95,
    effect: float | None = None,
) -> Estimate:
    """Share of answers to traps that are not the expected one.

    How often does this crew not look? A trap is so plain that whoever reads it answers it right.
    It misleads where a trap is merely hard, or where people know it.

    Parameters
    ----------
    answers : ProbeAnswers, of traps
    about : {"process", "annotators"}
        Traps like these, or people like these as well (needs ten people).
    confidence : float in (0, 1)
    effect : float, optional
        Design effect by item where `answers` hold items in part, such as those of one week.

    Returns
    -------
    Estimate
        From 0 (nobody fell for any) to 1, n in answers. Exact limits at the number of answers that
        clusters are worth. Undefined without an answer to a trap; insufficient below ten traps.

    References
    ----------
    Korn and Graubard (1998), Survey Methodology 24, 193-201

    Examples
    --------
    >>> nobody, one = np.array([""] * 2), np.zeros(2, dtype=int)
    >>> table = ProbeAnswers(("a",), one, nobody, nobody, np.array([1, 0]), np.ones(2, dtype=int),
    ...     np.array([1, 0]), np.array([18, 2]))
    >>> trap_failure_rate(table).value
    0.1
    """
    return _share(answers, 1 - answers.is_right, "trap", _Asked(about, confidence, effect))


def by_stratum(
    answers: ProbeAnswers,
    course: Course,
    *,
    person: str | None = None,
    measure: Measure = golden_accuracy,
    about: About = "process",
    confidence: float = 0.95,
) -> list[Stratum]:
    """Golden accuracy, or traps missed, by difficulty or by week, of the crew and of one person.

    Is somebody weak on hard items only, or getting worse? Difficulty is the item's attribute of
    that name; without one it is how the others did on the item, the own answer left out. A week
    holds some answers of an item and not others, so that the design effect of the whole batch
    widens its interval.

    Parameters
    ----------
    course : difficulty or week
    person : key of somebody to stand beside the crew; only of golden accuracy
    measure : golden_accuracy or trap_failure_rate
    about, confidence : as `measure` takes them

    Returns
    -------
    list of Stratum
        Easy first, or in order of time; answers without a week are left out. Empty where nothing
        can be told apart.
    """
    if not len(answers.count):
        return []
    names, exact = _strata(answers, course)
    effect = None if exact else _design_effect(answers)
    found = []
    for name in _in_order(set(names.tolist()) - {""}, course):
        inside = answers.take(names == name)
        crew = measure(inside, about=about, confidence=confidence, effect=effect)
        own = None if person is None else _own(inside.of(person), confidence)
        found.append(Stratum(name, crew, own))
    return found


def has_difficulty(answers: ProbeAnswers) -> bool:
    """Whether the items name a difficulty of their own."""
    return bool((answers.difficulty != "").any())


def _strata(answers: ProbeAnswers, course: Course) -> tuple[NDArray[np.str_], bool]:
    """Return the stratum of each entry, and whether a stratum holds whole items."""
    if course == "week":
        return answers.week, False
    if has_difficulty(answers):
        return answers.difficulty, True
    others = answers.answers - 1
    wrong = others - (answers.right - answers.is_right)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = wrong / others
    chosen = [others == 0, wrong == 0, share <= 0.5]
    return np.select(chosen, ["", *OTHERS[:2]], default=OTHERS[2]), False


def _in_order(names: set[str], course: Course) -> Sequence[str]:
    if course == "week" or names & set(OTHERS):
        return sorted(names, key=lambda name: (OTHERS.index(name) if name in OTHERS else 0, name))
    return sorted(names, key=_ease)


def _ease(name: str) -> tuple[int, float, str]:
    try:
        return 0, float(name), name
    except ValueError:
        place = _USUAL.index(name.lower()) if name.lower() in _USUAL else len(_USUAL)
        return 1, float(place), name


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the interval is about, its level, and the design effect where items are not whole."""

    about: About
    confidence: float
    effect: float | None


def _share(answers: ProbeAnswers, hit: Integers, planted: str, asked: _Asked) -> Estimate:
    n = int(answers.count.sum())
    what = "golden items" if planted == "golden" else "traps"
    blank = Estimate(confidence=asked.confidence, n=n, n_unit="answers", about=asked.about)
    if not n:
        return blank.but(status="undefined", reason=f"nobody answered any {what}")
    share = float((answers.count * hit).sum()) / n
    by_item, by_person = _items(answers, planted), _people(answers, hit)
    if asked.effect is None:
        number, variance = by_item.number, cluster_variance(by_item, share)
        clusters, how = by_item.effective, f"{number} {what} as clusters"
    else:
        clusters = n / asked.effect
        number, variance = int(clusters), asked.effect * share * (1 - share) / n
        how = f"design effect {asked.effect:.2g} of all {what}"
    facts: dict[str, float | int | str] = {"items": number, "annotators": by_person.number}
    if asked.about == "annotators":
        if by_person.number < FEWEST_PEOPLE:
            return blank.but(
                value=share,
                status="insufficient",
                method="share; no interval",
                provenance=facts,
                reason=f"not estimable: too few people ({by_person.number} answered {what}, "
                f"{FEWEST_PEOPLE} are needed)",
            )
        among = cluster_variance(by_person, share)
        both = variance + among - share * (1 - share) / n
        variance, clusters = max(both, variance, among), min(clusters, by_person.effective)
        how += f", and {by_person.number} annotators"
    limits, effective = exact_limits(
        share, n, variance, clusters=max(clusters, 1.0 + 1e-9), confidence=asked.confidence
    )
    few = number < FEWEST_ITEMS
    return blank.but(
        value=share,
        low=limits[0],
        high=limits[1],
        method=f"share; Korn-Graubard exact interval, {how}, worth {effective:.0f} answers",
        status="insufficient" if few else "ok",
        reason=f"{number} {what}, {FEWEST_ITEMS} are needed" if few else "",
        provenance=facts,
    )


def _items(answers: ProbeAnswers, planted: str) -> Clusters:
    """Count items by their tally: entries of an item add up to its number of answers."""
    keys = np.stack([answers.answers, answers.right], axis=1)
    kinds, place = distinct_rows(keys)
    seen = np.bincount(place, answers.count, len(kinds))
    times = np.round(seen / kinds[:, 0]).astype(np.int64)
    hits = kinds[:, 1] if planted == "golden" else kinds[:, 0] - kinds[:, 1]
    return Clusters(hits, kinds[:, 0], times)


def _people(answers: ProbeAnswers, hit: Integers) -> Clusters:
    people = len(answers.annotators)
    cases = np.bincount(answers.annotator, answers.count, people).astype(np.int64)
    hits = np.bincount(answers.annotator, answers.count * hit, people).astype(np.int64)
    return Clusters(hits[cases > 0], cases[cases > 0], np.ones((cases > 0).sum(), dtype=np.int64))


def _design_effect(answers: ProbeAnswers) -> float:
    """How many answers of this batch say as much as one that stands alone."""
    n = float(answers.count.sum())
    share = float((answers.count * answers.is_right).sum()) / n
    alone = share * (1 - share) / n
    variance = cluster_variance(_items(answers, "golden"), share)
    return max(variance / alone, 1.0) if alone > 0 and np.isfinite(variance) else 1.0


def _own(answers: ProbeAnswers, confidence: float) -> Estimate:
    """Share of one person, who answers an item once."""
    n = int(answers.count.sum())
    if not n:
        return Estimate(
            confidence=confidence, n_unit="answers", status="undefined", reason="no golden item"
        )
    share = float((answers.count * answers.is_right).sum()) / n
    limits, effective = exact_limits(share, n, nan, clusters=float(n), confidence=confidence)
    return _limited(share, n, limits, effective, confidence)


def _limited(
    share: float, n: int, limits: tuple[float, float], effective: float, confidence: float
) -> Estimate:
    few = effective < FEWEST_ITEMS
    return Estimate(
        value=share,
        low=limits[0],
        high=limits[1],
        confidence=confidence,
        n=n,
        n_unit="answers",
        method=f"share; exact interval, worth {effective:.0f} answers",
        status="insufficient" if few else "ok",
        reason=f"worth fewer than {FEWEST_ITEMS} answers" if few else "",
    )


def own_accuracy(answers: ProbeAnswers, person: str, *, confidence: float = 0.95) -> Estimate:
    """Share of one person's answers to golden items that are the expected one, exact limits."""
    return _own(answers.of(person), confidence)


def expected_of(answers: ProbeAnswers, person: str) -> float:
    """Return what the others reach on the golden items of one person; nan where there are none.

    Indirect standardisation, item by item: was the person unlucky with hard ones?
    """
    own = answers.of(person)
    others = own.answers - 1
    shared = others > 0
    if not shared.any():
        return nan
    rate: Floats = (own.right - own.is_right)[shared] / others[shared]
    return float((own.count[shared] * rate).sum() / own.count[shared].sum())
