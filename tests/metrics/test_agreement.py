"""Coefficients of agreement against published values, other software, and degenerate cases."""

from dataclasses import replace
from math import isnan

import krippendorff
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.agreement import (
    brennan_prediger,
    fleiss_kappa,
    gwet_ac1,
    gwet_ac2,
    krippendorff_alpha,
    label_agreement,
    percent_agreement,
)
from metrics.coefficients import alpha_with_distance, ordinal_alpha
from metrics.resampling import totals
from metrics.tables import UnitPatterns

# Krippendorff (2011): 4 coders, 12 units, '.' missing.
KRIPPENDORFF = ("123321412...", "1233224125.3", ".3332342251.", "12332441251.")
# Fleiss (1971): 30 patients, 6 psychiatrists, counts of five diagnoses.
FLEISS = [
    row
    for line in (
        "00060 03003 01401 00006 03030 20400 00402 20310 20040 00006 10050 11040 03300 10050 02031",
        "00501 30012 51000 02040 10203 00006 01050 02013 20040 10041 05010 40002 02040 10500 00006",
    )
    for row in line.split()
]
ABSTRACTORS = [[13, 0, 0], [0, 20, 7], [0, 4, 56]]
BALANCED_PARADOX = [[40, 9], [6, 45]]
SKEWED_PARADOX = [[80, 10], [5, 5]]
DIALOGUE_ACTS = [[46, 6, 0], [0, 32, 0], [0, 6, 10]]
SETS = ["a ab a", "ab ab abc", "c c c", "a b ab", "bc c b", "abc abc ab"]
COEFFICIENTS = [gwet_ac1, gwet_ac2, fleiss_kappa, brennan_prediger, krippendorff_alpha]


@pytest.fixture(scope="module")
def coders(patterns_from_ratings):
    units = [
        [None if said == "." else said for said in unit] for unit in zip(*KRIPPENDORFF, strict=True)
    ]
    return patterns_from_ratings(units, list("12345"))


def diagnoses(rows):
    counts = np.array([[int(digit) for digit in row] for row in rows])
    return UnitPatterns(tuple("dpsno"), "nominal", counts, np.ones(len(rows), dtype=np.int64))


@pytest.mark.parametrize(
    ("level", "published", "computed"),
    [
        ("nominal", 0.743, 0.7434210526),
        ("ordinal", 0.815, 0.8153875038),
        ("interval", 0.849, 0.8491071429),
        ("ratio", 0.797, 0.7974027747),
    ],
)
def test_alpha_is_krippendorffs_example(coders, level, published, computed):
    """A-01: Krippendorff (2011), Computing Krippendorff's alpha-reliability, prints .743-.797."""
    value = krippendorff_alpha(coders, level=level).value
    assert value == pytest.approx(published, abs=5e-4)
    assert value == pytest.approx(computed, abs=1e-9)


def test_coincidences_are_krippendorffs_example(coders):
    """A-01: coincidence matrix printed by Krippendorff (2011)."""
    whole = totals(ordinal_alpha(5), coders.counts, coders.multiplicity.astype(float))
    third = 1 / 3
    assert whole.reshape(5, 5) == pytest.approx(
        np.array(
            [
                [7, 4 / 3, third, third, 0],
                [4 / 3, 10, 4 / 3, third, 0],
                [third, 4 / 3, 8, third, 0],
                [third, third, third, 4, 0],
                [0, 0, 0, 0, 3],
            ]
        )
    )


@pytest.mark.parametrize(
    ("metric", "options", "value"),
    [
        (percent_agreement, {}, 0.8181818),
        (gwet_ac1, {}, 0.775444),
        (fleiss_kappa, {}, 0.761169),
        (brennan_prediger, {}, 0.772727),
        (gwet_ac2, {"weights": "quadratic"}, 0.914001),
        (brennan_prediger, {"weights": "quadratic"}, 0.901515),
        (fleiss_kappa, {"weights": "quadratic"}, 0.864935),
        (gwet_ac2, {"weights": "linear"}, 0.858739),
        (fleiss_kappa, {"weights": "linear"}, 0.817945),
    ],
)
def test_coefficient_with_missing_ratings_is_gwets(coders, metric, options, value):
    """A-01: the same data in the overview document of R irrCAC, missing-data forms of Gwet."""
    assert metric(coders, **options).value == pytest.approx(value, abs=1e-6)


