"""Export: what ships, with which label, in the form a trainer takes, and what the manifest says."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.annotators import annotators
from app.console import print_export
from app.export import Exported, export
from app.intake import bring_in
from app.leaving_out import commands
from app.measure import measure
from queries.errors import InputError
from queries.scope import Viewer
from queries.store import Store

OWNER = Viewer.owner()
FACTS = """
kind = "preference"
overlap_design = "all"
guideline_version = "g-2"
[[question]]
name = "winner"
labels = ["a", "tie", "b"]
ties = ["tie"]
"""
ITEMS = "item_id,prompt,source,licence,set_role\n" + "".join(
    f"i{n},Question {n}?,lab,CC0-1.0,{role}\n"
    for n, role in enumerate(["", "", "", "", "", "", "regression test"], start=1)
)
RESPONSES = "item_id,response_id,text\n" + "".join(
    f"i{n},{side},Answer {side} to {n}\n" for n in range(1, 8) for side in "ab"
)
VOTES = {
    "i1": "aab",  # two of three for the first
    "i2": "bbb",
    "i3": "ab",  # a tie of votes: no label
    "i4": "aaa",  # golden
    "i5": "aaa",  # rejected by the last review
    "i6": "aab",  # decided otherwise by an arbitration
    "i7": "aaa",  # held out
}
ANNOTATIONS = "item_id,annotator_id,question,value\n" + "".join(
    f"{item},p{n},winner,{vote}\n" for item, votes in VOTES.items() for n, vote in enumerate(votes)
)
REVIEWS = (
    "item_id,question,annotator_id,stage,reviewer_id,decision,value_before,value_after,decided_at\n"
    "i5,winner,p0,pre_review,rob,approve,a,a,2026-05-01T10:00:00Z\n"
    "i5,winner,p0,secondary_review,rob,reject,a,,2026-05-02T10:00:00Z\n"
    "i6,winner,p0,arbitration,rob,revise,a,b,2026-05-02T10:00:00Z\n"
)
PROBES = "item_id,question,type,expected\ni4,winner,golden,a\n"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Return a store with one small preference batch, one item of each fate."""
    folder = tmp_path_factory.mktemp("export")
    bundle = folder / "bundle"
    bundle.mkdir()
    (bundle / "batch.toml").write_text(FACTS)
    tables = {
        "items": ITEMS, "responses": RESPONSES, "annotations": ANNOTATIONS, "reviews": REVIEWS,
        "probes": PROBES,
    }  # fmt: skip
    for name, content in tables.items():
        (bundle / f"{name}.csv").write_text(content)
    bring_in(folder / "store", [bundle], batch_id="b")
    return Store.open(folder / "store")


@pytest.fixture
def ship(store: Store, tmp_path: Path) -> Any:
    def run(**options: Any) -> Exported:
        return export(store, store.batch("b", OWNER), tmp_path / "out", **options)

    return run


def rows(written: Exported, name: str = "preference.jsonl") -> dict[str, dict[str, Any]]:
    lines = (written.folder / name).read_text().splitlines()
    return {row["item_id"]: row for row in map(json.loads, lines)}


def test_only_items_that_ship_with_a_label_are_written(ship: Any) -> None:
    assert set(rows(ship())) == {"i1", "i2", "i6"}


def test_the_majority_says_which_response_is_chosen(ship: Any) -> None:
    found = rows(ship())
    assert (found["i1"]["chosen"], found["i1"]["rejected"]) == ("Answer a to 1", "Answer b to 1")
    assert found["i2"]["chosen"] == "Answer b to 2"


def test_an_arbitration_goes_before_the_majority(ship: Any) -> None:
    assert rows(ship())["i6"]["chosen"] == "Answer b to 6"


def test_a_weight_is_the_share_of_the_answers_for_the_label(ship: Any) -> None:
    found = rows(ship())
    weights = [found[item]["weight"] for item in ("i1", "i2", "i6")]
    assert weights == pytest.approx([2 / 3, 1.0, 1 / 3])


def test_the_manifest_counts_what_was_left_out_and_why(ship: Any) -> None:
    assert ship().manifest["items"] == {"held out": 1, "planted": 1, "rejected": 1, "ships": 4}


def test_the_manifest_counts_the_labels_by_rule(ship: Any) -> None:
    found = {(row["rule"], row["value"]): row["items"] for row in ship().manifest["labels"]}
    assert found == {
        ("arbitration", "b"): 1, ("majority", "a"): 1, ("majority", "b"): 1, ("tie", None): 1,
    }  # fmt: skip


