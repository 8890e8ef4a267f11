"""Alpha of a batch computed once more with another program."""

from collections.abc import Sequence
from importlib.metadata import version
from math import isnan

from app import assemble
from metrics.cross_check import krippendorff_difference
from queries.batches import BatchInfo, Question
from queries.scope import Scope, Viewer
from queries.store import Store


def differences(
    store: Store, batch: BatchInfo, questions: Sequence[Question]
) -> tuple[str, dict[str, float | None]]:
    """Return the program, and per question by how much its alpha is above ours.

    None where alpha is undefined.
    """
    found: dict[str, float | None] = {}
    for question in questions:
        scope = Scope(batch.batch_id, questions=(question.name,), viewer=Viewer.owner())
        rows = store.fetch("unit_patterns", scope, dimension="")
        difference = krippendorff_difference(assemble.unit_patterns(rows, question))
        found[question.name] = None if isnan(difference) else difference
    return f"krippendorff {version('krippendorff')}", found