@pytest.mark.parametrize(
    ("metric", "options", "error"),
    [
        (gwet_ac1, {}, 0.142950),
        (fleiss_kappa, {}, 0.153019),
        (brennan_prediger, {}, 0.144717),
        (gwet_ac2, {"weights": "quadratic"}, 0.103962),
    ],
)
def test_analytic_error_is_gwets(coders, metric, options, error):
    """A-01: standard errors printed by R irrCAC."""
    found = metric(coders, interval="analytic", **options)
    assert found.provenance["standard_error"] == pytest.approx(error, abs=1e-6)


def test_analytic_interval_is_gwets(coders):
    """A-01: R irrCAC prints .460813 to 1 for AC1."""
    found = gwet_ac1(coders, interval="analytic")
    assert (found.low, found.high) == pytest.approx((0.460813, 1.0), abs=1e-6)


def test_ordinal_weight_is_not_krippendorffs_distance(coders):
    """Trap of irrCAC: its "ordinal" weight gives .833638, Krippendorff's ordinal alpha .815388."""
    assert krippendorff_alpha(coders, level="ordinal").value != pytest.approx(0.833638, abs=1e-3)


@pytest.mark.parametrize(
    ("label", "value"),
    [("1", 0.777778), ("2", 0.769231), ("3", 0.8), ("4", 0.8), ("5", 1.0)],
)
def test_label_agreement_is_the_share_of_coincidences(coders, label, value):
    """A-01: diagonal of the printed coincidence matrix over its margins."""
    assert label_agreement(coders, label=label).value == pytest.approx(value, abs=1e-6)


def test_alpha_is_krippendorffs_binary_example(patterns_from_ratings):
    """A-02: Krippendorff (2011), two observers and ten binary units, prints .095."""
    units = list(zip("0100000010", "1110010000", strict=True))
    value = krippendorff_alpha(patterns_from_ratings(units, ["0", "1"])).value
    assert value == pytest.approx(0.095, abs=5e-4)
    assert value == pytest.approx(0.0952380952, abs=1e-9)


@pytest.mark.parametrize(
    ("metric", "value"),
    [
        (fleiss_kappa, 0.4302445201),
        (brennan_prediger, 0.4444444444),
        (krippendorff_alpha, 0.4334098283),
    ],
)
def test_coefficient_is_that_of_fleiss_patients(metric, value):
    """A-04: Fleiss (1971), Psychological Bulletin 76:378, prints kappa .430; others computed."""
    assert metric(diagnoses(FLEISS)).value == pytest.approx(value, abs=1e-9)


@pytest.mark.parametrize(
    ("metric", "value", "error"),
    [
        (gwet_ac1, 0.4448007, 0.08418757),
        (fleiss_kappa, 0.4139265, 0.08119291),
        (brennan_prediger, 0.4388889, 0.08312142),
    ],
)
def test_coefficient_of_six_raters_is_irrcacs(metric, value, error):
    """A-06: distrib.6raters in the R irrCAC documents, with standard errors."""
    found = metric(diagnoses(FLEISS[:15]), interval="analytic")
    assert found.value == pytest.approx(value, abs=1e-6)
    assert found.provenance["standard_error"] == pytest.approx(error, abs=1e-7)


def test_alpha_of_six_raters_is_irrcacs():
    """A-06: R irrCAC prints .4204384."""
    assert krippendorff_alpha(diagnoses(FLEISS[:15])).value == pytest.approx(0.4204384, abs=1e-7)


@pytest.mark.parametrize(
    ("metric", "options", "value"),
    [
        (percent_agreement, {}, 0.89),
        (gwet_ac1, {}, 0.8493305),
        (fleiss_kappa, {}, 0.7962397),
        (brennan_prediger, {}, 0.835),
        (krippendorff_alpha, {}, 0.7972585),
        (gwet_ac2, {"weights": "quadratic"}, 0.940237),
        (krippendorff_alpha, {"level": "interval"}, 0.892649),
    ],
)
def test_coefficient_of_abstractors_is_irrcacs(patterns_from_table, metric, options, value):
    """A-07: cont3x3abstractors in the R irrCAC documents (Scott's pi is Fleiss of two)."""
    assert metric(patterns_from_table(ABSTRACTORS), **options).value == pytest.approx(
        value, abs=1e-6
    )


