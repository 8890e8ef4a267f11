"""Entry of the dashboard: page set-up, store, batch, navigation; the pages are in views/."""

from pathlib import Path

import streamlit as st

from app import components, state
from queries.errors import BatchError

STATIC = Path(__file__).parent / "static"

st.set_page_config(page_title="Batchgate", page_icon=str(STATIC / "favicon.png"), layout="wide")
st.html(STATIC / "batchgate.css")

page = st.navigation(
    {
        "Decide": [
            st.Page(state.BOARD, title="Board", url_path="board", default=True),
            st.Page(state.VERDICT, title="Verdict", url_path="verdict"),
        ],
        "Evidence": [
            st.Page(state.AGREEMENT, title="Agreement", url_path="agreement"),
            st.Page(state.ANNOTATORS, title="Annotators", url_path="annotators"),
            st.Page(state.REVIEWERS, title="Reviewers", url_path="reviewers"),
            st.Page(state.COVERAGE, title="Coverage", url_path="coverage"),
            st.Page(state.SOUNDNESS, title="Soundness", url_path="soundness"),
        ],
        "Data": [
            st.Page(state.RECORDS, title="Records", url_path="records"),
            st.Page(state.METHODS, title="Methods", url_path="methods"),
        ],
    },
    position="hidden",
)

state.show_address(page.url_path)
try:
    batches = state.batches()
    # The selector stands here and not on the pages: a page's own would fall back to the first
    # batch on every change of page, and show one batch's figures under another's name.
    components.sidebar(batches, one_question=page.url_path == "agreement")
    page.run()
except BatchError as error:
    components.store_trouble(state.folder(), str(error))
