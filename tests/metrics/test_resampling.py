"""Jackknife and bootstrap on patterns, against leaving explicit ratings out."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics import resampling
from metrics.agreement import gwet_ac1, krippendorff_alpha, percent_agreement
from metrics.coefficients import (
    alpha_with_distance,
    chance_corrected,
    gwet_chance,
    ordinal_alpha,
    percent_agreement_by_item,
    percent_agreement_by_pair,
)
from metrics.distances import nominal_distance
from metrics.resampling import (
    Deletions,
    bootstrap_groups,
    bootstrap_units,
    delete_groups,
    delete_ratings,
    delete_units,
    totals,
)
from metrics.tables import Compositions

LABELS = ["a", "b", "c"]
STATISTICS = [
    alpha_with_distance("alpha", nominal_distance(3)),
    ordinal_alpha(3),
    chance_corrected("ac1", np.eye(3), gwet_chance(np.eye(3))),
    percent_agreement_by_item(np.eye(3)),
    percent_agreement_by_pair(np.eye(3)),
]
people = st.dictionaries(st.sampled_from("vwxyz"), st.sampled_from(LABELS), min_size=1)
units = st.lists(people, min_size=2, max_size=8)
statistics = st.sampled_from(STATISTICS)


def value_of(build, statistic, ratings):
    patterns = build(ratings, LABELS)
    weights = patterns.multiplicity.astype(float)
    return float(statistic.value(totals(statistic, patterns.counts, weights)))


def expanded(deletions):
    """One value a unit, sorted; undefined ones last."""
    return np.sort(np.repeat(deletions.values, deletions.weights.astype(int)))


def counted(build, statistic, ratings):
    """Whether the ratings matter to the statistic at all."""
    return statistic.features(build(ratings, LABELS).counts).any()


@given(units, statistics)
def test_deleting_a_unit_is_leaving_its_ratings_out(patterns_from_ratings, ratings, statistic):
    patterns = patterns_from_ratings(ratings, LABELS)
    found = delete_units(statistic, patterns.counts, patterns.multiplicity.astype(float))
    expected = [
        value_of(patterns_from_ratings, statistic, ratings[:number] + ratings[number + 1 :])
        for number in range(len(ratings))
        if counted(patterns_from_ratings, statistic, [ratings[number]])
    ]
    assert expanded(found) == pytest.approx(np.sort(expected), nan_ok=True)


@given(st.lists(st.tuples(people, st.integers(0, 3)), min_size=2, max_size=8), statistics)
def test_deleting_a_group_is_leaving_its_units_out(patterns_from_ratings, drawn, statistic):
    ratings, groups = [list(column) for column in zip(*drawn, strict=True)]
    patterns = patterns_from_ratings(ratings, LABELS, groups=groups)
    weights = patterns.multiplicity.astype(float)
    found = delete_groups(statistic, patterns.counts, weights, patterns.compositions)
    expected = []
    for group in set(groups):
        inside = [unit for unit, own in drawn if own == group]
        outside = [unit for unit, own in drawn if own != group]
        if counted(patterns_from_ratings, statistic, inside):
            expected.append(value_of(patterns_from_ratings, statistic, outside))
    assert expanded(found) == pytest.approx(np.sort(expected), nan_ok=True)


@given(units, statistics)
def test_deleting_an_annotator_is_leaving_their_ratings_out(
    patterns_from_ratings, ratings, statistic
):
    patterns = patterns_from_ratings(ratings, LABELS)
    weights = patterns.multiplicity.astype(float)
    found, _ = delete_ratings(statistic, patterns.counts, weights, patterns.annotators)
    matter = [unit for unit in ratings if counted(patterns_from_ratings, statistic, [unit])]
    expected = []
    for gone in {who for unit in matter for who in unit}:
        rest = [{who: said for who, said in unit.items() if who != gone} for unit in ratings]
        left = patterns_from_ratings(rest, LABELS)
        after = totals(statistic, left.counts, left.multiplicity.astype(float))
        expected.append(float(statistic.value(after)))
    assert np.sort(found.values) == pytest.approx(np.sort(expected), nan_ok=True)


@given(units, statistics)
def test_deleting_a_rating_is_leaving_it_out(patterns_from_ratings, ratings, statistic):
    patterns = patterns_from_ratings(ratings, LABELS)
    weights = patterns.multiplicity.astype(float)
    _, found = delete_ratings(statistic, patterns.counts, weights, patterns.annotators)
    before = [counted(patterns_from_ratings, statistic, [unit]) for unit in ratings]
    expected = []
    for number, unit in enumerate(ratings):
        for gone in unit:
            rest = {who: said for who, said in unit.items() if who != gone}
            others = [*ratings[:number], rest, *ratings[number + 1 :]]
            if before[number]:
                expected.append(value_of(patterns_from_ratings, statistic, others))
    assert expanded(found) == pytest.approx(np.sort(expected), nan_ok=True)


@given(units, statistics)
def test_kinds_without_units_change_nothing(patterns_from_ratings, ratings, statistic):
    patterns = patterns_from_ratings(ratings, LABELS)
    weights = patterns.multiplicity.astype(float)
    plain = delete_units(statistic, patterns.counts, weights)
    counts = np.concatenate([patterns.counts, [[7, 7, 0]]])
    padded = delete_units(statistic, counts, np.append(weights, 0.0))
    assert expanded(padded) == pytest.approx(expanded(plain), nan_ok=True)


@settings(max_examples=20)
@given(ratings=units, statistic=statistics, block=st.integers(1, 40))
def test_size_of_blocks_does_not_matter(patterns_from_ratings, ratings, statistic, block):
    groups = [number // 2 for number in range(len(ratings))]
    patterns = patterns_from_ratings(ratings, LABELS, groups=groups)
    weights = patterns.multiplicity.astype(float)

    def everything():
        people, single = delete_ratings(statistic, patterns.counts, weights, patterns.annotators)
        parts = [
            delete_units(statistic, patterns.counts, weights),
            delete_groups(statistic, patterns.counts, weights, patterns.compositions),
            people,
            single,
        ]
        return np.concatenate([part.values for part in parts])

    plain = everything()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(resampling, "BLOCK", block)
        assert everything() == pytest.approx(plain, nan_ok=True)


def test_groups_must_hold_the_units(patterns_from_ratings):
    patterns = patterns_from_ratings([["a", "a"], ["a", "b"]], LABELS)
    groups = Compositions(*map(np.array, ([0], [0], [1], [1])))
    with pytest.raises(ValueError, match="same units"):
        delete_groups(STATISTICS[0], patterns.counts, patterns.multiplicity.astype(float), groups)


def _many(build, groups=None):
    drawn = np.random.default_rng(1).choice(LABELS, size=(400, 3), p=[0.6, 0.3, 0.1])
    drawn[:200, 1:] = drawn[:200, :1]
    return build(drawn.tolist(), LABELS, groups=groups)


def test_bootstrap_error_is_near_the_jackknifes(patterns_from_ratings):
    patterns = _many(patterns_from_ratings)
    drawn = bootstrap_units(
        STATISTICS[0], patterns.counts, patterns.multiplicity, 2000, np.random.default_rng(2)
    )
    jackknife = krippendorff_alpha(patterns).provenance["standard_error"]
    assert drawn.std() == pytest.approx(jackknife, rel=0.06)


def test_group_bootstrap_error_is_near_the_jackknifes(patterns_from_ratings):
    patterns = _many(patterns_from_ratings, groups=[number // 5 for number in range(400)])
    drawn = bootstrap_groups(
        STATISTICS[0], patterns.counts, patterns.compositions, 2000, np.random.default_rng(2)
    )
    jackknife = krippendorff_alpha(patterns).provenance["standard_error"]
    assert drawn.std() == pytest.approx(jackknife, rel=0.06)


def test_groups_of_equal_items_widen_the_interval(patterns_from_ratings):
    """Ten copies of every item in one group say no more than the item alone."""
    drawn = np.random.default_rng(3).choice(LABELS, size=(60, 3)).tolist()
    once = krippendorff_alpha(patterns_from_ratings(drawn, LABELS))
    groups = [number for number in range(60) for _ in range(10)]
    copies = [unit for unit in drawn for _ in range(10)]
    grouped = krippendorff_alpha(patterns_from_ratings(copies, LABELS, groups=groups))
    assert grouped.high - grouped.low == pytest.approx(once.high - once.low, rel=0.02)
    assert "delete-one-group" in grouped.method


def test_groups_of_one_item_are_items(patterns_from_ratings):
    drawn = np.random.default_rng(3).choice(LABELS, size=(60, 3)).tolist()
    alone = krippendorff_alpha(patterns_from_ratings(drawn, LABELS))
    grouped = krippendorff_alpha(patterns_from_ratings(drawn, LABELS, groups=range(60)))
    assert (grouped.low, grouped.high) == pytest.approx((alone.low, alone.high))


def test_bootstrap_repeats_with_its_seed(patterns_from_ratings):
    patterns = _many(patterns_from_ratings)
    one = krippendorff_alpha(patterns, interval="bootstrap", seed=7)
    assert one == krippendorff_alpha(patterns, interval="bootstrap", seed=7)
    assert one.low != krippendorff_alpha(patterns, interval="bootstrap", seed=8).low


def test_bootstrap_reports_undefined_replicates(patterns_from_ratings):
    """One unit of three holds the only variation: it is missing from 8 of 27 samples."""
    patterns = patterns_from_ratings([["a", "a"], ["a", "a"], ["a", "b"]], LABELS)
    found = krippendorff_alpha(patterns, interval="bootstrap", replicates=4000)
    assert found.provenance["undefined_replicates"] / 4000 == pytest.approx(8 / 27, abs=0.03)
    assert f"{found.provenance['undefined_replicates']} undefined" in found.method


def test_bootstrap_of_nothing_is_undefined():
    none = np.zeros((0, 3), dtype=np.int64)
    drawn = bootstrap_units(
        STATISTICS[0], none, np.zeros(0, dtype=np.int64), 5, np.random.default_rng(0)
    )
    assert np.isnan(drawn).all()


def test_deletions_know_no_curvature_unless_told():
    assert Deletions(np.zeros(1), np.ones(1)).curvature == 0.0


def _crew(build, annotators, items=120):
    generator = np.random.default_rng(5)
    ratings = []
    for _ in range(items):
        truth = generator.choice(LABELS)
        chosen = generator.choice(annotators, size=3, replace=False)
        ratings.append(
            {
                f"p{one}": truth if generator.random() < 0.6 + 0.04 * (one % 10) else "a"
                for one in chosen
            }
        )
    return build(ratings, LABELS)


@pytest.mark.parametrize("metric", [krippendorff_alpha, gwet_ac1, percent_agreement])
def test_annotators_widen_the_interval(patterns_from_ratings, metric):
    patterns = _crew(patterns_from_ratings, 12)
    items, people = metric(patterns), metric(patterns, about="annotators")
    assert people.high - people.low > items.high - items.low
    assert "two-way jackknife over 12 annotators and 120 items" in people.method


def test_few_annotators_have_no_interval(patterns_from_ratings):
    found = krippendorff_alpha(_crew(patterns_from_ratings, 9), about="annotators")
    assert (found.status, np.isnan(found.low), np.isnan(found.high)) == ("insufficient", True, True)
    assert "not estimable: too few people" in found.reason


def test_annotators_must_be_known(patterns_from_ratings):
    patterns = _crew(patterns_from_ratings, 12)
    found = krippendorff_alpha(
        type(patterns)(patterns.labels, "nominal", patterns.counts, patterns.multiplicity),
        about="annotators",
    )
    assert found.status == "missing_input"


def test_ties_leave_the_annotators_too(patterns_from_ratings):
    ratings = [{"v": "a", "w": "a", "x": "c"}, {"v": "b", "w": "a"}, {"v": "c", "x": "b"}]
    tied = patterns_from_ratings(ratings, ["c", "a", "b"], tie_labels=["c"])
    rest = [{who: said for who, said in unit.items() if said != "c"} for unit in ratings]
    plain = patterns_from_ratings(rest, ["a", "b"])
    found = krippendorff_alpha(tied, ties="exclude", about="annotators")
    expected = krippendorff_alpha(plain, about="annotators")
    assert (found.value, found.reason) == (expected.value, expected.reason)
