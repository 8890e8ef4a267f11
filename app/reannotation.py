"""Which items to give to one more annotator first: splits of votes met with their gain."""

import json
from typing import TYPE_CHECKING

from app import assemble
from metrics.agreement import percent_agreement
from metrics.reannotation import accuracy_from_agreement, gain_of_one_more
from queries.batches import BatchInfo, Question
from queries.scope import Scope, Viewer
from queries.store import Store

if TYPE_CHECKING:
    import pyarrow as pa


LEVELS = ("nominal", "ordinal", "set")
"""Levels on which a label ships by votes; scores ship as means, rankings as they are."""


def worth_answering_again(
    store: Store, batch: BatchInfo, question: Question, viewer: Viewer, limit: int = 50
) -> "pa.Table":
    """Return the items of a question whose next answer would tell most, best first.

    Rows of `items_to_answer_again`; none where people agree no better than guesses, and on
    scores and rankings, which no vote decides.
    """
    scope = Scope(batch=batch.batch_id, viewer=viewer, questions=(question.name,))
    rows = store.fetch("unit_patterns", scope, dimension="")
    patterns = assemble.unit_patterns(rows, question)
    labels = int((patterns.multiplicity @ patterns.counts > 0).sum()) if rows.num_rows else 0
    gains: dict[str, float] = {}
    if labels >= 2 and question.level in LEVELS:
        agreement = percent_agreement(patterns, average="pair").value
        accuracy = accuracy_from_agreement(agreement, labels)
        for counts in patterns.counts.tolist():
            votes = sorted((count for count in counts if count), reverse=True)
            gain = gain_of_one_more(votes, labels, accuracy)
            if gain > 0:
                gains["-".join(map(str, votes))] = gain
    return store.fetch("items_to_answer_again", scope, gains=json.dumps(gains), limit=limit)
