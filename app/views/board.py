"""Board page. Which batches wait for a decision, and what is their verdict."""

from collections import Counter

import streamlit as st

from app import components, markup, state
from app.closeup import Standing, headline, waiting_first
from app.text import VERDICT_GLOSS, VERDICT_ORDER, counted, marks
from queries.batches import BatchInfo
from queries.errors import BatchError

PER_PAGE = 25


def main() -> None:
    """Draw the board."""
    st.html(markup.crumb("Decide / Board", "all batches of this store"))
    st.title("Which batches wait for a decision?", anchor=False)
    batches = state.batches()
    if not batches:
        components.no_batches()
    standings = waiting_first(_standing(batch) for batch in batches)
    found = Counter(standing.verdict for standing in standings)
    st.html(
        markup.facts(
            markup.Fact(word, str(found[word]), VERDICT_GLOSS[word], state=word)
            for word in VERDICT_ORDER
        )
    )
    number = components.page_choice(len(standings), PER_PAGE)
    with st.container(gap=None):
        components.line_head("board", markup.board_head())
        for place, standing in enumerate(standings[(number - 1) * PER_PAGE :][:PER_PAGE]):
            components.line(
                f"board_{place}",
                _row(standing),
                state.VERDICT,
                "open",
                state.link(standing.batch.batch_id),
            )
    components.page_buttons(len(standings), PER_PAGE)


def _standing(batch: BatchInfo) -> Standing:
    try:
        return Standing(batch, state.audited(batch))
    except BatchError as error:
        return Standing(batch, None, str(error))


def _row(standing: Standing) -> str:
    batch = standing.batch
    attempt = f"attempt {batch.attempt}" if batch.attempt else ""
    about = " · ".join(filter(None, (batch.kind, batch.vendor, attempt, *marks(batch))))
    row = headline(standing.audit)
    return markup.board_row(
        name=batch.batch_id,
        about=about,
        verdict=standing.verdict,
        reason=standing.reason,
        size=counted(batch.items, "items"),
        people=counted(batch.annotators, "annotators"),
        judged=(row.estimate, row.bound, row.state) if row else None,
    )


main()
