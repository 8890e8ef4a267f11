"""How many items a cell holds, against counts by hand."""

import pytest

from queries.errors import InputError
from queries.scope import Viewer
from queries.store import Store
from tests.conftest import Shelf
from tests.queries.conftest import add_part, answer, at, rows, whole

ACME = Viewer("acme", frozenset({"acme"}))
# Two tasks and two languages; i5 has no language, i6 no answer, i7 is golden, i8 a trap.
ATTRIBUTES = {
    "i1": {"task": "coding", "language": "de"},
    "i2": {"task": "coding", "language": "en"},
    "i3": {"task": "maths", "language": "de"},
    "i4": {"task": "maths", "language": "en"},
    "i5": {"task": "maths"},
    "i6": {"task": "coding", "language": "de"},
    "i7": {"task": "coding", "language": "de"},
    "i8": {"task": "coding", "language": "fr"},
}


@pytest.fixture
def planned(store: Store, shelf: Shelf) -> Store:
    """Eight items, six of them ordinary, five of those answered."""

    def fill() -> None:
        add_part(
            store,
            "b",
            [
                *(answer(f"i{n}", "p1", "a", annotated_at=at(2)) for n in (1, 2, 3, 7, 8)),
                answer("i1", "p2", "b", annotated_at=at(9)),
                answer("i4", "p2", "b", annotated_at=at(9)),
                answer("i5", "p2", None, annotated_at=at(9), status="skipped"),
            ],
            item=[{"item_id": "i6"}],
            item_attribute=[
                {"item_id": item, "name": name, "value": value}
                for item, named in ATTRIBUTES.items()
                for name, value in named.items()
            ],
            person=[
                {"person_key": "p1", "vendor": "acme"},
                {"person_key": "p2", "vendor": "other"},
            ],
            probe=[
                {"item_id": "i7", "question": "label", "type": "golden", "expected": "a"},
                {"item_id": "i8", "question": "label", "type": "trap", "expected": "a"},
                {"item_id": "i1", "question": "label", "type": "audit", "expected": "a"},
            ],
        )

    shelf.filled(store.folder, "eight items", fill)
    return store


def counted(store: Store, *where: tuple[str, str], dimension: str = "", **more) -> dict[str, int]:
    scope = whole(where=where, population="all", **more)
    found = rows(store, "item_counts", scope, dimension=dimension)
    return {row["stratum"]: row["items"] for row in found}


def test_golden_and_trap_items_are_not_counted(planned: Store) -> None:
    assert counted(planned) == {"": 6}


@pytest.mark.parametrize(
    ("where", "items"),
    [
        ([("task", "coding")], 3),
        ([("task", "coding"), ("language", "de")], 2),
        ([("language", "*")], 5),
        ([("task", "m*"), ("language", "e*")], 1),
        ([("week", "2026-03-02")], 3),
        ([("week", "2026-03-09")], 2),
        ([("week", "2026-03-09"), ("language", "de")], 1),
        ([("vendor", "other")], 2),
    ],
)
def test_cell_counts_items_that_have_every_value(
    planned: Store, where: list[tuple[str, str]], items: int
) -> None:
    assert counted(planned, *where) == {"": items}


def test_attribute_splits_the_items_that_have_it(planned: Store) -> None:
    assert counted(planned, dimension="language") == {"de": 3, "en": 2}


def test_dimension_of_the_answer_counts_an_item_wherever_it_was_answered(planned: Store) -> None:
    assert counted(planned, dimension="week") == {"2026-03-02": 3, "2026-03-09": 2}


def test_cell_is_split_by_another_dimension(planned: Store) -> None:
    assert counted(planned, ("language", "de"), dimension="task") == {"coding": 2, "maths": 1}


def test_vendor_counts_only_the_items_it_worked_on(planned: Store) -> None:
    assert counted(planned, viewer=ACME) == {"": 3}


def test_vendor_counts_only_its_own_items_of_a_cell(planned: Store) -> None:
    assert counted(planned, ("language", "en"), viewer=ACME) == {"": 1}


def test_cell_that_holds_only_planted_items_is_empty(planned: Store) -> None:
    assert counted(planned, ("language", "fr")) == {}


def test_value_that_nothing_has_is_refused(planned: Store) -> None:
    with pytest.raises(InputError, match="nothing in batch 'b' has language 'it'"):
        counted(planned, ("language", "it"))


def test_value_that_nothing_has_is_counted_where_nothing_may_be_the_answer(planned: Store) -> None:
    assert counted(planned, ("language", "it"), may_be_empty=True) == {}


def test_dimension_that_nothing_has_is_refused(planned: Store) -> None:
    with pytest.raises(InputError, match="no dimension 'tone'"):
        counted(planned, dimension="tone")


def test_attribute_with_too_many_values_for_strata_is_counted(store: Store) -> None:
    add_part(
        store,
        "b",
        [answer(f"i{n}", "p1", "a") for n in range(201)],
        item_attribute=[{"item_id": f"i{n}", "name": "who", "value": str(n)} for n in range(201)],
    )
    assert len(counted(store, dimension="who")) == 201


def test_latest_part_decides_in_which_cell_an_item_is(store: Store) -> None:
    def told(language: str) -> list[dict[str, str]]:
        return [{"item_id": "i1", "name": "language", "value": language}]

    add_part(store, "b", [answer("i1", "p1", "a")], item_attribute=told("de"))
    add_part(store, "b", [answer("i1", "p2", "a")], mode="add", item_attribute=told("en"))
    assert counted(store, dimension="language") == {"en": 1}


def test_list_has_the_items_that_are_counted(planned: Store) -> None:
    found = rows(planned, "item_list", whole(population="all", where=[("language", "de")]))
    assert [(row["item_id"], row["answers"], row["total"]) for row in found] == [
        ("i1", 2, 3),
        ("i3", 1, 3),
        ("i6", 0, 3),
    ]


def test_list_gives_a_page_at_a_time(planned: Store) -> None:
    scope = whole(population="all")
    (row,) = rows(planned, "item_list", scope, limit=1, offset=4)
    assert (row["item_id"], row["total"]) == ("i5", 6)


@pytest.mark.parametrize(
    ("column", "items"),
    [
        ("item.licence", ["i2", "i3"]),
        ("item.source", ["i1", "i2", "i3"]),
        ("annotation.note", ["i1"]),
        ("annotation.guideline_version", ["i1", "i2"]),
        ("item.no_such_column", []),
    ],
)
def test_list_finds_who_lacks_a_column(store: Store, column: str, items: list[str]) -> None:
    add_part(
        store,
        "b",
        [
            answer("i1", "p1", "a", note="why", guideline_version="v1"),
            answer("i1", "p2", "a"),
            answer("i2", "p1", "a", note="why"),
        ],
        item=[{"item_id": "i1", "licence": "cc"}, {"item_id": "i2"}, {"item_id": "i3"}],
        probe=[{"item_id": "i2", "question": "label", "type": "trap", "expected": "a"}],
    )
    found = rows(store, "item_list", whole(population="all"), lacks=column)
    assert [row["item_id"] for row in found] == items


def test_item_has_what_any_of_its_parts_says(store: Store) -> None:
    add_part(store, "b", [answer("i1", "p1", "a")], item=[{"item_id": "i1", "licence": "cc"}])
    add_part(store, "b", [answer("i1", "p2", "a")], mode="add")
    assert rows(store, "item_list", whole(population="all"), lacks="item.licence") == []
