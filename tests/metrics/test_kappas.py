"""Cohen's kappa against published tables, scikit-learn and its own degenerate cases."""

from math import isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from metrics.kappas import (
    clean_record_low,
    cohen_kappa,
    kappa_influence,
    kappa_of_table,
    restricted_to,
    without_ties,
)
from metrics.tables import AnnotatorPairs

ABSTRACTORS = [[13, 0, 0], [0, 20, 7], [0, 4, 56]]
ANXIETY = [[53, 5, 2], [11, 14, 5], [1, 6, 3]]
DIALOGUE_ACTS = [[46, 6, 0], [0, 32, 0], [0, 6, 10]]
BALANCED = [[40, 9], [6, 45]]
SKEWED = [[80, 10], [5, 5]]

tables = st.integers(2, 4).flatmap(
    lambda size: st.lists(
        st.lists(st.integers(0, 12), min_size=size, max_size=size), min_size=size, max_size=size
    )
)


def two_annotators(table, level="ordinal", labels=None, tie_labels=()):
    table = np.asarray(table)
    row, column = np.nonzero(table)
    return AnnotatorPairs(
        labels=labels or tuple(str(k) for k in range(len(table))),
        level=level,
        annotators=("ann", "bob"),
        roles=("human", "human"),
        first=np.zeros(len(row), np.int64),
        second=np.ones(len(row), np.int64),
        label_first=row,
        label_second=column,
        count=table[row, column],
        tie_labels=tie_labels,
    )


def rows_of(table):
    """One pair of labels an item."""
    table = np.asarray(table)
    cells = np.indices(table.shape).reshape(2, -1)
    return np.repeat(cells, table.ravel(), axis=1)


@pytest.mark.parametrize(
    ("table", "weights", "value"),
    [
        (ABSTRACTORS, "none", 0.7964094),
        (ABSTRACTORS, "quadratic", 0.892157),
        (ANXIETY, "none", 0.4285714286),
        (ANXIETY, "linear", 0.4923076923),
        (ANXIETY, "quadratic", 0.5666666667),
        (BALANCED, "none", 0.6995192308),
        (SKEWED, "none", 0.3181818182),
        (DIALOGUE_ACTS, "none", 0.8013245033),
    ],
)
def test_kappa_is_the_published_one(table, weights, value):
    """Published values.

    Gwet's cont3x3abstractors (R irrCAC documentation), the anxiety table of Fleiss and Cohen
    (R vcd and the statsmodels tests), Feinstein and Cicchetti (1990, the paradox: the same .85
    of agreement), Artstein and Poesio (2008, dialogue acts).
    """
    assert cohen_kappa(two_annotators(table), weights=weights).value == pytest.approx(value, 1e-6)


@pytest.mark.parametrize(
    ("table", "weights", "error"),
    [
        (ANXIETY, "none", 0.0759588),
        (ANXIETY, "linear", 0.0717269),
        (ANXIETY, "quadratic", 0.0787241),
    ],
)
def test_analytic_error_is_that_of_fleiss_cohen_everitt(table, weights, error):
    """ASE as R vcd (Kappa) and statsmodels (cohens_kappa, std_kappa) print it."""
    estimate = cohen_kappa(two_annotators(table), weights=weights)
    assert estimate.provenance["standard_error"] == pytest.approx(error, abs=1e-6)


def test_analytic_error_of_the_abstractors_is_gwets():
    """R irrCAC documentation, cont3x3abstractors: se .05891072."""
    error = cohen_kappa(two_annotators(ABSTRACTORS)).provenance["standard_error"]
    assert error == pytest.approx(0.05891072, abs=1e-6)


def test_kappa_of_table_takes_any_credit():
    """Artstein and Poesio (2008): d(stat, ireq) = 1, else 1/2; weighted kappa .8163265 (nltk)."""
    distance = np.array([[0, 1, 0.5], [1, 0, 0.5], [0.5, 0.5, 0]])
    value = kappa_of_table(np.array(DIALOGUE_ACTS), 1 - distance)
    assert value == pytest.approx(0.8163265306, abs=1e-9)


