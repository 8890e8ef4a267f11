"""Statistics against their definition in plain Python, on random small batches."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from queries.batches import BatchFacts, Mode, PartInfo, TableInfo
from queries.composition import compose
from queries.materialise import kept, pattern_labels
from queries.relations import Records, relations
from queries.schema import ROLES
from queries.state import files_of, state_of
from queries.statements import statement
from queries.store import Store
from tests.queries import brute
from tests.queries.conftest import add_part, answer, at, question, rows, stage, whole

PEOPLE = ("human", "expert")
ITEMS = tuple(f"i{number}" for number in range(4))
PERSONS = {"p1": "human", "p2": "human", "p3": "expert", "p4": "model", "p5": "human"}
NUMBERS = ("1", "2.5", "-3", "1000000")
POPULATIONS: dict[str, tuple[str, ...]] = {"people": PEOPLE, "model": ("model",), "all": ROLES}
populations = st.sampled_from(tuple(POPULATIONS))
batch_numbers = count()
health = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
drawn = settings(max_examples=20, suppress_health_check=health)
imported_often = settings(max_examples=5, suppress_health_check=health)


@st.composite
def annotations(draw: st.DrawFn) -> list[dict[str, Any]]:
    keys = st.tuples(
        st.sampled_from(ITEMS),
        st.sampled_from(tuple(PERSONS)),
        st.sampled_from(("label", "score")),
        st.integers(1, 2),
    )
    found = []
    for item, person, asked, round_ in draw(st.lists(keys, min_size=1, max_size=30, unique=True)):
        values = ("a", "b", "c") if asked == "label" else NUMBERS
        found.append(
            answer(
                item,
                person,
                draw(st.sampled_from((*values, None))),
                question=asked,
                role=PERSONS[person],
                round=None if round_ == 1 and draw(st.booleans()) else round_,
                status=draw(st.sampled_from(("submitted", "submitted", "submitted", "draft"))),
                annotated_at=draw(st.sampled_from((None, at(1), at(2), at(9)))),
                guideline_version=draw(st.sampled_from((None, "v1", "v2"))),
                duration_seconds=draw(st.sampled_from((None, 0.0, 1.5, 60.0))),
            )
        )
    return found


@st.composite
def batches(draw: st.DrawFn) -> list[dict[str, Any]]:
    """One to three parts of a batch."""
    parts: list[dict[str, Any]] = []
    for _ in range(draw(st.integers(1, 3))):
        items = draw(st.lists(st.sampled_from(ITEMS), unique=True))
        groups = st.sampled_from((None, "g1", "g2"))
        persons = draw(st.lists(st.sampled_from(tuple(PERSONS)), unique=True))
        tasks = st.sampled_from(("x", "y"))
        parts.append(
            {
                "annotation": draw(annotations()),
                "item": [{"item_id": item, "group_id": draw(groups)} for item in items],
                "item_attribute": [
                    {"item_id": item, "name": "task", "value": draw(tasks)} for item in items
                ],
                "person": [
                    {"person_key": person, "vendor": draw(st.sampled_from((None, "acme")))}
                    for person in persons
                ],
                "probe": [
                    {"item_id": item, "question": "label", "type": kind, "expected": "a"}
                    for item, kind in draw(
                        st.dictionaries(
                            st.sampled_from(ITEMS), st.sampled_from(("golden", "audit")), max_size=1
                        )
                    ).items()
                ],
                "question": [question(), question("score", "interval", None)],
            }
        )
    return parts


def imported(store: Store, parts: Sequence[Mapping[str, Any]]) -> str:
    batch_id = f"batch {next(batch_numbers)}"
    for number, part in enumerate(parts):
        tables = {name: given for name, given in part.items() if name != "annotation"}
        mode: Mode = "add" if number else "new"
        add_part(
            store,
            batch_id,
            part["annotation"],
            mode=mode,
            facts=BatchFacts(kind="qa", vendor="house"),
            **tables,
        )
    return batch_id


def of(parts: Sequence[Mapping[str, Any]]) -> brute.Batch:
    levels = {"label": "nominal", "score": "interval"}
    return brute.Batch(parts, vendor="house", levels=levels)


class Workbench:
    """Statements over random parts, without a store around them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._connection = duckdb.connect(config={"threads": 1})

    def rows(
        self, name: str, parts: Sequence[Mapping[str, Any]], population: str
    ) -> list[dict[str, Any]]:
        described = [self._part(number, part) for number, part in enumerate(parts)]
        folders = {part.part_key: str(self._folder / part.part_key) for part in described}
        files = files_of(described, folders)
        state = state_of(self._connection, described, files, "house")
        records = Records(state, files, "house")
        scope = whole(population=population)
        labels = pattern_labels(self._connection, records, scope)
        available = relations(records, scope, labels=labels)
        text, values = compose(available, statement(name).text)
        found: list[dict[str, Any]] = (
            self._connection.sql(text, params=values).to_arrow_table().to_pylist()
        )
        return found

    def close(self) -> None:
        self._connection.close()

    def _part(self, number: int, part: Mapping[str, Any]) -> PartInfo:
        folder = self._folder / str(number)
        folder.mkdir(exist_ok=True)
        stage(folder, part)
        tables = {
            table: TableInfo(
                len(given), "", "", {key: 1 for row in given for key in row if row[key] is not None}
            )
            for table, given in part.items()
            if given
        }
        answers = [
            (row["item_id"], row["question"], row["person_key"]) for row in part["annotation"]
        ]
        return PartInfo(
            part_key=str(number),
            sequence=number,
            digest=str(number),
            rows=len(answers),
            tables=tables,
            location="",
            repeats=len(set(answers)) < len(answers),
        )


