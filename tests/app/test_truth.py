"""The true labels of a question, read from a store."""

import csv
import gzip
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from app.intake import bring_in
from app.truth import inferred, label_sets, truth
from metrics.dawid_skene import dawid_skene
from metrics.latent_truth import posteriors, vote_shares
from queries.batches import BatchInfo
from queries.scope import Viewer
from queries.store import Store

SHARED = Path(os.environ.get("BATCHGATE_SHARED", Path(__file__).parents[3] / "shared"))
RTE = SHARED / "data" / "snow2008_rte" / "judgments.csv.gz"


def test_every_answer_is_in_one_set(textbook: tuple[Store, BatchInfo]) -> None:
    store, batch = textbook
    sets = label_sets(store, batch, batch.questions[0], Viewer.owner())
    answers = int((np.diff(sets.start) * sets.multiplicity).sum())
    assert (sets.items, answers) == (batch.items, batch.annotations)


def test_annotators_of_a_model_are_in_the_order_of_their_keys(
    textbook: tuple[Store, BatchInfo],
) -> None:
    store, batch = textbook
    model = truth(store, batch, batch.questions[0], Viewer.owner())
    assert model is not None
    assert list(model.annotators) == sorted(model.annotators)


def test_model_is_fitted_once(textbook: tuple[Store, BatchInfo]) -> None:
    store, batch = textbook
    one, two = (truth(store, batch, batch.questions[0], Viewer.owner()) for _ in range(2))
    assert one is two


def test_population_without_answers_has_no_model(textbook: tuple[Store, BatchInfo]) -> None:
    store, batch = textbook
    question = batch.questions[0]
    assert truth(store, batch, question, Viewer.owner(), population="model") is None


def test_people_who_copied_vote_once(write_batch: Callable[..., Path]) -> None:
    """a01 gives the answers of a00; twelve people, six answers an item."""
    draw = np.random.default_rng(1)
    rows = []
    for item in range(400):
        right, said = draw.integers(5), {}
        for who in sorted(draw.permutation(12)[:6]):
            own = right if draw.random() < 0.7 else draw.integers(5)
            said[who] = said[0] if who == 1 and 0 in said else own
        rows += [f"i{item},a{who:02d},{label + 1},first" for who, label in said.items()]
    store, viewer = Store.open(write_batch(rows)), Viewer.owner()
    batch = store.batch("b1", viewer)
    sets = label_sets(store, batch, batch.questions[0], viewer)
    model = truth(store, batch, batch.questions[0], viewer)
    assert model is not None
    names = store.people(list(model.annotators))
    one, other = (
        next(place for place, key in enumerate(model.annotators) if names[key] == name)
        for name in ("a00", "a01")
    )
    items = [{row.split(",")[1] for row in rows[at : at + 6]} for at in range(0, 2400, 6)]
    shared = sum({"a00", "a01"} <= people for people in items)
    assert int((np.diff(sets.start) * sets.multiplicity).sum()) == 2400 - shared
    assert (model.confusion[one] == model.confusion[other]).all()


@pytest.fixture(scope="module")
def entailment(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, BatchInfo]:
    if not RTE.is_file():
        pytest.skip(f"no real data at {RTE}")
    folder = tmp_path_factory.mktemp("rte") / "store"
    mapping = SHARED / "checks" / "mappings" / "snow_rte.toml"
    bring_in(folder, [RTE], batch_id="rte", mapping=mapping)
    store = Store.open(folder)
    return store, store.batch("rte", Viewer.owner())


def right(store: Store, batch: BatchInfo, *, by_votes: bool) -> float:
    """Return the share of items whose likeliest label is the gold one; a tie counts one half.

    Items of one set share their likeliest label, so gold is counted by (set, gold) pairs that are
    matched through the answers themselves.
    """
    with gzip.open(RTE, "rt", newline="") as stream:
        rows = list(csv.DictReader(stream))
    gold = {row["orig_id"]: row["gold"] for row in rows}
    answers: dict[str, set[tuple[str, str]]] = {}
    for row in rows:
        answers.setdefault(row["orig_id"], set()).add((row["worker_id"], row["response"]))
    sets = label_sets(store, batch, batch.questions[0], Viewer.owner())
    names = store.people(sets.annotators)
    model = dawid_skene(sets, starts=0)
    blocks = vote_shares(sets) if by_votes else posteriors(sets, model)
    chances = np.concatenate([block for _, block in blocks])
    found = {}
    for number, row_chances in enumerate(chances):
        part = slice(sets.start[number], sets.start[number + 1])
        members = frozenset(
            (names[sets.annotators[person]], sets.labels[label])
            for person, label in zip(sets.annotator[part], sets.label[part], strict=True)
        )
        found[members] = row_chances
    score = 0.0
    for item, given in answers.items():
        row_chances = found[frozenset(given)]
        best = np.flatnonzero(np.isclose(row_chances, row_chances.max()))
        score += (sets.labels.index(gold[item]) in best) / len(best)
    return score / len(answers)


def test_dawid_skene_on_entailment_is_as_published(entailment: tuple[Store, BatchInfo]) -> None:
    """Snow and others (2008): 92.75 % is widely reported for Dawid-Skene on this set."""
    assert right(*entailment, by_votes=False) == pytest.approx(0.9275)


def test_majority_on_entailment_is_as_published(entailment: tuple[Store, BatchInfo]) -> None:
    """89.7 % in the paper; 65 ties of five to five count one half each."""
    assert right(*entailment, by_votes=True) == pytest.approx(0.896875)


def test_inferred_says_how_many_items_it_labels_otherwise(tmp_path: Path) -> None:
    """x and y press at random: they outvote p where p alone is right and they agree."""
    rows, outvoted = [], 0
    for item in range(120):
        right, x, y = ("ab"[item // step % 2] for step in (1, 2, 5))
        careful = ("p", "q", "r") if item % 3 else ("p",)
        rows += [(item, who, right) for who in careful] + [(item, "x", x), (item, "y", y)]
        outvoted += len(careful) == 1 and x == y != right
    (tmp_path / "t.csv").write_text(
        "item,who,label\n" + "".join(f"i{item},{who},{label}\n" for item, who, label in rows)
    )
    (tmp_path / "t.toml").write_text(
        'kind = "qa"\n[columns]\nitem_id = "item"\nannotator_id = "who"\n'
        '[[question]]\nname = "q"\ncolumn = "label"\nlabels = ["a", "b"]\n'
    )
    bring_in(tmp_path / "store", [tmp_path / "t.csv"], batch_id="b", mapping=tmp_path / "t.toml")
    store = Store.open(tmp_path / "store")
    batch = store.batch("b", Viewer.owner())
    found = inferred(store, batch, batch.questions[0], Viewer.owner())
    assert found is not None
    assert outvoted
    assert found.other_labels == pytest.approx(outvoted / 120)