@pytest.mark.parametrize(
    ("weights", "known_as"), [("none", None), ("linear",) * 2, ("quadratic",) * 2]
)
@given(table=tables)
def test_kappa_is_scikit_learns(weights, known_as, table):
    estimate = cohen_kappa(two_annotators(table), weights=weights)
    first, second = rows_of(table)
    labels = list(range(len(table)))
    expected = (
        estimate.value
        if estimate.status == "undefined"
        else cohen_kappa_score(first, second, labels=labels, weights=known_as)
    )
    assert estimate.value == pytest.approx(expected, abs=1e-12, nan_ok=True)


@given(table=tables)
def test_kappa_lies_between_its_ends(table):
    estimate = cohen_kappa(two_annotators(table))
    assert isnan(estimate.value) or -1 <= estimate.value <= 1


@given(table=tables)
def test_kappa_does_not_care_who_is_first(table):
    one = cohen_kappa(two_annotators(table), weights="linear")
    other = cohen_kappa(two_annotators(np.transpose(table)), weights="linear")
    found = (one.value, one.low, one.high)
    assert found == pytest.approx((other.value, other.low, other.high), nan_ok=True, abs=1e-9)


@given(table=tables, data=st.data())
def test_kappa_does_not_care_for_the_order_of_labels(table, data):
    order = data.draw(st.permutations(range(len(table))))
    moved = np.asarray(table)[np.ix_(order, order)]
    one, other = cohen_kappa(two_annotators(table)), cohen_kappa(two_annotators(moved))
    assert one.value == pytest.approx(other.value, nan_ok=True, abs=1e-12)


def test_kappa_of_doubled_data_is_the_same():
    doubled = cohen_kappa(two_annotators(2 * np.array(ANXIETY)))
    assert doubled.value == pytest.approx(cohen_kappa(two_annotators(ANXIETY)).value)


def test_kappa_of_independent_answers_is_0():
    assert cohen_kappa(two_annotators([[6, 12], [12, 24]])).value == pytest.approx(0, abs=1e-12)


@given(table=tables.filter(lambda table: np.sum(table) > 0))
def test_influence_has_mean_0(table):
    table = np.array(table) + 1
    influence = kappa_influence(table, np.eye(len(table)))
    assert (table * influence).sum() == pytest.approx(0, abs=1e-8)


def test_influence_is_the_derivative():
    table, step = np.array(ANXIETY, float), 1e-6
    more = table.copy()
    more[0, 1] += step
    credit = np.eye(3)
    slope = (kappa_of_table(more, credit) - kappa_of_table(table, credit)) / step * table.sum()
    assert kappa_influence(table, credit)[0, 1] == pytest.approx(slope, rel=1e-4)


@pytest.mark.parametrize("interval", ["jackknife", "bootstrap"])
def test_resampled_interval_is_near_the_analytic_one(interval):
    big = two_annotators(20 * np.array(ANXIETY))
    analytic, resampled = cohen_kappa(big), cohen_kappa(big, interval=interval)
    assert (resampled.low, resampled.high) == pytest.approx(
        (analytic.low, analytic.high), abs=0.004
    )


def test_jackknife_error_is_that_of_deleting_each_item():
    first, second = rows_of(ANXIETY)
    places = range(len(first))
    left = np.array([cohen_kappa_score(np.delete(first, k), np.delete(second, k)) for k in places])
    expected = np.sqrt(99 / 100 * ((left - left.mean()) ** 2).sum())
    error = cohen_kappa(two_annotators(ANXIETY), interval="jackknife").provenance["standard_error"]
    assert error == pytest.approx(expected, rel=1e-9)


def test_bootstrap_says_its_seed():
    estimate = cohen_kappa(two_annotators(ANXIETY), interval="bootstrap", replicates=50, seed=7)
    assert estimate.method.endswith("percentiles of 50 replicates, 0 undefined, seed 7")


def test_bootstrap_of_the_same_seed_is_the_same():
    one, other = (cohen_kappa(two_annotators(ANXIETY), interval="bootstrap") for _ in range(2))
    assert (one.low, one.high) == (other.low, other.high)


def test_kappa_without_a_common_item_is_undefined():
    estimate = cohen_kappa(two_annotators([[0, 0], [0, 0]]))
    assert (estimate.status, estimate.reason) == ("undefined", "the two annotators share no item")


