"""Lint: criteria that can never pass, never fail or never apply."""

import pytest

from app.catalog import METRICS
from app.standards import KINDS, Standard, default, parse
from app.standards.lint import BatchFacts, Lint, lint, smallest_passing_n

FACTS = BatchFacts(
    kind="preference",
    questions=("winner", "strength"),
    dimensions=("task", "week"),
    items=1_000,
    pairable={"winner": 400, "strength": 400},
)


def standard(*criteria: dict, **tables: object) -> Standard:
    complete = {
        "metric": "krippendorff_alpha",
        "must_be": ">= 0.35",
        "severity": "hard",
        "minimum_n": 100,
        "origin": "ours",
        "owner": "qa-lead",
    }
    given = [{"id": f"c{i}", **complete, **one} for i, one in enumerate(criteria)]
    head = {
        "name": "s",
        "version": "1.0.0",
        "kind": "preference",
        "objective": "o",
        "annotation_criteria": "g",
    }
    return parse({"standard": head, "criterion": given, **tables}, "test", METRICS)


def share(must_be: str, **more: object) -> dict:
    return {"metric": "percent_agreement", "must_be": must_be, **more}


def only(found: tuple[Lint, ...]) -> Lint:
    (one,) = found
    return one


class TestSmallestPassingN:
    @pytest.mark.parametrize(
        ("high", "confidence", "n"),
        [
            (0.01, 0.90, 299),
            (0.02, 0.90, 149),
            (0.05, 0.90, 59),
            (0.05, 0.80, 45),
            (0.01, 0.98, 459),
        ],
    )
    def test_zero_defects_need_the_published_n(self, high, confidence, n) -> None:
        """Zero-defect sample sizes at one-sided 95, 90 and 99 %: (1 - p)^n <= 1 - level."""
        assert smallest_passing_n(0.0, high, confidence) == n

    def test_band_needs_the_n_at_which_some_count_fits(self) -> None:
        """Exact limits of 196 of 392 are .4494 and .5506; about 1.96² / 4 / .05² are needed."""
        assert 385 < smallest_passing_n(0.45, 0.55, 0.95) < 420

    def test_band_without_room_needs_more_than_is_searched(self) -> None:
        assert smallest_passing_n(0.5, 0.5001, 0.95) is None


class TestSize:
    def test_ceiling_near_nothing_needs_more_than_the_minimum(self) -> None:
        found = only(lint(standard(share("<= 0.01")), METRICS)[1:])
        assert found == Lint(
            "warning",
            "c0.minimum_n",
            "100 can never pass: even 0 of 100 leaves an exact upper limit of .036;"
            " 368 or more can",
        )

    def test_floor_near_everything_needs_more_than_the_minimum(self) -> None:
        found = only(lint(standard(share(">= 0.99")), METRICS))
        assert "exact lower limit of .964; 368 or more can" in found.sentence

    def test_coefficient_near_one_needs_more_than_the_minimum(self) -> None:
        found = only(lint(standard({"must_be": ">= 0.99"}), METRICS))
        assert (found.level, found.key) == ("warning", "c0.minimum_n")

    def test_narrow_band_of_a_share_can_never_pass(self) -> None:
        found = only(lint(standard(share("within [0.5, 0.5001]")), METRICS))
        assert (found.level, found.key) == ("error", "c0.must_be")

    def test_narrow_band_of_a_coefficient_needs_more_than_the_minimum(self) -> None:
        """A half-width of .05 takes about (.6 / .05)² = 144 items."""
        found = only(lint(standard({"must_be": "within [0.4, 0.5]"}), METRICS))
        assert found.sentence.endswith("144 or more can")

    def test_demand_that_the_minimum_meets_is_silent(self) -> None:
        assert lint(standard(share("<= 0.01", minimum_n=368)), METRICS)[1:] == ()

    def test_batch_smaller_than_the_minimum_cannot_pass_yet(self) -> None:
        small = BatchFacts("preference", ("winner",), (), items=60)
        found = only(lint(standard({}), METRICS, small))
        assert (found.level, found.of_batch) == ("warning", True)
        assert found.sentence == "cannot pass yet: it takes 100 items and there are 60"

    def test_batch_that_will_grow_is_measured_by_its_plan(self) -> None:
        growing = BatchFacts("preference", ("winner",), (), items=60, planned_items=500)
        assert lint(standard({}), METRICS, growing) == ()

    def test_small_overlap_cannot_pass_yet(self) -> None:
        thin = BatchFacts("preference", ("winner",), (), items=900, pairable={"winner": 40})
        found = only(lint(standard({}), METRICS, thin))
        assert (found.level, "there are 40" in found.sentence) == ("warning", True)

    def test_vote_pairs_are_not_held_against_items(self) -> None:
        small = BatchFacts("preference", ("winner",), (), items=60)
        pairs = share(">= 0.5", options={"average": "pair"})
        assert lint(standard(pairs), METRICS, small) == ()


