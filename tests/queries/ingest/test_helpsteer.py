"""HelpSteer: seats for raters, the -100 sentinel, raw against filtered preferences."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from queries.errors import InputError
from queries.ingest.helpsteer import FORMAT
from queries.ingest.shape import Sample
from tests.queries.ingest.shaping import Workbench

if TYPE_CHECKING:
    from tests.queries.ingest.conftest import Desk

ASPECTS = ("helpfulness", "correctness", "coherence", "complexity", "verbosity")
FIELDS = {
    "prompt": "item.prompt",
    "context": "item.prompt",
    "response": "response.text",
    "response_1": "response.text (a)",
    "response1": "response.text (a)",
    "response_2": "response.text (b)",
    "response2": "response.text (b)",
    **dict.fromkeys(ASPECTS, "annotation.value"),
    "preference_strength": "resolution.value",
    "overall_preference": "resolution.value",
    "all_preferences_unprocessed": "annotation",
    "individual_preference": "annotation",
    "strength": "annotation.value",
    "score": "annotation.value",
    "justification": "annotation.note",
    "statement": "annotation.note",
    "elaboration": "annotation.note",
    "reasoning": "annotation.note",
    "feedback1": "annotation.note",
    "feedback2": "annotation.note",
    "three_most_similar_preferences": "not kept",
    "preference_statement": "item_attribute",
    "preference_elaboration": "item_attribute",
    "split": "item_attribute",
    "domain": "item_attribute",
    "language": "item_attribute",
}


def rating(**changes: Any) -> dict[str, Any]:
    """Return a row of the rating files."""
    return {"prompt": "ask", "response": "yes", **dict.fromkeys(ASPECTS, 3), **changes}


def preference(*strengths: object, **changes: Any) -> dict[str, Any]:
    """Return a row of the HelpSteer2 preference file with these raw strengths."""
    raw = [{"strength": each, "justification": f"because {each}"} for each in strengths]
    return {
        "split": "train",
        "prompt": "ask",
        "response_1": "one",
        "response_2": "two",
        "preference_strength": -2,
        "three_most_similar_preferences": [{"strength": -2, "statement": "s"}] * 3,
        "all_preferences_unprocessed": raw,
        **changes,
    }


def third(**changes: Any) -> dict[str, Any]:
    """Return a row of the HelpSteer3 preference file."""
    return {
        "domain": "code",
        "language": "python",
        "context": [
            {"role": "user", "content": "ask"},
            {"role": "assistant", "content": "what?"},
            {"role": "user", "content": "this"},
        ],
        "response1": "one",
        "response2": "two",
        "overall_preference": 1,
        "individual_preference": [{"score": 0, "reasoning": "same", "feedback1": "good"}],
        **changes,
    }


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    return Workbench(FORMAT, tmp_path)


def test_helpsteer_fields_are_all_documented() -> None:
    assert set(FORMAT.fields) == set(FIELDS)
    assert [name for name in FIELDS if FIELDS[name] not in FORMAT.fields[name]] == []


def test_ratings_of_a_prompt_are_one_group(bench: Workbench) -> None:
    bench.shape([rating(), rating(response="no")])
    assert len(bench.rows("item", "item_id")) == 2
    assert len(bench.rows("item", "group_id")) == 1
    assert bench.rows("response", "response_id", "text") == [("a", "no"), ("a", "yes")]


def test_rating_is_five_ordinal_answers_of_a_seat(bench: Workbench) -> None:
    shaped = bench.shape([rating(verbosity=0)])
    assert bench.rows("annotation", "question", "annotator_id", "value") == [
        ("coherence", "seat 1", "3"),
        ("complexity", "seat 1", "3"),
        ("correctness", "seat 1", "3"),
        ("helpfulness", "seat 1", "3"),
        ("verbosity", "seat 1", "0"),
    ]
    assert {(each.level, tuple(each.labels or ())) for each in shaped.questions} == {
        ("ordinal", ("0", "1", "2", "3", "4"))
    }
    assert shaped.kind == "reward"


def test_single_ratings_say_that_agreement_cannot_be_measured(bench: Workbench) -> None:
    shaped = bench.shape([rating()])
    assert [(loss.code, loss.count) for loss in shaped.notes] == [("seats", 1)]
    assert "agreement cannot be measured" in shaped.notes[0].reason


def test_lists_of_scores_are_seats(bench: Workbench) -> None:
    bench.shape([rating(**{name: [0, 4] for name in ASPECTS})])
    assert bench.ask(
        "select annotator_id, value from shaped_annotation where question = 'coherence' order by 1"
    ) == [("seat 1", "0"), ("seat 2", "4")]
    assert bench.rows("person", "annotator_id", "tier") == [("seat 1", "seat"), ("seat 2", "seat")]


def test_rating_beside_its_list_is_a_resolution(bench: Workbench) -> None:
    bench.shape([rating(), rating(**{name: [2, 4] for name in ASPECTS})])
    assert bench.ask("select count(*) from shaped_annotation") == [(10,)]
    assert {value for (value,) in bench.rows("resolution", "value")} == {"3"}


def test_preference_reads_the_raw_list(bench: Workbench) -> None:
    shaped = bench.shape([preference(-3, 1)])
    assert bench.rows("annotation", "annotator_id", "value", "strength", "note") == [
        ("seat 1", "-3", "3", "because -3"),
        ("seat 2", "1", "1", "because 1"),
    ]
    assert shaped.kind == "preference"
    assert shaped.questions[0].labels == ["-3", "-2", "-1", "0", "1", "2", "3"]
    assert shaped.questions[0].ties == ["0"]


def test_published_preference_is_a_resolution(bench: Workbench) -> None:
    bench.shape([preference(-3, -1)])
    assert bench.rows("resolution", "question", "value") == [("preference", "-2")]


def test_minus_100_is_no_answer_and_counted(bench: Workbench) -> None:
    shaped = bench.shape([preference(-1, -100, -100)])
    assert bench.rows("annotation", "annotator_id", "value", "status", "reason_tags") == [
        ("seat 1", "-1", "submitted", None),
        ("seat 2", None, "skipped", '["neither"]'),
        ("seat 3", None, "skipped", '["neither"]'),
    ]
    assert [(loss.count, loss.fault) for loss in shaped.coerced] == [(2, False)]


def test_preference_without_the_raw_list_is_one_seat(bench: Workbench) -> None:
    record = preference()
    del record["all_preferences_unprocessed"]
    shaped = bench.shape([record])
    assert bench.rows("annotation", "annotator_id", "value") == [("seat 1", "-2")]
    assert bench.rows("resolution", "value") == []
    assert "agreement cannot be measured" in shaped.notes[0].reason


def test_raw_list_that_is_no_list_is_told(bench: Workbench) -> None:
    shaped = bench.shape([preference(all_preferences_unprocessed="[{'strength': 1}]")])
    assert bench.rows("annotation", "annotator_id", "value") == [("seat 1", "-2")]
    assert [loss.code for loss in shaped.coerced] == ["unreadable"]


@pytest.mark.parametrize("key", ["score", "overall_preference", "strength"])
def test_third_accepts_the_spellings_of_a_rater_s_score(bench: Workbench, key: str) -> None:
    bench.shape([third(individual_preference=[{key: -1}])])
    assert bench.rows("annotation", "annotator_id", "value") == [("seat 1", "-1")]


def test_third_keeps_ties_and_reasons(bench: Workbench) -> None:
    bench.shape([third()])
    assert bench.rows("annotation", "value", "note") == [("0", "same\ngood")]


def test_third_prompt_is_the_whole_conversation(bench: Workbench) -> None:
    bench.shape([third(), third(context=[{"role": "user", "content": "ask"}])])
    assert bench.rows("item", "prompt") == [
        (
            '[{"role":"user","content":"ask"},{"role":"assistant","content":"what?"},'
            '{"role":"user","content":"this"}]',
        ),
        ("ask",),
    ]


def test_third_domain_and_language_are_attributes(bench: Workbench) -> None:
    bench.shape([third()])
    assert bench.rows("item_attribute", "name", "value") == [
        ("domain", "code"),
        ("language", "python"),
    ]


def test_both_kinds_in_one_import_are_refused(bench: Workbench) -> None:
    with pytest.raises(InputError, match="1 preferences and 1 ratings; a batch has one kind"):
        bench.shape([preference(1), rating()])


def test_subset_without_scores_is_refused(bench: Workbench) -> None:
    with pytest.raises(InputError, match="no ratings and no preferences"):
        bench.shape([{"context": [], "response": "r", "feedback": ["good"]}])


def test_record_without_responses_is_dropped(bench: Workbench) -> None:
    shaped = bench.shape([rating(), {"prompt": "ask", "helpfulness": 1}])
    assert [(loss.code, loss.count, loss.examples[0].record) for loss in shaped.dropped] == [
        ("missing_field", 1, 2)
    ]


def test_unknown_fields_of_raters_are_counted(bench: Workbench) -> None:
    record = third(individual_preference=[{"score": 1, "mood": "good"}], extra=1)
    assert [loss.reason for loss in bench.shape([record]).unknown] == [
        "field 'extra' is not known to this format",
        "field 'preference.mood' is not known to this format",
    ]


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from([-100, -3, -2, -1, 0, 1, 2, 3]), max_size=6))
def test_every_raw_preference_is_one_row(bench: Workbench, strengths: list[int]) -> None:
    bench.shape([preference(*strengths)])
    assert bench.rows("annotation", "annotator_id", "value") == [
        (f"seat {place}", None if each == -100 else str(each))
        for place, each in enumerate(strengths, 1)
    ]


@pytest.mark.parametrize("record", [rating(), preference(1), third()])
def test_helpsteer_recognises_its_exports(record: dict[str, Any]) -> None:
    assert FORMAT.recognises(Sample(("x",), frozenset(record), (record,)))


@pytest.mark.parametrize(
    "keys",
    [
        {"item_id", "annotator_id", "value", "prompt", "response", *ASPECTS},
        {"prompt", "chosen", "rejected"},
        {"prompt", "response", "helpfulness"},
    ],
)
def test_helpsteer_leaves_other_records_alone(keys: set[str]) -> None:
    assert not FORMAT.recognises(Sample(("x",), frozenset(keys), ()))


def test_preferences_import_with_skipped_answers_kept(desk: "Desk", bench: Workbench) -> None:
    export = bench.jsonl([preference(-1, -100, 2), third()])
    report = desk.take(export, None, kind="preference")
    assert (report.format, report.items, report.read, report.kept) == ("helpsteer", 2, 4, 4)
    assert desk.rows("annotation", "status", "value") == [
        ("skipped", None),
        ("submitted", "-1"),
        ("submitted", "0"),
        ("submitted", "2"),
    ]


def test_ratings_import_with_every_score(desk: "Desk", bench: Workbench) -> None:
    export = bench.jsonl([rating(), rating(response="no", **{name: [1, 2] for name in ASPECTS})])
    report = desk.take(export, None, kind="reward")
    assert (report.format, report.items, report.read, report.kept) == ("helpsteer", 2, 15, 15)
