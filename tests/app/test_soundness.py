"""Texts from file to verdict: what is told of responses, copies and topics."""

import csv
from collections.abc import Callable, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from app import duplicates, text_coverage
from app.audit import audit, standard_of
from app.intake import bring_in
from app.measure import measure
from app.text_catalog import TEXT_METRICS
from metrics.estimates import Estimate
from queries import near_duplicates
from queries.errors import InputError
from queries.near_duplicates import Settings, kept, search
from queries.scope import Scope, Viewer
from queries.store import Store
from sample_data import BATCHES, folder

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


@pytest.mark.parametrize("metric", [entry["id"] for entry in TEXT_METRICS])
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


def shingles(text: str) -> set[tuple[str, ...]]:
    words = text.split()
    return {tuple(words[at : at + 3]) for at in range(max(len(words) - 2, 1))}


def brute(texts: Sequence[str], similarity: float) -> set[frozenset[int]]:
    """Return the clusters by comparing everything with everything."""
    groups = [{at} for at in range(len(texts))]
    for one, other in combinations(range(len(texts)), 2):
        a, b = shingles(texts[one]), shingles(texts[other])
        if len(a & b) / len(a | b) >= similarity:
            mine = next(group for group in groups if one in group)
            theirs = next(group for group in groups if other in group)
            if mine is not theirs:
                mine |= theirs
                groups.remove(theirs)
    return {frozenset(group) for group in groups if len(group) > 1}


def found_clusters(store: Store) -> set[frozenset[int]]:
    found = search(store, store.batch("b1", OWNER), OWNER, Settings(), keep=False)
    groups = duplicates.clusters(found)
    return {frozenset(int(item[1:]) for _, item in group.members) for group in groups}


TEXTS = [
    " ".join(
        f"w{(at * 37 + place * 11) % 97 if place < 38 + at % 4 else at}" for place in range(44)
    )
    for at in range(60)
] + [" ".join(f"w{place % (3 + copy)}" for place in range(30)) for copy in range(4)] * 2


