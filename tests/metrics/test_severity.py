"""Severity on shared scales, and agreement free of it."""

import numpy as np
import pytest

from metrics.severity import (
    components,
    ordered_agreement_signals,
    severity,
    severity_free_agreement,
)
from metrics.tables import AnnotatorPairs

# Shrout and Fleiss (1979): 6 targets, 4 judges.
JUDGES = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
)
SCALE = tuple(str(score) for score in range(1, 11))


def pairs_of(units: list[dict[str, str]], labels: tuple[str, ...]) -> AnnotatorPairs:
    people = tuple(sorted({who for unit in units for who in unit}))
    rows = [
        (people.index(a), people.index(b), labels.index(unit[a]), labels.index(unit[b]), 1)
        for unit in units
        for a in sorted(unit)
        for b in sorted(unit)
        if a < b
    ]
    columns = np.array(rows, dtype=np.int64).reshape(len(rows), 5).T
    return AnnotatorPairs(labels, "interval", people, ("human",) * len(people), *columns)


def test_levels_are_those_of_the_reference_case() -> None:
    """B-11: judge mean minus grand mean."""
    units = [{f"j{k}": str(score) for k, score in enumerate(row)} for row in JUDGES]
    found = severity(pairs_of(units, SCALE))
    assert found.level == pytest.approx([2.375, -2.791666667, -0.958333333, 1.375], abs=1e-8)


def test_levels_do_not_depend_on_whom_one_worked_with() -> None:
    """c works with the strict a only, and is as lenient as b all the same."""
    units = [{"a": str(k + 2), "b": str(k)} for k in range(1, 7)]
    units += [{"a": str(k + 2), "c": str(k)} for k in range(1, 7)]
    found = severity(pairs_of(units, SCALE))
    assert found.level[1] == pytest.approx(found.level[2])
    assert found.level[0] - found.level[1] == pytest.approx(2.0)


def test_disconnected_blocks_have_levels_of_their_own() -> None:
    units = [{"a": "5", "b": "3"}] * 5 + [{"c": "9", "d": "9"}] * 5
    found = severity(pairs_of(units, SCALE))
    assert found.component.tolist() == [0, 0, 1, 1]
    assert found.level == pytest.approx([1.0, -1.0, 0.0, 0.0])


def test_components_follow_long_chains() -> None:
    chain = np.arange(50)
    assert set(components(chain[1:], chain[:-1], 51).tolist()) == {0, 1}


def test_a_strict_person_who_orders_as_the_others_agrees(patterns_from_ratings) -> None:
    generator = np.random.default_rng(4)
    units = []
    for _ in range(200):
        quality = generator.integers(3, 8)
        unit = {who: str(quality + generator.integers(0, 2)) for who in "pqr"}
        unit["strict"] = str(quality - 2)
        units.append(unit)
    patterns = patterns_from_ratings(units, SCALE, "interval")
    found = severity_free_agreement(patterns)
    strict = patterns.annotators.annotators.index("strict")
    assert np.tanh(found.observed[strict]) > 0.9
    assert not any(
        one.notable and one.side == "low" for one in ordered_agreement_signals(patterns, "q")
    )


def test_one_score_for_all_items_is_not_defined(patterns_from_ratings) -> None:
    units = [{"p": "1", "q": str(1 + k % 3), "r": str(1 + k % 3)} for k in range(30)]
    patterns = patterns_from_ratings(units, SCALE, "interval")
    assert {one.person for one in ordered_agreement_signals(patterns, "q")} == {"q", "r"}
