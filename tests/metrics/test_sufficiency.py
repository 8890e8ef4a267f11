"""When an interval is called trustworthy, and what the interval looks like."""

import re
from math import inf, isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.agreement import gwet_ac1, krippendorff_alpha, label_agreement, percent_agreement
from metrics.resampling import Deletions
from metrics.spread import Spread, jackknife_spread, limits, two_way_spread
from metrics.sufficiency import (
    MINIMUM_ANNOTATORS,
    Evidence,
    agreement_evidence,
    by_group,
    design_effect_of,
    effective_number,
    is_enough,
    label_evidence,
    lacking,
    minority_by_item,
    shortage,
)
from metrics.tables import Compositions, UnitPatterns

PAIRS = np.array([[2, 0], [1, 1], [0, 2]])
ENOUGH = {
    "clusters": 20.0,
    "telling": 40.0,
    "minority": 25.0,
    "minority_clusters": 15.0,
    "minority_alike": 5.0,
}


def batch(same, different, other, labels=("a", "b")):
    return UnitPatterns(labels, "nominal", PAIRS, np.array([same, different, other]))


def spread(variance=0.01, freedom=99.0, skewness=-inf):
    one = np.ones(())
    return Spread(variance * one, freedom * one, 100 * one, 50 * one, skewness * one)


def bounds(value, given, floor=-1.0, ceiling=1.0, evenness=1.0):
    low, high = limits(
        np.asarray(value), given, 0.95, floor=floor, ceiling=ceiling, evenness=evenness
    )
    return float(low), float(high)


@pytest.mark.parametrize("agreement", [0.2, 0.6, 0.9, 1.0])
def test_hundred_balanced_items_suffice(agreement):
    """The simulation: 100 items, two labels half and half, at any agreement."""
    same = round(50 * (1 + agreement) / 2)
    found = krippendorff_alpha(batch(same, 100 - 2 * same, same))
    assert found.status == "ok"


@pytest.mark.parametrize("metric", [krippendorff_alpha, gwet_ac1, percent_agreement])
def test_skew_makes_three_hundred_items_insufficient(metric):
    """The simulation: 97 % of one label, 300 items: intervals of alpha cover 73 to 99 %."""
    found = metric(batch(287, 8, 5))
    assert found.status == "insufficient"
    assert "commonest make up 9 items' worth of the answers, 25 are needed" in found.reason


def test_insufficient_still_shows_the_interval():
    found = krippendorff_alpha(batch(287, 8, 5))
    assert found.low < found.value < found.high


@pytest.mark.parametrize("name", ENOUGH)
def test_each_shortage_makes_insufficient(name):
    evidence = Evidence(**{**ENOUGH, name: np.asarray(ENOUGH[name] - 0.5)})
    assert not is_enough(evidence)
    assert lacking(evidence, "items").startswith("too little data")


@pytest.mark.parametrize("name", ENOUGH)
def test_shortage_is_told_in_whole_numbers_that_do_not_suffice(name):
    evidence = Evidence(**{**ENOUGH, name: np.asarray(ENOUGH[name] - 0.5)})
    told = [int(number) for number in re.findall(r"\d+", lacking(evidence, "items"))]
    assert told == [ENOUGH[name] - 1, ENOUGH[name]]
    assert "." not in lacking(evidence, "items")


@pytest.mark.parametrize(
    ("effect", "message"), [(1.4, "worth of 28 independent"), (1.8, "worth 13 independent")]
)
def test_alike_items_are_counted_apart(effect, message):
    """40 telling items and 25 with a rarer label, divided by what items of a group share."""
    evidence = Evidence(**ENOUGH, design_effect=effect)
    assert not is_enough(evidence)
    assert re.search(message, lacking(evidence, "groups"))


def test_slightly_alike_items_are_enough():
    assert is_enough(Evidence(**ENOUGH, design_effect=1.3))


def test_no_shortage_is_enough():
    evidence = Evidence(**ENOUGH)
    assert is_enough(evidence)
    assert lacking(evidence, "groups") == ""


