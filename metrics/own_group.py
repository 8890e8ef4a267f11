"""Whether somebody who disagrees with the crew agrees with the own group.

A minority that reads the items in its own way, consistently, differs from the crew as much as a
careless person does. A careless person agrees with nobody, a member of such a group with the group:
then the groups diverge, and no single person errs.
Shapes: A annotators, Q labels, G groups.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import nan

import numpy as np
from numpy.typing import NDArray

from metrics.signals import Signal
from metrics.tables import AnnotatorPairs, Floats, Integers

FEWEST_SHARED = 20
"""Answers beside those of the own group, and of others, from which on they are compared."""
FEWEST_MEMBERS = 3
KEPT = 0.75
"""Share of the group's own agreement a member reaches; who is right on 15 points fewer items than
the others, the floor of agreement, reaches less."""
SOUND = 0.5
"""Share of the crew's agreement a group has to reach: a group of spammers excuses nobody."""
LOOKS = 0.25
"""Share of the crew's agreement that people apart must still reach with the others: those who read
two items in five otherwise do, those who answer without looking do not."""
SURELY = 2.0
"""Standard errors by which an unnamed member agrees more with the group than with the others."""
LOW = 0.05
"""Largest p-value of low agreement or information that makes somebody a possible member."""
_CELLS = 20_000_000
_EXCUSED = ("agreement", "information")


@dataclass(frozen=True, slots=True, eq=False)
class OwnGroup:
    """Chance-corrected agreement (Cohen's kappa, partners pooled) inside and outside the group.

    Attributes
    ----------
    own, outside : ndarray of shape (A,)
        Of the person with members of the own group, and with everybody else.
    error : ndarray of shape (A,)
        Standard error of `own`.
    among : ndarray of shape (A,)
        Of the other members of the group with each other.
    crew : float
        Of all pairs.
    n_own, n_outside : ndarray of shape (A,)
        Answers compared.
    members : ndarray of shape (A,)
        People in the group.
    """

    annotators: tuple[str, ...]
    own: Floats
    outside: Floats
    error: Floats
    among: Floats
    crew: float
    n_own: Integers
    n_outside: Integers
    members: Integers


def own_group(pairs: AnnotatorPairs, groups: Mapping[str, str]) -> OwnGroup | None:
    """Compare everybody's agreement with the own group and with the others.

    Does somebody stand apart alone, or with a whole group? It misleads where people of a group
    answer together; that is what the signs of dependence are for. None where nobody has a group,
    all have the same, or there are too many labels.

    References
    ----------
    Cohen (1960), A coefficient of agreement for nominal scales, 10.1177/001316446002000104
    """
    people, labels = len(pairs.annotators), len(pairs.labels)
    named = [groups.get(person, "") for person in pairs.annotators]
    known = sorted(set(named) - {""})
    if len(known) < 2 or people * labels**2 > _CELLS:
        return None
    group = np.array([known.index(name) if name else -1 for name in named], dtype=np.int64)
    same = (group[pairs.first] == group[pairs.second]) & (group[pairs.first] >= 0)
    inside, outside = (_tables(pairs, chosen) for chosen in (same, ~same))
    whole = np.zeros((len(known) + 1, labels, labels))
    np.add.at(whole, group, inside)  # people without a group fall into the last
    rest = whole[group] - inside - inside.transpose(0, 2, 1)
    everything = inside.sum(axis=0) + outside.sum(axis=0)
    own, error = _kappa(inside)
    return OwnGroup(
        annotators=pairs.annotators,
        own=own,
        error=error,
        outside=_kappa(outside)[0],
        among=_kappa(rest)[0],
        crew=float(_kappa(everything[None])[0][0]),
        n_own=inside.sum(axis=(1, 2)).astype(np.int64),
        n_outside=outside.sum(axis=(1, 2)).astype(np.int64),
        members=np.where(group >= 0, np.bincount(group[group >= 0])[group], 0),
    )


def with_their_group(found: OwnGroup) -> frozenset[str]:
    """Return who agrees with a group of their own and not with the others.

    Own agreement is near that among the other members, nearer to it than to the agreement with
    outsiders, and the group agrees in itself as a crew does.
    """
    kept = _agrees_inside(found, found.among)
    return frozenset(found.annotators[place] for place in np.flatnonzero(kept))


