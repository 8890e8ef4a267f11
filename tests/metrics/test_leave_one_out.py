"""Agreement with the majority of the others, against counting by hand."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.information import association, information_signals
from metrics.leave_one_out import agreement_signals, leave_one_out
from metrics.posterior_accuracy import consensus_evidence, crew_model

LABELS = ("a", "b", "c")
PEOPLE = ("p", "q", "r", "s")


def by_hand(units: list[dict[str, str]], person: str) -> tuple[int, int, int, int]:
    """Return agreed, counted, tied, alone."""
    agreed = counted = tied = alone = 0
    for unit in units:
        if person not in unit:
            continue
        votes = Counter(said for who, said in unit.items() if who != person).most_common()
        if not votes:
            alone += 1
        elif len(votes) > 1 and votes[0][1] == votes[1][1]:
            tied += 1
        else:
            counted += 1
            agreed += votes[0][0] == unit[person]
    return agreed, counted, tied, alone


UNITS = st.lists(
    st.dictionaries(st.sampled_from(PEOPLE), st.sampled_from(LABELS), min_size=1),
    min_size=1,
    max_size=25,
)


@given(UNITS)
def test_counts_are_those_by_hand(patterns_from_ratings, units) -> None:
    found = leave_one_out(patterns_from_ratings(units, LABELS))
    for place, person in enumerate(found.annotators):
        agreed, counted, tied, alone = by_hand(units, person)
        assert (found.standing.n[place], found.tied[place], found.alone[place]) == (
            counted,
            tied,
            alone,
        )
        if counted:
            assert found.standing.observed[place] == pytest.approx(agreed / counted)


@given(UNITS)
def test_signals_are_made_of_any_units(patterns_from_ratings, units) -> None:
    patterns = patterns_from_ratings(units, LABELS)
    for one in agreement_signals(patterns, "q") + information_signals(patterns, "q"):
        assert np.isnan(one.p_value) or 0 < one.p_value <= 1
        assert one.n >= 1


@given(UNITS)
def test_consensus_evidence_is_never_more_than_the_work(patterns_from_ratings, units) -> None:
    found = consensus_evidence(patterns_from_ratings(units, LABELS))
    if found is not None:
        work = [sum(person in unit for unit in units) for person in found.annotators]
        assert (found.known <= np.array(work) + 1e-9).all()
        assert ((found.right >= 0) & (found.right <= found.known + 1e-9)).all()


def test_hard_items_are_expected_to_be_missed(patterns_from_ratings) -> None:
    """Somebody who got only items on which the others differ is held against such items."""
    easy = [{"p": "a", "q": "a", "r": "a", "s": "a", "t": "a"}] * 50
    hard = [
        {"p": "a", "q": "a", "r": "a", "s": "b", "u": "a" if number % 2 else "b"}
        for number in range(50)
    ]
    found = leave_one_out(patterns_from_ratings([*easy, *hard], ("a", "b")))
    place = found.annotators.index("u")
    assert found.standing.observed[place] == 0.5
    assert found.standing.expected[place] < 0.9


def test_two_people_who_share_everything_cannot_be_told_apart(patterns_from_ratings) -> None:
    units = [{"p": "a", "q": "a" if number % 3 else "b"} for number in range(90)]
    found = leave_one_out(patterns_from_ratings(units, ("a", "b"))).standing
    assert found.observed[0] == found.observed[1]


def test_unanimous_people_raise_no_sign(patterns_from_ratings) -> None:
    patterns = patterns_from_ratings([dict.fromkeys(PEOPLE, "a")] * 60, LABELS)
    assert not any(one.notable for one in agreement_signals(patterns, "q"))


def test_swapped_labels_carry_information() -> None:
    assert association(np.array([[0, 40], [40, 0]])) > 0.95
    assert association(np.array([[20, 20], [20, 20]])) == 0


def test_common_accuracy_is_found_again() -> None:
    generator = np.random.default_rng(3)
    truth = generator.integers(0, 3, (4000, 1))
    wrong = (truth + generator.integers(1, 3, (4000, 5))) % 3
    said = np.where(generator.random((4000, 5)) < 0.7, truth, wrong)
    counts = (said[..., None] == np.arange(3)).sum(axis=1)
    from metrics.tables import UnitPatterns

    kinds, times = np.unique(counts, axis=0, return_counts=True)
    model = crew_model(UnitPatterns(LABELS, "nominal", kinds, times))
    assert model is not None
    assert model.accuracy == pytest.approx(0.7, abs=0.02)
