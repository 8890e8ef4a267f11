import pytest

from queries import ledger
from queries.batches import BatchFacts
from queries.errors import InputError
from queries.relations import literal_glob
from queries.scope import Viewer
from queries.store import Store
from tests.queries.conftest import OWNER, add_part, answer, at

SIMPLE = [answer("i1", "p1", "a"), answer("i1", "p2", "a"), answer("i2", "p1", "b")]


def newer(store: Store, batch_id: str, older: str) -> None:
    add_part(store, batch_id, SIMPLE, facts=BatchFacts(kind="qa", supersedes=older))


def decide(store: Store, batch_id: str, decided: str = "accept", *, day: int = 1) -> None:
    """Write down a decision about the batch as it is."""
    given = {
        "decision_id": f"{batch_id}{day}",
        "batch_id": batch_id,
        "scope": "whole",
        "verdict_shown": decided,
        "decided": decided,
        "decided_by": "lead",
        "identity_verified": True,
        "decided_at": at(day),
        "standard_sha256": "s",
        "batch_digest": store.batch(batch_id, OWNER).digest,
        "software_version": "v",
        "evidence": "{}",
        "evidence_sha256": "e",
        "sha256": f"{batch_id}{day}",
    }
    marks = ", ".join(f"${name}" for name in given)
    with store.catalogue.write("deciding") as cursor:
        parts = ["insert into catalogue.decision", f"({', '.join(given)})", f"values ({marks})"]
        cursor.execute(" ".join(parts), given)


def test_superseded_batch_says_by_what(store: Store) -> None:
    add_part(store, "b1", SIMPLE)
    newer(store, "b2", "b1")
    newer(store, "b3", "b1")
    assert store.batch("b1", OWNER).superseded_by == ("b2", "b3")


def test_batch_that_nothing_supersedes_says_so(store: Store) -> None:
    add_part(store, "b1", SIMPLE)
    newer(store, "b2", "b1")
    assert store.batch("b2", OWNER).superseded_by == ()


def test_batch_that_is_not_there_is_not_superseded(store: Store) -> None:
    add_part(store, "b1", SIMPLE)
    with pytest.raises(
        InputError, match="found 'b9'; allowed: a batch of this store; there are b1"
    ):
        newer(store, "b2", "b9")
    assert [batch.batch_id for batch in store.batches(OWNER)] == ["b1"]


def test_batch_does_not_supersede_itself(store: Store) -> None:
    add_part(store, "b1", SIMPLE)
    with pytest.raises(InputError, match="cannot supersede itself: 'b1' supersedes 'b1'"):
        add_part(store, "b1", SIMPLE, mode="replace", facts=BatchFacts(supersedes="b1"))


def test_batches_do_not_supersede_each_other_in_a_circle(store: Store) -> None:
    add_part(store, "b1", SIMPLE)
    newer(store, "b2", "b1")
    newer(store, "b3", "b2")
    with pytest.raises(InputError, match="'b1' supersedes 'b3' supersedes 'b2' supersedes 'b1'"):
        add_part(
            store, "b1", [answer("i3", "p1", "a")], mode="add", facts=BatchFacts(supersedes="b3")
        )


def test_vendor_does_not_learn_of_other_batches(store: Store) -> None:
    people = [{"person_key": "p1", "vendor": "acme"}, {"person_key": "p2", "vendor": "other"}]
    add_part(store, "b1", SIMPLE, person=people)
    newer(store, "b2", "b1")
    seen = store.batch("b1", Viewer("acme", frozenset({"acme"})))
    assert (seen.superseded_by, seen.decision) == ((), None)


def test_batch_without_a_decision_has_none(store: Store) -> None:
    found = add_part(store, "b", SIMPLE)
    assert (found.decision, found.evidence_has_grown) == (None, False)


def test_latest_decision_counts(store: Store) -> None:
    add_part(store, "b", SIMPLE)
    decide(store, "b", "conditional", day=1)
    decide(store, "b", "accept", day=2)
    found = store.batch("b", OWNER)
    assert found.decision is not None
    assert (found.decision.decided, found.evidence_has_grown) == ("accept", False)


def test_later_part_makes_the_evidence_grow(store: Store) -> None:
    add_part(store, "b", SIMPLE)
    decide(store, "b")
    assert add_part(store, "b", [answer("i3", "p1", "a")], mode="add").evidence_has_grown


def test_replaced_records_can_be_read(store: Store) -> None:
    add_part(store, "b", SIMPLE)
    add_part(store, "b", [answer("i9", "p9", "c")], mode="add")
    add_part(store, "b", SIMPLE[:1], mode="replace")
    store.sweep()
    found = store.replaced("b", OWNER)
    assert found is not None
    files = [literal_glob(file) for file in found.files["annotation"]]
    with store.cursor() as cursor:
        text = "select count(*) from read_parquet($files)"
        assert cursor.execute(text, {"files": files}).fetchall() == [(4,)]


def test_batch_that_was_never_replaced_has_no_earlier_records(store: Store) -> None:
    add_part(store, "b", SIMPLE)
    assert store.replaced("b", OWNER) is None


def test_replaced_part_says_when(store: Store) -> None:
    add_part(store, "b", SIMPLE)
    (live,) = add_part(store, "b", SIMPLE[:1], mode="replace").parts
    with store.catalogue.read() as cursor:
        (old,) = ledger.read_replaced(cursor, "b")
    assert (old.retired_at, live.retired_at) == (live.imported_at, None)
