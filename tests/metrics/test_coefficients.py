"""Coefficients as functions of linear totals, against explicit pairs of ratings."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from metrics.coefficients import (
    alpha_with_distance,
    brennan_prediger_chance,
    chance_corrected,
    disagreement_evenness,
    fleiss_chance,
    gwet_chance,
    label_agreement_of,
    ordinal_alpha,
    percent_agreement_by_item,
    percent_agreement_by_pair,
    ratio,
)
from metrics.distances import interval_distance, nominal_distance
from metrics.resampling import totals

LABELS = 4
EQUAL = np.eye(LABELS)
STATISTICS = {
    "alpha": alpha_with_distance("alpha", nominal_distance(LABELS)),
    "ordinal": ordinal_alpha(LABELS),
    "ac1": chance_corrected("ac1", EQUAL, gwet_chance(EQUAL)),
    "fleiss": chance_corrected("fleiss", EQUAL, fleiss_chance(EQUAL)),
    "percent": percent_agreement_by_item(EQUAL),
    "pairs": percent_agreement_by_pair(EQUAL),
    "label": label_agreement_of(0, "first"),
}
units = st.lists(
    st.lists(st.integers(0, LABELS - 1), min_size=0, max_size=5), min_size=1, max_size=8
)


def counts_of(ratings):
    return np.array([np.bincount(unit, minlength=LABELS) for unit in ratings])


def value_of(statistic, ratings):
    counts = counts_of([np.array(unit, dtype=int) for unit in ratings])
    return float(statistic.value(totals(statistic, counts, np.ones(len(counts)))))


def pairs_of(ratings):
    """Ordered pairs of ratings within units, weighted as Krippendorff does: 1 / (m - 1)."""
    return [
        (one, other, 1.0 / (len(unit) - 1))
        for unit in ratings
        if len(unit) >= 2
        for one, other in permutations(unit, 2)
    ]


@given(units)
def test_alpha_is_disagreement_within_over_disagreement_at_large(ratings):
    """Brute force: mean distance of pairs within units over mean distance of all pairs."""
    pairable = [label for unit in ratings if len(unit) >= 2 for label in unit]
    everywhere = [(one - other) ** 2 for one, other in permutations(pairable, 2)]
    assume(sum(everywhere) > 0)
    within = sum(weight * (one - other) ** 2 for one, other, weight in pairs_of(ratings))
    expected = 1.0 - (within / len(pairable)) / np.mean(everywhere)
    statistic = alpha_with_distance("alpha", interval_distance(np.arange(LABELS, dtype=float)))
    assert value_of(statistic, ratings) == pytest.approx(expected)


@given(units)
def test_ordinal_alpha_is_interval_alpha_of_midranks(ratings):
    pairable = np.array([label for unit in ratings if len(unit) >= 2 for label in unit], dtype=int)
    assume(len(set(pairable)) >= 2)
    margins = np.bincount(pairable, minlength=LABELS)
    midranks = margins.cumsum() - margins / 2
    ranked = alpha_with_distance("ranks", interval_distance(midranks))
    assert value_of(STATISTICS["ordinal"], ratings) == pytest.approx(value_of(ranked, ratings))


@given(units)
def test_label_agreement_is_conditional_probability(ratings):
    """Brute force: of pairs whose first rating is the label, the share whose second is too."""
    first = [(other, weight) for one, other, weight in pairs_of(ratings) if one == 0]
    assume(first)
    expected = sum(w for other, w in first if other == 0) / sum(w for _, w in first)
    assert value_of(STATISTICS["label"], ratings) == pytest.approx(expected)


@given(units)
def test_percent_agreement_pools_pairs(ratings):
    pairs = [one == other for unit in ratings for one, other in permutations(unit, 2)]
    assume(pairs)
    assert value_of(STATISTICS["pairs"], ratings) == pytest.approx(np.mean(pairs))


@given(units, st.sampled_from(["ac1", "fleiss"]))
def test_prevalence_counts_every_rated_item(ratings, name):
    """Gwet: items with one rating take part in the label shares, not in observed agreement."""
    paired = [unit for unit in ratings if len(unit) >= 2]
    rated = [np.bincount(unit, minlength=LABELS) / len(unit) for unit in ratings if unit]
    assume(paired)
    share = np.mean(rated, axis=0)
    assume((share > 0).sum() >= 2)
    observed = np.mean([np.mean([a == b for a, b in permutations(unit, 2)]) for unit in paired])
    chance = (share**2).sum() if name == "fleiss" else (share * (1 - share)).sum() / (LABELS - 1)
    expected = (observed - chance) / (1 - chance)
    assert value_of(STATISTICS[name], ratings) == pytest.approx(expected)


@pytest.mark.parametrize("name", STATISTICS)
def test_value_takes_leading_axes(name):
    statistic = STATISTICS[name]
    counts = counts_of([[0, 0, 1], [1, 1], [2, 3, 3], [0, 0]])
    weights = np.array([[[1.0, 2, 3, 4]], [[4.0, 3, 2, 1]]])
    found = statistic.value(weights @ statistic.features(counts))
    assert found.shape == (2, 1)
    assert found[1, 0] == pytest.approx(
        float(statistic.value(totals(statistic, counts, weights[1, 0])))
    )


@pytest.mark.parametrize("name", STATISTICS)
def test_features_have_the_stated_width(name):
    statistic = STATISTICS[name]
    assert statistic.features(counts_of([[0, 1], [2, 2, 3]])).shape == (2, statistic.width)


@pytest.mark.parametrize("name", ["alpha", "ordinal", "percent", "pairs", "label"])
def test_single_ratings_do_not_count(name):
    assert not STATISTICS[name].features(counts_of([[0], []])).any()


@pytest.mark.parametrize("name", STATISTICS)
def test_value_of_nothing_is_undefined(name):
    assert np.isnan(STATISTICS[name].value(np.zeros(STATISTICS[name].width)))


@pytest.mark.parametrize("name", ["alpha", "ordinal", "ac1", "fleiss"])
def test_leaving_the_only_variation_out_is_undefined(name):
    """Not a value made of rounding errors: subtraction leaves 1e-16 where there is nothing."""
    statistic = STATISTICS[name]
    counts = counts_of([[0, 0, 0], [0, 0, 1]])
    weights = np.array([99999.0, 1.0])
    features = statistic.features(counts)
    assert np.isnan(statistic.value(weights @ features - features[1]))


def test_small_numbers_keep_their_alpha():
    """The scale of an interval question does not matter, however small."""
    counts = counts_of([[0, 0], [0, 1], [1, 1]])
    numbers = np.arange(LABELS, dtype=float)
    weights = np.ones(3)
    plain = alpha_with_distance("alpha", interval_distance(numbers))
    small = alpha_with_distance("alpha", interval_distance(numbers * 1e-9))
    assert float(small.value(totals(small, counts, weights))) == pytest.approx(
        float(plain.value(totals(plain, counts, weights)))
    )


def test_chance_of_one_label_is_undefined():
    assert np.isnan(gwet_chance(np.eye(1))(np.ones(1)))


def test_brennan_prediger_chance_is_one_in_q():
    assert brennan_prediger_chance(EQUAL)(np.ones((2, LABELS))) == pytest.approx([0.25, 0.25])


def test_ratio_by_zero_is_undefined():
    assert np.isnan(ratio(np.ones(2), np.array([0.0, -1.0]))).all()


def test_evenness_of_equal_distances_is_one():
    assert disagreement_evenness(np.array([5.0, 3, 2]), nominal_distance(3)) == pytest.approx(1.0)


def test_evenness_of_squared_distances():
    """Three labels alike: distances 1, 1, 4, so 2² / 6."""
    found = disagreement_evenness(np.ones(3), interval_distance(np.arange(3.0)))
    assert found == pytest.approx(4 / 6)


def test_evenness_of_one_label_is_one():
    assert disagreement_evenness(np.array([5.0, 0, 0]), nominal_distance(3)) == 1.0


def test_evenness_is_left_out_where_disagreements_weigh_the_same():
    assert [STATISTICS[name].evenness for name in ("alpha", "ac1", "percent")] == [None] * 3


@pytest.mark.parametrize("chance", [gwet_chance, fleiss_chance, brennan_prediger_chance])
def test_weighted_coefficients_share_the_evenness_of_their_distance(chance):
    weights = 1.0 - interval_distance(np.arange(3.0)) / 4.0
    statistic = chance_corrected("weighted", weights, chance(weights))
    assert statistic.evenness(np.array([9.0, 9, 3, 3, 3])) == pytest.approx(4 / 6)


def test_ordinal_evenness_follows_the_ranks():
    """Equal shares put ordinal ranks at equal gaps."""
    coincidence = np.array([[4.0, 1, 1], [1, 4, 1], [1, 1, 4]])
    assert ordinal_alpha(3).evenness(coincidence.ravel()) == pytest.approx(4 / 6)
