"""Copies as a page draws them, on the planted batches and on one without prompts."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.intake import bring_in
from sample_data import BATCHES, folder
from tests.app.test_duplicates import MAPPING


@pytest.fixture(scope="session")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a store with the flooded batch, its list, and one without prompts."""
    aside = tmp_path_factory.mktemp("copies")
    for batch in BATCHES:
        if batch.batch_id in {"sft-flooded", "evaluation-list"}:
            bring_in(
                aside / "store",
                [folder() / name for name in batch.files],
                batch_id=batch.batch_id,
                mapping=folder() / batch.mapping,
            )
    (aside / "bare.csv").write_text("item,who,prompt,label\n1,ann,,good\n2,ann,,bad\n")
    (aside / "bare.toml").write_text(MAPPING.format(more=""))
    bring_in(aside / "store", [aside / "bare.csv"], batch_id="bare", mapping=aside / "bare.toml")
    return aside / "store"


def drawn(monkeypatch: pytest.MonkeyPatch, store: Path, batch: str, **address: str) -> AppTest:
    """Draw the section alone, as a page would call it."""

    def script() -> None:
        import streamlit as st

        from app import state
        from app.views.duplicate_parts import duplicates
        from app.views.text_coverage_parts import text_coverage

        st.session_state.setdefault("page_shown", "coverage")
        duplicates(state.batch_named(st.query_params["batch"]))
        text_coverage(state.batch_named(st.query_params["batch"]))

    monkeypatch.setenv("BATCHGATE_STORE", str(store))
    app = AppTest.from_function(script, default_timeout=60)
    for name, value in {"batch": batch, **address}.items():
        app.query_params[name] = value
    return app.run()


def text_of(app: AppTest) -> str:
    return "\n".join(element.proto.body for element in app.get("html"))


@pytest.mark.parametrize("batch", ["sft-flooded", "evaluation-list", "bare"])
def test_copies_are_drawn_without_trouble(
    monkeypatch: pytest.MonkeyPatch, planted: Path, batch: str
) -> None:
    assert not drawn(monkeypatch, planted, batch).exception


def test_copies_say_the_effective_number_of_items(
    monkeypatch: pytest.MonkeyPatch, planted: Path
) -> None:
    assert "170" in text_of(drawn(monkeypatch, planted, "sft-flooded"))


def test_batch_without_prompts_says_what_to_import(
    monkeypatch: pytest.MonkeyPatch, planted: Path
) -> None:
    assert "No prompts to compare" in text_of(drawn(monkeypatch, planted, "bare"))


def test_overlap_lists_the_items_of_the_evaluation(
    monkeypatch: pytest.MonkeyPatch, planted: Path
) -> None:
    app = drawn(monkeypatch, planted, "sft-flooded", against="evaluation-list")
    assert len(app.dataframe[-1].value) == 12


def test_topics_of_a_reference_are_listed(monkeypatch: pytest.MonkeyPatch, planted: Path) -> None:
    app = drawn(monkeypatch, planted, "evaluation-list", topics="sft-flooded")
    assert (list(app.exception), "lack items" in text_of(app)) == ([], True)


def test_reference_without_texts_says_so(monkeypatch: pytest.MonkeyPatch, planted: Path) -> None:
    assert "No topics" in text_of(drawn(monkeypatch, planted, "sft-flooded", topics="bare"))