@pytest.mark.parametrize(
    ("metric", "error"),
    [
        (percent_agreement, 0.03128898),
        (gwet_ac1, 0.04321747),
        (fleiss_kappa, 0.05905473),
        (brennan_prediger, 0.04693346),
    ],
)
def test_analytic_error_of_abstractors_is_irrcacs(patterns_from_table, metric, error):
    """A-07: R irrCAC divides by n for two-way tables and by n - 1 for raw ratings, as here."""
    found = metric(patterns_from_table(ABSTRACTORS), interval="analytic")
    by_table = found.provenance["standard_error"] * np.sqrt(99 / 100)
    assert by_table == pytest.approx(error, rel=2e-3)


@pytest.mark.parametrize(
    ("table", "metric", "options", "value"),
    [
        (BALANCED_PARADOX, percent_agreement, {}, 0.85),
        (BALANCED_PARADOX, gwet_ac1, {}, 0.7007481297),
        (BALANCED_PARADOX, brennan_prediger, {}, 0.70),
        (BALANCED_PARADOX, krippendorff_alpha, {}, 0.7007518797),
        (BALANCED_PARADOX, label_agreement, {"label": "1"}, 0.8421053),
        (BALANCED_PARADOX, label_agreement, {"label": "2"}, 0.8571429),
        (SKEWED_PARADOX, percent_agreement, {}, 0.85),
        (SKEWED_PARADOX, gwet_ac1, {}, 0.8080000000),
        (SKEWED_PARADOX, brennan_prediger, {}, 0.70),
        (SKEWED_PARADOX, krippendorff_alpha, {}, 0.3177142857),
        (SKEWED_PARADOX, label_agreement, {"label": "1"}, 0.9142857),
        (SKEWED_PARADOX, label_agreement, {"label": "2"}, 0.4),
    ],
)
def test_coefficient_shows_the_kappa_paradox(patterns_from_table, table, metric, options, value):
    """A-11: Feinstein and Cicchetti (1990), J Clin Epidemiol 43:543; PABAK is Brennan-Prediger."""
    assert metric(patterns_from_table(table), **options).value == pytest.approx(value, abs=1e-7)


@pytest.mark.parametrize(
    ("metric", "value"),
    [
        (percent_agreement, 0.88),
        (brennan_prediger, 0.82),
        (fleiss_kappa, 0.7995322418),
        (krippendorff_alpha, 0.8005345807),
    ],
)
def test_coefficient_of_dialogue_acts_is_artstein_poesios(patterns_from_table, metric, value):
    """A-15: Artstein and Poesio (2008), Computational Linguistics 34:555, Po .88, S, pi, alpha."""
    assert metric(patterns_from_table(DIALOGUE_ACTS)).value == pytest.approx(value, abs=1e-9)


def test_alpha_with_own_distance_is_artstein_poesios(patterns_from_table):
    """A-15: d(stat, ireq) = 1, other pairs .5: .8155509784 (nltk computes the same)."""
    patterns = patterns_from_table(DIALOGUE_ACTS)
    distance = np.array([[0, 1, 0.5], [1, 0, 0.5], [0.5, 0.5, 0]])
    statistic = alpha_with_distance("alpha", distance)
    whole = totals(statistic, patterns.counts, patterns.multiplicity.astype(float))
    assert statistic.value(whole) == pytest.approx(0.8155509784, abs=1e-9)


@pytest.mark.parametrize(("distance", "value"), [("masi", 0.3350951374), ("jaccard", 0.4137931034)])
def test_alpha_of_sets_is_nltks(patterns_from_ratings, distance, value):
    """A-16: six units, three coders; nltk, a hand count and krippendorff with a callable agree."""
    units = [[str(sorted(said)).replace("'", '"') for said in row.split()] for row in SETS]
    labels = sorted({said for unit in units for said in unit})
    patterns = patterns_from_ratings(units, labels, "set")
    assert krippendorff_alpha(patterns, distance=distance).value == pytest.approx(value, abs=1e-9)


