"""The coverage of a batch, kept between two looks at it."""

import streamlit as st

from app import state
from app.audit import standard_of
from app.coverage_report import Report, report
from queries.batches import BatchInfo


def covered(batch: BatchInfo, *, least: int, reference: str | None) -> Report:
    """Return what a batch holds of its standard's cells, and what nobody declared."""
    standard = standard_of(state.store(), batch)
    other = state.batch_named(reference) if reference else None
    return _covered(
        (str(state.folder()), batch.batch_id, batch.digest),
        standard.sha256,
        least=least,
        reference=(other.batch_id, other.digest) if other else None,
    )


# Digests are part of the key, although the body does not use them: new parts make a new answer.
@st.cache_data(max_entries=200, show_spinner=False)
def _covered(
    key: tuple[str, str, str],
    standard_sha256: str,
    *,
    least: int,
    reference: tuple[str, str] | None,
) -> Report:
    batch = state.batch_named(key[1])
    return report(
        state.store(),
        batch,
        standard_of(state.store(), batch),
        state.viewer(),
        least=least,
        reference=state.batch_named(reference[0]) if reference else None,
    )
