"""A bundle that was exported and imported again is the same batch: records, digest, statistics."""

import json
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from app.export import batch_toml
from queries.bundling import write_bundle
from queries.ingest import import_batch
from queries.scope import Viewer
from queries.store import Store

OWNER = Viewer.owner()
TEXT = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\u2028\u2029"), max_size=8
)
WORD = st.sampled_from(
    ["", "ok", "Grüße", "a,b", '"q"', "=cmd", "1.0", "true", "\u202eabc", "x\ny"]
)
ITEM = st.sampled_from(["i1", "i2", "i3", "é4"])
PERSON = st.sampled_from(["ana", "ben", "cho"])
TIME = st.sampled_from([None, "2026-05-01T10:00:00Z", "2026-05-01T10:00:00.250Z"])
LABEL = st.sampled_from(["a", "b", "tie"])
RANKING = st.sampled_from(['[["x"],["y","z"]]', '[["z"],["y"],["x"]]'])
SET = st.sampled_from(["[]", '["p"]', '["p","q"]'])
FACTS = """
kind = "preference"
[[question]]
name = "winner"
labels = ["a", "tie", "b"]
[[question]]
name = "order"
level = "ranking"
[[question]]
name = "tags"
level = "set"
[[question]]
name = "score"
level = "interval"
"""


def record(**fields: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    return st.fixed_dictionaries(fields)


def answers() -> st.SearchStrategy[dict[str, object]]:
    def one(question: str, value: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, object]]:
        return record(
            item_id=ITEM,
            annotator_id=PERSON,
            question=st.just(question),
            value=value,
            role=st.sampled_from([None, "expert", "model"]),
            round=st.sampled_from([None, "1", "2"]),
            strength=st.sampled_from([None, "0.1", "-3"]),
            annotated_at=TIME,
            duration_seconds=st.sampled_from([None, "12.5", "0.333"]),
            note=WORD,
        )

    scores = st.sampled_from(["0", "-1.5", "3"])
    return st.one_of(
        one("winner", LABEL), one("order", RANKING), one("tags", SET), one("score", scores)
    )


TABLES = {
    "items": record(item_id=ITEM, prompt=TEXT, group_id=WORD, licence=WORD),
    "item_attributes": record(item_id=ITEM, name=st.sampled_from(["task", "lang"]), value=WORD),
    "responses": record(item_id=ITEM, response_id=st.sampled_from("ab"), text=TEXT),
    "reviews": record(
        item_id=ITEM, question=st.just("winner"), annotator_id=PERSON, reviewer_id=PERSON,
        stage=st.sampled_from([None, "arbitration"]), decision=st.sampled_from(["ok", "reject"]),
        value_before=LABEL, value_after=LABEL, blind=st.sampled_from([None, "true"]),
        decided_at=TIME,
    ),
    "resolutions": record(
        item_id=ITEM, question=st.just("winner"), value=LABEL, votes=st.sampled_from([None, "2"])
    ),
    "probes": record(
        item_id=ITEM, question=st.just("winner"), type=st.sampled_from(["golden", "audit"]),
        expected=LABEL,
    ),
    "signals": record(
        item_id=ITEM, type=st.sampled_from(["rule", "online"]), name=st.just("n"),
        value=st.sampled_from(["1", "0.25"]),
    ),
    "events": record(item_id=ITEM, actor_id=PERSON, at=TIME, hours=st.sampled_from(["0.1", "2"])),
    "people": record(person_id=PERSON, team=WORD, group=WORD),
    "knowledge_links": record(from_id=ITEM, to_id=ITEM, to_type=st.just("rule")),
}  # fmt: skip


@st.composite
def bundles(draw: st.DrawFn) -> dict[str, list[dict[str, object]]]:
    rows = {"annotations": draw(st.lists(answers(), min_size=1, max_size=12))}
    for name, strategy in TABLES.items():
        found = draw(st.lists(strategy, max_size=4))
        if found:
            rows[name] = found
    return rows


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store.open(tmp_path_factory.mktemp("bundles") / "store", create=True)


def imported(store: Store, folder: Path) -> str:
    """Import a bundle in place of what the batch was, and return the digest."""
    known = {batch.batch_id for batch in store.batches(OWNER)}
    import_batch(store, [folder], batch_id="b", mode="replace" if "b" in known else "new")
    return store.batch("b", OWNER).digest


def exported(store: Store, folder: Path, suffix: str) -> Path:
    folder.mkdir()
    batch = store.batch("b", OWNER)
    write_bundle(store, batch, folder, suffix)
    (folder / "batch.toml").write_text(batch_toml(batch))
    return folder


@pytest.mark.parametrize("suffix", ["jsonl", "parquet"])
@given(content=bundles())
@settings(
    max_examples=4,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # an import is slow to shrink by
    suppress_health_check=[HealthCheck.too_slow],
    deadline=None,
)
def test_a_bundle_comes_back_the_same(
    store: Store,
    tmp_path_factory: pytest.TempPathFactory,
    suffix: str,
    content: dict[str, list[dict[str, object]]],
) -> None:
    folder = tmp_path_factory.mktemp("case")
    given_ = folder / "given"
    given_.mkdir()
    (given_ / "batch.toml").write_text(FACTS)
    for name, rows in content.items():
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (given_ / f"{name}.jsonl").write_text(lines)
    before = imported(store, given_)
    assert imported(store, exported(store, folder / "back", suffix)) == before
