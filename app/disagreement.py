"""Why annotators of a batch disagree: causes, confused labels, and the rules they fall under."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from app import assemble
from metrics.coefficients import ratings_per_unit
from metrics.confusions import Confusion
from metrics.disagreement import Disagreement, why_they_disagree
from metrics.tables import UnitPatterns
from queries.batches import BatchInfo, Question
from queries.schema import PEOPLE
from queries.scope import Scope, Viewer
from queries.store import Store

MOST_CONFUSIONS = 8
EVERYBODY = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Version:
    """How often two labels met under one version of the guideline."""

    name: str
    confused: int
    pairs: int


@dataclass(frozen=True, slots=True)
class ConfusedLabels:
    """Two labels that people confuse, and where the guideline could say more.

    `versions` counts pairs of answers under each version of the guideline that both worked by;
    `rules` those that reviewers named when they changed one of the labels to the other.
    """

    confusion: Confusion
    versions: tuple[Version, ...]
    rules: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Why:
    """The split of the disagreement on one question, and its most confused labels."""

    split: Disagreement
    confused: tuple[ConfusedLabels, ...]


def why(
    store: Store,
    batch: BatchInfo,
    question: Question,
    viewer: Viewer,
    *,
    apart: Collection[str] = (),
) -> Why:
    """Split the disagreement on a question; `apart` are keys of people who stand apart."""
    scope = Scope(batch=batch.batch_id, viewer=viewer, questions=(question.name,))
    patterns = _patterns(store, batch, question, scope)
    found = assemble.annotator_pairs(store.fetch("annotator_pairs", scope), question)
    pairs = assemble.of_roles(found, PEOPLE)
    persons = store.fetch("persons", scope, limit=EVERYBODY)
    group = dict(
        zip(
            persons["person_key"].to_pylist(),
            persons["annotator_group"].to_pylist(),
            strict=True,
        )
    )
    split = why_they_disagree(
        pairs,
        patterns,
        groups=[group.get(person) for person in pairs.annotators],
        apart=[person for person in pairs.annotators if person in apart],
    )
    return Why(split, _confused(store, batch, question, scope, split))


def _patterns(store: Store, batch: BatchInfo, question: Question, scope: Scope) -> UnitPatterns:
    groups = store.fetch("group_patterns", scope, dimension="") if batch.has_groups else None
    rows = store.fetch("unit_patterns", scope, dimension="")
    return assemble.unit_patterns(rows, question, groups=groups)


def _confused(
    store: Store, batch: BatchInfo, question: Question, scope: Scope, split: Disagreement
) -> tuple[ConfusedLabels, ...]:
    """Look up where the most frequent confusions come from."""
    versions = []
    if "guideline_version" in batch.dimensions:
        rows = store.fetch("unit_patterns", scope, dimension="guideline_version")
        versions = [
            (name, assemble.unit_patterns(part, question)) for name, part in assemble.strata(rows)
        ]
    named: Counter[tuple[frozenset[str], str]] = Counter()
    for row in store.fetch("rules_by_labels", scope).to_pylist():
        named[frozenset((row["value_before"], row["value_after"])), row["rule_ref"]] += row[
            "reviews"
        ]
    return tuple(
        ConfusedLabels(
            each,
            tuple(_version(name, patterns, each) for name, patterns in versions),
            tuple(
                (rule, count)
                for (labels, rule), count in named.most_common()
                if labels == {each.first, each.second}
            ),
        )
        for each in split.confusions[:MOST_CONFUSIONS]
        if each.pairs
    )


def _version(name: str, patterns: UnitPatterns, confusion: Confusion) -> Version:
    """Count how often two labels met in the answers given under one version."""
    ratings = ratings_per_unit(patterns.counts)
    pairs = float(patterns.multiplicity @ (ratings * (ratings - 1.0) / 2.0))
    met = 0
    if {confusion.first, confusion.second} <= set(patterns.labels):
        one, other = (patterns.labels.index(label) for label in (confusion.first, confusion.second))
        met = int(patterns.multiplicity @ (patterns.counts[:, one] * patterns.counts[:, other]))
    return Version(name, met, round(pairs))
