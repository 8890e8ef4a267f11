"""Coefficients from moments against the krippendorff package, brute force and published values."""

from math import isnan

import krippendorff
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.agreement import krippendorff_alpha
from metrics.moments import GroupMoments, icc_one_way, interval_alpha
from metrics.tables import UnitMoments, UnitPatterns

# Krippendorff (2011), 4 coders x 12 units.
CODERS = [
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
]
KRIPPENDORFF = [
    [float(v) for v in unit if v != "."] for unit in zip(*(c.split() for c in CODERS), strict=True)
]
SHROUT_FLEISS = [
    [9.0, 2, 5, 8],
    [6.0, 1, 3, 2],
    [8.0, 4, 6, 8],
    [7.0, 1, 2, 6],
    [10.0, 5, 6, 9],
    [6.0, 2, 4, 7],
]

items_of_ratings = st.lists(
    st.lists(st.integers(0, 9).map(float), min_size=1, max_size=4), min_size=2, max_size=12
)


def z_of(item):
    x = np.asarray(item)
    return np.array([((x - x.mean()) ** 2).sum(), x.sum(), (x * x).sum()])


def moments_of(items):
    sizes = sorted({len(item) for item in items})
    rows = [np.array([z_of(item) for item in items if len(item) == m]) for m in sizes]
    return UnitMoments(
        ratings=np.array(sizes),
        units=np.array([len(row) for row in rows]),
        sums=np.array([row.sum(axis=0) for row in rows]),
        cross=np.array([row.T @ row for row in rows]),
    )


def group_moments_of(items, group):
    total = {}
    for item, key in zip(items, group, strict=True):
        m = len(item)
        if m >= 2:
            d, s, t = z_of(item)
            z = np.array([d * m / (m - 1), m, s, t, 1, m * m, d])
            total[key] = total.get(key, 0) + z
    rows = np.array(list(total.values()))
    return GroupMoments(len(rows), rows.T @ rows)


def patterns_of(items):
    values = sorted({x for item in items for x in item})
    counts = np.array([[item.count(v) for v in values] for item in items])
    labels = tuple(f"{v:g}" for v in values)
    return UnitPatterns(labels, "interval", counts, np.ones(len(items), np.int64))


def normal_items(number, raters, seed=1):
    generator = np.random.default_rng(seed)
    truth = generator.normal(size=(number, 1))
    return (truth + generator.normal(size=(number, raters))).tolist()


def test_alpha_is_krippendorffs():
    """Krippendorff (2011), Computing Krippendorff's alpha-reliability: interval alpha .849."""
    assert interval_alpha(moments_of(KRIPPENDORFF)).value == pytest.approx(0.8491071429, abs=1e-9)


def test_alpha_counts_pairable_items():
    """Krippendorff (2011): 11 of the 12 units have two values or more."""
    assert interval_alpha(moments_of(KRIPPENDORFF)).n == 11


@given(items_of_ratings)
def test_alpha_is_that_of_patterns(items):
    expected = krippendorff_alpha(patterns_of(items)).value
    found = interval_alpha(moments_of(items)).value
    assert found == pytest.approx(expected, abs=1e-9, nan_ok=True)


@given(items_of_ratings)
def test_alpha_is_that_of_the_package(items):
    found = interval_alpha(moments_of(items))
    table = np.full((4, len(items)), np.nan)
    for column, item in enumerate(items):
        table[: len(item), column] = item
    expected = (
        found.value
        if found.status == "undefined"
        else krippendorff.alpha(table, level_of_measurement="interval")
    )
    assert found.value == pytest.approx(expected, abs=1e-9, nan_ok=True)


@given(items_of_ratings, st.sampled_from([-3.0, 0.5, 20.0]), st.integers(-50, 50))
def test_alpha_does_not_care_for_unit_and_origin(items, unit, origin):
    moved = [[origin + unit * x for x in item] for item in items]
    one, other = interval_alpha(moments_of(items)), interval_alpha(moments_of(moved))
    found = (one.value, one.low, one.high)
    assert found == pytest.approx((other.value, other.low, other.high), abs=1e-4, nan_ok=True)


def test_alpha_error_is_close_to_the_jackknife_of_patterns():
    items = np.round(np.array(normal_items(400, 3)) * 2).tolist()
    found = interval_alpha(moments_of(items)).provenance["standard_error"]
    expected = krippendorff_alpha(patterns_of(items)).provenance["standard_error"]
    assert found == pytest.approx(expected, rel=0.02)


def test_alpha_error_is_the_derivative_by_the_weight_of_each_item():
    items = normal_items(40, 3) + normal_items(20, 2, seed=2)

    def weighted(weights):
        m = np.array([len(item) for item in items])
        d, s, t = np.array([z_of(item) for item in items]).T
        n = weights @ m
        spread = n * (weights @ t) - (weights @ s) ** 2
        return 1 - (n - 1) * (weights @ (d * m / (m - 1))) / spread

    step = 1e-5 * np.eye(60)
    ones = np.ones(60)
    influence = np.array([(weighted(ones + e) - weighted(ones - e)) / 2e-5 for e in step])
    expected = np.sqrt(60 / 59 * ((influence - influence.mean()) ** 2).sum())
    found = interval_alpha(moments_of(items)).provenance["standard_error"]
    assert found == pytest.approx(expected, rel=1e-5)


def test_alpha_by_single_item_groups_is_alpha_by_item():
    items = normal_items(80, 3)
    groups = group_moments_of(items, range(80))
    by_item = interval_alpha(moments_of(items))
    by_group = interval_alpha(moments_of(items), groups=groups)
    assert (by_group.low, by_group.high) == pytest.approx((by_item.low, by_item.high))


