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
        section: [
            st.Page(file, title=title, url_path=title.lower(), default=file == state.BOARD)
            for title, file in pages.items()
        ]
        for section, pages in state.SECTIONS.items()
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
