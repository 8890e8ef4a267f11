"""Latent truth: Dawid and Skene's observers, one coin, MACE, spammers."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.dawid_skene import competence, dawid_skene, mace, one_coin
from metrics.latent_remarks import remarks
from metrics.latent_truth import Mode, hard_labels, label_sets, parts, posteriors
from metrics.spammer import spammer_score

# Dawid and Skene (1979), table 1: 45 patients; observer 1 reads three times, 2 to 5 once.
PATIENTS = """
111 1 1 1 1|333 4 3 3 4|112 2 1 2 2|222 3 1 2 1|222 3 2 2 2|222 3 3 2 2|122 2 1 1 1|333 3 4 3 3
222 2 2 2 3|232 2 2 2 3|444 4 4 4 4|222 3 3 4 3|111 1 1 1 1|222 3 2 1 2|121 1 1 1 1|111 2 1 1 1
111 1 1 1 1|111 1 1 1 1|222 2 2 2 1|222 1 3 2 2|222 2 2 2 2|222 2 2 2 1|222 3 2 2 2|221 2 2 2 2
111 1 1 1 1|111 1 1 1 1|232 2 2 2 2|111 1 1 1 1|111 1 1 1 1|112 1 1 2 1|111 1 1 1 1|333 3 2 3 3
111 1 1 1 1|222 2 2 2 2|222 3 2 3 2|433 4 3 4 3|221 2 2 3 2|232 3 2 3 3|333 3 4 3 2|111 1 1 1 1
111 1 1 1 1|121 2 1 1 1|232 2 2 2 2|121 1 1 1 1|222 2 2 2 2
"""
ROWS = [row.split() for row in PATIENTS.replace("\n", "|").split("|") if row]


@pytest.fixture(scope="module")
def pooled():
    """Five observers, the three readings of the first taken together."""
    members = [
        (patient, observer, int(sign) - 1)
        for patient, row in enumerate(ROWS)
        for observer, readings in enumerate(row)
        for sign in readings
    ]
    return label_sets("1234", [f"o{number}" for number in range(1, 6)], members)


@pytest.fixture(scope="module")
def apart():
    """Seven readings as if by seven people."""
    members = [
        (patient, reading, int(sign) - 1)
        for patient, row in enumerate(ROWS)
        for reading, sign in enumerate("".join(row))
    ]
    return label_sets("1234", ["1_0", "1_1", "1_2", "2_0", "3_0", "4_0", "5_0"], members)


@pytest.fixture(scope="module")
def fitted(pooled):
    return dawid_skene(pooled, tolerance=1e-12, steps=5000, starts=30)


def test_shares_of_the_classes_are_those_published(fitted):
    """Case B-01: .40 .42 .11 .07 in the paper."""
    assert fitted.prior == pytest.approx([0.399555, 0.421983, 0.111795, 0.066667], abs=1e-4)


def test_log_likelihood_is_that_of_the_catalogue(fitted):
    assert fitted.log_likelihood == pytest.approx(-192.890881, abs=1e-4)


def test_three_patients_stay_in_doubt(pooled, fitted):
    chances = np.concatenate([block for _, block in posteriors(pooled, fitted)]).max(axis=1)
    doubtful = {int(patient) + 1: chances[patient] for patient in np.flatnonzero(chances < 0.99)}
    assert doubtful == pytest.approx({7: 0.981, 35: 0.948, 38: 0.9788}, abs=5e-4)


def test_patients_by_class(pooled, fitted):
    assert np.bincount(hard_labels(pooled, fitted)).tolist() == [18, 19, 5, 3]


def test_confusion_of_the_first_observer(fitted):
    known = [
        [0.8895, 0.1105, 0, 0],
        [0.0706, 0.8764, 0.0530, 0],
        [0, 0.3388, 0.6612, 0],
        [0, 0, 0.5556, 0.4444],
    ]
    assert fitted.confusion[0] == pytest.approx(np.array(known), abs=1e-4)


def test_expected_accuracy_of_the_observers(fitted):
    known = [0.828763, 0.778869, 0.776648, 0.866943, 0.842372]
    assert fitted.accuracy == pytest.approx(known, abs=1e-4)


def test_majority_start_ends_elsewhere(fitted):
    ends = {mode.start: mode.log_likelihood for mode in fitted.modes}
    assert ends["majority"] == pytest.approx(-193.9746, abs=1e-3)


def test_a_more_likely_mode_is_told(fitted):
    best = fitted.better_modes[0]
    assert best.log_likelihood == pytest.approx(-191.5689, abs=1e-3)
    assert best.other_labels > 0


def test_more_likely_mode_is_remarked(pooled, fitted):
    (text,) = (one for one in remarks(pooled, fitted) if one.startswith("several solutions"))
    assert "the best by 1.32 in log-likelihood" in text


def test_starts_that_stop_a_little_apart_are_one_mode(fitted):
    many = replace(fitted, items=1_000_000, modes=(Mode("x", fitted.log_likelihood + 0.1, 1e-5),))
    assert not many.better_modes


def test_eight_starts_are_enough_to_tell_here(pooled):
    assert dawid_skene(pooled).better_modes


def test_same_data_give_the_same_model(pooled):
    one, two = dawid_skene(pooled, starts=0), dawid_skene(pooled, starts=3)
    assert np.array_equal(one.confusion, two.confusion)


@pytest.mark.parametrize("model", [one_coin, mace])
def test_other_models_agree_on_best_and_worst_reading(apart, model):
    """Case B-12: the order, not the digits."""
    found = model(apart)
    score = found.accuracy if model is one_coin else competence(found.confusion)
    names = np.array(found.annotators)[np.argsort(score)]
    assert (names[-1], names[0]) == ("1_0", "2_0")


def test_one_coin_has_the_accuracies_of_the_catalogue(apart):
    accuracy = one_coin(apart).accuracy
    assert (accuracy.max(), accuracy.min()) == pytest.approx((0.9579, 0.6876), abs=1e-4)


@pytest.mark.parametrize(("observer", "score"), [(0, 0.505031), (1, 0.729195)])
def test_spammer_scores_of_the_observers(fitted, observer, score):
    """Case B-10."""
    assert spammer_score(fitted.confusion)[observer] == pytest.approx(score, abs=1e-4)


def test_identity_is_no_spammer():
    assert spammer_score(np.eye(4)) == pytest.approx(1.0)


def test_equal_rows_are_a_spammer():
    assert spammer_score(np.tile([0.2, 0.5, 0.3], (3, 1))) == pytest.approx(0.0)


def test_one_label_has_no_spammer_score():
    assert np.isnan(spammer_score(np.ones((1, 1))))


def plain(members, items, people, labels, steps):
    """Count out EM answer by answer, from the shares of votes."""
    votes = np.zeros((items, labels))
    for item, _, label in members:
        votes[item, label] += 1
    chances = votes / votes.sum(axis=1, keepdims=True)
    for _ in range(steps):
        prior = chances.mean(axis=0)
        confusion = np.zeros((people, labels, labels))
        for item, person, label in members:
            confusion[person, :, label] += chances[item]
        for person in range(people):
            for true in range(labels):
                total = confusion[person, true].sum()
                confusion[person, true] = (
                    confusion[person, true] / total if total else np.full(labels, 1 / labels)
                )
        chances = np.tile(prior, (items, 1))
        for item, person, label in members:
            chances[item] *= confusion[person, :, label]
        chances /= chances.sum(axis=1, keepdims=True)
    return chances


def drawn(seed, items=40, people=5, labels=3):
    generator = np.random.default_rng(seed)
    truth = generator.integers(labels, size=items)
    return [
        (
            item,
            person,
            int(truth[item] if generator.random() < 0.7 else generator.integers(labels)),
        )
        for item in range(items)
        for person in generator.permutation(people)[:3].tolist()
    ]


@pytest.mark.parametrize("seed", range(5))
def test_steps_are_those_of_plain_em(seed):
    members = drawn(seed)
    sets = label_sets("abc", "vwxyz", members)
    model = dawid_skene(sets, steps=8, tolerance=-np.inf, starts=0)
    # The plain loop has taken its expectation after the last maximization, ours has not yet.
    chances = np.concatenate([block for _, block in posteriors(sets, model)])
    assert chances == pytest.approx(plain(members, 40, 5, 3, 9), abs=1e-9)


@pytest.mark.parametrize("model", [dawid_skene, one_coin, mace])
def test_planted_truth_is_found(model):
    generator = np.random.default_rng(3)
    truth = generator.integers(3, size=600)
    skill = [0.9, 0.85, 0.8, 0.4, 1 / 3]
    members = [
        (item, person, int(truth[item] if generator.random() < p else generator.integers(3)))
        for item in range(600)
        for person, p in enumerate(skill)
    ]
    sets = label_sets("abc", "vwxyz", members)
    assert (hard_labels(sets, model(sets, starts=0)) == truth).mean() > 0.95


@given(st.integers(0, 10_000), st.integers(1, 4))
def test_likelihood_never_falls(seed, labels):
    sets = label_sets("abcd"[:labels], "vwxyz", drawn(seed, items=12, labels=labels))
    climbed = [
        dawid_skene(sets, steps=step, tolerance=-np.inf, starts=0).log_likelihood
        for step in range(1, 7)
    ]
    assert all(np.diff(climbed) >= -1e-9)


@given(st.integers(0, 10_000), st.permutations(range(5)))
def test_order_of_annotators_changes_nothing(seed, order):
    members = drawn(seed, items=15)
    one = dawid_skene(label_sets("abc", "vwxyz", members), starts=0)
    turned = [(item, order[person], label) for item, person, label in members]
    two = dawid_skene(label_sets("abc", "vwxyz", turned), starts=0)
    assert two.confusion[list(order)] == pytest.approx(one.confusion, abs=1e-7)


@given(st.integers(0, 10_000), st.permutations(range(3)))
def test_names_of_labels_change_nothing(seed, order):
    members = drawn(seed, items=15)
    one = dawid_skene(label_sets("abc", "vwxyz", members), starts=0)
    turned = [(item, person, order[label]) for item, person, label in members]
    two = dawid_skene(label_sets("abc", "vwxyz", turned), starts=0)
    assert two.prior[list(order)] == pytest.approx(one.prior, abs=1e-7)


@given(st.integers(0, 10_000), st.permutations(range(15)))
def test_order_of_items_changes_nothing(seed, order):
    members = drawn(seed, items=15)
    one = dawid_skene(label_sets("abc", "vwxyz", members), starts=0)
    turned = [(order[item], person, label) for item, person, label in members]
    two = dawid_skene(label_sets("abc", "vwxyz", turned), starts=0)
    assert two.confusion == pytest.approx(one.confusion, abs=1e-7)


def test_size_of_blocks_changes_nothing(pooled, fitted, monkeypatch):
    monkeypatch.setattr("metrics.latent_truth.BLOCK", 7)
    small = dawid_skene(pooled, tolerance=1e-12, steps=5000, starts=0)
    assert small.confusion == pytest.approx(fitted.confusion, abs=1e-7)


@given(st.integers(0, 10_000), st.integers(2, 5))
def test_many_items_alike_are_one_set_with_a_number(seed, times):
    members = drawn(seed, items=10)
    many = [
        (item + 10 * copy, person, label)
        for copy in range(times)
        for item, person, label in members
    ]
    one = dawid_skene(label_sets("abc", "vwxyz", members, [times] * 10), starts=0)
    two = dawid_skene(label_sets("abc", "vwxyz", many), starts=0)
    assert one.prior == pytest.approx(two.prior, abs=1e-9)
    assert one.log_likelihood == pytest.approx(two.log_likelihood, abs=1e-6)


@pytest.mark.parametrize("model", [dawid_skene, one_coin, mace])
def test_unanimous_items_are_certain(model):
    members = [(item, person, item % 2) for item in range(20) for person in range(3)]
    sets = label_sets("ab", "xyz", members)
    assert hard_labels(sets, model(sets)).tolist() == [0, 1] * 10


@pytest.mark.parametrize("model", [dawid_skene, one_coin, mace])
def test_one_annotator_is_taken_at_their_word(model):
    sets = label_sets("ab", "x", [(item, 0, item % 2) for item in range(10)])
    assert hard_labels(sets, model(sets)).tolist() == [0, 1] * 5


def test_label_nobody_gave_is_never_true():
    sets = label_sets(
        "abc", "xy", [(item, person, item % 2) for item in range(9) for person in range(2)]
    )
    assert dawid_skene(sets).prior[2] == pytest.approx(0.0)


def test_nothing_at_all_has_no_likelihood():
    assert np.isnan(dawid_skene(label_sets("ab", "x", [])).log_likelihood)


def test_people_who_share_no_item_are_in_parts_of_their_own():
    sets = label_sets("ab", "wxyz", [(0, 0, 0), (0, 1, 0), (1, 2, 1), (1, 3, 1)])
    assert parts(sets) == 2


def test_smoothing_takes_a_newcomer_for_one_of_the_crew():
    members = [(item, person, item % 2) for item in range(40) for person in range(3)]
    members += [(0, 3, 1)]
    sets = label_sets("ab", "wxyz", members)
    bare, smooth = dawid_skene(sets, starts=0), dawid_skene(sets, smoothing=2.0, starts=0)
    assert bare.accuracy[3] < smooth.accuracy[3]
