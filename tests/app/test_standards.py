"""Standards: what a file must hold, what is said when it does not, and its hash."""

import json
from pathlib import Path

import pytest

from app.catalog import METRICS
from app.standards import KINDS, Standard, default, load, parse
from queries.errors import InputError

SHIPPED_METRICS = {
    "krippendorff_alpha",
    "percent_agreement",
    "gwet_ac1",
    "gwet_ac2",
    "cohen_kappa",
    "fleiss_kappa",
    "brennan_prediger",
    "label_agreement",
    "mean_score",
    "aggregate_alpha",
    "model_decision_count",
}
SMALL = """
[standard]
name = "chat"
version = "1.3.0"
kind = "preference"
[[criterion]]
id = "winner-alpha"
metric = "krippendorff_alpha"
must_be = ">= 0.35"
severity = "hard"
"""
WHOLE = """
[standard]
name = "chat"
version = "1.3.0"
kind = "preference"
objective = "Chat preferences for DPO"
annotation_criteria = "guideline 4"
confidence = 0.9
[resolution]
winner = "majority"
[[criterion]]
id = "winner-alpha"
title = "Agreement"
metric = "krippendorff_alpha"
question = "winner"
options = { level = "nominal", ties = "exclude" }
must_be = ">= 0.35"
about = "annotators"
severity = "hard"
minimum_n = 100
by = ["task"]
by_rule = "every stratum passes"
origin = "calibrated"
owner = "qa-lead"
allow_unrepresentative = true
[[coverage]]
cell = { task = "coding", language = "de" }
minimum_items = 50
[costs]
bad_item = 4.0
false_reject = 9000
inspection = 1.5
delay_per_day = 300
"""


def read(folder: Path, text: str | bytes) -> Standard:
    path = folder / "my.toml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return load(path, METRICS)


def refusal(folder: Path, text: str | bytes) -> str:
    with pytest.raises(InputError) as caught:
        read(folder, text)
    return str(caught.value)


class TestLoad:
    def test_header_is_read(self, tmp_path: Path) -> None:
        standard = read(tmp_path, WHOLE)
        head = (standard.name, standard.version, standard.kind, standard.confidence)
        assert head == ("chat", "1.3.0", "preference", 0.9)

    def test_criterion_is_read_whole(self, tmp_path: Path) -> None:
        (one,) = read(tmp_path, WHOLE).criteria
        assert (one.options, one.about, one.by, one.by_rule, one.minimum_n) == (
            (("level", "nominal"), ("ties", "exclude")),
            "annotators",
            ("task",),
            "every stratum passes",
            100,
        )

    def test_bound_keeps_its_text(self, tmp_path: Path) -> None:
        assert read(tmp_path, SMALL).criteria[0].bound.text == ">= 0.35"

    def test_question_left_out_means_every_question(self, tmp_path: Path) -> None:
        assert read(tmp_path, SMALL).criteria[0].question is None

    def test_title_left_out_is_that_of_the_metric(self, tmp_path: Path) -> None:
        title = METRICS["krippendorff_alpha"].title
        assert read(tmp_path, SMALL).criteria[0].title == title

    def test_confidence_left_out_is_95_percent(self, tmp_path: Path) -> None:
        assert read(tmp_path, SMALL).confidence == 0.95

    def test_coverage_is_kept(self, tmp_path: Path) -> None:
        (target,) = read(tmp_path, WHOLE).coverage
        assert target.cell == (("language", "de"), ("task", "coding"))

    def test_costs_are_kept(self, tmp_path: Path) -> None:
        assert read(tmp_path, WHOLE).costs.inspection == 1.5

    def test_resolution_is_kept(self, tmp_path: Path) -> None:
        assert read(tmp_path, WHOLE).resolution == (("winner", "majority"),)

    def test_list_of_roles_reads_as_the_command_line_takes_it(self, tmp_path: Path) -> None:
        text = SMALL + 'options = { roles = ["expert", "human"] }\n'
        assert read(tmp_path, text).criteria[0].options == (("roles", "expert,human"),)

    def test_byte_order_mark_is_skipped(self, tmp_path: Path) -> None:
        assert read(tmp_path, b"\xef\xbb\xbf" + SMALL.encode()).name == "chat"


