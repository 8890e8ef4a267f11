"""Items by the values of all their attributes, and how many of them ship."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from queries.composition import compose
from queries.relations import relations
from queries.scope import Viewer
from queries.statements import statement
from queries.store import Store
from tests.queries.conftest import OWNER, add_part, answer, rows, whole

ACME = Viewer("acme", frozenset({"acme"}))
ALL = whole(population="all")


def described(item: str, **values: str | None) -> list[dict[str, Any]]:
    """Return the attributes of one item."""
    return [{"item_id": item, "name": name, "value": value} for name, value in values.items()]


def combined(found: Sequence[dict[str, Any]]) -> dict[tuple[tuple[str, str], ...], tuple[int, int]]:
    """Return combination -> items and accepted items; those without a value leave it out."""
    cells: dict[str, dict[str, str]] = {}
    counts: dict[str, tuple[int, int]] = {}
    for row in found:
        cells.setdefault(row["combination_id"], {})[row["dimension"]] = row["stratum"]
        counts[row["combination_id"]] = (row["items"], row["accepted"])
    return {
        tuple(sorted((name, value) for name, value in cell.items() if value)): counts[key]
        for key, cell in cells.items()
    }


@pytest.fixture
def planned(store: Store) -> Store:
    """Eight items: one rejected, one quarantined, a trap, one nobody answered, two without tone."""
    add_part(
        store,
        "b",
        [answer(f"i{n}", "p1", "a") for n in range(1, 8)],
        item=[
            *({"item_id": f"i{n}"} for n in (1, 2, 3, 5, 6, 7, 8)),
            {"item_id": "i4", "set_role": "quarantine"},
        ],
        item_attribute=[
            *described("i1", task="code", tone="dry"),
            *described("i2", task="code", tone="dry"),
            *described("i3", task="code", tone="warm"),
            *described("i4", task="code", tone="dry"),
            *described("i5", task="chat", tone=""),
            *described("i7", task="code", tone="dry"),
            *described("i8", task="code", tone="dry"),
        ],
        review=[{"item_id": "i2", "question": "label", "decision": "reject"}],
        probe=[{"item_id": "i7", "question": "label", "type": "trap", "expected": "a"}],
    )
    return store


def test_items_are_counted_by_all_their_values(planned: Store) -> None:
    found = combined(rows(planned, "attribute_combinations", ALL))
    assert found == {
        (("task", "code"), ("tone", "dry")): (4, 1),
        (("task", "code"), ("tone", "warm")): (1, 1),
        (("task", "chat"),): (1, 1),
        (): (1, 1),
    }


def test_every_combination_has_a_row_for_every_attribute(planned: Store) -> None:
    found = rows(planned, "attribute_combinations", ALL)
    names = Counter(row["combination_id"] for row in found)
    assert set(names.values()) == {2}


def test_slice_gives_what_the_records_hold(planned: Store) -> None:
    scope = whole(population="all", where=(("task", "code"),))
    found = combined(rows(planned, "attribute_combinations", scope))
    assert found == {
        (("task", "code"), ("tone", "dry")): (4, 1),
        (("task", "code"), ("tone", "warm")): (1, 1),
    }


def test_kept_and_counted_anew_are_the_same(planned: Store) -> None:
    kept = rows(planned, "attribute_combinations", ALL)
    scope = whole(population="all", where=(("tone", "*"),), may_be_empty=True)
    stated = [cell for cell in combined(kept) if dict(cell).get("tone")]
    anew = combined(rows(planned, "attribute_combinations", scope))
    assert {cell: anew[cell] for cell in stated} == {c: combined(kept)[c] for c in stated}


def test_accepted_items_are_those_that_are_listed_and_counted(planned: Store) -> None:
    scope = whole(population="all", where=(("task", "code"),))
    (counted,) = rows(planned, "item_counts", scope, dimension="", accepted=True)
    listed = rows(planned, "item_list", scope, accepted=True)
    assert counted["items"] == 2
    assert [row["item_id"] for row in listed] == ["i1", "i3"]


def test_unanswered_item_ships_nothing(planned: Store) -> None:
    scope = whole(population="all", where=(("task", "code"), ("tone", "dry")))
    assert "i8" not in [row["item_id"] for row in rows(planned, "item_list", scope, accepted=True)]


@pytest.mark.parametrize(
    "more",
    [
        {"response": [{"item_id": "i1", "response_id": "r", "text": "yes"}]},
        {"resolution": [{"item_id": "i1", "question": "label", "value": "a"}]},
    ],
)
def test_response_or_resolved_label_is_something_to_ship(store: Store, more: Any) -> None:
    add_part(
        store,
        "b",
        [answer("i2", "p1", "a")],
        item=[{"item_id": "i1"}],
        item_attribute=described("i1", a="x"),
        **more,
    )
    found = combined(rows(store, "attribute_combinations", ALL))
    assert found == {(("a", "x"),): (1, 1), (): (1, 1)}


def test_items_without_an_attribute_are_listed(planned: Store) -> None:
    found = rows(planned, "item_list", ALL, without="tone")
    assert [row["item_id"] for row in found] == ["i5", "i6"]


def test_vendor_sees_only_the_items_it_worked_on(store: Store) -> None:
    add_part(
        store,
        "b",
        [answer("i1", "p1", "a"), answer("i2", "p2", "a")],
        item_attribute=[*described("i1", a="x"), *described("i2", a="y")],
        person=[
            {"person_key": "p1", "vendor": "acme"},
            {"person_key": "p2", "vendor": "other"},
        ],
    )
    found = combined(rows(store, "attribute_combinations", whole(population="all", viewer=ACME)))
    assert found == {(("a", "x"),): (1, 1)}


def test_batch_without_attributes_has_no_rows(store: Store) -> None:
    add_part(store, "b", [answer("i1", "p1", "a")])
    assert rows(store, "attribute_combinations", ALL) == []


def test_attribute_with_too_many_values_is_left_out(store: Store) -> None:
    add_part(
        store,
        "b",
        [answer(f"i{n}", "p1", "a") for n in range(201)],
        item_attribute=[
            row for n in range(201) for row in described(f"i{n}", topic=str(n), half=str(n % 2))
        ],
    )
    found = combined(rows(store, "attribute_combinations", ALL))
    assert found == {(("half", "0"),): (101, 101), (("half", "1"),): (100, 100)}


def test_too_many_combinations_leave_the_widest_attributes_out(planned: Store) -> None:
    """The same statement with room for three combinations instead of 100,000: one attribute."""
    state = planned.records(planned.known("b", OWNER))
    text = statement("attribute_combinations").text.replace("100000", "3")
    query, values = compose(relations(state, ALL, labels={}), text)
    with planned.cursor() as cursor:
        found = cursor.sql(query, params=values).to_arrow_table().to_pylist()
    assert combined(found) == {
        (("task", "code"),): (5, 2),
        (("task", "chat"),): (1, 1),
        (): (1, 1),
    }


VALUES = st.sampled_from(["x", "y", "z", ""])


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(*[VALUES] * 8), min_size=1, max_size=12), st.integers(0, 10**9))
def test_combinations_are_those_of_a_plain_count(
    store: Store, drawn: list[tuple[str, ...]], number: int
) -> None:
    """Eight attributes need both numbers a combination is packed into."""
    batch = f"b{number}-{hash(tuple(drawn))}"
    add_part(
        store,
        batch,
        [answer(f"i{n}", "p1", "a") for n in range(len(drawn))],
        mode="replace" if any(each.batch_id == batch for each in store.batches(OWNER)) else "new",
        item_attribute=[
            row
            for n, values in enumerate(drawn)
            for row in described(f"i{n}", **{f"a{at}": value for at, value in enumerate(values)})
        ],
    )
    expected = Counter(
        tuple((f"a{at}", value) for at, value in enumerate(values) if value) for values in drawn
    )
    scope = whole(batch, population="all")
    found = combined(rows(store, "attribute_combinations", scope))
    # Without any value at all there is no attribute, and so no row.
    assert found == {
        cell: (count, count) for cell, count in expected.items() if any(map(any, drawn))
    }
