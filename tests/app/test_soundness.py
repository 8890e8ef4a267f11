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


def test_short_responses_count_among_those_that_begin_otherwise(put: Put) -> None:
    alike = [row(at, response=f"Certainly here is the answer {at}") for at in range(30)]
    short = [row(at, response="yes") for at in range(30, 100)]
    found = estimate(put([*alike, *short]), "boilerplate_share")
    assert (found.value, found.n) == (0.3, 100)


def test_code_is_no_boilerplate(put: Put) -> None:
    code = [row(at, response=f"```python\nimport numpy as np\nx = {at}\n```") for at in range(20)]
    found = estimate(put([*code, row(20), row(21)]), "boilerplate_share")
    assert found.value <= 2 / 22


def test_chinese_openings_are_compared_by_letters(put: Put) -> None:
    alike = [row(at, response=f"当然可以，以下是第{at}个问题的回答") for at in range(6)]
    other = [
        row(at + 6, response=f"{word}请看说明书的第一页内容") for at, word in enumerate("天地玄黄")
    ]
    assert estimate(put([*alike, *other]), "boilerplate_share").value == 0.6


def test_chinese_refusals_are_read(put: Put) -> None:
    refused = [row(at, response="对不起，我不能帮助您完成这个请求。") for at in range(4)]
    answered = [row(at, response="当然可以，以下是详细回答。") for at in range(4, 10)]
    assert estimate(put([*refused, *answered]), "over_refusal_share").value == 0.4


def test_refusals_in_a_language_nobody_reads_are_missing(put: Put) -> None:
    store = put([row(at, response="Извините, я не могу помочь.") for at in range(5)])
    found = estimate(store, "over_refusal_share")
    assert (found.status, "refusal_strategy" in found.reason) == ("missing_input", True)


def test_texts_are_not_split_by_what_answers_have(put: Put) -> None:
    store = put([row(at) for at in range(3)])
    info = store.batch("b1", OWNER)
    (found,) = measure(
        store, info, "boilerplate_share", viewer=OWNER, where=(("guideline_version", "*"),)
    )
    assert "split by an attribute of the items" in found.estimate.reason


@pytest.mark.parametrize(
    "response",
    [
        "| a | b |\n| - | - |\n| 1 | 2 |\n\nand\n\n| a | b | c |\n| - | - | - |\n| 1 | 2 | 3 |",
        "| a | b |\n| - | - |\n| x \\| y | 2 |",
    ],
    ids=["two tables", "escaped bar"],
)
def test_sound_tables_are_not_ragged(put: Put, response: str) -> None:
    assert estimate(put([row(1, form="table", response=response)]), "format_error_share").value == 0


def test_a_system_message_alone_asks_nothing(put: Put) -> None:
    store = put([row(1, prompt='[{"role": "system", "content": "Be kind."}]')])
    assert estimate(store, "four_element_share").value == 0


@pytest.fixture
def bundle(tmp_path: Path) -> Callable[..., Store]:
    """Import a bundle of two items at high risk with further tables."""

    def imported(**tables: str) -> Store:
        folder_ = tmp_path / "bundle"
        folder_.mkdir()
        (folder_ / "batch.toml").write_text(
            'kind = "sft"\n[[question]]\nname = "good"\nlevel = "nominal"\n'
        )
        (folder_ / "items.csv").write_text(
            "item_id,prompt,risk_level\ni1,ask,high\ni2,ask more,high\n"
        )
        (folder_ / "annotations.csv").write_text(
            "item_id,annotator_id,question,value\ni1,a,good,yes\ni1,b,good,yes\n"
            "i2,a,good,yes\ni2,b,good,yes\n"
        )
        for name, text in tables.items():
            (folder_ / f"{name}.csv").write_text(text)
        bring_in(tmp_path / "store", [folder_], batch_id="b1")
        return Store.open(tmp_path / "store")

    return imported


def test_annotators_who_review_each_other_are_no_second_pair_of_eyes(
    bundle: Callable[..., Store],
) -> None:
    head = "item_id,question,annotator_id,reviewer_id,decision\n"
    rows = "".join(f"{item},good,a,b,approve\n{item},good,b,a,approve\n" for item in ("i1", "i2"))
    assert estimate(bundle(reviews=head + rows), "double_review_share").value == 0


SIGNALS = "item_id,type,name,version,value\n"


def test_signals_of_several_names_are_not_pooled(bundle: Callable[..., Store]) -> None:
    rows = "i1,rule,json,v1,0\ni2,rule,safety,v2,1\n"
    store = bundle(signals=SIGNALS + rows)
    assert estimate(store, "regression_pass_rate").status == "missing_input"
    assert estimate(store, "regression_pass_rate", signal="json").value == 0


def test_scores_of_judges_are_no_checks(bundle: Callable[..., Store]) -> None:
    rows = "i1,judge,helpful,v2,1\ni2,rule,regression,v1,0\n"
    found = estimate(bundle(signals=SIGNALS + rows), "regression_pass_rate")
    assert (found.value, found.n) == (0, 1)


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