def test_jackknife_error_of_alpha_is_the_reference(coders):
    """A-18: delete-one-unit jackknife of the nominal example, computed: .1463."""
    error = krippendorff_alpha(coders).provenance["standard_error"]
    assert error == pytest.approx(0.1463, abs=5e-5)


def test_bootstrap_interval_of_alpha_is_the_reference(coders):
    """A-18: unit bootstrap of the nominal example, .420 and 1.000, tolerance .02."""
    found = krippendorff_alpha(coders, interval="bootstrap", replicates=20_000)
    assert (found.low, found.high) == pytest.approx((0.420, 1.0), abs=0.02)


def test_bootstrap_is_wider_than_that_of_pairs(coders):
    """A-18: treating pairs of ratings as independent gives .603 to .883, far too narrow."""
    found = krippendorff_alpha(coders, interval="bootstrap", replicates=5_000)
    assert found.low < 0.5


@pytest.mark.parametrize("metric", COEFFICIENTS)
def test_coefficient_without_variation_is_undefined(patterns_from_ratings, metric):
    """A-20: all units unanimous on one label."""
    found = metric(patterns_from_ratings([["a", "a"]] * 50, ["a", "b"], "ordinal"))
    assert (found.status, isnan(found.value)) == ("undefined", True)
    assert "no variation" in found.reason


def test_percent_agreement_without_variation_is_one(patterns_from_ratings):
    """A-20: Po = 1 where all units are unanimous on one label."""
    found = percent_agreement(patterns_from_ratings([["a", "a"]] * 50, ["a", "b"]))
    assert (found.value, found.status) == (1.0, "insufficient")


@pytest.mark.parametrize("metric", [*COEFFICIENTS, percent_agreement])
def test_coefficient_without_pairs_is_undefined(patterns_from_ratings, metric):
    """A-20: no unit with two ratings."""
    found = metric(patterns_from_ratings([["a"], ["b"]], ["a", "b"], "ordinal"))
    assert (found.status, found.n) == ("undefined", 0)
    assert "no item has two ratings" in found.reason


@pytest.mark.parametrize("metric", COEFFICIENTS)
def test_coefficient_with_one_label_is_undefined(patterns_from_ratings, metric):
    found = metric(patterns_from_ratings([["a", "a"]] * 3, ["a"], "ordinal"))
    assert (found.status, "one label only" in found.reason) == ("undefined", True)


@pytest.mark.parametrize("metric", [*COEFFICIENTS, percent_agreement])
@pytest.mark.parametrize("labels", [[], ["a", "b"]])
def test_coefficient_of_nothing_is_undefined(patterns_from_ratings, metric, labels):
    found = metric(patterns_from_ratings([], labels, "ordinal"))
    assert (found.status, found.reason) == ("undefined", "there are no ratings")


def test_unused_label_leaves_alpha_alone(patterns_from_table):
    """A-20: a label of the domain nobody used."""
    plain = krippendorff_alpha(patterns_from_table(SKEWED_PARADOX))
    wider = krippendorff_alpha(patterns_from_table([[80, 10, 0], [5, 5, 0], [0, 0, 0]]))
    assert wider.value == pytest.approx(plain.value)


@pytest.mark.parametrize("metric", [gwet_ac1, brennan_prediger])
def test_unused_label_moves_coefficients_with_fixed_chance(patterns_from_table, metric):
    """A-20: chance agreement of BP and AC1 depends on the number of labels."""
    plain = metric(patterns_from_table(SKEWED_PARADOX))
    wider = metric(patterns_from_table([[80, 10, 0], [5, 5, 0], [0, 0, 0]]))
    assert wider.value > plain.value + 0.01


def test_label_agreement_without_the_label_is_undefined(patterns_from_ratings):
    found = label_agreement(patterns_from_ratings([["a", "a"], ["b"]], ["a", "b"]), label="b")
    assert (found.status, found.n) == ("undefined", 0)


def test_label_agreement_refuses_an_unknown_label(patterns_from_ratings):
    with pytest.raises(ValueError, match="no label 'c'; the labels are a, b"):
        label_agreement(patterns_from_ratings([["a", "a"]], ["a", "b"]), label="c")


