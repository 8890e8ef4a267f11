"""How many categories in effect, and how much nobody has seen."""

from math import exp, isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.diversity import CategoryCounts, chao1, effective_categories, evenness, unseen_mass

SPIDERS = [46, 22, 17, 15, 15, 9, 8, 6, 6, 4, 2, 2, 2, 2, *[1] * 12]


def counted(counts, **more):
    return CategoryCounts(np.array(counts, dtype=np.int64), **more)


DRAWN = counted(SPIDERS, is_random=True)


def test_chao1_of_the_girdled_spiders():
    """Case D-01 of the catalogue: iNEXT prints 43.893, 14.306, 30.511 to 96.971."""
    found = chao1(counted(SPIDERS))
    assert found.value == pytest.approx(43.892857, abs=1e-6)
    assert found.error == pytest.approx(14.305578, abs=1e-6)
    assert (found.low, found.high) == pytest.approx((30.511, 96.971), abs=2e-3)


def test_unseen_mass_of_the_girdled_spiders():
    """Case D-01: Chao and Jost's coverage .9288554."""
    found = unseen_mass(DRAWN)
    assert 1 - found.value == pytest.approx(0.9288554, abs=1e-7)
    assert found.low < 12 / 168 < found.high
    assert (found.provenance["seen_once"], found.provenance["seen_twice"]) == (12, 4)


@pytest.mark.parametrize(("order", "value"), [("0", 26), ("1", 12.0596505), ("2", 7.84)])
def test_hill_numbers_of_the_girdled_spiders(order, value):
    """Case D-02."""
    found = effective_categories(counted(SPIDERS), order=order)
    assert found.value == pytest.approx(value, abs=1e-7)
    assert (found.low, found.high, found.about) == (found.value, found.value, "batch")


def test_evenness_of_the_girdled_spiders():
    """Case D-02: H 2.4898652 nats over ln 26."""
    assert evenness(SPIDERS) == pytest.approx(0.7642085, abs=1e-7)


def test_process_has_an_interval_where_items_were_drawn():
    found = effective_categories(DRAWN, order="1", about="process")
    assert found.low < found.value < found.high


def test_thin_sample_of_the_process_is_said_to_be():
    found = effective_categories(DRAWN, order="1", about="process")
    assert found.status == "insufficient"
    assert found.reason == "the sample has seen only 93% of what the source delivers"


def test_number_of_categories_of_a_process_is_not_estimated():
    assert effective_categories(DRAWN, order="0", about="process").status == "undefined"


@pytest.mark.parametrize("about", ["process"])
def test_process_of_items_nobody_drew_is_missing(about):
    found = effective_categories(counted(SPIDERS), about=about)
    assert found.status == "missing_input"
    assert "inclusion_probability" in found.reason


def test_unseen_mass_of_items_nobody_drew_is_missing():
    assert unseen_mass(counted(SPIDERS)).status == "missing_input"


def test_groups_make_an_interval_too_narrow():
    found = unseen_mass(counted(SPIDERS, is_random=True, has_groups=True))
    assert found.status == "insufficient"


def test_no_items_are_undefined():
    assert unseen_mass(counted([], is_random=True)).status == "undefined"
    assert effective_categories(counted([0, 0])).status == "undefined"


def test_one_item_tells_next_to_nothing():
    found = unseen_mass(counted([1], is_random=True))
    assert (found.status, found.high) == ("insufficient", 1.0)
    assert found.low == pytest.approx(0.025)


def test_nothing_seen_once_still_has_an_upper_limit():
    """Rule of three with 2.5 %: 1 - .025^(1/100) = .0362."""
    found = unseen_mass(counted([60, 40], is_random=True))
    assert (found.value, found.low) == (0.0, 0.0)
    assert found.high == pytest.approx(1 - 0.025**0.01)


def test_all_alike_is_one_category():
    assert effective_categories(counted([7]), order="1").value == 1.0
    assert isnan(evenness([7]))


@given(st.lists(st.integers(0, 50), min_size=1, max_size=30).filter(sum))
def test_orders_fall_and_stay_within_the_number_of_values(counts):
    orders = [effective_categories(counted(counts), order=order).value for order in "012"]
    assert orders[0] + 1e-9 >= orders[1] >= orders[2] - 1e-9
    assert orders[2] >= 1 - 1e-9


@given(st.integers(1, 40), st.integers(1, 30))
def test_equal_counts_are_as_many_as_there_are(values, each):
    for order in "012":
        found = effective_categories(counted([each] * values), order=order).value
        assert found == pytest.approx(values)


@given(st.lists(st.integers(1, 30), min_size=1, max_size=30))
def test_unseen_mass_is_a_share_inside_its_interval(counts):
    found = unseen_mass(counted(counts, is_random=True))
    assert 0 <= found.low <= found.value <= found.high <= 1


@given(st.lists(st.integers(1, 30), min_size=1, max_size=30))
def test_chao1_is_no_less_than_what_was_seen(counts):
    found = chao1(counted(counts))
    assert found.value >= len(counts)


def test_interval_of_the_unseen_mass_covers_in_simulation():
    """400 samples of 300 items from a source of 200 kinds with falling shares."""
    generator = np.random.default_rng(5)
    shares = np.array([exp(-k / 30) for k in range(200)])
    shares /= shares.sum()
    hits = 0
    for _ in range(400):
        sample = generator.multinomial(300, shares)
        truth = shares[sample == 0].sum()
        found = unseen_mass(counted(sample, is_random=True))
        hits += found.low <= truth <= found.high
    assert hits / 400 > 0.93