class TestRange:
    @pytest.mark.parametrize(
        ("must_be", "said"),
        [
            (">= 1.2", "can never pass"),
            (">= 1", "can never pass"),
            ("<= -0.1", "can never pass"),
            ("within [1.1, 1.2]", "can never pass"),
            (">= 0", "can never fail"),
            ("<= 1", "can never fail"),
            ("within [-1, 2]", "can never fail"),
        ],
    )
    def test_bound_outside_the_range_is_an_error(self, must_be, said) -> None:
        found = lint(standard(share(must_be)), METRICS)[0]
        assert (found.level, found.key, said in found.sentence) == ("error", "c0.must_be", True)

    def test_bound_on_the_wrong_side_is_a_warning(self) -> None:
        found = only(lint(standard(share("<= 0.9")), METRICS))
        assert "higher is better" in found.sentence

    def test_scale_without_ends_has_no_range(self) -> None:
        scored = {"metric": "mean_score", "must_be": ">= 60"}
        assert lint(standard(scored), METRICS) == ()


class TestWords:
    @pytest.mark.parametrize(
        ("key", "level"), [("origin", "note"), ("owner", "note"), ("minimum_n", "warning")]
    )
    def test_criterion_that_leaves_something_out_is_named(self, key, level) -> None:
        one = {"origin": "ours", "owner": "qa-lead", "minimum_n": 100}
        silent = standard({**one, key: 1 if key == "minimum_n" else ""})
        found = only(lint(silent, METRICS))
        assert (found.level, found.key) == (level, f"c0.{key}")

    def test_standard_without_hard_criteria_is_an_error(self) -> None:
        assert "never above hold" in only(lint(standard({"severity": "soft"}), METRICS)).sentence

    def test_rule_without_strata_is_a_warning(self) -> None:
        found = only(lint(standard({"by_rule": "every stratum passes"}), METRICS))
        assert found.key == "c0.by_rule"

    def test_contradiction_is_an_error(self) -> None:
        both = standard({"must_be": ">= 0.6"}, {"must_be": "within [0.1, 0.4]"})
        assert "no value can meet both" in lint(both, METRICS)[0].sentence

    def test_same_metric_on_other_questions_is_no_contradiction(self) -> None:
        both = standard(
            {"must_be": ">= 0.6", "question": "winner"},
            {"must_be": "<= 0.4", "question": "strength"},
        )
        assert not [one for one in lint(both, METRICS) if one.level == "error"]

    def test_empty_objective_is_noted(self) -> None:
        bare = parse({"standard": {"name": "s", "version": "1.0.0", "kind": "qa"}}, "test", METRICS)
        assert "standard.objective" in {one.key for one in lint(bare, METRICS)}


class TestCells:
    @pytest.mark.parametrize(
        ("cells", "level", "said"),
        [
            ([{"cell": {"t": "a"}, "share": 0.2}], "note", "is only aimed at"),
            (
                [{"cell": {"t": "a"}, "share": 0.2, "tolerance": 0.2}],
                "warning",
                "reaches down to nothing",
            ),
            (
                [
                    {"cell": {"t": one}, "share": 0.6, "tolerance": 0.05, "minimum_items": 1}
                    for one in "ab"
                ],
                "warning",
                "add up to 1.20",
            ),
        ],
    )
    def test_odd_share_is_named(self, cells, level, said) -> None:
        found = only(lint(standard({}, coverage=cells), METRICS))
        assert (found.level, said in found.sentence) == (level, True)

    def test_impossible_cell_of_an_unknown_attribute_is_a_warning(self) -> None:
        odd = standard({}, impossible=[{"cell": {"tsk": "a"}}])
        found = only(lint(odd, METRICS, FACTS))
        assert (found.level, found.key) == ("warning", "impossible.tsk")


class TestBatch:
    def test_standard_that_fits_is_silent(self) -> None:
        assert lint(standard({"question": "winner", "by": ["task"]}), METRICS, FACTS) == ()

    @pytest.mark.parametrize(
        ("more", "key", "said"),
        [
            ({"question": "winer"}, "c0.question", "did you mean 'winner'?"),
            ({"by": ["tsk"]}, "c0.by", "did you mean 'task'?"),
        ],
    )
    def test_name_the_batch_lacks_is_an_error(self, more, key, said) -> None:
        found = only(lint(standard(more), METRICS, FACTS))
        assert (found.level, found.key, said in found.sentence) == ("error", key, True)

    def test_other_kind_is_an_error(self) -> None:
        other = BatchFacts("qa", ("winner",), (), items=1_000)
        assert only(lint(standard({}), METRICS, other)).key == "standard.kind"

    def test_resolution_of_an_unknown_question_is_a_warning(self) -> None:
        one = standard({}, resolution={"winer": "majority"})
        assert only(lint(one, METRICS, FACTS)).key == "resolution.winer"

    def test_coverage_of_an_unknown_attribute_is_a_warning(self) -> None:
        one = standard({}, coverage=[{"cell": {"tone": "dry"}, "minimum_items": 5}])
        assert only(lint(one, METRICS, FACTS)).key == "coverage.tone"

    def test_errors_come_first(self) -> None:
        mixed = standard({"origin": ""}, {"must_be": ">= 2"})
        assert [one.level for one in lint(mixed, METRICS)] == ["error", "note"]


@pytest.mark.parametrize("kind", KINDS)
def test_shipped_standard_has_nothing_to_find(kind: str) -> None:
    assert lint(default(kind, METRICS), METRICS) == ()
