"""Pairs of people who share more than independent people would."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.cliques import cliques, voters
from metrics.dependence import dependence_signals, notes_signals, pair_residuals
from metrics.habit_tables import SharedNotes
from metrics.signals import Signal
from metrics.tables import AnnotatorPairs, Floats, Integers

PEOPLE = tuple(f"p{number:02d}" for number in range(12))


def pairs_of(votes: Integers, labels: int = 3) -> AnnotatorPairs:
    """Items in rows, people in columns; -1 where somebody did not answer."""
    rows = [
        (a, b, row[a], row[b])
        for row in votes
        for a in range(votes.shape[1])
        for b in range(a + 1, votes.shape[1])
        if row[a] >= 0 and row[b] >= 0
    ]
    keys, count = np.unique(np.array(rows).reshape(-1, 4), axis=0, return_counts=True)
    first, second, one, other = keys.T.astype(np.int64)
    names = tuple(f"l{number}" for number in range(labels))
    people = PEOPLE[: votes.shape[1]]
    roles = ("human",) * len(people)
    return AnnotatorPairs(names, "nominal", people, roles, first, second, one, other, count)


def crew_votes(*, copies: float = 0.0, copiers: int = 1, seed: int = 11) -> Integers:
    """300 items by 12 people at 6 each; copiers follow the first person where both answer."""
    generator = np.random.default_rng(seed)
    skill: Floats = np.clip(generator.normal(0.75, 0.05, 12), 0, 1)
    truth = generator.integers(0, 3, 400)
    votes = np.where(
        generator.random((400, 12)) < skill, truth[:, None], generator.integers(0, 3, (400, 12))
    )
    for copier in range(1, copiers + 1):
        follows = generator.random(400) < copies
        votes[:, copier] = np.where(follows, votes[:, 0], votes[:, copier])
    dropped = generator.permuted(np.tile(np.arange(12) < 6, (400, 1)), axis=1)
    found: Integers = np.where(dropped, -1, votes).astype(np.int64)
    return found


def signal_of(signals: list[Signal], person: str) -> Signal:
    return next(each for each in signals if each.person == person)


def test_copied_answers_are_found() -> None:
    signal = signal_of(dependence_signals(pairs_of(crew_votes(copies=0.8)), "q"), "p01")
    assert (signal.notable, signal.p_value < 0.001, signal.others) == (True, True, ("p00",))


def test_copied_answers_need_no_second_sign() -> None:
    signals = dependence_signals(pairs_of(crew_votes(copies=0.9)), "q")
    assert {each.person for each in signals if each.is_enough} == {"p00", "p01"}


def test_independent_people_never_stand_for_copies() -> None:
    assert not any(each.is_enough for each in dependence_signals(pairs_of(crew_votes()), "q"))


def test_people_of_one_view_are_alike_and_no_copies() -> None:
    """Four of 12 read two items in five in another way, each with the own slips."""
    draw = np.random.default_rng(2)
    truth = draw.integers(0, 3, 600)
    seen = np.where(
        (np.arange(12) < 4) & (draw.random((600, 1)) < 0.4),
        (truth[:, None] + 1) % 3,
        truth[:, None],
    )
    votes = np.where(draw.random((600, 12)) < 0.9, seen, draw.integers(0, 3, (600, 12)))
    dropped = draw.permuted(np.tile(np.arange(12) < 6, (600, 1)), axis=1)
    signals = dependence_signals(pairs_of(np.where(dropped, -1, votes)), "q")
    few = [each for each in signals if each.person < "p04"]
    assert min(each.p_value for each in few) < 0.05
    assert not any(each.is_enough for each in few)


def test_both_sides_of_a_copy_are_named() -> None:
    signals = dependence_signals(pairs_of(crew_votes(copies=0.8)), "q")
    assert {each.person for each in signals if each.others} == {"p00", "p01"}


def test_clique_names_all_its_members() -> None:
    signals = dependence_signals(pairs_of(crew_votes(copies=0.9, copiers=3)), "q")
    assert signal_of(signals, "p02").others == ("p00", "p01", "p03")


def test_independent_people_share_what_their_skill_explains() -> None:
    found = pair_residuals(pairs_of(crew_votes()))
    assert found.agreement == pytest.approx(found.expected, abs=0.2)
    assert float(np.mean(found.agreement - found.expected)) == pytest.approx(0, abs=0.02)


def test_independent_people_are_no_sign() -> None:
    signals = dependence_signals(pairs_of(crew_votes()), "q")
    assert not [each for each in signals if each.notable and each.p_value < 0.05 / 12]


def test_unanimous_crew_is_no_sign() -> None:
    signals = dependence_signals(pairs_of(np.zeros((100, 12), dtype=np.int64)), "q")
    assert not any(each.notable or each.p_value < 0.05 for each in signals)


def test_one_pair_alone_is_not_tested() -> None:
    signals = dependence_signals(pairs_of(np.zeros((100, 2), dtype=np.int64)), "q")
    assert all(np.isnan(each.p_value) and "not tested" in each.note for each in signals)


def test_fixed_teams_of_two_are_not_tested() -> None:
    """Nothing but the pair itself tells how good they are."""
    votes = np.full((200, 12), -1)
    for item in range(200):
        votes[item, 2 * (item % 6) : 2 * (item % 6) + 2] = item % 3
    assert all(np.isnan(each.p_value) for each in dependence_signals(pairs_of(votes), "q"))


def test_nobody_gives_no_signal() -> None:
    assert dependence_signals(pairs_of(np.zeros((0, 0), dtype=np.int64)), "q") == []


def notes(identical: int, both: int = 40) -> SharedNotes:
    first, second = np.triu_indices(8, 1)
    same = np.zeros(len(first), dtype=np.int64)
    same[0] = identical
    return SharedNotes(PEOPLE[:8], first, second, np.full(len(first), both), same)


def test_identical_notes_are_found() -> None:
    signal = signal_of(notes_signals(notes(12), "q"), "p00")
    assert (signal.notable, signal.p_value < 1e-6, signal.others) == (True, True, ("p01",))


def test_notes_of_which_most_are_identical_need_no_second_sign() -> None:
    enough = [
        {each.person for each in notes_signals(notes(same), "q") if each.is_enough}
        for same in (12, 24)
    ]
    assert enough == [set(), {"p00", "p01"}]


def test_two_identical_notes_are_chance() -> None:
    assert not any(each.notable for each in notes_signals(notes(2), "q"))


def test_notes_without_equals_are_no_sign() -> None:
    assert all(each.p_value == 1 for each in notes_signals(notes(0), "q"))


def test_phrases_of_the_whole_crew_are_no_copies() -> None:
    table = notes(14)
    table.identical[1:] = 12
    assert not any(each.notable for each in notes_signals(table, "q"))


def test_no_notes_give_no_signal() -> None:
    nothing = np.zeros(0, dtype=np.int64)
    assert notes_signals(SharedNotes((), nothing, nothing, nothing, nothing), "q") == []


def test_clique_votes_once() -> None:
    assert voters(PEOPLE[:5], cliques([("p00", "p01"), ("p01", "p02")])) == 3


links = st.lists(st.tuples(st.sampled_from(PEOPLE), st.sampled_from(PEOPLE)), max_size=12)


@given(links)
def test_cliques_are_apart_and_hold_every_link(found: list[tuple[str, str]]) -> None:
    groups = cliques(found)
    assert len({each for group in groups for each in group}) == sum(map(len, groups))
    assert all(any({a, b} <= set(group) for group in groups) for a, b in found)


@given(links)
def test_voters_are_no_more_than_people(found: list[tuple[str, str]]) -> None:
    assert 0 < voters(PEOPLE, cliques(found)) <= len(PEOPLE)


@given(st.integers(0, 10**6), st.integers(2, 12), st.integers(1, 40))
def test_dependence_signals_are_chances_or_say_why_not(seed: int, people: int, items: int) -> None:
    votes = np.random.default_rng(seed).integers(-1, 3, (items, people))
    for each in dependence_signals(pairs_of(votes), "q"):
        assert np.isnan(each.p_value) or 0 < each.p_value <= 1
        assert np.isfinite(each.p_value) or "not tested" in each.note
