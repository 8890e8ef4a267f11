"""Batch after batch against one reference: what creeps away that no single batch shows."""

from dataclasses import dataclass, field, replace
from functools import reduce
from math import isfinite, nan
from typing import Final

import numpy as np

from app.drift import sequence
from app.drift_tables import WHOLE, Side, clusters
from app.text import counted
from metrics.clusters import Clusters, all_labels, with_labels
from metrics.monitoring import Monitor, limit_for, monitored
from metrics.shift_tests import Shift, label_shift
from metrics.tables import Floats
from queries.batches import BatchInfo, Question
from queries.scope import Viewer
from queries.store import Store

FEWEST_BATCHES: Final = 3


@dataclass(frozen=True, slots=True)
class Followed:
    """The batches after a reference, followed for the label that went furthest.

    Attributes
    ----------
    batches : ids, oldest first; those that can be compared
    label : whose share goes furthest beyond its limit
    before : its share in the reference
    shares : of that label, a batch
    monitor : weighted average of its shift, in standard errors, with the limit; None where there
        are too few batches
    signals : a batch, the labels that signal
    left_out : later batch -> why it cannot be compared
    reason : why there is nothing to follow
    """

    batches: tuple[str, ...]
    label: str = ""
    before: float = nan
    shares: tuple[float, ...] = ()
    monitor: Monitor | None = None
    signals: tuple[tuple[str, ...], ...] = ()
    left_out: dict[str, str] = field(default_factory=dict)
    reason: str = ""


def followed(store: Store, reference: BatchInfo, question: str, viewer: Viewer) -> Followed:
    """Follow one question over the batches of the reference's dataset and kind that came after.

    All labels are watched together, with a limit that lets none of them signal for 200 batches on
    average while nothing changes.
    """
    order = sequence(store, reference, viewer)
    ids = [one.batch_id for one in order]
    later = order[ids.index(reference.batch_id) + 1 :] if reference.batch_id in ids else []
    shifts, own, left_out = _shifts(Side(store, reference, viewer), later, question)
    names = tuple(shifts)
    if len(names) < FEWEST_BATCHES:
        of = f"of dataset {reference.dataset}" if reference.dataset else "(it states no dataset)"
        told = f"{counted(len(names), 'later batches')} {of} can be compared with it"
        reason = f"{told}, {FEWEST_BATCHES} are needed"
        return Followed(names, left_out=left_out, reason=reason)
    found = _monitored(names, list(shifts.values()), own)
    return replace(found, left_out=left_out)


def _asked(batch: BatchInfo, name: str) -> Question | None:
    return next((one for one in batch.questions if one.name == name), None)


def _shifts(
    reference: Side, later: list[BatchInfo], name: str
) -> tuple[dict[str, Shift], Floats, dict[str, str]]:
    """Return the shift of every batch over all labels, the reference's own error, and the rest."""
    asked = _asked(reference.batch, name)
    before = clusters(reference, asked).get(WHOLE) if asked else None
    if asked is None or before is None:
        told = f"the reference has no answer to {name}"
        return {}, np.zeros(0), {one.batch_id: told for one in later}
    sides, left_out = {}, {}
    for batch in later:
        after = _answers(asked, Side(reference.store, batch, reference.viewer))
        if isinstance(after, str):
            left_out[batch.batch_id] = after
        else:
            sides[batch.batch_id] = after
    labels = reduce(all_labels, (after.labels for after in sides.values()), before.labels)
    before = with_labels(before, labels)
    found = {}
    for batch_id, after in sides.items():
        shift = label_shift(before, with_labels(after, labels))
        if isfinite(shift.p_value):
            found[batch_id] = shift
        else:
            left_out[batch_id] = shift.reason or "no label varies: nothing to test"
    # Against itself a reference errs on both sides alike: one side's error is the root of half.
    return found, label_shift(before, before).error / np.sqrt(2.0), left_out


def _answers(asked: Question, side: Side) -> Clusters | str:
    """Return the answers of a batch by prompt or item, or why it cannot be compared."""
    own = _asked(side.batch, asked.name)
    if own is None:
        return f"does not ask {asked.name}"
    if own.level != asked.level:
        return f"asks {asked.name} as {own.level}, the reference as {asked.level}"
    return clusters(side, own).get(WHOLE) or f"has no answer to {asked.name}"


def _monitored(names: tuple[str, ...], batches: list[Shift], own: Floats) -> Followed:
    labels = batches[0].labels
    standardised = np.array([one.standardised for one in batches])
    errors = np.array([one.error for one in batches])
    shares = np.minimum(own**2 / np.where(errors > 0, errors, np.inf) ** 2, 1.0)
    monitors = [
        monitored(values, reference_share=share, width=limit_for(len(labels)))
        for values, share in zip(standardised.T, shares.T, strict=True)
    ]
    furthest = max(
        range(len(labels)),
        key=lambda at: float((np.abs(monitors[at].average) / monitors[at].limit).max()),
    )
    return Followed(
        batches=names,
        label=labels[furthest],
        before=float(batches[0].before[furthest]),
        shares=tuple(float(one.after[furthest]) for one in batches),
        monitor=monitors[furthest],
        signals=tuple(
            tuple(label for label, one in zip(labels, monitors, strict=True) if one.signals[at])
            for at in range(len(names))
        ),
    )
