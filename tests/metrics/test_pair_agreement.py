"""Agreement over pairs of votes: values, and intervals that know whose votes they are."""

from math import isnan, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.intervals import score_interval, wilson
from metrics.kappas import cohen_kappa
from metrics.pair_agreement import between_kappa, pair_agreement
from metrics.tables import AnnotatorPairs

EXPERT_MODEL = ("expert", "model")


def pairs_of(votes, roles, labels=("a", "tie", "b"), level="nominal"):
    """Joint labels from an array (items, annotators) of label places, -1 where there is no vote."""
    votes = np.asarray(votes)
    first, second = np.triu_indices(votes.shape[1], 1)
    one, other = votes[:, first], votes[:, second]
    item, pair = np.nonzero((one >= 0) & (other >= 0))
    return AnnotatorPairs(
        labels=labels,
        level=level,
        annotators=tuple(f"p{k}" for k in range(votes.shape[1])),
        roles=roles,
        first=first[pair],
        second=second[pair],
        label_first=one[item, pair],
        label_second=other[item, pair],
        count=np.ones(len(item), np.int64),
        tie_labels=tuple(label for label in labels if label == "tie"),
    )


def noisy_votes(items, experts, models, share, seed=1):
    """Votes that repeat an item's answer with probability .8; an expert judges some items only."""
    generator = np.random.default_rng(seed)
    people = experts + models
    truth = generator.integers(0, 3, (items, 1))
    right = generator.random((items, people)) < 0.8
    votes = np.where(right, truth, generator.integers(0, 3, (items, people)))
    votes[:, :experts][generator.random((items, experts)) > share] = -1
    return pairs_of(votes, ("expert",) * experts + ("model",) * models)


votes_of_four = st.lists(
    st.lists(st.integers(-1, 2), min_size=4, max_size=4), min_size=1, max_size=12
)


@given(votes_of_four)
def test_share_is_that_of_pairs_counted_one_by_one(votes):
    estimate = pair_agreement(pairs_of(votes, ("expert", "expert", "human", "model")))
    people = [[row[a], row[b]] for row in votes for a, b in ((0, 1), (0, 2), (1, 2))]
    same = [a == b for a, b in people if a >= 0 and b >= 0]
    expected = (len(same), np.mean(same) if same else np.nan)
    assert (estimate.n, estimate.value) == pytest.approx(expected, nan_ok=True)


@given(votes_of_four)
def test_share_between_roles_is_that_of_pairs_counted_one_by_one(votes):
    pairs = pairs_of(votes, ("model", "expert", "human", "expert"))
    estimate = pair_agreement(pairs, between=EXPERT_MODEL)
    same = [row[0] == row[k] for row in votes for k in (1, 3) if row[0] >= 0 and row[k] >= 0]
    expected = (len(same), np.mean(same) if same else np.nan)
    assert (estimate.n, estimate.value) == pytest.approx(expected, nan_ok=True)


@given(votes_of_four)
def test_interval_contains_the_share(votes):
    estimate = pair_agreement(pairs_of(votes, ("expert",) * 4))
    assert isnan(estimate.value) or estimate.low <= estimate.value <= estimate.high


@given(votes_of_four)
def test_between_does_not_care_for_the_order_of_roles(votes):
    pairs = pairs_of(votes, ("model", "expert", "human", "expert"))
    one = between_kappa(pairs, between=EXPERT_MODEL)
    other = between_kappa(pairs, between=("model", "expert"))
    found = (one.value, one.low, one.high)
    assert found == pytest.approx((other.value, other.low, other.high), nan_ok=True, abs=1e-9)


def test_ties_left_out_drop_pairs_where_either_vote_is_a_tie():
    votes = [[0, 0], [0, 1], [1, 1], [2, 0], [2, 2]]
    estimate = pair_agreement(pairs_of(votes, ("expert",) * 2), ties="exclude")
    assert (estimate.value, estimate.n) == (pytest.approx(2 / 3), 3)


def test_roles_are_not_pooled_unasked():
    estimate = pair_agreement(pairs_of([[0, 0, 1]] * 5, ("human", "expert", "model")))
    assert (estimate.value, estimate.n) == (1.0, 5)


