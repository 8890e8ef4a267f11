"""Signals joined to flags."""

from math import isnan, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.flags import RULES, flags, unseen
from metrics.joining import benjamini_hochberg
from metrics.signals import Signal


def sign(kind, side="low", *, person="p", p=1e-6, notable=True, **more) -> Signal:
    return Signal(
        person=person,
        kind=kind,
        question="q",
        side=side,
        value=more.pop("value", 0.5),
        expected=0.9,
        n=100,
        n_unit="items",
        p_value=p,
        notable=notable,
        detectable=more.pop("detectable", True),
        note="",
        **more,
    )


def raised(*signals: Signal) -> set[str]:
    return {one.flag for one in flags(signals)}


def test_a_failed_trap_test_is_enough_alone() -> None:
    assert raised(sign("trap")) == {"careless"}


def test_noticing_more_traps_than_others_is_no_flag() -> None:
    assert raised(sign("trap", "high")) == set()


@pytest.mark.parametrize("kind", ["agreement", "probes", "information", "speed", "repeats"])
def test_one_sign_is_no_flag(kind: str) -> None:
    assert raised(sign(kind)) == set()


def test_surely_copied_answers_are_enough_alone() -> None:
    assert raised(sign("dependence", "high", is_enough=True)) == {"dependent"}
    assert raised(sign("dependence", "high")) == set()
    assert raised(sign("dependence", "high", is_enough=True, p=0.2)) == set()


def test_two_signs_of_one_kind_are_one() -> None:
    assert raised(sign("agreement"), sign("agreement")) == set()


def test_two_signs_of_different_kinds_are_a_flag() -> None:
    assert "careless" in raised(sign("agreement"), sign("information"))


def test_severity_makes_nobody_careless() -> None:
    assert raised(sign("severity", "high"), sign("severity", "low")) == set()
    assert raised(sign("severity", "high"), sign("agreement")) == {"severe"}


@pytest.mark.parametrize("weak", [{"notable": False}, {"p": 0.2}, {"p": nan}])
def test_a_sign_that_is_small_or_unsure_confirms_nothing(weak) -> None:
    assert raised(sign("agreement"), sign("information", **weak)) == set()


def test_answers_without_looking_are_spam() -> None:
    blind = {"value": 0.3, "high": 0.4, "blind": 0.3}
    assert "spam" in raised(sign("information", **blind), sign("agreement", **blind))


def test_partly_careless_work_is_not_spam() -> None:
    half = {"value": 0.7, "high": 0.8, "blind": 0.3}
    assert raised(sign("information", **half), sign("agreement", **half)) == {"careless"}


def test_flags_name_the_signs_they_rest_on() -> None:
    (found,) = flags([sign("speed"), sign("agreement")])[:1]
    assert {one.signal.kind for one in found.because} == {"speed", "agreement"}


def test_many_people_make_one_weak_sign_expected() -> None:
    """A p of .01 among 100 people is nothing."""
    crowd = [
        sign(kind, person=f"x{n}", p=0.5) for n in range(99) for kind in ("agreement", "speed")
    ]
    assert raised(*crowd, sign("agreement", p=0.01), sign("speed", p=0.01)) == set()


def test_spam_is_one_test_with_one_q_value() -> None:
    """Among 40 people: one sign at q .05 or both at .1 are sure enough, by Simes' rule."""
    crowd = [
        sign(kind, person=f"x{n}", p=0.9)
        for n in range(39)
        for kind in ("information", "agreement")
    ]
    blind = {"value": 0.3, "high": 0.4, "blind": 0.3}

    def found(told: float, agreed: float) -> set[str]:
        mine = sign("information", p=told, **blind), sign("agreement", p=agreed, **blind)
        return raised(*crowd, *mine)

    assert found(0.0012, 0.04) == {"spam"}
    assert found(0.04, 0.0012) == {"spam"}
    assert found(0.0024, 0.0024) == {"spam"}
    assert found(0.0014, 0.04) == set()
    assert found(0.0012, 0.06) == set()


def test_too_little_work_is_said_to_hide_carelessness() -> None:
    assert set(unseen([sign("agreement")], [])) == {"p"}


def test_two_signs_that_would_have_shown_hide_nothing() -> None:
    shown = [sign(kind, p=0.5, if_blind=1e-4) for kind in ("agreement", "information")]
    assert unseen(shown, []) == {}
    assert set(unseen(shown[:1], [])) == {"p"}


def test_enough_traps_hide_nothing() -> None:
    assert unseen([sign("trap", p=0.5, if_blind=1e-4)], []) == {}


def test_what_shows_in_one_person_does_not_show_among_many() -> None:
    crowd = [
        sign(kind, person=f"x{n}", p=0.5, if_blind=0.01)
        for n in range(40)
        for kind in ("agreement", "information")
    ]
    assert len(unseen(crowd, [])) == 40
    assert unseen(crowd[:2], []) == {}


def test_every_rule_asks_for_two_kinds() -> None:
    for opening, confirming in RULES.values():
        kinds = {kind for kind, _ in (*opening, *confirming)}
        assert len(kinds) >= 2


@given(st.lists(st.one_of(st.just(nan), st.floats(1e-9, 1.0)), max_size=40))
def test_q_values_are_never_below_their_p_and_keep_the_order(p_values: list[float]) -> None:
    q_values = benjamini_hochberg(p_values)
    known = [(p, q) for p, q in zip(p_values, q_values, strict=True) if not isnan(p)]
    assert all(p - 1e-12 <= q <= 1 for p, q in known)
    assert [q for _, q in sorted(known)] == sorted(q for _, q in known)
    assert [isnan(q) for q in q_values] == [isnan(p) for p in p_values]
