"""What would settle an undecided criterion, checked by simulating that it does."""

import numpy as np
import pytest
from scipy.special import betaincinv

from metrics.acceptance import Criterion, Evidence, Finding, assess
from metrics.criteria import Bound
from metrics.estimates import Estimate
from metrics.settle import settle, settling_chance

RUNS = 20_000


def found(
    measured: Estimate, must_be: str = ">= 0.35", *, companions: int = 0, **more: object
) -> Finding:
    """The finding of a hard criterion, beside others that pass."""
    given = {"id": "a", "metric": "m", "severity": "hard", **more}
    one = Criterion(bound=Bound.parse(must_be), **given)
    others = [
        Criterion(id=f"b{i}", metric="m", severity="hard", bound=Bound.parse(">= 0"))
        for i in range(companions)
    ]
    sure = Estimate(value=0.9, low=0.8, high=0.95, n=200)
    rows = [Evidence(one, "q", (), measured), *(Evidence(o, "q", (), sure) for o in others)]
    checks = assess([one, *others], rows).checks
    return next(check.worst for check in checks if check.criterion.id == "a")


def estimate(value: float, down: float = 0.1, up: float = 0.1, n: int = 100, **more) -> Estimate:
    return Estimate(value=value, low=value - down, high=value + up, n=n, **more)


def decided_share(measured: Estimate, bound: Bound, total: int) -> float:
    """Share of runs decided after adding normal units around the present value."""
    present = measured.n
    error = (measured.high - measured.low) / 2 / 1.959964 * np.sqrt(present)
    fresh = total - present
    added = np.random.default_rng(7).normal(0, error / np.sqrt(fresh), RUNS) * fresh / total
    half = 1.959964 * error / np.sqrt(total)
    low, high = measured.value + added - half, measured.value + added + half
    inside = (low >= bound.floor) & (high <= bound.ceiling)
    return float((inside | (high < bound.floor) | (low > bound.ceiling)).mean())


class TestSimulation:
    """RUNS runs have a standard error of at most .0035."""

    @pytest.mark.parametrize(
        ("value", "must_be"),
        [
            (0.40, ">= 0.35"),
            (0.44, ">= 0.35"),
            (0.30, ">= 0.35"),
            (0.32, "<= 0.35"),
            (0.40, "within [0.34, 0.45]"),
            (0.50, "within [0.34, 0.44]"),
        ],
    )
    def test_chances_are_as_promised(self, value, must_be) -> None:
        measured = estimate(value)
        settled = settle(found(measured, must_be))
        shares = [
            decided_share(measured, Bound.parse(must_be), n) for n in (settled.n_50, settled.n_80)
        ]
        assert shares == pytest.approx([0.5, 0.8], abs=0.015)

    def test_chances_are_about_right_for_shares_with_exact_limits(self) -> None:
        """80 good of 200 against a floor of .35, then binomial draws at .4."""
        n, good = 200, 80
        tail = 0.025
        low = float(betaincinv(good, n - good + 1, tail))
        high = float(betaincinv(good + 1, n - good, 1 - tail))
        settled = settle(found(Estimate(value=0.4, low=low, high=high, n=n)))
        shares = []
        for total in (settled.n_50, settled.n_80):
            all_good = good + np.random.default_rng(3).binomial(total - n, 0.4, RUNS)
            shares.append(float((betaincinv(all_good, total - all_good + 1, tail) >= 0.35).mean()))
        assert shares == pytest.approx([0.5, 0.8], abs=0.04)


