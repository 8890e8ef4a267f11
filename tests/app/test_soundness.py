"""Texts from file to verdict: what is told of responses, copies and topics."""

import csv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from scipy import stats

from app.audit import audit, standard_of
from app.catalog.soundness import SOUNDNESS
from app.intake import bring_in
from app.measure import measure
from metrics.estimates import Estimate
from queries.scope import Scope, Viewer
from queries.store import Store

OWNER = Viewer.owner()
MAPPING = """
kind = "sft"
[columns]
item_id = "item"
prompt = "prompt"
text = "response"
risk_level = "risk"
annotator_id = "who"
[attributes]
refusal_strategy = "strategy"
output_format = "form"
difficulty = "difficulty"
[[question]]
name = "good"
column = "good"
level = "ordinal"
labels = [1, 2, 3, 4, 5]
[[question]]
name = "safe"
column = "safe"
level = "ordinal"
labels = [1, 2, 3, 4, 5]
"""
COLUMNS = (
    *("item", "prompt", "response", "risk", "who", "strategy", "form", "difficulty"),
    *("good", "safe"),
)
Put = Callable[..., Store]


def row(number: int, **values: object) -> dict[str, object]:
    """Return one item; what is not given is harmless."""
    plain = {
        "item": f"i{number:04d}",
        "prompt": f"prompt number {number} about topic {number * 7919 % 101}",
        "response": f"response {number} with words",
        "risk": "low",
        "who": "a",
        "strategy": "",
        "form": "",
        "difficulty": "",
        "good": 4,
        "safe": 4,
    }
    return {**plain, **values}


@pytest.fixture
def put(tmp_path: Path) -> Put:
    """Import rows as a batch into one store."""

    def imported(rows: Sequence[dict[str, object]], batch: str = "b1", **facts: str) -> Store:
        path = tmp_path / f"{batch}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows(rows)
        (tmp_path / "m.toml").write_text(MAPPING)
        bring_in(
            tmp_path / "store",
            [path],
            batch_id=batch,
            mapping=tmp_path / "m.toml",
            settings=facts,
        )
        return Store.open(tmp_path / "store")

    return imported


def estimate(store: Store, metric: str, batch: str = "b1", **options: str) -> Estimate:
    """Return the overall estimate of a metric."""
    info = store.batch(batch, OWNER)
    return measure(store, info, metric, viewer=OWNER, options=options)[0].estimate


