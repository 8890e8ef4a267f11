"""Members of a group that differs from the crew, and careless people, told apart."""

import numpy as np
import pytest

from metrics.own_group import (
    OwnGroup,
    apart_together,
    as_divergence,
    own_group,
    possible_members,
    with_their_group,
)
from metrics.signals import Signal
from metrics.tables import AnnotatorPairs

NAMES = tuple(f"p{number:02d}" for number in range(20))
GROUPS = {name: "few" if number < 5 else "many" for number, name in enumerate(NAMES)}


def crew_pairs(
    careless: tuple[int, ...] = (), *, differing: float = 0.4, seed: int = 5
) -> AnnotatorPairs:
    """Five of 20 people see a share of the items otherwise; the careless answer at random."""
    draw = np.random.default_rng(seed)
    truth = draw.integers(0, 3, 600)
    own = np.where(draw.random(600) < differing, (truth + 1) % 3, truth)
    rows = []
    for item in range(600):
        who = np.sort(draw.choice(20, 5, replace=False))
        seen = np.where(who < 5, own[item], truth[item])
        right = (draw.random(5) < 0.9) & ~np.isin(who, careless)
        said = np.where(right, seen, draw.integers(0, 3, 5))
        a, b = np.triu_indices(5, 1)
        rows.extend(np.stack([who[a], who[b], said[a], said[b]], axis=1))
    columns = np.array(rows).T
    return AnnotatorPairs(
        ("a", "b", "c"), "nominal", NAMES, ("human",) * 20, *columns, np.ones(len(rows), dtype=int)
    )


def crew(careless: tuple[int, ...] = (), *, differing: float = 0.4) -> OwnGroup:
    found = own_group(crew_pairs(careless, differing=differing), GROUPS)
    assert found is not None
    return found


def test_members_of_a_group_that_differs_agree_with_it() -> None:
    assert set(NAMES[:5]) <= with_their_group(crew())


@pytest.mark.parametrize("place", [0, 7], ids=["in the small group", "in the large group"])
def test_a_careless_person_agrees_with_no_group(place: int) -> None:
    assert NAMES[place] not in with_their_group(crew((place,)))


def test_a_group_of_careless_people_excuses_nobody() -> None:
    assert not set(NAMES[:5]) & with_their_group(crew((0, 1, 2, 3, 4)))


def test_agreement_inside_is_that_by_hand() -> None:
    one = np.ones(4, dtype=int)
    pairs = AnnotatorPairs(
        ("a", "b"), "nominal", ("p", "q", "r"), ("human",) * 3,
        np.array([0, 0, 0, 0]), np.array([1, 1, 1, 2]),
        np.array([0, 1, 0, 0]), np.array([0, 1, 1, 1]), one,
    )  # fmt: skip
    found = own_group(pairs, {"p": "x", "q": "x", "r": "y"})
    assert found is not None
    # 2 of 3 agree; labels (2/3, 1/3) and (1/3, 2/3): chance 4/9, (2/3 - 4/9) / (5/9) = .4
    assert found.own[:2] == pytest.approx([0.4, 0.4])
    assert found.n_outside.tolist() == [1, 0, 1]


def test_one_group_only_divides_nobody() -> None:
    none = np.zeros(0, dtype=int)
    pairs = AnnotatorPairs(("a",), "nominal", ("p",), ("human",), none, none, none, none, none)
    assert own_group(pairs, {"p": "x"}) is None


def sign(person: str, **more) -> Signal:
    usual = {
        "question": "q", "side": "low", "value": 0.4, "expected": 0.8, "n": 99, "n_unit": "items",
        "p_value": 1e-6, "notable": True, "detectable": True, "note": "so",
    }  # fmt: skip
    return Signal(person=person, **{**usual, **more})


def test_a_sign_of_divergence_is_kept_and_accuses_nobody() -> None:
    given = sign("p", kind="agreement", blind=0.3)
    kept = as_divergence([given], frozenset({"p"}), "q")[0]
    assert (kept.notable, kept.value, kept.p_value) == (False, 0.4, 1e-6)
    assert np.isnan(kept.blind)
    assert as_divergence([given], frozenset({"p"}), "other") == [given]


def test_a_group_that_nobody_named_is_found_among_those_apart() -> None:
    """p07 is among those who stand apart, and agrees with nobody."""
    assert apart_together(crew_pairs((7,)), [*NAMES[:5], NAMES[7]]) == set(NAMES[:5])


def test_two_who_agree_are_no_group() -> None:
    assert not apart_together(crew_pairs(), NAMES[:2])


def test_people_who_do_not_look_are_no_group() -> None:
    assert not apart_together(crew_pairs((0, 1, 2, 3, 4)), NAMES[:5])


def test_people_like_the_crew_are_no_group() -> None:
    assert not apart_together(crew_pairs(differing=0.0), NAMES[:5])


def test_who_copied_belongs_to_no_group() -> None:
    low = [sign(name, kind="agreement") for name in "abcd"]
    copied = sign("a", kind="dependence", is_enough=True)
    assert possible_members([*low, copied], "q") == {"b", "c", "d"}


def test_members_of_a_group_agree_less_than_others_surely() -> None:
    signs = [
        sign("a", kind="agreement", p_value=0.2),
        sign("b", kind="agreement", side="high"),
        sign("c", kind="speed"),
        sign("d", kind="information"),
    ]
    assert possible_members(signs, "q") == {"d"}
    assert not possible_members(signs, "another")