def test_fleiss_of_unequal_numbers_says_so(coders):
    assert "generalised for unequal numbers of ratings" in fleiss_kappa(coders).method


def test_fleiss_of_equal_numbers_does_not():
    assert "generalised" not in fleiss_kappa(diagnoses(FLEISS)).method


def test_pairs_count_items_by_their_pairs(patterns_from_ratings):
    patterns = patterns_from_ratings([["a", "a", "a", "b"], ["a", "a"], ["a"]], ["a", "b"])
    found = percent_agreement(patterns, average="pair")
    assert (found.value, found.n, found.n_unit) == (pytest.approx(4 / 7), 7, "pairs")


def test_items_count_once(patterns_from_ratings):
    patterns = patterns_from_ratings([["a", "a", "a", "b"], ["a", "a"], ["a"]], ["a", "b"])
    found = percent_agreement(patterns)
    assert (found.value, found.n, found.n_unit) == (0.75, 2, "items")


def test_excluded_ties_leave_before_counting(patterns_from_ratings):
    units = [["a", "a", "tie"], ["a", "tie"], ["tie", "tie"], ["a", "b"]]
    patterns = patterns_from_ratings(units, ["a", "tie", "b"], tie_labels=["tie"])
    found = percent_agreement(patterns, ties="exclude")
    assert (found.value, found.n) == (0.5, 2)


def test_excluded_ties_leave_the_domain(patterns_from_ratings):
    units = [["a", "a"], ["b", "b"], ["a", "b"], ["tie", "tie"]]
    tied = patterns_from_ratings(units, ["a", "tie", "b"], tie_labels=["tie"])
    plain = patterns_from_ratings(units[:3], ["a", "b"])
    assert gwet_ac1(tied, ties="exclude").value == pytest.approx(gwet_ac1(plain).value)


def test_excluding_ties_needs_tie_labels(patterns_from_ratings):
    with pytest.raises(ValueError, match="declares none"):
        percent_agreement(patterns_from_ratings([["a", "a"]], ["a", "b"]), ties="exclude")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"interval": "analytic"}, "has no analytic interval"),
        ({"interval": "wald"}, "interval must be"),
        ({"about": "batch"}, "about must be"),
        ({"about": "annotators", "interval": "bootstrap"}, "jackknife interval only"),
        ({"confidence": 1.0}, "between 0 and 1"),
        ({"replicates": 0}, "1 or more"),
        ({"level": "interval"}, "labels that are numbers"),
        ({"level": "set"}, "JSON arrays"),
        ({"ties": "drop"}, "class or exclude"),
    ],
)
def test_alpha_refuses_what_it_cannot_do(patterns_from_table, options, message):
    patterns = patterns_from_table(SKEWED_PARADOX, ["yes", "no"])
    with pytest.raises(ValueError, match=message):
        krippendorff_alpha(patterns, **options)


def test_ratio_level_refuses_negative_labels(patterns_from_table):
    with pytest.raises(ValueError, match="labels of 0 or more"):
        krippendorff_alpha(patterns_from_table(SKEWED_PARADOX, ["-1", "1"]), level="ratio")


def test_percent_agreement_refuses_an_unknown_average(coders):
    with pytest.raises(ValueError, match="item or pair"):
        percent_agreement(coders, average="label")


def test_rankings_agree_when_they_are_equal(patterns_from_ratings):
    units = [['[["a"],["b"]]'] * 2, ['[["a"],["b"]]', '[["b"],["a"]]'], ['[["b"],["a"]]'] * 2]
    labels = ['[["a"],["b"]]', '[["b"],["a"]]']
    ranked = krippendorff_alpha(patterns_from_ratings(units, labels, "ranking"))
    assert ranked.value == krippendorff_alpha(patterns_from_ratings(units, labels)).value


# Ratings of up to 8 items by up to 4 annotators over labels that are numbers.
ratings = st.lists(
    st.lists(st.sampled_from([None, "1", "2", "3"]), min_size=4, max_size=4),
    min_size=2,
    max_size=8,
)
METRICS = st.sampled_from([*COEFFICIENTS, percent_agreement])


