"""Rules about what stands beside what."""

from collections.abc import Callable
from pathlib import Path

import pytest

from app import tallies
from app.audit import CriterionResult, audit, standard_of
from app.closeup import (
    Standing,
    coefficients,
    has_labels,
    headline,
    judged_twice,
    judging,
    overlap_findings,
    overlap_shares,
    paradox,
    waiting_first,
)
from app.measure import Measurement, measure
from app.tallies import LabelPair, Stratum
from metrics.estimates import Estimate
from queries.batches import BatchInfo, Question
from queries.scope import Viewer
from queries.store import Store

OWNER = Viewer.owner()
Textbook = tuple[Store, BatchInfo]
NOMINAL = Question("answer", "nominal", ("no", "yes"))


def row(metric: str, value: float, **options: str) -> Measurement:
    estimate = Estimate(value=value, low=value, high=value, n=10)
    return Measurement(metric, "b1", "answer", "people", (), tuple(options.items()), estimate)


def test_ordered_labels_take_the_coefficient_that_counts_near_misses() -> None:
    assert "gwet_ac2" in coefficients(Question("q", "ordinal", ("1", "2")))
    assert "gwet_ac1" in coefficients(NOMINAL)


def test_the_metric_of_a_link_leads() -> None:
    assert coefficients(NOMINAL, asked="fleiss_kappa")[0] == "fleiss_kappa"


def test_an_unknown_metric_of_a_link_is_left_out() -> None:
    assert coefficients(NOMINAL, asked="nonsense") == coefficients(NOMINAL)


def test_scores_without_enumerable_labels_are_not_looked_at_one_by_one() -> None:
    assert not has_labels(Question("score", "interval", None))


def test_paradox_names_the_common_and_the_rare_label() -> None:
    told = paradox(
        [row("krippendorff_alpha", 0.36), row("gwet_ac1", 0.94)],
        [row("label_agreement", 0.97, label="no"), row("label_agreement", 0.39, label="yes")],
        [("no", 96), ("yes", 4)],
    )
    assert told is not None
    assert all(text in told for text in ("“no” 96 %", "“yes” 4 %", ".97", ".39"))


def test_coefficients_that_tell_the_same_need_no_explanation() -> None:
    same = [row("krippendorff_alpha", 0.6), row("gwet_ac1", 0.7)]
    assert paradox(same, [], [("no", 50), ("yes", 50)]) is None


def test_overlap_among_the_easy_items_is_found() -> None:
    strata = [Stratum("difficulty", "easy", 160, 155), Stratum("difficulty", "hard", 320, 0)]
    (finding,) = overlap_findings({"difficulty": strata})
    assert "most too often easy, most too rarely hard" in finding


def test_overlap_drawn_alike_is_not_reported() -> None:
    strata = [Stratum("half", "first", 200, 60), Stratum("half", "second", 200, 60)]
    assert overlap_findings({"half": strata}) == []


def test_strata_furthest_from_the_whole_come_first() -> None:
    strata = [Stratum("d", "a", 100, 50), Stratum("d", "b", 100, 90), Stratum("d", "c", 100, 55)]
    whole = judged_twice(strata)
    assert overlap_shares({"d": strata}, whole)[0][0] == ("d", "b")


def test_batches_that_nobody_could_judge_come_first(textbook: Textbook) -> None:
    store, batch = textbook
    judged = Standing(batch, audit(store, batch, standard_of(store, batch), OWNER))
    assert waiting_first([judged, Standing(batch, None, "no standard")])[0].audit is None


def test_headline_is_a_criterion_on_agreement(textbook: Textbook) -> None:
    store, batch = textbook
    found = headline(audit(store, batch, standard_of(store, batch), OWNER))
    assert isinstance(found, CriterionResult)


def test_a_measurement_finds_the_criterion_that_judges_it(textbook: Textbook) -> None:
    store, batch = textbook
    result = audit(store, batch, standard_of(store, batch), OWNER)
    (measurement,) = measure(store, batch, "krippendorff_alpha", viewer=OWNER)
    found = judging(result, measurement)
    assert found is not None
    assert found.estimate.value == pytest.approx(measurement.estimate.value, abs=1e-12)


def test_a_slice_the_standard_does_not_ask_about_is_not_judged(textbook: Textbook) -> None:
    store, batch = textbook
    result = audit(store, batch, standard_of(store, batch), OWNER)
    rows = measure(store, batch, "krippendorff_alpha", viewer=OWNER, by=("half",))
    assert judging(result, rows[1]) is None


def test_labels_are_counted_over_all_answers(textbook: Textbook) -> None:
    """Krippendorff (2011): 41 values, 9 of them 1, 14 of them 2, with the single one of unit 12."""
    store, batch = textbook
    counts = dict(tallies.label_counts(store, batch, batch.question("answer"), (), OWNER))
    assert (sum(counts.values()), counts["1"], counts["2"]) == (41, 9, 13)


def test_pairs_of_labels_are_counted_once_for_every_two_people(textbook: Textbook) -> None:
    """Units 1 to 11 of Krippendorff (2011) have 4, 4, ... raters: 6 or 3 or 1 pairs each."""
    store, batch = textbook
    pairs = tallies.label_pairs(store, batch, batch.question("answer"), (), OWNER)
    assert sum(pair.count for pair in pairs) == sum(m * (m - 1) // 2 for m in _RATERS)


_RATERS = (3, 4, 4, 4, 4, 4, 4, 4, 4, 3, 2, 1)


def test_a_pair_of_equal_labels_is_agreement() -> None:
    assert LabelPair("yes", "yes", 3).is_agreement


def test_overlap_counts_items_judged_and_judged_twice(textbook: Textbook) -> None:
    store, batch = textbook
    (whole,) = tallies.overlap(store, batch, batch.question("answer"), "", OWNER)
    assert (whole.rated, whole.twice) == (12, 11)


def test_people_are_found_by_name(write_batch: Callable[..., Path]) -> None:
    store = Store.open(write_batch(["u1,ann,1,x", "u1,bo,2,x"]))
    batch = store.batch("b1", OWNER)
    assert sorted(tallies.people(store, batch, OWNER)) == ["ann", "bo"]
