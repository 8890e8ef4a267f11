"""Every sign about habits of a batch, from records to signals."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from app.annotators import annotators
from app.habits import signals_of
from app.intake import bring_in
from metrics.signals import Signal
from queries.batches import BatchInfo
from queries.scope import Scope, Viewer
from queries.store import Store
from tests.conftest import Shelf

MAPPING = """
kind = "qa"
[columns]
item_id = "item"
annotator_id = "who"
annotated_at = "at"
duration_seconds = "seconds"
shown_order = "shown"
note = "note"
[[question]]
name = "better"
column = "label"
level = "nominal"
labels = ["a", "b"]
"""
OWNER = Viewer.owner()


def lines(people: int = 12, items: int = 240) -> list[str]:
    """Answers of a crew in which w00 works at a sixth of the time and always takes the first."""
    generator = np.random.default_rng(4)
    found = []
    for item in range(items):
        truth = generator.integers(0, 2)
        for who in generator.choice(people, 4, replace=False):
            shown = "a|b" if generator.random() < 0.5 else "b|a"
            label = "ab"[truth if generator.random() < 0.85 else 1 - truth]
            seconds = 20 * np.exp(generator.normal(0.1 * who / people, 0.4))
            if who == 0:
                label, seconds = shown[0], seconds / 6
            at = (
                f"2026-03-{2 + item // 60:02d}T{9 + item % 60 // 10:02d}:{item % 10:02d}:{who:02d}Z"
            )
            found.append(f"i{item:03d},w{who:02d},{label},{at},{seconds:.3f},{shown},")
    return found


@pytest.fixture
def crew(tmp_path: Path, shelf: Shelf) -> tuple[Store, BatchInfo]:
    table, mapping = tmp_path / "crew.csv", tmp_path / "mapping.toml"
    table.write_text("\n".join(["item,who,label,at,seconds,shown,note", *lines()]))
    mapping.write_text(MAPPING)

    def fill() -> None:
        bring_in(tmp_path / "store", [table], batch_id="b", mapping=mapping)

    store = Store.open(shelf.filled(tmp_path / "store", "crew of habits", fill))
    return store, store.batch("b", OWNER)


def of(store: Store, found: list[Signal], kind: str, name: str) -> list[Signal]:
    names = store.people(sorted({each.person for each in found}))
    return [each for each in found if each.kind == kind and names[each.person] == name]


@pytest.mark.parametrize(("kind", "side"), [("speed", "low"), ("position", "high")])
def test_planted_habit_becomes_a_signal(
    crew: tuple[Store, BatchInfo], kind: str, side: str
) -> None:
    store, batch = crew
    (signal,) = of(store, signals_of(store, batch, OWNER), kind, "w00")
    assert (signal.side, signal.notable, signal.p_value < 0.001) == (side, True, True)


def test_signals_of_a_batch_are_of_every_kind_it_can_tell(crew: tuple[Store, BatchInfo]) -> None:
    found = {each.kind for each in signals_of(*crew, OWNER)}
    wanted = {"straight_lining", "position", "speed", "time_course", "dependence"}
    assert found == wanted


def test_signals_are_the_same_every_time(crew: tuple[Store, BatchInfo]) -> None:
    assert repr(signals_of(*crew, OWNER)) == repr(signals_of(*crew, OWNER))


def test_other_questions_have_no_signals(crew: tuple[Store, BatchInfo]) -> None:
    assert signals_of(*crew, OWNER, question="no such question") == []


def test_columns_that_a_batch_lacks_are_not_asked_for(
    textbook: tuple[Store, BatchInfo], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, batch = textbook
    asked = []
    fetch = store.fetch

    def told(name: str, scope: Scope, **more: str) -> object:
        asked.append(name)
        return fetch(name, scope, **more)

    monkeypatch.setattr(store, "fetch", told)
    signals_of(store, batch, OWNER)
    kept = {"unit_patterns", "annotator_patterns", "annotator_labels", "annotator_pairs"}
    assert set(asked) == kept


def test_textbook_crew_of_four_is_not_tested(textbook: tuple[Store, BatchInfo]) -> None:
    found = signals_of(*textbook, OWNER)
    assert found
    assert all(np.isnan(each.p_value) and "not tested" in each.note for each in found)


@pytest.mark.parametrize(
    "rows",
    [
        ["u1,A,1,first"],
        [f"u{item},A,1,first" for item in range(40)],
        [f"u{item},{who},1,first" for item in range(40) for who in "ABCDEFGHIJ"],
    ],
    ids=["one answer", "one annotator", "all agree"],
)
def test_batch_without_differences_has_no_sign(
    write_batch: Callable[..., Path], rows: list[str]
) -> None:
    store = Store.open(write_batch(rows))
    for each in signals_of(store, store.batch("b1", OWNER), OWNER):
        assert not each.notable or not each.p_value < 0.05


def test_items_with_one_answer_are_compared_by_what_others_give(
    write_batch: Callable[..., Path],
) -> None:
    """No two people judged the same item: the crew's labels are all there is to go by."""
    generator = np.random.default_rng(2)
    given = [
        f"u{item},p{item % 12:02d},{1 if item % 12 == 0 else generator.integers(1, 4)},first"
        for item in range(720)
    ]
    store = Store.open(write_batch(given))
    found = signals_of(store, store.batch("b1", OWNER), OWNER)
    (signal,) = of(store, found, "straight_lining", "p00")
    assert (signal.value, signal.notable, signal.p_value < 0.001) == (1, True, True)


def test_habits_become_flags(crew: tuple[Store, BatchInfo]) -> None:
    """Who hurries and takes what is shown first is flagged for it, and nobody else is."""
    store, batch = crew
    found = annotators(store, [batch], OWNER)
    flagged = {row.annotator_id: {one.flag for one in row.raised} for row in found.rows}
    assert {"too_fast", "position_habit"} <= flagged.pop("w00")
    assert not any(flagged.values())
