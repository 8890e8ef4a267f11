"""Cliques: people who copy from each other, who together have one vote.

Copied answers are one opinion; counted as several they outvote everybody else.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from metrics.signals import Signal
from metrics.tables import Integers, LabelSets


def cliques(links: Sequence[tuple[str, str]]) -> tuple[tuple[str, ...], ...]:
    """Join linked people into groups; whoever is linked to a member belongs to the group.

    Examples
    --------
    >>> cliques([("a", "b"), ("d", "e"), ("b", "c")])
    (('a', 'b', 'c'), ('d', 'e'))
    """
    group_of: dict[str, set[str]] = {}
    for first, second in links:
        joined = group_of.get(first, {first}) | group_of.get(second, {second})
        group_of.update(dict.fromkeys(joined, joined))
    return tuple(sorted({tuple(sorted(group)) for group in group_of.values()}))


def voters(people: Sequence[str], groups: Sequence[Sequence[str]]) -> int:
    """Return how many independent votes people have, a clique counting as one voter.

    Examples
    --------
    >>> voters(["a", "b", "c", "d"], [("a", "b", "x")])
    3
    """
    present = set(people)
    return len(present) - sum(max(len(present & set(group)) - 1, 0) for group in groups)


def copied_groups(signals: Iterable[Signal]) -> tuple[tuple[str, ...], ...]:
    """Return the groups of people whose answers or notes are surely copied."""
    sure = [one for one in signals if one.kind == "dependence" and one.is_enough]
    people = {one.person for one in sure}
    return cliques([(one.person, other) for one in sure for other in one.others if other in people])


def as_one_voter(sets: LabelSets, groups: Sequence[Sequence[str]]) -> tuple[LabelSets, Integers]:
    """Let each group vote once on an item: of its answers that of the first member counts.

    Returns
    -------
    sets : LabelSets
        With the answers of a group given to its first member.
    voter : ndarray of shape (A,)
        Who votes for each person: the person, or the first member of the group.

    Examples
    --------
    >>> sets = LabelSets(("x", "y"), ("a", "b", "c"), np.array([0, 3]), np.array([0, 1, 2]),
    ...     np.array([0, 0, 1]), np.array([5]))
    >>> merged, voter = as_one_voter(sets, [("a", "b")])
    >>> merged.annotator.tolist(), merged.label.tolist(), voter.tolist()
    ([0, 2], [0, 1], [0, 0, 2])
    """
    place = {person: number for number, person in enumerate(sets.annotators)}
    voter = np.arange(len(sets.annotators), dtype=np.int64)
    for group in groups:
        members = [place[person] for person in group if person in place]
        voter[members] = min(members, default=0)
    number = np.repeat(np.arange(len(sets.multiplicity)), np.diff(sets.start))
    who = voter[sets.annotator]
    order = np.lexsort((sets.annotator, who, number))
    new = (np.diff(number[order], prepend=-1) != 0) | (np.diff(who[order], prepend=-1) != 0)
    kept = np.sort(order[new])
    size = np.bincount(number[kept], minlength=len(sets.multiplicity))
    start = np.concatenate([[0], np.cumsum(size)]).astype(np.int64)
    return replace(sets, start=start, annotator=who[kept], label=sets.label[kept]), voter
