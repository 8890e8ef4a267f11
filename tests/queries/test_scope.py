from collections import Counter
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from queries.batches import BatchFacts, Question, State
from queries.composition import compose
from queries.errors import InputError
from queries.relations import Records, label_weights, literal_glob, relations
from queries.schema import ROLES
from queries.scope import Scope, Viewer
from queries.statements import names
from queries.store import Store
from tests.conftest import Shelf
from tests.queries.conftest import add_part, answer, at, question, rows, whole

HOSTILE = [
    "it's",
    'say "x"',
    "a; drop table item; --",
    "a%b",
    "a_b",
    "a\\b",
    "[x]?",
    "名\u202e",
    "$1",
]
health = [HealthCheck.function_scoped_fixture]
ACME = Viewer("acme", frozenset({"acme"}))


def mixed(store: Store) -> None:
    """A batch that two vendors worked on, with something of everything."""
    add_part(
        store,
        "mixed",
        [
            answer("i1", "p1", "a", note="of acme"),
            answer("i1", "p2", "b", note="of other"),
            answer("i2", "p2", "c", note="of other"),
            answer("i3", "p1", "a"),
        ],
        person=[
            {"person_key": "p1", "vendor": "acme"},
            {"person_key": "p2", "vendor": "other"},
        ],
        review=[
            {"item_id": "i1", "question": "label", "person_key": key, "reviewer_key": "r"}
            for key in ("p1", "p2")
        ],
        event=[{"item_id": "i1", "actor_key": key, "to_state": "done"} for key in ("p1", "p2")],
        knowledge_link=[{"link_id": "k", "from_id": "i1"}],
        response=[{"item_id": item, "response_id": "r", "text": item} for item in ("i1", "i2")],
        probe=[
            {"item_id": item, "question": "label", "type": "audit", "expected": "a"}
            for item in ("i1", "i2")
        ],
        resolution=[{"item_id": item, "question": "label", "value": "a"} for item in ("i1", "i2")],
        signal=[{"item_id": item, "type": "rule", "name": "n"} for item in ("i1", "i2")],
        item_attribute=[{"item_id": item, "name": "task", "value": item} for item in ("i1", "i2")],
    )


def sliced(store: Store) -> None:
    """Four items in two tasks and two languages, over two weeks."""
    add_part(
        store,
        "b",
        [
            answer("i1", "p1", "a", annotated_at=at(2), guideline_version="v1"),
            answer("i1", "p2", "b", annotated_at=at(9), guideline_version="v2"),
            answer("i2", "p1", "a", annotated_at=at(2), guideline_version="v1"),
            answer("i3", "p1", "c", annotated_at=at(8), guideline_version="v1"),
            answer("i4", "p2", "c"),
        ],
        person=[
            {"person_key": "p1", "annotator_group": "north"},
            {"person_key": "p2", "annotator_group": "south"},
        ],
        item_attribute=[
            {"item_id": item, "name": name, "value": value}
            for item, task, language in [
                ("i1", "coding", "de"),
                ("i2", "coding", "en"),
                ("i3", "maths", "de"),
                ("i4", "maths", "en"),
            ]
            for name, value in (("task", task), ("language", language))
        ],
    )


def answered(store: Store, *where: tuple[str, str]) -> set[tuple[str, str]]:
    found = rows(store, "items", whole(where=where))
    items = {row["item_id"] for row in found}
    pairs = rows(store, "annotations", whole(where=where))
    assert {row["item_id"] for row in pairs} == items
    return {(row["item_id"], row["person_key"]) for row in pairs}


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ([("task", "coding")], {("i1", "p1"), ("i1", "p2"), ("i2", "p1")}),
        ([("task", "cod*")], {("i1", "p1"), ("i1", "p2"), ("i2", "p1")}),
        ([("task", "coding"), ("language", "de")], {("i1", "p1"), ("i1", "p2")}),
        ([("language", "d*"), ("language", "en"), ("task", "maths")], {("i3", "p1"), ("i4", "p2")}),
        ([("week", "2026-03-02")], {("i1", "p1"), ("i2", "p1"), ("i3", "p1")}),
        ([("week", "2026-03-09")], {("i1", "p2")}),
        ([("guideline_version", "v2")], {("i1", "p2")}),
        ([("annotator_group", "south")], {("i1", "p2"), ("i4", "p2")}),
        ([("annotator_group", "south"), ("task", "coding")], {("i1", "p2")}),
    ],
)
def test_filter_chooses_items_by_attribute_and_answers_by_the_rest(
    store: Store, where: list[tuple[str, str]], expected: set[tuple[str, str]]
) -> None:
    sliced(store)
    assert answered(store, *where) == expected