def apart_together(pairs: AnnotatorPairs, possible: Iterable[str]) -> frozenset[str]:
    """Return those of some people who agree with each other, as a group nobody named.

    Is it carelessness, or do they read the items in their own way together? Whoever agrees least
    with the rest of the group is left out until everybody left agrees with it as a member of a
    named group would, surely more than with the others, and with the others still more than
    somebody who does not look. Who copied has to be left out before: copies agree as well.
    """
    group = sorted(set(possible) & set(pairs.annotators))
    while len(group) >= FEWEST_MEMBERS:
        inside = dict.fromkeys(group, "apart")
        found = own_group(pairs, {who: inside.get(who, "rest") for who in pairs.annotators})
        if found is None:
            break
        places = np.array([found.annotators.index(who) for who in group])
        with np.errstate(invalid="ignore"):
            gain = found.own - found.outside
            sure = gain >= SURELY * found.error
            looks = found.outside >= LOOKS * max(found.crew, 0.0)
            # Of a small group luck decides how well the others agree; as well as a crew will do.
            usual = np.minimum(found.among, found.crew)
        if (_agrees_inside(found, usual) & sure & looks)[places].all():
            return frozenset(group)
        group.pop(int(np.argmin(np.nan_to_num(np.where(looks, gain, -2.0), nan=-3.0)[places])))
    return frozenset()


def possible_members(signals: Iterable[Signal], question: str) -> frozenset[str]:
    """Return who agrees less than others or tells less, and has surely not copied."""
    mine = [one for one in signals if one.question == question]
    copied = {one.person for one in mine if one.kind == "dependence" and one.is_enough}
    low = {
        one.person
        for one in mine
        if one.kind in _EXCUSED and one.side == "low" and one.p_value <= LOW
    }
    return frozenset(low - copied)


def _agrees_inside(found: OwnGroup, usual: Floats) -> NDArray[np.bool_]:
    """Whether people agree with their group as is usual in it, and nearer to that than outside."""
    with np.errstate(invalid="ignore"):
        return np.asarray(
            (found.own >= KEPT * usual)
            & (found.own - found.outside >= usual - found.own)
            & (found.own > found.outside)
            & (found.among >= SOUND * max(found.crew, 0.0))
            & (found.among > 0)
            & (np.minimum(found.n_own, found.n_outside) >= FEWEST_SHARED)
            & (found.members >= FEWEST_MEMBERS)
        )


def as_divergence(
    signals: Iterable[Signal], excused: frozenset[str], question: str
) -> list[Signal]:
    """Keep the signs of people who agree with their group, so that they accuse nobody."""
    told = []
    for one in signals:
        if one.person in excused and one.question == question and one.kind in _EXCUSED:
            note = f"{one.note}; agrees with the own group: groups diverge, not this person alone"
            told.append(replace(one, notable=False, blind=nan, note=note))
        else:
            told.append(one)
    return told


def _tables(pairs: AnnotatorPairs, chosen: np.ndarray) -> Floats:
    """Return own label by partner's label of everybody, over the chosen pairs; (A, Q, Q)."""
    size = len(pairs.labels)
    found = np.zeros((len(pairs.annotators), size, size))
    one, other, count = pairs.label_first, pairs.label_second, pairs.count
    np.add.at(found, (pairs.first[chosen], one[chosen], other[chosen]), count[chosen])
    np.add.at(found, (pairs.second[chosen], other[chosen], one[chosen]), count[chosen])
    return found


def _kappa(tables: Floats) -> tuple[Floats, Floats]:
    """Return kappa of each table (K, Q, Q), and its error; nan without data, or with one label."""
    n = tables.sum(axis=(1, 2))
    with np.errstate(invalid="ignore", divide="ignore"):
        agreement = np.trace(tables, axis1=1, axis2=2) / n
        chance = (tables.sum(axis=2) * tables.sum(axis=1)).sum(axis=1) / n**2
        room = np.where(chance < 1, 1 - chance, nan)
        steady = (n * agreement + 1) / (n + 2)
        error = np.sqrt(steady * (1 - steady) / n) / room
        return (agreement - chance) / room, error
