"""Counts that stand beside estimates: answers per label, pairs of labels, who judged what twice.

Plain sums over the same statistics that the metrics read; nothing here is an estimate.
"""

from collections import Counter
from dataclasses import dataclass

from app import assemble
from app.measure import Slice
from queries.batches import BatchInfo, Question
from queries.schema import PEOPLE
from queries.scope import Scope, Viewer
from queries.store import Store


@dataclass(frozen=True, slots=True)
class LabelPair:
    """How often two annotators of one item gave these two labels."""

    first: str
    second: str
    count: int

    @property
    def is_agreement(self) -> bool:
        """Whether both gave the same label."""
        return self.first == self.second


@dataclass(frozen=True, slots=True)
class Stratum:
    """How many items of a stratum were judged at all, and how many twice or more."""

    dimension: str
    name: str
    rated: int
    twice: int


def label_counts(
    store: Store, batch: BatchInfo, question: Question, where: Slice, viewer: Viewer
) -> list[tuple[str, int]]:
    """Return each label of a question with its number of answers, in the declared order."""
    rows = store.fetch("unit_patterns", _scope(batch, question, where, viewer), dimension="")
    found: Counter[str] = Counter()
    for label, count, times in zip(
        *(rows[name].to_pylist() for name in ("label", "count", "multiplicity")), strict=True
    ):
        found[label] += count * times
    return [(label, found[label]) for label in assemble.labels_of(question, rows, "label")]


def label_pairs(
    store: Store, batch: BatchInfo, question: Question, where: Slice, viewer: Viewer
) -> list[LabelPair]:
    """Return pairs of labels that two people gave to one item, each unordered pair once."""
    rows = store.fetch("annotator_pairs", _scope(batch, question, where, viewer))
    domain = assemble.labels_of(question, rows, "label_a", "label_b")
    place = {label: number for number, label in enumerate(domain)}
    found: Counter[tuple[str, str]] = Counter()
    columns = ("role_a", "role_b", "label_a", "label_b", "count")
    for role_a, role_b, a, b, count in zip(
        *(rows[name].to_pylist() for name in columns), strict=True
    ):
        if role_a in PEOPLE and role_b in PEOPLE:
            first, second = sorted((a, b), key=place.__getitem__)
            found[first, second] += count
    return [LabelPair(first, second, count) for (first, second), count in found.most_common()]


def overlap(
    store: Store, batch: BatchInfo, question: Question, dimension: str, viewer: Viewer
) -> list[Stratum]:
    """Return per stratum how many items were judged, and how many twice or more.

    `dimension` '' is the whole batch, one row.
    """
    rows = store.fetch("unit_patterns", _scope(batch, question, (), viewer), dimension=dimension)
    strata = []
    for name, part in assemble.strata(rows):
        patterns = assemble.unit_patterns(part, question)
        judged = patterns.counts.sum(axis=1)
        strata.append(
            Stratum(
                dimension,
                name,
                rated=int(patterns.multiplicity[judged >= 1].sum()),
                twice=int(patterns.multiplicity[judged >= 2].sum()),
            )
        )
    return strata


def people(store: Store, batch: BatchInfo, viewer: Viewer) -> dict[str, str]:
    """Return the name of every annotator of a batch with the key that stands for it in the data."""
    rows = store.fetch("annotator_labels", Scope(batch=batch.batch_id, viewer=viewer))
    keys = assemble.distinct(rows["person_key"])
    return {name: key for key, name in store.people(keys).items()}


def _scope(batch: BatchInfo, question: Question, where: Slice, viewer: Viewer) -> Scope:
    return Scope(batch=batch.batch_id, viewer=viewer, where=where, questions=(question.name,))
