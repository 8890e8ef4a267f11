"""The sample files are what the generator says, and hold what PLANTED.toml says was planted."""

import csv
import io
import json
import tomllib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal

import krippendorff
import numpy as np
import pytest

from queries.ingest.mapping_file import read_mapping
from sample_data import BATCHES, SampleBatch, folder
from sample_data.chance import Chance
from sample_data.generate import contents
from sample_data.preference_batches import PRIORITY
from sample_data.preferences import judgements
from sample_data.scenes import scenes
from sample_data.writing import read, write

MEGABYTE = 1_000_000
PLANTS = tomllib.loads((folder() / "PLANTED.toml").read_text(encoding="utf-8"))["plant"]
Rows = list[dict[str, Any]]
Level = Literal["nominal", "ordinal", "interval"]


@dataclass(frozen=True)
class Column:
    """Where the answers to a question stand in the raw files."""

    item: tuple[str, ...]
    value: str
    person: str
    level: Level = "nominal"
    order: tuple[str, ...] = ()


FIVE = ("1", "2", "3", "4", "5")
WINNER = Column(("item_id",), "winner", "annotator")
COLUMNS: Mapping[tuple[str, str], Column] = {
    ("preference-accepted", "winner"): Column(("id",), "judgement.winner", "annotator.id"),
    ("preference-accepted", "tone"): Column(("id",), "judgement.tone", "annotator.id"),
    ("preference-rejected", "winner"): WINNER,
    ("preference-easy-overlap", "winner"): WINNER,
    ("sft-boundaries", "usable"): Column(("sample",), "usable", "checker"),
    **{
        (batch, question): Column(("sample",), question, "checker")
        for batch in ("sft-isolation", "sft-polished", "sft-copied")
        for question in ("correct", "safe", "style")
    },
    ("support-intents", "intent"): Column(("message_id",), "intent", "annotator"),
    ("safety-screening", "harmful"): Column(("answer_id",), "harmful", "screener"),
    ("ranking-candidates", "best"): Column(("group",), "best", "ranker"),
    ("reward-steps", "step_label"): Column(
        ("trace", "step"), "step_label", "judge", "ordinal", ("bad", "neutral", "good")
    ),
    ("reward-scores", "score"): Column(
        ("answer_id",), "score", "scorer", "interval", tuple(str(score) for score in range(101))
    ),
    **{
        ("sft-demonstrations", name): Column(
            ("sample",), f"quality.{name}", "reviewer.id", "ordinal", FIVE
        )
        for name in ("response_correctness", "boundary_safety", "style_appropriateness")
    },
}


def batch_named(batch_id: str) -> SampleBatch:
    return next(batch for batch in BATCHES if batch.batch_id == batch_id)


@cache
def records(name: str) -> Rows:
    """Return the records of a sample file, nested fields with dotted names."""
    text = read(folder() / name)
    if ".jsonl" in name:
        return [flattened(json.loads(line)) for line in text.splitlines()]
    rows = list(csv.DictReader(io.StringIO(text), delimiter="\t" if ".tsv" in name else ","))
    return lengthened(rows) if name == "reward-scores.csv" else rows


def lengthened(rows: Rows) -> Rows:
    """Return one row a score of the wide table."""
    return [
        {"answer_id": row["answer_id"], "scorer": name, "score": value}
        for row in rows
        for name, value in row.items()
        if name.startswith("ann_") and value
    ]