@pytest.mark.parametrize("few", [0, 1_000], ids=["signatures", "all pairs"])
def test_clusters_are_those_of_brute_force(
    put: Put, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(near_duplicates, "_FEW", few)
    store = put([row(at, prompt=text) for at, text in enumerate(TEXTS)])
    assert found_clusters(store) == brute(TEXTS, 0.8)


def test_flood_is_one_cluster(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(near_duplicates, "_FEW", 0)
    same = " ".join(f"word{place}" for place in range(50))
    store = put([row(at, prompt=f"{same} {at}") for at in range(200)])
    assert found_clusters(store) == {frozenset(range(200))}


def test_chinese_is_compared_by_characters(put: Put) -> None:
    text = "今天天气很好我们一起去公园散步然后吃晚饭再回家看电影听音乐"
    store = put([row(0, prompt=text), row(1, prompt=text + "吧"), row(2, prompt=text[::-1])])
    assert found_clusters(store) == {frozenset({0, 1})}


@settings(max_examples=10, deadline=None)
@given(roots=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=12))
def test_roots_join_exactly_what_hangs_together(roots: list[tuple[int, int]]) -> None:
    import numpy as np

    first = np.array([a for a, _ in roots], dtype=np.int64)
    second = np.array([b for _, b in roots], dtype=np.int64)
    label = near_duplicates._roots(10, first, second)
    assert all(label[a] == label[b] for a, b in roots)
    assert len(set(label.tolist())) >= 10 - len(roots)


def test_search_is_kept(put: Put) -> None:
    store = put([row(at, prompt="the same few words") for at in range(3)])
    info = store.batch("b1", OWNER)
    assert kept(store, info, (), Settings()) is None
    made = search(store, info, OWNER, Settings())
    again = kept(store, info, (), Settings())
    assert again is not None
    assert (again.texts, again.rows.to_pylist()) == (made.texts, made.rows.to_pylist())


def test_large_batch_is_not_searched_unasked(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, "SEARCHED_AT_ONCE", 1)
    found = estimate(put([row(1), row(2)]), "near_duplicate_share")
    assert found.status == "missing_input"
    assert "batchgate duplicates --batch b1" in found.reason


def test_prompt_with_two_labels_is_a_conflict(put: Put) -> None:
    rows = [
        row(1, prompt="Is it so?", good=1),
        row(2, prompt="is it so", good=5),
        row(3, prompt="And this?", good=2),
        row(4, prompt="And this?", good=2),
    ]
    found = estimate(put(rows), "conflicting_duplicates")
    assert (found.value, found.n) == (1.0, 4)  # of two repeated prompts on two questions


def test_contamination_needs_a_list(put: Put) -> None:
    assert "set_role=evaluation" in estimate(put([row(1)]), "contamination_share").reason


def test_contamination_is_found_on_both_sides(put: Put) -> None:
    answer = "the answer of the test has exactly these nine words"
    test = [row(1, prompt="a test question of its own"), row(2, response=answer)]
    put(test, "t", set_role="evaluation")
    store = put(
        [
            row(11, prompt="A test question of its own!"),
            row(12, response=answer),
            row(13),
        ]
    )
    found = estimate(store, "contamination_share")
    assert (found.value, found.provenance["against"]) == (pytest.approx(2 / 3), "t")


def test_batch_is_not_its_own_list(put: Put) -> None:
    with pytest.raises(InputError, match="its own isolation list"):
        estimate(put([row(1)]), "contamination_share", against="b1")


def test_topic_that_is_missing_is_named(put: Put) -> None:
    def prompts(words: str) -> list[str]:
        return [f"{words} {words.split()[at % 3]} case{at % 4}" for at in range(30)]

    pasta, law = prompts("cook pasta sauce"), prompts("contract law court")
    put([row(at, prompt=text) for at, text in enumerate([*pasta, *law])], "ref")
    store = put([row(at, prompt=text) for at, text in enumerate(pasta)])
    info, reference = store.batch("b1", OWNER), store.batch("ref", OWNER)
    found = text_coverage.compare(store, info, reference, OWNER, topics=2)
    assert found is not None
    (lacking,) = [topic for topic in found.topics if topic.items == 0]
    assert set(lacking.words) & {"contract", "law", "court"}
    assert found.estimate().value == 0.5


def test_topics_need_a_reference(put: Put) -> None:
    assert estimate(put([row(1)]), "text_coverage").status == "missing_input"


@pytest.fixture(scope="session")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Import the sample batches with planted texts."""
    target = tmp_path_factory.mktemp("planted") / "store"
    for batch in BATCHES:
        if batch.batch_id in {"sft-isolation", "sft-polished", "sft-copied"}:
            chosen = {"standard": str(folder() / batch.standard)} if batch.standard else {}
            bring_in(
                target,
                [folder() / name for name in batch.files],
                batch_id=batch.batch_id,
                kind=batch.kind,
                mapping=folder() / batch.mapping,
                settings={**batch.settings, **chosen},
            )
    return Store.open(target)


@pytest.mark.parametrize(
    ("batch_id", "failed"),
    [
        ("sft-polished", {"over-refusal", "boilerplate", "hidden-dimension"}),
        ("sft-copied", {"near-duplicates", "contamination"}),
    ],
)
def test_planted_faults_and_no_others_fail(planted: Store, batch_id: str, failed: set[str]) -> None:
    batch = planted.batch(batch_id, OWNER)
    found = audit(planted, batch, standard_of(planted, batch), OWNER)
    assert found.verdict == "reject"
    assert {each.id for each in found.criteria if each.state == "fail"} == failed


def test_planted_leaks_are_named(planted: Store) -> None:
    batch = planted.batch("sft-copied", OWNER)
    lists = duplicates.isolation_lists(planted, batch, OWNER)
    found = duplicates.contaminated(planted, batch, OWNER, lists)
    assert sorted(found or {}) == [f"sc-{number:04d}" for number in range(203, 211)]


def test_planted_opening_is_named(planted: Store) -> None:
    scope = Scope("sft-polished", viewer=OWNER)
    first = planted.fetch("opening_counts", scope, limit=1).to_pylist()[0]
    assert first["opening"] == "certainly i would be"
