"""Signals joined to flags."""

from math import isnan, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.flags import RULES, benjamini_hochberg, flags, unseen
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


def test_too_little_work_is_said_to_hide_carelessness() -> None:
    assert set(unseen([sign("agreement", detectable=False)], [])) == {"p"}
    assert unseen([sign("agreement")], []) == {}


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
