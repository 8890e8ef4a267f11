"""Batches made by people with habits, counted into the tables that `metrics` reads.

An honest crew: unequal work (lognormal), accuracies with a standard deviation of .05, paces that
differ by a third, a small lean to the first option, items of unequal difficulty, times with heavy
tails. A defect is planted in one person (two for copies), or one answers without looking.
"""

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from metrics.habit_tables import (
    AgreementCourse,
    AnswerRuns,
    GoldenCourse,
    Paces,
    RepeatedAnswers,
    SharedNotes,
    ShownChoices,
    TimeChecks,
)
from metrics.tables import AnnotatorPairs, AnnotatorPatterns, UnitPatterns

Ints = NDArray[np.int64]
DEFECTS = (
    "straight_lining",
    "runs",
    "position",
    "fast",
    "slow",
    "fatigue",
    "repeats",
    "leakage",
    "copying",
    "notes",
)


@dataclass
class Crew:
    """One batch: answers in rows, each person's in the order of time; 40 people by default.

    `accuracy` and `deviation` are those of the share of items somebody knows; on the others they
    answer by taste, and are right by luck at times. `busiest` is how much more the busiest did than
    the idlest, the others being placed between them by rank; lognormal when 0. `spam` is how the
    culprit answers `spam_items` items without looking: random (any label), constant (the commonest
    one) or mimic (labels as common as the crew's). The larger `even`, the more alike are the shares
    of the labels.
    """

    generator: np.random.Generator
    people: int = 40
    items: int = 2000
    votes: int = 3
    labels: int = 3
    accuracy: float = 0.85
    deviation: float = 0.05
    defect: str = ""
    busiest: int = 0
    spam: str = ""
    spam_items: int = 0
    even: float = 4.0
    copies: float = 0.8
    culprit: int = 0
    item: Ints = field(init=False)
    person: Ints = field(init=False)
    label: Ints = field(init=False)

    def __post_init__(self) -> None:
        """Draw the batch."""
        draw = self.generator
        keys = self._wishes()
        chosen = np.argsort(-keys, axis=1)[:, : self.votes]
        self.item = np.repeat(np.arange(self.items), self.votes)
        self.person = chosen.ravel()
        skill = np.clip(draw.normal(self.accuracy, self.deviation, self.people), 0.1, 0.99)
        prevalence = draw.dirichlet(np.full(self.labels, self.even))
        self.truth = draw.choice(self.labels, size=self.items, p=prevalence)
        self.hard = draw.beta(1.0, 4.0, self.items) - 0.2
        self.skill = skill
        order = draw.permutation(len(self.item))
        order = order[np.argsort(self.person[order], kind="stable")]
        self.item, self.person = self.item[order], self.person[order]
        self.taste = draw.dirichlet(np.full(self.labels, 6.0), size=self.people)
        self.label = self.answers(self.person, self.truth[self.item], self.hard[self.item])
        self._plant()
        starts = np.searchsorted(self.person, np.arange(self.people))
        self.place = np.arange(len(self.person)) - starts[self.person]
        self.n = np.bincount(self.person, minlength=self.people)

    def _wishes(self) -> NDArray[np.float64]:
        """Draw who gets which item: the first of each row do."""
        draw = self.generator
        work = np.exp(draw.normal(0, 0.6, self.people))
        self.culprit = int(np.argsort(work)[self.people // 2])
        work[self.culprit] = np.median(work)
        if self.busiest:
            work = 1.0 / draw.permutation(np.minimum(np.arange(self.people) + 1, self.busiest))
        keys = np.log(work) + draw.gumbel(size=(self.items, self.people))
        if self.spam:
            keys[:, self.culprit] = -np.inf
            keys[draw.permutation(self.items)[: self.spam_items], self.culprit] = np.inf
        return keys

    def answers(self, person: Ints, truth: Ints, hard: NDArray[np.float64]) -> Ints:
        """Answer as these people would: right by skill and item, else by their own taste."""
        draw = self.generator
        right = draw.random(len(person)) < np.clip(self.skill[person] - 0.5 * hard, 0, 1)
        steps = np.cumsum(self.taste[person], axis=1)
        other = (draw.random(len(person))[:, None] > steps[:, :-1]).sum(axis=1)
        return np.where(right, truth, other).astype(np.int64)

    def _plant(self) -> None:
        draw, mine = self.generator, self.person == self.culprit
        rows = np.flatnonzero(mine)
        if self.defect == "straight_lining":
            common = np.bincount(self.truth, minlength=self.labels).argmax()
            self.label[rows] = np.where(draw.random(len(rows)) < 0.9, common, self.label[rows])
        if self.defect == "runs":
            for before, row in pairwise(rows):
                if draw.random() < 0.6:
                    self.label[row] = self.label[before]
        if self.defect == "fatigue":
            late = rows[len(rows) // 2 :]
            self.label[late] = draw.integers(0, self.labels, len(late))
        if self.defect == "copying":
            self._copy(rows)
        if self.spam:
            shares = np.bincount(self.truth, minlength=self.labels) / self.items
            blind = {
                "random": draw.integers(0, self.labels, len(rows)),
                "constant": np.full(len(rows), shares.argmax()),
                "mimic": draw.choice(self.labels, len(rows), p=shares),
            }
            self.label[rows] = blind[self.spam]

    def _copy(self, rows: Ints) -> None:
        """Give the culprit's partner the culprit's items, and a share of the answers (`copies`)."""
        partner = self.partner
        copied = rows
        others = np.isin(self.item, self.item[copied]) & (self.person != self.culprit)
        _, spots = np.unique(self.item[others], return_index=True)
        taken = np.flatnonzero(others)[spots]
        taken = taken[~np.isin(self.item[taken], self.item[self.person == partner])]
        answer = dict(zip(self.item[copied].tolist(), self.label[copied].tolist(), strict=True))
        copies = self.generator.random(len(taken)) < self.copies
        given = np.array([answer[each] for each in self.item[taken].tolist()], dtype=np.int64)
        self.person[taken] = partner
        fresh = self.answers(
            np.full(len(taken), partner), self.truth[self.item[taken]], self.hard[self.item[taken]]
        )
        self.label[taken] = np.where(copies, given, fresh)
        order = np.argsort(self.person, kind="stable")
        self.item, self.person, self.label = (
            each[order] for each in (self.item, self.person, self.label)
        )

    @property
    def partner(self) -> int:
        """Who copies from the culprit."""
        return (self.culprit + 1) % self.people

    @property
    def names(self) -> tuple[str, ...]:
        """Keys of the people."""
        return tuple(f"p{number:03d}" for number in range(self.people))

    def is_culprit(self, name: str) -> bool:
        """Whether a defect was planted in that person."""
        both = self.defect in {"copying", "notes"}
        return name in {self.names[self.culprit], self.names[self.partner] if both else ""}

    def votes_of_items(self) -> Ints:
        """Return counts of labels by item."""
        counts = np.zeros((self.items, self.labels), dtype=np.int64)
        np.add.at(counts, (self.item, self.label), 1)
        return counts

    def patterns(self) -> UnitPatterns:
        """Return the table for straight-lining."""
        counts, pattern = np.unique(self.votes_of_items(), axis=0, return_inverse=True)
        multiplicity = np.bincount(pattern.ravel(), minlength=len(counts))
        keys = np.stack([self.person, pattern.ravel()[self.item], self.label], axis=1)
        rows, count = np.unique(keys, axis=0, return_counts=True)
        who = AnnotatorPatterns(self.names, rows[:, 0], rows[:, 1], rows[:, 2], count)
        labels = tuple(f"l{number}" for number in range(self.labels))
        return UnitPatterns(labels, "nominal", counts, multiplicity, annotators=who)

    def pairs(self) -> AnnotatorPairs:
        """Return the joint labels of all pairs."""
        order = np.lexsort((self.person, self.item))
        person = self.person[order].reshape(self.items, self.votes)
        label = self.label[order].reshape(self.items, self.votes)
        first, second = np.triu_indices(self.votes, 1)
        columns = [person[:, first], person[:, second], label[:, first], label[:, second]]
        keys = np.stack([each.ravel() for each in columns], axis=1)
        rows, count = np.unique(keys, axis=0, return_counts=True)
        labels = tuple(f"l{number}" for number in range(self.labels))
        roles = ("human",) * self.people
        return AnnotatorPairs(labels, "nominal", self.names, roles, *rows.T, count)

    def runs(self) -> AnswerRuns:
        """Return the runs of labels in the order of time."""
        new = (np.diff(self.person, prepend=-1) != 0) | (np.diff(self.label, prepend=-1) != 0)
        starts = np.flatnonzero(new)
        length = np.diff(np.append(starts, len(self.label)))
        keys = np.stack([self.person[starts], self.label[starts], length], axis=1)
        rows, count = np.unique(keys, axis=0, return_counts=True)
        labels = tuple(f"l{number}" for number in range(self.labels))
        return AnswerRuns(labels, self.names, *rows.T, count)

    def course(self) -> AgreementCourse:
        """Return agreement by tenth of the work."""
        counts = self.votes_of_items()[self.item]
        tenth = self.place * 10 // self.n[self.person]
        same = counts[np.arange(len(self.item)), self.label]
        keys = np.stack([self.person, tenth, counts.sum(axis=1), same], axis=1)
        rows, count = np.unique(keys, axis=0, return_counts=True)
        return AgreementCourse(self.names, *rows.T, count)

    def shown(self) -> ShownChoices:
        """Let everybody choose between two options, with a small lean to the first."""
        draw = self.generator
        lean = draw.normal(0.53, 0.03, self.people)
        if self.defect == "position":
            lean[self.culprit] = 0.8
        first = draw.random(len(self.person)) < lean[self.person]
        order = draw.integers(0, 2, len(self.person))
        keys = np.stack([self.person, order, (~first).astype(np.int64)], axis=1)
        rows, count = np.unique(keys, axis=0, return_counts=True)
        return ShownChoices(self.names, *rows.T, np.full(len(rows), 2), count)

    def paces(self) -> tuple[Paces, TimeChecks]:
        """Let everybody take their time, with two kinds of items."""
        draw = self.generator
        pace = np.log(20) + draw.normal(0, 0.3, self.people)
        if self.defect in {"fast", "slow"}:
            pace[self.culprit] = np.log(20) + np.log(5) * (1 if self.defect == "slow" else -1)
        stratum = self.truth[self.item] % 2
        seconds = np.exp(
            pace[self.person] + stratum * 0.7 + 0.5 * draw.standard_t(4, len(self.person))
        )
        bins = np.floor(np.log(seconds * 1000 + 1) / np.log(1.02)).astype(np.int64)
        keys = np.stack([self.person, stratum, bins], axis=1)
        rows, count = np.unique(keys, axis=0, return_counts=True)
        none = np.zeros(self.people, dtype=np.int64)
        checks = TimeChecks(self.names, self.n, none, none, none + 1, self.n - 1, none, none)
        return Paces(self.names, *rows.T, count), checks

    def repeats(self) -> RepeatedAnswers:
        """Let everybody answer a fifth of the items again."""
        draw = self.generator
        chosen = draw.random(len(self.person)) < 0.2
        person, item = self.person[chosen], self.item[chosen]
        again = self.answers(person, self.truth[item], self.hard[item])
        # Most of what somebody answers to an item is answered for the same reasons again.
        again = np.where(draw.random(len(again)) < 0.7, self.label[chosen], again)
        if self.defect == "repeats":
            mine = person == self.culprit
            again[mine] = draw.integers(0, self.labels, int(mine.sum()))
        keys = np.stack([person, (again == self.label[chosen]).astype(np.int64)], axis=1)
        rows, count = np.unique(keys, axis=0, return_counts=True)
        return RepeatedAnswers(self.names, *rows.T, count)

    def golden(self) -> GoldenCourse:
        """Let everybody answer a share of 60 golden items, half of them old by then."""
        draw, size = self.generator, 60
        hard = draw.beta(1.0, 4.0, size) - 0.2
        seen = draw.random((self.people, size)) < np.clip(self.n / self.n.max(), 0.4, 1)[:, None]
        old = np.broadcast_to(np.arange(size) % 2 == 0, seen.shape)
        right = draw.random(seen.shape) < np.clip(self.skill[:, None] - 0.5 * hard, 0, 1)
        if self.defect == "leakage":
            seen[self.culprit] = True
            right[self.culprit] = old[0] | (draw.random(size) < 0.5)
        person, item = np.nonzero(seen)
        answers, good = seen.sum(axis=0)[item], (right & seen).sum(axis=0)[item]
        columns = [person, old[person, item], right[person, item], answers, good]
        rows, count = np.unique(np.stack(columns, axis=1), axis=0, return_counts=True)
        return GoldenCourse(self.names, *rows.T.astype(np.int64), count)

    def notes(self) -> SharedNotes:
        """Let two in a hundred pairs of notes be the same by ready-made phrases."""
        draw, pairs = self.generator, self.pairs()
        key = pairs.first * self.people + pairs.second
        keys, place = np.unique(key, return_inverse=True)
        both = np.bincount(place, weights=pairs.count).astype(np.int64)
        first, second = keys // self.people, keys % self.people
        rate = np.full(len(keys), 0.02)
        if self.defect == "notes":
            low, high = sorted((self.culprit, self.partner))
            mine = (first == low) & (second == high)
            both = np.where(mine, np.maximum(both, 10), both)
            rate[mine] = 0.6
        return SharedNotes(self.names, first, second, both, draw.binomial(both, rate))
