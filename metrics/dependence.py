"""Pairs of people who share more than independent people would.

Two careful people agree often because both are right. So the agreement of a pair is held against
what the agreement of each with everybody else explains: chance-corrected agreement of independent
people is a product of one figure for each (rank one). What a pair shares beyond that, and beyond
what pairs of this crew differ anyway, is copied, discussed, or the same person twice.

Shapes are given in capitals: A annotators, K pairs. A pair's n is items, each counted once.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtrc

from metrics.cliques import cliques
from metrics.habit_tables import SharedNotes
from metrics.signals import Signal
from metrics.standing import FEWEST, Standing, share_angle, standing, steadied
from metrics.tables import AnnotatorPairs, Floats, Integers

FEWEST_SHARED: Final = 10
"""Items a pair must share to be looked at; each side needs twice that with other people."""
ROOM_FLOOR: Final = 0.4
EXCESS_FLOOR: Final = 0.05
"""A pair matters when it closes 40 % of the gap to full agreement, and 5 points."""
COPIED: Final = 0.05
"""Chance, over all pairs together, below which answers or notes count as copied without more."""
NOTES_FLOOR: Final = 0.1
COPIED_NOTES: Final = 0.5
"""Share of word for word equal notes from which on notes count as copied without more."""
FEWEST_NOTES: Final = 3
_PRIOR: Final = 5.0
"""Items of an average person mixed into everybody's figure."""
_ROUNDS: Final = 4
_CHI_MEDIAN: Final = 0.455
"""Median of the square of a standard normal value."""
_LEAST_SPREAD: Final = 0.05
"""Honest people are never taken to be more alike than this, on the scale of their figures."""


@dataclass(frozen=True, slots=True, eq=False)
class _Ends:
    """The two people of each pair, and how much the pair weighs."""

    first: Integers
    second: Integers
    weight: Floats
    people: int

    def each(self, one: Floats, other: Floats) -> Floats:
        """Sum over the pairs of each person."""
        total: Floats = np.zeros(self.people)
        total += np.bincount(self.first, weights=one, minlength=self.people)
        total += np.bincount(self.second, weights=other, minlength=self.people)
        return total


@dataclass(frozen=True, slots=True, eq=False)
class PairResiduals:
    """Agreement of each pair, what everybody else explains of it, and how sure the gap is.

    Each of shape (K,); `p_value` is two-sided and of one pair, not of the largest of many.
    `copied` is more than that: surely more alike than what the rest explains, and besides more than
    two people of this crew are. People who see things their own way together, as a group of their
    own, are as alike as people are, and not copied.
    """

    annotators: tuple[str, ...]
    first: Integers
    second: Integers
    n: Integers
    agreement: Floats
    expected: Floats
    p_value: Floats
    notable: NDArray[np.bool_]
    reach: Floats
    copied: NDArray[np.bool_]


def pair_residuals(pairs: AnnotatorPairs) -> PairResiduals:
    """Compare the agreement of each pair with what the rest of the crew explains.

    Pairs that stand out are taken out of the fit and it is made again, so that a clique does not
    explain itself.
    """
    first, second, n, agree = _by_pair(pairs)
    share = agree / np.maximum(n, 1)
    chance = _chance(pairs)
    kept = np.ones(len(n), dtype=bool)
    angle, variance = steadied(agree, n)
    for _ in range(_ROUNDS):
        weight = np.where(kept, n, 0.0)
        expected, doubt = _explained(
            first, second, weight, share, chance=chance, people=len(pairs.annotators)
        )
        tested = np.isfinite(doubt) & (n >= FEWEST_SHARED)
        found = standing(np.where(tested, angle - share_angle(expected), np.nan), variance + doubt)
        usual = np.sin(np.clip(share_angle(expected) + _shift(found), 0, np.pi) / 2) ** 2
        notable = (share - usual >= EXCESS_FLOOR) & (share - usual >= ROOM_FLOOR * (1 - usual))
        certain = found.p_value < 0.05 / max(int(tested.sum()), 1)
        again = ~(certain & notable)
        if np.array_equal(again, kept):
            break
        kept = again
    return PairResiduals(
        annotators=pairs.annotators,
        first=first,
        second=second,
        n=n.astype(np.int64),
        agreement=share,
        expected=usual,
        p_value=found.p_value,
        notable=notable,
        reach=found.reach,
        copied=certain & notable & _alike_beyond(agree, n, usual, kept),
    )


def dependence_signals(pairs: AnnotatorPairs, question: str) -> list[Signal]:
    """Who shares more with somebody than independent people would, one signal a person.

    A person's p-value is that of the closest partner times the number of partners, so that many
    partners are not many chances. `others` names the clique: people linked by pairs that are
    certain over all pairs together.
    """
    found = pair_residuals(pairs)
    certain = found.p_value * np.isfinite(found.p_value).sum() < 0.05
    links = certain & found.notable & (found.agreement > found.expected)
    groups = cliques(
        [
            (found.annotators[a], found.annotators[b])
            for a, b in zip(found.first[links], found.second[links], strict=True)
        ]
    )
    clique_of = {person: group for group in groups for person in group}
    signals = []
    for person, name in enumerate(found.annotators):
        mine = np.flatnonzero((found.first == person) | (found.second == person))
        tested = mine[np.isfinite(found.p_value[mine])]
        if len(tested):
            others = tuple(each for each in clique_of.get(name, ()) if each != name)
            signals.append(_closest(found, name, tested, question, others))
        elif len(mine):
            signals.append(_too_few(name, question, int(found.n[mine].max())))
    return signals