def test_two_annotators_have_wilsons_interval():
    """With two annotators every pair is an item of its own: nothing is clustered."""
    votes = [[0, 0]] * 30 + [[0, 2]] * 10
    estimate = pair_agreement(pairs_of(votes, ("expert",) * 2))
    assert (estimate.low, estimate.high) == pytest.approx(wilson(30, 40))


def test_three_annotators_are_bounded_by_one_pair_an_item():
    votes = [[0, 0, 0]] * 30 + [[0, 0, 2]] * 30
    estimate = pair_agreement(pairs_of(votes, ("expert",) * 3))
    assert (estimate.low, estimate.high) == pytest.approx(score_interval(2 / 3, 60, 1.959964))


def test_one_model_against_few_experts_is_bounded_by_pairs_of_experts():
    """40 items, 2 experts, 1 model: 80 pairs, 40 pairs of experts, design effect 1 + 80 / 80."""
    votes = [[0, 0, 0]] * 30 + [[2, 2, 0]] * 10
    pairs = pairs_of(votes, ("expert", "expert", "model"))
    estimate = pair_agreement(pairs, between=EXPERT_MODEL)
    assert (estimate.low, estimate.high) == pytest.approx(wilson(30, 40), abs=1e-9)


def test_interval_of_the_process_is_never_narrower_than_of_independent_pairs():
    pairs = noisy_votes(300, 20, 1, 0.1)
    estimate = pair_agreement(pairs, between=EXPERT_MODEL)
    low, high = wilson(round(estimate.value * estimate.n), estimate.n)
    assert (estimate.low < low, estimate.high > high) == (True, True)


def test_dyadic_variance_is_the_sum_over_pairs_that_share_an_annotator():
    """Aronow, Samii and Assenova (2015) by the double sum, busy annotators inflated."""
    pairs = noisy_votes(60, 12, 0, 0.3)
    estimate = pair_agreement(pairs, roles=("expert",), about="annotators")
    residual = (pairs.label_first == pairs.label_second) - estimate.value
    ends = np.stack([pairs.first, pairs.second])
    n = len(residual)
    load = np.bincount(ends.ravel(), minlength=12) / n
    inflate = 1 / (1 - load) ** 2
    variance = 0.0
    for person in range(12):
        inside = residual[(ends == person).any(axis=0)].sum()
        variance += inside**2 * inflate[person]
        for other in range(person):
            both = (ends == other).any(axis=0) & (ends == person).any(axis=0)
            variance -= residual[both].sum() ** 2
    expected = (residual**2).sum() / n / (variance / n**2)
    assert estimate.provenance["effective_pairs"] == pytest.approx(min(expected, n))


def test_more_of_the_same_annotators_does_not_narrow_what_is_about_annotators():
    """Annotator effects stay: 16 times the items must not give a quarter of the width."""
    generator = np.random.default_rng(5)
    skill = np.repeat([0.3, 0.95], 6)

    def width(items):
        right = generator.random((items, 12)) < skill
        votes = np.where(right, 0, generator.integers(1, 3, (items, 12)))
        votes[generator.random((items, 12)) > 0.25] = -1
        pairs = pairs_of(votes, ("expert",) * 12)
        estimate = pair_agreement(pairs, about="annotators")
        return estimate.high - estimate.low

    assert width(1600) > 0.6 * width(100)


def test_about_annotators_with_few_people_is_not_estimable():
    estimate = pair_agreement(noisy_votes(100, 9, 0, 0.5), about="annotators")
    assert (estimate.status, isnan(estimate.low), estimate.reason) == (
        "insufficient",
        True,
        "not estimable: too few people (9, 10 are needed)",
    )


def test_about_annotators_holds_a_single_model():
    estimate = pair_agreement(
        noisy_votes(300, 20, 1, 0.2), between=EXPERT_MODEL, about="annotators"
    )
    assert "1 of the other role held" in estimate.method


def test_full_agreement_has_no_interval_of_width_0():
    votes = np.full((50, 12), -1)
    votes[np.arange(50), np.arange(50) % 12] = 0
    votes[np.arange(50), (np.arange(50) + 1) % 12] = 0
    estimate = pair_agreement(pairs_of(votes, ("expert",) * 12))
    assert (estimate.value, estimate.high, estimate.low < 0.8) == (1.0, 1.0, True)


