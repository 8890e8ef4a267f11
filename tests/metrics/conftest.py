"""Builders of statistic tables from explicit ratings."""

from collections import Counter

import numpy as np
import pytest

from metrics.tables import AnnotatorPatterns, Compositions, UnitPatterns


def _patterns_from_ratings(units, labels, level="nominal", *, tie_labels=(), groups=None):
    """Patterns of units given as {annotator: label} or as a sequence of labels (None: missing)."""
    units = [unit if isinstance(unit, dict) else dict(enumerate(unit)) for unit in units]
    units = [{who: said for who, said in unit.items() if said is not None} for unit in units]
    vectors = [tuple(list(unit.values()).count(label) for label in labels) for unit in units]
    kinds = Counter(vectors)
    place = {vector: index for index, vector in enumerate(kinds)}
    given = Counter(
        (who, place[vector], labels.index(said))
        for unit, vector in zip(units, vectors, strict=True)
        for who, said in unit.items()
    )
    return UnitPatterns(
        labels=tuple(labels),
        level=level,
        counts=np.array(list(kinds), dtype=np.int64).reshape(len(kinds), len(labels)),
        multiplicity=np.array(list(kinds.values()), dtype=np.int64),
        tie_labels=tuple(tie_labels),
        compositions=None if groups is None else _compositions(vectors, groups, place),
        annotators=_annotators(given),
    )


def _compositions(vectors, groups, place):
    contents = {}
    for vector, group in zip(vectors, groups, strict=True):
        contents.setdefault(group, Counter())[place[vector]] += 1
    kinds = Counter(tuple(sorted(content.items())) for content in contents.values())
    entries = [(k, *entry) for k, content in enumerate(kinds) for entry in content]
    columns = np.array(entries, dtype=np.int64).reshape(len(entries), 3).T
    return Compositions(*columns, np.array(list(kinds.values()), dtype=np.int64))


def _annotators(given):
    people = sorted({who for who, _, _ in given}, key=str)
    entries = [(people.index(who), pattern, label, n) for (who, pattern, label), n in given.items()]
    columns = np.array(entries, dtype=np.int64).reshape(len(entries), 4).T
    return AnnotatorPatterns(tuple(str(who) for who in people), *columns)


@pytest.fixture(scope="session")
def patterns_from_ratings():
    """Builder of `UnitPatterns`, with annotators and, where groups are given, compositions."""
    return _patterns_from_ratings


@pytest.fixture(scope="session")
def patterns_from_table():
    """Builder of `UnitPatterns` from a square table of two annotators."""

    def build(table, labels=None, level="nominal"):
        size = len(table)
        labels = labels or [str(number + 1) for number in range(size)]
        units = [
            (labels[row], labels[column])
            for row in range(size)
            for column in range(size)
            for _ in range(table[row][column])
        ]
        return _patterns_from_ratings(units, labels, level)

    return build