class TestRefusal:
    @pytest.mark.parametrize(
        ("old", "new", "said"),
        [
            ("severity", "severty", "unknown key 'severty'; did you mean 'severity'?"),
            ('"hard"', '"hrd"', "found \"hrd\"; did you mean 'hard'? Allowed: hard, soft"),
            ('"preference"', '"prefrence"', "did you mean 'preference'?"),
            ('"krippendorff_alpha"', '"kripendorf_alpha"', "did you mean 'krippendorff_alpha'?"),
            ('">= 0.35"', '"= 0.35"', "is refused"),
            ('">= 0.35"', '"at least 0.35"', 'allowed are ">= x"'),
            ('">= 0.35"', "0.35", "found 0.35; allowed is a text in quotes"),
            ('"1.3.0"', '"1.3"', "three numbers"),
            ('"winner-alpha"', '"winner alpha"', "letters, digits"),
            ("[standard]", "[standrd]", "did you mean 'standard'?"),
            ("[[criterion]]", "[criterion]", "write [[criterion]] in double brackets"),
            ('"1.3.0"', '"1.3.0"\nconfidence = 95', "allowed is at most 0.9999"),
            ('"1.3.0"', '"1.3.0"\nconfidence = nan', "allowed is a finite number"),
        ],
    )
    def test_fault_says_what_was_found_and_what_is_allowed(self, old, new, said, tmp_path) -> None:
        assert said in refusal(tmp_path, SMALL.replace(old, new))

    @pytest.mark.parametrize(
        ("line", "said"),
        [
            ("minimum_n = 0", "found 0; allowed is at least 1"),
            ('minimum_n = "100"', 'found "100"; allowed is a whole number'),
            ('by = "task"', "list in square brackets"),
            ('by_rule = "all pass"', "every stratum passes"),
            ('about = "anotators"', "did you mean 'annotators'?"),
            ('options = { level = "nominl" }', "did you mean 'nominal'?"),
            ('options = { levl = "nominal" }', "no option 'levl'; did you mean 'level'?"),
            ("options = { level = { a = 1 } }", "must be a text, a number"),
            ('options = { about = "process" }', "use the key about"),
            ("options = { confidence = 0.9 }", "use the key confidence in [standard]"),
            ("[costs]\ninspection = -1", "at least 0"),
            ("[costs]\ninspektion = 1", "did you mean 'inspection'?"),
            ('[resolution]\nwinner = "majorty"', "did you mean 'majority'?"),
            ("[[coverage]]\ncell = {}\nminimum_items = 5", "key cell"),
            (
                '[[coverage]]\ncell = { task = "a" }',
                "give minimum_items = a whole number",
            ),
        ],
    )
    def test_added_fault_says_what_is_allowed(self, line, said, tmp_path) -> None:
        assert said in refusal(tmp_path, f"{SMALL}{line}\n")

    def test_fault_names_file_criterion_and_key(self, tmp_path: Path) -> None:
        said = refusal(tmp_path, SMALL.replace('"hard"', '"hrd"'))
        assert f"{tmp_path / 'my.toml'}: [[criterion]] 1 ('winner-alpha'), key severity:" in said

    def test_faults_are_told_all_at_once(self, tmp_path: Path) -> None:
        broken = SMALL.replace('"hard"', '"hrd"').replace('"1.3.0"', '"one"')
        assert "has 2 faults: (1)" in refusal(tmp_path, broken)

    def test_missing_key_says_what_it_needs(self, tmp_path: Path) -> None:
        broken = SMALL.replace('must_be = ">= 0.35"\n', "")
        assert 'must_be: is missing; it needs ">= x"' in refusal(tmp_path, broken)

    def test_repeated_id_is_refused(self, tmp_path: Path) -> None:
        twice = SMALL + SMALL[SMALL.index("[[criterion]]") :]
        assert "id of an earlier criterion" in refusal(tmp_path, twice)

    def test_metric_that_says_nothing_about_annotators_is_refused(self, tmp_path: Path) -> None:
        text = SMALL.replace("krippendorff_alpha", "aggregate_alpha") + 'about = "annotators"\n'
        assert "aggregate_alpha says nothing about 'annotators'" in refusal(tmp_path, text)

    def test_broken_toml_gives_its_line(self, tmp_path: Path) -> None:
        assert "at line 3" in refusal(tmp_path, SMALL.replace('"chat"', "chat"))

    def test_other_encoding_is_refused(self, tmp_path: Path) -> None:
        assert "is not UTF-8" in refusal(tmp_path, SMALL.replace("chat", "für").encode("latin-1"))

    def test_empty_file_is_refused(self, tmp_path: Path) -> None:
        assert "[standard]: is missing" in refusal(tmp_path, "")

    def test_absent_file_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="no such file"):
            load(tmp_path / "none.toml", METRICS)

    def test_folder_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="cannot be read"):
            load(tmp_path, METRICS)

    def test_refusal_stays_on_one_line(self, tmp_path: Path) -> None:
        hostile = SMALL.replace('"hard"', '"""a\nb\u0007"""')
        assert refusal(tmp_path, hostile).isprintable()


