"""Why annotators disagree: planted causes are found, and nothing is found where none is."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.disagreement import why_they_disagree
from metrics.tables import AnnotatorPairs, UnitPatterns

LABELS = ("a", "b", "c", "d")
PEOPLE = tuple(f"p{number:02}" for number in range(12))


def tables(answers, labels=LABELS, level="nominal"):
    """Turn answers (items, people), -1 for none, into the two statistics."""
    size = len(labels)
    counts = np.stack([(answers == label).sum(axis=1) for label in range(size)], axis=1)
    distinct, multiplicity = np.unique(counts, axis=0, return_counts=True)
    first, second = np.triu_indices(answers.shape[1], 1)
    rows = [
        (one, other, a, b, ((answers[:, one] == a) & (answers[:, other] == b)).sum())
        for one, other in zip(first, second, strict=True)
        for a in range(size)
        for b in range(size)
    ]
    kept = np.array([row for row in rows if row[-1]], dtype=np.int64).reshape(-1, 5)
    people = PEOPLE[: answers.shape[1]]
    pairs = AnnotatorPairs(labels, level, people, ("human",) * len(people), *kept.T)
    return pairs, UnitPatterns(labels, level, distinct, multiplicity)


def crew(*, items=400, people=12, per_item=5, labels=4, slip=0.15, seed=1):
    """People who are right or slip to any other label; five of them an item."""
    generator = np.random.default_rng(seed)
    truth = generator.integers(labels, size=items)
    slips = generator.random((items, people)) < slip
    other = (truth[:, None] + generator.integers(1, labels, size=(items, people))) % labels
    answers = np.where(slips, other, truth[:, None])
    chosen = np.argsort(generator.random((items, people)), axis=1)[:, per_item:]
    np.put_along_axis(answers, chosen, -1, axis=1)
    return truth, answers


def shares(found):
    return {cause.name: cause.share.value for cause in found.causes}


def test_slips_alone_are_slips():
    found = shares(why_they_disagree(*tables(crew()[1]), groups=["x", "y"] * 6))
    assert found["slips"] > 0.9


@pytest.mark.parametrize("seed", range(5))
def test_confused_labels_are_a_rule(seed):
    truth, answers = crew(seed=seed)
    unclear = np.random.default_rng(seed).random(answers.shape) < 0.3
    swapped = np.where((truth[:, None] < 2) & unclear & (answers >= 0), 1 - truth[:, None], answers)
    found = why_they_disagree(*tables(swapped))
    named = (found.confusions[0].first, found.confusions[0].second)
    assert named == ("a", "b")
    assert shares(found)["rule"] > 0.25


@pytest.mark.parametrize("seed", range(5))
def test_hard_items_are_items(seed):
    _, answers = crew(slip=0.05, seed=seed)
    generator = np.random.default_rng(seed)
    hard = generator.random(len(answers)) < 0.2
    guessed = generator.integers(4, size=answers.shape)
    found = shares(
        why_they_disagree(*tables(np.where(hard[:, None] & (answers >= 0), guessed, answers)))
    )
    assert found["items"] > 0.3
    assert found["rule"] < 0.1


@pytest.mark.parametrize("seed", range(5))
def test_groups_that_see_it_otherwise_are_groups(seed):
    truth, answers = crew(seed=seed)
    theirs = np.arange(12) >= 6
    turned = theirs & (truth == 0)[:, None] & (answers >= 0)
    found = shares(
        why_they_disagree(*tables(np.where(turned, 3, answers)), groups=["x"] * 6 + ["y"] * 6)
    )
    assert found["groups"] > 0.25
    assert found["groups"] > 5 * found["taste"]


@pytest.mark.parametrize("seed", range(5))
def test_people_who_guess_are_people(seed):
    _, answers = crew(slip=0.05, seed=seed)
    guessed = np.random.default_rng(seed).integers(4, size=answers.shape)
    answers[:, 0] = np.where(answers[:, 0] >= 0, guessed[:, 0], -1)
    found = shares(why_they_disagree(*tables(answers), apart=["p00"]))
    assert found["people"] > 0.4


@pytest.mark.parametrize("seed", range(5))
def test_levels_of_their_own_are_taste(seed):
    generator = np.random.default_rng(seed)
    worth = generator.normal(size=400)
    bar = generator.normal(scale=0.8, size=12)
    answers = (worth[:, None] + 0.2 * generator.normal(size=(400, 12)) > bar).astype(int)
    found = shares(why_they_disagree(*tables(answers, labels=("no", "yes"))))
    assert found["taste"] > 0.2


def test_two_labels_have_no_rule_of_their_own():
    answers = np.array([[0, 1], [1, 1], [0, 0]])
    rule = why_they_disagree(*tables(answers, labels=("no", "yes"))).causes[3].share
    assert (rule.status, np.isnan(rule.value)) == ("undefined", True)


def test_items_need_four_answers():
    _, answers = crew(per_item=3)
    items = why_they_disagree(*tables(answers)).causes[4].share
    assert items.status == "missing_input"
    assert items.reason.startswith("0 items have four answers")


def test_groups_under_five_people_are_left_out():
    groups = ["x"] * 8 + ["y"] * 4
    share = why_they_disagree(*tables(crew()[1]), groups=groups).causes[0].share
    assert share.status == "missing_input"


def test_unanimous_answers_have_no_causes():
    found = why_they_disagree(*tables(np.zeros((30, 3), dtype=int)))
    assert (found.pairs, found.differ) == (90, 0)
    assert {cause.share.reason for cause in found.causes} == {"all pairs of answers agree"}


def test_no_overlap_has_no_causes():
    answers = np.full((4, 2), -1)
    answers[:2, 0], answers[2:, 1] = 1, 2
    found = why_they_disagree(*tables(answers))
    assert {cause.share.reason for cause in found.causes} == {"no item was judged by two people"}


def test_few_people_get_no_interval():
    found = why_they_disagree(*tables(crew(people=6)[1]))
    taste = found.causes[2].share
    assert (taste.status, np.isnan(taste.low)) == ("insufficient", True)


def test_level_of_pairs_of_one_item_is_unknown():
    found = why_they_disagree(*tables(np.array([[0, 1, -1], [-1, 0, 1]])))
    assert found.causes[2].share.value == 0.0


@given(
    st.integers(0, 10_000),
    st.integers(2, 12),
    st.integers(2, 4),
    st.sampled_from([(), ("x", "y")]),
)
def test_shares_add_up_to_one(seed, people, labels, groups):
    generator = np.random.default_rng(seed)
    answers = generator.integers(-1, labels, size=(25, people))
    named = [groups[number % 2] if groups else None for number in range(people)]
    found = why_they_disagree(*tables(answers, LABELS[:labels]), groups=named, apart=["p01"])
    values = [cause.share.value for cause in found.causes if np.isfinite(cause.share.value)]
    assert all(0.0 <= value <= 1.0 for value in values)
    assert not found.differ or sum(values) == pytest.approx(1.0)


def test_order_of_people_changes_nothing():
    pairs, patterns = tables(crew()[1])
    one = why_they_disagree(pairs, patterns, apart=["p03"])
    flip = {name: place for place, name in enumerate(reversed(PEOPLE))}
    number = np.array([flip[name] for name in PEOPLE])
    turned = replace(
        pairs,
        annotators=tuple(reversed(PEOPLE)),
        first=number[pairs.second],
        second=number[pairs.first],
        label_first=pairs.label_second,
        label_second=pairs.label_first,
    )
    other = why_they_disagree(turned, patterns, apart=["p03"])
    assert shares(one) == pytest.approx(shares(other), nan_ok=True)