def flattened(record: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in record.items():
        if isinstance(value, dict):
            flat.update(flattened(value, f"{prefix}{name}."))
        else:
            flat[prefix + name] = value
    return flat


def counts(rows: Rows, column: Column) -> np.ndarray:
    """Return labels given by item: shape (items, labels)."""
    given: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for row in rows:
        given[tuple(row[name] for name in column.item)].append(str(row[column.value]))
    labels = column.order or sorted({label for item in given.values() for label in item})
    return np.array([[item.count(label) for label in labels] for item in given.values()])


def alpha(table: np.ndarray, level: Level) -> float:
    """Return the package's alpha; a column of `table` is a label, in order, or a whole score."""
    return float(
        krippendorff.alpha(
            value_counts=table, level_of_measurement=level, value_domain=range(table.shape[1])
        )
    )


def expectations(finding: str) -> list[tuple[str, dict[str, Any]]]:
    """Return (batch, expectation) for every planted expectation of one kind of finding."""
    return [
        (plant["batch"], expected)
        for plant in PLANTS
        for expected in plant["expect"]
        if expected["finding"] == finding
    ]


def planted_alphas() -> list[tuple[str, dict[str, Any]]]:
    """Return what can be recomputed from the raw files without the product."""
    return [
        (batch_id, expected)
        for batch_id, expected in expectations("estimate")
        if expected["metric"] == "krippendorff_alpha"
        and "value" in expected
        and (batch_id, expected["question"]) in COLUMNS
        and not {"slice", "options"} & set(expected)
    ]


def case_name(case: object) -> str:
    if isinstance(case, str):
        return case
    assert isinstance(case, dict)
    without = "-without-" + case["without"][0] if "without" in case else ""
    return str(case["question"]) + without


@pytest.mark.parametrize(("batch_id", "expected"), planted_alphas(), ids=case_name)
def test_files_hold_the_planted_agreement(batch_id: str, expected: dict[str, Any]) -> None:
    column = COLUMNS[batch_id, expected["question"]]
    left_out = expected.get("without", [])
    rows = [
        row
        for name in batch_named(batch_id).files
        for row in records(name)
        if row[column.person] not in left_out
    ]
    low, high = expected["value"]
    assert low <= alpha(counts(rows, column), column.level) <= high


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    return contents()


def test_generator_writes_exactly_the_files_that_are_there(made: dict[str, str]) -> None:
    assert {name: read(folder() / name) for name in made} == made


def test_generator_makes_every_file_of_the_batches(made: dict[str, str]) -> None:
    named = {name for batch in BATCHES for name in batch.files}
    named |= {name for batch in BATCHES for part in batch.additions for name in part.files}
    assert set(made) == named


def test_writing_leaves_equal_content_untouched(tmp_path: Any) -> None:
    """Another compression library may pack the same text into other bytes."""
    path = tmp_path / "a.csv.gz"
    write(path, "x\n1\n")
    before = path.stat().st_mtime_ns
    write(path, "x\n1\n")
    assert path.stat().st_mtime_ns == before


def test_folder_stays_small() -> None:
    sizes = (path.stat().st_size for path in folder().rglob("*") if "__pycache__" not in path.parts)
    assert sum(sizes) < 3 * MEGABYTE


def test_batches_cover_every_kind() -> None:
    assert {batch.kind for batch in BATCHES} == {"sft", "preference", "ranking", "reward", "qa"}


def test_batch_ids_are_different() -> None:
    assert len({batch.batch_id for batch in BATCHES}) == len(BATCHES)


@pytest.mark.parametrize("batch", BATCHES, ids=lambda batch: batch.batch_id)
def test_mapping_says_the_kind_of_its_batch(batch: SampleBatch) -> None:
    assert read_mapping(folder() / batch.mapping).mapping.kind == batch.kind


@pytest.mark.parametrize("batch", BATCHES, ids=lambda batch: batch.batch_id)
def test_every_batch_has_a_line_in_what_was_planted(batch: SampleBatch) -> None:
    assert batch.batch_id in {plant["batch"] for plant in PLANTS}


@pytest.mark.parametrize("batch", BATCHES, ids=lambda batch: batch.batch_id)
def test_every_batch_has_a_line_in_the_readme(batch: SampleBatch) -> None:
    assert f"| {batch.batch_id} | {batch.kind} |" in (folder() / "README.md").read_text("utf-8")


def test_no_slot_is_left_unfilled(made: dict[str, str]) -> None:
    slots = {f"<{part}>" for scene in scenes() for name in scene.slots for part in name.split("|")}
    whole = "".join(made.values())
    assert [slot for slot in slots if slot in whole] == []


@pytest.mark.parametrize(
    ("name", "prompt", "item"),
    [
        ("preference-accepted.jsonl.gz", "data.prompt", "data.prompt_id"),
        ("preference-rejected.csv.gz", "prompt", "prompt_id"),
        ("support-intents.csv", "message", "message_id"),
        ("safety-screening.csv.gz", "prompt", "answer_id"),
        ("qa-inspection.tsv.gz", "prompt", "draft_id"),
    ],
)
def test_prompts_of_a_batch_are_all_different(name: str, prompt: str, item: str) -> None:
    rows = records(name)
    assert len({row[prompt] for row in rows}) == len({row[item] for row in rows})


def test_careless_annotator_is_much_faster_than_the_others() -> None:
    ((_, expected),) = expectations("pace")
    rows = records("support-intents.csv")

    def median(people: Sequence[dict[str, Any]]) -> float:
        return float(np.median([float(row["seconds"]) for row in people]))

    own = [row for row in rows if row["annotator"] == expected["annotator_id"]]
    others = [row for row in rows if row["annotator"] != expected["annotator_id"]]
    assert median(own) / median(others) < expected["at_most"]


def test_severe_scorer_is_below_the_others_on_the_same_answers() -> None:
    ((_, expected),) = expectations("shift")
    scores: dict[str, dict[str, float]] = defaultdict(dict)
    for row in records("reward-scores.csv"):
        scores[row["answer_id"]][row["scorer"]] = float(row["score"])
    shifts = [
        given.pop(expected["annotator_id"]) - np.mean(list(given.values()))
        for given in scores.values()
        if expected["annotator_id"] in given
    ]
    low, high = expected["value"]
    assert low <= np.mean(shifts) <= high


@pytest.mark.parametrize(
    "expected",
    [expected for _, expected in expectations("probe")],
    ids=lambda expected: str(expected["annotator_id"]),
)
def test_inspector_does_on_traps_what_was_planted(expected: dict[str, Any]) -> None:
    hits = [
        row["decision"] == row["key"]
        for row in records("qa-inspection.tsv.gz")
        if row["probe"] == expected["type"]
        and row["inspector"] == expected["annotator_id"]
        and row["round"] == "1"
    ]
    low, high = expected["value"]
    assert low <= np.mean(hits) <= high


def test_one_label_dominates_the_screening() -> None:
    rows = records("safety-screening.csv.gz")
    assert 0.95 <= np.mean([row["harmful"] == "no" for row in rows]) <= 0.97


def test_second_judgements_went_to_easy_prompts_only() -> None:
    given: dict[str, list[str]] = defaultdict(list)
    for row in records("preference-easy-overlap.csv.gz"):
        given[row["item_id"]].append(row["difficulty"])
    assert {levels[0] for levels in given.values() if len(levels) > 1} == {"easy"}


def test_overlap_on_all_items_would_have_shown_less_agreement() -> None:
    plan = replace(PRIORITY, raters=lambda _pair, _chance: 2)
    rows = [
        {"item_id": given.pair.item_id, "winner": given.choice.winner} for given in judgements(plan)
    ]
    assert alpha(counts(rows, WINNER), "nominal") == pytest.approx(0.45, abs=0.05)


def test_draws_do_not_depend_on_other_draws() -> None:
    first, second = Chance("a", 1), Chance("a", 2)
    second.uniform()
    assert first.uniform() == Chance("a", 1).uniform()