@given(units=ratings, level=st.sampled_from(["nominal", "ordinal", "interval", "ratio"]))
def test_alpha_is_the_packages(patterns_from_ratings, units, level):
    """Second computation: krippendorff (fast-krippendorff), which needs two values and a pair."""
    found = krippendorff_alpha(patterns_from_ratings(units, ["1", "2", "3"]), level=level)
    counts = np.array([[unit.count(label) for label in "123"] for unit in units])
    if found.status == "undefined":
        pairable = counts[counts.sum(axis=1) >= 2]
        assert (pairable.sum(axis=0) > 0).sum() < 2
    else:
        theirs = krippendorff.alpha(
            value_counts=counts, value_domain=[1, 2, 3], level_of_measurement=level
        )
        assert found.value == pytest.approx(theirs, abs=1e-9)


@given(units=ratings, metric=METRICS)
def test_coefficient_keeps_its_range(patterns_from_ratings, units, metric):
    found = metric(patterns_from_ratings(units, ["1", "2", "3"]))
    floor = -np.inf if metric is fleiss_kappa else -1.0
    assert isnan(found.value) or floor - 1e-12 <= found.value <= 1.0 + 1e-12


@given(units=ratings, metric=METRICS)
def test_interval_holds_the_value(patterns_from_ratings, units, metric):
    found = metric(patterns_from_ratings(units, ["1", "2", "3"]))
    assert isnan(found.low) or found.low - 1e-9 <= found.value <= found.high + 1e-9
    assert isnan(found.high) or found.high <= 1.0


@given(units=ratings, metric=METRICS)
def test_status_says_why(patterns_from_ratings, units, metric):
    found = metric(patterns_from_ratings(units, ["1", "2", "3"]))
    assert (found.status == "ok") == (found.reason == "")
    assert (found.status == "undefined") == isnan(found.value)


@given(units=ratings, metric=st.sampled_from([m for m in COEFFICIENTS if m is not gwet_ac2]))
def test_names_of_labels_do_not_matter(patterns_from_ratings, units, metric):
    plain = metric(patterns_from_ratings(units, ["1", "2", "3"]))
    renamed = [[said and "cab"[int(said) - 1] for said in unit] for unit in units]
    other = metric(patterns_from_ratings(renamed, ["a", "b", "c"]))
    assert (other.value, other.low) == pytest.approx((plain.value, plain.low), nan_ok=True)


@given(units=ratings, metric=METRICS)
def test_order_of_items_and_annotators_does_not_matter(patterns_from_ratings, units, metric):
    plain = metric(patterns_from_ratings(units, ["1", "2", "3"]))
    turned = metric(patterns_from_ratings([unit[::-1] for unit in units[::-1]], ["1", "2", "3"]))
    assert turned.value == pytest.approx(plain.value, nan_ok=True)


@given(units=ratings, metric=st.sampled_from([gwet_ac1, fleiss_kappa, percent_agreement]))
def test_twice_the_data_is_the_same_value(patterns_from_ratings, units, metric):
    plain = metric(patterns_from_ratings(units, ["1", "2", "3"]))
    twice = metric(patterns_from_ratings(units * 2, ["1", "2", "3"]))
    assert twice.value == pytest.approx(plain.value, nan_ok=True)


@given(units=ratings, metric=METRICS)
def test_patterns_may_be_split_and_empty(patterns_from_ratings, units, metric):
    whole = patterns_from_ratings(units, ["1", "2", "3"])
    extra = np.zeros_like(whole.multiplicity)
    extra[0] = 1
    parted = replace(
        whole,
        counts=np.concatenate([whole.counts, whole.counts, [[9, 0, 9]]]),
        multiplicity=np.concatenate([whole.multiplicity - extra, extra, [0]]),
    )
    plain, found = metric(whole), metric(parted)
    assert (found.value, found.low, found.high) == pytest.approx(
        (plain.value, plain.low, plain.high), nan_ok=True
    )


def test_alpha_of_random_labels_is_near_zero(patterns_from_ratings):
    said = np.random.default_rng(4).choice(list("abc"), size=(4000, 3))
    found = krippendorff_alpha(patterns_from_ratings(said.tolist(), list("abc")))
    assert found.value == pytest.approx(0.0, abs=0.03)