@pytest.fixture
def workbench(tmp_path: Path) -> Iterator[Workbench]:
    found = Workbench(tmp_path)
    yield found
    found.close()


def counted(
    found: Sequence[Mapping[str, Any]], *columns: str, by: str = "count"
) -> dict[tuple[Any, ...], int]:
    return {tuple(row[column] for column in columns): row[by] for row in found}


@given(parts=batches(), population=populations)
@drawn
def test_unit_patterns_equal_their_definition(
    workbench: Workbench, parts: list[dict[str, Any]], population: str
) -> None:
    found = counted(
        workbench.rows("unit_patterns", parts, population),
        *("question", "dimension", "stratum", "pattern_id", "label", "count"),
        by="multiplicity",
    )
    batch = of(parts)
    assert found == brute.unit_patterns(batch, batch.answers(POPULATIONS[population]))


@given(parts=batches(), population=populations)
@drawn
def test_group_patterns_equal_their_definition(
    workbench: Workbench, parts: list[dict[str, Any]], population: str
) -> None:
    compositions: dict[tuple[Any, ...], dict[str, int]] = {}
    groups: dict[tuple[Any, ...], int] = {}
    for row in workbench.rows("group_patterns", parts, population):
        key = (row["question"], row["dimension"], row["stratum"], row["composition_id"])
        compositions.setdefault(key, {})[row["pattern_id"]] = row["count"]
        groups[key] = row["multiplicity"]
    found = {
        (*key[:3], tuple(sorted(contents.items()))): groups[key]
        for key, contents in compositions.items()
    }
    batch = of(parts)
    assert found == brute.group_patterns(batch, batch.answers(POPULATIONS[population]))


@given(parts=batches(), population=populations)
@drawn
def test_cluster_patterns_equal_their_definition(
    workbench: Workbench, parts: list[dict[str, Any]], population: str
) -> None:
    found = counted(
        workbench.rows("cluster_patterns", parts, population),
        *("question", "dimension", "stratum", "pattern_id", "label", "count"),
        by="multiplicity",
    )
    batch = of(parts)
    assert found == brute.cluster_patterns(batch, batch.answers(POPULATIONS[population]))


@given(parts=batches(), population=populations)
@drawn
def test_annotator_patterns_equal_their_definition(
    workbench: Workbench, parts: list[dict[str, Any]], population: str
) -> None:
    found = counted(
        workbench.rows("annotator_patterns", parts, population),
        *("question", "person_key", "pattern_id", "label"),
    )
    assert found == brute.annotator_patterns(of(parts).answers(POPULATIONS[population]))


@given(parts=batches(), population=populations)
@drawn
def test_annotator_pairs_equal_their_definition(
    workbench: Workbench, parts: list[dict[str, Any]], population: str
) -> None:
    found = counted(
        workbench.rows("annotator_pairs", parts, population),
        *("question", "person_a", "role_a", "person_b", "role_b", "label_a", "label_b"),
    )
    assert found == brute.annotator_pairs(of(parts).answers(POPULATIONS[population]))