def test_alpha_of_items_repeated_in_a_group_does_not_gain_from_them():
    items = normal_items(200, 3)
    fourfold = [item for item in items for _ in range(4)]
    groups = group_moments_of(fourfold, np.repeat(np.arange(200), 4))
    once = interval_alpha(moments_of(items)).provenance["standard_error"]
    clustered = interval_alpha(moments_of(fourfold), groups=groups).provenance["standard_error"]
    assert clustered == pytest.approx(once, rel=0.01)


def test_alpha_with_groups_says_so():
    items = normal_items(100, 3)
    groups = group_moments_of(items, np.repeat(np.arange(50), 2))
    assert interval_alpha(moments_of(items), groups=groups).method.endswith(
        "infinitesimal jackknife by group, t with 49 df"
    )


def test_alpha_without_a_pair_is_undefined():
    estimate = interval_alpha(moments_of([[1.0], [2.0]]))
    assert (estimate.status, estimate.reason) == (
        "undefined",
        "no item has two ratings, so there is nothing to compare",
    )


@pytest.mark.parametrize("function", [interval_alpha, icc_one_way])
def test_ratings_without_variation_are_undefined(function):
    estimate = function(moments_of([[0.1, 0.1, 0.1]] * 30))
    assert (estimate.status, estimate.reason) == (
        "undefined",
        "no variation: all ratings are the same",
    )


@pytest.mark.parametrize("function", [interval_alpha, icc_one_way])
def test_full_agreement_has_no_interval(function):
    estimate = function(moments_of([[float(k), float(k)] for k in range(50)]))
    assert (estimate.value, isnan(estimate.low), estimate.status) == (1.0, True, "insufficient")


@pytest.mark.parametrize("function", [interval_alpha, icc_one_way])
def test_annotators_are_missing_input(function):
    estimate = function(moments_of(KRIPPENDORFF), about="annotators")
    assert (estimate.status, isnan(estimate.value)) == ("missing_input", True)


@pytest.mark.parametrize("function", [interval_alpha, icc_one_way])
def test_bootstrap_is_refused(function):
    with pytest.raises(ValueError, match="jackknife or analytic"):
        function(moments_of(KRIPPENDORFF), interval="bootstrap")


def test_ratio_alpha_is_missing_input():
    assert interval_alpha(moments_of(KRIPPENDORFF), level="ratio").status == "missing_input"


def test_few_items_are_insufficient():
    estimate = interval_alpha(moments_of(KRIPPENDORFF))
    assert estimate.reason == "too little data: 11 items, 20 are needed"


def test_a_few_extreme_items_are_insufficient():
    items = [*normal_items(500, 3), [90.0, 20.0, 10.0], [80.0, 5.0, 30.0]]
    estimate = interval_alpha(moments_of(items))
    assert (estimate.status, "equivalent of" in estimate.reason) == ("insufficient", True)


def test_numbers_far_from_0_get_no_interval_of_rounding():
    items = (np.array(normal_items(300, 3)) + 1e5).tolist()
    estimate = interval_alpha(moments_of(items))
    assert (estimate.status, isnan(estimate.low)) == ("insufficient", True)


def test_many_ordinary_items_are_enough():
    assert interval_alpha(moments_of(normal_items(300, 3))).status == "ok"


def test_icc_is_that_of_shrout_and_fleiss():
    """Shrout and Fleiss (1979), table 4: ICC(1,1) .17; psych and pingouin .1657418."""
    assert icc_one_way(moments_of(SHROUT_FLEISS)).value == pytest.approx(0.1657418, abs=1e-7)


def test_icc_f_interval_is_that_of_psych():
    """R psych, ICC(sf), Single_raters_absolute: F 1.79, bounds -.13 and .72 (95 %)."""
    estimate = icc_one_way(moments_of(SHROUT_FLEISS), interval="analytic")
    assert (estimate.low, estimate.high) == pytest.approx((-0.13, 0.72), abs=0.005)


def test_icc_of_unequal_ratings_is_that_of_the_anova_table():
    """One-way analysis of variance by hand, with the mean size of Donner (1986)."""
    items = [[1.0, 2.0], [4.0, 6.0, 5.0], [9.0, 9.0], [0.0]]
    flat = np.concatenate(items[:3])
    within = sum(((np.array(i) - np.mean(i)) ** 2).sum() for i in items[:3])
    between = ((flat - flat.mean()) ** 2).sum() - within
    size = (7 - 17 / 7) / 2
    expected = (between / 2 - within / 4) / (between / 2 + (size - 1) * within / 4)
    assert icc_one_way(moments_of(items)).value == pytest.approx(expected)


def test_icc_error_is_close_to_deleting_each_item():
    items = normal_items(120, 3) + normal_items(40, 2, seed=2)
    left = [icc_one_way(moments_of(items[:k] + items[k + 1 :])).value for k in range(160)]
    expected = np.sqrt(159 / 160 * ((np.array(left) - np.mean(left)) ** 2).sum())
    found = icc_one_way(moments_of(items)).provenance["standard_error"]
    assert found == pytest.approx(expected, rel=0.02)


def test_icc_f_interval_of_unequal_ratings_is_refused():
    with pytest.raises(ValueError, match=r"found \[2, 3, 4\]"):
        icc_one_way(moments_of(KRIPPENDORFF), interval="analytic")


def test_icc_of_one_item_is_undefined():
    assert icc_one_way(moments_of([[1.0, 2.0]])).status == "undefined"