@pytest.mark.parametrize(
    ("dimension", "stratum"),
    [("task", "coding"), ("week", "2026-03-02"), ("annotator_group", "south")],
)
@pytest.mark.parametrize("name", ["unit_patterns", "annotator_labels"])
def test_stratum_has_the_rows_of_the_filter(
    store: Store, name: str, dimension: str, stratum: str
) -> None:
    sliced(store)
    kept = rows(store, name, whole(), dimension=dimension, stratum=stratum)
    live = rows(store, name, whole(where=((dimension, stratum),)), dimension="")
    assert [row | {"dimension": "", "stratum": ""} for row in kept] == live


def test_unknown_dimension_names_those_there_are(store: Store) -> None:
    sliced(store)
    with pytest.raises(InputError, match=r"no dimension 'colour'; it has language, task, week"):
        store.fetch("items", whole(where=(("colour", "red"),)))


def test_unknown_dimension_of_strata_names_those_there_are(store: Store) -> None:
    sliced(store)
    with pytest.raises(InputError, match="no dimension 'colour'"):
        store.fetch("unit_patterns", whole(), dimension="colour")


@pytest.mark.parametrize(
    ("where", "message"),
    [
        (("task", "cooking"), "has task 'cooking'; there is coding, maths"),
        (("week", "2025-*"), "has week '2025-\\*'; there is 2026-03-02, 2026-03-09"),
        (("vendor", "acme"), "has vendor 'acme'; there is no value at all"),
    ],
)
def test_value_that_matches_nothing_names_those_there_are(
    store: Store, where: tuple[str, str], message: str
) -> None:
    sliced(store)
    with pytest.raises(InputError, match=message):
        store.fetch("items", whole(where=(where,)))


def test_filters_that_exclude_each_other_give_no_rows(store: Store) -> None:
    sliced(store)
    where = (("guideline_version", "v2"), ("annotator_group", "north"))
    assert rows(store, "items", whole(where=where)) == []


patterns = st.text("ab%_\\*'", min_size=1, max_size=4)


@given(
    values=st.lists(st.text("ab%_\\'", min_size=1, max_size=4), min_size=1, max_size=8),
    pattern=patterns,
)
@settings(max_examples=150, suppress_health_check=health)
def test_star_stands_for_any_text_and_nothing_else_does(
    cursor: Any, values: list[str], pattern: str
) -> None:
    from queries.scope import matches

    condition, bound = matches("value", "sought", [pattern])
    text = " ".join(["select value from (select unnest($all) as value) where", condition])
    found = [row[0] for row in cursor.execute(text, {"all": values, **bound}).fetchall()]
    glob = pattern.replace("[", "[[]")
    assert found == [value for value in values if fnmatchcase(value, glob)]


@pytest.fixture(scope="module")
def cursor() -> Any:
    import duckdb

    return duckdb.connect()


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_values_like_any_other(store: Store, name: str) -> None:
    add_part(
        store,
        "b",
        [answer(f"{name}1", name, name, question=name), answer("other", "p", "a", question=name)],
        question=[question(name)],
        item_attribute=[{"item_id": f"{name}1", "name": name, "value": name}],
    )
    scope = whole(questions=(name,), where=((name, name),))
    (row,) = rows(store, "annotator_labels", scope, dimension="")
    assert (row["question"], row["person_key"], row["label"]) == (name, name, name)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_stratum_is_kept_like_any_other(store: Store, name: str) -> None:
    add_part(
        store,
        "b",
        [answer("i", "p", name)],
        item_attribute=[{"item_id": "i", "name": name, "value": name}],
    )
    (row,) = rows(store, "unit_patterns", whole(), dimension=name, stratum=name)
    assert (row["stratum"], row["label"]) == (name, name)


marked = st.text("xyz'\";*%", min_size=3, max_size=9).map(lambda text: f"q9{text}")


@given(value=marked)
@settings(max_examples=40)
def test_text_of_a_statement_holds_no_value(value: str) -> None:
    state = State(
        questions=(Question(value, "nominal", (value,)),),
        dimensions=(value,),
        vendors=(value,),
        repeated=frozenset({"annotation", "item", "person"}),
        filled=frozenset({"person.vendor"}),
        has_probes=True,
    )
    files = {"annotation": [value, value], "item": [value], "person": [value]}
    scope = Scope(
        value,
        where=((value, value), ("week", value), ("vendor", f"{value}*")),
        questions=(value,),
        viewer=Viewer(value, frozenset({f"{value}!"})),
    )
    everything = relations(Records(state, files, value), scope, labels={value: [value]})
    text, _ = compose(everything, " ".join(everything))
    assert value not in text


