"""Members of a group that differs from the crew, and careless people, told apart."""

import numpy as np
import pytest

from metrics.own_group import OwnGroup, as_divergence, own_group, with_their_group
from metrics.signals import Signal
from metrics.tables import AnnotatorPairs

NAMES = tuple(f"p{number:02d}" for number in range(20))
GROUPS = {name: "few" if number < 5 else "many" for number, name in enumerate(NAMES)}


def crew(careless: tuple[int, ...] = (), *, differing: float = 0.4, seed: int = 5) -> OwnGroup:
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
    pairs = AnnotatorPairs(
        ("a", "b", "c"), "nominal", NAMES, ("human",) * 20, *columns, np.ones(len(rows), dtype=int)
    )
    found = own_group(pairs, GROUPS)
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


def test_a_sign_of_divergence_is_kept_and_accuses_nobody() -> None:
    sign = Signal(
        "p", "agreement", "q", "low", 0.4, 0.8, 99, "items", 1e-6, True, True, "so", blind=0.3
    )
    kept = as_divergence([sign], frozenset({"p"}), "q")[0]
    assert (kept.notable, kept.value, kept.p_value) == (False, 0.4, 1e-6)
    assert np.isnan(kept.blind)
    assert as_divergence([sign], frozenset({"p"}), "other") == [sign]