def test_few_pairs_are_insufficient():
    estimate = pair_agreement(pairs_of([[0, 0]] * 10 + [[0, 2]] * 9, ("expert",) * 2))
    assert (estimate.status, "19 independent ones" in estimate.reason) == ("insufficient", True)


@pytest.mark.parametrize("function", [pair_agreement, between_kappa])
def test_no_common_item_is_undefined(function):
    pairs = pairs_of([[0, -1], [-1, 0]], EXPERT_MODEL)
    estimate = function(pairs, between=EXPERT_MODEL)
    assert (estimate.status, isnan(estimate.value), estimate.n) == ("undefined", True, 0)


@pytest.mark.parametrize("function", [pair_agreement, between_kappa])
def test_one_role_is_not_two(function):
    with pytest.raises(ValueError, match="two different roles"):
        function(pairs_of([[0, 0]], EXPERT_MODEL), between=("expert", "expert"))


def test_between_kappa_of_one_expert_and_one_model_is_cohens():
    pairs = noisy_votes(200, 1, 1, 1.0)
    estimate, cohen = between_kappa(pairs, between=EXPERT_MODEL), cohen_kappa(pairs)
    assert estimate.value == pytest.approx(cohen.value)


def test_between_kappa_of_one_expert_and_one_model_has_cohens_error():
    pairs = noisy_votes(5000, 1, 1, 1.0)
    estimate, cohen = between_kappa(pairs, between=EXPERT_MODEL), cohen_kappa(pairs)
    assert (estimate.low, estimate.high) == pytest.approx((cohen.low, cohen.high), abs=1e-4)


def test_between_kappa_is_cross_replication_reliability():
    """Wong, Paritosh, Aroyo (2021): 1 - observed / expected disagreement across replications.

    With two votes of each side on every item both weightings of items are the same.
    """
    generator = np.random.default_rng(3)
    truth = generator.integers(0, 3, (50, 1))
    votes = np.where(generator.random((50, 4)) < 0.7, truth, generator.integers(0, 3, (50, 4)))
    experts, models = votes[:, :2], votes[:, 2:]
    observed = (experts[:, :, None] != models[:, None, :]).mean()
    expected = (experts.ravel()[:, None] != models.ravel()).mean()
    pairs = pairs_of(votes, ("expert", "expert", "model", "model"))
    value = between_kappa(pairs, between=EXPERT_MODEL).value
    assert value == pytest.approx(1 - observed / expected)


def test_between_kappa_of_one_label_is_undefined():
    estimate = between_kappa(pairs_of([[0, 0]] * 40, EXPERT_MODEL), between=EXPERT_MODEL)
    assert estimate.reason == "no variation: all votes are the same label"


def test_between_kappa_with_weights_on_a_nominal_question_is_undefined():
    pairs = pairs_of([[0, 0], [0, 1]], EXPERT_MODEL)
    estimate = between_kappa(pairs, between=EXPERT_MODEL, weights="linear")
    assert estimate.status == "undefined"


def test_between_kappa_without_disagreement_keeps_a_lower_limit():
    """40 clean pairs, half of them a: 1 - (1 - Wilson's lower limit) / .5."""
    votes = [[0, 0]] * 20 + [[2, 2]] * 20
    estimate = between_kappa(pairs_of(votes, EXPERT_MODEL), between=EXPERT_MODEL)
    low = 1 - (1 - wilson(40, 40)[0]) / 0.5
    assert (estimate.value, estimate.low) == (1.0, pytest.approx(low))


def test_between_kappa_about_annotators_with_few_people_is_not_estimable():
    pairs = noisy_votes(50, 3, 1, 1.0)
    estimate = between_kappa(pairs, between=EXPERT_MODEL, about="annotators")
    assert (estimate.status, isnan(estimate.high)) == ("insufficient", True)


def test_wide_interval_is_sound_for_items_that_share_everything():
    """All pairs of an item agree or disagree together: the bound equals the interval by item."""
    votes = np.repeat(np.array([[0, 0, 0, 0], [0, 0, 0, 2]]), [60, 40], axis=0)
    pairs = pairs_of(votes, ("expert", "expert", "expert", "model"))
    estimate = pair_agreement(pairs, between=EXPERT_MODEL)
    error = sqrt(0.6 * 0.4 / 100)
    assert estimate.high - estimate.low == pytest.approx(2 * 1.96 * error, rel=0.03)