@given(parts=batches(), population=populations)
@drawn
def test_annotator_labels_equal_their_definition(
    workbench: Workbench, parts: list[dict[str, Any]], population: str
) -> None:
    found = counted(
        workbench.rows("annotator_labels", parts, population),
        *("question", "person_key", "role", "dimension", "stratum", "label"),
    )
    batch = of(parts)
    assert found == brute.annotator_labels(batch, batch.answers(POPULATIONS[population]))


@given(parts=batches(), population=populations)
@drawn
def test_label_mix_equals_its_definition(
    workbench: Workbench, parts: list[dict[str, Any]], population: str
) -> None:
    found = counted(
        workbench.rows("label_mix", parts, population),
        *("question", "week", "person_key", "guideline_version"),
        *("dimension", "stratum", "label"),
    )
    batch = of(parts)
    assert found == brute.label_mix(batch, batch.answers(POPULATIONS[population]))


@given(parts=batches(), population=populations)
@drawn
def test_durations_equal_their_definition(
    workbench: Workbench, parts: list[dict[str, Any]], population: str
) -> None:
    found = counted(
        workbench.rows("durations", parts, population),
        *("question", "person_key", "dimension", "stratum", "log_bin"),
    )
    batch = of(parts)
    assert found == brute.durations(batch, batch.answers(POPULATIONS[population]))


@given(parts=batches(), population=populations)
@drawn
def test_unit_moments_equal_their_definition(
    workbench: Workbench, parts: list[dict[str, Any]], population: str
) -> None:
    found = {
        (row["question"], row["dimension"], row["stratum"], row["m"]): pytest.approx(
            [value for name, value in row.items() if name == "units" or name.startswith("sum_")],
            rel=1e-9,
            abs=1e-3,
        )
        for row in workbench.rows("unit_moments", parts, population)
    }
    batch = of(parts)
    assert found == brute.unit_moments(batch, batch.answers(POPULATIONS[population]))


@given(parts=batches(), population=populations)
@drawn
def test_label_sets_hold_every_answer_once(
    workbench: Workbench, parts: list[dict[str, Any]], population: str
) -> None:
    found: Counter[tuple[str, ...]] = Counter()
    for row in workbench.rows("label_sets", parts, population):
        found[row["question"], row["person_key"], row["label"]] += row["multiplicity"]
    answers = of(parts).answers(POPULATIONS[population])
    assert found == Counter((row["question"], row["person_key"], row["value"]) for row in answers)


@given(parts=batches(), population=populations)
@imported_often
def test_kept_rows_equal_rows_computed_from_records(
    store: Store, parts: list[dict[str, Any]], population: str
) -> None:
    scope = whole(imported(store, parts), population=population)
    # A filter on answers leaves the items that have one; combinations count the others too.
    apart = {"cluster_patterns", "group_patterns", "attribute_combinations"}
    names = [name for name in kept() if name not in apart]
    fetched = {name: rows(store, name, scope) for name in names}
    everything = replace(scope, where=(("vendor", "*"),))
    assert fetched == {name: rows(store, name, everything) for name in names}


@given(parts=st.lists(annotations(), min_size=2, max_size=3))
@imported_often
def test_several_parts_give_the_rows_of_one(
    store: Store, parts: list[list[dict[str, Any]]]
) -> None:
    """Answers to different items may arrive in any number of parts."""
    asked = [question(), question("score", "interval", None)]
    split = [
        {
            "annotation": [{**row, "item_id": f"{number}/{row['item_id']}"} for row in part],
            "question": asked,
        }
        for number, part in enumerate(parts)
    ]
    together = [row for part in split for row in part["annotation"]]
    several = whole(imported(store, split))
    one = whole(imported(store, [{"annotation": together, "question": asked}]))
    assert {name: rows(store, name, several) for name in kept()} == {
        name: rows(store, name, one) for name in kept()
    }


def test_group_patterns_are_not_kept_without_a_group_of_two(store: Store) -> None:
    add_part(store, "b", [answer("i1", "p1", "a")], item=[{"item_id": "i1", "group_id": "g"}])
    assert rows(store, "group_patterns", whole()) == []


def probed(store: Store) -> None:
    add_part(
        store,
        "b",
        [answer("i1", "p1", "a"), answer("i1", "p2", "b"), answer("i2", "p1", "c")],
        probe=[{"item_id": "i1", "question": "label", "type": "golden", "expected": "a"}],
        resolution=[{"item_id": "i2", "question": "label", "value": "b", "rule": "majority"}],
    )


