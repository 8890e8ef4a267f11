"""Label Studio: what becomes of every field, and of everything that looks like an answer."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queries.errors import InputError
from queries.ingest.label_studio import FORMAT
from queries.ingest.shape import Sample
from tests.queries.ingest.shaping import Workbench

if TYPE_CHECKING:
    from tests.queries.ingest.conftest import Desk

MADE = Path(__file__).parent / "fixtures" / "label_studio"
REAL = Path(__file__).parents[4] / "shared" / "data" / "export_fixtures" / "label_studio"

# Field of the export -> table it goes to, or None where it is not kept.
FIELDS: dict[str, str | None] = {
    "id": "item",
    "data.*": "item_attribute",
    "annotations": "see",
    "predictions": "see",
    "drafts": "annotation",
    "meta": "item_attribute",
    "created_at": None,
    "updated_at": None,
    "inner_id": None,
    "total_annotations": None,
    "cancelled_annotations": None,
    "total_predictions": None,
    "project": None,
    "updated_by": None,
    "comment_count": None,
    "unresolved_comment_count": None,
    "file_upload": "item",
    "annotations.id": None,
    "annotations.completed_by": "annotation",
    "annotations.result": "annotation",
    "annotations.was_cancelled": "annotation",
    "annotations.ground_truth": "probe",
    "annotations.created_at": "annotation",
    "annotations.updated_at": "whether",
    "annotations.draft_created_at": None,
    "annotations.lead_time": "annotation",
    "annotations.last_action": "whether",
    "annotations.last_created_by": None,
    "annotations.updated_by": "annotation",
    "annotations.parent_annotation": "annotation",
    "annotations.parent_prediction": "annotation",
    "annotations.import_id": None,
    "annotations.bulk_created": "annotation",
    "annotations.state": None,
    "annotations.task": None,
    "annotations.project": None,
    "annotations.unique_id": None,
    "annotations.result.id": None,
    "annotations.result.from_name": "annotation",
    "annotations.result.to_name": None,
    "annotations.result.type": "question",
    "annotations.result.value": "annotation",
    "annotations.result.origin": "annotation",
    "annotations.result.score": None,
    "annotations.reviews.id": None,
    "annotations.reviews.annotation": None,
    "annotations.reviews.accepted": "review",
    "annotations.reviews.created_by": "review",
    "annotations.reviews.created_at": "review",
    "annotations.reviews.started_at": "review",
    "annotations.reviews.fixed_annotation_history": "review",
    "annotations.reviews.previous_annotation_history": None,
    "annotations.reviews.last_annotation_history": None,
    "annotations.reviews.reject_action": "review",
    "annotations.reviews.remove_from_queue": "review",
    "annotations.reviews.state": None,
    "annotations.reviews.result": None,
    "annotator": "JSON_MIN",
    "annotation_id": "JSON_MIN",
    "lead_time": "JSON_MIN",
}
ANSWER = ("item_id", "annotator_id", "question", "value", "status")


def result(name: str, kind: str, key: str, value: object, **more: Any) -> dict[str, Any]:
    return {"from_name": name, "to_name": "text", "type": kind, "value": {key: value}, **more}


def choice(*labels: str, name: str = "label") -> dict[str, Any]:
    return result(name, "choices", "choices", list(labels))


def annotation(by: object, *results: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": 1,
        "completed_by": by,
        "result": list(results),
        "was_cancelled": False,
        "ground_truth": False,
        "created_at": "2026-05-01T09:00:00Z",
        "updated_at": "2026-05-01T09:00:00Z",
        "lead_time": 7.5,
        **more,
    }


def task(*annotations: dict[str, Any], number: int = 1, **more: Any) -> dict[str, Any]:
    data = {"text": f"text {number}"} | more.pop("data", {})
    return {"id": number, "data": data, "annotations": list(annotations), **more}


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    return Workbench(FORMAT, tmp_path)


def reasons(losses: Any) -> str:
    return "; ".join(f"{loss.count} x {loss.reason}" for loss in losses)


@pytest.mark.parametrize("field", FIELDS)
def test_fields_have_a_line_that_says_where_they_go(field: str) -> None:
    lines = {name: where for names, where in FORMAT.fields.items() for name in names.split(", ")}
    goes = FIELDS[field]
    assert lines[field].startswith("not kept") if goes is None else goes in lines[field]


def test_one_choice_each_makes_a_nominal_question(bench: Workbench) -> None:
    shaped = bench.shape([task(annotation(1, choice("good")), annotation(2, choice("bad")))])
    assert [(each.name, each.scale) for each in shaped.questions] == [("label", "nominal")]
    assert bench.rows("annotation", "annotator_id", "value") == [("1", "good"), ("2", "bad")]


def test_several_choices_make_a_question_of_sets(bench: Workbench) -> None:
    shaped = bench.shape([task(annotation(1, choice("b", "a")), annotation(2, choice("b")))])
    assert shaped.questions[0].scale == "set"
    assert bench.rows("annotation", "value") == [('["a","b"]',), ('["b"]',)]


def test_taxonomy_path_is_one_label(bench: Workbench) -> None:
    path = result("skill", "taxonomy", "taxonomy", [["math", "sums/products"]])
    bench.shape([task(annotation(1, path))])
    assert bench.rows("annotation", "value") == [("math/sums%2Fproducts",)]


@pytest.mark.parametrize(
    ("said", "text", "level"),
    [
        (("rating", "rating", 4), "4", "ordinal"),
        (("number", "number", 2.5), "2.5", "interval"),
        (("pairwise", "selected", "left"), "left", "nominal"),
        (("textarea", "text", ["one", "two"]), "one\ntwo", "nominal"),
        (("ranker", "ranker", {"rank": ["y", "x"]}), '[["y"],["x"]]', "ranking"),
    ],
)
def test_controls_become_answers_of_their_level(
    bench: Workbench, said: tuple[str, str, object], text: str, level: str
) -> None:
    shaped = bench.shape([task(annotation(1, result("q", *said)))])
    assert shaped.questions[0].scale == level
    assert bench.rows("annotation", "question", "value") == [("q", text)]


def test_buckets_of_a_ranker_are_questions_of_their_own(bench: Workbench) -> None:
    ranked = result("r", "ranker", "ranker", {"good": ["a"], "bad": ["c", "b"], "_": ["d"]})
    bench.shape([task(annotation(1, ranked))])
    assert bench.rows("annotation", "question", "value") == [
        ("r/bad", '[["c"],["b"]]'),
        ("r/good", '[["a"]]'),
    ]


def test_to_name_may_be_a_list(bench: Workbench) -> None:
    pair = result("pw", "pairwise", "selected", "right") | {"to_name": ["left", "right"]}
    bench.shape([task(annotation(1, pair))])
    assert bench.rows("annotation", "value") == [("right",)]


def test_person_is_the_same_as_number_and_as_object(bench: Workbench) -> None:
    person = {"id": 7, "email": "ann@example.org", "first_name": "", "last_name": ""}
    bench.shape([task(annotation(7, choice("a"))), task(annotation(person, choice("a")), number=2)])
    assert bench.rows("annotation", "annotator_id") == [("7",)]


def test_cancelled_is_kept_as_skipped_without_an_answer(bench: Workbench) -> None:
    bench.shape([task(annotation(1, choice("a")), annotation(2, was_cancelled=True))])
    assert bench.rows("annotation", *ANSWER) == [
        ("1", "1", "label", "a", "submitted"),
        ("1", "2", "label", None, "skipped"),
    ]


def test_empty_result_of_a_comparison_is_no_tie(bench: Workbench) -> None:
    pair = result("pw", "pairwise", "selected", "left")
    shaped = bench.shape([task(annotation(1, pair), annotation(2))])
    assert ("1", "2", "pw", None, "skipped") in bench.rows("annotation", *ANSWER)
    assert "1 x submitted without any answer: a tie" in reasons(shaped.notes)
    assert shaped.questions[0].labels == ["left", "right"]


def test_comparison_left_out_beside_other_answers_is_counted(bench: Workbench) -> None:
    pair = result("pw", "pairwise", "selected", "left")
    shaped = bench.shape([task(annotation(1, pair, choice("a")), annotation(2, choice("a")))])
    assert "1 x no answer to 'pw' beside other answers: a tie" in reasons(shaped.notes)


def test_ground_truth_is_a_reference_and_an_experts_answer(bench: Workbench) -> None:
    bench.shape([task(annotation(1, choice("a"), ground_truth=True), annotation(2, choice("b")))])
    assert bench.rows("probe", "item_id", "question", "type", "expected") == [
        ("1", "label", "reference", "a")
    ]
    assert bench.rows("annotation", "annotator_id", "role") == [("1", "expert"), ("2", "human")]


def test_ground_truths_that_differ_expect_nothing(bench: Workbench) -> None:
    pair = (annotation(by, choice(label), ground_truth=True) for by, label in ((1, "a"), (2, "b")))
    shaped = bench.shape([task(*pair)])
    assert bench.rows("probe", "expected") == []
    assert "ground truths of one task differ" in reasons(shaped.notes)


def test_predictions_are_answers_of_a_model(bench: Workbench) -> None:
    predicted = {"id": 3, "model_version": "judge-1", "score": 0.5, "result": [choice("b")]}
    bench.shape([task(annotation(1, choice("a")), predictions=[predicted])])
    assert ("judge-1", "model", "b") in bench.rows("annotation", "annotator_id", "role", "value")
    assert bench.rows("signal", "type", "version", "value") == [("judge", "judge-1", "0.5")]


def test_predictions_by_number_are_told(bench: Workbench) -> None:
    shaped = bench.shape([task(annotation(1, choice("a")), predictions=[3])])
    assert "1 x predictions are there by number only" in reasons(shaped.notes)


def test_answer_from_a_prediction_is_marked_as_assisted(bench: Workbench) -> None:
    taken = choice("a") | {"origin": "prediction"}
    bench.shape([task(annotation(1, taken), annotation(2, choice("a"), parent_prediction=3))])
    assert bench.rows("annotation", "annotator_id", "assist") == [
        ("1", "prediction"),
        ("2", "prediction"),
    ]


def test_answer_from_an_annotation_is_not_blind(bench: Workbench) -> None:
    bench.shape([task(annotation(1, choice("a"), parent_annotation=9))])
    assert bench.rows("annotation", "assist", "blind") == [("annotation", "false")]


def test_draft_is_found_by_the_address_of_its_user(bench: Workbench) -> None:
    person = {"id": 7, "email": "ann@example.org"}
    draft = {"id": 4, "user": "ann@example.org", "result": [choice("b")], "lead_time": 2}
    bench.shape([task(annotation(person, choice("a")), drafts=[draft])])
    assert ("1", "7", "label", "b", "draft") in bench.rows("annotation", *ANSWER)


def test_second_annotation_of_one_person_is_a_further_round(bench: Workbench) -> None:
    later = annotation(1, choice("b"), created_at="2026-05-01T10:00:00Z")
    bench.shape([task(later, annotation(1, choice("a")))])
    assert bench.rows("annotation", "round", "value") == [("1", "a"), ("2", "b")]


def review(**more: Any) -> dict[str, Any]:
    return {"id": 5, "created_by": {"id": 9}, "created_at": "2026-05-02T09:00:00Z"} | more


def test_review_that_accepts_approves_the_answer(bench: Workbench) -> None:
    bench.shape([task(annotation(1, choice("a"), reviews=[review(accepted=True)]))])
    found = bench.rows(
        "review", "annotator_id", "reviewer_id", "decision", "value_before", "value_after", "blind"
    )
    assert found == [("1", "9", "approve", "a", "a", "false")]


def test_review_that_rejects_leaves_no_answer_after(bench: Workbench) -> None:
    rejected = review(accepted=False, reject_action="requeue")
    bench.shape([task(annotation(1, choice("a"), reviews=[rejected]))])
    assert bench.rows("review", "decision", "value_before", "value_after", "note") == [
        ("reject", "a", None, "then: requeue")
    ]


def test_answer_before_a_fix_is_the_annotators(bench: Workbench) -> None:
    fixed = review(
        accepted=True,
        fixed_annotation_history=8,
        previous_annotation_history_result=[choice("a")],
    )
    bench.shape([task(annotation(1, choice("b"), reviews=[fixed]))])
    assert bench.rows("annotation", "value", "status") == [("a", "submitted")]
    assert bench.rows("review", "decision", "value_before", "value_after") == [("revise", "a", "b")]


def test_history_tells_what_was_said_before_a_fix(bench: Workbench) -> None:
    states = [
        {"action": "submitted", "created_by": 1, "created_at": "1", "result": [choice("a")]},
        {"action": "fixed_and_accepted", "created_by": 9, "created_at": "2", "result": []},
    ]
    fixed = review(accepted=True, fixed_annotation_history=8)
    bench.shape([task(annotation(1, choice("b"), reviews=[fixed], history=states))])
    assert bench.rows("annotation", "value", "status") == [("a", "submitted")]


def test_fix_without_a_trace_is_not_counted_as_the_annotators(bench: Workbench) -> None:
    fixed = review(accepted=True, fixed_annotation_history=8)
    other = annotation(2, choice("b"))
    shaped = bench.shape([task(annotation(1, choice("b"), reviews=[fixed]), other)])
    assert ("1", "1", "label", "b", "discarded") in bench.rows("annotation", *ANSWER)
    assert bench.rows("review", "value_before", "value_after") == [(None, "b")]
    assert "1 x changed by somebody else" in reasons(shaped.notes)


def test_rework_after_a_rejection_is_not_the_first_answer(bench: Workbench) -> None:
    done = annotation(
        1, choice("b"), reviews=[review(accepted=False)], updated_at="2026-05-03T09:00:00Z"
    )
    bench.shape([task(done)])
    assert bench.rows("annotation", "status") == [("discarded",)]


def test_answer_somebody_else_changed_is_not_counted(bench: Workbench) -> None:
    bench.shape([task(annotation(1, choice("b"), updated_by=9), annotation(2, choice("b")))])
    assert bench.rows("annotation", "annotator_id", "status") == [
        ("1", "discarded"),
        ("2", "submitted"),
    ]


def test_regions_are_counted_and_not_kept(bench: Workbench) -> None:
    box = result("box", "rectanglelabels", "x", 4) | {"id": "r1"}
    shaped = bench.shape([task(annotation(1, choice("a"), box, box))])
    assert "2 x result of type 'rectanglelabels' is about a region" in reasons(shaped.dropped)
    assert not any(loss.fault for loss in shaped.dropped)
    assert bench.rows("annotation", "question") == [("label",)]


def test_choice_about_a_region_is_no_answer_about_the_task(bench: Workbench) -> None:
    inside = choice("a", name="per region")
    inside["value"] |= {"start": 0, "end": 4}
    bench.shape([task(annotation(1, choice("a"), inside))])
    assert bench.rows("annotation", "question") == [("label",)]


def test_data_become_prompt_responses_and_attributes(bench: Workbench) -> None:
    data = {
        "prompt": "Why?", "response_a": "A", "response_b": "B", "model_a": "m", "model_b": "n",
        "week": 3, "about": {"language": "de"}, "tags": ["x"], "empty": None,
    }  # fmt: skip
    bench.shape([task(annotation(1, choice("a")), data=data, meta={"source": "web"})])
    assert bench.rows("item", "prompt") == [("Why?",)]
    assert bench.rows("response", "response_id", "model", "text") == [
        ("a", "m", "A"),
        ("b", "n", "B"),
    ]
    assert bench.rows("item_attribute", "name", "value") == [
        ("about.language", "de"),
        ("data.week", "3"),
        ("meta.source", "web"),
        ("tags", '["x"]'),
        ("text", "text 1"),
    ]


def test_fields_nobody_knows_are_counted_with_their_place(bench: Workbench) -> None:
    odd = choice("a") | {"aura": 1}
    shaped = bench.shape([task(annotation(1, odd, mood=2), weather=3)])
    told = reasons(shaped.unknown)
    assert "'weather'" in told
    assert "'annotations.mood'" in told
    assert "'annotations.result.aura'" in told


def test_project_of_boxes_is_refused_with_what_is_in_it(bench: Workbench) -> None:
    box = result("box", "rectanglelabels", "x", 4)
    with pytest.raises(InputError, match=r"no answers in it: 1 x result of type 'rectanglelabels'"):
        bench.shape([task(annotation(1, box))])


def test_file_of_a_storage_target_is_refused_with_what_to_export(bench: Workbench) -> None:
    with pytest.raises(InputError, match="export the project as JSON"):
        bench.shape([{"id": 1, "result": [], "task": {"id": 2}, "completed_by": 1}])


def row(number: int, who: object, **more: Any) -> dict[str, Any]:
    """One row of JSON_MIN: data, id, answers, annotator ..."""
    answers = more.pop("answers")
    return {
        "text": f"text {number}", "topic": "cats", "id": number, **answers, "annotator": who,
        "annotation_id": 1, "created_at": "2026-05-01T09:00:00Z",
        "updated_at": "2026-05-01T09:00:00Z", "lead_time": 2,
    }  # fmt: skip


def test_rows_tell_answers_by_where_they_stand(bench: Workbench) -> None:
    shaped = bench.shape([row(1, 5, answers={"tone": "warm", "stars": [{"rating": 3}]})])
    assert bench.rows("annotation", "question", "value") == [("stars", "3"), ("tone", "warm")]
    assert bench.rows("item_attribute", "name") == [("topic",)]
    assert "export JSON instead" in reasons(shaped.notes)


def test_csv_tells_plain_answers_by_their_differing(bench: Workbench) -> None:
    rows = [row(1, who, answers={"tone": tone}) for who, tone in ((5, "warm"), (6, "cold"))]
    shaped = bench.shape(bench.csv(rows))
    assert bench.rows("annotation", "annotator_id", "value") == [("5", "warm"), ("6", "cold")]
    assert "taken for data: text, topic" in reasons(shaped.notes)


def test_csv_without_anything_that_differs_has_no_answers(bench: Workbench) -> None:
    with pytest.raises(InputError, match="no answers in it"):
        bench.shape(bench.csv([row(1, 5, answers={"tone": "warm"})]))


def test_csv_renames_data_that_is_called_like_a_control(bench: Workbench) -> None:
    bench.shape(bench.csv([row(1, 5, answers={"_data_tone": "x", "tone": "warm"})]))
    assert bench.rows("annotation", "question", "value") == [("tone", "warm")]


def test_task_without_an_annotation_stays_an_item(bench: Workbench) -> None:
    empty = row(2, "{}", answers={}) | {"annotation_id": None}
    bench.shape([row(1, 5, answers={"tone": "warm"}), empty])
    assert bench.rows("item", "item_id") == [("1",), ("2",)]
    assert bench.rows("annotation", "item_id") == [("1",)]


@pytest.mark.parametrize(
    "keys",
    [
        {"item_id", "annotator_id", "value", "created_at"},
        {"id", "text", "label"},
        {"id", "fields", "responses", "suggestions"},
        {"text", "_input_hash", "answer"},
    ],
)
def test_other_files_are_not_taken_for_label_studio(keys: set[str]) -> None:
    assert not FORMAT.recognises(Sample(("a.json",), frozenset(keys), ()))


def made(bench: Workbench, name: str) -> set[tuple[Any, ...]]:
    bench.shape(MADE / name)
    return set(bench.rows("annotation", *ANSWER))


def test_made_export_holds_the_planted_answers(bench: Workbench) -> None:
    answers = made(bench, "export.json")
    assert ("1", "2", "problems", '["off topic","too short"]', "submitted") in answers
    assert ("1", "2", "order", '[["t01-y"],["t01-z"],["t01-x"]]', "submitted") in answers
    assert ("3", "4", "better", None, "skipped") in answers
    assert ("9", "3", "verdict", "unusable", "skipped") in answers
    assert ("7", "3", "better", None, "skipped") in answers
    assert ("8", "4", "verdict", "needs work", "discarded") in answers


def test_made_snapshot_has_the_same_answers_and_more(bench: Workbench) -> None:
    answers = made(bench, "export.json")
    more = made(bench, "snapshot_completed_by_object.json") - answers
    assert {(who, status) for _, who, _, _, status in more} == {
        ("judge-small-0.1", "submitted"),
        ("judge-small-0.2", "submitted"),
        ("3", "draft"),
    }
    assert ("5", "2", "better", "right", "draft") in answers


def test_made_tables_lack_only_what_they_are_said_to_lack(bench: Workbench) -> None:
    whole = made(bench, "export.json")
    for name in ("export_min.json", "export.csv", "export.tsv"):
        answers = made(bench, name)
        cancelled = {each for each in whole if each[:2] in {("3", "4"), ("9", "3")}}
        changed = {each for each in whole if each[4] == "discarded"}
        drafts = {each for each in whole if each[4] == "draft"}
        assert whole - answers == cancelled | changed | drafts
        assert answers - whole == {(*each[:4], "submitted") for each in changed}


def test_made_export_imports_whole(desk: "Desk") -> None:
    report = desk.take(MADE / "export.json", None, kind=None)
    assert report.format == "label-studio"
    assert (report.read, report.kept, report.dropped) == (180, 180, ())
    assert desk.rows("question", "name", "level", "declared")[0] == ("better", "nominal", True)


def test_tables_have_one_digest_whatever_their_form(store_desk: "Desk") -> None:
    names = ("export_min.json", "export.csv", "export.tsv")
    reports = [store_desk.take(MADE / name, None, kind=None, batch=name) for name in names]
    assert len({report.digest for report in reports}) == 1


@pytest.mark.parametrize(
    "name", ["csv_test2.json", "csv_test_colliding_keys.json", "csv_test_history.json"]
)
@pytest.mark.skipif(not REAL.exists(), reason="needs the shared folder of real exports")
def test_real_exports_with_choices_import(desk: "Desk", name: str) -> None:
    report = desk.take(REAL / name, None, kind="qa")
    assert report.format == "label-studio"
    assert (report.read, report.kept, report.dropped) == (1, 1, ())


@pytest.mark.parametrize("name", ["chat_data", "csv_test", "data", "data_repeater"])
@pytest.mark.skipif(not REAL.exists(), reason="needs the shared folder of real exports")
def test_real_exports_without_judgements_are_refused(
    refused: Callable[..., str], name: str
) -> None:
    assert "no answers in it" in refused(REAL / f"{name}.json", None, kind="qa")


labels = st.lists(st.text(min_size=1).filter(lambda text: text.strip()), min_size=1, max_size=3)


@given(st.lists(st.tuples(st.integers(1, 5), labels), min_size=1, max_size=6))
def test_every_annotation_gives_one_answer(
    tmp_path_factory: pytest.TempPathFactory, said: list[tuple[int, list[str]]]
) -> None:
    bench = Workbench(FORMAT, tmp_path_factory.mktemp("bench"))
    tasks = [
        task(annotation(who, choice(*labels)), number=place)
        for place, (who, labels) in enumerate(said)
    ]
    bench.shape(tasks)
    found = bench.ask("select cast(item_id as integer), value from shaped_annotation order by all")
    is_set = any(len(set(labels)) > 1 for _, labels in said)
    for (_, labels), (_, value) in zip(said, found, strict=True):
        assert (set(json.loads(value)) == set(labels)) if is_set else value == labels[0]
