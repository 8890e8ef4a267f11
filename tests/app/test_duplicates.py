"""Copies, contradictions and contamination, from an import to a metric."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from app.contamination import contamination
from app.duplicates import duplicates
from app.intake import bring_in
from app.measure import Measurement, measure
from queries import kept_findings
from queries.batches import BatchInfo
from queries.doctor import examine
from queries.errors import InputError
from queries.scope import Scope, Viewer
from queries.store import Store

OWNER = Viewer.owner()
MAPPING = """
kind = "sft"
[columns]
item_id = "item"
annotator_id = "who"
prompt = "prompt"
{more}
[[question]]
name = "answer"
column = "label"
level = "nominal"
labels = ["good", "bad"]
"""
LONG = "explain in your own words why the sky over a large city looks orange late at night"
Write = Callable[..., tuple[Store, BatchInfo]]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Import prompts (or rows of prompt, response, label) as a batch."""

    def imported(given: Sequence[Any], batch_id: str = "b") -> tuple[Store, BatchInfo]:
        rows = [each if isinstance(each, tuple) else (each, None, "good") for each in given]
        has_answers = any(answer is not None for _, answer, _ in rows)
        table, mapping = tmp_path / f"{batch_id}.jsonl", tmp_path / f"{batch_id}.toml"
        table.write_text(
            "".join(
                json.dumps({
                    "item": f"i{at:03d}", "who": "ann", "prompt": prompt, "text": answer,
                    "label": label,
                }) + "\n"
                for at, (prompt, answer, label) in enumerate(rows)
            )
        )  # fmt: skip
        mapping.write_text(MAPPING.format(more='text = "text"' if has_answers else ""))
        bring_in(tmp_path / "store", [table], batch_id=batch_id, mapping=mapping)
        store = Store.open(tmp_path / "store")
        return store, store.batch(batch_id, OWNER)

    return imported


def one(store: Store, batch: BatchInfo, metric: str, **options: str) -> Measurement:
    (found,) = measure(store, batch, metric, viewer=OWNER, options=options)
    return found


@pytest.mark.parametrize(
    "copy",
    ["Stra\u00dfe  nach \u00c5re", "STRASSE nach A\u030are ", "stra\u00dfe\u00a0nach\t\u00e5re"],
)
def test_prompt_is_equal_whatever_its_letters_and_blanks(write: Write, copy: str) -> None:
    found = one(*write(["stra\u00dfe nach \u00e5re", copy, "another"]), "exact_duplicate_share")
    assert found.estimate.value == pytest.approx(1 / 3)


def test_near_copy_counts_once(write: Write) -> None:
    found = one(*write([LONG, f"{LONG} please", LONG, "something else"]), "effective_items")
    assert (found.estimate.value, found.estimate.n) == (2, 4)


def test_census_has_no_interval(write: Write) -> None:
    estimate = one(*write([LONG, LONG]), "near_duplicate_share").estimate
    assert (estimate.low, estimate.value, estimate.high, estimate.about) == (0.5, 0.5, 0.5, "batch")


def test_near_copy_is_named_beside_what_it_is_like(write: Write) -> None:
    store, batch = write(["something else", LONG, f"{LONG} please"])
    rows = duplicates(store, batch, OWNER).rows.to_pylist()
    assert [(row["item_id"], row["nearest"]) for row in rows] == [
        ("i001", "i002"),
        ("i002", "i001"),
    ]


def test_item_without_a_prompt_is_counted_apart(write: Write) -> None:
    estimate = one(*write([LONG, "", "  ", LONG]), "exact_duplicate_share").estimate
    assert (estimate.n, estimate.provenance["without_text"]) == (2, 2)


@pytest.mark.parametrize(
    "metric", ["exact_duplicate_share", "near_duplicate_share", "effective_items"]
)
def test_batch_without_prompts_has_missing_input(write: Write, metric: str) -> None:
    assert one(*write(["", ""]), metric).estimate.status == "missing_input"


@pytest.mark.parametrize(
    "text", ["?", "!!! ... ???", "👍🏽", "光合作用", "w " * 500_000, "x" * 1_000_000]
)
def test_odd_prompts_are_measured(write: Write, text: str) -> None:
    assert one(*write([text, LONG]), "effective_items").estimate.value == 2


