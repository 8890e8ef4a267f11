"""Intervals for proportions against published values and direct summation."""

from math import comb, isnan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.intervals import clopper_pearson, hypergeometric, jeffreys, proportion, wilson

BINOMIAL = pytest.mark.parametrize("interval", [wilson, clopper_pearson, jeffreys])
counts = st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
batches = st.integers(1, 60).flatmap(
    lambda size: st.integers(1, size).flatmap(
        lambda n: st.tuples(st.integers(0, n), st.just(n), st.just(size))
    )
)


@pytest.mark.parametrize(
    ("interval", "low", "high"),
    [
        (wilson, 0.255289, 0.366210),
        (clopper_pearson, 0.252737, 0.367622),
        (jeffreys, 0.254522, 0.365647),
    ],
)
def test_interval_of_81_in_263_is_newcombes(interval, low, high):
    """Newcombe (1998), Stat Med 17:857, prints .2553-.3662 and .2527-.3676 for 81 of 263."""
    assert interval(81, 263) == pytest.approx((low, high), abs=1e-6)


@pytest.mark.parametrize(("interval", "high"), [(wilson, 0.161125), (clopper_pearson, 0.168433)])
def test_interval_of_0_in_20_is_newcombes(interval, high):
    """Newcombe (1998), Stat Med 17:857, prints 0-.1611 and 0-.1684 for 0 of 20."""
    assert interval(0, 20) == pytest.approx((0.0, high), abs=1e-6)


@pytest.mark.parametrize(
    ("count", "n", "low", "high"),
    [(18, 240, 0.0479648, 0.1154261), (560, 1000, 0.529063, 0.590478)],
)
def test_wilson_agrees_with_statsmodels(count, n, low, high):
    """Values of statsmodels proportion_confint(method="wilson")."""
    assert wilson(count, n) == pytest.approx((low, high), abs=1e-6)


@pytest.mark.parametrize(
    ("n", "limit", "assurance"),
    [(299, 0.01, 0.95), (149, 0.02, 0.95), (59, 0.05, 0.95), (45, 0.05, 0.90), (459, 0.01, 0.99)],
)
def test_zero_defect_sample_size_is_the_smallest_that_clopper_pearson_accepts(n, limit, assurance):
    """Zero-failure sample sizes, n = ln(1 - assurance) / ln(1 - limit), as tabled everywhere."""
    confidence = 2 * assurance - 1
    assert clopper_pearson(0, n, confidence)[1] <= limit < clopper_pearson(0, n - 1, confidence)[1]


@pytest.mark.parametrize(
    ("n", "population", "defects", "assurance"),
    [(44, 1000, 50, 0.90), (41, 200, 10, 0.90), (258, 1000, 10, 0.95)],
)
def test_zero_defect_sample_size_is_the_smallest_that_the_batch_accepts(
    n, population, defects, assurance
):
    """Hypergeometric zero-defect plans: (1 - defects/population) drawn without replacement."""
    confidence = 2 * assurance - 1
    high = hypergeometric(0, n, population, confidence)[1]
    before = hypergeometric(0, n - 1, population, confidence)[1]
    assert high < defects / population <= before


@given(batches)
def test_hypergeometric_limits_are_those_of_direct_summation(batch):
    count, n, population = batch

    def probability(defects, drawn):
        good = population - defects
        return sum(comb(defects, k) * comb(good, n - k) for k in drawn) / comb(population, n)

    possible = range(count, population - n + count + 1)
    low = min(d for d in possible if probability(d, range(count, n + 1)) > 0.025)
    high = max(d for d in possible if probability(d, range(count + 1)) > 0.025)
    assert hypergeometric(count, n, population) == (low / population, high / population)


def test_hypergeometric_of_a_huge_batch_is_clopper_pearson():
    expected = clopper_pearson(30, 1000)
    assert hypergeometric(30, 1000, 100_000_000) == pytest.approx(expected, abs=1e-6)


def test_hypergeometric_of_a_census_has_no_width():
    assert hypergeometric(7, 50, 50) == (0.14, 0.14)


def test_hypergeometric_is_exact_where_one_item_is_left():
    assert hypergeometric(49, 99, 100) == (0.49, 0.50)


@BINOMIAL
@given(counts)
def test_interval_contains_the_share(interval, data):
    count, n = data
    low, high = interval(count, n)
    assert 0 <= low <= count / n <= high <= 1


@BINOMIAL
@given(counts)
def test_interval_mirrors_when_the_property_is_negated(interval, data):
    count, n = data
    low, high = interval(count, n)
    assert interval(n - count, n) == pytest.approx((1 - high, 1 - low), abs=1e-9)


@BINOMIAL
@given(counts)
def test_interval_widens_with_confidence(interval, data):
    narrow, wide = interval(*data, 0.8), interval(*data, 0.95)
    assert wide[0] <= narrow[0] <= narrow[1] <= wide[1]


@given(batches)
def test_hypergeometric_contains_the_share(batch):
    count, n, population = batch
    low, high = hypergeometric(count, n, population)
    assert low <= count / n <= high


@given(counts)
def test_clopper_pearson_contains_jeffreys(data):
    exact, bayes = clopper_pearson(*data), jeffreys(*data)
    assert exact[0] <= bayes[0] + 1e-12 <= bayes[1] <= exact[1] + 1e-12


@BINOMIAL
def test_interval_is_exactly_0_and_1_at_the_ends(interval):
    assert (interval(0, 9)[0], interval(9, 9)[1]) == (0.0, 1.0)


@BINOMIAL
def test_interval_of_nothing_is_nan(interval):
    assert all(isnan(limit) for limit in interval(0, 0))


@pytest.mark.parametrize(
    ("count", "n", "confidence"), [(-1, 5, 0.95), (6, 5, 0.95), (1, 5, 1.0), (1, 5, 0.0)]
)
def test_wilson_refuses_malformed_input(count, n, confidence):
    with pytest.raises(ValueError, match="must be"):
        wilson(count, n, confidence)


def test_hypergeometric_refuses_more_inspected_than_there_are():
    with pytest.raises(ValueError, match="at most population"):
        hypergeometric(1, 11, 10)


def test_proportion_of_nothing_is_undefined():
    estimate = proportion(0, 0, n_unit="reviews")
    assert (estimate.status, estimate.reason) == (
        "undefined",
        "there are no reviews to take a share of",
    )


def test_proportion_of_a_sample_of_the_batch_is_about_the_batch():
    estimate = proportion(2, 80, interval="hypergeometric", population=1000)
    assert (estimate.about, estimate.method) == (
        "batch",
        "share; exact hypergeometric interval, 80 of 1000",
    )


def test_proportion_of_a_process_says_so():
    assert proportion(2, 80, interval="clopper_pearson").about == "process"


def test_proportion_refuses_a_population_that_its_interval_ignores():
    with pytest.raises(ValueError, match="needs the size of the batch"):
        proportion(2, 80, population=1000)


def test_proportion_refuses_a_hypergeometric_interval_without_population():
    with pytest.raises(ValueError, match="needs the size of the batch"):
        proportion(2, 80, interval="hypergeometric")
