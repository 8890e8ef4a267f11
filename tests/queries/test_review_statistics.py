"""Statistics of reviews, on reviews written out one by one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest

from queries.draws import BLIND_REVIEW, Order, drawn_items, keys_of, record_orders
from queries.errors import InputError
from queries.materialise import REVIEWS, applies
from queries.store import Store
from tests.queries.conftest import add_part, answer, at, rows, whole

Row = dict[str, Any]


def review(
    item: str = "i1", who: str = "r1", before: str = "a", after: str | None = "a", **more: Any
) -> Row:
    return {
        "item_id": item,
        "question": "label",
        "person_key": "p1",
        "stage": "pre_review",
        "selection": "all",
        "reviewer_key": who,
        "decision": "approve" if before == after else "revise",
        "value_before": before,
        "value_after": after,
        "decided_at": at(2),
        **more,
    }


def of_reviews(store: Store, name: str, *reviews: Row, **tables: Any) -> list[Row]:
    items = sorted({row["item_id"] for row in reviews})
    add_part(
        store, "b", [answer(item, "p1", "a") for item in items], review=list(reviews), **tables
    )
    return rows(store, name, whole())


@pytest.mark.parametrize(
    ("more", "outcome"),
    [
        ({}, "accepted"),
        ({"after": "b"}, "overturned"),
        ({"after": "b", "decision": "approve"}, "overturned"),
        ({"after": None, "decision": "approve"}, "accepted"),
        ({"after": None, "decision": "reject"}, "overturned"),
        ({"after": None, "decision": "escalate"}, "escalated"),
        ({"after": None, "decision": "comment"}, "undecided"),
        ({"decision": "kept"}, "accepted"),
    ],
)
def test_outcome_is_what_became_of_the_answer(store: Store, more: Row, outcome: str) -> None:
    (row,) = of_reviews(store, "review_transitions", review(**more))
    assert row["outcome"] == outcome


def test_review_that_names_no_question_is_counted(store: Store) -> None:
    (row,) = of_reviews(store, "review_transitions", review(question=None))
    assert (row["question"], row["count"]) == ("", 1)


def test_later_stage_is_the_second_of_a_pair(store: Store) -> None:
    (row,) = of_reviews(
        store,
        "review_pairs",
        review(who="z", stage="spot_check", selection="random", after="b"),
        review(who="r1"),
    )
    assert (row["stage_a"], row["stage_b"], row["selection"]) == (
        "pre_review",
        "spot_check",
        "random",
    )
    assert (row["outcome_a"], row["verdict_b"], row["upheld"]) == (
        "accepted",
        "overturned",
        "false",
    )


def test_return_to_the_first_answer_reverses_the_review_and_not_the_annotator(store: Store) -> None:
    (row,) = of_reviews(
        store,
        "review_pairs",
        review(after="b"),
        review(who="r2", stage="arbitration", before="b", after="a"),
    )
    assert (row["outcome_b"], row["verdict_b"], row["upheld"]) == (
        "overturned",
        "accepted",
        "false",
    )


def test_correction_that_is_left_standing_is_upheld(store: Store) -> None:
    (row,) = of_reviews(
        store,
        "review_pairs",
        review(after="b"),
        review(who="r2", stage="arbitration", before="b", after="b"),
    )
    assert (row["verdict_b"], row["upheld"]) == ("overturned", "true")


def test_second_look_of_one_reviewer_at_one_stage_is_no_pair(store: Store) -> None:
    again = review(after="b", decided_at=at(3))
    assert of_reviews(store, "review_pairs", review(), again) == []


def test_review_of_own_work_is_in_no_comparison(store: Store) -> None:
    own = review(who="p1", started_at=at(2, 11))
    assert len(of_reviews(store, "review_transitions", own)) == 1
    for name in ("review_pairs", "review_mix", "review_times", "review_probes"):
        assert rows(store, name, whole()) == []


def test_mix_counts_by_attribute_and_week(store: Store) -> None:
    found = of_reviews(
        store,
        "review_mix",
        review(),
        item_attribute=[{"item_id": "i1", "name": "task", "value": "easy"}],
    )
    assert {(row["dimension"], row["stratum"]) for row in found} == {
        ("task", "easy"),
        ("week", "2026-03-02"),
    }


def test_times_stand_in_bins_of_two_per_cent(store: Store) -> None:
    (row,) = of_reviews(store, "review_times", review(started_at=datetime(2026, 3, 2, 11, 59, 50)))  # noqa: DTZ001
    assert row["log_bin"] == 465


def test_known_answers_are_right_or_wrong(store: Store) -> None:
    found = of_reviews(
        store,
        "review_probes",
        review("i1"),
        review("i2", before="b", after="a"),
        probe=[
            {"item_id": item, "question": "label", "type": "golden", "expected": "a"}
            for item in ("i1", "i2")
        ],
    )
    assert {(row["truth"], row["outcome"]) for row in found} == {
        ("right", "accepted"),
        ("wrong", "overturned"),
    }


def test_audit_item_has_no_truth(store: Store) -> None:
    probe = {"item_id": "i1", "question": "label", "type": "audit", "expected": "a"}
    assert of_reviews(store, "review_probes", review(), probe=[probe]) == []


ESCALATED = {"decision": "escalate", "after": None, "rule_ref": "2.1"}


def test_dispute_is_closed_by_arbitration(store: Store) -> None:
    (row,) = of_reviews(
        store,
        "disputes",
        review(**ESCALATED),
        review(who="r9", stage="arbitration", after="b", decided_at=at(4)),
    )
    assert (row["state"], row["outcome"], row["rule_ref"]) == ("closed", "overturned", "2.1")
    assert (row["reviewer_key"], row["age_hours"]) == ("r1", 48)


def test_open_dispute_is_as_old_as_the_last_review_makes_it(store: Store) -> None:
    (row,) = of_reviews(store, "disputes", review(**ESCALATED), review("i2", decided_at=at(7)))
    assert (row["state"], row["outcome"], row["age_hours"]) == ("open", "", 120)


def test_dispute_after_a_settled_one_on_the_rule_is_a_repeat(store: Store) -> None:
    closing = {"stage": "arbitration", "after": "b", "rule_ref": "2.1"}
    found = of_reviews(
        store,
        "disputes",
        review("i1", **ESCALATED),
        review("i1", "r9", decided_at=at(3), **closing),
        review("i2", decided_at=at(4), **ESCALATED),
        review("i2", "r9", decided_at=at(5), **closing),
    )
    assert sorted((row["is_repeat"], row["age_hours"]) for row in found) == [
        ("false", 24),
        ("true", 24),
    ]


def test_dispute_whose_item_a_link_leads_on_from_is_linked(store: Store) -> None:
    (row,) = of_reviews(
        store,
        "disputes",
        review(**ESCALATED),
        knowledge_link=[{"link_id": "l", "from_id": "i1", "to_type": "rule", "to_id": "9"}],
    )
    assert row["linked"] == "true"


def test_blind_verdict_is_one_on_every_answer_of_the_item(store: Store) -> None:
    blind = review(person_key=None, after="b", decision=None, stage="blind_review")
    blind["value_before"] = None
    add_part(store, "b", [answer("i1", "p1", "a"), answer("i1", "p2", "b")], review=[blind])
    found = rows(store, "review_transitions", whole())
    assert {(row["person_key"], row["value_before"], row["outcome"]) for row in found} == {
        ("p1", "a", "overturned"),
        ("p2", "b", "accepted"),
    }


def test_batch_without_reviews_computes_none_of_their_statistics(store: Store) -> None:
    batch = add_part(store, "b", [answer("i1", "p1", "a")])
    assert [name for name in REVIEWS if applies(batch, name)] == []


@pytest.mark.parametrize("name", REVIEWS)
def test_what_is_kept_is_what_the_records_give(store: Store, name: str) -> None:
    reviews = [
        review(started_at=at(2, 11)),
        review(who="r2", stage="arbitration", after="b", decided_at=at(4)),
    ]
    kept = of_reviews(
        store,
        name,
        *reviews,
        item_attribute=[{"item_id": "i1", "name": "task", "value": "easy"}],
        probe=[{"item_id": "i1", "question": "label", "type": "golden", "expected": "a"}],
    )
    # A filter that leaves everything in is answered from the records.
    assert rows(store, name, whole(where=(("task", "*"),))) == kept
    assert kept


def test_item_only_models_answered_is_seen_by_nobody(store: Store) -> None:
    add_part(
        store,
        "b",
        [
            answer("i1", "m", "a", role="model"),
            answer("i2", "m", "a", role="model"),
            answer("i3", "p", "a"),
        ],
        review=[review("i2", "r1")],
    )
    assert [row["item_id"] for row in rows(store, "unseen_items", whole())] == ["i1"]


def test_review_by_a_model_is_no_look_of_a_person(store: Store) -> None:
    add_part(store, "b", [answer("i1", "m", "a", role="model")], review=[review("i1", "m")])
    assert [row["item_id"] for row in rows(store, "unseen_items", whole())] == ["i1"]


def test_drawable_items_name_who_answered_or_reviewed(store: Store) -> None:
    add_part(store, "b", [answer("i1", "p2", "a"), answer("i1", "p1", "b")], review=[review()])
    (row,) = rows(store, "drawable_items", whole())
    assert row["people"] == "p1 p2 r1"


def order(
    store: Store, seed: str = "s", strangers: Mapping[str, tuple[str, str]] | None = None
) -> None:
    record_orders(
        store,
        [Order("k", "ann", ("i1", "i2"), f"plan-{seed}")],
        batch_id="b",
        batch_digest="d",
        seed=seed,
        probability=0.5,
        strangers=strangers or {},
    )


def test_orders_are_kept(store: Store) -> None:
    order(store)
    assert drawn_items(store, "b", BLIND_REVIEW) == (1, {"i1", "i2"})


def test_orders_of_one_seed_are_drawn_once(store: Store) -> None:
    order(store)
    with pytest.raises(InputError, match="has a blind-review draw with seed s already"):
        order(store)


def test_reviewer_the_store_does_not_know_gets_a_key_with_a_salt(store: Store) -> None:
    key, salt = keys_of(store, ["new"])["new"]
    assert (len(key), salt is None) == (16, False)


def test_reviewer_keeps_the_key_that_was_recorded(store: Store) -> None:
    key, salt = keys_of(store, ["new"])["new"]
    assert salt is not None
    order(store, strangers={"new": (key, salt)})
    assert keys_of(store, ["new"])["new"] == (key, None)