@pytest.mark.parametrize("factor", [0.1, 0.5, 2.0])
def test_growth_is_what_is_missing(factor):
    evidence = Evidence(**{name: np.asarray(enough * factor) for name, enough in ENOUGH.items()})
    assert evidence.growth() == pytest.approx(1 / factor)


def test_growth_from_nothing_is_endless():
    assert Evidence(*[np.zeros(())] * 4).growth() == inf


def test_growth_is_in_the_provenance():
    assert krippendorff_alpha(batch(287, 8, 5)).provenance["growth_needed"] == pytest.approx(25 / 9)


def test_evidence_leaves_single_ratings_out():
    single = np.array([[1, 0], [0, 1]])
    evidence = agreement_evidence(
        np.concatenate([PAIRS, single]), np.array([40.0, 20, 40, 1000, 1000])
    )
    assert float(evidence.clusters) == 100.0


def test_more_ratings_tell_more():
    triples = agreement_evidence(np.array([[3, 0], [0, 3]]), np.array([50.0, 50]))
    assert float(triples.telling) == pytest.approx(75.0)


def test_evidence_takes_leading_axes():
    weights = np.array([[40.0, 20, 40], [80, 10, 10]])
    evidence = agreement_evidence(PAIRS, weights)
    one = agreement_evidence(PAIRS, weights[1])
    assert evidence.telling[1] == pytest.approx(float(one.telling))
    assert evidence.minority[1] == pytest.approx(float(one.minority))


def test_label_needs_items_that_carry_it():
    assert label_agreement(batch(200, 10, 10), label="b").status == "insufficient"
    assert label_agreement(batch(200, 10, 40), label="b").status == "ok"


def test_label_that_is_nearly_all_there_is_needs_others():
    """The simulation: 50 items, 95 % of one label: its agreement was covered 92 % of the time."""
    assert label_agreement(batch(46, 3, 1), label="a").status == "insufficient"
    assert label_agreement(batch(80, 10, 10), label="a").status == "ok"


def test_label_evidence_counts_items_with_the_label():
    evidence = label_evidence(PAIRS, np.array([80.0, 15, 5]), 1)
    assert float(evidence.telling) == 20.0


def test_equal_groups_count_in_full():
    assert effective_number(np.array([3.0]), np.array([7.0])) == 7.0


def test_groups_that_do_not_count_are_no_groups():
    assert effective_number(np.array([0.0]), np.array([7.0])) == 0.0


def test_amounts_add_up_in_a_group():
    groups = Compositions(*map(np.array, ([0, 0, 1], [0, 1, 1], [2, 1, 5], [7, 1])))
    assert by_group(np.array([1.0, 10.0]), groups) == pytest.approx([12.0, 50.0])


def test_minority_of_an_item_is_the_share_of_other_labels():
    counts = np.array([[2, 0], [1, 2], [0, 1]])
    assert minority_by_item(counts, np.array([9.0, 1, 50])) == pytest.approx([0, 2 / 3, 0])


