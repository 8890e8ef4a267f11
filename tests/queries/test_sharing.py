"""What statistics share while they are computed."""

from typing import Any

import duckdb
import pytest

from queries import sharing
from queries.materialise import kept
from queries.store import Store
from tests.queries.conftest import add_part, answer, at, question, rows, whole

HOSTILE = ("it's", 'say "x"', "a,b", "\u540d\u202e", "nul\0character", " ", "A", "a")


def answers() -> list[dict[str, Any]]:
    """Every statistic but those of reviews and responses has rows of these."""
    return [
        answer(
            f"i{number % 5}",
            f"p{number % 7} {HOSTILE[number % 7]}",
            HOSTILE[number % 8],
            duration_seconds=float(number),
            annotated_at=at(1 + number % 9),
            guideline_version=(None, "v1", "v'2")[number % 3],
            strength=1.0,
            reason_tags="[]",
        )
        for number in range(35)
    ]


def add(store: Store, batch_id: str) -> dict[str, list[dict[str, Any]]]:
    """Import the answers as a batch and return the rows of every kept statistic."""
    scores = [answer("i1", f"p{n}", str(n / 4), question="score") for n in range(9)]
    asked = [question(labels=None), question("score", "interval", None)]
    groups = [{"item_id": f"i{n}", "group_id": "g"} for n in range(5)]
    add_part(store, batch_id, [*answers(), *scores], question=asked, item=groups)
    return {name: rows(store, name, whole(batch_id)) for name in kept()}


def shared_databases(store: Store) -> list[str]:
    with store.cursor() as cursor:
        names = cursor.execute("select database_name from duckdb_databases()").fetchall()
    return [name for (name,) in names if name.startswith("shared")]


@pytest.mark.parametrize("listed", [0, 3])
def test_columns_with_many_values_give_the_same_rows(
    store: Store, monkeypatch: pytest.MonkeyPatch, listed: int
) -> None:
    few = add(store, "few")
    monkeypatch.setattr(sharing, "LISTED", listed)
    assert add(store, "many") == few


def test_kept_rows_of_hostile_values_equal_those_from_records(store: Store) -> None:
    found = add(store, "b")
    # Every answer to `label` has a week; a filter makes the store read the records.
    for name in ("annotator_pairs", "annotator_patterns", "label_mix", "unit_patterns"):
        scope = whole("b", where=(("week", "*"),), questions=("label",))
        assert rows(store, name, scope) == [
            row for row in found[name] if row["question"] == "label"
        ]


def test_nothing_shared_outlives_the_import(store: Store) -> None:
    add(store, "b")
    assert not shared_databases(store)


def test_nothing_shared_outlives_a_failure(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "_typed_labels", lambda _: ["no_such_column"])
    with pytest.raises(duckdb.Error, match="no_such_column"):
        add(store, "b")
    assert not shared_databases(store)
