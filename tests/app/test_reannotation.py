"""Which items to give to one more annotator first."""

from app.reannotation import worth_answering_again
from queries.batches import BatchInfo
from queries.scope import Viewer
from queries.store import Store


def listed(textbook: tuple[Store, BatchInfo], limit: int = 50) -> list[dict[str, object]]:
    store, batch = textbook
    rows = worth_answering_again(store, batch, batch.questions[0], Viewer.owner(), limit)
    found: list[dict[str, object]] = rows.to_pylist()
    return found


def test_most_divided_item_comes_first(textbook: tuple[Store, BatchInfo]) -> None:
    """Unit 6 of the textbook has four labels from four people."""
    first = listed(textbook)[0]
    assert (first["item_id"], first["votes"]) == ("u06", "1-1-1-1")


def test_settled_items_are_not_listed(textbook: tuple[Store, BatchInfo]) -> None:
    assert "u01" not in {row["item_id"] for row in listed(textbook)}


def test_list_has_as_many_items_as_asked_for(textbook: tuple[Store, BatchInfo]) -> None:
    assert len(listed(textbook, limit=1)) == 1