class TestSettle:
    def test_even_chance_is_the_closed_form(self) -> None:
        """An even chance needs n (half-width / distance)²: 100 (.1 / .05)² = 400."""
        assert settle(found(estimate(0.40))).n_50 == 400

    def test_extra_is_beyond_what_is_there(self) -> None:
        assert settle(found(estimate(0.40))).even.extra == 300

    def test_cost_is_extra_times_price(self) -> None:
        assert settle(found(estimate(0.40)), cost_per_item=1.5).even.cost == 450.0

    def test_cost_is_unknown_for_other_units(self) -> None:
        pairs = estimate(0.40, n_unit="pairs")
        assert settle(found(pairs), cost_per_item=1.5).even.cost is None

    def test_text_says_extra_and_cost_of_both_chances(self) -> None:
        text = settle(found(estimate(0.42)), cost_per_item=1.5).text
        assert text == (
            "About 110 more items (cost about 160) give a 50 % chance to settle it,"
            " 290 more items (cost about 430) an 80 % chance."
        )

    def test_side_that_faces_the_threshold_counts(self) -> None:
        assert settle(found(estimate(0.40, down=0.1, up=0.4))).n_50 == 400

    def test_value_on_the_threshold_is_not_worth_it(self) -> None:
        assert settle(found(estimate(0.35))).text == (
            "It sits on the threshold: not worth it, no number of items settles it."
        )

    @pytest.mark.parametrize(
        ("value", "outlook"), [(0.372, "on the threshold"), (0.373, "reachable")]
    )
    def test_twenty_times_the_present_n_is_the_limit(self, value, outlook) -> None:
        """(.1 / .022)² = 20.7 and (.1 / .023)² = 18.9."""
        assert settle(found(estimate(value))).outlook == outlook

    @pytest.mark.parametrize(("left", "outlook"), [(299, "beyond the batch"), (300, "reachable")])
    def test_what_is_left_in_the_batch_is_the_limit(self, left, outlook) -> None:
        assert settle(found(estimate(0.40)), available=left).outlook == outlook

    def test_small_n_takes_at_least_the_minimum(self) -> None:
        settled = settle(found(estimate(0.80), minimum_n=140))
        assert (settled.n_50, settled.n_80) == (140, 140)

    def test_small_n_of_an_open_interval_takes_more_than_the_minimum(self) -> None:
        assert settle(found(estimate(0.40), minimum_n=140)).n_50 == 400

    def test_text_of_one_number_promises_the_higher_chance(self) -> None:
        text = settle(found(estimate(0.80), minimum_n=140)).text
        assert text == "About 40 more items give at least an 80 % chance to settle it."

    def test_insufficient_data_take_what_the_rule_for_intervals_asks(self) -> None:
        """Twice the present n, although the interval is clear."""
        thin = estimate(
            0.80,
            status="insufficient",
            reason="too little data",
            provenance={"growth_needed": 2.0},
        )
        assert settle(found(thin)).n_50 == 200

    def test_insufficient_data_without_a_rule_give_no_number(self) -> None:
        thin = estimate(0.80, status="insufficient", reason="too few people")
        assert settle(found(thin)).text == (
            "How many more would settle it cannot be said: too few people."
        )

    def test_value_without_interval_gives_no_number(self) -> None:
        bare = Estimate(value=0.5, n=100)
        assert settle(found(bare)).outlook == "unknown"

    def test_chosen_overlap_takes_a_fresh_sample(self) -> None:
        """A fresh sample of n' has an even chance at n' = 400, none of the old items stays."""
        settled = settle(found(estimate(0.40, representative=False)))
        assert settled.even.extra == settled.n_50 == 400

    def test_fresh_sample_may_draw_what_is_there_again(self) -> None:
        chosen = found(estimate(0.40, representative=False))
        assert settle(chosen, available=300).outlook == "reachable"

    def test_text_of_a_chosen_overlap_asks_for_a_new_draw(self) -> None:
        text = settle(found(estimate(0.40, representative=False))).text
        assert text.startswith("More of the same choice does not settle it; draw anew.")

    def test_fail_among_many_takes_more_than_alone(self) -> None:
        settled = settle(found(estimate(0.24), companions=9))
        assert 100 < settled.n_50 < settled.n_80

    @pytest.mark.parametrize("value", [0.1, 0.9])
    def test_decided_findings_have_nothing_to_settle(self, value) -> None:
        assert settle(found(estimate(value))) is None

    def test_missing_evidence_has_nothing_to_settle(self) -> None:
        assert settle(found(Estimate(status="undefined", reason="no overlap"))) is None


def test_settling_chance_grows_with_n() -> None:
    bound, measured = Bound.parse("within [0.34, 0.45]"), estimate(0.40)
    chances = [settling_chance(bound, measured, growth) for growth in np.geomspace(1.0, 100, 60)]
    assert np.all(np.diff(chances) >= -1e-12)