@pytest.mark.parametrize("table", [[[40, 0], [0, 0]], [[0, 40], [0, 0]]])
def test_kappa_of_two_constant_annotators_is_undefined(table):
    estimate = cohen_kappa(two_annotators(table))
    assert (estimate.status, isnan(estimate.value)) == ("undefined", True)


def test_kappa_of_one_constant_annotator_is_0_and_insufficient():
    estimate = cohen_kappa(two_annotators([[40, 20], [0, 0]]))
    assert (estimate.value, estimate.status, isnan(estimate.low)) == (0.0, "insufficient", True)


def test_weights_on_a_nominal_question_are_undefined():
    estimate = cohen_kappa(two_annotators(ANXIETY, level="nominal"), weights="linear")
    assert estimate.reason == "weights need labels with distances, the question is nominal"


def test_weights_of_an_interval_question_use_the_numbers():
    pairs = two_annotators(ANXIETY, level="interval", labels=("0", "1", "10"))
    first, second = rows_of(ANXIETY)
    spelled = np.array([0.0, 1.0, 10.0])
    gap = (spelled[first] - spelled[second]) ** 2
    chance = (spelled[first][:, None] - spelled[second]) ** 2
    expected = 1 - gap.mean() / chance.mean()
    assert cohen_kappa(pairs, weights="quadratic").value == pytest.approx(expected)


def test_kappa_of_few_items_is_insufficient():
    assert cohen_kappa(two_annotators([[5, 2], [1, 6]])).status == "insufficient"


def test_kappa_of_a_rare_label_is_insufficient():
    assert cohen_kappa(two_annotators([[290, 4], [4, 2]])).status == "insufficient"


def test_full_agreement_keeps_an_exact_lower_limit():
    """40 clean items leave 8.8 % disagreement unrefuted (Clopper-Pearson): 1 - .0881 / .5."""
    estimate = cohen_kappa(two_annotators([[20, 0], [0, 20]]))
    assert (estimate.value, estimate.high, round(estimate.low, 3)) == (1.0, 1.0, 0.824)


def test_full_agreement_on_few_items_is_insufficient():
    assert cohen_kappa(two_annotators([[9, 0], [0, 9]])).status == "insufficient"


def test_clean_record_low_never_passes_the_floor():
    assert clean_record_low(np.array([[99, 0], [0, 1]]), 0.5) == -1.0


def test_ties_left_out_leave_the_items_where_nobody_tied():
    pairs = two_annotators(ANXIETY, tie_labels=("1",))
    assert cohen_kappa(pairs, ties="exclude").n == 53 + 2 + 1 + 3


def test_ties_left_out_leave_the_labels_too():
    kept = without_ties(two_annotators(ANXIETY, tie_labels=("1",)), "exclude")
    assert kept.labels == ("0", "2")


def test_ties_of_a_question_without_them_are_refused():
    with pytest.raises(ValueError, match="declares none"):
        cohen_kappa(two_annotators(ANXIETY), ties="exclude")


def test_unknown_treatment_of_ties_is_refused():
    with pytest.raises(ValueError, match="must be class or exclude"):
        without_ties(two_annotators(ANXIETY), "half")


def three_annotators():
    return AnnotatorPairs(
        labels=("a", "b"),
        level="nominal",
        annotators=("x", "y", "z"),
        roles=("human", "human", "expert"),
        first=np.array([0, 0, 2]),
        second=np.array([1, 2, 1]),
        label_first=np.array([0, 0, 1]),
        label_second=np.array([1, 1, 0]),
        count=np.array([5, 7, 3]),
    )


def test_three_annotators_are_refused():
    with pytest.raises(ValueError, match="use restricted_to"):
        cohen_kappa(three_annotators())


def test_restricted_keeps_names_and_roles():
    kept = restricted_to(three_annotators(), "z", "x")
    assert (kept.annotators, kept.roles) == (("x", "z"), ("human", "expert"))


def test_restricted_turns_pairs_stored_the_other_way_round():
    kept = restricted_to(three_annotators(), "y", "z")
    assert (kept.label_first.tolist(), kept.label_second.tolist()) == ([0], [1])


@pytest.mark.parametrize(("one", "other"), [("x", "x"), ("x", "nobody")])
def test_restricted_refuses_what_is_no_pair(one, other):
    with pytest.raises(ValueError, match="give two different ones"):
        restricted_to(three_annotators(), one, other)