def test_the_manifest_names_sources_versions_standard_and_verdict(store: Store, ship: Any) -> None:
    manifest = json.loads((ship().folder / "manifest.json").read_text())
    assert manifest["sources"] == [{"source": "lab", "licence": "CC0-1.0", "items": 4}]
    assert manifest["facts"]["guideline_version"] == "g-2"
    assert manifest["standard"]["name"] == "preference-default"
    assert (manifest["verdict"], manifest["decision"]) == ("hold", None)
    assert manifest["batch_digest"] == store.batch("b", OWNER).digest


def test_a_batch_that_is_not_accepted_is_not_written(ship: Any, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="verdict is hold; nothing was exported"):
        ship(accepted_only=True)
    assert not (tmp_path / "out").exists()


def test_a_folder_with_files_in_it_is_not_touched(ship: Any, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="exists already and is not empty"):
        ship()
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]


def test_a_form_the_batch_has_no_records_for_is_refused(ship: Any, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nothing of batch 'b' can be exported as messages"):
        ship(form="messages")
    assert not (tmp_path / "out").exists()


def test_rows_hold_texts_labels_and_licence(ship: Any) -> None:
    found = rows(ship(form="rows"), "rows.jsonl")
    assert set(found) == {"i1", "i2", "i3", "i6"}
    assert found["i1"]["responses"] == {"a": "Answer a to 1", "b": "Answer b to 1"}
    assert found["i1"]["labels"] == {"winner": "a"}
    assert found["i3"]["labels"] is None


def test_parquet_holds_the_same_rows(ship: Any) -> None:
    import duckdb

    written = ship(file_form="parquet")
    found = duckdb.read_parquet(str(written.folder / "preference.parquet")).fetchall()
    assert len(found) == 3


def test_a_bundle_holds_every_record(ship: Any) -> None:
    written = ship(form="bundle")
    assert written.manifest["rows"] == {
        "items.jsonl": 7, "responses.jsonl": 14, "annotations.jsonl": 20, "reviews.jsonl": 3,
        "probes.jsonl": 1, "people.jsonl": 3,
    }  # fmt: skip


def test_answers_of_several_turns_come_back_as_messages(tmp_path: Path) -> None:
    asked = {"role": "user", "content": "ask"}
    turns = [{"role": "assistant", "content": "a"}, asked, {"role": "assistant", "content": "b"}]
    record = {
        "chosen": [asked, *turns],
        "rejected": [asked, {"role": "assistant", "content": "other"}],
    }
    source = tmp_path / "pairs.jsonl"
    source.write_text(json.dumps(record))
    bring_in(tmp_path / "store", [source], batch_id="b")
    store = Store.open(tmp_path / "store")
    written = export(store, store.batch("b", OWNER), tmp_path / "out")
    ((_, row),) = rows(written).items()
    assert row["prompt"] == [asked]
    assert row["chosen"] == turns
    assert row["rejected"] == [{"role": "assistant", "content": "other"}]


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("preference", "left out: 1 item with no label of winner, as its answers stand even"),
        ("rows", "written all the same: 1 item with no label of winner, as its answers stand even"),
    ],
)
def test_a_row_without_a_label_is_left_out_only_where_it_is(
    ship: Any, capsys: pytest.CaptureFixture[str], form: str, said: str
) -> None:
    print_export(ship(form=form))
    assert said in " ".join(capsys.readouterr().out.split())


@pytest.fixture
def rated(tmp_path: Path) -> Exported:
    """Export two of three replies that were rated low as messages."""
    rows = [("u1", "1", "true"), ("u2", "3", "false"), ("u3", "1", "true")]
    lines = [f"{item},ann,ask,reply,{quality},{ok}" for item, quality, ok in rows]
    (tmp_path / "sft.csv").write_text("\n".join(["item,who,ask,reply,quality,ok", *lines]))
    (tmp_path / "sft.toml").write_text(
        'kind = "sft"\n[columns]\nitem_id = "item"\nannotator_id = "who"\nprompt = "ask"\n'
        'response_a = "reply"\n[[question]]\nname = "quality"\ncolumn = "quality"\n'
        'level = "ordinal"\nlabels = ["1", "2", "3"]\n[[question]]\nname = "ok"\ncolumn = "ok"\n'
    )
    folder = tmp_path / "store"
    bring_in(folder, [tmp_path / "sft.csv"], batch_id="b", mapping=tmp_path / "sft.toml")
    opened = Store.open(folder)
    return export(opened, opened.batch("b", OWNER), tmp_path / "out", form="messages")


def test_replies_rated_low_are_counted_in_the_manifest(rated: Exported) -> None:
    assert rated.manifest["rated_low"] == [
        {"question": "ok", "labels": ["false"], "items": 1},
        {"question": "quality", "labels": ["1"], "items": 2},
    ]