def test_second_look_reads_what_was_found(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    store, batch = write([LONG, LONG])
    duplicates(store, batch, OWNER)
    monkeypatch.setattr("app.duplicates._search", None)
    assert duplicates(store, batch, OWNER).copies.texts == 1


def test_other_threshold_is_another_search(write: Write) -> None:
    store, batch = write([LONG, f"{LONG} please do"])
    loose = one(store, batch, "effective_items").estimate.value
    assert (loose, one(store, batch, "effective_items", threshold="0.99").estimate.value) == (1, 2)


def test_doctor_has_nothing_against_what_was_kept(write: Write) -> None:
    store, batch = write([LONG, LONG])
    duplicates(store, batch, OWNER)
    assert [found for found in examine(store.folder).findings if found.level == "warning"] == []


def test_unknown_kind_of_finding_is_refused(write: Write) -> None:
    store, batch = write([LONG])
    found = kept_findings.Found(store.fetch("counts", Scope(batch.batch_id, viewer=OWNER)), {})
    with pytest.raises(ValueError, match="no kind of finding"):
        kept_findings.keep_finding(store, batch, "guess", {}, found)


@pytest.mark.parametrize("threshold", ["much", "0.1", "1.5", "nan"])
def test_threshold_that_is_none_is_refused(write: Write, threshold: str) -> None:
    with pytest.raises(InputError, match="threshold"):
        one(*write([LONG]), "near_duplicate_share", threshold=threshold)


def test_equal_items_with_unlike_labels_are_counted(write: Write) -> None:
    rows = [("a b c", None, "good"), ("A  b c", None, "bad"), ("d", None, "good")]
    estimate = one(*write(rows), "conflicting_duplicates").estimate
    assert (estimate.value, estimate.n) == (pytest.approx(2 / 3), 3)


def test_equal_prompt_with_another_response_is_no_contradiction(write: Write) -> None:
    rows = [("a b c", "yes", "good"), ("a b c", "no", "bad")]
    assert one(*write(rows), "conflicting_duplicates").estimate.value == 0


def test_contradiction_across_batches_is_counted_against_the_other(write: Write) -> None:
    write([("a b c", None, "bad"), ("d", None, "good")], "older")
    store, batch = write([("a b c", None, "good"), ("d", None, "good")])
    across = one(store, batch, "conflicting_duplicates", against="older").estimate.value
    assert (one(store, batch, "conflicting_duplicates").estimate.value, across) == (0, 0.5)


def test_list_is_found_inside_a_longer_prompt(write: Write) -> None:
    write([LONG], "list")
    store, batch = write([f"please do this: {LONG} and be brief about it", "other words here"])
    rows = contamination(store, batch, OWNER, "list").rows.to_pylist()
    assert [(row["item_id"], row["how"], row["listed"]) for row in rows] == [
        ("i000", "contained", "i000")
    ]


def test_equal_prompt_of_the_list_is_found_however_short(write: Write) -> None:
    write(["What is 2 + 2?"], "list")
    found = one(*write(["what is 2 + 2?", "what is 3 + 3?"]), "contamination_share", against="list")
    assert found.estimate.value == 0.5


def test_answer_of_the_list_is_found(write: Write) -> None:
    write([("q1", LONG, "good"), ("q2", "yes", "good")], "list")
    batch = [("other", LONG, "good"), ("more", "yes", "good"), ("x", "y", "good")]
    found = one(*write(batch), "contamination_share", against="list")
    assert (found.estimate.value, found.estimate.provenance["answer_equal"]) == (
        pytest.approx(1 / 3),
        1,
    )


def test_contamination_without_a_list_has_missing_input(write: Write) -> None:
    assert one(*write([LONG]), "contamination_share").estimate.status == "missing_input"


@pytest.mark.parametrize(
    ("against", "reason"), [("b", "names the batch itself"), ("nowhere", "no batch is called")]
)
@pytest.mark.parametrize("metric", ["contamination_share", "conflicting_duplicates"])
def test_batch_that_cannot_be_compared_with_is_missing(
    write: Write, metric: str, against: str, reason: str
) -> None:
    estimate = one(*write([LONG]), metric, against=against).estimate
    assert (estimate.status, reason in estimate.reason) == ("missing_input", True)


def test_list_without_texts_is_missing(write: Write) -> None:
    write([""], "list")
    found = one(*write([LONG]), "contamination_share", against="list")
    assert found.estimate.status == "missing_input"


def test_copies_of_a_slice_are_refused(write: Write) -> None:
    store, batch = write([LONG])
    with pytest.raises(InputError, match="whole batch"):
        measure(store, batch, "effective_items", viewer=OWNER, by=("week",))