def test_annotator_reference_holds_golden_answers_against_the_expected(store: Store) -> None:
    probed(store)
    found = rows(store, "annotator_reference", whole(), reference="golden")
    assert counted(found, "person_key", "reference_label", "label") == {
        ("p1", "a", "a"): 1,
        ("p2", "a", "b"): 1,
    }


def test_annotator_reference_holds_answers_against_the_label_that_ships(store: Store) -> None:
    probed(store)
    found = rows(store, "annotator_reference", whole(), reference="resolution")
    assert counted(found, "person_key", "reference_label", "label") == {("p1", "b", "c"): 1}


def test_golden_items_stand_in_no_pattern(store: Store) -> None:
    probed(store)
    found = rows(store, "unit_patterns", whole(), dimension="")
    assert [(row["label"], row["multiplicity"]) for row in found] == [("c", 1)]


def test_pair_outcomes_name_the_models_and_the_order_shown(store: Store) -> None:
    add_part(
        store,
        "b",
        [answer("i1", "p1", "a", shown_order="b,a", strength=2.0)],
        response=[
            {"item_id": "i1", "response_id": "r1", "model": "m1", "length": 124},
            {"item_id": "i1", "response_id": "r2", "model": "m2", "length": 99},
        ],
    )
    (row,) = rows(store, "pair_outcomes", whole())
    assert (row["option_a"], row["option_b"], row["first_shown"], row["margin"]) == (
        *("m1", "m2", "b,a"),
        2.0,
    )


def test_review_transitions_count_actions(store: Store) -> None:
    review = {
        "item_id": "i1",
        "question": "label",
        "person_key": "p1",
        "stage": "spot_check",
        "reviewer_key": "r1",
        "decision": "changed",
        "value_before": "a",
        "value_after": "b",
        "blind": True,
    }
    add_part(store, "b", [answer("i1", "p1", "a")], review=[review, review])
    (row,) = rows(store, "review_transitions", whole())
    assert (row["blind"], row["value_before"], row["value_after"], row["count"]) == (
        *("true", "a", "b"),
        2,
    )


@pytest.fixture
def _roles(store: Store) -> None:
    add_part(
        store,
        "b",
        [
            answer("i1", "p1", "a"),
            answer("i1", "p2", "b", role="expert"),
            answer("i1", "p3", "c", role="model"),
        ],
    )


@pytest.mark.usefixtures("_roles")
@pytest.mark.parametrize(
    ("chosen", "labels"),
    [
        ({}, {"a", "b"}),
        ({"population": "human"}, {"a"}),
        ({"population": "expert"}, {"b"}),
        ({"population": "model"}, {"c"}),
        ({"population": "rule"}, set()),
        ({"population": "all"}, {"a", "b", "c"}),
        ({"roles": ("model", "human")}, {"a", "c"}),
    ],
)
def test_population_chooses_roles(store: Store, chosen: Any, labels: set[str]) -> None:
    found = rows(store, "annotator_labels", whole(**chosen), dimension="")
    assert {row["label"] for row in found} == labels


@pytest.mark.usefixtures("_roles")
@pytest.mark.parametrize(
    ("chosen", "name"),
    [
        ({}, "people"),
        ({"population": "model"}, "model"),
        ({"roles": ("model", "human")}, "human+model"),
    ],
)
def test_every_row_states_its_population(store: Store, chosen: Any, name: str) -> None:
    found = rows(store, "unit_patterns", whole(**chosen))
    assert {row["population"] for row in found} == {name}


def test_value_that_no_part_lists_as_a_label_is_counted(store: Store) -> None:
    add_part(store, "b", [answer("i1", "p1", "unlisted")])
    found = rows(store, "unit_patterns", whole(), dimension="")
    assert [row["label"] for row in found] == ["unlisted"]


def test_question_with_values_that_cannot_be_enumerated_has_patterns(store: Store) -> None:
    add_part(
        store,
        "b",
        [answer("i1", "p1", "3.25"), answer("i1", "p2", "3.5")],
        question=[question(level="interval", labels=None)],
    )
    found = rows(store, "unit_patterns", whole(), dimension="")
    assert {row["label"] for row in found} == {"3.25", "3.5"}