def notes_signals(notes: SharedNotes, question: str) -> list[Signal]:
    """Who writes the same long notes as somebody else on the same items.

    Ready-made phrases make notes equal too, so what is expected of a pair is the largest of three
    rates: of the crew, and of each of the two with everybody else. Binomial chance, times the
    number of partners.
    """
    expected = _usual_notes(notes)
    chance = np.where(notes.identical > 0, bdtrc(notes.identical - 1.0, notes.both, expected), 1.0)
    share = notes.identical / np.maximum(notes.both, 1)
    notable = (notes.identical >= FEWEST_NOTES) & (share - expected >= NOTES_FLOOR)
    links = notable & (chance * len(chance) < 0.05)
    copied = (notes.both >= FEWEST_SHARED) & (share >= COPIED_NOTES)
    copied &= links & (chance * len(chance) <= COPIED)
    groups = cliques(
        [
            (notes.annotators[a], notes.annotators[b])
            for a, b in zip(notes.first[links], notes.second[links], strict=True)
        ]
    )
    clique_of = {person: group for group in groups for person in group}
    signals = []
    for person, name in enumerate(notes.annotators):
        mine = np.flatnonzero((notes.first == person) | (notes.second == person))
        if not len(mine):
            continue
        top = mine[np.lexsort((-share[mine], chance[mine]))[0]]
        n = int(notes.both[top])
        signals.append(
            Signal(
                person=name,
                kind="dependence",
                question=question,
                side="high",
                value=float(share[top]),
                expected=float(expected[top]),
                n=n,
                n_unit="items with notes of both",
                p_value=float(np.clip(chance[top] * len(mine), 1e-300, 1.0)),
                notable=bool(notable[top]),
                detectable=n >= FEWEST_SHARED,
                is_enough=bool(copied[top]),
                note=f"{notes.identical[top]} of {n} long notes are word for word those of another"
                f" person on the same items, where {expected[top]:.0%} is usual",
                others=tuple(each for each in clique_of.get(name, ()) if each != name),
            )
        )
    return signals