class TestHash:
    def test_hash_ignores_comments_blanks_and_the_order_of_keys(self, tmp_path: Path) -> None:
        lines = SMALL.replace("[standard]", "[standard]  # ours").replace(" = ", "=").splitlines()
        lines[2], lines[3] = lines[3], lines[2]
        assert read(tmp_path, "\n".join(lines)).sha256 == read(tmp_path, SMALL).sha256

    def test_hash_ignores_how_a_number_is_written(self, tmp_path: Path) -> None:
        other = WHOLE.replace("9000", "9_000.0").replace("4.0", "4")
        assert read(tmp_path, other).sha256 == read(tmp_path, WHOLE).sha256

    @pytest.mark.parametrize(
        ("old", "new"), [("0.35", "0.34"), ("hard", "soft"), ("1.3.0", "1.3.1"), ("100", "101")]
    )
    def test_hash_sees_content(self, old, new, tmp_path) -> None:
        assert read(tmp_path, WHOLE.replace(old, new)).sha256 != read(tmp_path, WHOLE).sha256

    def test_canonical_text_reads_back_to_the_same_standard(self, tmp_path: Path) -> None:
        standard = read(tmp_path, WHOLE)
        assert parse(json.loads(standard.canonical), standard.source, METRICS) == standard


class TestDefaults:
    @pytest.mark.parametrize("kind", KINDS)
    def test_default_is_for_its_kind(self, kind: str) -> None:
        assert default(kind, METRICS).kind == kind

    @pytest.mark.parametrize("kind", KINDS)
    def test_default_has_a_hard_criterion(self, kind: str) -> None:
        assert "hard" in {one.severity for one in default(kind, METRICS).criteria}

    @pytest.mark.parametrize("kind", KINDS)
    def test_default_asks_every_question(self, kind: str) -> None:
        assert {one.question for one in default(kind, METRICS).criteria} == {None}

    @pytest.mark.parametrize("kind", KINDS)
    def test_default_keeps_to_stable_metrics(self, kind: str) -> None:
        assert {one.metric for one in default(kind, METRICS).criteria} <= SHIPPED_METRICS

    @pytest.mark.parametrize("kind", KINDS)
    def test_default_applies_to_every_level_of_measurement(self, kind: str) -> None:
        levels = [METRICS[one.metric].levels for one in default(kind, METRICS).criteria]
        assert all(len(each) == 6 for each in levels)

    @pytest.mark.parametrize("alpha", [0.2447, 0.4849])
    def test_default_for_preferences_lets_honest_raw_data_pass(self, alpha: float) -> None:
        """UKP ConvArg1 and MT-Bench human votes: one floor for all kinds would reject them."""
        (hard,) = [c for c in default("preference", METRICS).criteria if c.severity == "hard"]
        assert hard.bound.floor < alpha

    def test_unknown_kind_is_refused(self) -> None:
        with pytest.raises(InputError, match="did you mean 'reward'"):
            default("rewards", METRICS)
