"""Text coverage: which topics of a reference batch a batch lacks, found once and kept."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from app.duplicates import PARTLY_SEEN, SLICED, missing
from app.progress import tell
from app.searching import kept_or_searched, other_batch
from app.sources import Row
from metrics.text_coverage import LEAST, Topics, topics
from queries.batches import BatchInfo
from queries.errors import InputError
from queries.kept_findings import Asked, Found
from queries.scope import Scope, Viewer
from queries.store import Store

if TYPE_CHECKING:
    from app.measure import Request

NO_REFERENCE: Final = (
    "no reference was named; topics are those of another batch, give the option against=BATCH"
)
READ: Final = 20_000
"""Prompts that are read of either side; of more, a fixed sample."""


@dataclass(frozen=True, slots=True, eq=False)
class TextCoverage:
    """Topics with their counts, and the item of the reference in the middle of each."""

    topics: Topics
    examples: tuple[str, ...]


def estimates(request: "Request", question: str | None, by: tuple[str, ...]) -> Iterator[Row]:
    """Yield the one figure of the batch (see `app.sources`)."""
    del question
    if by or request.where:
        raise InputError(f"{request.metric.id}: {SLICED}")
    against = request.options.get("against")
    if not against:
        yield Row(missing(NO_REFERENCE), population="all")
        return
    if not request.viewer.sees_all_of(request.batch):
        yield Row(missing(PARTLY_SEEN), population="all")
        return
    try:
        found = text_coverage(request.store, request.batch, request.viewer, against)
    except (InputError, ValueError) as error:  # no such batch, or no topics in it
        yield Row(missing(str(error)), population="all")
        return
    yield Row(request.metric.function(found.topics), population="all")


def text_coverage(
    store: Store, batch: BatchInfo, viewer: Viewer, against: str, *, least: int = LEAST
) -> TextCoverage:
    """Return the topics of the reference and what the batch has of them.

    Raises
    ------
    InputError
        When the reference is the batch itself, or no batch.
    ValueError
        When either has no texts, or the reference too few to make topics.
    """
    other = other_batch(store, viewer, against, batch)
    asked: Asked = {"against": other.digest, "least": least}
    kept = kept_or_searched(
        store, batch, "text_coverage", asked, lambda: _search(store, batch, other, viewer, least)
    )
    rows = kept.rows.to_pydict()
    found = Topics(
        terms=tuple(rows["terms"]),
        reference=np.array(rows["reference"], np.int64),
        batch=np.array(rows["batch"], np.int64),
        example=np.arange(len(rows["terms"])),
        outside=int(kept.facts["outside"]),
        least=least,
    )
    return TextCoverage(found, tuple(rows["example"]))


def _search(store: Store, batch: BatchInfo, other: BatchInfo, viewer: Viewer, least: int) -> Found:
    import pyarrow as pa  # noqa: PLC0415 - a command that finds it kept need not wait for it

    sides = []
    for one in (other, batch):
        scope = Scope(one.batch_id, "all", viewer=viewer)
        sides.append(store.fetch("sampled_prompts", scope, limit=READ))
        if not sides[-1].num_rows:
            raise ValueError(f"no item of batch {one.batch_id!r} has a prompt")
    tell("finding topics", 0.2)
    texts = [side["text"].to_pylist() for side in sides]
    found = topics(texts[0], texts[1], least=least)
    rows = pa.table(
        {
            "terms": list(found.terms),
            "reference": found.reference,
            "batch": found.batch,
            "example": sides[0]["item_id"].take(found.example),
        }
    )
    return Found(rows, {"outside": found.outside})