def table(store: Store, name: str, **asked: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = store.fetch(name, Scope("b1", viewer=OWNER), **asked).to_pylist()
    return rows


@pytest.mark.parametrize(
    ("form", "response", "code"),
    [
        ("json", '{"a": 1}', ""),
        ("json", '```json\n{"a": 1}\n```', ""),
        ("json", 'Here it is: {"a": 1}', "json_extra_text"),
        ("json", '{"a": 1', "json_invalid"),
        ("json", "12", "json_not_object"),
        ("code", "```python\nprint(1)", "fence_unclosed"),
        ("code", "```python\nprint(1)\n```", ""),
        ("table", "| a | b |\n| - | - |\n| 1 | 2 |", ""),
        ("table", "| a | b |\n| - | - |\n| 1 |", "table_ragged"),
        ("table", "a and b", "table_missing"),
        ("list", "- one\n- two", ""),
        ("list", "one and two", "list_missing"),
    ],
)
def test_form_has_its_machine_code(put: Put, form: str, response: str, code: str) -> None:
    store = put([row(1, form=form, response=response)])
    assert [each["code"] for each in table(store, "format_counts")] == [code]


@pytest.mark.parametrize(
    ("response", "tone"),
    [
        ("I'm sorry, but I can't help with that.", "apology"),
        ("As an AI, I cannot do that.", "policy"),
        ("I cannot tell you this.", "inability"),
        ("I will not write this.", "decision"),
        ("Das kann ich dir nicht sagen.", "inability"),
        ("I am sorry to hear that. Here is what helps.", ""),
        ("Of course.", ""),
    ],
)
def test_refusal_is_told_by_its_words(put: Put, response: str, tone: str) -> None:
    (found,) = table(put([row(1, response=response)]), "refusal_counts")
    assert (found["tone"], found["refuses"]) == (tone, int(bool(tone)))


def test_attribute_counts_before_words(put: Put) -> None:
    rows = [row(1, strategy="answer", response="I cannot say it better: yes.")]
    assert estimate(put(rows), "over_refusal_share").value == 0.0


def test_care_at_high_risk_is_no_under_refusal(put: Put) -> None:
    rows = [
        row(1, risk="high", strategy="answer"),
        row(2, risk="high", strategy="answer_with_care"),
        row(3, risk="high", strategy="refuse"),
    ]
    found = estimate(put(rows), "under_refusal_share")
    assert (found.value, found.n) == (pytest.approx(1 / 3), 3)


def test_opening_is_counted_without_case_and_punctuation(put: Put) -> None:
    rows = [row(1, response="Sure! Here it is: 1"), row(2, response="sure, here it is 2"), row(3)]
    assert estimate(put(rows), "boilerplate_share").value == pytest.approx(2 / 3)


def test_hidden_dimension_is_counted(put: Put) -> None:
    rows = [row(1, good=5, safe=2), row(2, good=5, safe=5), row(3, good=1, safe=1)]
    found = estimate(put(rows), "rubric_masked_share")
    assert (found.value, found.n) == (0.5, 2)


def test_correlation_is_spearman_with_ties(put: Put) -> None:
    lengths = [3, 9, 4, 4, 12, 7, 1, 9, 30, 2, 5, 6]
    levels = ["easy", "hard", "easy", "medium", "hard", "medium"] * 2
    rows = [
        row(at, response="x" * length, difficulty=level)
        for at, (length, level) in enumerate(zip(lengths, levels, strict=True))
    ]
    order = {"easy": 1, "medium": 2, "hard": 3}
    wanted = stats.spearmanr(lengths, [order[level] for level in levels]).statistic
    found = estimate(put(rows), "length_complexity").value
    assert found == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize("metric", [one.id for one in SOUNDNESS])
@pytest.mark.parametrize(
    "texts",
    [[""], ["one"], ["?!…", "..."], ["x" * 1_000_000], ["😀😀", "😀"], ["你好世界" * 9] * 2],
    ids=["empty", "one", "punctuation", "long", "emoji", "chinese"],
)
def test_hostile_texts_give_an_estimate(put: Put, metric: str, texts: list[str]) -> None:
    store = put([row(at, prompt=text or None, response=text) for at, text in enumerate(texts)])
    assert estimate(store, metric).status in {"ok", "undefined", "insufficient", "missing_input"}


def test_strata_come_after_the_whole(put: Put) -> None:
    store = put([row(1, form="json", response="no"), row(2, form="list", response="- a")])
    info = store.batch("b1", OWNER)
    found = measure(store, info, "format_error_share", viewer=OWNER, by=("output_format",))
    assert [(dict(each.slice), each.estimate.value) for each in found] == [
        ({}, 0.5),
        ({"output_format": "json"}, 1.0),
        ({"output_format": "list"}, 0.0),
    ]


def test_planted_faults_and_no_others_fail(samples: Path) -> None:
    store = Store.open(samples)
    batch = store.batch("sft-polished", OWNER)
    found = audit(store, batch, standard_of(store, batch), OWNER)
    assert found.verdict == "reject"
    failed = {each.id for each in found.criteria if each.state == "fail"}
    assert failed == {"over-refusal", "boilerplate", "hidden-dimension"}


def test_planted_opening_is_named(samples: Path) -> None:
    scope = Scope("sft-polished", viewer=OWNER)
    first = Store.open(samples).fetch("opening_counts", scope, limit=1).to_pylist()[0]
    assert first["opening"] == "certainly i would be"