def _alike_beyond(
    agree: Floats, n: Floats, expected: Floats, kept: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Whether pairs agree more than people of this crew do: by 40 % of the gap, and surely.

    Surely by the exact binomial tail at the larger of what the two explain and what all pairs
    reach, over all pairs together.
    """
    ordinary = float(agree[kept].sum() / max(float(n[kept].sum()), 1.0))
    base = np.clip(np.maximum(expected, ordinary), 1e-6, 1 - 1e-6)
    gap = agree / np.maximum(n, 1) - base
    large = (gap >= EXCESS_FLOOR) & (gap >= ROOM_FLOOR * (1 - base))
    tail = np.where(agree > 0, bdtrc(np.maximum(agree - 1.0, 0.0), n.astype(np.int64), base), 1.0)
    return np.asarray(large & (tail * max(len(n), 1) <= COPIED))


def _by_pair(pairs: AnnotatorPairs) -> tuple[Integers, Integers, Floats, Floats]:
    people = max(len(pairs.annotators), 1)
    key, place = np.unique(pairs.first * people + pairs.second, return_inverse=True)
    n = np.bincount(place, weights=pairs.count, minlength=len(key))
    equal = pairs.count * (pairs.label_first == pairs.label_second)
    agree = np.bincount(place, weights=equal, minlength=len(key))
    return key // people, key % people, n.astype(np.float64), agree.astype(np.float64)


def _chance(pairs: AnnotatorPairs) -> float:
    """Return the agreement of two people who draw from the crew's labels."""
    labels = max(len(pairs.labels), 1)
    used = np.bincount(pairs.label_first, weights=pairs.count, minlength=labels)
    used = used + np.bincount(pairs.label_second, weights=pairs.count, minlength=labels)
    return float(((used / max(float(used.sum()), 1.0)) ** 2).sum())


def _explained(
    first: Integers,
    second: Integers,
    weight: Floats,
    share: Floats,
    *,
    chance: float,
    people: int,
) -> tuple[Floats, Floats]:
    """Return each pair's expected agreement without itself, and its doubt on the scale of angles.

    Doubt is infinite where one of the two shares too little with anybody else.
    """
    room = max(1 - chance, 1e-9)
    corrected = (share - chance) / room
    mean = float(np.average(corrected, weights=weight)) if weight.sum() else 0.0
    usual = float(np.sqrt(np.clip(mean, 0.01, 1.0)))
    ends = _Ends(first, second, weight, people)
    skill, _, down = _skills(ends, corrected, usual, _PRIOR * usual**2)
    agreed = np.clip(chance + room * usual**2, 0.01, 0.99)
    scatter = float(agreed * (1 - agreed)) / room**2
    prior = _alike(skill, down, scatter, usual)
    skill, up, down = _skills(ends, corrected, usual, prior)
    left_1 = down[first] - weight * skill[second] ** 2
    left_2 = down[second] - weight * skill[first] ** 2
    alone_1 = np.clip((up[first] - weight * corrected * skill[second]) / left_1, 0.0, 1.0)
    alone_2 = np.clip((up[second] - weight * corrected * skill[first]) / left_2, 0.0, 1.0)
    doubt = alone_2**2 / left_1 + alone_1**2 / left_2
    shared = ends.each(weight, weight)
    rest = np.minimum(shared[first], shared[second]) - weight
    doubt = np.where(rest >= 2 * FEWEST_SHARED, doubt, np.inf)
    return np.clip(chance + room * alone_1 * alone_2, 0.0, 0.999), doubt


def _skills(
    ends: "_Ends", corrected: Floats, usual: float, prior: float
) -> tuple[Floats, Floats, Floats]:
    """Return each person's figure of the rank-one fit, as a quotient and its two sums.

    `prior` is the weight, in units of the lower sum, of an average person.
    """
    skill: Floats = np.full(ends.people, usual)
    for _ in range(60):
        one, other = skill[ends.second], skill[ends.first]
        up = prior * usual + ends.each(
            ends.weight * corrected * one, ends.weight * corrected * other
        )
        down = prior + ends.each(ends.weight * one**2, ends.weight * other**2)
        new: Floats = np.clip(up / down, 0.0, 1.0)
        if np.abs(new - skill).max(initial=0.0) < 1e-7:
            break
        skill = 0.5 * (skill + new)
    return skill, up, down


def _alike(skill: Floats, down: Floats, scatter: float, usual: float) -> float:
    """Return the weight of an average person, which is large where people are much alike.

    Empirical Bayes: the variance between people is what their figures scatter beyond chance, by
    the median so that a few odd people do not count.
    """
    known = down > 4 * _PRIOR * usual**2
    if known.sum() < FEWEST:
        return _PRIOR * usual**2
    square = (skill[known] - float(np.median(skill[known]))) ** 2
    total = float(np.median(square)) / _CHI_MEDIAN
    between = max(total - float(np.median(scatter / down[known])), _LEAST_SPREAD**2)
    return float(np.clip(scatter / between, _PRIOR * usual**2, 500.0))


def _shift(found: Standing) -> float:
    return 0.0 if np.isnan(found.centre) else found.centre


def _closest(
    found: PairResiduals,
    name: str,
    mine: Integers,
    question: str,
    others: tuple[str, ...],
) -> Signal:
    above = found.agreement[mine] > found.expected[mine]
    chance = np.where(above, found.p_value[mine], 1.0)
    top = mine[np.lexsort((found.expected[mine] - found.agreement[mine], chance))[0]]
    value, expected = float(found.agreement[top]), float(found.expected[top])
    floor = max(EXCESS_FLOOR, ROOM_FLOOR * (1 - expected))
    moved = share_angle(np.array([expected, min(expected + floor, 1.0)]))
    return Signal(
        person=name,
        kind="dependence",
        question=question,
        side="high",
        value=value,
        expected=expected,
        n=int(found.n[top]),
        n_unit="items of the pair",
        p_value=float(np.clip(chance.min() * len(mine), 1e-300, 1.0)),
        notable=bool(found.notable[top]),
        detectable=bool(moved[1] - moved[0] >= found.reach[top]),
        is_enough=bool(found.copied[top]),
        note=f"agrees with one other person on {value:.0%} of {found.n[top]} items, where"
        f" {expected:.0%} would follow from how both agree with everybody else",
        others=others,
    )


def _too_few(name: str, question: str, n: int) -> Signal:
    return Signal(
        person=name,
        kind="dependence",
        question=question,
        side="high",
        value=np.nan,
        expected=np.nan,
        n=n,
        n_unit="items of the pair",
        p_value=np.nan,
        notable=False,
        detectable=False,
        note=f"not tested: at most {n} items shared with one person, or too few with others",
    )


def _usual_notes(notes: SharedNotes) -> Floats:
    """Return for each pair the rate of identical notes to be expected, without the pair itself."""
    people = len(notes.annotators)
    both, same = notes.both.astype(np.float64), notes.identical.astype(np.float64)
    sides = (notes.first, notes.second)
    ends = _Ends(notes.first, notes.second, both, people)
    all_both, all_same = (ends.each(each, each) for each in (both, same))
    rates = [
        (same.sum() - same + 0.5) / (both.sum() - both + 1),
        *((all_same[side] - same + 0.5) / (all_both[side] - both + 1) for side in sides),
    ]
    usual: Floats = np.clip(np.max(rates, axis=0), 1e-6, 0.999)
    return usual