def test_population_that_does_not_exist_names_those_that_do() -> None:
    with pytest.raises(InputError, match="there are people, all, human, expert, model, rule"):
        whole(population="robots")


@pytest.mark.parametrize("roles", [(), ("robot",), ("human", "robot")])
def test_roles_that_do_not_exist_are_refused(roles: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match="roles must be among human, expert, model, rule"):
        whole(roles=roles)


def test_scope_needs_a_viewer() -> None:
    with pytest.raises(TypeError, match="viewer"):
        Scope("b")  # type: ignore[call-arg]


def test_all_is_every_role() -> None:
    assert whole(population="all").population_roles == ROLES


@given(
    a=st.lists(st.sampled_from("abcde"), max_size=12),
    b=st.lists(st.sampled_from("abcde"), max_size=12),
)
def test_sums_of_weights_tell_label_sets_apart(a: Sequence[str], b: Sequence[str]) -> None:
    def sums(labels: Sequence[str]) -> tuple[int, int]:
        weights = [label_weights(label) for label in labels]
        return sum(first for first, _ in weights), sum(second for _, second in weights)

    assert (sums(a) == sums(b)) == (Counter(a) == Counter(b))


def test_weights_of_a_label_never_change() -> None:
    """Pattern ids are kept on disk: md5 of "good" is 755f85c2723bb39381c7379a604160d8."""
    digest = 0x755F85C2723BB39381C7379A604160D8
    assert label_weights("good") == (digest % 2**50, (digest >> 64) % 2**50)


def test_literal_glob_leaves_ordinary_paths_alone() -> None:
    assert literal_glob("/store/batches/1a/item.parquet") == "/store/batches/1a/item.parquet"


def test_viewer_of_a_vendor_sees_only_batches_it_worked_on(store: Store) -> None:
    mixed(store)
    add_part(store, "theirs", [answer("i", "p", "a")], facts=BatchFacts(kind="qa", vendor="other"))
    add_part(store, "nobody's", [answer("i", "p", "a")])
    assert [batch.batch_id for batch in store.batches(ACME)] == ["mixed"]


def test_batch_that_is_not_seen_is_like_one_that_does_not_exist(store: Store) -> None:
    mixed(store)
    add_part(store, "theirs", [answer("i", "p", "a")], facts=BatchFacts(kind="qa", vendor="other"))
    with pytest.raises(InputError, match=r"there are mixed$"):
        store.batch("theirs", ACME)


def test_viewer_of_a_vendor_sees_its_own_batch_whole(store: Store) -> None:
    add_part(store, "ours", [answer("i", "p", "a")], facts=BatchFacts(kind="qa", vendor="acme"))
    assert store.batch("ours", ACME).annotations == 1


def test_counts_are_those_of_what_the_viewer_sees(store: Store) -> None:
    mixed(store)
    found = store.batch("mixed", ACME)
    assert (found.items, found.annotations, found.annotators, found.reviews, found.vendors) == (
        *(2, 2, 1, 1),
        ("acme",),
    )


HIDDEN = {"p2", "i2", "of other", "other", "k"}


@pytest.mark.parametrize("name", [*names("statistics"), *names("records")])
def test_viewer_of_a_vendor_sees_no_row_of_another(store: Store, shelf: Shelf, name: str) -> None:
    shelf.filled(store.folder, "mixed vendors", lambda: mixed(store))
    scope = Scope("mixed", population="all", viewer=ACME)
    shown = {str(value) for row in rows(store, name, scope) for value in row.values()}
    assert not shown & HIDDEN


def test_viewer_of_a_vendor_gets_no_kept_statistic_of_a_mixed_batch(store: Store) -> None:
    mixed(store)
    scope = Scope("mixed", viewer=ACME)
    found = rows(store, "annotator_labels", scope, dimension="")
    assert {(row["person_key"], row["count"]) for row in found} == {("p1", 2)}


def test_viewer_of_a_vendor_learns_no_value_of_another_from_an_error(store: Store) -> None:
    mixed(store)
    scope = Scope("mixed", where=(("vendor", "nobody"),), viewer=ACME)
    with pytest.raises(InputError) as error:
        store.fetch("items", scope)
    assert "other" not in str(error.value)
