"""What the address of a page says, and answers kept between two looks at it.

The address is the only state: every page reads it anew, every choice is written to it, and a link
carries all of it. Widgets are set from the address before they are drawn, never the other way.
Cached answers are keyed by the batch digest and plain parameters, never by objects.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import streamlit as st

from app import tallies
from app.audit import Audit, audit, standard_of
from app.losses import Losses
from app.losses import losses as summed
from app.measure import Measurement, Slice, measure
from app.reviewers import Report, report
from app.tallies import LabelPair, Stratum
from queries.batches import BatchInfo
from queries.errors import BatchError
from queries.schema import ANNOTATION_DIMENSIONS
from queries.scope import Scope, Viewer
from queries.store import Store

Link = Mapping[str, str | list[str]]

BOARD = "views/board.py"
VERDICT = "views/verdict.py"
AGREEMENT = "views/agreement.py"
DRIFT = "views/drift.py"
ANNOTATORS = "views/annotators.py"
REVIEWERS = "views/reviewers.py"
COVERAGE = "views/coverage.py"
SOUNDNESS = "views/soundness.py"
RECORDS = "views/records.py"
METHODS = "views/methods.py"
SECTIONS = {
    "Decide": {"Board": BOARD, "Verdict": VERDICT},
    "Evidence": {
        "Agreement": AGREEMENT,
        "Coverage": COVERAGE,
        "Soundness": SOUNDNESS,
        "Drift": DRIFT,
        "Annotators": ANNOTATORS,
        "Reviewers": REVIEWERS,
    },
    "Data": {"Records": RECORDS, "Methods": METHODS},
}
PAGES = {title.lower(): file for pages in SECTIONS.values() for title, file in pages.items()}
"""Name of a page in addresses and in the catalogue -> its file."""

_CACHED_ANSWERS = 2_000


def param(name: str) -> str | None:
    """Return one parameter of the address, None where it is absent or empty."""
    return st.query_params.get(name) or None


def slice_param() -> Slice:
    """Return the slice the address names, as pairs of dimension and value."""
    pairs = (text.partition("=") for text in st.query_params.get_all("slice"))
    return tuple((name, value) for name, sign, value in pairs if sign)


def page_param() -> int:
    """Return the page number of the address, 1 where it is none."""
    text = st.query_params.get("page", "1")
    return max(int(text), 1) if text.isdecimal() and len(text) < 10 else 1


def show_address(page: str) -> None:
    """Have the browser show the address this run answers.

    A link from a page to the same page with other parameters reaches the script, but Streamlit
    leaves the old address standing: what is copied from there would open something else. Between
    pages it does well, and would be left with a history entry that never was.
    """
    before, st.session_state["page_shown"] = st.session_state.get("page_shown"), page
    if before != page:
        return
    st.query_params.from_dict({name: st.query_params.get_all(name) for name in st.query_params})


def page_shown() -> str:
    """Return the script of the page that this run shows."""
    return f"views/{st.session_state['page_shown']}.py"


def write(**values: str | None) -> None:
    """Set or, with None, remove parameters of the address."""
    for name, value in values.items():
        if value:
            st.query_params[name] = value
        else:
            st.query_params.pop(name, None)


def link(batch: str | None = None, *, where: Slice = (), **values: str | None) -> Link:
    """Return the parameters of a link: the batch, a slice, and what has a value."""
    parameters: dict[str, str | list[str]] = {}
    if batch:
        parameters["batch"] = batch
    parameters.update({name: value for name, value in values.items() if value})
    if where:
        parameters["slice"] = [f"{name}={value}" for name, value in where]
    return parameters


def folder() -> Path:
    """Return the folder of the store this server was started on."""
    return Path(os.environ.get("BATCHGATE_STORE", "batchgate-store"))


def viewer() -> Viewer:
    """Return who looks: the owner, until logins exist."""
    return Viewer.owner()


def store() -> Store:
    """Return the store; one object a process, whose every access has its own cursor.

    Raises
    ------
    BatchError
        When the folder holds no store, or one of a newer version.
    """
    return _opened(str(folder()))


def batches() -> Sequence[BatchInfo]:
    """Return the batches of the store, always as they are now."""
    return store().batches(viewer())


def batch_named(batch_id: str) -> BatchInfo:
    """Return one batch.

    Raises
    ------
    InputError
        When the store has no batch of that name.
    """
    return store().batch(batch_id, viewer())


def audited(batch: BatchInfo) -> Audit:
    """Return the audit of a batch against its standard."""
    standard = standard_of(store(), batch)
    return _audited(str(folder()), batch.batch_id, batch.digest, standard.sha256)


def measured(
    batch: BatchInfo,
    metric: str,
    question: str | None = None,
    *,
    by: tuple[str, ...] = (),
    where: Slice = (),
    options: Slice = (),
) -> list[Measurement]:
    """Return the measurements of a metric on a batch."""
    return _measured(
        str(folder()), batch.batch_id, batch.digest, metric, question, by, where, options
    )


def audited_or_none(batch: BatchInfo) -> Audit | None:
    """Return the audit, None where the standard cannot be applied; the Verdict page says why."""
    try:
        return audited(batch)
    except BatchError:
        return None


def overlap(batch: BatchInfo, question: str, dimension: str = "") -> list[Stratum]:
    """Return how many items were judged, and how many twice, by stratum of a dimension."""
    return _overlap(str(folder()), batch.batch_id, batch.digest, question, dimension)


def overlaps(batch: BatchInfo) -> dict[str, list[Stratum]]:
    """Return for every question how many items were judged, and how many twice."""
    return {question.name: overlap(batch, question.name) for question in batch.questions}


def overlap_by_attribute(batch: BatchInfo, question: str) -> dict[str, list[Stratum]]:
    """Return for every attribute of items how many of each stratum were judged twice."""
    attributes = [name for name in batch.dimensions if name not in ANNOTATION_DIMENSIONS]
    return {name: overlap(batch, question, name) for name in attributes}


def losses(batch: BatchInfo) -> Losses:
    """Return what the imports of a batch lost."""
    return _losses(str(folder()), batch.batch_id, batch.digest)


def people(batch: BatchInfo) -> dict[str, str]:
    """Return the name of every annotator with the key that stands for it in the data."""
    return _people(str(folder()), batch.batch_id, batch.digest)


def reviewers(batch: BatchInfo, question: str | None) -> Report:
    """Return what the reviewers of a batch did, and who stands out."""
    return reviewers_of((batch,), question)


def reviewers_of(batches: Sequence[BatchInfo], question: str | None) -> Report:
    """Return what the reviewers of some batches did, taken together."""
    keys = tuple((batch.batch_id, batch.digest) for batch in batches)
    return _reviewers(str(folder()), keys, question)


def listing(
    batch: BatchInfo, name: str, question: str | None = None, **asked: str | int | bool
) -> pa.Table:
    """Return one page of a listing of the whole batch, narrowed by its own parameters."""
    key = tuple(asked.items())
    return _rows(str(folder()), batch.batch_id, batch.digest, name, question, (), "all", key)


def items(
    batch: BatchInfo,
    question: str | None,
    *,
    where: Slice,
    narrowed: Mapping[str, str],
    known: Mapping[str, str],
    per_page: int,
    page: int,
) -> pa.Table:
    """Return one page of the items behind a number, narrowed as the address says.

    Parameters
    ----------
    narrowed : annotators `a` and `b` by name, `label`, `label_a`, `label_b`, `differ`
    known : names of annotators with their keys
    """
    asked: dict[str, str | int | bool | None] = {
        name: narrowed[name] for name in ("label", "label_a", "label_b") if name in narrowed
    }
    pair = "a" in narrowed and "b" in narrowed
    if pair:
        asked |= {"person_a": known[narrowed["a"]], "person_b": known[narrowed["b"]]}
    asked["pair_disagreed" if pair else "disagreed"] = "differ" in narrowed
    asked |= {"limit": per_page, "offset": (page - 1) * per_page}
    # A pair may include a model; the answers of people alone would not show it.
    population = "all" if pair else "people"
    key = tuple(asked.items())
    return _rows(
        str(folder()), batch.batch_id, batch.digest, "items", question, where, population, key
    )


def listed(
    batch: BatchInfo, *, where: Slice, asked: Mapping[str, str | bool], per_page: int, page: int
) -> pa.Table:
    """Return one page of the items of a cell, answered or not, narrowed as the listing allows."""
    key = (*asked.items(), ("limit", per_page), ("offset", (page - 1) * per_page))
    return _rows(str(folder()), batch.batch_id, batch.digest, "item_list", None, where, "all", key)


def record(batch: BatchInfo, name: str, item_id: str) -> pa.Table:
    """Return the rows of one listing that belong to one item."""
    key = (("item_id", item_id),)
    return _rows(str(folder()), batch.batch_id, batch.digest, name, None, (), "people", key)


def names(*tables: pa.Table) -> dict[str, str]:
    """Return key -> name of everybody who occurs in some tables."""
    keys = {
        key
        for table in tables
        for column in table.column_names
        if column.endswith("_key")
        for key in table[column].to_pylist()
        if key is not None
    }
    return store().people(sorted(keys))


def strata(batch: BatchInfo, question: str, dimension: str) -> list[str]:
    """Return the names of the strata of a dimension."""
    return [stratum.name for stratum in overlap(batch, question, dimension)]


def label_counts(batch: BatchInfo, question: str, where: Slice = ()) -> list[tuple[str, int]]:
    """Return each label with its number of answers, in the declared order."""
    return _label_counts(str(folder()), batch.batch_id, batch.digest, question, where)


def label_pairs(batch: BatchInfo, question: str, where: Slice = ()) -> list[LabelPair]:
    """Return pairs of labels given to one item, most frequent first."""
    return _label_pairs(str(folder()), batch.batch_id, batch.digest, question, where)


@st.cache_resource(show_spinner=False)
def _opened(path: str) -> Store:
    return Store.open(Path(path))


# The digest is part of the key, although the body does not use it: a new part makes a new answer.
@st.cache_data(max_entries=_CACHED_ANSWERS, show_spinner=False)
def _audited(path: str, batch_id: str, digest: str, standard_sha256: str) -> Audit:
    batch = _opened(path).batch(batch_id, viewer())
    return audit(_opened(path), batch, standard_of(_opened(path), batch), viewer())


@st.cache_data(max_entries=_CACHED_ANSWERS, show_spinner=False)
def _people(path: str, batch_id: str, digest: str) -> dict[str, str]:
    batch = _opened(path).batch(batch_id, viewer())
    return tallies.people(_opened(path), batch, viewer())


@st.cache_data(max_entries=_CACHED_ANSWERS, show_spinner=False)
def _rows(  # noqa: PLR0917
    path: str,
    batch_id: str,
    digest: str,
    name: str,
    question: str | None,
    where: Slice,
    population: str,
    parameters: tuple[tuple[str, str | int | bool | None], ...],
) -> pa.Table:
    scope = Scope(
        batch=batch_id,
        viewer=viewer(),
        where=where,
        population=population,
        questions=(question,) if question else None,
        # A cell of a plan may be empty, which is then what there is to see.
        may_be_empty=name == "item_list",
    )
    return _opened(path).fetch(name, scope, **dict(parameters))


@st.cache_data(max_entries=_CACHED_ANSWERS, show_spinner=False)
def _reviewers(path: str, batches: tuple[tuple[str, str], ...], question: str | None) -> Report:
    chosen = [_opened(path).batch(batch_id, viewer()) for batch_id, _ in batches]
    return report(_opened(path), chosen, viewer(), question)


@st.cache_data(max_entries=_CACHED_ANSWERS, show_spinner=False)
def _losses(path: str, batch_id: str, digest: str) -> Losses:
    parts = _opened(path).batch(batch_id, viewer()).parts
    reports = [_opened(path).report(part.part_key) for part in parts]
    return summed(report for report in reports if report)


@st.cache_data(max_entries=_CACHED_ANSWERS, show_spinner=False)
def _overlap(path: str, batch_id: str, digest: str, question: str, dimension: str) -> list[Stratum]:
    batch = _opened(path).batch(batch_id, viewer())
    return tallies.overlap(_opened(path), batch, batch.question(question), dimension, viewer())


@st.cache_data(max_entries=_CACHED_ANSWERS, show_spinner=False)
def _label_counts(
    path: str, batch_id: str, digest: str, question: str, where: Slice
) -> list[tuple[str, int]]:
    batch = _opened(path).batch(batch_id, viewer())
    return tallies.label_counts(_opened(path), batch, batch.question(question), where, viewer())


@st.cache_data(max_entries=_CACHED_ANSWERS, show_spinner=False)
def _label_pairs(
    path: str, batch_id: str, digest: str, question: str, where: Slice
) -> list[LabelPair]:
    batch = _opened(path).batch(batch_id, viewer())
    return tallies.label_pairs(_opened(path), batch, batch.question(question), where, viewer())


@st.cache_data(max_entries=_CACHED_ANSWERS, show_spinner=False)
def _measured(  # noqa: PLR0917
    path: str,
    batch_id: str,
    digest: str,
    metric: str,
    question: str | None,
    by: tuple[str, ...],
    where: Slice,
    options: Slice,
) -> list[Measurement]:
    batch = _opened(path).batch(batch_id, viewer())
    return measure(
        _opened(path),
        batch,
        metric,
        question=question,
        by=by,
        where=where,
        options=dict(options),
        viewer=viewer(),
    )