def test_alike_items_of_one_group_are_one_observation(patterns_from_ratings):
    """Forty items with the rare label, but all in five of thirty groups of ten."""
    units = [["b", "b"] if number < 40 else ["a", "a"] for number in range(300)]
    units[::25] = [["a", "b"]] * 12
    groups = [number // 10 for number in range(300)]
    found = krippendorff_alpha(patterns_from_ratings(units, ["a", "b"], groups=groups))
    assert found.status == "insufficient"
    assert "labels other than the commonest sit in the equivalent of" in found.reason


def test_near_repeats_of_few_prompts_are_insufficient(patterns_from_ratings):
    """Forty groups of 25, one label at 90 %: how often the rare one is agreed on is unseen.

    Simulated with a true alpha of .2 (near-repeats that share label and difficulty), the interval
    covered 4 % of the batches that passed for enough before groups were asked for.
    """
    hard = [["a", "a"]] * 20 + [["a", "b"]] * 5
    units = [["a", "a"]] * 25 * 8 + hard * 32
    groups = [number // 25 for number in range(1000)]
    found = krippendorff_alpha(patterns_from_ratings(units, ["a", "b"], groups=groups))
    assert found.status == "insufficient"
    assert found.provenance["growth_needed"] > 1


def test_rare_agreement_outside_the_interval_is_insufficient(patterns_from_ratings):
    hard = [["a", "a"]] * 13 + [["a", "b"]] * 6 + [["b", "b"]]
    units = [(hard * 100)[number] for number in np.random.default_rng(3).permutation(2000)]
    groups = [number // 20 for number in range(2000)]
    found = krippendorff_alpha(patterns_from_ratings(units, ["a", "b"], groups=groups))
    assert "2 more groups that agree on a rare label" in found.reason


def test_three_quarters_of_one_label_suffice_in_groups(patterns_from_ratings):
    """300 items of four a group, items of one group no more alike than others."""
    units = [["a", "a"]] * 10 + [["b", "b"]] * 2 + [["a", "b"]] * 3
    order = np.random.default_rng(3).permutation(300)
    units = [(units * 20)[number] for number in order]
    groups = [number // 4 for number in range(300)]
    found = krippendorff_alpha(patterns_from_ratings(units, ["a", "b"], groups=groups))
    assert found.status == "ok"


def test_rare_label_in_few_groups_at_worst_is_insufficient():
    evidence = Evidence(**{**ENOUGH, "minority_alike": 1.2})
    assert "may belong to as few as 1 groups" in lacking(evidence, "groups")


def test_design_effect_of_copies_is_the_group_size():
    groups = Compositions(*map(np.array, ([0, 1], [0, 1], [4, 4], [3, 3])))
    assert design_effect_of(np.array([0.0, 1.0]), np.ones(2), groups) == pytest.approx(4.0)


def test_design_effect_is_one_where_nothing_varies():
    groups = Compositions(*map(np.array, ([0], [0], [4], [3])))
    assert design_effect_of(np.array([1.0]), np.ones(1), groups) == 1.0


def test_design_effect_leaves_items_out_that_do_not_count():
    groups = Compositions(*map(np.array, ([0, 0, 1], [0, 2, 1], [2, 9, 2], [5, 5])))
    amounts, counted = np.array([0.0, 1.0, 0.5]), np.array([1.0, 1.0, 0.0])
    assert design_effect_of(amounts, counted, groups) == pytest.approx(2.0)


def test_few_groups_make_insufficient(patterns_from_ratings):
    units = [["a", "a"], ["b", "b"], ["a", "b"], ["b", "a"]] * 60
    groups = [number % 12 for number in range(240)]
    found = krippendorff_alpha(patterns_from_ratings(units, ["a", "b"], groups=groups))
    assert found.status == "insufficient"
    assert "12 groups of equal size, 20 are needed" in found.reason


def test_full_agreement_is_not_certainty():
    """100 items without a disagreement: Clopper-Pearson leaves a share of 1 - .025^(1/100)."""
    found = percent_agreement(batch(50, 0, 50))
    assert (found.value, found.high) == (1.0, 1.0)
    assert found.low == pytest.approx(1 - (1 - 0.025 ** (1 / 100)))


def test_full_alpha_is_not_certainty():
    found = krippendorff_alpha(batch(50, 0, 50))
    assert found.low == pytest.approx(1 - 2 * 0.0362, abs=2e-3)
    assert "exact limits" in found.method


def test_full_disagreement_is_not_certainty():
    found = percent_agreement(batch(0, 100, 0))
    assert (found.value, found.low) == (0.0, 0.0)
    assert found.high == pytest.approx(1 - 0.025 ** (1 / 100))


def test_interval_without_a_second_case_is_missing():
    """Leaving the only item with variation out leaves nothing to compute."""
    found = krippendorff_alpha(batch(30, 1, 0))
    assert (isnan(found.low), found.status) == (True, "insufficient")


def test_limits_without_skewness_use_the_log_scale_upwards():
    _, high = bounds(0.8, spread(0.01))
    assert high == pytest.approx(1 - 0.2 * np.exp(-1.98422 * 0.1 / 0.2), abs=1e-5)


def test_uneven_disagreements_lower_the_lower_limit_only():
    even, uneven = (bounds(0.8, spread(0.01), evenness=share) for share in (1.0, 0.5))
    assert uneven[0] < even[0]
    assert uneven[1] == even[1]


def test_limits_stay_below_the_ceiling():
    assert bounds(0.99, spread(0.04))[1] <= 1.0


def test_limits_stay_above_the_floor():
    assert bounds(0.1, spread(1.0))[0] == -1.0


def test_limits_turn_with_rare_agreements():
    low, high = bounds(0.2, spread(0.01, skewness=0.6))
    assert high - 0.2 > 0.2 - low


def test_limits_without_ceiling_are_symmetric():
    low, high = bounds(3.0, spread(0.01), floor=-inf, ceiling=inf)
    assert high - 3.0 == pytest.approx(3.0 - low)


def test_limits_without_ceiling_and_spread_are_missing():
    assert isnan(bounds(3.0, spread(0.0), floor=-inf, ceiling=inf)[0])


@given(st.floats(-0.5, 0.99), st.floats(1e-6, 0.2), st.floats(-1, 1))
def test_limits_hold_the_value(value, error, skewness):
    low, high = bounds(value, spread(error**2, skewness=skewness))
    assert low <= value <= high


def test_jackknife_of_a_mean_is_its_standard_error():
    drawn = np.random.default_rng(0).normal(size=50)
    deleted = (drawn.sum() - drawn) / 49
    found = jackknife_spread(Deletions(deleted, np.ones(50)))
    assert found.variance == pytest.approx(drawn.var(ddof=1) / 50)


def test_rare_low_values_skew_downwards():
    drawn = np.array([1.0] * 45 + [0.0] * 5)
    deleted = (drawn.sum() - drawn) / 49
    assert jackknife_spread(Deletions(deleted, np.ones(50))).skewness < 0


def test_two_way_variance_adds_the_annotators():
    found = two_way_spread(spread(0.05, 9.0), spread(0.01), spread(0.02))
    assert found.variance == pytest.approx(0.04)


def test_two_way_variance_is_never_below_the_items():
    found = two_way_spread(spread(0.01, 9.0), spread(0.02), spread(0.03))
    assert (float(found.variance), float(found.freedom)) == pytest.approx((0.02, 99.0))


def test_two_way_freedom_is_that_of_few_annotators():
    found = two_way_spread(spread(1.0, 9.0), spread(0.001), spread(0.001))
    assert found.freedom == pytest.approx(9.0, rel=0.02)


def test_ten_annotators_are_asked_for():
    assert MINIMUM_ANNOTATORS == 10


@pytest.mark.parametrize(
    ("units", "effective", "message"),
    [(10, 9, "10 items, 20 are needed"), (100, 5, "equivalent of 5 items"), (100, 50, "")],
)
def test_shortage_names_what_is_missing(units, effective, message):
    one = np.ones(())
    found = shortage(Spread(one, one, units * one, effective * one), "items")
    assert message in found
    assert bool(found) == bool(message)


def test_uneven_work_leaves_fewer_degrees_of_freedom(patterns_from_ratings):
    """Twelve people: alike, or with two who share most of the work."""
    generator = np.random.default_rng(5)
    freedoms = []
    for chances in (np.ones(12), np.array([20.0, 20, *[1] * 10])):
        units = []
        for _ in range(300):
            first, second = generator.choice(12, 2, replace=False, p=chances / chances.sum())
            truth = generator.choice(["a", "b"])
            able = np.where(np.array([first, second]) % 2, 1.0, 0.3)
            said = np.where(generator.random(2) < able, truth, generator.choice(["a", "b"], 2))
            units.append({int(first): str(said[0]), int(second): str(said[1])})
        found = krippendorff_alpha(patterns_from_ratings(units, ["a", "b"]), about="annotators")
        freedoms.append(float(re.search(r"t with ([\d.]+) df", found.method)[1]))
    assert freedoms[1] < freedoms[0] / 2
