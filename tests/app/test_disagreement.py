"""Why annotators of a batch disagree."""

from pathlib import Path

from app.disagreement import why
from app.intake import bring_in
from queries.batches import BatchInfo
from queries.scope import Viewer
from queries.store import Store


def test_textbook_pairs_are_counted(textbook: tuple[Store, BatchInfo]) -> None:
    """By hand: 3 + 8 x 6 + 3 + 1 pairs; units 2, 6 and 8 have 3, 6 and 3 that differ."""
    store, batch = textbook
    found = why(store, batch, batch.questions[0], Viewer.owner()).split
    assert (found.pairs, found.differ) == (55, 12)


def test_most_confused_labels_come_first(textbook: tuple[Store, BatchInfo]) -> None:
    store, batch = textbook
    pairs = [
        each.confusion.pairs
        for each in why(store, batch, batch.questions[0], Viewer.owner()).confused
    ]
    assert pairs == sorted(pairs, reverse=True)
    assert sum(pairs) == 12


REVIEWS = (
    "item_id,question,annotator_id,stage,reviewer_id,decision,value_before,value_after,rule_ref"
)


def bundle(folder: Path) -> Path:
    folder.mkdir()
    facts = 'kind = "qa"\n[[question]]\nname = "q"\nlevel = "nominal"\nlabels = ["a", "b", "c"]\n'
    (folder / "batch.toml").write_text(facts)
    answers = ["item_id,question,annotator_id,value,guideline_version"]
    for number in range(30):
        version = "1" if number < 10 else "2"
        for person, value in zip(("x", "y"), ("ab" if number < 10 else "cc"), strict=True):
            answers.append(f"i{number},q,{person},{value},{version}")
    (folder / "annotations.csv").write_text("\n".join(answers) + "\n")
    rows = [REVIEWS, *(f"i{n},q,x,secondary_review,r,correct,a,b,rule 4" for n in range(3))]
    (folder / "reviews.csv").write_text("\n".join(rows) + "\n")
    return folder


def test_confused_labels_name_version_and_rule(tmp_path: Path) -> None:
    bring_in(tmp_path / "s", [bundle(tmp_path / "bundle")], batch_id="b")
    store = Store.open(tmp_path / "s")
    batch = store.batch("b", Viewer.owner())
    (one,) = why(store, batch, batch.questions[0], Viewer.owner()).confused
    versions = [(each.name, each.confused, each.pairs) for each in one.versions]
    assert (versions, one.rules) == ([("1", 10, 10), ("2", 0, 20)], (("rule 4", 3),))
