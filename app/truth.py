"""The true labels of a question as a model infers them, and whom it takes at their word."""

from functools import lru_cache

from app import assemble
from metrics.dawid_skene import dawid_skene
from metrics.latent_truth import LatentTruth
from metrics.tables import LabelSets
from queries.batches import BatchInfo, Question
from queries.scope import Scope, Viewer
from queries.store import Store

MOST_LABELS = 24
"""Labels a question may have: a confusion matrix of more says nothing anybody can read."""
SMOOTHING = 2.0
"""Answers of the crew's own confusion that each person's matrix starts with."""


def label_sets(
    store: Store,
    batch: BatchInfo,
    question: Question,
    viewer: Viewer,
    *,
    population: str = "people",
) -> LabelSets:
    """Return the items of a question by who of a population gave them which label."""
    scope = Scope(batch.batch_id, population, questions=(question.name,), viewer=viewer)
    return assemble.label_sets(store.fetch("label_sets", scope), question)


def truth(
    store: Store,
    batch: BatchInfo,
    question: Question,
    viewer: Viewer,
    *,
    population: str = "people",
) -> LatentTruth | None:
    """Return the fitted model of a question; None for scores, rankings and too many labels.

    Fitted once for each state of a batch: the same data give the same model.
    """
    nominal = question.level in {"nominal", "ordinal"}
    if not nominal or len(question.labels or ()) > MOST_LABELS:
        return None
    return _fitted(
        store, viewer, batch.batch_id, batch.digest, question=question, population=population
    )


@lru_cache(maxsize=64)
def _fitted(
    store: Store,
    viewer: Viewer,
    batch_id: str,
    digest: str,
    *,
    question: Question,
    population: str,
) -> LatentTruth | None:
    batch = store.batch(batch_id, viewer)
    sets = label_sets(store, batch, question, viewer, population=population)
    if not sets.items or len(sets.labels) > MOST_LABELS:
        return None
    # Starts are drawn from the data themselves, so that they are the same in a year.
    return dawid_skene(sets, smoothing=SMOOTHING, seed=int(digest[:8], 16))
