"""The true labels of a question as a model infers them, and whom it takes at their word."""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from app import assemble
from app.habits import copied
from metrics.cliques import as_one_voter
from metrics.dawid_skene import dawid_skene
from metrics.latent_remarks import remarks
from metrics.latent_truth import LatentTruth, hard_labels, vote_shares
from metrics.tables import Integers, LabelSets
from queries.batches import BatchInfo, Question
from queries.scope import Scope, Viewer
from queries.store import Store

MOST_LABELS = 24
"""Labels a question may have: a confusion matrix of more says nothing anybody can read."""
SMOOTHING = 2.0
"""Answers of the crew's own confusion that each person's matrix starts with."""


@dataclass(frozen=True, slots=True, eq=False)
class Inferred:
    """A fitted model with what must be said beside it.

    Attributes
    ----------
    model : the fit; who copied has the confusion of the group
    remarks : what it hangs on; empty where nothing stands against it
    other_labels : share of items whose likeliest label is not the one with most votes
    voters : independent votes, people who copied from each other being one
    """

    model: LatentTruth
    remarks: tuple[str, ...]
    other_labels: float
    voters: int


def label_sets(
    store: Store,
    batch: BatchInfo,
    question: Question,
    viewer: Viewer,
    *,
    population: str = "people",
) -> LabelSets:
    """Return the items of a question by who of a population gave them which label.

    People who surely copied from each other vote as one, the first of them by key.
    """
    return _voting(store, batch, question, viewer, population)[0]


def _voting(
    store: Store, batch: BatchInfo, question: Question, viewer: Viewer, population: str
) -> tuple[LabelSets, Integers]:
    """Return the sets, and who votes for each person."""
    scope = Scope(batch.batch_id, population, questions=(question.name,), viewer=viewer)
    sets = assemble.label_sets(store.fetch("label_sets", scope), question)
    return as_one_voter(sets, copied(store, batch, question, viewer) if sets.items else [])


def truth(
    store: Store,
    batch: BatchInfo,
    question: Question,
    viewer: Viewer,
    *,
    population: str = "people",
) -> LatentTruth | None:
    """Return the fitted model of a question; None for scores, rankings and too many labels."""
    found = inferred(store, batch, question, viewer, population=population)
    return None if found is None else found.model


def inferred(
    store: Store,
    batch: BatchInfo,
    question: Question,
    viewer: Viewer,
    *,
    population: str = "people",
) -> Inferred | None:
    """Return the fitted model of a question with its remarks; None as for `truth`.

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
) -> Inferred | None:
    batch = store.batch(batch_id, viewer)
    sets, voter = _voting(store, batch, question, viewer, population)
    if not sets.items or len(sets.labels) > MOST_LABELS:
        return None
    # Starts are drawn from the data themselves, so that they are the same in a year.
    found = dawid_skene(sets, smoothing=SMOOTHING, seed=int(digest[:8], 16))
    return Inferred(
        replace(found, confusion=found.confusion[voter], seen=found.seen[voter]),
        remarks(sets, found),
        _other_labels(sets, found),
        len(np.unique(voter)),
    )


def _other_labels(sets: LabelSets, model: LatentTruth) -> float:
    """Return the share of items that the model labels otherwise than most of their votes do.

    A label that ties for most votes is none of these.
    """
    chosen, other = hard_labels(sets, model), 0
    for part, shares in vote_shares(sets):
        mine = shares[np.arange(len(shares)), chosen[part]]
        other += int(sets.multiplicity[part][mine < shares.max(axis=1)].sum())
    return other / sets.items
