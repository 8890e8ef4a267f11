"""What is said beside inferred labels."""

import numpy as np
import pytest

from metrics.dawid_skene import dawid_skene
from metrics.latent_remarks import remarks
from metrics.latent_truth import label_sets


def crew_of(people, items, labels=2, seed=1):
    generator = np.random.default_rng(seed)
    truth = generator.integers(labels, size=items)
    right = generator.random((items, people)) < 0.9
    said = np.where(right, truth[:, None], generator.integers(labels, size=(items, people)))
    return [(i, p, int(said[i, p])) for i in range(items) for p in range(people)]


def said_of(sets, **options):
    return remarks(sets, dawid_skene(sets, **options))


def test_sound_fit_has_no_remark():
    sets = label_sets("ab", "xyz", crew_of(3, 200))
    assert said_of(sets) == ()


def test_empty_sets_are_remarked():
    assert said_of(label_sets("ab", "x", [])) == ("there are no answers to learn from",)


def test_items_with_one_answer_are_remarked():
    members = [(item, item % 2, item % 3 % 2) for item in range(60)]
    (text, *_) = said_of(label_sets("ab", "xy", members))
    assert text.startswith("no item has answers of two people")


def test_stopping_early_is_remarked():
    (text,) = said_of(label_sets("ab", "xyz", crew_of(3, 200)), steps=2, starts=0)
    assert text == "not converged after 2 steps: the labels may still move"


def test_unconnected_parts_are_remarked():
    one = crew_of(2, 50)
    two = [(item + 50, person + 2, label) for item, person, label in crew_of(2, 50, seed=2)]
    texts = said_of(label_sets("ab", "wxyz", one + two), starts=0)
    assert any(text.startswith("2 parts share no annotator and no item") for text in texts)


@pytest.mark.parametrize(
    ("smoothing", "tail"),
    [
        (0.0, "their own confusion is mostly accident"),
        (2.0, "2 answers of the crew's own confusion are added to everybody's"),
    ],
)
def test_thin_work_is_remarked_with_what_is_done_about_it(smoothing, tail):
    members = [*crew_of(3, 100), (0, 3, 0)]
    (text,) = said_of(label_sets("ab", "wxyz", members), smoothing=smoothing, starts=0)
    assert text == f"1 of 4 people have fewer than 20 answers: {tail}"