def test_replies_rated_low_are_warned_of(
    rated: Exported, capsys: pytest.CaptureFixture[str]
) -> None:
    print_export(rated)
    told = " ".join(capsys.readouterr().out.split())
    assert "warning: 2 items with quality = 1, a low rating, ship like the others" in told
    assert "warning: 1 item with ok = false" in told


CREW = """
kind = "qa"
[[question]]
name = "answer"
level = "nominal"
labels = ["1", "2", "3"]
"""


@pytest.fixture
def crew(tmp_path: Path) -> Store:
    """Return a store with a batch in which p3 says something else than the others."""
    bundle = tmp_path / "crew"
    bundle.mkdir()
    (bundle / "batch.toml").write_text(CREW)
    answers = [
        f"i{item:02d},p{person},answer,{(item + (person == 3) * (item % 2)) % 3 + 1}\n"
        for item in range(40)
        for person in range(4)
        if (item + person) % 3
    ]
    (bundle / "annotations.csv").write_text(
        "item_id,annotator_id,question,value\n" + "".join(answers)
    )
    (bundle / "reviews.csv").write_text(
        "item_id,question,annotator_id,reviewer_id,decision,value_before,value_after\n"
        "i00,answer,p1,p3,approve,1,1\n"
        "i02,answer,p3,p1,approve,3,3\n"
    )
    (bundle / "resolutions.csv").write_text(
        "item_id,question,value,rule\ni02,answer,3,majority\ni04,answer,2,adjudicated\n"
    )
    bring_in(tmp_path / "store", [bundle], batch_id="b")
    return Store.open(tmp_path / "store")


def dropped(store: Store, folder: Path, *people: str) -> Exported:
    batch = store.batch("b", OWNER)
    return export(store, batch, folder, form="bundle", without=people, reason="failed the traps")


def test_influence_on_the_page_is_what_the_new_batch_measures(crew: Store, tmp_path: Path) -> None:
    before = crew.batch("b", OWNER)
    (whole,) = measure(crew, before, "krippendorff_alpha", viewer=OWNER)
    row = next(one for one in annotators(crew, [before], OWNER).rows if one.annotator_id == "p3")
    dropped(crew, tmp_path / "out", "p3")
    bring_in(tmp_path / "store", [tmp_path / "out"], batch_id="b2", settings={"supersedes": "b"})
    (new,) = measure(crew, crew.batch("b2", OWNER), "krippendorff_alpha", viewer=OWNER)
    assert row.influence["agreement"] == pytest.approx(
        new.estimate.value - whole.estimate.value, abs=1e-12
    )
    after = crew.batch("b", OWNER)
    assert (after.digest, after.superseded_by) == (before.digest, ("b2",))


def test_manifest_names_who_was_left_out_and_why(crew: Store, tmp_path: Path) -> None:
    manifest = dropped(crew, tmp_path / "out", "p3").manifest
    assert manifest["left_out"] == {
        "annotators": ["p3"],
        "reason": "failed the traps",
        "rows": {"annotation": 26, "review": 1, "resolution": 1, "person": 1},
    }


def test_reviews_that_somebody_left_out_made_stay(crew: Store, tmp_path: Path) -> None:
    written = dropped(crew, tmp_path / "out", "p3")
    (review,) = (written.folder / "reviews.jsonl").read_text().splitlines()
    assert json.loads(review)["reviewer_id"] == "p3"
    (label,) = (written.folder / "resolutions.jsonl").read_text().splitlines()
    assert json.loads(label)["rule"] == "adjudicated"


def test_several_people_are_left_out_at_once(crew: Store, tmp_path: Path) -> None:
    dropped(crew, tmp_path / "out", "p3,p1")
    bring_in(tmp_path / "store", [tmp_path / "out"], batch_id="b2")
    assert crew.batch("b2", OWNER).annotators == 2


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"without": ("p9",), "form": "bundle", "reason": "r"}, "'p9': no annotator of this"),
        ({"without": ("p3",), "form": "bundle"}, "needs --reason"),
        ({"without": ("p3",), "reason": "r"}, "add --as bundle"),
        ({"without": ("p0,p1,p2,p3",), "form": "bundle", "reason": "r"}, "all 4 annotators"),
    ],
)
def test_leaving_out_that_cannot_be_done_writes_nothing(
    crew: Store, tmp_path: Path, options: dict[str, Any], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        export(crew, crew.batch("b", OWNER), tmp_path / "out", **options)
    assert not (tmp_path / "out").exists()


def test_commands_to_copy_quote_what_a_shell_would_read() -> None:
    told = commands("batch 1", "ann; rm -rf")
    assert "--without 'ann; rm -rf'" in told
    assert "--set 'supersedes=batch 1'" in told
